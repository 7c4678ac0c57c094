//! Saved views, for programs: their own, and those that colleagues share.

use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::room::{ROLES, list_of};
use super::saved::{self, View};

const CHAPTER: &str = "Views";
/// What `list` says; a test holds that these are the lists there are.
const WHICH: &str =
    "Of which list: `deals`, `tasks`, `organisations`, `people`, or `things.` with the key of an object.";
const VIW: &str = "viw_01jx6sk9c0000000000000000p";

/// Everything that programs can do here.
pub(super) fn operations() -> Vec<Operation> {
    let lists = || Shape::text(40);
    let view = Shape::Record(vec![
        must("id", Shape::id("viw"), "Which."),
        must("name", Shape::any_text(200), "What it is called."),
        must("query", Shape::any_text(4_000), "The state of the list, as the end of its address."),
        must("shared", Shape::Flag, "True when colleagues see it."),
        must("mine", Shape::Flag, "True when it is the key's own."),
        must("etag", Shape::text(40), "Hand it back as If-Match to save it again."),
    ])
    .named("View");
    let example = json!({
        "id": VIW, "name": "Open in May", "query": "f=state.is.open&f=close.from.2026-05-01", "shared": false, "mine": true,
        "etag": "1",
    });
    vec![
        Operation::new("listViews", Method::GET, "/v1/views", |call| Box::pin(list(call)))
            .says(CHAPTER, "Saved views of a list", "The key's own, and those that colleagues share.")
            .for_roles(ROLES)
            .asks(vec![must("list", lists(), WHICH)])
            .gives(
                200,
                Shape::Record(vec![must("data", view.clone().list(1_000), "The views.")]),
                json!({ "data": [example.clone()] }),
            ),
        Operation::new("saveView", Method::POST, "/v1/views", |call| Box::pin(save(call)))
            .says(
                CHAPTER,
                "Save the state of a list",
                "For colleagues only what is about nobody, under a name made of its rules.",
            )
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![
                    must("list", lists(), WHICH),
                    must("name", Shape::text(saved::LONGEST_NAME), "What it is called."),
                    must("query", Shape::any_text(4_000), "The state, as the end of the list's address."),
                    may("shared", Shape::Flag, "True for colleagues to see."),
                ]),
                json!({ "list": "deals", "name": "Open in May", "query": "f=state.is.open&f=close.from.2026-05-01" }),
            )
            .gives(201, Shape::Record(vec![must("id", Shape::id("viw"), "Which.")]), json!({ "id": VIW })),
        Operation::new("getView", Method::GET, "/v1/views/{id}", |call| Box::pin(read(call)))
            .says(CHAPTER, "Read a saved view", "A list takes its id as `view`.")
            .for_roles(ROLES)
            .gives(200, view.clone(), example.clone())
            .with_tag(),
        Operation::new("changeView", Method::PUT, "/v1/views/{id}", |call| Box::pin(change(call)))
            .says(CHAPTER, "Save a view of one's own again", "With another state, under another name. One for colleagues stays one, named after its rules.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![
                    may("name", Shape::text(saved::LONGEST_NAME), "What it is called; as before when left out."),
                    must("query", Shape::any_text(4_000), "The state, as the end of the list's address."),
                ]),
                json!({ "name": "Open in June", "query": "f=state.is.open&f=close.from.2026-06-01" }),
            )
            .gives_nothing()
            .must_match()
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("removeView", Method::POST, "/v1/views/{id}/remove", |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove a view of one's own", "")
            .for_roles(ROLES)
            .gives_nothing(),
    ]
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (list, _) = list_of(ctx, staff, call.asked("list").unwrap_or_default()).await?;
    let all = saved::of_list(ctx, staff, &list).await?;
    Reply::of(&json!({ "data": all.iter().map(told).collect::<Vec<Value>>() }))
}

fn told(one: &View) -> Value {
    json!({
        "id": one.id, "name": one.name, "query": one.query, "shared": one.shared, "mine": one.mine,
        "etag": one.ver.to_string(),
    })
}

async fn found(call: &Call) -> Result<(String, View), Problem> {
    saved::one(&call.ctx, call.staff()?, saved::id(call.name("id"))?).await
}

async fn read(call: &Call) -> Result<Reply, Problem> {
    let (_, view) = found(call).await?;
    Ok(Reply::of(&told(&view))?.tagged(view.ver.to_string()))
}

#[derive(Deserialize)]
struct Again {
    #[serde(default)]
    name: String,
    query: String,
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let ((list, view), again) = (found(call).await?, call.body::<Again>()?);
    call.matches(&view.ver.to_string())?;
    saved::change(&call.ctx, call.staff()?, (&list, &view), &again.name, &again.query).await?;
    Ok(Reply::done())
}

#[derive(Deserialize)]
struct Sent {
    list: String,
    name: String,
    query: String,
    #[serde(default)]
    shared: bool,
}

async fn save(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let (list, _) = list_of(ctx, staff, &sent.list).await?;
    let id = saved::save(ctx, staff, &list, &sent.name, &sent.query, sent.shared).await?;
    Reply::made(id, format!("/v1/views/{id}"))
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    saved::forget(&call.ctx, call.staff()?, saved::id(call.name("id"))?).await?;
    Ok(Reply::done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::room::LISTS;

    #[test]
    fn every_list_is_told() {
        assert!(LISTS.iter().all(|(name, _)| WHICH.contains(&format!("`{name}`"))));
    }
}
