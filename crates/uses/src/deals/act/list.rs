//! Deals for a list: structure is read for all of them, texts are opened only where a rule, a search or the page itself
//! needs them.

use std::collections::BTreeMap;

use assent_gate::Work;
use assent_kernel::DealId;
use assent_store::work::deals::{self, Deal, Pipeline};
use assent_store::work::leaf::Of;
use assent_store::work::sums::{self, Sum};
use assent_store::work::{MOST, Text};
use assent_web::fields::Field as Own;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use crate::around::deal::stage_of;
use crate::deals::model::narrow::narrow;
use crate::deals::model::{Row, SEARCHED};
use crate::filled::{self, Filled};
use crate::frame::{self, Colleagues};
use crate::leads::Leads;
use crate::lists::call::{Batches, Upto};
use crate::lists::{Listed, Page, Wanted, leaf, own};
use crate::organised;
use crate::texts::{self, Opened};

/// The columns that have to be asked for.
const TEXTS: &[&str] = &["title", "contact"];
/// The columns that are sealed under the company's key.
const NAMES: &[&str] = &["company"];

/// The deals that fit a list.
pub struct Found {
    /// Every one, in order.
    pub rows: Vec<Row>,
    /// How many were read before any rule.
    pub read: usize,
    /// Those whose titles had to be opened to find all of them; none when structure was enough.
    pub looked: Option<(Vec<Row>, Opened)>,
}

/// The deals of one pipeline, or of all, that fit what is wanted; as far as a program wants them.
pub async fn found(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    way: Option<&Pipeline>,
    colleagues: &Colleagues,
    (pipelines, own): (&[Pipeline], &[Own]),
    upto: Option<&Upto>,
) -> Result<Found, Problem> {
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.sees(Object::Deals));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let (gone, within) = (wanted.extra("show") == "removed", narrow(wanted, way, pipelines, now));
    let leads = Leads::of(ctx, staff, Work::Deal, &wanted.q).await?;
    let led = leads.fewest().cloned();
    let read = move |tx: &mut assent_store::Tx<'_>| match (gone, led) {
        (true, _) => deals::page(tx, company, &reach, true, None, MOST),
        (false, Some(led)) => deals::led(tx, company, &reach, &led, MOST),
        (false, None) => deals::narrowed(tx, company, &reach, &within, MOST),
    };
    let mut all = store.read(read).await?;
    let read = all.len();
    all.retain(|deal| leads.to(deal.id.to_bytes(), deal.organisation, deal.title.person()));
    all.retain(|deal| way.is_none_or(|way| way.id == deal.pipeline));
    let mut rows: Vec<Row> = all.into_iter().map(|deal| row(deal, colleagues, pipelines)).collect();
    let own_columns: Vec<String> = own.iter().map(own::key).collect();
    let asked: Vec<&str> = TEXTS.iter().copied().chain(own_columns.iter().map(String::as_str)).collect();
    let later: Vec<&str> = asked.iter().chain(NAMES).copied().collect();
    rows.retain(|row| wanted.may_take(row, now, &later));
    let (mut batches, mut rows) = (Batches::of(rows, upto), Vec::new());
    let mut looked = None;
    while let Some(mut some) = batches.next(rows.len()) {
        if wanted.touches(NAMES, SEARCHED) {
            name(ctx, staff, &mut some).await?;
        }
        if wanted.touches(&asked, SEARCHED) {
            let opened = open(ctx, staff, own, &mut some, None).await?;
            looked = upto.is_none().then(|| (some.clone(), opened));
        }
        some.retain(|row| wanted.takes(row, now, SEARCHED));
        rows.extend(some);
    }
    wanted.sort(&mut rows);
    Ok(Found { rows, read, looked })
}

/// A page of all deals that are here, or of those that were removed, read by id.
pub async fn leafed(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    (colleagues, pipelines): (&Colleagues, &[Pipeline]),
) -> Result<Page<Row>, Problem> {
    let (company, reach, gone) =
        (staff.company.id, staff.sees(Object::Deals), wanted.extra("show") == "removed");
    let id = |text: &str| text.parse::<DealId>().ok().map(DealId::to_bytes);
    let leaf = leaf::begin(ctx, staff, wanted, (Of::Deals, reach.clone()), id).await?;
    let before = leaf.before.map(DealId::from_bytes);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let all = store.read(move |tx| deals::page(tx, company, &reach, gone, before, leaf::ONE_MORE)).await?;
    let rows = all.into_iter().map(|deal| row(deal, colleagues, pipelines)).collect();
    Ok(leaf.page(wanted, rows, Listed::id))
}

