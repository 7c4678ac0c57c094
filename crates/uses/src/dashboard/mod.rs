//! The page of numbers: how far deals are, what is due, who allows what for the purpose at hand, what was used.
//!
//! Every number of rows leads to the list that has exactly these. People are decided before they are counted, and few
//! people are no number.

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

/// Who sees how much was used: whom the menu leads to the ledger.
const LEDGER: &[Role] = &[Role::Admin, Role::Dpo];

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Dashboard;

impl Room for Dashboard {
    fn card(&self) -> Card {
        Card {
            name: "Dashboard",
            sentence: "How deals, tasks and people stand, in numbers that lead to what they count.",
            who: Who::Staff(ROLES),
            asks: &[Use::List],
            ways: &[Way {
                label: "Dashboard",
                href: "/dashboard",
                icon: "chart",
                key: "g h",
                heading: "",
                roles: ROLES,
                makes: &[],
            }],
        }
    }

    fn api(&self) -> Vec<Operation> {
        api::operations()
    }

    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }
}
