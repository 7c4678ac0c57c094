//! Verbs: list, look, make, change, remove and bring back. Each asks the gate anew, whatever a page still shows.

use std::collections::HashMap;

use assent_kernel::{OrganisationId, PersonId, StaffId};
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::leaf::Of;
use assent_store::work::{self, MOST, filled as rows};
use assent_store::{StoreError, events};
use assent_web::objects::{self, Belongs};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff, say};

use super::model::{Row, decided, searched};
use crate::around::item::{Sort, sort_of};
use crate::filled::{self, Closed, Filled, Typed};
use crate::frame::{self, Colleagues};
use crate::lists::call::{Batches, Upto};
use crate::lists::{Page, Wanted, leaf};
use crate::organised::{self, Named};
use crate::texts::{self, Opened};

/// Nothing by that id: never was, another company's, or no id at all.
pub fn nowhere() -> Problem {
    Problem::not_found("There is nothing here by that id.")
}

/// An object by its key.
pub async fn sort(ctx: &Ctx, staff: &Staff, key: &str) -> Result<Sort, Problem> {
    sort_of(ctx, staff, objects::one(ctx, staff.company.id, key).await?).await
}

/// One item of an object within reach, removed or not.
pub async fn one(ctx: &Ctx, staff: &Staff, sort: &Sort, id: &str) -> Result<Item, Problem> {
    Some(any(ctx, staff, id).await?).filter(|item| item.object == sort.object.key).ok_or_else(nowhere)
}

