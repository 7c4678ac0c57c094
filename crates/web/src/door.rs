//! The staff's door: sign in with a password, take up an invitation, choose role and purpose, leave.

mod browser;
mod codes;
mod flow;
mod oidc;
mod passkey;
pub mod person_key;
pub mod person_oidc;
mod person_provider;
mod provider;
mod qr;
mod second;
mod team;
mod token;
mod you;

use crate::filters;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use askama::Template;
use assent_kernel::{PurposeKey, Role, Span, StaffId};
use assent_store::access::{self, Door};
use assent_store::factors;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

pub use team::{MOVED, noted, operations as staff_operations, reach_of_roles, set_reach, tag_of_reach};

use crate::ctx::Ctx;
use crate::html::page;
use crate::problem::Problem;
use crate::say;
use crate::session::{self, Client, Fields, Posted, STAFF_SESSION, Staff, same_site};
use crate::shell::Shell;

/// How many passwords are hashed at once: each takes 19 MiB and a good part of a core.
static HASHING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);
/// How long a sign-in waits for its turn.
const TURN: std::time::Duration = std::time::Duration::from_secs(10);
/// The shortest password.
const SHORTEST: usize = 12;
/// How long an invitation holds.
pub const INVITATION: Span = Span::days(7);

/// The routes of the door.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/sign-in", get(show).post(sign_in))
        .route("/sign-in/code", get(second::show).post(second::answer))
        .route("/sign-in/with/{company}", get(oidc::go))
        .route("/sign-in/back/{company}", get(oidc::back))
        .merge(you::routes())
        .merge(provider::routes())
        .merge(team::routes())
        .merge(passkey::routes())
        .merge(person_key::routes())
        .merge(person_oidc::routes())
        .merge(person_provider::routes())
        .route("/sign-out", post(sign_out))
        .route("/invite/{token}", get(invited).post(take_up))
        .route("/language", post(speak))
        .route("/work/purpose", post(purpose))
        .route("/work/role", get(role_page).post(role))
}

/// Remembers the language somebody chose, and leads back to the page they chose it on.
async fn speak(headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    same_site(&headers)?;
    let from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    // A path of ours and nothing else; what the last act did is not told again.
    let back = path.map_or("/", |path| path.split(['?', '#']).next().unwrap_or("/"));
    let back = if back.starts_with("//") || back.contains('\\') { "/" } else { back };
    let lang = Fields::parse(&body).get("lang").to_owned();
    Ok(([session::speak(&lang)], Redirect::to(back)).into_response())
}

#[derive(Template)]
#[template(path = "door/sign_in.html")]
struct SignIn {
    shell: Shell,
    email: String,
    error: String,
    ways: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "door/invite.html")]
struct Invite {
    shell: Shell,
    error: String,
    shortest: usize,
}

#[derive(Template)]
#[template(path = "door/role.html")]
struct Roles {
    shell: Shell,
    to: Role,
}

fn outside(title: &str, headers: &HeaderMap) -> Shell {
    Shell {
        title: title.into(),
        company: "Assent".into(),
        theme: crate::shell::Theme::of(headers),
        ..Shell::default()
    }
}

async fn show(State(ctx): State<Ctx>, headers: HeaderMap) -> Result<Response, Problem> {
    sign_in_page(&ctx, &headers, String::new(), String::new()).await
}

/// The page with every way in: a password, a passkey, the companies' own sign-ins.
async fn sign_in_page(
    ctx: &Ctx,
    headers: &HeaderMap,
    email: String,
    error: String,
) -> Result<Response, Problem> {
    let found = ctx.gate.home().read(factors::providers).await?;
    let companies = if found.is_empty() { Vec::new() } else { ctx.gate.companies().await? };
    let way = |(id, label): (assent_kernel::CompanyId, String)| {
        let company = companies.iter().find(|one| one.id == id)?;
        // The company says what its button says, and the installation whose button it is.
        Some((format!("/sign-in/with/{}", company.code), format!("{} – {label}", company.name)))
    };
    let ways = found.into_iter().filter_map(way).collect();
    Ok(page(&SignIn { shell: outside(say("Sign in"), headers), email, error, ways }))
}

/// How often a password is tried in a quarter of an hour: with one address from one place, from one place, with one
/// address. The last is far more than anybody mistypes, so that a stranger's knocking keeps nobody out easily.
const TRIES: [i64; 3] = [10, 300, 200];

/// The name of tries with one address from one place.
fn from_there(client: &Client, email: &str) -> String {
    format!("sign-in {} {email}", client.name())
}

async fn limit(ctx: &Ctx, client: &Client, email: &str) -> Result<(), Problem> {
    let names =
        [from_there(client, email), format!("sign-in from {}", client.name()), format!("sign-in {email}")];
    for (name, most) in names.iter().zip(TRIES) {
        session::limit(ctx, name, most, Span::minutes(15)).await?;
    }
    Ok(())
}

/// Works with a password on a thread of its own, a few at a time. The turn goes with the work: somebody who hangs up
/// does not make room before it is done.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let turn = tokio::time::timeout(TURN, HASHING.acquire()).await;
    let busy = |error: &dyn std::fmt::Display| {
        Problem::closed("Too many people are signing in at this moment. Try again in a minute.", error)
    };
    let turn = turn.map_err(|error| busy(&error))?.map_err(|error| Problem::internal(&error))?;
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(|error| Problem::internal(&error))
}

