//! The one door: ask, keep, record, erase. The only holder of keys.
//!
//! Plaintext needs a [`Permit`]; a permit needs a durable entry in the ledger; no ledger, no use. Rooms carry people
//! and facts as [`Dossier`] and [`Held`], which cannot be read, printed, logged or serialised:
//!
//! ```compile_fail
//! // an empty request cannot be written down
//! let matters: assent_kernel::NonEmpty<assent_kernel::Matter> = vec![].into();
//! ```
//!
//! The control: the same lines, written rightly, compile; so each of the failures here and below fails for its reason.
//!
//! ```
//! use assent_gate::{Held, Permit};
//! use assent_kernel::uses::kind::{Message, View};
//! use assent_kernel::{Matter, NonEmpty};
//!
//! fn send(_: &Permit<Message>) {}
//! fn right(permit: &Permit<Message>) { send(permit) }
//! fn read(permit: &Permit<View>, held: &Held<String>) -> Option<usize> {
//!     permit.open(held).ok().map(|value| value.len())
//! }
//! fn print(held: &Held<String>) -> String { format!("{held:?}") }
//! fn json(id: &str) -> impl serde::Serialize + '_ { id }
//! fn matters(all: Vec<Matter>) -> Option<NonEmpty<Matter>> { all.try_into().ok() }
//! assert!(matters(vec![]).is_none());
//! ```

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod admit;
mod append;
mod as_of;
mod ask;
mod audience;
mod callers;
mod change;
mod clock;
mod coming;
mod days;
mod deleted;
mod draft;
mod emergency;
mod erase;
mod error;
mod farewell;
mod files;
mod find;
mod findable;
mod held;
mod integrate;
mod joined;
mod keep;
mod keys;
mod log;
mod memory;
mod own;
mod own_keys;
mod past;
mod permit;
mod post;
mod ready;
mod record;
mod region;
mod restore;
mod seal;
mod secret;
mod start;
mod stash;
mod suppress;
mod sweep;
mod told;
mod undo;
mod uses;
mod what_if;
mod whose;

pub use admit::{Admission, LeftOut, NewFact, Newcomer};
pub use as_of::{AsKnownToday, AsOf, Proving};
pub use ask::Standing;
pub use audience::{About, Batch, Cut, Said, Used};
pub use clock::SLACK as CLOCK_SLACK;
pub use days::{DayCount, DayLines, Numbered};
pub use deleted::Deleted;
pub use draft::NO_PURPOSE;
pub use emergency::{ANSWERED_WITHIN, Emergency, NewEmergency, SECONDS, Second, Typed, is_emergency};
pub use erase::{Certificate, Kept};
pub use error::{GateError, Result};
pub use farewell::Farewell;
pub use files::{FileMark, LARGEST as LARGEST_FILE, NewFile, OpenFile};
pub use find::{Blind, Holding, Query, Work, fold};
pub use held::{Content, Dossier, Held};
pub use integrate::settled;
pub use joined::{Alike, Joining};
pub use keep::{Keeping, LONGEST_CONTRACT};
pub use keys::RootKey;
pub use log::{LogHead, LogName};
pub use memory::{Decided, Outcome, Version};
pub use own::Own;
pub use own_keys::program_of;
pub use permit::{Answer, NotCovered, Opened, Permit, Recorded, Refusal};
pub use post::{CLAIMED as LETTER_CLAIMED, Letter, Posted};
pub use ready::Ready;
pub use record::{Act, Giving};
pub use restore::{RestoreReport, Restoring};
pub use start::{Gate, RegionPlaces, Stores};
pub use stash::{Stash, StashReader, StashWriter};
pub use told::{Recipient, recipients, tellings_in};
pub use uses::{After, LineId, NoLine, UseLine};
pub use what_if::{Lost, WhatIf};
pub use whose::Whose;
