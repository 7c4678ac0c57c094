//! Lists as somebody saved them. What a list looks for may name somebody, so name and state are sealed.

use assent_kernel::{CompanyId, StaffId, ViewId};

use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

const ADD: &str =
    "INSERT INTO saved_view (id, company, staff, shared, list, own) VALUES ($1, $2, $3, $4, $5, $6)";
const OF_LIST: &str = "SELECT id, staff, shared, own, ver FROM saved_view WHERE company = $1 AND list = $2 \
     AND (staff = $3 OR shared = 1) ORDER BY CASE WHEN staff = $3 THEN 0 ELSE 1 END, id LIMIT 100";
const ONE: &str = "SELECT id, staff, shared, own, ver, list FROM saved_view WHERE id = $1 AND company = $2 \
     AND (staff = $3 OR shared = 1)";
const CHANGE: &str = "UPDATE saved_view SET own = $4, ver = ver + 1 WHERE id = $1 AND company = $2 AND staff = $3 AND ver = $5";
const DROP: &str = "DELETE FROM saved_view WHERE id = $1 AND company = $2 AND staff = $3";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, OF_LIST, ONE, CHANGE, DROP];

/// A saved list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Which.
    pub id: ViewId,
    /// Whose.
    pub staff: StaffId,
    /// True when colleagues see it.
    pub shared: bool,
    /// Its name and state, sealed.
    pub own: Vec<u8>,
    /// Counts its changes.
    pub ver: i64,
}

fn read(row: &Row<'_>) -> Result<Saved> {
    Ok(Saved {
        id: ViewId::from_bytes(row.fixed(0)?),
        staff: StaffId::from_bytes(row.fixed(1)?),
        shared: row.int(2)? == 1,
        own: row.blob(3)?,
        ver: row.int(4)?,
    })
}

/// Saves one.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, list: &str, one: &Saved) -> Result<()> {
    let row = [
        one.id.into(),
        company.into(),
        one.staff.into(),
        i64::from(one.shared).into(),
        list.into(),
        (&one.own).into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// Those of a list that a member of staff sees: their own, and what colleagues share.
///
/// # Errors
/// What the engine said.
pub fn of_list(tx: &mut Tx<'_>, company: CompanyId, list: &str, staff: StaffId) -> Result<Vec<Saved>> {
    tx.rows(OF_LIST, &[company.into(), list.into(), staff.into()], read)
}

/// One that a member of staff sees, with the list it is of.
///
/// # Errors
/// What the engine said.
pub fn one(
    tx: &mut Tx<'_>,
    company: CompanyId,
    id: ViewId,
    staff: StaffId,
) -> Result<Option<(String, Saved)>> {
    tx.first(ONE, &[id.into(), company.into(), staff.into()], |row| Ok((row.text(5)?, read(row)?)))
}

/// Puts another name and state in the place of those of one's own that is as it was read. True when it was.
///
/// # Errors
/// What the engine said.
pub fn change(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (id, ver): (ViewId, i64),
    staff: StaffId,
    own: &[u8],
) -> Result<bool> {
    Ok(tx.exec(CHANGE, &[id.into(), company.into(), staff.into(), own.into(), ver.into()])? > 0)
}

/// Drops one of one's own. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn drop(tx: &mut Tx<'_>, company: CompanyId, id: ViewId, staff: StaffId) -> Result<bool> {
    Ok(tx.exec(DROP, &[id.into(), company.into(), staff.into()])? > 0)
}
