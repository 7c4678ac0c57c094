//! A node's memory of terms: an index of each company's people, built at start and kept fresh, for questions that must
//! not wait for a database. It answers; it releases nothing. Whatever is used is decided and recorded at the door, on
//! the person's epoch, so that even a node that is behind can record nothing on terms that moved.
//!
//! In this process a withdrawal is in the memory before it is acknowledged. Other nodes follow the change log: each
//! look takes exactly what was not seen before, whatever the order of commits. A node that has not looked for longer
//! than its lease refuses.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use assent_index::{Audience, Beyond, Counts, Index, PolicyChange, Sizes, Verdict};
use assent_kernel::{CompanyId, PersonId, Question, Reason, Region, Timestamp, Use};
use assent_store::changes::{self, Change, Seen};
use assent_store::people::{self, Life};
use assent_store::{Db, Hints, Place};

use crate::error::{GateError, Result};
use crate::seal::random;
use crate::start::{Gate, lock};

/// How long a node answers without having looked at the change log.
const LEASE: Duration = Duration::from_secs(1);
/// The longest pause between two looks: nobody tells a node of what another process writes into its file.
const PAUSE_OF_FILES: Duration = Duration::from_millis(50);
/// The same where hints come between, and only the lost ones are waited for.
const PAUSE_OF_SERVERS: Duration = Duration::from_millis(5);
/// Out of touch for so long, a node does not catch up: old changes may be gone from the log. It reads everybody anew.
const OUT_OF_TOUCH: Duration = Duration::from_secs(60);
/// People read at once.
const AT_ONCE: u32 = 512;

/// What a node has seen of a store's changes; whoever hands it back is answered by nobody who has seen less.
pub type Version = Seen;

/// The memory of one company's people in one region.
pub(crate) struct Kept {
    company: CompanyId,
    region: Region,
    index: RwLock<Index>,
    /// One reading at a time, so that an older one never lies over a newer one.
    order: tokio::sync::Mutex<()>,
    ready: std::sync::atomic::AtomicBool,
}

/// How far a node has looked at a region's changes.
struct View {
    /// A connection of its own: looking must not wait for others.
    db: Db,
    hints: Hints,
    seen: RwLock<Seen>,
    looked: Mutex<Instant>,
    looking: tokio::sync::Mutex<()>,
}

/// What a node remembers.
#[derive(Default)]
pub(crate) struct Memory {
    kept: RwLock<HashMap<(CompanyId, Region), Arc<Kept>>>,
    views: RwLock<HashMap<Region, Arc<View>>>,
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It may be used, until then if nothing changes.
    Open(Timestamp),
    /// It may not; the number leads into [`Decided::reasons`].
    Closed(u16),
}

/// Answers about many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// One for each person, in order.
    pub outcomes: Vec<Outcome>,
    /// The reasons that were met.
    pub reasons: Vec<Reason>,
    /// When it was decided.
    pub at: Timestamp,
}

fn behind(what: &'static str) -> GateError {
    GateError::Behind(what)
}

