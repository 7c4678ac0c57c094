//! Uses as the ledger tells them openly: by day, by what happened, allowed or refused. Shared by the page of numbers and by the lines
//! that its numbers lead to.

use assent_kernel::ledger::Kind;
use assent_kernel::{Span, Timestamp};

/// What happened, as far as a line says it openly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Used inside the company: seen, listed, taken along, written to.
    Here,
    /// Passed on to others, or combined with theirs.
    On,
    /// Captured, or made out of what is known.
    In,
    /// Used for many people at once: one line for all of them.
    Many,
}

/// Every one.
pub const DEEDS: [Deed; 4] = [Deed::Here, Deed::On, Deed::In, Deed::Many];
/// The kinds of lines that are uses.
pub const KINDS: &[Kind] = &[Kind::Use, Kind::Share, Kind::Combine, Kind::Capture, Kind::Derive, Kind::Batch];

impl Deed {
    /// The kinds of lines.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Here => &[Kind::Use],
            Self::On => &[Kind::Share, Kind::Combine],
            Self::In => &[Kind::Capture, Kind::Derive],
            Self::Many => &[Kind::Batch],
        }
    }
    /// The word in an address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Here => "used",
            Self::On => "passed-on",
            Self::In => "taken-in",
            Self::Many => "many",
        }
    }
    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Here => "Used here",
            Self::On => "Passed on",
            Self::In => "Captured or derived",
            Self::Many => "For many at once",
        }
    }
    /// The one of that word.
    pub fn read(key: &str) -> Option<Self> {
        DEEDS.into_iter().find(|deed| deed.key() == key)
    }
}

/// Days since 1970-01-01, UTC.
pub const fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(Span::days(1).micros())
}

/// The first moment of a day.
pub const fn at(day: i64) -> Timestamp {
    Timestamp::from_micros(day.saturating_mul(Span::days(1).micros()))
}

/// Where the lines of a day are.
pub fn href(day: i64, deed: Option<Deed>, allowed: Option<bool>, purpose: Option<&str>) -> String {
    let iso: String = assent_web::text::iso(at(day).micros()).chars().take(10).collect();
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.append_pair("day", &iso);
    if let Some(deed) = deed {
        out.append_pair("what", deed.key());
    }
    if let Some(allowed) = allowed {
        out.append_pair("allowed", if allowed { "yes" } else { "no" });
    }
    if let Some(purpose) = purpose {
        out.append_pair("purpose", purpose);
    }
    format!("/ledger/lines?{}", out.finish())
}