async fn sign_in(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    let fields = Fields::parse(&body);
    let (email, password) = (fields.get("email").to_lowercase(), fields.get("password").to_owned());
    limit(&ctx, &client, &email).await?;
    let wanted = email.clone();
    let candidates = ctx.gate.home().read(move |tx| access::staff_by_email(tx, &wanted)).await?;
    let Some(staff) = in_turn(move || checked(candidates, &password)).await? else {
        let error = say("That address and password do not belong together.").into();
        return sign_in_page(&ctx, &headers, email, error).await;
    };
    // Whoever knows the password was not guessing.
    session::forgive(&ctx, &from_there(&client, &email)).await?;
    if second::wanted(&ctx, staff.id).await? {
        return second::ask(&ctx, &staff).await;
    }
    enter(&ctx, &headers, &staff).await
}

/// The first member of staff whose password it is. Somebody unknown costs as much time as somebody known.
fn checked(candidates: Vec<access::Staff>, password: &str) -> Option<access::Staff> {
    if candidates.iter().all(|one| one.disabled || one.password.is_none()) {
        let _ = hash(password);
    }
    candidates.into_iter().filter(|one| !one.disabled).find(|one| {
        let stored = one.password.as_deref().and_then(|text| PasswordHash::new(text).ok());
        stored.is_some_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
    })
}

/// The argon2id hash of a password.
///
/// # Errors
/// When it cannot be computed.
pub fn hash(password: &str) -> Result<String, Problem> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| Problem::internal(&error))
}

async fn enter(ctx: &Ctx, headers: &HeaderMap, staff: &access::Staff) -> Result<Response, Problem> {
    let role = staff.roles.split(',').next().unwrap_or_default();
    let (who, place) = (staff.id.to_bytes(), browser::kind(headers));
    let cookie = session::begin_in(ctx, staff.company, Door::Staff, who, role, STAFF_SESSION, &place).await?;
    Ok(([cookie], Redirect::to("/people")).into_response())
}

async fn sign_out(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Posted(_, _): Posted<Staff>,
) -> Result<Response, Problem> {
    let cookie = session::end(&ctx, &headers, Door::Staff).await?;
    Ok(([cookie], Redirect::to("/sign-in")).into_response())
}

async fn invited(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let (digest, at) = (link(&token)?, ctx.now());
    let found = ctx.gate.home().read(move |tx| access::peek_link(tx, &digest, Door::Invite, at)).await?;
    found.ok_or_else(used_up)?;
    Ok(page(&Invite {
        shell: outside(say("Choose a password"), &headers),
        error: String::new(),
        shortest: SHORTEST,
    }))
}

fn link(token: &str) -> Result<[u8; 32], Problem> {
    session::read(token).map(|token| session::digest(&token)).ok_or_else(used_up)
}

fn used_up() -> Problem {
    Problem::not_found("This link has been used, has run out, or was never ours. Ask for a new one.")
}

async fn take_up(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(token): Path<String>,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    let (digest, at) = (link(&token)?, ctx.now());
    let found = ctx.gate.home().read(move |tx| access::peek_link(tx, &digest, Door::Invite, at)).await?;
    found.ok_or_else(used_up)?;
    let fields = Fields::parse(&body);
    let password = fields.get("password").to_owned();
    let error = match password.chars().count() {
        short if short < SHORTEST => {
            say!("Use at least {n} characters; a few words are easiest to remember.", n = SHORTEST)
        }
        _ if password != fields.get("again") => say("The two are not the same.").into(),
        _ => String::new(),
    };
    if !error.is_empty() {
        return Ok(page(&Invite {
            shell: outside(say("Choose a password"), &headers),
            error,
            shortest: SHORTEST,
        }));
    }
    let hashed = in_turn(move || hash(&password)).await??;
    let taken = ctx.gate.home().write(move |tx| {
        let Some((_, who)) = access::use_link(tx, &digest, Door::Invite, at)? else { return Ok(None) };
        let id = StaffId::from_bytes(who);
        access::set_password(tx, id, Some(&hashed), at)?;
        access::staff_by_id(tx, id)
    });
    let staff = taken.await?.ok_or_else(used_up)?;
    if second::wanted(&ctx, staff.id).await? {
        return second::ask(&ctx, &staff).await;
    }
    enter(&ctx, &headers, &staff).await
}

/// Only a path of our own: nobody can be led away.
fn own_path(path: &str) -> &str {
    let plain = !path.contains('\\') && !path.contains(char::is_control);
    if path.starts_with('/') && !path.starts_with("//") && plain { path } else { "/people" }
}

async fn purpose(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    let wanted = PurposeKey::new(fields.get("purpose")).map_err(|e| Problem::bad_request(e.to_string()))?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    if !session::purposes_of(&standing.policy, staff.role).contains(&wanted) {
        return Err(Problem::forbidden("Your role does not work for that purpose."));
    }
    let cookie = session::remember_purpose(&ctx, &wanted);
    Ok(([cookie], Redirect::to(own_path(fields.get("return_to")))).into_response())
}

/// Which role is meant.
#[derive(serde::Deserialize)]
struct As {
    #[serde(rename = "as", default)]
    to: String,
}

async fn role_page(
    State(ctx): State<Ctx>,
    staff: Staff,
    Query(wanted): Query<As>,
) -> Result<Response, Problem> {
    let to = Role::parse(&wanted.to).ok_or_else(|| Problem::bad_request("There is no such role."))?;
    Ok(page(&Roles { shell: staff.shell(&ctx, say("Change role")).await?, to }))
}

async fn role(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    let to = Role::parse(fields.get("as")).ok_or_else(|| Problem::bad_request("There is no such role."))?;
    session::wear(&ctx, &staff, to).await?;
    Ok(Redirect::to("/people").into_response())
}
