//! The clock of this computer, held against what nobody sets with it. One use written down in a wrong future would close
//! everything until then, and what is too old by that clock would be erased; so a jump ahead is refused, not believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use assent_kernel::ledger::Kind;
use assent_kernel::{Span, Timestamp};

use crate::error::{GateError, Result};
use crate::start::Gate;

/// How far a clock may lag behind what is recorded, or run ahead of the database's server: nodes are never quite in step.
pub const SLACK: Span = Span::minutes(2);
/// How far ahead of everything else a clock may be: a wrong zone, or a date off by one, is no more than that.
const JUMP: Span = Span::days(1);
/// How long an installation may lie still and be started again without a word. A clock that is wrong at a start is mostly
/// wrong by months or years, and nothing that was recorded or erased by it is ever taken back.
const LONGEST_SLEEP: Span = Span::days(30);
/// A time that was found right speaks for those just after it.
const VOUCHES_FOR: Span = Span::minutes(1);
/// Nobody knows.
const UNKNOWN: i64 = i64::MAX;

/// What else tells the time: what this computer counted since the start, and the server of the database.
pub(crate) struct Watch {
    /// The time at the start, and what was counted from then on.
    counted: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What is to be added to that, in microseconds: nothing, or unknown while a clock that was behind at the start is
    /// not put right yet. The first time that is not behind puts it right, and no other after it.
    put_right: AtomicI64,
    /// How far the server was ahead of what is counted, in microseconds, when it was first asked and when it was last.
    server_first: Option<i64>,
    server_last: AtomicI64,
    vouched: AtomicI64,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

impl Watch {
    fn new(
        counted: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        was_behind: bool,
        server: Option<Timestamp>,
    ) -> Self {
        let ahead = server.map(|server| server.micros().saturating_sub(counted().micros()));
        Self {
            counted,
            put_right: AtomicI64::new(if was_behind { UNKNOWN } else { 0 }),
            server_first: ahead,
            server_last: AtomicI64::new(ahead.unwrap_or(UNKNOWN)),
            vouched: AtomicI64::new(0),
        }
    }

    /// Learns the server's time.
    pub(crate) fn hear(&self, server: Option<Timestamp>) {
        if let Some(server) = server {
            let ahead = server.micros().saturating_sub((self.counted)().micros());
            self.server_last.store(ahead, Ordering::Relaxed);
            self.vouched.fetch_min(server.plus(SLACK).micros(), Ordering::Relaxed);
        }
    }

    /// Takes a human's word for a time.
    fn take_word(&self, at: Timestamp) {
        self.vouched.fetch_max(at.micros(), Ordering::Relaxed);
    }

    /// Refuses a time that is ahead of the server's clock, or far ahead of what is recorded without anybody who counted
    /// the time in between.
    pub(crate) fn believes(&self, at: Timestamp, floor: Timestamp) -> Result<()> {
        let near = at <= floor.plus(JUMP);
        let vouched = Timestamp::from_micros(self.vouched.load(Ordering::Relaxed));
        if near {
            self.put_right_by(at);
        }
        if at <= vouched.plus(VOUCHES_FOR) || (near && self.server_first.is_none()) {
            return Ok(());
        }
        let counted = (self.counted)();
        let server = self.server_now(counted);
        within(at, server)?;
        let right = near || self.counted_it(at, counted, floor) || self.server_counted_it(at, server);
        if !right {
            return Err(GateError::ClockJumped);
        }
        self.vouched.fetch_max(at.micros(), Ordering::Relaxed);
        Ok(())
    }

    fn server_now(&self, counted: Timestamp) -> Option<Timestamp> {
        let ahead = Some(self.server_last.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)?;
        Some(Timestamp::from_micros(counted.micros().saturating_add(ahead)))
    }

    /// Takes a time as the right one, if none was yet since the start.
    fn put_right_by(&self, at: Timestamp) {
        if self.put_right.load(Ordering::Relaxed) == UNKNOWN {
            let add = at.micros().saturating_sub((self.counted)().micros());
            self.put_right.store(add, Ordering::Relaxed);
        }
    }

    /// Whether this computer counted up to that time. A clock that was behind what is recorded when the program started
    /// was wrong then, as in a computer that sets it by the network a moment later: it is put right once.
    fn counted_it(&self, at: Timestamp, counted: Timestamp, floor: Timestamp) -> bool {
        let add = self.put_right.load(Ordering::Relaxed);
        if add != UNKNOWN {
            return at <= Timestamp::from_micros(counted.micros().saturating_add(add)).plus(JUMP);
        }
        let right = at <= floor.plus(LONGEST_SLEEP);
        if right {
            self.put_right_by(at);
        }
        right
    }

