//! The page that says why something about a person is not kept or changed, and keeps what was typed.

use askama::Template;
use assent_kernel::Reason;
use assent_web::{Ctx, Problem, Shell, Staff, filters, html, say};
use axum::http::StatusCode;
use axum::response::Response;

use crate::frame::{self, words};

#[derive(Template)]
#[template(path = "around/closed.html")]
struct Closed {
    shell: Shell,
    icon: &'static str,
    sentence: String,
    back: String,
    typed: String,
}

/// The page.
pub async fn refused(
    ctx: &Ctx,
    staff: &Staff,
    reason: &Reason,
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let sentence = format!("{}. {}", words.closed_for(), words.sentence(Some(reason)));
    closed(ctx, staff, sentence, back, typed).await
}

/// The same with a sentence that is known.
pub async fn closed(
    ctx: &Ctx,
    staff: &Staff,
    sentence: String,
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    page(ctx, staff, (StatusCode::FORBIDDEN, "lock", sentence), back, typed).await
}

/// The same for what does not fit, whoever it is about.
pub async fn unfit(
    ctx: &Ctx,
    staff: &Staff,
    wrong: String,
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    page(ctx, staff, (StatusCode::UNPROCESSABLE_ENTITY, "x", wrong), back, typed).await
}

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    (status, icon, sentence): (StatusCode, &'static str, String),
    back: String,
    typed: &str,
) -> Result<Response, Problem> {
    let shell = frame::shell(ctx, staff, say("Not saved")).await?;
    let mut page = html::page(&Closed { shell, icon, sentence, back, typed: typed.to_owned() });
    *page.status_mut() = status;
    Ok(page)
}
