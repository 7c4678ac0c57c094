//! Changing many deals at once. The list says beforehand how many are open; structure may be changed of all of them.

use assent_kernel::DealId;
use assent_web::{Ctx, Posted, Problem, Staff};
use axum::extract::State;
use axum::response::Response;

use crate::deals::act::{self, pipelines};
use crate::deals::model;
use crate::frame;

/// The most deals that are changed with one click.
const MOST: usize = 200;

/// What is done to all that were chosen.
enum Deed {
    Change,
    Remove,
    Restore,
}

pub async fn change(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let deed = match fields.get("do") {
        "" => Deed::Change,
        "remove" => Deed::Remove,
        "restore" => Deed::Restore,
        _ => return Err(Problem::invalid("Deals can be changed, removed or brought back here.")),
    };
    let back = frame::own(fields.get("back")).unwrap_or("/deals");
    let mut ids: Vec<DealId> = fields.all("id").map(act::id).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(frame::to(back, "none-chosen"));
    }
    if ids.len() > MOST {
        return Err(Problem::invalid(format!("At most {MOST} deals can be changed with one click.")));
    }
    let ways = pipelines::all(&ctx, &staff).await?;
    let stage = model::stage(fields.get("stage"), &ways);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let hand =
        (fields.has("owner") && fields.get("owner") != "-").then(|| colleagues.read(fields.get("owner")));
    let (mut done, mut left) = (0u64, 0u64);
    // All of them, or none.
    let mut deals = Vec::with_capacity(ids.len());
    for id in ids {
        let deal = act::one(&ctx, &staff, id).await?;
        act::must_change(&staff, &deal)?;
        deals.push(deal);
    }
    for deal in deals {
        let id = deal.id;
        match deed {
            Deed::Remove => act::set_gone(&ctx, &staff, id, true).await?,
            Deed::Restore => act::set_gone(&ctx, &staff, id, false).await?,
            Deed::Change => {
                if let Some(owner) = hand {
                    act::set_owner(&ctx, &staff, &deal, owner).await?;
                }
                if let Some(to) = stage
                    && !act::set_stage(&ctx, &staff, &deal, to, None, &ways).await?
                {
                    left = left.saturating_add(1);
                    continue;
                }
            }
        }
        done = done.saturating_add(1);
    }
    Ok(frame::to(back, &format!("bulk.{done}.{left}")))
}
