//! Notices: what a person was told before saying yes. Versioned, per language, hashed; the benefit is required.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::NoticeId;
use crate::key::{CategoryKey, KeySet, PurposeKey};
use crate::party::Recipients;
use crate::time::{Span, Timestamp};
use crate::uses::UseSet;
use crate::zone::Zones;

/// One language of one version of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Two letters, such as `en`.
    pub lang: String,
    /// The request as a heading.
    pub title: String,
    /// What the person gets. Never empty.
    pub benefit: String,
    /// What is done, in plain words.
    pub text: String,
    /// What could go wrong for the person.
    pub risks: String,
    /// What happens if the answer is no.
    pub if_no: String,
}

/// Why a notice cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNotice {
    /// No wording at all.
    #[error("a notice needs at least one language")]
    NoWording,
    /// A wording without benefit.
    #[error("the {0} wording does not say what the person gets: fill in the benefit")]
    NoBenefit(String),
    /// A wording without text.
    #[error("the {0} wording has no text")]
    NoText(String),
    /// It asks for nothing.
    #[error("a notice must ask for at least one category and one use")]
    AsksNothing,
}

/// A version of a notice: one purpose, what is asked for, and the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Which notice; the same over all its versions.
    pub id: NoticeId,
    /// Counts up from 1.
    pub version: u32,
    /// True when people who agreed to an older version must be asked again.
    pub material: bool,
    /// The one purpose it asks for.
    pub purpose: PurposeKey,
    /// Which categories it asks for.
    pub categories: KeySet<CategoryKey>,
    /// Which uses it asks for.
    pub uses: UseSet,
    /// Who would receive.
    pub recipients: Recipients,
    /// Where.
    pub zones: Zones,
    /// For how long.
    pub lasts: Span,
    /// When it was published.
    pub published_at: Timestamp,
    /// The words, one per language.
    pub wordings: Vec<Wording>,
}

impl Notice {
    /// Checks that it may be shown to a person.
    ///
    /// # Errors
    /// [`BadNotice`] with what is missing.
    pub fn check(self) -> Result<Self, BadNotice> {
        if self.wordings.is_empty() {
            return Err(BadNotice::NoWording);
        }
        if self.categories.is_empty() || self.uses.is_empty() {
            return Err(BadNotice::AsksNothing);
        }
        for words in &self.wordings {
            if words.benefit.trim().is_empty() {
                return Err(BadNotice::NoBenefit(words.lang.clone()));
            }
            if words.text.trim().is_empty() {
                return Err(BadNotice::NoText(words.lang.clone()));
            }
        }
        Ok(self)
    }

    /// The wording in that language, or the first one there is.
    #[must_use]
    pub fn wording(&self, lang: &str) -> Option<&Wording> {
        self.wordings.iter().find(|words| words.lang == lang).or_else(|| self.wordings.first())
    }
}

impl Wording {
    /// SHA-256 over every part of the wording, each with its length before it: what the person saw, exactly.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.lang, &self.title, &self.benefit, &self.text, &self.risks, &self.if_no] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }
}
