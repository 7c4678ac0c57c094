//! The company's own sign-in: OpenID Connect, code flow with PKCE. Between going and coming back there is a cookie, and a note
//! that it was ours: for which company, and whether to come in or to connect. State, nonce and verifier are made from it.

use assent_kernel::{CompanyId, Span, StaffId};
use assent_store::access::{self, Door};
use assent_store::factors::{self, Provider};
use assent_store::home::Company;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

use super::enter;
use super::token::{self, Keys, Wanted, Who};
use crate::ctx::Ctx;
use crate::fetch::{Ask, FetchError};
use crate::problem::Problem;
use crate::session::{self, Client, Staff};

/// The cookie between going and coming back.
const COOKIE: &str = "assent_away";
/// How long somebody may be away.
const AWAY: Span = Span::minutes(10);

/// What a provider says about itself (OpenID Connect Discovery 1.0).
#[derive(Debug, Deserialize)]
pub(super) struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// Asks a provider about itself; it must be who it was asked for.
pub(super) async fn discover(ctx: &Ctx, issuer: &str) -> Result<Discovered, FetchError> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let body = get(ctx, &address)?.send().await?;
    let wrong = || FetchError::Unreachable(issuer.to_owned());
    let found: Discovered = serde_json::from_slice(&body).map_err(|_| wrong())?;
    for address in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri] {
        get(ctx, address)?;
    }
    if found.issuer == issuer { Ok(found) } else { Err(wrong()) }
}

/// Each address is asked as far as the operator allows: a provider cannot lead us to another host inside.
fn get(ctx: &Ctx, address: &str) -> Result<Ask, FetchError> {
    Ask::get(address, ctx.settings.network.allows(address))
}

/// A word made from the cookie's secret.
fn made(secret: &[u8; 32], what: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, format!("assent/oidc/v1/{what}").as_bytes()))
}

async fn company(ctx: &Ctx, code: &str) -> Result<(Arc<Company>, Provider), Problem> {
    let nothing = || Problem::not_found("This company has no sign-in of its own.");
    let all = ctx.gate.companies().await?;
    let found = all.into_iter().find(|one| one.code == code).ok_or_else(nothing)?;
    let id = found.id;
    let provider = ctx.gate.home().read(move |tx| factors::provider(tx, id)).await?;
    Ok((found, provider.ok_or_else(nothing)?))
}

/// Where the provider sends people back to: exactly this.
pub(super) fn back_address(ctx: &Ctx, code: &str) -> String {
    format!("{}/sign-in/back/{code}", ctx.settings.base_url)
}

fn away(error: &FetchError) -> Problem {
    tracing::warn!(%error, "the company's own sign-in");
    Problem::closed(
        "The company's own sign-in does not answer as it should. Try again, or use your password.",
        error,
    )
}

/// Who comes in, until the provider says who they are.
const NOBODY: [u8; 16] = [0; 16];

/// Going costs a question to the provider, and coming back three.
async fn limit(ctx: &Ctx, client: &Client) -> Result<(), Problem> {
    session::limit(ctx, &format!("away {}", client.name()), 300, Span::minutes(15)).await
}

/// Notes that somebody goes away: for whom the way back is, at which company. It works once.
async fn leave(ctx: &Ctx, company: CompanyId, who: [u8; 16]) -> Result<[u8; 32], Problem> {
    let (secret, at) = (ctx.gate.secret()?, ctx.now());
    let digest = session::digest(&secret);
    let add = move |tx: &mut assent_store::Tx<'_>| {
        access::add_link(tx, &digest, company, Door::Away, &who, at, at.plus(AWAY))
    };
    ctx.gate.home().write(add).await?;
    Ok(secret)
}

/// Who wants to go.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Going {
    #[serde(default)]
    connect: String,
}

