//! The deals before and after one: those of the list that it was opened from, or by age.

use assent_kernel::DealId;
use assent_store::work::deals::Deal;
use assent_store::work::leaf::Of;
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Problem, Staff};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::beside::{Beside, Side, step};
use crate::deals::act::list::{self, By};
use crate::deals::act::{self, pipelines};
use crate::deals::model::{columns, lane, wanted};
use crate::frame;
use crate::lists::origin::Origin;
use crate::lists::{leaf, own};

/// Where they are; on one side only, when that is what is wanted.
async fn found(
    ctx: &Ctx,
    staff: &Staff,
    from: &Origin,
    (deal, only): (&Deal, Option<Side>),
) -> Result<Beside, Problem> {
    let mut own = act::fields(ctx, staff).await?;
    own.retain(|field| field.gone_at.is_none());
    let columns = columns(&own);
    let wanted = wanted(&from.state().unwrap_or_default(), &columns);
    let ways = pipelines::all(ctx, staff).await?;
    let way = lane(&wanted, &ways);
    if wanted.is_plain() && way.is_none() {
        let of = (Of::Deals, staff.sees(Object::Deals));
        let gone = wanted.extra("show") == "removed";
        let (newer, older) = leaf::beside(ctx, staff, of, gone, deal.id.to_bytes()).await?;
        let href = |id| format!("/deals/{}", DealId::from_bytes(id));
        return Ok(Beside::new(from, (newer.map(href), older.map(href))));
    }
    own.retain(|field| wanted.touches(&[&own::key(field)], &[]));
    let colleagues = frame::colleagues(ctx, staff).await?;
    let by = By { wanted: &wanted, way, colleagues: &colleagues, pipelines: &ways, own: &own, named: false };
    let href = |id: String| format!("/deals/{id}");
    let (before, after) = match only {
        _ if !by.asks() => list::by_place(ctx, staff, by, deal.clone()).await?,
        None => return Ok(Beside::when_wanted(from, &href(deal.id.to_string()), "")),
        Some(side) => side.only(list::decided(ctx, staff, by, (deal.clone(), side)).await?),
    };
    Ok(Beside::new(from, (before.map(href), after.map(href))))
}

/// Where they are.
pub async fn beside(ctx: &Ctx, staff: &Staff, from: &Origin, deal: &Deal) -> Result<Beside, Problem> {
    found(ctx, staff, from, (deal, None)).await
}

/// To the one on a side, in a list that asks about people.
pub async fn go(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let side = Side::read(&Fields::parse(query.unwrap_or_default().as_bytes()));
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    let found = found(&ctx, &staff, &from, (&deal, Some(side))).await?;
    Ok(step(&from.on(&format!("/deals/{id}")), side, found))
}
