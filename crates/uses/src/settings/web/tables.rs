//! What is laid down and only read here: which role may do what for which purpose, and how long facts are whole.

use askama::Template;
use assent_kernel::category::{Class, Retention};
use assent_kernel::{Role, TreeKey};
use assent_web::parts::Tabs;
use assent_web::{Ctx, Problem, Shell, Staff, html};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::{Said, frame};
use crate::settings::model::words::{retention_word, use_word};

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/settings/roles", get(roles)).route("/settings/retention", get(retention))
}

#[derive(Template)]
#[template(path = "settings/roles.html")]
struct Roles {
    shell: Shell,
    tabs: Tabs,
    roles: Vec<&'static str>,
    rows: Vec<Row>,
}

struct Row {
    label: String,
    deep: usize,
    uses: String,
    cells: Vec<bool>,
}

/// The columns of the picture: the program and the person are no staff, but they work for purposes too.
const COLUMNS: &[Role] = Role::ALL;

async fn roles(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, "/settings/roles", "Roles", &Said::default()).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let row = |one: &assent_kernel::purpose::Purpose| Row {
        label: one.label.clone(),
        deep: one.key.as_str().matches('.').count().min(3),
        uses: one.uses.iter().map(use_word).collect::<Vec<_>>().join(", "),
        cells: COLUMNS.iter().map(|role| one.roles.has(*role)).collect(),
    };
    let rows = standing.policy.purposes.values().map(row).collect();
    Ok(html::page(&Roles { shell, tabs, roles: COLUMNS.iter().map(|role| role.label()).collect(), rows }))
}

#[derive(Template)]
#[template(path = "settings/retention.html")]
struct Kept {
    shell: Shell,
    tabs: Tabs,
    classes: Vec<Kind>,
}

struct Kind {
    code: String,
    what: &'static str,
    whole: &'static str,
    categories: Vec<(String, &'static str)>,
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

async fn retention(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, "/settings/retention", "Retention", &Said::default()).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let kind = |class: Retention| {
        let (what, whole) = retention_word(class);
        let of = standing.policy.categories.values().filter(|one| one.retention == class);
        let mark = |class: Class| match class {
            Class::Ordinary => "",
            Class::Sensitive => "sensitive",
            Class::Special => "special: needs an explicit yes",
            Class::Criminal => "criminal: needs an explicit yes",
        };
        let categories = of.map(|one| (one.label.clone(), mark(one.class))).collect();
        Kind { code: format!("{class:?}"), what, whole, categories }
    };
    Ok(html::page(&Kept { shell, tabs, classes: CLASSES.map(kind).into_iter().collect() }))
}
