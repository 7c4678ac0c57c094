//! The overview, the list of uses, stops, erasure, leaving: parse, act, render.

use askama::Template;
use assent_gate::After;
use assent_kernel::grant::Evidence;
use assent_store::access::Door;
use assent_web::shell::{Flash, Nav, Tone};
use assent_web::{Ctx, Person, Posted, Problem, Shell, filters, html, session};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::act::{self, Wanted};
use super::door::outside;
use super::ending::{self, Ends};
use super::gains::{self, Gain};
use super::inbox;
use super::laws;
use super::model::Names;
use super::received::{self, Received, Told};
use super::show::{self, Agreed, Ask, Group, Used};
use super::stops::{self, Stop};
use super::text::Text;
use super::things::{self, Thing};

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/me", get(overview))
        .route("/me/uses", get(uses))
        .route("/me/stop", post(stop))
        .route("/me/erase", get(erase).post(erased))
        .route("/me/sign-out", post(sign_out))
        .route("/my/erased/{token}", get(told))
}

/// How many uses the overview shows, and how many it counts.
const RECENT: usize = 10;
const SUMMED: usize = 1_000;

#[derive(Template)]
#[template(path = "portal/me.html")]
struct Overview {
    shell: Shell,
    t: Text,
    lead: String,
    deleted: Option<String>,
    asks: Vec<Ask>,
    ends: Vec<Ends>,
    gains: Vec<Gain>,
    agreed: Vec<Agreed>,
    groups: Vec<Group>,
    things: Vec<Thing>,
    uses: Vec<Used>,
    emergencies: Vec<(String, String)>,
    stops: Vec<Stop>,
    retained: bool,
}

#[derive(Template)]
#[template(path = "portal/uses.html")]
struct Uses {
    shell: Shell,
    t: Text,
    filters: [(&'static str, &'static str); 4],
    show: &'static str,
    uses: Vec<Used>,
    older: Option<String>,
    first: bool,
}

#[derive(Template)]
#[template(path = "portal/erase.html")]
struct Erase {
    shell: Shell,
    t: Text,
    goes: Vec<(String, usize)>,
    stays: Vec<(String, String, String)>,
    received: Vec<Received>,
    /// True when they came in a moment ago, and so may erase.
    fresh: bool,
}

#[derive(Template)]
#[template(path = "portal/erased.html")]
struct Erased {
    shell: Shell,
    t: Text,
    at: String,
    count: usize,
    /// From when on nothing comes back from backups; nothing while the last copies wait to go.
    from: Option<String>,
    kept: Vec<(String, String, String)>,
    told: Vec<Told>,
    /// Where they see later who was told; empty when nobody has to be.
    look: String,
    receipt: String,
    way_back: Option<String>,
}

/// What the address of a page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) done: String,
    pub(super) limit: String,
    show: String,
    after: String,
}

/// The frame of a page of the person's.
pub(super) fn shell(person: &Person, t: Text, title: &str, at: &str, done: &str) -> Shell {
    let nav = |label: &str, href: &str| Nav {
        label: label.into(),
        href: href.into(),
        active: href == at,
        icon: "person",
        ..Nav::default()
    };
    Shell {
        nav: vec![
            nav(t.nav_overview(), "/me"),
            nav(t.nav_requests(), "/me/requests"),
            nav(t.nav_terms(), "/me/terms"),
            nav(t.nav_uses(), "/me/uses"),
            nav(t.nav_export(), "/me/export"),
            nav(t.nav_erase(), "/me/erase"),
        ],
        flash: flashed(t, done).filter(|_| person.from_here),
        ..person.shell(title)
    }
}

/// A code of the address and the sentence it stands for.
type Said = (&'static str, fn(Text) -> &'static str);

const fn flash_codes() -> [Said; 15] {
    [
        ("given", Text::done_given),
        ("refused", Text::done_refused),
        ("withdrawn", Text::done_withdrawn),
        ("quiet", Text::done_quiet),
        ("stopped", Text::done_stopped),
        ("lifted", Text::done_lifted),
        ("saved", Text::done_saved),
        ("removed", Text::done_removed),
        ("gpc", Text::done_gpc),
        ("may-ask", Text::done_may_ask),
        ("passkey", Text::done_passkey),
        ("passkey-removed", Text::done_passkey_removed),
        ("program-ended", Text::done_program_ended),
        ("account", Text::done_account),
        ("account-removed", Text::done_account_removed),
    ]
}

/// What the last act did. Only said to whom a page of ours led there: a link from elsewhere has done nothing.
pub(super) fn flashed(t: Text, done: &str) -> Option<Flash> {
    let (_, text) = flash_codes().into_iter().find(|(code, _)| *code == done)?;
    Some(Flash { tone: Tone::Good, text: text(t).into(), undo: None })
}

