//! A value and its terms are one thing: the chip, the card behind it, and the lock on a closed value.

use askama::Template;

use super::forms::Act;
use crate::{Html, filters, say};

/// How a value stands for the purpose at hand. Shape and word differ, not colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// ● Open.
    Open,
    /// ◐ Open under a condition.
    Part,
    /// ○ Closed. Silence is no.
    #[default]
    Shut,
}

impl State {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Part => "part",
            Self::Shut => "shut",
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Part => "Conditional",
            Self::Shut => "Closed",
        }
    }

    /// ● ◐ ○ as markup.
    pub fn shape(self) -> Html {
        let inner = match self {
            Self::Open => r#"<circle class="full" cx="5" cy="5" r="4"/>"#,
            Self::Part => r#"<circle cx="5" cy="5" r="4"/><path class="full" d="M5 1a4 4 0 0 0 0 8z"/>"#,
            Self::Shut => r#"<circle cx="5" cy="5" r="4"/>"#,
        };
        let class = self.class();
        Html::trusted(format!(
            r#"<svg class="shape {class}" viewBox="0 0 10 10" aria-hidden="true">{inner}</svg>"#
        ))
    }
}

/// A chip without a card: for legends, headings and counts.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/chip.html")]
pub struct Chip {
    /// The shape.
    pub state: State,
    /// The word.
    pub label: String,
}

/// The three chips with their words, for the foot of a list.
pub fn legend() -> [Chip; 3] {
    [State::Open, State::Part, State::Shut].map(|state| Chip { state, label: say(state.word()).into() })
}

/// The terms of one value: a chip, and the card it opens. Lines that are empty are left out.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/terms.html")]
pub struct Terms {
    /// Unique on the page; the chip finds its card by it.
    pub id: String,
    /// The chip's shape.
    pub state: State,
    /// The chip's word, short: "Support", "until 1 May 2027".
    pub label: String,
    /// What for.
    pub purpose: String,
    /// Who may see it.
    pub who: String,
    /// Where it may be.
    pub region: String,
    /// Until when.
    pub until: String,
    /// Where it came from.
    pub source: String,
    /// When the person was asked.
    pub asked_on: String,
    /// Where the receipt is.
    pub receipt: Option<String>,
}

impl Terms {
    fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lines = [
            ("For", &self.purpose),
            ("Who", &self.who),
            ("Where", &self.region),
            ("Until", &self.until),
            ("From", &self.source),
            ("Asked on", &self.asked_on),
        ];
        lines.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (say(name), text.as_str()))
    }
}

/// A value that may be seen, with its terms.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/value.html")]
pub struct Value {
    /// The value itself.
    pub text: String,
    /// Where it leads, if it does (`mailto:`, a record).
    pub href: Option<String>,
    /// Its terms.
    pub terms: Terms,
}

/// A value that may not: a lock, one sentence, a way to ask. Never a blank.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/locked.html")]
pub struct Locked {
    /// "Closed for sales. Ms Ito allows support until 1 May 2027."
    pub sentence: String,
    /// "Ask for sales"; none if asking is not allowed either.
    pub ask: Option<Act>,
}

/// What stands in the place of a value: in a table cell, a record line or a sentence.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/shown.html")]
pub enum Shown {
    /// Nothing is known; said as a dash, which is not the same as closed.
    #[default]
    Unknown,
    /// Not personal: a count, a date of ours.
    Plain(String),
    /// Not personal, and it leads somewhere: text, address.
    Linked(String, String),
    /// Open, or open under a condition.
    Value(Box<Value>),
    /// Closed.
    Locked(Box<Locked>),
}

impl Shown {
    /// A value with its terms.
    pub fn value(text: impl Into<String>, terms: Terms) -> Self {
        Self::Value(Box::new(Value { text: text.into(), href: None, terms }))
    }

    /// A value that is a link.
    pub fn link(text: impl Into<String>, href: impl Into<String>, terms: Terms) -> Self {
        Self::Value(Box::new(Value { text: text.into(), href: Some(href.into()), terms }))
    }

    /// A closed value.
    pub fn locked(sentence: impl Into<String>, ask: Option<Act>) -> Self {
        Self::Locked(Box::new(Locked { sentence: sentence.into(), ask }))
    }
}

safe!(Chip, Terms, Value, Locked, Shown);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_escapes_itself_and_its_terms() {
        let terms = Terms { id: "t".into(), source: "<i>form</i>".into(), ..Terms::default() };
        let html = Shown::value("<b>Ito</b>", terms).to_string();
        assert!(!html.contains("<b>Ito") && !html.contains("<i>form"));
        assert!(html.contains("From") && !html.contains("Until"));
    }

    #[test]
    fn a_closed_value_says_so_and_can_be_asked_for() {
        let ask = Act {
            label: "Ask for sales".into(),
            action: "/ask".into(),
            csrf: "tok".into(),
            ..Act::default()
        };
        let html = Shown::locked("Closed for sales.", Some(ask)).to_string();
        assert!(
            html.contains("Closed for sales.") && html.contains("value=\"tok\"") && html.contains("#lock")
        );
    }

    #[test]
    fn the_shapes_differ() {
        let [a, b, c] = [State::Open, State::Part, State::Shut].map(|s| s.shape().to_string());
        assert!(a != b && b != c && a != c);
    }
}
