//! Parties: anyone who may receive, with the four places where they hold, work on, reach and control data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::PartyId;
use crate::key::{KeySet, Region};
use crate::time::{Span, Timestamp};

/// After this time without a fresh description, a party receives nothing.
pub const STALE_AFTER: Span = Span::days(90);

/// The longest chain of sub-processors that is walked; a longer one, or a circle, is refused.
pub const LONGEST_CHAIN: usize = 16;

/// What a party is to the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyKind {
    /// The company itself (the controller).
    Controller,
    /// Works on data on the company's orders (GDPR Art. 28), or is engaged by one who does.
    Processor,
    /// Another company that decides for itself.
    Partner,
    /// A named human: a dentist, a craftsman.
    Human,
}

/// Where a party stands with the company today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Announced; active from that time on.
    Proposed(Timestamp),
    /// May receive.
    Active,
    /// Stopped for now.
    Suspended,
    /// Over.
    Ended,
}

/// An instrument that carries data out of the allowed regions (GDPR Art. 45–47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transfer {
    /// The European Commission found the protection adequate (Art. 45).
    Adequacy,
    /// Standard contractual clauses (Art. 46(2)(c)).
    Clauses,
    /// Binding corporate rules (Art. 47).
    BindingRules,
}

/// The four places of a party. Each must lie inside the terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Where it is stored.
    pub store: KeySet<Region>,
    /// Where it is worked on.
    pub process: KeySet<Region>,
    /// From where people reach it.
    pub access: KeySet<Region>,
    /// Whose law the party answers to.
    pub control: KeySet<Region>,
}

/// One of the four places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Where it is stored.
    Store,
    /// Where it is worked on.
    Process,
    /// From where people reach it.
    Access,
    /// Whose law the party answers to.
    Control,
}

impl Place {
    /// The words for a sentence: "{name} {word} us".
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Store => "stores data in",
            Self::Process => "works on data in",
            Self::Access => "is reached from",
            Self::Control => "is controlled from",
        }
    }
}

impl Places {
    /// The four places with their names, in the order in which they are checked.
    #[must_use]
    pub const fn all(&self) -> [(Place, &KeySet<Region>); 4] {
        [
            (Place::Store, &self.store),
            (Place::Process, &self.process),
            (Place::Access, &self.access),
            (Place::Control, &self.control),
        ]
    }
}

/// Anyone who may receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Who.
    pub id: PartyId,
    /// A short lower-case code, shown in the ledger.
    pub code: String,
    /// The name people know.
    pub name: String,
    /// What it is to the company.
    pub kind: PartyKind,
    /// Who engaged it: `None` for the company itself and those it engaged directly.
    pub engaged_by: Option<PartyId>,
    /// Its four places.
    pub places: Places,
    /// The contract it works under (for a processor: GDPR Art. 28(3)), as a reference; `None` = no contract.
    pub agreement: Option<String>,
    /// The instruments that carry data to it, each until when.
    pub transfers: Vec<(Transfer, Timestamp)>,
    /// Where it stands today.
    pub standing: Standing,
    /// When its description was last confirmed.
    pub described_at: Timestamp,
}

/// Who may receive under some terms: the named parties, and parties of these kinds, each with sub-processors down to `depth`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Parties by name.
    pub parties: BTreeSet<PartyId>,
    /// Every party of these kinds.
    pub kinds: BTreeSet<PartyKind>,
    /// How many tiers of sub-processors below a party that is meant: 0 = none.
    pub depth: u8,
}

/// The recipients of some terms: every scope in it must agree. The company itself is always meant.
///
/// A set of scopes instead of one is what makes `meet` exact: "Postlane or any processor" and "any party of
/// tier 1" have no common form as one scope, but both can simply be required.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash)]
#[serde(from = "BTreeSet<Scope>", into = "BTreeSet<Scope>")]
pub struct Recipients(BTreeSet<Scope>);

impl Recipients {
    /// The company itself and nobody else.
    #[must_use]
    pub fn company_only() -> Self {
        Self::of(Scope { parties: BTreeSet::new(), kinds: BTreeSet::new(), depth: 0 })
    }
    /// The recipients of one scope.
    #[must_use]
    pub fn of(scope: Scope) -> Self {
        Self(BTreeSet::from([scope]))
    }
    /// Named parties, each with sub-processors down to `depth` tiers.
    #[must_use]
    pub fn named(parties: impl IntoIterator<Item = PartyId>, depth: u8) -> Self {
        Self::of(Scope { parties: parties.into_iter().collect(), kinds: BTreeSet::new(), depth })
    }
    /// What both allow: every scope of both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }
    /// The scopes that must all agree.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
    /// True when some scope names this party itself.
    #[must_use]
    pub fn names(&self, party: PartyId) -> bool {
        !self.0.is_empty() && self.0.iter().all(|scope| scope.parties.contains(&party))
    }
}

/// An empty list names nobody: that is the company alone, never everybody.
impl From<BTreeSet<Scope>> for Recipients {
    fn from(scopes: BTreeSet<Scope>) -> Self {
        if scopes.is_empty() { Self::company_only() } else { Self(scopes) }
    }
}
impl From<Recipients> for BTreeSet<Scope> {
    fn from(recipients: Recipients) -> Self {
        recipients.0
    }
}