async fn overview(
    State(ctx): State<Ctx>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let answer = act::view(&ctx, &own).await?;
    let (lines, older) = match answer.permit() {
        Some(permit) => act::uses(&ctx, permit, &own, Wanted::Others, After::default(), SUMMED).await?,
        None => (Vec::new(), None),
    };
    let names = show::names(&own, &person.company.name, t);
    let known = own.dossier.person();
    let requests = act::requests(&ctx, &own).await?;
    let owned = things::of(&ctx, &own).await?;
    let mut shell = shell(&person, t, &t.knows(&person.company.name), "/me", &asked.done);
    if own.heeded {
        shell.flash = flashed(t, "gpc");
    }
    Ok(html::page(&Overview {
        shell,
        t,
        lead: t.held_lead(own.dossier.facts().count()),
        deleted: own.deleted.map(|one| t.deleted(&person.company.name, one.at, one.until)),
        asks: inbox::asks(&ctx, &names, &own, &act::open(&own, &requests)),
        ends: ending::ends(&names, &own, &requests),
        gains: gains::gains(&names, known, &lines, older.is_some(), own.now),
        agreed: show::agreed(&names, known, own.now),
        groups: show::groups(&names, &own, &answer, &owned),
        things: things::told(&names, &own, &answer, &owned),
        uses: lines.iter().take(RECENT).map(|line| show::used(&names, known, line)).collect(),
        emergencies: act::emergencies(&ctx, &own)
            .await?
            .iter()
            .filter_map(|one| show::emergency(&names, one, own.now))
            .collect(),
        stops: stops::all(&names, known, person.gpc),
        retained: super::model::retained(known),
    }))
}

async fn uses(
    State(ctx): State<Ctx>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let answer = act::view(&ctx, &own).await?;
    let wanted = Wanted::of(&asked.show);
    let show = wanted.word();
    let after = asked.after.parse().unwrap_or_default();
    let (lines, next) = match answer.permit() {
        Some(permit) => act::uses(&ctx, permit, &own, wanted, after, 25).await?,
        None => (Vec::new(), None),
    };
    let names = show::names(&own, &person.company.name, t);
    Ok(html::page(&Uses {
        shell: shell(&person, t, t.uses_title(), "/me/uses", ""),
        t,
        filters: [
            ("others", t.show_all()),
            ("permitted", t.show_permitted()),
            ("refused", t.show_refused()),
            ("everything", t.show_own()),
        ],
        show,
        uses: lines.iter().map(|line| show::used(&names, own.dossier.person(), line)).collect(),
        older: next.map(|after| format!("/me/uses?show={show}&after={after}")),
        first: asked.after.is_empty(),
    }))
}

async fn stop(State(ctx): State<Ctx>, Posted(person, fields): Posted<Person>) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let lift = fields.get("act") == "lift";
    stops::change(&ctx, &own, (fields.get("what"), fields.get("purpose")), lift, Evidence::Portal).await?;
    Ok(Redirect::to(if lift { "/me?done=lifted" } else { "/me?done=stopped" }).into_response())
}

async fn erase(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, t);
    let (goes, stays) = laws::erasure(&names, &own);
    let received = received::received(&names, &act::all_uses(&ctx, &own).await?);
    let shell = shell(&person, t, t.erase_title(), "/me/erase", "");
    Ok(html::page(&Erase { shell, t, goes, stays, received, fresh: person.just_came_in(own.now) }))
}

async fn erased(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Posted(person, fields): Posted<Person>,
) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    person.must_have_just_come_in(ctx.now())?;
    let own = act::own(&ctx, &person).await?;
    let certificate = act::erase(&ctx, &person, fields.has("never")).await?;
    // It is done: whatever fails from here on must not keep the certificate from them.
    let way_back = act::way_back(&ctx, &person, &certificate).await.unwrap_or_else(|_| {
        tracing::error!(company = %person.company.id, "a way back to what a law keeps could not be made");
        None
    });
    let cookie = session::end(&ctx, &headers, Door::Person).await.ok();
    let names = show::names(&own, &person.company.name, t);
    let shell = Shell { nav: Vec::new(), user: None, ..shell(&person, t, t.erased_title(), "", "") };
    let page = html::page(&Erased {
        shell,
        t,
        at: t.date_time(certificate.at),
        count: certificate.erased,
        from: certificate.unrecoverable_from.map(|at| t.date(at)),
        kept: laws::kept(&names, &certificate),
        told: received::told(&names, &act::told(&ctx, &certificate).await),
        look: certificate
            .told
            .map(|token| assent_web::told::link(&ctx.settings.base_url, &token))
            .unwrap_or_default(),
        receipt: certificate.receipt,
        way_back,
    });
    Ok((cookie.map(|cookie| [cookie]), page).into_response())
}

#[derive(Template)]
#[template(path = "portal/told.html")]
struct ToldPage {
    shell: Shell,
    t: Text,
    told: Vec<Told>,
}

/// What became of telling those who received something, for whoever was erased and kept the link.
async fn told(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let t = Text::of(&session::language(&headers));
    let nothing = || Problem::not_found(Text::of("en").told_nothing()).german(Text::of("de").told_nothing());
    let (company, policy, all) = act::told_by(&ctx, &token).await?.ok_or_else(nothing)?;
    let names = Names { t, policy: &policy.policy, company: &company.name };
    let shell = outside(&headers, t, &company.name, t.told_title());
    Ok(html::page(&ToldPage { shell, t, told: received::told(&names, &all) }))
}

async fn sign_out(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Posted(_, _): Posted<Person>,
) -> Result<Response, Problem> {
    let cookie = session::end(&ctx, &headers, Door::Person).await?;
    Ok(([cookie], Redirect::to("/my")).into_response())
}
