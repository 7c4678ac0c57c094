//! A member of staff's own page: where they are signed in, and what they sign in with.

use crate::filters;
use askama::Template;
use assent_kernel::StaffId;
use assent_store::access;
use assent_store::factors::{self, Factor, Kind};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{codes, qr, second};
use crate::ctx::Ctx;
use crate::html::{Html, page};
use crate::problem::Problem;
use crate::say;
use crate::session::{self, Posted, Staff};
use crate::shell::{Flash, Shell, Tone};
use crate::text;

/// How many recovery codes there are.
const RECOVERY: usize = 10;

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/you", get(show))
        .route("/you/session", post(sign_out_there))
        .route("/you/sessions", post(sign_out_elsewhere))
        .route("/you/letters", post(letters))
        .route("/you/codes", get(enrol).post(begin))
        .route("/you/codes/confirm", post(confirm))
        .route("/you/codes/new", post(renew))
        .route("/you/codes/remove", post(remove))
}

/// What a link asks to be said.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    done: String,
}

const DONE: &[(&str, Tone, &str)] = &[
    ("out", Tone::Good, "Signed out there."),
    ("removed", Tone::Good, "Codes are off. Your password alone lets you in again."),
    ("wrong", Tone::Bad, "That code does not fit, or has been used. Nothing has changed."),
    ("passkey", Tone::Good, "The passkey is added. You can sign in with it from now on."),
    ("passkey-removed", Tone::Good, "The passkey is removed."),
    ("bound", Tone::Good, "Your account is connected. You can sign in with it from now on."),
    ("letters", Tone::Good, "Saved."),
    ("unbound", Tone::Good, "Your account is no longer connected."),
];

#[derive(Template)]
#[template(path = "door/you.html")]
struct You {
    shell: Shell,
    sessions: Vec<Session>,
    codes: Option<String>,
    left: i64,
    passkeys: Vec<Passkey>,
    provider: Option<String>,
    bound: bool,
    connect: String,
    /// True when letters tell them what colleagues say.
    letters: bool,
    /// True when they may change how they sign in.
    changes: bool,
}

struct Session {
    token: String,
    place: String,
    since: String,
    seen: String,
    here: bool,
}

struct Passkey {
    id: String,
    label: String,
    since: String,
    used: String,
}

async fn show(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (id, at, company) = (staff.id, ctx.now(), staff.company.id);
    let read = move |tx: &mut assent_store::Tx<'_>| {
        Ok((
            access::sessions(tx, &id.to_bytes(), at)?,
            factors::of(tx, id)?,
            factors::recovery_left(tx, id)?,
            factors::provider(tx, company)?,
            factors::is_bound(tx, id)?,
            access::letters(tx, id)?,
        ))
    };
    let (sessions, all, left, provider, bound, letters) = ctx.gate.home().read(read).await?;
    let mut shell = staff.shell(&ctx, say("Your sign-in and sessions")).await?;
    shell.purpose = None;
    let found = DONE.iter().find(|(key, _, _)| *key == said.done);
    shell.flash = found.map(|(_, tone, text)| Flash { tone: *tone, text: say(text).into(), undo: None });
    let now = at.micros();
    let session = |one: access::Open| Session {
        here: one.token == staff.session(),
        token: session::written(&one.token),
        place: place(&one.place),
        since: text::date_time(one.created_at.micros()),
        seen: text::relative(one.seen_at.micros(), now),
    };
    let codes = all.iter().find(|one| one.kind == Kind::Codes && one.confirmed);
    let passkey = |one: &Factor| Passkey {
        id: session::written_id(&one.id),
        label: one.label.clone(),
        since: text::date(one.made_at.micros()),
        used: one.used_at.map_or_else(|| say("never").into(), |at| text::relative(at.micros(), now)),
    };
    Ok(page(&You {
        shell,
        sessions: sessions.into_iter().map(session).collect(),
        codes: codes.map(|one| text::date(one.made_at.micros())),
        left,
        passkeys: all.iter().filter(|one| one.kind == Kind::Passkey).map(passkey).collect(),
        provider: provider.map(|one| one.label),
        bound,
        letters,
        changes: staff.just_signed_in(at),
        connect: format!("/sign-in/with/{}?connect={}", staff.company.code, staff.connecting()),
    }))
}

/// A browser as it is kept, in the words of the page.
fn place(kept: &str) -> String {
    match kept.split_once(" on ") {
        Some((browser, system)) => say!("{browser} on {system}", browser = browser, system = system),
        None if kept.is_empty() => say("An unknown browser").into(),
        None => kept.to_owned(),
    }
}

fn back(word: &str) -> Response {
    Redirect::to(&format!("/you?done={word}")).into_response()
}

async fn sign_out_there(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    let token = session::read(fields.get("session"));
    let token = token.ok_or_else(|| Problem::bad_request("There is no such session."))?;
    let who = staff.id.to_bytes();
    ctx.gate.home().write(move |tx| access::drop_one(tx, &who, &token)).await?;
    Ok(back("out"))
}

/// Turns letters of what colleagues say on or off.
async fn letters(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    let (id, on, at) = (staff.id, fields.has("letters"), ctx.right_now()?);
    ctx.gate.home().write(move |tx| access::set_letters(tx, id, on, at)).await?;
    Ok(back("letters"))
}

async fn sign_out_elsewhere(
    State(ctx): State<Ctx>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    let (who, token) = (staff.id.to_bytes(), staff.session());
    ctx.gate.home().write(move |tx| access::drop_others(tx, &who, &token)).await?;
    Ok(back("out"))
}

