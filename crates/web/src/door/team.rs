//! The staff: who comes in, in which roles, and who no longer. For administrators.

use askama::Template;
use assent_kernel::{Role, StaffId};
use assent_store::access::{self, Door, StaffAct};
use assent_store::{StoreError, factors};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{INVITATION, you};
use crate::ctx::Ctx;
use crate::html::page;
use crate::parts::Field;
use crate::problem::Problem;
use crate::session::{self, Fields, Posted, Staff};
use crate::shell::Shell;
use crate::text;

const HERE: &str = "/settings/staff";
/// How many lines of what was done are shown.
const ACTS: u32 = 50;
/// The roles that people can wear; the program and the person are none of the staff's.
const WORN: &[Role] = &[
    Role::Admin,
    Role::Sales,
    Role::Marketing,
    Role::Support,
    Role::Billing,
    Role::Dpo,
    Role::Product,
    Role::Auditor,
];

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(show))
        .route("/settings/staff/new", post(invite))
        .route("/settings/staff/{id}/roles", post(roles))
        .route("/settings/staff/{id}/door", post(door))
        .route("/settings/staff/{id}/link", post(link))
}

#[derive(Template)]
#[template(path = "door/team.html")]
struct Team {
    shell: Shell,
    lines: Vec<Line>,
    fields: Vec<Field>,
    roles: Vec<(&'static str, &'static str, bool)>,
    error: String,
    /// A link that was made a moment ago: for whom, and where it leads.
    made: Option<(String, String)>,
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
    disabled: bool,
    waits: bool,
    own: bool,
}

fn ticks(worn: &str) -> Vec<(&'static str, &'static str, bool)> {
    let has = |role: &Role| worn.split(',').any(|key| key == role.key());
    WORN.iter().map(|role| (role.key(), role.label(), has(role))).collect()
}

fn line(one: &access::Staff, own: StaffId) -> Line {
    let words: Vec<&str> = one.roles.split(',').filter_map(Role::parse).map(Role::label).collect();
    Line {
        id: one.id.to_string(),
        name: one.name.clone(),
        email: one.email.clone(),
        words: words.join(", "),
        roles: ticks(&one.roles),
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
        Ok((access::staff(tx, company)?, access::acts(tx, company, ACTS)?))
    };
    let (all, acts) = ctx.gate.home().read(read).await?;
    let name =
        |id: StaffId| all.iter().find(|one| one.id == id).map_or_else(String::new, |one| one.name.clone());
    let act = |act: StaffAct| Act {
        who: act.who.map_or_else(String::new, name),
        what: act.what,
        by: name(act.by),
        at: text::date_time(act.at.micros()),
    };
    let acts = acts.into_iter().map(act).collect();
    let mut shell = staff.shell(ctx, "Staff").await?;
    shell.purpose = None;
    let field = |label: &str, name: &'static str, value: String| Field {
        required: true,
        autocomplete: "off",
        ..Field::line(label, name, value)
    };
    Ok(Team {
        shell,
        lines: all.iter().map(|one| line(one, staff.id)).collect(),
        fields: vec![field("Name", "name", typed.name), field("E-mail address", "email", typed.email)],
        roles: ticks(&typed.roles),
        error: typed.error,
        made,
        acts,
    })
}

async fn show(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    Ok(page(&team(&ctx, &staff, Typed::default(), None).await?))
}

/// The roles that a form names, in order and each once.
fn chosen(fields: &Fields) -> String {
    let named = |role: &&Role| fields.all("role").any(|key| key == role.key());
    WORN.iter().filter(named).map(|role| role.key()).collect::<Vec<_>>().join(",")
}

/// Does something to an account, or to the ways in, and writes it down in the same transaction.
pub(super) async fn noted(
    ctx: &Ctx,
    staff: &Staff,
    who: Option<StaffId>,
    what: String,
    work: impl Fn(&mut assent_store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), StoreError> {
    let (company, id) =
        (staff.company.id, you::id(ctx).map_err(|_| StoreError::Damaged("random bytes".into()))?);
    let act = StaffAct { at: ctx.now(), by: staff.id, who, what };
    let both = move |tx: &mut assent_store::Tx<'_>| {
        work(tx)?;
        access::note_act(tx, company, id, &act)
    };
    ctx.gate.home().write(both).await
}

/// A link that works once: what to store, and the words for whoever hands it on.
fn new_link(ctx: &Ctx) -> Result<([u8; 32], String), Problem> {
    let token = ctx.gate.secret()?;
    Ok((session::digest(&token), format!("{}/invite/{}", ctx.settings.base_url, session::written(&token))))
}

