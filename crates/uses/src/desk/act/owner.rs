//! Who looks after somebody: handing people over, one or many.

use assent_gate::{Dossier, GateError};
use assent_kernel::{PersonId, StaffId};
use assent_store::work::activities;
use assent_store::work::mentions::Why;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};
use axum::http::StatusCode;

use crate::around::{Of, note};
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
    frame::afterwards("the line about it", noted(ctx, staff, first, owner).await);
    tell(ctx, staff, first.id(), owner).await;
    Ok(())
}

/// Writes on the timeline of somebody who looks after them from now on.
async fn noted(ctx: &Ctx, staff: &Staff, one: &Dossier, to: Option<StaffId>) -> Result<(), Problem> {
    let (company, of) = (staff.company.id, Of::Person(one.id()));
    let Some(line) = note::given(ctx, staff, of, (one.owner(), to))? else { return Ok(()) };
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.write(move |tx| activities::add(tx, company, &line)).await?)
}

/// Tells whoever looks after somebody from now on where to look.
pub async fn tell(ctx: &Ctx, staff: &Staff, id: PersonId, owner: Option<StaffId>) {
    let Some(to) = owner else { return };
    let told = note::hand(ctx, staff, to, Why::Person, &format!("/people/{id}"), Some(id)).await;
    frame::afterwards("telling a colleague", told);
    frame::afterwards("looking again", texts::settle(&ctx.gate, &staff.company, Some(id)).await);
}

/// What came of giving many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// How many were given.
    pub given: usize,
    /// How many are not theirs to give.
    pub left: usize,
    /// How many somebody else changed at this very moment, or are not here any more.
    pub late: usize,
}

/// Gives those of these who are theirs to give.
pub async fn give_many(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    owner: Option<StaffId>,
) -> Result<Given, Problem> {
    let mut done = Given::default();
    for id in ids {
        let records = match ctx.gate.look_all(&staff.people(), *id).await {
            Ok(records) => records,
            Err(GateError::NoPerson) => {
                done.late = done.late.saturating_add(1);
                continue;
            }
            Err(other) => return Err(other.into()),
        };
        if !records.iter().all(|one| staff.changes(Object::People, &[one.owner()])) {
            done.left = done.left.saturating_add(1);
            continue;
        }
        match give(ctx, staff, &records, owner).await {
            Ok(()) => done.given = done.given.saturating_add(1),
            // Somebody else was quicker: they stay with whom they are.
            Err(problem) if problem.status == StatusCode::CONFLICT => done.late = done.late.saturating_add(1),
            Err(other) => return Err(other),
        }
    }
    Ok(done)
}
