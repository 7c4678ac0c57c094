//! Notices: the list, one with its versions, the editor with its preview.

use askama::Template;
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::{NoticeId, Policy};
use assent_store::policies::{self, About, Change};
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, html, text};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{Said, again, done, enter, frame, nothing};
use crate::settings::act::{self, Changed};
use crate::settings::model::notice::{Form, MOST_LANGUAGES, Typed, differences};
use crate::settings::model::reading::{self, Reading};
use crate::settings::model::ticks::Ticks;
use crate::settings::model::words::{self, Words, kind_word, transfer_word};
use crate::settings::model::{Errors, simulate};

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
    let (shell, tabs) = frame(&ctx, &staff, HERE, "Notices", &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = Words::new(&standing.policy, &staff.company.name);
    let line = |notice: &Notice| Line {
        href: format!("{HERE}/{}", notice.id),
        title: title(notice),
        purpose: words.purpose(&notice.purpose),
        version: notice.version,
        since: text::date(notice.published_at.micros()),
        langs: notice.wordings.iter().map(|w| w.lang.as_str()).collect::<Vec<_>>().join(", "),
    };
    let mut lines: Vec<Line> = standing.policy.notices.values().map(line).collect();
    lines.sort_by(|a, b| a.purpose.cmp(&b.purpose));
    Ok(html::page(&List { shell, tabs, lines }))
}

fn title(notice: &Notice) -> String {
    notice.wording("en").map_or_else(|| notice.purpose.to_string(), |words| words.title.clone())
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
        ("What we would do", wording.text.clone()),
        ("Kinds of data", words.categories(&notice.categories)),
        ("We could", words::uses(notice.uses)),
        ("Who", words.recipients(&notice.recipients)),
        ("Where", words.zones(&notice.zones)),
        ("How long", words::span(notice.lasts)),
        ("What could go wrong", wording.risks.clone()),
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
    let (standing, company) = (ctx.gate.policy(staff.company.id).await?, staff.company.id);
    let now = current(&standing.policy, &id)?;
    let wanted = now.id;
    let body = ctx.gate.home().read(move |tx| policies::notice(tx, company, wanted, version)).await?;
    let body = body.ok_or_else(|| nothing("version"))?;
    let old: Notice = serde_json::from_str(&body).map_err(|error| Problem::internal(&error))?;
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
    let (shell, tabs) = frame(ctx, staff, HERE, &title(notice), said).await?;
    let (company, id) = (staff.company.id, notice.id);
    let versions = ctx.gate.home().read(move |tx| policies::notice_versions(tx, company, id)).await?;
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
        standing: text::plural(count, "person says yes", "people say yes"),
    }))
}

fn current<'a>(policy: &'a Policy, id: &str) -> Result<&'a Notice, Problem> {
    let id: Option<NoticeId> = id.parse().ok();
    id.and_then(|id| policy.notices.get(&id)).ok_or_else(|| nothing("notice"))
}

#[derive(Template)]
#[template(path = "settings/notice_form.html")]
struct Editor {
    shell: Shell,
    tabs: Tabs,
    action: String,
    back: String,
    base: u64,
    error: String,
    purpose: Option<Field>,
    asked: Vec<Ticks>,
    depth: Field,
    days: Field,
    blocks: Vec<Block>,
    /// What publishing would mean, once it was looked at.
    checked: Option<Checked>,
    again: Option<Again>,
}

/// One language of the editor.
struct Block {
    i: usize,
    typed: Typed,
    open: bool,
    reading: Option<Reading>,
    errors: [String; 6],
}

struct Checked {
    shown: Vec<Shown>,
    differences: Vec<String>,
    closed: Vec<String>,
    version: u32,
}

/// The question whether people must be asked again.
struct Again {
    people: String,
    chosen: String,
    error: String,
}

/// What the editor shows.
struct Draft<'a> {
    old: Option<&'a Notice>,
    form: Form,
    errors: Errors,
    base: u64,
    fresh: Option<Notice>,
}

async fn editor(ctx: &Ctx, staff: &Staff, policy: &Policy, draft: Draft<'_>) -> Result<Editor, Problem> {
    let name = draft.old.map_or_else(|| "New notice".to_owned(), |old| format!("Change: {}", title(old)));
    let (shell, tabs) = frame(ctx, staff, HERE, &name, &Said::default()).await?;
    let words = Words::new(policy, &staff.company.name);
    let (form, errors) = (&draft.form, &draft.errors);
    let people = match draft.old {
        Some(old) => Some(act::standing(ctx, staff, old.id).await?),
        None => None,
    };
    let checked = draft.fresh.as_ref().map(|fresh| Checked {
        shown: preview(&words, fresh),
        differences: draft.old.map(|old| differences(&words, old, fresh)).unwrap_or_default(),
        closed: simulate::closed_to(policy, fresh, ctx.now(), &words),
        version: fresh.version,
    });
    let back = draft.old.map_or_else(|| HERE.to_owned(), |old| format!("{HERE}/{}", old.id));
    let action = draft.old.map_or_else(|| format!("{HERE}/new"), |old| format!("{HERE}/{}/edit", old.id));
    Ok(Editor {
        shell,
        tabs,
        action,
        back,
        base: draft.base,
        error: if errors.is_empty() { String::new() } else { summary(errors) },
        purpose: draft.old.is_none().then(|| purpose_field(policy, form, errors)),
        asked: asked(&words, form, errors),
        depth: depth_field(form, errors),
        days: Field {
            input: Input::Line("number"),
            error: errors.at("days"),
            hint: "In days. A yes ends by itself after that.".into(),
            required: true,
            ..Field::line("For how long", "days", form.days.clone())
        },
        blocks: blocks(form, errors),
        checked,
        again: people.map(|people| Again {
            people: text::plural(people, "person says yes to it today", "people say yes to it today"),
            chosen: form.material.clone(),
            error: errors.at("material"),
        }),
    })
}

