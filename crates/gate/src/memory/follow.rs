//! Building the memory and keeping it fresh: reading everybody once, then exactly what changed since.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use assent_index::{Index, PolicyChange};
use assent_kernel::{CompanyId, PersonId, Region, Timestamp};
use assent_store::changes::{self, Change};
use assent_store::people::{self, Life};
use assent_store::{Db, Hints, Place};

use super::lease::Lease;
use super::{Kept, LEASE, Version, View};
use crate::error::{GateError, Result};
use crate::region::RegionStore;
use crate::seal::random;
use crate::start::{Gate, lock};

/// The longest pause between two looks: nobody tells a node of what another process writes into its file.
const PAUSE_OF_FILES: Duration = Duration::from_millis(50);
/// The same where hints come between, and only the lost ones are waited for.
const PAUSE_OF_SERVERS: Duration = Duration::from_millis(5);
/// Out of touch for so long, a node does not catch up: old changes may be gone from the log. It reads everybody anew.
const OUT_OF_TOUCH: Duration = Duration::from_secs(60);
/// People read at once.
const AT_ONCE: u32 = 512;

impl Gate {
    /// Builds the memory of a company's people in every region; `progress` hears how many of how many are read.
    ///
    /// # Errors
    /// What the stores said. Of a policy too large for the index there is no memory: the log says so, and questions to
    /// the memory are refused with that reason until the policy changes.
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
        let store = self.region(region)?;
        let data = &store.data;
        let policy = Arc::new(self.policy(company).await?.policy.clone());
        let total = data.read(move |tx| people::count(tx, company)).await?;
        let secret = [number()?, number()?, number()?, number()?];
        let room = usize::try_from(total).unwrap_or(0);
        let index = match Index::new(policy, now, room + room / 8, secret) {
            Ok(index) => index,
            Err(error) => {
                tracing::warn!(%company, %region, %error, "no memory of terms");
                let mut outgrown = self.0.memory.outgrown.write().map_err(|_| lock())?;
                outgrown.insert((company, region.clone()));
                return Ok(());
            }
        };
        self.0.memory.outgrown.write().map_err(|_| lock())?.remove(&(company, region.clone()));
        let kept = Arc::new(Kept {
            company,
            region: region.clone(),
            index: RwLock::new(index),
            order: tokio::sync::Mutex::default(),
            ready: std::sync::atomic::AtomicBool::new(false),
        });
        // From now on changes reach it, while the rest is still being read.
        let here = Arc::clone(&kept);
        self.0
            .memory
            .kept
            .write()
            .map_err(|_| lock())?
            .entry(company)
            .or_default()
            .insert(region.clone(), here);
        let (mut last, mut done) = (PersonId::from_bytes([0; 16]), 0);
        loop {
            let ids = data.read(move |tx| people::after(tx, company, last, AT_ONCE)).await?;
            let Some(newest) = ids.last() else { break };
            last = *newest;
            done += ids.len() as u64;
            kept.reread(store, data, ids, now).await?;
            progress(done, total.max(done));
        }
        // A policy that changed before changes reached this memory was told to nobody here.
        let _order = kept.order.lock().await;
        let policy = Arc::new(self.reload_policy(company).await?.policy.clone());
        if !matches!(kept.take(policy, now), Ok(PolicyChange::Taken)) {
            return Err(GateError::Behind("the policy changed while its memory of terms was built"));
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
            moved: tokio::sync::Notify::new(),
            lease: Lease::new(),
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
        let look = view.lease.begin()?;
        if view.lease.out_of_touch(OUT_OF_TOUCH)? {
            return self.start_anew(region, &view, now).await;
        }
        let before = view.seen.read().map_err(|_| lock())?.clone();
        let changed = view.db.glance(move |tx| changes::since(tx, &before)).await?;
        // What it has not seen may be gone from the log.
        let Some((seen, changed)) = changed else { return self.start_anew(region, &view, now).await };
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
                kept.reread(self.region(region)?, &view.db, some.to_vec(), now).await?;
            }
        }
        view.lease.end(look)?;
        view.has_seen(seen)?;
        Ok(count)
    }

    /// Forgets what a region's memories knew, and builds them anew.
    async fn start_anew(&self, region: &Region, view: &View, now: Timestamp) -> Result<usize> {
        let look = view.lease.begin()?;
        let seen = view.db.read(changes::seen).await?;
        let companies: Vec<CompanyId> = {
            let mut kept = self.0.memory.kept.write().map_err(|_| lock())?;
            let all = kept.iter_mut();
            all.filter_map(|(company, of)| of.remove(region).map(|_| *company)).collect()
        };
        view.lease.end(look)?;
        view.has_seen(seen)?;
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

    /// Waits until this node has seen a version, and no longer than that; tells whether it has. Of a region that it does
    /// not remember it has seen nothing.
    ///
    /// # Errors
    /// When a lock is broken.
    pub async fn caught_up(&self, least: &Version, longest: Duration) -> Result<bool> {
        let all = async {
            for region in least.regions() {
                let view = self.0.memory.views.read().map_err(|_| lock())?.get(region).cloned();
                let Some((view, least)) = view.zip(least.of(region)) else { return Ok(false) };
                loop {
                    // Before looking, so that nothing is seen between looking and waiting.
                    let moved = view.moved.notified();
                    if view.covers(least)? {
                        break;
                    }
                    moved.await;
                }
            }
            Ok(true)
        };
        tokio::time::timeout(longest, all).await.unwrap_or(Ok(false))
    }

    /// Takes a changed person in at once, before the change is acknowledged. If that fails, the memory of the region
    /// refuses until the next look succeeds.
    pub(crate) async fn take_in(
        &self,
        company: CompanyId,
        region: &Region,
        ids: Vec<PersonId>,
        now: Timestamp,
    ) {
        let Ok(Some(kept)) = self.kept(company, region) else { return };
        let Ok(store) = self.region(region) else { return };
        let done = kept.reread(store, &store.data, ids, now).await;
        let Ok(Some(view)) = self.0.memory.views.read().map(|views| views.get(region).cloned()) else {
            return;
        };
        if done.is_err() {
            view.lease.expire();
        }
        view.hints.tell();
    }

    fn kept(&self, company: CompanyId, region: &Region) -> Result<Option<Arc<Kept>>> {
        let kept = self.0.memory.kept.read().map_err(|_| lock())?;
        Ok(kept.get(&company).and_then(|all| all.get(region)).cloned())
    }

    /// Takes a company's new policy into its memories; one that people must be compiled anew for is built anew.
    async fn renew(&self, company: CompanyId, now: Timestamp) -> Result<()> {
        let policy = Arc::new(self.reload_policy(company).await?.policy.clone());
        let mine: Vec<Arc<Kept>> = {
            let kept = self.0.memory.kept.read().map_err(|_| lock())?;
            kept.get(&company).into_iter().flat_map(BTreeMap::values).cloned().collect()
        };
        for kept in mine {
            let _order = kept.order.lock().await;
            if matches!(kept.take(Arc::clone(&policy), now), Ok(PolicyChange::Taken)) {
                continue;
            }
            if let Some(all) = self.0.memory.kept.write().map_err(|_| lock())?.get_mut(&company) {
                all.remove(&kept.region);
            }
            self.build_later(company, kept.region.clone(), now);
        }
        let outgrown: Vec<Region> = {
            let outgrown = self.0.memory.outgrown.read().map_err(|_| lock())?;
            outgrown.iter().filter(|(of, _)| *of == company).map(|(_, region)| region.clone()).collect()
        };
        for region in outgrown {
            self.build_later(company, region, now);
        }
        Ok(())
    }
}

impl Kept {
    /// Reads people as they are now and puts them in. What was written down counts from now on, whatever the clock said of
    /// whoever wrote it: nothing is answered for a time before.
    async fn reread(&self, store: &RegionStore, db: &Db, ids: Vec<PersonId>, now: Timestamp) -> Result<()> {
        let _order = self.order.lock().await;
        let (company, wanted) = (self.company, ids.clone());
        let mut found = db.read(move |tx| people::load_terms(tx, company, &wanted)).await?;
        let mut index = self.index.write().map_err(|_| lock())?;
        for id in ids {
            match found.remove(&id).filter(|held| held.life == Life::Active && !held.gone) {
                Some(held) => {
                    store.raise(held.acted_at);
                    index.put(&held.person, now.max(held.acted_at));
                }
                None => index.remove(id),
            }
        }
        Ok(())
    }
}

fn number() -> Result<u64> {
    Ok(u64::from_be_bytes(random()?))
}
