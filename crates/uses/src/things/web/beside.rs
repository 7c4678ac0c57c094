//! The items before and after one: those of the list that it was opened from, or by age.

use assent_store::work::items::{Item, ItemId};
use assent_web::objects;
use assent_web::{Ctx, Fields, Problem, Staff};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::beside::{Beside, Side, step};
use crate::around::item::Sort;
use crate::frame;
use crate::lists::Wanted;
use crate::lists::origin::Origin;
use crate::things::act::beside::{by_age, by_place, decided};
use crate::things::act::{self, By};
use crate::things::model::{self, columns};

/// Where they are; on one side only, when that is what is wanted.
async fn found(
    ctx: &Ctx,
    staff: &Staff,
    from: &Origin,
    (sort, item, only): (&Sort, &Item, Option<Side>),
) -> Result<Beside, Problem> {
    let (columns, home) = (columns(sort), objects::href(&sort.object.key));
    let state = from.state().unwrap_or_default();
    let wanted = Wanted::read(home.clone(), &columns, &["show"], &state);
    let href = |id: ItemId| format!("{home}/{id}");
    if wanted.is_plain() {
        let (before, after) = by_age(ctx, staff, item, wanted.extra("show") == "removed").await?;
        return Ok(Beside::new(from, (before.map(href), after.map(href))));
    }
    // Nothing is shown here: only what rules, search and order look at is asked for.
    let first = columns.iter().take(1).map(|one| one.key.clone()).collect();
    let wanted = Wanted { columns: first, ..wanted };
    let asked = model::asked(sort, &wanted, &columns);
    let colleagues = frame::colleagues(ctx, staff).await?;
    let by = By { sort, wanted: &wanted, asked: &asked, colleagues: &colleagues };
    let (before, after) = match only {
        _ if !by.asks() => by_place(ctx, staff, by, item).await?,
        None => return Ok(Beside::when_wanted(from, &href(item.id), "")),
        Some(side) => side.only(decided(ctx, staff, by, (item, side)).await?),
    };
    Ok(Beside::new(from, (before.map(href), after.map(href))))
}

/// Where they are.
pub async fn beside(
    ctx: &Ctx,
    staff: &Staff,
    from: &Origin,
    (sort, item): (&Sort, &Item),
) -> Result<Beside, Problem> {
    found(ctx, staff, from, (sort, item, None)).await
}

/// To the one on a side, in a list that asks about people.
pub async fn go(
    State(ctx): State<Ctx>,
    Path((key, id)): Path<(String, String)>,
    from: Origin,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let side = Side::read(&Fields::parse(query.unwrap_or_default().as_bytes()));
    let sort = act::sort(&ctx, &staff, &key).await?;
    let item = act::one(&ctx, &staff, &sort, &id).await?;
    let found = found(&ctx, &staff, &from, (&sort, &item, Some(side))).await?;
    Ok(step(&from.on(&sort.href(&item)), side, found))
}
