//! What staff read, in their language: every sentence of the desk goes through [`say`](fn@say) and stands in the catalogue.
//!
//! The English sentence is its own key and stays where it is read: `say("New deal")` in code, `{{ "New deal"|t }}` in a
//! template. `crates/web/words/*.txt` is the catalogue: each English line, and indented below it the German one. A name in
//! braces is filled in: `say!("{n} of {all} permitted", n = some, all = total)`. Where one English word needs two German
//! ones, what follows `~` tells them apart and is not shown: `Open~verb`. A debug build stops at a sentence that is not in
//! the catalogue, so no test passes over one. What is stored, logged or told to a program stays English and never comes here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::sync::LazyLock;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use crate::session;

/// A language of the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English, what every sentence is written in.
    #[default]
    English,
    /// German.
    German,
}

impl Lang {
    /// Two letters, for `<html lang>`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

tokio::task_local! {
    static LANG: Lang;
}

/// The language of whoever the page at hand is for: English where there is no page.
pub fn lang() -> Lang {
    LANG.try_with(|lang| *lang).unwrap_or_default()
}

/// Does some work in a language.
pub async fn speaking<F: Future>(lang: Lang, work: F) -> F::Output {
    LANG.scope(lang, work).await
}

/// Middleware: pages speak the language that the browser or the person chose; programs are spoken to in English.
pub async fn spoken(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let program = path == "/v1" || path.starts_with("/v1/");
    let german = !program && session::language(request.headers()) == "de";
    speaking(if german { Lang::German } else { Lang::English }, next.run(request)).await
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The catalogue, a file for each part of the desk.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../words/", $name, ".txt")))),*];
    };
}

files![
    "audit",
    "common",
    "dashboard",
    "desk",
    "door",
    "emergency",
    "intake",
    "kept",
    "lists",
    "menu",
    "outbox",
    "parts",
    "programs",
    "retention",
    "scripts",
    "settings",
    "settings-forms",
    "shell",
    "work",
];

/// English and German.
type Pair = (&'static str, &'static str);

static CATALOGUE: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    // A word that scripts have too may mean something else on a page, and there the page's own counts.
    let file = |scripts: bool| FILES.iter().filter(move |(name, _)| (*name == "scripts") == scripts);
    file(true).chain(file(false)).flat_map(|(_, text)| pairs(text)).collect()
});

/// The pairs of a file: a line that is not indented, and the indented one that follows it.
fn pairs(text: &'static str) -> impl Iterator<Item = Pair> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .scan(None, |english: &mut Option<&'static str>, line| {
            let german = line.strip_prefix("  ");
            let pair = german.and_then(|german| english.take().map(|english| (english, german.trim_end())));
            if german.is_none() {
                *english = Some(line.trim_end());
            }
            Some(pair)
        })
        .flatten()
}

/// The German of a sentence, if the catalogue has it.
pub fn german(english: &str) -> Option<&'static str> {
    CATALOGUE.get(english).copied()
}

/// What scripts say in the language of whoever reads, by its English, as JSON.
pub fn scripts() -> String {
    let mine = FILES.iter().filter(|(name, _)| *name == "scripts" && lang() != Lang::English);
    let words: HashMap<_, _> = mine.flat_map(|(_, text)| pairs(text)).collect();
    serde_json::to_string(&words).unwrap_or_else(|_| "{}".into())
}

/// A sentence in the language of whoever reads it.
pub fn say(english: &str) -> &str {
    debug_assert!(german(english).is_some(), "not in the catalogue (crates/web/words): {english}");
    match lang() {
        Lang::English => english.split_once('~').map_or(english, |(shown, _)| shown),
        Lang::German => german(english).unwrap_or(english),
    }
}

