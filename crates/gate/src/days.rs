//! The ledger's own lines, counted by day and told again. A line says openly what happened, what was decided and for which purpose,
//! and nothing of whom; what exactly was done with which values is sealed for the person it is about.

use std::collections::BTreeMap;

use assent_kernel::ledger::tile::{TileId, TileKind, parse_bundle};
use assent_kernel::ledger::{Decision, Entry, Kind, LedgerError};
use assent_store::days::{self, Day};
use assent_store::{StoreError, Tx, ledger};

use crate::error::Result;
use crate::integrate::{self, tile};
use crate::log::LogName;
use crate::region::RegionStore;
use crate::start::Gate;

/// Entries of one bundle.
const BUNDLE: u64 = 256;
/// Bundles that are counted in one commit.
const COUNTED_AT_ONCE: u64 = 64;
/// Bundles that one page of lines reads at most.
const MOST_READ: u64 = 64;
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// How many lines of one day say the same openly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// What happened.
    pub kind: Kind,
    /// What was decided.
    pub decision: Decision,
    /// For which purpose.
    pub purpose: String,
    /// How many.
    pub n: u64,
    first: u64,
    last: u64,
}

/// Which lines of a day are wanted; what is not said narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayLines {
    /// The day, counted from 1970-01-01, UTC.
    pub day: i64,
    /// What happened: any of these; all when there is none.
    pub kinds: Vec<Kind>,
    /// What was decided.
    pub allowed: Option<bool>,
    /// For which purpose.
    pub purpose: Option<String>,
}

impl DayCount {
    /// True when what was done was permitted.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        permitted(self.decision)
    }
}

const fn permitted(decision: Decision) -> bool {
    match decision {
        Decision::Deny => false,
        Decision::Allow | Decision::AllowWithDuty => true,
    }
}

impl DayLines {
    fn wants(&self, kind: Kind, decision: Decision, purpose: &str) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && self.allowed.is_none_or(|allowed| allowed == permitted(decision))
            && self.purpose.as_deref().is_none_or(|wanted| wanted == purpose)
    }

    /// True when these lines, counted together, are among those that are wanted.
    #[must_use]
    pub fn takes(&self, one: &DayCount) -> bool {
        self.day == one.day && self.wants(one.kind, one.decision, &one.purpose)
    }
}

/// A line of the ledger, with its index.
pub type Numbered = (u64, Entry);

fn damaged(error: LedgerError) -> StoreError {
    StoreError::Damaged(format!("the ledger: {error}"))
}

const fn day_of(entry: &Entry) -> i64 {
    (entry.minute as i64) / DAY
}

/// The entries of one bundle of a log of that size, each with its index.
fn bundle(tx: &mut Tx<'_>, log: &str, n: u64, size: u64) -> std::result::Result<Vec<Numbered>, StoreError> {
    let missing = || damaged(LedgerError::Inclusion);
    let id = TileId::in_log(TileKind::Entries, n, size).ok_or_else(missing)?;
    let bytes = tile(tx, log, &id)?.ok_or_else(missing)?;
    let entries = parse_bundle(&id, &bytes).map_err(damaged)?;
    let read = |(index, leaf): (u64, &[u8])| Ok((index, Entry::decode(leaf).map_err(damaged)?));
    (n.saturating_mul(BUNDLE)..).zip(entries).map(read).collect()
}

