//! People, as staff may see them.
//!
//! A list and a record like any other CRM's, with one difference: every value was asked for first, under the purpose
//! that the member of staff works for now. What is closed says so in its place, and says what would open it.

mod act;
mod api;
mod model;
#[cfg(test)]
pub(crate) mod story;
mod web;

use assent_kernel::{Role, Timestamp, Use};
use assent_web::api::Operation;
use assent_web::{Card, Ctx, JobKind, Room, Way, Who};
use axum::Router;

/// Who may enter.
const ROLES: &[Role] =
    &[Role::Sales, Role::Marketing, Role::Support, Role::Billing, Role::Dpo, Role::Admin, Role::Product];
/// Who may erase somebody.
const ERASERS: &[Role] = &[Role::Dpo, Role::Admin];

/// Erases whoever was deleted for as long as they can be brought back: for the worker.
///
/// # Errors
/// What stood in the way; it is tried again.
pub async fn end_deletions(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    act::deleted::end(ctx, at).await.map_err(|problem| anyhow::anyhow!("{}: {}", problem.code, problem.title))
}

/// The desk.
#[derive(Debug, Clone, Copy)]
pub struct Desk;

impl Room for Desk {
    fn card(&self) -> Card {
        Card {
            name: "People",
            sentence: "The people of a company, as far as their terms open them for the work at hand.",
            who: Who::Staff(ROLES),
            asks: &[Use::List, Use::View, Use::Message],
            ways: &[Way {
                label: "People",
                href: "/people",
                icon: "people",
                key: "g p",
                heading: "",
                roles: ROLES,
                makes: &[("New person", "/people/new")],
            }],
        }
    }

    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }
    fn api(&self) -> Vec<Operation> {
        api::operations()
    }
    fn jobs(&self) -> &'static [JobKind] {
        act::joined::JOBS
    }
}
