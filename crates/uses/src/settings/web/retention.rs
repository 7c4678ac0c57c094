//! For how long facts may be used whole: the classes, what is in each, and what is kept shorter.

use askama::Template;
use assent_kernel::CategoryKey;
use assent_kernel::category::{Class, Retention};
use assent_web::parts::{Field, Input, Tabs};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;

use super::{Said, again, done, enter, frame};
use crate::settings::act::retention as act;
use crate::settings::model::Errors;
use crate::settings::model::retention::{code, may_be, read, shorter};
use crate::settings::model::words::{known, retention_word};

pub(super) const HERE: &str = "/settings/retention";

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route(HERE, get(all).post(set))
}

#[derive(Template)]
#[template(path = "settings/retention.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    classes: Vec<Kind>,
    shorter: Vec<Shorter>,
    base: u64,
    error: String,
    fields: Vec<Field>,
}

struct Kind {
    code: String,
    what: &'static str,
    whole: &'static str,
    categories: Vec<(String, &'static str)>,
}

/// A kind of values that is kept shorter than usual, and what would put it back.
struct Shorter {
    key: String,
    label: String,
    now: &'static str,
    usual: &'static str,
    back: String,
}

const CLASSES: [Retention; 8] = [
    Retention::R0,
    Retention::R1,
    Retention::R2,
    Retention::R3,
    Retention::R4,
    Retention::R5,
    Retention::R6,
    Retention::R7,
];

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    said: &Said,
    (key, class, errors): (&str, &str, &Errors),
) -> Result<Page, Problem> {
    let (shell, tabs) = frame(ctx, staff, HERE, say("Retention"), said).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let policy = &standing.policy;
    let kind = |class: Retention| {
        let (what, whole) = retention_word(class);
        let of = policy.categories.values().filter(|one| one.retention == class);
        let mark = |class: Class| match class {
            Class::Ordinary => "",
            Class::Sensitive => say("sensitive"),
            Class::Special => say("special: needs an explicit yes"),
            Class::Criminal => say("criminal: needs an explicit yes"),
        };
        let categories = of.map(|one| (known(&one.label).to_owned(), mark(one.class))).collect();
        Kind { code: format!("{class:?}"), what, whole, categories }
    };
    let label = |key: &CategoryKey| {
        policy.categories.get(key).map_or_else(|| key.to_string(), |one| known(&one.label).to_owned())
    };
    let shorter = shorter(policy).into_iter().map(|(key, now, usual)| Shorter {
        key: key.to_string(),
        label: label(key),
        now: retention_word(now).1,
        usual: retention_word(usual).1,
        back: code(usual),
    });
    let kinds = policy.categories.values().filter(|one| may_be(&one.key).len() > 1);
    let kinds = kinds.map(|one| (one.key.to_string(), known(&one.label).to_owned())).collect();
    let spans = may_be_at_all().into_iter().map(|class| (code(class), retention_word(class).1.to_owned()));
    Ok(Page {
        shell,
        tabs,
        classes: CLASSES.map(kind).into_iter().collect(),
        shorter: shorter.collect(),
        base: policy.version,
        error: errors.at("form"),
        fields: vec![
            Field {
                input: Input::Select(kinds),
                error: errors.at("category"),
                required: true,
                ..Field::line(say("Kind of values"), "category", key.to_owned())
            },
            Field {
                input: Input::Select(spans.collect()),
                error: errors.at("class"),
                required: true,
                ..Field::line(say("Whole for"), "class", class.to_owned())
            },
        ],
    })
}

/// Every class with a clock of its own, longest first.
fn may_be_at_all() -> Vec<Retention> {
    CategoryKey::new("contact").map(|key| may_be(&key)).unwrap_or_default()
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    Ok(html::page(&page(&ctx, &staff, &said, ("", "", &Errors::default())).await?))
}

async fn set(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let (category, class) = (sent.get("category").to_owned(), sent.get("class").to_owned());
    let base: u64 = sent.get("base").parse().unwrap_or(0);
    let (Ok(key), Some(wanted)) = (CategoryKey::new(&category), read(&class)) else {
        return Err(Problem::bad_request("A choice is missing: which kind of values, and for how long?"));
    };
    let changed = act::set(&ctx, &staff, (&key, wanted), base).await?;
    let Some((errors, _)) = changed.in_the_way(base) else { return Ok(done(HERE, "saved")) };
    Ok(again(&page(&ctx, &staff, &Said::default(), (&category, &class, &errors)).await?))
}
