//! Who is here: staff and persons, each by a cookie of their own, as extractors. If you hold one, you are it.

mod caller;
mod client;
mod form;
mod person;
mod program;
mod staff;
mod upload;

use assent_kernel::{CompanyId, PurposeKey, Span, Timestamp, TreeKey as _};
use assent_store::access::{self, Door, Session};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::ctx::Ctx;
use crate::problem::Problem;

pub(crate) use caller::no_key;
pub use caller::{Caller, key_of};
pub use client::Client;
pub use form::{Fields, Posted};
pub use person::Person;
pub(crate) use program::no_own_key;
pub use program::{Program, own_key_of};
pub use staff::{INBOX, MY_DAY, Staff, purposes_by_case, purposes_of, wear};
pub use upload::{Attached, NoUpload, Upload};

/// The cookie of a member of staff.
const STAFF_COOKIE: &str = "assent_staff";
/// The cookie of a person.
const PERSON_COOKIE: &str = "assent_person";
/// The cookie that remembers which purpose a member of staff works for.
const PURPOSE_COOKIE: &str = "assent_purpose";
const STARTED_COOKIE: &str = "assent_started";
/// How long a session of staff lasts.
pub const STAFF_SESSION: Span = Span::hours(12);
/// How long a session of a person lasts.
pub const PERSON_SESSION: Span = Span::hours(2);
/// How long after signing in somebody may change how they do.
const JUST: Span = Span::minutes(15);
/// How often it is noted that a session is in use.
const SEEN_EVERY: Span = Span::minutes(5);

