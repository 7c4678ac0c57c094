//! Tasks: what is to be done, by whom, until when.

use assent_kernel::{CompanyId, DealId, OrganisationId, PersonId, StaffId, TaskId, Timestamp};

use super::items::ItemId;
use super::{Days, Led, Reach, Text};
use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

const ADD: &str = "INSERT INTO task (id, company, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, \
     created_at, item) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const ONE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE id = $1 AND company = $2 AND ({reach assignee 3 4} OR made_by {hex 4})";
const PAGE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND gone_at IS NULL AND id < $2 AND ({reach assignee 4 5} OR made_by {hex 5}) ORDER BY id DESC LIMIT $3";
const PAGE_GONE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND gone_at IS NOT NULL AND id < $2 AND ({reach assignee 4 5} OR made_by {hex 5}) ORDER BY id DESC LIMIT $3";
const PAGE_OF_ASSIGNEE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND assignee = $4 AND gone_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const PAGE_OF_ASSIGNEE_GONE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND assignee = $4 AND gone_at IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const PAGE_OF_MAKER: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND made_by = $4 AND gone_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const PAGE_OF_MAKER_GONE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND made_by = $4 AND gone_at IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const NARROWED: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, \
     ver, item FROM task WHERE company = $1 AND gone_at IS NULL AND coalesce(due_on, -4000000000000000000) >= $2 \
     AND coalesce(due_on, -4000000000000000000) < $3 AND (CAST($4 AS BIGINT) = 0 OR assignee {hex 5}) AND ({reach assignee 7 8} OR made_by {hex 8}) ORDER BY id DESC LIMIT $6";
const NARROWED_OPEN: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, \
     gone_at, ver, item FROM task WHERE company = $1 AND gone_at IS NULL AND done_at IS NULL \
     AND coalesce(due_on, -4000000000000000000) >= $2 AND coalesce(due_on, -4000000000000000000) < $3 \
     AND (CAST($4 AS BIGINT) = 0 OR assignee {hex 5}) AND ({reach assignee 7 8} OR made_by {hex 8}) ORDER BY id DESC LIMIT $6";
const NARROWED_OF_ASSIGNEE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, \
     ver, item FROM task WHERE company = $1 AND gone_at IS NULL AND coalesce(due_on, -4000000000000000000) >= $2 \
     AND coalesce(due_on, -4000000000000000000) < $3 AND (CAST($4 AS BIGINT) = 0 OR assignee {hex 5}) AND assignee = $7 ORDER BY id DESC LIMIT $6";
const NARROWED_OF_MAKER: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, \
     ver, item FROM task WHERE company = $1 AND gone_at IS NULL AND coalesce(due_on, -4000000000000000000) >= $2 \
     AND coalesce(due_on, -4000000000000000000) < $3 AND (CAST($4 AS BIGINT) = 0 OR assignee {hex 5}) AND made_by = $7 ORDER BY id DESC LIMIT $6";
const NARROWED_OPEN_OF_ASSIGNEE: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, \
     gone_at, ver, item FROM task WHERE company = $1 AND gone_at IS NULL AND done_at IS NULL \
     AND coalesce(due_on, -4000000000000000000) >= $2 AND coalesce(due_on, -4000000000000000000) < $3 \
     AND (CAST($4 AS BIGINT) = 0 OR assignee {hex 5}) AND assignee = $7 ORDER BY id DESC LIMIT $6";
const NARROWED_OPEN_OF_MAKER: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, \
     gone_at, ver, item FROM task WHERE company = $1 AND gone_at IS NULL AND done_at IS NULL \
     AND coalesce(due_on, -4000000000000000000) >= $2 AND coalesce(due_on, -4000000000000000000) < $3 \
     AND (CAST($4 AS BIGINT) = 0 OR assignee {hex 5}) AND made_by = $7 ORDER BY id DESC LIMIT $6";
