//! The law of Assent: who may use which fact of whom, for what, to whom, where and until when.
//!
//! Pure: no IO, no clock, no randomness, no secret. Everything else in the program asks [`decide()`].
//!
//! **A fact enters by a source, lies sealed, and leaves only by a use that asked.**

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::wildcard_enum_match_arm
    )
)]

pub mod also;
pub mod category;
pub mod data;
pub mod decide;
pub mod fact;
pub mod grant;
pub mod id;
pub mod joined;
pub mod key;
pub mod ledger;
pub mod mandate;
pub mod notice;
pub mod party;
pub mod person;
pub mod policy;
pub mod purpose;
pub mod question;
pub mod reason;
pub mod role;
pub mod ruling;
pub mod terms;
pub mod time;
pub mod uses;
pub mod zone;

pub use also::Also;
pub use decide::keep::may_keep;
pub use decide::{State, decide};
pub use fact::{Anchor, Fact, Warrant};
pub use id::{
    ActivityId, CompanyId, ContractId, DealId, DraftId, EntryId, FactId, GrantId, HookId, ImportId, JobId,
    MailId, MandateId, MentionId, NoticeId, OrganisationId, PartyId, PersonId, PipelineId, RequestId,
    StaffId, StageId, TaskId, ViewId,
};
pub use key::{CategoryKey, KeySet, PurposeKey, Region, TreeKey};
pub use mandate::Mandate;
pub use person::Person;
pub use policy::Policy;
pub use question::{Asker, Context, Matter, NonEmpty, Question, To};
pub use reason::{Reason, Remedy};
pub use role::{Role, RoleSet};
pub use ruling::{Open, Ruling, Verdict};
pub use terms::Terms;
pub use time::{Span, Timestamp};
pub use uses::{AsUse, Use, UseKind, UseSet};
pub use zone::{Zone, Zones};
