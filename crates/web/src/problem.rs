//! What went wrong, in plain words: RFC 9457 for programs, a page in the shell's look for people.
//!
//! A handler answers with a [`Problem`]; the middleware [`dress`] turns it into a page for a browser.

use crate::filters;
use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::catalogue::{self, Both, Lang};
use crate::html;
use crate::shell::Theme;

/// One thing that went wrong: a stable code for programs, a title and a sentence for people.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Stable and short (`terms.closed`); the last part of the problem's `type`.
    pub code: &'static str,
    /// What happened, the same for each case of this kind.
    pub title: String,
    /// Where, and what to do, in this case. Empty if there is no more to say.
    pub detail: String,
    /// The same in German; empty where nobody said it so.
    pub german: String,
    /// The thing it happened to, as an address, if there is one.
    pub instance: Option<String>,
}

/// What is said by code where nobody said it in German for this case.
const GERMAN: &[(&str, &str)] = &[
    ("not-found", "Prüfen Sie die Adresse, oder gehen Sie zurück und folgen Sie dem Link noch einmal."),
    ("bad-request", "Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal."),
    ("sign-in", "Kommen Sie noch einmal herein."),
    ("forbidden", "Es wurde nichts geändert."),
    ("conflict", "Sehen Sie noch einmal nach und versuchen Sie es dann noch einmal."),
    (
        "invalid",
        "Es wurde nichts geändert. Gehen Sie zurück, prüfen Sie, was Sie eingegeben haben, und versuchen Sie es noch einmal.",
    ),
    ("too-many", "Warten Sie etwas und versuchen Sie es noch einmal."),
    ("closed", "Bitte versuchen Sie es später noch einmal."),
    (
        "internal",
        "Nichts wurde halb geändert. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es dem Unternehmen.",
    ),
];

/// What is said of one case: in English, and in German too where the catalogue has it or both were said.
#[derive(Clone, Debug, Default)]
pub struct Detail(Both);

impl<T: Into<String>> From<T> for Detail {
    fn from(english: T) -> Self {
        let english = english.into();
        let german = catalogue::german(&english).unwrap_or_default().to_owned();
        Self(Both { english, german })
    }
}

impl From<Both> for Detail {
    fn from(both: Both) -> Self {
        Self(both)
    }
}

impl Problem {
    /// A problem with no further detail.
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            detail: String::new(),
            german: String::new(),
            instance: None,
        }
    }

    /// Says where it happened and what to do.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Detail>) -> Self {
        let Detail(Both { english, german }) = detail.into();
        (self.detail, self.german) = (english, german);
        self
    }

    /// Says the same in German.
    #[must_use]
    pub fn german(mut self, detail: impl Into<String>) -> Self {
        self.german = detail.into();
        self
    }

    /// What it says was said in the language of whoever reads.
    #[must_use]
    pub fn said(mut self) -> Self {
        if catalogue::lang() == Lang::German {
            self.german.clone_from(&self.detail);
        }
        self
    }

    /// Names the thing it happened to.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// 404.
    pub fn not_found(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing at this address").detail(detail)
    }

    /// 400: the request itself cannot be read.
    pub fn bad_request(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "This request could not be read").detail(detail)
    }

    /// 401.
    pub fn sign_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign-in", "Sign in to see this")
            .detail("You are not signed in, or your session has ended.")
            .german("Sie sind nicht angemeldet, oder Ihre Sitzung ist zu Ende.")
    }

    /// 403: signed in, but this is not for you.
    pub fn forbidden(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "This is not open to you").detail(detail)
    }

    /// 409: the thing changed meanwhile.
    pub fn conflict(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Someone changed this meanwhile").detail(detail)
    }

    /// 422: understood, but a value is not right.
    pub fn invalid(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A value is not right").detail(detail)
    }

    /// 429: too often.
    pub fn too_many(minutes: i64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "That was too often")
            .detail(format!("Wait {minutes} minutes and try again."))
            .german(format!("Warten Sie {minutes} Minuten und versuchen Sie es noch einmal."))
    }

    /// 503: nothing opens, because nothing can be written down. What is known goes to the log.
    pub fn closed(detail: impl Into<Detail>, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "nothing opens");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "closed", "Nothing opens at the moment").detail(detail)
    }

    /// 500: ours, not yours. What is known goes to the log, not to the page.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something failed on our side")
            .detail("Nothing was changed half-way. Try again; if it stays, tell the person who runs this installation.")
            .german("Nichts wurde halb geändert. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es dem Unternehmen.")
    }

    fn body(&self) -> String {
        #[derive(Serialize)]
        struct Wire<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            code: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            detail: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            instance: Option<&'a str>,
        }
        let wire = Wire {
            r#type: format!("urn:assent:problem:{}", self.code),
            title: &self.title,
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            instance: self.instance.as_deref(),
        };
        serde_json::to_string(&wire).unwrap_or_else(|_| "{}".into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, headers, self.body()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The page a person sees.
#[derive(Template)]
#[template(path = "shell/problem.html")]
struct ProblemPage<'a> {
    problem: &'a Problem,
    theme: Theme,
    german: bool,
}

