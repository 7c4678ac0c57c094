//! What is known of a fact without reading it.

use serde::{Deserialize, Serialize};

use crate::id::{FactId, GrantId, MandateId};
use crate::key::{CategoryKey, Region};
use crate::terms::Terms;
use crate::time::Timestamp;

/// What a fact or a use stands on: a grant or a mandate. There is no third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warrant {
    /// The person's act.
    Grant(GrantId),
    /// A named rule.
    Mandate(MandateId),
}

/// A mandate's hold on one fact: this invoice, until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Which mandate.
    pub mandate: MandateId,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// One value about one person, without the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which.
    pub id: FactId,
    /// What kind.
    pub category: CategoryKey,
    /// Where it came from, in words: "import contacts.csv", "the person", "desk".
    pub source: String,
    /// Where it is kept.
    pub region: Region,
    /// When it was last confirmed; its retention runs from here.
    pub confirmed_at: Timestamp,
    /// What it stands on.
    pub warrant: Option<Warrant>,
    /// Mandates that hold it.
    pub anchors: Vec<Anchor>,
    /// Terms that came with it from a partner or an exchange, or the meet of what it was derived from.
    pub carried: Option<Terms>,
    /// The facts of the same person that it was derived from.
    pub derived_from: Vec<FactId>,
}
