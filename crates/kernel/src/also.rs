//! What something is called in other languages than the one of its name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The same words in other languages, by two letters such as `de`. Nothing of it decides anything, and where there is
/// nothing, nothing is written: what was laid down before there was such a thing has the same bytes, and the same digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Also(BTreeMap<String, String>);

impl Also {
    /// These words in one language; nothing when they are empty.
    #[must_use]
    pub fn of(lang: &str, words: &str) -> Self {
        let some = (!words.is_empty()).then(|| (lang.to_owned(), words.to_owned()));
        Self(some.into_iter().collect())
    }

    /// True when there is nothing in any other language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words in that language, if there are.
    #[must_use]
    pub fn get(&self, lang: &str) -> Option<&str> {
        self.0.get(lang).map(String::as_str)
    }

    /// The words in that language, or else those there are.
    #[must_use]
    pub fn or<'a>(&'a self, lang: &str, first: &'a str) -> &'a str {
        self.get(lang).unwrap_or(first)
    }

    /// Each made into other words.
    #[must_use]
    pub fn map(&self, made: impl Fn(&str, &str) -> String) -> Self {
        Self(self.0.iter().map(|(lang, words)| (lang.clone(), made(lang, words))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_not_falls_back_and_leaves_no_trace() {
        let german = Also::of("de", "Jubiläum");
        assert_eq!(
            (german.or("de", "Anniversary"), german.or("fr", "Anniversary")),
            ("Jubiläum", "Anniversary")
        );
        assert!(Also::of("de", "").is_empty());
        assert_eq!(german.map(|lang, words| format!("{lang}: {words}")).get("de"), Some("de: Jubiläum"));
    }
}
