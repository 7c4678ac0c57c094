//! Decisions for programs that keep their own data: they ask what this company's customers allow, one by one, many at
//! once, or as a count with reasons. An answer is no use yet: with `record` the use is written down first.

mod act;
mod api;
mod model;
#[cfg(test)]
mod story;

use assent_kernel::Use;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Who};
use axum::Router;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Decide;

impl Room for Decide {
    fn card(&self) -> Card {
        Card {
            name: "Decide",
            sentence: "Answers programs that keep their own data: may this be used, and if not, why not.",
            who: Who::Anyone,
            asks: Use::ALL,
            ways: &[],
        }
    }

    fn routes(&self) -> Router<Ctx> {
        Router::new()
    }
    fn api(&self) -> Vec<Operation> {
        api::operations()
    }
}
