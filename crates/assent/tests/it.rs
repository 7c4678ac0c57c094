//! The one integration binary: attacks on the whole program, told to both engines where they differ.

#[path = "it/doors.rs"]
mod doors;
#[path = "it/hurt.rs"]
mod hurt;
#[path = "it/killed.rs"]
mod killed;
#[path = "it/leaks.rs"]
mod leaks;
#[path = "it/letters.rs"]
mod letters;
#[path = "it/logs.rs"]
mod logs;
#[path = "it/person_sign_in.rs"]
mod person_sign_in;
#[path = "it/process.rs"]
mod process;
#[path = "it/provider.rs"]
mod provider;
#[path = "it/routes.rs"]
mod routes;
#[path = "it/sign_in.rs"]
mod sign_in;
#[path = "it/statements.rs"]
mod statements;
#[path = "it/strangers.rs"]
mod strangers;
#[path = "it/terminal.rs"]
mod terminal;
#[path = "it/unkeyed.rs"]
mod unkeyed;
#[path = "it/whole.rs"]
mod whole;
#[path = "it/words.rs"]
mod words;
#[path = "it/world.rs"]
mod world;
