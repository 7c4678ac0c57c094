//! The list: who is on the page, and what of them may be listed for the purpose at hand.

use assent_kernel::PersonId;
use assent_store::{Tx, home};
use assent_web::fields::{self, Thing};
use assent_web::{Ctx, Problem, Staff};

use super::rows::{in_order, rated, read, rows};
use super::walk::{Walk, walk};
use crate::desk::model::columns::Columns;
use crate::desk::model::list::{MOST_COUNTED, MOST_FOUND, MOST_SORTED, PAGE, Row, Show, Wanted};
use crate::desk::model::order::{Order, by_value};
use crate::desk::model::window::{Window, cut, page};
use crate::{frame, groups};

/// So many are asked about at once while somebody is looked for, and so often.
const AT_ONCE: u32 = 100;
const MOST_PAGES: u32 = 20;

/// The columns of the company's list.
pub async fn columns(ctx: &Ctx, staff: &Staff) -> Result<Columns, Problem> {
    let fields = fields::offered(ctx, staff.company.id, Thing::Person).await?;
    Ok(Columns::new(fields).owned_by(frame::colleagues(ctx, staff).await?))
}

/// One page of the list.
pub struct Listing {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// What lies around them.
    pub window: Window,
    /// True when the list is short enough to be ordered by what stands in a column.
    pub sortable: bool,
    /// Whom it shows.
    pub show: Show,
    /// How many people came without terms.
    pub quarantined: usize,
    /// How many people there are at all, counted up to a bound.
    pub everybody: usize,
    /// True when the group that is wanted has so few people that it is not told.
    pub few: bool,
}

/// Reads a page of the list.
pub async fn listing(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<Listing, Problem> {
    let counts = count(ctx, staff, wanted, MOST_COUNTED.saturating_add(1)).await?;
    let (everybody, quarantined) = counts;
    let known = everybody.saturating_sub(quarantined);
    let told = |(window, rows, sortable), show| Listing {
        rows,
        window,
        sortable,
        show,
        quarantined,
        everybody,
        few: false,
    };
    if !wanted.q.is_empty() {
        let (window, rows) = found(ctx, staff, wanted).await?;
        return Ok(told((window, rows, true), wanted.shown(0)));
    }
    if let Some(group) = &wanted.group {
        let (few, window, rows) = of_group(ctx, staff, wanted, group).await?;
        return Ok(Listing { few, ..told((window, rows, false), Show::All) });
    }
    let show = wanted.shown(known);
    if !wanted.rules.is_empty() {
        return Ok(told(ruled(ctx, staff, wanted, show).await?, show));
    }
    let whole = of_show(counts, show);
    let sortable = whole <= MOST_SORTED;
    if let Order::By(column, down) = wanted.order.clone()
        && sortable
    {
        let ids =
            read(ctx, &wanted.whose(staff), (show, wanted.import), home::Order::Oldest, None, most_sorted())
                .await?;
        let rated = rated(ctx, staff, ids, (wanted, &column)).await?;
        let page = rows_of(ctx, staff, wanted, cut(&by_value(rated, down), wanted)).await?;
        return Ok(told((page.0, page.1, true), show));
    }
    let window = from_store(ctx, staff, wanted, show, whole).await?;
    let (window, rows) = rows_of(ctx, staff, wanted, window).await?;
    Ok(told((window, rows, sortable), show))
}

/// How many people a list has, of an import or at all, and how many of them came without terms.
async fn count(ctx: &Ctx, staff: &Staff, wanted: &Wanted, most: u32) -> Result<(usize, usize), Problem> {
    let (whose, import) = (wanted.whose(staff), wanted.import);
    let count = move |tx: &mut Tx<'_>| match import {
        Some(import) => home::count_of_import(tx, (whose.company(), whose.reach(), import), most),
        None => home::count(tx, (whose.company(), whose.reach()), most),
    };
    let (all, apart) = ctx.gate.home().read(count).await?;
    Ok((size(all), size(apart)))
}

