//! Phone numbers in the one form every system reads: E.164, a plus and up to fifteen digits.

use super::country::{self, Country};
use super::reason::{Reason, Remark};

/// The number in E.164. A number without a country code is taken as one of `default`.
pub fn parse(text: &str, default: Option<&str>) -> Result<(String, Option<Remark>), Reason> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    if is_damaged(text) {
        return Err(Reason::NumberDamaged);
    }
    let text = text.strip_suffix(".0").unwrap_or(text);
    let (text, extension) = split_extension(text);
    // The zero in +49 (0)171 is dialled inside the country only.
    let abroad = text.starts_with(['+', '＋']) || text.starts_with("00");
    let text = if abroad { text.replace("(0)", "") } else { text.to_owned() };
    let mut digits = String::new();
    for (at, letter) in text.chars().enumerate() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' | '＋' if at == 0 => {}
            ' ' | '-' | '(' | ')' | '/' | '.' | '\u{a0}' | '\u{202f}' | '\u{2010}'..='\u{2015}' | '·' => {}
            _ => return Err(Reason::PhoneLetters),
        }
    }
    let dropped = extension.then_some(Remark::ExtensionDropped);
    if text.starts_with(['+', '＋']) {
        return international(&digits).map(|number| (number, dropped));
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return international(rest).map(|number| (number, dropped));
    }
    let home = default.and_then(country::by_code).ok_or(Reason::PhoneNoCountry)?;
    let (number, remark) = national(&digits, home)?;
    Ok((number, dropped.or(Some(remark))))
}

/// Whether a spreadsheet wrote a long number with an exponent, such as `4.91712E+11`.
pub(super) fn is_damaged(text: &str) -> bool {
    text.trim().split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(exponent) && digits(&mantissa.replacen(['.', ','], "", 1))
    })
}

fn split_extension(text: &str) -> (&str, bool) {
    let lower = text.to_ascii_lowercase();
    for mark in [";ext=", "ext", "durchwahl", "dw", "poste", "x", "#"] {
        if let Some(at) = lower.find(mark)
            && lower.get(..at).is_some_and(|before| before.bytes().filter(u8::is_ascii_digit).count() >= 5)
        {
            return (text.get(..at).unwrap_or(text), true);
        }
    }
    (text, false)
}

fn international(digits: &str) -> Result<String, Reason> {
    let calling = country::calling_code(digits).ok_or(Reason::PhoneUnknownCountry)?;
    bounded(digits, calling.len())
}

fn national(digits: &str, home: Country) -> Result<(String, Remark), Reason> {
    let own = digits.strip_prefix(home.calling);
    let (number, remark) = match digits.strip_prefix(home.trunk) {
        Some(number) if !home.trunk.is_empty() && home.trunk != home.calling => {
            (number, Remark::CountryAssumed)
        }
        // 49171… in Germany is a number whose plus was lost; 171… is one whose zero was.
        _ => match own {
            Some(number) if digits.len() >= 11 => (number, Remark::CountryAssumed),
            _ if home.trunk == "0" => (digits, Remark::ZeroRestored),
            _ => (digits, Remark::CountryAssumed),
        },
    };
    let whole = format!("{}{number}", home.calling);
    bounded(&whole, home.calling.len()).map(|number| (number, remark))
}

fn bounded(digits: &str, calling: usize) -> Result<String, Reason> {
    match digits.len() {
        16.. => Err(Reason::PhoneTooLong),
        length if length < calling + 5 => Err(Reason::PhoneTooShort),
        _ => Ok(format!("+{digits}")),
    }
}
