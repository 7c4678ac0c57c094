//! Deals for a list: structure is read for all of them, texts are opened only where a rule, a search or the page itself
//! needs them.

use std::collections::BTreeMap;

use assent_gate::Work;
use assent_kernel::DealId;
use assent_store::work::MOST;
use assent_store::work::deals::{self, Deal, Pipeline};
use assent_store::work::leaf::Of;
use assent_store::work::sums::{self, Sum};
use assent_web::fields::Field as Own;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use crate::around::beside::Side;
use crate::around::deal::stage_of;
use crate::deals::model::narrow::narrow;
use crate::deals::model::{Row, SEARCHED};
use crate::filled::{self, Filled, Heading, What};
use crate::frame::{self, Colleagues};
use crate::leads::Leads;
use crate::lists::call::{Batches, Upto};
use crate::lists::{Listed, Page, Wanted, leaf, origin, own};
use crate::organised;
use crate::texts::Opened;

/// Right before and right after, when there is one.
type Beside = (Option<String>, Option<String>);

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
    /// What was opened to find them; none when structure was enough.
    pub opened: Option<Opened>,
    /// Those whose titles had to be opened to find all of them; none when they did not.
    pub looked: Option<Vec<Row>>,
}

/// What deals are judged by, and shown with.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// What is wanted.
    pub wanted: &'a Wanted,
    /// The pipeline that is shown; none for all of them.
    pub way: Option<&'a Pipeline>,
    /// Who may look after them.
    pub colleagues: &'a Colleagues,
    /// Every pipeline.
    pub pipelines: &'a [Pipeline],
    /// The company's own fields.
    pub own: &'a [Own],
    /// Whether titles that are opened are shown with whom they are with.
    pub named: bool,
}

impl By<'_> {
    /// The columns that have to be asked for.
    fn asked(&self) -> Vec<String> {
        TEXTS.iter().map(|key| (*key).to_owned()).chain(self.own.iter().map(own::key)).collect()
    }

    /// What the rules, the search and the order look at.
    fn what(&self) -> What {
        let touched = |field: &&Own| self.wanted.touches(&[&own::key(field)], &[]);
        let names = self.named || self.wanted.touches(&["contact"], SEARCHED);
        What {
            heads: Heading::needed(self.wanted.touches(TEXTS, SEARCHED), names),
            own: self.own.iter().filter(touched).cloned().collect(),
        }
    }

    /// Whether people have to be asked about to know which deals fit, and where they stand.
    pub fn asks(&self) -> bool {
        self.what().is_any()
    }

    /// Whether the order depends on what is sealed.
    fn is_sorted_by_sealed(&self) -> bool {
        let sealed = |key: &str| NAMES.contains(&key) || self.asked().iter().any(|one| one == key);
        self.wanted.sort.as_ref().is_some_and(|(key, _)| sealed(key))
    }
}

/// The deals of one pipeline, or of all, that fit what is wanted; as far as a program wants them.
pub async fn found(ctx: &Ctx, staff: &Staff, by: By<'_>, upto: Option<&Upto>) -> Result<Found, Problem> {
    let (rows, read) = narrowed(ctx, staff, by).await?;
    let (mut batches, mut rows) = (Batches::of(rows, upto), Vec::new());
    let (mut opened, mut looked): (Option<Opened>, _) = (None, None);
    while let Some(mut some) = batches.next(rows.len()) {
        let more = judge(ctx, staff, by, &mut some).await?;
        opened = match (opened, more) {
            (Some(opened), Some(more)) => Some(opened.and(more)),
            (one, other) => one.or(other),
        };
        looked = (upto.is_none() && by.what().heads != Heading::Closed).then(|| some.clone()).or(looked);
        some.retain(|row| by.wanted.takes(row, ctx.now(), SEARCHED));
        rows.extend(some);
    }
    by.wanted.sort(&mut rows);
    Ok(Found { rows, read, opened, looked })
}

/// The deals that may fit, judged by structure alone, newest first; and how many were read before any rule.
async fn narrowed(ctx: &Ctx, staff: &Staff, by: By<'_>) -> Result<(Vec<Row>, usize), Problem> {
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.sees(Object::Deals));
    let By { wanted, way, colleagues, pipelines, .. } = by;
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
    let record = |deal: &Deal| (deal.id.to_bytes(), deal.organisation, deal.title.person());
    all = leads.narrow(ctx, staff, all, record).await?;
    all.retain(|deal| way.is_none_or(|way| way.id == deal.pipeline));
    let mut rows: Vec<Row> = all.into_iter().map(|deal| row(deal, colleagues, pipelines)).collect();
    let asked = by.asked();
    let later: Vec<&str> = asked.iter().map(String::as_str).chain(NAMES.iter().copied()).collect();
    rows.retain(|row| wanted.may_take(row, now, &later));
    Ok((rows, read))
}

