//! Notes and files beside a deal, an organisation or an item, for programs: told as far as they are open, removed and brought back.

use assent_kernel::ActivityId;
use assent_store::work::activities::{self, Activity, Kind, Typed};
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Of, note};
use crate::frame::{ROLES, words};
use crate::seen::words::Words;
use crate::spoken;
use crate::texts::{self, Opened};

/// An id for examples.
pub const ACY: &str = "acy_01jx6sk9c0000000000000000t";
/// An operation that tells the notes of something.
pub fn telling(operation: Operation, chapter: &'static str, line: &'static str) -> Operation {
    let one = Shape::Record(vec![
        must("id", Shape::id("acy"), "Which."),
        must("kind", Shape::Word(vec!["note", "call", "meeting", "file"]), "What it is."),
        must("text", spoken::said_shape(), "What was written; of a file its name."),
        must("by", Shape::id("stf"), "Who."),
        must("at", Shape::time(), "When."),
        must("removed_at", Shape::time().or_null(), "When it was removed."),
    ])
    .named("Note");
    let example = json!({
        "id": ACY, "kind": "note", "text": spoken::open_example("Wants the tall one."), "by": "stf_01jx6sk9c0000000000000000a",
        "at": "2026-05-01T12:00:00Z", "removed_at": null,
    });
    operation
        .says(
            chapter,
            line,
            "Newest first, those that were removed too; what is about a person is decided by their terms.",
        )
        .for_roles(ROLES)
        .asks(spoken::page_fields())
        .gives(200, one.page_of(), json!({ "data": [example], "next": null }))
}

/// An operation that writes a note, or that somebody was called or met.
pub fn writing(
    operation: Operation,
    texts: (&'static str, &'static str, &'static str),
    example: Value,
) -> Operation {
    let (chapter, line, more) = texts;
    operation
        .says(chapter, line, more)
        .for_roles(ROLES)
        .takes(
            Shape::Record(vec![
                must("text", Shape::text(note::LONGEST), "What was said or is to be known."),
                may("kind", Shape::Word(note::KINDS.to_vec()), "What it was; a note when left out."),
            ])
            .named("NewNote"),
            example,
        )
        .gives_nothing()
}

#[derive(Deserialize)]
struct Sent {
    text: String,
    #[serde(default)]
    kind: String,
}

/// What was sent to be written down.
pub fn sent(call: &Call) -> Result<(Kind, String), Problem> {
    let sent = call.body::<Sent>()?;
    let text = sent.text.trim().to_owned();
    let wrong = texts::wrong(&text, note::LONGEST);
    if wrong.is_empty() {
        Ok((note::kind(&sent.kind), text))
    } else {
        Err(Problem::invalid(format!("/text: {wrong}")))
    }
}

/// An operation that removes a note, or brings it back.
pub fn putting(operation: Operation, chapter: &'static str, line: &'static str) -> Operation {
    operation
        .says(
            chapter,
            line,
            "Only by whoever may read it, and wrote it or may change what it hangs on. Nothing of it is lost meanwhile.",
        )
        .for_roles(ROLES)
        .gives_nothing()
}

fn one(one: &Activity, opened: &Opened, words: &Words<'_>) -> Value {
    let kind = match one.kind {
        Kind::Call => "call",
        Kind::Meeting => "meeting",
        Kind::File => "file",
        Kind::Note | Kind::Made | Kind::Moved | Kind::Removed | Kind::Restored | Kind::Given => "note",
    };
    json!({
        "id": one.id, "kind": kind, "text": spoken::texted(one.id.to_bytes(), &one.text, opened, words), "by": one.staff,
        "at": spoken::time(one.at), "removed_at": one.gone_at.map(spoken::time),
    })
}

/// Tells the notes of something that is there.
pub async fn told(call: &Call, of: Of) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (most, after) = (call.limit(), call.after()?.map(|cursor| cursor.id()).transpose()?);
    let one_more = u32::try_from(most).unwrap_or(200).saturating_add(1);
    let mut typed = typed(ctx, staff, of, (after, one_more)).await?;
    let next = spoken::cut(&mut typed, most, |one| one.id.to_string());
    let opened = texts::viewed_alone(ctx, staff, typed.iter().map(|one| &one.text)).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let data: Vec<Value> = typed.iter().map(|activity| one(activity, &opened, &words)).collect();
    Reply::page(&data, next)
}

/// What was typed beside something, removed or not, from a place on.
async fn typed(
    ctx: &Ctx,
    staff: &Staff,
    of: Of,
    (after, most): (Option<ActivityId>, u32),
) -> Result<Vec<Activity>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Deals));
    let of_items = staff.sees(Object::Things);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| match of {
        // What was typed about a person is a fact of theirs and told as one.
        Of::Person(_) => Ok(Vec::new()),
        Of::Organisation(id) => {
            activities::typed_of_organisation(tx, company, &reach, id, (after, most), Typed::All)
        }
        Of::Deal(id) => activities::typed_of_deal(tx, company, &reach, id, (after, most), Typed::All),
        Of::Item(id) => activities::typed_of_item(tx, company, &of_items, id, (after, most), Typed::All),
    });
    Ok(read.await?)
}

/// Removes a note of something that is there, or brings it back.
pub async fn put(call: &Call, of: Of, gone: bool) -> Result<Reply, Problem> {
    note::set_gone(&call.ctx, call.staff()?, of, call.name("note"), gone).await?;
    Ok(Reply::done())
}
