//! The policy a company starts with: what is shipped, and the company itself as a party.

use std::collections::BTreeMap;

use assent_gate::Gate;
use assent_kernel::data::{self, Lang};
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Standing};
use assent_kernel::{
    CategoryKey, CompanyId, KeySet, NoticeId, PartyId, Policy, PurposeKey, Region, Span, Timestamp, UseSet,
    Zones,
};
use serde::Deserialize;

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

/// One notice of the starter file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Starter {
    purpose: PurposeKey,
    categories: KeySet<CategoryKey>,
    uses: UseSet,
    days: u32,
    wording: Vec<Wording>,
}

/// The starter file.
#[derive(Deserialize)]
struct StarterFile {
    notice: Vec<Starter>,
}

/// The notices a new company starts with, so that it can ask from the first day: to be used at home, in its region.
pub(crate) fn starter_notices(gate: &Gate, region: &Region, at: Timestamp) -> anyhow::Result<Vec<Notice>> {
    let file: StarterFile = toml::from_str(include_str!("../data/starter.toml"))?;
    let notice = |one: Starter| {
        let notice = Notice {
            id: gate.fresh(at, NoticeId::new)?,
            version: 1,
            material: true,
            purpose: one.purpose,
            categories: one.categories,
            uses: one.uses,
            recipients: Recipients::company_only(),
            zones: Zones::inside([region.clone()].into_iter().collect()),
            lasts: Span::days(one.days),
            published_at: at,
            wordings: one.wording,
        };
        Ok(notice.check()?)
    };
    file.notice.into_iter().map(notice).collect()
}