#[derive(Template)]
#[template(path = "door/enrol.html")]
struct Enrol {
    shell: Shell,
    picture: Option<Html>,
    uri: String,
    secret: String,
    error: String,
}

#[derive(Template)]
#[template(path = "door/recovery.html")]
struct Recovery {
    shell: Shell,
    codes: Vec<String>,
}

/// A seed, not yet confirmed: it counts for nothing until a code of it was typed.
async fn begin(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    if second::wanted(&ctx, staff.id).await? {
        return Ok(Redirect::to("/you").into_response());
    }
    staff.must_have_just_signed_in(ctx.now())?;
    let (seed, at) = (ctx.gate.secret()?, ctx.now());
    let seed = seed.first_chunk::<20>().copied().unwrap_or([0; 20]);
    let sealed = ctx.gate.seal_secret(staff.company.id, &second::place(staff.id), &seed).await?;
    let one = Factor {
        id: id(&ctx)?,
        staff: staff.id,
        kind: Kind::Codes,
        label: String::new(),
        sealed,
        counter: 0,
        made_at: at,
        used_at: None,
        confirmed: false,
    };
    ctx.gate.home().write(move |tx| factors::add(tx, &one, None)).await?;
    Ok(Redirect::to("/you/codes").into_response())
}

/// Sixteen random bytes.
pub(super) fn id(ctx: &Ctx) -> Result<[u8; 16], Problem> {
    Ok(ctx.gate.secret()?.first_chunk::<16>().copied().unwrap_or([0; 16]))
}

/// The seed that waits for its first code.
async fn waiting(ctx: &Ctx, staff: &Staff) -> Result<Option<Factor>, Problem> {
    let id = staff.id;
    let all = ctx.gate.home().read(move |tx| factors::of(tx, id)).await?;
    Ok(all.into_iter().find(|one| one.kind == Kind::Codes && !one.confirmed))
}

async fn enrol(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    match waiting(&ctx, &staff).await? {
        Some(one) => enrolling(&ctx, &staff, &one, String::new()).await,
        None => Ok(Redirect::to("/you").into_response()),
    }
}

async fn enrolling(ctx: &Ctx, staff: &Staff, one: &Factor, error: String) -> Result<Response, Problem> {
    let seed = ctx.gate.open_secret(staff.company.id, &second::place(staff.id), &one.sealed).await?;
    let id = staff.id;
    let row = ctx.gate.home().read(move |tx| access::staff_by_id(tx, id)).await?;
    let email = row.map_or_else(String::new, |row| row.email);
    let uri = codes::uri(&staff.company.name, &email, &seed);
    let mut shell = staff.shell(ctx, say("Codes from an app")).await?;
    shell.purpose = None;
    Ok(page(&Enrol {
        shell,
        picture: qr::picture(&uri, say("The code for your app")),
        uri,
        secret: codes::grouped(&codes::base32(&seed)),
        error,
    }))
}

/// The first code was typed: from here on it is asked for at each sign-in. Whoever is signed in elsewhere is signed out.
async fn confirm(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    let Some(one) = waiting(&ctx, &staff).await? else { return Ok(Redirect::to("/you").into_response()) };
    staff.must_have_just_signed_in(ctx.now())?;
    if !second::right(&ctx, staff.id, fields.get("code")).await? {
        let error =
            say("That code does not fit. Look at the app again; does your computer's clock go right?");
        return enrolling(&ctx, &staff, &one, error.into()).await;
    }
    let (id, who, token) = (one.id, staff.id.to_bytes(), staff.session());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        factors::confirm(tx, &id)?;
        access::drop_others(tx, &who, &token)
    };
    ctx.gate.home().write(write).await?;
    recovery(&ctx, &staff).await
}

/// Ten new codes, shown once.
async fn recovery(ctx: &Ctx, staff: &Staff) -> Result<Response, Problem> {
    let mut all = Vec::with_capacity(RECOVERY);
    for _ in 0..RECOVERY {
        let ten = ctx.gate.secret()?.first_chunk::<10>().copied().unwrap_or([0; 10]);
        all.push(codes::base32(&ten));
    }
    let id = staff.id;
    let digests: Vec<[u8; 32]> = all.iter().map(|code| second::digest(id, code)).collect();
    ctx.gate.home().write(move |tx| factors::set_recovery(tx, id, &digests)).await?;
    let mut shell = staff.shell(ctx, say("Your recovery codes")).await?;
    shell.purpose = None;
    Ok(page(&Recovery { shell, codes: all.iter().map(|code| codes::grouped(code)).collect() }))
}

async fn renew(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    if proved(&ctx, staff.id, fields.get("code")).await? {
        recovery(&ctx, &staff).await
    } else {
        Ok(back("wrong"))
    }
}

async fn remove(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    if !proved(&ctx, staff.id, fields.get("code")).await? {
        return Ok(back("wrong"));
    }
    let (id, session) = (staff.id, staff.session());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        factors::remove_codes(tx, id)?;
        access::drop_others(tx, &id.to_bytes(), &session)
    };
    ctx.gate.home().write(write).await?;
    Ok(back("removed"))
}

/// Whoever found an open browser cannot change how its owner signs in.
async fn proved(ctx: &Ctx, staff: StaffId, typed: &str) -> Result<bool, Problem> {
    Ok(second::wanted(ctx, staff).await? && second::right(ctx, staff, typed).await?)
}
