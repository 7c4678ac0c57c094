//! Rooms where facts and terms come in.

pub mod intake;
pub mod portal;
