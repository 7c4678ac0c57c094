//! Finding: people, organisations, deals, tasks, notes, files and items by what is typed into Ctrl+K or the search box of the
//! menu, through blind tokens and the gate.

mod act;
mod api;
#[cfg(test)]
mod story;
mod web;
mod written;

use assent_kernel::Use;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Who};
use axum::Router;

use crate::frame::ROLES;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Find;

impl Room for Find {
    fn card(&self) -> Card {
        Card {
            name: "Find",
            sentence: "Leads to people, organisations, deals, tasks, notes, files and items by what is typed, as far as it may be listed.",
            who: Who::Staff(ROLES),
            asks: &[Use::List],
            ways: &[],
        }
    }

    fn api(&self) -> Vec<Operation> {
        api::operations()
    }

    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }
}