    /// Whether the server says the same, and its clock ran on as this computer counted: one that shares this computer's
    /// clock would have jumped with it.
    fn server_counted_it(&self, at: Timestamp, server: Option<Timestamp>) -> bool {
        let (Some(server), Some(first)) = (server, self.server_first) else { return false };
        let moved = self.server_last.load(Ordering::Relaxed).saturating_sub(first);
        server <= at.plus(JUMP) && moved.saturating_abs() <= JUMP.micros()
    }
}

/// Refuses a clock that is ahead of the server's.
fn within(at: Timestamp, server: Option<Timestamp>) -> Result<()> {
    if server.is_some_and(|server| at > server.plus(SLACK)) {
        return Err(GateError::ClocksApart);
    }
    Ok(())
}

/// Refuses a clock that is far ahead of when anything was seen last.
fn not_asleep_for_long(seen: Option<Timestamp>, at: Timestamp) -> Result<()> {
    if seen.is_some_and(|seen| at > seen.plus(LONGEST_SLEEP)) {
        return Err(GateError::ClockJumped);
    }
    Ok(())
}

impl Gate {
    /// From now on the computer's clock is held against `counted`: the time now, and from then on what the computer
    /// counts by itself, asleep or not; and against the clock of a database's server.
    ///
    /// # Errors
    /// [`GateError::ClockJumped`] and [`GateError::ClocksApart`] when the clock is far ahead already, and what the stores
    /// said.
    pub async fn watch_clock(
        &self,
        at: Timestamp,
        counted: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<()> {
        let counted: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new(counted);
        not_asleep_for_long(self.last_seen().await?, at)?;
        for store in self.0.regions.values() {
            let server = store.server_time().await?;
            within(at, server)?;
            store.watch(Watch::new(Arc::clone(&counted), store.is_behind(at), server));
        }
        Ok(())
    }

    /// Holds the clock against all that is known before anything is watched: for a restore, which writes at once. With
    /// `accepted` somebody has said that it is right although it is far ahead.
    ///
    /// # Errors
    /// [`GateError::ClockWentBack`], [`GateError::ClocksApart`], [`GateError::ClockJumped`]; what the stores said.
    pub async fn hold_clock(&self, at: Timestamp, accepted: bool) -> Result<()> {
        self.hold_clock_from(self.last_seen().await?, at, accepted).await
    }

    /// The same, where time went as far as `seen`.
    pub(crate) async fn hold_clock_from(
        &self,
        seen: Option<Timestamp>,
        at: Timestamp,
        accepted: bool,
    ) -> Result<()> {
        if seen.is_some_and(|seen| at.plus(SLACK) < seen) {
            return Err(GateError::ClockWentBack);
        }
        for store in self.0.regions.values() {
            within(at, store.server_time().await?)?;
        }
        if accepted { Ok(()) } else { not_asleep_for_long(seen, at) }
    }

    /// The newest time at which anything was recorded, if anything was.
    #[must_use]
    pub fn newest_record(&self) -> Option<Timestamp> {
        let newest = self.0.regions.values().map(crate::region::RegionStore::floor).max();
        newest.filter(|newest| *newest > Timestamp::from_micros(0))
    }

    /// When an installation that recorded anything ran last, as far as it wrote that down: the newest entry, or the
    /// newest of the keys that change on every day that it serves.
    ///
    /// # Errors
    /// What the keyrings said.
    pub async fn last_seen(&self) -> Result<Option<Timestamp>> {
        let Some(mut seen) = self.newest_record() else { return Ok(None) };
        for store in self.0.regions.values() {
            seen = store.keys.rotated_at().await?.map_or(seen, |rotated| seen.max(rotated));
        }
        Ok(Some(seen))
    }

    /// Whether anything can be recorded at a time, in every region.
    ///
    /// # Errors
    /// [`GateError::ClockWentBack`], [`GateError::ClockJumped`] and [`GateError::ClocksApart`].
    pub fn clock_stands(&self, at: Timestamp) -> Result<()> {
        self.steady_everywhere(at).map(|_| ())
    }

    /// The time to write something down at that holds in every region.
    pub(crate) fn steady_everywhere(&self, at: Timestamp) -> Result<Timestamp> {
        self.0.regions.values().try_fold(at, |at, store| store.steady(at))
    }

    /// Whether a time is so far ahead of everything recorded that somebody may have to say that it is right.
    #[must_use]
    pub fn is_far_ahead(&self, at: Timestamp) -> bool {
        self.newest_record().is_some_and(|newest| at > newest.plus(JUMP))
    }

    /// A human says that a clock is right that is far ahead of everything recorded. Written down in every ledger; from
    /// then on it is not far ahead any more, on no node. False, and nothing is written, when it is not far ahead at all.
    ///
    /// # Errors
    /// [`GateError::ClockWentBack`] when it is behind what is recorded, and [`GateError::ClocksApart`] when it is ahead of
    /// the database's server: that cannot be right. What the stores said.
    pub async fn accept_clock(&self, at: Timestamp) -> Result<bool> {
        self.hold_clock(at, true).await?;
        let Some(newest) = self.newest_record().filter(|_| self.is_far_ahead(at)) else { return Ok(false) };
        self.0.regions.values().filter_map(|store| store.watching()).for_each(|watch| watch.take_word(at));
        let days = at.micros().saturating_sub(newest.micros()) / Span::days(1).micros();
        let since = format!("{days} days after the newest entry");
        self.say_everywhere(Kind::Posture, "CLOCK_ACCEPTED", &since, at).await?;
        Ok(true)
    }
}
