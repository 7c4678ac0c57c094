//! The page that explains the same list: no script from elsewhere, found with the browser's own search.

use askama::Template;
use assent_store::own_keys::May;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::operation::{Access, Operation};
use super::shape::{Field, Shape};
use crate::shell::Theme;

#[derive(Template)]
#[template(path = "api/guide.html")]
struct Page {
    chapters: Vec<Chapter>,
}

struct Chapter {
    name: &'static str,
    anchor: String,
    operations: Vec<Told>,
}

struct Told {
    id: &'static str,
    method: String,
    path: &'static str,
    line: &'static str,
    more: &'static str,
    who: String,
    query: Vec<Line>,
    body: Vec<Line>,
    curl: String,
    status: u16,
    answer: Vec<Line>,
    example: String,
    problems: Vec<(u16, &'static str)>,
}

/// A line of a table: name, what it is, whether it must be there, what it looks like.
struct Line {
    name: String,
    sentence: &'static str,
    needed: bool,
    words: String,
}

/// The page, rendered once.
pub(super) fn page(all: &[Operation]) -> String {
    let mut chapters: Vec<Chapter> = Vec::new();
    for operation in all {
        let told = told(operation);
        match chapters.iter_mut().find(|chapter| chapter.name == operation.chapter) {
            Some(chapter) => chapter.operations.push(told),
            None => chapters.push(Chapter {
                name: operation.chapter,
                anchor: operation.chapter.to_lowercase().replace(' ', "-"),
                operations: vec![told],
            }),
        }
    }
    Page { chapters }.render().unwrap_or_default()
}

/// The page as an answer, in the theme that was chosen in this browser.
pub(super) fn answer(page: &str, headers: &HeaderMap) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let theme = format!("data-theme=\"{}\"", Theme::of(headers));
    ([(header::CONTENT_TYPE, kind)], page.replacen("data-theme=\"auto\"", &theme, 1)).into_response()
}

fn told(operation: &Operation) -> Told {
    let body = operation.body.as_ref();
    Told {
        id: operation.id,
        method: operation.method.to_string(),
        path: operation.path,
        line: operation.line,
        more: operation.more,
        who: who(operation.access),
        query: operation.query.iter().map(line).collect(),
        body: body.map(|body| lines(&body.shape)).unwrap_or_default(),
        curl: curl(operation),
        status: operation.status,
        answer: operation.answer.as_ref().map(lines).unwrap_or_default(),
        example: operation.answer.as_ref().map(|_| pretty(&operation.example)).unwrap_or_default(),
        problems: operation.statuses(),
    }
}

fn who(access: Access) -> String {
    match access {
        Access::Anyone => "anybody".into(),
        Access::Key => "any key".into(),
        Access::Staff(roles) => {
            let names: Vec<&str> = roles.iter().map(|role| role.key()).collect();
            format!("keys of {}", names.join(", "))
        }
        Access::Own(May::Read) => "a person's own program".into(),
        Access::Own(May::Answer) => "a person's own program that may answer".into(),
    }
}

fn line(field: &Field) -> Line {
    Line {
        name: field.name.to_owned(),
        sentence: field.sentence,
        needed: field.needed,
        words: field.shape.words(),
    }
}

/// The fields of a shape; those of what it lists below them.
fn lines(shape: &Shape) -> Vec<Line> {
    let mut out = Vec::new();
    put(shape, "", 0, &mut out);
    out
}

fn put(shape: &Shape, before: &str, deep: usize, out: &mut Vec<Line>) {
    for field in shape.fields() {
        let name = format!("{before}{}", field.name);
        out.push(Line { name: name.clone(), ..line(field) });
        let (inner, mark) = match &field.shape {
            Shape::List(one, _) => (one.as_ref(), "[]."),
            other => (other, "."),
        };
        if deep < 3 {
            put(inner, &format!("{name}{mark}"), deep.saturating_add(1), out);
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The call as somebody types it.
fn curl(operation: &Operation) -> String {
    let path = operation.names().fold(operation.path.to_owned(), |path, name| {
        path.replace(&format!("{{{name}}}"), &format!("${}", name.to_uppercase()))
    });
    let mut out = String::from("curl -s");
    if operation.method != axum::http::Method::GET {
        out.push_str(&format!(" -X {}", operation.method));
    }
    out.push_str(&format!(" \"$ASSENT{path}\""));
    if operation.access != Access::Anyone {
        out.push_str(" \\\n  -H \"Authorization: Bearer $KEY\"");
    }
    if operation.matched {
        out.push_str(" \\\n  -H \"If-Match: $ETAG\"");
    }
    if operation.once {
        out.push_str(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
    }
    if let Some(body) = &operation.body {
        out.push_str(&format!(
            " \\\n  -H 'Content-Type: application/json' \\\n  -d '{}'",
            pretty(&body.example)
        ));
    }
    out
}