impl ProblemPage<'_> {
    const fn lang(&self) -> &'static str {
        if self.german { "de" } else { "en" }
    }
    /// What is said in German of every problem of this kind.
    fn kind(&self) -> Option<&'static str> {
        let found = GERMAN.iter().find(|(code, _)| self.german && *code == self.problem.code);
        found.map(|(_, sentence)| *sentence)
    }
    fn title(&self) -> &str {
        let said = catalogue::german(&self.problem.title).filter(|_| self.german);
        said.unwrap_or(&self.problem.title)
    }
    /// The sentence, and the language it is in: of what nobody said in German for this case, what holds for every such one.
    fn detail(&self) -> (&str, &'static str) {
        match self.kind() {
            _ if self.german && !self.problem.german.is_empty() => (&self.problem.german, "de"),
            Some(sentence) if !self.problem.detail.is_empty() => (sentence, "de"),
            Some(_) | None => (&self.problem.detail, "en"),
        }
    }
}

/// Middleware: `axum::middleware::from_fn(problem::dress)`. A browser gets a page, a program gets JSON.
pub async fn dress(request: Request, next: Next) -> Response {
    let page = wants_page(request.uri().path(), request.headers());
    let theme = Theme::of(request.headers());
    let german = catalogue::lang() == Lang::German;
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) if page => dressed(&ProblemPage { problem, theme, german }, &response),
        _ => response,
    }
}

/// For `Router::fallback`.
pub async fn nowhere() -> Problem {
    Problem::not_found("Check the address, or go back and follow the link again.")
        .german("Prüfen Sie die Adresse, oder gehen Sie zurück und folgen Sie dem Link noch einmal.")
}

fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    path != "/v1" && !path.starts_with("/v1/") && accepts.contains("text/html")
}

/// Keeps what the answer already said (cookies, where to sign in), and replaces its body.
fn dressed(page: &ProblemPage<'_>, response: &Response) -> Response {
    let mut fresh = html::page(page);
    *fresh.status_mut() = page.problem.status;
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            fresh.headers_mut().append(name, value.clone());
        }
    }
    fresh.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))])
    }

    #[test]
    fn programs_get_json_and_people_get_a_page() {
        let browser = accept("text/html,application/xhtml+xml,*/*;q=0.8");
        assert!(wants_page("/people", &browser));
        assert!(!wants_page("/v1/people", &browser));
        assert!(wants_page("/v1ewer", &browser));
        assert!(!wants_page("/people", &accept("application/json")));
        assert!(!wants_page("/people", &HeaderMap::new()));
    }

    #[test]
    fn a_problem_is_rfc_9457() {
        let problem = Problem::not_found("No person p_1.").instance("/people/p_1");
        let body: serde_json::Value = serde_json::from_str(&problem.body()).unwrap();
        assert_eq!(body["status"], 404);
        assert_eq!(body["code"], "not-found");
        assert_eq!(body["type"], "urn:assent:problem:not-found");
        assert_eq!(body["instance"], "/people/p_1");
        let response = problem.into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[tokio::test]
    async fn pages_speak_the_language_of_whoever_reads() {
        let page = async |problem: &Problem, german| {
            let lang = if german { Lang::German } else { Lang::English };
            let page = ProblemPage { problem, theme: Theme::Auto, german };
            catalogue::speaking(lang, async { page.render().unwrap() }).await
        };
        let known = Problem::not_found("No such value.").german("So eine Angabe gibt es nicht.");
        let text = page(&known, true).await;
        assert!(text.contains("<html lang=\"de\"") && text.contains("Unter dieser Adresse gibt es nichts"));
        assert!(text.contains("<p lang=\"de\">So eine Angabe gibt es nicht.") && text.contains("Zum Anfang"));
        assert!(page(&known, false).await.contains("<p lang=\"en\">No such value."));
        // Of what nobody said in German for this case, what holds for every such one is said; a kind nobody knows stays marked.
        assert!(
            page(&Problem::invalid("Half a date."), true)
                .await
                .contains("<p lang=\"de\">Es wurde nichts geändert.")
        );
        let odd = Problem::new(StatusCode::IM_A_TEAPOT, "odd", "Odd").detail("Quite odd.");
        assert!(page(&odd, true).await.contains("<p lang=\"en\">Quite odd."));
        let no_region = assent_gate::GateError::Input("no such thing".into());
        let all =
            [Problem::sign_in(), Problem::too_many(3), Problem::internal(&"x"), Problem::from(no_region)];
        for problem in all {
            let text = page(&problem, true).await;
            assert!(!text.contains("lang=\"en\"") && !text.contains(&problem.title), "{text}");
        }
    }

    #[test]
    fn the_page_escapes_what_it_repeats_and_keeps_headers() {
        let problem = Problem::invalid("<script>alert(1)</script>");
        let mut plain = problem.clone().into_response();
        plain.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_static("a=b"));
        let page = ProblemPage { problem: &problem, theme: Theme::Dark, german: false };
        assert!(!page.render().unwrap().contains("<script>alert"));
        let dressed = dressed(&page, &plain);
        assert_eq!(dressed.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(dressed.headers()[header::SET_COOKIE], "a=b");
        assert_eq!(dressed.headers().get_all(header::CONTENT_TYPE).iter().count(), 1);
    }
}
