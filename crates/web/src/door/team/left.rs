//! What somebody who was shut out still looks after: it stays theirs until it is handed over.

use assent_kernel::StaffId;
use assent_store::work::{Reach, deals, items, organisations, tasks};
use assent_store::{access, home};

use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::say;
use crate::session::Staff;
use crate::text::plural;

/// So many of a kind are counted; more are told as “1 000 or more”.
const MOST: u32 = 1_000;
/// The rule of a list that finds what belongs to whoever has left.
const RULE: &str = "is.Somebody%20who%20has%20left";

/// What they still look after.
pub(super) struct Left {
    pub name: String,
    /// How many of what, and the list that has them, if one can be asked for them.
    pub lines: Vec<(String, Option<String>)>,
}

/// What a colleague of that id still looks after; nothing when they are not shut out, or when it is nothing.
pub(super) async fn of(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Option<Left>, Problem> {
    let Ok(id) = id.parse::<StaffId>() else { return Ok(None) };
    let row = ctx.gate.home().read(move |tx| access::staff_by_id(tx, id)).await?;
    let company = staff.company.id;
    let Some(row) = row.filter(|row| row.company == company && row.disabled) else { return Ok(None) };
    let theirs = Reach::of(&[id], false);
    let people = ctx.gate.home().read(move |tx| home::count(tx, (company, &theirs), MOST));
    let people = u64::try_from(people.await?.0).unwrap_or(0);
    let read = ctx.gate.region_db(&staff.company.region)?.read(move |tx| {
        Ok([
            (people, ("person", "people"), Some(format!("/people?show=all&owner={id}"))),
            (deals::owned(tx, company, id, MOST)?, ("deal", "deals"), Some(format!("/deals?f=owner.{RULE}"))),
            (
                organisations::owned(tx, company, id, MOST)?,
                ("organisation", "organisations"),
                Some(format!("/organisations?f=owner.{RULE}")),
            ),
            (
                tasks::owned(tx, company, id, MOST)?,
                ("open task", "open tasks"),
                Some(format!("/tasks?f=who.{RULE}")),
            ),
            (
                items::owned(tx, company, id, MOST)?,
                ("item of your own objects", "items of your own objects"),
                None,
            ),
        ])
    });
    let lines = read.await?.into_iter().filter(|(n, ..)| *n > 0).map(|(n, (one, many), href)| {
        let what = plural(n, say(one), say(many));
        let what = if n >= u64::from(MOST) { say!("{what} or more", what = what) } else { what };
        (what, href)
    });
    let lines: Vec<_> = lines.collect();
    Ok((!lines.is_empty()).then_some(Left { name: row.name, lines }))
}
