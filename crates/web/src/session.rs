//! Who is here: staff and persons, each by a cookie of their own, as extractors. If you hold one, you are it.

use std::sync::Arc;

use assent_kernel::{
    Asker, CompanyId, PersonId, PurposeKey, Role, RoleSet, Span, StaffId, Timestamp, TreeKey, Use,
};
use assent_store::access::{self, Door, Session};
use assent_store::home::Company;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::{csrf, parts, shell};

/// The cookie of a member of staff.
const STAFF_COOKIE: &str = "assent_staff";
/// The cookie of a person.
const PERSON_COOKIE: &str = "assent_person";
/// The cookie that remembers which purpose a member of staff works for.
const PURPOSE_COOKIE: &str = "assent_purpose";
/// How long a session of staff lasts.
pub const STAFF_SESSION: Span = Span::hours(12);
/// How long a session of a person lasts.
pub const PERSON_SESSION: Span = Span::hours(2);
/// How often it is noted that a session is in use.
const SEEN_EVERY: Span = Span::minutes(5);
/// The largest body of a form, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// The digest under which a secret token is stored.
#[must_use]
pub fn digest(token: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// A secret token as it stands in a cookie or a link.
#[must_use]
pub fn written(token: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// An id as it stands in a form.
pub(crate) fn written_id(id: &[u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// Reads an id.
pub(crate) fn read_id(text: &str) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Reads a secret token.
#[must_use]
pub fn read(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))
}

/// A member of staff who is signed in, with the role and the purpose they work for now.
#[derive(Clone)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Where they work.
    pub company: Arc<Company>,
    /// Every role they have.
    pub roles: Vec<Role>,
    /// The role they wear now.
    pub role: Role,
    /// The purpose they work for now.
    pub purpose: PurposeKey,
    token: [u8; 32],
    path: String,
    theme: shell::Theme,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staff({})", self.id)
    }
}

/// A person who is signed in.
#[derive(Clone)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Whose customer.
    pub company: Arc<Company>,
    /// The language they read: `en` or `de`.
    pub lang: String,
    /// True when their browser sends Global Privacy Control.
    pub gpc: bool,
    token: [u8; 32],
    theme: shell::Theme,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.id)
    }
}

/// Whoever holds a session: their forms carry its token.
pub trait Here: FromRequestParts<Ctx, Rejection = Response> + Send {
    /// The token that each form of this session carries.
    fn csrf(&self) -> String;
    /// Whether a form's token is this session's.
    fn checks(&self, given: &str) -> bool;
}

const SESSION_NAME: &str = "session";

impl Here for Staff {
    fn csrf(&self) -> String {
        csrf::token(&self.token, SESSION_NAME)
    }
    fn checks(&self, given: &str) -> bool {
        csrf::verify(&self.token, SESSION_NAME, given)
    }
}
impl Here for Person {
    fn csrf(&self) -> String {
        csrf::token(&self.token, SESSION_NAME)
    }
    fn checks(&self, given: &str) -> bool {
        csrf::verify(&self.token, SESSION_NAME, given)
    }
}

async fn session(
    ctx: &Ctx,
    headers: &HeaderMap,
    name: &str,
    door: Door,
) -> Result<Option<([u8; 32], Session)>, Problem> {
    let Some(token) = cookie(headers, name).and_then(read) else { return Ok(None) };
    let (digest, at) = (digest(&token), ctx.now());
    let found = ctx.gate.home().read(move |tx| access::session(tx, &digest, at)).await?;
    // Written down every few minutes, not with every page.
    if found.as_ref().is_some_and(|one| one.seen_at.plus(SEEN_EVERY) <= at) {
        ctx.gate.home().write(move |tx| access::seen(tx, &digest, at)).await?;
    }
    Ok(found.filter(|session| session.door == door).map(|session| (token, session)))
}

impl Staff {
    /// Who asks, in a question.
    #[must_use]
    pub const fn asker(&self) -> Asker {
        Asker::Staff(self.id, self.role)
    }

