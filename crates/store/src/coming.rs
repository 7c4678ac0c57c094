//! Batches of people on their way in. Their facts and the directory lie in two databases; a batch is written down here
//! before the first and struck out with the second, so that whatever breaks off between is found and listed later.

use assent_kernel::{CompanyId, ImportId, PersonId, Region, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};

const ADD: &str =
    "INSERT INTO coming (id, company, region, at, import, people, owner) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const BEFORE: &str =
    "SELECT id, company, region, at, import, people, owner FROM coming WHERE at <= $1 ORDER BY at LIMIT $2";
const DONE: &str = "DELETE FROM coming WHERE id = $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, BEFORE, DONE];

/// A batch on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Which.
    pub id: [u8; 16],
    /// Whose.
    pub company: CompanyId,
    /// Where their facts go.
    pub region: Region,
    /// Since when.
    pub at: Timestamp,
    /// The import they come with.
    pub import: Option<ImportId>,
    /// Who looks after them.
    pub owner: Option<StaffId>,
    /// Who.
    pub people: Vec<PersonId>,
}

/// Writes a batch down.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, batch: &Batch) -> Result<()> {
    let people: Vec<u8> = batch.people.iter().flat_map(|id| id.to_bytes()).collect();
    let row = [
        batch.id.into(),
        batch.company.into(),
        (&batch.region).into(),
        batch.at.into(),
        batch.import.into(),
        (&people).into(),
        batch.owner.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// Batches that were written down at `at` or before, the oldest first.
///
/// # Errors
/// What the engine said.
pub fn before(tx: &mut Tx<'_>, at: Timestamp, most: u32) -> Result<Vec<Batch>> {
    tx.rows(BEFORE, &[at.into(), i64::from(most).into()], |row| {
        let people = row.blob(5)?;
        let (ids, rest) = people.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(StoreError::Damaged("a batch of people".into()));
        }
        Ok(Batch {
            id: row.fixed(0)?,
            company: CompanyId::from_bytes(row.fixed(1)?),
            region: Region::new(&row.text(2)?).map_err(|_| StoreError::Damaged("a region".into()))?,
            at: row.time(3)?,
            import: row.fixed_opt(4)?.map(ImportId::from_bytes),
            owner: row.fixed_opt(6)?.map(StaffId::from_bytes),
            people: ids.iter().map(|id| PersonId::from_bytes(*id)).collect(),
        })
    })
}

/// Strikes a batch out: everybody of it is listed, or did not come.
///
/// # Errors
/// What the engine said.
pub fn done(tx: &mut Tx<'_>, id: [u8; 16]) -> Result<()> {
    tx.exec(DONE, &[id.into()]).map(|_| ())
}
