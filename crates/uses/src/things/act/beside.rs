//! The items before and after one: those of the list that it was opened from, or by age.

use assent_store::Tx;
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::leaf::{self, Of};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::list::{By, judge, narrowed, open};
use super::present;
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

/// Those in the order of a list. No more is opened than what lies between, unless the order itself depends on what is sealed.
pub async fn listed(ctx: &Ctx, staff: &Staff, by: By<'_>, item: &Item) -> Result<Beside, Problem> {
    let (id, searched) = (item.id.to_string(), searched(by.sort));
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    let mut rows = narrowed(ctx, staff, by).await?.0;
    // It may have been changed meanwhile, and fit no more: it keeps its place.
    if !rows.iter().any(|row| row.item.id == item.id) {
        rows.push(Row::new(item.clone(), by.colleagues));
        rows.sort_by_key(|row| std::cmp::Reverse(row.item.id));
    }
    let fits = |row: &Row| by.wanted.takes(row, ctx.now(), &searched);
    let sealed = by.wanted.sort.as_ref().is_some_and(|(key, _)| searched.contains(&key.as_ref()));
    if sealed {
        rows = open(ctx, staff, by.sort, rows, (by.asked, None)).await?.0;
        rows.retain(|row| row.item.id == item.id || fits(row));
        by.wanted.sort(&mut rows);
        let (before, after) = origin::beside(&rows, &id);
        return Ok((parsed(before), parsed(after)));
    }
    by.wanted.sort(&mut rows);
    let (before, after) = origin::around(rows, &id);
    let mut nearest = Vec::new();
    for rows in [before, after] {
        let (mut batches, mut found) = (Batches::until_one(rows), None);
        while let Some(some) = batches.next(usize::from(found.is_some())) {
            let (some, _) = judge(ctx, staff, by, some).await?;
            found = some.iter().find(|row| fits(row)).map(Listed::id);
        }
        nearest.push(parsed(found));
    }
    let after = nearest.pop().flatten();
    Ok((nearest.pop().flatten(), after))
}

fn parsed(id: Option<String>) -> Option<ItemId> {
    id.and_then(|id| id.parse().ok())
}
