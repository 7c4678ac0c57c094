//! Forms: one act behind one button, fields that keep what was typed, yes and no of equal weight,
//! and the purpose pill.

use std::borrow::Cow;

use askama::Template;

use crate::{Html, filters};

/// One act behind one button: a form of its own, which works without JavaScript.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/act.html")]
pub struct Act {
    /// What the button says: "Ask for sales".
    pub label: String,
    /// Where it posts to.
    pub action: String,
    /// The session's token.
    pub csrf: String,
    /// What goes with it.
    pub fields: Vec<(&'static str, String)>,
    /// Extra classes of the button: `primary`, `danger`, `quiet`.
    pub class: &'static str,
    /// The element to replace in place (`#main`); empty for a full page.
    pub swap: &'static str,
}

impl Act {
    /// The hidden fields, for templates that draw the button otherwise.
    pub fn hidden(&self) -> Html {
        Html::of(&Hidden { csrf: &self.csrf, fields: &self.fields })
    }
}

#[derive(Template)]
#[template(path = "parts/hidden.html")]
struct Hidden<'a> {
    csrf: &'a str,
    fields: &'a [(&'static str, String)],
}

/// Yes and no: same size, same place, nothing chosen beforehand, and what follows from no.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/choice.html")]
pub struct Choice {
    /// Where it posts to, with `answer=yes` or `answer=no`.
    pub action: String,
    /// The session's token.
    pub csrf: String,
    /// What goes with it.
    pub fields: Vec<(&'static str, String)>,
    /// "Share".
    pub yes: String,
    /// "Don't share".
    pub no: String,
    /// "If you don't: your brush works the same."
    pub otherwise: String,
}

impl Choice {
    fn hidden(&self) -> Html {
        Html::of(&Hidden { csrf: &self.csrf, fields: &self.fields })
    }
}

/// What kind of input a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `<input type=…>`: text, email, tel, password, date, number, file …
    Line(&'static str),
    /// `<textarea>`.
    Text,
    /// `<select>`: value and label of each choice.
    Select(Vec<(String, String)>),
    /// A checkbox; `value` is `on` if ticked.
    Check,
    /// A checkbox for each of these, by value and label; `value` is those ticked, parted by `; `.
    Ticks(Vec<(String, String)>),
}

impl Default for Input {
    fn default() -> Self {
        Self::Line("text")
    }
}

/// One labelled input, with what was typed and, beside it, what is wrong with it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    /// What is asked for.
    pub label: String,
    /// The name it is sent under; also its id, as `f-name`.
    pub name: Cow<'static, str>,
    /// What was typed.
    pub value: String,
    /// What is wrong and what to do; empty if nothing is.
    pub error: String,
    /// A line of help.
    pub hint: String,
    /// The kind of input.
    pub input: Input,
    /// Whether it must be filled in.
    pub required: bool,
    /// For password managers: `username`, `current-password`, `one-time-code`.
    pub autocomplete: &'static str,
}

impl Field {
    /// A line of text.
    pub fn line(
        label: impl Into<String>,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        Self { label: label.into(), name: name.into(), value: value.into(), ..Self::default() }
    }

    fn is_chosen(&self, key: &str) -> bool {
        key == self.value
    }

    fn is_ticked(&self, key: &str) -> bool {
        self.value.split("; ").any(|one| one == key)
    }

    fn described(&self) -> Html {
        let ids = match (self.hint.is_empty(), self.error.is_empty()) {
            (true, true) => return Html::default(),
            (false, true) => format!("h-{}", self.name),
            (true, false) => format!("e-{}", self.name),
            (false, false) => format!("e-{0} h-{0}", self.name),
        };
        let invalid = if self.error.is_empty() { "" } else { " aria-invalid=\"true\"" };
        Html::trusted(format!(" aria-describedby=\"{ids}\"{invalid}"))
    }
}

/// "Working for: Support ▾": a menu of purposes that re-decides the page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/purpose.html")]
pub struct PurposePill {
    /// Where it posts `purpose` and `return_to`.
    pub action: String,
    /// The purpose at hand, in words.
    pub current: String,
    /// What one may work for.
    pub options: Vec<PurposeOption>,
    /// The page to come back to, with its whole state.
    pub return_to: String,
    /// The session's token.
    pub csrf: String,
}

impl PurposePill {
    fn is_current(&self, option: &PurposeOption) -> bool {
        option.label == self.current
    }
}

/// One purpose of the pill.
#[derive(Clone, Debug, Default)]
pub struct PurposeOption {
    /// What is sent.
    pub key: String,
    /// What is read.
    pub label: String,
    /// Why it cannot be chosen; empty if it can.
    pub why_not: String,
}

safe!(Act, Choice, Field, PurposePill);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_what_was_typed_beside_its_error() {
        let field = Field { error: "Not an address.".into(), ..Field::line("E-mail", "email", "a\"><b>") };
        let html = field.to_string();
        assert!(
            html.contains("aria-invalid") && html.contains("e-email") && html.contains("Not an address.")
        );
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn yes_and_no_weigh_the_same() {
        let html = Choice { yes: "Share".into(), no: "Don't share".into(), ..Choice::default() }.to_string();
        assert_eq!(html.matches("class=\"btn\"").count(), 2);
        assert!(!html.contains("primary") && !html.contains("checked"));
    }
}