/// Off to the provider. A member of staff who comes by the link on their own page connects their account; anybody else
/// signs in.
pub(super) async fn go(
    State(ctx): State<Ctx>,
    client: Client,
    Path(code): Path<String>,
    Query(going): Query<Going>,
    staff: Option<Staff>,
) -> Result<Response, Problem> {
    limit(&ctx, &client).await?;
    let (company, provider) = company(&ctx, &code).await?;
    let found = discover(&ctx, &provider.issuer).await.map_err(|error| away(&error))?;
    let connects = staff.filter(|staff| staff.company.id == company.id && staff.connects(&going.connect));
    if let Some(staff) = &connects {
        staff.must_have_just_signed_in(ctx.now())?;
    }
    let secret = leave(&ctx, company.id, connects.map_or(NOBODY, |staff| staff.id.to_bytes())).await?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(made(&secret, "verifier").as_bytes()));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client)
        .append_pair("redirect_uri", &back_address(&ctx, &code))
        .append_pair("scope", "openid email")
        .append_pair("state", &made(&secret, "state"))
        .append_pair("nonce", &made(&secret, "nonce"))
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .finish();
    let joint = if found.authorization_endpoint.contains('?') { '&' } else { '?' };
    let to = format!("{}{joint}{query}", found.authorization_endpoint);
    let cookie = session::set_cookie(&ctx, COOKIE, &session::written(&secret), AWAY);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}

/// What the provider sends back.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    error: String,
}

/// Back from the provider.
pub(super) async fn back(
    State(ctx): State<Ctx>,
    client: Client,
    Path(code): Path<String>,
    Query(back): Query<Back>,
    headers: HeaderMap,
    staff: Option<Staff>,
) -> Result<Response, Problem> {
    limit(&ctx, &client).await?;
    let mut answer = match come_back(&ctx, &code, &back, &headers, staff).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    };
    // The way back works once, however it ended.
    if let Ok(over) = session::set_cookie(&ctx, COOKIE, "", Span::days(0)).parse() {
        answer.headers_mut().append(header::SET_COOKIE, over);
    }
    Ok(answer)
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

async fn come_back(
    ctx: &Ctx,
    code: &str,
    back: &Back,
    headers: &HeaderMap,
    staff: Option<Staff>,
) -> Result<Response, Problem> {
    let stale = || Problem::forbidden("This way back is not yours, or was used already. Start again.");
    let secret = session::cookie(ctx, headers, COOKIE).and_then(session::read).ok_or_else(stale)?;
    if !same(&back.state, &made(&secret, "state")) {
        return Err(stale());
    }
    let (company, provider) = company(ctx, code).await?;
    let (digest, at) = (session::digest(&secret), ctx.now());
    let went = ctx.gate.home().write(move |tx| access::use_link(tx, &digest, Door::Away, at)).await?;
    let (_, who) = went.filter(|(whose, _)| *whose == company.id).ok_or_else(stale)?;
    if !back.iss.is_empty() && back.iss != provider.issuer {
        return Err(stale());
    }
    if !back.error.is_empty() || back.code.is_empty() {
        return Err(Problem::forbidden("The company's own sign-in did not let you in."));
    }
    let said = exchange(ctx, &company, &provider, &back.code, &secret).await?;
    let subject = subject(&provider.issuer, &said.subject);
    if who != NOBODY {
        let staff = staff.filter(|staff| staff.id.to_bytes() == who).ok_or_else(stale)?;
        staff.must_have_just_signed_in(at)?;
        return connect(ctx, &staff, subject).await;
    }
    let Some(found) = known(ctx, company.id, subject, &said).await? else {
        return Err(Problem::forbidden(
            "Nobody here is known by that account. Sign in with your password and connect it on your own page, or ask \
             your administrator.",
        ));
    };
    enter(ctx, headers, &found).await
}

