//! What goes over the line about deals.

use assent_store::work::deals::Lost;
use assent_web::api::shape::{may, must};
use assent_web::api::{Field, Shape};
use serde_json::{Value, json};

use crate::deals::model::{CURRENCIES, LONGEST};
use crate::spoken;

/// Ids for examples.
pub const PER: &str = "per_01jx6sk9c0000000000000000a";
pub const DEL: &str = "del_01jx6sk9c0000000000000000d";
pub const STG: &str = "stg_01jx6sk9c0000000000000000e";
pub const PIP: &str = "pip_01jx6sk9c0000000000000000f";

const FIELDS: &str =
    "Texts by the short names of fields of the company; null or an empty text takes one away.";

/// The most that a deal is worth, in hundredths.
const MOST_CENTS: i64 = 100_000_000_000;

pub fn lost() -> Vec<&'static str> {
    Lost::ALL.map(Lost::key).to_vec()
}

pub fn state() -> Shape {
    Shape::Word(vec!["open", "won", "lost"])
}

fn cents() -> Shape {
    Shape::Number(0, MOST_CENTS)
}

pub fn deal() -> Shape {
    Shape::Record(fields()).named("Deal")
}

/// A deal that is taken along, with what its contact is called.
pub fn taken() -> Shape {
    let mut fields = fields();
    fields.push(must("contact", spoken::said_shape(), "What the contact is called; closed with the title."));
    Shape::Record(fields).named("TakenDeal")
}

fn fields() -> Vec<Field> {
    vec![
        must("id", Shape::id("del"), "Which."),
        must("title", spoken::said_shape(), "What it is about; null when its contact was erased."),
        must("person", Shape::id("per").or_null(), "With whom."),
        must("organisation", Shape::id("org").or_null(), "With which organisation."),
        must("pipeline", Shape::id("pip"), "What it goes through."),
        must("stage", Shape::id("stg"), "How far it is."),
        must("stage_name", Shape::any_text(200), "What the stage is called."),
        must("state", state(), "Whether it is open, won or lost."),
        must("lost", Shape::Word(lost()).or_null(), "Why it was lost."),
        must("cents", Shape::Number(i64::MIN, i64::MAX).or_null(), "How much it is worth, in hundredths."),
        must("currency", Shape::text(3), "Of which currency."),
        must("close_on", Shape::day().or_null(), "When it should be agreed."),
        must("owner", Shape::id("stf").or_null(), "Who looks after it."),
        must(
            "values",
            spoken::field_shape().list(200),
            "What stands in the fields of the company, or why it is closed; empty ones are left out.",
        ),
        must("created_at", Shape::time(), "Since when it is here."),
        must("staged_at", Shape::time(), "Since when it is in its stage."),
        must("removed_at", Shape::time().or_null(), "When it was removed."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ]
}

pub fn example() -> Value {
    json!({
        "id": DEL, "title": spoken::open_example("Second fridge"), "person": PER, "organisation": null, "pipeline": PIP,
        "stage": STG, "stage_name": "In talks", "state": "open", "lost": null, "cents": 129_950, "currency": "EUR",
        "close_on": "2026-06-01", "owner": null,
        "values": [{ "field": "colour", "value": "White", "partly": false, "until": null }], "created_at": "2026-05-01T12:00:00Z",
        "staged_at": "2026-05-03T08:30:00Z", "removed_at": null, "etag": "3",
    })
}

pub fn taken_example() -> Value {
    let mut one = example();
    if let Some(map) = one.as_object_mut() {
        map.insert("contact".into(), spoken::open_example("Aiko Ito"));
    }
    one
}

pub fn new() -> Shape {
    Shape::Record(vec![
        must("title", Shape::text(LONGEST), "What it is about."),
        may("person", Shape::id("per").or_null(), "With whom."),
        may("organisation", Shape::id("org").or_null(), "With which organisation."),
        may("cents", cents().or_null(), "How much it is worth, in hundredths."),
        may("currency", Shape::Word(CURRENCIES.to_vec()), "Of which currency; EUR when left out."),
        may("close_on", Shape::day().or_null(), "When it should be agreed."),
        may("owner", Shape::id("stf").or_null(), "Who looks after it."),
        may("stage", Shape::id("stg"), "In which open stage it begins; the first when left out."),
        may("fields", Shape::Any, FIELDS),
    ])
    .named("NewDeal")
}

pub fn changes() -> Shape {
    Shape::Record(vec![
        may("title", Shape::text(LONGEST), "What it is about."),
        may("person", Shape::id("per").or_null(), "With whom."),
        may("organisation", Shape::id("org").or_null(), "With which organisation."),
        may("cents", cents().or_null(), "How much it is worth, in hundredths."),
        may("currency", Shape::Word(CURRENCIES.to_vec()), "Of which currency."),
        may("close_on", Shape::day().or_null(), "When it should be agreed."),
        may("owner", Shape::id("stf").or_null(), "Who looks after it."),
        may("fields", Shape::Any, FIELDS),
    ])
    .named("DealChanges")
}

pub fn pipelines() -> Shape {
    let stage = Shape::Record(vec![
        must("id", Shape::id("stg"), "Which."),
        must("name", Shape::text(200), "What it is called."),
        must("chance", Shape::Number(0, 100), "How likely, in hundredths."),
        must("state", state(), "What it means."),
    ]);
    let way = Shape::Record(vec![
        must("id", Shape::id("pip"), "Which."),
        must("name", Shape::text(200), "What it is called."),
        must("stages", stage.list(100), "Its stages, in order."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Pipeline");
    Shape::Record(vec![must("data", way.list(100), "The pipelines.")])
}

pub fn pipelines_example() -> Value {
    json!({ "data": [{ "id": PIP, "name": "Sales", "stages": [
        { "id": STG, "name": "In talks", "chance": 30, "state": "open" },
    ], "etag": "1" }] })
}
