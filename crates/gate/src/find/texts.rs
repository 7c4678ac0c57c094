//! Finding what was written down: notes, names of files, what stands in items.
//!
//! Such texts are long, and there are many of them, so fewer tokens of each word are kept than of a name: its beginnings of
//! [`LENGTHS`] letters, and a word of two letters whole. A word that is looked for leads by the longest of them that it
//! has, to more than fit and never to fewer; who fits is judged by what is open. Of one text the [`MOST`] longest of its
//! different words are kept: what everybody writes is short. So no text has more than four hundred tokens.
//!
//! They are tokens of a kind of their own: whoever is looked for by name is found by no note, and the other way round.

use std::collections::HashSet;

use assent_kernel::{CategoryKey, CompanyId, FactId, PersonId, TreeKey};

use super::{Blind, Maker, Query, Work, fold, shortest};
use crate::error::Result;
use crate::held::Dossier;
use crate::keep::plain;
use crate::start::Gate;

/// Beginnings of a word that are kept, in letters.
const LENGTHS: [usize; 4] = [3, 4, 6, 8];
/// The same of a word of a script in which one letter may be a word.
const LENGTHS_OF_OTHERS: [usize; 6] = [1, 2, 3, 4, 6, 8];
/// The most different words of one text that are kept.
const MOST: usize = 100;
/// The kind of these tokens.
const KIND: &str = "text";

/// The kinds of facts that notes, files and items are. What is special, what somebody pays with, where they are and how they
/// are judged is found by no word: nobody is to be looked for by it.
const TEXTS: [&str; 8] =
    ["note", "communication", "contract", "purchase", "interest", "opinion", "preference", "contact.website"];

/// True for a kind of facts whose words are findable. Titles of deals and texts of tasks have tokens of their own.
fn is_text(category: &CategoryKey) -> bool {
    let name = category.as_str();
    let below =
        |key: &str| name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    name != "note.deal" && name != "note.task" && TEXTS.into_iter().any(below)
}

/// The different words of a text, the longest first.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut all: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    all.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    all.into_iter().take(MOST).map(str::to_owned).collect()
}

/// The beginnings under which a word may be found; a word too short for any is kept whole, if it has two letters.
fn beginnings(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let lengths: &[usize] = if shortest(word) == 1 { &LENGTHS_OF_OTHERS } else { &LENGTHS };
    if letters.len() == 2 && lengths.len() == LENGTHS.len() {
        return vec![word.to_owned()];
    }
    let fits = lengths.iter().filter(|length| **length <= letters.len());
    fits.map(|length| letters.iter().take(*length).collect()).collect()
}

/// The beginning by which a word that is looked for leads; none when it is too short to lead anywhere.
pub(super) fn asked(word: &str) -> Option<String> {
    beginnings(word).pop()
}

/// The tokens of a text of the company's own: all that are kept, or those that lead to what is looked for, the longest first.
pub(super) fn own(maker: &Maker<'_>, work: Work, text: &str, keep: bool) -> Vec<i64> {
    cut(text, keep).map(|word| maker.token(work.kind(), &word).0).collect()
}

fn cut(text: &str, keep: bool) -> impl Iterator<Item = String> {
    let mut all =
        if keep { words(text).iter().flat_map(|word| beginnings(word)).collect() } else { leading(text) };
    let mut seen = HashSet::new();
    all.retain(|one| seen.insert(one.clone()));
    all.into_iter()
}

/// The beginnings by which the words of a search lead. A word of two letters may be the beginning of one that is being typed,
/// so it leads only by itself; beside others it is judged by what is open.
fn leading(text: &str) -> Vec<String> {
    let mut all: Vec<String> = words(text).iter().filter_map(|word| asked(word)).collect();
    let leads = |word: &String| shortest(word) == 1 || word.chars().count() > 2;
    if all.iter().any(leads) {
        all.retain(leads);
    }
    all
}

