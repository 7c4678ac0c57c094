//! Writing uses down: whoever waits shares one durable commit, and a use is recorded only on the terms it was decided on.
//!
//! Beside a SQLite file uses go to the journal; each asker seals its own use beforehand, under the number that it will
//! probably get. A server, and grants that count their uses, go through the store's rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use assent_kernel::{CompanyId, GrantId, PersonId, Timestamp};
use assent_store::journal::{Encoded, Record};
use assent_store::ledger::{About, Line};
use assent_store::people::{self, Footing, Life};
use assent_store::{Appending, Db, StoreError, Tx, ledger};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::draft::Draft;
use crate::error::{GateError, Result};
use crate::integrate;
use crate::keys::PersonKey;
use crate::permit::Recorded;
use crate::seal::seal;

/// The most people whose next number is remembered.
const MOST_REMEMBERED: usize = 100_000;
/// From this many bytes in the journal on, askers absorb before they ask on.
const LONGEST_BACKLOG: u64 = 24 * 1024 * 1024;
/// The most uses that share one commit.
const MOST_SHARED: usize = 1024;
/// The most uses that may wait; beyond it, askers are held back.
const MOST_WAITING: usize = 16_384;

/// A decided use on its way into the ledger.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) person: PersonId,
    /// The epoch it was decided in.
    pub(crate) epoch: u64,
    /// The number of the person's newest use when they were looked up.
    pub(crate) seen: u64,
    pub(crate) company: CompanyId,
    /// The policy it was decided under.
    pub(crate) policy: u64,
    pub(crate) log: Arc<str>,
    pub(crate) key: PersonKey,
    pub(crate) draft: Draft,
    /// Grants that count their uses.
    pub(crate) counted: Vec<GrantId>,
}

impl Append {
    fn stands(&self, now: Option<Footing>, policy: Option<u64>) -> bool {
        now.is_some_and(|now| now.epoch == self.epoch && now.life == Life::Active)
            && policy == Some(self.policy)
    }

    /// The entry and its sealed half under a number.
    fn line(&self, seq: i64) -> std::result::Result<Line, StoreError> {
        let damaged = |_| StoreError::Damaged("an entry cannot be written".into());
        let line = self.draft.line(&self.key, u64::try_from(seq).unwrap_or(0)).map_err(damaged)?;
        let place = detail_place(self.person, seq);
        let sealed = seal(self.key.detail().bytes(), &place, &line.opening).map_err(damaged)?;
        Ok(Line { leaf: line.leaf, about: Some(About { person: self.person, seq, sealed }) })
    }

    fn record(&self, seq: i64) -> std::result::Result<Encoded, StoreError> {
        let Line { leaf, about } = self.line(seq)?;
        let sealed = about.map(|about| about.sealed).unwrap_or_default();
        let at = Timestamp::from_micros(self.draft.detail.at);
        Record { person: self.person, seq, at, log: self.log.to_string(), leaf, sealed }.encode()
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appended {
    /// It is durable.
    Yes(Recorded),
    /// The person's terms, or the policy, have moved since it was decided: decide again.
    Moved,
}

struct Waiting {
    append: Vec<Append>,
    tell: oneshot::Sender<Result<Vec<Appended>>>,
}

/// The way into one region's ledgers.
#[derive(Debug)]
pub(crate) struct Queue {
    db: Db,
    through_rows: mpsc::Sender<Waiting>,
    appended: Arc<Notify>,
    /// The newest number of each person that was handed out: a guess, which saves sealing twice when it is right.
    guesses: Mutex<HashMap<PersonId, u64>>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({})", self.append.len())
    }
}

impl Queue {
    pub(crate) fn start(db: Db, appended: Arc<Notify>) -> Self {
        let (through_rows, receive) = mpsc::channel(MOST_WAITING);
        tokio::spawn(serve(db.clone(), receive, Arc::clone(&appended)));
        Self { db, through_rows, appended, guesses: Mutex::default() }
    }

