//! How what was decided is told to programs: a value with its terms, or why it is closed; texts, rows, problems. What
//! `seen` is for pages. Rooms share the words, not the acts.

pub mod file;
#[cfg(test)]
mod more;
#[cfg(test)]
mod story;

use assent_kernel::{PersonId, Policy, PurposeKey, Reason, StaffId, Timestamp, TreeKey as _};
use assent_store::work::Text;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Field, Shape};
pub use assent_web::api::{cut, page_fields};
use assent_web::{Problem, say, session, text};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::frame::Colleagues;
use crate::seen::cell::{self, Cell};
use crate::seen::words::Words;
use crate::texts::{self, Opened};

/// Why something is closed.
#[derive(Debug, Clone, Serialize)]
pub struct Closed {
    code: &'static str,
    sentence: String,
    remedy: Option<assent_kernel::Remedy>,
}

/// A value that is open, or why it is not.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Said {
    /// It is open.
    Open {
        /// The value, or the part of it that may be seen.
        value: String,
        /// True when it is only a part.
        partly: bool,
        /// Until when it is open if nothing changes.
        until: Option<String>,
    },
    /// It is closed.
    Closed {
        /// Why.
        closed: Closed,
    },
}

/// An instant, as programs read it.
pub fn time(at: Timestamp) -> String {
    text::iso(at.micros())
}

/// A day, as programs read it.
pub fn day(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| time(at).chars().take(10).collect())
}

/// Why something is closed, in words.
pub fn closed(reason: Option<&Reason>, words: &Words<'_>) -> Closed {
    Closed {
        code: reason.map_or("UNREADABLE", Reason::code),
        sentence: words.sentence(reason),
        remedy: reason.map(Reason::remedy),
    }
}

/// What stands for a cell; nothing when nothing is known.
pub fn said(cell: &Cell, words: &Words<'_>) -> Option<Said> {
    match cell {
        Cell::Unknown => None,
        Cell::Open(seen) => {
            let ends = seen.open.until < Timestamp::MAX.whole_minute();
            let until = ends.then(|| time(seen.open.until));
            Some(Said::Open { value: seen.text.clone(), partly: !seen.whole, until })
        }
        Cell::Closed(reason) => Some(Said::Closed { closed: closed(reason.as_ref(), words) }),
    }
}

/// What stands for a text around people: a person's, decided by their terms, or the company's own.
pub fn texted(id: [u8; 16], text: &Text, opened: &Opened, words: &Words<'_>) -> Option<Said> {
    match (text, opened.cell(text)) {
        (_, Some((_, cell))) => said(cell, words),
        (Text::OfPerson(..), None) if opened.is_beyond(text) => Some(beyond()),
        (Text::OfPerson(..), None) => Some(Said::Closed { closed: closed(None, words) }),
        (Text::Own(_), None) => {
            let value = opened.plain(id, text)?;
            Some(Said::Open { value, partly: false, until: None })
        }
        (Text::Gone, None) => None,
    }
}

/// The most records that a program takes along in one call.
pub const MOST_ALONG: usize = 500;

/// What the person is called whom a text is about, as far as it may be told; null when it is about nobody.
pub fn named(text: &Text, opened: &Opened, words: &Words<'_>) -> Option<Said> {
    if opened.is_beyond(text) {
        return Some(beyond());
    }
    text.person().and_then(|_| said(&opened.whom(text), words))
}

/// What stands for whatever is about somebody beyond reach.
fn beyond() -> Said {
    let sentence = format!("{}.", say(texts::BEYOND));
    Said::Closed { closed: Closed { code: "BEYOND_REACH", sentence, remedy: None } }
}

/// Ids that a program sent, each once, in their order.
pub fn each_once<I: Copy + Ord>(mut ids: Vec<I>) -> Vec<I> {
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    ids
}

/// What stands in a field that the company made, with the name of the field.
pub fn in_field(name: &str, told: Option<Said>) -> Option<Value> {
    let mut out = serde_json::to_value(told?).ok()?;
    out.as_object_mut()?.insert("field".into(), name.into());
    Some(out)
}

/// A value of a person's record with what is known of it without reading it.
pub fn fact(value: &cell::Value, record: PersonId, words: &Words<'_>) -> Value {
    let told = said(&value.cell, words);
    let mut out = json!({
        "id": value.fact.id,
        "record": record,
        "category": value.fact.category.as_str(),
        "confirmed_at": time(value.fact.confirmed_at),
        // Where it came from is told with the value, or not at all.
        "source": value.cell.seen().map_or("", |seen| seen.fact.source.as_str()),
        "etag": value.version,
    });
    if let (Some(map), Ok(Value::Object(said))) = (out.as_object_mut(), serde_json::to_value(told)) {
        map.extend(said);
    }
    out
}

