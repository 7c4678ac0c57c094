//! A value changed where it stands: a pen beside it leads to a small form. With scripts the form opens in its place;
//! without them it is a page of its own.

use askama::Template;
use assent_web::parts::Field;
use assent_web::{Fields, Shell, filters, html, say, text};
use axum::http::StatusCode;
use axum::response::Response;

use crate::frame;

/// The pen beside a value.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "inline/pen.html")]
pub struct Pen {
    /// Where the small form is.
    pub href: String,
    /// What it changes: "Amount of Fridge for Lübeck".
    pub label: String,
}

impl askama::filters::HtmlSafe for Pen {}

impl Pen {
    /// A pen for one field of a record; whoever saves comes back to `back`.
    pub fn new(home: &str, field: &str, label: impl Into<String>, back: &str) -> Self {
        let back = form_urlencoded::byte_serialize(back.as_bytes()).collect::<String>();
        Self { href: format!("{home}/value/{field}?back={back}"), label: label.into() }
    }
}

/// The small form.
#[derive(Template)]
#[template(path = "inline/value.html")]
pub struct Small {
    shell: Shell,
    action: String,
    back: String,
    ver: String,
    note: String,
    fields: Vec<Field>,
}

impl Small {
    /// A form for some fields of a record as it is in its `ver`th version.
    pub fn new(shell: Shell, action: String, back: &str, ver: impl ToString, fields: Vec<Field>) -> Self {
        Self { shell, action, back: back.to_owned(), ver: ver.to_string(), note: String::new(), fields }
    }

    /// The page.
    pub fn page(&self) -> Response {
        html::page(self)
    }

    /// The page again, with what is wrong beside its field.
    pub fn unfinished(&self) -> Response {
        frame::unfinished(html::page(self))
    }

    /// The page again, with what stands in the way beside a field.
    pub fn wrong(mut self, name: &str, why: String) -> Response {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.error = why;
        }
        self.unfinished()
    }

    /// The page again, because somebody else was faster; saving once more puts it in its place.
    pub fn moved(mut self, now: &str) -> Response {
        self.note = if now.is_empty() {
            say("Somebody changed it meanwhile to nothing. Save again to put yours in its place.").to_owned()
        } else {
            say!("Somebody changed it meanwhile to “{now}”. Save again to put yours in its place.", now = now)
        };
        let mut page = html::page(&self);
        if page.status() == StatusCode::OK {
            *page.status_mut() = StatusCode::CONFLICT;
        }
        page
    }
}

/// What a pen of a list changes: "amount of Fridge for Lübeck".
pub fn field_of(label: &str, record: &str) -> String {
    say!("{field} of {record}", field = text::within(label), record = record)
}

/// Those of a form's fields that have these names; true when nothing is wrong with them.
pub fn only(fields: Vec<Field>, names: &[&str]) -> (Vec<Field>, bool) {
    let some: Vec<Field> = fields.into_iter().filter(|field| names.contains(&field.name.as_ref())).collect();
    let fine = some.iter().all(|field| field.error.is_empty());
    (some, fine)
}

/// Whether the form was made for another version than there is now. One that names none was made for any.
pub fn is_stale(fields: &Fields, ver: impl std::fmt::Display) -> bool {
    let made_for = fields.get("ver");
    !made_for.is_empty() && made_for != ver.to_string()
}
