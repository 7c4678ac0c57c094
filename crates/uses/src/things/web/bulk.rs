//! Changing many items at once.

use assent_web::objects;
use assent_web::{Ctx, Posted, Problem, Staff, say};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::things::act;
use crate::things::act::many::{self, Deed};
use crate::{along, frame};

/// The most items that are changed with one click.
const MOST: usize = 200;

pub async fn change(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let home = objects::href(&sort.object.key);
    let back = frame::back(&sent, &home);
    let ids = along::ids(&sent, act::id)?;
    if ids.is_empty() {
        return Ok(frame::to(back, "none-chosen"));
    }
    if ids.len() > MOST {
        return Err(
            Problem::invalid(say!("At most {n} items can be changed with one click.", n = MOST)).said()
        );
    }
    let deed = match (sent.get("do"), sent.get("owner")) {
        ("remove", _) => Deed::Remove,
        ("restore", _) => Deed::Restore,
        ("", "-") => return Ok(frame::to(back, "none-chosen")),
        ("", to) if sent.has("owner") => Deed::Give(frame::colleagues(&ctx, &staff).await?.read(to)?),
        _ => return Err(Problem::invalid("Items can be handed over, removed or brought back here.")),
    };
    let all = act::some(&ctx, &staff, &sort, &ids).await?;
    let done = many::change(&ctx, &staff, all, deed).await?;
    Ok(frame::to(back, &format!("bulk.{done}.0")))
}
