//! Taking items along: those of the list that is shown, or those that were ticked.

use assent_web::{Ctx, Fields, Posted, Problem, Staff, objects};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::item::Sort;
use crate::lists::{Column, Wanted};
use crate::things::act::{self, By};
use crate::things::model::along::{Taken, sort_of};
use crate::things::model::{self, columns};
use crate::{along, frame};

fn wanted(sort: &Sort, columns: &[Column], fields: &Fields) -> Wanted {
    Wanted::read(objects::href(&sort.object.key), columns, &["show"], fields)
}

pub async fn show(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let columns = columns(&sort);
    let wanted = wanted(&sort, &columns, &Fields::parse(query.unwrap_or_default().as_bytes()));
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    // Nothing is shown here: only what rules, search and order look at is asked for.
    let first = columns.iter().take(1).map(|one| one.key.clone()).collect();
    let judged = Wanted { columns: first, ..wanted.clone() };
    let asked = model::asked(&sort, &judged, &columns);
    let by = By { sort: &sort, wanted: &judged, asked: &asked, colleagues: &colleagues };
    let found = act::found(&ctx, &staff, by, None).await?;
    let rows = act::with_fields(&ctx, &staff, &sort, found.rows).await?;
    let rows: Vec<Taken> = rows.into_iter().map(|row| Taken::new(&sort, row)).collect();
    let chosen = (&columns[..], &wanted.columns[..]);
    along::show(&ctx, &staff, &sort_of(&sort), (&rows, found.read), chosen, wanted.href()).await
}

/// The rows that were ticked. Another company's lead nowhere.
async fn picked(ctx: &Ctx, staff: &Staff, sort: &Sort, sent: &Fields) -> Result<Vec<Taken>, Problem> {
    let rows = act::picked(ctx, staff, sort, &along::ids(sent, act::id)?).await?;
    Ok(rows.into_iter().map(|row| Taken::new(sort, row)).collect())
}

pub async fn ticked(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    let home = objects::href(&sort.object.key);
    let back = frame::back(&sent, &home).to_owned();
    if !sent.has("id") {
        return Ok(frame::to(&back, "none-chosen"));
    }
    let (rows, columns) = (picked(&ctx, &staff, &sort, &sent).await?, columns(&sort));
    let chosen = wanted(&sort, &columns, &sent).columns;
    along::show(&ctx, &staff, &sort_of(&sort), (&rows, rows.len()), (&columns, &chosen), back).await
}

pub async fn file(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let sort = act::sort(&ctx, &staff, &key).await?;
    if !sent.has("id") {
        return Ok(frame::to(&objects::href(&sort.object.key), "none-chosen"));
    }
    let (rows, columns) = (picked(&ctx, &staff, &sort, &sent).await?, columns(&sort));
    let chosen = wanted(&sort, &columns, &sent).columns;
    along::table_of(&ctx, &staff, &sort_of(&sort), &rows, (&columns, &chosen)).await
}