const LED: &str = "SELECT task.id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM (SELECT id AS wanted FROM task WHERE id {hex 2} UNION SELECT id FROM task WHERE person {hex 3}) AS led \
     CROSS JOIN task WHERE task.id = wanted AND company = $1 AND gone_at IS NULL AND ({reach assignee 5 6} OR made_by {hex 6}) ORDER BY task.id DESC LIMIT $4";
const OPEN_OF: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND assignee = $2 AND done_at IS NULL AND gone_at IS NULL ORDER BY due_on, id LIMIT 500";
const OF_PERSON: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND person = $2 AND gone_at IS NULL AND ({reach assignee 3 4} OR made_by {hex 4}) ORDER BY id DESC LIMIT 500";
const OF_ORGANISATION: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, \
     gone_at, ver, item FROM task WHERE company = $1 AND organisation = $2 AND gone_at IS NULL AND ({reach assignee 3 4} OR made_by {hex 4}) ORDER BY id DESC LIMIT 500";
const OF_DEAL: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND deal = $2 AND gone_at IS NULL AND ({reach assignee 3 4} OR made_by {hex 4}) ORDER BY id DESC LIMIT 500";
const OF_ITEM: &str = "SELECT id, person, fact, own, organisation, deal, due_on, remind_at, assignee, made_by, created_at, done_at, gone_at, ver, item \
     FROM task WHERE company = $1 AND item = $2 AND gone_at IS NULL AND ({reach assignee 3 4} OR made_by {hex 4}) ORDER BY id DESC LIMIT 500";
const CHANGE: &str = "UPDATE task SET person = $3, fact = $4, own = $5, due_on = $6, remind_at = $7, assignee = $8, \
     ver = ver + 1 WHERE id = $1 AND company = $2 AND ver = $9";
const SET_DONE: &str = "UPDATE task SET done_at = $3, ver = ver + 1 WHERE id = $1 AND company = $2 \
     AND (CAST($4 AS BIGINT) = 0 OR ver = $4) \
     AND (done_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL) AND ({reach assignee 5 6} OR made_by {hex 6})";
const SET_GONE: &str = "UPDATE task SET gone_at = $3, ver = ver + 1 WHERE id = $1 AND company = $2 \
     AND (CAST($4 AS BIGINT) = 0 OR ver = $4) \
     AND (gone_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL) AND ({reach assignee 5 6} OR made_by {hex 6})";
const OWNED: &str = "SELECT count(*) FROM (SELECT 1 FROM task WHERE company = $1 AND assignee = $2 AND done_at IS NULL \
     AND gone_at IS NULL LIMIT $3) AS few";
const REMINDERS: &str = "SELECT count(*) FROM task WHERE company = $1 AND assignee = $2 AND done_at IS NULL AND gone_at IS NULL \
     AND remind_at <= $3";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    ONE,
    PAGE_OF_ASSIGNEE,
    PAGE_OF_ASSIGNEE_GONE,
    PAGE_OF_MAKER,
    PAGE_OF_MAKER_GONE,
    NARROWED,
    NARROWED_OPEN,
    NARROWED_OF_ASSIGNEE,
    NARROWED_OF_MAKER,
    NARROWED_OPEN_OF_ASSIGNEE,
    NARROWED_OPEN_OF_MAKER,
    LED,
    PAGE,
    PAGE_GONE,
    OPEN_OF,
    OF_PERSON,
    OF_ORGANISATION,
    OF_DEAL,
    OF_ITEM,
    CHANGE,
    SET_DONE,
    SET_GONE,
    REMINDERS,
    OWNED,
];

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// What; this tells whom it is about too.
    pub text: Text,
    /// For which organisation.
    pub organisation: Option<OrganisationId>,
    /// For which deal.
    pub deal: Option<DealId>,
    /// For which item.
    pub item: Option<ItemId>,
    /// Until which day.
    pub due_on: Option<Timestamp>,
    /// When to be reminded.
    pub remind_at: Option<Timestamp>,
    /// Who does it.
    pub assignee: Option<StaffId>,
    /// Who wrote it down.
    pub made_by: StaffId,
    /// When.
    pub created_at: Timestamp,
    /// When it was done, if it was.
    pub done_at: Option<Timestamp>,
    /// When it was removed, if it was.
    pub gone_at: Option<Timestamp>,
    /// Counts its changes.
    pub ver: i64,
}

