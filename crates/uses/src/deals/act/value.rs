//! One value of a deal, changed by itself. Structure may be changed of every deal; a title by whoever may open it.

use assent_store::work::activities;
use assent_store::work::deals::{self, Deal};
use assent_store::work::filled as rows;
use assent_store::{StoreError, events};
use assent_web::{Ctx, Problem, Staff};

use super::{Seen, follow, must_change, refill};
use crate::around::{Of, note};
use crate::deals::model::value::Value;
use crate::filled::{self, Closed};

/// Puts a value in the place of another, if the deal is as it was read.
pub async fn set(ctx: &Ctx, staff: &Staff, old: &Deal, value: Value) -> Result<(), Problem> {
    must_change(staff, old)?;
    let (company, now, id) = (staff.company.id, ctx.now(), old.id);
    let deal = match value {
        Value::Amount(cents, currency) => Deal { cents, currency, ..old.clone() },
        Value::Company(organisation) => Deal { organisation, ..old.clone() },
        Value::Close(close_on) => Deal { close_on, ..old.clone() },
        Value::Owner(owner) => Deal { owner, ..old.clone() },
    };
    if deal == *old {
        return Ok(());
    }
    let owner = deal.owner;
    let line = note::given(ctx, staff, Of::Deal(id), (old.owner, owner))?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !deals::change(tx, company, &deal)? {
            return Err(StoreError::Moved);
        }
        line.iter().try_for_each(|line| activities::add(tx, company, line))?;
        events::add(tx, company, events::Kind::DealChanged, id, now)
    });
    write.await?;
    follow(ctx, staff, (owner != old.owner).then_some(owner), id, old.title.person()).await;
    Ok(())
}

/// Puts values into fields of the company, if the deal is as it was seen; why not, when one is closed.
pub async fn set_own(
    ctx: &Ctx,
    staff: &Staff,
    (old, seen): (&Deal, &Seen),
    typed: &filled::Typed,
) -> Result<Result<(), Closed>, Problem> {
    must_change(staff, old)?;
    let (company, now, id, about) = (staff.company.id, ctx.now(), old.id, old.title.person());
    let kept = match refill(ctx, staff, (old, about, seen), typed).await? {
        Ok(Some(kept)) => kept,
        Ok(None) => return Ok(Ok(())),
        Err(closed) => return Ok(Err(closed)),
    };
    let (deal, row) = (old.clone(), kept.row.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !deals::change(tx, company, &deal)? {
            return Err(StoreError::Moved);
        }
        rows::set(tx, company, id.to_bytes(), &row)?;
        events::add(tx, company, events::Kind::DealChanged, id, now)
    });
    filled::written(ctx, staff, &kept, write.await).await?;
    follow(ctx, staff, None, id, about).await;
    Ok(Ok(()))
}