    /// A token for a link that connects an account: nobody else can make this browser do it.
    pub(crate) fn connecting(&self) -> String {
        csrf::token(&self.token, "connect")
    }
    pub(crate) fn connects(&self, given: &str) -> bool {
        csrf::verify(&self.token, "connect", given)
    }

    /// The digest of the session at hand.
    pub(crate) fn session(&self) -> [u8; 32] {
        digest(&self.token)
    }

    /// True when they wear one of these roles now.
    #[must_use]
    pub fn is(&self, roles: &[Role]) -> bool {
        roles.contains(&self.role)
    }

    /// Refuses whoever does not wear one of these roles now.
    ///
    /// # Errors
    /// A page that says which role it takes.
    pub fn must_be(&self, roles: &[Role]) -> Result<(), Problem> {
        if self.is(roles) {
            return Ok(());
        }
        let names: Vec<&str> = roles.iter().map(|role| role.label()).collect();
        Err(Problem::forbidden(format!(
            "This page is for: {}. You are here as {}.",
            names.join(", "),
            self.role.label()
        )))
    }

    async fn of(ctx: &Ctx, parts: &Parts) -> Result<Option<Self>, Problem> {
        let Some((token, session)) = session(ctx, &parts.headers, STAFF_COOKIE, Door::Staff).await? else {
            return Ok(None);
        };
        let id = StaffId::from_bytes(session.who);
        let Some(row) =
            ctx.gate.home().read(move |tx| access::staff_by_id(tx, id)).await?.filter(|row| !row.disabled)
        else {
            return Ok(None);
        };
        let roles: Vec<Role> = row.roles.split(',').filter_map(Role::parse).collect();
        let worn = Role::parse(&session.role).filter(|role| roles.contains(role)).or(roles.first().copied());
        let Some(role) = worn else { return Ok(None) };
        let wanted = cookie(&parts.headers, PURPOSE_COOKIE).and_then(|text| PurposeKey::new(text).ok());
        let purpose = working_for(ctx, row.company, role, wanted).await?;
        let company = ctx.gate.company(row.company).await?;
        let path = parts.uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string);
        let theme = shell::Theme::of(&parts.headers);
        Ok(Some(Self { id, name: row.name, company, roles, role, purpose, token, path, theme }))
    }

    /// The frame of a page: menu, purpose pill, user.
    ///
    /// # Errors
    /// When the company has no policy.
    pub async fn shell(&self, ctx: &Ctx, title: &str) -> Result<shell::Shell, Problem> {
        let standing = ctx.gate.policy(self.company.id).await?;
        let label = |key: &PurposeKey| {
            standing.policy.purposes.get(key).map_or_else(|| key.to_string(), |p| p.label.clone())
        };
        let options = purposes_of(&standing.policy, self.role);
        let pill = parts::PurposePill {
            action: "/work/purpose".into(),
            current: label(&self.purpose),
            options: options
                .iter()
                .map(|key| parts::PurposeOption {
                    key: key.to_string(),
                    label: label(key),
                    ..Default::default()
                })
                .collect(),
            return_to: self.path.clone(),
            csrf: self.csrf(),
        };
        let others = self.roles.iter().filter(|role| **role != self.role);
        let you =
            shell::Link { label: "Your sign-in and sessions".into(), href: "/you".into(), group: "You" };
        let links = std::iter::once(you).chain(others.map(|role| shell::Link {
            label: format!("Work as {}", role.label()),
            href: format!("/work/role?as={}", role.key()),
            group: "You",
        }));
        Ok(shell::Shell {
            title: title.to_owned(),
            company: self.company.name.clone(),
            nav: self.menu(ctx),
            user: Some(shell::User {
                name: self.name.clone(),
                role: self.role.label().to_owned(),
                links: links.collect(),
                sign_out: "/sign-out".into(),
            }),
            purpose: Some(pill),
            csrf: self.csrf(),
            search: Some(shell::Search { action: "/people".into(), value: String::new() }),
            theme: self.theme,
            ..shell::Shell::default()
        })
    }

    fn menu(&self, ctx: &Ctx) -> Vec<shell::Nav> {
        let path = self.path.split('?').next().unwrap_or_default();
        let ways = ctx.rooms.iter().flat_map(|room| room.card().ways);
        let shown = ways.filter(|way| way.roles.is_empty() || way.roles.contains(&self.role));
        let line = |way: &crate::room::Way| shell::Nav {
            label: way.label.into(),
            href: way.href.into(),
            icon: way.icon,
            key: way.key,
            active: path == way.href || path.strip_prefix(way.href).is_some_and(|rest| rest.starts_with('/')),
            count: None,
            heading: way.heading,
        };
        let mut lines: Vec<shell::Nav> = shown.map(line).collect();
        // A heading stands once over its lines, also when they come from several rooms.
        let mut headed = "";
        for one in lines.iter_mut().filter(|one| !one.heading.is_empty()) {
            let heading = std::mem::replace(&mut headed, one.heading);
            if heading == one.heading {
                one.heading = "";
            }
        }
        lines
    }
}

