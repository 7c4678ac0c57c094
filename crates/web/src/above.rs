//! An address that a form is sent to is no page. Whoever comes there by reading (a language was chosen on a form that was
//! refused, a tab was opened again) is led to the nearest page above it.

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

/// What stands in an address to which somebody was led up: it may be none of ours either.
const LED: &str = "above";

/// Middleware: leads up from what cannot be read.
pub async fn led(request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET;
    let up = above(request.uri().path()).filter(|_| reads).map(|up| format!("{up}?{LED}"));
    let climbs = request.uri().query() == Some(LED);
    let response = next.run(request).await;
    match (response.status(), up) {
        (StatusCode::METHOD_NOT_ALLOWED, Some(up)) => Redirect::to(&up).into_response(),
        (StatusCode::NOT_FOUND, Some(up)) if climbs => Redirect::to(&up).into_response(),
        _ => response,
    }
}

/// The address above one of a page; nothing for a program's, and above the first page.
fn above(path: &str) -> Option<&str> {
    let page = path != "/" && path != "/v1" && !path.starts_with("/v1/") && !path.starts_with("//");
    let (up, _) = path.rsplit_once('/').filter(|_| page)?;
    Some(if up.is_empty() { "/" } else { up })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_one_above_them_and_programs_are_told_as_it_is() {
        for (path, up) in [
            ("/settings/staff/new", Some("/settings/staff")),
            ("/language", Some("/")),
            ("/", None),
            ("/v1/staff", None),
            ("//evil.example/x", None),
        ] {
            assert_eq!(above(path), up, "{path}");
        }
    }
}
