//! Organisations by name, for every room that shows one. What is known of them is the company's own, sealed.

use std::collections::{BTreeMap, HashMap};

use assent_gate::{Own, Work, fold};
use assent_kernel::OrganisationId;
use assent_store::events;
use assent_store::work::leaf::Of;
use assent_store::work::{self, MOST, activities, organisations};
use assent_web::parts::Shown;
use assent_web::reach::{Object, Reach};
use assent_web::{Ctx, Problem, Staff};
use serde::{Deserialize, Serialize};

use crate::around::{self, note};
use crate::lists::{Page, Wanted, leaf};

/// The most that are found by words.
const FOUND: u32 = 1_000;

/// What is known of an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it is called.
    pub name: String,
    /// Its page.
    #[serde(default)]
    pub website: String,
    /// Where it is.
    #[serde(default)]
    pub city: String,
    /// What it does.
    #[serde(default)]
    pub trade: String,
    /// What stands in the fields that the company made, by their short names.
    #[serde(default)]
    pub more: BTreeMap<String, String>,
}

/// An organisation with what is known of it.
#[derive(Debug, Clone)]
pub struct One {
    /// The row.
    pub row: organisations::Organisation,
    /// What is known.
    pub known: Known,
}

fn opened(own: &Own, row: organisations::Organisation) -> Option<One> {
    let text = own.open(row.id.to_bytes(), &row.own).ok()?;
    Some(One { known: serde_json::from_str(&text).ok()?, row })
}

/// Nothing by that id: never was, another company's, or no id at all.
pub fn nowhere() -> Problem {
    Problem::not_found("There is no organisation here by that id.")
}

/// All within reach that are here, or those that were removed; newest first.
pub async fn all(ctx: &Ctx, staff: &Staff, gone: bool) -> Result<Vec<One>, Problem> {
    open(ctx, staff, page(ctx, staff, gone, None, MOST).await?).await
}

/// Those that came before one, newest first, up to so many; sealed, so that a page is cut before it is opened: one that does
/// not open ends no list.
pub async fn page(
    ctx: &Ctx,
    staff: &Staff,
    gone: bool,
    before: Option<OrganisationId>,
    most: u32,
) -> Result<Vec<organisations::Organisation>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Organisations));
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.read(move |tx| organisations::page(tx, company, &reach, gone, before, most)).await?)
}

/// What is known of these; one that does not open is left out.
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    rows: Vec<organisations::Organisation>,
) -> Result<Vec<One>, Problem> {
    let own = ctx.gate.own(staff.company.id).await?;
    Ok(rows.into_iter().filter_map(|row| opened(&own, row)).collect())
}

/// A page of all within reach that are here, or of those that were removed, read by id.
pub async fn leafed(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<Page<One>, Problem> {
    let (reach, gone) = (staff.sees(Object::Organisations), wanted.extra("show") == "removed");
    let id = |text: &str| text.parse::<OrganisationId>().ok().map(OrganisationId::to_bytes);
    let leaf = leaf::begin(ctx, staff, wanted, (Of::Organisations, reach), id).await?;
    let before = leaf.before.map(OrganisationId::from_bytes);
    let rows = page(ctx, staff, gone, before, leaf::ONE_MORE).await?;
    let Page { rows, before, after, total } = leaf.page(wanted, rows, |row| row.id.to_string());
    Ok(Page { rows: open(ctx, staff, rows).await?, before, after, total })
}

/// One within reach, removed or not.
pub async fn one(ctx: &Ctx, staff: &Staff, id: OrganisationId) -> Result<One, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Organisations));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let row = store.read(move |tx| organisations::one(tx, company, &reach, id)).await?;
    let own = ctx.gate.own(company).await?;
    row.and_then(|row| opened(&own, row)).ok_or_else(nowhere)
}

/// These, removed or not, in this order. One that is not there leads nowhere.
pub async fn some(ctx: &Ctx, staff: &Staff, ids: Vec<OrganisationId>) -> Result<Vec<One>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Organisations));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| {
        ids.iter()
            .map(|id| organisations::one(tx, company, &reach, *id))
            .collect::<Result<Option<Vec<_>>, _>>()
    });
    let rows = read.await?.ok_or_else(nowhere)?;
    let own = ctx.gate.own(company).await?;
    Ok(rows.into_iter().filter_map(|row| opened(&own, row)).collect())
}

/// What an organisation is called beside something within reach, and whether it is itself.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// Whether it has a page for whoever looks.
    pub seen: bool,
}

impl Told {
    /// As it is shown: leading to it where there is something to see.
    pub fn shown(&self, id: OrganisationId) -> Shown {
        match self.href(id) {
            Some(href) => Shown::Linked(self.name.clone(), href),
            None => Shown::Plain(self.name.clone()),
        }
    }
    /// Where it is, for whoever sees it.
    pub fn href(&self, id: OrganisationId) -> Option<String> {
        self.seen.then(|| format!("/organisations/{id}"))
    }
}

