//! A fresh installation for each test, on either engine; a fixed clock; a person in one line. For tests only.

pub mod load;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use assent_gate::{Admission, Gate, Giving, NewFact, Newcomer, RegionPlaces, RootKey, Stores};
use assent_kernel::data::{self, Lang};
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Standing};
use assent_kernel::person::Contract;
use assent_kernel::{
    AsUse, Asker, CategoryKey, CompanyId, Context, ContractId, KeySet, Matter, NonEmpty, NoticeId, PartyId,
    PersonId, Policy, PurposeKey, Question, Region, Role, Span, StaffId, Terms, Timestamp, To, Use, UseSet,
    Zones,
};
use assent_store::Place;
use assent_store::home::Company;

/// The engines that every story is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Files.
    Sqlite,
    /// The server named by `ASSENT_TEST_PG`, which `cargo xtask test` starts.
    Postgres,
}

/// Tells stories to both engines: each named function takes an [`Engine`] and becomes a test on either.
#[macro_export]
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::Engine::Postgres).await;
            })+
        }
    };
}

/// Noon on 1 May 2026, when stories begin.
pub const START: Timestamp = Timestamp::from_micros(1_777_636_800_000_000);

/// An installation made for one test: a company with the shipped policy and one notice.
#[derive(Debug)]
pub struct House {
    /// Its door.
    pub gate: Gate,
    /// The company.
    pub company: CompanyId,
    /// The company as a party.
    pub home: PartyId,
    /// A member of staff.
    pub staff: StaffId,
    /// Where it keeps what it keeps.
    pub stores: Stores,
    folder: Option<tempfile::TempDir>,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The root key of test installations.
#[must_use]
pub fn root() -> RootKey {
    RootKey::for_tests([42; 32])
}

fn pg_url() -> anyhow::Result<String> {
    std::env::var("ASSENT_TEST_PG").map_err(|_| {
        anyhow::anyhow!("ASSENT_TEST_PG is not set: run `cargo xtask test`, which starts a PostgreSQL server")
    })
}

/// Makes an empty database and tells its URL.
///
/// # Errors
/// When there is no server.
pub fn pg_database(name: &str) -> anyhow::Result<String> {
    let url = pg_url()?;
    let name = name.to_owned();
    // The client runs a runtime of its own, so it must not run inside ours.
    std::thread::spawn(move || -> anyhow::Result<String> {
        let mut client = postgres::Client::connect(&url, postgres::NoTls)?;
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))?;
        client.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let (base, _) = url.rsplit_once('/').unwrap_or((&url, ""));
        Ok(format!("{base}/{name}"))
    })
    .join()
    .map_err(|_| anyhow::anyhow!("the thread panicked"))?
}

/// Makes one database anew as the copy of another, as its own tools would: whoever is connected to either is cut off.
///
/// # Errors
/// When the server cannot be reached.
pub fn pg_copy(from: &str, to: &str) -> anyhow::Result<()> {
    let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    let (url, source, copy) = (pg_url()?, name(from), name(to));
    pg_block(from, true)?;
    std::thread::spawn(move || -> anyhow::Result<()> {
        let mut client = postgres::Client::connect(&url, postgres::NoTls)?;
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {copy} WITH (FORCE)"))?;
        Ok(client.batch_execute(&format!("CREATE DATABASE {copy} TEMPLATE {source}"))?)
    })
    .join()
    .map_err(|_| anyhow::anyhow!("the thread panicked"))??;
    pg_block(from, false)?;
    pg_block(to, false)
}

/// Cuts every connection to a database and lets nobody in, or lets them in again.
///
/// # Errors
/// When the server cannot be reached.
pub fn pg_block(database: &str, block: bool) -> anyhow::Result<()> {
    let (url, name) = (pg_url()?, database.rsplit('/').next().unwrap_or_default().to_owned());
    std::thread::spawn(move || -> anyhow::Result<()> {
        let mut client = postgres::Client::connect(&url, postgres::NoTls)?;
        client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {}", !block))?;
        if block {
            client.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                &[&name],
            )?;
        }
        Ok(())
    })
    .join()
    .map_err(|_| anyhow::anyhow!("the thread panicked"))?
}

