//! Work, counted and added up by its structure: what a page of numbers needs without reading every row.

use assent_kernel::{CompanyId, StaffId, StageId, Timestamp};

use super::Reach;
use super::deals::Lost;
use crate::db::Tx;
use crate::error::Result;

const BY_STAGE: &str = "SELECT stage, currency, count(*), CAST(coalesce(sum(cents), 0) AS BIGINT) FROM deal \
     WHERE company = $1 AND gone_at IS NULL AND {reach owner 2 3} GROUP BY stage, currency";
const BY_DAY: &str = "SELECT stage, currency, close_on, count(*), CAST(coalesce(sum(cents), 0) AS BIGINT) FROM deal \
     WHERE company = $1 AND gone_at IS NULL AND stage {hex 2} AND {reach owner 3 4} GROUP BY stage, currency, close_on";
const ENDED: &str = "SELECT stage, currency, lost, count(*), CAST(coalesce(sum(cents), 0) AS BIGINT) FROM deal \
     WHERE company = $1 AND gone_at IS NULL AND stage {hex 2} AND staged_at >= $3 AND {reach owner 4 5} GROUP BY stage, currency, lost";
const TASKS: &str = "SELECT assignee, due_on, count(*) FROM task WHERE company = $1 AND done_at IS NULL AND gone_at IS NULL AND ({reach assignee 2 3} OR made_by {hex 3}) \
     GROUP BY assignee, due_on";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[BY_STAGE, BY_DAY, ENDED, TASKS];

/// Some deals of one stage and currency, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum<T> {
    /// In which stage.
    pub stage: StageId,
    /// Of which currency.
    pub currency: String,
    /// What else they have in common.
    pub by: T,
    /// How many.
    pub count: u64,
    /// What they are worth together, in hundredths.
    pub cents: i64,
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn list(stages: &[StageId]) -> String {
    let raw: Vec<[u8; 16]> = stages.iter().map(|id| id.to_bytes()).collect();
    crate::dialect::hex_list(&raw)
}

/// Deals that are here, by stage.
///
/// # Errors
/// What the engine said.
pub fn by_stage(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach) -> Result<Vec<Sum<()>>> {
    tx.rows(BY_STAGE, &[company.into(), reach.mode(), reach.list()], |row| {
        Ok(Sum {
            stage: StageId::from_bytes(row.fixed(0)?),
            currency: row.text(1)?,
            by: (),
            count: number(row.int(2)?),
            cents: row.int(3)?,
        })
    })
}

/// Deals in these stages, by the day on which they should be agreed.
///
/// # Errors
/// What the engine said.
pub fn by_day(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    stages: &[StageId],
) -> Result<Vec<Sum<Option<Timestamp>>>> {
    let list = list(stages);
    tx.rows(BY_DAY, &[company.into(), list.as_str().into(), reach.mode(), reach.list()], |row| {
        Ok(Sum {
            stage: StageId::from_bytes(row.fixed(0)?),
            currency: row.text(1)?,
            by: super::time(row, 2)?,
            count: number(row.int(3)?),
            cents: row.int(4)?,
        })
    })
}

/// Deals that came into these stages since then, by why they were lost.
///
/// # Errors
/// What the engine said.
pub fn ended(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    stages: &[StageId],
    since: Timestamp,
) -> Result<Vec<Sum<Option<Lost>>>> {
    let list = list(stages);
    tx.rows(ENDED, &[company.into(), list.as_str().into(), since.into(), reach.mode(), reach.list()], |row| {
        let lost = row.int_opt(2)?;
        Ok(Sum {
            stage: StageId::from_bytes(row.fixed(0)?),
            currency: row.text(1)?,
            by: lost.and_then(|code| Lost::ALL.into_iter().find(|one| one.code() == code)),
            count: number(row.int(3)?),
            cents: row.int(4)?,
        })
    })
}

/// Open tasks: who does them, until which day, how many.
pub type Due = (Option<StaffId>, Option<Timestamp>, u64);

/// How many tasks are open, by who does them and until which day.
///
/// # Errors
/// What the engine said.
pub fn tasks(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach) -> Result<Vec<Due>> {
    tx.rows(TASKS, &[company.into(), reach.mode(), reach.list()], |row| {
        Ok((super::staff(row, 0)?, super::time(row, 1)?, number(row.int(2)?)))
    })
}
