//! Leafing through work that nothing narrows: how many rows there are, and where the page before a row begins.

use assent_kernel::CompanyId;

use super::Reach;
use crate::db::Tx;
use crate::error::Result;
use crate::value::Value;

/// The statements about one kind of rows: of those that are here, and of those that were removed.
struct Sql {
    /// `$1` company, `$2` how many at most, `$3` and `$4` whose, `$5` of what object.
    count: [&'static str; 2],
    /// `$1` company, `$2` than which row, `$3` how many at most, `$4` and `$5` whose, `$6` of what object.
    newer: [&'static str; 2],
}

/// The statements of a table, with whose rows are meant in each.
macro_rules! sql {
    ($table:literal, $counted:literal, $newer:literal) => {
        Sql {
            count: [
                sql!(count $table, "gone_at IS NULL", $counted),
                sql!(count $table, "gone_at IS NOT NULL", $counted),
            ],
            newer: [
                sql!(newer $table, "gone_at IS NULL", $newer),
                sql!(newer $table, "gone_at IS NOT NULL", $newer),
            ],
        }
    };
    (count $table:literal, $gone:literal, $whose:literal) => {
        concat!(
            "SELECT count(*) FROM (SELECT 1 FROM ", $table, " WHERE company = $1 AND ", $gone, " AND ", $whose,
            " LIMIT $2) AS few"
        )
    };
    (newer $table:literal, $gone:literal, $whose:literal) => {
        concat!(
            "SELECT id FROM ", $table, " WHERE company = $1 AND id > $2 AND ", $gone, " AND ", $whose,
            " ORDER BY id LIMIT $3"
        )
    };
}

const DEALS: Sql = sql!("deal", "{reach owner 3 4}", "{reach owner 4 5}");
const TASKS: Sql =
    sql!("task", "({reach assignee 3 4} OR made_by {hex 4})", "({reach assignee 4 5} OR made_by {hex 5})");
const ORGANISATIONS: Sql = sql!("organisation", "{reach owner 3 4}", "{reach owner 4 5}");
const ITEMS: Sql = sql!("item", "{reach owner 3 4} AND object = $5", "{reach owner 4 5} AND object = $6");

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    DEALS.count[0],
    DEALS.count[1],
    DEALS.newer[0],
    DEALS.newer[1],
    TASKS.count[0],
    TASKS.count[1],
    TASKS.newer[0],
    TASKS.newer[1],
    ORGANISATIONS.count[0],
    ORGANISATIONS.count[1],
    ORGANISATIONS.newer[0],
    ORGANISATIONS.newer[1],
    ITEMS.count[0],
    ITEMS.count[1],
    ITEMS.newer[0],
    ITEMS.newer[1],
];

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Deals.
    Deals,
    /// Tasks.
    Tasks,
    /// Organisations.
    Organisations,
    /// Items of an object, by its key.
    Items(String),
}

impl Of {
    const fn sql(&self) -> &'static Sql {
        match self {
            Self::Deals => &DEALS,
            Self::Tasks => &TASKS,
            Self::Organisations => &ORGANISATIONS,
            Self::Items(_) => &ITEMS,
        }
    }
    /// What its statements take at the end.
    fn object(&self) -> Option<Value<'_>> {
        match self {
            Self::Items(key) => Some(key.into()),
            Self::Deals | Self::Tasks | Self::Organisations => None,
        }
    }
}

const fn at(gone: bool) -> usize {
    if gone { 1 } else { 0 }
}

/// How many there are, counted up to `most`; those that are here, or those that were removed.
///
/// # Errors
/// What the engine said.
pub fn count(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (of, gone): (&Of, bool),
    most: u32,
) -> Result<u64> {
    let mut args = vec![company.into(), i64::from(most).into(), reach.mode(), reach.list()];
    args.extend(of.object());
    let Some(sql) = of.sql().count.get(at(gone)) else { return Ok(0) };
    let found = tx.first(sql, &args, |row| row.int(0))?;
    Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// The ids of those made right after one, in order, at most `most`.
///
/// # Errors
/// What the engine said.
pub fn newer(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (of, gone): (&Of, bool),
    than: [u8; 16],
    most: u32,
) -> Result<Vec<[u8; 16]>> {
    let mut args = vec![company.into(), (&than).into(), i64::from(most).into(), reach.mode(), reach.list()];
    args.extend(of.object());
    let Some(sql) = of.sql().newer.get(at(gone)) else { return Ok(Vec::new()) };
    tx.rows(sql, &args, |row| row.fixed(0))
}
