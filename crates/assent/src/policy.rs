//! The policy a company starts with: what is shipped, and the company itself as a party.

use std::collections::BTreeMap;

use assent_gate::Gate;
use assent_kernel::data::{self, Lang};
use assent_kernel::party::{Party, PartyKind, Places, Standing};
use assent_kernel::{CompanyId, KeySet, PartyId, Policy, Region, Timestamp};

/// The company itself, as a party whose four places lie in its region.
pub(crate) fn home_party(
    gate: &Gate,
    code: &str,
    name: &str,
    region: &Region,
    at: Timestamp,
) -> anyhow::Result<Party> {
    let here: KeySet<Region> = [region.clone()].into_iter().collect();
    let places = Places { store: here.clone(), process: here.clone(), access: here.clone(), control: here };
    Ok(Party {
        id: gate.fresh(at, PartyId::new)?,
        code: code.to_owned(),
        name: name.to_owned(),
        kind: PartyKind::Controller,
        engaged_by: None,
        places,
        agreement: None,
        transfers: Vec::new(),
        standing: Standing::Active,
        described_at: at,
    })
}

/// Shipped purposes, categories, regions and mandates; no notices, and no party but the company.
pub(crate) fn base_policy(company: CompanyId, home: Party) -> anyhow::Result<Policy> {
    Ok(Policy {
        company,
        home: home.id,
        version: 0,
        purposes: data::purposes(Lang::En)?,
        categories: data::categories(Lang::En)?,
        regions: data::regions()?.into_keys().collect(),
        notices: BTreeMap::new(),
        oldest_valid: BTreeMap::new(),
        parties: BTreeMap::from([(home.id, home)]),
        mandates: data::mandates(Lang::En)?,
        legitimate_interest: false,
    })
}
