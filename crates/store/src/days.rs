//! How many entries a ledger has for each day, by what they say openly: what happened, what was decided, for which purpose. Counted
//! from the ledger's own lines, each once; whoever counts notes up to which line.

use crate::db::Tx;
use crate::error::Result;

const BEGIN: &str = "INSERT INTO ledger_counted (log, upto) VALUES ($1, 0) ON CONFLICT (log) DO NOTHING";
const HOLD: &str = "SELECT upto FROM ledger_counted WHERE log = $1 {lock}";
const MARK: &str = "UPDATE ledger_counted SET upto = $2 WHERE log = $1";
const ADD: &str = "INSERT INTO ledger_day (log, day, kind, decision, purpose, n, first, last) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (log, day, kind, decision, purpose) \
     DO UPDATE SET n = ledger_day.n + excluded.n, last = excluded.last";
const SINCE: &str = "SELECT day, kind, decision, purpose, n, first, last FROM ledger_day \
     WHERE log = $1 AND day >= $2 AND day < $3 ORDER BY day, kind, decision, purpose";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[BEGIN, HOLD, MARK, ADD, SINCE];

/// Entries of one day that say the same openly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// What happened, as a code of the ledger.
    pub kind: u8,
    /// What was decided, as a code of the ledger.
    pub decision: u8,
    /// For which purpose.
    pub purpose: String,
    /// How many.
    pub n: u64,
    /// The index of the first of them.
    pub first: u64,
    /// The index of the last of them.
    pub last: u64,
}

fn number(v: i64) -> u64 {
    u64::try_from(v).unwrap_or(0)
}
fn signed(v: u64) -> i64 {
    i64::try_from(v).unwrap_or(i64::MAX)
}

/// Up to which line a log is counted; nobody else counts it until the commit.
///
/// # Errors
/// What the engine said.
pub fn hold(tx: &mut Tx<'_>, log: &str) -> Result<u64> {
    tx.exec(BEGIN, &[log.into()])?;
    Ok(tx.first(HOLD, &[log.into()], |row| row.int(0))?.map_or(0, number))
}

/// Adds what was counted, and notes up to which line.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, log: &str, days: &[Day], upto: u64) -> Result<()> {
    for one in days {
        let row = [
            log.into(),
            one.day.into(),
            i64::from(one.kind).into(),
            i64::from(one.decision).into(),
            (&one.purpose).into(),
            signed(one.n).into(),
            signed(one.first).into(),
            signed(one.last).into(),
        ];
        tx.exec(ADD, &row)?;
    }
    tx.exec(MARK, &[log.into(), signed(upto).into()]).map(|_| ())
}

/// What was counted of a log from one day on and before another, in order.
///
/// # Errors
/// What the engine said.
pub fn between(tx: &mut Tx<'_>, log: &str, from: i64, before: i64) -> Result<Vec<Day>> {
    tx.rows(SINCE, &[log.into(), from.into(), before.into()], |row| {
        let code = |n: i64| u8::try_from(n).unwrap_or(u8::MAX);
        Ok(Day {
            day: row.int(0)?,
            kind: code(row.int(1)?),
            decision: code(row.int(2)?),
            purpose: row.text(3)?,
            n: number(row.int(4)?),
            first: number(row.int(5)?),
            last: number(row.int(6)?),
        })
    })
}
