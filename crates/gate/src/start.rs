//! Opening an installation: stores, keyrings, companies and their policies.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use assent_kernel::{CompanyId, PersonId, Policy, Region, Timestamp};
use assent_store::home::{self, Company};
use assent_store::{Db, Kind, Place, migrate, people, policies};

use crate::ask::Standing;
use crate::callers::Callers;
use crate::error::{GateError, Result};
use crate::keys::{Keyring, RootKey};
use crate::memory::Memory;
use crate::ready::Readied;
use crate::region::RegionStore;
use crate::seal::random;

/// Where a region's store and keyring are.
#[derive(Debug, Clone)]
pub struct RegionPlaces {
    /// Which region.
    pub region: Region,
    /// Its store.
    pub data: Place,
    /// Its keyring: a database of its own, backed up apart.
    pub keys: Place,
}

/// Where an installation keeps what it keeps.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The home store.
    pub home: Place,
    /// The regions, at least one.
    pub regions: Vec<RegionPlaces>,
    /// The public host name that stands in the names of logs.
    pub host: String,
}

pub(crate) struct Inner {
    pub(crate) home: Db,
    pub(crate) regions: BTreeMap<Region, RegionStore>,
    companies: RwLock<HashMap<CompanyId, Arc<Company>>>,
    policies: RwLock<HashMap<CompanyId, Arc<Standing>>>,
    /// What this node remembers of people's terms, if it was told to.
    pub(crate) memory: Memory,
    pub(crate) callers: Callers,
    pub(crate) readied: Readied,
}

/// The one door to an installation. Cheap to clone.
#[derive(Clone)]
pub struct Gate(pub(crate) Arc<Inner>);

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

pub(crate) fn lock() -> GateError {
    GateError::Sealed("a lock is broken".into())
}

impl Gate {
    /// Opens an installation; makes its databases and first keys when there are none. Erasures that broke off are not
    /// finished yet: the clock is to be held against something first ([`Gate::watch_clock`], [`Gate::finish_erasures`]).
    ///
    /// # Errors
    /// [`GateError::Sealed`] when a key is missing or wrong or a store was set back, and what the stores say.
    pub async fn open(stores: Stores, root: &RootKey, at: Timestamp) -> Result<Self> {
        let gate = Self::open_stores(stores, root, at).await?;
        for store in gate.0.regions.values() {
            crate::integrate::take_over(store).await?;
        }
        Ok(gate)
    }

    /// Opens the stores without asking whether they are older than their ledger: for restoring only.
    pub(crate) async fn open_stores(stores: Stores, root: &RootKey, at: Timestamp) -> Result<Self> {
        let home = Db::open(stores.home.clone())?;
        migrate(&home, Kind::Home).await?;
        let mut regions = BTreeMap::new();
        for places in &stores.regions {
            // The keyring first: a start that is broken off here leaves no data behind that no key would open.
            let keys = Db::open(places.keys.clone())?;
            migrate(&keys, Kind::Keyring).await?;
            let ring = Keyring::open(keys, places.region.clone(), root, at).await?;
            let data = Db::open(places.data.clone())?;
            migrate(&data, Kind::Region).await?;
            let data = data.with_journal().await?;
            let store = RegionStore::open(data, ring, places.region.clone(), stores.host.clone()).await?;
            regions.insert(places.region.clone(), store);
        }
        let (companies, policies) = (RwLock::default(), RwLock::default());
        let inner = Inner {
            home,
            regions,
            companies,
            policies,
            memory: Memory::default(),
            callers: Callers::default(),
            readied: Readied::default(),
        };
        let gate = Self(Arc::new(inner));
        gate.load_companies().await?;
        Ok(gate)
    }

    /// Begins a new epoch in every keyring when the newest is older than a day (or at once, with `force`), wraps every
    /// key anew and destroys the old epochs' keys. Tells how many keys were wrapped anew.
    ///
    /// # Errors
    /// What the keyrings said.
    pub async fn rotate_keys(&self, at: Timestamp, force: bool) -> Result<u64> {
        let mut count: u64 = 0;
        for store in self.0.regions.values() {
            count = count.saturating_add(store.keys.rotate(store.steady(at)?, force).await?);
        }
        Ok(count)
    }

    /// The home store, for rooms' own tables. It holds no value of a person.
    #[must_use]
    pub fn home(&self) -> &Db {
        &self.0.home
    }

    /// A region's store, for rooms' own tables. What it holds of persons is sealed.
    ///
    /// # Errors
    /// [`GateError::NoRegion`] when this installation has none.
    pub fn region_db(&self, region: &Region) -> Result<&Db> {
        self.region(region).map(|store| &store.data)
    }

