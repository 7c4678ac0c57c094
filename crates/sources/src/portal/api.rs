//! The same for programs that people let act for them: what their pages show, and what they can say there. One set of verbs
//! stands behind both. Erasing, making keys and changing how somebody comes in stay with the person, on their page; so
//! does a yes in so many words to what is specially protected.

mod change;
mod read;
mod shapes;

use assent_store::own_keys::May;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Shape, page_fields};
use axum::http::Method;
use serde_json::json;

use super::act::{self, Own};
use super::model::Names;
use super::show;
use super::text::Text;

/// The chapter of the document.
const CHAPTER: &str = "Programs of people";
const FACT: &str = "/v1/me/facts/{id}";
const TERMS: &str = "/v1/me/terms/{purpose}";
const STOP: &str = "/v1/me/stops/{stop}";
const PURPOSE: &str = "/v1/me/objections/{purpose}";
/// Ids of the examples.
pub(super) const FCT: &str = "fct_01jx6sk9c0000000000000000a";
const REQ: &str = "req_01jx6sk9c0000000000000000a";
const PER: &str = "per_01jx6sk9c0000000000000000a";
const ITM: &str = "itm_01jx6sk9c0000000000000000a";

/// Whoever is acted for, as a call finds them.
async fn own(call: &Call) -> Result<Own, assent_web::Problem> {
    act::acted_for(&call.ctx, call.program()?, call.counts()).await
}

/// The names in the language that the call asks for.
fn names<'a>(call: &'a Call, own: &'a Own) -> Result<Names<'a>, assent_web::Problem> {
    let program = call.program()?;
    Ok(show::names(own, &program.company.name, Text::of(&program.lang)))
}

pub(super) fn operations() -> Vec<Operation> {
    [held(), said(), told(), taken()].concat()
}

/// What is held, and putting it right.
fn held() -> Vec<Operation> {
    let law = "A law demands that it stays as it is, or the value does not fit; `detail` says which.";
    let way_in = "The address that lets the person in is changed on their own page alone.";
    vec![
        Operation::new("getMe", Method::GET, "/v1/me", |call| Box::pin(read::me(call)))
            .says(CHAPTER, "Whom this key acts for", "The person, the company, what the program may do and until when.")
            .for_own(May::Read)
            .gives(200, shapes::me(), shapes::me_example()),
        Operation::new("listMyFacts", Method::GET, "/v1/me/facts", |call| Box::pin(read::facts(call)))
            .says(CHAPTER, "What is held, value by value", "Where each is from, what it stands on, what it may be used for. Only the page you read is asked for and written down.")
            .for_own(May::Read)
            .asks(page_fields())
            .gives(200, shapes::fact().page_of(), json!({ "data": [shapes::fact_example()], "next": null })),
        Operation::new("getMyFact", Method::GET, FACT, |call| Box::pin(read::fact(call)))
            .says(CHAPTER, "One value", "")
            .for_own(May::Read)
            .with_tag()
            .gives(200, shapes::fact(), shapes::fact_example()),
        Operation::new("getMyFile", Method::GET, "/v1/me/facts/{id}/file", |call| Box::pin(read::file(call)))
            .says(CHAPTER, "The file that a value names", "")
            .for_own(May::Read)
            .gives(200, shapes::file(), json!({ "name": "offer.txt", "type": "text/plain; charset=utf-8", "content": "VHdvIHllYXJzLg==" })),
        Operation::new("listMyItems", Method::GET, "/v1/me/items", |call| Box::pin(read::items(call)))
            .says(CHAPTER, "What belongs together", "Things the company keeps a record of, such as devices, each with the values that stand in it.")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("data", shapes::item().list(10_000), "The things.")]), json!({ "data": [shapes::item_example()] })),
        Operation::new("listMyKinds", Method::GET, "/v1/me/kinds", |call| Box::pin(read::kinds(call)))
            .says(CHAPTER, "What can be added", "")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("data", shapes::named().list(10_000), "The kinds.")]), json!({ "data": [{ "key": "contact.phone", "label": "Phone number" }] })),
        Operation::new("addMyFact", Method::POST, "/v1/me/facts", |call| Box::pin(change::add(call)))
            .says(CHAPTER, "Add a value", "Of a kind that can be added. An address that lets the person in is added on their page alone.")
            .for_own(May::Answer)
            .takes(
                Shape::Record(vec![
                    must("category", Shape::key(), "What it is."),
                    must("value", Shape::text(2000), "The value."),
                ]),
                json!({ "category": "contact.phone", "value": "+44 20 7946 0127" }),
            )
            .gives_nothing()
            .or(403, way_in),
        Operation::new("putMyFact", Method::PUT, FACT, |call| Box::pin(change::put(call)))
            .says(CHAPTER, "Put a value right", "")
            .for_own(May::Answer)
            .may_match()
            .takes(Shape::Record(vec![must("value", Shape::text(2000), "As it is right.")]), json!({ "value": "Mia" }))
            .gives_nothing()
            .or(403, way_in),
        Operation::new("removeMyFact", Method::DELETE, FACT, |call| Box::pin(change::remove(call)))
            .says(CHAPTER, "Remove a value", "What a law demands to be kept stays.")
            .for_own(May::Answer)
            .may_match()
            .gives_nothing()
            .or(403, way_in)
            .or(422, law),
    ]
}

