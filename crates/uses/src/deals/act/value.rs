//! One value of a deal, changed by itself. Structure may be changed of every deal; a title by whoever may open it.

use assent_store::work::deals::{self, Deal};
use assent_store::{StoreError, events};
use assent_web::{Ctx, Problem, Staff};

use super::{follow, must_change};
use crate::deals::model::value::Value;

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
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        if !deals::change(tx, company, &deal)? {
            return Err(StoreError::Moved);
        }
        events::add(tx, company, events::Kind::DealChanged, id, now)
    });
    write.await?;
    follow(ctx, staff, (owner != old.owner).then_some(owner), id, old.title.person()).await;
    Ok(())
}
