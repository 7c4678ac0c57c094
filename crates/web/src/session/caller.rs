//! A program that calls with a key of its own.

use std::ops::Deref;
use std::sync::Arc;

use assent_gate::Whose;
use assent_kernel::{Asker, PurposeKey};
use assent_store::callers;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

use super::{digest, read, written};
use crate::ctx::Ctx;
use crate::problem::Problem;

/// What every key begins with, so that scanners for lost secrets find it.
const PREFIX: &str = "assent_key_";

/// A program that holds a key: if you have one, it does.
#[derive(Debug, Clone)]
pub struct Caller(Arc<callers::Known>);

impl Deref for Caller {
    type Target = callers::Caller;
    fn deref(&self) -> &callers::Caller {
        &self.0.caller
    }
}

impl Caller {
    /// As it was looked up: the same until it is looked up anew.
    #[must_use]
    pub const fn known(&self) -> &Arc<callers::Known> {
        &self.0
    }

    /// Who asks, in a question.
    #[must_use]
    pub fn asker(&self) -> Asker {
        Asker::Staff(self.id, self.role)
    }

    /// True when it sees everybody of its company.
    #[must_use]
    pub fn sees_everybody(&self) -> bool {
        self.0.people.is_all()
    }

    /// The people it sees.
    #[must_use]
    pub fn people(&self) -> Whose {
        Whose::within(self.company, self.0.people.clone())
    }

    /// Refuses a purpose that the key is not for.
    ///
    /// # Errors
    /// A problem that says which purpose it is for.
    pub fn works_for(&self, purpose: &PurposeKey) -> Result<(), Problem> {
        match &self.purpose {
            Some(mine) if mine != purpose => Err(Problem::forbidden(format!(
                "This key is for the purpose {mine} alone, not for {purpose}."
            ))),
            Some(_) | None => Ok(()),
        }
    }
}

/// A key as it is shown, once.
#[must_use]
pub fn key_of(token: &[u8; 32]) -> String {
    format!("{PREFIX}{}", written(token))
}

pub(crate) fn no_key() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "key", "A key is needed")
        .detail("Send `Authorization: Bearer assent_key_…` with a key that an administrator made.")
}

fn over() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "key-over", "This key has run out")
        .detail("An administrator makes a new one on the page “Programs”.")
}

fn suspended() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "key-maker", "This key does not stand any more")
        .detail("Whoever made it no longer works here, or not in a role that may do what it does. An administrator makes a new one on the page “Programs”.")
}

impl FromRequestParts<Ctx> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = given.and_then(|text| text.strip_prefix("Bearer ")?.trim().strip_prefix(PREFIX));
        let token = key.and_then(read).ok_or_else(no_key)?;
        let found = ctx.gate.caller(digest(&token)).await?.ok_or_else(no_key)?;
        if found.caller.is_over(ctx.now()) {
            return Err(over());
        }
        if found.stands { Ok(Self(found)) } else { Err(suspended()) }
    }
}
