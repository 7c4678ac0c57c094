//! The organisations before and after one: those of the list that it was opened from, or by age.

use assent_kernel::OrganisationId;
use assent_store::work::leaf::Of;
use assent_web::fields::{self, Thing};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use crate::around::beside::Beside;
use crate::frame;
use crate::lists::leaf;
use crate::lists::origin::{self, Origin};
use crate::organisations::model::{Row, SEARCHED, columns, wanted};
use crate::organised::{self, One};

/// Where they are.
pub async fn beside(ctx: &Ctx, staff: &Staff, from: &Origin, one: &One) -> Result<Beside, Problem> {
    let own = fields::offered(ctx, staff.company.id, Thing::Organisation).await?;
    let wanted = wanted(&from.state().unwrap_or_default(), &columns(&own));
    let (id, gone) = (one.row.id, wanted.extra("show") == "removed");
    if wanted.is_plain() {
        let of = (Of::Organisations, staff.sees(Object::Organisations));
        let (newer, older) = leaf::beside(ctx, staff, of, gone, id.to_bytes()).await?;
        let href = |id| format!("/organisations/{}", OrganisationId::from_bytes(id));
        return Ok(Beside::new(from, (newer.map(href), older.map(href))));
    }
    let mut all = organised::all(ctx, staff, gone).await?;
    // It may have been changed meanwhile, and fit no more: it keeps its place.
    if !all.iter().any(|other| other.row.id == id) {
        all.push(one.clone());
        all.sort_by_key(|other| std::cmp::Reverse(other.row.id));
    }
    let (colleagues, now) = (frame::colleagues(ctx, staff).await?, ctx.now());
    let rows = all.into_iter().map(|one| Row::new(one, &own, &colleagues));
    let fits = |row: &Row| row.one.row.id == id || wanted.takes(row, now, SEARCHED);
    let mut rows: Vec<Row> = rows.filter(fits).collect();
    wanted.sort(&mut rows);
    let (before, after) = origin::beside(&rows, &id.to_string());
    let href = |id: String| format!("/organisations/{id}");
    Ok(Beside::new(from, (before.map(href), after.map(href))))
}
