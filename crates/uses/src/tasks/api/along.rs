//! Tasks taken along.

use assent_kernel::TaskId;
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, shapes, told};
use crate::frame::{ROLES, words};
use crate::tasks::act;
use crate::tasks::act::list::picked;
use crate::tasks::model::Row;
use crate::{spoken, texts};

pub(super) fn operation() -> Operation {
    Operation::new("exportTasks", Method::POST, "/v1/tasks:export", |call| Box::pin(take(call)))
        .says(
            CHAPTER,
            "Take tasks along",
            "What is about a person is asked for as an export, value by value, and written down as one. What is closed says why.",
        )
        .for_roles(ROLES)
        .harmless()
        .takes(
            Shape::Record(vec![must("tasks", Shape::id("tsk").list(spoken::MOST_ALONG), "Which.")]),
            json!({ "tasks": [shapes::TSK] }),
        )
        .gives(
            200,
            Shape::Record(vec![must("data", shapes::taken().list(spoken::MOST_ALONG), "The tasks, in the same order.")]),
            json!({ "data": [shapes::taken_example()] }),
        )
        .or(404, "There is no task of yours by one of these ids.")
}

#[derive(Deserialize)]
struct Wanted {
    tasks: Vec<TaskId>,
}

async fn take(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, wanted) = (&call.ctx, call.staff()?, call.body::<Wanted>()?);
    let rows = picked(ctx, staff, spoken::each_once(wanted.tasks)).await?;
    let own = act::fields(ctx, staff).await?;
    // Whom it is about is told beside what is to be done, and by nothing else.
    let heads = rows.iter().map(|row| (&row.task.text, true));
    let all = heads.chain(rows.iter().flat_map(|row| row.filled.texts()).map(|text| (text, false)));
    let opened = texts::exported(ctx, staff, all).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let one = |row: &Row| {
        let mut out = told((&row.task, &row.filled), &own, &opened, &words);
        out["about"] = json!(spoken::named(&row.task.text, &opened, &words));
        out
    };
    Reply::of(&json!({ "data": rows.iter().map(one).collect::<Vec<Value>>() }))
}