/// Counts some more lines of a log. Tells whether there may be more.
fn count_some(tx: &mut Tx<'_>, log: &str) -> std::result::Result<bool, StoreError> {
    let from = days::hold(tx, log)?;
    let size = ledger::head(tx, log, false)?.map_or(0, |head| head.size);
    if from >= size {
        return Ok(false);
    }
    let first = from / BUNDLE;
    let end = size.div_ceil(BUNDLE).min(first.saturating_add(COUNTED_AT_ONCE));
    let mut counted: BTreeMap<(i64, u8, u8, String), Day> = BTreeMap::new();
    for n in first..end {
        for (index, entry) in bundle(tx, log, n, size)?.into_iter().filter(|(index, _)| *index >= from) {
            let (day, kind, decision) = (day_of(&entry), entry.kind.code(), entry.decision.code());
            let purpose = entry.purpose.to_string();
            let fresh =
                || Day { day, kind, decision, purpose: purpose.clone(), n: 0, first: index, last: index };
            let slot = counted.entry((day, kind, decision, purpose.clone())).or_insert_with(fresh);
            slot.n = slot.n.saturating_add(1);
            slot.last = index;
        }
    }
    let upto = end.saturating_mul(BUNDLE).min(size);
    days::add(tx, log, &counted.into_values().collect::<Vec<_>>(), upto)?;
    Ok(upto < size)
}

/// Counts what is not counted yet.
pub(crate) async fn count(store: &RegionStore, log: &str) -> Result<()> {
    loop {
        let name = log.to_owned();
        if !store.data.write_aside(move |tx| count_some(tx, &name)).await? {
            return Ok(());
        }
    }
}

fn told(day: Day) -> Option<DayCount> {
    let kind = Kind::from_code(day.kind.into())?;
    let decision = Decision::from_code(day.decision.into())?;
    let Day { day, purpose, n, first, last, .. } = day;
    Some(DayCount { day, kind, decision, purpose, n, first, last })
}

impl Gate {
    /// How many lines a log has from one day on and before another: by day, what happened, what was decided, and for
    /// which purpose.
    ///
    /// # Errors
    /// What the store said.
    pub async fn day_counts(&self, name: &LogName, from: i64, before: i64) -> Result<Vec<DayCount>> {
        let store = self.region(&name.region)?;
        let log = store.log(&self.company(name.company).await?.code);
        integrate::gather(store, &log).await?;
        count(store, &log).await?;
        let days = store.data.read(move |tx| days::between(tx, &log, from, before)).await?;
        Ok(days.into_iter().filter_map(told).collect())
    }

    /// Lines of one day of a log from an index on, oldest first; and where to go on when there may be more. One call reads so
    /// many lines at most, so a page of few lines may lead on too.
    ///
    /// # Errors
    /// What the store said.
    pub async fn day_lines(
        &self,
        name: &LogName,
        wanted: &DayLines,
        from: u64,
        most: usize,
    ) -> Result<(Vec<Numbered>, Option<u64>)> {
        let counts = self.day_counts(name, wanted.day, wanted.day.saturating_add(1)).await?;
        let fits = counts.iter().filter(|one| wanted.takes(one));
        let reach = fits.map(|one| (one.first, one.last)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let Some((first, last)) = reach else { return Ok((Vec::new(), None)) };
        let store = self.region(&name.region)?;
        let (log, wanted) = (store.log(&self.company(name.company).await?.code), wanted.clone());
        let read = move |tx: &mut Tx<'_>| lines(tx, &log, &wanted, (from.max(first), last), most);
        Ok(store.data.read(read).await?)
    }
}

fn lines(
    tx: &mut Tx<'_>,
    log: &str,
    wanted: &DayLines,
    (from, last): (u64, u64),
    most: usize,
) -> std::result::Result<(Vec<Numbered>, Option<u64>), StoreError> {
    let size = ledger::head(tx, log, false)?.map_or(0, |head| head.size);
    let mut out = Vec::new();
    let begin = from / BUNDLE;
    let end = (last / BUNDLE).saturating_add(1);
    for n in begin..end.min(begin.saturating_add(MOST_READ)) {
        for (index, entry) in bundle(tx, log, n, size)? {
            let meant = (from..=last).contains(&index) && day_of(&entry) == wanted.day;
            if !meant || !wanted.wants(entry.kind, entry.decision, entry.purpose.as_str()) {
                continue;
            }
            if out.len() == most {
                return Ok((out, Some(index)));
            }
            out.push((index, entry));
        }
    }
    let next = begin.saturating_add(MOST_READ);
    Ok((out, (next < end).then(|| next.saturating_mul(BUNDLE))))
}
