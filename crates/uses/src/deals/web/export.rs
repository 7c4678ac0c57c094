//! Taking deals along: those of the list that is shown, or those that were ticked.

use assent_kernel::DealId;
use assent_web::fields::Field;
use assent_web::{Ctx, Fields, Posted, Problem, Staff};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::deals::act::list::{By, Found, fill, found, picked};
use crate::deals::act::{self, pipelines};
use crate::deals::model::{ALONG, Row, columns, lane, wanted};
use crate::{along, frame, lists};

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let own = offered(&ctx, &staff).await?;
    let columns = columns(&own);
    let wanted = wanted(&Fields::parse(query.unwrap_or_default().as_bytes()), &columns);
    let (colleagues, ways) = (frame::colleagues(&ctx, &staff).await?, pipelines::all(&ctx, &staff).await?);
    let ruled: Vec<Field> =
        own.iter().filter(|field| wanted.touches(&[&lists::own::key(field)], &[])).cloned().collect();
    let by = By {
        wanted: &wanted,
        way: lane(&wanted, &ways),
        colleagues: &colleagues,
        pipelines: &ways,
        own: &ruled,
        named: false,
    };
    let Found { mut rows, read, .. } = found(&ctx, &staff, by, None).await?;
    fill(&ctx, &staff, &own, &mut rows).await?;
    along::show(&ctx, &staff, &ALONG, (&rows, read), (&columns, &wanted.columns), wanted.href()).await
}

/// The fields that the company made for deals and still offers.
async fn offered(ctx: &Ctx, staff: &Staff) -> Result<Vec<Field>, Problem> {
    let mut own = act::fields(ctx, staff).await?;
    own.retain(|field| field.gone_at.is_none());
    Ok(own)
}

async fn ticked_rows(ctx: &Ctx, staff: &Staff, fields: &Fields, own: &[Field]) -> Result<Vec<Row>, Problem> {
    let ids = along::ids::<DealId>(fields, act::id)?;
    let mut rows = picked(ctx, staff, ids).await?;
    fill(ctx, staff, own, &mut rows).await?;
    Ok(rows)
}

pub async fn ticked(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let back = frame::own(fields.get("back")).unwrap_or("/deals").to_owned();
    if !fields.has("id") {
        return Ok(frame::to(&back, "none-chosen"));
    }
    let own = offered(&ctx, &staff).await?;
    let (rows, columns) = (ticked_rows(&ctx, &staff, &fields, &own).await?, columns(&own));
    let chosen = wanted(&fields, &columns).columns;
    along::show(&ctx, &staff, &ALONG, (&rows, rows.len()), (&columns, &chosen), back).await
}

pub async fn file(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    if !fields.has("id") {
        return Ok(frame::to("/deals", "none-chosen"));
    }
    let own = offered(&ctx, &staff).await?;
    let (rows, columns) = (ticked_rows(&ctx, &staff, &fields, &own).await?, columns(&own));
    along::table_of(&ctx, &staff, &ALONG, &rows, (&columns, &wanted(&fields, &columns).columns)).await
}
