//! Changing many deals at once. The list says beforehand how many are open; structure may be changed of all of them.

use assent_kernel::DealId;
use assent_web::{Ctx, Posted, Problem, Staff};
use axum::extract::State;
use axum::response::Response;

use crate::deals::act::many::{self, Deed};
use crate::deals::act::{self, pipelines};
use crate::deals::model;
use crate::frame;

/// The most deals that are changed with one click.
const MOST: usize = 200;

pub async fn change(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let back = frame::own(fields.get("back")).unwrap_or("/deals");
    let mut ids: Vec<DealId> = fields.all("id").map(act::id).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(frame::to(back, "none-chosen"));
    }
    if ids.len() > MOST {
        let most = format!("At most {MOST} deals can be changed with one click.");
        let hoechstens = format!("Höchstens {MOST} Abschlüsse lassen sich mit einem Klick ändern.");
        return Err(Problem::invalid(most).german(hoechstens));
    }
    let ways = pipelines::all(&ctx, &staff).await?;
    let deed = match fields.get("do") {
        "" => {
            let (to, hand) = (model::stage(fields.get("stage"), &ways), fields.get("owner"));
            let colleagues = frame::colleagues(&ctx, &staff).await?;
            let owner = (fields.has("owner") && hand != "-").then(|| colleagues.read(hand)).transpose()?;
            Deed::Change(owner, to.cloned())
        }
        "remove" => Deed::Remove,
        "restore" => Deed::Restore,
        _ => return Err(Problem::invalid("Deals can be changed, removed or brought back here.")),
    };
    let (done, left) = many::change(&ctx, &staff, &ids, &deed, &ways).await?;
    Ok(frame::to(back, &format!("bulk.{done}.{left}")))
}
