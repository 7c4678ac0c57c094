//! The law at speed: what people said, compiled so that a person is one cache line, and a count over ten
//! million people takes a few milliseconds.
//!
//! Pure, like the kernel: no IO, no clock, no randomness. [`assent_kernel::decide()`] stays the reference: whatever does
//! not fit into the packed form ("odd" people, and questions that are [`Beyond`]) is decided by it, and a test
//! compares the two, reasons included, also past every field's limit.
//!
//! The index decides about kinds of facts, not about facts that are held: how old a fact is, what it was derived from
//! and which terms came with it is known where the fact is, at the door.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)
)]

mod ask;
mod audience;
mod batch;
mod class;
mod clause;
mod column;
mod forbid;
mod group;
mod holder;
mod index;
mod judge;
mod law;
mod like;
mod loose;
mod near;
mod other;
mod pack;
mod pages;
mod row;
mod seats;
mod segment;
mod sift;
mod sketch;
mod table;
mod verdict;
mod way;

pub use ask::{Asking, Beyond};
pub use audience::{Audience, Counts};
pub use class::{Class, Flags};
pub use clause::ClauseId;
pub use index::{Index, PolicyChange, Sizes};
pub use law::TooLarge;
pub use pack::{Minute, NotPackable};
pub use sketch::{Line, Sketch};
pub use verdict::Verdict;
