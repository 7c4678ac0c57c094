//! Nouns of the settings: forms that keep what was typed, words for what a policy holds.

pub mod field;
pub mod mandate;
pub mod notice;
pub mod object;
pub mod party;
pub mod purpose;
pub mod retention;
pub mod simulate;
pub mod start;
pub mod ticks;
pub mod words;

use std::collections::BTreeMap;

use assent_kernel::{Also, Timestamp};
use assent_web::catalogue::Lang;
use assent_web::say;

/// What is wrong, by the name of the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(BTreeMap<String, String>);

impl Errors {
    /// Adds one; the first at a field stays.
    pub fn add(&mut self, field: impl Into<String>, what: impl Into<String>) {
        self.0.entry(field.into()).or_insert_with(|| what.into());
    }
    /// What is wrong at a field; empty when nothing is.
    pub fn at(&self, field: &str) -> String {
        self.0.get(field).cloned().unwrap_or_default()
    }
    /// Everything that is wrong, each with its field.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, what)| (field.as_str(), what.as_str()))
    }
    /// True when nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// How many things are wrong.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Nothing wrong, or what is.
    pub fn or<T>(self, fine: T) -> Result<T, Self> {
        if self.is_empty() { Ok(fine) } else { Err(self) }
    }
}

/// What a company called something in the second language, in one line, if it did.
pub fn german(field: &str, typed: &str, most: usize, errors: &mut Errors) -> Also {
    if typed.trim().contains('\n') {
        errors.add(field, say("Write it in one line."));
        return Also::default();
    }
    german_text(field, typed, most, errors)
}

/// The same for a text, which may have several lines.
pub fn german_text(field: &str, typed: &str, most: usize, errors: &mut Errors) -> Also {
    match bounded(typed, most) {
        Some(words) => Also::of(SECOND, &words),
        None => {
            errors.add(field, say!("At most {n} characters.", n = most));
            Also::default()
        }
    }
}

/// The language in which a company may say things beside the one of their names.
pub const SECOND: &str = Lang::German.code();

/// What stands beside a field for the second language.
pub const WHERE_READ: &str = "For whoever reads German. Left empty: they read the line above.";

/// Words in the second language, as a form shows them; empty where there are none.
pub fn second(also: &Also) -> String {
    also.get(SECOND).unwrap_or_default().to_owned()
}

const DAY: i64 = 24 * 3_600 * 1_000_000;

/// A day as a form sends it: midnight UTC.
pub fn day(text: &str) -> Option<Timestamp> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(zoned.timestamp().as_microsecond())).filter(|at| *at >= Timestamp::MIN)
}

/// A day as a form shows it; empty for one that is never.
pub fn day_text(at: Timestamp) -> String {
    if at == Timestamp::MAX || at == Timestamp::MIN {
        return String::new();
    }
    let iso = assent_web::text::iso(at.micros());
    iso.split('T').next().unwrap_or_default().to_owned()
}

/// A span as whole days.
pub fn days(span: assent_kernel::Span) -> i64 {
    span.micros() / DAY
}

/// A text of at most so many characters, without control characters but line ends; nothing when it is longer.
pub fn bounded(text: &str, most: usize) -> Option<String> {
    let clean: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let clean = clean.trim();
    (clean.chars().count() <= most).then(|| clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_there_and_back() {
        let may = day("2026-05-01").unwrap();
        assert_eq!(day_text(may), "2026-05-01");
        assert_eq!((day_text(Timestamp::MAX), day_text(Timestamp::MIN)), (String::new(), String::new()));
        assert_eq!((day("2026-02-30"), day("tomorrow"), day("1960-01-01")), (None, None, None));
    }

    #[test]
    fn the_first_error_at_a_field_stays() {
        let mut errors = Errors::default();
        errors.add("code", "empty");
        errors.add("code", "taken");
        assert_eq!((errors.at("code").as_str(), errors.at("name").as_str(), errors.len()), ("empty", "", 1));
        assert!(errors.or(()).is_err() && Errors::default().or(()).is_ok());
    }

    #[test]
    fn texts_have_a_bound_and_no_control_characters() {
        assert_eq!(bounded(" a\u{0}b\n", 3), Some("ab".into()));
        assert_eq!(bounded("abcd", 3), None);
    }
}
