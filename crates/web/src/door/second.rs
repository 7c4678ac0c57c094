//! The second step of signing in: a code of an app, or one of those kept for the day it is lost.

use crate::filters;
use askama::Template;
use assent_kernel::{Span, StaffId};
use assent_store::access::{self, Door};
use assent_store::factors::{self, Kind};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};

use super::{codes, enter, outside, same_site};
use crate::ctx::Ctx;
use crate::html::page;
use crate::problem::Problem;
use crate::say;
use crate::session::{self, Fields};
use crate::shell::Shell;

/// The cookie between the two steps.
const STEP_COOKIE: &str = "assent_step";
/// How long somebody may take between the two steps.
const STEP: Span = Span::minutes(10);

#[derive(Template)]
#[template(path = "door/second.html")]
struct Second {
    shell: Shell,
    error: String,
}

/// The place under which the seed of somebody's codes is sealed.
pub(super) fn place(staff: StaffId) -> String {
    format!("codes/{staff}")
}

/// The digest of a recovery code: of its owner's, so that two people's do not show alike.
pub(super) fn digest(staff: StaffId, code: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"assent/recovery/v1\0");
    hash.update(staff.to_bytes());
    hash.update(codes::plain(code).as_bytes());
    hash.finalize().into()
}

/// True when somebody signs in with codes as well.
pub(super) async fn wanted(ctx: &Ctx, staff: StaffId) -> Result<bool, Problem> {
    let all = ctx.gate.home().read(move |tx| factors::of(tx, staff)).await?;
    Ok(all.iter().any(|one| one.kind == Kind::Codes && one.confirmed))
}

/// The password was right; now the code.
pub(super) async fn ask(ctx: &Ctx, staff: &access::Staff) -> Result<Response, Problem> {
    let (token, at, company, who) =
        (ctx.gate.secret()?, ctx.right_now()?, staff.company, staff.id.to_bytes());
    let digest = session::digest(&token);
    let add = move |tx: &mut assent_store::Tx<'_>| {
        access::add_link(tx, &digest, company, Door::Second, &who, at, at.plus(STEP))
    };
    ctx.gate.home().write(add).await?;
    let cookie = session::set_cookie(ctx, STEP_COOKIE, &session::written(&token), STEP);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in/code")).into_response())
}

pub(super) async fn show(headers: HeaderMap) -> Response {
    page(&Second { shell: outside(say("One more step"), &headers), error: String::new() })
}

pub(super) async fn answer(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    let Some(token) = session::cookie(&ctx, &headers, STEP_COOKIE).and_then(session::read) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let (digest, at) = (session::digest(&token), ctx.now());
    let link = ctx.gate.home().read(move |tx| access::peek_link(tx, &digest, Door::Second, at)).await?;
    let Some((_, who)) = link else { return Ok(Redirect::to("/sign-in").into_response()) };
    let id = StaffId::from_bytes(who);
    let fields = Fields::parse(&body);
    if !right(&ctx, id, fields.get("code")).await? {
        let error = say("That code does not fit, or has been used. Wait for the next one.").into();
        return Ok(page(&Second { shell: outside(say("One more step"), &headers), error }));
    }
    let taken = ctx.gate.home().write(move |tx| {
        let Some(_) = access::use_link(tx, &digest, Door::Second, at)? else { return Ok(None) };
        access::staff_by_id(tx, id)
    });
    let Some(staff) = taken.await?.filter(|staff| !staff.disabled) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let mut entered = enter(&ctx, &headers, &staff).await?;
    let over = session::set_cookie(&ctx, STEP_COOKIE, "", Span::days(0));
    if let Ok(over) = over.parse() {
        entered.headers_mut().append(header::SET_COOKIE, over);
    }
    Ok(entered)
}

/// Whether a code is right, of the app or kept for recovery; it is used up by asking. Too many wrong ones, and nobody may
/// try for a while.
pub(super) async fn right(ctx: &Ctx, staff: StaffId, typed: &str) -> Result<bool, Problem> {
    session::limit(ctx, &format!("code {staff}"), 10, Span::minutes(15)).await?;
    let at = ctx.now();
    let all = ctx.gate.home().read(move |tx| factors::of(tx, staff)).await?;
    if let Some(one) = all.into_iter().find(|one| one.kind == Kind::Codes)
        && let Some(step) = fit(ctx, staff, &one, typed).await?
    {
        let id = one.id;
        return Ok(ctx.gate.home().write(move |tx| factors::use_one(tx, &id, step, at)).await?);
    }
    let digest = digest(staff, typed);
    Ok(ctx.gate.home().write(move |tx| factors::use_recovery(tx, staff, &digest, at)).await?)
}

async fn fit(ctx: &Ctx, staff: StaffId, one: &factors::Factor, typed: &str) -> Result<Option<i64>, Problem> {
    let found = ctx.gate.home().read(move |tx| access::staff_by_id(tx, staff)).await?;
    let Some(found) = found else { return Ok(None) };
    let seed = ctx.gate.open_secret(found.company, &place(staff), &one.sealed).await?;
    Ok(codes::fits(&seed, typed, ctx.now().micros(), one.counter))
}