/// The same of whatever object. What belongs to somebody who is not here is not here either.
pub async fn any(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Item, Problem> {
    let id: ItemId = id.parse().map_err(|_| nowhere())?;
    let (company, reach) = (staff.company.id, staff.sees(Object::Things));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let item = store.read(move |tx| items::one(tx, company, &reach, id)).await?.ok_or_else(nowhere)?;
    present(ctx, staff, vec![item]).await?.pop().ok_or_else(nowhere)
}

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

/// The items of an object that fit what is wanted; as far as a program wants them.
pub async fn found(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    (wanted, asked): (&Wanted, &[String]),
    colleagues: &Colleagues,
    upto: Option<&Upto>,
) -> Result<Found, Problem> {
    let (now, gone) = (ctx.now(), wanted.extra("show") == "removed");
    let all = page(ctx, staff, sort, gone, None, MOST).await?;
    let read = all.len();
    let all = present(ctx, staff, all).await?;
    let mut rows: Vec<Row> = all.into_iter().map(|item| Row::new(item, colleagues)).collect();
    let any = !rows.is_empty();
    let (decided, searched) = (decided(sort), searched(sort));
    let decided: Vec<&str> = decided.iter().map(String::as_str).collect();
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    if sort.personal() {
        rows.retain(|row| wanted.may_take(row, now, &decided));
    }
    let (mut batches, mut rows) = (Batches::of(rows, upto), Vec::new());
    let mut looked = None;
    while let Some(mut some) = batches.next(rows.len()) {
        if wanted.touches(&searched, &searched) {
            let (open, opened) = open(ctx, staff, sort, some, (asked, None)).await?;
            (some, looked) = (open, upto.is_none().then_some(opened));
        }
        some.retain(|row| wanted.takes(row, now, &searched));
        rows.extend(some);
    }
    wanted.sort(&mut rows);
    Ok(Found { rows, read, any, looked })
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
    let of = Of::Items(sort.object.key.clone());
    let leaf = leaf::begin(ctx, staff, wanted, (of, reach), id).await?;
    let all = page(ctx, staff, sort, gone, leaf.before.map(ItemId::from_bytes), leaf::ONE_MORE).await?;
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

/// The items of these that belong to nobody who is away.
pub async fn present(ctx: &Ctx, staff: &Staff, mut all: Vec<Item>) -> Result<Vec<Item>, Problem> {
    let here = filled::here(ctx, staff, all.iter().filter_map(|item| item.person)).await?;
    all.retain(|item| item.person.is_none_or(|person| here.contains(&person)));
    Ok(all)
}

/// Reads what stands in the fields of these rows; nothing of a person is open yet.
async fn fill(ctx: &Ctx, staff: &Staff, rows: &mut [Row]) -> Result<(), Problem> {
    let mut filled =
        filled::read(ctx, staff, rows.iter().map(|row| row.item.id.to_bytes()).collect()).await?;
    for row in rows {
        row.filled = filled.remove(&row.item.id.to_bytes()).unwrap_or_default();
    }
    Ok(())
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
            fill(ctx, staff, &mut rows).await?;
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

/// What stands in the fields of an item, and what is open of it.
pub async fn look(ctx: &Ctx, staff: &Staff, item: &Item) -> Result<(Filled, Opened), Problem> {
    let filled = filled::of(ctx, staff, item.id.to_bytes()).await?;
    let opened = texts::viewed(ctx, staff, filled.texts()).await?;
    Ok((filled, opened))
}

/// The same for a program, which is told no name.
pub async fn look_alone(ctx: &Ctx, staff: &Staff, item: &Item) -> Result<(Filled, Opened), Problem> {
    let filled = filled::of(ctx, staff, item.id.to_bytes()).await?;
    let opened = texts::viewed_alone(ctx, staff, filled.texts()).await?;
    Ok((filled, opened))
}

/// What stands in the fields of these items, by item, and what is open of it for a program.
pub async fn list_alone(
    ctx: &Ctx,
    staff: &Staff,
    all: &[Item],
) -> Result<(HashMap<[u8; 16], Filled>, Opened), Problem> {
    let filled = filled::read(ctx, staff, all.iter().map(|item| item.id.to_bytes()).collect()).await?;
    let opened = texts::listed_alone(ctx, staff, filled.values().flat_map(Filled::texts)).await?;
    Ok((filled, opened))
}

/// What stands in the fields of an item, of which nothing is opened: enough to tell whether it is as it was.
pub async fn sealed(ctx: &Ctx, staff: &Staff, item: &Item) -> Result<(Filled, Opened), Problem> {
    let filled = filled::of(ctx, staff, item.id.to_bytes()).await?;
    let opened = texts::sealed(ctx, staff, filled.texts()).await?;
    Ok((filled, opened))
}

/// Whom an item belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct With {
    /// A person.
    pub person: Option<PersonId>,
    /// An organisation.
    pub organisation: Option<OrganisationId>,
}

/// Finds whom an item of an object is to belong to, by what was typed; what stands in the way, in a sentence.
pub async fn with(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    typed: &str,
) -> Result<Result<With, String>, Problem> {
    Ok(match sort.object.belongs {
        Belongs::Nobody => Ok(With::default()),
        _ if typed.trim().is_empty() => Err(say("Say whom it belongs to.").into()),
        Belongs::Person => crate::lookup::contact(ctx, staff, typed)
            .await?
            .map(|person| With { person: Some(person), organisation: None }),
        Belongs::Organisation => {
            let found = match typed.parse() {
                Ok(id) => Named::Seen(organised::one(ctx, staff, id).await?.row.id),
                Err(_) => organised::named(ctx, staff, typed, None).await?,
            };
            match found {
                Named::Seen(id) => Ok(With { person: None, organisation: Some(id) }),
                Named::Far => Err(say(organised::FAR).into()),
                Named::None => Err(say("There is no company of that name.").into()),
            }
        }
    })
}

/// Makes an item; why not, when something may not be kept about its person.
pub async fn make(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    (with, owner): (With, Option<StaffId>),
    typed: &Typed,
) -> Result<Result<ItemId, Closed>, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    if sort.object.gone_at.is_some() {
        return Err(Problem::invalid("This object is out of use: nothing new is made."));
    }
    let id = ctx.gate.fresh(now, ItemId::new)?;
    let nothing = Filled::default();
    let (changes, none) =
        (filled::fresh(sort.offered(), typed), texts::sealed(ctx, staff, std::iter::empty()).await?);
    let about = (id.to_bytes(), with.person);
    let kept = match filled::keep(ctx, staff, about, &changes, (&nothing, &none)).await? {
        Ok(kept) => kept,
        Err(closed) => return Ok(Err(closed)),
    };
    let item = Item {
        id,
        object: sort.object.key.clone(),
        person: with.person,
        organisation: with.organisation,
        owner,
        created_at: now,
        gone_at: None,
        ver: 1,
    };
    let (row, words) = (kept.row.clone(), kept.words.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        items::add(tx, company, &item)?;
        events::add(tx, company, events::Kind::ItemChanged, id, now)?;
        rows::set(tx, company, id.to_bytes(), &row)?;
        work::set_words(tx, company, id.to_bytes(), &words)
    });
    filled::written(ctx, staff, &kept, write.await).await?;
    settle(ctx, staff, with.person).await;
    Ok(Ok(id))
}

