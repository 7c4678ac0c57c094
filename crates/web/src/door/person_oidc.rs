//! People come in with an account elsewhere (OpenID Connect).
//!
//! An account opens a page only after its owner has connected it by their own hand, from inside, a moment after they came
//! in. No address that a provider tells ever counts, verified or not, so we ask for none: a provider may hand an address on
//! to somebody else, an administrator may set a provider of their own, and whoever made an account with somebody's address
//! years before them must not be them now. What counts is issuer and subject. So an account that is not connected gets one
//! answer, whoever is known here. It opens the one record from which it was connected, also where a company has joined
//! several; whoever runs the provider can come in as whoever connected an account there, and the page names it.

use std::sync::Arc;

use assent_kernel::PersonId;
use assent_store::access::{self, Door};
use assent_store::connected;
use assent_store::home::Company;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use url::Url;

use super::flow::{self, Back, NOBODY, Trip};
use super::oidc::Going;
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::session::{self, Client, PERSON_SESSION, Person, Posted};

/// The most accounts that one person connects.
const MOST: usize = 10;

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/my/{code}/with/{name}", get(go))
        .route("/my/{code}/back/{name}", get(back))
        .route("/me/accounts/remove", post(remove))
}

/// A provider that people of a company may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its short name.
    pub name: String,
    /// What the button says.
    pub label: String,
    /// Who vouches: the issuer's host.
    pub host: String,
    /// Where it leads.
    pub href: String,
}