/// What was said, and saying it.
fn said() -> Vec<Operation> {
    vec![
        Operation::new("listMyTerms", Method::GET, "/v1/me/terms", |call| Box::pin(read::all_terms(call)))
            .says(CHAPTER, "Everything that can be agreed to", "Each purpose with its notice, what it offers, and what was said.")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("data", shapes::terms().list(10_000), "The purposes.")]), json!({ "data": [shapes::terms_example()] })),
        Operation::new("getMyTerms", Method::GET, TERMS, |call| Box::pin(read::terms(call)))
            .says(CHAPTER, "One purpose", "")
            .for_own(May::Read)
            .gives(200, shapes::terms(), shapes::terms_example()),
        Operation::new("answerTerms", Method::POST, "/v1/me/terms/{purpose}/answer", |call| Box::pin(change::answer(call)))
            .says(
                CHAPTER,
                "Say yes, less, no, not again, or no longer",
                "`yes` and `limited` name the version of the notice that was read. `limited` takes what it lists and nothing else; a list that is left out stays as offered. Nothing beyond the notice can be given, and a yes to what is specially protected is the person's own.",
            )
            .for_own(May::Answer)
            .takes(shapes::answer(), json!({ "answer": "limited", "version": 1, "kinds": ["contact.email"], "uses": 3 }))
            .gives_nothing()
            .or(403, "The key only reads, or this yes is the person's own to give."),
        Operation::new("listMyStops", Method::GET, "/v1/me/stops", |call| Box::pin(read::stops(call)))
            .says(CHAPTER, "What is stopped, and what can be", "")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("data", shapes::stop().list(10_000), "The stops.")]), json!({ "data": [{ "stop": "marketing", "purpose": null, "title": "No advertising", "since": null }] })),
        Operation::new("setMyStop", Method::PUT, STOP, |call| Box::pin(change::stop(call)))
            .says(CHAPTER, "Stop", "`marketing`, `sharing`, or `all`: keep it, but use it for nothing.")
            .for_own(May::Answer)
            .gives_nothing(),
        Operation::new("liftMyStop", Method::DELETE, STOP, |call| Box::pin(change::lift(call)))
            .says(CHAPTER, "Allow again", "")
            .for_own(May::Answer)
            .gives_nothing(),
        Operation::new("objectToPurpose", Method::PUT, PURPOSE, |call| Box::pin(change::object(call)))
            .says(CHAPTER, "Object to one purpose", "Counts where the company did not have to ask. A contract and a law stand.")
            .for_own(May::Answer)
            .gives_nothing(),
        Operation::new("liftObjection", Method::DELETE, PURPOSE, |call| Box::pin(change::lift_objection(call)))
            .says(CHAPTER, "Take an objection back", "")
            .for_own(May::Answer)
            .gives_nothing(),
        Operation::new("listMyRequests", Method::GET, "/v1/me/requests", |call| Box::pin(read::requests(call)))
            .says(CHAPTER, "Who asked for what", "Also how often somebody wanted to ask again although they may not.")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("data", shapes::request().list(10_000), "Newest first.")]), json!({ "data": [shapes::request_example()] })),
        Operation::new("letAskAgain", Method::POST, "/v1/me/requests/{id}/again", |call| Box::pin(change::again(call)))
            .says(CHAPTER, "Let them ask again", "Ends a “not again”.")
            .for_own(May::Answer)
            .harmless()
            .gives_nothing(),
    ]
}

