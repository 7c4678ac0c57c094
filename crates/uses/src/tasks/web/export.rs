//! Taking tasks along: those of the list that is shown, or those that were ticked.

use assent_kernel::TaskId;
use assent_web::{Ctx, Fields, Posted, Problem, Staff};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::tasks::act::list::{By, Found, found, picked};
use crate::tasks::act::{self, offered};
use crate::tasks::model::{ALONG, Row, columns, wanted};
use crate::{along, filled, frame};

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let own = offered(&ctx, &staff).await?;
    let columns = columns(&own);
    let wanted = wanted(&Fields::parse(query.unwrap_or_default().as_bytes()), &columns);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let by = By { wanted: &wanted, colleagues: &colleagues, own: &own, named: false };
    let Found { mut rows, read, .. } = found(&ctx, &staff, by, None).await?;
    filled::fill(&ctx, &staff, &mut rows).await?;
    along::show(&ctx, &staff, &ALONG, (&rows, read), (&columns, &wanted.columns), wanted.href()).await
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
    let (rows, columns) = (ticked_rows(&ctx, &staff, &fields).await?, columns(&offered(&ctx, &staff).await?));
    let chosen = wanted(&fields, &columns).columns;
    along::show(&ctx, &staff, &ALONG, (&rows, rows.len()), (&columns, &chosen), back).await
}

pub async fn file(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    if !fields.has("id") {
        return Ok(frame::to("/tasks", "none-chosen"));
    }
    let (rows, columns) = (ticked_rows(&ctx, &staff, &fields).await?, columns(&offered(&ctx, &staff).await?));
    along::table_of(&ctx, &staff, &ALONG, &rows, (&columns, &wanted(&fields, &columns).columns)).await
}
