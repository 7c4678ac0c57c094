//! The items before and after one: those of the list that it was opened from, or by age.

use assent_store::work::items::{Item, ItemId};
use assent_web::objects;
use assent_web::{Ctx, Problem, Staff};

use crate::around::Beside;
use crate::around::item::Sort;
use crate::frame;
use crate::lists::Wanted;
use crate::lists::origin::Origin;
use crate::things::act::By;
use crate::things::act::beside::{by_age, listed};
use crate::things::model::{self, columns};

/// Where they are.
pub async fn beside(
    ctx: &Ctx,
    staff: &Staff,
    from: &Origin,
    (sort, item): (&Sort, &Item),
) -> Result<Beside, Problem> {
    let (columns, home) = (columns(sort), objects::href(&sort.object.key));
    let state = from.state().unwrap_or_default();
    let wanted = Wanted::read(home.clone(), &columns, &["show"], &state);
    let (before, after) = if wanted.is_plain() {
        by_age(ctx, staff, item, wanted.extra("show") == "removed").await?
    } else {
        // Nothing is shown here: only what rules, search and order look at is asked for.
        let first = columns.iter().take(1).map(|one| one.key.clone()).collect();
        let wanted = Wanted { columns: first, ..wanted };
        let asked = model::asked(sort, &wanted, &columns);
        let colleagues = frame::colleagues(ctx, staff).await?;
        let by = By { sort, wanted: &wanted, asked: &asked, colleagues: &colleagues };
        listed(ctx, staff, by, item).await?
    };
    let href = |id: ItemId| format!("{home}/{id}");
    Ok(Beside::new(from, (before.map(href), after.map(href))))
}
