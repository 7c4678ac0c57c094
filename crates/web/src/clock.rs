//! The only place in the workspace that reads the system clock. Everyone else is told the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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

    /// A clock that nobody sets: the time now, and from then on as long as this computer counts, asleep or not.
    pub fn counting(&self) -> impl Fn() -> i64 + Send + Sync + 'static {
        let (clock, begun) = (self.clone(), self.now());
        let counted = Mutex::new((Duration::ZERO, up(), Instant::now()));
        move || match &clock {
            Self::Fixed(_) => clock.now(),
            Self::System => {
                let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
                *counted = further(*counted, (up(), Instant::now()));
                begun.saturating_add(micros(counted.0))
            }
        }
    }

    /// Moves a fixed clock by `micros`; the system's clock is not ours to move.
    pub fn advance(&self, micros: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

/// What is counted from one look at the computer to the next. A look that fails once, as when no file can be opened, costs
/// the sleep between these two at most: the next looks go on from here.
fn further(
    (sum, up, at): (Duration, Option<Duration>, Instant),
    (up_now, now): (Option<Duration>, Instant),
) -> (Duration, Option<Duration>, Instant) {
    let awake = now.saturating_duration_since(at);
    let passed = match (up, up_now) {
        (Some(then), Some(up)) => up.saturating_sub(then),
        (Some(_), None) | (None, _) => awake,
    };
    // While it cannot be read, it is what it was and what was counted awake: so a sleep in between is told afterwards.
    let up = up_now.or_else(|| up.map(|then| then.saturating_add(awake)));
    (sum.saturating_add(passed), up, now)
}

/// How long this computer has been up, its sleep counted, where the system tells that; [`Instant`] may leave it out.
fn up() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
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

    #[test]
    fn a_look_that_fails_loses_no_sleep() {
        let (begun, hour) = (Instant::now(), Duration::from_secs(3_600));
        let start = (Duration::ZERO, Some(hour), begun);
        // An hour awake without a look, then a night asleep, then a look again.
        let blind = further(start, (None, begun + hour));
        assert_eq!(blind.0, hour);
        let seen = further(blind, (Some(hour * 10), begun + hour * 2));
        assert_eq!(seen.0, hour * 9);
    }

    #[test]
    fn the_clock_that_counts_keeps_pace_with_the_one_that_is_set() {
        let counted = Clock::System.counting();
        std::thread::sleep(Duration::from_millis(300));
        let apart = (Clock::System.now() - counted()).abs();
        assert!(apart < 200_000, "{apart} µs apart");
        if cfg!(target_os = "linux") {
            assert!(up().is_some_and(|up| up > Duration::from_millis(300)));
        }
    }
}
