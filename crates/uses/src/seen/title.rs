//! What heads a row or a card: a text that is the company's own, a person's value with its terms, or a lock.

use askama::Template;
use assent_web::parts::{Shown, Terms};

use super::cell::Cell;
use super::words::{Words, brief};
use crate::lists::origin::Origin;

/// A heading that leads somewhere.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "seen/title.html")]
pub struct Title {
    /// Where it leads.
    pub href: String,
    /// What it says; when it is closed, what tells it apart.
    pub label: String,
    /// The terms of a person's value.
    pub terms: Option<Terms>,
    /// Why it is closed; empty when it is not.
    pub closed: String,
    /// The same in a word or two, for a cell of a list.
    pub briefly: &'static str,
}

impl askama::filters::HtmlSafe for Title {}

impl Title {
    /// A text of the company's own.
    pub fn own(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), ..Self::default() }
    }

    /// What came of asking for a person's value.
    pub fn of(
        cell: &Cell,
        person: &assent_kernel::Person,
        words: &Words<'_>,
        (id, unnamed, href): (String, String, String),
    ) -> Self {
        match cell {
            Cell::Open(seen) => Self {
                label: seen.text.clone(),
                terms: Some(words.terms(id, person, seen, None)),
                href,
                ..Self::default()
            },
            Cell::Closed(Some(reason)) => {
                let closed = words.short(person, reason);
                Self { label: unnamed, closed, briefly: brief(reason), href, terms: None }
            }
            Cell::Closed(None) | Cell::Unknown => Self::own(unnamed, href),
        }
    }

    /// The same leading to a record that is opened from a list.
    #[must_use]
    pub fn from(self, list: &Origin) -> Self {
        Self { href: list.on(&self.href), ..self }
    }

    /// The same as a cell of a list.
    pub fn in_list(self) -> Shown {
        if self.closed.is_empty() { self.shown() } else { Shown::locked(self.briefly, None) }
    }

    /// The same as a line of a record.
    pub fn shown(self) -> Shown {
        match (self.terms, self.closed.is_empty()) {
            (Some(terms), _) => Shown::link(self.label, self.href, terms),
            (None, false) => Shown::locked(self.closed, None),
            (None, true) => Shown::Linked(self.label, self.href),
        }
    }
}
