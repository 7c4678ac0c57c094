//! The plan of an import: all that decides what becomes of its rows, the same however often they are read.

use assent_kernel::{Asker, CompanyId, ImportId, PersonId, Region, Span, Timestamp, TreeKey as _};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::model::Rules;
use super::read::{Layout, Mapping};

/// All that decides what becomes of a row.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whose people they become.
    pub company: CompanyId,
    /// Which import.
    pub import: ImportId,
    /// Where they are kept.
    pub region: Region,
    /// Who imports.
    pub asker: Asker,
    /// Where each fact came from, in words.
    pub source: String,
    /// How the file is read.
    pub layout: Layout,
    /// What its columns mean.
    pub mapping: Mapping,
    /// How rows are treated.
    pub rules: Rules,
    /// The time by which dates are judged, the same for every run of this import.
    pub at: Timestamp,
}

impl Plan {
    /// The person of a row: the same whenever the row is read, ordered by the time of the import and then by row.
    ///
    /// The row stands before the digest (a counter, RFC 9562 §6.2), so that a batch is written side by side in every
    /// table that is ordered by person; with the digest first, each row costs a page of its own.
    #[must_use]
    pub fn person(&self, row: u64) -> PersonId {
        let import = self.import.to_bytes();
        let mut hash = Sha256::new();
        hash.update(b"assent/import-row/v1");
        hash.update(import);
        hash.update(row.to_be_bytes());
        let full: [u8; 32] = hash.finalize().into();
        let [a, b, c, d, e, f, ..] = import;
        let millis = i64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        // Version and variant take four bits of the first byte behind the time and two of the third.
        let [.., high, top] = ((row >> 22) & 0xfff).to_be_bytes();
        let middle = u8::try_from((row >> 16) & 0x3f).unwrap_or(0);
        let [.., upper, lower] = (row & 0xffff).to_be_bytes();
        let [g, h, i, j, k, ..] = full;
        let tail = [high, top, middle, upper, lower, g, h, i, j, k];
        PersonId::new(Timestamp::from_micros(millis.saturating_mul(1000)), tail)
    }
}

/// `eu.de` is DE, `us.ca` is the state, `uk` is GB.
pub(super) fn place_code(region: &Region) -> String {
    let text = region.as_str();
    match text.split_once('.') {
        Some(("us", _)) => text.to_owned(),
        Some((_, country)) => country.to_owned(),
        None if text == "uk" => "gb".to_owned(),
        None => text.to_owned(),
    }
}

/// `2`, `v2`, `newsletter v2`, `Version 2`; never a year or a code that happens to hold figures.
pub(super) fn number(text: &str) -> Option<u32> {
    let last = text.split(|c: char| c.is_whitespace() || matches!(c, '@' | '/' | '_')).next_back()?;
    let digits = last.strip_prefix(['v', 'V']).unwrap_or(last);
    digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The day of a time, UTC.
#[must_use]
pub fn day(at: Timestamp) -> Date {
    let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The beginning of a day, UTC.
#[must_use]
pub fn midnight(date: Date) -> Timestamp {
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC);
    let micros = zoned.map_or(0, |zoned| zoned.timestamp().as_microsecond());
    Timestamp::from_micros(micros).max(Timestamp::MIN)
}

/// The end of a day, exclusive.
pub(super) fn after(date: Date) -> Timestamp {
    midnight(date).plus(Span::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number_behind_a_word_or_alone() {
        for (text, version) in [
            ("2", Some(2)),
            ("v2", Some(2)),
            ("newsletter v2", Some(2)),
            ("Version 12", Some(12)),
            ("newsletter@3", Some(3)),
            ("NL-2022-A", None),
            ("NL-2022-2", None),
            ("v", None),
            ("+2", None),
            ("", None),
        ] {
            assert_eq!(number(text), version, "{text}");
        }
    }

    #[test]
    fn people_of_an_import_are_in_the_order_of_its_rows() {
        let plan = |import| Plan {
            company: CompanyId::from_bytes([1; 16]),
            import,
            region: Region::new("eu").unwrap(),
            asker: Asker::System,
            source: String::new(),
            layout: Layout { format: super::super::read::Format::VCard, headers: Vec::new() },
            mapping: Mapping::default(),
            rules: Rules::default(),
            at: Timestamp::MIN,
        };
        let at = Timestamp::from_micros(1_777_636_800_123_456);
        let (one, other) = (plan(ImportId::new(at, [1; 10])), plan(ImportId::new(at, [2; 10])));
        let rows = [1, 2, 63, 64, 65_535, 65_536, 4_194_303, 4_194_304, 1 << 33];
        let ids: Vec<PersonId> = rows.iter().map(|row| one.person(*row)).collect();
        assert!(ids.is_sorted() && ids.iter().collect::<std::collections::BTreeSet<_>>().len() == rows.len());
        assert!(rows.iter().all(|row| one.person(*row) != other.person(*row)));
        assert_eq!(one.person(7), one.person(7));
        assert_eq!(one.person(7).to_bytes()[..6], ImportId::new(at, [0; 10]).to_bytes()[..6]);
    }

    #[test]
    fn places_are_found_by_country_and_state() {
        let region = |text: &str| Region::new(text).unwrap();
        assert_eq!(place_code(&region("eu.de")), "de");
        assert_eq!(place_code(&region("us.ca")), "us.ca");
        assert_eq!(place_code(&region("uk")), "gb");
    }
}
