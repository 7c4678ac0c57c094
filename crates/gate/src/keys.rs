//! Keys: root → region → epoch → person → fact, salt, detail. Whoever destroys one destroys what lies below it.
//!
//! The root key is a file beside the store, or a passphrase's work; the rest lies wrapped in a keyring, a database of
//! its own for each region. An epoch lasts a day: then the keys of persons are wrapped anew and the old epoch's key is
//! destroyed. A copy of a whole keyring opens what it holds until the copy is gone: keep copies for thirty days at most.

use std::collections::HashMap;
use std::path::Path;
use std::sync::RwLock;

use assent_kernel::{FactId, PersonId, Region, Span, Timestamp};
use assent_store::keyring::{self as rows, Erasure};
use assent_store::{Db, StoreError, Tx};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clock::SLACK;
use crate::error::{GateError, Result};
use crate::seal::{open, random, seal};

/// Thirty-two secret bytes, wiped when dropped and never printed.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    fn fresh() -> Result<Self> {
        Ok(Self(Zeroizing::new(random()?)))
    }
    fn from_slice(bytes: &[u8]) -> Result<Self> {
        let bytes: [u8; 32] =
            bytes.try_into().map_err(|_| GateError::Sealed("a key has the wrong length".into()))?;
        Ok(Self(Zeroizing::new(bytes)))
    }
    /// The key for one purpose below this one (HKDF-SHA256, RFC 5869).
    pub(crate) fn below(&self, label: &str) -> Self {
        let mut out = Zeroizing::new([0u8; 32]);
        // Expanding to 32 bytes cannot fail: the bound is 255 blocks.
        let _ = Hkdf::<Sha256>::new(None, &*self.0).expand(label.as_bytes(), &mut *out);
        Self(out)
    }
    fn below_id(&self, label: &str, id: [u8; 16]) -> Self {
        let mut out = Zeroizing::new([0u8; 32]);
        let _ = Hkdf::<Sha256>::new(None, &*self.0).expand_multi_info(&[label.as_bytes(), &id], &mut *out);
        Self(out)
    }
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
    fn wrap(&self, inner: &Self, name: &str) -> Result<Vec<u8>> {
        seal(&self.0, name.as_bytes(), &*inner.0)
    }
    fn unwrap_named(&self, wrapped: &[u8], name: &str) -> Result<Self> {
        let plain = Zeroizing::new(open(&self.0, name.as_bytes(), wrapped)?);
        Self::from_slice(&plain)
    }
    /// A keyed hash, cut to the first eight bytes: a blind token.
    pub(crate) fn token(&self, parts: &[&[u8]]) -> i64 {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) else { return 0 };
        for part in parts {
            mac.update(part);
        }
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        full.first_chunk::<8>().map_or(0, |eight| i64::from_be_bytes(*eight))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// A person's key and those below it.
#[derive(Clone, Debug)]
pub(crate) struct PersonKey(Key);

impl PersonKey {
    /// The key under which a log's own entries are written.
    pub(crate) const fn of_system(key: Key) -> Self {
        Self(key)
    }
    pub(crate) fn fact(&self, fact: FactId) -> Key {
        self.0.below_id("assent/fact/v1", fact.to_bytes())
    }
    pub(crate) fn salt(&self) -> Key {
        self.0.below("assent/salt/v1")
    }
    pub(crate) fn detail(&self) -> Key {
        self.0.below("assent/detail/v1")
    }
    /// Seals this person's part of uses on many people.
    pub(crate) fn among(&self) -> Key {
        self.0.below("assent/among/v1")
    }
    pub(crate) fn mail(&self) -> Key {
        self.0.below("assent/mail/v1")
    }
}

/// The root of all keys of an installation.
#[derive(Clone, Debug)]
pub struct RootKey(Key);

