//! Once and not twice: whoever does not know whether a call arrived sends it again with the same `Idempotency-Key`, and
//! gets the answer that the first one got.
//!
//! What is kept of a call is its digest and its answer, sealed, for a day. Answers that are kept hold ids and no value of
//! a person, no ruling and no secret, so that giving one again opens nothing that was closed meanwhile. A call that broke
//! off half way is never begun anew under the same key: nobody knows how far it came. It is done to its end even when
//! whoever called hangs up.

use std::pin::pin;
use std::time::Duration;

use assent_kernel::{CompanyId, Span, StaffId, Timestamp};
use assent_store::once::{self, Found};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

use super::call::{Call, Reply};
use super::operation::{Operation, Run};
use crate::problem::Problem;

/// The code of a call that is still at work.
pub(super) const AT_WORK: &str = "at-work";
/// How long an answer is kept.
const KEPT: Span = Span::hours(24);
/// How long a call may be at work without saying so.
const LONGEST: Span = Span::minutes(2);
/// How often a call at work says that it is.
const RENEWED: Duration = Duration::from_secs(30);
/// The longest key.
const LONGEST_KEY: usize = 128;
/// The longest answer that is kept, in bytes.
const MOST_KEPT: usize = 64 * 1024;

/// What is kept of a call.
#[derive(Serialize, Deserialize)]
enum Kept {
    /// Its answer.
    Answer { status: u16, body: String, tag: Option<String>, place: Option<String> },
    /// It was done, and its answer is too long to be kept.
    TooLong,
    /// It broke off, or ended in a way that does not tell how far it came.
    Unclear,
}

impl Kept {
    /// What is kept of how it ended; nothing when nothing was done, so that the same call may be tried again.
    fn of(done: &Result<Reply, Problem>) -> Option<Self> {
        match done {
            Ok(reply) => {
                let body = reply.kept.as_ref().unwrap_or(&reply.body);
                if body.len() > MOST_KEPT {
                    return Some(Self::TooLong);
                }
                let body = String::from_utf8_lossy(body).into_owned();
                let (tag, place) = (reply.tag.clone(), reply.place.clone());
                Some(Self::Answer { status: reply.status, body, tag, place })
            }
            Err(problem) => unclear(problem).then_some(Self::Unclear),
        }
    }
    /// The answer, once more.
    fn again(self) -> Result<Reply, Problem> {
        match self {
            Self::Answer { status, body, tag, place } => {
                Ok(Reply { status, body: body.into_bytes(), kept: None, tag, place, next: None })
            }
            Self::TooLong => Err(too_long()),
            Self::Unclear => Err(broken_off()),
        }
    }
}

/// Whether an error leaves open how far the call came: one on our side may follow what is done already, and so may the
/// word that something moved at the same moment.
fn unclear(problem: &Problem) -> bool {
    problem.status.is_server_error() || problem.code == "conflict"
}

fn key_of(parts: &Parts) -> Result<Option<&str>, Problem> {
    let Some(value) = parts.headers.get(HeaderName::from_static("idempotency-key")) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let fits = |b: u8| b.is_ascii_graphic() && b != b'"';
    if text.is_empty() || text.len() > LONGEST_KEY || !text.bytes().all(fits) {
        return Err(Problem::invalid(format!(
            "An Idempotency-Key has 1 to {LONGEST_KEY} letters, digits and signs, no spaces."
        )));
    }
    Ok(Some(text))
}

