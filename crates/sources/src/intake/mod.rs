//! Where contacts come in from files.
//!
//! A file is uploaded into a sealed stash, its columns are given a meaning, somebody says what these people's terms stand
//! on, and rows stream into the gate. Who comes without terms is in quarantine: may be kept and asked, not viewed in full,
//! mailed or exported. What cannot be taken comes back as a file with a reason for each row. A whole import can be
//! stopped, taken up again and undone.
//!
//! It asks for one use, Capture: the gate gives each fact a warrant or leaves it out.

mod act;
mod api;
mod cli;
pub mod engine;
mod files;
mod form;
pub mod judge;
pub mod model;
pub mod note;
pub mod plan;
pub mod read;
mod run;
mod sheet;
mod store;
mod terms;
mod view;
mod web;

#[cfg(test)]
mod tests;

use assent_kernel::{Role, Use};
use assent_web::api::Operation;
use assent_web::{Card, Ctx, JobKind, Room, Way, Who};
use axum::Router;

pub use cli::{Finished, MapFile, Order, import_file, run_import_cli};

/// Who may import.
const ROLES: &[Role] = &[Role::Admin, Role::Dpo, Role::Sales, Role::Marketing, Role::Support];

/// The room.
#[derive(Debug, Clone, Copy)]
pub struct Intake;

impl Room for Intake {
    fn card(&self) -> Card {
        Card {
            name: "Import",
            sentence: "Contacts come in from files, on terms that somebody can show, or into quarantine.",
            who: Who::Staff(ROLES),
            asks: &[Use::Capture],
            ways: &[Way {
                label: "Import",
                href: "/import",
                icon: "import",
                key: "g i",
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
    fn jobs(&self) -> &'static [JobKind] {
        run::JOBS
    }
    fn home_sql(&self) -> &'static [&'static str] {
        store::SQL
    }
}
