//! Answering one request out of the letter that made it: no account, no sign-in. The link shows this one notice and where
//! it stands, and no value; whoever has it can say yes, less, no, and take it back, with the same clicks, for as long as
//! the link holds. Opening it changes nothing: mail programs open links by themselves.

use std::sync::Arc;

use askama::Template;
use assent_gate::GateError;
use assent_kernel::grant::{Evidence, Said};
use assent_kernel::notice::Notice;
use assent_kernel::{PersonId, RequestId};
use assent_store::access::{self, Door};
use assent_store::home::Company;
use assent_store::requests::Request;
use assent_web::session::{self, Fields, language, same_site};
use assent_web::{Ctx, Problem, Shell, filters, html};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::act::{self, Own};
use super::door::{outside, used_up};
use super::form::Ticks;
use super::inbox;
use super::model::Names;
use super::reply;
use super::show::{self, Ask};
use super::text::Text;
use super::web::{self, Asked};

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/my/answer/{request}/{token}", get(look).post(answer))
}

#[derive(Template)]
#[template(path = "portal/mailed.html")]
struct Mailed {
    shell: Shell,
    t: Text,
    ask: Ask,
    stands: String,
    given: bool,
    limit: bool,
    error: String,
    ticks: Ticks,
    page: String,
    /// True when the browser says "do not sell or share".
    gpc: bool,
}

/// The request behind a link, and whose it is.
struct Found {
    company: Arc<Company>,
    own: Own,
    request: Request,
    /// The address of the link itself.
    here: String,
}

impl Found {
    fn notice(&self) -> Option<&Notice> {
        self.own.standing.policy.notice_for(&self.request.purpose)
    }
}

/// Finds the request; nothing for a link that is forged, over, or of somebody who is gone.
async fn find(ctx: &Ctx, request: &str, token: &str) -> Result<Option<Found>, Problem> {
    let (Ok(id), Some(secret)) = (request.parse::<RequestId>(), session::read(token)) else {
        return Ok(None);
    };
    let (digest, at) = (session::bound(&secret, &id.to_bytes()), ctx.now());
    let peek = move |tx: &mut assent_store::Tx<'_>| access::peek_link(tx, &digest, Door::Answer, at);
    let Some((company, who)) = ctx.gate.home().read(peek).await? else { return Ok(None) };
    let own = match act::looked_up(ctx, company, PersonId::from_bytes(who)).await {
        Ok(own) => own,
        Err(GateError::NoPerson) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let request = act::requests(ctx, &own).await?.into_iter().find(|one| one.id == id);
    let company = ctx.gate.company(company).await?;
    let here = format!("/my/answer/{id}/{token}");
    Ok(request.map(|request| Found { company, own, request, here }))
}

/// The page about one notice: what is asked, where it stands, and the answers.
fn page(ctx: &Ctx, headers: &HeaderMap, found: &Found, notice: &Notice, said: &Asked) -> Mailed {
    let t = Text::of(&language(headers));
    let (own, known) = (&found.own, found.own.dossier.person());
    let names = show::names(own, &found.company.name, t);
    let offered = ctx.gate.offered(notice, &own.standing.policy, own.now);
    let answer = known.answers.get(&notice.purpose);
    let live = answer.and_then(|answer| match &answer.said {
        Said::Yes(grant) => names.lapsed(known, grant, own.now).is_none().then_some(grant),
        Said::No | Said::NoLonger => None,
    });
    let ask = Ask {
        action: found.here.clone(),
        asked: inbox::who_asked(&names, &found.request),
        ..show::ask(&names, notice, &offered, known)
    };
    let mut shell = outside(headers, t, &found.company.name, &ask.title);
    shell.flash = web::flashed(t, &said.done).filter(|_| session::from_here(headers));
    Mailed {
        shell,
        t,
        stands: answer.map_or_else(|| t.never_asked().to_owned(), |answer| names.answer(answer)),
        given: live.is_some(),
        limit: !said.limit.is_empty(),
        error: String::new(),
        ticks: Ticks::of(
            &names,
            &offered,
            live.map(|grant| &grant.terms),
            live.and_then(|grant| grant.uses_left),
        ),
        page: format!("/my/{}", found.company.code),
        gpc: session::gpc(headers),
        ask,
    }
}

async fn look(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path((request, token)): Path<(String, String)>,
    Query(said): Query<Asked>,
) -> Result<Response, Problem> {
    let found = find(&ctx, &request, &token).await?;
    match found.as_ref().and_then(|found| Some((found, found.notice()?))) {
        Some((found, notice)) => Ok(html::page(&page(&ctx, &headers, found, notice, &said))),
        None => Ok(used_up(&headers)),
    }
}

async fn answer(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path((request, token)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    let mut found = find(&ctx, &request, &token).await?;
    if let Some(one) = &mut found
        && act::heed_gpc(&ctx, session::gpc(&headers), &one.own).await?
    {
        one.own = act::looked_up(&ctx, one.company.id, one.own.dossier.id()).await?;
    }
    let Some((found, notice)) = found.as_ref().and_then(|found| Some((found, found.notice()?))) else {
        return Ok(used_up(&headers));
    };
    let fields = Fields::parse(&body);
    let t = Text::of(&language(&headers));
    let names: Names<'_> = show::names(&found.own, &found.company.name, t);
    match reply::take(&ctx, &found.own, &names, notice, &fields, Evidence::OneClick).await? {
        Ok(done) => Ok(Redirect::to(&format!("{}?done={done}", found.here)).into_response()),
        Err(error) => {
            let mut page = page(&ctx, &headers, found, notice, &Asked::default());
            if fields.get("answer") == "limited" {
                page.limit = true;
                page.ticks = page.ticks.typed(&fields);
            }
            page.error = error;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&page)).into_response())
        }
    }
}
