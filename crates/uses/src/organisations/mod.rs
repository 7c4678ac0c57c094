//! Organisations: customers, partners, prospects. The company is whoever runs on Assent.
//!
//! What is known of an organisation is about nobody, so no terms decide it; it is sealed under the company's key. Who works
//! there is told by people's own facts, and shown as far as their terms open them.

mod act;
mod api;
mod model;
#[cfg(test)]
mod story;
mod web;

use assent_kernel::Use;
use assent_web::api::Operation;
use assent_web::{Card, Ctx, Room, Way, Who};
use axum::Router;

use crate::frame::ROLES;

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Organisations;

impl Room for Organisations {
    fn card(&self) -> Card {
        Card {
            name: "Organisations",
            sentence: "The organisations a company deals with, and the people who work there as far as they are open.",
            who: Who::Staff(ROLES),
            asks: &[Use::List],
            ways: &[Way {
                label: "Organisations",
                href: "/organisations",
                icon: "companies",
                key: "g c",
                heading: "",
                roles: ROLES,
                makes: &[("New organisation", "/organisations/new")],
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
