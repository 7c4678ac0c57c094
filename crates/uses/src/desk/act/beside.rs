//! Who comes right before and right after somebody: in the list that they were opened from, decided as the list is, or by
//! when they came.

use assent_gate::Dossier;
use assent_kernel::PersonId;
use assent_store::home::Order as Read;
use assent_web::{Ctx, Problem, Staff};

use super::list::{everyone_found, most_sorted, ordered, usual};
use super::rows::{rated, read};
use super::walk::{place_of, walk};
use crate::around::beside::Side;
use crate::desk::model::list::{MOST_SORTED, Show, Wanted};
use crate::desk::model::order::{Order, by_value};
use crate::groups;

/// Right before and right after, when there is somebody.
pub type Beside = (Option<PersonId>, Option<PersonId>);

/// Whether a list has to ask about people to know who stands where.
pub fn asks(wanted: &Wanted) -> bool {
    let ruled = !wanted.rules.is_empty() || matches!(wanted.order, Order::By(..));
    !wanted.q.is_empty() || wanted.group.is_none() && ruled
}

/// Those around somebody in a list that asks about nobody.
pub async fn by_place(ctx: &Ctx, staff: &Staff, wanted: &Wanted, id: PersonId) -> Result<Beside, Problem> {
    let wanted = &wanted.first();
    if let Some(group) = &wanted.group {
        let mut ids = groups::members(ctx, staff, group).await?.unwrap_or_default();
        if wanted.order == Order::Oldest {
            ids.reverse();
        }
        return Ok(around(&ids, id));
    }
    let way = (wanted, shown(ctx, staff, wanted).await?);
    let before = next(ctx, staff, way, read_on(wanted, Side::Before), id).await?;
    Ok((before, next(ctx, staff, way, read_on(wanted, Side::After), id).await?))
}

/// Who is on one side of somebody in a list that asks about people, decided as the list is. Who may not be found there is passed
/// over, and nothing tells that they are there.
pub async fn decided(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    (id, side): (PersonId, Side),
) -> Result<Option<PersonId>, Problem> {
    let wanted = &wanted.first();
    if !wanted.q.is_empty() {
        let (all, _) = everyone_found(ctx, staff, wanted).await?;
        let all: Vec<_> = ordered(all, wanted).iter().map(|row| row.id).collect();
        return Ok(side.of(around(&all, id)));
    }
    let show = shown(ctx, staff, wanted).await?;
    if let Order::By(column, down) = &wanted.order
        && let Some(all) = by_column(ctx, staff, (wanted, show), (column, *down), id).await?
    {
        return Ok(side.of(around(&all, id)));
    }
    next(ctx, staff, (wanted, show), read_on(wanted, side), id).await
}

async fn shown(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<Show, Problem> {
    match wanted.show {
        Some(show) => Ok(show),
        None => usual(ctx, staff, wanted).await,
    }
}

/// In which order the directory is read to come to a side. What is too much to be ordered by a column stands in its usual order.
const fn read_on(wanted: &Wanted, side: Side) -> Read {
    match (&wanted.order, side) {
        (Order::Oldest, Side::Before) | (Order::Newest | Order::By(..), Side::After) => Read::Newest,
        (Order::Oldest, Side::After) | (Order::Newest | Order::By(..), Side::Before) => Read::Oldest,
    }
}

fn around(all: &[PersonId], id: PersonId) -> Beside {
    let Some(at) = all.iter().position(|one| *one == id) else { return (None, None) };
    let one = |at: Option<usize>| at.and_then(|at| all.get(at)).copied();
    (one(at.checked_sub(1)), one(at.checked_add(1)))
}

/// Everybody of a list in the order of a column; nothing when they are too many to be ordered so.
async fn by_column(
    ctx: &Ctx,
    staff: &Staff,
    (wanted, show): (&Wanted, Show),
    (column, down): (&str, bool),
    id: PersonId,
) -> Result<Option<Vec<PersonId>>, Problem> {
    let most = MOST_SORTED.saturating_add(1);
    let mut all = if wanted.rules.is_empty() {
        let one_more = most_sorted().saturating_add(1);
        let from = (show, wanted.import);
        let mut ids = read(ctx, &wanted.whose(staff), from, Read::Oldest, None, one_more).await?;
        if ids.len() > MOST_SORTED {
            return Ok(None);
        }
        // Whoever left the list meanwhile keeps their place.
        if !ids.contains(&id) {
            ids.push(id);
        }
        rated(ctx, staff, ids, (wanted, column)).await?
    } else {
        let all = walk(ctx, staff, (wanted, show), (Read::Newest, None), most).await?;
        if !all.whole || all.fits.len() > MOST_SORTED {
            return Ok(None);
        }
        all.fits.iter().map(|fit| fit.row.rated(&wanted.columns, column)).collect()
    };
    if !all.iter().any(|(one, _)| *one == id) {
        all.extend(rated(ctx, staff, vec![id], (wanted, column)).await?);
    }
    Ok(Some(by_value(all, down)))
}

/// So many of the directory are looked up at once, and so often, to find one who stands for themselves.
const AT_ONCE: u32 = 10;
const MOST_TURNS: usize = 50;

/// Who is met first from somebody on.
async fn next(
    ctx: &Ctx,
    staff: &Staff,
    (wanted, show): (&Wanted, Show),
    order: Read,
    id: PersonId,
) -> Result<Option<PersonId>, Problem> {
    if !wanted.rules.is_empty() {
        let from = place_of(ctx, staff, (wanted, show), id).await?;
        let walk = walk(ctx, staff, (wanted, show), (order, Some(from)), 1).await?;
        return Ok(walk.fits.first().map(|fit| fit.row.id));
    }
    let mut at = id;
    for _ in 0..MOST_TURNS {
        let ids = read(ctx, &wanted.whose(staff), (show, wanted.import), order, Some(at), AT_ONCE).await?;
        let Some(last) = ids.last() else { return Ok(None) };
        // Whoever's records were joined into another's stands where that one does.
        let whole = ctx.gate.look_whole(&staff.people(), &ids).await?;
        let stands = |id: &&PersonId| whole.iter().any(|one| one.first().map(Dossier::id) == Some(**id));
        if let Some(first) = ids.iter().find(stands) {
            return Ok(Some(*first));
        }
        at = *last;
    }
    Ok(None)
}
