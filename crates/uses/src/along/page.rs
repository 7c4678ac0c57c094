//! The page before a file: how much of it is permitted and why the rest is not, then the file.

use std::borrow::Cow;

use askama::Template;
use assent_web::file::attachment;
use assent_web::parts::Permitted;
use assent_web::{Ctx, Fields, Problem, Shell, Staff, filters, html, say, text};
use axum::response::Response;

use super::{Goes, MOST, Sort, foresee, table};
use crate::lists::{self, Column, Word};
use crate::{frame, spoken};

/// The page, of people and of work alike.
#[derive(Template)]
#[template(path = "along/page.html")]
pub struct Along {
    /// The frame.
    pub shell: Shell,
    /// What the list is called.
    pub list: Word,
    /// Where the file comes from.
    pub file: String,
    /// Where the list is.
    pub back: String,
    /// What for, in words.
    pub purpose: String,
    /// How many rows there are, in words; empty for none.
    pub total: String,
    /// Whether there may be more rows that were not read.
    pub cut: bool,
    /// Whether something in it is about people.
    pub personal: bool,
    /// What is permitted of what is about people.
    pub permitted: Vec<Permitted>,
    /// Whether there is anything to take along.
    pub any: bool,
    /// The rows.
    pub ids: Vec<String>,
    /// The columns that were chosen.
    pub columns: Vec<String>,
    /// Whether there are cards of it too.
    pub cards: bool,
}

fn bounded(rows: usize) -> Result<(), Problem> {
    if rows <= MOST {
        return Ok(());
    }
    let most = text::count(u64::try_from(MOST).unwrap_or(0));
    let told = format!(
        "At most {most} rows can be taken along at once. Narrow the list by a rule, and take it along in parts."
    );
    Err(Problem::invalid(told).german(format!(
        "Höchstens {most} Zeilen lassen sich auf einmal mitnehmen. Grenzen Sie die Liste mit einer Regel ein, und nehmen Sie sie in Teilen mit."
    )))
}

/// The ids of the rows that were ticked, each once, in their order.
pub fn ids<I: Copy + Ord>(fields: &Fields, read: fn(&str) -> Result<I, Problem>) -> Result<Vec<I>, Problem> {
    bounded(fields.all("id").count())?;
    Ok(spoken::each_once(fields.all("id").map(read).collect::<Result<_, _>>()?))
}

/// The page before the file of these rows, of so many that were read to find them.
pub async fn show<R: Goes>(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    (rows, read): (&[R], usize),
    (columns, chosen): (&[Column], &[Word]),
    back: String,
) -> Result<Response, Problem> {
    bounded(rows.len())?;
    let permitted = foresee::foresee(ctx, staff, sort, rows, &shown(columns, chosen)).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let purpose = frame::words(ctx, staff, &standing.policy).label(&staff.purpose);
    Ok(html::page(&Along {
        shell: frame::shell(ctx, staff, say("Take along")).await?,
        list: match &sort.label {
            Cow::Borrowed(ours) => Cow::Borrowed(say(ours)),
            Cow::Owned(theirs) => Cow::Owned(theirs.clone()),
        },
        file: format!("{}/export/file", sort.path),
        back,
        purpose,
        total: if rows.is_empty() {
            String::new()
        } else {
            lists::total(read, rows.len(), say("row"), say("rows"))
        },
        cut: read >= usize::try_from(assent_store::work::MOST).unwrap_or(usize::MAX),
        personal: sort.text.is_some() || sort.whom.is_some() || sort.own,
        permitted,
        any: !rows.is_empty(),
        ids: rows.iter().map(lists::Listed::id).collect(),
        columns: chosen.iter().map(ToString::to_string).collect(),
        cards: false,
    }))
}

/// The first column, and those beside it in the order in which they are shown.
fn shown<'a>(columns: &'a [Column], chosen: &[Word]) -> Vec<&'a Column> {
    columns.first().into_iter().chain(lists::shown(chosen, columns)).collect()
}

/// The file of these rows.
pub async fn table_of<R: Goes>(
    ctx: &Ctx,
    staff: &Staff,
    sort: &Sort,
    rows: &[R],
    (columns, chosen): (&[Column], &[Word]),
) -> Result<Response, Problem> {
    bounded(rows.len())?;
    let body = table(ctx, staff, sort, rows, &shown(columns, chosen)).await?;
    let name = format!("{}.csv", sort.path.trim_start_matches('/').replace('/', "-"));
    Ok(attachment("text/csv; charset=utf-8", &name, body))
}
