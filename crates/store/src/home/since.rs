//! The directory by when people came and how: counted by week, listed, and everybody; within a reach.

use assent_kernel::{CompanyId, PersonId, Timestamp};

use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;
use crate::work::Reach;

/// A week in microseconds, and how long after a Monday's midnight 1970 began.
const WEEK: i64 = 604_800_000_000;
const THURSDAY: i64 = 259_200_000_000;

const WEEKS: &str = "SELECT (created_at + 259200000000) / 604800000000, \
     CAST(CASE WHEN import IS NULL THEN 0 ELSE 1 END AS BIGINT), count(*) FROM directory \
     WHERE company = $1 AND created_at >= $2 AND {reach owner 3 4} GROUP BY 1, 2 ORDER BY 1, 2";
const WEEKS_OF: &str = "SELECT (created_at + 259200000000) / 604800000000, \
     CAST(CASE WHEN import IS NULL THEN 0 ELSE 1 END AS BIGINT), count(*) FROM directory \
     WHERE person {hex 1} AND company = $2 AND {reach owner 3 4} GROUP BY 1, 2";
const CAME: &str = "SELECT person FROM directory WHERE company = $1 AND created_at >= $2 AND created_at < $3 \
     AND CAST(CASE WHEN import IS NULL THEN 0 ELSE 1 END AS BIGINT) = $4 AND {reach owner 5 6}";
const EVERYBODY: &str = "SELECT person FROM directory WHERE company = $1 AND {reach owner 2 3}";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[WEEKS, WEEKS_OF, CAME, EVERYBODY];

/// A week, counted from the one in which 1970 began; it begins on Monday, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week(pub i64);

impl Week {
    /// The week of an instant.
    #[must_use]
    pub const fn of(at: Timestamp) -> Self {
        Self(at.micros().saturating_add(THURSDAY).div_euclid(WEEK))
    }
    /// Its Monday.
    #[must_use]
    pub const fn begins(self) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_mul(WEEK).saturating_sub(THURSDAY))
    }
    /// So many weeks later, or before.
    #[must_use]
    pub const fn plus(self, weeks: i64) -> Self {
        Self(self.0.saturating_add(weeks))
    }
}

fn person(row: &Row<'_>) -> Result<PersonId> {
    row.fixed(0).map(PersonId::from_bytes)
}

/// How many people came since then: week, whether with a file, how many.
///
/// # Errors
/// What the engine said.
pub fn weeks(
    tx: &mut Tx<'_>,
    (company, reach): (CompanyId, &Reach),
    since: Week,
) -> Result<Vec<(Week, bool, u64)>> {
    tx.rows(WEEKS, &[company.into(), since.begins().into(), reach.mode(), reach.list()], counted)
}

fn counted(row: &Row<'_>) -> Result<(Week, bool, u64)> {
    Ok((Week(row.int(0)?), row.int(1)? == 1, u64::try_from(row.int(2)?).unwrap_or(0)))
}

/// The same of some people, whenever they came.
///
/// # Errors
/// What the engine said.
pub fn weeks_of(
    tx: &mut Tx<'_>,
    (company, reach): (CompanyId, &Reach),
    people: &[PersonId],
) -> Result<Vec<(Week, bool, u64)>> {
    let raw: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    let list = crate::dialect::hex_list(&raw);
    tx.rows(WEEKS_OF, &[list.as_str().into(), company.into(), reach.mode(), reach.list()], counted)
}

/// Who came in a week, with a file or one by one.
///
/// # Errors
/// What the engine said.
pub fn came(
    tx: &mut Tx<'_>,
    (company, reach): (CompanyId, &Reach),
    week: Week,
    file: bool,
) -> Result<Vec<PersonId>> {
    let (from, until) = (week.begins(), week.plus(1).begins());
    let args =
        [company.into(), from.into(), until.into(), i64::from(file).into(), reach.mode(), reach.list()];
    tx.rows(CAME, &args, person)
}

/// Everybody of a company within a reach.
///
/// # Errors
/// What the engine said.
pub fn everybody(tx: &mut Tx<'_>, (company, reach): (CompanyId, &Reach)) -> Result<Vec<PersonId>> {
    tx.rows(EVERYBODY, &[company.into(), reach.mode(), reach.list()], person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // Monday, 27 April 2026, and the Friday of that week.
        let (monday, friday) = (1_777_248_000_000_000, 1_777_636_800_000_000);
        let week = Week::of(Timestamp::from_micros(friday));
        assert_eq!(week.begins(), Timestamp::from_micros(monday));
        assert_eq!(Week::of(week.begins()), week);
        assert_eq!(Week::of(Timestamp::from_micros(monday - 1)), week.plus(-1));
    }
}