fn read(row: &Row<'_>) -> Result<Task> {
    Ok(Task {
        id: TaskId::from_bytes(row.fixed(0)?),
        text: Text::read(row, 1)?,
        organisation: row.fixed_opt(4)?.map(OrganisationId::from_bytes),
        deal: row.fixed_opt(5)?.map(DealId::from_bytes),
        due_on: super::time(row, 6)?,
        remind_at: super::time(row, 7)?,
        assignee: super::staff(row, 8)?,
        made_by: StaffId::from_bytes(row.fixed(9)?),
        created_at: row.time(10)?,
        done_at: super::time(row, 11)?,
        gone_at: super::time(row, 12)?,
        ver: row.int(13)?,
        item: row.fixed_opt(14)?.map(ItemId::from_bytes),
    })
}

/// Adds one.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Task) -> Result<()> {
    let row = [
        one.id.into(),
        company.into(),
        one.text.person().into(),
        one.text.fact().into(),
        one.text.own().into(),
        one.organisation.into(),
        one.deal.into(),
        one.due_on.into(),
        one.remind_at.into(),
        one.assignee.into(),
        one.made_by.into(),
        one.created_at.into(),
        one.item.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// One, removed or not.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, id: TaskId) -> Result<Option<Task>> {
    tx.first(ONE, &[id.into(), company.into(), reach.mode(), reach.list()], read)
}

/// What narrows the tasks of a list, as far as it is structure. A part that says nothing narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Only those that are not done.
    pub open: bool,
    /// Until when they should be done.
    pub due: Days,
    /// Only what one of these does.
    pub who: Option<Vec<StaffId>>,
}

/// All of a company that are here and lie within that, newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn narrowed(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    within: &Narrow,
    most: u32,
) -> Result<Vec<Task>> {
    let who: Vec<[u8; 16]> = within.who.iter().flatten().map(|id| id.to_bytes()).collect();
    let list = crate::dialect::hex_list(&who);
    let args = [
        company.into(),
        within.due.from.into(),
        within.due.before.into(),
        i64::from(within.who.is_some()).into(),
        list.as_str().into(),
        i64::from(most).into(),
    ];
    if let Some(owners) = reach.few() {
        let [assigned, made] = if within.open {
            [NARROWED_OPEN_OF_ASSIGNEE, NARROWED_OPEN_OF_MAKER]
        } else {
            [NARROWED_OF_ASSIGNEE, NARROWED_OF_MAKER]
        };
        let of = |owner: StaffId| {
            let theirs: Vec<_> = args.iter().cloned().chain([owner.into()]).collect();
            let mut all = tx.rows(assigned, &theirs, read)?;
            all.extend(tx.rows(made, &theirs, read)?);
            Ok(all)
        };
        return super::newest(owners, most, |one: &Task| one.id, of);
    }
    let all: Vec<_> = args.into_iter().chain([reach.mode(), reach.list()]).collect();
    tx.rows(if within.open { NARROWED_OPEN } else { NARROWED }, &all, read)
}

/// Those of a company that are here and are one of these or about one of these people, newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn led(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, to: &Led, most: u32) -> Result<Vec<Task>> {
    let [things, _, people] = to.lists();
    let args = [
        company.into(),
        things.as_str().into(),
        people.as_str().into(),
        i64::from(most).into(),
        reach.mode(),
        reach.list(),
    ];
    tx.rows(LED, &args, read)
}