impl RootKey {
    /// Reads the key file, or makes one that only its owner may read.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the file is missing although there is data, is open to others, or is no key.
    pub fn from_file(path: &Path, may_create: bool) -> Result<Self> {
        match std::fs::read(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_create => Self::new_file(path),
            Err(error) => {
                Err(GateError::Sealed(format!("cannot read the key file {}: {error}", path.display())))
            }
        }
    }

    fn parse(path: &Path, text: &[u8]) -> Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_or(0, |meta| meta.permissions().mode());
            if mode & 0o077 != 0 {
                return Err(GateError::Sealed(format!(
                    "the key file {} may be read by others: run `chmod 600 {}`",
                    path.display(),
                    path.display()
                )));
            }
        }
        let text = Zeroizing::new(String::from_utf8_lossy(text).trim().to_owned());
        let hex = text.strip_prefix("assent-root-1:").unwrap_or_default();
        let bytes: Option<Vec<u8>> = (0..hex.len() / 2)
            .map(|i| hex.get(i * 2..i * 2 + 2).and_then(|two| u8::from_str_radix(two, 16).ok()))
            .collect();
        let bytes = Zeroizing::new(bytes.unwrap_or_default());
        Key::from_slice(&bytes)
            .map(Self)
            .map_err(|_| GateError::Sealed(format!("{} is not a key file of this program", path.display())))
    }

    /// Makes a key and its file, readable by nobody else.
    ///
    /// # Errors
    /// [`GateError::Sealed`] when the file is there already or cannot be written.
    pub fn new_file(path: &Path) -> Result<Self> {
        use std::io::Write as _;
        let key = Key::fresh()?;
        let hex: Zeroizing<String> = Zeroizing::new(key.0.iter().map(|byte| format!("{byte:02x}")).collect());
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let write = || -> std::io::Result<()> {
            let mut file = options.open(path)?;
            writeln!(file, "assent-root-1:{}", hex.as_str())?;
            file.sync_all()
        };
        write()
            .map_err(|e| GateError::Sealed(format!("cannot write the key file {}: {e}", path.display())))?;
        Ok(Self(key))
    }

    #[cfg(test)]
    pub(crate) fn below_for_tests(&self, label: &str) -> Key {
        self.0.below(label)
    }

    /// A root key of these bytes: for tests.
    #[must_use]
    pub fn for_tests(bytes: [u8; 32]) -> Self {
        Self(Key(Zeroizing::new(bytes)))
    }
}

/// What a wrapped key is known by, without the key.
pub(crate) type Digest = [u8; 32];

fn digest(wrapped: &[u8]) -> Digest {
    Sha256::digest(wrapped).into()
}

/// What is left of somebody whose key is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Nothing.
    Nothing,
    /// What a law keeps, sealed under that next key.
    Under(Digest),
}

/// How often something is tried again because another process began an epoch meanwhile.
const MOST_TRIES: usize = 4;

/// How long an epoch lasts.
const EPOCH: Span = Span::days(1);

/// A region's keyring, open.
pub(crate) struct Keyring {
    region: Region,
    db: Db,
    top: Key,
    epochs: RwLock<HashMap<i64, Key>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({})", self.region)
    }
}

impl Keyring {
    /// Opens a keyring under the root key; makes its first keys when it is empty.
    pub(crate) async fn open(db: Db, region: Region, root: &RootKey, at: Timestamp) -> Result<Self> {
        let name = format!("region/{region}");
        let fresh = root.0.wrap(&Key::fresh()?, &name)?;
        let wanted = name.clone();
        let wrapped = db
            .write(move |tx| {
                rows::add_wrapped(tx, &wanted, 0, &fresh)?;
                rows::wrapped(tx, &wanted)
            })
            .await?;
        let (_, wrapped) = wrapped.ok_or_else(|| GateError::Sealed("the region's key is missing".into()))?;
        let top = root.0.unwrap_named(&wrapped, &name).map_err(|_| {
            GateError::Sealed(format!(
                "the root key does not open the keyring of {region}: it is another installation's"
            ))
        })?;
        let ring = Self { region, db, top, epochs: RwLock::default() };
        ring.begin_epoch(1, at).await?;
        ring.load_epochs().await?;
        Ok(ring)
    }