    /// Records uses: all of one asker in few commits, with those of others who wait.
    pub(crate) async fn record(&self, mut append: Vec<Append>) -> Result<Vec<Appended>> {
        if !self.db.has_journal() || append.iter().any(|one| !one.counted.is_empty()) {
            return self.record_in_rows(append).await;
        }
        let mut out = Vec::with_capacity(append.len());
        while !append.is_empty() {
            let rest = append.split_off(append.len().min(MOST_SHARED));
            out.extend(self.record_in_journal(append).await?);
            append = rest;
        }
        self.appended.notify_one();
        Ok(out)
    }

    async fn record_in_rows(&self, append: Vec<Append>) -> Result<Vec<Appended>> {
        let (tell, told) = oneshot::channel();
        let gone = || GateError::Store(StoreError::Unavailable("the ledger's writer has ended".into()));
        self.through_rows.send(Waiting { append, tell }).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }

    async fn record_in_journal(&self, append: Vec<Append>) -> Result<Vec<Appended>> {
        if self.db.backlog() > LONGEST_BACKLOG {
            integrate::hold_back(&self.db).await?;
        }
        let mut ready = Vec::with_capacity(append.len());
        for one in append {
            let seq = i64::try_from(self.guess(&one)).unwrap_or(i64::MAX);
            let record = one.record(seq)?;
            ready.push((one, seq, record));
        }
        let guessed: Vec<(PersonId, i64)> = ready.iter().map(|(one, seq, _)| (one.person, *seq)).collect();
        let append = move |pen: &mut Appending<'_>| {
            let done: std::result::Result<Vec<Appended>, _> =
                ready.iter().map(|one| append_one(pen, one)).collect();
            // Handed back, so that whoever waits frees it, and not the one who writes for all.
            Ok((done?, ready))
        };
        let done = self.db.append(append).await.map(|(done, _)| done);
        self.learn(&guessed, done.as_deref().unwrap_or_default());
        Ok(done?)
    }

    /// The number that a use will probably get.
    fn guess(&self, one: &Append) -> u64 {
        let Ok(mut guesses) = self.guesses.lock() else { return one.seen.saturating_add(1) };
        if guesses.len() > MOST_REMEMBERED {
            guesses.clear();
        }
        let newest = guesses.entry(one.person).or_insert(one.seen);
        *newest = one.seen.max(*newest).saturating_add(1);
        *newest
    }

    /// A guess that was wrong, or was not used, is corrected.
    fn learn(&self, guessed: &[(PersonId, i64)], done: &[Appended]) {
        let Ok(mut guesses) = self.guesses.lock() else { return };
        for (n, (person, seq)) in guessed.iter().enumerate() {
            match done.get(n) {
                Some(Appended::Yes(recorded)) if i64::try_from(recorded.seq) == Ok(*seq) => {}
                Some(Appended::Yes(recorded)) => {
                    guesses.insert(*person, recorded.seq);
                }
                Some(Appended::Moved) | None => {
                    guesses.remove(person);
                }
            }
        }
    }
}

/// Appends one use, if what it was decided on still holds; its number is the person's next, whatever was guessed.
fn append_one(
    pen: &mut Appending<'_>,
    (one, guess, record): &(Append, i64, Encoded),
) -> std::result::Result<Appended, StoreError> {
    let now = pen.footing(one.person)?;
    if !one.stands(now, Some(pen.policy_version(one.company)?)) {
        return Ok(Appended::Moved);
    }
    let seq = now.map_or(0, |now| now.seq).saturating_add(1);
    if seq == *guess {
        pen.push(record);
    } else {
        pen.push(&one.record(seq)?);
    }
    Ok(Appended::Yes(Recorded { seq: u64::try_from(seq).unwrap_or(0) }))
}

async fn serve(db: Db, mut queue: mpsc::Receiver<Waiting>, appended: Arc<Notify>) {
    while let Some(first) = queue.recv().await {
        let mut count = first.append.len();
        let mut batch = vec![first];
        while count < MOST_SHARED
            && let Ok(more) = queue.try_recv()
        {
            count += more.append.len();
            batch.push(more);
        }
        let (work, tell): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.append, one.tell)).unzip();
        let sizes: Vec<usize> = work.iter().map(Vec::len).collect();
        let all: Vec<Append> = work.into_iter().flatten().collect();
        let done = db.write(move |tx| write(tx, &all)).await;
        appended.notify_one();
        share_out(done, &sizes, tell);
    }
}