/// Whom a list shows when nothing is said.
pub async fn usual(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<Show, Problem> {
    let (everybody, quarantined) = count(ctx, staff, wanted, MOST_COUNTED.saturating_add(1)).await?;
    Ok(wanted.shown(everybody.saturating_sub(quarantined)))
}

fn of_show((everybody, quarantined): (usize, usize), show: Show) -> usize {
    match show {
        Show::Known => everybody.saturating_sub(quarantined),
        Show::All => everybody,
        Show::Quarantined => quarantined,
    }
}

/// How many people a list has whose rules were not asked to its end: counted further than one that is only shown.
pub async fn among(ctx: &Ctx, staff: &Staff, wanted: &Wanted, show: Show) -> Result<usize, Problem> {
    const FURTHER: u32 = 1_000_000;
    Ok(of_show(count(ctx, staff, wanted, FURTHER).await?, show))
}

pub(super) fn most_sorted() -> u32 {
    u32::try_from(MOST_SORTED).unwrap_or(500)
}

/// The rows of a page that is known.
async fn rows_of(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    window: Window,
) -> Result<(Window, Vec<Row>), Problem> {
    let rows = rows(ctx, staff, &window.ids, &wanted.shows(), None).await?;
    let rows = in_order(rows, &window.ids);
    Ok((window, rows))
}

/// A page of a group, whose people were decided already; and whether it is too small to be told.
async fn of_group(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    group: &groups::Group,
) -> Result<(bool, Window, Vec<Row>), Problem> {
    let members = groups::members(ctx, staff, group).await?;
    let (few, mut ids) = (members.is_none(), members.unwrap_or_default());
    if wanted.order == Order::Oldest {
        ids.reverse();
    }
    let (window, rows) = rows_of(ctx, staff, wanted, cut(&ids, wanted)).await?;
    Ok((few, window, rows))
}

/// A page of those who fit rules; and whether they could be ordered as wanted.
async fn ruled(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    show: Show,
) -> Result<(Window, Vec<Row>, bool), Problem> {
    if let Order::By(column, down) = &wanted.order {
        let all =
            walk(ctx, staff, (wanted, show), (home::Order::Newest, None), MOST_SORTED.saturating_add(1));
        let all = all.await?;
        let sortable = all.whole && all.fits.len() <= MOST_SORTED;
        let window = if sortable {
            let rated = all.fits.iter().map(|fit| fit.row.rated(&wanted.columns, column)).collect();
            cut(&by_value(rated, *down), wanted)
        } else {
            // They stand as they came, and the page says so.
            met(&all, false, true)
        };
        let (window, rows) = rows_of(ctx, staff, wanted, window).await?;
        return Ok((window, rows, sortable));
    }
    let (order, back, from) = direction(wanted);
    let some = walk(ctx, staff, (wanted, show), (order, from), PAGE.saturating_add(1)).await?;
    let (window, rows) = rows_of(ctx, staff, wanted, met(&some, back, from.is_none())).await?;
    Ok((window, rows, true))
}

/// The page of those whom a walk met who fit; `back` when it went against the order.
fn met(walk: &Walk, back: bool, from_start: bool) -> Window {
    let (full, page) = (walk.fits.len() > PAGE, walk.fits.iter().take(PAGE));
    let last = page.clone().next_back().filter(|_| full);
    let (end, looked) = last.map_or((walk.last, walk.looked), |fit| (Some(fit.place), fit.nth));
    let mut ids: Vec<PersonId> = page.map(|fit| fit.row.id).collect();
    let cut = !full && !walk.whole;
    let (total, more) = (ids.len(), full || cut || back || !from_start);
    if back {
        ids.reverse();
        return Window {
            ids,
            before: full,
            after: true,
            total,
            more,
            start: end,
            end: walk.first,
            looked,
            cut,
        };
    }
    Window { ids, before: !from_start, after: full, total, more, start: walk.first, end, looked, cut }
}

/// Everybody of a list, whoever is on which page, up to one more than `most`.
pub async fn everybody(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    most: usize,
) -> Result<Vec<PersonId>, Problem> {
    let first = wanted.first();
    if !first.q.is_empty() {
        let (all, _) = everyone_found(ctx, staff, &first).await?;
        return Ok(ordered(all, &first).into_iter().map(|row| row.id).collect());
    }
    if let Some(group) = &first.group {
        let all = groups::members(ctx, staff, group).await?.unwrap_or_default();
        return Ok(all.into_iter().take(most.saturating_add(1)).collect());
    }
    let (everybody, quarantined) = count(ctx, staff, &first, MOST_COUNTED).await?;
    let show = first.shown(everybody.saturating_sub(quarantined));
    if first.rules.is_empty() {
        let most = u32::try_from(most).unwrap_or(u32::MAX).saturating_add(1);
        return read(ctx, &first.whose(staff), (show, first.import), home::Order::Newest, None, most).await;
    }
    let newest = (home::Order::Newest, None);
    let walk = walk(ctx, staff, (&first, show), newest, most.saturating_add(1)).await?;
    if walk.whole || walk.fits.len() > most {
        return Ok(walk.fits.into_iter().map(|fit| fit.row.id).collect());
    }
    let looked = assent_web::text::count(u64::try_from(walk.looked).unwrap_or(u64::MAX));
    Err(Problem::invalid(format!(
        "Only the newest {looked} people were looked at, and others may fit these rules. Add a rule, or tick the people you \
         mean."
    )))
}

fn size(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}

/// Which way a page is read, whether that is against the order, and from whom on.
pub(super) fn direction(wanted: &Wanted) -> (home::Order, bool, Option<PersonId>) {
    let back = wanted.after.is_none() && wanted.before.is_some();
    let order =
        if (wanted.order == Order::Oldest) == back { home::Order::Newest } else { home::Order::Oldest };
    (order, back, wanted.after.or(wanted.before))
}

/// A page straight from the directory.
async fn from_store(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    show: Show,
    whole: usize,
) -> Result<Window, Problem> {
    let (order, back, from) = direction(wanted);
    let most = u32::try_from(PAGE).unwrap_or(50).saturating_add(1);
    let ids = read(ctx, &wanted.whose(staff), (show, wanted.import), order, from, most).await?;
    let counted = usize::try_from(MOST_COUNTED).unwrap_or(usize::MAX);
    let window = page(ids, back, from.is_none());
    Ok(Window { total: whole.min(counted), more: whole > counted, ..window })
}

/// A page of what was looked for. Whoever matches only by something that is closed is left out without a trace:
/// otherwise a name could be found out letter by letter.
async fn found(ctx: &Ctx, staff: &Staff, wanted: &Wanted) -> Result<(Window, Vec<Row>), Problem> {
    let (all, more) = everyone_found(ctx, staff, wanted).await?;
    let all = ordered(all, wanted);
    let ids: Vec<PersonId> = all.iter().map(|row| row.id).collect();
    let window = Window { more: more && !ids.is_empty(), ..cut(&ids, wanted) };
    let rows = in_order(all, &window.ids);
    Ok((window, rows))
}

pub(super) async fn everyone_found(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
) -> Result<(Vec<Row>, bool), Problem> {
    let company = staff.company.id;
    let query = ctx.gate.query(company, &wanted.q).await?;
    let (mut all, mut after) = (Vec::new(), None);
    // Whoever is closed takes nobody's place: it is read on until enough are open.
    let mut whole = false;
    for _ in 0..MOST_PAGES {
        let ids = ctx.gate.find(&staff.people(), &query, after, AT_ONCE).await?;
        after = ids.last().copied();
        let some = rows(ctx, staff, &ids, &wanted.asked(), Some(&wanted.q)).await?.into_iter();
        let some = some.filter(|row| {
            wanted.shown(0).has(row.quarantined) && wanted.has_owner(row) && wanted.takes(row, ctx.now())
        });
        // Somebody with several records may have been found by another of them.
        let new: Vec<Row> = some.filter(|row| all.iter().all(|had: &Row| had.id != row.id)).collect();
        all.extend(new);
        whole = u32::try_from(ids.len()).unwrap_or(0) < AT_ONCE;
        if whole || all.len() >= MOST_FOUND {
            break;
        }
    }
    let more = !whole || all.len() > MOST_FOUND;
    all.truncate(MOST_FOUND);
    Ok((all, more))
}

/// Rows that are known whole, in the order that is wanted.
pub(super) fn ordered(mut all: Vec<Row>, wanted: &Wanted) -> Vec<Row> {
    match &wanted.order {
        Order::By(column, down) => {
            let rated = all.iter().map(|row| row.rated(&wanted.columns, column)).collect();
            return in_order(all, &by_value(rated, *down));
        }
        Order::Newest => all.sort_by_key(|row| std::cmp::Reverse(row.id)),
        Order::Oldest => all.sort_by_key(|row| row.id),
    }
    all
}
