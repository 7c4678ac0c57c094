//! The one statement of this room: how many people a changed notice concerns.

use assent_kernel::{CompanyId, NoticeId, Timestamp};
use assent_store::{Result, Tx};

const STANDING: &str = "SELECT count(*) FROM answer a JOIN person p ON p.id = a.person \
     WHERE a.notice = $1 AND a.said = 1 AND a.until_at > $3 AND a.notice_version >= $4 AND p.company = $2 AND p.state = 0 \
     AND NOT EXISTS (SELECT 1 FROM answer b WHERE b.person = a.person AND b.purpose = a.purpose AND b.at > a.at)";

/// Every statement of this file, for the test that prepares them.
pub(super) const SQL: &[&str] = &[STANDING];

/// How many people of a company say yes to a notice today, in a version that still counts: `oldest` or a later one.
pub(super) fn standing(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (notice, oldest): (NoticeId, u32),
    at: Timestamp,
) -> Result<u64> {
    let row = [notice.into(), company.into(), at.into(), i64::from(oldest).into()];
    let found = tx.first(STANDING, &row, |row| row.int(0))?;
    Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}
