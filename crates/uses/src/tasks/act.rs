//! Verbs: list, make, change, finish, remove and bring back; read what colleagues said.

pub mod inbox;
pub mod letters;
pub mod list;
pub mod many;

use assent_gate::Work;
use assent_kernel::{DealId, OrganisationId, PersonId, Reason, StaffId, TaskId};
use assent_store::work::items::{self, ItemId};
use assent_store::work::mentions::Why;
use assent_store::work::tasks::{self, Task};
use assent_store::work::{self, Text, deals, filled as rows, organisations};
use assent_store::{StoreError, callers, events};
use assent_web::fields::{Field, Thing};
use assent_web::objects;
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Staff};

use super::model::Typed;
use crate::around::task::owners;
use crate::around::{self, Place, note};
use crate::filled::{self, Closed, Filled, Kept};
use crate::frame::{self, Colleagues};
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

/// The fields that the company made for tasks; those too that are no longer offered.
pub async fn fields(ctx: &Ctx, staff: &Staff) -> Result<Vec<Field>, Problem> {
    assent_web::fields::all(ctx, staff.company.id, Thing::Task).await
}

/// Those that are offered.
pub async fn offered(ctx: &Ctx, staff: &Staff) -> Result<Vec<Field>, Problem> {
    assent_web::fields::offered(ctx, staff.company.id, Thing::Task).await
}

/// What stands in the text and the fields of a task.
pub struct Seen {
    /// Its fields.
    pub filled: Filled,
    /// What is open of them, and of its text.
    pub opened: Opened,
}

impl Seen {
    /// Its tag: another one after every change of the task, also by the person it is about.
    pub fn tag(&self, task: &Task) -> String {
        self.opened.tag((task.ver, task.text.person()), texts_of(task, &self.filled))
    }

    /// What is to be done, when that is open whole.
    pub fn text(&self, task: &Task) -> Option<String> {
        self.opened.plain(task.id.to_bytes(), &task.text)
    }

    /// Why that is closed, as far as it is said.
    pub fn closed(&self, task: &Task) -> Result<Option<Reason>, Problem> {
        self.opened.must_reach(&task.text)?;
        Ok(self.opened.cell(&task.text).and_then(|(_, cell)| cell.closed().cloned()))
    }
}

/// What is to be done, and what stands in the fields.
pub fn texts_of<'a>(task: &'a Task, filled: &'a Filled) -> impl Iterator<Item = &'a Text> {
    std::iter::once(&task.text).chain(filled.texts())
}

/// Looks at the text and the fields of a task, each asked for.
pub async fn look(ctx: &Ctx, staff: &Staff, task: &Task) -> Result<Seen, Problem> {
    let filled = filled::of(ctx, staff, task.id.to_bytes()).await?;
    let opened = texts::viewed(ctx, staff, texts_of(task, &filled)).await?;
    Ok(Seen { filled, opened })
}

/// The same without the name of whom it is about: for programs, which are told an id.
pub async fn look_alone(ctx: &Ctx, staff: &Staff, task: &Task) -> Result<Seen, Problem> {
    let filled = filled::of(ctx, staff, task.id.to_bytes()).await?;
    let opened = texts::viewed_alone(ctx, staff, texts_of(task, &filled)).await?;
    Ok(Seen { filled, opened })
}

