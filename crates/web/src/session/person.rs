//! A person who is here, and the frame of their pages.

use std::sync::Arc;

use assent_kernel::{Asker, PersonId, Timestamp};
use assent_store::access::Door;
use assent_store::home::Company;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::{Here, JUST, PERSON_COOKIE, SESSION_NAME, digest, from_here, gpc, language, session, to_sign_in};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::{csrf, shell};

/// A person who is signed in.
#[derive(Clone)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Whose customer.
    pub company: Arc<Company>,
    /// The language they read: `en` or `de`.
    pub lang: String,
    /// True when their browser sends Global Privacy Control.
    pub gpc: bool,
    /// True when a page of ours led here, and not a link from elsewhere.
    pub from_here: bool,
    token: [u8; 32],
    begun_at: Timestamp,
    theme: shell::Theme,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.id)
    }
}

impl Here for Person {
    fn csrf(&self) -> String {
        csrf::token(&self.token, SESSION_NAME)
    }
    fn checks(&self, given: &str) -> bool {
        csrf::verify(&self.token, SESSION_NAME, given)
    }
}

impl Person {
    /// Who asks, in a question.
    #[must_use]
    pub const fn asker(&self) -> Asker {
        Asker::Person
    }

    /// A token for a link that connects an account: nobody else can make this browser do it.
    pub(crate) fn connecting(&self) -> String {
        csrf::token(&self.token, "connect")
    }
    pub(crate) fn connects(&self, given: &str) -> bool {
        csrf::verify(&self.token, "connect", given)
    }

    /// The digest of the session at hand.
    #[must_use]
    pub fn session(&self) -> [u8; 32] {
        digest(&self.token)
    }

    /// True when they came in a moment ago. Whoever found an open browser adds no way in of their own.
    #[must_use]
    pub fn just_came_in(&self, at: Timestamp) -> bool {
        at < self.begun_at.plus(JUST)
    }

    /// Refuses whoever came in longer ago.
    ///
    /// # Errors
    /// A page that says to come in again first.
    pub fn must_have_just_come_in(&self, at: Timestamp) -> Result<(), Problem> {
        if self.just_came_in(at) {
            return Ok(());
        }
        Err(Problem::forbidden("For this, come in again first: it is more than 15 minutes since you did.")
            .german("Dafür kommen Sie bitte zuerst noch einmal herein: Es ist mehr als 15 Minuten her."))
    }

    async fn of(ctx: &Ctx, parts: &Parts) -> Result<Option<Self>, Problem> {
        let Some((token, session)) = session(ctx, &parts.headers, PERSON_COOKIE, Door::Person).await? else {
            return Ok(None);
        };
        let id = PersonId::from_bytes(session.who);
        let company = ctx.gate.company(session.company).await?;
        let (gpc, from_here) = (gpc(&parts.headers), from_here(&parts.headers));
        let lang = language(&parts.headers);
        let (begun_at, theme) = (session.begun_at, shell::Theme::of(&parts.headers));
        Ok(Some(Self { id, company, lang, gpc, from_here, token, begun_at, theme }))
    }

    /// The frame of a page.
    #[must_use]
    pub fn shell(&self, title: &str) -> shell::Shell {
        shell::Shell {
            title: title.to_owned(),
            company: self.company.name.clone(),
            csrf: self.csrf(),
            user: Some(shell::User {
                name: if self.lang == "de" { "Abmelden".into() } else { "Sign out".into() },
                sign_out: "/me/sign-out".into(),
                ..shell::User::default()
            }),
            theme: self.theme,
            lang: self.lang.clone(),
            ..shell::Shell::default()
        }
    }
}

impl FromRequestParts<Ctx> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Response> {
        let found = Self::of(ctx, parts).await.map_err(IntoResponse::into_response)?;
        found.ok_or_else(|| to_sign_in(parts, "/my"))
    }
}
impl OptionalFromRequestParts<Ctx> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Option<Self>, Response> {
        Self::of(ctx, parts).await.map_err(IntoResponse::into_response)
    }
}
