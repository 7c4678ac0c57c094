//! The demo world as its files say it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

const WORLD: &str = include_str!("../../demo/world.toml");
const NOTICES: &str = include_str!("../../demo/notices.toml");
const MEADOW: &str = include_str!("meadow.toml");

/// The invented world.
#[derive(Deserialize)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) company: Vec<CompanyRow>,
    pub(crate) party: Vec<PartyRow>,
    pub(crate) mandate: Vec<MandateRow>,
    pub(crate) staff: Vec<StaffRow>,
    pub(crate) contract_kind: Vec<ContractKind>,
    pub(crate) mixture: Vec<Mixture>,
    pub(crate) product: Vec<Product>,
    pub(crate) text: Texts,
    pub(crate) phone: BTreeMap<String, Vec<String>>,
    pub(crate) mail: Mail,
    pub(crate) place: Vec<PlaceRow>,
    pub(crate) names: Vec<Names>,
    pub(crate) organisation: Vec<OrganisationRow>,
    pub(crate) deal: Vec<DealRow>,
    pub(crate) task: Vec<TaskRow>,
}

#[derive(Deserialize)]
pub(crate) struct OrganisationRow {
    pub(crate) name: String,
    pub(crate) trade: String,
    pub(crate) city: String,
    pub(crate) website: String,
    pub(crate) owner: String,
}

#[derive(Deserialize)]
pub(crate) struct DealRow {
    pub(crate) title: String,
    pub(crate) organisation: String,
    pub(crate) cents: i64,
    pub(crate) currency: String,
    pub(crate) stage: String,
    pub(crate) close_in_days: i32,
}

#[derive(Deserialize)]
pub(crate) struct TaskRow {
    pub(crate) text: String,
    pub(crate) organisation: String,
    pub(crate) who: String,
    pub(crate) due_in_days: i32,
}

#[derive(Deserialize)]
pub(crate) struct CompanyRow {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) seat: String,
}

#[derive(Deserialize)]
pub(crate) struct PartyRow {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) kind: String,
    pub(crate) engaged_by: String,
    pub(crate) store: Vec<String>,
    pub(crate) process: Vec<String>,
    pub(crate) access: Vec<String>,
    pub(crate) control: Vec<String>,
    pub(crate) contract: String,
    pub(crate) transfer: String,
    pub(crate) status: String,
    pub(crate) effective_in_days: Option<u32>,
    pub(crate) described_days_ago: u32,
}

#[derive(Deserialize)]
pub(crate) struct MandateRow {
    pub(crate) key: String,
    pub(crate) company: String,
    pub(crate) unless_regions: Vec<String>,
    pub(crate) instrument: String,
    pub(crate) article: String,
    pub(crate) url: String,
    pub(crate) jurisdiction: String,
    pub(crate) sentence: String,
    pub(crate) approved_by: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct StaffRow {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) role: String,
    pub(crate) mail: String,
}

#[derive(Deserialize)]
pub(crate) struct ContractKind {
    pub(crate) key: String,
    pub(crate) days: u32,
}

/// A share of the people with the same kind of terms.
#[derive(Deserialize)]
pub(crate) struct Mixture {
    pub(crate) key: String,
    pub(crate) share: f64,
    pub(crate) source: String,
    pub(crate) contract: String,
    pub(crate) grants: Vec<GrantRow>,
    #[serde(default)]
    pub(crate) patient: bool,
}

#[derive(Deserialize)]
pub(crate) struct GrantRow {
    pub(crate) notice: String,
    pub(crate) days_ago: u32,
    pub(crate) regions: Option<Vec<String>>,
    pub(crate) state: Option<String>,
    pub(crate) withdrawn_days_ago: Option<u32>,
    pub(crate) uses_left: Option<u32>,
}

#[derive(Deserialize)]
pub(crate) struct Product {
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) eur: u64,
    pub(crate) usd: u64,
    pub(crate) serial: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Texts {
    pub(crate) note: Vec<String>,
    pub(crate) note_de: Vec<String>,
    pub(crate) ticket: Vec<String>,
    pub(crate) deal: Vec<String>,
    pub(crate) idea: Vec<String>,
    pub(crate) idea_de: Vec<String>,
    pub(crate) interest: Vec<String>,
    pub(crate) tag: Vec<String>,
    pub(crate) fridge_error: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Mail {
    pub(crate) domains: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct PlaceRow {
    pub(crate) region: String,
    pub(crate) weight: u32,
    pub(crate) cities: Vec<(String, String)>,
    pub(crate) streets: Vec<String>,
    pub(crate) format: String,
}

/// Names of one culture.
#[derive(Deserialize)]
pub(crate) struct Names {
    pub(crate) culture: String,
    pub(crate) weight: u32,
    pub(crate) given: Vec<String>,
    pub(crate) family: Vec<String>,
    #[serde(default)]
    pub(crate) order: String,
    #[serde(default)]
    pub(crate) romanised_given: Vec<String>,
    #[serde(default)]
    pub(crate) romanised_family: Vec<String>,
}

#[derive(Deserialize)]
struct NoticeFile {
    notice: Vec<NoticeRow>,
}

#[derive(Deserialize)]
pub(crate) struct NoticeRow {
    pub(crate) id: String,
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) material: bool,
    pub(crate) days: u32,
    pub(crate) purposes: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) uses: Vec<String>,
    pub(crate) recipients: Vec<String>,
    pub(crate) depth: u8,
    pub(crate) regions: Vec<String>,
    pub(crate) en: Words,
    pub(crate) de: Option<Words>,
}

#[derive(Deserialize)]
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) benefit: String,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) risks: String,
    pub(crate) if_no: String,
}

/// Reads the world.
pub(crate) fn read() -> anyhow::Result<World> {
    toml::from_str(WORLD).context("demo/world.toml")
}

/// Reads the notices of Halden Home.
pub(crate) fn halden_notices() -> anyhow::Result<Vec<NoticeRow>> {
    Ok(toml::from_str::<NoticeFile>(NOTICES).context("demo/notices.toml")?.notice)
}

/// Reads the notices of Meadow Dental Group.
pub(crate) fn meadow_notices() -> anyhow::Result<Vec<NoticeRow>> {
    Ok(toml::from_str::<NoticeFile>(MEADOW).context("demo/meadow.toml")?.notice)
}