/// The same of which nothing is opened: enough to tell whether it is as it was.
pub async fn sealed(ctx: &Ctx, staff: &Staff, task: &Task) -> Result<Seen, Problem> {
    let filled = filled::of(ctx, staff, task.id.to_bytes()).await?;
    let opened = texts::sealed(ctx, staff, texts_of(task, &filled)).await?;
    Ok(Seen { filled, opened })
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
    let (company, now, assignee) = (staff.company.id, ctx.now(), colleagues.read(&typed.who)?);
    let id = ctx.gate.fresh(now, TaskId::new)?;
    let text = match texts::keep(ctx, staff, id.to_bytes(), TASK, of.person, &typed.text).await? {
        Ok(text) => text,
        Err(reason) => return Ok(Err(reason)),
    };
    let own = offered(ctx, staff).await?;
    let (none, changes) =
        (texts::sealed(ctx, staff, std::iter::empty()).await?, filled::fresh(own.iter(), &typed.more));
    let about = (id.to_bytes(), of.person);
    let kept = filled::keep(ctx, staff, about, &changes, (&Filled::default(), &none)).await;
    let kept = match filled::or_forget(ctx, staff, (&Text::Gone, &text), kept).await? {
        Ok(kept) => kept,
        Err(closed) => return Ok(Err(closed.reason)),
    };
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
    let (store, row) = (ctx.gate.region_db(&staff.company.region)?, kept.row.clone());
    let write = store.write(move |tx| {
        tasks::add(tx, company, &task)?;
        rows::set(tx, company, id.to_bytes(), &row)?;
        work::set_words(tx, company, id.to_bytes(), &tokens)?;
        events::add(tx, company, events::Kind::TaskChanged, id, now)
    });
    filled::written(ctx, staff, &kept, write.await).await?;
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

/// Changes a task that is as it was seen, with what it said before; why not, when it may not be kept about the person.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    (old, seen): (&Task, &Seen),
    (before, typed): (&str, &Typed),
    colleagues: &Colleagues,
) -> Result<Result<(), Reason>, Problem> {
    must_change(staff, old)?;
    let (company, now, id, person) = (staff.company.id, ctx.now(), old.id, old.text.person());
    let assignee = colleagues.kept(&typed.who, old.assignee)?;
    let same = before == typed.text;
    let text = if same {
        old.text.clone()
    } else {
        match texts::change(ctx, staff, id.to_bytes(), TASK, &old.text, person, &typed.text).await? {
            Ok(text) => text,
            Err(reason) => return Ok(Err(reason)),
        }
    };
    let values = refill(ctx, staff, (old, seen), &typed.more).await;
    let values = match filled::or_forget(ctx, staff, (&old.text, &text), values).await? {
        Ok(values) => values,
        Err(closed) => return Ok(Err(closed.reason)),
    };
    let (new, row) = (text.clone(), values.as_ref().map(|kept| kept.row.clone()));
    let task =
        Task { text, due_on: typed.due_on(now), remind_at: typed.remind_at(now), assignee, ..old.clone() };
    // What says the same is found by the same words.
    let tokens = match same {
        true => None,
        false => Some(texts::tokens(ctx, staff, Work::Task, &task.text, &typed.text).await?),
    };
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !tasks::change(tx, company, &task)? {
            return Err(StoreError::Moved);
        }
        if let Some(row) = &row {
            rows::set(tx, company, id.to_bytes(), row)?;
        }
        if let Some(tokens) = &tokens {
            work::set_words(tx, company, id.to_bytes(), tokens)?;
        }
        events::add(tx, company, events::Kind::TaskChanged, id, now)
    });
    let done = write.await;
    if let Some(values) = &values {
        filled::drop_over(ctx, staff, values, &done).await;
    }
    texts::written(ctx, staff, (&old.text, &new), done).await?;
    follow(ctx, staff, assignee.filter(|_| assignee != old.assignee), id, person).await;
    Ok(Ok(()))
}

/// What is to stand in its fields; nothing when they stay as they are.
async fn refill(
    ctx: &Ctx,
    staff: &Staff,
    (task, seen): (&Task, &Seen),
    typed: &filled::Typed,
) -> Result<Result<Option<Kept>, Closed>, Problem> {
    let (about, own) = ((task.id.to_bytes(), task.text.person()), fields(ctx, staff).await?);
    filled::refill(ctx, staff, about, (&own, typed), (&seen.filled, &seen.opened)).await
}

/// Puts values into fields of the company, if the task is as it was seen; why not, when one is closed.
pub async fn set_own(
    ctx: &Ctx,
    staff: &Staff,
    (old, seen): (&Task, &Seen),
    typed: &filled::Typed,
) -> Result<Result<(), Closed>, Problem> {
    must_change(staff, old)?;
    let (company, now, id) = (staff.company.id, ctx.now(), old.id);
    let kept = match refill(ctx, staff, (old, seen), typed).await? {
        Ok(Some(kept)) => kept,
        Ok(None) => return Ok(Ok(())),
        Err(closed) => return Ok(Err(closed)),
    };
    let (task, row) = (old.clone(), kept.row.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !tasks::change(tx, company, &task)? {
            return Err(StoreError::Moved);
        }
        rows::set(tx, company, id.to_bytes(), &row)?;
        events::add(tx, company, events::Kind::TaskChanged, id, now)
    });
    filled::written(ctx, staff, &kept, write.await).await?;
    follow(ctx, staff, None, id, old.text.person()).await;
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
