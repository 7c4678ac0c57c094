//! Items of the objects that a company made itself: devices, contracts, shops, each object with its list and its fields.
//!
//! What belongs to a person is theirs: each value is a fact, decided by their terms, and only ids are rows. What belongs to
//! an organisation or to nobody is the company's own.

mod act;
mod api;
mod model;
#[cfg(test)]
pub(crate) mod story;
mod web;

use assent_kernel::Use;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who, objects};
use axum::Router;

use crate::frame::ROLES;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Things;

impl Room for Things {
    fn card(&self) -> Card {
        Card {
            name: "Objects",
            sentence: "What a company keeps beside people, organisations and deals, in objects that it made itself.",
            who: Who::Staff(ROLES),
            asks: &[Use::List, Use::View],
            // Stands for one line for each object.
            ways: &[Way {
                label: "Objects",
                href: objects::HERE,
                icon: "things",
                key: "",
                heading: "",
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
}
