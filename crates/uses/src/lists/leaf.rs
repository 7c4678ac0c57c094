//! A list that nothing narrows or orders by a value: its pages are read from the store by id, so that every row of however
//! many can be reached.

use assent_store::Tx;
use assent_store::work::leaf::{self, Of};
use assent_store::work::{MOST, Reach};
use assent_web::{Ctx, Problem, Staff};

use super::{PAGE, Page, Wanted};

/// Where a page begins.
pub struct Leaf {
    /// Only rows older than this one; all, when there is none.
    pub before: Option<[u8; 16]>,
    /// How many rows the list has, counted up to a bound.
    pub count: usize,
}

/// One more than a page, to know whether there are more.
pub const ONE_MORE: u32 = PAGE as u32 + 1;

/// Where the page begins that is wanted. `id` reads an id of an address; what is none is not said.
pub async fn begin(
    ctx: &Ctx,
    staff: &Staff,
    wanted: &Wanted,
    (of, reach): (Of, Reach),
    id: impl Fn(&str) -> Option<[u8; 16]>,
) -> Result<Leaf, Problem> {
    let (company, gone) = (staff.company.id, wanted.extra("show") == "removed");
    let (after, before) = (id(&wanted.after), id(&wanted.before));
    let read = move |tx: &mut Tx<'_>| {
        let count = leaf::count(tx, company, &reach, (&of, gone), MOST)?;
        let before = match (after, before) {
            (Some(after), _) => Some(after),
            // The page before a row ends at it: it begins after the one that is a page and one newer.
            (None, Some(row)) => {
                leaf::newer(tx, company, &reach, (&of, gone), row, ONE_MORE)?.get(PAGE).copied()
            }
            (None, None) => None,
        };
        Ok(Leaf { before, count: usize::try_from(count).unwrap_or(usize::MAX) })
    };
    Ok(ctx.gate.region_db(&staff.company.region)?.read(read).await?)
}

/// What lies right before and right after a row of such a list.
pub async fn beside(
    ctx: &Ctx,
    staff: &Staff,
    (of, reach): (Of, Reach),
    gone: bool,
    id: [u8; 16],
) -> Result<(Option<[u8; 16]>, Option<[u8; 16]>), Problem> {
    let company = staff.company.id;
    let read = move |tx: &mut Tx<'_>| {
        let newer = leaf::newer(tx, company, &reach, (&of, gone), id, 1)?;
        let older = leaf::older(tx, company, &reach, (&of, gone), id, 1)?;
        Ok((newer.first().copied(), older.first().copied()))
    };
    Ok(ctx.gate.region_db(&staff.company.region)?.read(read).await?)
}

impl Leaf {
    /// The page of what was read from here on: one more row than it shows, when there are more.
    pub fn page<T>(&self, wanted: &Wanted, mut rows: Vec<T>, id: impl Fn(&T) -> String) -> Page<T> {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        // When nothing is left after a row, the way back is the first page.
        let back = || rows.first().map_or_else(|| wanted.first().href(), |row| wanted.at("", &id(row)));
        Page {
            before: self.before.map(|_| back()),
            after: rows.last().filter(|_| more).map(|row| wanted.at(&id(row), "")),
            rows,
            total: self.count,
        }
    }
}
