//! Everything a decision needs to know of one person: answers, objections, restrictions, contracts, facts. No values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fact::Fact;
use crate::grant::{Answer, Objection, Restriction};
use crate::id::{CompanyId, ContractId, FactId, PersonId};
use crate::joined::Beside;
use crate::key::{KeySet, PurposeKey, Region};
use crate::time::Timestamp;

/// A running or past contract with the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Which.
    pub id: ContractId,
    /// What kind, such as `household-customer`; mandates of contracts name it.
    pub kind: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// A person as the law sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Whose customer.
    pub company: CompanyId,
    /// Moves on with every change of terms; a use is recorded only if it has not moved.
    pub epoch: u64,
    /// Where they live, as far as mandates care.
    pub residence: Option<Region>,
    /// True when a guardian must agree for them.
    pub minor: bool,
    /// The newest answer for each purpose.
    pub answers: BTreeMap<PurposeKey, Answer>,
    /// Objections that stand.
    pub objections: Vec<Objection>,
    /// Restrictions, past and present.
    pub restrictions: Vec<Restriction>,
    /// Contracts, past and present.
    pub contracts: Vec<Contract>,
    /// What is held.
    pub facts: BTreeMap<FactId, Fact>,
    /// What other records of the same human bring, if there are any: it closes, and opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Box<Beside>>,
}

impl Person {
    /// Somebody of whom nothing is known yet.
    #[must_use]
    pub const fn new(id: PersonId, company: CompanyId) -> Self {
        Self {
            id,
            company,
            epoch: 0,
            residence: None,
            minor: false,
            answers: BTreeMap::new(),
            objections: Vec::new(),
            restrictions: Vec::new(),
            contracts: Vec::new(),
            facts: BTreeMap::new(),
            beside: None,
        }
    }
    /// True when a contract of that kind runs at that time.
    #[must_use]
    pub fn contract_runs(&self, kind: &str, at: Timestamp) -> bool {
        self.contract_until(kind, at).is_some()
    }
    /// The first moment, from that time on, at which a contract of that kind runs; contracts of other records of the
    /// same human count too: this is for prohibitions alone.
    #[must_use]
    pub fn bound_from(&self, kind: &str, at: Timestamp) -> Option<Timestamp> {
        let beside = self.beside.iter().flat_map(|beside| &beside.contracts);
        let of_kind = self.contracts.iter().chain(beside).filter(|c| c.kind == kind);
        of_kind.filter_map(|c| Some(c.from.max(at)).filter(|from| *from < c.until)).min()
    }
    /// True when a prohibition for residents of these regions means them: they live there, it is not known where they
    /// live, or another record of the same human lives there.
    #[must_use]
    pub fn may_live_in(&self, regions: &KeySet<Region>) -> bool {
        let mut beside = self.beside.iter().flat_map(|beside| &beside.residences);
        self.residence.as_ref().is_none_or(|home| regions.covers(home))
            || beside.any(|home| regions.covers(home))
    }
    /// Until when a contract of that kind runs that runs at that time.
    #[must_use]
    pub fn contract_until(&self, kind: &str, at: Timestamp) -> Option<Timestamp> {
        let running = self.contracts.iter().filter(|c| c.kind == kind && c.from <= at && at < c.until);
        running.map(|c| c.until).max()
    }
}
