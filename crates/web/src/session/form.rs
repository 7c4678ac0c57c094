//! The forms of whoever is here: fields, and the proof that they come from our own page.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};

use super::Here;
use crate::csrf;
use crate::ctx::Ctx;
use crate::problem::Problem;

/// The largest body of a form, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// The fields of a form, in order.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Fields {
    /// Fields that came otherwise than as the body of a form.
    #[must_use]
    pub const fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
    /// Reads a form's body. What no keyboard types, and not every database takes, is left out.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let typed = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        let clean = |text: &str| text.chars().filter(typed).collect::<String>();
        Self(form_urlencoded::parse(body).map(|(name, value)| (clean(&name), clean(&value))).collect())
    }
    /// The first value of that name, trimmed; empty when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.trim())
    }
    /// Every value of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.trim())
    }
    /// True when a field of that name was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(one, _)| one == name)
    }
}

/// A form of somebody who is here, checked to come from our own page.
#[derive(Debug)]
pub struct Posted<W>(pub W, pub Fields);

impl<W: Here> FromRequest<Ctx> for Posted<W> {
    type Rejection = Response;
    async fn from_request(request: Request, ctx: &Ctx) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = W::from_request_parts(&mut parts, ctx).await?;
        let body = axum::body::to_bytes(body, LARGEST_FORM).await;
        let body = body.map_err(|_| {
            Problem::bad_request("The form is larger than 1 MiB.")
                .german("Das Formular ist größer als 1 MiB.")
                .into_response()
        })?;
        let fields = Fields::parse(&body);
        if who.checks(fields.get(csrf::FIELD)) {
            return Ok(Self(who, fields));
        }
        let again = "This form is no longer valid: it did not come from a page of your session. Go back and try again.";
        Err(Problem::forbidden(again).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_keyboard_types_is_left_out() {
        let fields = Fields::parse(b"na%00me=x%00y%0Az%1B&note=a%09b");
        assert_eq!((fields.get("name"), fields.get("note")), ("xy\nz", "a\tb"));
    }
}