/// Those of a company that came before one, newest first, up to so many; those that are here, or those that were removed.
///
/// # Errors
/// What the engine said.
pub fn page(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    gone: bool,
    before: Option<TaskId>,
    most: u32,
) -> Result<Vec<Task>> {
    let before = before.unwrap_or(TaskId::from_bytes([0xff; 16]));
    if let Some(owners) = reach.few() {
        let [assigned, made] = if gone {
            [PAGE_OF_ASSIGNEE_GONE, PAGE_OF_MAKER_GONE]
        } else {
            [PAGE_OF_ASSIGNEE, PAGE_OF_MAKER]
        };
        return super::newest(
            owners,
            most,
            |one: &Task| one.id,
            |owner| {
                let args = [company.into(), before.into(), i64::from(most).into(), owner.into()];
                let mut all = tx.rows(assigned, &args, read)?;
                all.extend(tx.rows(made, &args, read)?);
                Ok(all)
            },
        );
    }
    tx.rows(
        if gone { PAGE_GONE } else { PAGE },
        &[company.into(), before.into(), i64::from(most).into(), reach.mode(), reach.list()],
        read,
    )
}

/// What a member of staff has to do.
///
/// # Errors
/// What the engine said.
pub fn open_of(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId) -> Result<Vec<Task>> {
    tx.rows(OPEN_OF, &[company.into(), staff.into()], read)
}

/// Those about a person, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, person: PersonId) -> Result<Vec<Task>> {
    tx.rows(OF_PERSON, &[company.into(), person.into(), reach.mode(), reach.list()], read)
}

/// Those for an organisation, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: OrganisationId,
) -> Result<Vec<Task>> {
    tx.rows(OF_ORGANISATION, &[company.into(), id.into(), reach.mode(), reach.list()], read)
}

/// Those for a deal, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_deal(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, id: DealId) -> Result<Vec<Task>> {
    tx.rows(OF_DEAL, &[company.into(), id.into(), reach.mode(), reach.list()], read)
}

/// Those for an item, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_item(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, id: ItemId) -> Result<Vec<Task>> {
    tx.rows(OF_ITEM, &[company.into(), id.into(), reach.mode(), reach.list()], read)
}

/// Changes what, when and who, if it is as it was read. True when it was.
///
/// # Errors
/// What the engine said.
pub fn change(tx: &mut Tx<'_>, company: CompanyId, one: &Task) -> Result<bool> {
    let row = [
        one.id.into(),
        company.into(),
        one.text.person().into(),
        one.text.fact().into(),
        one.text.own().into(),
        one.due_on.into(),
        one.remind_at.into(),
        one.assignee.into(),
        one.ver.into(),
    ];
    Ok(tx.exec(CHANGE, &row)? > 0)
}

/// Says that one within reach is done that is as it was read (0: whatever it is), or not after all with `None`. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn set_done(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (id, ver): (TaskId, i64),
    at: Option<Timestamp>,
) -> Result<bool> {
    let row = [id.into(), company.into(), at.into(), ver.into(), reach.mode(), reach.list()];
    Ok(tx.exec(SET_DONE, &row)? > 0)
}

/// Removes one within reach that is as it was read (0: whatever it is), or brings it back with `None`. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn set_gone(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (id, ver): (TaskId, i64),
    at: Option<Timestamp>,
) -> Result<bool> {
    let row = [id.into(), company.into(), at.into(), ver.into(), reach.mode(), reach.list()];
    Ok(tx.exec(SET_GONE, &row)? > 0)
}

/// Of how many open tasks somebody wanted to be reminded by now.
///
/// # Errors
/// What the engine said.
pub fn reminders(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId, now: Timestamp) -> Result<u64> {
    let found = tx.first(REMINDERS, &[company.into(), staff.into(), now.into()], |row| row.int(0))?;
    Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// How much that is open somebody has to do, up to so many.
///
/// # Errors
/// What the engine said.
pub fn owned(tx: &mut Tx<'_>, company: CompanyId, assignee: StaffId, most: u32) -> Result<u64> {
    super::owned(tx, OWNED, (company, assignee), most)
}
