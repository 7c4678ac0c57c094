//! Moving a deal to another stage; a lost one says why.

use askama::Template;
use assent_store::work::deals::{Ending, Lost};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::deal::title;
use crate::deals::act::{self, pipelines};
use crate::deals::model;
use crate::frame;
use crate::texts;
use crate::undo::{self, Undo};

#[derive(Template)]
#[template(path = "deals/lost.html")]
struct Page {
    shell: Shell,
    label: String,
    action: String,
    stage: String,
    back: String,
    reasons: Vec<(&'static str, &'static str)>,
    error: bool,
}

/// Asks why a deal was lost.
pub async fn ask(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let id = act::id(&id)?;
    Ok(html::page(&page(&ctx, &staff, id, &fields, false).await?))
}

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    id: assent_kernel::DealId,
    fields: &Fields,
    error: bool,
) -> Result<Page, Problem> {
    let deal = act::one(ctx, staff, id).await?;
    act::must_change(staff, &deal)?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let opened = texts::viewed(ctx, staff, std::iter::once(&deal.title)).await?;
    let home = format!("/deals/{id}");
    Ok(Page {
        shell: frame::shell(ctx, staff, say("Why was it lost?")).await?,
        label: title(&deal, &opened, &words).label,
        action: format!("{home}/stage"),
        stage: fields.get("stage").to_owned(),
        back: frame::own(fields.get("back")).unwrap_or(&home).to_owned(),
        reasons: Lost::ALL.map(|one| (one.key(), say(one.label()))).to_vec(),
        error,
    })
}

pub async fn save(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    let ways = pipelines::all(&ctx, &staff).await?;
    let to = model::stage(fields.get("stage"), &ways)
        .ok_or_else(|| Problem::invalid("There is no such stage."))?;
    let lost = model::lost(fields.get("lost"));
    if to.ending == Ending::Lost && lost.is_none() {
        let page = page(&ctx, &staff, deal.id, &fields, fields.has("asked")).await?;
        return Ok(frame::unfinished(html::page(&page)));
    }
    act::set_stage(&ctx, &staff, &deal, to, lost, &ways).await?;
    let home = format!("/deals/{}", deal.id);
    let before = [("stage", deal.stage.to_string())];
    let why = deal.lost.map(|lost| ("lost", lost.key().to_owned()));
    let undo = Undo::new(format!("{home}/stage"), before.into_iter().chain(why).collect());
    let back = frame::own(fields.get("back")).unwrap_or(&home);
    undo::to(&ctx, &staff, back, "moved", Some(undo)).await
}
