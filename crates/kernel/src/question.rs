//! A question: who asks, which use, which facts of whom, why, to whom, where, when.
//!
//! A question is a struct literal: forget a field and it does not compile; there are no defaults.

use serde::{Deserialize, Serialize};

use crate::id::{FactId, PartyId, PersonId, StaffId};
use crate::key::{CategoryKey, PurposeKey, Region};
use crate::role::Role;
use crate::time::Timestamp;

/// A list that has at least one element. An empty request is no request, and cannot be written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "Vec<T>",
    into = "Vec<T>",
    bound(serialize = "T: Serialize + Clone", deserialize = "T: Deserialize<'de>")
)]
pub struct NonEmpty<T> {
    first: T,
    rest: Vec<T>,
}

/// An empty list where at least one element is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request names nothing; an empty request is refused")]
pub struct Empty;

impl<T> NonEmpty<T> {
    /// One element, and perhaps more.
    pub const fn new(first: T, rest: Vec<T>) -> Self {
        Self { first, rest }
    }
    /// Exactly one.
    pub const fn one(first: T) -> Self {
        Self { first, rest: Vec::new() }
    }
    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.rest)
    }
    /// How many: one or more.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.rest.len().saturating_add(1)
    }
    /// The first element.
    pub const fn first(&self) -> &T {
        &self.first
    }
}

impl<T> TryFrom<Vec<T>> for NonEmpty<T> {
    type Error = Empty;
    fn try_from(all: Vec<T>) -> Result<Self, Empty> {
        let mut all = all.into_iter();
        let first = all.next().ok_or(Empty)?;
        Ok(Self { first, rest: all.collect() })
    }
}
impl<T> From<NonEmpty<T>> for Vec<T> {
    fn from(all: NonEmpty<T>) -> Self {
        let mut out = vec![all.first];
        out.extend(all.rest);
        out
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asker {
    /// A member of staff.
    Staff(StaffId, Role),
    /// The person whom the facts are about.
    Person,
    /// The program, doing what somebody planned.
    System,
}

impl Asker {
    /// Somebody who wears that hat, whoever it is: which member of staff asks makes no difference to a decision.
    #[must_use]
    pub const fn of_role(role: Role) -> Self {
        match role {
            Role::Person => Self::Person,
            Role::System => Self::System,
            Role::Admin
            | Role::Sales
            | Role::Marketing
            | Role::Support
            | Role::Billing
            | Role::Dpo
            | Role::Product
            | Role::Auditor => Self::Staff(StaffId::from_bytes([0; 16]), role),
        }
    }
    /// The hat the asker wears.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Staff(_, role) => role,
            Self::Person => Role::Person,
            Self::System => Role::System,
        }
    }
}

/// Who would receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// A party, and with it its sub-processors: the company itself, a processor, a partner.
    Party(PartyId),
    /// The person whom the facts are about.
    Person,
}

/// What the question is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// A fact that is held.
    Held(FactId),
    /// A fact that would come in, or that another system holds: only its kind is known.
    Kind(CategoryKey),
}

/// What else counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// The browser sent `Sec-GPC: 1`.
    pub gpc: bool,
    /// For a legal claim, or to protect another person's rights (GDPR Art. 18(2)).
    pub claim: bool,
    /// A machine decides about the person alone.
    pub automated: bool,
    /// The ticket that stands behind an exceptional use.
    pub ticket: Option<String>,
}

impl Context {
    /// What counted, one word each: that a ticket was named, never what it says.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        let ticket = self.ticket.as_deref().is_some_and(|ticket| !ticket.trim().is_empty());
        let all =
            [(self.gpc, "gpc"), (self.claim, "claim"), (self.automated, "automated"), (ticket, "ticket")];
        all.into_iter().filter_map(|(counted, word)| counted.then_some(word)).collect()
    }
    /// What those words say of a decision: as [`Context::words`] wrote them.
    #[must_use]
    pub fn of_words<S: AsRef<str>>(words: &[S]) -> Self {
        let has = |word: &str| words.iter().any(|one| one.as_ref() == word);
        let ticket = has("ticket").then(|| "named".to_owned());
        Self { gpc: has("gpc"), claim: has("claim"), automated: has("automated"), ticket }
    }
}

/// A question. `U` says which use: one of [`crate::uses::kind`], or a [`crate::Use`] for a question read from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question<U> {
    /// Which use.
    pub what: U,
    /// Of whom.
    pub person: PersonId,
    /// Who asks.
    pub asker: Asker,
    /// Why.
    pub purpose: PurposeKey,
    /// Which facts; at least one.
    pub matters: NonEmpty<Matter>,
    /// To whom.
    pub to: To,
    /// Where it is used.
    pub region: Region,
    /// When.
    pub at: Timestamp,
    /// What else counts.
    pub context: Context,
}
