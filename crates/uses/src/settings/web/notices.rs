//! Notices: the list, one with its versions, the editor with its preview.

mod editor;

use askama::Template;
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::{NoticeId, Policy};
use assent_web::parts::Tabs;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use editor::{Draft, editor};

use super::{Said, again, done, enter, frame};
use crate::settings::act;
use crate::settings::model::Errors;
use crate::settings::model::notice::{Form, title_here};
use crate::settings::model::words::{self, Words};
use assent_web::reading::{self, Reading};

const HERE: &str = "/settings/notices";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/notices/new", get(new).post(create))
        .route("/settings/notices/reading", post(reads))
        .route("/settings/notices/{id}", get(one))
        .route("/settings/notices/{id}/v/{version}", get(version))
        .route("/settings/notices/{id}/edit", get(edit).post(save))
}

#[derive(Template)]
#[template(path = "settings/notices.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    lines: Vec<Line>,
}

struct Line {
    href: String,
    title: String,
    purpose: String,
    version: u32,
    since: String,
    langs: String,
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Notices"), &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = Words::new(&standing.policy, &staff.company.name);
    let line = |notice: &Notice| Line {
        href: format!("{HERE}/{}", notice.id),
        title: title_here(notice),
        purpose: words.purpose(&notice.purpose),
        version: notice.version,
        since: text::date(notice.published_at.micros()),
        langs: notice.wordings.iter().map(|w| w.lang.as_str()).collect::<Vec<_>>().join(", "),
    };
    let mut lines: Vec<Line> = standing.policy.notices.values().map(line).collect();
    lines.sort_by(|a, b| a.purpose.cmp(&b.purpose));
    Ok(html::page(&List { shell, tabs, lines }))
}

/// A notice as the person reads it, in one language.
struct Shown {
    lang: String,
    title: String,
    benefit: String,
    facts: Vec<(&'static str, String)>,
    if_no: String,
    reading: Option<Reading>,
}

fn shown(words: &Words<'_>, notice: &Notice, wording: &Wording) -> Shown {
    let facts = vec![
        (say("What we would do"), wording.text.clone()),
        (say("Kinds of data"), words.categories(&notice.categories)),
        (say("We could"), words::uses(notice.uses)),
        (say("Who"), words.recipients(&notice.recipients)),
        (say("Where"), words.zones(&notice.zones)),
        (say("How long"), words::span(notice.lasts)),
        (say("What could go wrong"), wording.risks.clone()),
    ];
    let whole = [&wording.title, &wording.benefit, &wording.text, &wording.risks, &wording.if_no];
    let whole = whole.map(|part| format!("{part}\n")).concat();
    Shown {
        lang: wording.lang.clone(),
        title: wording.title.clone(),
        benefit: wording.benefit.clone(),
        facts: facts.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
        if_no: wording.if_no.clone(),
        reading: reading::measure(&wording.lang, &whole),
    }
}

fn preview(words: &Words<'_>, notice: &Notice) -> Vec<Shown> {
    notice.wordings.iter().map(|wording| shown(words, notice, wording)).collect()
}

#[derive(Template)]
#[template(path = "settings/notice.html")]
struct One {
    shell: Shell,
    tabs: Tabs,
    id: String,
    purpose: String,
    version: u32,
    since: String,
    newest: bool,
    material: bool,
    shown: Vec<Shown>,
    versions: Vec<u32>,
    standing: String,
}

impl One {
    /// Where the version is that holds now.
    fn here(&self) -> String {
        format!("{HERE}/{}", self.id)
    }
}

async fn one(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let notice = current(&standing.policy, &id)?.clone();
    page(&ctx, &staff, &standing.policy, &notice, true, &said).await
}

async fn version(
    State(ctx): State<Ctx>,
    Path((id, version)): Path<(String, u32)>,
    staff: Staff,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let now = current(&standing.policy, &id)?;
    let old = act::notice(&ctx, &staff, now.id, version)
        .await?
        .ok_or_else(|| Problem::not_found("There is no such version here."))?;
    page(&ctx, &staff, &standing.policy, &old, old.version == now.version, &Said::default()).await
}

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    policy: &Policy,
    notice: &Notice,
    newest: bool,
    said: &Said,
) -> Result<Response, Problem> {
    let (shell, tabs) = frame(ctx, staff, HERE, &title_here(notice), said).await?;
    let id = notice.id;
    let versions = act::versions(ctx, staff, id).await?;
    let words = Words::new(policy, &staff.company.name);
    let count = act::standing(ctx, staff, id).await?;
    Ok(html::page(&One {
        shell,
        tabs,
        id: id.to_string(),
        purpose: words.purpose(&notice.purpose),
        version: notice.version,
        since: text::date(notice.published_at.micros()),
        newest,
        material: notice.material && notice.version > 1,
        shown: preview(&words, notice),
        versions: versions.into_iter().filter(|one| *one != notice.version).collect(),
        standing: if count == 1 {
            say!("{n} person says yes to this notice today.", n = 1)
        } else {
            say!("{n} people say yes to this notice today.", n = text::count(count))
        },
    }))
}

