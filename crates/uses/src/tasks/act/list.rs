//! Tasks for a list: structure is read for all of them, texts and values are opened only where a rule, a search, an order or the
//! page itself needs them.

use assent_gate::Work;
use assent_kernel::{StaffId, TaskId};
use assent_store::work::MOST;
use assent_store::work::leaf::Of;
use assent_store::work::tasks::{self, Task};
use assent_web::fields::Field;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::nowhere;
use crate::filled::{self, Heading, What};
use crate::frame::{self, Colleagues};
use crate::leads::Leads;
use crate::lists::call::{Batches, Upto};
use crate::lists::{Listed, Page, Wanted, leaf, own};
use crate::tasks::model::narrow::narrow;
use crate::tasks::model::{Row, SEARCHED};
use crate::texts::Opened;

/// The tasks that fit a list.
pub struct Found {
    /// Every one, in order.
    pub rows: Vec<Row>,
    /// How many were read before any rule.
    pub read: usize,
    /// What was opened to find them; none when structure was enough.
    pub opened: Option<Opened>,
}

/// What tasks are judged by.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// What is wanted.
    pub wanted: &'a Wanted,
    /// Who may do them.
    pub colleagues: &'a Colleagues,
    /// The company's own fields.
    pub own: &'a [Field],
    /// Whether what is to be done is shown with whom it is about.
    pub named: bool,
}

/// The columns that have to be asked for, beside those of the company's own fields.
const TEXTS: &[&str] = &["text", "about"];

impl By<'_> {
    /// What the rules, the search and the order look at.
    fn what(&self) -> What {
        let touched = |field: &&Field| self.wanted.touches(&[&own::key(field)], &[]);
        let names = self.named || self.wanted.touches(&["about"], SEARCHED);
        What {
            heads: Heading::needed(self.wanted.touches(TEXTS, SEARCHED), names),
            own: self.own.iter().filter(touched).cloned().collect(),
        }
    }
}

/// The tasks that fit what is wanted. Structure is read for all, texts and values are opened only where a rule needs them,
/// and as far as a program wants them.
pub async fn found(ctx: &Ctx, staff: &Staff, by: By<'_>, upto: Option<&Upto>) -> Result<Found, Problem> {
    let (wanted, now, what) = (by.wanted, ctx.now(), by.what());
    let (rows, read) = narrowed(ctx, staff, by).await?;
    let (mut batches, mut rows) = (Batches::of(rows, upto), Vec::new());
    let mut opened: Option<Opened> = None;
    while let Some(mut some) = batches.next(rows.len()) {
        if what.is_any() {
            let more = open(ctx, staff, &mut some, (&what, None)).await?;
            opened = Some(match opened {
                Some(opened) => opened.and(more),
                None => more,
            });
        }
        some.retain(|row| wanted.takes(row, now, SEARCHED));
        rows.extend(some);
    }
    wanted.sort(&mut rows);
    Ok(Found { rows, read, opened })
}

/// The tasks that may fit, judged by structure alone, newest first; and how many were read before any rule.
async fn narrowed(ctx: &Ctx, staff: &Staff, by: By<'_>) -> Result<(Vec<Row>, usize), Problem> {
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.sees(Object::Tasks));
    let By { wanted, colleagues, own, .. } = by;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let (gone, within) = (wanted.extra("show") == "removed", narrow(wanted, colleagues, now));
    let leads = Leads::of(ctx, staff, Work::Task, &wanted.q).await?;
    let led = leads.fewest().cloned();
    let read = move |tx: &mut assent_store::Tx<'_>| match (gone, led) {
        (true, _) => tasks::page(tx, company, &reach, true, None, MOST),
        (false, Some(led)) => tasks::led(tx, company, &reach, &led, MOST),
        (false, None) => tasks::narrowed(tx, company, &reach, &within, MOST),
    };
    let all = store.read(read).await?;
    let read = all.len();
    let all = leads.narrow(ctx, staff, all, |task| (task.id.to_bytes(), None, task.text.person())).await?;
    let mut rows: Vec<Row> = all.into_iter().map(|task| Row::new(task, colleagues)).collect();
    let keys: Vec<String> = own.iter().map(own::key).collect();
    let later: Vec<&str> = TEXTS.iter().copied().chain(keys.iter().map(String::as_str)).collect();
    rows.retain(|row| wanted.may_take(row, now, &later));
    Ok((rows, read))
}

/// A page of all tasks that are here, or of those that were removed, read by id.
pub async fn leafed(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    colleagues: &Colleagues,
) -> Result<Page<Row>, Problem> {
    let (company, reach, gone) =
        (staff.company.id, staff.sees(Object::Tasks), wanted.extra("show") == "removed");
    let id = |text: &str| text.parse::<TaskId>().ok().map(TaskId::to_bytes);
    let leaf = leaf::begin(ctx, staff, wanted, (Of::Tasks, reach.clone()), id).await?;
    let before = leaf.before.map(TaskId::from_bytes);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let all = store.read(move |tx| tasks::page(tx, company, &reach, gone, before, leaf::ONE_MORE)).await?;
    let rows = all.into_iter().map(|task| Row::new(task, colleagues)).collect();
    Ok(leaf.page(wanted, rows, Listed::id))
}

/// The tasks of these ids, removed or not, to be taken along with what stands in their fields. Another company's lead nowhere.
pub async fn picked(ctx: &Ctx, staff: &Staff, ids: Vec<TaskId>) -> Result<Vec<Row>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| {
        ids.iter().map(|id| tasks::one(tx, company, &reach, *id)).collect::<Result<Option<Vec<Task>>, _>>()
    });
    let all = read.await?.ok_or_else(nowhere)?;
    let colleagues = frame::colleagues(ctx, staff).await?;
    let mut rows: Vec<Row> = all.into_iter().map(|task| Row::new(task, &colleagues)).collect();
    filled::fill(ctx, staff, &mut rows).await?;
    Ok(rows)
}

/// Opens what the rows of a page show, as far as it was not asked for already.
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    rows: &mut [Row],
    (what, opened): (&What, Option<Opened>),
) -> Result<Opened, Problem> {
    if !what.own.is_empty() {
        filled::fill(ctx, staff, rows).await?;
    }
    let all = rows.iter().map(|row| (&row.task.text, &row.filled));
    let opened = filled::open(ctx, staff, all, (what, opened)).await?;
    for row in rows {
        row.text = opened.plain(row.task.id.to_bytes(), &row.task.text);
        row.about = opened.name(&row.task.text).map(str::to_owned);
        let personal = row.task.text.person().is_some();
        row.own = row.filled.values(what.own.iter(), (&opened, personal));
    }
    Ok(opened)
}

/// What somebody has to do.
pub async fn to_do(ctx: &Ctx, staff: &Staff, who: StaffId) -> Result<Vec<Task>, Problem> {
    let (company, has) = (staff.company.id, staff.has(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        if has { tasks::open_of(tx, company, who) } else { Ok(Vec::new()) }
    };
    Ok(store.read(read).await?)
}
