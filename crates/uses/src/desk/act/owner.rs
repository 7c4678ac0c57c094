//! Who looks after somebody: handing people over, one or many.

use assent_gate::{Dossier, GateError};
use assent_kernel::{PersonId, StaffId};
use assent_store::work::activities::Why;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};
use axum::http::StatusCode;

use crate::around::note;
use crate::{frame, texts};

/// Every record of somebody who is to be given to a colleague.
pub async fn to_give(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Vec<Dossier>, Problem> {
    let records = ctx.gate.look_all(&staff.people(), id).await?;
    super::must_change(staff, records.first().ok_or_else(super::nobody)?)?;
    Ok(records)
}

/// Gives a person, as they were looked up, to a colleague or to nobody; whoever it is, is told.
pub async fn give(
    ctx: &Ctx,
    staff: &Staff,
    records: &[Dossier],
    owner: Option<StaffId>,
) -> Result<(), Problem> {
    let Some(first) = records.first().filter(|_| records.iter().any(|one| one.owner() != owner)) else {
        return Ok(());
    };
    ctx.gate.give(records, owner, ctx.now()).await?;
    tell(ctx, staff, first.id(), owner).await;
    Ok(())
}

/// Tells whoever looks after somebody from now on where to look.
pub async fn tell(ctx: &Ctx, staff: &Staff, id: PersonId, owner: Option<StaffId>) {
    let Some(to) = owner else { return };
    let told = note::hand(ctx, staff, to, Why::Person, &format!("/people/{id}"), Some(id)).await;
    frame::afterwards("telling a colleague", told);
    frame::afterwards("looking again", texts::settle(&ctx.gate, &staff.company, Some(id)).await);
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
            match give(ctx, staff, &records, owner).await {
                Ok(()) => given += 1,
                // Somebody else was quicker: they stay with whom they are.
                Err(problem) if problem.status == StatusCode::CONFLICT => {}
                Err(other) => return Err(other),
            }
        }
    }
    Ok((given, ids.len().saturating_sub(given)))
}
