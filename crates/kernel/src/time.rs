//! Time as a value: microseconds since 1970-01-01 UTC. The kernel is told the time, it never looks.

use serde::{Deserialize, Serialize};

/// A point in time, in microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest time that is ever used; the floor of a store that has recorded nothing.
    pub const MIN: Self = Self(0);
    /// Far in the future: the bound of something that has no bound of its own.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since the Unix epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// Milliseconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Whole minutes since the Unix epoch: what the ledger shows in clear.
    #[must_use]
    pub fn minute(self) -> u64 {
        u64::try_from(self.0.div_euclid(60_000_000)).unwrap_or(0)
    }
    /// The start of its minute. Terms end on whole minutes, never later than was said.
    #[must_use]
    pub const fn whole_minute(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(60_000_000)))
    }
    /// This time plus a span, held at the far ends instead of overflowing.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
    /// This time minus a span, held at the far ends instead of overflowing.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// A length of time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

impl Span {
    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self::hours(days.saturating_mul(24))
    }
    /// So many hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }
    /// So many minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self((minutes as i64).saturating_mul(60_000_000))
    }
    /// The span in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
}
