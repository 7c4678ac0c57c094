//! A new task, and one task on its own page.

use askama::Template;
use assent_kernel::Reason;
use assent_store::work::Text;
use assent_store::work::tasks::Task;
use assent_web::parts::{Act, Field, Group, Kv, Shown};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::around::task::owners;
use crate::frame::{self, Colleagues, MY_DAY};
use crate::seen::short_date;
use crate::seen::title::Title;
use crate::tasks::act::{self, For};
use crate::tasks::model::Typed;
use crate::texts;
use crate::undo;

#[derive(Template)]
#[template(path = "tasks/form.html")]
struct Page {
    shell: Shell,
    action: String,
    back: String,
    hidden: Vec<(&'static str, String)>,
    about: Option<Title>,
    fields: Vec<Field>,
    closed: String,
    typed: String,
    acts: Vec<Act>,
    /// Why it is looked at only, and what there is to see; nothing where it may be changed.
    only: Option<(String, Group)>,
}

impl Page {
    fn new(shell: Shell, action: String, back: String) -> Self {
        Self {
            shell,
            action,
            back,
            hidden: Vec::new(),
            about: None,
            fields: Vec::new(),
            closed: String::new(),
            typed: String::new(),
            acts: Vec::new(),
            only: None,
        }
    }
}

fn hidden(of: &For) -> Vec<(&'static str, String)> {
    let ids = [
        ("person", of.person.map(|id| id.to_string())),
        ("organisation", of.organisation.map(|id| id.to_string())),
        ("deal", of.deal.map(|id| id.to_string())),
        ("item", of.item.as_ref().map(|(id, _)| id.to_string())),
    ];
    ids.into_iter().filter_map(|(name, id)| Some((name, id?))).collect()
}

pub async fn new(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let of = act::whom(&ctx, &staff, &asked).await?;
    let typed = Typed { who: staff.id.to_string(), ..Typed::default() };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (fields, _) = typed.fields(&colleagues, false);
    let shell = frame::shell(&ctx, &staff, say("New task")).await?;
    Ok(html::page(&Page { fields, hidden: hidden(&of), ..Page::new(shell, "/tasks/new".into(), of.back()) }))
}

pub async fn make(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let of = act::whom(&ctx, &staff, &sent).await?;
    let mut typed = Typed::read(&sent);
    let quick = sent.get("quick") == "1";
    if quick {
        typed.who = staff.id.to_string();
    }
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (mut fields, fine) = typed.fields(&colleagues, true);
    if !colleagues.fits(&mut fields, ("who", &typed.who), None) || !fine {
        let shell = frame::shell(&ctx, &staff, say("New task")).await?;
        let page = Page { fields, hidden: hidden(&of), ..Page::new(shell, "/tasks/new".into(), of.back()) };
        return Ok(frame::unfinished(html::page(&page)));
    }
    let back = of.back();
    match act::make(&ctx, &staff, &typed, of, &colleagues).await? {
        Ok(_) if quick => Ok(frame::to(MY_DAY, "made")),
        Ok(_) => Ok(frame::to(&back, "made")),
        Err(reason) => refused(&ctx, &staff, Some(&reason), back, &typed.text).await,
    }
}

/// A page that says why something about a person may not be kept or seen, and keeps what was typed.
pub async fn refused(
    ctx: &Ctx,
    staff: &Staff,
    reason: Option<&Reason>,
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let closed = format!("{}. {}", words.closed_for(), words.sentence(reason));
    let shell = frame::shell(ctx, staff, say("Closed")).await?;
    let page = Page { closed, typed: typed.to_owned(), ..Page::new(shell, String::new(), back) };
    let mut page = html::page(&page);
    *page.status_mut() = StatusCode::FORBIDDEN;
    Ok(page)
}

pub async fn edit(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let task = act::one(&ctx, &staff, act::id(&id)?).await?;
    let of = act::of(&ctx, &staff, &task).await?;
    let opened = texts::viewed(&ctx, &staff, std::iter::once(&task.text)).await?;
    let Some(text) = opened.plain(task.id.to_bytes(), &task.text) else {
        opened.must_reach(&task.text)?;
        let reason = opened.cell(&task.text).and_then(|(_, cell)| cell.closed().cloned());
        return refused(&ctx, &staff, reason.as_ref(), of.back(), "").await;
    };
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let looked = looked(&task, &text, &colleagues);
    let (fields, _) = Typed::of(&task, text).fields(&colleagues, false);
    let mut shell = frame::shell(&ctx, &staff, say("Task")).await?;
    shell.flash = undo::flash(&ctx, &staff, &shell, &asked).await?;
    let home = format!("/tasks/{}", task.id);
    let act = |label: &str, verb: &str, class, fields| Act {
        label: say(label).into(),
        action: format!("{home}/{verb}"),
        csrf: shell.csrf.clone(),
        class,
        fields,
        ..Act::default()
    };
    let done = task.done_at.is_some();
    let flag = if done { "0" } else { "1" };
    let acts = vec![
        act(
            if done { "Open again" } else { "Done" },
            "done",
            "",
            vec![("done", flag.into()), ("back", home.clone())],
        ),
        if task.gone_at.is_some() {
            act("Bring back", "restore", "", Vec::new())
        } else {
            act("Remove", "remove", "danger", Vec::new())
        },
    ];
    let about = opened.contact(&task.text, &words, "about".into());
    let page = Page { fields, about, acts, ..Page::new(shell, home, of.back()) };
    if staff.changes(Object::Tasks, &owners(&task)) {
        return Ok(html::page(&page));
    }
    let only = Some((staff.only_looks(Object::Tasks), looked));
    Ok(html::page(&Page { only, acts: Vec::new(), ..page }))
}

/// A task for whoever may look at it only.
fn looked(task: &Task, text: &str, colleagues: &Colleagues) -> Group {
    let line = |name: &str, value: Option<String>| Kv::new(name, value.map_or(Shown::Unknown, Shown::Plain));
    let state = if task.done_at.is_some() { "done" } else { "open" };
    let lines = vec![
        line(say("What is to be done"), Some(text.to_owned())),
        line(say("Until"), task.due_on.map(short_date)),
        line(say("Remind on"), task.remind_at.map(short_date)),
        line(say("Who does it"), colleagues.named(task.assignee)),
        line(say("State"), Some(say(state).to_owned())),
    ];
    Group { title: String::new(), lines }
}

pub async fn change(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let task = act::one(&ctx, &staff, act::id(&id)?).await?;
    act::must_change(&staff, &task)?;
    let home = format!("/tasks/{}", task.id);
    let opened = texts::viewed(&ctx, &staff, std::iter::once(&task.text)).await?;
    let typed = Typed::read(&sent);
    let Some(before) = opened.plain(task.id.to_bytes(), &task.text) else {
        opened.must_reach(&task.text)?;
        let reason = match &task.text {
            Text::OfPerson(..) => opened.cell(&task.text).and_then(|(_, cell)| cell.closed().cloned()),
            Text::Own(_) | Text::Gone => None,
        };
        return refused(&ctx, &staff, reason.as_ref(), home, &typed.text).await;
    };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (mut fields, fine) = typed.fields(&colleagues, true);
    if !colleagues.fits(&mut fields, ("who", &typed.who), task.assignee) || !fine {
        let shell = frame::shell(&ctx, &staff, say("Task")).await?;
        return Ok(frame::unfinished(html::page(&Page {
            fields,
            ..Page::new(shell, home, "/tasks".into())
        })));
    }
    match act::change(&ctx, &staff, &task, &before, &typed, &colleagues).await? {
        Ok(()) => {
            let owners = [colleagues.kept(&typed.who, task.assignee)?, Some(task.made_by)];
            Ok(act::saved(&staff, &owners, &home, "changed"))
        }
        Err(reason) => refused(&ctx, &staff, Some(&reason), home, &typed.text).await,
    }
}
