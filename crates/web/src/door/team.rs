//! The staff: who comes in, in which roles, and who no longer. For administrators.

mod act;
mod api;
mod left;
mod teams;
mod teams_api;

use crate::filters;
use askama::Template;
use assent_kernel::{Role, StaffId};
use assent_store::access::{self, StaffAct};
use assent_store::{callers, reach};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::catalogue::kept;
use crate::ctx::Ctx;
use crate::html::page;
use crate::parts::Field;
use crate::problem::Problem;
use crate::say;
use crate::session::{Fields, Posted, Staff};
use crate::shell::{Flash, Shell, Tone};
use crate::text;

pub use act::noted;
pub use teams::{reach_of_roles, set_reach, tag_of_reach};

/// Everything that programs can do about the staff.
#[must_use]
pub fn operations() -> Vec<crate::api::Operation> {
    let mut all = api::operations();
    all.extend(teams_api::operations());
    all
}

const HERE: &str = "/settings/staff";
/// How many lines of what was done are shown.
const ACTS: u32 = 50;

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(show))
        .route("/settings/staff/new", post(invite))
        .route("/settings/staff/teams", post(teams::sent))
        .route("/settings/staff/teams/{key}/remove", post(teams::dropped))
        .route("/settings/staff/{id}/roles", post(roles))
        .route("/settings/staff/{id}/door", post(door))
        .route("/settings/staff/{id}/link", post(link))
}

#[derive(Template)]
#[template(path = "door/team.html")]
struct Team {
    shell: Shell,
    lines: Vec<Line>,
    teams: Vec<teams::Line>,
    fields: Vec<Field>,
    roles: Vec<(&'static str, &'static str, bool)>,
    error: String,
    /// A link that was made a moment ago: for whom, and where it leads.
    made: Option<(String, String)>,
    /// What somebody still looks after who was shut out a moment ago.
    left: Option<left::Left>,
    acts: Vec<Act>,
}

/// A line of what was done to accounts.
struct Act {
    who: String,
    what: String,
    by: String,
    at: String,
}

struct Line {
    id: String,
    name: String,
    email: String,
    words: String,
    roles: Vec<(&'static str, &'static str, bool)>,
    /// How they stood when the page was made.
    tag: String,
    disabled: bool,
    waits: bool,
    own: bool,
}

fn ticks(worn: &str) -> Vec<(&'static str, &'static str, bool)> {
    let has = |role: &Role| worn.split(',').any(|key| key == role.key());
    Role::WORN.iter().map(|role| (role.key(), say(role.label()), has(role))).collect()
}

fn line(one: &access::Staff, own: StaffId) -> Line {
    let words: Vec<&str> =
        one.roles.split(',').filter_map(Role::parse).map(|role| say(role.label())).collect();
    Line {
        id: one.id.to_string(),
        name: one.name.clone(),
        email: one.email.clone(),
        words: words.join(", "),
        roles: ticks(&one.roles),
        tag: act::tag_of(one),
        disabled: one.disabled,
        waits: one.password.is_none(),
        own: one.id == own,
    }
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    email: String,
    roles: String,
    error: String,
}

async fn team(
    ctx: &Ctx,
    staff: &Staff,
    typed: Typed,
    made: Option<(String, String)>,
) -> Result<Team, Problem> {
    let company = staff.company.id;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        Ok((
            (access::staff(tx, company)?, reach::teams(tx, company)?),
            access::acts(tx, company, ACTS)?,
            callers::of(tx, company)?,
        ))
    };
    let ((all, teams), acts, programs) = ctx.gate.home().read(read).await?;
    let program = |id: StaffId| {
        programs.iter().find(|one| one.id == id).map(|one| say!("{name} (program)", name = one.name))
    };
    let name = |id: StaffId| {
        let known = all.iter().find(|one| one.id == id).map(|one| one.name.clone());
        known.or_else(|| program(id)).unwrap_or_default()
    };
    let act = |act: StaffAct| Act {
        who: act.who.map_or_else(String::new, name),
        what: kept(&act.what),
        by: name(act.by),
        at: text::date_time(act.at.micros()),
    };
    let acts = acts.into_iter().map(act).collect();
    let mut shell = staff.shell(ctx, say("Staff")).await?;
    shell.purpose = None;
    let field = |label: &str, name: &'static str, value: String| Field {
        required: true,
        autocomplete: "off",
        ..Field::line(label, name, value)
    };
    Ok(Team {
        shell,
        teams: teams::lines(teams, &all),
        left: None,
        lines: all.iter().map(|one| line(one, staff.id)).collect(),
        fields: vec![
            field(say("Name"), "name", typed.name),
            field(say("E-mail address"), "email", typed.email),
        ],
        roles: ticks(&typed.roles),
        error: typed.error,
        made,
        acts,
    })
}

