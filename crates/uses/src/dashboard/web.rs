//! The page: act, render.

use askama::Template;
use assent_web::chart::Figure;
use assent_web::{Ctx, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::act;
use super::model::{people, uses, work};
use crate::frame::{self, words};

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new().route("/dashboard", get(show))
}

/// Everything that the page draws.
pub struct Figures {
    /// Deals, by stage, by month, and how they ended.
    pub deals: Vec<Figure>,
    /// Tasks.
    pub tasks: Figure,
    /// People, as far as they may be told.
    pub people: Vec<Figure>,
    /// How much was used; nothing for whom the ledger is not.
    pub uses: Option<Figure>,
}

#[derive(Template)]
#[template(path = "dashboard/page.html")]
struct Page {
    shell: Shell,
    deals: Vec<Figure>,
    tasks: Figure,
    people: Vec<Figure>,
    uses: Option<Figure>,
}

/// Counts everything, and puts it into figures.
pub async fn figures(ctx: &Ctx, staff: &Staff) -> Result<Figures, Problem> {
    let counted = act::count(ctx, staff).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let purpose = words(ctx, staff, &standing.policy).label(&staff.purpose);
    let now = ctx.now();
    let mut deals = work::by_stage(&counted);
    deals.extend(work::by_month(&counted, now));
    deals.push(work::ended(&counted, now));
    Ok(Figures {
        deals,
        uses: act::uses(ctx, staff).await?.map(|counts| uses::by_day(&counts, now)),
        tasks: work::tasks(&counted, now),
        people: vec![
            people::standing(&counted.people, &purpose),
            people::asked(&counted.people),
            people::newcomers(&counted.people, now),
        ],
    })
}

async fn show(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let Figures { deals, tasks, people, uses } = figures(&ctx, &staff).await?;
    let shell = frame::shell(&ctx, &staff, say("Dashboard")).await?;
    Ok(html::page(&Page { shell, deals, tasks, people, uses }))
}