fn current<'a>(policy: &'a Policy, id: &str) -> Result<&'a Notice, Problem> {
    let id: Option<NoticeId> = id.parse().ok();
    id.and_then(|id| policy.notices.get(&id))
        .ok_or_else(|| Problem::not_found("There is no such notice here."))
}

async fn new(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let policy = &standing.policy;
    let form = Form::fresh(&staff.company.region);
    let draft = Draft { old: None, form, errors: Errors::default(), base: policy.version, fresh: None };
    Ok(html::page(&editor(&ctx, &staff, policy, draft).await?))
}

async fn edit(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let old = current(&standing.policy, &id)?;
    let form = Form::of(old).ok_or_else(|| {
        Problem::invalid("This notice was made by a program, in a form that this page cannot show whole.")
    })?;
    let base = standing.policy.version;
    let draft = Draft { old: Some(old), form, errors: Errors::default(), base, fresh: None };
    Ok(html::page(&editor(&ctx, &staff, &standing.policy, draft).await?))
}

async fn create(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let id = ctx.gate.fresh(ctx.now(), NoticeId::new)?;
    publish(&ctx, &staff, id, &fields).await
}

async fn save(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let id = current(&standing.policy, &id)?.id;
    publish(&ctx, &staff, id, &fields).await
}

/// Looks at what was typed, or publishes it.
async fn publish(ctx: &Ctx, staff: &Staff, id: NoticeId, fields: &Fields) -> Result<Response, Problem> {
    let (form, at) = (Form::read(fields), ctx.now());
    let base: u64 = fields.get("base").parse().unwrap_or(0);
    let standing = ctx.gate.reload_policy(staff.company.id).await?;
    let old = standing.policy.notices.get(&id);
    let looked = form.parse(&standing.policy, old, id, at);
    if fields.get("do") != "publish" || looked.is_err() {
        let (fresh, errors) = match looked {
            Ok(fresh) => (Some(fresh), Errors::default()),
            Err(errors) => (None, errors),
        };
        let wrong = fresh.is_none();
        let page = editor(ctx, staff, &standing.policy, Draft { old, form, errors, base, fresh }).await?;
        return Ok(if wrong { again(&page) } else { html::page(&page) });
    }
    let changed = act::notices::publish(ctx, staff, (id, base), &form, at).await?;
    let Some((errors, base)) = changed.in_the_way(base) else {
        return Ok(done(&format!("{HERE}/{id}"), "published"));
    };
    let standing = ctx.gate.policy(staff.company.id).await?;
    let old = standing.policy.notices.get(&id);
    let fresh = form.parse(&standing.policy, old, id, at).ok();
    let page = editor(ctx, staff, &standing.policy, Draft { old, form, errors, base, fresh }).await?;
    Ok(again(&page))
}

/// How a text reads, for the script that asks while somebody types.
async fn reads(Posted(staff, fields): Posted<Staff>) -> Result<String, Problem> {
    enter(&staff)?;
    let measured = reading::measure(&fields.get("lang").to_lowercase(), fields.get("text"));
    Ok(measured.map_or_else(String::new, Reading::sentence))
}
