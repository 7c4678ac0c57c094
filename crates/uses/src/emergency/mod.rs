//! Emergencies and cases: what is closed opens for somebody's life, with a reason, a second person, and a word to the
//! person; and a law that reaches every fact opens for the case that staff name.

mod act;
mod api;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::{Role, Use};
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;

use crate::frame::ROLES;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Emergencies;

impl Room for Emergencies {
    fn card(&self) -> Card {
        Card {
            name: "Emergencies",
            sentence: "What is closed opens for somebody's life, once a second person agrees, and the person is told.",
            who: Who::Staff(ROLES),
            asks: &[Use::View, Use::Message],
            ways: &[Way {
                label: "Emergencies",
                href: "/emergencies",
                icon: "unlock",
                key: "g y",
                heading: "Installation",
                roles: &[Role::Admin, Role::Dpo],
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
}
