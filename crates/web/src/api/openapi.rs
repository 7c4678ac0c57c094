//! The same list as an OpenAPI 3.1 document.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::once;
use super::operation::{Access, Operation, Running};
use super::router::{PURPOSE, operations};
use super::shape::{Field, Like, Shape, may, must};
use super::told;
use crate::problem::Problem;
use crate::room::Room;

/// The document of these rooms, for programs that reach them under an address.
#[must_use]
pub fn document(rooms: &[&'static dyn Room], base_url: &str) -> Value {
    let all = operations(rooms);
    let mut named = Map::new();
    let _ = problem().schema(&mut named);
    let mut paths = Map::new();
    for operation in &all {
        let slot = paths.entry(operation.path.to_owned()).or_insert_with(|| json!({}));
        slot[operation.method.as_str().to_lowercase()] = told_one(operation, &mut named);
    }
    let webhooks = told::messages(&mut named);
    let mut chapters: Vec<&str> = Vec::new();
    for operation in &all {
        if !chapters.contains(&operation.chapter) {
            chapters.push(operation.chapter);
        }
    }
    let tags: Vec<Value> = chapters.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Assent",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A CRM in which the customer's own terms decide every use of what is known about them.",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": base_url }],
        "security": [{ "key": [] }],
        "tags": tags,
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": named,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that begins with `assent_key_`. An administrator makes it; it is shown once.",
                },
                "own": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that begins with `assent_own_`. A person makes it on their own page, for a program that acts for them, to read or to read and answer; it is shown once, and they end it when they like.",
                },
            },
        },
    })
}

const ABOUT: &str = "A key is bound to a role and to a purpose. What is read with it is decided for that role and that purpose, \
    value by value, and written down in the ledger, like a colleague's reading. A closed value comes with a stable code \
    and a sentence instead of the value. What a person allows is said by the person, or by a program of their own with a key of theirs: no key of the \
    company gives, refuses or takes back anything for somebody who is here. A yes that was given elsewhere comes in with a new person only, to the key's own \
    purposes, with what shows it; they are told.";

fn problem() -> Shape {
    Shape::Record(vec![
        must("type", Shape::text(200), "Stable; its last part is the code."),
        must("title", Shape::text(300), "What happened."),
        must("status", Shape::Number(100, 599), "The HTTP status."),
        must("code", Shape::text(100), "Stable and short."),
        may("detail", Shape::any_text(4000), "Where, and what to do."),
        may("instance", Shape::any_text(2000), "What it happened to."),
    ])
    .named("Problem")
}

fn told_one(operation: &Operation, named: &mut Map<String, Value>) -> Value {
    let mut parameters: Vec<Value> = operation.names().map(path_parameter).collect();
    parameters.extend(operation.query.iter().map(|field| query_parameter(field, named)));
    parameters.extend(headers(operation));
    let mut out = json!({
        "operationId": operation.id,
        "tags": [operation.chapter],
        "summary": operation.line,
        "parameters": parameters,
        "responses": responses(operation, named),
    });
    if !operation.more.is_empty() {
        out["description"] = json!(operation.more);
    }
    if let Some(body) = &operation.body {
        let media = json!({ "schema": body.shape.schema(named), "example": body.example });
        out["requestBody"] = json!({ "required": true, "content": { "application/json": media } });
    }
    match operation.access {
        Access::Anyone => out["security"] = json!([]),
        Access::Own(_) => out["security"] = json!([{ "own": [] }]),
        Access::Key | Access::Staff(_) => {}
    }
    out
}

fn path_parameter(name: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true, "description": "The id.",
        "schema": { "type": "string", "maxLength": 64 },
    })
}

fn query_parameter(field: &Field, named: &mut Map<String, Value>) -> Value {
    json!({
        "name": field.name, "in": "query", "required": field.needed, "description": field.sentence,
        "schema": field.shape.schema(named),
    })
}

