//! Settings: defaults in code, a TOML file on top, `ASSENT_*` variables over both.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use assent_gate::{Gate, GateError, RegionPlaces, RootKey, Stores};
use assent_kernel::{Region, Span, Timestamp};
use assent_store::Place;
use assent_web::{Clock, Ctx, Limits, Network, Post, Settings};
use serde::{Deserialize, Serialize};

use crate::house::ROOMS;

/// What can be set.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder for everything that lies in files.
    pub(crate) data_dir: PathBuf,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// The address people type, without a slash at the end.
    pub(crate) base_url: Option<String>,
    /// The host that stands in the names of ledgers; never change it once something is written.
    pub(crate) ledger_host: String,
    /// The key file; default `root.key` in the data folder.
    pub(crate) key_file: Option<PathBuf>,
    /// PostgreSQL for the home store instead of a file.
    pub(crate) home: Option<String>,
    /// The regions; default one, `eu`, in files.
    pub(crate) regions: Vec<RegionConfig>,
    /// Letters.
    pub(crate) mail: Mail,
    /// The country of phone numbers without a calling code.
    pub(crate) country: String,
    /// Hosts with private addresses that may be asked all the same, such as an identity provider of one's own.
    pub(crate) private_hosts: Vec<String>,
    /// Proxies in front whose `X-Forwarded-For` is believed.
    pub(crate) proxies: Vec<IpAddr>,
    /// How often a program's key may call in a minute, on each node.
    pub(crate) calls_per_minute: u32,
    /// The largest file that is kept, in MiB.
    pub(crate) file_mib: u32,
    /// For how many days somebody who was deleted can be brought back.
    pub(crate) deleted_days: u32,
    /// For how many minutes what was opened in an emergency stays open.
    pub(crate) emergency_minutes: u32,
}

/// A region's stores.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionConfig {
    /// Such as `eu`.
    pub(crate) region: Region,
    /// A file or a `postgres://` URL.
    pub(crate) data: Option<String>,
    /// A file or a `postgres://` URL, never the same as `data`.
    pub(crate) keys: Option<String>,
}

/// How letters leave.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    /// `host:port` of an SMTP server; none = the local outbox page.
    pub(crate) smtp: Option<String>,
    /// The sender's address.
    pub(crate) from: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("assent-data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            base_url: None,
            ledger_host: "localhost".into(),
            key_file: None,
            home: None,
            regions: Vec::new(),
            mail: Mail::default(),
            country: "DE".into(),
            private_hosts: Vec::new(),
            proxies: Vec::new(),
            calls_per_minute: 1200,
            file_mib: 10,
            deleted_days: 30,
            emergency_minutes: 60,
        }
    }
}