/// The digest under which a secret token is stored.
#[must_use]
pub fn digest(token: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The digest under which a token lies that is good for one thing only: with another id beside it, it opens nothing.
#[must_use]
pub fn bound(token: &[u8; 32], to: &[u8; 16]) -> [u8; 32] {
    Sha256::new().chain_update(token).chain_update(to).finalize().into()
}

/// A secret token as it stands in a cookie or a link.
#[must_use]
pub fn written(token: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// An id as it stands in a form.
#[must_use]
pub fn written_id(id: &[u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// Reads an id.
pub(crate) fn read_id(text: &str) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Reads a secret token.
#[must_use]
pub fn read(text: &str) -> Option<[u8; 32]> {
    // With room for what is one letter too long, so that it is refused for its length.
    let mut bytes = [0; 33];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    bytes.get(..length)?.try_into().ok()
}

/// A cookie of ours. Over https its name carries a prefix that no other host, nor anybody without https, can set.
pub(crate) fn cookie<'a>(ctx: &Ctx, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    plain_cookie(headers, &cookie_name(ctx, name))
}

fn cookie_name(ctx: &Ctx, name: &str) -> String {
    if ctx.settings.base_url.starts_with("https:") { format!("__Host-{name}") } else { name.to_owned() }
}

fn plain_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Whoever holds a session: their forms carry its token.
pub trait Here: FromRequestParts<Ctx, Rejection = Response> + Send {
    /// The token that each form of this session carries.
    fn csrf(&self) -> String;
    /// Whether a form's token is this session's.
    fn checks(&self, given: &str) -> bool;
}

const SESSION_NAME: &str = "session";

async fn session(
    ctx: &Ctx,
    headers: &HeaderMap,
    name: &str,
    door: Door,
) -> Result<Option<([u8; 32], Session)>, Problem> {
    let Some(token) = cookie(ctx, headers, name).and_then(read) else { return Ok(None) };
    let (digest, at) = (digest(&token), ctx.now());
    let found = ctx.gate.home().read(move |tx| access::session(tx, &digest, at)).await?;
    // Written down every few minutes, not with every page.
    let due = found.as_ref().is_some_and(|one| one.seen_at.plus(SEEN_EVERY) <= at);
    if due && ctx.right_now().is_ok() {
        ctx.gate.home().write(move |tx| access::seen(tx, &digest, at)).await?;
    }
    Ok(found.filter(|session| session.door == door).map(|session| (token, session)))
}

/// How much a language is wanted, in thousandths, by one part of `Accept-Language`, such as `de-AT;q=0.8`.
fn weight(part: &str, lang: &str) -> Option<u32> {
    let (range, rest) = part.split_once(';').unwrap_or((part, ""));
    let range = range.trim().to_ascii_lowercase();
    if range.split('-').next() != Some(lang) {
        return None;
    }
    let Some(q) = rest.trim().strip_prefix("q=") else { return Some(1_000) };
    let (whole, after) = q.split_once('.').unwrap_or((q, ""));
    let digits = after.len() <= 3 && after.bytes().all(|b| b.is_ascii_digit());
    match (whole, digits) {
        ("1", _) => Some(1_000),
        ("0", true) => format!("{after:0<3}").parse().ok(),
        _ => None,
    }
}

/// The language a browser asks for, of those there are: a cookie first, then `Accept-Language`.
#[must_use]
pub fn language(headers: &HeaderMap) -> String {
    match plain_cookie(headers, "lang") {
        Some("de") => return "de".into(),
        Some("en") => return "en".into(),
        _ => {}
    }
    let wanted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight = |lang: &str| wanted.split(',').filter_map(|one| weight(one, lang)).max().unwrap_or(0);
    if weight("de") > weight("en") { "de".into() } else { "en".into() }
}

/// True when the browser sends Global Privacy Control.
#[must_use]
pub fn gpc(headers: &HeaderMap) -> bool {
    headers.get_all("sec-gpc").iter().any(|value| value.as_bytes() == b"1")
}

/// True unless the browser says that somebody else's page or a bare link led here: then nothing has just been done.
#[must_use]
pub fn from_here(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_none_or(|site| site == "same-origin")
}

/// A page outside a session cannot carry a session's token: the browser's word about where the form came from stands in.
///
/// # Errors
/// A page that says that the form came from elsewhere.
pub fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(Problem::forbidden("This form came from another site.")
            .german("Dieses Formular kam von einer anderen Website.")),
    }
}

/// The header that remembers a language somebody chose, `de` or else English.
#[must_use]
pub fn speak(lang: &str) -> (header::HeaderName, String) {
    let lang = if lang == "de" { "de" } else { "en" };
    (header::SET_COOKIE, format!("lang={lang}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"))
}

/// A page leads to the sign-in; a program is told.
fn to_sign_in(parts: &Parts, page: &str) -> Response {
    let html = parts
        .headers
        .get(header::ACCEPT)
        .is_some_and(|a| a.to_str().unwrap_or_default().contains("text/html"));
    if parts.method == axum::http::Method::GET && html {
        axum::response::Redirect::to(page).into_response()
    } else {
        Problem::sign_in().into_response()
    }
}

/// Begins a session; the header sets its cookie.
///
/// # Errors
/// What the store said.
pub async fn begin(
    ctx: &Ctx,
    company: CompanyId,
    door: Door,
    who: [u8; 16],
    role: &str,
    lasts: Span,
) -> Result<(header::HeaderName, String), Problem> {
    begin_in(ctx, company, door, who, role, lasts, "").await
}

/// The same, with the kind of browser it begins in: what its owner recognises it by.
///
/// # Errors
/// What the store said.
pub async fn begin_in(
    ctx: &Ctx,
    company: CompanyId,
    door: Door,
    who: [u8; 16],
    role: &str,
    lasts: Span,
    place: &str,
) -> Result<(header::HeaderName, String), Problem> {
    let (token, at) = (ctx.gate.secret()?, ctx.right_now()?);
    let session = Session {
        company,
        door,
        who,
        role: role.to_owned(),
        expires_at: at.plus(lasts),
        seen_at: at,
        begun_at: at,
    };
    let (digest, place) = (digest(&token), place.to_owned());
    ctx.gate.home().write(move |tx| access::add_session(tx, &digest, &session, &place, at)).await?;
    let name = if door == Door::Person { PERSON_COOKIE } else { STAFF_COOKIE };
    Ok((header::SET_COOKIE, set_cookie(ctx, name, &written(&token), lasts)))
}

/// Ends the session at hand; the header clears its cookie.
///
/// # Errors
/// What the store said.
pub async fn end(
    ctx: &Ctx,
    headers: &HeaderMap,
    door: Door,
) -> Result<(header::HeaderName, String), Problem> {
    let name = if door == Door::Person { PERSON_COOKIE } else { STAFF_COOKIE };
    if let Some(token) = cookie(ctx, headers, name).and_then(read) {
        let digest = digest(&token);
        ctx.gate.home().write(move |tx| access::drop_session(tx, &digest)).await?;
    }
    Ok((header::SET_COOKIE, set_cookie(ctx, name, "", Span::days(0))))
}

/// Ends every session of a person but the one at hand: who came in another way before is out.
///
/// # Errors
/// What the store said.
pub async fn end_others(ctx: &Ctx, person: &Person) -> Result<(), Problem> {
    let (who, here) = (person.id.to_bytes(), person.session());
    Ok(ctx.gate.home().write(move |tx| access::drop_others(tx, &who, &here)).await?)
}

/// The header that remembers the purpose a member of staff works for.
#[must_use]
pub fn remember_purpose(ctx: &Ctx, purpose: &PurposeKey) -> (header::HeaderName, String) {
    (header::SET_COOKIE, set_cookie(ctx, PURPOSE_COOKIE, purpose.as_str(), Span::days(30)))
}

/// The header that remembers, in this browser, that somebody does not want to be led through the first steps any more.
#[must_use]
pub fn remember_started(ctx: &Ctx) -> (header::HeaderName, String) {
    (header::SET_COOKIE, set_cookie(ctx, STARTED_COOKIE, "yes", Span::days(365)))
}

/// Whether it is remembered.
#[must_use]
pub fn has_started(ctx: &Ctx, headers: &HeaderMap) -> bool {
    cookie(ctx, headers, STARTED_COOKIE).is_some()
}

pub(crate) fn set_cookie(ctx: &Ctx, name: &str, value: &str, lasts: Span) -> String {
    let secure = if ctx.settings.base_url.starts_with("https:") { "; Secure" } else { "" };
    let name = cookie_name(ctx, name);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", lasts.micros() / 1_000_000)
}

/// Counts attempts under a name and refuses beyond `most` within `span`.
///
/// # Errors
/// A page that says when to try again.
pub async fn limit(ctx: &Ctx, name: &str, most: i64, span: Span) -> Result<(), Problem> {
    let (key, at) = (counted(name), ctx.right_now()?);
    let since: Timestamp = at.minus(span);
    let within = ctx.gate.home().write(move |tx| access::attempt(tx, &key, at, since, most)).await?;
    if within { Ok(()) } else { Err(Problem::too_many(span.micros() / 60_000_000)) }
}

/// Forgets the attempts under a name: the last one was good.
///
/// # Errors
/// What the store said.
pub async fn forgive(ctx: &Ctx, name: &str) -> Result<(), Problem> {
    let key = counted(name);
    Ok(ctx.gate.home().write(move |tx| access::forgive(tx, &key)).await?)
}

/// The key under which attempts of a name are counted.
fn counted(name: &str) -> [u8; 16] {
    let full: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut key = [0; 16];
    key.iter_mut().zip(full).for_each(|(slot, byte)| *slot = byte);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_the_one_chosen_or_else_wanted_most() {
        let told = |name: header::HeaderName, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, "fr, de;q=0.9".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            language(&headers)
        };
        for (wanted, lang) in [
            ("de-AT", "de"),
            ("fr-CH, de;q=0.7, en;q=0.3", "de"),
            ("fr, en;q=0.9, de;q=0.5", "en"),
            ("en, de", "en"),
            ("de;q=0, en;q=0.1", "en"),
            ("de;q=x", "en"),
            ("dex", "en"),
            ("", "en"),
        ] {
            assert_eq!(told(header::ACCEPT_LANGUAGE, wanted), lang, "{wanted}");
        }
        assert_eq!(told(header::COOKIE, "theme=dark; lang=en"), "en");
        assert_eq!(told(header::COOKIE, "lang=de"), "de");
        assert_eq!(told(header::COOKIE, "lang=xx"), "de");
    }
}
