//! The clock of this computer, held against what nobody sets with it. One use written down in a wrong future would close
//! everything until then, and what is too old by that clock would be erased; so a jump ahead is refused, not believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use assent_kernel::ledger::Kind;
use assent_kernel::{Span, Timestamp};

use crate::error::{GateError, Result};
use crate::start::Gate;

/// How far ahead of everything else a clock may be: a wrong zone, or a date off by one, is no more than that.
pub(crate) const JUMP: Span = Span::days(1);
/// How long an installation of files may lie still and be started again without a word: while it lay there, nothing
/// counted the days, and a clock that is wrong is mostly wrong by whole years.
const LONGEST_SLEEP: Span = Span::days(300);
/// A time that was found right speaks for those just after it.
const VOUCHES_FOR: Span = Span::minutes(1);
/// No server has told its time.
const NO_SERVER: i64 = i64::MAX;

/// What else tells the time: what this computer counted since the start, and the server of the database.
pub(crate) struct Watch {
    /// The time at the start, and what was counted from then on.
    counted: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How far the server was ahead of that when it was last asked, in microseconds.
    server_ahead: AtomicI64,
    vouched: AtomicI64,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

impl Watch {
    /// Learns the server's time.
    pub(crate) fn hear(&self, server: Option<Timestamp>) {
        if let Some(server) = server {
            let ahead = server.micros().saturating_sub((self.counted)().micros());
            self.server_ahead.store(ahead, Ordering::Relaxed);
        }
    }

    /// Whether a time that is far from anything recorded can be right.
    pub(crate) fn vouches(&self, at: Timestamp) -> bool {
        if at <= Timestamp::from_micros(self.vouched.load(Ordering::Relaxed)).plus(VOUCHES_FOR) {
            return true;
        }
        let counted = (self.counted)();
        let ahead = self.server_ahead.load(Ordering::Relaxed);
        let server = Timestamp::from_micros(counted.micros().saturating_add(ahead.min(0)));
        let right = at <= counted.plus(JUMP) && at <= server.plus(JUMP);
        if right {
            self.vouched.fetch_max(at.micros(), Ordering::Relaxed);
        }
        right
    }
}

impl Gate {
    /// From now on the computer's clock is held against `counted`: the time now, and from then on what the computer
    /// counts by itself, asleep or not; and against the clock of a database's server.
    ///
    /// # Errors
    /// [`GateError::ClockJumped`] when the clock is far ahead of everything already, and what the stores said.
    pub async fn watch_clock(
        &self,
        at: Timestamp,
        counted: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<()> {
        let counted: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new(counted);
        let newest = self.newest_record();
        for store in self.0.regions.values() {
            let watch = Watch {
                counted: Arc::clone(&counted),
                server_ahead: AtomicI64::new(NO_SERVER),
                vouched: AtomicI64::new(0),
            };
            watch.hear(store.server_time().await?);
            let told = watch.server_ahead.load(Ordering::Relaxed) != NO_SERVER;
            let longest = if told { JUMP } else { LONGEST_SLEEP };
            let far = newest.is_some_and(|newest| at > newest.plus(longest));
            if far && !(told && watch.vouches(at)) {
                return Err(GateError::ClockJumped);
            }
            store.watch(watch);
        }
        Ok(())
    }

    /// The newest time at which anything was recorded, if anything was.
    #[must_use]
    pub fn newest_record(&self) -> Option<Timestamp> {
        let newest = self.0.regions.values().map(crate::region::RegionStore::floor).max();
        newest.filter(|newest| *newest > Timestamp::from_micros(0))
    }

    /// Whether anything can be recorded at a time, in every region.
    ///
    /// # Errors
    /// [`GateError::ClockWentBack`] and [`GateError::ClockJumped`].
    pub fn clock_stands(&self, at: Timestamp) -> Result<()> {
        self.0.regions.values().try_for_each(|store| store.steady(at).map(|_| ()))
    }

    /// A human says that a clock is right that is far ahead of everything recorded. Written down in every ledger; from
    /// then on it is not far ahead any more, on no node.
    ///
    /// # Errors
    /// [`GateError::ClockWentBack`] when it is behind what is recorded: that cannot be right. What the stores said.
    pub async fn accept_clock(&self, at: Timestamp) -> Result<()> {
        if self.0.regions.values().any(|store| store.is_behind(at)) {
            return Err(GateError::ClockWentBack);
        }
        let since = self.newest_record().map_or_else(
            || "nothing was recorded before".to_owned(),
            |newest| {
                let days = at.micros().saturating_sub(newest.micros()) / Span::days(1).micros();
                format!("{days} days after the newest entry")
            },
        );
        self.say_everywhere(Kind::Posture, "CLOCK_ACCEPTED", &since, at).await
    }
}
