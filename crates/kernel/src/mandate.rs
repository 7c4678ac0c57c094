//! Mandates: named, cited laws, industry rules and contracts. Data, not code; two people approve each.

use serde::{Deserialize, Serialize};

use crate::also::Also;
use crate::id::{MandateId, StaffId};
use crate::key::{CategoryKey, KeySet, PurposeKey, Region};
use crate::party::{PartyKind, Recipients};
use crate::role::RoleSet;
use crate::time::{Span, Timestamp};
use crate::uses::UseSet;
use crate::zone::Zones;

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Allows what a purpose needs.
    Permit,
    /// Demands that the fact be kept and used so.
    Require,
    /// Forbids, whatever anybody agreed to.
    Forbid,
}

/// Where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A law.
    Law,
    /// A rule of an industry.
    Industry,
    /// A contract: with the person, or with a client of the company.
    Contract,
}

/// The text it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// Such as "GDPR".
    pub instrument: String,
    /// Such as "Art. 15".
    pub article: String,
    /// Where to read it.
    pub url: String,
    /// Whose law.
    pub jurisdiction: String,
}

/// When a mandate applies. A Permit or Require looks at residence only: its recipients and zones say the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Always.
    Always,
    /// When any of the four places of any hop lies outside these regions ("US only, every tier").
    OutsideRegions(KeySet<Region>),
    /// When the recipient is of this kind.
    RecipientKind(PartyKind),
    /// When the person lives in one of these regions.
    ResidentOf(KeySet<Region>),
}

/// Which facts a mandate reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binds {
    /// Every fact of its categories; a Permit only for a right of the person.
    Every,
    /// Facts that were anchored to it: this invoice, never "the customer".
    Anchored,
    /// Facts that a running contract of this kind makes necessary.
    Contract(String),
}

/// How much of a value a permit shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mask {
    /// All of it.
    Full,
    /// Enough to tell people apart, too little to use: `m… i…`, `m…@e….org`.
    Partial,
}

/// A named rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// Which.
    pub id: MandateId,
    /// A short name, such as `gdpr-15-access`; what refusals and entries show.
    pub key: String,
    /// Counts the changes.
    pub version: u32,
    /// What it does.
    pub effect: Effect,
    /// Where it comes from.
    pub level: Level,
    /// The text it stands on.
    pub cite: Citation,
    /// For which purposes; for a Forbid, an empty set means all of them.
    pub purposes: KeySet<PurposeKey>,
    /// For which categories.
    pub categories: KeySet<CategoryKey>,
    /// For which uses.
    pub uses: UseSet,
    /// For which roles (Permit and Require).
    pub roles: RoleSet,
    /// To whom (Permit and Require).
    pub recipients: Recipients,
    /// Where (Permit and Require).
    pub zones: Zones,
    /// When (Forbid).
    pub when: When,
    /// Which facts (Permit and Require).
    pub binds: Binds,
    /// How much of the value is shown (Permit and Require).
    pub mask: Mask,
    /// How long an anchored fact is kept.
    pub keeps: Option<Span>,
    /// In force from.
    pub from: Timestamp,
    /// In force until, exclusive.
    pub until: Timestamp,
    /// Who approved it: two different people, or it has no effect.
    pub approved_by: Vec<StaffId>,
    /// One plain sentence to the person.
    pub sentence: String,
    /// The sentence in other languages.
    #[serde(default, skip_serializing_if = "Also::is_empty")]
    pub sentences: Also,
}

impl Mandate {
    /// True when it has effect at that time: inside its range and approved by two different people.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        let two =
            self.approved_by.iter().any(|one| self.approved_by.first().is_some_and(|first| first != one));
        two && self.from <= at && at < self.until
    }
    /// True when it can open a use; a Forbid never does.
    #[must_use]
    pub const fn opens(&self) -> bool {
        match self.effect {
            Effect::Permit | Effect::Require => true,
            Effect::Forbid => false,
        }
    }
    /// True when it reaches every fact of its kinds and cuts none: in the hands of staff it needs a case.
    #[must_use]
    pub fn is_master_key(&self) -> bool {
        self.binds == Binds::Every && self.mask == Mask::Full
    }
}
