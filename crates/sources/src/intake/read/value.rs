//! A cell made a value for its target, or the reason why it cannot be one.

use assent_web::fields::{self, Field};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::date::Order;
use super::reason::{Reason, Remark};
use super::target::Target;
use super::words::key;
use super::{country, date, email, phone};

const MAX_NAME: usize = 200;
const MAX_NOTE: usize = 16 * 1024;

/// What must be known besides the cell.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The country of numbers that name none, as two letters.
    pub country: Option<&'a str>,
    /// The order of day and month in the column.
    pub order: Order,
    /// The day of the import.
    pub today: Date,
    /// The field of the company that the column is mapped to, if it is.
    pub own: Option<&'a Field>,
}

/// A value as it will be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Normalised: an address, an E.164 number, an ISO date, a two-letter country, or plain text in NFC.
    pub text: String,
    /// What was noticed on the way.
    pub remarks: Vec<Remark>,
}

/// The values in a cell: none when it is empty, several only where the target takes many.
pub fn read(target: Target, cell: &str, context: &Context<'_>) -> Vec<Result<Value, Reason>> {
    let (text, stripped) = clean(cell);
    if text.is_empty() || target == Target::Ignore {
        return Vec::new();
    }
    if text.contains('\u{fffd}') {
        return vec![Err(Reason::Garbled)];
    }
    let one = |part: &str| {
        let (text, remark) = one(target, part, context)?;
        let formula = plain_text(target) && is_formula(&text);
        let seen = [formula.then_some(Remark::Formula), stripped.then_some(Remark::Stripped), remark];
        Ok(Value { text, remarks: seen.into_iter().flatten().collect() })
    };
    split(target, &text).iter().map(|part| one(part)).collect()
}

/// The text in NFC without control and invisible characters or spaces at its ends, and whether some were removed.
pub fn clean(cell: &str) -> (String, bool) {
    let mut stripped = false;
    let kept = cell.replace("\r\n", "\n").replace('\r', "\n");
    let kept = kept.chars().filter(|letter| {
        let keep = !is_invisible(*letter);
        stripped |= !keep;
        keep
    });
    let text: String = kept.nfc().collect();
    let text = text.trim();
    // Rejected rows are written with this quote before a formula; here it comes off again.
    let text = text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text);
    (text.to_owned(), stripped)
}

/// Whether a spreadsheet would run the text.
pub fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether a cell is an address, a number or a date rather than the name of a column.
pub(super) fn looks_like_data(cell: &str) -> bool {
    let (text, _) = clean(cell);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    email::parse(&text).is_ok() || (digits > 0 && digits * 2 >= text.chars().count())
}

fn is_invisible(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\n' | '\t'))
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || letter == '\u{feff}'
}

fn plain_text(target: Target) -> bool {
    !target.is_date() && !matches!(target, Target::Phone | Target::PhoneMobile)
}

fn split(target: Target, text: &str) -> Vec<String> {
    let separators: &[char] = match target {
        Target::Tags => &['\n', ',', ';', '|'],
        Target::Email | Target::EmailWork | Target::Phone | Target::PhoneMobile if text.contains(";ext=") => {
            &['\n']
        }
        Target::Email | Target::EmailWork if text.matches('@').count() > 1 => &['\n', ';', ','],
        Target::Email | Target::EmailWork | Target::Phone | Target::PhoneMobile => &['\n', ';'],
        Target::Website => &['\n'],
        _ => &[],
    };
    if separators.is_empty() {
        return vec![text.to_owned()];
    }
    // Google joins the values of one cell with three colons, and marks its own labels with a star.
    let text = text.replace(":::", "\n");
    let parts = text.split(separators).map(|part| part.trim().trim_start_matches("* "));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

type Read = Result<(String, Option<Remark>), Reason>;

fn one(target: Target, text: &str, context: &Context<'_>) -> Read {
    let told = |found: Option<&str>, reason| found.map(|found| (found.to_owned(), None)).ok_or(reason);
    match target {
        Target::Email | Target::EmailWork => email::parse(text).map(|address| (address, None)),
        Target::Phone | Target::PhoneMobile => phone::parse(text, context.country),
        Target::Country => told(country::parse(text), Reason::CountryUnknown),
        Target::BirthDate | Target::ConsentDate => past_date(text, context),
        Target::ConsentUntil | Target::ContractUntil => {
            date::parse(text, context.order).map(|(date, remark)| (date.to_string(), remark))
        }
        Target::Gender => told(gender(text), Reason::GenderUnknown),
        Target::Language => language(text).map(|code| (code, None)),
        Target::Website => website(text),
        Target::PostalCode => postal_code(text, context.country),
        Target::OptOut => told(opt_out(text, context.order), Reason::NotYesNo),
        Target::ExternalId | Target::ContractRef if phone::is_damaged(text) => Err(Reason::NumberDamaged),
        Target::Note => bounded(text, MAX_NOTE),
        Target::Own => own(text, context),
        _ => bounded(&text.split_whitespace().collect::<Vec<_>>().join(" "), MAX_NAME),
    }
}

/// What may stand in a field of the company's own; days are read as in every other column.
fn own(text: &str, context: &Context<'_>) -> Read {
    let field = context.own.ok_or(Reason::FieldUnfit)?;
    if field.kind == fields::Kind::Day {
        return date::parse(text, context.order).map(|(date, remark)| (date.to_string(), remark));
    }
    fields::read(field, text).map(|text| (text, None)).map_err(|_| Reason::FieldUnfit)
}

fn bounded(text: &str, most: usize) -> Read {
    if text.chars().count() > most { Err(Reason::TooLong) } else { Ok((text.to_owned(), None)) }
}

fn past_date(text: &str, context: &Context<'_>) -> Read {
    let (date, remark) = date::parse(text, context.order)?;
    match date {
        date if date > context.today => Err(Reason::DateFuture),
        date if date.year() < 1900 => Err(Reason::DateTooOld),
        date => Ok((date.to_string(), remark)),
    }
}

fn gender(text: &str) -> Option<&'static str> {
    match key(text).as_str() {
        "f" | "w" | "female" | "woman" | "weiblich" | "frau" | "femme" | "feminin" | "mujer" | "femenino"
        | "mrs" | "ms" | "miss" | "mme" | "madame" | "sra" => Some("female"),
        "m" | "male" | "man" | "mannlich" | "maennlich" | "mann" | "herr" | "homme" | "masculin"
        | "hombre" | "masculino" | "mr" | "monsieur" | "sr" => Some("male"),
        "d" | "o" | "x" | "other" | "diverse" | "divers" | "nonbinary" | "autre" | "otro" => Some("other"),
        "u" | "n" | "unknown" | "unbekannt" | "inconnu" | "desconocido" | "none" => Some("unknown"),
        _ => None,
    }
}

