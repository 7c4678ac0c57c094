//! Until when a node may answer from memory: for a moment after it began to look at the changes, and not at all after a
//! change was acknowledged that it could not take in.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::start::lock;

/// The lease of one region's memories.
pub(super) struct Lease(Mutex<State>);

struct State {
    /// When the last look that was whole began.
    looked: Instant,
    /// A change was not taken in: only a look that begins after it counts.
    expired: bool,
    /// How often that happened.
    times: u64,
}

/// A look under way.
#[derive(Clone, Copy)]
pub(super) struct Look {
    begun: Instant,
    times: u64,
}

impl Lease {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { looked: Instant::now(), expired: false, times: 0 }))
    }

    pub(super) fn begin(&self) -> Result<Look> {
        let times = self.0.lock().map_err(|_| lock())?.times;
        Ok(Look { begun: Instant::now(), times })
    }

    /// A look was whole. One that began before a change was not taken in does not know of it, and does not count.
    pub(super) fn end(&self, look: Look) -> Result<()> {
        let mut state = self.0.lock().map_err(|_| lock())?;
        if state.times == look.times {
            (state.looked, state.expired) = (look.begun, false);
        }
        Ok(())
    }

    /// From now on nothing is answered until somebody has looked.
    pub(super) fn expire(&self) {
        if let Ok(mut state) = self.0.lock() {
            state.expired = true;
            state.times = state.times.saturating_add(1);
        }
    }

    pub(super) fn holds(&self, longest: Duration) -> Result<bool> {
        let state = self.0.lock().map_err(|_| lock())?;
        Ok(!state.expired && state.looked.elapsed() <= longest)
    }

    /// True when nobody has looked for so long.
    pub(super) fn out_of_touch(&self, longest: Duration) -> Result<bool> {
        Ok(self.0.lock().map_err(|_| lock())?.looked.elapsed() > longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_look_under_way_does_not_know_of_what_came_meanwhile() {
        let lease = Lease::new();
        assert!(lease.holds(LONG).unwrap());
        let look = lease.begin().unwrap();
        lease.expire();
        assert!(!lease.holds(LONG).unwrap(), "at once, however long the machine runs");
        lease.end(look).unwrap();
        assert!(!lease.holds(LONG).unwrap(), "it began too early");
        assert!(!lease.out_of_touch(LONG).unwrap(), "looking is enough");
        let look = lease.begin().unwrap();
        lease.end(look).unwrap();
        assert!(lease.holds(LONG).unwrap());
        assert!(!lease.holds(Duration::ZERO).unwrap());
    }
}
