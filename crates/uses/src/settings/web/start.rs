//! The first steps, and the page that somebody begins with.

use askama::Template;
use assent_kernel::Role;
use assent_web::parts::Tabs;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, session};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{Said, enter, frame};
use crate::settings::act;
use crate::settings::model::start::Steps;

pub(super) const HERE: &str = "/settings/start";
const PEOPLE: &str = "/people";

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route(HERE, get(show)).route("/settings/start/away", post(away))
}

#[derive(Template)]
#[template(path = "settings/start.html")]
struct Start {
    shell: Shell,
    tabs: Tabs,
    steps: Steps,
    /// Whether whoever looks is led here from the front door.
    led: bool,
}

async fn show(State(ctx): State<Ctx>, headers: HeaderMap, staff: Staff) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("First steps"), &Said::default()).await?;
    let steps = act::start::steps(&ctx, &staff).await?;
    let led = leads(&ctx, &headers, &staff) && !steps.enough();
    Ok(html::page(&Start { shell, tabs, steps, led }))
}

/// Does not lead there any more, in this browser.
async fn away(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    Ok(([session::remember_started(&ctx)], Redirect::to(PEOPLE)).into_response())
}

/// Whether somebody may be led through the first steps: who sets the company up, unless they have said that it is enough.
fn leads(ctx: &Ctx, headers: &HeaderMap, staff: &Staff) -> bool {
    staff.role == Role::Admin && !session::has_started(ctx, headers)
}

/// The page that somebody begins with.
///
/// # Errors
/// When nobody is signed in, the way there.
pub async fn first_page(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    staff: Staff,
) -> Result<Redirect, Problem> {
    let unfinished = leads(&ctx, &headers, &staff) && !act::start::steps(&ctx, &staff).await?.enough();
    Ok(Redirect::to(if unfinished { HERE } else { PEOPLE }))
}
