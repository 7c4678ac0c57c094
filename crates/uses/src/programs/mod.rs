//! Programs that work with this company's data: their keys, and where they are told what happens.
//!
//! A message names what happened and the id of what it is about, and nothing else: whoever wants to know more calls back
//! with a key, and is decided then. Messages are signed and sent again as Standard Webhooks lays down.

mod act;
mod api;
mod deliver;
mod model;
mod store;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::Role;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, JobKind, Room, Way, Who};
use axum::Router;

pub use deliver::carry;
pub use store::tidy;

/// Who may enter.
const ROLES: &[Role] = &[Role::Admin];

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Programs;

impl Room for Programs {
    fn card(&self) -> Card {
        Card {
            name: "Programs",
            sentence: "The keys of programs, and where they are told what happens.",
            who: Who::Staff(ROLES),
            asks: &[],
            ways: &[Way {
                label: "Programs",
                href: "/programs",
                icon: "key",
                key: "g k",
                heading: "Installation",
                roles: ROLES,
                makes: &[],
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
        deliver::JOBS
    }
    fn home_sql(&self) -> &'static [&'static str] {
        store::SQL
    }
}