impl Gate {
    /// Builds the memory of a company's people in every region; `progress` hears how many of how many are read.
    ///
    /// # Errors
    /// What the stores said. A policy too large for the index is told in the log, and every decision goes the slow way.
    pub async fn remember(
        &self,
        company: CompanyId,
        now: Timestamp,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<()> {
        let regions: Vec<Region> = self.regions().cloned().collect();
        for region in regions {
            self.view(&region).await?;
            self.remember_in(company, &region, now, &mut progress).await?;
        }
        Ok(())
    }

    async fn remember_in(
        &self,
        company: CompanyId,
        region: &Region,
        now: Timestamp,
        progress: &mut impl FnMut(u64, u64),
    ) -> Result<()> {
        let data = &self.region(region)?.data;
        let policy = Arc::new(self.policy(company).await?.policy.clone());
        let total = data.read(move |tx| people::count(tx, company)).await?;
        let secret = [number()?, number()?, number()?, number()?];
        let room = usize::try_from(total).unwrap_or(0);
        let index = match Index::new(policy, now, room + room / 8, secret) {
            Ok(index) => index,
            Err(error) => {
                tracing::warn!(%company, %region, %error, "no memory of terms");
                return Ok(());
            }
        };
        let kept = Arc::new(Kept {
            company,
            region: region.clone(),
            index: RwLock::new(index),
            order: tokio::sync::Mutex::default(),
            ready: std::sync::atomic::AtomicBool::new(false),
        });
        // From now on changes reach it, while the rest is still being read.
        self.0.memory.kept.write().map_err(|_| lock())?.insert((company, region.clone()), Arc::clone(&kept));
        let (mut last, mut done) = (PersonId::from_bytes([0; 16]), 0);
        loop {
            let ids = data.read(move |tx| people::after(tx, company, last, AT_ONCE)).await?;
            let Some(newest) = ids.last() else { break };
            last = *newest;
            done += ids.len() as u64;
            kept.reread(data, ids, now).await?;
            progress(done, total.max(done));
        }
        kept.index.write().map_err(|_| lock())?.tidy();
        kept.ready.store(true, std::sync::atomic::Ordering::Release);
        Ok(())
    }

    async fn view(&self, region: &Region) -> Result<Arc<View>> {
        if let Some(found) = self.0.memory.views.read().map_err(|_| lock())?.get(region) {
            return Ok(Arc::clone(found));
        }
        let data = &self.region(region)?.data;
        let place = data.place().clone();
        let db = match &place {
            Place::File(_) => data.clone(),
            Place::Server(_) => Db::open_with(place.clone(), 1)?,
        };
        let seen = db.read(changes::seen).await?;
        let view = View {
            db,
            hints: Hints::start(&place),
            seen: RwLock::new(seen),
            looked: Mutex::new(Instant::now()),
            looking: tokio::sync::Mutex::default(),
        };
        let mut views = self.0.memory.views.write().map_err(|_| lock())?;
        Ok(Arc::clone(views.entry(region.clone()).or_insert_with(|| Arc::new(view))))
    }

    /// Looks at what changed in a region since the last look, and takes it in. Tells how many changes there were.
    ///
    /// # Errors
    /// What the stores said; what was not taken in is looked for again.
    pub async fn look_at_changes(&self, region: &Region, now: Timestamp) -> Result<usize> {
        let view = self.view(region).await?;
        let _one_at_a_time = view.looking.lock().await;
        let begun = Instant::now();
        if view.looked.lock().map_err(|_| lock())?.elapsed() > OUT_OF_TOUCH {
            return self.start_anew(region, &view, now).await;
        }
        let before = view.seen.read().map_err(|_| lock())?.clone();
        let (seen, changed) = view.db.read(move |tx| changes::since(tx, &before)).await?;
        let count = changed.len();
        let distinct: BTreeSet<Change> = changed.into_iter().collect();
        let mut people: HashMap<CompanyId, Vec<PersonId>> = HashMap::new();
        for change in distinct {
            match change.person {
                Some(person) => people.entry(change.company).or_default().push(person),
                None => self.renew(change.company, now).await?,
            }
        }
        for (company, ids) in people {
            let Some(kept) = self.kept(company, region)? else { continue };
            for some in ids.chunks(AT_ONCE as usize) {
                kept.reread(&view.db, some.to_vec(), now).await?;
            }
        }
        *view.seen.write().map_err(|_| lock())? = seen;
        *view.looked.lock().map_err(|_| lock())? = begun;
        Ok(count)
    }

    /// Forgets what a region's memories knew, and builds them anew.
    async fn start_anew(&self, region: &Region, view: &View, now: Timestamp) -> Result<usize> {
        let seen = view.db.read(changes::seen).await?;
        let companies: Vec<CompanyId> = {
            let mut kept = self.0.memory.kept.write().map_err(|_| lock())?;
            let mine = kept.keys().filter(|(_, of)| of == region).map(|(company, _)| *company).collect();
            kept.retain(|(_, of), _| of != region);
            mine
        };
        *view.seen.write().map_err(|_| lock())? = seen;
        *view.looked.lock().map_err(|_| lock())? = Instant::now();
        for company in companies {
            self.build_later(company, region.clone(), now);
        }
        Ok(0)
    }

    fn build_later(&self, company: CompanyId, region: Region, now: Timestamp) {
        let gate = self.clone();
        tokio::spawn(async move {
            while let Err(error) = gate.remember_in(company, &region, now, &mut |_, _| ()).await {
                tracing::warn!(%error, "building the memory of terms anew; trying again");
                tokio::time::sleep(LEASE).await;
            }
        });
    }

    /// Follows a region's changes until the program ends. `clock` tells the time.
    pub async fn follow(&self, region: Region, clock: impl Fn() -> Timestamp) {
        loop {
            let pause = match self.region(&region).map(|store| store.data.place().clone()) {
                Ok(Place::Server(_)) => PAUSE_OF_SERVERS,
                Ok(Place::File(_)) | Err(_) => PAUSE_OF_FILES,
            };
            if let Ok(view) = self.view(&region).await {
                let _ = tokio::time::timeout(pause, view.hints.heard()).await;
            } else {
                tokio::time::sleep(pause).await;
            }
            if let Err(error) = self.look_at_changes(&region, clock()).await {
                tracing::debug!(%error, %region, "looking at changes");
                tokio::time::sleep(PAUSE_OF_FILES).await;
            }
        }
    }

    /// Takes a changed person in at once, before the change is acknowledged. If that fails, the memory of the region
    /// refuses until the next look succeeds.
    pub(crate) async fn forget_old_terms(
        &self,
        company: CompanyId,
        region: &Region,
        ids: Vec<PersonId>,
        now: Timestamp,
    ) {
        let Ok(Some(kept)) = self.kept(company, region) else { return };
        let Ok(store) = self.region(region) else { return };
        let done = kept.reread(&store.data, ids, now).await;
        let Ok(Some(view)) = self.0.memory.views.read().map(|views| views.get(region).cloned()) else {
            return;
        };
        if done.is_err() {
            expire(&view);
        }
        view.hints.tell();
    }

    fn kept(&self, company: CompanyId, region: &Region) -> Result<Option<Arc<Kept>>> {
        Ok(self.0.memory.kept.read().map_err(|_| lock())?.get(&(company, region.clone())).cloned())
    }

    /// Takes a company's new policy into its memories; one that people must be compiled anew for is built anew.
    async fn renew(&self, company: CompanyId, now: Timestamp) -> Result<()> {
        let policy = Arc::new(self.reload_policy(company).await?.policy.clone());
        let mine: Vec<Arc<Kept>> = {
            let kept = self.0.memory.kept.read().map_err(|_| lock())?;
            kept.values().filter(|one| one.company == company).cloned().collect()
        };
        for kept in mine {
            let _order = kept.order.lock().await;
            let change = kept.index.write().map_err(|_| lock())?.renew(Arc::clone(&policy), now);
            if matches!(change, Ok(PolicyChange::Taken)) {
                continue;
            }
            self.0.memory.kept.write().map_err(|_| lock())?.remove(&(company, kept.region.clone()));
            self.build_later(company, kept.region.clone(), now);
        }
        Ok(())
    }

    /// What anybody who looks now has seen: whatever was acknowledged before is in it.
    ///
    /// # Errors
    /// What the store said.
    pub async fn version(&self, region: &Region) -> Result<Version> {
        Ok(self.region(region)?.data.read(changes::seen).await?)
    }

    /// What this node's memory of a region has seen.
    ///
    /// # Errors
    /// [`GateError::Behind`] when it remembers nothing.
    pub fn remembered(&self, region: &Region) -> Result<Version> {
        let views = self.0.memory.views.read().map_err(|_| lock())?;
        let view = views.get(region).ok_or(behind("it remembers nothing of that region"))?;
        Ok(view.seen.read().map_err(|_| lock())?.clone())
    }

    /// Answers one question about many people from memory. Nothing is recorded and nothing released.
    ///
    /// # Errors
    /// [`GateError::Behind`] when this node's memory is not built, has not looked for longer than its lease, or has
    /// seen less than `least`; [`GateError::Input`] for a question about facts instead of kinds of facts.
    pub fn decide(
        &self,
        company: CompanyId,
        question: &Question<Use>,
        people: &[PersonId],
        least: Option<(&Region, &Version)>,
    ) -> Result<Decided> {
        let mine = self.awake(company, least)?;
        let mut decided =
            Decided { outcomes: Vec::with_capacity(people.len()), reasons: Vec::new(), at: question.at };
        let mut known: HashMap<(usize, Verdict), u16> = HashMap::new();
        let asked = mine.iter().map(|kept| self.ask_memory(kept, question)).collect::<Result<Vec<_>>>()?;
        for id in people {
            let found = (0..)
                .zip(&asked)
                .find_map(|(n, (index, asking))| Some((n, index, index.decide_known(asking, *id)?)));
            let outcome = match found {
                Some((_, _, verdict)) if verdict.is_open() => Outcome::Open(verdict.end().start()),
                Some((n, index, verdict)) => {
                    let number = *known.entry((n, verdict)).or_insert_with(|| {
                        decided.place(index.reason(verdict).unwrap_or(Reason::UnknownPerson))
                    });
                    Outcome::Closed(number)
                }
                None => Outcome::Closed(decided.place(Reason::UnknownPerson)),
            };
            decided.outcomes.push(outcome);
        }
        Ok(decided)
    }

    /// Counts a company's people for a question, with the reasons of the refused.
    ///
    /// # Errors
    /// As [`Gate::decide`].
    pub fn count(&self, company: CompanyId, question: &Question<Use>) -> Result<Counts> {
        let mut all = Counts::default();
        for kept in self.awake(company, None)? {
            let (index, asking) = self.ask_memory(&kept, question)?;
            all = all.and(index.count(&asking));
        }
        Ok(all)
    }

    /// Cuts the list of a company's people whom a question opens. Each is decided again at the moment of use.
    ///
    /// # Errors
    /// As [`Gate::decide`].
    pub fn cut(&self, company: CompanyId, question: &Question<Use>) -> Result<Audience> {
        let mut all = Audience { people: Vec::new(), counts: Counts::default() };
        for kept in self.awake(company, None)? {
            let (index, asking) = self.ask_memory(&kept, question)?;
            let part = index.cut(&asking);
            all.people.extend(part.people);
            all.counts = all.counts.and(part.counts);
        }
        Ok(all)
    }

    /// How large the memory of a company's people is.
    ///
    /// # Errors
    /// When a lock is broken.
    pub fn memory_sizes(&self, company: CompanyId) -> Result<Vec<(Region, Sizes)>> {
        let kept = self.0.memory.kept.read().map_err(|_| lock())?;
        let mine = kept.values().filter(|one| one.company == company);
        mine.map(|one| Ok((one.region.clone(), one.index.read().map_err(|_| lock())?.sizes()))).collect()
    }

    /// A company's memories, if they are built and fresh.
    fn awake(&self, company: CompanyId, least: Option<(&Region, &Version)>) -> Result<Vec<Arc<Kept>>> {
        let memory = &self.0.memory;
        let kept = memory.kept.read().map_err(|_| lock())?;
        let views = memory.views.read().map_err(|_| lock())?;
        let mut mine = Vec::with_capacity(1);
        for region in self.0.regions.keys() {
            let one = kept.get(&(company, region.clone())).filter(|one| one.is_ready());
            let (one, view) =
                one.zip(views.get(region)).ok_or(behind("its memory of terms is being built"))?;
            if view.looked.lock().map_err(|_| lock())?.elapsed() > LEASE {
                return Err(behind("it has not seen the newest terms for too long"));
            }
            if let Some((_, least)) = least.filter(|(of, _)| *of == region)
                && !view.seen.read().map_err(|_| lock())?.covers(least)
            {
                return Err(behind("it has not seen that version yet"));
            }
            mine.push(Arc::clone(one));
        }
        Ok(mine)
    }

    fn ask_memory<'k>(
        &self,
        kept: &'k Kept,
        question: &Question<Use>,
    ) -> Result<(RwLockReadGuard<'k, Index>, assent_index::Asking)> {
        let at = self.region(&kept.region)?.steady(question.at)?;
        for _ in 0..2 {
            let index = kept.index.read().map_err(|_| lock())?;
            let at = at.max(index.newest());
            match index.ask(&Question { at, ..question.clone() }) {
                Ok(asking) => return Ok((index, asking)),
                Err(Beyond::Fact) => {
                    return Err(GateError::Input(
                        "ask about kinds of facts here, not about single facts".into(),
                    ));
                }
                // The policy has come to one of its dates: compile it for the time that begins now.
                Err(Beyond::Time) => {
                    let policy = Arc::clone(index.policy());
                    drop(index);
                    let renewed = kept.index.write().map_err(|_| lock())?.renew(policy, at);
                    renewed.map_err(|_| behind("the policy has grown too large for it"))?;
                }
            }
        }
        Err(behind("its policy is not compiled for that time"))
    }
}

impl Decided {
    fn place(&mut self, reason: Reason) -> u16 {
        let at = self.reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

impl Kept {
    fn is_ready(&self) -> bool {
        self.ready.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Reads people as they are now and puts them in.
    async fn reread(&self, db: &Db, ids: Vec<PersonId>, now: Timestamp) -> Result<()> {
        let _order = self.order.lock().await;
        let (company, wanted) = (self.company, ids.clone());
        let mut found = db.read(move |tx| people::load_terms(tx, company, &wanted)).await?;
        let mut index = self.index.write().map_err(|_| lock())?;
        for id in ids {
            match found.remove(&id).filter(|held| held.life == Life::Active) {
                Some(held) => index.put(&held.person, now),
                None => index.remove(id),
            }
        }
        Ok(())
    }
}

/// Makes a view look as if its lease were over.
fn expire(view: &View) {
    if let (Ok(mut looked), Some(long_ago)) = (view.looked.lock(), Instant::now().checked_sub(LEASE * 2)) {
        *looked = long_ago;
    }
}

fn number() -> Result<u64> {
    Ok(u64::from_be_bytes(random()?))
}