fn summary(errors: &Errors) -> String {
    let general = errors.at("form");
    if general.is_empty() {
        let n = u64::try_from(errors.len()).unwrap_or(0);
        format!("{} to put right; it stands beside the field.", text::plural(n, "thing", "things"))
    } else {
        general
    }
}

fn purpose_field(policy: &Policy, form: &Form, errors: &Errors) -> Field {
    let open = policy
        .purposes
        .values()
        .filter(|one| one.basis.needs_grant() && policy.notice_for(&one.key).is_none());
    let mut options = vec![(String::new(), "Choose".to_owned())];
    options.extend(open.map(|one| (one.key.to_string(), one.label.clone())));
    Field {
        input: Input::Select(options),
        error: errors.at("purpose"),
        hint: "Only purposes that stand on a yes and have no notice yet.".into(),
        required: true,
        ..Field::line("What for", "purpose", form.purpose.clone())
    }
}

fn asked(words: &Words<'_>, form: &Form, errors: &Errors) -> Vec<Ticks> {
    let parties = words.policy.parties.values().filter(|party| party.id != words.policy.home);
    let parties = parties.map(|party| (party.id.to_string(), party.name.clone()));
    let kinds = words::KINDS.map(|(key, kind)| (key, format!("any {}", kind_word(kind))));
    let transfers = words::TRANSFERS.map(|(key, by)| (key, transfer_word(by).to_owned()));
    vec![
        Ticks::new("category", "Which kinds of data", words.all_categories(), &form.categories)
            .tree()
            .hint("A kind includes everything below it.")
            .error(errors.at("category")),
        Ticks::new("use", "What may be done", words::all_uses(), &form.uses).error(errors.at("use")),
        Ticks::new("party", "Who receives, by name", parties, &form.parties)
            .hint("Nobody ticked: only your own company.")
            .error(errors.at("party")),
        Ticks::new("kind", "Who receives, by kind", kinds, &form.kinds),
        Ticks::new("region", "Where it may be", words.all_regions(), &form.regions)
            .tree()
            .error(errors.at("region")),
        Ticks::new("transfer", "And elsewhere, by", transfers, &form.transfers),
    ]
}

fn depth_field(form: &Form, errors: &Errors) -> Field {
    let options = [
        ("0", "none of those they engage"),
        ("1", "those they engage themselves"),
        ("2", "two tiers deep"),
        ("3", "three tiers deep"),
    ];
    Field {
        input: Input::Select(options.map(|(key, label)| (key.into(), label.into())).to_vec()),
        error: errors.at("depth"),
        ..Field::line("And of their sub-processors", "depth", form.depth.clone())
    }
}

fn blocks(form: &Form, errors: &Errors) -> Vec<Block> {
    let filled = form.words.len();
    let block = |i: usize| {
        let typed = form.words.get(i).cloned().unwrap_or_default();
        let parts = [&typed.title, &typed.benefit, &typed.text, &typed.risks, &typed.if_no];
        let whole = parts.map(|part| format!("{part}\n")).concat();
        let names = ["lang", "title", "benefit", "text", "risks", "if-no"];
        Block {
            i,
            open: i < filled.max(1),
            reading: reading::measure(&typed.lang, &whole),
            errors: names.map(|name| errors.at(&format!("{name}-{i}"))),
            typed,
        }
    };
    // One more than there are, to add a language without a script.
    (0..MOST_LANGUAGES.min(filled.saturating_add(1).max(1))).map(block).collect()
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
    let apply = |policy: &mut Policy| {
        let old = policy.notices.get(&id).cloned();
        let notice = form.parse(policy, old.as_ref(), id, at)?;
        if old.is_some() && !["yes", "no"].contains(&form.material.as_str()) {
            let mut errors = Errors::default();
            errors.add("material", "Say whether those who agreed before must be asked again.");
            return Err(errors);
        }
        let oldest = policy.oldest_valid.entry(id).or_insert(notice.version);
        if notice.material {
            *oldest = notice.version;
        }
        let what = format!("Notice “{}”: version {} published", title(&notice), notice.version);
        let again = if notice.material && notice.version > 1 { ", people are asked again" } else { "" };
        policy.notices.insert(id, notice);
        Ok(Change {
            about: About::Notice,
            by: Some(staff.id),
            second: None,
            item: id.to_string(),
            what: format!("{what}{again}."),
            settles: None,
        })
    };
    let changed = act::change(ctx, staff, base, |policy| policy.notices.get(&id).cloned(), apply).await?;
    let (errors, base) = match changed {
        Changed::Yes => return Ok(done(&format!("{HERE}/{id}"), "published")),
        Changed::Meanwhile(sentence, now) => {
            let mut errors = Errors::default();
            errors.add("form", sentence);
            (errors, now)
        }
        Changed::No(errors) => (errors, base),
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

/// What is wrong at one field of a language.
#[derive(Template)]
#[template(
    source = "{% if !what.is_empty() %}<span class=\"error\">{{ assent_web::icon(\"x\") }}<span>{{ what }}</span></span>{% endif %}",
    ext = "html"
)]
struct Wrong<'a> {
    what: &'a str,
}

impl Editor {
    fn wrong(&self, block: &Block, field: usize) -> assent_web::Html {
        let what = block.errors.get(field).map_or("", String::as_str);
        assent_web::Html::of(&Wrong { what })
    }
}
