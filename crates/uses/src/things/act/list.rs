//! Items for a list: structure is read for all of them, values are opened only where a rule, a search or the page itself needs
//! them.

use assent_store::work::MOST;
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::leaf;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::{nowhere, present};
use crate::around::item::Sort;
use crate::filled;
use crate::frame::{self, Colleagues};
use crate::lists::call::{Batches, Upto};
use crate::lists::{Page, Wanted, leaf as pages};
use crate::organised;
use crate::texts::{self, Opened};
use crate::things::model::{Row, decided, searched};

/// What a list shows.
pub struct Found {
    /// Every row that fits, in order.
    pub rows: Vec<Row>,
    /// How many were read before any rule.
    pub read: usize,
    /// Whether there is any of somebody who is here.
    pub any: bool,
    /// What was opened to find all of them; nothing when structure was enough.
    pub looked: Option<Opened>,
}

/// What items are judged by.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// Their object.
    pub sort: &'a Sort,
    /// What is wanted.
    pub wanted: &'a Wanted,
    /// The fields that are asked for.
    pub asked: &'a [String],
    /// Who may look after them.
    pub colleagues: &'a Colleagues,
}

impl By<'_> {
    /// Whether people have to be asked about to know which items fit, and where they stand.
    pub fn asks(&self) -> bool {
        let searched = searched(self.sort);
        let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
        self.sort.personal() && self.wanted.touches(&searched, &searched)
    }
}

/// The items of an object that fit what is wanted; as far as a program wants them.
pub async fn found(ctx: &Ctx, staff: &Staff, by: By<'_>, upto: Option<&Upto>) -> Result<Found, Problem> {
    let (rows, read, any) = narrowed(ctx, staff, by).await?;
    let searched = searched(by.sort);
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    let (mut batches, mut rows) = (Batches::of(rows, upto), Vec::new());
    let mut looked = None;
    while let Some(some) = batches.next(rows.len()) {
        let (mut some, opened) = judge(ctx, staff, by, some).await?;
        looked = opened.filter(|_| upto.is_none()).or(looked);
        some.retain(|row| by.wanted.takes(row, ctx.now(), &searched));
        rows.extend(some);
    }
    by.wanted.sort(&mut rows);
    Ok(Found { rows, read, any, looked })
}

/// Those that may fit, judged by structure alone, newest first; how many were read before any rule, and whether there is any
/// of somebody who is here.
pub(super) async fn narrowed(
    ctx: &Ctx,
    staff: &Staff,
    by: By<'_>,
) -> Result<(Vec<Row>, usize, bool), Problem> {
    let gone = by.wanted.extra("show") == "removed";
    let all = page(ctx, staff, by.sort, gone, None, MOST).await?;
    let read = all.len();
    let all = present(ctx, staff, all).await?;
    let mut rows: Vec<Row> = all.into_iter().map(|item| Row::new(item, by.colleagues)).collect();
    let any = !rows.is_empty();
    if by.sort.personal() {
        let decided = decided(by.sort);
        let decided: Vec<&str> = decided.iter().map(String::as_str).collect();
        rows.retain(|row| by.wanted.may_take(row, ctx.now(), &decided));
    }
    Ok((rows, read, any))
}

/// Opens of these rows what the rules or the order look at; what was opened, if anything was.
pub(super) async fn judge(
    ctx: &Ctx,
    staff: &Staff,
    by: By<'_>,
    rows: Vec<Row>,
) -> Result<(Vec<Row>, Option<Opened>), Problem> {
    let searched = searched(by.sort);
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    if !by.wanted.touches(&searched, &searched) {
        return Ok((rows, None));
    }
    let (rows, opened) = open(ctx, staff, by.sort, rows, (by.asked, None)).await?;
    Ok((rows, Some(opened)))
}