/// What is told: uses, receipts, laws, and what an erasure would do.
fn told() -> Vec<Operation> {
    let mut asks = page_fields();
    let show = Shape::Word(vec!["others", "permitted", "refused", "everything"]);
    asks.push(may("show", show, "Which: others' uses when left out."));
    vec![
        Operation::new("listMyUses", Method::GET, "/v1/me/uses", |call| Box::pin(read::uses(call)))
            .says(CHAPTER, "Who used what, when and why", "Newest first.")
            .for_own(May::Read)
            .asks(asks)
            .gives(200, shapes::used().page_of(), json!({ "data": [shapes::used_example()], "next": null })),
        Operation::new("getMyReceipt", Method::GET, "/v1/me/uses/{number}/receipt", |call| Box::pin(read::receipt(call)))
            .says(CHAPTER, "The receipt of a line", "A `.tlog-proof`: check it with `assent verify`, or any tool that reads the format.")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("receipt", Shape::text(1_000_000), "As a file holds it.")]), json!({ "receipt": "c2sp.org/tlog-proof@v1 …" })),
        Operation::new("listMyLaws", Method::GET, "/v1/me/laws", |call| Box::pin(read::laws(call)))
            .says(CHAPTER, "Laws and contracts that count", "")
            .for_own(May::Read)
            .gives(200, Shape::Record(vec![must("data", shapes::law().list(10_000), "The laws.")]), json!({ "data": [{ "sentence": "The company must keep invoices.", "cite": "AO, § 147", "url": "https://www.gesetze-im-internet.de/ao_1977/__147.html", "forbids": false, "contract": false }] })),
        Operation::new("getMyErasure", Method::GET, "/v1/me/erasure", |call| Box::pin(read::erasure(call)))
            .says(CHAPTER, "What erasing would do", "What would go, what a law keeps until when, and who received something. The erasing itself is the person's own, on their page, after they came in a moment ago.")
            .for_own(May::Read)
            .gives(200, shapes::erasure(), shapes::erasure_example()),
    ]
}

/// What is taken along.
fn taken() -> Vec<Operation> {
    vec![
        Operation::new("exportMe", Method::GET, "/v1/me/export", |call| Box::pin(read::export(call)))
            .says(CHAPTER, "Everything in one", "The same as the file on the person's page.")
            .for_own(May::Read)
            .gives(200, Shape::Any.named("OwnExport"), json!({ "company": "Halden Home", "person": PER })),
        Operation::new("exportMyTable", Method::GET, "/v1/me/export/table", |call| {
            Box::pin(read::table(call))
        })
        .says(CHAPTER, "The values as a table", "CSV (RFC 4180).")
        .for_own(May::Read)
        .gives(
            200,
            shapes::text_file(),
            json!({ "name": "my-data.csv", "type": "text/csv; charset=utf-8", "text": "\"category\"…" }),
        ),
        Operation::new("exportMyCard", Method::GET, "/v1/me/export/card", |call| Box::pin(read::card(call)))
            .says(CHAPTER, "Name and contacts as a card", "vCard 4.0 (RFC 6350).")
            .for_own(May::Read)
            .gives(
                200,
                shapes::text_file(),
                json!({ "name": "me.vcf", "type": "text/vcard; charset=utf-8", "text": "BEGIN:VCARD…" }),
            ),
        Operation::new("getConsentRecord", Method::GET, "/v1/me/consent-record", |call| {
            Box::pin(read::consent(call))
        })
        .says(
            CHAPTER,
            "The answers as a consent record",
            "JSON-LD in the terms of the W3C Data Privacy Vocabulary (ISO/IEC TS 27560).",
        )
        .for_own(May::Read)
        .gives(200, Shape::Any.named("ConsentRecord"), json!({ "@type": "dpv:ConsentRecord" })),
    ]
}
