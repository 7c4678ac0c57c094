//! People of the directory who came with one import.

use assent_kernel::{CompanyId, ImportId, PersonId};

use super::{Listed, Order, listed};
use crate::db::Tx;
use crate::error::Result;
use crate::work::Reach;

const OF_IMPORT: &str =
    "SELECT person, region, quarantined, owner FROM directory WHERE import = $1 AND company = $2 LIMIT $3";
const LEAVE_IMPORT: &str = "UPDATE directory SET import = NULL WHERE person = $1";
const NEWER: &str = "SELECT person, region, quarantined, owner FROM directory WHERE import = $1 AND company = $2 AND person > $3 \
     AND quarantined IN ($4, $5) AND {reach owner 7 8} ORDER BY person LIMIT $6";
const OLDER: &str = "SELECT person, region, quarantined, owner FROM directory WHERE import = $1 AND company = $2 AND person < $3 \
     AND quarantined IN ($4, $5) AND {reach owner 7 8} ORDER BY person DESC LIMIT $6";
const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM directory WHERE import = $1 AND company = $2 \
     AND quarantined IN ($3, $4) AND {reach owner 6 7} LIMIT $5) AS few";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[OF_IMPORT, LEAVE_IMPORT, NEWER, OLDER, COUNT];

/// People that came with an import.
///
/// # Errors
/// What the engine said.
pub fn of_import(tx: &mut Tx<'_>, company: CompanyId, import: ImportId, most: u32) -> Result<Vec<Listed>> {
    let args = [import.into(), company.into(), i64::from(most).into()];
    tx.rows(OF_IMPORT, &args, listed)
}

/// Takes a person out of the import they came with: undoing it no longer reaches them.
///
/// # Errors
/// What the engine said.
pub fn leave_import(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(LEAVE_IMPORT, &[person.into()]).map(|_| ())
}

/// The two values that a mark may have: both, when it does not matter.
const fn either(quarantined: Option<bool>) -> [i64; 2] {
    match quarantined {
        None => [0, 1],
        Some(false) => [0, 0],
        Some(true) => [1, 1],
    }
}

/// A page of those within a reach who came with an import, after (or before) a person; with or without those in quarantine.
///
/// # Errors
/// What the engine said.
pub fn page_of_import(
    tx: &mut Tx<'_>,
    (company, reach, import): (CompanyId, &Reach, ImportId),
    order: Order,
    from: Option<PersonId>,
    most: u32,
    quarantined: Option<bool>,
) -> Result<Vec<Listed>> {
    let (sql, start) = match order {
        Order::Oldest => (NEWER, [0; 16]),
        Order::Newest => (OLDER, [0xff; 16]),
    };
    let from = from.map_or(start, PersonId::to_bytes);
    let [one, other] = either(quarantined);
    let args = [
        import.into(),
        company.into(),
        (&from).into(),
        one.into(),
        other.into(),
        i64::from(most).into(),
        reach.mode(),
        reach.list(),
    ];
    tx.rows(sql, &args, listed)
}

/// How many came with an import, counted up to `most`; and how many of them are quarantined.
///
/// # Errors
/// What the engine said.
pub fn count_of_import(
    tx: &mut Tx<'_>,
    (company, reach, import): (CompanyId, &Reach, ImportId),
    most: u32,
) -> Result<(i64, i64)> {
    let mut count = |quarantined| -> Result<i64> {
        let [one, other] = either(quarantined);
        let most = i64::from(most).into();
        let args =
            [import.into(), company.into(), one.into(), other.into(), most, reach.mode(), reach.list()];
        Ok(tx.first(COUNT, &args, |row| row.int(0))?.unwrap_or(0))
    };
    Ok((count(None)?, count(Some(true))?))
}
