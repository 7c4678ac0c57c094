//! Boxes to tick: a folded group that says what is chosen, and works without JavaScript.

use std::collections::BTreeSet;

use askama::Template;
use assent_kernel::{KeySet, TreeKey};
use assent_web::{filters, say};

/// One box.
#[derive(Debug, Clone)]
pub struct Tick {
    pub value: String,
    pub label: String,
    pub on: bool,
    /// How deep it lies in its tree.
    pub deep: usize,
}

/// A group of boxes under one name.
#[derive(Debug, Clone, Template)]
#[template(path = "settings/ticks.html")]
pub struct Ticks {
    pub name: &'static str,
    pub legend: String,
    pub hint: String,
    pub error: String,
    pub all: Vec<Tick>,
    /// Few boxes stand open; a tree is folded.
    pub folded: bool,
}

impl askama::filters::HtmlSafe for Ticks {}

impl Ticks {
    /// A group of boxes; those of `chosen` are ticked.
    pub fn new<V: Into<String>>(
        name: &'static str,
        legend: &str,
        options: impl IntoIterator<Item = (V, String)>,
        chosen: &BTreeSet<String>,
    ) -> Self {
        let tick = |(value, label): (V, String)| {
            let value: String = value.into();
            Tick { on: chosen.contains(&value), deep: 0, value, label }
        };
        let all: Vec<Tick> = options.into_iter().map(tick).collect();
        Self {
            name,
            legend: legend.into(),
            hint: String::new(),
            error: String::new(),
            folded: all.len() > 12,
            all,
        }
    }

    /// Dotted values stand under those above them.
    #[must_use]
    pub fn tree(mut self) -> Self {
        for tick in &mut self.all {
            tick.deep = tick.value.matches('.').count().min(3);
        }
        self
    }
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    #[must_use]
    pub fn error(mut self, error: String) -> Self {
        self.error = error;
        self
    }

    /// What is chosen, in words.
    fn chosen(&self) -> String {
        let on: Vec<&str> = self.all.iter().filter(|tick| tick.on).map(|tick| tick.label.as_str()).collect();
        match on.len() {
            0 => say("nothing chosen").into(),
            1..=5 => on.join(", "),
            n => say!(
                "{first} and {n} more",
                first = on.get(..4).unwrap_or_default().join(", "),
                n = n.saturating_sub(4)
            ),
        }
    }
    fn open(&self) -> bool {
        !self.error.is_empty()
    }
}

/// A set of keys as the values of boxes.
pub fn values<K: TreeKey>(keys: &KeySet<K>) -> BTreeSet<String> {
    keys.iter().map(|key| key.as_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_says_what_is_chosen_and_escapes() {
        let chosen = BTreeSet::from(["a".to_owned()]);
        let options = [("a", "<b>One</b>".to_owned()), ("a.b", "Two".to_owned())];
        let html = Ticks::new("x", "Kinds", options, &chosen).tree().error("Choose.".into()).to_string();
        assert!(html.contains("deep-1") && html.contains(" checked") && html.contains("Choose."));
        assert!(!html.contains("<b>One"));
    }
}
