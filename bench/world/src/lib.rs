//! What every measurement here is made with: one company's policy, its people, and questions about them. The same
//! numbers give the same world on every machine.
//!
//! 16 purposes that stand on a yes, 24 categories, 16 regions, 64 recipients, 12 uses, 20 prohibitions. A person said
//! yes to 4–10 purposes (6.2 on average), each on one of 2,000 standard texts, and 15 of 100 yeses with categories and
//! regions of the person's own choice. Of the yeses, 15 of 100 have run out, 60 end within two years, 25 in ninety.

pub mod clock;
mod dice;
mod law;
mod people;
mod questions;

pub use dice::Dice;
pub use law::{Forbidden, Law, NOW, When};
pub use people::{Text, Who, World, Yes, class, fill};
pub use questions::{Asked, Request, Requests};

/// Sizes of the world.
pub const PURPOSES: usize = 16;
/// Kinds of facts.
pub const CATEGORIES: usize = 24;
/// Places.
pub const REGIONS: usize = 16;
/// The company itself (0), processors, partners and named humans.
pub const RECIPIENTS: usize = 64;