async fn invite(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let clean =
        |name: &str| fields.get(name).chars().filter(|c| !c.is_control()).take(120).collect::<String>();
    let (name, email, roles) = (clean("name"), clean("email").to_lowercase(), chosen(&fields));
    let address = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let mut typed =
        Typed { name: name.clone(), email: email.clone(), roles: roles.clone(), error: String::new() };
    if name.is_empty() || !address {
        typed.error = "Say who it is, and a whole e-mail address.".into();
    } else if roles.is_empty() {
        typed.error = "Choose at least one role.".into();
    } else {
        let (id, at) = (ctx.gate.fresh(ctx.now(), StaffId::new)?, ctx.now());
        let company = staff.company.id;
        let what = format!("Invited, to work as {roles}.");
        let row =
            access::Staff { id, company, email, name: name.clone(), roles, password: None, disabled: false };
        let (digest, link) = new_link(&ctx)?;
        let add = move |tx: &mut assent_store::Tx<'_>| {
            access::add_staff(tx, &row, at)?;
            access::add_link(tx, &digest, company, Door::Invite, &id.to_bytes(), at, at.plus(INVITATION))
        };
        match noted(&ctx, &staff, Some(id), what, add).await {
            Ok(()) => return Ok(page(&team(&ctx, &staff, Typed::default(), Some((name, link))).await?)),
            Err(StoreError::Conflict(_)) => typed.error = "Somebody here has that address already.".into(),
            Err(error) => return Err(error.into()),
        }
    }
    let mut answer = page(&team(&ctx, &staff, typed, None).await?);
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}

/// One of this company's staff.
async fn found(ctx: &Ctx, staff: &Staff, id: &str) -> Result<access::Staff, Problem> {
    let nobody = || Problem::not_found("There is nobody here by that id.");
    let id: StaffId = id.parse().map_err(|_| nobody())?;
    let row = ctx.gate.home().read(move |tx| access::staff_by_id(tx, id)).await?;
    row.filter(|row| row.company == staff.company.id).ok_or_else(nobody)
}

/// Nobody takes the key out of their own hand: somebody must be left who can give it back.
fn not_oneself(staff: &Staff, other: &access::Staff) -> Result<(), Problem> {
    if other.id == staff.id {
        return Err(Problem::invalid("That is you. Another administrator has to do it."));
    }
    Ok(())
}

async fn roles(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let other = found(&ctx, &staff, &id).await?;
    let roles = chosen(&fields);
    if roles.is_empty() {
        return Err(Problem::invalid(
            "At least one role. Somebody who should not come in any more is shut out instead.",
        ));
    }
    if !roles.split(',').any(|key| key == Role::Admin.key()) {
        not_oneself(&staff, &other)?;
    }
    let (company, who, at) = (staff.company.id, other.id, ctx.now());
    let what = format!("Works as {roles} from now on; before, as {}.", other.roles);
    noted(&ctx, &staff, Some(who), what, move |tx| access::set_roles(tx, company, who, &roles, at)).await?;
    Ok(Redirect::to(HERE).into_response())
}

/// Shuts somebody out, or lets them in again.
async fn door(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let other = found(&ctx, &staff, &id).await?;
    not_oneself(&staff, &other)?;
    let since = match fields.get("door") {
        "shut" => Some(ctx.now()),
        "open" => None,
        _ => return Err(Problem::bad_request("Shut or open?")),
    };
    let (company, who) = (staff.company.id, other.id);
    let what = if since.is_some() { "Shut out." } else { "Let in again." };
    noted(&ctx, &staff, Some(who), what.into(), move |tx| access::set_disabled(tx, company, who, since))
        .await?;
    Ok(Redirect::to(HERE).into_response())
}

/// A new link for whoever has lost password, phone and device: what they had counts no more.
async fn link(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let other = found(&ctx, &staff, &id).await?;
    not_oneself(&staff, &other)?;
    let (who, company, at) = (other.id, staff.company.id, ctx.now());
    let (digest, link) = new_link(&ctx)?;
    let anew = move |tx: &mut assent_store::Tx<'_>| {
        factors::remove_all(tx, who)?;
        access::set_password(tx, who, None, at)?;
        access::add_link(tx, &digest, company, Door::Invite, &who.to_bytes(), at, at.plus(INVITATION))
    };
    noted(&ctx, &staff, Some(who), "Given a new link; every way in from before is gone.".into(), anew)
        .await?;
    Ok(page(&team(&ctx, &staff, Typed::default(), Some((other.name, link))).await?))
}
