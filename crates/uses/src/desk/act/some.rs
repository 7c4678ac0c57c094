//! A part of the list for programs: by cursor, as far as a page would show it.

use assent_kernel::PersonId;
use assent_store::home;
use assent_web::{Ctx, Problem, Staff};

use super::list::{direction, everyone_found, most_sorted, ordered};
use super::rows::{in_order, rated, read, rows};
use super::walk::walk;
use crate::desk::model::list::{MOST_FOUND, MOST_SORTED, Row, Show, Wanted};
use crate::desk::model::order::{Order, by_value};

/// At most so many, in the order that is wanted, from one person on; and after whom the next page begins, when there are
/// more. A page may have fewer than that: the next goes on where it stopped.
pub async fn some(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    most: usize,
) -> Result<(Vec<Row>, Option<PersonId>), Problem> {
    if !wanted.q.is_empty() {
        return some_found(ctx, staff, wanted, most).await;
    }
    let show = wanted.show.unwrap_or(Show::All);
    let (ids, next) = match &wanted.order {
        Order::By(column, down) => sorted(ctx, staff, (wanted, show), (column, *down), most).await?,
        Order::Newest | Order::Oldest => walked(ctx, staff, wanted, show, most).await?,
    };
    let rows = rows(ctx, staff, &ids, &wanted.shows(), None).await?;
    Ok((in_order(rows, &ids), next))
}

/// Who, and after whom the next page begins.
type Part = (Vec<PersonId>, Option<PersonId>);

/// In the order of the directory.
async fn walked(ctx: &Ctx, staff: &Staff, wanted: &Wanted, show: Show, most: usize) -> Result<Part, Problem> {
    let (order, _, from) = direction(wanted);
    let one_more = most.saturating_add(1);
    if wanted.rules.is_empty() {
        let one_more = u32::try_from(one_more).unwrap_or(u32::MAX);
        let mut ids = read(ctx, &wanted.whose(staff), (show, wanted.import), order, from, one_more).await?;
        let more = ids.len() > most;
        ids.truncate(most);
        // Whoever was joined into somebody else is no row of their own, and no end either.
        let next = ids.last().copied().filter(|_| more);
        return Ok((ids, next));
    }
    let walk = walk(ctx, staff, (wanted, show), (order, from), one_more).await?;
    let full = walk.fits.get(most.saturating_sub(1)).filter(|_| walk.fits.len() > most);
    let next = full.map(|fit| fit.place).or(walk.last.filter(|_| !walk.whole));
    Ok((walk.fits.iter().take(most).map(|fit| fit.row.id).collect(), next))
}

/// By what stands in a column.
async fn sorted(
    ctx: &Ctx,
    staff: &Staff,
    (wanted, show): (&Wanted, Show),
    (column, down): (&str, bool),
    most: usize,
) -> Result<Part, Problem> {
    let rated = if wanted.rules.is_empty() {
        let one_more = most_sorted().saturating_add(1);
        let ids = read(ctx, &wanted.whose(staff), (show, wanted.import), home::Order::Oldest, None, one_more)
            .await?;
        if ids.len() > MOST_SORTED {
            return Err(too_many_to_order());
        }
        rated(ctx, staff, ids, (wanted, column)).await?
    } else {
        let newest = (home::Order::Newest, None);
        let all = walk(ctx, staff, (wanted, show), newest, MOST_SORTED.saturating_add(1)).await?;
        if !all.whole || all.fits.len() > MOST_SORTED {
            return Err(too_many_to_order());
        }
        all.fits.iter().map(|fit| fit.row.rated(&wanted.columns, column)).collect()
    };
    after(by_value(rated, down), wanted, most)
}

fn too_many_to_order() -> Problem {
    Problem::invalid(format!(
        "`sort`: more than {MOST_SORTED} people may fit, and each value has to be asked for. Add a rule, or leave the order out."
    ))
}

/// The part of a list that is known whole which comes after somebody; and after whom the next begins.
fn after(all: Vec<PersonId>, wanted: &Wanted, most: usize) -> Result<Part, Problem> {
    let place = |id: PersonId| all.iter().position(|one| *one == id).map(|at| at.saturating_add(1));
    let moved =
        || Problem::invalid("`after` stands at somebody who is no longer in this list: begin it again.");
    let start = wanted.after.map(|id| place(id).ok_or_else(moved)).transpose()?.unwrap_or(0);
    let ids: Vec<PersonId> = all.iter().skip(start).take(most).copied().collect();
    let more = all.len() > start.saturating_add(ids.len());
    let next = ids.last().copied().filter(|_| more);
    Ok((ids, next))
}

/// The same of those whom a search finds.
async fn some_found(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    most: usize,
) -> Result<(Vec<Row>, Option<PersonId>), Problem> {
    let (all, cut_short) = everyone_found(ctx, staff, wanted).await?;
    let mut all = ordered(all, wanted);
    match (&wanted.order, wanted.after) {
        (_, None) => {}
        (Order::Newest, Some(after)) => all.retain(|row| row.id < after),
        (Order::Oldest, Some(after)) => all.retain(|row| row.id > after),
        (Order::By(..), Some(_)) => {
            let (ids, _) = after(all.iter().map(|row| row.id).collect(), wanted, MOST_FOUND)?;
            all = in_order(all, &ids);
        }
    }
    if all.is_empty() && cut_short && wanted.after.is_some() {
        return Err(Problem::invalid(
            "Too many fit, and no more of them are told: look for more of the name.",
        ));
    }
    let more = all.len() > most || cut_short;
    all.truncate(most);
    let next = all.last().map(|row| row.id).filter(|_| more);
    Ok((all, next))
}
