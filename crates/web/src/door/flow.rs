//! The way to a provider and back, whoever goes: OpenID Connect, code flow with PKCE. Between going and coming back there
//! is a cookie, and a note that it was ours: for which company, and whether to come in or to connect. State, nonce and
//! verifier are made from it, for one provider: what another sends back fits nowhere.

use assent_kernel::{CompanyId, Span};
use assent_store::access::{self, Door};
use assent_store::factors::Provider;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::token::{self, Keys, Wanted, Who};
use crate::ctx::Ctx;
use crate::fetch::{Ask, FetchError};
use crate::problem::Problem;
use crate::say;
use crate::session::{self, Client};

/// The cookie between going and coming back.
const COOKIE: &str = "assent_away";
/// How long somebody may be away.
const AWAY: Span = Span::minutes(10);
/// Whoever goes to sign in is nobody yet.
pub(super) const NOBODY: [u8; 16] = [0; 16];

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

/// What is wrong with an issuer that an administrator typed; it is asked before it is believed.
pub(super) async fn wrong_issuer(ctx: &Ctx, issuer: &str) -> Option<String> {
    match discover(ctx, issuer).await {
        Ok(_) => None,
        Err(error @ (FetchError::Address(_) | FetchError::Private(_))) => Some(error.told()),
        // How a host fails is nobody's business: this form is no way to look around in a network.
        Err(FetchError::Unreachable(_) | FetchError::Status(..)) => {
            Some(say("No identity provider answers there under that name.").into())
        }
    }
}

fn away(error: &FetchError) -> Problem {
    tracing::warn!(%error, "a provider");
    let english = "The provider does not answer as it should. Try again, or come in another way.";
    Problem::closed(english, error).german(
        "Der Anbieter antwortet nicht, wie er soll. Versuchen Sie es noch einmal oder auf anderem Weg.",
    )
}

fn stale() -> Problem {
    Problem::forbidden("This way back is not yours, or was used already. Start again.")
        .german("Dieser Rückweg ist nicht Ihrer oder wurde schon benutzt. Fangen Sie noch einmal an.")
}

/// Going costs a question to the provider, and coming back three.
pub(super) async fn limit(ctx: &Ctx, client: &Client) -> Result<(), Problem> {
    session::limit(ctx, &format!("away {}", client.name()), 300, Span::minutes(15)).await
}

/// A way to one provider.
pub(super) struct Trip {
    /// Whose door it is.
    pub(super) company: CompanyId,
    /// Which of its doors: state and nonce of one fit no other.
    pub(super) door: String,
    /// Where it leads.
    pub(super) provider: Provider,
    /// The place under which the client's secret is sealed.
    pub(super) place: String,
    /// Where the provider sends people back to: exactly this.
    pub(super) back: String,
    /// What we ask to be told.
    pub(super) scope: &'static str,
}

/// A word made from the cookie's secret, for one door.
fn made(secret: &[u8; 32], door: &str, what: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, format!("assent/oidc/v1/{door}/{what}").as_bytes()))
}

/// Notes that somebody goes away: for whom the way back is, at which company. It works once.
async fn leave(ctx: &Ctx, company: CompanyId, who: [u8; 16]) -> Result<[u8; 32], Problem> {
    let (secret, at) = (ctx.gate.secret()?, ctx.right_now()?);
    let digest = session::digest(&secret);
    let add = move |tx: &mut assent_store::Tx<'_>| {
        access::add_link(tx, &digest, company, Door::Away, &who, at, at.plus(AWAY))
    };
    ctx.gate.home().write(add).await?;
    Ok(secret)
}

/// Off to the provider: somebody who is here and connects an account, or [`NOBODY`], who signs in.
pub(super) async fn go(ctx: &Ctx, trip: &Trip, who: [u8; 16]) -> Result<Response, Problem> {
    let found = discover(ctx, &trip.provider.issuer).await.map_err(|error| away(&error))?;
    let secret = leave(ctx, trip.company, who).await?;
    let made = |what: &str| made(&secret, &trip.door, what);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(made("verifier").as_bytes()));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &trip.provider.client)
        .append_pair("redirect_uri", &trip.back)
        .append_pair("scope", trip.scope)
        .append_pair("state", &made("state"))
        .append_pair("nonce", &made("nonce"))
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .finish();
    let joint = if found.authorization_endpoint.contains('?') { '&' } else { '?' };
    let to = format!("{}{joint}{query}", found.authorization_endpoint);
    let cookie = session::set_cookie(ctx, COOKIE, &session::written(&secret), AWAY);
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

