//! The numbers of the page, for programs: the same figures, decided and hidden alike.

use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::chart::{Cell, Figure};
use axum::http::Method;
use serde_json::{Value, json};

use super::web;
use crate::frame::ROLES;

pub(super) fn operations() -> Vec<Operation> {
    let cell = Shape::Record(vec![
        may("count", Shape::Number(0, i64::MAX), "How many rows; none of these fields when there are none."),
        may("list", Shape::any_text(4_000), "The page that lists exactly these."),
        may("text", Shape::any_text(400), "A sum or a share, in words."),
        may("few", Shape::Flag, "True when so few people are not told."),
    ])
    .named("Cell");
    let row = Shape::Record(vec![
        must("label", Shape::any_text(400), "What it is."),
        must("cells", cell.list(20), "One for each column after the first."),
    ]);
    let figure = Shape::Record(vec![
        must("id", Shape::text(40), "Which figure."),
        must("title", Shape::any_text(400), "What it shows."),
        must("about", Shape::any_text(1_000), "How it is to be read."),
        must("columns", Shape::any_text(200).list(20), "The heads, the first over the labels."),
        must("rows", row.list(10_000), "The rows; none when there is nothing, or nothing yet."),
    ])
    .named("Figure");
    let example = json!({
        "id": "ended", "title": "Won and lost", "about": "Deals that came into their last stage in the last 90 days.",
        "columns": ["How it ended", "Deals", "Worth"],
        "rows": [{ "label": "Won", "cells": [{ "count": 7, "list": "/deals?f=state.is.won&f=moved.from.2026-02-01" }, { "text": "EUR 9 100" }] }],
    });
    vec![
        Operation::new("getDashboard", Method::GET, "/v1/dashboard", |call| Box::pin(told(call)))
            .says(
                "Numbers",
                "The numbers of the dashboard",
                "Deals, tasks, people and, for administrators and data protection officers with a key for any purpose, uses. \
                 People are decided for the key's role and purpose before they are counted; few people are no number.",
            )
            .for_roles(ROLES)
            .gives(
                200,
                Shape::Record(vec![must("data", figure.list(50), "The figures, in the order of the page.")]),
                json!({ "data": [example] }),
            ),
    ]
}

async fn told(call: &Call) -> Result<Reply, Problem> {
    let figures = web::figures(&call.ctx, call.staff()?).await?;
    let all = figures.deals.iter().chain([&figures.tasks]).chain(&figures.people).chain(&figures.uses);
    Reply::of(&json!({ "data": all.map(figure).collect::<Vec<Value>>() }))
}

fn figure(one: &Figure) -> Value {
    let row = |(label, cells): &(String, Vec<Cell>)| json!({ "label": label, "cells": cells.iter().map(cell).collect::<Vec<Value>>() });
    json!({
        "id": one.id, "title": one.title, "about": one.about, "columns": one.columns,
        "rows": one.rows.iter().map(row).collect::<Vec<Value>>(),
    })
}

fn cell(one: &Cell) -> Value {
    match one {
        Cell::Empty => json!({}),
        Cell::Words(text) => json!({ "text": text }),
        Cell::Rows(count, list) => json!({ "count": count, "list": list }),
        Cell::Few => json!({ "few": true }),
    }
}
