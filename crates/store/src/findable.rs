//! How far a walk through all that is kept has come that makes it findable by its words. What is written down from now on
//! is findable at once; what was there before, or lies beside an older copy of the directory, is walked through once.

use assent_kernel::{CompanyId, Region};

use crate::db::Tx;
use crate::error::Result;

const UPTO: &str = "SELECT upto, done FROM findable WHERE company = $1 AND region = $2 AND kind = $3";
const SET: &str = "INSERT INTO findable (company, region, kind, upto, done) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (company, region, kind) DO UPDATE SET upto = excluded.upto, done = excluded.done";
const BEGIN_ANEW: &str = "DELETE FROM findable";

/// Every statement of this file on the home store, for the test that prepares them.
pub const SQL: &[&str] = &[UPTO, SET, BEGIN_ANEW];

/// What is walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// People: their facts.
    People = 0,
    /// Notes and names of files of the company's own.
    Typed = 1,
    /// What stands in items of nobody.
    Items = 2,
}

/// Where to go on with a walk: after which id. Nothing when it is done.
///
/// # Errors
/// What the engine said.
pub fn upto(tx: &mut Tx<'_>, company: CompanyId, region: &Region, walk: Walk) -> Result<Option<[u8; 16]>> {
    let args = [company.into(), region.into(), (walk as i64).into()];
    let found = tx.first(UPTO, &args, |row| Ok((row.fixed(0)?, row.int(1)? == 1)))?;
    Ok(match found {
        None => Some([0; 16]),
        Some((upto, done)) => (!done).then_some(upto),
    })
}

/// Notes how far a walk has come, and whether that was all.
///
/// # Errors
/// What the engine said.
pub fn set(
    tx: &mut Tx<'_>,
    (company, region, walk): (CompanyId, &Region, Walk),
    upto: [u8; 16],
    done: bool,
) -> Result<()> {
    let row = [company.into(), region.into(), (walk as i64).into(), (&upto).into(), i64::from(done).into()];
    tx.exec(SET, &row).map(|_| ())
}

/// Has everything walked through again: the directory is an older copy.
///
/// # Errors
/// What the engine said.
pub fn begin_anew(tx: &mut Tx<'_>) -> Result<()> {
    tx.exec(BEGIN_ANEW, &[]).map(|_| ())
}