/// What these are called, whoever looks after them: what is within reach tells with whom it is.
pub async fn told(
    ctx: &Ctx,
    staff: &Staff,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<HashMap<OrganisationId, Told>, Problem> {
    let mut ids: Vec<OrganisationId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || !staff.has(Object::Organisations) {
        return Ok(HashMap::new());
    }
    let company = staff.company.id;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows = store.read(move |tx| organisations::to_name(tx, company, &ids)).await?;
    let own = ctx.gate.own(company).await?;
    let told = |one: One| {
        let seen = staff.may_see(Object::Organisations, &[one.row.owner]);
        (one.row.id, Told { name: one.known.name, seen })
    };
    Ok(rows.into_iter().filter_map(|row| opened(&own, row)).map(told).collect())
}

/// The names of these alone.
pub async fn names(
    ctx: &Ctx,
    staff: &Staff,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<HashMap<OrganisationId, String>, Problem> {
    Ok(told(ctx, staff, ids).await?.into_iter().map(|(id, one)| (id, one.name)).collect())
}

/// Those within reach whose names hold words that begin like these.
pub async fn found(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Vec<One>, Problem> {
    called(ctx, staff, &staff.sees(Object::Organisations), text).await
}

async fn called(ctx: &Ctx, staff: &Staff, reach: &Reach, text: &str) -> Result<Vec<One>, Problem> {
    let (company, reach) = (staff.company.id, reach.clone());
    let own = ctx.gate.own(company).await?;
    let tokens = own.query(Work::Organisation, text);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows = store.read(move |tx| {
        // Cut to whose they are before to how many.
        let things = work::by_words(tx, company, &tokens, MOST)?;
        organisations::led(tx, company, &reach, &things, FOUND)
    });
    Ok(rows.await?.into_iter().filter_map(|row| opened(&own, row)).collect())
}

/// Which organisation a name means to whoever types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// None is called so.
    None,
    /// This one.
    Seen(OrganisationId),
    /// One that is out of their reach.
    Far,
}

/// What is said where a name means one that is out of reach.
pub const FAR: &str =
    "A colleague looks after an organisation of this name, and you do not see it. Ask them, or leave it out.";

/// The one of exactly this name, here the one that stands there `now` before any other. One out of reach is not used, and
/// not told; but nobody puts the same one down once more.
pub async fn named(
    ctx: &Ctx,
    staff: &Staff,
    name: &str,
    now: Option<OrganisationId>,
) -> Result<Named, Problem> {
    let wanted = fold(name);
    let mut all = called(ctx, staff, &Reach::all(), name).await?;
    all.retain(|one| fold(&one.known.name) == wanted);
    let stands = |one: &&One| Some(one.row.id) == now;
    let seen = |one: &&One| staff.may_see(Object::Organisations, &[one.row.owner]);
    let meant = all.iter().find(stands).or_else(|| all.iter().find(seen));
    Ok(match (meant, all.is_empty()) {
        (Some(one), _) => Named::Seen(one.row.id),
        (None, true) => Named::None,
        (None, false) => Named::Far,
    })
}

/// Puts a new one down.
pub async fn make(
    ctx: &Ctx,
    staff: &Staff,
    known: &Known,
    owner: Option<assent_kernel::StaffId>,
) -> Result<OrganisationId, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let id = ctx.gate.fresh(now, OrganisationId::new)?;
    let own = ctx.gate.own(company).await?;
    let (sealed, tokens) =
        (own.seal(id.to_bytes(), &written(known)?)?, own.tokens(Work::Organisation, &known.name));
    let row = organisations::Organisation { id, own: sealed, owner, created_at: now, gone_at: None, ver: 1 };
    let store = ctx.gate.region_db(&staff.company.region)?;
    store
        .write(move |tx| {
            organisations::add(tx, company, &row)?;
            events::add(tx, company, events::Kind::OrganisationChanged, id, now)?;
            work::set_words(tx, company, id.to_bytes(), &tokens)
        })
        .await?;
    Ok(id)
}

/// To one that was saved, or to the list when it was handed out of reach.
pub fn saved(
    staff: &Staff,
    owner: Option<assent_kernel::StaffId>,
    page: &str,
    word: &str,
) -> axum::response::Response {
    crate::frame::saved(staff, (Object::Organisations, &[owner]), (page, "/organisations"), word)
}

/// Whether one is theirs to change.
pub fn may_change(staff: &Staff, row: &organisations::Organisation) -> bool {
    staff.changes(Object::Organisations, &[row.owner])
}

/// Refuses to change one that is not theirs to change.
pub fn must_change(staff: &Staff, row: &organisations::Organisation) -> Result<(), Problem> {
    staff.must_change(Object::Organisations, &[row.owner])
}

/// Puts what is known now in the place of what was known.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    old: &organisations::Organisation,
    known: &Known,
    owner: Option<assent_kernel::StaffId>,
) -> Result<(), Problem> {
    must_change(staff, old)?;
    let (company, id, ver, now) = (staff.company.id, old.id, old.ver, ctx.now());
    let own = ctx.gate.own(company).await?;
    let (sealed, tokens) =
        (own.seal(id.to_bytes(), &written(known)?)?, own.tokens(Work::Organisation, &known.name));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let line = note::given(ctx, staff, around::Of::Organisation(id), (old.owner, owner))?;
    let there = store.write(move |tx| {
        let there = organisations::change(tx, company, (id, ver), &sealed, owner)?;
        if there {
            line.iter().try_for_each(|line| activities::add(tx, company, line))?;
            work::set_words(tx, company, id.to_bytes(), &tokens)?;
            events::add(tx, company, events::Kind::OrganisationChanged, id, now)?;
        }
        Ok(there)
    });
    if there.await? { Ok(()) } else { Err(assent_store::StoreError::Moved.into()) }
}

fn written(known: &Known) -> Result<String, Problem> {
    serde_json::to_string(known).map_err(|error| Problem::internal(&error))
}