/// The host of an issuer.
fn host(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The providers that people of a company may use.
///
/// # Errors
/// What the store said.
pub async fn ways(ctx: &Ctx, company: &Company) -> Result<Vec<Way>, Problem> {
    let id = company.id;
    let all = ctx.gate.home().read(move |tx| connected::offered(tx, id)).await?;
    let way = |(name, one): (String, assent_store::factors::Provider)| Way {
        href: format!("/my/{}/with/{name}", company.code),
        host: host(&one.issuer),
        label: one.label,
        name,
    };
    Ok(all.into_iter().map(way).collect())
}

/// Where somebody who is here connects an account: nobody else can make their browser do it.
#[must_use]
pub fn connecting(person: &Person, way: &Way) -> String {
    format!("{}?connect={}", way.href, person.connecting())
}

/// The accounts that somebody who is here has connected.
///
/// # Errors
/// What the store said.
pub async fn of(ctx: &Ctx, person: &Person) -> Result<Vec<connected::Connected>, Problem> {
    let id = person.id;
    Ok(ctx.gate.home().read(move |tx| connected::of(tx, id)).await?)
}

/// Where the provider sends people back to: exactly this.
pub(super) fn back_address(ctx: &Ctx, code: &str, name: &str) -> String {
    format!("{}/my/{code}/back/{name}", ctx.settings.base_url)
}

/// The place under which a client's secret is sealed.
pub(super) fn place(name: &str) -> String {
    format!("person-provider/{name}")
}

fn door(name: &str) -> String {
    format!("people/{name}")
}

async fn trip(ctx: &Ctx, code: &str, name: &str) -> Result<(Arc<Company>, Trip), Problem> {
    let nothing = || {
        Problem::not_found("This company lets nobody in with such an account.")
            .german("Mit so einem Konto lässt dieses Unternehmen niemanden herein.")
    };
    let all = ctx.gate.companies().await?;
    let found = all.into_iter().find(|one| one.code == code).ok_or_else(nothing)?;
    let (id, wanted) = (found.id, name.to_owned());
    let provider = ctx.gate.home().read(move |tx| connected::offered_one(tx, id, &wanted)).await?;
    let trip = Trip {
        company: id,
        door: door(name),
        provider: provider.ok_or_else(nothing)?,
        place: place(name),
        back: back_address(ctx, code, name),
        // Neither a name nor an address: what is known about people is theirs to tell.
        scope: "openid",
    };
    Ok((found, trip))
}

/// Off to the provider. Somebody who comes by the link on their own page connects their account; anybody else comes in.
async fn go(
    State(ctx): State<Ctx>,
    client: Client,
    Path((code, name)): Path<(String, String)>,
    Query(going): Query<Going>,
    person: Option<Person>,
) -> Result<Response, Problem> {
    flow::limit(&ctx, &client).await?;
    let (company, trip) = trip(&ctx, &code, &name).await?;
    let connects = person.filter(|one| one.company.id == company.id && one.connects(&going.connect));
    if let Some(person) = &connects {
        person.must_have_just_come_in(ctx.now())?;
    }
    flow::go(&ctx, &trip, connects.map_or(NOBODY, |person| person.id.to_bytes())).await
}

/// Back from the provider.
async fn back(
    State(ctx): State<Ctx>,
    client: Client,
    Path((code, name)): Path<(String, String)>,
    Query(back): Query<Back>,
    headers: HeaderMap,
    person: Option<Person>,
) -> Result<Response, Problem> {
    flow::limit(&ctx, &client).await?;
    Ok(flow::over(&ctx, come_back(&ctx, (&code, &name), &back, &headers, person).await))
}

async fn come_back(
    ctx: &Ctx,
    (code, name): (&str, &str),
    back: &Back,
    headers: &HeaderMap,
    person: Option<Person>,
) -> Result<Response, Problem> {
    let secret = flow::ours(ctx, headers, &door(name), back)?;
    let (company, trip) = trip(ctx, code, name).await?;
    let came = flow::arrive(ctx, &trip, back, &secret).await?;
    if came.went != NOBODY {
        let person = person.filter(|one| one.company.id == company.id);
        came.must_be(person.as_ref().map_or(NOBODY, |one| one.id.to_bytes()))?;
        let person = person.ok_or_else(Problem::sign_in)?;
        return connect(ctx, &person, name, came.subject).await;
    }
    match whose(ctx, &company, came.subject).await? {
        Some(person) => {
            let who = person.to_bytes();
            let cookie = session::begin(ctx, company.id, Door::Person, who, "", PERSON_SESSION).await?;
            Ok(([cookie], Redirect::to("/me")).into_response())
        }
        // The same, whoever is known here: an account that nobody connected says nothing about anybody.
        None => Ok(Redirect::to(&format!("/my/{code}?said=account")).into_response()),
    }
}

/// Whose account it is, if they are still here.
async fn whose(ctx: &Ctx, company: &Company, subject: [u8; 32]) -> Result<Option<PersonId>, Problem> {
    let (id, at) = (company.id, ctx.now());
    let Some(person) = ctx.gate.home().read(move |tx| connected::bound(tx, id, &subject)).await? else {
        return Ok(None);
    };
    if ctx.gate.look_one(&assent_gate::Whose::everybody(id), person).await.is_err() {
        return Ok(None);
    }
    ctx.gate.home().write(move |tx| connected::used(tx, id, &subject, at)).await?;
    Ok(Some(person))
}

/// Connects an account with the record of whoever is here. A new way in ends what is open elsewhere.
async fn connect(ctx: &Ctx, person: &Person, name: &str, subject: [u8; 32]) -> Result<Response, Problem> {
    let at = ctx.now();
    person.must_have_just_come_in(at)?;
    let (company, id, session, name) = (person.company.id, person.id, person.session(), name.to_owned());
    let bound = ctx.gate.home().write(move |tx| {
        let before = connected::bound(tx, company, &subject)?;
        if before.is_some() || connected::of(tx, id)?.len() >= MOST {
            return Ok(before);
        }
        access::drop_others(tx, &id.to_bytes(), &session)?;
        connected::bind(tx, company, &subject, id, &name, at)
    });
    match bound.await? {
        Some(whose) if whose == id => Ok(Redirect::to("/me/sign-in?done=account").into_response()),
        Some(_) => Err(Problem::conflict("That account opens another page here. Disconnect it there first.")
            .german("Dieses Konto öffnet hier eine andere Seite. Trennen Sie es zuerst dort.")),
        None => {
            Err(Problem::conflict("You have connected as many accounts as there can be. Remove one first.")
                .german("Sie haben so viele Konten verbunden, wie es geht. Entfernen Sie zuerst eines."))
        }
    }
}

async fn remove(State(ctx): State<Ctx>, Posted(person, fields): Posted<Person>) -> Result<Response, Problem> {
    let (id, session, name) = (person.id, person.session(), fields.get("provider").to_owned());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        connected::unbind(tx, id, &name)?;
        access::drop_others(tx, &id.to_bytes(), &session)
    };
    ctx.gate.home().write(write).await?;
    Ok(Redirect::to("/me/sign-in?done=account-removed").into_response())
}
