//! The frame around every page: rail, page bar with the purpose pill, content, peek panel; and the
//! portal's quieter one. A page struct has a field `shell: Shell` and extends one of the two templates.

use std::fmt;

use axum::http::{HeaderMap, header};
use serde::Serialize;

use crate::parts::{Act, PurposePill};
use crate::{Html, catalogue, text};

/// What the frame needs to know; the room fills the rest.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The page's title and heading, unless its template says more.
    pub title: String,
    /// The name over the rail and in the title: the company, as its staff and its people know it.
    pub company: String,
    /// The menu, in order.
    pub nav: Vec<Nav>,
    /// Who is signed in.
    pub user: Option<User>,
    /// "Working for: Support".
    pub purpose: Option<PurposePill>,
    /// The token that each form of this session carries.
    pub csrf: String,
    /// What the last act did.
    pub flash: Option<Flash>,
    /// The search box of the rail.
    pub search: Option<Search>,
    /// Light, dark, or what the system says.
    pub theme: Theme,
    /// BCP 47, for `<html lang>`.
    pub lang: String,
    /// More for Ctrl+K than the menu has: recent records, actions on this page.
    pub palette: Vec<Link>,
}

/// One line of the menu.
#[derive(Clone, Debug, Default)]
pub struct Nav {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// A name of [`crate::icons::names`].
    pub icon: &'static str,
    /// Two strokes, as `g p`; empty for none.
    pub key: &'static str,
    /// Whether the page lies under it.
    pub active: bool,
    /// A number that wants attention, or nothing.
    pub count: Option<u64>,
    /// A heading over this line; empty for none.
    pub heading: &'static str,
}

impl Nav {
    /// The number as it is shown.
    pub fn count_text(&self) -> Option<String> {
        self.count.filter(|n| *n > 0).map(text::count)
    }
}

/// Who is signed in, and what their menu offers.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// Name.
    pub name: String,
    /// Role, in words.
    pub role: String,
    /// Links of their menu.
    pub links: Vec<Link>,
    /// Where "Sign out" posts to.
    pub sign_out: String,
}

/// A link for a menu or for Ctrl+K.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Link {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Its heading in Ctrl+K.
    pub group: &'static str,
}

/// The search box of the rail.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Where it asks, by GET with `q`.
    pub action: String,
    /// What was asked.
    pub value: String,
}

/// What the last act did, said once on the next page.
#[derive(Clone, Debug, Default)]
pub struct Flash {
    /// Good, warn, bad or plain.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// A way to undo it, where undo is possible.
    pub undo: Option<Act>,
}

/// How a thing stands; always said with a word as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    #[default]
    Plain,
    /// It went well, it is permitted.
    Good,
    /// It needs a look.
    Warn,
    /// It failed, it is refused.
    Bad,
}

impl Tone {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The icon that says it without colour.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Plain => "bell",
            Self::Good => "check",
            Self::Warn => "half",
            Self::Bad => "x",
        }
    }
}

/// Light, dark, or what the system says; kept in a cookie of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As chosen before in this browser.
    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let chosen =
            cookies.flat_map(|line| line.split(';')).find_map(|one| one.trim().strip_prefix("theme="));
        match chosen {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

impl askama::filters::HtmlSafe for Theme {}

impl Shell {
    /// The language: that of whoever reads, unless set.
    pub fn lang(&self) -> &str {
        if self.lang.is_empty() { catalogue::lang().code() } else { &self.lang }
    }

    /// The list for Ctrl+K as JSON that cannot end its script element.
    pub fn palette_json(&self) -> Html {
        script_safe(&serde_json::to_string(&self.palette).unwrap_or_else(|_| "[]".into()))
    }

    /// The sentences of scripts, in the page's language.
    pub fn words_json(&self) -> Html {
        script_safe(&catalogue::scripts())
    }
}

/// JSON that cannot end its script element.
fn script_safe(json: &str) -> Html {
    Html::trusted(json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_theme_is_read_from_its_cookie_only() {
        let with = |cookie| HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
        assert_eq!(Theme::of(&with("a=b; theme=dark")), Theme::Dark);
        assert_eq!(Theme::of(&with("mytheme=dark")), Theme::Auto);
        assert_eq!(Theme::of(&with("theme=\"><script>")), Theme::Auto);
    }

    #[test]
    fn a_name_cannot_end_the_palette() {
        let label = "</script><b>".to_owned();
        let shell = Shell { palette: vec![Link { label, ..Link::default() }], ..Shell::default() };
        let json = shell.palette_json();
        assert!(!json.as_str().contains('<'));
        let back: serde_json::Value = serde_json::from_str(json.as_str()).unwrap();
        assert_eq!(back[0]["label"], "</script><b>");
    }
}
