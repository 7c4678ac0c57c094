//! Pages of programs: their keys, and where they are told what happens.

mod hooks;
mod keys;

use assent_web::shell::{Flash, Tone};
use assent_web::{Ctx, Fields, Problem, Shell, Staff, say};
use axum::Router;
use axum::routing::{get, post};

use crate::frame;

/// The routes.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/programs", get(keys::show).post(keys::make))
        .route("/programs/keys/{id}/end", post(keys::end))
        .route("/programs/hooks", get(hooks::show).post(hooks::make))
        .route("/programs/hooks/{id}", get(hooks::one).post(hooks::change))
        .route("/programs/hooks/{id}/secret", post(hooks::rotate))
        .route("/programs/hooks/{id}/remove", post(hooks::remove))
        .route("/programs/hooks/{id}/again", post(hooks::again))
}

/// Only those of the card may enter.
async fn shell(ctx: &Ctx, staff: &Staff, title: &str, said: &str) -> Result<Shell, Problem> {
    staff.must_be(super::ROLES)?;
    let mut shell = frame::shell(ctx, staff, say(title)).await?;
    shell.purpose = None;
    let text = match said {
        "ended" => "Ended. Every node refuses it within a second.",
        "changed" => "Changed.",
        "removed" => "Removed, with its log.",
        "again" => "It is being sent again.",
        _ => "",
    };
    shell.flash = (!text.is_empty()).then(|| Flash { tone: Tone::Good, text: say(text).into(), undo: None });
    Ok(shell)
}

fn said(query: Option<String>) -> String {
    Fields::parse(query.unwrap_or_default().as_bytes()).get("said").chars().take(40).collect()
}
