//! Dates in the many ways people and systems write them. Where day and month could be either way round, the whole
//! column is asked; where the column does not tell, a person is.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::reason::{Reason, Remark};
use super::words::key;

/// Which comes first in dates such as 03/04/2024.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The day.
    DayFirst,
    /// The month.
    MonthFirst,
    /// The column does not tell: a person must.
    #[default]
    Unclear,
    /// The column has both.
    Mixed,
}

const MONTHS: [&[&str]; 12] = [
    &["jan", "janv", "january", "januar", "janner", "janvier", "enero", "ene"],
    &["feb", "february", "februar", "feber", "fevrier", "fev", "fevr", "febrero"],
    &["mar", "march", "marz", "maerz", "mrz", "mars", "marzo"],
    &["apr", "april", "avril", "avr", "abril", "abr"],
    &["may", "mai", "mayo"],
    &["jun", "june", "juni", "juin", "junio"],
    &["jul", "july", "juli", "juillet", "juil", "julio"],
    &["aug", "august", "aout", "agosto", "ago"],
    &["sep", "sept", "september", "septembre", "septiembre"],
    &["oct", "okt", "october", "oktober", "octobre", "octubre"],
    &["nov", "november", "novembre", "noviembre"],
    &["dec", "dez", "december", "dezember", "decembre", "diciembre", "dic"],
];

/// The order of day and month in a column, from some of its values.
pub fn order<'a>(values: impl IntoIterator<Item = &'a str>) -> Order {
    let (mut day, mut month) = (false, false);
    for value in values {
        if let Some([first, second, _]) = slashed(day_part(value)) {
            day |= first > 12 && second <= 12;
            month |= second > 12 && first <= 12;
        }
    }
    match (day, month) {
        (true, true) => Order::Mixed,
        (true, false) => Order::DayFirst,
        (false, true) => Order::MonthFirst,
        (false, false) => Order::Unclear,
    }
}

/// The date in a text; a time of day behind it is let go.
pub fn parse(text: &str, order: Order) -> Result<(Date, Option<Remark>), Reason> {
    let text = text.trim();
    if text.starts_with("--") {
        return Err(Reason::DateNoYear);
    }
    if super::phone::is_damaged(text) {
        return Err(Reason::NumberDamaged);
    }
    if let Some(date) = written_out(text) {
        return date.map(|date| (date, None));
    }
    let text = day_part(text);
    if let Some(day) = excel_day(text) {
        return Ok((day, Some(Remark::ExcelDate)));
    }
    numeric(text, order).map(|date| (date, None))
}

fn numeric(text: &str, order: Order) -> Result<Date, Reason> {
    if let Some([year, month, day]) = numbers(text, &['-', '/', '.']).filter(|_| leading_digits(text) == 4) {
        return date(year, month, day);
    }
    if text.len() == 8
        && let Ok(whole) = text.parse::<u32>()
    {
        return date(whole / 10_000, whole / 100 % 100, whole % 100);
    }
    let parts = numbers(text, &['-', '/', '.']).ok_or(Reason::DateUnknown)?;
    let [first, second, year] = parts;
    if text.len() - text.rfind(|letter: char| !letter.is_ascii_digit()).unwrap_or_default() <= 3 {
        return Err(Reason::DateShortYear);
    }
    if text.contains('.') {
        return date(year, second, first);
    }
    match order {
        Order::DayFirst => date(year, second, first),
        Order::MonthFirst => date(year, first, second),
        Order::Mixed => Err(Reason::DateMixed),
        Order::Unclear if first == second => date(year, second, first),
        Order::Unclear if first > 12 => date(year, second, first),
        Order::Unclear if second > 12 => date(year, first, second),
        Order::Unclear => Err(Reason::DateAmbiguous),
    }
}

fn day_part(text: &str) -> &str {
    text.trim().split([' ', 'T', ',']).next().unwrap_or_default()
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Three numbers of a date whose order the separator does not tell.
fn slashed(text: &str) -> Option<[u32; 3]> {
    numbers(text, &['-', '/']).filter(|_| leading_digits(text) <= 2)
}

fn numbers(text: &str, separators: &[char]) -> Option<[u32; 3]> {
    let mut parts = text.split(separators);
    let mut part = || parts.next().filter(|part| part.len() <= 4)?.parse().ok();
    let three = [part()?, part()?, part()?];
    parts.next().is_none().then_some(three)
}

/// A day counted from the end of 1899, as Excel does, between 1927 and 2119. A bare year is none.
fn excel_day(text: &str) -> Option<Date> {
    let days: i64 = text.strip_suffix(".0").unwrap_or(text).parse().ok()?;
    let start = Date::new(1899, 12, 30).ok()?;
    (10_000..80_000).contains(&days).then(|| start.checked_add(days.days()).ok()).flatten()
}

/// A date with its month as a word: 12 March 1980, March 12, 1980, 12. März 1980, 12 de marzo de 1980.
fn written_out(text: &str) -> Option<Result<Date, Reason>> {
    let (mut month, mut figures) = (None, Vec::new());
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let figure = word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h', 'e']);
        if let Ok(number) = figure.parse::<u32>() {
            figures.push((number, figure.len()));
        } else if let Some(at) = MONTHS.iter().position(|names| names.contains(&key(word).as_str())) {
            month = u32::try_from(at + 1).ok();
        }
    }
    let month = month?;
    Some(match figures.as_slice() {
        [(year, 4), (day, _), ..] | [(day, _), (year, 4), ..] => date(*year, month, *day),
        [_, (_, 2), ..] => Err(Reason::DateShortYear),
        [_] => Err(Reason::DateNoYear),
        _ => Err(Reason::DateUnknown),
    })
}

fn date(year: u32, month: u32, day: u32) -> Result<Date, Reason> {
    let small = |number: u32| i8::try_from(number).map_err(|_| Reason::DateImpossible);
    let year = i16::try_from(year).map_err(|_| Reason::DateImpossible)?;
    Date::new(year, small(month)?, small(day)?).map_err(|_| Reason::DateImpossible)
}
