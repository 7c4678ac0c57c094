//! Countries by name (English, German, French, Spanish) or code, and how their phone numbers are written.
//! The list is drawn from Unicode CLDR and from the metadata of libphonenumber.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::key;

const LIST: &str = include_str!("countries.txt");

/// Names in daily use that the list does not have.
const ALSO: [(&str, &str); 28] = [
    ("usa", "US"),
    ("unitedstatesofamerica", "US"),
    ("vereinigtestaatenvonamerika", "US"),
    ("etatsunisdamerique", "US"),
    ("eeuu", "US"),
    ("uk", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("greatbritain", "GB"),
    ("grossbritannien", "GB"),
    ("großbritannien", "GB"),
    ("grandebretagne", "GB"),
    ("granbretana", "GB"),
    ("holland", "NL"),
    ("czechrepublic", "CZ"),
    ("tschechischerepublik", "CZ"),
    ("republiquetcheque", "CZ"),
    ("brd", "DE"),
    ("deu", "DE"),
    ("aut", "AT"),
    ("che", "CH"),
    ("fra", "FR"),
    ("esp", "ES"),
    ("gbr", "GB"),
    ("ita", "IT"),
    ("turkey", "TR"),
    ("russianfederation", "RU"),
];

/// A country and its phone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// The two letters of ISO 3166-1.
    pub code: &'static str,
    /// The digits behind the `+`.
    pub calling: &'static str,
    /// What stands before a number inside the country.
    pub trunk: &'static str,
}

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| lines().map(|(country, _)| country).collect());

static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let listed = lines().flat_map(|(country, names)| {
        names.split('|').chain([country.code]).map(move |name| (key(name), country.code))
    });
    listed.chain(ALSO.map(|(name, code)| (name.to_owned(), code))).collect()
});

fn lines() -> impl Iterator<Item = (Country, &'static str)> {
    LIST.lines().filter_map(|line| {
        let mut parts = line.splitn(4, '|');
        let country = Country { code: parts.next()?, calling: parts.next()?, trunk: parts.next()? };
        Some((country, parts.next()?))
    })
}

/// The two-letter code of a country given by name or code.
pub fn parse(text: &str) -> Option<&'static str> {
    NAMES.get(&key(text)).copied()
}

/// A country by its two-letter code.
pub fn by_code(code: &str) -> Option<Country> {
    COUNTRIES.iter().copied().find(|country| country.code.eq_ignore_ascii_case(code))
}

/// The calling code an international number begins with. No calling code is the beginning of another.
pub fn calling_code(digits: &str) -> Option<&'static str> {
    COUNTRIES.iter().map(|country| country.calling).find(|calling| digits.starts_with(calling))
}
