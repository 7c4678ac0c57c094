//! Who looks after somebody: one colleague, or nobody.

use assent_kernel::{CompanyId, PersonId, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::events;

const GIVE: &str =
    "UPDATE directory SET owner = $3 WHERE person = $1 AND company = $2 AND owner IS NOT DISTINCT FROM $4";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[GIVE];

/// Somebody, and who was seen to look after them.
pub type Seen = (PersonId, Option<StaffId>);

/// Gives people to a colleague, or to nobody, when each is still whose they were seen to be. Programs are told of each.
///
/// # Errors
/// [`StoreError::Moved`] when one is not, or is not here any more; then the transaction is to be given up.
pub fn give(
    tx: &mut Tx<'_>,
    company: CompanyId,
    people: &[Seen],
    owner: Option<StaffId>,
    at: Timestamp,
) -> Result<()> {
    people.iter().try_for_each(|(person, was)| {
        let args = [(*person).into(), company.into(), owner.into(), (*was).into()];
        if tx.exec(GIVE, &args)? != 1 {
            return Err(StoreError::Moved);
        }
        if *was == owner { Ok(()) } else { events::add(tx, company, events::Kind::PersonGiven, *person, at) }
    })
}
