//! Tasks: what is to be done, by whom, until when; the page of the day; words to colleagues.
//!
//! What is to be done about a person is a fact of theirs: they can read it, and their terms decide who else may.

mod act;
mod api;
mod model;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::{Timestamp, Use};
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;

use crate::frame::{INBOX, MY_DAY, ROLES};

/// Writes letters to staff of what colleagues said to them, where they want some. Done twice, it is done once.
///
/// # Errors
/// What the stores said; the rest is done at the next call.
pub async fn write_letters(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    act::letters::write(ctx, at)
        .await
        .map_err(|problem| anyhow::anyhow!("{}: {}", problem.code, problem.title))
}

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Tasks;

impl Room for Tasks {
    fn card(&self) -> Card {
        const fn way(label: &'static str, href: &'static str, icon: &'static str, key: &'static str) -> Way {
            Way { label, href, icon, key, heading: "", roles: ROLES, makes: &[] }
        }
        const WAYS: &[Way] = &[
            way("My day", MY_DAY, "clock", "g m"),
            Way { makes: &[("New task", "/tasks/new")], ..way("Tasks", "/tasks", "check", "g t") },
            way("Inbox", INBOX, "bell", "g n"),
        ];
        Card {
            name: "Tasks",
            sentence: "What is to be done, and what colleagues say.",
            who: Who::Staff(ROLES),
            asks: &[Use::List, Use::View],
            ways: WAYS,
        }
    }

    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }
    fn api(&self) -> Vec<Operation> {
        api::operations()
    }
}
