//! Requests: who asks, for what, what it brings; what was asked before, what was answered, and how often somebody wanted
//! to ask again although they were told not to.

use askama::Template;
use assent_kernel::RequestId;
use assent_store::requests::{Asked, Request};
use assent_web::{Ctx, Person, Posted, Problem, Shell, filters, html};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::act::{self, Own};
use super::model::Names;
use super::show::{self, Ask};
use super::text::Text;
use super::web::{Asked as Said, shell};

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/me/requests", get(inbox)).route("/me/requests/quiet", post(may_ask))
}

#[derive(Template)]
#[template(path = "portal/inbox.html")]
struct Inbox {
    shell: Shell,
    t: Text,
    asks: Vec<Ask>,
    before: Vec<Before>,
}

/// A request that was answered.
struct Before {
    id: String,
    purpose: String,
    title: String,
    yes: bool,
    word: &'static str,
    asked: String,
    answered: String,
    quiet: String,
    again: String,
}

/// The notices that wait for an answer, told with who asks.
pub(super) fn asks(ctx: &Ctx, names: &Names<'_>, own: &Own, requests: &[Request]) -> Vec<Ask> {
    let known = own.dossier.person();
    let waiting = show::waiting(names, known, requests);
    let told = waiting.into_iter().map(|notice| {
        let offered = ctx.gate.offered(notice, &own.standing.policy, own.now);
        let request = requests.iter().find(|one| one.notice == notice.id);
        Ask {
            asked: request.map_or_else(|| names.t.outdated().to_owned(), |one| who_asked(names, one)),
            ..show::ask(names, notice, &offered, known)
        }
    });
    told.collect()
}

/// "Marketing at Halden Home asked on 3 May 2026."
pub(super) fn who_asked(names: &Names<'_>, request: &Request) -> String {
    if request.is_unasked() {
        return names.t.unasked().to_owned();
    }
    names.t.asked_on(&names.t.role(&request.role, names.company), &names.t.date(request.at))
}

fn before(names: &Names<'_>, own: &Own, one: &Request) -> Before {
    let t = names.t;
    let quiet = one.quiet_until.filter(|until| one.state == Asked::NotAgain && own.now < *until);
    Before {
        id: one.id.to_string(),
        purpose: one.purpose.to_string(),
        title: names.purpose(&one.purpose),
        yes: one.state == Asked::Given,
        word: match one.state {
            Asked::Given => t.yes(),
            Asked::Refused | Asked::NotAgain => t.no(),
            Asked::Open => t.no_answer(),
        },
        asked: who_asked(names, one),
        answered: one.answered_at.map_or_else(String::new, |at| t.answered_on(&t.date(at))),
        quiet: quiet.map_or_else(String::new, |until| t.quiet_until(&t.date(until))),
        again: one.again_at.map_or_else(String::new, |at| t.asked_again(one.again, &t.date(at))),
    }
}

async fn inbox(
    State(ctx): State<Ctx>,
    person: Person,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, t);
    let all = act::requests(&ctx, &own).await?;
    let open = act::open(&own, &all);
    let waits = |one: &Request| open.iter().any(|other| other.id == one.id);
    Ok(html::page(&Inbox {
        shell: shell(&person, t, t.inbox_title(), "/me/requests", &said.done),
        t,
        asks: asks(&ctx, &names, &own, &open),
        before: all.iter().filter(|one| !waits(one)).map(|one| before(&names, &own, one)).collect(),
    }))
}

async fn may_ask(
    State(ctx): State<Ctx>,
    Posted(person, fields): Posted<Person>,
) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let nothing = || {
        Problem::not_found("There is no such request to you.").german("So eine Anfrage an Sie gibt es nicht.")
    };
    let id: RequestId = fields.get("request").parse().map_err(|_| nothing())?;
    if !act::end_quiet(&ctx, &own, id).await? {
        return Err(nothing());
    }
    Ok(Redirect::to("/me/requests?done=may-ask").into_response())
}