fn share_out(
    done: std::result::Result<Vec<Appended>, StoreError>,
    sizes: &[usize],
    tell: Vec<oneshot::Sender<Result<Vec<Appended>>>>,
) {
    let mut results = done.as_ref().map(|all| all.iter()).ok();
    for (size, tell) in sizes.iter().zip(tell) {
        let answer = match (&mut results, &done) {
            (Some(results), _) => Ok(results.by_ref().take(*size).copied().collect()),
            (None, Err(error)) => Err(GateError::Store(error.clone())),
            (None, Ok(_)) => Err(GateError::Busy),
        };
        // Whoever no longer waits has lost nothing: the use is recorded, and nothing was released.
        let _ = tell.send(answer);
    }
}

/// The transaction: holds every person's row, checks what each use relied on, and writes the rest.
fn write(tx: &mut Tx<'_>, all: &[Append]) -> std::result::Result<Vec<Appended>, StoreError> {
    let mut ids: Vec<PersonId> = all.iter().map(|one| one.person).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut policies: HashMap<CompanyId, u64> = HashMap::new();
    for one in all {
        if let std::collections::hash_map::Entry::Vacant(slot) = policies.entry(one.company) {
            slot.insert(people::hold_policy_version(tx, one.company)?);
        }
    }
    let mut footing = people::hold(tx, &ids)?;
    let mut batch = Batch::default();
    let mut out = Vec::with_capacity(all.len());
    for one in all {
        out.push(batch.take(tx, one, &mut footing, &policies)?);
    }
    batch.write(tx)?;
    Ok(out)
}

/// The lines of one commit, by log.
#[derive(Default)]
struct Batch {
    logs: HashMap<Arc<str>, Vec<(Timestamp, Line)>>,
    newest: HashMap<PersonId, i64>,
}

impl Batch {
    fn take(
        &mut self,
        tx: &mut Tx<'_>,
        one: &Append,
        footing: &mut HashMap<PersonId, Footing>,
        policies: &HashMap<CompanyId, u64>,
    ) -> std::result::Result<Appended, StoreError> {
        let held = footing.get_mut(&one.person);
        if !one.stands(held.as_deref().copied(), policies.get(&one.company).copied()) {
            return Ok(Appended::Moved);
        }
        let Some(now) = held else { return Ok(Appended::Moved) };
        // Looked at before any is taken: one that is used up must not cost another.
        for grant in &one.counted {
            if !people::has_one(tx, one.person, *grant)? {
                return Ok(Appended::Moved);
            }
        }
        for grant in &one.counted {
            people::use_one(tx, one.person, *grant)?;
        }
        now.seq += 1;
        self.newest.insert(one.person, now.seq);
        let at = Timestamp::from_micros(one.draft.detail.at);
        self.logs.entry(Arc::clone(&one.log)).or_default().push((at, one.line(now.seq)?));
        Ok(Appended::Yes(Recorded { seq: u64::try_from(now.seq).unwrap_or(0) }))
    }

    fn write(self, tx: &mut Tx<'_>) -> std::result::Result<(), StoreError> {
        for (log, lines) in self.logs {
            let at = lines.iter().map(|(at, _)| *at).max().unwrap_or(Timestamp::MIN);
            let mut lines: Vec<Line> = lines.into_iter().map(|(_, line)| line).collect();
            // Within a commit the order tells nothing about who asked first: sealed bytes begin with a random nonce.
            lines.sort_unstable_by(|a, b| sealed(a).cmp(sealed(b)));
            ledger::queue(tx, &log, at, &lines)?;
        }
        let newest: Vec<(PersonId, i64)> = self.newest.into_iter().collect();
        if newest.is_empty() { Ok(()) } else { people::set_seqs(tx, &newest) }
    }
}

fn sealed(line: &Line) -> &[u8] {
    line.about.as_ref().map_or(&[], |about| &about.sealed)
}

/// The place of a sealed detail.
pub(crate) fn detail_place(person: PersonId, seq: i64) -> Vec<u8> {
    format!("detail/{person}/{seq}").into_bytes()
}
