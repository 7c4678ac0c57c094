//! Verbs: list, make, change, finish, remove and bring back; read what colleagues said.

pub mod inbox;
pub mod letters;

use assent_gate::Work;
use assent_kernel::{DealId, OrganisationId, PersonId, Reason, StaffId, TaskId};
use assent_store::work::items::{self, ItemId};
use assent_store::work::leaf::Of;
use assent_store::work::mentions::Why;
use assent_store::work::tasks::{self, Task};
use assent_store::work::{self, MOST, deals, organisations};
use assent_store::{StoreError, callers, events};
use assent_web::objects;
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Staff};

use super::model::narrow::narrow;
use super::model::{Row, SEARCHED, Typed};
use crate::around::task::owners;
use crate::around::{self, Place, note};
use crate::frame::{self, Colleagues};
use crate::leads::Leads;
use crate::lists::call::{Batches, Upto};
use crate::lists::{Listed, Page, Wanted, leaf};
use crate::seen::TASK;
use crate::texts::{self, Opened};

/// Nothing by that id: never was, another company's, or no id at all.
pub fn nowhere() -> Problem {
    Problem::not_found("There is no task here by that id.")
}

/// Reads an id of an address; what is none leads nowhere.
pub fn id(text: &str) -> Result<TaskId, Problem> {
    text.parse().map_err(|_| nowhere())
}

/// The tasks that fit a list.
pub struct Found {
    /// Every one, in order.
    pub rows: Vec<Row>,
    /// How many were read before any rule.
    pub read: usize,
    /// What was opened to find them; none when structure was enough.
    pub opened: Option<Opened>,
}

/// The columns that have to be asked for.
const TEXTS: &[&str] = &["text", "about"];

/// The tasks that fit what is wanted. Structure is read for all, texts are opened only where a rule needs them,
/// and as far as a program wants them.
pub async fn found(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    colleagues: &Colleagues,
    upto: Option<&Upto>,
) -> Result<Found, Problem> {
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.sees(Object::Tasks));
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
    let mut rows: Vec<Row> = all.into_iter().map(|task| row(task, colleagues)).collect();
    rows.retain(|row| wanted.may_take(row, now, TEXTS));
    let (mut batches, mut rows) = (Batches::of(rows, upto), Vec::new());
    let mut opened: Option<Opened> = None;
    while let Some(mut some) = batches.next(rows.len()) {
        if wanted.touches(TEXTS, SEARCHED) {
            let more = open(ctx, staff, &mut some, None).await?;
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
    let rows = all.into_iter().map(|task| row(task, colleagues)).collect();
    Ok(leaf.page(wanted, rows, Listed::id))
}

/// A row of which nothing is open yet.
fn row(task: Task, colleagues: &Colleagues) -> Row {
    Row { text: None, about: None, who: colleagues.ruled(task.assignee), task }
}

/// Whose day and inbox a program means: those of whoever made its key.
pub async fn maker(ctx: &Ctx, staff: &Staff) -> Result<StaffId, Problem> {
    let (company, key) = (staff.company.id, staff.id);
    let human = ctx.gate.home().read(move |tx| callers::answers(tx, company, key)).await?;
    human.ok_or_else(|| {
        Problem::forbidden(
            "This key was made on the command line: it is nobody's, so it has no day and no inbox.",
        )
    })
}

/// The tasks of these ids, removed or not, to be taken along. Another company's lead nowhere.
pub async fn picked(ctx: &Ctx, staff: &Staff, ids: Vec<TaskId>) -> Result<Vec<Row>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| {
        ids.iter().map(|id| tasks::one(tx, company, &reach, *id)).collect::<Result<Option<Vec<Task>>, _>>()
    });
    let all = read.await?.ok_or_else(nowhere)?;
    let colleagues = frame::colleagues(ctx, staff).await?;
    Ok(all.into_iter().map(|task| row(task, &colleagues)).collect())
}

