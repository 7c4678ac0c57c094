//! Once and not twice: whoever does not know whether a call arrived sends it again with the same `Idempotency-Key`, and
//! gets the answer that the first one got.
//!
//! What is kept of a call is its digest and its answer, sealed, for a day. Answers that are kept hold ids and no value of
//! a person, so that giving one again opens nothing that was closed meanwhile. A call goes on to its end when the program hangs
//! up. One that broke off half way, because this program was killed, is never begun anew under the same key: nobody knows
//! how far it came.

use assent_kernel::{CompanyId, Span, StaffId};
use assent_store::once::{self, Found};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::call::{Call, Reply};
use super::operation::{Operation, Run};
use crate::problem::Problem;

/// The code of a call that is still at work.
pub(super) const AT_WORK: &str = "at-work";
/// How long an answer is kept.
const KEPT: Span = Span::hours(24);
/// How long a call may be at work.
const LONGEST: Span = Span::minutes(2);
/// The longest key.
const LONGEST_KEY: usize = 128;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    body: String,
    tag: Option<String>,
    place: Option<String>,
}

fn key_of(parts: &Parts) -> Result<Option<&str>, Problem> {
    let Some(value) = parts.headers.get(HeaderName::from_static("idempotency-key")) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim().trim_matches('"');
    if text.is_empty() || text.len() > LONGEST_KEY {
        return Err(Problem::invalid(format!("An Idempotency-Key has 1 to {LONGEST_KEY} characters.")));
    }
    Ok(Some(text))
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn place(who: StaffId, key: &[u8; 32]) -> String {
    format!("once/{who}/{}", crate::session::written(key))
}

/// Runs an operation once for each key.
pub(super) async fn run(operation: &Operation, call: Call, parts: &Parts) -> Result<Reply, Problem> {
    let Some(key) = key_of(parts)? else { return (operation.run)(&call).await };
    let caller = call.caller()?.clone();
    let purpose = call.staff.as_ref().map(|staff| staff.purpose.to_string()).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let asked =
        digest(&[parts.method.as_str().as_bytes(), target.as_bytes(), purpose.as_bytes(), &call.bytes]);
    let (does, key) = (operation.run, digest(&[key.as_bytes()]));
    // It goes on when the program hangs up, which is when programs call again: then they get this call's answer.
    let work = tokio::spawn(async move { begun(does, &call, caller.company, (key, asked)).await });
    work.await.map_err(|error| Problem::internal(&error))?
}

/// Begins it, or answers as before.
async fn begun(
    does: Run,
    call: &Call,
    company: CompanyId,
    (key, asked): ([u8; 32], [u8; 32]),
) -> Result<Reply, Problem> {
    let (home, who, at) = (call.ctx.gate.home(), call.caller()?.id, call.ctx.now());
    match home.write(move |tx| once::begin(tx, who, &key, &asked, at, at.minus(KEPT))).await? {
        Found::New => whole(does, call, company, key).await,
        Found::Other => Err(other()),
        Found::Answered(sealed) => {
            let plain = call.ctx.gate.open_secret(company, &place(who, &key), &sealed).await?;
            let kept: Kept = serde_json::from_slice(&plain).map_err(|error| Problem::internal(&error))?;
            let body = kept.body.into_bytes();
            Ok(Reply { status: kept.status, body, tag: kept.tag, place: kept.place, next: None })
        }
        Found::AtWork(since) => Err(if at < since.plus(LONGEST) { at_work() } else { broken_off() }),
    }
}

/// Does it, and keeps what came of it.
async fn whole(does: Run, call: &Call, company: CompanyId, key: [u8; 32]) -> Result<Reply, Problem> {
    let (home, who) = (call.ctx.gate.home(), call.caller()?.id);
    let done = does(call).await;
    match &done {
        Ok(reply) => {
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            let kept =
                Kept { status: reply.status, body, tag: reply.tag.clone(), place: reply.place.clone() };
            let plain = serde_json::to_vec(&kept).map_err(|error| Problem::internal(&error))?;
            let sealed = call.ctx.gate.seal_secret(company, &place(who, &key), &plain).await?;
            home.write(move |tx| once::end(tx, who, &key, &sealed)).await?;
        }
        // Nobody can tell how far it came.
        Err(problem) if problem.status == StatusCode::INTERNAL_SERVER_ERROR => {}
        // Nothing was done, so the same call may be tried again.
        Err(_) => home.write(move |tx| once::forget(tx, who, &key)).await?,
    }
    done
}

fn other() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "key-reused",
        "That Idempotency-Key was used for another call",
    )
    .detail("A key belongs to one call, byte for byte. Take a new one for a new call.")
}

fn at_work() -> Problem {
    Problem::new(StatusCode::CONFLICT, AT_WORK, "A call with this Idempotency-Key is still at work")
        .detail("Wait a moment and send it again: you get its answer.")
}

fn broken_off() -> Problem {
    Problem::new(StatusCode::CONFLICT, "broken-off", "A call with this Idempotency-Key broke off")
        .detail("Nobody can tell how far it came. Look whether it was done; then take a new key.")
}
