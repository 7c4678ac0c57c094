//! What programs are told, as the `webhooks` of the document (OpenAPI 3.1): one message for each kind of event.

use assent_store::events::Kind;
use serde_json::{Map, Value, json};

use super::shape::Shape;

/// The messages, by the name of the event.
pub(super) fn messages(named: &mut Map<String, Value>) -> Value {
    Value::Object(Kind::ALL.into_iter().map(|kind| (kind.key().to_owned(), message(kind, named))).collect())
}

fn header(name: &str, sentence: &str) -> Value {
    json!({ "name": name, "in": "header", "required": true, "description": sentence, "schema": { "type": "string" } })
}

fn message(kind: Kind, named: &mut Map<String, Value>) -> Value {
    let id = Shape::id(kind.about()).schema(named);
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": { "const": kind.key() },
            "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
            "data": {
                "type": "object", "additionalProperties": false, "required": ["id"], "properties": { "id": id },
                "description": "What it happened to. Call back with a key to learn more, as far as it is open then.",
            },
        },
    });
    let example = json!({
        "type": kind.key(), "timestamp": "2026-05-01T12:00:00Z",
        "data": { "id": format!("{}_01jx6sk9c0000000000000000a", kind.about()) },
    });
    json!({ "post": {
        "operationId": format!("told-{}", kind.key()),
        "tags": ["Webhooks"],
        "summary": kind.sentence(),
        "security": [],
        "parameters": [
            header("webhook-id", "The message's id, the same whenever it is sent."),
            header("webhook-timestamp", "Seconds since 1970, of this try."),
            header("webhook-signature", "One or two signatures, as Standard Webhooks 1.0.0 lays down."),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema, "example": example } } },
        "responses": {
            "2XX": { "description": "It is taken." },
            "410": { "description": "Turns the webhook off at once." },
            "default": { "description": "It is sent again later." },
        },
    } })
}