fn headers(operation: &Operation) -> Vec<Value> {
    let header = |name: &str, needed: bool, sentence: &str, schema: Value| json!({ "name": name, "in": "header", "required": needed, "description": sentence, "schema": schema });
    let mut out = Vec::new();
    if matches!(operation.access, Access::Staff(_)) {
        let schema = Shape::Text(Like::Key, 1, 200).schema(&mut Map::new());
        let sentence = "For which purpose, when the key is for none alone.";
        out.push(header(&title(PURPOSE), false, sentence, schema));
    }
    if matches!(operation.access, Access::Own(_)) {
        let sentence = "`de` for sentences in German; English otherwise.";
        out.push(header("Accept-Language", false, sentence, json!({ "type": "string" })));
    }
    if operation.heeded {
        let sentence = "The ETag of what you read, or `*`.";
        out.push(header(
            "If-Match",
            operation.matched,
            sentence,
            json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
        ));
    }
    if operation.once {
        let sentence = "Any text of your own. Sent again with the same one within a day, the call is answered again and not done again.";
        let schema = json!({ "type": "string", "pattern": once::pattern() });
        out.push(header("Idempotency-Key", false, sentence, schema));
    }
    out
}

fn title(header: &str) -> String {
    let word = |part: &str| {
        let mut letters = part.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    header.split('-').map(word).collect::<Vec<_>>().join("-")
}

fn responses(operation: &Operation, named: &mut Map<String, Value>) -> Value {
    let mut out = Map::new();
    let mut good =
        json!({ "description": if operation.answer.is_some() { "Here it is." } else { "It is done." } });
    if let Some(shape) = &operation.answer {
        let media = json!({ "schema": shape.schema(named), "example": operation.example });
        good["content"] = json!({ "application/json": media });
    }
    let mut headers = Map::new();
    let text = |sentence: &str| json!({ "description": sentence, "schema": { "type": "string" } });
    if operation.tagged {
        headers.insert("ETag".into(), text("Hand it back as If-Match to change what you read."));
    }
    if operation.status == 201 {
        headers.insert("Location".into(), text("Where it is."));
    }
    if operation.query.iter().any(|field| field.name == "after") {
        headers.insert("Link".into(), text("The next page, as rel=\"next\"."));
    }
    if operation.limited && operation.access != Access::Anyone {
        headers.insert("RateLimit".into(), text("How many calls are left, and for how many seconds."));
        headers.insert("RateLimit-Policy".into(), text("How many calls there are in how many seconds."));
    }
    if !headers.is_empty() {
        good["headers"] = Value::Object(headers);
    }
    out.insert(operation.status.to_string(), good);
    let problem = problem().schema(named);
    for (status, when) in operation.statuses() {
        let content = json!({ "application/problem+json": { "schema": problem } });
        out.insert(status.to_string(), json!({ "description": when, "content": content }));
    }
    Value::Object(out)
}

/// The operations that belong to no room.
pub(super) fn told(_: &[Operation]) -> Vec<Operation> {
    vec![
        Operation::new("getKey", Method::GET, "/v1/key", |call| Box::pin(own_key(call)))
            .says(
                "This interface",
                "What your key is for",
                "Who you are here, in which role and for which purpose.",
            )
            .gives(
                200,
                Shape::Record(vec![
                    must("id", Shape::id("stf"), "Who the key is in the ledger."),
                    must("name", Shape::any_text(200), "What it is called."),
                    must("company", Shape::text(200), "Whose it is."),
                    must("role", Shape::text(40), "In which role it asks."),
                    must(
                        "purpose",
                        Shape::key().or_null(),
                        "For which purpose alone, or null for any of the role.",
                    ),
                    must("until", Shape::time(), "Until when it works."),
                ])
                .named("Key"),
                json!({
                    "id": "stf_01jx6sk9c0000000000000000a", "name": "web shop", "company": "Halden Home",
                    "role": "support", "purpose": "service.support", "until": "2027-05-01T12:00:00Z",
                }),
            ),
        Operation::new("getDocument", Method::GET, "/v1/openapi.json", |call| own_document(call))
            .says("This interface", "This document", "OpenAPI 3.1. The routes are made from the same list.")
            .for_anyone()
            .gives(200, Shape::Named("OpenApi", Box::new(Shape::Any)), json!({ "openapi": "3.1.0" })),
    ]
}

fn own_document(call: &Call) -> Running<'_> {
    Box::pin(async move { Reply::of(&document(call.ctx.rooms, &call.ctx.settings.base_url)) })
}

async fn own_key(call: &Call) -> Result<Reply, Problem> {
    let caller = call.caller()?;
    let company = call.ctx.gate.company(caller.company).await?;
    Reply::of(&json!({
        "id": caller.id, "name": caller.name, "company": company.name, "role": caller.role.key(),
        "purpose": caller.purpose, "until": crate::text::iso(caller.until.micros()),
    }))
}