/// The purposes a role can work for: those under which something may be seen.
#[must_use]
pub fn purposes_of(policy: &assent_kernel::Policy, role: Role) -> Vec<PurposeKey> {
    let all = policy.purposes.values();
    let fits = all.filter(|p| p.roles.has(role) && p.uses.has(Use::View) && p.key.as_str().contains('.'));
    fits.map(|p| p.key.clone()).collect()
}

/// What each role works for when it has not chosen.
const USUAL: &[(Role, &str)] = &[
    (Role::Sales, "sales.contact"),
    (Role::Marketing, "marketing.newsletter"),
    (Role::Support, "service.support"),
    (Role::Billing, "billing.invoice"),
    (Role::Dpo, "rights.inform"),
    (Role::Admin, "rights.inform"),
];

async fn working_for(
    ctx: &Ctx,
    company: CompanyId,
    role: Role,
    wanted: Option<PurposeKey>,
) -> Result<PurposeKey, Problem> {
    let standing = ctx.gate.policy(company).await?;
    let all = purposes_of(&standing.policy, role);
    let usual = USUAL.iter().find(|(one, _)| *one == role).and_then(|(_, key)| PurposeKey::new(key).ok());
    let chosen = [wanted, usual].into_iter().flatten().find(|key| all.contains(key));
    let nothing = || Problem::forbidden("Your role works for no purpose of this company.");
    chosen.or_else(|| all.first().cloned()).ok_or_else(nothing)
}

impl Person {
    /// Who asks, in a question.
    #[must_use]
    pub const fn asker(&self) -> Asker {
        Asker::Person
    }

    async fn of(ctx: &Ctx, parts: &Parts) -> Result<Option<Self>, Problem> {
        let Some((token, session)) = session(ctx, &parts.headers, PERSON_COOKIE, Door::Person).await? else {
            return Ok(None);
        };
        let id = PersonId::from_bytes(session.who);
        let company = ctx.gate.company(session.company).await?;
        let gpc = parts.headers.get_all("sec-gpc").iter().any(|value| value.as_bytes() == b"1");
        let lang = language(&parts.headers);
        Ok(Some(Self { id, company, lang, gpc, token, theme: shell::Theme::of(&parts.headers) }))
    }

    /// The frame of a page.
    #[must_use]
    pub fn shell(&self, title: &str) -> shell::Shell {
        shell::Shell {
            title: title.to_owned(),
            company: self.company.name.clone(),
            csrf: self.csrf(),
            user: Some(shell::User {
                name: if self.lang == "de" { "Abmelden".into() } else { "Leave".into() },
                sign_out: "/me/sign-out".into(),
                ..shell::User::default()
            }),
            theme: self.theme,
            lang: self.lang.clone(),
            ..shell::Shell::default()
        }
    }
}

/// The language a browser asks for, of those there are: a cookie first, then `Accept-Language`.
#[must_use]
pub fn language(headers: &HeaderMap) -> String {
    let wanted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = cookie(headers, "lang").unwrap_or(wanted);
    if first.to_ascii_lowercase().starts_with("de") { "de".into() } else { "en".into() }
}