/// Opens what the rows of a page show, unless it is open already.
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    rows: &mut [Row],
    opened: Option<Opened>,
) -> Result<Opened, Problem> {
    let opened = match opened {
        Some(opened) => opened,
        None => texts::listed(ctx, staff, rows.iter().map(|row| &row.task.text)).await?,
    };
    for row in rows {
        row.text = opened.plain(row.task.id.to_bytes(), &row.task.text);
        row.about = opened.name(&row.task.text).map(str::to_owned);
    }
    Ok(opened)
}

/// What somebody has to do, with what is open of it to whoever asks.
pub async fn to_do(ctx: &Ctx, staff: &Staff, who: StaffId) -> Result<(Vec<Task>, Opened), Problem> {
    let (company, has) = (staff.company.id, staff.has(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        if has { tasks::open_of(tx, company, who) } else { Ok(Vec::new()) }
    };
    let all = store.read(read).await?;
    let opened = texts::listed(ctx, staff, all.iter().map(|task| &task.text)).await?;
    Ok((all, opened))
}

/// Refuses to change a task that is not theirs to change: it belongs to whoever does it and to whoever wrote it down.
pub fn must_change(staff: &Staff, task: &Task) -> Result<(), Problem> {
    staff.must_change(Object::Tasks, &owners(task))
}

/// To a task that was saved, or to the list when it was handed out of reach.
pub fn saved(staff: &Staff, owners: &[Option<StaffId>], page: &str, word: &str) -> axum::response::Response {
    frame::saved(staff, (Object::Tasks, owners), (page, "/tasks"), word)
}

/// One task within reach, removed or not.
pub async fn one(ctx: &Ctx, staff: &Staff, id: TaskId) -> Result<Task, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    store.read(move |tx| tasks::one(tx, company, &reach, id)).await?.ok_or_else(nowhere)
}

/// What a task is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct For {
    /// The person it is about.
    pub person: Option<PersonId>,
    /// The organisation it is for.
    pub organisation: Option<OrganisationId>,
    /// The deal it is for.
    pub deal: Option<DealId>,
    /// The item it is for, and where that is.
    pub item: Option<(ItemId, String)>,
}

impl For {
    /// Where a task made from a record leads back to.
    pub fn back(&self) -> String {
        if let Some((_, there)) = &self.item {
            return format!("{there}?tab=tasks");
        }
        match (self.deal, self.organisation, self.person) {
            (Some(id), _, _) => format!("/deals/{id}?tab=tasks"),
            (None, Some(id), _) => format!("/organisations/{id}?tab=tasks"),
            (None, None, Some(id)) => format!("/people/{id}?tab=tasks"),
            (None, None, None) => "/tasks".into(),
        }
    }
}

/// Reads what a task is for. Another company's ids lead nowhere; a deal with a person is about that person.
pub async fn whom(ctx: &Ctx, staff: &Staff, fields: &Fields) -> Result<For, Problem> {
    let company = staff.company.id;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let mut out = For::default();
    if !fields.get("person").is_empty() {
        let id: PersonId = fields.get("person").parse().map_err(|_| nowhere())?;
        out.person = Some(ctx.gate.look_one(&staff.people(), id).await?.id());
    }
    if !fields.get("organisation").is_empty() {
        let id: OrganisationId = fields.get("organisation").parse().map_err(|_| nowhere())?;
        let reach = staff.sees(Object::Organisations);
        let known = store.read(move |tx| organisations::one(tx, company, &reach, id)).await?;
        out.organisation = Some(known.ok_or_else(nowhere)?.id);
    }
    if !fields.get("deal").is_empty() {
        let id: DealId = fields.get("deal").parse().map_err(|_| nowhere())?;
        let reach = staff.sees(Object::Deals);
        let deal = store.read(move |tx| deals::one(tx, company, &reach, id)).await?.ok_or_else(nowhere)?;
        (out.deal, out.organisation) = (Some(deal.id), deal.organisation);
        out.person = deal.title.person().or(out.person);
    }
    if !fields.get("item").is_empty() {
        let id: ItemId = fields.get("item").parse().map_err(|_| nowhere())?;
        let place = Place::read(ctx, staff, around::Of::Item(id)).await?.ok_or_else(nowhere)?;
        out.person = place.about.or(out.person);
        out.item = item(ctx, staff, Some(id)).await?;
    }
    Ok(out)
}

