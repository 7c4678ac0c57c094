//! Whether a search may lead to somebody: a search must not tell what a page may not.

use assent_gate::{Content as _, fold};

use super::cell::Seen;
use super::under;

/// True when what was looked for is among what is open. Each value counts by itself: a closed second address leads to
/// nobody, whatever else is open. A whole address is known to whoever looks for it, so a part of it shown is enough; a
/// name must be open whole, or its beginnings would spell it out.
pub fn shows(open: &[Seen], q: &str) -> bool {
    let q = q.trim();
    let of = |key: &'static str| open.iter().filter(move |seen| under(&seen.fact.category, key));
    if let Some(domain) = q.strip_prefix('@') {
        let same = |seen: &Seen| seen.text.rsplit_once('@').is_some_and(|(_, at)| fold(at) == fold(domain));
        return of("contact.email").any(|seen| seen.whole && same(seen));
    }
    if q.contains('@') {
        return of("contact.email").any(|seen| fold(&seen.text) == fold(&as_far(seen, q)));
    }
    if is_number(q) {
        return of("contact.phone").any(|seen| same_number(seen, q));
    }
    let named = of("name").chain(of("work.employer")).filter(|seen| seen.whole);
    let known: Vec<String> = named.flat_map(|seen| words(&seen.text)).collect();
    words(q).iter().all(|word| known.iter().any(|one| one.starts_with(word.as_str())))
}

/// What was typed, cut as the value is.
fn as_far(seen: &Seen, q: &str) -> String {
    if seen.whole { q.to_owned() } else { q.to_owned().partial() }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_number(q: &str) -> bool {
    digits(q).len() >= 6 && q.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c))
}

/// Numbers are written in many ways: of a number that is cut, only how it begins can be compared.
fn same_number(seen: &Seen, q: &str) -> bool {
    if seen.whole {
        return digits(&seen.text) == digits(q);
    }
    let begins = digits(seen.text.split('…').next().unwrap_or_default());
    digits(q).starts_with(&begins)
}

fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}
