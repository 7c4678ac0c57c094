//! What the two companies laid down: parties, notices, and the contract of a client that says "US only, every tier".

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use assent_gate::Gate;
use assent_kernel::mandate::{Binds, Citation, Effect, Level, Mandate, Mask, When};
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Standing, Transfer};
use assent_kernel::{
    Also, CategoryKey, CompanyId, KeySet, MandateId, NoticeId, PartyId, Policy, PurposeKey, Region, Role,
    RoleSet, Span, StaffId, Timestamp, TreeKey, Use, UseSet, Zones,
};

use super::dice::stable;
use super::world::{CompanyRow, MandateRow, NoticeRow, PartyRow, Words, World};
use crate::policy::{base_policy, home_party};

/// A company of the demo world, laid down.
pub(crate) struct House {
    pub(crate) id: CompanyId,
    /// The code in addresses and logs.
    pub(crate) code: &'static str,
    pub(crate) name: String,
    /// Its first policy.
    pub(crate) policy: Policy,
    /// Every version of every notice, by its name in the file, oldest first.
    pub(crate) notices: BTreeMap<String, Vec<Notice>>,
}

/// The company that stands in the files under a slug, and its code here.
pub(crate) const HALDEN: (&str, &str) = ("halden-home", "halden");
/// The other one.
pub(crate) const MEADOW: (&str, &str) = ("meadow-dental", "meadow");

/// When the changed newsletter notice was published, in days before today.
pub(crate) const NEWSLETTER_CHANGED: u32 = 365;
/// When the contract with the county was signed.
pub(crate) const COUNTY_SIGNED: u32 = 280;
/// When the two companies came to Assent.
pub(crate) const FOUNDED: u32 = 1_095;

/// Keys of one tree from texts.
pub(crate) fn keys<K: TreeKey>(
    texts: &[String],
    new: fn(&str) -> Result<K, assent_kernel::key::BadKey>,
) -> anyhow::Result<KeySet<K>> {
    texts.iter().map(|text| Ok(new(text)?)).collect()
}

/// The id of a member of staff.
pub(crate) fn staff_id(slug: &str, at: Timestamp) -> StaffId {
    StaffId::new(at.minus(Span::days(FOUNDED)), stable(&format!("staff/{slug}")))
}

fn party_id(company: &str, slug: &str, at: Timestamp) -> PartyId {
    PartyId::new(at.minus(Span::days(FOUNDED)), stable(&format!("party/{company}/{slug}")))
}

