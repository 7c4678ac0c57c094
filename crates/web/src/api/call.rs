//! A call as an operation sees it, and what it answers.

use std::collections::BTreeMap;

use assent_kernel::{CompanyId, StaffId};
use axum::body::Bytes;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::quota::{Asked, Who};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::session::{Caller, Program, Staff};

/// Whose key came with a call.
#[derive(Debug, Clone)]
pub(super) enum From {
    /// None is needed.
    Anyone,
    /// A company's program.
    Caller(Caller),
    /// A person's own program.
    Own(Box<Program>),
}

impl From {
    /// What answers are kept under: whose customer or program, and which key.
    pub(super) fn key(&self) -> Option<(CompanyId, StaffId)> {
        match self {
            Self::Anyone => None,
            Self::Caller(caller) => Some((caller.company, caller.id)),
            Self::Own(program) => Some((program.company.id, program.key.id)),
        }
    }
    /// Under whom calls are counted.
    pub(super) fn counted(&self) -> Option<Who> {
        match self {
            Self::Anyone => None,
            Self::Caller(caller) => Some(Who::Key(caller.id)),
            Self::Own(program) => Some(Who::Person(program.key.person)),
        }
    }
}

/// A call: who calls, and what they sent, checked against the operation's shapes.
pub struct Call {
    /// Everything a room is handed.
    pub ctx: Ctx,
    pub(super) from: From,
    pub(super) staff: Option<Box<Staff>>,
    pub(super) path: BTreeMap<String, String>,
    pub(super) query: Map<String, Value>,
    pub(super) body: Value,
    pub(super) bytes: Bytes,
    pub(super) tag: Option<String>,
    pub(super) counts: Asked,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Call")
    }
}

impl Call {
    /// The colleague whose work the key does.
    ///
    /// # Errors
    /// When the operation takes no key.
    pub fn staff(&self) -> Result<&Staff, Problem> {
        self.staff.as_deref().ok_or_else(crate::session::no_key)
    }
    /// The key.
    ///
    /// # Errors
    /// When the operation takes no key.
    pub fn caller(&self) -> Result<&Caller, Problem> {
        match &self.from {
            From::Caller(caller) => Ok(caller),
            From::Anyone | From::Own(_) => Err(crate::session::no_key()),
        }
    }
    /// The program that a person lets act for them.
    ///
    /// # Errors
    /// When the operation is for no such program.
    pub fn program(&self) -> Result<&Program, Problem> {
        match &self.from {
            From::Own(program) => Ok(program),
            From::Anyone | From::Caller(_) => Err(crate::session::no_own_key()),
        }
    }
    /// What weighs beside the call itself: whoever asks about people, or reads lines, counts it here.
    #[must_use]
    pub fn counts(&self) -> Asked {
        self.counts.clone()
    }
    /// A name of the path.
    #[must_use]
    pub fn name(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }
    /// What the address says under a name.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str)
    }
    /// Everything that the address says under the name of a list, in its order.
    pub fn asked_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
    /// True when the address says so.
    #[must_use]
    pub fn asked_flag(&self, name: &str) -> bool {
        self.query.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
    /// The size of a page that is wanted.
    #[must_use]
    pub fn limit(&self) -> usize {
        let wanted = self.query.get("limit").and_then(Value::as_u64).unwrap_or(50);
        usize::try_from(wanted).unwrap_or(50).clamp(1, 200)
    }
    /// Where the page begins that is wanted.
    ///
    /// # Errors
    /// When it is no cursor of ours.
    pub fn after(&self) -> Result<Option<Cursor>, Problem> {
        self.asked("after").map(Cursor::read).transpose()
    }

    /// The body, which has its shape already.
    ///
    /// # Errors
    /// When a value of the right shape means nothing here.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let meaningless =
            |_| Problem::invalid("A value of the body is of the right shape, but means nothing here.");
        serde_json::from_value(self.body.clone()).map_err(meaningless)
    }
    /// True when a field of the body was sent.
    #[must_use]
    pub fn sent(&self, name: &str) -> bool {
        self.body.get(name).is_some()
    }
    /// The body's bytes as they came.
    #[must_use]
    pub fn sent_bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// The body's bytes, read by the operation itself.
    ///
    /// # Errors
    /// What serde says: it names the field and the place, never a person.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.bytes).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Problem::invalid(error.to_string()),
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => Problem::bad_request("The body is no JSON."),
        })
    }

    /// True when the program says how it last saw what it wants to change.
    #[must_use]
    pub fn sends_tag(&self) -> bool {
        self.tag.is_some()
    }
    /// The tags that the program sent, each without its quotes. A weak one matches nothing here (RFC 9110, 13.1.1).
    fn tags(&self) -> impl Iterator<Item = &str> {
        self.tag.iter().flat_map(|tag| tag.split(',')).map(|one| one.trim().trim_matches('"'))
    }
    /// The version that the program says it last saw, the last of several; nothing when it says none, or that any will do.
    ///
    /// # Errors
    /// 412 when it is no version of ours.
    pub fn seen(&self) -> Result<Option<u64>, Problem> {
        if self.tag.is_none() || self.tags().any(|one| one == "*") {
            return Ok(None);
        }
        self.tags().filter_map(|one| one.parse().ok()).max().map(Some).ok_or_else(moved)
    }
    /// Refuses a change of something that is not as the program last saw it. Whoever writes must ask for the same version
    /// again in the transaction that writes.
    ///
    /// # Errors
    /// 412 when it was changed meanwhile.
    pub fn matches(&self, tag: &str) -> Result<(), Problem> {
        let fits = self.tag.is_none() || self.tags().any(|one| one == "*" || one == tag);
        if fits { Ok(()) } else { Err(moved()) }
    }
}

