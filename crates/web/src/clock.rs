//! The only place in the workspace that reads the system clock. Everyone else is told the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where the time comes from: the system, or a test that holds it still and moves it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Microseconds since 1970, set by whoever holds the other end.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `micros` until it is set.
    pub fn fixed(micros: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(micros)))
    }

    /// Microseconds since 1970, UTC.
    pub fn now(&self) -> i64 {
        match self {
            Self::System => read(),
            Self::Fixed(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a fixed clock by `micros`; the system's clock is not ours to move.
    pub fn advance(&self, micros: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one reading of the clock; everything else takes a time")]
fn read() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(5);
        let twin = clock.clone();
        clock.advance(7);
        assert_eq!(twin.now(), 12);
        assert!(Clock::System.now() > 1_700_000_000_000_000);
    }
}
