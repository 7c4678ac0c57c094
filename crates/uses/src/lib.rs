//! Rooms where facts go out, each by a use that asked.

pub mod audit;
pub mod dashboard;
pub mod deals;
pub mod decide;
pub mod desk;
pub mod emergency;
pub mod filed;
pub mod find;
pub mod organisations;
pub mod programs;
pub mod settings;
pub mod tasks;
pub mod things;

mod along;
mod around;
mod far;
mod filled;
mod frame;
mod groups;
mod inline;
mod leads;
mod lists;
mod lookup;
mod organised;
mod seen;
mod served;
mod spoken;
mod texts;
mod undo;
mod used;

pub use lists::Lists;
pub use organised::Known;
