//! The items before and after one: those of the list that it was opened from, or by age.

use assent_store::Tx;
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::leaf::{self, Of};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::list::{By, judge, narrowed};
use super::present;
use crate::around::beside::Side;
use crate::lists::call::Batches;
use crate::lists::{Listed, origin};
use crate::things::model::{Row, searched};

/// So many are looked at once, and so often, until one belongs to nobody who is away.
const AT_ONCE: u32 = 25;
const MOST_TURNS: usize = 20;

/// Right before and right after, when there is one.
pub type Beside = (Option<ItemId>, Option<ItemId>);

/// Those by age, among items that are here or that were removed.
pub async fn by_age(ctx: &Ctx, staff: &Staff, item: &Item, gone: bool) -> Result<Beside, Problem> {
    Ok((nearest(ctx, staff, (item, gone), true).await?, nearest(ctx, staff, (item, gone), false).await?))
}

async fn nearest(
    ctx: &Ctx,
    staff: &Staff,
    (item, gone): (&Item, bool),
    newer: bool,
) -> Result<Option<ItemId>, Problem> {
    let (company, mut at) = (staff.company.id, item.id);
    let store = ctx.gate.region_db(&staff.company.region)?;
    for _ in 0..MOST_TURNS {
        let (reach, key) = (staff.sees(Object::Things), item.object.clone());
        let some = store.read(move |tx: &mut Tx<'_>| {
            let of = Of::Items(key);
            let which = (&of, gone);
            let ids = match newer {
                true => leaf::newer(tx, company, &reach, which, at.to_bytes(), AT_ONCE)?,
                false => leaf::older(tx, company, &reach, which, at.to_bytes(), AT_ONCE)?,
            };
            ids.into_iter().map(|id| items::one(tx, company, &reach, ItemId::from_bytes(id))).collect()
        });
        let some: Vec<Option<Item>> = some.await?;
        let Some(last) = some.iter().flatten().last().map(|one| one.id) else { return Ok(None) };
        let here = present(ctx, staff, some.into_iter().flatten().collect()).await?;
        if let Some(one) = here.first() {
            return Ok(Some(one.id));
        }
        at = last;
    }
    Ok(None)
}

/// The items of a list, newest first, judged by structure alone.
async fn placed(ctx: &Ctx, staff: &Staff, by: By<'_>, item: &Item) -> Result<Vec<Row>, Problem> {
    let mut rows = narrowed(ctx, staff, by).await?.0;
    // It may have been changed meanwhile, and fit no more: it keeps its place.
    if !rows.iter().any(|row| row.item.id == item.id) {
        rows.push(Row::new(item.clone(), by.colleagues));
        rows.sort_by_key(|row| std::cmp::Reverse(row.item.id));
    }
    Ok(rows)
}

/// Those in the order of a list that asks about nobody.
pub async fn by_place(ctx: &Ctx, staff: &Staff, by: By<'_>, item: &Item) -> Result<Beside, Problem> {
    let searched = searched(by.sort);
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    let rows = placed(ctx, staff, by, item).await?;
    let mut rows = judge(ctx, staff, by, rows).await?.0;
    rows.retain(|row| row.item.id == item.id || by.wanted.takes(row, ctx.now(), &searched));
    by.wanted.sort(&mut rows);
    let (before, after) = origin::beside(&rows, &item.id.to_string());
    Ok((parsed(before), parsed(after)))
}

/// The one on a side in a list that asks about people. No more is opened than what lies between, unless the order itself
/// depends on what is sealed.
pub async fn decided(
    ctx: &Ctx,
    staff: &Staff,
    by: By<'_>,
    (item, side): (&Item, Side),
) -> Result<Option<ItemId>, Problem> {
    let searched = searched(by.sort);
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    if by.wanted.sort.as_ref().is_some_and(|(key, _)| searched.contains(&key.as_ref())) {
        return by_place(ctx, staff, by, item).await.map(|both| side.of(both));
    }
    let mut rows = placed(ctx, staff, by, item).await?;
    by.wanted.sort(&mut rows);
    let rows = side.of(origin::around(rows, &item.id.to_string()));
    let (mut batches, mut found) = (Batches::until_one(rows), None);
    while let Some(some) = batches.next(usize::from(found.is_some())) {
        let (some, _) = judge(ctx, staff, by, some).await?;
        found = some.iter().find(|row| by.wanted.takes(*row, ctx.now(), &searched)).map(Listed::id);
    }
    Ok(parsed(found))
}

fn parsed(id: Option<String>) -> Option<ItemId> {
    id.and_then(|id| id.parse().ok())
}
