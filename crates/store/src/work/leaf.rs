//! Leafing through work that nothing narrows: how many rows there are, and where the page before a row begins.

use assent_kernel::CompanyId;

use super::Reach;
use crate::db::Tx;
use crate::error::Result;
use crate::value::Value;

/// Two statements over the same rows: of those that are here, and of those that were removed.
struct Rows {
    /// How many: `$1` company, `$2` how many at most, then whose, then of what object.
    count: [&'static str; 2],
    /// Which are newer: `$1` company, `$2` than which row, `$3` how many at most, then whose, then of what object.
    newer: [&'static str; 2],
    /// Which are older, told the same way.
    older: [&'static str; 2],
}

/// The statements about one kind of rows.
struct Sql {
    /// Whoever they belong to, cut by reach.
    all: Rows,
    /// Of one owner, by the index of owners.
    owned: Rows,
    /// Of nobody, by the index of owners.
    nobodys: Rows,
    /// What one has put down for somebody out of reach, by the index of makers.
    made: Option<Rows>,
}

/// The statements of a table over the rows of somebody: how whose they are is told when counting, and when leafing.
macro_rules! rows {
    ($table:literal, $counted:literal, $newer:literal) => {
        rows!($table, $counted, $newer, "gone_at IS NULL", "gone_at IS NOT NULL")
    };
    // Of somebody alone: the sign keeps SQLite from walking everybody's rows in an index of those that are here.
    (few $table:literal, $counted:literal, $newer:literal) => {
        rows!($table, $counted, $newer, "+gone_at IS NULL", "+gone_at IS NOT NULL")
    };
    ($table:literal, $counted:literal, $newer:literal, $here:literal, $gone:literal) => {
        Rows {
            count: [rows!(count $table, $here, $counted), rows!(count $table, $gone, $counted)],
            newer: [rows!(newer $table, $here, $newer), rows!(newer $table, $gone, $newer)],
            older: [rows!(older $table, $here, $newer), rows!(older $table, $gone, $newer)],
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
    (older $table:literal, $gone:literal, $whose:literal) => {
        concat!(
            "SELECT id FROM ", $table, " WHERE company = $1 AND id < $2 AND ", $gone, " AND ", $whose,
            " ORDER BY id DESC LIMIT $3"
        )
    };
}

const DEALS: Sql = Sql {
    all: rows!("deal", "{reach owner 3 4}", "{reach owner 4 5}"),
    owned: rows!(few "deal", "owner = $3", "owner = $4"),
    nobodys: rows!(few "deal", "owner IS NULL", "owner IS NULL"),
    made: None,
};
const TASKS: Sql = Sql {
    all: rows!(
        "task",
        "({reach assignee 3 4} OR made_by {hex 4})",
        "({reach assignee 4 5} OR made_by {hex 5})"
    ),
    owned: rows!(few "task", "assignee = $3", "assignee = $4"),
    nobodys: rows!(few "task", "assignee IS NULL", "assignee IS NULL"),
    made: Some(TASKS_MADE),
};
/// Counted, each row is one's own or made by one; leafed, what comes twice is dropped.
const TASKS_MADE: Rows =
    rows!(few "task", "made_by = $3 AND NOT coalesce({reach assignee 4 5}, FALSE)", "made_by = $4");
const ORGANISATIONS: Sql = Sql {
    all: rows!("organisation", "{reach owner 3 4}", "{reach owner 4 5}"),
    owned: rows!(few "organisation", "owner = $3", "owner = $4"),
    nobodys: rows!(few "organisation", "owner IS NULL", "owner IS NULL"),
    made: None,
};
const ITEMS: Sql = Sql {
    all: rows!("item", "{reach owner 3 4} AND object = $5", "{reach owner 4 5} AND object = $6"),
    owned: rows!(few "item", "owner = $3 AND object = $4", "owner = $4 AND object = $5"),
    nobodys: rows!(few "item", "owner IS NULL AND object = $3", "owner IS NULL AND object = $4"),
    made: None,
};

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&[&str]] = &[
    &DEALS.all.count,
    &DEALS.all.newer,
    &DEALS.all.older,
    &DEALS.owned.count,
    &DEALS.owned.newer,
    &DEALS.owned.older,
    &DEALS.nobodys.count,
    &DEALS.nobodys.newer,
    &DEALS.nobodys.older,
    &TASKS.all.count,
    &TASKS.all.newer,
    &TASKS.all.older,
    &TASKS.owned.count,
    &TASKS.owned.newer,
    &TASKS.owned.older,
    &TASKS.nobodys.count,
    &TASKS.nobodys.newer,
    &TASKS.nobodys.older,
    &ORGANISATIONS.all.count,
    &ORGANISATIONS.all.newer,
    &ORGANISATIONS.all.older,
    &ORGANISATIONS.owned.count,
    &ORGANISATIONS.owned.newer,
    &ORGANISATIONS.owned.older,
    &ORGANISATIONS.nobodys.count,
    &ORGANISATIONS.nobodys.newer,
    &ORGANISATIONS.nobodys.older,
    &ITEMS.all.count,
    &ITEMS.all.newer,
    &ITEMS.all.older,
    &ITEMS.owned.count,
    &ITEMS.owned.newer,
    &ITEMS.owned.older,
    &ITEMS.nobodys.count,
    &ITEMS.nobodys.newer,
    &ITEMS.nobodys.older,
    &TASKS_MADE.count,
    &TASKS_MADE.newer,
    &TASKS_MADE.older,
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

/// A statement of those that are here, or of those that were removed.
const fn of_gone(pair: &[&'static str; 2], gone: bool) -> &'static str {
    let [here, removed] = pair;
    if gone { removed } else { here }
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
    let sql = of.sql();
    let mut counted = 0u64;
    let mut add = |rows: &Rows, whose: &[Value<'_>]| -> Result<()> {
        let left = u64::from(most).saturating_sub(counted);
        if left == 0 {
            return Ok(());
        }
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        let mut args = vec![company.into(), left.into()];
        args.extend(whose.iter().cloned().chain(of.object()));
        let found = tx.first(of_gone(&rows.count, gone), &args, |row| row.int(0))?;
        counted = counted.saturating_add(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0));
        Ok(())
    };
    match reach.apart() {
        None => add(&sql.all, &[reach.mode(), reach.list()])?,
        Some((owners, nobodys)) => {
            for owner in owners {
                add(&sql.owned, &[(*owner).into()])?;
                if let Some(made) = &sql.made {
                    add(made, &[(*owner).into(), reach.mode(), reach.list()])?;
                }
            }
            if nobodys {
                add(&sql.nobodys, &[])?;
            }
        }
    }
    Ok(counted)
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
    let mut all = from(tx, company, reach, (of, |rows| of_gone(&rows.newer, gone)), than, most)?;
    all.sort_unstable();
    all.dedup();
    all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(all)
}

/// The ids of those made right before one, newest first, at most `most`.
///
/// # Errors
/// What the engine said.
pub fn older(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (of, gone): (&Of, bool),
    than: [u8; 16],
    most: u32,
) -> Result<Vec<[u8; 16]>> {
    let mut all = from(tx, company, reach, (of, |rows| of_gone(&rows.older, gone)), than, most)?;
    all.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    all.dedup();
    all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(all)
}

/// What each statement over somebody's rows gives, in no order.
fn from(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (of, statement): (&Of, impl Fn(&Rows) -> &'static str),
    than: [u8; 16],
    most: u32,
) -> Result<Vec<[u8; 16]>> {
    let sql = of.sql();
    let mut read = |rows: &Rows, whose: &[Value<'_>]| -> Result<Vec<[u8; 16]>> {
        let mut args = vec![company.into(), (&than).into(), i64::from(most).into()];
        args.extend(whose.iter().cloned().chain(of.object()));
        tx.rows(statement(rows), &args, |row| row.fixed(0))
    };
    let Some((owners, nobodys)) = reach.apart() else {
        return read(&sql.all, &[reach.mode(), reach.list()]);
    };
    let mut all = Vec::new();
    for owner in owners {
        all.extend(read(&sql.owned, &[(*owner).into()])?);
        if let Some(made) = &sql.made {
            all.extend(read(made, &[(*owner).into()])?);
        }
    }
    if nobodys {
        all.extend(read(&sql.nobodys, &[])?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use assent_kernel::{DealId, OrganisationId, PipelineId, StaffId, StageId, TaskId, Timestamp};

    use super::*;
    use crate::work::deals::{self, Deal};
    use crate::work::tasks::{self, Task};
    use crate::work::{Text, organisations};

    const COMPANY: CompanyId = CompanyId::from_bytes([1; 16]);
    const AT: Timestamp = Timestamp::from_micros(1);

    fn deal(n: u8, owner: Option<StaffId>) -> Deal {
        Deal {
            id: DealId::from_bytes([n; 16]),
            pipeline: PipelineId::from_bytes([1; 16]),
            stage: StageId::from_bytes([1; 16]),
            organisation: None,
            title: Text::Own(vec![1]),
            cents: None,
            currency: "EUR".into(),
            close_on: None,
            owner,
            lost: None,
            created_at: AT,
            staged_at: AT,
            gone_at: None,
            ver: 1,
        }
    }

    fn task(n: u8, assignee: Option<StaffId>, made_by: StaffId) -> Task {
        Task {
            id: TaskId::from_bytes([n; 16]),
            text: Text::Own(vec![1]),
            organisation: None,
            deal: None,
            item: None,
            due_on: None,
            remind_at: None,
            assignee,
            made_by,
            created_at: AT,
            done_at: None,
            gone_at: None,
            ver: 1,
        }
    }

    /// Rows of everybody: every third is one's own, every third another's, every third nobody's; every fifth is removed.
    fn fill(tx: &mut Tx<'_>, me: StaffId, other: StaffId) -> Result<()> {
        for n in 1..=60u8 {
            let owner = [Some(me), Some(other), None].get(usize::from(n % 3)).copied().flatten();
            let maker = if n % 4 == 0 { me } else { other };
            deals::add(tx, COMPANY, &deal(n, owner))?;
            tasks::add(tx, COMPANY, &task(n, owner, maker))?;
            let (id, own) = (OrganisationId::from_bytes([n; 16]), vec![1]);
            let row = organisations::Organisation { id, own, owner, created_at: AT, gone_at: None, ver: 1 };
            organisations::add(tx, COMPANY, &row)?;
            if n % 5 == 0 {
                let all = Reach::all();
                deals::set_gone(tx, COMPANY, &all, (DealId::from_bytes([n; 16]), 0), Some(AT))?;
                tasks::set_gone(tx, COMPANY, &all, (TaskId::from_bytes([n; 16]), 0), Some(AT))?;
                organisations::set_gone(tx, COMPANY, &all, (id, 0), Some(AT))?;
            }
        }
        Ok(())
    }

    /// What one's own index tells is what cutting everybody's rows by reach tells: each row once, up to the bound.
    #[tokio::test]
    async fn the_index_of_owners_tells_the_same_rows() {
        let (_folder, db) = crate::db::tests::region("leaf-same").await;
        let [me, other, key] = [1, 2, 3].map(|n| StaffId::from_bytes([n; 16]));
        db.write(move |tx| fill(tx, me, other)).await.unwrap();
        let told = db.read(move |tx| {
            let mut told = Vec::new();
            for reach in
                [Reach::of(&[me], false), Reach::of(&[me, key], true), Reach::of(&[me, other], false)]
            {
                for (of, gone) in [(Of::Deals, false), (Of::Tasks, false), (Of::Organisations, true)] {
                    let whole = of.sql();
                    let mut args = vec![COMPANY.into(), 1_000.into(), reach.mode(), reach.list()];
                    args.extend(of.object());
                    let count = tx.first(of_gone(&whole.all.count, gone), &args, |row| row.int(0))?;
                    let mut args =
                        vec![COMPANY.into(), (&[9; 16]).into(), 7.into(), reach.mode(), reach.list()];
                    args.extend(of.object());
                    let newer = tx.rows(of_gone(&whole.all.newer, gone), &args, |row| row.fixed::<16>(0))?;
                    args[1] = (&[40; 16]).into();
                    let older = tx.rows(of_gone(&whole.all.older, gone), &args, |row| row.fixed::<16>(0))?;
                    let which = (&of, gone);
                    told.push((
                        (count.unwrap_or_default().unsigned_abs(), newer, older),
                        (
                            super::count(tx, COMPANY, &reach, which, 1_000)?,
                            super::newer(tx, COMPANY, &reach, which, [9; 16], 7)?,
                            super::older(tx, COMPANY, &reach, which, [40; 16], 7)?,
                        ),
                        super::count(tx, COMPANY, &reach, which, 3)?,
                    ));
                }
            }
            Ok(told)
        });
        for (whole, apart, bound) in told.await.unwrap() {
            assert_eq!(whole, apart);
            assert!(apart.0 > 3 && !apart.1.is_empty() && !apart.2.is_empty() && bound == 3, "{apart:?}");
        }
    }

    /// Whoever is narrowed walks their own rows, however many everybody has.
    #[tokio::test]
    async fn whoever_is_narrowed_walks_an_index_of_owners() {
        let (_folder, db) = crate::db::tests::region("leaf-plan").await;
        for (rows, index) in [
            (&DEALS.owned, "deal_owner"),
            (&DEALS.nobodys, "deal_owner"),
            (&TASKS.owned, "task_owner"),
            (&TASKS.nobodys, "task_owner"),
            (&TASKS_MADE, "task_made_by"),
            (&ORGANISATIONS.owned, "organisation_owner"),
            (&ITEMS.owned, "item_owner"),
        ] {
            let leafed = [&rows.newer, &rows.older].map(|pair| of_gone(pair, false));
            for sql in [of_gone(&rows.count, false)].into_iter().chain(leafed) {
                let explained: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
                let most = (1..=6)
                    .rev()
                    .find(|n| sql.contains(&format!("${n}")) || sql.contains(&format!(" {n}}}")));
                let plan = db.read(move |tx| {
                    let args = vec![Value::from(1); most.unwrap()];
                    tx.rows(explained, &args, |row| row.text(3))
                });
                let plan = plan.await.unwrap().join("\n");
                assert!(plan.contains(index), "{sql}\n{plan}");
            }
        }
    }
}
