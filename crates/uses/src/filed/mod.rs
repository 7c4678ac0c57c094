//! Files beside deals and organisations: of the person whom the deal is about, under their terms; else the company's own.
//! A room without a page of its own: they are told in the timeline of what they hang on.

mod act;
mod api;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::Use;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Who};
use axum::Router;

use crate::frame::ROLES;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Filed;

impl Room for Filed {
    fn card(&self) -> Card {
        Card {
            name: "Files",
            sentence: "Papers and pictures beside deals and organisations.",
            who: Who::Staff(ROLES),
            asks: &[Use::View],
            ways: &[],
        }
    }

    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }
    fn api(&self) -> Vec<Operation> {
        api::operations()
    }
}
