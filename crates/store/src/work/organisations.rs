//! Organisations that a company deals with. Their name and what is known of them are sealed under the company's key.

use assent_kernel::{CompanyId, OrganisationId, StaffId, Timestamp};

use super::Reach;
use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

const ADD: &str =
    "INSERT INTO organisation (id, company, own, owner, created_at) VALUES ($1, $2, $3, $4, $5)";
const ONE: &str = "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE id = $1 AND company = $2 AND {reach owner 3 4}";
const SOME: &str =
    "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE id {hex 1} AND company = $2";
const LED: &str = "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE id {hex 2} AND company = $1 \
     AND gone_at IS NULL AND {reach owner 4 5} ORDER BY id DESC LIMIT $3";
const PAGE: &str = "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE company = $1 AND gone_at IS NULL \
     AND id < $2 AND {reach owner 4 5} ORDER BY id DESC LIMIT $3";
const PAGE_GONE: &str = "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE company = $1 \
     AND gone_at IS NOT NULL AND id < $2 AND {reach owner 4 5} ORDER BY id DESC LIMIT $3";
const PAGE_OF_OWNER: &str = "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE company = $1 AND owner = $4 \
     AND gone_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const PAGE_OF_OWNER_GONE: &str = "SELECT id, own, owner, created_at, gone_at, ver FROM organisation WHERE company = $1 AND owner = $4 \
     AND gone_at IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const CHANGE: &str = "UPDATE organisation SET own = $3, owner = $4, ver = ver + 1 \
     WHERE id = $1 AND company = $2 AND ver = $5";
const SET_GONE: &str = "UPDATE organisation SET gone_at = $3, ver = ver + 1 WHERE id = $1 AND company = $2 \
     AND (CAST($4 AS BIGINT) = 0 OR ver = $4) \
     AND (gone_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL) AND {reach owner 5 6}";
const OWNED: &str = "SELECT count(*) FROM (SELECT 1 FROM organisation WHERE company = $1 AND owner = $2 AND gone_at IS NULL LIMIT $3) AS few";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] =
    &[ADD, ONE, SOME, LED, PAGE, PAGE_GONE, PAGE_OF_OWNER, PAGE_OF_OWNER_GONE, CHANGE, SET_GONE, OWNED];

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Which.
    pub id: OrganisationId,
    /// What is known of it, sealed.
    pub own: Vec<u8>,
    /// Who looks after it.
    pub owner: Option<StaffId>,
    /// Since when it is here.
    pub created_at: Timestamp,
    /// When it was removed, if it was.
    pub gone_at: Option<Timestamp>,
    /// Counts its changes.
    pub ver: i64,
}

fn read(row: &Row<'_>) -> Result<Organisation> {
    Ok(Organisation {
        id: OrganisationId::from_bytes(row.fixed(0)?),
        own: row.blob(1)?,
        owner: super::staff(row, 2)?,
        created_at: row.time(3)?,
        gone_at: super::time(row, 4)?,
        ver: row.int(5)?,
    })
}

/// Adds one.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Organisation) -> Result<()> {
    let row = [one.id.into(), company.into(), (&one.own).into(), one.owner.into(), one.created_at.into()];
    tx.exec(ADD, &row).map(|_| ())
}

/// One, removed or not.
///
/// # Errors
/// What the engine said.
pub fn one(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: OrganisationId,
) -> Result<Option<Organisation>> {
    tx.first(ONE, &[id.into(), company.into(), reach.mode(), reach.list()], read)
}

/// These, removed or not, whoever looks after them: to tell what they are called where something within reach is with
/// them, and no more.
///
/// # Errors
/// What the engine said.
pub fn to_name(tx: &mut Tx<'_>, company: CompanyId, ids: &[OrganisationId]) -> Result<Vec<Organisation>> {
    let raw: Vec<[u8; 16]> = ids.iter().map(|id| id.to_bytes()).collect();
    tx.rows(SOME, &[crate::hex_list(&raw).as_str().into(), company.into()], read)
}

/// Those of these that are here and within reach, newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn led(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    ids: &[[u8; 16]],
    most: u32,
) -> Result<Vec<Organisation>> {
    let list = crate::hex_list(ids);
    let args = [company.into(), list.as_str().into(), i64::from(most).into(), reach.mode(), reach.list()];
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
    before: Option<OrganisationId>,
    most: u32,
) -> Result<Vec<Organisation>> {
    let before = before.unwrap_or(OrganisationId::from_bytes([0xff; 16]));
    if let Some(owners) = reach.few() {
        let sql = if gone { PAGE_OF_OWNER_GONE } else { PAGE_OF_OWNER };
        return super::newest(
            owners,
            most,
            |one: &Organisation| one.id,
            |owner| {
                tx.rows(sql, &[company.into(), before.into(), i64::from(most).into(), owner.into()], read)
            },
        );
    }
    tx.rows(
        if gone { PAGE_GONE } else { PAGE },
        &[company.into(), before.into(), i64::from(most).into(), reach.mode(), reach.list()],
        read,
    )
}

/// Changes what is known of one, and who looks after it, if it is as it was read. True when it was.
///
/// # Errors
/// What the engine said.
pub fn change(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (id, ver): (OrganisationId, i64),
    own: &[u8],
    owner: Option<StaffId>,
) -> Result<bool> {
    Ok(tx.exec(CHANGE, &[id.into(), company.into(), own.into(), owner.into(), ver.into()])? > 0)
}

/// Removes one within reach that is as it was read (0: whatever it is), or brings it back with `None`. True when there was
/// one.
///
/// # Errors
/// What the engine said.
pub fn set_gone(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (id, ver): (OrganisationId, i64),
    at: Option<Timestamp>,
) -> Result<bool> {
    let row = [id.into(), company.into(), at.into(), ver.into(), reach.mode(), reach.list()];
    Ok(tx.exec(SET_GONE, &row)? > 0)
}

/// How many that are here somebody looks after, up to so many.
///
/// # Errors
/// What the engine said.
pub fn owned(tx: &mut Tx<'_>, company: CompanyId, owner: StaffId, most: u32) -> Result<u64> {
    super::owned(tx, OWNED, (company, owner), most)
}