/// 412: it is not as the program last saw it.
#[must_use]
pub fn moved() -> Problem {
    Problem::new(StatusCode::PRECONDITION_FAILED, "changed", "It was changed meanwhile")
        .detail("Read it again, and send the ETag you get as If-Match.")
}

/// What was read, in a few letters to hand back: others after every change of it.
#[must_use]
pub fn mark(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.first_chunk::<8>().map_or_else(String::new, |first| format!("{:016x}", u64::from_be_bytes(*first)))
}

/// Where a page begins: nobody but us reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    fn read(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::invalid("`after` is no cursor: hand back `next` as you got it.");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        text.strip_prefix("1:").map(|rest| Self(rest.to_owned())).ok_or_else(wrong)
    }
    /// The id it stands at.
    ///
    /// # Errors
    /// When it is no id of that kind.
    pub fn id<T: std::str::FromStr>(&self) -> Result<T, Problem> {
        self.0.parse().map_err(|_| Problem::invalid("`after` is a cursor of another list."))
    }
    /// As it goes over the line.
    #[must_use]
    pub fn written(id: impl std::fmt::Display) -> String {
        URL_SAFE_NO_PAD.encode(format!("1:{id}"))
    }
}

/// Cuts what was read, one more than a page, to the page; tells where the next begins.
pub fn cut<T>(rows: &mut Vec<T>, most: usize, id: impl Fn(&T) -> String) -> Option<String> {
    let more = rows.len() > most;
    rows.truncate(most);
    rows.last().filter(|_| more).map(|row| Cursor::written(id(row)))
}

/// What an operation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) kept: Option<Vec<u8>>,
    pub(super) tag: Option<String>,
    pub(super) place: Option<String>,
    pub(super) next: Option<String>,
}

/// Most answers are no longer than this.
const USUAL_BYTES: usize = 256;

impl Reply {
    /// Something.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn of(value: &impl Serialize) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut body, value).map_err(|error| Problem::internal(&error))?;
        Ok(Self { status: 200, body, kept: None, tag: None, place: None, next: None })
    }
    /// A page of a list.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn page(data: &[impl Serialize], next: Option<String>) -> Result<Self, Problem> {
        Ok(Self { next: next.clone(), ..Self::of(&serde_json::json!({ "data": data, "next": next }))? })
    }
    /// Something was made: its id, and where it is. Nothing else, so that an answer that is given again tells nothing
    /// that has been closed meanwhile.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn made(id: impl std::fmt::Display, place: String) -> Result<Self, Problem> {
        Ok(Self {
            status: 201,
            place: Some(place),
            ..Self::of(&serde_json::json!({ "id": id.to_string() }))?
        })
    }
    /// It is done.
    #[must_use]
    pub const fn done() -> Self {
        Self { status: 204, body: Vec::new(), kept: None, tag: None, place: None, next: None }
    }
    /// With another body.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn holding(self, value: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { body: Self::of(value)?.body, ..self })
    }
    /// With something else to be given again under an `Idempotency-Key`: a secret is told once.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn kept_as(self, value: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { kept: Some(Self::of(value)?.body), ..self })
    }
    /// With a status of its own.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    /// With the tag of what was read or changed.
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_whole_or_not_at_all() {
        let written = Cursor::written("per_01");
        assert_eq!(Cursor::read(&written).unwrap().0, "per_01");
        for bad in ["", "x", "!!", "cGVyXzAx"] {
            assert!(Cursor::read(bad).is_err(), "{bad}");
        }
    }
}
