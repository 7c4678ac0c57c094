//! What goes over the line, and examples of it.

use assent_web::api::Shape;
use assent_web::api::shape::{may, must};
use serde_json::{Value, json};

use super::{FCT, ITM, PER, REQ};

fn word(most: usize) -> Shape {
    Shape::any_text(most)
}

/// A key and what it is called.
pub(super) fn named() -> Shape {
    Shape::Record(vec![must("key", word(200), "As it is sent."), must("label", word(2000), "As it is read.")])
        .named("OwnNamed")
}

pub(super) fn me() -> Shape {
    Shape::Record(vec![
        must("person", Shape::id("per"), "Whom it acts for."),
        must("company", word(200), "Whose customer they are."),
        must("program", word(200), "What they call the program."),
        must("may", Shape::Word(vec!["read", "answer"]), "What it may do."),
        must("until", Shape::time(), "Until when the key works."),
        must("known_since", Shape::time(), "Since when the company knows them."),
        must("kept_in", word(200), "Where their data lies."),
        must("values", Shape::Number(0, i64::MAX), "How many values are held."),
        must(
            "deleted_until",
            Shape::time().or_null(),
            "Until when the company can bring them back, if it deleted them.",
        ),
    ])
    .named("OwnPerson")
}
pub(super) fn me_example() -> Value {
    json!({
        "person": PER, "company": "Halden Home", "program": "Butler", "may": "answer", "until": "2027-05-01T12:00:00Z",
        "known_since": "2026-05-01T12:00:00Z", "kept_in": "eu", "values": 5, "deleted_until": null,
    })
}

pub(super) fn fact() -> Shape {
    let closed = Shape::Record(vec![
        must("code", word(100), "Stable and short."),
        must("sentence", word(2000), "In plain words."),
    ]);
    let file = Shape::Record(vec![
        must("size", Shape::Number(0, i64::MAX), "How many bytes."),
        must("at", word(400), "Where it is on the person's page."),
    ]);
    Shape::Record(vec![
        must("id", Shape::id("fct"), "Which."),
        must("category", word(200), "What it is, as a key."),
        must("label", word(400), "What it is, in words."),
        must("value", word(10_000).or_null(), "The value; null where it is closed."),
        must("closed", closed.or_null(), "Why it is closed."),
        must("source", word(2000), "Where it is from."),
        must("confirmed_at", Shape::time(), "When it was last said to be right."),
        must("region", word(200), "Where it lies."),
        must("stands_on", word(10_000), "What allows that it is held."),
        must("may_be_used_for", word(10_000), "For which purposes it may be used now."),
        must("item", Shape::id("itm").or_null(), "The thing it belongs to."),
        must("file", file.or_null(), "The file that it names."),
    ])
    .named("OwnFact")
}
pub(super) fn fact_example() -> Value {
    json!({
        "id": FCT, "category": "name.given", "label": "First name", "value": "Mia", "closed": null,
        "source": "import contacts.csv", "confirmed_at": "2026-05-01T12:00:00Z", "region": "eu",
        "stands_on": "your yes to “Newsletter” of 1 May 2026", "may_be_used_for": "Newsletter", "item": null, "file": null,
    })
}

pub(super) fn file() -> Shape {
    Shape::Record(vec![
        must("name", word(4000), "What it is called."),
        must("type", word(200), "What it is, told by its bytes."),
        must("content", word(assent_gate::LARGEST_FILE / 3 * 4 + 8), "The bytes, in base64."),
    ])
}

pub(super) fn text_file() -> Shape {
    Shape::Record(vec![
        must("name", word(200), "What to call it."),
        must("type", word(200), "What it is."),
        must("text", word(100_000_000), "What stands in it."),
    ])
    .named("OwnTextFile")
}

pub(super) fn item() -> Shape {
    let fact = Shape::Record(vec![
        must("fact", Shape::id("fct"), "Which value."),
        must("field", word(400), "What it tells of the thing."),
    ]);
    Shape::Record(vec![
        must("id", Shape::id("itm"), "Which."),
        must("object", word(200), "What it is, as a key."),
        must("called", word(400), "What it is, in words."),
        must("since", Shape::time(), "Since when it is here."),
        must("removed_at", Shape::time().or_null(), "When the company removed it."),
        must("facts", fact.list(10_000), "The values that stand in it."),
    ])
    .named("OwnItem")
}
pub(super) fn item_example() -> Value {
    json!({ "id": ITM, "object": "device", "called": "Device", "since": "2026-05-01T12:00:00Z", "removed_at": null, "facts": [{ "fact": FCT, "field": "Model" }] })
}