/// What a task is for that is there.
pub async fn of(ctx: &Ctx, staff: &Staff, task: &Task) -> Result<For, Problem> {
    let item = item(ctx, staff, task.item).await?;
    Ok(For { person: task.text.person(), organisation: task.organisation, deal: task.deal, item })
}

/// An item within reach, with where it is.
async fn item(ctx: &Ctx, staff: &Staff, id: Option<ItemId>) -> Result<Option<(ItemId, String)>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let (company, reach) = (staff.company.id, staff.sees(Object::Things));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let found = store.read(move |tx| items::one(tx, company, &reach, id)).await?;
    Ok(found.map(|item| (id, format!("{}/{id}", objects::href(&item.object)))))
}

/// Makes a task; why not, when it may not be kept about the person.
pub async fn make(
    ctx: &Ctx,
    staff: &Staff,
    typed: &Typed,
    of: For,
    colleagues: &Colleagues,
) -> Result<Result<TaskId, Reason>, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let id = ctx.gate.fresh(now, TaskId::new)?;
    let text = match texts::keep(ctx, staff, id.to_bytes(), TASK, of.person, &typed.text).await? {
        Ok(text) => text,
        Err(reason) => return Ok(Err(reason)),
    };
    let assignee = colleagues.read(&typed.who)?;
    let task = Task {
        id,
        text,
        organisation: of.organisation,
        deal: of.deal,
        item: of.item.map(|(id, _)| id),
        due_on: typed.due_on(now),
        remind_at: typed.remind_at(now),
        assignee,
        made_by: staff.id,
        created_at: now,
        done_at: None,
        gone_at: None,
        ver: 1,
    };
    let tokens = texts::tokens(ctx, staff, Work::Task, &task.text, &typed.text).await?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        tasks::add(tx, company, &task)?;
        work::set_words(tx, company, id.to_bytes(), &tokens)?;
        events::add(tx, company, events::Kind::TaskChanged, id, now)
    });
    write.await?;
    follow(ctx, staff, assignee, id, of.person).await;
    Ok(Ok(id))
}

/// What follows a change: whoever a task was given to is told, and it is looked again whether its person is here.
async fn follow(ctx: &Ctx, staff: &Staff, given: Option<StaffId>, id: TaskId, about: Option<PersonId>) {
    if let Some(to) = given {
        let told = note::hand(ctx, staff, to, Why::Task, &format!("/tasks/{id}"), about).await;
        frame::afterwards("telling a colleague", told);
    }
    frame::afterwards("looking again", texts::settle(&ctx.gate, &staff.company, about).await);
}

/// Changes a task; why not, when it may not be kept about the person.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    old: &Task,
    before: &str,
    typed: &Typed,
    colleagues: &Colleagues,
) -> Result<Result<(), Reason>, Problem> {
    must_change(staff, old)?;
    let (company, now, id) = (staff.company.id, ctx.now(), old.id);
    let person = old.text.person();
    let text = if before == typed.text {
        old.text.clone()
    } else {
        match texts::change(ctx, staff, id.to_bytes(), TASK, &old.text, person, &typed.text).await? {
            Ok(text) => text,
            Err(reason) => return Ok(Err(reason)),
        }
    };
    let assignee = colleagues.kept(&typed.who, old.assignee)?;
    let new = text.clone();
    let task =
        Task { text, due_on: typed.due_on(now), remind_at: typed.remind_at(now), assignee, ..old.clone() };
    let tokens = texts::tokens(ctx, staff, Work::Task, &task.text, &typed.text).await?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !tasks::change(tx, company, &task)? {
            return Err(StoreError::Moved);
        }
        work::set_words(tx, company, id.to_bytes(), &tokens)?;
        events::add(tx, company, events::Kind::TaskChanged, id, now)
    });
    texts::written(ctx, staff, (&old.text, &new), write.await).await?;
    follow(ctx, staff, assignee.filter(|_| assignee != old.assignee), id, person).await;
    Ok(Ok(()))
}

