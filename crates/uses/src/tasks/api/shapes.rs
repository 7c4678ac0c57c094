//! What goes over the line about tasks.

use assent_web::api::shape::{may, must};
use assent_web::api::{Field, Shape};
use serde_json::{Value, json};

use crate::spoken;
use crate::tasks::model::LONGEST;

/// An id for examples.
pub const TSK: &str = "tsk_01jx6sk9c0000000000000000g";

const FIELDS: &str =
    "Texts by the short names of fields of the company; null or an empty text takes one away.";

pub fn task() -> Shape {
    Shape::Record(fields()).named("Task")
}

/// A task that is taken along, with what its person is called.
pub fn taken() -> Shape {
    let mut fields = fields();
    fields.push(must("about", spoken::said_shape(), "What the person is called; closed with the text."));
    Shape::Record(fields).named("TakenTask")
}

fn fields() -> Vec<Field> {
    vec![
        must("id", Shape::id("tsk"), "Which."),
        must("text", spoken::said_shape(), "What is to be done."),
        must("person", Shape::id("per").or_null(), "About whom."),
        must("organisation", Shape::id("org").or_null(), "For which organisation."),
        must("deal", Shape::id("del").or_null(), "For which deal."),
        must("item", Shape::id("itm").or_null(), "For which item of your own objects."),
        must("due_on", Shape::day().or_null(), "Until when."),
        must("remind_on", Shape::day().or_null(), "On which morning it comes up."),
        must("assignee", Shape::id("stf").or_null(), "Who does it."),
        must("made_by", Shape::id("stf"), "Who put it down."),
        must(
            "values",
            spoken::field_shape().list(200),
            "What stands in the fields of the company, or why it is closed; empty ones are left out.",
        ),
        must("created_at", Shape::time(), "Since when it is here."),
        must("done_at", Shape::time().or_null(), "When it was done."),
        must("removed_at", Shape::time().or_null(), "When it was removed."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ]
}

pub fn example() -> Value {
    json!({
        "id": TSK, "text": spoken::open_example("Send the offer"), "person": null, "organisation": null, "deal": null, "item": null,
        "due_on": "2026-05-20", "remind_on": null, "assignee": null, "made_by": "stf_01jx6sk9c0000000000000000h",
        "values": [{ "field": "channel", "value": "Phone", "partly": false, "until": null }],
        "created_at": "2026-05-01T12:00:00Z", "done_at": null, "removed_at": null, "etag": "1",
    })
}

pub fn taken_example() -> Value {
    let mut one = example();
    one["about"] = Value::Null;
    one
}

pub fn new() -> Shape {
    Shape::Record(vec![
        must("text", Shape::text(LONGEST), "What is to be done."),
        may("person", Shape::id("per"), "About whom."),
        may("organisation", Shape::id("org"), "For which organisation."),
        may("deal", Shape::id("del"), "For which deal."),
        may("item", Shape::id("itm"), "For which item of your own objects."),
        may("due_on", Shape::day().or_null(), "Until when."),
        may("remind_on", Shape::day().or_null(), "On which morning it comes up."),
        may("assignee", Shape::id("stf").or_null(), "Who does it."),
        may("fields", Shape::Any, FIELDS),
    ])
    .named("NewTask")
}

pub fn changes() -> Shape {
    Shape::Record(vec![
        may("text", Shape::text(LONGEST), "What is to be done."),
        may("due_on", Shape::day().or_null(), "Until when."),
        may("remind_on", Shape::day().or_null(), "On which morning it comes up."),
        may("assignee", Shape::id("stf").or_null(), "Who does it."),
        may("fields", Shape::Any, FIELDS),
    ])
    .named("TaskChanges")
}
