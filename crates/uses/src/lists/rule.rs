//! One rule of a list: a column, how it is compared, and with what.

use std::cmp::Ordering;
use std::fmt;

use assent_gate::fold;
use assent_kernel::{Span, Timestamp};
use assent_store::work::deals::Lost;
use assent_store::work::{Days, NO_DAY};
use assent_web::catalogue::{Lang, lang};
use assent_web::fields::millionths;
use assent_web::say;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Column, Kind, LONGEST, Word};
use crate::frame;

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// The same.
    Is,
    /// Another.
    Not,
    /// The text holds it.
    Has,
    /// At least; not before.
    From,
    /// At most; not after.
    To,
    /// Nothing is there.
    Empty,
    /// Something is there.
    Set,
}

impl Op {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 7] = [Self::Is, Self::Not, Self::Has, Self::From, Self::To, Self::Empty, Self::Set];

    /// The word in an address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::Not => "not",
            Self::Has => "has",
            Self::From => "from",
            Self::To => "to",
            Self::Empty => "empty",
            Self::Set => "set",
        }
    }
    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::Not => "is not",
            Self::Has => "holds",
            Self::From => "from",
            Self::To => "up to",
            Self::Empty => "is empty",
            Self::Set => "is set",
        }
    }
    const fn needs_value(self) -> bool {
        !matches!(self, Self::Empty | Self::Set)
    }
}

/// What is known of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text; none when it is closed or not known.
    Text(Option<String>),
    /// An amount in hundredths, a time in microseconds or a number in millionths; none when there is none.
    Number(Option<i64>),
}

/// What is there to compare.
pub enum Known {
    /// A text, folded.
    Text(String),
    /// A number.
    Number(i64),
}

impl Known {
    /// Which comes first.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
        }
    }
}

impl Value {
    /// What is there to compare, if anything is.
    pub fn known(&self) -> Option<Known> {
        match self {
            Self::Text(text) => text.as_ref().map(|text| Known::Text(fold(text))),
            Self::Number(number) => number.map(Known::Number),
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which column.
    pub field: Word,
    /// What the column is called.
    pub label: Word,
    /// What the column holds.
    pub kind: Kind,
    /// How it is compared.
    pub op: Op,
    /// With what.
    pub value: String,
    /// How that is read, where it is a choice that is read otherwise than it is kept.
    pub read: Option<String>,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.field, self.op.key(), self.value)
    }
}

impl Rule {
    /// Reads `stage.is.Offer sent`; nothing when the column or the comparison is not known or the value does not fit.
    pub fn read(text: &str, columns: &[Column]) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (field, op, value) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default().trim());
        let column = columns.iter().find(|one| one.key == field)?;
        let op = Op::ALL.into_iter().find(|one| one.key() == op)?;
        let value: String = if op.needs_value() { value.to_owned() } else { String::new() };
        let fits = match column.kind {
            Kind::Text => true,
            Kind::Money => op != Op::Has && (!op.needs_value() || money(&value).is_some()),
            Kind::Day => {
                op != Op::Has && (!op.needs_value() || day(&value, Timestamp::from_micros(0)).is_some())
            }
            Kind::Number => op != Op::Has && (!op.needs_value() || millionths(&value).is_some()),
        };
        let bounded = value.chars().count() <= LONGEST && !value.chars().any(char::is_control);
        let wanted = fits && bounded && (!op.needs_value() || !value.is_empty());
        let (value, read) = chosen(column, op, kept(&column.key, value));
        wanted.then(|| Self {
            field: column.key.clone(),
            label: column.label.clone(),
            kind: column.kind,
            op,
            value,
            read,
        })
    }

    /// The rule in words.
    pub fn told(&self) -> String {
        format!("{} {} {}", self.label, self.op.label(), self.value).trim_end().to_owned()
    }
    /// The same in the language of whoever reads.
    pub fn said(&self) -> String {
        let ours = words_of(&self.field).find(|word| *word == self.value);
        let value = match (ours, &self.read) {
            (Some(word), _) => say(word).to_owned(),
            (None, Some(read)) => read.clone(),
            (None, None) if names_colleagues(&self.field) => frame::called(&self.value),
            (None, None) => self.value.clone(),
        };
        format!("{} {} {value}", super::said(&self.label), say(self.op.label())).trim_end().to_owned()
    }

    /// Whether a value fits. What is closed fits nothing: a texts' "is empty" would tell that it is not.
    pub fn holds(&self, value: &Value, now: Timestamp) -> bool {
        match value {
            Value::Text(None) => false,
            Value::Text(Some(text)) => self.text_holds(text),
            Value::Number(number) => self.number_holds(*number, now),
        }
    }

    /// The days that fit, and perhaps some more: a store reads no row that cannot fit.
    pub fn days(&self, now: Timestamp) -> Days {
        let all = Days::default();
        let known = Days { from: NO_DAY.saturating_add(1), ..all };
        let day = day(&self.value, now).map(Timestamp::micros);
        let next = day.map(|day| day.saturating_add(Span::days(1).micros()));
        match (self.op, day, next) {
            (Op::Empty, _, _) => Days { from: NO_DAY, before: NO_DAY.saturating_add(1) },
            (Op::From, Some(from), _) => Days { from, ..known },
            (Op::To, _, Some(before)) => Days { before, ..known },
            (Op::Is, Some(from), Some(before)) => Days { from, before },
            (Op::Set | Op::Not | Op::From | Op::To | Op::Is, _, _) => known,
            (Op::Has, _, _) => all,
        }
    }

    fn text_holds(&self, text: &str) -> bool {
        let (text, wanted) = (fold(text), fold(&self.value));
        match self.op {
            Op::Is => text == wanted,
            Op::Not => text != wanted,
            Op::Has => text.contains(&wanted),
            Op::From => text >= wanted,
            Op::To => text <= wanted,
            Op::Empty => text.is_empty(),
            Op::Set => !text.is_empty(),
        }
    }

    fn number_holds(&self, number: Option<i64>, now: Timestamp) -> bool {
        let wanted = || match self.kind {
            Kind::Money => money(&self.value),
            Kind::Day => day(&self.value, now).map(Timestamp::micros),
            Kind::Number => millionths(&self.value),
            Kind::Text => None,
        };
        match (self.op, number) {
            (Op::Empty, number) => number.is_none(),
            (Op::Set, number) => number.is_some(),
            (_, None) => false,
            (Op::Is, Some(n)) => wanted().is_some_and(|wanted| self.same(n, wanted)),
            (Op::Not, Some(n)) => wanted().is_some_and(|wanted| !self.same(n, wanted)),
            (Op::From, Some(n)) => wanted().is_some_and(|wanted| n >= wanted),
            (Op::To, Some(n)) => wanted().is_some_and(|wanted| n <= wanted || self.same(n, wanted)),
            (Op::Has, Some(_)) => false,
        }
    }

    /// The same amount, or the same day.
    fn same(&self, a: i64, b: i64) -> bool {
        let day = Span::days(1).micros();
        if self.kind == Kind::Day { a.div_euclid(day) == b.div_euclid(day) } else { a == b }
    }
}

