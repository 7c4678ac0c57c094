//! Many tasks changed at once: all of them, or none.

use assent_kernel::TaskId;
use assent_store::work::tasks;
use assent_store::{StoreError, events};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::{must_change, one};

/// What is done to many tasks at once.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// They are done, or not after all.
    Done(bool),
    /// They are removed, or brought back.
    Gone(bool),
}

/// Changes all of these tasks, or none.
pub async fn change_many(ctx: &Ctx, staff: &Staff, ids: &[TaskId], deed: Deed) -> Result<(), Problem> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let task = one(ctx, staff, *id).await?;
        must_change(staff, &task)?;
        let so_already = match deed {
            Deed::Done(done) => task.done_at.is_some() == done,
            Deed::Gone(gone) => task.gone_at.is_some() == gone,
        };
        if !so_already {
            all.push((task.id, task.ver));
        }
    }
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx| {
        for which in &all {
            let there = match deed {
                Deed::Done(done) => tasks::set_done(tx, company, &reach, *which, done.then_some(now))?,
                Deed::Gone(gone) => tasks::set_gone(tx, company, &reach, *which, gone.then_some(now))?,
            };
            if !there {
                return Err(StoreError::Moved);
            }
            events::add(tx, company, events::Kind::TaskChanged, which.0, now)?;
        }
        Ok(())
    });
    Ok(write.await?)
}
