//! Many deals changed with one click: all of them, or none. Structure may be changed of all that are theirs to change.

use assent_kernel::{DealId, StaffId};
use assent_store::work::Text;
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::deals::{self, Deal, Ending, Pipeline, Stage};
use assent_store::{StoreError, Tx, events};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::{follow, must_change, one};
use crate::around::{Of, note};

/// What is done to all of them.
pub enum Deed {
    /// They are handed to somebody, or to nobody, and moved to a stage.
    Change(Option<Option<StaffId>>, Option<Stage>),
    /// They are removed.
    Remove,
    /// They are brought back.
    Restore,
}

/// What is written of one deal.
struct Step {
    deal: Deal,
    owner: Option<Option<StaffId>>,
    stage: Option<Stage>,
    gone: Option<bool>,
    lines: Vec<Activity>,
}

/// Changes all of them; tells how many were, and how many stay because a last stage needs a reason for each.
pub async fn change(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[DealId],
    deed: &Deed,
    pipelines: &[Pipeline],
) -> Result<(usize, usize), Problem> {
    let (mut steps, mut left) = (Vec::with_capacity(ids.len()), 0usize);
    for id in ids {
        let deal = one(ctx, staff, *id).await?;
        must_change(staff, &deal)?;
        let so_already = match deed {
            Deed::Remove => deal.gone_at.is_some(),
            Deed::Restore => deal.gone_at.is_none(),
            Deed::Change(..) => false,
        };
        if so_already {
            continue;
        }
        match step(ctx, staff, deal, deed, pipelines)? {
            Some(step) => steps.push(step),
            None => left = left.saturating_add(1),
        }
    }
    let done = steps.len();
    let handed: Vec<_> = steps.iter().map(|one| (one.owner, one.deal.clone())).collect();
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Deals));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = store.write(move |tx: &mut Tx<'_>| {
        for one in &steps {
            let id = one.deal.id;
            let mut ver = one.deal.ver;
            let mut there = true;
            if let Some(owner) = one.owner {
                there = deals::set_owner(tx, company, (id, ver), owner)?;
                ver = ver.saturating_add(1);
            }
            if let Some(to) = &one.stage {
                there = there && deals::set_stage(tx, company, (id, ver), to, None, now)?;
            }
            if let Some(gone) = one.gone {
                there = deals::set_gone(tx, company, &reach, (id, ver), gone.then_some(now))?;
            }
            if !there {
                return Err(StoreError::Moved);
            }
            events::add(tx, company, events::Kind::DealChanged, id, now)?;
            one.lines.iter().try_for_each(|line| activities::add(tx, company, line))?;
        }
        Ok(())
    });
    write.await?;
    for (owner, deal) in handed {
        let to = owner.filter(|owner| *owner != deal.owner);
        follow(ctx, staff, to, deal.id, deal.title.person()).await;
    }
    Ok((done, left))
}

/// What is written of a deal; nothing when it stays, because it cannot be lost without a reason.
fn step(
    ctx: &Ctx,
    staff: &Staff,
    deal: Deal,
    deed: &Deed,
    pipelines: &[Pipeline],
) -> Result<Option<Step>, Problem> {
    let line = |kind| note::activity(ctx, staff, Of::Deal(deal.id), kind, Text::Gone, String::new());
    let (owner, stage, gone, lines) = match deed {
        Deed::Remove => (None, None, Some(true), vec![line(Kind::Removed)?]),
        Deed::Restore => (None, None, Some(false), vec![line(Kind::Restored)?]),
        Deed::Change(_, Some(to)) if to.ending == Ending::Lost => return Ok(None),
        Deed::Change(owner, to) => {
            let to = to.as_ref().filter(|to| to.id != deal.stage);
            let moved = to.map(|to| super::moving(ctx, staff, &deal, to, (None, pipelines))).transpose()?;
            let handed = (deal.owner, owner.unwrap_or(deal.owner));
            let given = note::given(ctx, staff, Of::Deal(deal.id), handed)?;
            (*owner, to.cloned(), None, moved.into_iter().chain(given).collect())
        }
    };
    Ok(Some(Step { deal, owner, stage, gone, lines }))
}
