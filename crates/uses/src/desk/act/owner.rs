//! Who looks after somebody: handing people over, one or many.

use assent_gate::{Dossier, GateError};
use assent_kernel::{PersonId, StaffId};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

/// Every record of somebody who is to be given to a colleague.
pub async fn to_give(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Vec<Dossier>, Problem> {
    let records = ctx.gate.look_all(&staff.people(), id).await?;
    super::must_change(staff, records.first().ok_or_else(super::nobody)?)?;
    Ok(records)
}

/// Gives a person, as they were looked up, to a colleague or to nobody.
pub async fn give(ctx: &Ctx, records: &[Dossier], owner: Option<StaffId>) -> Result<(), Problem> {
    if records.iter().all(|one| one.owner() == owner) {
        return Ok(());
    }
    Ok(ctx.gate.give(records, owner).await?)
}

/// How many were given, and how many were left as they are: those who are not theirs to give, or not here any more.
pub async fn give_many(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    owner: Option<StaffId>,
) -> Result<(usize, usize), Problem> {
    let mut given = 0;
    for id in ids {
        let records = match ctx.gate.look_all(&staff.people(), *id).await {
            Ok(records) => records,
            Err(GateError::NoPerson) => continue,
            Err(other) => return Err(other.into()),
        };
        if records.iter().all(|one| staff.changes(Object::People, &[one.owner()])) {
            give(ctx, &records, owner).await?;
            given += 1;
        }
    }
    Ok((given, ids.len().saturating_sub(given)))
}
