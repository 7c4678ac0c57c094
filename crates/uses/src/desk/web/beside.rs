//! The people before and after somebody: those of the list that they were opened from, or by when they came.

use assent_kernel::PersonId;
use assent_web::{Ctx, Problem, Staff};

use super::tabs::Tab;
use crate::around::Beside;
use crate::desk::act::{beside as acts, list};
use crate::desk::model::list::{Show, Wanted};
use crate::lists::origin::Origin;

/// Where they are, on the same tab.
pub async fn beside(
    ctx: &Ctx,
    staff: &Staff,
    from: &Origin,
    (id, tab): (PersonId, Tab),
) -> Result<Beside, Problem> {
    let columns = list::columns(ctx, staff).await?;
    let wanted = match from.state() {
        Some(state) => Wanted::read(&state, columns),
        None => Wanted { show: Some(Show::All), ..Wanted::read(&Default::default(), columns) },
    };
    let (before, after) = acts::beside(ctx, staff, &wanted, id).await?;
    let href = |id: PersonId| match tab {
        Tab::Timeline => format!("/people/{id}"),
        other => format!("/people/{id}?tab={}", other.key()),
    };
    Ok(Beside::new(from, (before.map(href), after.map(href))))
}
