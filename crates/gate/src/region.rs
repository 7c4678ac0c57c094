//! One region, open: its store, its keyring, its ledgers and the queue through which every use is written down.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use assent_kernel::{CompanyId, Region, Timestamp};
use assent_store::{Db, ledger};
use tokio::sync::Notify;

use crate::append::Queue;
use crate::clock::{SLACK, Watch};
use crate::error::{GateError, Result};
use crate::keys::{Key, Keyring};

/// One region of an installation, open.
pub(crate) struct RegionStore {
    pub(crate) region: Region,
    pub(crate) data: Db,
    pub(crate) keys: Keyring,
    pub(crate) queue: Queue,
    /// Wakes the integrator.
    pub(crate) appended: Arc<Notify>,
    /// The newest time recorded by anybody, in microseconds.
    floor: AtomicI64,
    /// What the computer's clock is held against, once somebody said so.
    watch: OnceLock<Watch>,
    blind: Mutex<HashMap<CompanyId, Key>>,
    own: Mutex<HashMap<CompanyId, Key>>,
    host: String,
}

impl std::fmt::Debug for RegionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegionStore({})", self.region)
    }
}

impl RegionStore {
    pub(crate) async fn open(data: Db, keys: Keyring, region: Region, host: String) -> Result<Self> {
        let appended = Arc::new(Notify::new());
        let queue = Queue::start(data.clone(), Arc::clone(&appended));
        let floor = AtomicI64::new(0);
        let store = Self {
            region,
            data,
            keys,
            queue,
            appended,
            floor,
            watch: OnceLock::new(),
            blind: Mutex::default(),
            own: Mutex::default(),
            host,
        };
        store.read_floor().await?;
        Ok(store)
    }

    /// The name of a company's log here (C2SP origin): host, company, region.
    pub(crate) fn log(&self, company_code: &str) -> String {
        format!("{}/ledger/{company_code}/{}", self.host, self.region)
    }

    /// Learns the newest recorded time from the store: other nodes record too.
    pub(crate) async fn read_floor(&self) -> Result<()> {
        let floor = self.data.read(ledger::floor).await?;
        self.raise(floor);
        if let Some(watch) = self.watch.get() {
            watch.hear(self.server_time().await?);
        }
        Ok(())
    }

    /// What the database's server says the time is; a file has no clock of its own.
    pub(crate) async fn server_time(&self) -> Result<Option<Timestamp>> {
        Ok(self.data.read(ledger::server_time).await?)
    }

    /// From now on the clock is held against something; what was set first stays.
    pub(crate) fn watch(&self, watch: Watch) {
        let _ = self.watch.set(watch);
    }

    /// What the clock is held against, if anybody said so.
    pub(crate) fn watching(&self) -> Option<&Watch> {
        self.watch.get()
    }

    pub(crate) fn raise(&self, at: Timestamp) {
        self.floor.fetch_max(at.micros(), Ordering::Relaxed);
    }

    pub(crate) fn floor(&self) -> Timestamp {
        Timestamp::from_micros(self.floor.load(Ordering::Relaxed))
    }

    /// The time to decide at: never before anything recorded, so that no terms revive; a clock that is far behind
    /// is refused outright, and so is one that is far ahead of everything.
    pub(crate) fn steady(&self, at: Timestamp) -> Result<Timestamp> {
        let floor = self.floor();
        if self.is_behind(at) {
            return Err(GateError::ClockWentBack);
        }
        self.watch.get().map_or(Ok(()), |watch| watch.believes(at, floor))?;
        Ok(at.max(floor))
    }

    /// True when a clock lags too far behind what is recorded.
    pub(crate) fn is_behind(&self, at: Timestamp) -> bool {
        at.plus(SLACK) < self.floor()
    }

    /// The key of a company's blind tokens.
    pub(crate) async fn blind(&self, company: CompanyId) -> Result<Key> {
        self.remembered(&self.blind, company, "blind").await
    }

    /// The key of a company's own texts.
    pub(crate) async fn own(&self, company: CompanyId) -> Result<Key> {
        self.remembered(&self.own, company, "own").await
    }

    async fn remembered(
        &self,
        known: &Mutex<HashMap<CompanyId, Key>>,
        company: CompanyId,
        kind: &str,
    ) -> Result<Key> {
        let broken = || GateError::Sealed("a lock is broken".into());
        if let Some(key) = known.lock().map_err(|_| broken())?.get(&company) {
            return Ok(key.clone());
        }
        let key = self.keys.named(&format!("{kind}/{company}")).await?;
        known.lock().map_err(|_| broken())?.insert(company, key.clone());
        Ok(key)
    }
}
