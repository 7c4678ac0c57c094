//! Purposes: why a fact is used. Each is born with exactly one basis and never borrows another.

use serde::{Deserialize, Serialize};

use crate::also::Also;
use crate::key::PurposeKey;
use crate::role::RoleSet;
use crate::time::Span;
use crate::uses::UseSet;

/// The one ground on which a purpose may stand (GDPR Art. 6(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The person's yes, given to a notice (Art. 6(1)(a)).
    Consent,
    /// The person's yes in so many words, for this (Art. 9(2)(a)).
    ConsentExplicit,
    /// Needed for a contract with the person (Art. 6(1)(b)).
    Contract,
    /// Demanded by a law (Art. 6(1)(c)).
    LegalObligation,
    /// To save somebody's life (Art. 6(1)(d)).
    Vital,
    /// A task in the public interest (Art. 6(1)(e)).
    PublicTask,
    /// Legitimate interest (Art. 6(1)(f)): off unless a company turns it on, and never for a growing list of uses.
    LegitimateInterest,
}

impl Basis {
    /// True when only a grant can open the purpose.
    #[must_use]
    pub const fn needs_grant(self) -> bool {
        match self {
            Self::Consent | Self::ConsentExplicit => true,
            Self::Contract
            | Self::LegalObligation
            | Self::Vital
            | Self::PublicTask
            | Self::LegitimateInterest => false,
        }
    }
}

/// How much a machine decides about the person under a purpose (GDPR Art. 22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Automation {
    /// Nothing.
    None,
    /// It proposes, a human decides.
    Assist,
    /// It decides.
    Decide,
}

/// A purpose as a company uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its place in the tree.
    pub key: PurposeKey,
    /// Counts the published changes of this purpose.
    pub version: u32,
    /// The DPV term it is a kind of, such as `dpv:DirectMarketing`.
    pub dpv: String,
    /// The one ground it stands on.
    pub basis: Basis,
    /// What may be done under it at all.
    pub uses: UseSet,
    /// The longest life of a grant for it.
    pub longest: Span,
    /// True for direct marketing, to which an objection is absolute (GDPR Art. 21(3)).
    pub direct_marketing: bool,
    /// How much a machine decides.
    pub automation: Automation,
    /// Who may work for it.
    pub roles: RoleSet,
    /// A short name, for staff and person alike.
    pub label: String,
    /// The name in other languages.
    #[serde(default, skip_serializing_if = "Also::is_empty")]
    pub labels: Also,
    /// One plain sentence to the person: what it is for.
    pub sentence: String,
    /// The sentence in other languages.
    #[serde(default, skip_serializing_if = "Also::is_empty")]
    pub sentences: Also,
}
