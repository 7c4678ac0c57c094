//! Filters for templates: `{{ at|date }}`, `{{ n|count }}`. A module with templates writes `use assent_web::filters;`.

#![expect(missing_docs, reason = "the macro makes public items of its own beside each documented filter")]

use std::fmt::Display;

use askama::Values;

use crate::Html;
use crate::catalogue::{Said, escaped};
use crate::text;

/// A sentence of the catalogue, in the language of whoever reads it: `{{ "New deal"|t }}`.
#[askama::filter_fn]
pub fn t(english: &str, _: &dyn Values) -> askama::Result<Said> {
    Ok(Said::of(english))
}

/// A value for a name in braces: `{{ "{n} of {all} permitted"|t|put("n", some)|put("all", total) }}`.
#[askama::filter_fn]
pub fn put(said: Said, _: &dyn Values, name: &str, value: &dyn Display) -> askama::Result<Said> {
    Ok(said.put(name, value))
}

/// A part that is markup for a name in braces.
#[askama::filter_fn]
pub fn part(said: Said, _: &dyn Values, name: &str, markup: &Html) -> askama::Result<Said> {
    Ok(said.put_markup(name, markup.as_str()))
}

/// A link around what stands in brackets: `{{ "See [the notice] first."|t|link(href) }}`.
#[askama::filter_fn]
pub fn link(said: Said, _: &dyn Values, href: &str) -> askama::Result<Said> {
    Ok(said.element(&format!("<a href=\"{}\">", escaped(href)), "</a>"))
}

/// An element around what stands in brackets: `{{ "Press [?] for the keys."|t|tag("kbd") }}`.
#[askama::filter_fn]
pub fn tag(said: Said, _: &dyn Values, name: &str) -> askama::Result<Said> {
    Ok(said.element(&format!("<{name}>"), &format!("</{name}>")))
}

/// The same, with a class: `{{ "[{n} of {all}] permitted"|t|styled("b", "nowrap") }}`.
#[askama::filter_fn]
pub fn styled(said: Said, _: &dyn Values, name: &str, class: &str) -> askama::Result<Said> {
    Ok(said.element(&format!("<{name} class=\"{}\">", escaped(class)), &format!("</{name}>")))
}

/// `1 040`.
#[askama::filter_fn]
pub fn count(n: &u64, _: &dyn Values) -> askama::Result<String> {
    Ok(text::count(*n))
}

/// `1 May 2027`.
#[askama::filter_fn]
pub fn date(at: &i64, _: &dyn Values) -> askama::Result<String> {
    Ok(text::date(*at))
}

/// `1 May 2027, 14:05`.
#[askama::filter_fn]
pub fn date_time(at: &i64, _: &dyn Values) -> askama::Result<String> {
    Ok(text::date_time(*at))
}

/// For `<time datetime="…">`.
#[askama::filter_fn]
pub fn iso(at: &i64, _: &dyn Values) -> askama::Result<String> {
    Ok(text::iso(*at))
}

/// `3 min ago`: `{{ at|relative(now) }}`.
#[askama::filter_fn]
pub fn relative(at: &i64, _: &dyn Values, now: &i64) -> askama::Result<String> {
    Ok(text::relative(*at, *now))
}

#[cfg(test)]
mod tests {
    use crate::filters;
    use askama::Template;

    #[derive(Template)]
    #[template(source = "{{ n|count }} · {{ at|date }} · {{ at|relative(now) }}", ext = "html")]
    struct Line {
        n: u64,
        at: i64,
        now: i64,
    }

    #[test]
    fn filters_speak_plainly() {
        let line = Line { n: 1040, at: 0, now: 3_600_000_000 };
        assert_eq!(line.to_string(), "1\u{202f}040 · 1 January 1970 · 1 h ago");
    }
}