/// Why the terms refuse, as a problem: the code is the law's.
pub fn refused(reason: Option<&Reason>, words: &Words<'_>) -> Problem {
    let code = reason.map_or("UNREADABLE", Reason::code);
    Problem::new(StatusCode::FORBIDDEN, code, words.closed_for()).detail(words.sentence(reason))
}

fn closed_shape() -> Shape {
    Shape::Record(vec![
        must("code", Shape::text(60), "The law's reason; stable."),
        must("sentence", Shape::any_text(2000), "The same in words."),
        must("remedy", Shape::text(60).or_null(), "What would open it."),
    ])
    .named("Closed")
}

fn said_fields() -> Vec<Field> {
    vec![
        may("value", Shape::any_text(100_000), "The value, when it is open."),
        may("partly", Shape::Flag, "True when only a part of it is open."),
        may("until", Shape::time().or_null(), "Until when it is open if nothing changes; null for no end."),
        may("closed", closed_shape(), "Why it is closed, when it is."),
    ]
}

/// A value or why it is closed; null when nothing is known.
pub fn said_shape() -> Shape {
    Shape::Record(said_fields()).named("Said").or_null()
}

/// What stands in a field that the company made.
pub fn field_shape() -> Shape {
    let mut fields = vec![must("field", Shape::text(64), "The short name of the field.")];
    fields.extend(said_fields());
    Shape::Record(fields).named("FieldValue")
}

/// A value of a person.
pub fn fact_shape() -> Shape {
    let mut fields = vec![
        must("id", Shape::id("fct"), "Its id."),
        must("record", Shape::id("per"), "The record it belongs to: it is read and changed there."),
        must("category", Shape::key(), "What kind of value it is."),
        must("confirmed_at", Shape::time(), "Since when it stands like this."),
        must("source", Shape::any_text(1000), "Where it comes from."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ];
    fields.extend(said_fields());
    fields.push(may(
        "record",
        Shape::id("per"),
        "The record it belongs to, where several count as one person.",
    ));
    Shape::Record(fields).named("Fact")
}

/// What an answer to a POST is: the id of what was made.
pub fn made_shape(prefix: &'static str) -> Shape {
    Shape::Record(vec![must("id", Shape::id(prefix), "Its id.")])
}

/// Who looks after something new: whom the program names, nobody where it says so, and else whoever is to keep it.
pub fn new_owner(
    call: &Call,
    named: Option<&str>,
    keeper: Option<StaffId>,
    colleagues: &Colleagues,
) -> Result<Option<StaffId>, Problem> {
    if call.sent("owner") { colleague(named, colleagues) } else { Ok(keeper) }
}

/// Who looks after something that is changed: as it stands when the program says nothing of it, or says the same again.
pub fn owner(
    call: &Call,
    name: &str,
    (named, now): (Option<&str>, Option<StaffId>),
    colleagues: &Colleagues,
) -> Result<Option<StaffId>, Problem> {
    if !call.sent(name) || now.is_some_and(|id| named == Some(id.to_string().as_str())) {
        return Ok(now);
    }
    colleague(named, colleagues)
}

/// The member of staff that a program names, if it names one.
pub fn colleague(named: Option<&str>, colleagues: &Colleagues) -> Result<Option<StaffId>, Problem> {
    let Some(text) = named else { return Ok(None) };
    let unknown = || Problem::invalid("There is no colleague of that id.");
    colleagues.known(text).map(Some).ok_or_else(unknown)
}

/// Refuses a purpose that the key is not for, or that its role does not work for.
pub fn works_for(call: &Call, policy: &Policy, purpose: &PurposeKey) -> Result<(), Problem> {
    call.caller()?.works_for(purpose)?;
    if session::purposes_of(policy, call.staff()?.role).contains(purpose) {
        return Ok(());
    }
    Err(Problem::forbidden("The key's role does not work for that purpose."))
}

/// An example of an open value.
pub fn open_example(value: &str) -> Value {
    json!({ "value": value, "partly": false, "until": "2027-05-01T12:00:00Z" })
}

/// An example of a closed value.
pub fn closed_example() -> Value {
    json!({ "closed": {
        "code": "NEVER_ASKED", "sentence": "Nobody has asked this person about “Sales” yet.", "remedy": "ask-person",
    } })
}