/// A page of all items of an object that are here, or of those that were removed, read by id.
pub async fn leafed(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    wanted: &Wanted,
    colleagues: &Colleagues,
) -> Result<Page<Row>, Problem> {
    let (reach, gone) = (staff.sees(Object::Things), wanted.extra("show") == "removed");
    let id = |text: &str| text.parse::<ItemId>().ok().map(ItemId::to_bytes);
    let of = leaf::Of::Items(sort.object.key.clone());
    let leaf = pages::begin(ctx, staff, wanted, (of, reach), id).await?;
    let all = page(ctx, staff, sort, gone, leaf.before.map(ItemId::from_bytes), pages::ONE_MORE).await?;
    let page = leaf.page(wanted, all, |item| item.id.to_string());
    // Whoever is away is left out of the page, not of the way through the list.
    let rows = present(ctx, staff, page.rows).await?;
    let rows: Vec<Row> = rows.into_iter().map(|item| Row::new(item, colleagues)).collect();
    let whole = page.before.is_none() && page.after.is_none();
    let total = if whole { rows.len() } else { page.total };
    Ok(Page { rows, before: page.before, after: page.after, total })
}

/// Items of an object that came before one, newest first, up to so many.
pub async fn page(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    gone: bool,
    before: Option<ItemId>,
    most: u32,
) -> Result<Vec<Item>, Problem> {
    let (company, key) = (staff.company.id, sort.object.key.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let reach = staff.sees(Object::Things);
    Ok(store.read(move |tx| items::page(tx, company, &reach, &key, gone, before, most)).await?)
}

/// Reads an id of an address; what is none leads nowhere.
pub fn id(text: &str) -> Result<ItemId, Problem> {
    text.parse().map_err(|_| nowhere())
}

/// The items of an object by these ids, removed or not, in this order. One that is not there leads nowhere.
pub async fn some(ctx: &Ctx, staff: &Staff, sort: &Sort, ids: &[ItemId]) -> Result<Vec<Item>, Problem> {
    let (company, reach, wanted) = (staff.company.id, staff.sees(Object::Things), ids.to_vec());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| {
        wanted.iter().map(|id| items::one(tx, company, &reach, *id)).collect::<Result<Option<Vec<_>>, _>>()
    });
    let mut all = present(ctx, staff, read.await?.ok_or_else(nowhere)?).await?;
    all.retain(|item| item.object == sort.object.key);
    if all.len() == ids.len() { Ok(all) } else { Err(nowhere()) }
}

/// The same as rows to be taken along, of which nothing of a person is open yet.
pub async fn picked(ctx: &Ctx, staff: &Staff, sort: &Sort, ids: &[ItemId]) -> Result<Vec<Row>, Problem> {
    let colleagues = frame::colleagues(ctx, staff).await?;
    let all = some(ctx, staff, sort, ids).await?;
    let rows = all.into_iter().map(|item| Row::new(item, &colleagues)).collect();
    with_fields(ctx, staff, sort, rows).await
}

/// Rows with what stands in their fields and the organisations they belong to; nothing of a person is opened for it.
pub async fn with_fields(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    mut rows: Vec<Row>,
) -> Result<Vec<Row>, Problem> {
    filled::fill(ctx, staff, &mut rows).await?;
    let sealed = texts::sealed(ctx, staff, rows.iter().flat_map(|row| row.filled.texts())).await?;
    Ok(open(ctx, staff, sort, rows, (&[], Some(sealed))).await?.0)
}

/// Opens what stands in the fields that are asked for, all in one shared commit, unless it is open already.
pub async fn open(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    mut rows: Vec<Row>,
    (asked, opened): (&[String], Option<Opened>),
) -> Result<(Vec<Row>, Opened), Problem> {
    let opened = match opened {
        Some(opened) => opened,
        None => {
            filled::fill(ctx, staff, &mut rows).await?;
            texts::listed(ctx, staff, rows.iter().flat_map(|row| row.filled.texts_of(asked))).await?
        }
    };
    let told = organised::told(ctx, staff, rows.iter().filter_map(|row| row.item.organisation)).await?;
    let open = |row: Row| {
        let mut row = row.opened(sort, &opened);
        if let Some((id, firm)) = row.item.organisation.and_then(|id| Some((id, told.get(&id)?))) {
            (row.whom, row.whom_href) = (Some(firm.name.clone()), firm.href(id));
        }
        row
    };
    Ok((rows.into_iter().map(open).collect(), opened))
}
