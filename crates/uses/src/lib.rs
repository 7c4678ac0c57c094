//! Rooms where facts go out, each by a use that asked.

pub mod audit;
pub mod decide;
pub mod desk;
pub mod settings;