/// Opens of these rows what the rules or the order look at; what was opened, if anything was.
async fn judge(ctx: &Ctx, staff: &Staff, by: By<'_>, rows: &mut [Row]) -> Result<Option<Opened>, Problem> {
    if by.wanted.touches(NAMES, SEARCHED) {
        name(ctx, staff, rows).await?;
    }
    let what = by.what();
    if !what.is_any() {
        return Ok(None);
    }
    open(ctx, staff, rows, (&what, None)).await.map(Some)
}

/// The deals of a list, in its order, judged by structure alone: those that are sealed keep their places.
async fn placed(ctx: &Ctx, staff: &Staff, by: By<'_>, deal: Deal) -> Result<Vec<Row>, Problem> {
    let (mut rows, _) = narrowed(ctx, staff, by).await?;
    // It may have been changed meanwhile, and fit no more: it keeps its place.
    if !rows.iter().any(|one| one.deal.id == deal.id) {
        rows.push(row(deal, by.colleagues, by.pipelines));
        rows.sort_by_key(|one| std::cmp::Reverse(one.deal.id));
    }
    Ok(rows)
}

/// The deals right before and right after one in a list that asks about nobody.
pub async fn by_place(ctx: &Ctx, staff: &Staff, by: By<'_>, deal: Deal) -> Result<Beside, Problem> {
    let id = deal.id.to_string();
    let mut rows = placed(ctx, staff, by, deal).await?;
    judge(ctx, staff, by, &mut rows).await?;
    rows.retain(|row| row.id() == id || by.wanted.takes(row, ctx.now(), SEARCHED));
    order(by, &mut rows);
    Ok(origin::beside(&rows, &id))
}

/// The deal on one side of another in a list that asks about people. No more is opened than what lies between, unless the
/// order itself depends on what is sealed.
pub async fn decided(
    ctx: &Ctx,
    staff: &Staff,
    by: By<'_>,
    (deal, side): (Deal, Side),
) -> Result<Option<String>, Problem> {
    let id = deal.id.to_string();
    if by.is_sorted_by_sealed() {
        return by_place(ctx, staff, by, deal).await.map(|both| side.of(both));
    }
    let mut rows = placed(ctx, staff, by, deal).await?;
    order(by, &mut rows);
    let (mut batches, mut found) = (Batches::until_one(side.of(origin::around(rows, &id))), None);
    while let Some(mut some) = batches.next(usize::from(found.is_some())) {
        judge(ctx, staff, by, &mut some).await?;
        found = some.iter().find(|row| by.wanted.takes(*row, ctx.now(), SEARCHED)).map(Listed::id);
    }
    Ok(found)
}

/// Puts rows in the order of the list; those of a board lane by lane.
fn order(by: By<'_>, rows: &mut [Row]) {
    by.wanted.sort(rows);
    if by.wanted.extra("view") == "board" {
        rows.sort_by_key(|row| row.stage.as_ref().map(|stage| stage.place));
    }
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

/// Opens what the rows of a page show, as far as it was not asked for already.
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    rows: &mut [Row],
    (what, opened): (&What, Option<Opened>),
) -> Result<Opened, Problem> {
    fill(ctx, staff, &what.own, rows).await?;
    let all = rows.iter().map(|row| (&row.deal.title, &row.filled));
    let opened = filled::open(ctx, staff, all, (what, opened)).await?;
    for row in rows.iter_mut() {
        row.title = opened.plain(row.deal.id.to_bytes(), &row.deal.title);
        row.contact = opened.name(&row.deal.title).map(str::to_owned);
        let personal = row.deal.title.person().is_some();
        row.own = row.filled.values(what.own.iter(), (&opened, personal));
    }
    name(ctx, staff, rows).await?;
    Ok(opened)
}

/// Reads what stands in the fields of deals, when any of them are wanted.
pub async fn fill(ctx: &Ctx, staff: &Staff, own: &[Own], rows: &mut [Row]) -> Result<(), Problem> {
    if own.is_empty() {
        return Ok(());
    }
    filled::fill(ctx, staff, rows).await
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
