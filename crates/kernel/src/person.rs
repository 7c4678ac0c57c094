//! Everything a decision needs to know of one person: answers, objections, restrictions, contracts, facts. No values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fact::Fact;
use crate::grant::{Answer, Objection, Restriction};
use crate::id::{CompanyId, ContractId, FactId, PersonId};
use crate::key::{PurposeKey, Region};
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
        }
    }
    /// True when a contract of that kind runs at that time.
    #[must_use]
    pub fn contract_runs(&self, kind: &str, at: Timestamp) -> bool {
        self.contract_until(kind, at).is_some()
    }
    /// The first moment, from that time on, at which a contract of that kind runs.
    #[must_use]
    pub fn contract_from(&self, kind: &str, at: Timestamp) -> Option<Timestamp> {
        let of_kind = self.contracts.iter().filter(|c| c.kind == kind);
        of_kind.filter_map(|c| Some(c.from.max(at)).filter(|from| *from < c.until)).min()
    }
    /// Until when a contract of that kind runs that runs at that time.
    #[must_use]
    pub fn contract_until(&self, kind: &str, at: Timestamp) -> Option<Timestamp> {
        let running = self.contracts.iter().filter(|c| c.kind == kind && c.from <= at && at < c.until);
        running.map(|c| c.until).max()
    }
}