/// Who was shut out a moment ago, as the address says.
#[derive(Default, Deserialize)]
struct Just {
    #[serde(default)]
    shut: String,
}

async fn show(State(ctx): State<Ctx>, Query(just): Query<Just>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    let mut shown = team(&ctx, &staff, Typed::default(), None).await?;
    shown.left = left::of(&ctx, &staff, &just.shut).await?;
    Ok(page(&shown))
}

/// The page as it stands now, for whoever would have undone unread what somebody else changed.
async fn moved(ctx: &Ctx, staff: &Staff) -> Result<Response, Problem> {
    let mut shown = team(ctx, staff, Typed::default(), None).await?;
    shown.shell.flash = Some(Flash { tone: Tone::Warn, text: say(MOVED).into(), undo: None });
    let mut answer = page(&shown);
    *answer.status_mut() = StatusCode::CONFLICT;
    Ok(answer)
}

/// Whether somebody is as they stood on the page from which a form was sent.
fn as_read(fields: &Fields, now: &access::Staff) -> bool {
    !fields.has("tag") || fields.get("tag") == act::tag_of(now)
}

/// To a page when it is done; to the page as it stands now when somebody else was faster.
async fn then(
    ctx: &Ctx,
    staff: &Staff,
    done: Result<(), Problem>,
    there: String,
) -> Result<Response, Problem> {
    match done {
        Err(problem) if problem.status == StatusCode::CONFLICT => moved(ctx, staff).await,
        done => done.map(|()| Redirect::to(&there).into_response()),
    }
}

/// What is said when somebody else was faster.
pub const MOVED: &str = "Somebody changed this meanwhile, so nothing of yours was saved. This is how it stands now: look, and change it again.";

async fn invite(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    let (name, email, roles) =
        (act::clean(fields.get("name")), act::clean(fields.get("email")), chosen(&fields));
    let mut typed =
        Typed { name: name.clone(), email: email.clone(), roles: roles.clone(), error: String::new() };
    match act::invite(&ctx, &staff, (name.clone(), email, roles)).await? {
        Ok((_, link)) => Ok(page(&team(&ctx, &staff, Typed::default(), Some((name, link))).await?)),
        Err(why) => {
            typed.error = say(why).into();
            let mut answer = page(&team(&ctx, &staff, typed, None).await?);
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(answer)
        }
    }
}

/// The roles that a form names.
fn chosen(fields: &Fields) -> String {
    act::chosen(fields.all("role"))
}

async fn roles(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    let other = act::found(&ctx, &staff, &id).await?;
    if !as_read(&fields, &other) {
        return moved(&ctx, &staff).await;
    }
    let done = act::set_roles(&ctx, &staff, other, chosen(&fields)).await;
    then(&ctx, &staff, done, HERE.into()).await
}

/// Shuts somebody out, or lets them in again.
async fn door(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    let shut = match fields.get("door") {
        "shut" => true,
        "open" => false,
        _ => return Err(Problem::bad_request("Shut or open?")),
    };
    let other = act::found(&ctx, &staff, &id).await?;
    if !as_read(&fields, &other) {
        return moved(&ctx, &staff).await;
    }
    let done = act::set_door(&ctx, &staff, other, shut).await;
    let there = if shut { format!("{HERE}?shut={id}") } else { HERE.into() };
    then(&ctx, &staff, done, there).await
}

async fn link(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    let made = act::new_way(&ctx, &staff, &id).await?;
    Ok(page(&team(&ctx, &staff, Typed::default(), Some(made)).await?))
}
