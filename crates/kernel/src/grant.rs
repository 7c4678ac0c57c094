//! What a person said: yes, no, no longer, not like that, stop for now.

use serde::{Deserialize, Serialize};

use crate::id::{FactId, GrantId, NoticeId};
use crate::key::{CategoryKey, PurposeKey, TreeKey};
use crate::terms::Terms;
use crate::time::Timestamp;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Giver {
    /// The person.
    Subject,
    /// A parent or guardian.
    Guardian,
    /// The person's agent.
    Agent,
}

/// How we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The person's own act on the portal.
    Portal,
    /// One click in a mail (RFC 8058).
    OneClick,
    /// A signal of the browser (Global Privacy Control).
    Signal,
    /// The person's agent, signed.
    Agent,
    /// Came with an import: a date, a source and the version of a text. Weaker than an act of one's own.
    Imported,
    /// A member of staff attests it. Weaker still.
    Attested,
}

/// The person's act of agreeing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which.
    pub id: GrantId,
    /// What is allowed. Never without an end.
    pub terms: Terms,
    /// The text that was shown.
    pub notice: NoticeId,
    /// Its version.
    pub notice_version: u32,
    /// Who gave it.
    pub giver: Giver,
    /// How we know.
    pub evidence: Evidence,
    /// How often it may still be used; `None` = any number of times.
    pub uses_left: Option<u32>,
}

/// The newest thing a person said about one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Yes, on these terms.
    Yes(Box<Grant>),
    /// No.
    No,
    /// No longer.
    NoLonger,
}

/// An answer with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// About which purpose.
    pub purpose: PurposeKey,
    /// What was said.
    pub said: Said,
    /// When.
    pub at: Timestamp,
}

/// What an objection is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectionScope {
    /// One purpose and those below it (GDPR Art. 21(1)).
    Purpose(PurposeKey),
    /// All direct marketing (Art. 21(2)): absolute.
    DirectMarketing,
    /// Being profiled.
    Profiling,
    /// Being sold or shared with others (CCPA §1798.120; Global Privacy Control): absolute.
    SaleShare,
}

/// "Not like that."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// About what.
    pub scope: ObjectionScope,
    /// When.
    pub at: Timestamp,
    /// Compelling grounds to go on, as a document's reference. Counts only for a purpose's objection under
    /// legitimate interest or public task.
    pub overridden: Option<String>,
}

/// Which facts a restriction holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restricted {
    /// All of them.
    All,
    /// A category and what lies below it.
    Category(CategoryKey),
    /// One.
    Fact(FactId),
}

impl Restricted {
    /// True when a fact of that category (and id, if it exists already) is held.
    #[must_use]
    pub fn holds(&self, category: &CategoryKey, fact: Option<FactId>) -> bool {
        match self {
            Self::All => true,
            Self::Category(upper) => upper.covers(category),
            Self::Fact(id) => fact == Some(*id),
        }
    }
}

/// Why facts are restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestrictionGround {
    /// Accuracy, lawfulness, a claim or an objection is being looked into (GDPR Art. 18(1)).
    Asked,
    /// Kept after an erasure because a mandate demands it: for that mandate alone.
    RetainOnly,
}

/// "Stop for now": keep, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// Which facts.
    pub facts: Restricted,
    /// Why.
    pub ground: RestrictionGround,
    /// Since when.
    pub at: Timestamp,
    /// Until when, if an end is known.
    pub until: Option<Timestamp>,
}