impl FromRequestParts<Ctx> for Staff {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Response> {
        let found = Self::of(ctx, parts).await.map_err(IntoResponse::into_response)?;
        found.ok_or_else(|| to_sign_in(parts, "/sign-in"))
    }
}
impl OptionalFromRequestParts<Ctx> for Staff {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Option<Self>, Response> {
        Self::of(ctx, parts).await.map_err(IntoResponse::into_response)
    }
}
impl FromRequestParts<Ctx> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Response> {
        let found = Self::of(ctx, parts).await.map_err(IntoResponse::into_response)?;
        found.ok_or_else(|| to_sign_in(parts, "/my"))
    }
}
impl OptionalFromRequestParts<Ctx> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Option<Self>, Response> {
        Self::of(ctx, parts).await.map_err(IntoResponse::into_response)
    }
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

/// The fields of a form, in order.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Fields {
    /// Reads a form's body.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }
    /// The first value of that name, trimmed; empty when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.trim())
    }
    /// Every value of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.trim())
    }
    /// True when a field of that name was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(one, _)| one == name)
    }
}

/// A form of somebody who is here, checked to come from our own page.
#[derive(Debug)]
pub struct Posted<W>(pub W, pub Fields);

impl<W: Here> FromRequest<Ctx> for Posted<W> {
    type Rejection = Response;
    async fn from_request(request: Request, ctx: &Ctx) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = W::from_request_parts(&mut parts, ctx).await?;
        let body = axum::body::to_bytes(body, LARGEST_FORM).await;
        let body =
            body.map_err(|_| Problem::bad_request("The form is larger than 1 MiB.").into_response())?;
        let fields = Fields::parse(&body);
        if who.checks(fields.get(csrf::FIELD)) {
            return Ok(Self(who, fields));
        }
        let again = "This form is no longer valid: it did not come from a page of your session. Go back and try again.";
        Err(Problem::forbidden(again).into_response())
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
    let (token, at) = (ctx.gate.secret()?, ctx.now());
    let session =
        Session { company, door, who, role: role.to_owned(), expires_at: at.plus(lasts), seen_at: at };
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
    if let Some(token) = cookie(headers, name).and_then(read) {
        let digest = digest(&token);
        ctx.gate.home().write(move |tx| access::drop_session(tx, &digest)).await?;
    }
    Ok((header::SET_COOKIE, set_cookie(ctx, name, "", Span::days(0))))
}

/// Puts on another role of one's own.
///
/// # Errors
/// What the store said.
pub async fn wear(ctx: &Ctx, staff: &Staff, role: Role) -> Result<(), Problem> {
    staff_has(staff, role)?;
    let digest = digest(&staff.token);
    Ok(ctx.gate.home().write(move |tx| access::set_role(tx, &digest, role.key())).await?)
}

fn staff_has(staff: &Staff, role: Role) -> Result<(), Problem> {
    let roles: RoleSet = staff.roles.iter().copied().collect();
    if roles.has(role) { Ok(()) } else { Err(Problem::forbidden("You do not have that role.")) }
}

/// The header that remembers the purpose a member of staff works for.
#[must_use]
pub fn remember_purpose(ctx: &Ctx, purpose: &PurposeKey) -> (header::HeaderName, String) {
    (header::SET_COOKIE, set_cookie(ctx, PURPOSE_COOKIE, purpose.as_str(), Span::days(30)))
}

pub(crate) fn set_cookie(ctx: &Ctx, name: &str, value: &str, lasts: Span) -> String {
    let secure = if ctx.settings.base_url.starts_with("https:") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", lasts.micros() / 1_000_000)
}

/// Counts attempts under a name and refuses beyond `most` within `span`.
///
/// # Errors
/// A page that says when to try again.
pub async fn limit(ctx: &Ctx, name: &str, most: i64, span: Span) -> Result<(), Problem> {
    let full: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let (mut key, at) = ([0; 16], ctx.now());
    key.iter_mut().zip(full).for_each(|(slot, byte)| *slot = byte);
    let since: Timestamp = at.minus(span);
    let within = ctx.gate.home().write(move |tx| access::attempt(tx, &key, at, since, most)).await?;
    if within { Ok(()) } else { Err(Problem::too_many(span.micros() / 60_000_000)) }
}