/// Fresh places for an installation.
///
/// # Errors
/// When there is no server for PostgreSQL.
pub fn places(engine: Engine, folder: &Path) -> anyhow::Result<Stores> {
    let n = NUMBER.fetch_add(1, Ordering::Relaxed);
    let place = |name: &str| -> anyhow::Result<Place> {
        Ok(match engine {
            Engine::Sqlite => Place::File(folder.join(format!("{name}.db"))),
            Engine::Postgres => Place::parse(&pg_database(&format!("t_{}_{n}_{name}", std::process::id()))?),
        })
    };
    let region = RegionPlaces { region: eu(), data: place("eu")?, keys: place("keys")? };
    Ok(Stores { home: place("home")?, regions: vec![region], host: "test.example".into() })
}

/// The region of test installations.
#[must_use]
pub fn eu() -> Region {
    key("eu", Region::new)
}

fn key<K, E: std::fmt::Debug>(text: &str, new: fn(&str) -> Result<K, E>) -> K {
    new(text).unwrap_or_else(|error| panic!("{error:?}"))
}
/// A purpose by its key.
#[must_use]
pub fn purpose(text: &str) -> PurposeKey {
    key(text, PurposeKey::new)
}
/// A category by its key.
#[must_use]
pub fn category(text: &str) -> CategoryKey {
    key(text, CategoryKey::new)
}

/// Newcomers of a company in the region of test installations, let in by nobody in particular.
#[must_use]
pub fn batch(company: CompanyId, newcomers: Vec<Newcomer>) -> Admission {
    Admission {
        company,
        region: eu(),
        newcomers,
        source: "a test".into(),
        import: None,
        asker: Asker::System,
        owner: None,
    }
}

/// The newsletter's notice: e-mail and name, to be written to, for a year.
#[must_use]
pub fn newsletter(at: Timestamp) -> Notice {
    Notice {
        id: NoticeId::from_bytes([7; 16]),
        version: 1,
        material: true,
        purpose: purpose("marketing.newsletter"),
        categories: ["contact.email", "name"].into_iter().map(category).collect(),
        uses: [Use::View, Use::List, Use::Message].into_iter().collect::<UseSet>(),
        recipients: Recipients::company_only(),
        zones: Zones::inside([eu()].into_iter().collect()),
        lasts: Span::days(365),
        published_at: at,
        wordings: vec![Wording {
            lang: "en".into(),
            title: "News".into(),
            benefit: "You hear of new brushes first.".into(),
            text: "We write to you about once a month.".into(),
            risks: "One more mail in your inbox.".into(),
            if_no: "Your brush works the same.".into(),
        }],
    }
}

fn party(code: &str, kind: PartyKind, at: Timestamp) -> Party {
    let here: KeySet<Region> = [eu()].into_iter().collect();
    Party {
        id: PartyId::from_bytes([u8::try_from(code.len()).unwrap_or(1); 16]),
        code: code.into(),
        name: code.into(),
        kind,
        engaged_by: None,
        places: Places { store: here.clone(), process: here.clone(), access: here.clone(), control: here },
        agreement: Some("contract".into()),
        transfers: Vec::new(),
        standing: Standing::Active,
        described_at: at,
    }
}

/// The policy of a test company.
///
/// # Errors
/// When the shipped data cannot be read.
pub fn policy(company: CompanyId, at: Timestamp) -> anyhow::Result<Policy> {
    let home = party("testco", PartyKind::Controller, at);
    let notice = newsletter(at);
    Ok(Policy {
        company,
        home: home.id,
        version: 0,
        purposes: data::purposes(Lang::En)?,
        categories: data::categories(Lang::En)?,
        regions: data::regions()?.into_keys().collect(),
        oldest_valid: BTreeMap::from([(notice.id, 1)]),
        notices: BTreeMap::from([(notice.id, notice)]),
        parties: BTreeMap::from([(home.id, home)]),
        mandates: data::mandates(Lang::En)?,
        legitimate_interest: false,
    })
}