/// All deals that are here, added up by stage.
pub async fn by_stage(ctx: &Ctx, staff: &Staff) -> Result<Vec<Sum<()>>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Deals));
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.read(move |tx| sums::by_stage(tx, company, &reach)).await?)
}

/// A row of which nothing is open yet.
fn row(deal: Deal, colleagues: &Colleagues, pipelines: &[Pipeline]) -> Row {
    Row {
        filled: Filled::default(),
        own: BTreeMap::new(),
        title: None,
        contact: None,
        company: String::new(),
        company_href: None,
        stage: stage_of(&deal, pipelines).cloned(),
        owner: colleagues.ruled(deal.owner),
        deal,
    }
}

/// The deals of these ids, removed or not, to be taken along. Another company's lead nowhere.
pub async fn picked(ctx: &Ctx, staff: &Staff, ids: Vec<DealId>) -> Result<Vec<Row>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Deals));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| {
        ids.iter().map(|id| deals::one(tx, company, &reach, *id)).collect::<Result<Option<Vec<Deal>>, _>>()
    });
    let all = read.await?.ok_or_else(super::nowhere)?;
    let (colleagues, ways) = (frame::colleagues(ctx, staff).await?, super::pipelines::all(ctx, staff).await?);
    let mut rows: Vec<Row> = all.into_iter().map(|deal| row(deal, &colleagues, &ways)).collect();
    name(ctx, staff, &mut rows).await?;
    Ok(rows)
}

/// Opens what the rows of a page show, unless their titles are open already.
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    own: &[Own],
    rows: &mut [Row],
    opened: Option<Opened>,
) -> Result<Opened, Problem> {
    let opened = match opened {
        Some(opened) => opened,
        None => {
            fill(ctx, staff, own, rows).await?;
            let names: Vec<String> = own.iter().map(|field| field.name.clone()).collect();
            let of = |row| {
                let Row { deal, filled, .. }: &Row = row;
                std::iter::once(&deal.title).chain(filled.texts_of(&names))
            };
            let all: Vec<&Text> = rows.iter().flat_map(of).collect();
            texts::listed(ctx, staff, all.into_iter()).await?
        }
    };
    for row in rows.iter_mut() {
        row.title = opened.plain(row.deal.id.to_bytes(), &row.deal.title);
        row.contact = opened.name(&row.deal.title).map(str::to_owned);
        let personal = row.deal.title.person().is_some();
        let value = |field: &Own| (own::key(field), row.filled.value(field, &opened, personal));
        row.own = own.iter().map(value).collect();
    }
    name(ctx, staff, rows).await?;
    Ok(opened)
}

/// Reads what stands in the fields of deals, when any of them are wanted.
pub async fn fill(ctx: &Ctx, staff: &Staff, own: &[Own], rows: &mut [Row]) -> Result<(), Problem> {
    if own.is_empty() {
        return Ok(());
    }
    let ids = rows.iter().map(|row| row.deal.id.to_bytes()).collect();
    let mut filled = filled::read(ctx, staff, ids).await?;
    for row in rows {
        row.filled = filled.remove(&row.deal.id.to_bytes()).unwrap_or_default();
    }
    Ok(())
}

/// Names the organisations of rows.
async fn name(ctx: &Ctx, staff: &Staff, rows: &mut [Row]) -> Result<(), Problem> {
    let ids = rows.iter().filter_map(|row| row.deal.organisation);
    let told = organised::told(ctx, staff, ids).await?;
    for row in rows {
        let Some((id, firm)) = row.deal.organisation.and_then(|id| Some((id, told.get(&id)?))) else {
            continue;
        };
        (row.company, row.company_href) = (firm.name.clone(), firm.href(id));
    }
    Ok(())
}
