//! Nouns: figures, each with the list that every number of it leads to.

pub mod people;
pub mod uses;
pub mod work;

use assent_kernel::{Span, Timestamp};
use assent_web::chart::Cell;

/// How many weeks back newcomers are told.
pub const WEEKS: i64 = 8;
/// How far back ended deals are told.
pub const ENDED: Lately = Lately(90);

/// So many days back, from the midnight that a rule of a list means too.
pub struct Lately(pub u32);

impl Lately {
    /// When it began.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        midnight(now).minus(Span::days(self.0))
    }
}

/// The beginning of a day, UTC.
pub fn midnight(at: Timestamp) -> Timestamp {
    let day = Span::days(1).micros();
    Timestamp::from_micros(at.micros().div_euclid(day).saturating_mul(day))
}

/// The address of a list with these rules, all of which must hold.
pub fn list(path: &str, extra: &[(&str, &str)], rules: &[&str]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(extra).extend_pairs(rules.iter().map(|rule| ("f", *rule)));
    format!("{path}?{}", out.finish())
}

/// A number of rows with its list; nothing for none.
pub fn rows(n: u64, href: String) -> Cell {
    if n == 0 { Cell::Empty } else { Cell::Rows(n, href) }
}
