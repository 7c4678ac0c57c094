//! Taking tasks along: those of the list that is shown, or those that were ticked.

use assent_kernel::TaskId;
use assent_web::{Ctx, Fields, Posted, Problem, Staff};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::tasks::act::{self, Found, found, picked};
use crate::tasks::model::{ALONG, COLUMNS, Row, wanted};
use crate::{along, frame};

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let wanted = wanted(&Fields::parse(query.unwrap_or_default().as_bytes()));
    let Found { rows, read, .. } =
        found(&ctx, &staff, &wanted, &frame::colleagues(&ctx, &staff).await?, None).await?;
    along::show(&ctx, &staff, &ALONG, (&rows, read), (COLUMNS, &wanted.columns), wanted.href()).await
}

async fn ticked_rows(ctx: &Ctx, staff: &Staff, fields: &Fields) -> Result<Vec<Row>, Problem> {
    let ids = along::ids::<TaskId>(fields, act::id)?;
    picked(ctx, staff, ids).await
}

pub async fn ticked(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let back = frame::own(fields.get("back")).unwrap_or("/tasks").to_owned();
    if !fields.has("id") {
        return Ok(frame::to(&back, "none-chosen"));
    }
    let rows = ticked_rows(&ctx, &staff, &fields).await?;
    along::show(&ctx, &staff, &ALONG, (&rows, rows.len()), (COLUMNS, &wanted(&fields).columns), back).await
}

pub async fn file(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    if !fields.has("id") {
        return Ok(frame::to("/tasks", "none-chosen"));
    }
    let rows = ticked_rows(&ctx, &staff, &fields).await?;
    along::table_of(&ctx, &staff, &ALONG, &rows, (COLUMNS, &wanted(&fields).columns)).await
}
