//! Verbs: list, look, make, change, remove and bring back. Each asks the gate anew, whatever a page still shows.

pub mod beside;
mod list;
pub mod many;

use std::collections::HashMap;

use assent_kernel::{OrganisationId, PersonId, StaffId};
use assent_store::work::activities::{self, Kind};
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::{self, Text, filled as rows};
use assent_store::{StoreError, events};
use assent_web::objects::{self, Belongs};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff, say};

pub use list::{By, found, id, leafed, open, page, picked, some, with_fields};

use crate::around::item::{Sort, sort_of};
use crate::around::{Around, Of, note};
use crate::filled::{self, Closed, Filled, Typed};
use crate::frame;
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

/// The items of these that belong to nobody who is away.
pub async fn present(ctx: &Ctx, staff: &Staff, mut all: Vec<Item>) -> Result<Vec<Item>, Problem> {
    let here = filled::here(ctx, staff, all.iter().filter_map(|item| item.person)).await?;
    all.retain(|item| item.person.is_none_or(|person| here.contains(&person)));
    Ok(all)
}

/// What stands in the fields of an item, and what is open of it.
pub async fn look(ctx: &Ctx, staff: &Staff, item: &Item) -> Result<(Filled, Opened), Problem> {
    look_around(ctx, staff, item, &Around::default()).await
}

/// The same with what is open of what lies around it.
pub async fn look_around(
    ctx: &Ctx,
    staff: &Staff,
    item: &Item,
    around: &Around,
) -> Result<(Filled, Opened), Problem> {
    let filled = filled::of(ctx, staff, item.id.to_bytes()).await?;
    let opened = texts::viewed(ctx, staff, filled.texts().chain(around.texts())).await?;
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
    let line = note::activity(ctx, staff, Of::Item(id), Kind::Made, Text::Gone, String::new())?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        items::add(tx, company, &item)?;
        activities::add(tx, company, &line)?;
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
    let line = note::given(ctx, staff, Of::Item(id), (item.owner, owner))?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !items::change(tx, company, (id, ver), owner)? {
            return Err(StoreError::Moved);
        }
        line.iter().try_for_each(|line| activities::add(tx, company, line))?;
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
    let kind = if gone { Kind::Removed } else { Kind::Restored };
    let line = note::activity(ctx, staff, Of::Item(id), kind, Text::Gone, String::new())?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| {
        let there = items::set_gone(tx, company, &reach, (id, ver), gone.then_some(now))?;
        if there {
            activities::add(tx, company, &line)?;
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
    frame::unwritten((ver, again.ver), again.gone_at.is_some() == gone)
}
