//! Imports told end to end, on a fresh installation in a temporary folder.

mod again;
mod api;
mod demo;
mod hostile;
mod house;
mod pages;
mod resume;