    /// The regions of this installation.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.0.regions.keys()
    }

    pub(crate) fn region(&self, region: &Region) -> Result<&RegionStore> {
        self.0.regions.get(region).ok_or_else(|| GateError::NoRegion(region.to_string()))
    }

    async fn load_companies(&self) -> Result<()> {
        let all = self.0.home.read(home::companies).await?;
        let mut companies = self.0.companies.write().map_err(|_| lock())?;
        *companies = all.into_iter().map(|one| (one.id, Arc::new(one))).collect();
        Ok(())
    }

    /// The companies of this installation, by code.
    ///
    /// # Errors
    /// What the store said.
    pub async fn companies(&self) -> Result<Vec<Arc<Company>>> {
        self.load_companies().await?;
        let companies = self.0.companies.read().map_err(|_| lock())?;
        let mut all: Vec<_> = companies.values().cloned().collect();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(all)
    }

    /// One company.
    ///
    /// # Errors
    /// [`GateError::NoCompany`] when there is none by that id.
    pub async fn company(&self, id: CompanyId) -> Result<Arc<Company>> {
        if let Some(found) = self.0.companies.read().map_err(|_| lock())?.get(&id) {
            return Ok(Arc::clone(found));
        }
        self.load_companies().await?;
        self.0.companies.read().map_err(|_| lock())?.get(&id).cloned().ok_or(GateError::NoCompany)
    }

    /// Founds a company with its first policy.
    ///
    /// # Errors
    /// What the store said; a code that is taken is a conflict.
    pub async fn found(&self, company: Company, policy: Policy) -> Result<()> {
        self.region(&company.region)?;
        let at = company.created_at;
        let row = company.clone();
        self.0.home.write(move |tx| home::add_company(tx, &row)).await?;
        self.load_companies().await?;
        self.set_policy(policy, at).await
    }

    /// The policy of a company as this node knows it; a decision made on an older one cannot be recorded.
    ///
    /// # Errors
    /// [`GateError::NoCompany`] when the company has none.
    pub async fn policy(&self, company: CompanyId) -> Result<Arc<Standing>> {
        if let Some(found) = self.0.policies.read().map_err(|_| lock())?.get(&company) {
            return Ok(Arc::clone(found));
        }
        self.reload_policy(company).await
    }

    /// True when that is still the policy of a company as this node knows it.
    pub(crate) fn stands(&self, company: CompanyId, standing: &Arc<Standing>) -> Result<bool> {
        let policies = self.0.policies.read().map_err(|_| lock())?;
        Ok(policies.get(&company).is_some_and(|newest| Arc::ptr_eq(newest, standing)))
    }

    pub(crate) fn stand(&self, company: CompanyId, standing: Arc<Standing>) -> Result<()> {
        let mut policies = self.0.policies.write().map_err(|_| lock())?;
        // Whoever read an older one may come last.
        if policies.get(&company).is_none_or(|known| known.policy.version <= standing.policy.version) {
            policies.insert(company, standing);
            self.0.readied.forget(company);
        }
        Ok(())
    }

    /// The policy of a company as it holds in a region now: read anew when this node's is older.
    pub(crate) async fn policy_in(&self, store: &RegionStore, company: CompanyId) -> Result<Arc<Standing>> {
        let known = self.policy(company).await?;
        let version = store.data.read(move |tx| people::policy_version(tx, company)).await?;
        if version == known.policy.version { Ok(known) } else { self.reload_policy(company).await }
    }

    /// Reads the policy of a company anew.
    ///
    /// # Errors
    /// [`GateError::NoCompany`] when the company has none.
    pub async fn reload_policy(&self, company: CompanyId) -> Result<Arc<Standing>> {
        let found = self.0.home.read(move |tx| policies::newest(tx, company)).await?;
        let (version, body) = found.ok_or(GateError::NoCompany)?;
        let standing = Arc::new(Standing::read(&body)?);
        // A node that died between writing a policy and announcing it in the regions must not leave them behind.
        self.announce(&standing.policy, version).await?;
        self.stand(company, Arc::clone(&standing))?;
        Ok(standing)
    }

    /// Ten random bytes and a time make an id: `gate.fresh(at, PersonId::new)`.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the system has no random bytes.
    pub fn fresh<T>(&self, at: Timestamp, make: fn(Timestamp, [u8; 10]) -> T) -> Result<T> {
        Ok(make(at, random()?))
    }

    /// Thirty-two random bytes for a link or a session.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the system has none.
    pub fn secret(&self) -> Result<[u8; 32]> {
        random()
    }

    /// Where a person's facts are, if they are this company's.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] otherwise.
    pub async fn region_of(&self, company: CompanyId, person: PersonId) -> Result<Region> {
        self.0.home.read(move |tx| home::region_of(tx, company, person)).await?.ok_or(GateError::NoPerson)
    }
}
