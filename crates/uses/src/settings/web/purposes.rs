//! Purposes: the tree, a new one below another, and what one is called in the second language.

use askama::Template;
use assent_kernel::purpose::Purpose;
use assent_kernel::{Also, Policy, PurposeKey, TreeKey};
use assent_web::catalogue::{Lang, lang};
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, shipped, text};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;

use super::{Said, again, done, enter, frame};
use crate::settings::act;
use crate::settings::model::purpose::{Form, Words, used_by};
use crate::settings::model::ticks::Ticks;
use crate::settings::model::words::{self, automation_word, basis_word};
use crate::settings::model::{Errors, WHERE_READ};

const HERE: &str = "/settings/purposes";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/purposes/{parent}/new", get(new).post(create))
        .route("/settings/purposes/{purpose}/words", get(words_of).post(translate))
}

#[derive(Template)]
#[template(path = "settings/purposes.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    lines: Vec<Line>,
}

struct Line {
    key: String,
    label: String,
    sentence: String,
    deep: usize,
    basis: &'static str,
    facts: Vec<(&'static str, String)>,
    may_have_children: bool,
}

fn line(policy: &Policy, one: &Purpose) -> Line {
    let (notices, mandates) = used_by(policy, &one.key);
    let count = |n: usize, a: &str, b: &str| text::plural(u64::try_from(n).unwrap_or(0), say(a), say(b));
    let used = words::list(&[count(notices, "notice", "notices"), count(mandates, "mandate", "mandates")]);
    let mut facts = vec![
        (say("May"), words::uses(one.uses)),
        (say("Roles"), words::roles(one.roles)),
        (say("Longest"), words::span(one.longest)),
        (say("Machines"), automation_word(one.automation).into()),
        (say("Used by"), used),
    ];
    if one.direct_marketing {
        facts.push((say("Marketing"), say("a no to all marketing closes it at once").into()));
    }
    Line {
        key: one.key.to_string(),
        label: words::purpose(one).to_owned(),
        sentence: shipped::purpose_sentence(one, lang()).to_owned(),
        deep: one.key.as_str().matches('.').count().min(3),
        basis: basis_word(one.basis),
        facts,
        // A key has an end; what lies three deep is told apart well enough.
        may_have_children: one.key.as_str().matches('.').count() < 3,
    }
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Purposes"), &said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let lines = standing.policy.purposes.values().map(|one| line(&standing.policy, one)).collect();
    Ok(html::page(&List { shell, tabs, lines }))
}

#[derive(Template)]
#[template(path = "settings/purpose_form.html")]
struct Editor {
    shell: Shell,
    tabs: Tabs,
    parent: String,
    above: String,
    basis: &'static str,
    base: u64,
    error: String,
    fields: Vec<Field>,
    ticks: Vec<Ticks>,
}

async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    parent: &Purpose,
    (form, errors, base): (&Form, &Errors, u64),
) -> Result<Editor, Problem> {
    let (shell, tabs) = frame(ctx, staff, HERE, say("New purpose"), &Said::default()).await?;
    let uses = parent.uses.iter().map(|one| (one.name(), words::use_word(one).to_owned()));
    let roles = parent.roles.iter().map(|one| (one.key(), say(one.label()).to_owned()));
    let field = |label: &str, name: &'static str, value: &String, hint: &str| Field {
        error: errors.at(name),
        hint: hint.into(),
        required: true,
        ..Field::line(label, name, value.clone())
    };
    let also = |label: &str, name: &'static str, value: &String| Field {
        required: false,
        ..field(label, name, value, say(WHERE_READ))
    };
    Ok(Editor {
        shell,
        tabs,
        parent: parent.key.to_string(),
        above: words::purpose(parent).to_owned(),
        basis: basis_word(parent.basis),
        base,
        error: errors.at("form"),
        fields: vec![
            field(
                say("Short name"),
                "name",
                &form.name,
                say("For good: receipts show it. Such as anniversary."),
            ),
            field(say("What it is called"), "label", &form.label, say("For staff and people alike.")),
            also(say("The same in German"), "label_de", &form.label_de),
            field(say("One sentence to the person"), "sentence", &form.sentence, say("So that …")),
            also(say("The sentence in German"), "sentence_de", &form.sentence_de),
            Field {
                input: Input::Line("number"),
                ..field(say("Longest life of a yes"), "days", &form.days, say("In days."))
            },
        ],
        ticks: vec![
            Ticks::new("use", say("What may be done"), uses, &form.uses).error(errors.at("use")),
            Ticks::new("role", say("Who may work for it"), roles, &form.roles).error(errors.at("role")),
        ],
    })
}