/// The secret of a browser that went through this door, if what came back fits it.
pub(super) fn ours(ctx: &Ctx, headers: &HeaderMap, door: &str, back: &Back) -> Result<[u8; 32], Problem> {
    let secret = session::cookie(ctx, headers, COOKIE).and_then(session::read).ok_or_else(stale)?;
    let fits: bool = back.state.as_bytes().ct_eq(made(&secret, door, "state").as_bytes()).into();
    if fits { Ok(secret) } else { Err(stale()) }
}

/// Somebody who came back.
pub(super) struct Came {
    /// Who went: somebody who was here, or [`NOBODY`].
    pub(super) went: [u8; 16],
    /// The account, as it is kept: a digest of issuer and subject.
    pub(super) subject: [u8; 32],
    /// An address that the provider has verified, where we asked for one.
    pub(super) email: Option<String>,
}

impl Came {
    /// Refuses whoever comes back as somebody else than went.
    pub(super) fn must_be(&self, who: [u8; 16]) -> Result<(), Problem> {
        if self.went == who { Ok(()) } else { Err(stale()) }
    }
}

/// Takes somebody who comes back at their word, once, as far as the provider's signed word goes.
pub(super) async fn arrive(ctx: &Ctx, trip: &Trip, back: &Back, secret: &[u8; 32]) -> Result<Came, Problem> {
    let (digest, at) = (session::digest(secret), ctx.now());
    let went = ctx.gate.home().write(move |tx| access::use_link(tx, &digest, Door::Away, at)).await?;
    let (_, went) = went.filter(|(whose, _)| *whose == trip.company).ok_or_else(stale)?;
    if !back.iss.is_empty() && back.iss != trip.provider.issuer {
        return Err(stale());
    }
    if !back.error.is_empty() || back.code.is_empty() {
        return Err(Problem::forbidden("The provider did not let you in.")
            .german("Der Anbieter hat Sie nicht hereingelassen."));
    }
    let said = exchange(ctx, trip, &back.code, secret).await?;
    Ok(Came { went, subject: subject(&trip.provider.issuer, &said.subject), email: said.email })
}

/// The way back works once, however it ended.
pub(super) fn over(ctx: &Ctx, answer: Result<Response, Problem>) -> Response {
    let mut answer = answer.unwrap_or_else(IntoResponse::into_response);
    if let Ok(over) = session::set_cookie(ctx, COOKIE, "", Span::days(0)).parse() {
        answer.headers_mut().append(header::SET_COOKIE, over);
    }
    answer
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

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Changes the code for a token, at the provider, and believes it or not.
async fn exchange(ctx: &Ctx, trip: &Trip, code: &str, secret: &[u8; 32]) -> Result<Who, Problem> {
    let provider = &trip.provider;
    let found = discover(ctx, &provider.issuer).await.map_err(|error| away(&error))?;
    let mut form = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", trip.back.clone()),
        ("client_id", provider.client.clone()),
        ("code_verifier", made(secret, &trip.door, "verifier")),
    ];
    let mut basic = None;
    if let Some(sealed) = &provider.secret {
        let open = ctx.gate.open_secret(trip.company, &trip.place, sealed).await?;
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
    let private = ctx.settings.network.allows(&found.token_endpoint);
    let ask = Ask::post(&found.token_endpoint, private, encoded(&form), basic);
    let body = ask.map_err(|error| away(&error))?.send().await.map_err(|error| away(&error))?;
    let keys = get(ctx, &found.jwks_uri).map_err(|error| away(&error))?;
    let keys = keys.send().await.map_err(|error| away(&error))?;
    let unread = || {
        Problem::forbidden("What the provider said about you cannot be believed.")
            .german("Was der Anbieter über Sie sagt, ist nicht zu glauben.")
    };
    let tokens: Tokens = serde_json::from_slice(&body).map_err(|_| unread())?;
    let keys: Keys = serde_json::from_slice(&keys).map_err(|_| unread())?;
    let wanted = Wanted {
        issuer: &provider.issuer,
        client: &provider.client,
        nonce: &made(secret, &trip.door, "nonce"),
        seconds: ctx.now().micros() / 1_000_000,
    };
    token::read(&tokens.id_token, &keys, &wanted).ok_or_else(unread)
}

fn encoded(form: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}