/// The tokens of a value that is a text; none of any other.
pub(super) fn tokens(maker: &Maker<'_>, category: &CategoryKey, value: &str) -> Vec<Blind> {
    if !is_text(category) {
        return Vec::new();
    }
    cut(value, true).map(|word| maker.token(KIND, &word)).collect()
}

/// A fact to which words lead that are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Whose it is.
    pub person: PersonId,
    /// Which.
    pub fact: FactId,
    /// True when every word leads to it, not only some.
    pub whole: bool,
}

impl Gate {
    /// Cuts a search for what was written down into tokens of a company.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn query_texts(&self, company: CompanyId, text: &str) -> Result<Query> {
        let key = self.blind_key(company).await?;
        Ok(Query(cut(text, false).map(|word| Maker(&key).token(KIND, &word)).collect()))
    }

    /// The facts of these people to which any word of a query leads: as much as its tokens tell, and nothing of a value. So
    /// whoever wants to see them asks for these, and for no other.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn holding(
        &self,
        company: CompanyId,
        query: &Query,
        people: &[Dossier],
    ) -> Result<Vec<Holding>> {
        let key = self.blind_key(company).await?;
        let mut out = Vec::new();
        for dossier in people {
            for held in dossier.facts().filter(|held| is_text(held.category())) {
                // What does not open is found by nothing, and ends no search.
                let Ok(value) = plain(dossier, held) else { continue };
                let tokens = tokens(&Maker(&key), held.category(), &value);
                let led = query.0.iter().filter(|token| tokens.contains(token)).count();
                if led > 0 {
                    let whole = led == query.0.len();
                    out.push(Holding { person: dossier.id(), fact: held.id(), whole });
                }
            }
        }
        Ok(out)
    }
}

impl Query {
    /// True when it leads nowhere: it has no word, or only such as are too short.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(word: &str) -> Vec<String> {
        beginnings(&fold(word))
    }

    #[test]
    fn whatever_begins_a_word_leads_to_it() {
        for word in ["Kühlschrank", "offer", "tall", "cat", "АГ", "田中"] {
            let kept = begun(word);
            let letters: Vec<char> = fold(word).chars().collect();
            let least = if shortest(&fold(word)) == 1 { 1 } else { 3 };
            for n in least..=letters.len() {
                let typed: String = letters.iter().take(n).collect();
                assert!(kept.contains(&asked(&typed).unwrap()), "{typed} of {word}");
            }
        }
        assert_eq!(begun("AG"), ["ag"]);
        assert!(begun("a").is_empty() && asked("a").is_none());
        assert_eq!(asked("ki"), Some("ki".into()), "two letters are a word of their own");
        assert!(!begun("Kiel").contains(&"ki".to_owned()));
    }

    #[test]
    fn a_long_text_has_a_bounded_number_of_tokens_and_keeps_its_longest_words() {
        let text: String = (0..5_000).map(|n| format!("word{n} ")).chain(["extraordinary".into()]).collect();
        let all: Vec<String> = cut(&text, true).collect();
        assert!(all.len() <= MOST * LENGTHS.len() && all.contains(&"extraord".to_owned()));
        assert_eq!(cut("tall tall TALL", true).count(), 2);
    }

    #[test]
    fn a_word_that_is_being_typed_holds_up_no_other() {
        assert_eq!(leading("floor pl"), ["floo"]);
        assert_eq!(leading("pl"), ["pl"]);
        assert_eq!(leading("a b"), [""; 0]);
    }

    #[test]
    fn only_what_is_written_down_is_found_by_its_words() {
        for (key, found) in [
            ("note.free-text", true),
            ("purchase.product.device-model", true),
            ("communication.call-note", true),
            ("note.deal", false),
            ("note.task", false),
            ("health.dental", false),
            ("payment.card.number", false),
            ("contract-law", false),
        ] {
            assert_eq!(is_text(&CategoryKey::new(key).unwrap()), found, "{key}");
        }
    }
}