    pub(crate) const fn db(&self) -> &Db {
        &self.db
    }

    /// When the newest epoch began: at most a day before this keyring was last in use by a node that served.
    pub(crate) async fn rotated_at(&self) -> Result<Option<Timestamp>> {
        Ok(self.db.read(rows::epochs).await?.last().map(|(_, made, _)| *made))
    }

    /// Begins anew with the days when the newest one is of a time that did not come yet: by then no key would change.
    pub(crate) async fn not_ahead_of(&self, at: Timestamp) -> Result<()> {
        if self.rotated_at().await?.is_some_and(|newest| newest > at.plus(SLACK)) {
            self.rotate(at, true).await?;
        }
        Ok(())
    }

    async fn begin_epoch(&self, n: i64, at: Timestamp) -> Result<()> {
        let known = self.db.read(rows::epochs).await?;
        if known.iter().any(|(known, _, _)| *known >= n) {
            return Ok(());
        }
        let body = self.top.wrap(&Key::fresh()?, &format!("epoch/{n}"))?;
        Ok(self.db.write(move |tx| rows::add_epoch(tx, n, at, &body)).await?)
    }

    async fn load_epochs(&self) -> Result<()> {
        let mut open = HashMap::new();
        for (n, _, body) in self.db.read(rows::epochs).await? {
            open.insert(n, self.top.unwrap_named(&body, &format!("epoch/{n}"))?);
        }
        *self.epochs.write().map_err(|_| lock())? = open;
        Ok(())
    }

    fn epoch(&self, n: i64) -> Result<Option<Key>> {
        Ok(self.epochs.read().map_err(|_| lock())?.get(&n).cloned())
    }

    fn newest(&self) -> Result<(i64, Key)> {
        let epochs = self.epochs.read().map_err(|_| lock())?;
        let newest = epochs.iter().max_by_key(|(n, _)| **n).map(|(n, key)| (*n, key.clone()));
        newest.ok_or_else(|| GateError::Sealed("the keyring has no epoch".into()))
    }

    /// Makes keys for people who have none and hands out the key of each; who has one keeps it.
    pub(crate) async fn make(&self, people: &[PersonId]) -> Result<HashMap<PersonId, PersonKey>> {
        for _ in 0..MOST_TRIES {
            let (n, epoch) = self.newest()?;
            let mut fresh = Vec::with_capacity(people.len());
            for person in people {
                fresh.push((*person, n, epoch.wrap(&Key::fresh()?, &person.to_string())?));
            }
            let ids = people.to_vec();
            let made = self.db.write(move |tx| {
                rows::add_person_keys(tx, &fresh)?;
                rows::person_keys(tx, &ids)
            });
            match made.await {
                // Another process began an epoch and destroyed this one meanwhile.
                Err(StoreError::Moved) => self.load_epochs().await?,
                other => return self.unwrap_all(other?).await,
            }
        }
        Err(GateError::Busy)
    }

    /// The keys of these people; who was erased has none.
    pub(crate) async fn of(&self, people: &[PersonId]) -> Result<HashMap<PersonId, PersonKey>> {
        let ids = people.to_vec();
        let wrapped = self.db.read(move |tx| rows::person_keys(tx, &ids)).await?;
        self.unwrap_all(wrapped).await
    }

    async fn unwrap_all(
        &self,
        wrapped: Vec<(PersonId, i64, Vec<u8>)>,
    ) -> Result<HashMap<PersonId, PersonKey>> {
        let mut out = HashMap::with_capacity(wrapped.len());
        for (person, n, body) in wrapped {
            let key = match self.epoch(n)? {
                Some(key) => key,
                // Another node may have begun an epoch meanwhile.
                None => {
                    self.load_epochs().await?;
                    self.epoch(n)?
                        .ok_or_else(|| GateError::Sealed("a key of an epoch that is gone".into()))?
                }
            };
            out.insert(person, PersonKey(key.unwrap_named(&body, &person.to_string())?));
        }
        Ok(out)
    }

