//! Many items changed with one click: all of them, or none. Whose they are and whether they are here may be changed of all
//! that are theirs to change; no value of a person is opened for it.

use assent_kernel::StaffId;
use assent_store::work::Text;
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::items::{self, Item};
use assent_store::{StoreError, Tx, events};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::{must_change, settle};
use crate::around::{Of, note};

/// What is done to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// They are handed to somebody, or to nobody.
    Give(Option<StaffId>),
    /// They are removed.
    Remove,
    /// They are brought back.
    Restore,
}

/// Changes all of them; tells how many were not so already.
pub async fn change(ctx: &Ctx, staff: &Staff, all: Vec<Item>, deed: Deed) -> Result<usize, Problem> {
    let mut steps: Vec<(Item, Activity)> = Vec::with_capacity(all.len());
    for item in all {
        must_change(staff, &item)?;
        let line = line(ctx, staff, &item, deed)?;
        steps.extend(line.map(|line| (item, line)));
    }
    let done = steps.len();
    let people: Vec<_> = steps.iter().filter_map(|(item, _)| item.person).collect();
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Things));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx: &mut Tx<'_>| {
        for (item, line) in &steps {
            let seen = (item.id, item.ver);
            let there = match deed {
                Deed::Give(to) => items::change(tx, company, seen, to)?,
                Deed::Remove => items::set_gone(tx, company, &reach, seen, Some(now))?,
                Deed::Restore => items::set_gone(tx, company, &reach, seen, None)?,
            };
            if !there {
                return Err(StoreError::Moved);
            }
            activities::add(tx, company, line)?;
            events::add(tx, company, events::Kind::ItemChanged, item.id, now)?;
        }
        Ok(())
    });
    write.await?;
    for person in people {
        settle(ctx, staff, Some(person)).await;
    }
    Ok(done)
}

/// What stands on the timeline of an item afterwards; nothing when it is so already.
fn line(ctx: &Ctx, staff: &Staff, item: &Item, deed: Deed) -> Result<Option<Activity>, Problem> {
    let of = Of::Item(item.id);
    let line = |kind| note::activity(ctx, staff, of, kind, Text::Gone, String::new()).map(Some);
    match (deed, item.gone_at.is_some()) {
        (Deed::Give(to), _) => note::given(ctx, staff, of, (item.owner, to)),
        (Deed::Remove, false) => line(Kind::Removed),
        (Deed::Restore, true) => line(Kind::Restored),
        (Deed::Remove, true) | (Deed::Restore, false) => Ok(None),
    }
}
