//! Files of a person: keep, list, take. Removing one is removing the value that names it.

use assent_kernel::FactId;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::media::Media;
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{CHAPTER, FCT, act, values, words};
use crate::desk::ROLES;
use crate::desk::act::files::{self, Taken};
use crate::desk::act::record;
use crate::spoken::{self, file, file::MOST};

const FILES: &str = "/v1/people/{id}/files";
const FILE: &str = "/v1/people/{id}/files/{file}";

pub(super) fn operations() -> Vec<Operation> {
    let closed = "The terms do not open it for the key's role and purpose; `code` is the law's reason.";
    vec![
        Operation::new("addFile", Method::POST, FILES, |call| Box::pin(add(call)))
            .says(
                CHAPTER,
                "Keep a file",
                "A file is a value of the person: its name is the value, its content opens with it. What it is, is told by its bytes; what would run something is refused. Remove it like any value.",
            )
            .for_roles(ROLES)
            .takes_much(
                Shape::Record(vec![
                    must("name", Shape::text(200), "What it is called."),
                    may("category", Shape::key(), "As what it is kept; a note when left out."),
                    must("content", Shape::text(MOST), "The bytes, in base64."),
                ]),
                json!({ "name": "offer.txt", "content": "VHdvIHllYXJzLg==" }),
                MOST,
            )
            .gives(201, spoken::made_shape("fct"), json!({ "id": FCT }))
            .or(403, closed),
        Operation::new("listFiles", Method::GET, FILES, |call| Box::pin(list(call)))
            .says(CHAPTER, "List the files", "What is closed has a size and no name.")
            .for_roles(ROLES)
            .gives(
                200,
                Shape::Record(vec![must("data", listed().list(500), "The files.")]),
                json!({ "data": [{ "id": FCT, "category": "note.free-text", "size": 10, "name": "offer.txt", "type": "text/plain; charset=utf-8" }] }),
            ),
        Operation::new("getFile", Method::GET, FILE, |call| Box::pin(one(call)))
            .says(CHAPTER, "Take a file", "Asked for and written down by itself, like a look at any value.")
            .for_roles(ROLES)
            .gives(
                200,
                file::taken_shape(),
                file::taken_example(),
            )
            .or(403, closed),
    ]
}

fn listed() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("fct"), "Which: the value that names it."),
        must("category", Shape::key(), "As what it is kept."),
        must("size", Shape::Number(0, i64::MAX), "How many bytes."),
        must("name", Shape::text(4000).or_null(), "What it is called, where that is open."),
        must("type", Shape::text(200).or_null(), "What it is, where that is open."),
    ])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    name: String,
    #[serde(default)]
    category: String,
    content: String,
}

async fn add(call: &Call) -> Result<Reply, Problem> {
    let new = call.read::<Add>()?;
    let file::Sent { name, media, content } = file::checked(call, new.name, &new.content)?;
    let (staff, id) = (call.staff()?, act::person(call.name("id"))?);
    let category = files::kind_of(&new.category)?;
    match files::keep(&call.ctx, staff, id, category, (&name, media, content)).await? {
        Ok(fact) => Reply::made(fact, format!("/v1/people/{id}/files/{fact}")),
        Err(reason) => Err(values::refused(call, Some(&reason)).await),
    }
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let record = record::record(&call.ctx, call.staff()?, act::person(call.name("id"))?).await?;
    let told: Vec<serde_json::Value> = record
        .values()
        .iter()
        .filter_map(|value| Some((value, record.files.get(&value.fact.id)?)))
        .map(|(value, mark)| {
            json!({
                "id": value.fact.id.to_string(),
                "category": value.fact.category.to_string(),
                "size": mark.size,
                "name": value.cell.seen().map(|seen| seen.text.clone()),
                "type": mark.kind.as_deref().map(|kind| Media::parse(kind).mime()),
            })
        })
        .collect();
    Reply::of(&json!({ "data": told }))
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (staff, id) = (call.staff()?, act::person(call.name("id"))?);
    let fact: FactId = call.name("file").parse().map_err(|_| act::nobody())?;
    match files::take(&call.ctx, staff, id, fact).await? {
        Taken::Open(name, media, content) => file::taken(&name, media, &content),
        Taken::Closed(reason) => {
            let standing = call.ctx.gate.policy(staff.company.id).await?;
            Err(spoken::refused(reason.as_ref(), &words(&call.ctx, staff, &standing.policy)))
        }
    }
}