impl House {
    /// A fresh installation.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn new(engine: Engine) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let stores = places(engine, folder.path())?;
        let gate = Gate::open(stores.clone(), &root(), START).await?;
        let company = CompanyId::from_bytes([1; 16]);
        let policy = policy(company, START)?;
        let home = policy.home;
        let row = Company {
            id: company,
            code: "testco".into(),
            name: "Testco".into(),
            region: eu(),
            created_at: START,
        };
        gate.found(row, policy).await?;
        Ok(Self { gate, company, home, staff: StaffId::from_bytes([9; 16]), stores, folder: Some(folder) })
    }

    /// A second node on the same stores.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn node(&self, at: Timestamp) -> anyhow::Result<Gate> {
        Ok(Gate::open(self.stores.clone(), &root(), at).await?)
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.as_ref().map_or_else(std::env::temp_dir, |folder| folder.path().to_path_buf())
    }

    /// The helpers of this type around an installation made elsewhere.
    ///
    /// # Errors
    /// When the shipped data cannot be read.
    pub fn around(gate: Gate, company: CompanyId, stores: Stores) -> anyhow::Result<Self> {
        let home = policy(company, START)?.home;
        Ok(Self { gate, company, home, staff: StaffId::from_bytes([9; 16]), stores, folder: None })
    }

    /// Admits a person with these facts and no terms: quarantined.
    ///
    /// # Errors
    /// What the gate said.
    pub async fn person(&self, n: u64, facts: &[(&str, &str)], at: Timestamp) -> anyhow::Result<PersonId> {
        self.newcomer(n, facts, Vec::new(), at).await
    }

    /// Admits a customer with a household contract.
    ///
    /// # Errors
    /// What the gate said.
    pub async fn customer(&self, n: u64, facts: &[(&str, &str)], at: Timestamp) -> anyhow::Result<PersonId> {
        let contract = Contract {
            id: ContractId::from_bytes([u8::try_from(n % 251).unwrap_or(0); 16]),
            kind: "household-customer".into(),
            from: at.minus(Span::days(10)),
            until: at.plus(Span::days(700)),
        };
        self.newcomer(n, facts, vec![contract], at).await
    }

    async fn newcomer(
        &self,
        n: u64,
        facts: &[(&str, &str)],
        contracts: Vec<Contract>,
        at: Timestamp,
    ) -> anyhow::Result<PersonId> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        let id = PersonId::from_bytes(bytes);
        let fact = |(kind, value): &(&str, &str)| NewFact {
            category: category(kind),
            value: (*value).to_owned(),
            anchors: Vec::new(),
        };
        let one = Newcomer {
            id,
            residence: None,
            minor: false,
            contracts,
            answers: Vec::new(),
            objections: Vec::new(),
            facts: facts.iter().map(fact).collect(),
        };
        let asker = Asker::Staff(self.staff, Role::Admin);
        let left = self.gate.admit(Admission { asker, ..batch(self.company, vec![one]) }, at).await?;
        anyhow::ensure!(left.is_empty(), "left out: {left:?}");
        Ok(id)
    }

    /// What a plain yes to the newsletter gives.
    ///
    /// # Errors
    /// When the company has no policy.
    pub async fn yes(&self, at: Timestamp) -> anyhow::Result<Giving> {
        let standing = self.gate.policy(self.company).await?;
        let notice = newsletter(START);
        let terms: Terms = self.gate.offered(&notice, &standing.policy, at);
        Ok(Giving {
            purpose: notice.purpose.clone(),
            terms,
            notice: notice.id,
            notice_version: 1,
            lang: "en".into(),
            uses: None,
        })
    }

    /// A question of this company's staff, to be used at home.
    pub fn question<U: AsUse>(
        &self,
        what: U,
        person: PersonId,
        role: Role,
        why: &str,
        matters: NonEmpty<Matter>,
        at: Timestamp,
    ) -> Question<U> {
        Question {
            what,
            person,
            asker: Asker::Staff(self.staff, role),
            purpose: purpose(why),
            matters,
            to: To::Party(self.home),
            region: eu(),
            at,
            context: Context::default(),
        }
    }
}
