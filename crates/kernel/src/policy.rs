//! A company's policy: purposes, categories, regions, notices, parties, mandates. What decisions about all its people share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::category::Category;
use crate::id::{CompanyId, MandateId, NoticeId, PartyId};
use crate::key::{CategoryKey, KeySet, PurposeKey, Region};
use crate::mandate::Mandate;
use crate::notice::Notice;
use crate::party::Party;
use crate::purpose::Purpose;

/// Everything a company has laid down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whose.
    pub company: CompanyId,
    /// The company itself, as a party.
    pub home: PartyId,
    /// Moves on with every change; a use is recorded only if it has not moved.
    pub version: u64,
    /// Purposes by key.
    pub purposes: BTreeMap<PurposeKey, Purpose>,
    /// Categories by key.
    pub categories: BTreeMap<CategoryKey, Category>,
    /// Regions that exist.
    pub regions: KeySet<Region>,
    /// The current version of each notice.
    pub notices: BTreeMap<NoticeId, Notice>,
    /// For each notice the oldest version whose grants still count.
    pub oldest_valid: BTreeMap<NoticeId, u32>,
    /// Parties by id.
    pub parties: BTreeMap<PartyId, Party>,
    /// Mandates by id.
    pub mandates: BTreeMap<MandateId, Mandate>,
    /// True when the company has turned legitimate interest on.
    pub legitimate_interest: bool,
}

impl Policy {
    /// The party of that code.
    #[must_use]
    pub fn party(&self, code: &str) -> Option<&Party> {
        self.parties.values().find(|party| party.code == code)
    }
    /// The mandate of that key.
    #[must_use]
    pub fn mandate(&self, key: &str) -> Option<&Mandate> {
        self.mandates.values().find(|mandate| mandate.key == key)
    }
    /// The notice that asks for that purpose.
    #[must_use]
    pub fn notice_for(&self, purpose: &PurposeKey) -> Option<&Notice> {
        self.notices.values().find(|notice| notice.purpose == *purpose)
    }
    /// Sixteen bytes that stand for exactly this policy; every ledger entry names the policy it was decided under.
    #[must_use]
    pub fn digest(bytes: &[u8]) -> [u8; 16] {
        let full: [u8; 32] = Sha256::digest(bytes).into();
        let mut short = [0; 16];
        for (slot, byte) in short.iter_mut().zip(full) {
            *slot = byte;
        }
        short
    }
}
