//! How far rules were asked on a page of people, and where its other pages are.

use assent_web::{Ctx, Problem, Staff, say, text};

use crate::desk::act::list::{Listing, among};
use crate::desk::model::list::Wanted;
use crate::desk::model::order::Order;
use crate::desk::model::window::Window;

/// How far rules were asked, and where they are asked on.
pub struct Onward {
    pub says: String,
    pub href: String,
}

/// Where rules were not asked to the end of the list: how far they were, and where they are asked on.
pub async fn onward(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    listing: &Listing,
) -> Result<Option<Onward>, Problem> {
    let window = &listing.window;
    if !window.cut {
        return Ok(None);
    }
    let n = |n: usize| text::count(u64::try_from(n).unwrap_or(u64::MAX));
    let fit = text::plural(u64::try_from(window.ids.len()).unwrap_or(u64::MAX), say("fits"), say("fit"));
    // A list that could not be ordered begins where it began.
    let from_start = wanted.after.is_none() && wanted.before.is_none();
    let says = if from_start || wanted.seen > 0 {
        let of = n(among(ctx, staff, wanted, listing.show).await?);
        let seen = n(seen(wanted, window));
        if from_start {
            say!("Looked at {n} of {of} people; {fit} so far.", n = seen, of = of, fit = fit)
        } else {
            say!("Looked at {n} of {of} people; {fit} on this page.", n = seen, of = of, fit = fit)
        }
    } else {
        say!("Looked at {n} more people; {fit} on this page.", n = n(window.looked), fit = fit)
    };
    let beside = beside(wanted, listing);
    let back = wanted.after.is_none() && wanted.before.is_some();
    let on = if back {
        Wanted { before: window.start, ..beside }
    } else {
        Wanted { after: window.end, seen: seen(wanted, window), ..beside }
    };
    Ok(Some(Onward { says, href: on.href() }))
}

/// How many people were looked at up to the end of a page; zero when nobody counted those before it.
pub fn seen(wanted: &Wanted, window: &Window) -> usize {
    let unknown = wanted.before.is_some() || wanted.after.is_some() && wanted.seen == 0;
    if unknown { 0 } else { wanted.seen.saturating_add(window.looked) }
}

/// The list as its other pages are read. What could not be ordered by a column stands in its usual order there.
pub fn beside(wanted: &Wanted, listing: &Listing) -> Wanted {
    if !listing.sortable && wanted.order.column().is_some() {
        wanted.ordered(Order::Newest)
    } else {
        wanted.first()
    }
}
