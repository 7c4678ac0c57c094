//! The records right before and right after one, to leaf through: in the list that it was opened from, or by age.
//!
//! Where a list asks about people to know who fits, nobody is asked about because a record was opened: only whoever wants the
//! one before or after has it found, by the address that leads there.

use askama::Template;
use assent_web::{Fields, say};
use axum::response::{IntoResponse, Redirect, Response};

use crate::frame;
use crate::lists::origin::Origin;

/// On which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Before it in the list, or newer.
    Before,
    /// After it in the list, or older.
    After,
}

/// The word by which an address says on which side.
const TO: &str = "to";

impl Side {
    /// What an address says.
    pub fn read(fields: &Fields) -> Self {
        if fields.get(TO) == Self::Before.key() { Self::Before } else { Self::After }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// The one of both that lies there.
    pub fn of<T>(self, (before, after): (T, T)) -> T {
        match self {
            Self::Before => before,
            Self::After => after,
        }
    }

    /// What lies there, and nothing on the other side.
    pub fn only<T>(self, found: Option<T>) -> (Option<T>, Option<T>) {
        match self {
            Self::Before => (found, None),
            Self::After => (None, found),
        }
    }

    /// What is said where nothing is on that side.
    const fn end(self) -> &'static str {
        match self {
            Self::Before => "first",
            Self::After => "last",
        }
    }
}

/// The links to both.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "around/beside.html")]
pub struct Beside {
    /// Where the one before is, or the newer one.
    pub before: Option<String>,
    /// Where the one after is, or the older one.
    pub after: Option<String>,
    /// Whether it is a list that they follow.
    pub listed: bool,
}

impl Beside {
    /// Those of a list, or by age where there is none, by where they are; each leads on in the same list.
    pub fn new(from: &Origin, (before, after): (Option<String>, Option<String>)) -> Self {
        let on = |href: String| from.on(&href);
        Self { before: before.map(on), after: after.map(on), listed: from.state().is_some() }
    }

    /// Those of a list that has to ask about people to find them: they are found when one is wanted. `open` is the tab that
    /// is open, as its address says it; empty for the first.
    pub fn when_wanted(from: &Origin, home: &str, open: &str) -> Self {
        let tab = if open.is_empty() { String::new() } else { format!("&tab={open}") };
        let on = |side: Side| Some(from.on(&format!("{home}/beside?{TO}={}{tab}", side.key())));
        Self { before: on(Side::Before), after: on(Side::After), listed: true }
    }

    fn previous(&self) -> &'static str {
        say(if self.listed { "Previous in the list" } else { "Newer" })
    }
    fn next(&self) -> &'static str {
        say(if self.listed { "Next in the list" } else { "Older" })
    }
}

impl askama::filters::HtmlSafe for Beside {}

/// To what was found on a side; where there is nothing, back to the record, with a word that says so.
pub fn step(home: &str, side: Side, found: Beside) -> Response {
    match side.of((found.before, found.after)) {
        Some(href) => Redirect::to(&href).into_response(),
        None => frame::to(home, side.end()),
    }
}