/// A word or a sentence that was kept, or told by a part that speaks English, in the language of whoever reads it: where it
/// stands in the catalogue, or fits a line of `kept.txt`, whose names are read from it. A name in capitals is such a sentence too.
pub fn kept(english: &str) -> String {
    if lang() == Lang::English {
        return english.to_owned();
    }
    if let Some(german) = german(english) {
        return german.to_owned();
    }
    let lines = FILES.iter().filter(|(name, _)| *name == "kept").flat_map(|(_, text)| pairs(text));
    let mut found = lines.filter_map(|(pattern, german)| Some((german, values(pattern, english)?)));
    let Some((german, values)) = found.next() else { return english.to_owned() };
    let own = |(name, value): &(&'static str, &str)| {
        let sentence = name.chars().all(|c| c.is_ascii_uppercase());
        (*name, if sentence { kept(value) } else { (*value).to_owned() })
    };
    let values: Vec<_> = values.iter().map(own).collect();
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    put_in(german, &values)
}

/// What stands in a sentence for the names of its pattern; nothing where it does not fit.
fn values<'a>(pattern: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let (before, mut rest) = pattern.split_once('{')?;
    let mut text = text.strip_prefix(before)?;
    let mut out = Vec::new();
    loop {
        let (name, after) = rest.split_once('}')?;
        let Some((between, next)) = after.split_once('{') else {
            out.push((name, text.strip_suffix(after)?));
            return Some(out);
        };
        let (value, left) = text.split_once(between)?;
        out.push((name, value));
        (text, rest) = (left, next);
    }
}

/// A sentence with its names in braces filled in; used by [`say!`](macro@crate::say).
pub fn filled(english: &str, values: &[(&str, &dyn Display)]) -> String {
    put_in(say(english), values)
}

/// Puts values in for the names in braces.
fn put_in(sentence: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
    {
        out.push_str(before);
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "{name} is not filled in: {sentence}");
        if let Some((_, value)) = value {
            let _ = write!(out, "{value}");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A sentence of the catalogue in the language of whoever reads it, filled in: `say!("{n} of {all}", n = 1, all = 3)`.
#[macro_export]
macro_rules! say {
    ($english:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::catalogue::filled($english, &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),*])
    };
}

/// A sentence in both languages: what a program is told, and what a German page shows.
#[derive(Clone, Debug, Default)]
pub struct Both {
    /// In English.
    pub english: String,
    /// In German.
    pub german: String,
}

/// Says something in both languages: for what a program and a page are told alike.
pub fn both(told: impl Fn() -> String) -> Both {
    let english = LANG.sync_scope(Lang::English, &told);
    Both { english, german: LANG.sync_scope(Lang::German, told) }
}

/// A sentence as markup: escaped, with values and elements put in. A template makes it by `|t`.
#[derive(Clone, Debug)]
pub struct Said(String);

impl Said {
    /// A sentence in the language of whoever reads it.
    pub(crate) fn of(english: &str) -> Self {
        Self(escaped(say(english)).into_owned())
    }

    /// Puts a value in for its name in braces.
    pub(crate) fn put(self, name: &str, value: &dyn Display) -> Self {
        self.put_markup(name, &escaped(&value.to_string()))
    }

    /// Puts in what is markup already.
    pub(crate) fn put_markup(self, name: &str, markup: &str) -> Self {
        let place = format!("{{{name}}}");
        debug_assert!(self.0.contains(&place), "nothing is called {name} in: {}", self.0);
        Self(self.0.replacen(&place, markup, 1))
    }

    /// Makes an element of what stands in the first pair of brackets.
    pub(crate) fn element(self, open: &str, close: &str) -> Self {
        debug_assert!(
            self.0.contains('[') && self.0.contains(']'),
            "nothing stands in brackets in: {}",
            self.0
        );
        Self(self.0.replacen('[', open, 1).replacen(']', close, 1))
    }
}

impl Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Said {}

/// Text as markup, fit for an attribute too.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let name = |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&#34;"),
        '\'' => Some("&#39;"),
        _ => None,
    };
    if !text.contains(|c| name(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match name(c) {
            Some(name) => out.push_str(name),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
