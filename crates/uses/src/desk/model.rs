//! Nouns of the desk. Nothing here asks, reads or writes: it is told what was decided, and says it in words.

pub mod back;
pub mod columns;
pub mod export;
pub mod forms;
pub mod joined;
pub mod list;
pub mod order;
mod owned;
pub mod rules;
pub mod said;
pub mod stand;
pub mod timeline;
pub mod window;

pub use crate::seen::{NOTE, cell, keys, nameless, short_date, under, words};
