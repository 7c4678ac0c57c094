//! Nasty files and nasty cells.

mod cells;
mod files;
mod soup;