impl Config {
    /// Reads the file, if one is given, and the variables.
    pub(crate) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut config = match file {
            None => Self::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("{} has a mistake", path.display()))?
            }
        };
        config.lay_over(|name| std::env::var(name).ok())?;
        config.check()?;
        Ok(config)
    }

    /// The settings of a made-up world in that folder: it listens where it is told, and nothing else of a real
    /// installation reaches it: no database, no key, no mail server.
    pub(crate) fn made_up(self, folder: PathBuf) -> Self {
        // Which hosts may be asked, and who stands in front, belongs to where it runs, not to what it holds.
        let Self { listen, base_url, country, private_hosts, proxies, calls_per_minute, .. } = self;
        let here =
            Self { listen, base_url, country, private_hosts, proxies, calls_per_minute, ..Self::default() };
        Self { data_dir: folder, ..here }
    }

    fn lay_over(&mut self, var: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
        if let Some(dir) = var("ASSENT_DATA_DIR") {
            self.data_dir = dir.into();
        }
        if let Some(listen) = var("ASSENT_LISTEN") {
            self.listen = listen.parse().context("ASSENT_LISTEN is not an address like 127.0.0.1:8080")?;
        }
        self.base_url = var("ASSENT_BASE_URL").or(self.base_url.take());
        self.key_file = var("ASSENT_KEY_FILE").map(Into::into).or(self.key_file.take());
        self.home = var("ASSENT_HOME").or(self.home.take());
        self.mail.smtp = var("ASSENT_SMTP").or(self.mail.smtp.take());
        self.mail.from = var("ASSENT_MAIL_FROM").or(self.mail.from.take());
        if let Some(hosts) = var("ASSENT_PRIVATE_HOSTS") {
            self.private_hosts = hosts.split(',').map(|one| one.trim().to_owned()).collect();
        }
        if let Some(proxies) = var("ASSENT_PROXIES") {
            let each = proxies.split(',').map(|one| one.trim().parse());
            self.proxies = each
                .collect::<Result<_, _>>()
                .context("ASSENT_PROXIES takes addresses, with commas between")?;
        }
        if let Some(host) = var("ASSENT_LEDGER_HOST") {
            self.ledger_host = host;
        }
        if let Some(country) = var("ASSENT_COUNTRY") {
            self.country = country;
        }
        if let Some(calls) = var("ASSENT_CALLS_PER_MINUTE") {
            self.calls_per_minute = calls.parse().context("ASSENT_CALLS_PER_MINUTE is no number")?;
        }
        Ok(())
    }

    fn check(&self) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        for one in self.stores().regions {
            if one.data == one.keys {
                bail!("region {}: the keyring must be a database of its own, not the data's", one.region);
            }
            if seen.contains(&one.region) {
                bail!("region {} is named twice", one.region);
            }
            seen.push(one.region);
        }
        if self.mail.smtp.is_some() && self.mail.from.is_none() {
            bail!("mail.from is missing: letters need a sender's address");
        }
        if !(1..=64).contains(&self.file_mib) {
            bail!("file_mib must be from 1 to 64");
        }
        if !(1..=365).contains(&self.deleted_days) {
            bail!("deleted_days must be from 1 to 365");
        }
        if !(5..=480).contains(&self.emergency_minutes) {
            bail!("emergency_minutes must be from 5 to 480");
        }
        if self.base_url.as_ref().is_some_and(|url| url.ends_with('/')) {
            bail!("base_url must not end with a slash");
        }
        Ok(())
    }

    /// The address people type.
    pub(crate) fn base_url(&self) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// The key file.
    pub(crate) fn key_path(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("root.key"))
    }

    /// Where everything is kept.
    pub(crate) fn stores(&self) -> Stores {
        let file = |name: String| Place::File(self.data_dir.join(name));
        let place =
            |text: &Option<String>, name: String| text.as_deref().map_or_else(|| file(name), Place::parse);
        let region = |one: &RegionConfig| RegionPlaces {
            region: one.region.clone(),
            data: place(&one.data, format!("{}.db", one.region)),
            keys: place(&one.keys, format!("{}.keys.db", one.region)),
        };
        let default = Region::new("eu").ok().map(|region| RegionConfig { region, data: None, keys: None });
        let regions: Vec<RegionPlaces> = if self.regions.is_empty() {
            default.iter().map(region).collect()
        } else {
            self.regions.iter().map(region).collect()
        };
        Stores { home: place(&self.home, "home.db".into()), regions, host: self.ledger_host.clone() }
    }

    /// Opens the installation that is there.
    pub(crate) async fn open(&self, clock: &Clock) -> anyhow::Result<Gate> {
        if let Place::File(home) = self.stores().home
            && !home.exists()
        {
            bail!("there is no installation in {}: `assent serve` makes one", self.data_dir.display());
        }
        self.open_or_make(clock).await
    }

    /// Opens the installation, making it when there is none; a clock that jumped ahead opens nothing.
    pub(crate) async fn open_or_make(&self, clock: &Clock) -> anyhow::Result<Gate> {
        let at = Timestamp::from_micros(clock.now());
        let gate = self.open_unwatched(at).await?;
        let counting = clock.counting();
        gate.watch_clock(at, move || Timestamp::from_micros(counting())).await?;
        if let Some(days) = quiet_days(&gate, at).await? {
            tracing::warn!(
                days,
                "this installation lay still for days: is the clock of this computer right?"
            );
        }
        // Whoever is being erased is closed already; what cannot be finished now is the worker's to try again.
        if let Err(error) = gate.finish_erasures(at).await {
            tracing::warn!(%error, "an erasure that broke off is not finished yet");
        }
        Ok(gate)
    }

    /// Opens or makes the installation, and believes the clock.
    pub(crate) async fn open_unwatched(&self, at: Timestamp) -> anyhow::Result<Gate> {
        self.make_folder()?;
        let stores = self.stores();
        // A new key for old data would open nothing: it is made only when there is nothing yet, and a server may hold something.
        let there = |place: &Place| !matches!(place, Place::File(path) if !path.exists());
        let regions = || stores.regions.iter();
        let fresh = !there(&stores.home) && !regions().any(|one| there(&one.data) || there(&one.keys));
        let key = self.key_path();
        if !fresh && !key.exists() {
            bail!(
                "there is no key file {0}: put this installation's own back; for a new installation \
                 `assent new-key {0}` makes one",
                key.display()
            );
        }
        if !there(&stores.home) && regions().any(|one| there(&one.data)) {
            bail!("the home store {:?} is missing beside the data of a region: put it back", stores.home);
        }
        if let Some(lost) = regions().find(|one| there(&one.data) && !there(&one.keys)) {
            bail!(
                "the keyring {:?} is missing beside the data that it opens: put it back, or `assent restore` with --keys-from",
                lost.keys
            );
        }
        let root = RootKey::from_file(&key, fresh)?;
        Ok(Gate::open(stores, &root, at).await?)
    }

    fn make_folder(&self) -> anyhow::Result<()> {
        let made = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.data_dir)?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                std::fs::set_permissions(&self.data_dir, std::fs::Permissions::from_mode(0o700))?;
            }
            Ok(())
        };
        made().with_context(|| format!("cannot make the data folder {}", self.data_dir.display()))
    }

    fn limits(&self) -> Limits {
        Limits {
            file_bytes: usize::try_from(self.file_mib).unwrap_or(10).saturating_mul(1024 * 1024),
            deleted_days: self.deleted_days,
            emergency_minutes: self.emergency_minutes,
        }
    }

    /// What rooms are handed.
    pub(crate) fn ctx(&self, gate: Gate, clock: Clock) -> Ctx {
        let post = match (&self.mail.smtp, &self.mail.from) {
            (Some(server), Some(from)) => Post::Smtp { server: server.clone(), from: from.clone() },
            (Some(_) | None, _) => Post::Local,
        };
        let settings = Settings {
            base_url: self.base_url(),
            post,
            data_dir: self.data_dir.clone(),
            country: self.country.clone(),
            network: Network { private_hosts: self.private_hosts.clone(), proxies: self.proxies.clone() },
            limits: self.limits(),
        };
        Ctx { gate, clock, settings: Arc::new(settings), rooms: ROOMS }
    }
}