/// What can be taken away from an offer.
fn choice() -> Shape {
    Shape::Record(vec![
        must("key", word(200), "As it is sent."),
        must("label", word(2000), "As it is read."),
        must("given", Shape::Flag, "Whether it is part of the yes that stands, or of a whole one."),
    ])
    .named("OwnChoice")
}

pub(super) fn terms() -> Shape {
    Shape::Record(vec![
        must("purpose", Shape::key(), "Which."),
        must("label", word(400), "What it is called."),
        must("sentence", word(4000), "What it is for."),
        must("version", Shape::Number(1, i64::from(u32::MAX)), "Of the notice: send it with a yes."),
        must("title", word(4000), "The notice's title."),
        must("benefit", word(20_000), "What the person gets."),
        must("if_no", word(20_000), "What happens after a no."),
        must("whole_yes", word(20_000), "What a whole yes would mean."),
        must("more", named().list(20), "What else the notice says, part by part."),
        must(
            "clearly",
            Shape::Flag,
            "True when a yes must be given in so many words, by the person themselves.",
        ),
        must("asked", word(4000), "Who asked and when; empty when nobody waits."),
        must("said", Shape::Word(vec!["yes", "no", "no-longer"]).or_null(), "What was said last."),
        must("stands", word(20_000), "What that means today."),
        must("lapsed", word(4000), "Why a yes does not count now; empty when it does."),
        must("until", Shape::time(), "Until when a whole yes would hold."),
        must("kinds", choice().list(10_000), "Which data."),
        must("may", choice().list(20), "What may be done."),
        must("parties", choice().list(10_000), "Who receives it."),
        must("regions", choice().list(10_000), "Where."),
    ])
    .named("OwnTerms")
}
pub(super) fn terms_example() -> Value {
    json!({
        "purpose": "marketing.newsletter", "label": "Newsletter", "sentence": "So that you hear of new things.", "version": 1,
        "title": "Our newsletter", "benefit": "You get tips once a month.", "if_no": "Nothing changes.",
        "whole_yes": "Halden Home may use …", "more": [{ "key": "Which data", "label": "First name and e-mail address" }],
        "clearly": false, "asked": "", "said": "no", "stands": "You said no.", "lapsed": "", "until": "2027-05-01T12:00:00Z",
        "kinds": [{ "key": "contact.email", "label": "E-mail address", "given": true }],
        "may": [{ "key": "Message", "label": "write to you", "given": true }],
        "parties": [{ "key": "postlane", "label": "Postlane (Ireland)", "given": true }],
        "regions": [{ "key": "eu", "label": "European Union", "given": true }],
    })
}

pub(super) fn answer() -> Shape {
    Shape::Record(vec![
        must("answer", Shape::Word(vec!["yes", "limited", "no", "not-again", "withdraw"]), "What is said."),
        may(
            "version",
            Shape::Number(1, i64::from(u32::MAX)),
            "The version of the notice that was read: for a yes.",
        ),
        may("kinds", Shape::key().list(1000), "Which data: for `limited`."),
        may("may", Shape::text(40).list(20), "What may be done: for `limited`."),
        may("parties", Shape::text(200).list(1000), "Who may receive it: for `limited`."),
        may("regions", Shape::key().list(1000), "Where: for `limited`."),
        may("until", Shape::time(), "Until when: for `limited`."),
        may("uses", Shape::Number(1, 1000), "How often: for `limited`."),
        may("quiet_days", Shape::Number(1, 1826), "For `not-again`: 91, 183, 365 or 1826 days."),
    ])
    .named("OwnAnswer")
}

pub(super) fn stop() -> Shape {
    Shape::Record(vec![
        must("stop", Shape::Word(vec!["marketing", "sharing", "purpose", "all"]), "Which."),
        must("purpose", Shape::key().or_null(), "For which purpose, where it is about one."),
        must("title", word(400), "In words."),
        must("since", Shape::time().or_null(), "Since when it is set."),
    ])
    .named("OwnStop")
}