/// The keys that are taken, as a pattern: with quotation marks around them or without.
pub(super) fn pattern() -> String {
    format!(r#"^("[!#-~]{{1,{LONGEST_KEY}}}"|[!#-~]{{1,{LONGEST_KEY}}})$"#)
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

/// Where what is kept of a call lies.
struct Slot {
    company: CompanyId,
    who: StaffId,
    key: [u8; 32],
}

/// Runs an operation once for each key.
pub(super) async fn run(operation: &Operation, call: Call, parts: &Parts) -> Result<Reply, Problem> {
    let Some(key) = key_of(parts)? else { return (operation.run)(&call).await };
    let (company, who) = call.from.key().ok_or_else(crate::session::no_key)?;
    let at = call.ctx.right_now()?;
    let purpose = call.staff.as_ref().map(|staff| staff.purpose.to_string()).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let asked =
        digest(&[parts.method.as_str().as_bytes(), target.as_bytes(), purpose.as_bytes(), &call.bytes]);
    let slot = Slot { company, who, key: digest(&[key.as_bytes()]) };
    // Whoever hangs up finds the answer under the key.
    let work = begin(operation.run, call, slot, asked, at).in_current_span();
    tokio::spawn(work).await.map_err(|error| Problem::internal(&error))?
}

async fn begin(run: Run, call: Call, slot: Slot, asked: [u8; 32], at: Timestamp) -> Result<Reply, Problem> {
    let (gate, who, key) = (&call.ctx.gate, slot.who, slot.key);
    let found = gate.home().write(move |tx| once::begin(tx, who, &key, &asked, at, at.minus(KEPT))).await?;
    match found {
        Found::New => {}
        Found::Other => return Err(other()),
        Found::Answered(sealed) => {
            let plain = gate.open_secret(slot.company, &place(who, &key), &sealed).await?;
            let kept: Kept = serde_json::from_slice(&plain).map_err(|error| Problem::internal(&error))?;
            return kept.again();
        }
        Found::AtWork(since) => return Err(if at < since.plus(LONGEST) { at_work() } else { broken_off() }),
    }
    let done = to_its_end(run, &call, &slot).await;
    if let Err(problem) = settle(&call, &slot, Kept::of(&done)).await {
        // What is done is done; sent again, it is at work, and then broken off.
        tracing::error!(code = problem.code, "what is kept of a call could not be written down");
    }
    done
}

/// Does it, and says from time to time that it is at work.
async fn to_its_end(run: Run, call: &Call, slot: &Slot) -> Result<Reply, Problem> {
    let (who, key) = (slot.who, slot.key);
    let mut work = pin!(run(call));
    loop {
        if let Ok(done) = tokio::time::timeout(RENEWED, &mut work).await {
            return done;
        }
        let at = call.ctx.now();
        if let Err(error) = call.ctx.gate.home().write(move |tx| once::renew(tx, who, &key, at)).await {
            tracing::warn!(%error, "a call at work could not say so");
        }
    }
}

async fn settle(call: &Call, slot: &Slot, kept: Option<Kept>) -> Result<(), Problem> {
    let (home, who, key) = (call.ctx.gate.home(), slot.who, slot.key);
    let Some(kept) = kept else { return Ok(home.write(move |tx| once::forget(tx, who, &key)).await?) };
    let plain = serde_json::to_vec(&kept).map_err(|error| Problem::internal(&error))?;
    let sealed = call.ctx.gate.seal_secret(slot.company, &place(who, &key), &plain).await?;
    Ok(home.write(move |tx| once::end(tx, who, &key, &sealed)).await?)
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

fn too_long() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "too-long-to-keep",
        "That call is done, and its answer was too long to keep",
    )
    .detail("It was not done again. Look at what it made; take a new key for a new call.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(done: Result<Reply, Problem>) -> Option<Kept> {
        Kept::of(&done)
    }

    #[test]
    fn only_what_surely_did_nothing_is_begun_anew() {
        for done_nothing in [
            Problem::invalid("x"),
            Problem::forbidden("x"),
            Problem::not_found("x"),
            Problem::new(StatusCode::CONFLICT, "twin", "x"),
        ] {
            assert!(kept(Err(done_nothing.clone())).is_none(), "{done_nothing:?}");
        }
        let lost = Problem::from(assent_store::StoreError::Unavailable("the connection was lost".into()));
        let moved = Problem::from(assent_store::StoreError::Moved);
        for who_knows in [lost, moved, Problem::internal(&"x")] {
            assert!(matches!(kept(Err(who_knows.clone())), Some(Kept::Unclear)), "{who_knows:?}");
        }
        let problem = Kept::Unclear.again().unwrap_err();
        assert_eq!((problem.status, problem.code), (StatusCode::CONFLICT, "broken-off"));
    }

    #[test]
    fn a_key_has_signs_that_can_be_seen_with_marks_around_it_or_without() {
        let read = |text: &str| {
            let request = axum::http::Request::post("/").header("idempotency-key", text).body(());
            key_of(&request.unwrap().into_parts().0).map(|key| key.map(str::to_owned))
        };
        let longest = "k".repeat(LONGEST_KEY);
        for (text, key) in [("a-1", "a-1"), ("\"a-1\"", "a-1"), (&*longest, &*longest)] {
            assert_eq!(read(text).unwrap().as_deref(), Some(key));
        }
        for wrong in ["", "\"\"", "a b", "\"a", "a\"b", "é", &format!("{longest}k")] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn long_answers_and_secrets_are_not_kept() {
        let long = Reply::of(&"x".repeat(MOST_KEPT)).unwrap();
        let kept_of_it = kept(Ok(long)).unwrap();
        assert!(matches!(kept_of_it, Kept::TooLong));
        assert_eq!(kept_of_it.again().unwrap_err().code, "too-long-to-keep");
        let told = serde_json::json!({ "id": "hok_1", "secret": "whsec_1" });
        let reply = Reply::of(&told).unwrap().kept_as(&serde_json::json!({ "id": "hok_1" })).unwrap();
        let again = kept(Ok(reply)).unwrap().again().unwrap();
        assert_eq!(again.body, br#"{"id":"hok_1"}"#);
    }
}
