//! People who were deleted and can be brought back for a while. They stand here instead of in the directory, so that no
//! list, search or count finds them.

use assent_kernel::{CompanyId, PersonId, StaffId, Timestamp};

use super::{Listed, listed};
use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;
use crate::work::Reach;

const TAKE_OUT: &str = "INSERT INTO deleted (person, company, region, created_at, quarantined, import, owner, at, until_at, staff, state) \
     SELECT person, company, region, created_at, quarantined, import, owner, $3, $4, $5, 0 FROM directory \
     WHERE person = $1 AND company = $2";
const DROP_LISTED: &str = "DELETE FROM directory WHERE person = $1 AND company = $2";
const PUT_BACK: &str = "INSERT INTO directory (person, company, region, created_at, quarantined, import, owner) \
     SELECT person, company, region, created_at, quarantined, import, owner FROM deleted WHERE person = $1 \
     ON CONFLICT (person) DO NOTHING";
const DROP: &str = "DELETE FROM deleted WHERE person = $1";
const SET: &str = "UPDATE deleted SET state = $3 WHERE person = $1 AND company = $2";
const MARK: &str = "UPDATE deleted SET quarantined = $3 WHERE person = $1 AND company = $2";
const PLACE_OF: &str =
    "SELECT person, region, quarantined, owner FROM deleted WHERE person {ids 1} AND company = $2";
const ONE: &str = "SELECT person, at, until_at, staff, state FROM deleted WHERE person = $1 AND company = $2";
const PAGE: &str = "SELECT person, at, until_at, staff, state FROM deleted WHERE company = $1 AND state <> 2 \
     AND {reach owner 3 4} ORDER BY at DESC, person LIMIT $2";
const OPEN: &str =
    "SELECT company, person, at, until_at, staff, state FROM deleted WHERE state <> 1 ORDER BY at LIMIT $1";
const DUE: &str = "SELECT company, person, at, until_at, staff, state FROM deleted WHERE until_at <= $1 AND state = 1 \
     ORDER BY until_at LIMIT $2";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[TAKE_OUT, DROP_LISTED, PUT_BACK, DROP, SET, MARK, PLACE_OF, ONE, PAGE, OPEN, DUE];

/// How far a deletion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Out of the directory; the region is told next.
    Going,
    /// Told everywhere.
    Gone,
    /// Being brought back.
    Back,
}

impl Step {
    const fn code(self) -> i64 {
        match self {
            Self::Going => 0,
            Self::Gone => 1,
            Self::Back => 2,
        }
    }
    fn read(code: i64) -> Result<Self> {
        [Self::Going, Self::Gone, Self::Back]
            .into_iter()
            .find(|one| one.code() == code)
            .ok_or_else(|| StoreError::Damaged("how far a deletion is".into()))
    }
}

/// Somebody who was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
    /// Until when they can be brought back; then they are erased.
    pub until: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// How far it is.
    pub step: Step,
}

fn read(row: &Row<'_>, from: usize) -> Result<Deleted> {
    let column = |n: usize| from.saturating_add(n);
    Ok(Deleted {
        person: PersonId::from_bytes(row.fixed(column(0))?),
        at: row.time(column(1))?,
        until: row.time(column(2))?,
        by: StaffId::from_bytes(row.fixed(column(3))?),
        step: Step::read(row.int(column(4))?)?,
    })
}

/// Takes somebody out of the directory, to be brought back until a time. Tells whether they were there.
///
/// # Errors
/// What the engine said.
pub fn take_out(
    tx: &mut Tx<'_>,
    company: CompanyId,
    person: PersonId,
    (at, until): (Timestamp, Timestamp),
    by: StaffId,
) -> Result<bool> {
    let args = [person.into(), company.into(), at.into(), until.into(), by.into()];
    let moved = tx.exec(TAKE_OUT, &args)? == 1;
    tx.exec(DROP_LISTED, &[person.into(), company.into()])?;
    Ok(moved)
}

/// Puts somebody back into the directory.
///
/// # Errors
/// What the engine said.
pub fn put_back(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(PUT_BACK, &[person.into()])?;
    drop_person(tx, person)
}

/// Forgets that somebody was deleted: they are erased.
///
/// # Errors
/// What the engine said.
pub fn drop_person(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(DROP, &[person.into()]).map(|_| ())
}

/// Notes how far a deletion is.
///
/// # Errors
/// What the engine said.
pub fn set_step(tx: &mut Tx<'_>, company: CompanyId, person: PersonId, step: Step) -> Result<()> {
    tx.exec(SET, &[person.into(), company.into(), step.code().into()]).map(|_| ())
}

/// Marks somebody as quarantined or no longer so, for when they are brought back.
pub(super) fn mark(tx: &mut Tx<'_>, company: CompanyId, person: PersonId, quarantined: bool) -> Result<()> {
    let args = [person.into(), company.into(), i64::from(quarantined).into()];
    tx.exec(MARK, &args).map(|_| ())
}

/// The lines of these people, as far as they are deleted ones of this company.
///
/// # Errors
/// What the engine said.
pub fn places(tx: &mut Tx<'_>, company: CompanyId, people: &[PersonId]) -> Result<Vec<Listed>> {
    let raw: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    let list = crate::dialect::hex_list(&raw);
    tx.rows(PLACE_OF, &[list.as_str().into(), company.into()], listed)
}

/// When somebody was deleted, and by whom; nothing when they were not.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Option<Deleted>> {
    tx.first(ONE, &[person.into(), company.into()], |row| read(row, 0))
}

/// A company's deleted people within a reach, the newest first.
///
/// # Errors
/// What the engine said.
pub fn page(tx: &mut Tx<'_>, (company, reach): (CompanyId, &Reach), most: u32) -> Result<Vec<Deleted>> {
    let args = [company.into(), i64::from(most).into(), reach.mode(), reach.list()];
    tx.rows(PAGE, &args, |row| read(row, 0))
}

/// Those of any company that broke off half way, there or back.
///
/// # Errors
/// What the engine said.
pub fn open(tx: &mut Tx<'_>, most: u32) -> Result<Vec<(CompanyId, Deleted)>> {
    tx.rows(OPEN, &[i64::from(most).into()], |row| Ok((CompanyId::from_bytes(row.fixed(0)?), read(row, 1)?)))
}

/// Those of any company whose time is over.
///
/// # Errors
/// What the engine said.
pub fn due(tx: &mut Tx<'_>, at: Timestamp, most: u32) -> Result<Vec<(CompanyId, Deleted)>> {
    let args = [at.into(), i64::from(most).into()];
    tx.rows(DUE, &args, |row| Ok((CompanyId::from_bytes(row.fixed(0)?), read(row, 1)?)))
}
