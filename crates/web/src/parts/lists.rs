//! Lists: heads that sort, pages by cursor, what was left out and why, and empty lists that act.

use askama::Template;

use super::forms::Act;
use crate::{filters, text};

/// How a column is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Not by this column.
    #[default]
    None,
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// One column of a table's head.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// What stands in it.
    pub label: String,
    /// Where sorting by it leads; none if it cannot be sorted by.
    pub href: Option<String>,
    /// How it is ordered now.
    pub order: Order,
    /// `num` for figures, `lo` for what a phone leaves out.
    pub class: &'static str,
}

impl Column {
    /// A column that is not sorted by.
    pub fn plain(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A column that may be sorted by.
    pub fn sorted(label: impl Into<String>, href: impl Into<String>, order: Order) -> Self {
        Self { label: label.into(), href: Some(href.into()), order, class: "" }
    }

    /// With a class: `num`, `lo`.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

/// `<thead>` of a `<table class="list">`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/head.html")]
pub struct Head {
    /// The columns, first one sticky.
    pub columns: Vec<Column>,
    /// Whether a checkbox column comes first.
    pub pick: bool,
}

/// Previous and next by cursor; no page numbers, so that a list never skips or repeats.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/pager.html")]
pub struct Pager {
    /// The page before.
    pub prev: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

/// "312 of 1 040 permitted – why?", which opens the reasons.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/permitted.html")]
pub struct Permitted {
    /// How many the terms allow.
    pub permitted: u64,
    /// Out of how many.
    pub total: u64,
    /// "people for sales".
    pub what: String,
    /// Why the others are left out, most first.
    pub reasons: Vec<Reason>,
}

/// One reason why some are left out, and what can be done.
#[derive(Clone, Debug, Default)]
pub struct Reason {
    /// "Allow support, not sales".
    pub label: String,
    /// How many.
    pub count: u64,
    /// What can be done: "Ask 214 people", and where.
    pub step: Option<Step>,
}

/// A link that does something about it.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Permitted {
    /// The width of a bar of 120 for `part` of all; something is never drawn as nothing.
    fn width(&self, part: &u64) -> u64 {
        let share = u128::from(*part) * 120 / u128::from(self.total.max(1));
        let share = u64::try_from(share).unwrap_or(120).min(120);
        if *part > 0 { share.max(2) } else { 0 }
    }

    fn count(&self, n: &u64) -> String {
        text::count(*n)
    }
}

/// An empty list, which says how to fill it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/empty.html")]
pub struct Empty {
    /// An icon's name; empty for none.
    pub icon: &'static str,
    /// "No people yet".
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// Links; the first is the one to take.
    pub steps: Vec<Step>,
    /// Something that posts: "Load the demo".
    pub act: Option<Act>,
}

/// Tabs as links: label, address, count.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/tabs.html")]
pub struct Tabs {
    /// What the tabs are of.
    pub label: String,
    /// Label, address, count if there is one.
    pub tabs: Vec<(String, String, Option<u64>)>,
    /// Which one is open.
    pub at: usize,
    /// The element to replace in place (`#record`); empty for a full page.
    pub swap: &'static str,
}

impl Tabs {
    fn is_open(&self, index: &usize) -> bool {
        *index == self.at
    }

    fn count(&self, n: &u64) -> String {
        text::count(*n)
    }
}

safe!(Head, Pager, Permitted, Empty, Tabs);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_counted_and_explained() {
        let reason = Reason { label: "No terms <yet>".into(), count: 728, step: None };
        let bar = Permitted { permitted: 312, total: 1040, what: "people".into(), reasons: vec![reason] };
        let html = bar.to_string();
        assert!(html.contains("312") && html.contains("1\u{202f}040") && html.contains("why?"));
        assert!(html.contains("<details") && !html.contains("<yet>"));
        assert_eq!(bar.width(&312), 36);
        assert_eq!(bar.width(&1), 2);
    }

    #[test]
    fn nothing_left_out_needs_no_why() {
        let html = Permitted { permitted: 4, total: 4, ..Permitted::default() }.to_string();
        assert!(!html.contains("<details") && !html.contains("why?"));
        assert_eq!(Permitted::default().width(&0), 0);
    }

    #[test]
    fn a_sorted_column_says_so() {
        let columns =
            vec![Column::sorted("Name", "?sort=-name", Order::Up), Column::plain("City").class("lo")];
        let html = Head { columns, pick: false }.to_string();
        assert!(html.contains("aria-sort=\"ascending\"") && html.contains("class=\"lo\""));
    }
}
