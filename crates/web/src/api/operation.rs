//! One operation, as data.

use std::future::Future;
use std::pin::Pin;

use assent_kernel::Role;
use assent_store::own_keys::May;
use axum::http::Method;
use serde_json::Value;

use super::call::{Call, Reply};
use super::shape::{Field, Shape};
use crate::problem::Problem;

/// The largest body of most operations, in bytes.
const USUAL_BYTES: usize = 256 * 1024;

/// What a run returns.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send + 'a>>;
/// Does it.
pub type Run = for<'a> fn(&'a Call) -> Running<'a>;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anyone,
    /// Whoever has a key.
    Key,
    /// A key of one of these roles, working for a purpose like a colleague.
    Staff(&'static [Role]),
    /// A program that a person lets act for them, and may at least do this.
    Own(May),
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its shape.
    pub shape: Shape,
    /// An example.
    pub example: Value,
    /// The most bytes.
    pub most: usize,
    /// False when the operation reads the bytes itself, because they are many.
    pub checked: bool,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name, unlike any other's.
    pub id: &'static str,
    /// The verb.
    pub method: Method,
    /// The path, with `{names}`.
    pub path: &'static str,
    /// The chapter it belongs to.
    pub chapter: &'static str,
    /// What it does, in a line.
    pub line: &'static str,
    /// What else is to be known.
    pub more: &'static str,
    /// Who may call.
    pub access: Access,
    /// What the address may say.
    pub query: Vec<Field>,
    /// What is sent.
    pub body: Option<Body>,
    /// The status of a good answer.
    pub status: u16,
    /// What comes back; nothing for none.
    pub answer: Option<Shape>,
    /// An example of it.
    pub example: Value,
    /// True when the answer carries an `ETag`.
    pub tagged: bool,
    /// True when `If-Match` must be sent.
    pub matched: bool,
    /// True when `If-Match` is heeded.
    pub heeded: bool,
    /// True when an `Idempotency-Key` makes it happen once.
    pub once: bool,
    /// True when it is about the company itself, so that a key for one purpose does not reach it.
    pub house: bool,
    /// True when calls are counted.
    pub limited: bool,
    /// Other statuses it may answer with: status and when.
    pub problems: Vec<(u16, &'static str)>,
    /// Does it.
    pub run: Run,
}

impl Operation {
    /// An operation for keys of these roles, in a chapter.
    #[must_use]
    pub fn new(id: &'static str, method: Method, path: &'static str, run: Run) -> Self {
        let once = method == Method::POST;
        Self {
            id,
            method,
            path,
            chapter: "",
            line: "",
            more: "",
            access: Access::Key,
            query: Vec::new(),
            body: None,
            status: 200,
            answer: None,
            example: Value::Null,
            tagged: false,
            matched: false,
            heeded: false,
            once,
            house: false,
            limited: true,
            problems: Vec::new(),
            run,
        }
    }
    /// What it does.
    #[must_use]
    pub fn says(mut self, chapter: &'static str, line: &'static str, more: &'static str) -> Self {
        (self.chapter, self.line, self.more) = (chapter, line, more);
        self
    }
    /// Who may call.
    #[must_use]
    pub fn for_roles(mut self, roles: &'static [Role]) -> Self {
        self.access = Access::Staff(roles);
        self
    }
    /// For programs that a person lets act for them, and may at least do this.
    #[must_use]
    pub fn for_own(mut self, may: May) -> Self {
        self.access = Access::Own(may);
        self
    }
    /// Who may call.
    #[must_use]
    pub fn for_anyone(mut self) -> Self {
        self.access = Access::Anyone;
        self
    }
    /// What the address may say.
    #[must_use]
    pub fn asks(mut self, query: Vec<Field>) -> Self {
        self.query = query;
        self
    }
    /// What is sent.
    #[must_use]
    pub fn takes(mut self, shape: Shape, example: Value) -> Self {
        self.body = Some(Body { shape, example, most: USUAL_BYTES, checked: true });
        self
    }
    /// What is sent, read by the operation itself, up to so many bytes.
    #[must_use]
    pub fn takes_much(mut self, shape: Shape, example: Value, most: usize) -> Self {
        self.body = Some(Body { shape, example, most, checked: false });
        self
    }
    /// What comes back.
    #[must_use]
    pub fn gives(mut self, status: u16, shape: Shape, example: Value) -> Self {
        (self.status, self.answer, self.example) = (status, Some(shape), example);
        self
    }
    /// Nothing comes back but that it is done.
    #[must_use]
    pub fn gives_nothing(mut self) -> Self {
        (self.status, self.answer) = (204, None);
        self
    }
    /// The answer carries an `ETag`.
    #[must_use]
    pub fn with_tag(mut self) -> Self {
        self.tagged = true;
        self
    }
    /// `If-Match` must be sent.
    #[must_use]
    pub fn must_match(mut self) -> Self {
        (self.matched, self.heeded) = (true, true);
        self
    }
    /// `If-Match` is heeded when it is sent.
    #[must_use]
    pub fn may_match(mut self) -> Self {
        self.heeded = true;
        self
    }
    /// Doing it twice is doing it once by itself, or it changes nothing: no `Idempotency-Key`.
    #[must_use]
    pub fn harmless(mut self) -> Self {
        self.once = false;
        self
    }
    /// It is about the company itself and no purpose: a key that is for one purpose alone does not reach it.
    #[must_use]
    pub fn about_the_house(mut self) -> Self {
        self.house = true;
        self
    }
    /// Calls are not counted.
    #[must_use]
    pub fn unlimited(mut self) -> Self {
        self.limited = false;
        self
    }
    /// Another status that it may answer with, and when.
    #[must_use]
    pub fn or(mut self, status: u16, when: &'static str) -> Self {
        self.problems.push((status, when));
        self
    }

    /// The names in its path.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Every status that is not the good one, and when; in order.
    #[must_use]
    pub fn statuses(&self) -> Vec<(u16, &'static str)> {
        let mut all = self.problems.clone();
        let mut add = |wanted: bool, status: u16, when: &'static str| {
            if wanted && !all.iter().any(|(one, _)| *one == status) {
                all.push((status, when));
            }
        };
        let key = self.access != Access::Anyone;
        let body = self.body.is_some();
        add(key || body, 400, "A header or the body cannot be read.");
        add(key, 401, "No key, or one that was ended.");
        add(key, 403, "The key's role or purpose does not reach this, or the terms do not.");
        add(self.names().next().is_some(), 404, "There is nothing of yours by that id.");
        add(true, 406, "Only JSON is offered.");
        add(body, 408, "The body came too slowly.");
        add(self.once, 409, "A call with this Idempotency-Key is still at work.");
        add(self.heeded, 412, "It was changed meanwhile.");
        add(body, 413, "The body is too large.");
        add(body, 415, "Send application/json.");
        add(body || !self.query.is_empty() || self.once, 422, "A value is not right; `detail` says which.");
        add(self.matched, 428, "Send If-Match.");
        add(self.limited && key, 429, "Too often; Retry-After says when.");
        add(true, 503, "Nothing opens at the moment, because nothing could be written down.");
        all.sort_unstable();
        all
    }
}