/// For how long an installation may lie still before it is asked whether the clock is right.
const QUIET: Span = Span::days(7);

/// For how many days an installation lay still, if that is long.
pub(crate) async fn quiet_days(gate: &Gate, at: Timestamp) -> Result<Option<i64>, GateError> {
    let seen = gate.last_seen().await?.filter(|seen| at > seen.plus(QUIET));
    Ok(seen.map(|seen| at.micros().saturating_sub(seen.micros()) / Span::days(1).micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_lie_over_the_file_and_mistakes_are_named() {
        let mut config: Config =
            toml::from_str("listen = '127.0.0.1:9000'\n[mail]\nfrom = 'a@example.org'").unwrap();
        config.lay_over(|name| (name == "ASSENT_SMTP").then(|| "127.0.0.1:25".into())).unwrap();
        assert_eq!(config.mail.smtp.as_deref(), Some("127.0.0.1:25"));
        assert_eq!(config.base_url(), "http://127.0.0.1:9000");
        assert!(toml::from_str::<Config>("lisen = 'x'").is_err());
        let twice = "[[regions]]\nregion = 'eu'\n[[regions]]\nregion = 'eu'";
        assert!(toml::from_str::<Config>(twice).unwrap().check().is_err());
        let same = "[[regions]]\nregion = 'eu'\ndata = 'x.db'\nkeys = 'x.db'";
        assert!(toml::from_str::<Config>(same).unwrap().check().is_err());
    }

    #[test]
    fn a_made_up_world_reaches_nothing_real() {
        let real = "home = 'postgres://db/home'\nkey_file = '/etc/assent/root.key'\nlisten = '127.0.0.1:9000'\n\
            [mail]\nsmtp = 'mail:25'\nfrom = 'a@example.org'\n\
            [[regions]]\nregion = 'us'\ndata = 'postgres://db/us'\nkeys = 'postgres://keys/us'";
        let config = toml::from_str::<Config>(real).unwrap().made_up("demo".into());
        let stores = config.stores();
        assert_eq!(stores.home, Place::File("demo/home.db".into()));
        let places: Vec<_> = stores.regions.iter().map(|one| (one.data.clone(), one.keys.clone())).collect();
        assert_eq!(places, [(Place::File("demo/eu.db".into()), Place::File("demo/eu.keys.db".into()))]);
        assert_eq!(config.key_path(), PathBuf::from("demo/root.key"));
        assert_eq!((config.mail.smtp, config.mail.from), (None, None));
        assert_eq!(config.listen.port(), 9000);
    }

    #[tokio::test]
    async fn a_start_that_broke_off_goes_on_and_a_lost_home_is_not_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().into(), ..Config::default() };
        let lose = |store: &str| {
            for suffix in ["", "-wal", "-shm", "-uses0", "-uses1"] {
                std::fs::remove_file(folder.path().join(format!("{store}{suffix}"))).ok();
            }
        };
        drop(config.open_or_make(&Clock::System).await.unwrap());
        // Killed between the keyring and the data, nothing was ever kept.
        lose("eu.db");
        drop(config.open_or_make(&Clock::System).await.unwrap());
        lose("home.db");
        let told = config.open_or_make(&Clock::System).await.unwrap_err().to_string();
        assert!(told.contains("home store"), "{told}");
        assert!(!folder.path().join("home.db").exists());
    }

    #[test]
    fn the_settings_in_the_guide_are_settings() {
        let guide = include_str!("../../../docs/operating.md");
        let (_, rest) = guide.split_once("```toml\n").unwrap();
        let config: Config = toml::from_str(rest.split("```").next().unwrap()).unwrap();
        config.check().unwrap();
        assert!(matches!(config.stores().home, Place::Server(_)));
        assert!(config.mail.smtp.is_some() && config.regions.len() == 1);
    }
}
