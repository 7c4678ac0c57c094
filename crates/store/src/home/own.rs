//! The directory of a few owners, each read by the index of owners: whoever sees their own alone walks nobody else's.

use assent_kernel::{CompanyId, PersonId, StaffId};

use super::{Listed, Order, listed};
use crate::db::Tx;
use crate::error::Result;
use crate::value::Value;

const NEWER: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND owner = $2 \
     AND person > $3 ORDER BY person LIMIT $4";
const OLDER: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND owner = $2 \
     AND person < $3 ORDER BY person DESC LIMIT $4";
const NEWER_APART: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND owner = $2 \
     AND person > $3 AND quarantined = $5 ORDER BY person LIMIT $4";
const OLDER_APART: &str = "SELECT person, region, quarantined, owner FROM directory WHERE company = $1 AND owner = $2 \
     AND person < $3 AND quarantined = $5 ORDER BY person DESC LIMIT $4";
const COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM directory WHERE company = $1 AND owner = $2 LIMIT $3) AS few";
const COUNT_QUARANTINED: &str = "SELECT count(*) FROM (SELECT 1 FROM directory WHERE company = $1 AND owner = $2 \
     AND quarantined = 1 LIMIT $3) AS few";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[NEWER, OLDER, NEWER_APART, OLDER_APART, COUNT, COUNT_QUARANTINED];

/// A page of those of these owners, in an order after somebody; of those who are quarantined or not, or of both.
pub(super) fn page(
    tx: &mut Tx<'_>,
    company: CompanyId,
    owners: &[StaffId],
    (order, from, quarantined): (Order, Option<PersonId>, Option<bool>),
    most: u32,
) -> Result<Vec<Listed>> {
    let sql = match (order, quarantined) {
        (Order::Oldest, None) => NEWER,
        (Order::Newest, None) => OLDER,
        (Order::Oldest, Some(_)) => NEWER_APART,
        (Order::Newest, Some(_)) => OLDER_APART,
    };
    let from = order.start(from);
    let mut all = Vec::new();
    for owner in owners {
        let mut args = vec![company.into(), (*owner).into(), (&from).into(), i64::from(most).into()];
        args.extend(quarantined.map(|quarantined| Value::from(i64::from(quarantined))));
        all.extend(tx.rows(sql, &args, listed)?);
    }
    match order {
        Order::Oldest => all.sort_by_key(|one| one.person),
        Order::Newest => all.sort_by_key(|one| std::cmp::Reverse(one.person)),
    }
    all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(all)
}

/// How many there are of these owners, and how many of them are quarantined; each counted up to `most`.
pub(super) fn count(
    tx: &mut Tx<'_>,
    company: CompanyId,
    owners: &[StaffId],
    most: u32,
) -> Result<(i64, i64)> {
    let most = i64::from(most);
    let (mut all, mut quarantined) = (0i64, 0i64);
    for owner in owners {
        let args = [company.into(), (*owner).into(), most.into()];
        all = all.saturating_add(tx.first(COUNT, &args, |row| row.int(0))?.unwrap_or(0));
        let apart = tx.first(COUNT_QUARANTINED, &args, |row| row.int(0))?.unwrap_or(0);
        quarantined = quarantined.saturating_add(apart);
    }
    Ok((all.min(most), quarantined.min(most)))
}