fn found<'a>(policy: &'a Policy, key: &str) -> Result<&'a Purpose, Problem> {
    let key = PurposeKey::new(key).ok();
    key.and_then(|key| policy.purposes.get(&key))
        .ok_or_else(|| Problem::not_found("There is no such purpose here."))
}

async fn new(State(ctx): State<Ctx>, Path(parent): Path<String>, staff: Staff) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let parent = found(&standing.policy, &parent)?;
    let state = (&Form::below(parent), &Errors::default(), standing.policy.version);
    Ok(html::page(&editor(&ctx, &staff, parent, state).await?))
}

async fn create(
    State(ctx): State<Ctx>,
    Path(parent): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let above = found(&standing.policy, &parent)?.clone();
    let form = Form::read(&fields);
    let base: u64 = fields.get("base").parse().unwrap_or(0);
    let changed = act::purposes::add(&ctx, &staff, (&above, base), &form).await?;
    let Some((errors, base)) = changed.in_the_way(base) else {
        return Ok(done(HERE, "saved"));
    };
    Ok(again(&editor(&ctx, &staff, &above, (&form, &errors, base)).await?))
}

#[derive(Template)]
#[template(path = "settings/purpose_words.html")]
struct WordsEditor {
    shell: Shell,
    tabs: Tabs,
    purpose: String,
    label: String,
    sentence: String,
    base: u64,
    error: String,
    fields: Vec<Field>,
}

/// Both lines in German beside the words that stay.
async fn words_editor(
    ctx: &Ctx,
    staff: &Staff,
    one: &Purpose,
    (form, errors, base): (&Words, &Errors, u64),
) -> Result<WordsEditor, Problem> {
    let (shell, tabs) = frame(ctx, staff, HERE, say("In German"), &Said::default()).await?;
    let plain = Purpose { labels: Also::default(), sentences: Also::default(), ..one.clone() };
    let field = |label: &str, name: &'static str, value: &String, else_read: &str| Field {
        error: errors.at(name),
        hint: say!("For whoever reads German. Left empty: they read “{words}”", words = else_read),
        ..Field::line(label, name, value.clone())
    };
    Ok(WordsEditor {
        shell,
        tabs,
        purpose: one.key.to_string(),
        label: one.label.clone(),
        sentence: one.sentence.clone(),
        base,
        error: errors.at("form"),
        fields: vec![
            field(
                say("What it is called"),
                "label_de",
                &form.label_de,
                shipped::purpose(&plain, Lang::German),
            ),
            field(
                say("One sentence to the person"),
                "sentence_de",
                &form.sentence_de,
                shipped::purpose_sentence(&plain, Lang::German),
            ),
        ],
    })
}

async fn words_of(
    State(ctx): State<Ctx>,
    Path(purpose): Path<String>,
    staff: Staff,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let one = found(&standing.policy, &purpose)?;
    let state = (&Words::of(one), &Errors::default(), standing.policy.version);
    Ok(html::page(&words_editor(&ctx, &staff, one, state).await?))
}

async fn translate(
    State(ctx): State<Ctx>,
    Path(purpose): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (one, form) = (found(&standing.policy, &purpose)?, Words::read(&fields));
    let base: u64 = fields.get("base").parse().unwrap_or(0);
    let changed = act::purposes::translate(&ctx, &staff, (one, base), &form).await?;
    let Some((errors, base)) = changed.in_the_way(base) else {
        return Ok(done(HERE, "saved"));
    };
    Ok(again(&words_editor(&ctx, &staff, one, (&form, &errors, base)).await?))
}
