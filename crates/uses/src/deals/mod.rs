//! Deals: with people and with organisations, through pipelines with stages, as a table or as a board.
//!
//! Where a deal stands and how much it is worth is structure. What it is called is a text: a fact of the contact, decided
//! by their terms, or the company's own when it is with an organisation alone.

mod act;
mod api;
mod model;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::{Role, Use};
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;

use crate::frame::ROLES;

/// Who may change pipelines.
const BUILDERS: &[Role] = &[Role::Admin];

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Deals;

impl Room for Deals {
    fn card(&self) -> Card {
        Card {
            name: "Deals",
            sentence: "What is being sold, to whom, how far it is, and what it may bring.",
            who: Who::Staff(ROLES),
            asks: &[Use::List, Use::View],
            ways: &[Way {
                label: "Deals",
                href: "/deals",
                icon: "deals",
                key: "g d",
                heading: "",
                roles: ROLES,
                makes: &[("New deal", "/deals/new")],
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