/// Words of ours that stand in a column. They are kept in English, and read and told in the language of whoever looks.
fn words_of(column: &str) -> impl Iterator<Item = &'static str> {
    let states: &[&str] = if column == "state" { &["open", "won", "lost", "done"] } else { &[] };
    let reasons = Lost::ALL.into_iter().filter(move |_| column == "lost").map(Lost::label);
    states.iter().copied().chain(reasons)
}

/// Whether a column holds what a colleague is called.
fn names_colleagues(column: &str) -> bool {
    ["owner", "who"].contains(&column)
}

/// A value as rules keep it, by what was typed in German.
fn kept(column: &str, typed: String) -> String {
    if names_colleagues(column) {
        return frame::uncalled(typed);
    }
    let same = |word: &&str| lang() == Lang::German && fold(say(word)) == fold(&typed);
    words_of(column).find(same).map_or(typed, str::to_owned)
}

/// A value as rules keep it, by a choice as it is kept or as it is read; and how it is read, where that is otherwise.
fn chosen(column: &Column, op: Op, typed: String) -> (String, Option<String>) {
    if !matches!(op, Op::Is | Op::Not) {
        return (typed, None);
    }
    let wanted = fold(&typed);
    let by_kept = column.choices.iter().find(|(kept, _)| fold(kept) == wanted);
    match by_kept.or_else(|| column.choices.iter().find(|(_, read)| fold(read) == wanted)) {
        Some((kept, read)) => (kept.clone(), (kept != read).then(|| read.clone())),
        None => (typed, None),
    }
}

/// Words as they are compared: no case, no accents.
pub fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// An amount as people type it, in hundredths: `1 200`, `1200.50`, `1.200,50`, `1,200.50`.
pub fn money(text: &str) -> Option<i64> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '\'' && *c != '\u{202f}').collect();
    if plain.is_empty()
        || plain.len() > 18
        || !plain.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
    {
        return None;
    }
    // The last mark splits off hundredths when one or two digits follow it; every other mark groups thousands.
    let (whole, part) = match plain.rfind(['.', ',']) {
        Some(at) if plain.len().saturating_sub(at) <= 3 => plain.split_at(at),
        _ => (plain.as_str(), ""),
    };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let whole: i64 = digits(whole).parse().ok()?;
    let part = digits(part);
    let hundredths: i64 = match part.len() {
        0 => 0,
        1 => part.parse::<i64>().ok()?.checked_mul(10)?,
        _ => part.parse().ok()?,
    };
    whole.checked_mul(100)?.checked_add(hundredths)
}

/// A day: `2026-05-01`, or counted from today: `today`, `today+7`, `today-30`.
pub fn day(text: &str, now: Timestamp) -> Option<Timestamp> {
    let midnight = || {
        let day = Span::days(1).micros();
        Timestamp::from_micros(now.micros().div_euclid(day).saturating_mul(day))
    };
    if let Some(rest) = text.strip_prefix("today") {
        let days: i64 =
            if rest.is_empty() { 0 } else { rest.parse().ok().filter(|n: &i64| n.abs() < 10_000)? };
        return Some(Timestamp::from_micros(
            midnight().micros().saturating_add(days.saturating_mul(86_400_000_000)),
        ));
    }
    day_of(text)
}

/// The first moment of a date, UTC.
pub fn day_of(text: &str) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    Some(Timestamp::from_micros(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, cents) in [
            ("1200", 120_000),
            ("1 200", 120_000),
            ("1200.5", 120_050),
            ("1.200,50", 120_050),
            ("1,200.50", 120_050),
            ("1,200", 120_000),
            ("0.99", 99),
        ] {
            assert_eq!(money(text), Some(cents), "{text}");
        }
        for bad in ["", "-5", "12 EUR", "1e9", "99999999999999999999"] {
            assert_eq!(money(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_are_dates_or_counted_from_today() {
        let now = Timestamp::from_micros(1_777_636_800_000_000);
        assert_eq!(day("2026-05-01", now), day("today", now));
        assert_eq!(day("today+7", now), day("2026-05-08", now));
        assert_eq!(day("today-1", now), day("2026-04-30", now));
        assert_eq!(day("today+x", now), None);
        assert_eq!(day("2026-02-30", now), None);
    }
}
