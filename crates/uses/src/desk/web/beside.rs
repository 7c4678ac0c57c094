//! The people before and after somebody: those of the list that they were opened from, or by when they came.

use assent_kernel::PersonId;
use assent_web::{Ctx, Fields, Problem, Staff};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::tabs::Tab;
use crate::around::beside::{Beside, Side, step};
use crate::desk::act::{self, beside as acts, list};
use crate::desk::model::list::{Show, Wanted};
use crate::lists::origin::Origin;

/// Where they are, on the same tab.
pub async fn beside(
    ctx: &Ctx,
    staff: &Staff,
    from: &Origin,
    (id, tab): (PersonId, Tab),
) -> Result<Beside, Problem> {
    let wanted = wanted(ctx, staff, from).await?;
    if acts::asks(&wanted) {
        let open = if tab == Tab::Timeline { "" } else { tab.key() };
        return Ok(Beside::when_wanted(from, &format!("/people/{id}"), open));
    }
    let (before, after) = acts::by_place(ctx, staff, &wanted, id).await?;
    Ok(Beside::new(from, (before.map(|id| href(id, tab)), after.map(|id| href(id, tab)))))
}

/// The list, as an address says it; everybody where it says nothing.
async fn wanted(ctx: &Ctx, staff: &Staff, from: &Origin) -> Result<Wanted, Problem> {
    let columns = list::columns(ctx, staff).await?;
    Ok(match from.state() {
        Some(state) => Wanted::read(&state, columns),
        None => Wanted { show: Some(Show::All), ..Wanted::read(&Default::default(), columns) },
    })
}

fn href(id: PersonId, tab: Tab) -> String {
    match tab {
        Tab::Timeline => format!("/people/{id}"),
        other => format!("/people/{id}?tab={}", other.key()),
    }
}

/// To who is on one side in a list that asks about people.
pub async fn go(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let (side, tab) = (Side::read(&asked), Tab::read(asked.get("tab")));
    let id = ctx.gate.look_one(&staff.people(), act::person(&id)?).await?.id();
    let wanted = wanted(&ctx, &staff, &from).await?;
    let (before, after) = if acts::asks(&wanted) {
        side.only(acts::decided(&ctx, &staff, &wanted, (id, side)).await?)
    } else {
        acts::by_place(&ctx, &staff, &wanted, id).await?
    };
    let found = Beside::new(&from, (before.map(|id| href(id, tab)), after.map(|id| href(id, tab))));
    Ok(step(&from.on(&href(id, tab)), side, found))
}
