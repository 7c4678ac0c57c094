//! Records: groups of named values, what happened when, and work that takes a while.

use askama::Template;

use super::forms::Act;
use super::terms::Shown;
use crate::shell::Tone;
use crate::{filters, text};

/// A group of lines in a record, with a heading.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/group.html")]
pub struct Group {
    /// The heading; empty for none.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Kv>,
}

/// One line: a name, a value, and where it is changed.
#[derive(Clone, Debug, Default)]
pub struct Kv {
    /// "E-mail".
    pub name: String,
    /// The value, with its terms.
    pub shown: Shown,
    /// Where it is changed; none if it may not be.
    pub edit: Option<String>,
}

impl Kv {
    /// A line that cannot be changed.
    pub fn new(name: impl Into<String>, shown: Shown) -> Self {
        Self { name: name.into(), shown, edit: None }
    }

    /// With a place to change it.
    #[must_use]
    pub fn edit(mut self, href: impl Into<String>) -> Self {
        self.edit = Some(href.into());
        self
    }
}

/// What happened, newest first, grouped by month.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/timeline.html")]
pub struct Timeline {
    /// The events, newest first.
    pub events: Vec<Event>,
    /// Now, to tell near times by distance.
    pub now: i64,
}

/// One thing that happened.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// An icon's name.
    pub icon: &'static str,
    /// Its colour, if it has one.
    pub tone: Tone,
    /// What happened, in one sentence.
    pub what: String,
    /// A second line; empty for none.
    pub more: String,
    /// When, in microseconds.
    pub at: i64,
    /// Where it is told in full, and what the link says.
    pub link: Option<(String, String)>,
    /// What can be done about it.
    pub act: Option<Act>,
}

impl Timeline {
    /// The month over the event at `index`, if it is the first of it.
    fn month(&self, index: &usize) -> Option<String> {
        let month = |at: usize| self.events.get(at).map(|event| text::month(event.at));
        let here = month(*index)?;
        let before = index.checked_sub(1).and_then(month);
        (before.as_ref() != Some(&here)).then_some(here)
    }

    fn when(&self, event: &Event) -> String {
        text::relative(event.at, self.now)
    }
}

impl Event {
    fn iso(&self) -> String {
        text::iso(self.at)
    }

    fn date_time(&self) -> String {
        text::date_time(self.at)
    }
}

/// Work that takes a while: a bar with a number above it. Kept up to date if `live` is set.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/progress.html")]
pub struct Progress {
    /// "Reading contacts.csv".
    pub label: String,
    /// How many are done.
    pub done: u64,
    /// Out of how many.
    pub total: u64,
    /// Where its events come from (server-sent events), if they do.
    pub live: Option<String>,
}

safe!(Group, Timeline, Progress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_stand_once_over_their_events() {
        const DAY: i64 = 86_400_000_000;
        let event =
            |day: i64| Event { icon: "mail", what: "Wrote".into(), at: day * DAY, ..Event::default() };
        let line = Timeline { events: vec![event(33), event(32), event(3)], now: 40 * DAY };
        assert_eq!(line.month(&0).as_deref(), Some("February 1970"));
        assert_eq!(line.month(&1), None);
        assert_eq!(line.month(&2).as_deref(), Some("January 1970"));
        assert_eq!(line.month(&9), None);
        assert_eq!(line.to_string().matches("<h3>").count(), 2);
    }

    #[test]
    fn a_line_shows_its_value_and_where_to_change_it() {
        let line = Kv::new("Name", Shown::Plain("<Ito>".into())).edit("/edit?f=name");
        let html = Group { title: String::new(), lines: vec![line] }.to_string();
        assert!(html.contains("/edit?f=name") && html.contains("Change Name") && !html.contains("<Ito>"));
    }
}
