//! The deals before and after one: those of the list that it was opened from, or by age.

use assent_kernel::DealId;
use assent_store::work::deals::Deal;
use assent_store::work::leaf::Of;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use crate::around::Beside;
use crate::deals::act::list::{self, By};
use crate::deals::act::{self, pipelines};
use crate::deals::model::{columns, lane, wanted};
use crate::frame;
use crate::lists::origin::Origin;
use crate::lists::{leaf, own};

/// Where they are.
pub async fn beside(ctx: &Ctx, staff: &Staff, from: &Origin, deal: &Deal) -> Result<Beside, Problem> {
    let mut own = act::fields(ctx, staff).await?;
    own.retain(|field| field.gone_at.is_none());
    let columns = columns(&own);
    let wanted = wanted(&from.state().unwrap_or_default(), &columns);
    let ways = pipelines::all(ctx, staff).await?;
    let way = lane(&wanted, &ways);
    if wanted.is_plain() && way.is_none() {
        let of = (Of::Deals, staff.sees(Object::Deals));
        let gone = wanted.extra("show") == "removed";
        let (newer, older) = leaf::beside(ctx, staff, of, gone, deal.id.to_bytes()).await?;
        let href = |id| format!("/deals/{}", DealId::from_bytes(id));
        return Ok(Beside::new(from, (newer.map(href), older.map(href))));
    }
    own.retain(|field| wanted.touches(&[&own::key(field)], &[]));
    let colleagues = frame::colleagues(ctx, staff).await?;
    let by = By { wanted: &wanted, way, colleagues: &colleagues, pipelines: &ways, own: &own };
    let (before, after) = list::beside(ctx, staff, by, deal.clone()).await?;
    let href = |id: String| format!("/deals/{id}");
    Ok(Beside::new(from, (before.map(href), after.map(href))))
}
