//! Categories of personal data, and how long each may be kept in full.

use serde::{Deserialize, Serialize};

use crate::also::Also;
use crate::key::CategoryKey;
use crate::time::Span;

/// How sensitive a category is in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Everyday personal data.
    Ordinary,
    /// Not special in law, but people mind.
    Sensitive,
    /// Special categories (GDPR Art. 9).
    Special,
    /// Convictions and offences (GDPR Art. 10).
    Criminal,
}

impl Class {
    /// True when a grant must be explicit to cover it.
    #[must_use]
    pub const fn needs_explicit(self) -> bool {
        match self {
            Self::Ordinary | Self::Sensitive => false,
            Self::Special | Self::Criminal => true,
        }
    }
}

/// Retention classes: for how long a fact is whole. The decision is the clock; the sweeper only tidies up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retention {
    /// Raw readings of devices.
    R0,
    /// Bodies of messages, notes of calls.
    R1,
    /// Contact and profile.
    R2,
    /// Contract and invoice: as long as its mandate says.
    R3,
    /// Terms and evidence: as long as the terms and the time in which they can be disputed.
    R4,
    /// Derived and inferred.
    R5,
    /// Social look-ups.
    R6,
    /// Exchange contributions.
    R7,
}

impl Retention {
    /// How long a fact of this class may be used in full since it was last confirmed; `None` where another
    /// clock (a mandate, the terms) says so.
    #[must_use]
    pub const fn full(self) -> Option<Span> {
        match self {
            Self::R0 => Some(Span::days(7)),
            Self::R1 => Some(Span::days(395)),
            Self::R2 => Some(Span::days(730)),
            Self::R3 | Self::R4 => None,
            Self::R5 => Some(Span::days(180)),
            Self::R6 => Some(Span::days(30)),
            Self::R7 => Some(Span::days(90)),
        }
    }

    /// How long a fact of this class may lie at most since it was last confirmed; then the sweeper drops it, unless a
    /// law still demands it. Contact and profile may be asked about for another year after they were last used in full,
    /// and stay while a grant or a contract covers them.
    #[must_use]
    pub const fn most(self) -> Option<Span> {
        match self {
            Self::R2 => Some(Span::days(1095)),
            Self::R0 | Self::R1 | Self::R3 | Self::R4 | Self::R5 | Self::R6 | Self::R7 => self.full(),
        }
    }
}

/// A node of the tree of personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its place in the tree.
    pub key: CategoryKey,
    /// The DPV term it is a kind of, such as `pd:EmailAddress`.
    pub dpv: String,
    /// How sensitive it is.
    pub class: Class,
    /// How long it may be kept in full.
    pub retention: Retention,
    /// A short name for people.
    pub label: String,
    /// The name in other languages.
    #[serde(default, skip_serializing_if = "Also::is_empty")]
    pub labels: Also,
}
