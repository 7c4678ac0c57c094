//! What a company lays down: purposes, notices, parties, mandates, staff.
//!
//! Every change is a new version of the policy, whole or not at all, with who made it. What is law takes two people: one
//! drafts, another approves. Whoever edits what somebody else has just changed is told, and keeps what they typed.

mod act;
mod api;
mod model;
mod store;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::Role;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;

pub use web::first_page;

/// Who may enter.
const ROLES: &[Role] = &[Role::Admin, Role::Dpo];

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Settings;

impl Room for Settings {
    fn card(&self) -> Card {
        Card {
            name: "Settings",
            sentence: "What the company lays down: why it uses data, what it asks for, who receives, which laws hold.",
            who: Who::Staff(ROLES),
            asks: &[],
            ways: &[Way {
                label: "Settings",
                href: "/settings",
                icon: "settings",
                key: "g s",
                heading: "Installation",
                roles: ROLES,
                makes: &[
                    ("New notice", "/settings/notices/new"),
                    ("New party", "/settings/parties/new"),
                    ("New mandate", "/settings/mandates/new"),
                    ("First steps", "/settings/start"),
                ],
            }],
        }
    }

    fn routes(&self) -> Router<Ctx> {
        web::routes()
    }

    fn api(&self) -> Vec<Operation> {
        api::operations()
    }

    fn region_sql(&self) -> &'static [&'static str] {
        store::SQL
    }
}