    /// A person's next key, kept aside until [`Keyring::destroy`] puts it in place of the old one, and what it is known by.
    pub(crate) async fn make_next(&self, person: PersonId) -> Result<(PersonKey, Digest)> {
        let name = format!("next/{person}");
        let body = self.top.wrap(&Key::fresh()?, &name)?;
        let kept = self
            .db
            .write({
                let name = name.clone();
                move |tx| {
                    rows::add_wrapped(tx, &name, 0, &body)?;
                    rows::wrapped(tx, &name)
                }
            })
            .await?;
        let (_, body) = kept.ok_or_else(|| GateError::Sealed("a key vanished".into()))?;
        Ok((PersonKey(self.top.unwrap_named(&body, &name)?), digest(&body)))
    }

    /// Destroys a person's key, and enters the erasure in the register in the same commit. When a law keeps something, the
    /// key that it was sealed under and that [`Keyring::make_next`] set aside takes its place. Done twice, it is done
    /// once; and whoever comes late takes no key that was set aside for another erasure.
    pub(crate) async fn destroy(&self, line: Erasure, keeps: Keeps) -> Result<()> {
        for _ in 0..MOST_TRIES {
            let (n, epoch) = self.newest()?;
            let (top, line) = (self.top.clone(), line.clone());
            match self.db.write(move |tx| replace(tx, &line, keeps, &top, n, &epoch)).await {
                Err(StoreError::Moved) => self.load_epochs().await?,
                other => return Ok(other?),
            }
        }
        Err(GateError::Busy)
    }

    /// Begins a new epoch when the newest is older than a day, wraps every key anew and destroys the old epochs' keys.
    /// Tells how many keys were wrapped anew.
    pub(crate) async fn rotate(&self, at: Timestamp, force: bool) -> Result<u64> {
        let epochs = self.db.read(rows::epochs).await?;
        let Some((newest, made, _)) = epochs.last().cloned() else { return Ok(0) };
        let due = force || made.plus(EPOCH) <= at;
        let n = if due { newest.saturating_add(1) } else { newest };
        self.begin_epoch(n, at).await?;
        self.load_epochs().await?;
        let mut count = 0;
        loop {
            let batch = self.db.read(move |tx| rows::old_keys(tx, n, 4096)).await?;
            if batch.is_empty() {
                break;
            }
            count += batch.len() as u64;
            self.rewrap(batch, n).await?;
        }
        let old: Vec<i64> = epochs.iter().map(|(old, _, _)| *old).filter(|old| *old < n).collect();
        self.db.write(move |tx| old.into_iter().try_for_each(|old| rows::drop_epoch(tx, old))).await?;
        self.load_epochs().await?;
        Ok(count)
    }

    async fn rewrap(&self, batch: Vec<(PersonId, i64, Vec<u8>)>, n: i64) -> Result<()> {
        let to = self.epoch(n)?.ok_or_else(|| GateError::Sealed("the new epoch is missing".into()))?;
        let mut out = Vec::with_capacity(batch.len());
        for (person, from, body) in batch {
            let key = self.epoch(from)?.ok_or_else(|| GateError::Sealed("an old epoch is missing".into()))?;
            let name = person.to_string();
            out.push((person, from, to.wrap(&key.unwrap_named(&body, &name)?, &name)?));
        }
        let write = move |tx: &mut Tx<'_>| {
            out.iter().try_for_each(|(person, from, body)| rows::rewrap(tx, *person, *from, n, body))
        };
        Ok(self.db.write(write).await?)
    }

    /// A key by name, made when there is none: of a company's blind tokens, of a log.
    pub(crate) async fn named(&self, name: &str) -> Result<Key> {
        let body = self.top.wrap(&Key::fresh()?, name)?;
        let wanted = name.to_owned();
        let kept = self
            .db
            .write(move |tx| {
                rows::add_wrapped(tx, &wanted, 0, &body)?;
                rows::wrapped(tx, &wanted)
            })
            .await?;
        let (_, body) = kept.ok_or_else(|| GateError::Sealed("a key vanished".into()))?;
        self.top.unwrap_named(&body, name)
    }

    /// The key that signs a log.
    pub(crate) async fn signing(&self, log: &str) -> Result<SigningKey> {
        Ok(SigningKey::from_bytes(self.named(&format!("log/{log}")).await?.bytes()))
    }
}

