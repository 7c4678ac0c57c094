//! Why not: every exit of the decision has one stable code and one plain sentence.

use serde::{Deserialize, Serialize};

use crate::data::region_in_words;
use crate::id::{FactId, PartyId};
use crate::key::{PurposeKey, Region, TreeKey};
use crate::party::Place;
use crate::policy::Policy;
use crate::time::Timestamp;

/// Why a use is refused. The order is the order of the steps of [`crate::decide()`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// Step 0: the request named nothing.
    EmptyRequest,
    /// Step 0: no such person here (never was, another company's, or erased).
    UnknownPerson,
    /// Step 0: no such purpose.
    UnknownPurpose,
    /// Step 0: no such region.
    UnknownRegion,
    /// Step 0: no such party.
    UnknownParty,
    /// Step 0: the time asked for lies before something already recorded.
    ClockWentBack,
    /// Step 0: the purpose does not include this use.
    UseOutsidePurpose,
    /// Step 0: this role does not work for this purpose.
    RoleOutsidePurpose,
    /// Step 0: no such fact of this person.
    UnknownFact,
    /// Step 0: no such category.
    UnknownCategory,
    /// Step 1: a mandate forbids it.
    ForbiddenBy {
        /// The mandate's key.
        mandate: String,
    },
    /// Step 2: the person asked to keep it and do nothing with it, or only a mandate keeps it.
    Restricted,
    /// Step 3: the person objected.
    Objected,
    /// Step 3: the person opted out of sale and sharing.
    OptedOut,
    /// Step 4: legitimate interest is off, or never covers this.
    LegitimateInterestOff,
    /// Step 4: nobody ever asked the person.
    NeverAsked,
    /// Step 4: the person said no.
    Refused,
    /// Step 4: the person took the yes back.
    Withdrawn,
    /// Step 4: a guardian must say yes.
    NeedsGuardian,
    /// Step 4: the yes has run out.
    Expired {
        /// When it ran out.
        at: Timestamp,
    },
    /// Step 4: the yes was for fewer times.
    UsedUp,
    /// Step 4: the yes was to an older text, and the change matters.
    NoticeOutdated,
    /// Step 4: the yes does not cover this use.
    UseNotGranted,
    /// Step 4: a machine may not decide this alone.
    HumanRequired,
    /// Step 4: the yes does not cover this kind of fact.
    CategoryNotGranted,
    /// Step 4: this kind of fact needs a yes in so many words.
    NeedsExplicit,
    /// Step 4: no contract runs.
    NoActiveContract,
    /// Step 4: the contract does not need this.
    NotNecessary,
    /// Step 4: no mandate in force covers it.
    NoMandate,
    /// Step 4: the mandate is not for this role.
    RoleOutsideMandate,
    /// Step 4: the exceptional use has no ticket.
    NeedsTicket,
    /// Step 4: it has been kept for as long as it may be.
    RetentionOver,
    /// Step 5: the chain of recipients has a gap, a circle or no end.
    ChainBroken {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 5: announced, suspended or ended.
    PartyNotActive {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 5: no contract with it.
    NoAgreement {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 5: nobody confirmed for 90 days where it holds data.
    DescriptionStale {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 5: the terms do not name it.
    RecipientNotNamed {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 5: the terms name who engaged it, but not so many tiers down.
    TierTooDeep {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 6: used outside the regions of the terms.
    RegionNotGranted {
        /// The region.
        region: Region,
    },
    /// Step 6: a hop lies outside the regions of the terms.
    HopOutsideRegion {
        /// The failing hop.
        hop: PartyId,
        /// Which of its four places.
        place: Place,
        /// Where that is.
        region: Region,
    },
    /// Step 6: nobody described where a hop keeps, works on, reaches or controls data.
    PlaceNotDescribed {
        /// The failing hop.
        hop: PartyId,
        /// Which of its four places.
        place: Place,
    },
    /// Step 6: the terms would accept an instrument for the transfer, but none is valid.
    NoTransferTool {
        /// The failing hop.
        hop: PartyId,
    },
    /// Step 7: the terms that came with the fact do not allow it.
    ProvenanceDenies,
    /// Step 7: a fact it was derived from is closed.
    ParentDenies {
        /// That fact.
        fact: FactId,
    },
}

/// What would make a refused use allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Ask the person.
    AskPerson,
    /// Ask the person's guardian.
    AskGuardian,
    /// Work for another purpose, or ask a colleague whose role may.
    OtherRole,
    /// Mend the parties: a contract, a description, a place, a standing.
    MendParty,
    /// Let a human decide, or name a ticket.
    Formality,
    /// Correct the request.
    MendRequest,
    /// Nothing: it stays closed.
    Nothing,
}

impl Reason {
    /// The stable code: it never changes its meaning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyRequest => "EMPTY_REQUEST",
            Self::UnknownPerson => "UNKNOWN_PERSON",
            Self::UnknownPurpose => "UNKNOWN_PURPOSE",
            Self::UnknownCategory => "UNKNOWN_CATEGORY",
            Self::UnknownFact => "UNKNOWN_FACT",
            Self::UnknownParty => "UNKNOWN_PARTY",
            Self::UnknownRegion => "UNKNOWN_REGION",
            Self::ClockWentBack => "CLOCK_WENT_BACK",
            Self::UseOutsidePurpose => "USE_OUTSIDE_PURPOSE",
            Self::RoleOutsidePurpose => "ROLE_OUTSIDE_PURPOSE",
            Self::ForbiddenBy { .. } => "FORBIDDEN_BY",
            Self::Restricted => "RESTRICTED",
            Self::Objected => "OBJECTED",
            Self::OptedOut => "OPTED_OUT",
            Self::LegitimateInterestOff => "LEGITIMATE_INTEREST_OFF",
            Self::NeverAsked => "NEVER_ASKED",
            Self::Refused => "REFUSED",
            Self::Withdrawn => "WITHDRAWN",
            Self::NeedsGuardian => "NEEDS_GUARDIAN",
            Self::Expired { .. } => "EXPIRED",
            Self::UsedUp => "USED_UP",
            Self::NoticeOutdated => "NOTICE_OUTDATED",
            Self::UseNotGranted => "USE_NOT_GRANTED",
            Self::HumanRequired => "HUMAN_REQUIRED",
            Self::CategoryNotGranted => "CATEGORY_NOT_GRANTED",
            Self::NeedsExplicit => "NEEDS_EXPLICIT",
            Self::NoActiveContract => "NO_ACTIVE_CONTRACT",
            Self::NotNecessary => "NOT_NECESSARY",
            Self::NoMandate => "NO_MANDATE",
            Self::RoleOutsideMandate => "ROLE_OUTSIDE_MANDATE",
            Self::NeedsTicket => "NEEDS_TICKET",
            Self::RetentionOver => "RETENTION_OVER",
            Self::ChainBroken { .. } => "CHAIN_BROKEN",
            Self::PartyNotActive { .. } => "PARTY_NOT_ACTIVE",
            Self::NoAgreement { .. } => "NO_AGREEMENT",
            Self::DescriptionStale { .. } => "DESCRIPTION_STALE",
            Self::RecipientNotNamed { .. } => "RECIPIENT_NOT_NAMED",
            Self::TierTooDeep { .. } => "TIER_TOO_DEEP",
            Self::RegionNotGranted { .. } => "REGION_NOT_GRANTED",
            Self::HopOutsideRegion { .. } => "HOP_OUTSIDE_REGION",
            Self::PlaceNotDescribed { .. } => "PLACE_NOT_DESCRIBED",
            Self::NoTransferTool { .. } => "NO_TRANSFER_TOOL",
            Self::ProvenanceDenies => "PROVENANCE_DENIES",
            Self::ParentDenies { .. } => "PARENT_DENIES",
        }
    }

    /// One plain sentence for people, with the names the policy knows.
    #[must_use]
    pub fn sentence(&self, purpose: &PurposeKey, policy: &Policy) -> String {
        let name = |id: &PartyId| policy.parties.get(id).map_or("an unknown company", |p| p.name.as_str());
        let what = policy.purposes.get(purpose).map_or(purpose.as_str(), |p| p.label.as_str());
        let there = |region: &Region| region_in_words(region).unwrap_or_else(|| region.to_string());
        match self {
            Self::EmptyRequest => "The request names nothing, so there is nothing to allow.".into(),
            Self::UnknownPerson => "There is nobody here by that id.".into(),
            Self::UnknownPurpose => "That purpose does not exist.".into(),
            Self::UnknownCategory => "That kind of fact does not exist.".into(),
            Self::UnknownFact => "There is no such fact about this person.".into(),
            Self::UnknownParty => "That recipient is not known.".into(),
            Self::UnknownRegion => "That region is not known.".into(),
            Self::ClockWentBack => {
                "This computer's clock was set back; nothing opens until it is right again.".into()
            }
            Self::UseOutsidePurpose => format!("“{what}” does not include this kind of use."),
            Self::RoleOutsidePurpose => format!("Your role does not work for “{what}”."),
            Self::ForbiddenBy { mandate } => {
                let cited =
                    policy.mandate(mandate).map(|it| format!("{}, {}", it.cite.instrument, it.cite.article));
                format!("A rule forbids it: {}.", cited.as_ref().unwrap_or(mandate))
            }
            Self::Restricted => "This person asked to keep it and do nothing with it.".into(),
            Self::Objected => format!("This person objected to “{what}”."),
            Self::OptedOut => "This person opted out of being shared with others.".into(),
            Self::LegitimateInterestOff => "The company's own interest is not enough for this.".into(),
            Self::NeverAsked => format!("Nobody has asked this person about “{what}” yet."),
            Self::Refused => format!("This person said no to “{what}”."),
            Self::Withdrawn => format!("This person took back the yes to “{what}”."),
            Self::NeedsGuardian => "A parent or guardian has to say yes.".into(),
            Self::Expired { .. } => format!("The yes to “{what}” has run out."),
            Self::UsedUp => format!("The yes to “{what}” was for fewer times, and they are used up."),
            Self::NoticeOutdated => format!("The yes to “{what}” was to an older text; please ask again."),
            Self::UseNotGranted => format!("The yes to “{what}” does not cover this kind of use."),
            Self::HumanRequired => "A person has to decide this, not a machine alone.".into(),
            Self::CategoryNotGranted => format!("The yes to “{what}” does not cover this kind of fact."),
            Self::NeedsExplicit => "This is so personal that it needs a yes in so many words.".into(),
            Self::NoActiveContract => "There is no running contract with this person.".into(),
            Self::NotNecessary => "The contract does not need this.".into(),
            Self::NoMandate => format!("No rule in force covers “{what}” for this."),
            Self::RoleOutsideMandate => "The rule is not for your role.".into(),
            Self::NeedsTicket => "An exceptional use needs a ticket that says why.".into(),
            Self::RetentionOver => "It has been kept for as long as it may be.".into(),
            Self::ChainBroken { hop } => {
                format!("The chain of companies behind {} cannot be followed.", name(hop))
            }
            Self::PartyNotActive { hop } => format!("{} may not receive anything at present.", name(hop)),
            Self::NoAgreement { hop } => format!("There is no contract with {}.", name(hop)),
            Self::DescriptionStale { hop } => {
                format!("Nobody has confirmed for 90 days where {} keeps data.", name(hop))
            }
            Self::RecipientNotNamed { hop } => format!("{} is not in this person's terms.", name(hop)),
            Self::TierTooDeep { hop } => {
                format!("{} stands further down the chain than this person allows.", name(hop))
            }
            Self::RegionNotGranted { region } => {
                format!("This person's terms do not reach to {}.", there(region))
            }
            Self::HopOutsideRegion { hop, place, region } => {
                format!("{} {} {}, outside this person's terms.", name(hop), place.word(), there(region))
            }
            Self::PlaceNotDescribed { hop, .. } => format!("{} has not said where it holds data.", name(hop)),
            Self::NoTransferTool { hop } => {
                format!("Nothing valid covers the transfer to {}.", name(hop))
            }
            Self::ProvenanceDenies => "It came with terms of its own, and they do not allow it.".into(),
            Self::ParentDenies { .. } => "It was derived from something that is closed.".into(),
        }
    }

    /// What would make it allowed.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::EmptyRequest
            | Self::UnknownPurpose
            | Self::UnknownCategory
            | Self::UnknownFact
            | Self::UnknownParty
            | Self::UnknownRegion
            | Self::UseOutsidePurpose => Remedy::MendRequest,
            Self::UnknownPerson
            | Self::ClockWentBack
            | Self::ForbiddenBy { .. }
            | Self::Restricted
            | Self::Objected
            | Self::LegitimateInterestOff
            | Self::NotNecessary
            | Self::NoActiveContract
            | Self::NoMandate
            | Self::RetentionOver
            | Self::ProvenanceDenies
            | Self::ParentDenies { .. } => Remedy::Nothing,
            Self::RoleOutsidePurpose | Self::RoleOutsideMandate => Remedy::OtherRole,
            Self::OptedOut
            | Self::NeverAsked
            | Self::Refused
            | Self::Withdrawn
            | Self::Expired { .. }
            | Self::UsedUp
            | Self::NoticeOutdated
            | Self::UseNotGranted
            | Self::CategoryNotGranted
            | Self::NeedsExplicit
            | Self::RecipientNotNamed { .. }
            | Self::TierTooDeep { .. }
            | Self::RegionNotGranted { .. }
            | Self::HopOutsideRegion { .. } => Remedy::AskPerson,
            Self::NeedsGuardian => Remedy::AskGuardian,
            Self::HumanRequired | Self::NeedsTicket => Remedy::Formality,
            Self::ChainBroken { .. }
            | Self::PartyNotActive { .. }
            | Self::NoAgreement { .. }
            | Self::DescriptionStale { .. }
            | Self::PlaceNotDescribed { .. }
            | Self::NoTransferTool { .. } => Remedy::MendParty,
        }
    }
}