const LANGUAGES: [(&str, &[&str]); 14] = [
    ("en", &["english", "englisch", "anglais", "ingles"]),
    ("de", &["german", "deutsch", "allemand", "aleman"]),
    ("fr", &["french", "franzosisch", "francais", "frances"]),
    ("es", &["spanish", "spanisch", "espagnol", "espanol"]),
    ("it", &["italian", "italienisch", "italien", "italiano"]),
    ("pt", &["portuguese", "portugiesisch", "portugais", "portugues"]),
    ("nl", &["dutch", "niederlandisch", "neerlandais", "neerlandes", "nederlands"]),
    ("pl", &["polish", "polnisch", "polonais", "polaco", "polski"]),
    ("tr", &["turkish", "turkisch", "turc", "turco"]),
    ("ru", &["russian", "russisch", "russe", "ruso"]),
    ("uk", &["ukrainian", "ukrainisch", "ukrainien", "ucraniano"]),
    ("ar", &["arabic", "arabisch", "arabe"]),
    ("zh", &["chinese", "chinesisch", "chinois", "chino"]),
    ("ja", &["japanese", "japanisch", "japonais", "japones"]),
];

fn language(text: &str) -> Result<String, Reason> {
    let word = key(text);
    if let Some((code, _)) = LANGUAGES.iter().find(|(_, names)| names.contains(&word.as_str())) {
        return Ok((*code).to_owned());
    }
    let mut parts = text.split(['-', '_']);
    let first = parts.next().unwrap_or_default().to_ascii_lowercase();
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric()) && part.len() <= 8;
    if !(2..=3).contains(&first.len()) || !first.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(Reason::LanguageUnknown);
    }
    let rest: Vec<&str> = parts.collect();
    if !rest.iter().all(|part| !part.is_empty() && letters(part)) {
        return Err(Reason::LanguageUnknown);
    }
    Ok([&[first.as_str()], rest.as_slice()].concat().join("-"))
}

fn website(text: &str) -> Read {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    let known = matches!(scheme.to_ascii_lowercase().as_str(), "" | "http" | "https");
    if !known || !email::is_domain(&host) || text.chars().any(char::is_whitespace) || text.len() > 2048 {
        return Err(Reason::WebsiteUnknown);
    }
    if scheme.is_empty() {
        Ok((format!("https://{text}"), Some(Remark::SchemeAdded)))
    } else {
        bounded(text, 2048)
    }
}

fn postal_code(text: &str, home: Option<&str>) -> Read {
    if phone::is_damaged(text) {
        return Err(Reason::NumberDamaged);
    }
    let text = text.strip_suffix(".0").unwrap_or(text).to_uppercase();
    let fits = (2..=12).contains(&text.chars().count());
    if !fits || !text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '-')) {
        return Err(Reason::PostalCodeUnknown);
    }
    let five = matches!(home, Some("DE" | "FR" | "ES" | "IT" | "US"));
    let short = five && text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok((text, short.then_some(Remark::ZeroMayBeLost)))
}

/// A day on which someone opted out is a yes, whichever way round it is written.
fn opt_out(text: &str, order: Order) -> Option<&'static str> {
    match key(text).as_str() {
        "yes" | "y" | "true" | "1" | "ja" | "j" | "wahr" | "oui" | "vrai" | "si" | "verdadero" | "x"
        | "optout" | "optedout" | "unsubscribed" | "abgemeldet" | "desabonne" | "cleaned" | "bounced"
        | "donotcontact" => Some("yes"),
        "no" | "n" | "false" | "0" | "nein" | "falsch" | "non" | "faux" | "falso" | "optedin"
        | "subscribed" | "angemeldet" | "abonne" => Some("no"),
        _ => match date::parse(text, order) {
            Ok(_) | Err(Reason::DateAmbiguous | Reason::DateMixed) => Some("yes"),
            Err(_) => None,
        },
    }
}
