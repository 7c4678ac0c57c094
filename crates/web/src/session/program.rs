//! A program that a person lets act for them: it calls with a key that they made on their own page.

use std::sync::Arc;

use assent_store::home::Company;
use assent_store::own_keys::{May, OwnKey};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

use super::{digest, language, read, written};
use crate::ctx::Ctx;
use crate::problem::Problem;

/// What every key begins with, so that scanners for lost secrets find it.
const PREFIX: &str = "assent_own_";

/// A program that holds a person's key: if you have one, it does.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its key.
    pub key: OwnKey,
    /// Whose customer the person is.
    pub company: Arc<Company>,
    /// The language of sentences: `en` or `de`.
    pub lang: String,
}

impl Program {
    /// Refuses a program that was let do less.
    pub(crate) fn must_be_let(&self, may: May) -> Result<(), Problem> {
        if self.key.may.covers(may) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "This key reads and changes nothing. Make one that may answer on your own page, under “Your programs”.",
        )
        .german(
            "Dieser Schlüssel liest und ändert nichts. Einen, der antworten darf, machen Sie auf Ihrer Seite unter „Ihre Programme“.",
        ))
    }
}

/// A key as it is shown, once.
#[must_use]
pub fn own_key_of(token: &[u8; 32]) -> String {
    format!("{PREFIX}{}", written(token))
}

pub(crate) fn no_own_key() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "own-key", "A person's own key is needed").detail(
        "Send `Authorization: Bearer assent_own_…` with a key that the person made on their page under “Your programs” \
         and that was not ended.",
    )
}

impl FromRequestParts<Ctx> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = given.and_then(|text| text.strip_prefix("Bearer ")?.trim().strip_prefix(PREFIX));
        let token = key.and_then(read).ok_or_else(no_own_key)?;
        let key = ctx.gate.own_key(digest(&token), ctx.now()).await?.ok_or_else(no_own_key)?;
        let company = ctx.gate.company(key.company).await?;
        Ok(Self { key, company, lang: language(&parts.headers) })
    }
}