/// An issuer's subject as it is kept: a digest of both.
fn subject(issuer: &str, subject: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [issuer, subject] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Changes the code for a token, at the provider, and believes it or not.
async fn exchange(
    ctx: &Ctx,
    company: &Company,
    provider: &Provider,
    code: &str,
    secret: &[u8; 32],
) -> Result<Who, Problem> {
    let found = discover(ctx, &provider.issuer).await.map_err(|error| away(&error))?;
    let mut form = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", back_address(ctx, &company.code)),
        ("client_id", provider.client.clone()),
        ("code_verifier", made(secret, "verifier")),
    ];
    let mut basic = None;
    if let Some(sealed) = &provider.secret {
        let open = ctx.gate.open_secret(company.id, PLACE, sealed).await?;
        let ours = String::from_utf8(open).map_err(|error| Problem::internal(&error))?;
        let known = &found.token_endpoint_auth_methods_supported;
        if known.is_empty() || known.iter().any(|one| one == "client_secret_basic") {
            let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let both = format!("{}:{}", part(&provider.client), part(&ours));
            basic = Some(format!("Basic {}", STANDARD.encode(both)));
        } else {
            form.push(("client_secret", ours));
        }
    }
    #[derive(Deserialize)]
    struct Tokens {
        id_token: String,
    }
    let private = ctx.settings.network.allows(&found.token_endpoint);
    let ask = Ask::post(&found.token_endpoint, private, encoded(&form), basic);
    let body = ask.map_err(|error| away(&error))?.send().await.map_err(|error| away(&error))?;
    let keys = get(ctx, &found.jwks_uri).map_err(|error| away(&error))?;
    let keys = keys.send().await.map_err(|error| away(&error))?;
    let unread = || Problem::forbidden("What the company's own sign-in said about you cannot be believed.");
    let tokens: Tokens = serde_json::from_slice(&body).map_err(|_| unread())?;
    let keys: Keys = serde_json::from_slice(&keys).map_err(|_| unread())?;
    let wanted = Wanted {
        issuer: &provider.issuer,
        client: &provider.client,
        nonce: &made(secret, "nonce"),
        seconds: ctx.now().micros() / 1_000_000,
    };
    token::read(&tokens.id_token, &keys, &wanted).ok_or_else(unread)
}

fn encoded(form: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The place under which the client's secret is sealed.
pub(super) const PLACE: &str = "provider";

async fn connect(ctx: &Ctx, staff: &Staff, subject: [u8; 32]) -> Result<Response, Problem> {
    let (company, id, at, session) = (staff.company.id, staff.id, ctx.now(), staff.session());
    let bound = ctx.gate.home().write(move |tx| {
        if factors::bind(tx, company, &subject, id, at)? {
            access::drop_others(tx, &id.to_bytes(), &session)?;
        }
        factors::bound(tx, company, &subject)
    });
    if bound.await? == Some(id) {
        return Ok(Redirect::to("/you?done=bound").into_response());
    }
    Err(Problem::conflict("That account belongs to somebody else here."))
}

/// Whoever is bound to the subject; else, the first time, whoever has the address that the provider has verified, was
/// invited, and has no way in yet. Whoever has one connects the account by their own hand: an administrator who sets
/// another provider becomes nobody by it. From then on the address counts for nothing.
async fn known(
    ctx: &Ctx,
    company: CompanyId,
    subject: [u8; 32],
    who: &Who,
) -> Result<Option<access::Staff>, Problem> {
    let (email, at) = (who.email.clone(), ctx.now());
    let find = move |tx: &mut assent_store::Tx<'_>| {
        let bound: Option<StaffId> = factors::bound(tx, company, &subject)?;
        if let Some(id) = bound {
            return access::staff_by_id(tx, id);
        }
        let Some(email) = email else { return Ok(None) };
        let all = access::staff_by_email(tx, &email)?;
        let Some(found) = all.into_iter().find(|one| one.company == company && !one.disabled) else {
            return Ok(None);
        };
        let came = found.password.is_some()
            || !factors::of(tx, found.id)?.is_empty()
            || factors::is_bound(tx, found.id)?;
        if came || !factors::bind(tx, company, &subject, found.id, at)? {
            return Ok(None);
        }
        access::new_way(tx, found.id, at)?;
        Ok(Some(found))
    };
    let found = ctx.gate.home().write(find).await?;
    Ok(found.filter(|one| !one.disabled && one.company == company))
}
