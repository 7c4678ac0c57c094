//! Tasks, for programs: the same verbs as the pages.

mod along;
mod mine;
mod shapes;

use std::collections::{BTreeMap, HashMap};

use assent_kernel::TaskId;
use assent_store::work::tasks::{self, Task};
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::fields::Field as Own;
use assent_web::reach::Object;
use assent_web::{Fields, Problem};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::list::{By, Found, found, open};
use super::act::{self, Seen};
use super::model::{LONGEST, Typed, columns, wanted};
use crate::filled::{self, Filled, Heading, What};
use crate::frame::{self, ROLES, refused, words};
use crate::lists::{self, Wanted, call};
use crate::seen::words::Words;
use crate::spoken;
use crate::texts::{self, Opened};

const CHAPTER: &str = "Tasks";
const TASK: &str = "/v1/tasks/{id}";
const CLOSED: &str = "The person's terms do not open it for the key's role and purpose.";

/// Everything that programs can do here.
pub fn operations() -> Vec<Operation> {
    let mut query = spoken::page_fields();
    query.push(may("removed", Shape::Flag, "True for those that were removed."));
    query.extend(call::fields());
    let mut all = vec![
        Operation::new("listTasks", Method::GET, "/v1/tasks", |call| Box::pin(list(call)))
            .says(
                CHAPTER,
                "List tasks",
                "Newest first. What is to be done about a person is decided by their terms. Rules are those of the page: \
                 `who.is.Nora Ek`, `due.to.today`, `state.is.open`.",
            )
            .for_roles(ROLES)
            .asks(query)
            .gives(200, call::page_of(shapes::task(), call::CUT), json!({ "data": [shapes::example()], "next": null })),
        Operation::new("createTask", Method::POST, "/v1/tasks", |call| Box::pin(make(call)))
            .says(
                CHAPTER,
                "Put a task down",
                "About a person it is kept under their terms. A deal with a person, or an item of one, is about that person.",
            )
            .for_roles(ROLES)
            .takes(shapes::new(), json!({ "text": "Send the offer", "due_on": "2026-05-20" }))
            .gives(201, spoken::made_shape("tsk"), json!({ "id": shapes::TSK }))
            .or(403, CLOSED)
            .or(404, "There is no person, organisation, deal or item of yours by that id."),
        Operation::new("getTask", Method::GET, TASK, |call| Box::pin(one(call)))
            .says(CHAPTER, "Read a task", "")
            .for_roles(ROLES)
            .gives(200, shapes::task(), shapes::example())
            .with_tag(),
        Operation::new("changeTask", Method::PATCH, TASK, |call| Box::pin(change(call)))
            .says(CHAPTER, "Change a task", "What is left out stays as it is; null takes a value away.")
            .for_roles(ROLES)
            .takes(shapes::changes(), json!({ "due_on": "2026-05-22" }))
            .gives_nothing()
            .must_match()
            .or(403, CLOSED)
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("finishTask", Method::POST, "/v1/tasks/{id}/done", |call| Box::pin(finish(call)))
            .says(CHAPTER, "Say that a task is done", "Or, with false, not after all.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![must("done", Shape::Flag, "Whether it is done.")]),
                json!({ "done": true }),
            )
            .gives_nothing()
            .may_match()
            .or(409, "Somebody changed it at this very moment, or a call with this Idempotency-Key is still at work."),
        Operation::new("removeTask", Method::DELETE, TASK, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove a task", "It can be brought back.")
            .for_roles(ROLES)
            .gives_nothing()
            .must_match()
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("restoreTask", Method::POST, "/v1/tasks/{id}/restore", |call| Box::pin(restore(call)))
            .says(CHAPTER, "Bring a task back", "")
            .for_roles(ROLES)
            .gives_nothing(),
        along::operation(),
    ];
    all.extend(mine::operations());
    all
}

fn told((task, filled): (&Task, &Filled), own: &[Own], opened: &Opened, words: &Words<'_>) -> Value {
    json!({
        "id": task.id, "text": spoken::texted(task.id.to_bytes(), &task.text, opened, words),
        "person": opened.about(&task.text), "organisation": task.organisation, "deal": task.deal, "item": task.item,
        "due_on": spoken::day(task.due_on), "remind_on": spoken::day(task.remind_at), "assignee": task.assignee,
        "made_by": task.made_by, "values": filled.told(own, opened, words), "created_at": spoken::time(task.created_at),
        "done_at": task.done_at.map(spoken::time), "removed_at": task.gone_at.map(spoken::time),
        "etag": opened.tag((task.ver, task.text.person()), act::texts_of(task, filled)),
    })
}

/// What stands in the fields of these tasks.
async fn filled(call: &Call, all: &[Task]) -> Result<HashMap<[u8; 16], Filled>, Problem> {
    filled::read(&call.ctx, call.staff()?, all.iter().map(|task| task.id.to_bytes()).collect()).await
}

/// Tasks with what is open of them and of their fields.
async fn told_all(call: &Call, own: &[Own], all: &[Task]) -> Result<Vec<Value>, Problem> {
    let (ctx, staff, filled, none) = (&call.ctx, call.staff()?, filled(call, all).await?, Filled::default());
    let texts = all.iter().map(|task| &task.text).chain(filled.values().flat_map(Filled::texts));
    let opened = texts::listed_alone(ctx, staff, texts).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let of = |task: &Task| filled.get(&task.id.to_bytes()).unwrap_or(&none);
    Ok(all.iter().map(|task| told((task, of(task)), own, &opened, &words)).collect())
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let after: Option<TaskId> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let removed = if call.asked_flag("removed") { "removed" } else { "" };
    let own = act::fields(ctx, staff).await?;
    let offered: Vec<Own> = own.iter().filter(|field| field.gone_at.is_none()).cloned().collect();
    let columns = columns(&offered);
    let wanted = wanted(&call::said(call, "tasks", &columns, &[("show", removed)]).await?, &columns);
    if !wanted.is_plain() {
        return ruled(call, &wanted, (own, &offered), after).await;
    }
    let (company, gone, most) = (staff.company.id, wanted.extra("show") == "removed", call.limit());
    let reach = staff.sees(Object::Tasks);
    let one_more = u32::try_from(most).unwrap_or(200).saturating_add(1);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let mut rows = store.read(move |tx| tasks::page(tx, company, &reach, gone, after, one_more)).await?;
    let next = spoken::cut(&mut rows, most, |task| task.id.to_string());
    Reply::page(&told_all(call, &own, &rows).await?, next)
}

/// Those that fit rules and a search, or all in an order.
async fn ruled(
    call: &Call,
    wanted: &Wanted,
    (own, offered): (Vec<Own>, &[Own]),
    after: Option<TaskId>,
) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let colleagues = frame::colleagues(ctx, staff).await?;
    let after = after.map(|id| id.to_string());
    let upto = call::Upto::page(wanted, after.clone(), call.limit());
    let by = By { wanted, colleagues: &colleagues, own: offered, named: false };
    let Found { rows, read, opened } = found(ctx, staff, by, upto.as_ref()).await?;
    let (mut rows, next) = call::part(rows, wanted, after, call.limit())?;
    let what = What { heads: Heading::Alone, own };
    let opened = open(ctx, staff, &mut rows, (&what, opened)).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let data: Vec<Value> =
        rows.iter().map(|row| told((&row.task, &row.filled), &what.own, &opened, &words)).collect();
    call::page(&data, next, lists::is_cut(read))
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let task = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    let (own, seen) = (act::fields(ctx, staff).await?, act::look_alone(ctx, staff, &task).await?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    Ok(Reply::of(&told((&task, &seen.filled), &own, &seen.opened, &words))?.tagged(seen.tag(&task)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    text: String,
    person: Option<String>,
    organisation: Option<String>,
    deal: Option<String>,
    item: Option<String>,
    due_on: Option<String>,
    remind_on: Option<String>,
    assignee: Option<String>,
    fields: BTreeMap<String, Option<String>>,
}

fn fits(text: &str) -> Result<(), Problem> {
    let wrong = texts::wrong(text, LONGEST);
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(format!("/text: {wrong}"))) }
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    // Ids need no escaping: they have their shape already.
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    let (person, firm, deal) = (id(&sent.person), id(&sent.organisation), id(&sent.deal));
    let item = id(&sent.item);
    let form = format!("person={person}&organisation={firm}&deal={deal}&item={item}");
    let of = act::whom(ctx, staff, &Fields::parse(form.as_bytes())).await?;
    let colleagues = frame::colleagues(ctx, staff).await?;
    spoken::colleague(sent.assignee.as_deref(), &colleagues)?;
    let more = filled::typed(&act::fields(ctx, staff).await?, &sent.fields)?;
    let typed = Typed {
        more,
        text: sent.text.trim().to_owned(),
        due: sent.due_on.unwrap_or_default(),
        remind: sent.remind_on.unwrap_or_default(),
        who: sent.assignee.unwrap_or_default(),
    };
    fits(&typed.text)?;
    match act::make(ctx, staff, &typed, of, &colleagues).await? {
        Ok(id) => Reply::made(id, format!("/v1/tasks/{id}")),
        Err(reason) => Err(refused(call, Some(&reason)).await?),
    }
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let task = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    let sealed = act::sealed(ctx, staff, &task).await?;
    call.matches(&sealed.tag(&task))?;
    // Only what may change is asked for.
    let names: Vec<String> = sent.fields.keys().cloned().collect();
    let asked = std::iter::once(&task.text).chain(sealed.filled.texts_of(&names));
    let opened = texts::viewed_alone(ctx, staff, asked).await?;
    let seen = Seen { opened, ..sealed };
    let Some(before) = seen.text(&task) else {
        let reason = seen.closed(&task)?;
        return Err(refused(call, reason.as_ref()).await?);
    };
    let colleagues = frame::colleagues(ctx, staff).await?;
    spoken::owner(call, "assignee", (sent.assignee.as_deref(), task.assignee), &colleagues)?;
    let was = Typed::of(&task, before.clone());
    let pick = |name: &str, now: Option<String>, was: String| {
        if call.sent(name) { now.unwrap_or_default() } else { was }
    };
    let more = filled::typed(&act::fields(ctx, staff).await?, &sent.fields)?;
    let typed = Typed {
        more,
        text: pick("text", Some(sent.text.trim().to_owned()), was.text),
        due: pick("due_on", sent.due_on, was.due),
        remind: pick("remind_on", sent.remind_on, was.remind),
        who: pick("assignee", sent.assignee, was.who),
    };
    fits(&typed.text)?;
    match act::change(ctx, staff, (&task, &seen), (&before, &typed), &colleagues).await? {
        Ok(()) => Ok(Reply::done()),
        Err(reason) => Err(refused(call, Some(&reason)).await?),
    }
}

#[derive(Deserialize)]
struct Done {
    done: bool,
}

async fn finish(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let task = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    call.matches(&act::sealed(ctx, staff, &task).await?.tag(&task))?;
    // Whoever says nothing of how they read it means it however it is.
    let ver = if call.sends_tag() { task.ver } else { 0 };
    act::set_done_seen(ctx, staff, (task.id, ver), call.body::<Done>()?.done).await?;
    Ok(Reply::done())
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let task = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    call.matches(&act::sealed(ctx, staff, &task).await?.tag(&task))?;
    act::set_gone_seen(ctx, staff, (task.id, task.ver), true).await?;
    Ok(Reply::done())
}

async fn restore(call: &Call) -> Result<Reply, Problem> {
    act::set_gone(&call.ctx, call.staff()?, act::id(call.name("id"))?, false).await?;
    Ok(Reply::done())
}
