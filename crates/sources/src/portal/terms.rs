//! One purpose in full, and the list of all of them: give, limit, refuse, withdraw. The same number of clicks each way.

use askama::Template;
use assent_gate::Act;
use assent_kernel::PurposeKey;
use assent_kernel::grant::{Evidence, Said};
use assent_kernel::notice::Notice;
use assent_store::requests::Request;
use assent_web::{Ctx, Fields, Person, Posted, Problem, Shell, filters, html};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::act::{self, Own};
use super::form::{Reply, Ticks};
use super::inbox;
use super::laws::{self, Law};
use super::model::Names;
use super::reply;
use super::show::{self, Ask};
use super::text::Text;
use super::web::{Asked, shell};

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/me/terms", get(all)).route("/me/terms/{purpose}", get(one).post(answer))
}

#[derive(Template)]
#[template(path = "portal/all_terms.html")]
struct All {
    shell: Shell,
    t: Text,
    lines: Vec<Line>,
    laws: Vec<Law>,
}

struct Line {
    ask: Ask,
    purpose: String,
    stands: String,
    lapsed: &'static str,
    yes: bool,
}

#[derive(Template)]
#[template(path = "portal/terms.html")]
struct One {
    shell: Shell,
    t: Text,
    ask: Ask,
    stands: String,
    lapsed: String,
    given: bool,
    limit: bool,
    error: String,
    ticks: Ticks,
}

async fn all(State(ctx): State<Ctx>, person: Person) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, t);
    let known = own.dossier.person();
    let requests = act::requests(&ctx, &own).await?;
    let open = act::open(&own, &requests);
    let line = |notice: &Notice| {
        let answer = known.answers.get(&notice.purpose);
        let grant = answer.and_then(|answer| match &answer.said {
            Said::Yes(grant) => Some(grant),
            Said::No | Said::NoLonger => None,
        });
        let lapsed = grant.and_then(|grant| names.lapsed(known, grant, own.now)).unwrap_or_default();
        Line {
            lapsed,
            ask: told(&ctx, &names, &own, notice, &open),
            purpose: names.purpose(&notice.purpose),
            stands: answer.map_or_else(|| t.never_asked().to_owned(), |answer| names.answer(answer)),
            yes: grant.is_some() && lapsed.is_empty(),
        }
    };
    Ok(html::page(&All {
        shell: shell(&person, t, t.terms_title(), "/me/terms", ""),
        t,
        lines: own.standing.policy.notices.values().map(line).collect(),
        laws: laws::laws(&names, known, own.now),
    }))
}

/// The notice that asks about a purpose now.
pub(super) fn notice<'a>(own: &'a Own, purpose: &str) -> Result<&'a Notice, Problem> {
    let nothing = || {
        Problem::not_found("There is no such purpose to decide about.")
            .german("So einen Zweck, über den zu entscheiden wäre, gibt es nicht.")
    };
    let key = PurposeKey::new(purpose).map_err(|_| nothing())?;
    own.standing.policy.notice_for(&key).ok_or_else(nothing)
}

/// A notice with who asked, if somebody did.
pub(super) fn told(ctx: &Ctx, names: &Names<'_>, own: &Own, notice: &Notice, open: &[Request]) -> Ask {
    let offered = ctx.gate.offered(notice, &own.standing.policy, own.now);
    let request = open.iter().find(|one| one.purpose == notice.purpose);
    Ask {
        asked: request.map_or_else(String::new, |one| inbox::who_asked(names, one)),
        ..show::ask(names, notice, &offered, own.dossier.person())
    }
}

async fn one(
    State(ctx): State<Ctx>,
    person: Person,
    Path(purpose): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let notice = notice(&own, &purpose)?;
    let page = page(&ctx, &person, &own, notice, &asked.done).await?;
    Ok(html::page(&One { limit: !asked.limit.is_empty(), ..page }))
}

async fn page(ctx: &Ctx, person: &Person, own: &Own, notice: &Notice, done: &str) -> Result<One, Problem> {
    let t = Text::of(&person.lang);
    let names = show::names(own, &person.company.name, t);
    let known = own.dossier.person();
    let offered = ctx.gate.offered(notice, &own.standing.policy, own.now);
    let answer = known.answers.get(&notice.purpose);
    let grant = answer.and_then(|answer| match &answer.said {
        Said::Yes(grant) => Some(grant),
        Said::No | Said::NoLonger => None,
    });
    let live = grant.filter(|g| names.lapsed(known, g, own.now).is_none());
    let requests = act::requests(ctx, own).await?;
    let ask = told(ctx, &names, own, notice, &act::open(own, &requests));
    Ok(One {
        shell: shell(person, t, &ask.title, "/me/terms", done),
        t,
        ask,
        stands: answer.map_or_else(|| t.never_asked().to_owned(), |answer| names.answer(answer)),
        lapsed: grant.and_then(|g| names.lapsed(known, g, own.now)).unwrap_or_default().to_owned(),
        given: grant.is_some(),
        limit: false,
        error: String::new(),
        ticks: Ticks::of(&names, &offered, live.map(|g| &g.terms), live.and_then(|g| g.uses_left)),
    })
}

async fn answer(
    State(ctx): State<Ctx>,
    Path(purpose): Path<String>,
    Posted(person, fields): Posted<Person>,
) -> Result<Response, Problem> {
    let own = act::own(&ctx, &person).await?;
    let names = show::names(&own, &person.company.name, Text::of(&person.lang));
    match reply_to(&ctx, &own, &names, &purpose, &fields, Evidence::Portal).await? {
        Ok(done) => Ok(Redirect::to(&format!("/me?done={done}")).into_response()),
        Err(sentence) => again(&ctx, &person, &own, notice(&own, &purpose)?, &fields, &sentence).await,
    }
}

/// Records an answer about a purpose, by whoever gives it. The word for what was done, or the sentence that says what is
/// wrong with it. A yes can be taken back even when its notice is gone.
pub(super) async fn reply_to(
    ctx: &Ctx,
    own: &Own,
    names: &Names<'_>,
    purpose: &str,
    fields: &Fields,
    evidence: Evidence,
) -> Result<Result<&'static str, String>, Problem> {
    let nothing = match notice(own, purpose) {
        Ok(notice) => return reply::take(ctx, own, names, notice, fields, evidence).await,
        Err(nothing) => nothing,
    };
    let said = |key: &PurposeKey| own.dossier.person().answers.contains_key(key);
    match PurposeKey::new(purpose).ok().filter(said) {
        Some(key) if Reply::parse(fields.get("answer")) == Some(Reply::Withdraw) => {
            act::say(ctx, own, Act::Withdraw(key), evidence).await?;
            Ok(Ok("withdrawn"))
        }
        Some(_) | None => Err(nothing),
    }
}

/// The page again, with what was typed and what is wrong with it.
async fn again(
    ctx: &Ctx,
    person: &Person,
    own: &Own,
    notice: &Notice,
    fields: &Fields,
    error: &str,
) -> Result<Response, Problem> {
    let mut page = page(ctx, person, own, notice, "").await?;
    if fields.get("answer") == "limited" {
        page.limit = true;
        page.ticks = page.ticks.typed(fields);
    }
    page.error = error.to_owned();
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&page)).into_response())
}