/// Lays down a company: everything but what came later.
pub(crate) fn house(
    gate: &Gate,
    world: &World,
    names: (&str, &'static str),
    rows: &[NoticeRow],
    at: Timestamp,
) -> anyhow::Result<House> {
    let (slug, code) = names;
    let row = world.company.iter().find(|one| one.slug == slug).context("a company is missing")?;
    let founded = at.minus(Span::days(FOUNDED));
    let id = CompanyId::new(founded, stable(&format!("company/{slug}")));
    let seat = Region::new(&row.seat)?;
    let home = home_party(gate, code, &row.name, &seat, at)?;
    let home = Party { id: party_id(slug, slug, at), ..home };
    let mut policy = base_policy(id, home)?;
    if slug == HALDEN.0 {
        super::fields::lay_down(&mut policy)?;
        super::things::lay_down(&mut policy)?;
    }
    let parties = world.party.iter().filter(|party| meant(party, slug));
    for party in parties {
        let party = read_party(party, slug, at)?;
        policy.parties.insert(party.id, party);
    }
    if slug == MEADOW.0 {
        let partner = partner(world, at)?;
        policy.parties.insert(partner.id, partner);
    }
    let mut notices: BTreeMap<String, Vec<Notice>> = BTreeMap::new();
    for row in rows {
        for notice in read_notices(row, slug, &policy, at)? {
            let name = if notice.purpose.as_str() == row.purposes.first().map_or("", String::as_str) {
                row.id.clone()
            } else {
                format!("{}/{}", row.id, notice.purpose)
            };
            notices.entry(name).or_default().push(notice);
        }
    }
    if slug == HALDEN.0 {
        super::trust::lay_down(&mut policy, ["ngozi.adeyemi", "henrike.voss"], at)?;
    }
    for notice in notices.values().filter_map(|versions| versions.first()) {
        publish(&mut policy, notice);
    }
    Ok(House { id, code, name: row.name.clone(), policy, notices })
}

/// Makes a notice the current one; a material change makes older answers count no more.
pub(crate) fn publish(policy: &mut Policy, notice: &Notice) {
    let oldest = policy.oldest_valid.entry(notice.id).or_insert(notice.version);
    if notice.material {
        *oldest = notice.version;
    }
    policy.notices.insert(notice.id, notice.clone());
}

/// Open Contacts serves both companies. Frostpoint is only announced and not yet engaged: the law walks every
/// sub-processor that is named, and one that may not start yet would close the way to Fixwerk today.
fn meant(party: &PartyRow, slug: &str) -> bool {
    let both = party.slug == "open-contacts";
    (party.company == slug || both) && party.slug != "frostpoint"
}

fn partner(world: &World, at: Timestamp) -> anyhow::Result<Party> {
    let row: &CompanyRow =
        world.company.iter().find(|one| one.slug == HALDEN.0).context("a company is missing")?;
    let there: KeySet<Region> = [Region::new(&row.seat)?].into_iter().collect();
    Ok(Party {
        id: party_id(MEADOW.0, HALDEN.0, at),
        code: row.slug.clone(),
        name: row.name.clone(),
        kind: PartyKind::Partner,
        engaged_by: None,
        places: Places {
            store: there.clone(),
            process: there.clone(),
            access: there.clone(),
            control: there,
        },
        agreement: Some("JCA-2026-002".into()),
        transfers: Vec::new(),
        standing: Standing::Active,
        described_at: at.minus(Span::days(26)),
    })
}

fn read_party(row: &PartyRow, slug: &str, at: Timestamp) -> anyhow::Result<Party> {
    let standing = match (row.status.as_str(), row.effective_in_days) {
        ("active", _) => Standing::Active,
        ("proposed", Some(days)) => Standing::Proposed(at.plus(Span::days(days))),
        ("proposed", None) => Standing::Proposed(Timestamp::MAX),
        (other, _) => anyhow::bail!("{}: no standing `{other}`", row.slug),
    };
    let kind = match row.kind.as_str() {
        "processor" => PartyKind::Processor,
        "person" => PartyKind::Human,
        "partner" | "exchange" | "client" | "third-party" => PartyKind::Partner,
        other => anyhow::bail!("{}: no kind `{other}`", row.slug),
    };
    let engaged = &row.engaged_by;
    let direct = engaged == &row.company || engaged == slug;
    let clauses = row.transfer.starts_with("scc");
    Ok(Party {
        id: party_id(slug, &row.slug, at),
        code: row.slug.clone(),
        name: row.name.clone(),
        kind,
        engaged_by: (!direct).then(|| party_id(slug, engaged, at)),
        places: Places {
            store: keys(&row.store, Region::new)?,
            process: keys(&row.process, Region::new)?,
            access: keys(&row.access, Region::new)?,
            control: keys(&row.control, Region::new)?,
        },
        agreement: (!row.contract.is_empty()).then(|| row.contract.clone()),
        transfers: clauses.then(|| (Transfer::Clauses, at.plus(Span::days(730)))).into_iter().collect(),
        standing,
        described_at: at.minus(Span::days(row.described_days_ago)),
    })
}

/// A text of the file may ask for several purposes; here each purpose is a notice of its own.
fn read_notices(row: &NoticeRow, slug: &str, policy: &Policy, at: Timestamp) -> anyhow::Result<Vec<Notice>> {
    let asked: UseSet = row.uses.iter().filter_map(|name| Use::parse(name)).collect();
    let recipients: BTreeSet<PartyId> = row.recipients.iter().map(|name| party_id(slug, name, at)).collect();
    let recipients = if recipients.is_empty() {
        Recipients::company_only()
    } else {
        // The file counts tiers from the company, the law from the recipient.
        Recipients::named(recipients, row.depth.saturating_sub(1))
    };
    let days = if row.version > 1 { NEWSLETTER_CHANGED } else { FOUNDED };
    let wording = |lang: &str, words: &Words| Wording {
        lang: lang.into(),
        title: words.title.clone(),
        benefit: words.benefit.clone(),
        text: format!("{} {}", words.what, words.why),
        risks: words.risks.clone(),
        if_no: words.if_no.clone(),
    };
    let read = |text: &String| -> anyhow::Result<Notice> {
        let purpose = PurposeKey::new(text)?;
        let known = policy.purposes.get(&purpose).with_context(|| format!("no purpose {purpose}"))?;
        let mut wordings = vec![wording("en", &row.en)];
        wordings.extend(row.de.as_ref().map(|words| wording("de", words)));
        let notice = Notice {
            id: NoticeId::new(
                at.minus(Span::days(FOUNDED)),
                stable(&format!("notice/{slug}/{}/{purpose}", row.id)),
            ),
            version: row.version,
            material: row.material,
            purpose,
            categories: keys(&row.categories, CategoryKey::new)?,
            uses: asked.meet(known.uses),
            recipients: recipients.clone(),
            zones: Zones::inside(keys(&row.regions, Region::new)?),
            lasts: Span::days(row.days),
            published_at: at.minus(Span::days(days)),
            wordings,
        };
        Ok(notice.check()?)
    };
    row.purposes.iter().map(read).collect()
}

/// The client's contract: nothing about its contacts leaves the US, at any tier. It binds who has a contract of that
/// kind; no contract can take away the rights of a person or the recall of a dangerous product.
pub(crate) fn county(world: &World, policy: &Policy, at: Timestamp) -> anyhow::Result<Mandate> {
    let row: &MandateRow = world
        .mandate
        .iter()
        .find(|row| row.company == HALDEN.0)
        .context("the county's contract is missing")?;
    let bound = policy.purposes.keys().filter(|key| key.parent().is_none());
    let bound = bound.filter(|key| !matches!(key.as_str(), "rights" | "safety")).cloned().collect();
    Ok(Mandate {
        id: MandateId::new(at.minus(Span::days(COUNTY_SIGNED)), stable(&format!("mandate/{}", row.key))),
        key: row.key.clone(),
        version: 1,
        effect: Effect::Forbid,
        level: Level::Contract,
        cite: Citation {
            instrument: row.instrument.clone(),
            article: row.article.clone(),
            url: row.url.clone(),
            jurisdiction: row.jurisdiction.clone(),
        },
        purposes: bound,
        categories: policy.categories.keys().cloned().collect(),
        uses: Use::ALL.iter().copied().collect(),
        roles: Role::ALL.iter().copied().collect::<RoleSet>(),
        recipients: Recipients::company_only(),
        zones: Zones::inside(policy.regions.clone()),
        when: When::OutsideRegions(keys(&row.unless_regions, Region::new)?),
        binds: Binds::Contract("public-client".into()),
        mask: Mask::Full,
        keeps: None,
        from: at.minus(Span::days(COUNTY_SIGNED)),
        until: Timestamp::MAX,
        approved_by: row.approved_by.iter().map(|slug| staff_id(slug, at)).collect(),
        sentence: row.sentence.clone(),
        sentences: Also::default(),
    })
}
