//! Receipts: take one away, or have it checked here, check by check, in plain words.

use askama::Template;
use assent_gate::{LineId, LogName, UseLine};
use assent_kernel::ledger::{LedgerError, Policy, Receipt, Verified, Vkey};
use assent_web::file::attachment;
use assent_web::session::language;
use assent_web::{Ctx, Person, Problem, Shell, filters, html};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::act::{self, Own};
use super::door::outside;
use super::show::{self, Used};
use super::text::Text;
use super::web::shell;

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    let all = Router::new().route("/me/receipt/{seq}", get(download));
    all.route("/me/receipt/{seq}/check", get(check)).route("/check-receipt", get(own))
}

#[derive(Template)]
#[template(path = "portal/check.html")]
struct Check {
    shell: Shell,
    t: Text,
    good: bool,
    checks: Vec<(bool, &'static str)>,
    place: String,
    used: Option<Used>,
    seq: LineId,
    key_file: String,
}

#[derive(Template)]
#[template(path = "portal/own.html")]
struct OwnCheck {
    shell: Shell,
    t: Text,
}

/// Where anybody checks a saved receipt in their own browser: nobody has to sign in, and nothing is sent here.
async fn own(headers: HeaderMap) -> Response {
    let t = Text::of(&language(&headers));
    html::page(&OwnCheck { shell: outside(&headers, t, "Assent", t.check_title()), t })
}

fn no_such() -> Problem {
    Problem::not_found("There is no such receipt of yours.").german("So einen Beleg von Ihnen gibt es nicht.")
}

/// The number of a line.
pub(super) fn line(text: &str) -> Result<LineId, Problem> {
    text.parse().map_err(|_| no_such())
}

/// The receipt of a line, as a file holds it.
pub(super) async fn receipt(ctx: &Ctx, own: &Own, line: LineId) -> Result<String, Problem> {
    let answer = act::view(ctx, own).await?;
    let permit = answer.permit().ok_or_else(no_such)?;
    Ok(ctx.gate.receipt(permit, &own.dossier, line, ctx.now()).await?)
}

async fn download(
    State(ctx): State<Ctx>,
    person: Person,
    Path(seq): Path<String>,
) -> Result<Response, Problem> {
    let (own, seq) = (act::own(&ctx, &person).await?, line(&seq)?);
    let text = receipt(&ctx, &own, seq).await?;
    Ok(attachment("text/plain; charset=utf-8", &format!("receipt-{seq}.tlog-proof"), text))
}

async fn check(State(ctx): State<Ctx>, person: Person, Path(seq): Path<String>) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let (own, seq) = (act::own(&ctx, &person).await?, line(&seq)?);
    let text = receipt(&ctx, &own, seq).await?;
    let region = own.dossier.region().clone();
    let head = ctx.gate.log_head(&LogName { company: person.company.id, region: region.clone() }).await?;
    let verified = verify(&text, &head.vkey);
    let (good, checks) = told(t, &verified);
    let names = show::names(&own, &person.company.name, t);
    let used = verified.as_ref().ok().and_then(|verified| {
        let detail = verified.detail.clone()?;
        let among = verified.among.as_ref().map(|part| part.people);
        let line = UseLine { id: seq, index: Some(verified.index), among, detail };
        Some(show::used(&names, own.dossier.person(), &line))
    });
    let place = verified.as_ref().map_or_else(
        |_| String::new(),
        |one| format!("{} {} {} {}", t.entry_no(), one.index, t.entry_of(), one.head.checkpoint.size),
    );
    Ok(html::page(&Check {
        shell: shell(&person, t, t.check_title(), "/me/uses", ""),
        t,
        good,
        checks,
        place,
        used,
        seq,
        key_file: format!("/ledger/{}/{region}/assent-ledger.txt", person.company.code),
    }))
}

/// The same that `assent verify` does, with the key this installation signs with.
pub(super) fn verify(text: &str, vkey: &str) -> Result<Verified, LedgerError> {
    Receipt::decode(text)?.verify(&Policy::for_log(Vkey::parse(vkey)?), None)
}

/// Each check with its outcome, in the order in which they are made.
fn told(t: Text, verified: &Result<Verified, LedgerError>) -> (bool, Vec<(bool, &'static str)>) {
    let agrees = verified.as_ref().is_ok_and(|one| one.detail.is_some() && one.contradiction().is_none());
    let passed = match verified {
        Ok(_) if agrees => 4,
        Ok(_) => 3,
        Err(LedgerError::Opening) => 2,
        Err(LedgerError::Inclusion) => 1,
        Err(_) => 0,
    };
    let all = [t.check_signed(), t.check_included(), t.check_opening(), t.check_agrees()];
    (passed == all.len(), all.into_iter().enumerate().map(|(i, text)| (i < passed, text)).collect())
}
