//! A new task, and one task on its own page.

use askama::Template;
use assent_kernel::Reason;
use assent_store::work::tasks::Task;
use assent_web::fields::{self, Field as Own};
use assent_web::parts::{Act, Field, Group, Kv, Shown};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::around::task::owners;
use crate::filled::{self, Filled, More, Part};
use crate::frame::{self, Colleagues, MY_DAY};
use crate::inline::is_stale;
use crate::seen::cell::Cell;
use crate::seen::short_date;
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::tasks::act::{self, For, Seen};
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
    /// Somebody changed it meanwhile, or a field closed.
    error: String,
    about: Option<Title>,
    fields: Vec<Field>,
    /// Which fields of the company it holds.
    asked: Vec<String>,
    /// Those that are closed, with the sentence why.
    shut: Vec<(String, String)>,
    closed: String,
    /// What of a closed task stands in fields.
    beside: Option<Group>,
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
            error: String::new(),
            about: None,
            fields: Vec::new(),
            asked: Vec::new(),
            shut: Vec::new(),
            closed: String::new(),
            beside: None,
            typed: String::new(),
            acts: Vec::new(),
            only: None,
        }
    }

    /// The same with a form: the fields that every task has, and those of the company.
    fn with(mut self, mut fields: Vec<Field>, Part { inputs, asked, closed, unsaid }: Part) -> Self {
        fields.extend(inputs);
        self.error = filled::above(self.error, unsaid);
        (self.fields, self.asked, self.shut) = (fields, asked, closed);
        self
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

/// The fields of the company on the form of a new task, with what was typed.
async fn fresh(
    ctx: &Ctx,
    staff: &Staff,
    of: &For,
    own: &[Own],
    (typed, wrong): (&filled::Typed, filled::Typed),
) -> Result<Part, Problem> {
    let (old, opened) = (Filled::default(), texts::sealed(ctx, staff, std::iter::empty()).await?);
    let more = More { own, about: of.person, old: (&old, &opened), wrong };
    filled::part(ctx, staff, &more, typed).await
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
    let own = act::offered(&ctx, &staff).await?;
    let part = fresh(&ctx, &staff, &of, &own, (&typed.more, filled::Typed::new())).await?;
    let shell = frame::shell(&ctx, &staff, say("New task")).await?;
    let page = Page { hidden: hidden(&of), ..Page::new(shell, "/tasks/new".into(), of.back()) };
    Ok(html::page(&page.with(fields, part)))
}

pub async fn make(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let of = act::whom(&ctx, &staff, &sent).await?;
    let own = act::offered(&ctx, &staff).await?;
    let posted = filled::sent(&sent, &own);
    let (kept, wrong) = filled::checked(&own, &posted, &filled::Typed::new());
    let mut typed = Typed { more: kept, ..Typed::read(&sent) };
    let quick = sent.get("quick") == "1";
    if quick {
        typed.who = staff.id.to_string();
    }
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (mut fields, fine) = typed.fields(&colleagues, true);
    if !colleagues.fits(&mut fields, ("who", &typed.who), None) || !fine || !wrong.is_empty() {
        let part = fresh(&ctx, &staff, &of, &own, (&posted, wrong)).await?;
        let shell = frame::shell(&ctx, &staff, say("New task")).await?;
        let page = Page { hidden: hidden(&of), ..Page::new(shell, "/tasks/new".into(), of.back()) };
        return Ok(frame::unfinished(html::page(&page.with(fields, part))));
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
    closed(ctx, staff, (reason, None), back, typed).await
}

/// The same with what is open beside it: it stands nowhere else.
async fn closed(
    ctx: &Ctx,
    staff: &Staff,
    (reason, beside): (Option<&Reason>, Option<Group>),
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let closed = format!("{}. {}", words.closed_for(), words.sentence(reason));
    let shell = frame::shell(ctx, staff, say("Closed")).await?;
    let page = Page { closed, beside, typed: typed.to_owned(), ..Page::new(shell, String::new(), back) };
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
    let (own, seen) = (act::fields(&ctx, &staff).await?, act::look(&ctx, &staff, &task).await?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let Some(text) = seen.text(&task) else {
        let reason = seen.closed(&task)?;
        let lines = own_lines((&own, &seen), &words, |field| seen.filled.stands(field, &seen.opened, &words));
        let beside = (!lines.is_empty()).then(|| Group { title: String::new(), lines });
        return closed(&ctx, &staff, (reason.as_ref(), beside), of.back(), "").await;
    };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
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
    let about = seen.opened.contact(&task.text, &words, "about".into());
    let page = Page { about, ..Page::new(shell, home, of.back()) };
    if !staff.changes(Object::Tasks, &owners(&task)) {
        let lines = own_lines((&own, &seen), &words, |field| {
            seen.filled.stands(field, &seen.opened, &words) || is_named(field, &task, &words)
        });
        let looked = looked(&task, text, &colleagues, lines);
        return Ok(html::page(&Page { only: Some((staff.only_looks(Object::Tasks), looked)), ..page }));
    }
    let plains = filled::plains(&own, &seen.filled, &seen.opened);
    let more = more((&own, &task, &seen), filled::Typed::new());
    let part = filled::part(&ctx, &staff, &more, &plains).await?;
    let (fields, _) = Typed::of(&task, text).fields(&colleagues, false);
    let hidden = vec![("ver", seen.tag(&task))];
    Ok(html::page(&Page { acts, hidden, ..page.with(fields, part) }))
}

/// What is known of the fields of the company on the form of a task that is there.
fn more<'a>((own, task, seen): (&'a [Own], &Task, &'a Seen), wrong: filled::Typed) -> More<'a> {
    More { own, about: task.text.person(), old: (&seen.filled, &seen.opened), wrong }
}

/// Whether a field may be named where nothing stands: of a person a kind that is closed may not be.
fn is_named(field: &Own, task: &Task, words: &Words<'_>) -> bool {
    let hides = |kind| task.text.person().is_some() && words.hides(kind, &Cell::Unknown);
    field.gone_at.is_none() && !field.category.as_ref().is_some_and(hides)
}

/// What stands in these fields of the company, for whoever may look only.
fn own_lines((own, seen): (&[Own], &Seen), words: &Words<'_>, shown: impl Fn(&Own) -> bool) -> Vec<Kv> {
    let Seen { filled, opened } = seen;
    let line = |field: &Own| {
        let shown = filled.in_record(field, opened, words, format!("f-{}", field.name));
        Kv::new(fields::name(field), shown)
    };
    own.iter().filter(|field| shown(field)).map(line).collect()
}

/// A task for whoever may look at it only.
fn looked(task: &Task, text: String, colleagues: &Colleagues, own: Vec<Kv>) -> Group {
    let line = |name: &str, value: Option<String>| Kv::new(name, value.map_or(Shown::Unknown, Shown::Plain));
    let state = if task.done_at.is_some() { "done" } else { "open" };
    let mut lines = vec![
        line(say("What is to be done"), Some(text)),
        line(say("Until"), task.due_on.map(short_date)),
        line(say("Remind on"), task.remind_at.map(short_date)),
        line(say("Who does it"), colleagues.named(task.assignee)),
        line(say("State"), Some(say(state).to_owned())),
    ];
    lines.extend(own);
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
    let (own, seen) = (act::fields(&ctx, &staff).await?, act::look(&ctx, &staff, &task).await?);
    let (posted, stood) = (filled::sent(&sent, &own), filled::plains(&own, &seen.filled, &seen.opened));
    let (kept, wrong) = filled::checked(&own, &posted, &stood);
    let typed = Typed { more: kept, ..Typed::read(&sent) };
    let Some(before) = seen.text(&task) else {
        let reason = seen.closed(&task)?;
        return refused(&ctx, &staff, reason.as_ref(), home, &typed.text).await;
    };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (mut fields, fine) = typed.fields(&colleagues, true);
    let fits = colleagues.fits(&mut fields, ("who", &typed.who), task.assignee);
    let (tag, fine) = (seen.tag(&task), fine && fits && wrong.is_empty());
    if is_stale(&sent, &tag) || !fine {
        // What was not on the form that was sent is shown as it stands: nobody empties what they never saw.
        let shown: filled::Typed = stood.into_iter().chain(posted).collect();
        let part = filled::part(&ctx, &staff, &more((&own, &task, &seen), wrong), &shown).await?;
        let shell = frame::shell(&ctx, &staff, say("Task")).await?;
        let error = if fine { say(frame::STALE).to_owned() } else { String::new() };
        // What was sent is put in its place knowing how it stands now.
        let hidden = vec![("ver", if fine { tag } else { sent.get("ver").to_owned() })];
        let back = act::of(&ctx, &staff, &task).await?.back();
        let page = Page { error, hidden, ..Page::new(shell, home, back) };
        return Ok(frame::unfinished(html::page(&page.with(fields, part))));
    }
    let done = act::change(&ctx, &staff, (&task, &seen), (&before, &typed), &colleagues).await?;
    match done {
        Ok(()) => {
            let owners = [colleagues.kept(&typed.who, task.assignee)?, Some(task.made_by)];
            Ok(act::saved(&staff, &owners, &home, "changed"))
        }
        Err(reason) => refused(&ctx, &staff, Some(&reason), home, &typed.text).await,
    }
}
