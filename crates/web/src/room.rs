//! Rooms: one feature, one folder, one shape. Routes, menu, jobs and documentation derive from one list of them.

use std::future::Future;
use std::pin::Pin;

use assent_kernel::{Role, Timestamp, Use};
use axum::Router;

use crate::api::Operation;
use crate::ctx::Ctx;

/// Who may enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Staff with one of these roles.
    Staff(&'static [Role]),
    /// The person whom the facts are about.
    Person,
    /// Anybody.
    Anyone,
}

/// A line of the menu that leads to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// What it is called.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// An icon's name.
    pub icon: &'static str,
    /// Two strokes that lead there.
    pub key: &'static str,
    /// A heading over it; empty for none.
    pub heading: &'static str,
    /// Roles that see it; empty for everybody who may enter.
    pub roles: &'static [Role],
    /// What can be made there, for Ctrl+K: what it is called, and the page.
    pub makes: &'static [(&'static str, &'static str)],
}

/// What a room is, on a card.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    /// Its name.
    pub name: &'static str,
    /// One sentence: what it is for.
    pub sentence: &'static str,
    /// Who may enter.
    pub who: Who,
    /// Which uses it asks for; every one through the gate.
    pub asks: &'static [Use],
    /// The lines of the menu that lead here.
    pub ways: &'static [Way],
}

/// What a job's run returns.
pub type Running<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>>;

/// A kind of work that a room does later. Every run must be able to happen twice.
#[derive(Clone, Copy)]
pub struct JobKind {
    /// The name under which it is queued.
    pub kind: &'static str,
    /// Does it.
    pub run: for<'a> fn(&'a Ctx, &'a [u8], Timestamp) -> Running<'a>,
}

impl std::fmt::Debug for JobKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JobKind({})", self.kind)
    }
}

/// A room.
pub trait Room: Sync {
    /// What it is.
    fn card(&self) -> Card;
    /// Its pages.
    fn routes(&self) -> Router<Ctx>;
    /// What programs can do here.
    fn api(&self) -> Vec<Operation> {
        Vec::new()
    }
    /// The work it does later.
    fn jobs(&self) -> &'static [JobKind] {
        &[]
    }
    /// Its statements on the home store, prepared on both engines by a test.
    fn home_sql(&self) -> &'static [&'static str] {
        &[]
    }
    /// Its statements on a region's store, prepared on both engines by a test.
    fn region_sql(&self) -> &'static [&'static str] {
        &[]
    }
}
