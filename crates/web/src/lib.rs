//! What every room is dressed in: the shell around a page, its parts, assets, headers and error pages.
//!
//! A room fills a page struct and extends `shell/page.html` (staff) or `shell/portal.html` (people).
//! Values come as [`parts`]: a value and its terms are one thing, so there is a part for both together.
//! Everything is rendered on the server and works without JavaScript; the scripts are courtesy.

// Templates name this crate by its own name, so that they read the same when a room's crate extends them.
extern crate self as assent_web;

pub mod above;
pub mod api;
pub mod assets;
pub mod catalogue;
pub mod chart;
pub mod clock;
pub mod csrf;
pub mod ctx;
pub mod door;
pub mod fetch;
pub mod fields;
pub mod file;
pub mod filters;
pub mod headers;
pub mod html;
pub mod icons;
pub mod media;
pub mod objects;
pub mod parts;
pub mod patience;
pub mod problem;
pub mod reach;
pub mod reading;
pub mod room;
pub mod session;
pub mod shell;
pub mod shipped;
pub mod signed;
pub mod text;
pub mod told;

pub use assets::asset;
pub use catalogue::say;
pub use clock::Clock;
pub use ctx::{Ctx, Limits, Network, Post, Settings};
pub use html::{Html, page};
pub use icons::icon;
pub use problem::Problem;
pub use room::{Card, JobKind, Room, Running, Way, Who};
pub use session::{Attached, Client, Fields, Here, Person, Posted, Program, Staff};
pub use shell::Shell;