pub(super) fn request() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("req"), "Which."),
        must("purpose", word(200), "For which purpose."),
        must("label", word(400), "What that is called."),
        must("asked_by", word(400).or_null(), "Who asked; null when the person said it by themselves."),
        must("asked_at", Shape::time(), "When."),
        must("answer", Shape::Word(vec!["open", "yes", "no", "not-again"]), "What became of it."),
        must("answered_at", Shape::time().or_null(), "When it was answered."),
        must("nobody_may_ask_until", Shape::time().or_null(), "How long nobody may ask again."),
        must(
            "asked_again_all_the_same",
            Shape::Number(0, i64::MAX),
            "How often somebody wanted to, and was refused.",
        ),
    ])
    .named("OwnRequest")
}
pub(super) fn request_example() -> Value {
    json!({
        "id": REQ, "purpose": "marketing.newsletter", "label": "Newsletter", "asked_by": "Marketing at Halden Home",
        "asked_at": "2026-05-01T12:00:00Z", "answer": "not-again", "answered_at": "2026-05-02T12:00:00Z",
        "nobody_may_ask_until": "2026-11-02T12:00:00Z", "asked_again_all_the_same": 1,
    })
}

pub(super) fn used() -> Shape {
    let words = || word(400).list(10_000);
    Shape::Record(vec![
        must("number", word(60), "Which line: for its receipt."),
        must("in_words", word(20_000), "What happened."),
        must("among", Shape::Number(0, i64::MAX).or_null(), "Of a use on many people: how many."),
        must("at", Shape::time(), "When."),
        must("use", word(40).or_null(), "What was done; null for what is no use."),
        must("purpose", word(200), "For which purpose."),
        must("by", word(400), "Who, by the hat they wore."),
        must("categories", words(), "Kinds of data."),
        must("facts", words(), "Which values."),
        must("recipient", word(400), "Who received it."),
        must("reached", words(), "Through whom."),
        must("outcome", word(100), "`PERMIT`, or why it was refused, or what was done."),
        must("warrant", word(2000), "What it stood on."),
    ])
    .named("OwnUse")
}
pub(super) fn used_example() -> Value {
    json!({
        "number": "7", "in_words": "Support at Halden Home looked at: e-mail address", "among": null,
        "at": "2026-05-01T12:00:00Z", "use": "View", "purpose": "service.support", "by": "Support at Halden Home",
        "categories": ["contact.email"], "facts": [FCT], "recipient": "Halden Home", "reached": ["halden"],
        "outcome": "PERMIT", "warrant": "contract-service",
    })
}

pub(super) fn law() -> Shape {
    Shape::Record(vec![
        must("sentence", word(4000), "What it means."),
        must("cite", word(400), "Where it stands."),
        must("url", word(2000), "Where to read it."),
        must("forbids", Shape::Flag, "True when it forbids."),
        must("contract", Shape::Flag, "True when it is a contract."),
    ])
    .named("OwnLaw")
}

pub(super) fn erasure() -> Shape {
    let goes = Shape::Record(vec![
        must("label", word(400), "What."),
        must("count", Shape::Number(1, i64::MAX), "How many."),
    ]);
    let stays = Shape::Record(vec![
        must("label", word(400), "What."),
        must("law", word(4000), "Because of which law."),
        must("until", word(60), "Until which day."),
    ]);
    let received =
        Shape::Record(vec![must("name", word(400), "Who."), must("last", word(60), "On which day last.")]);
    Shape::Record(vec![
        must("goes", goes.list(10_000), "What would go."),
        must("stays", stays.list(10_000), "What a law keeps."),
        must(
            "received",
            received.list(10_000),
            "Who outside the company received something, and would be told.",
        ),
    ])
    .named("OwnErasure")
}
pub(super) fn erasure_example() -> Value {
    json!({
        "goes": [{ "label": "First name", "count": 1 }],
        "stays": [{ "label": "Product", "law": "The company must keep invoices (AO, § 147)", "until": "31 December 2034" }],
        "received": [{ "name": "Postlane (Ireland)", "last": "1 May 2026" }],
    })
}
