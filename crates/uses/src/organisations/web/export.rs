//! Taking organisations along: those of the list that is shown, or those that were ticked. Nothing in them is about a
//! person, so nothing is asked.

use assent_kernel::OrganisationId;
use assent_web::fields::{self, Field, Thing};
use assent_web::{Ctx, Fields, Posted, Problem, Staff};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::organisations::act;
use crate::organisations::model::{ALONG, Row, columns, fitting, wanted};
use crate::{along, frame, organised};

async fn own(ctx: &Ctx, staff: &Staff) -> Result<Vec<Field>, Problem> {
    fields::offered(ctx, staff.company.id, Thing::Organisation).await
}

async fn rows(
    ctx: &Ctx,
    staff: &Staff,
    own: &[Field],
    all: Vec<organised::One>,
) -> Result<Vec<Row>, Problem> {
    let colleagues = frame::colleagues(ctx, staff).await?;
    Ok(all.into_iter().map(|one| Row::new(one, own, &colleagues)).collect())
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let own = own(&ctx, &staff).await?;
    let columns = columns(&own);
    let wanted = wanted(&Fields::parse(query.unwrap_or_default().as_bytes()), &columns);
    let all = organised::all(&ctx, &staff, wanted.extra("show") == "removed").await?;
    let read = all.len();
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let rows = fitting(all, &wanted, (&own, &colleagues), ctx.now());
    along::show(&ctx, &staff, &ALONG, (&rows, read), (&columns, &wanted.columns), wanted.href()).await
}

/// The rows that were ticked. Another company's lead nowhere.
async fn picked(ctx: &Ctx, staff: &Staff, own: &[Field], fields: &Fields) -> Result<Vec<Row>, Problem> {
    let ids: Vec<OrganisationId> = along::ids(fields, act::id)?;
    rows(ctx, staff, own, organised::some(ctx, staff, ids).await?).await
}

pub async fn ticked(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let back = frame::own(fields.get("back")).unwrap_or("/organisations").to_owned();
    if !fields.has("id") {
        return Ok(frame::to(&back, "none-chosen"));
    }
    let own = own(&ctx, &staff).await?;
    let (rows, columns) = (picked(&ctx, &staff, &own, &fields).await?, columns(&own));
    let chosen = wanted(&fields, &columns).columns;
    along::show(&ctx, &staff, &ALONG, (&rows, rows.len()), (&columns, &chosen), back).await
}

pub async fn file(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    if !fields.has("id") {
        return Ok(frame::to("/organisations", "none-chosen"));
    }
    let own = own(&ctx, &staff).await?;
    let (rows, columns) = (picked(&ctx, &staff, &own, &fields).await?, columns(&own));
    let chosen = wanted(&fields, &columns).columns;
    along::table_of(&ctx, &staff, &ALONG, &rows, (&columns, &chosen)).await
}
