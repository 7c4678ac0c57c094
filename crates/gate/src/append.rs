//! Writing uses down: whoever waits shares one durable commit, and a use is recorded only on the terms it was decided on.

use std::collections::HashMap;
use std::sync::Arc;

use assent_kernel::{CompanyId, GrantId, PersonId, Timestamp};
use assent_store::people::{self, Footing, Life};
use assent_store::{Db, StoreError, Tx, ledger};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::draft::Draft;
use crate::error::{GateError, Result};
use crate::keys::PersonKey;
use crate::permit::Recorded;
use crate::seal::seal;

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
    pub(crate) company: CompanyId,
    /// The policy it was decided under.
    pub(crate) policy: u64,
    pub(crate) log: Arc<str>,
    pub(crate) key: PersonKey,
    pub(crate) draft: Draft,
    /// Grants that count their uses.
    pub(crate) counted: Vec<GrantId>,
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

/// The queue in front of one region's ledgers.
#[derive(Debug, Clone)]
pub(crate) struct Queue(mpsc::Sender<Waiting>);

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({})", self.append.len())
    }
}

impl Queue {
    pub(crate) fn start(db: Db, appended: Arc<Notify>) -> Self {
        let (send, receive) = mpsc::channel(MOST_WAITING);
        tokio::spawn(serve(db, receive, appended));
        Self(send)
    }

    /// Records uses: all of one asker in one commit, with those of others who wait.
    pub(crate) async fn record(&self, append: Vec<Append>) -> Result<Vec<Appended>> {
        let (tell, told) = oneshot::channel();
        let gone = || GateError::Store(StoreError::Unavailable("the ledger's writer has ended".into()));
        self.0.send(Waiting { append, tell }).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
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
            slot.insert(people::policy_version(tx, one.company)?);
        }
    }
    let mut footing = people::hold(tx, &ids)?;
    let mut batch = Batch::default();
    let mut out = Vec::with_capacity(all.len());
    for (slot, one) in all.iter().enumerate() {
        out.push(batch.take(tx, slot, one, &mut footing, &policies)?);
    }
    batch.write(tx, &mut out)?;
    Ok(out)
}

/// The lines of one commit, by log.
#[derive(Default)]
struct Batch {
    logs: HashMap<Arc<str>, Vec<Pending>>,
    counts: HashMap<PersonId, i64>,
}

struct Pending {
    slot: usize,
    person: PersonId,
    seq: u64,
    at: Timestamp,
    leaf: Vec<u8>,
    sealed: Vec<u8>,
}

impl Batch {
    fn take(
        &mut self,
        tx: &mut Tx<'_>,
        slot: usize,
        one: &Append,
        footing: &mut HashMap<PersonId, Footing>,
        policies: &HashMap<CompanyId, u64>,
    ) -> std::result::Result<Appended, StoreError> {
        let Some(now) = footing.get_mut(&one.person) else { return Ok(Appended::Moved) };
        if now.epoch != one.epoch
            || now.life != Life::Active
            || policies.get(&one.company) != Some(&one.policy)
        {
            return Ok(Appended::Moved);
        }
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
        let seq = u64::try_from(now.seq).unwrap_or(0);
        let damaged = |_| StoreError::Damaged("an entry cannot be written".into());
        let line = one.draft.line(&one.key, seq).map_err(damaged)?;
        let sealed = seal(one.key.detail().bytes(), &detail_place(one.person, now.seq), &line.opening)
            .map_err(damaged)?;
        *self.counts.entry(one.person).or_default() += 1;
        let at = Timestamp::from_micros(one.draft.detail.at);
        let pending = Pending { slot, person: one.person, seq, at, leaf: line.leaf, sealed };
        self.logs.entry(Arc::clone(&one.log)).or_default().push(pending);
        Ok(Appended::Yes(Recorded { seq, queued: 0 }))
    }

    fn write(self, tx: &mut Tx<'_>, out: &mut [Appended]) -> std::result::Result<(), StoreError> {
        for (log, mut lines) in self.logs {
            // Within a commit the order tells nothing about who asked first: sealed bytes begin with a random nonce.
            lines.sort_unstable_by(|a, b| a.sealed.cmp(&b.sealed));
            let at = lines.iter().map(|line| line.at).max().unwrap_or(Timestamp::MIN);
            let leaves: Vec<Vec<u8>> = lines.iter_mut().map(|line| std::mem::take(&mut line.leaf)).collect();
            let queued = ledger::queue(tx, &log, at, &leaves)?;
            let mut rows = Vec::with_capacity(lines.len());
            for (line, queued) in lines.into_iter().zip(queued) {
                if let Some(slot) = out.get_mut(line.slot) {
                    *slot = Appended::Yes(Recorded { seq: line.seq, queued });
                }
                rows.push((line.person, i64::try_from(line.seq).unwrap_or(0), queued, line.sealed));
            }
            ledger::add_details(tx, &rows)?;
        }
        for (person, by) in self.counts {
            people::count_uses(tx, person, by)?;
        }
        Ok(())
    }
}

/// The place of a sealed detail.
pub(crate) fn detail_place(person: PersonId, seq: i64) -> Vec<u8> {
    format!("detail/{person}/{seq}").into_bytes()
}