/// The transaction of [`Keyring::destroy`].
fn replace(
    tx: &mut Tx<'_>,
    line: &Erasure,
    keeps: Keeps,
    top: &Key,
    n: i64,
    epoch: &Key,
) -> std::result::Result<(), StoreError> {
    let damaged = |_| StoreError::Damaged("a key set aside does not open".into());
    let (name, person) = (format!("next/{}", line.person), line.person);
    match rows::wrapped(tx, &name)? {
        Some((_, body)) if keeps == Keeps::Under(digest(&body)) => {
            let key = top.unwrap_named(&body, &name).map_err(damaged)?;
            let wrapped = epoch.wrap(&key, &person.to_string()).map_err(damaged)?;
            rows::drop_person_key(tx, person)?;
            rows::add_person_keys(tx, &[(person, n, wrapped)])?;
            rows::drop_wrapped(tx, &name)?;
        }
        Some(_) | None => match keeps {
            // The new key is in its place already, or what waits is another erasure's.
            Keeps::Under(_) => {}
            Keeps::Nothing => {
                rows::drop_person_key(tx, person)?;
                rows::drop_wrapped(tx, &name)?;
            }
        },
    }
    rows::add_erasure(tx, line)
}

fn lock() -> GateError {
    GateError::Sealed("a lock is broken".into())
}

#[cfg(test)]
mod tests {
    use assent_kernel::CompanyId;
    use assent_store::{Kind, Place, migrate};

    use super::*;

    const MIA: PersonId = PersonId::from_bytes([7; 16]);

    async fn key(ring: &Keyring) -> Option<[u8; 32]> {
        ring.of(&[MIA]).await.unwrap().remove(&MIA).map(|key| *key.0.bytes())
    }

    /// Two erasures of one person: whoever finishes the first comes late, while the second has set its key aside.
    #[tokio::test]
    async fn a_late_finisher_takes_no_key_of_another_erasure() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(Place::File(folder.path().join("keys.db"))).unwrap();
        migrate(&db, Kind::Keyring).await.unwrap();
        let (region, at) = (Region::new("eu").unwrap(), Timestamp::from_micros(1_700_000_000_000_000));
        let root = RootKey::for_tests([3; 32]);
        let ring = Keyring::open(db, region.clone(), &root, at).await.unwrap();
        ring.make(&[MIA]).await.unwrap();
        let line = Erasure { person: MIA, company: CompanyId::from_bytes([1; 16]), region, at };
        let (first, under) = ring.make_next(MIA).await.unwrap();
        let first = *first.0.bytes();
        for _ in 0..2 {
            ring.destroy(line.clone(), Keeps::Under(under)).await.unwrap();
            assert_eq!(key(&ring).await, Some(first));
        }
        let (second, then) = ring.make_next(MIA).await.unwrap();
        let second = *second.0.bytes();
        ring.destroy(line.clone(), Keeps::Under(under)).await.unwrap();
        assert_eq!(key(&ring).await, Some(first), "what the law keeps lies under it");
        ring.destroy(line.clone(), Keeps::Under(then)).await.unwrap();
        assert_eq!(key(&ring).await, Some(second));
        ring.destroy(line, Keeps::Nothing).await.unwrap();
        assert_eq!(key(&ring).await, None);
    }
}
