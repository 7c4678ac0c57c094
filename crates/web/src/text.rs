//! Numbers and times in plain words, in the language of whoever reads. Every function takes the time; times are
//! microseconds, shown in UTC.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::catalogue::{Lang, lang};
use crate::say;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONATE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `1040` as `1 040`, with a narrow space that does not break.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `1 person`, `1 040 people`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A word as it stands within a sentence: small in English, as it is in German, where nouns are big everywhere.
pub fn within(word: &str) -> String {
    match lang() {
        Lang::English => word.to_lowercase(),
        Lang::German => word.to_owned(),
    }
}

/// `1 May 2027`, `1. Mai 2027`.
pub fn date(at: i64) -> String {
    match lang() {
        Lang::English => date_en(at),
        Lang::German => date_de(at),
    }
}

/// `1 May 2027`.
pub fn date_en(at: i64) -> String {
    let Some(t) = civil(at) else { return "an unknown date".into() };
    format!("{} {} {}", t.day(), named(&MONTHS, t.month()), t.year())
}

/// `1. Mai 2027`.
pub fn date_de(at: i64) -> String {
    let month = |t: &jiff::civil::DateTime| named(&MONATE, t.month());
    civil(at).map_or_else(|| "unbekannt".into(), |t| format!("{}. {} {}", t.day(), month(&t), t.year()))
}

/// `1 May 2027, 14:05`.
pub fn date_time(at: i64) -> String {
    let Some(t) = civil(at) else { return say("an unknown time").into() };
    format!("{}, {:02}:{:02}", date(at), t.hour(), t.minute())
}

/// `May 2027`, to group a timeline by.
pub fn month(at: i64) -> String {
    let names = match lang() {
        Lang::English => &MONTHS,
        Lang::German => &MONATE,
    };
    civil(at).map_or_else(String::new, |t| format!("{} {}", named(names, t.month()), t.year()))
}

/// For `<time datetime="…">`.
pub fn iso(at: i64) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| String::new(), |t| t.to_string())
}

/// The longest text that is read as an instant.
const LONGEST_INSTANT: usize = 40;

/// The instant behind `2026-03-03`, `2026-03-03T10:00` (both UTC) or `2026-03-03T10:00:30+01:00`, in microseconds.
pub fn instant(text: &str) -> Option<i64> {
    if text.len() > LONGEST_INSTANT {
        return None;
    }
    if let Ok(exact) = text.parse::<Timestamp>() {
        return Some(exact.as_microsecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(TimeZone::fixed(Offset::UTC)).ok().map(|zoned| zoned.timestamp().as_microsecond())
}

/// `just now`, `3 min ago`, `in 2 h`, `yesterday`, `5 days ago`; past a week, the date.
pub fn relative(at: i64, now: i64) -> String {
    let gap = now.saturating_sub(at);
    let past = gap >= 0;
    let size = gap.saturating_abs();
    let told = |n: i64, unit: &str| match past {
        true => say!("{n} {unit} ago", n = n, unit = say(unit)),
        false => say!("in {n} {unit}", n = n, unit = say(unit)),
    };
    match size {
        ..MINUTE => say("just now").into(),
        MINUTE..HOUR => told(size / MINUTE, "min"),
        HOUR..DAY => told(size / HOUR, "h"),
        _ if size < 2 * DAY => say(if past { "yesterday" } else { "tomorrow" }).into(),
        _ if size < 8 * DAY => told(size / DAY, "days"),
        _ => date(at),
    }
}

/// Two letters to stand for a face: `Aiko Ito` is `AI`.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

fn civil(at: i64) -> Option<jiff::civil::DateTime> {
    let zone = TimeZone::fixed(Offset::UTC);
    Timestamp::from_microsecond(at).ok().map(|t| t.to_zoned(zone).datetime())
}

fn named(names: &[&'static str; 12], month: i8) -> &'static str {
    usize::try_from(month).ok().and_then(|m| names.get(m.wrapping_sub(1))).copied().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAY: i64 = 1_809_180_300 * SECOND; // 2027-05-01 14:05 UTC

    #[test]
    fn counts_are_grouped_by_a_narrow_space() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1040), "1\u{202f}040");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(plural(1, "person", "people"), "1 person");
        assert_eq!(plural(0, "person", "people"), "0 people");
    }

    #[test]
    fn instants_are_read_in_utc_unless_they_say_otherwise() {
        assert_eq!(instant("2027-05-01T14:05"), Some(MAY));
        assert_eq!(instant("2027-05-01T14:05:00Z"), Some(MAY));
        assert_eq!(instant("2027-05-01T16:05+02:00"), Some(MAY));
        assert_eq!(instant("2027-05-01"), Some(MAY - 14 * HOUR - 5 * MINUTE));
        for wrong in ["", "yesterday", "2027-02-30", "2027-05-01T25:00", &"2".repeat(60)] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_are_words() {
        assert_eq!(date(MAY), "1 May 2027");
        assert_eq!(date_time(MAY), "1 May 2027, 14:05");
        assert_eq!(month(MAY), "May 2027");
        assert_eq!(iso(MAY), "2027-05-01T14:05:00Z");
        assert_eq!(date(i64::MAX), "an unknown date");
    }

    #[test]
    fn near_times_are_told_by_distance() {
        assert_eq!(relative(MAY, MAY + 20 * SECOND), "just now");
        assert_eq!(relative(MAY, MAY + 3 * MINUTE), "3 min ago");
        assert_eq!(relative(MAY + 2 * HOUR, MAY), "in 2 h");
        assert_eq!(relative(MAY, MAY + 25 * HOUR), "yesterday");
        assert_eq!(relative(MAY, MAY + 5 * DAY), "5 days ago");
        assert_eq!(relative(MAY, MAY + 30 * DAY), "1 May 2027");
        assert_eq!(relative(i64::MIN, i64::MAX), "an unknown date");
    }

    #[test]
    fn a_name_has_initials_even_when_short() {
        assert_eq!(initials("Aiko Ito"), "AI");
        assert_eq!(initials("Jean de la Tour"), "JT");
        assert_eq!(initials("ånn"), "Å");
        assert_eq!(initials(" "), "");
    }
}
