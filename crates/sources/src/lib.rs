//! sources

pub mod intake;
