//! Where contacts come in from files.

pub mod read;
