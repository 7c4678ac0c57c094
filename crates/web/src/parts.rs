//! The parts that pages are made of: plain structs that a room fills and a template shows with
//! `{{ part }}`. Each escapes its own values.
//!
//! ```
//! use assent_web::parts::{Shown, State, Terms};
//! let terms = Terms { id: "t1".into(), state: State::Part, label: "Support".into(), ..Terms::default() };
//! let shown = Shown::value("aiko@example.org", terms).to_string();
//! assert!(shown.contains("aiko@example.org") && shown.contains("Support"));
//! ```

/// A template of this crate that other templates show as it is: it has escaped its own values.
macro_rules! safe {
    ($($part:ident),+ $(,)?) => { $(impl askama::filters::HtmlSafe for $part {})+ };
}

mod forms;
mod lists;
mod records;
mod terms;

pub use forms::{Act, Choice, Field, Input, PurposeOption, PurposePill};
pub use lists::{Column, Empty, Head, Order, Pager, Permitted, Reason, Step, Tabs};
pub use records::{Event, Group, Kv, Progress, Timeline};
pub use terms::{Chip, Locked, Shown, State, Terms, Value, legend};
