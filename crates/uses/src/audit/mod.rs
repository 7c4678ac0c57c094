//! The ledger, for anybody: heads, tiles and keys in C2SP form, and a page that says what they are. Nothing here names a person.

mod lines;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::Role;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;

/// Who reads the lines of a day, and is led to the ledger.
const ROLES: &[Role] = &[Role::Admin, Role::Dpo, Role::Auditor];

/// The room.
#[derive(Debug)]
pub struct Audit;

impl Room for Audit {
    fn card(&self) -> Card {
        Card {
            name: "Audit",
            sentence: "The ledger of every use, which anybody can check without trusting this program.",
            who: Who::Anyone,
            asks: &[],
            ways: &[Way {
                label: "Ledger",
                href: "/ledger",
                icon: "ledger",
                key: "g l",
                heading: "Installation",
                roles: ROLES,
                makes: &[],
            }],
        }
    }
    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }
}
