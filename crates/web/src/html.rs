//! From a template to text that is already escaped, and to an answer.

use std::fmt;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::Problem;

/// Markup that a template has made; shown as it is. There is no way to make one from a plain string.
#[derive(Clone, Debug, Default)]
pub struct Html(String);

impl Html {
    /// Renders `part`. A template that fails (it cannot, short of a failing `Display`) leaves nothing.
    pub fn of(part: &impl Template) -> Self {
        Self(part.render().unwrap_or_default())
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For markup put together from constants and escaped text in this crate.
    pub(crate) fn trusted(markup: String) -> Self {
        Self(markup)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// A page as an answer; a template that fails becomes a problem, never half a page.
pub fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "page", "This page could not be shown")
                .into_response()
        }
    }
}
