//! Rows and transactions: the only crate that links a database. It moves ciphertext and knows no key.
//!
//! What is promised on both engines: a closure sees one consistent view; what [`Db::write`] returned is on disk; a
//! closure that failed left nothing; the same SQL text runs on both, and none of it is assembled from input.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod access;
mod also;
pub mod batches;
mod blind;
pub mod callers;
pub mod changes;
pub mod coming;
pub mod connected;
pub mod days;
pub mod db;
pub mod dialect;
pub mod emergencies;
pub mod error;
pub mod events;
pub mod factors;
pub mod farewell;
pub mod fields;
pub mod files;
pub mod findable;
pub mod home;
pub mod journal;
pub mod keyring;
pub mod ledger;
pub mod mail;
pub mod migrate;
pub mod objects;
pub mod once;
pub mod outbox;
pub mod own_keys;
pub mod people;
pub mod policies;
pub mod reach;
pub mod requests;
pub mod told;
pub mod value;
pub mod work;

pub use db::{Appending, Db, Hints, Insert, Place, Tx};
pub use dialect::{Engine, LONGEST_CLAIM, hex_list};
pub use error::{Result, StoreError};
pub use migrate::{Kind, migrate};
pub use value::{Row, Value};