/// It is looked again whether its person is here.
async fn settle(ctx: &Ctx, staff: &Staff, person: Option<PersonId>) {
    frame::afterwards("looking again", texts::settle(&ctx.gate, &staff.company, person).await);
}

/// Changes an item that is as it was read, with what stands in it as it was seen; why not, when something is closed.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    (item, owner, (old, opened)): (&Item, Option<StaffId>, (&Filled, &Opened)),
    typed: &Typed,
) -> Result<Result<(), Closed>, Problem> {
    must_change(staff, item)?;
    let (company, id, ver, now) = (staff.company.id, item.id, item.ver, ctx.now());
    let standing = ctx.gate.policy(company).await?;
    let words = frame::words(ctx, staff, &standing.policy);
    let changes = match old.changes(&sort.fields, typed, (opened, &words)) {
        Ok(changes) => changes,
        Err(closed) => return Ok(Err(closed)),
    };
    let about = (id.to_bytes(), item.person);
    let kept = match filled::keep(ctx, staff, about, &changes, (old, opened)).await? {
        Ok(kept) => kept,
        Err(closed) => return Ok(Err(closed)),
    };
    let (row, words) = (kept.row.clone(), kept.words.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !items::change(tx, company, (id, ver), owner)? {
            return Err(StoreError::Moved);
        }
        events::add(tx, company, events::Kind::ItemChanged, id, now)?;
        rows::set(tx, company, id.to_bytes(), &row)?;
        work::set_words(tx, company, id.to_bytes(), &words)
    });
    filled::written(ctx, staff, &kept, write.await).await?;
    settle(ctx, staff, item.person).await;
    Ok(Ok(()))
}

/// Whether an item is theirs to change.
pub fn may_change(staff: &Staff, item: &Item) -> bool {
    staff.changes(Object::Things, &[item.owner])
}

/// Refuses to change an item that is not theirs to change.
pub fn must_change(staff: &Staff, item: &Item) -> Result<(), Problem> {
    staff.must_change(Object::Things, &[item.owner])
}

/// Removes an item, or brings it back, when it is as it was read; 0: whatever it is.
pub async fn set_gone(
    ctx: &Ctx,
    staff: &Staff,
    (item, ver): (&Item, i64),
    gone: bool,
) -> Result<(), Problem> {
    must_change(staff, item)?;
    let id = item.id;
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Things));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| {
        let there = items::set_gone(tx, company, &reach, (id, ver), gone.then_some(now))?;
        if there {
            events::add(tx, company, events::Kind::ItemChanged, id, now)?;
        }
        Ok(there)
    });
    if there.await? {
        return Ok(());
    }
    // It may have been handed away at this very moment.
    let sees = staff.sees(Object::Things);
    let again = store.read(move |tx| items::one(tx, company, &sees, id)).await?.ok_or_else(nowhere)?;
    must_change(staff, &again)?;
    Err(frame::missed(ver, nowhere))
}