/// Says that a task is done, or not after all.
pub async fn set_done(ctx: &Ctx, staff: &Staff, id: TaskId, done: bool) -> Result<(), Problem> {
    set_done_seen(ctx, staff, (id, 0), done).await
}

/// The same, when it is as it was read; 0: whatever it is.
pub async fn set_done_seen(
    ctx: &Ctx,
    staff: &Staff,
    (id, ver): (TaskId, i64),
    done: bool,
) -> Result<(), Problem> {
    must_change(staff, &one(ctx, staff, id).await?)?;
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| {
        let there = tasks::set_done(tx, company, &reach, (id, ver), done.then_some(now))?;
        if there {
            events::add(tx, company, events::Kind::TaskChanged, id, now)?;
        }
        Ok(there)
    });
    if there.await? {
        Ok(())
    } else {
        missed(ctx, staff, (id, ver), |task| task.done_at.is_some() == done).await
    }
}

/// Removes a task, or brings it back.
pub async fn set_gone(ctx: &Ctx, staff: &Staff, id: TaskId, gone: bool) -> Result<(), Problem> {
    set_gone_seen(ctx, staff, (id, 0), gone).await
}

/// The same, when it is as it was read; 0: whatever it is.
pub async fn set_gone_seen(
    ctx: &Ctx,
    staff: &Staff,
    (id, ver): (TaskId, i64),
    gone: bool,
) -> Result<(), Problem> {
    must_change(staff, &one(ctx, staff, id).await?)?;
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| {
        let there = tasks::set_gone(tx, company, &reach, (id, ver), gone.then_some(now))?;
        if there {
            events::add(tx, company, events::Kind::TaskChanged, id, now)?;
        }
        Ok(there)
    });
    if there.await? {
        Ok(())
    } else {
        missed(ctx, staff, (id, ver), |task| task.gone_at.is_some() == gone).await
    }
}

/// What it means that nothing was written: it is so already, or was handed away or changed at this very moment.
async fn missed(
    ctx: &Ctx,
    staff: &Staff,
    (id, ver): (TaskId, i64),
    is_so: impl FnOnce(&Task) -> bool,
) -> Result<(), Problem> {
    let again = one(ctx, staff, id).await?;
    must_change(staff, &again)?;
    frame::unwritten((ver, again.ver), is_so(&again))
}

/// What is done to many tasks at once.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// They are done, or not after all.
    Done(bool),
    /// They are removed, or brought back.
    Gone(bool),
}

/// Changes all of these tasks, or none.
pub async fn change_many(ctx: &Ctx, staff: &Staff, ids: &[TaskId], deed: Deed) -> Result<(), Problem> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let task = one(ctx, staff, *id).await?;
        must_change(staff, &task)?;
        let so_already = match deed {
            Deed::Done(done) => task.done_at.is_some() == done,
            Deed::Gone(gone) => task.gone_at.is_some() == gone,
        };
        if !so_already {
            all.push((task.id, task.ver));
        }
    }
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        for which in &all {
            let there = match deed {
                Deed::Done(done) => tasks::set_done(tx, company, &reach, *which, done.then_some(now))?,
                Deed::Gone(gone) => tasks::set_gone(tx, company, &reach, *which, gone.then_some(now))?,
            };
            if !there {
                return Err(StoreError::Moved);
            }
            events::add(tx, company, events::Kind::TaskChanged, which.0, now)?;
        }
        Ok(())
    });
    Ok(write.await?)
}
