//! The keyring's rows: keys wrapped by other keys. Bytes here mean nothing without the root key.

use assent_kernel::{CompanyId, PersonId, Region, Timestamp};

use crate::db::{Insert, Tx};
use crate::dialect::hex_list;
use crate::error::{Result, StoreError};
use crate::value::Value;

const WRAPPED: &str = "SELECT epoch, body FROM wrapped WHERE name = $1";
const ADD_WRAPPED: &str =
    "INSERT INTO wrapped (name, epoch, body) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
const DROP_WRAPPED: &str = "DELETE FROM wrapped WHERE name = $1";
const EPOCHS: &str = "SELECT n, made_at, body FROM epoch ORDER BY n";
const ADD_EPOCH: &str = "INSERT INTO epoch (n, made_at, body) VALUES ($1, $2, $3) ON CONFLICT (n) DO NOTHING";
const DROP_EPOCH: &str =
    "DELETE FROM epoch WHERE n = $1 AND NOT EXISTS (SELECT 1 FROM person_key WHERE epoch = $1)";
const EPOCH_SHARED: &str = "SELECT n FROM epoch WHERE n = $1 {share}";
const EPOCH_LOCKED: &str = "SELECT n FROM epoch WHERE n = $1 {lock}";
const PERSON_KEYS: &str = "SELECT person, epoch, body FROM person_key WHERE person {ids 1}";
const OLD_KEYS: &str = "SELECT person, epoch, body FROM person_key WHERE epoch < $1 ORDER BY person LIMIT $2";
const REWRAP: &str = "UPDATE person_key SET epoch = $3, body = $4 WHERE person = $1 AND epoch = $2";
const DROP_PERSON_KEY: &str = "DELETE FROM person_key WHERE person = $1";
const SIGNER: &str = "SELECT size, root FROM signer WHERE log = $1";
const ADD_SIGNER: &str =
    "INSERT INTO signer (log, size, root) VALUES ($1, $2, $3) ON CONFLICT (log) DO NOTHING";
const MOVE_SIGNER: &str = "UPDATE signer SET size = $2, root = $3 WHERE log = $1 AND size = $4 AND root = $5";
const ERASURES: &str =
    "SELECT person, company, region, at FROM erasure WHERE person > $1 ORDER BY person LIMIT 1000";
const ADD_ERASURE: &str = "INSERT INTO erasure (person, company, region, at) VALUES ($1, $2, $3, $4) ON CONFLICT (person) DO NOTHING";
const SIGNERS: &str = "SELECT log, size, root FROM signer ORDER BY log";
const FORCE_SIGNER: &str = "UPDATE signer SET size = $2, root = $3 WHERE log = $1";
const ADD_WISH: &str = "INSERT INTO wish (person, company, at, sealed) VALUES ($1, $2, $3, $4)";
const WISHES: &str =
    "SELECT seq, person, company, at, sealed FROM wish WHERE seq > $1 ORDER BY seq LIMIT 1000";
const DROP_WISHES: &str = "DELETE FROM wish WHERE person = $1";
const ADD_PERSON_KEY: Insert = Insert {
    head: "INSERT INTO person_key (person, epoch, body) VALUES",
    columns: 3,
    tail: "ON CONFLICT (person) DO NOTHING",
};

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    WRAPPED,
    ADD_WRAPPED,
    DROP_WRAPPED,
    EPOCHS,
    ADD_EPOCH,
    DROP_EPOCH,
    EPOCH_SHARED,
    EPOCH_LOCKED,
    PERSON_KEYS,
    OLD_KEYS,
    REWRAP,
    DROP_PERSON_KEY,
    SIGNER,
    ADD_SIGNER,
    MOVE_SIGNER,
    ERASURES,
    ADD_ERASURE,
    SIGNERS,
    FORCE_SIGNER,
    ADD_WISH,
    WISHES,
    DROP_WISHES,
];

/// A key as it lies here: the epoch whose key wraps it, and the wrapped bytes.
pub type Wrapped = (i64, Vec<u8>);

/// A key by name: of the region, of a company, of a log.
///
/// # Errors
/// What the engine said.
pub fn wrapped(tx: &mut Tx<'_>, name: &str) -> Result<Option<Wrapped>> {
    tx.first(WRAPPED, &[name.into()], |row| Ok((row.int(0)?, row.blob(1)?)))
}

/// Keeps a key by name, unless there is one; whoever was first wins.
///
/// # Errors
/// What the engine said.
pub fn add_wrapped(tx: &mut Tx<'_>, name: &str, epoch: i64, body: &[u8]) -> Result<()> {
    tx.exec(ADD_WRAPPED, &[name.into(), epoch.into(), body.into()]).map(|_| ())
}

/// Destroys a key by name.
///
/// # Errors
/// What the engine said.
pub fn drop_wrapped(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    tx.exec(DROP_WRAPPED, &[name.into()]).map(|_| ())
}

/// The epochs whose keys still exist: number, made when, wrapped key.
///
/// # Errors
/// What the engine said.
pub fn epochs(tx: &mut Tx<'_>) -> Result<Vec<(i64, Timestamp, Vec<u8>)>> {
    tx.rows(EPOCHS, &[], |row| Ok((row.int(0)?, row.time(1)?, row.blob(2)?)))
}

/// Begins an epoch, unless it has begun; whoever was first wins.
///
/// # Errors
/// What the engine said.
pub fn add_epoch(tx: &mut Tx<'_>, n: i64, at: Timestamp, body: &[u8]) -> Result<()> {
    tx.exec(ADD_EPOCH, &[n.into(), at.into(), body.into()]).map(|_| ())
}

/// Destroys an epoch's key, unless it still wraps somebody's: then it waits for the next round.
///
/// # Errors
/// What the engine said.
pub fn drop_epoch(tx: &mut Tx<'_>, n: i64) -> Result<()> {
    // Whoever is adding keys under it holds the row; what they added is seen by the next statement.
    tx.first(EPOCH_LOCKED, &[n.into()], |row| row.int(0))?;
    tx.exec(DROP_EPOCH, &[n.into()]).map(|_| ())
}

/// Keeps people's keys, all wrapped by one epoch; one that exists stays.
///
/// # Errors
/// [`StoreError::Moved`] when that epoch is gone: wrap them by the newest.
pub fn add_person_keys(tx: &mut Tx<'_>, keys: &[(PersonId, i64, Vec<u8>)]) -> Result<()> {
    let Some(epoch) = keys.first().map(|key| key.1) else { return Ok(()) };
    tx.first(EPOCH_SHARED, &[epoch.into()], |row| row.int(0))?.ok_or(StoreError::Moved)?;
    let values: Vec<Value<'_>> =
        keys.iter().flat_map(|key| [key.0.into(), key.1.into(), (&key.2).into()]).collect();
    tx.insert(&ADD_PERSON_KEY, &values).map(|_| ())
}

/// The keys of these people; who was erased has none.
///
/// # Errors
/// What the engine said.
pub fn person_keys(tx: &mut Tx<'_>, people: &[PersonId]) -> Result<Vec<(PersonId, i64, Vec<u8>)>> {
    let raw: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    tx.rows(PERSON_KEYS, &[hex_list(&raw).as_str().into()], read_key)
}

fn read_key(row: &crate::value::Row<'_>) -> Result<(PersonId, i64, Vec<u8>)> {
    Ok((PersonId::from_bytes(row.fixed(0)?), row.int(1)?, row.blob(2)?))
}

/// Keys still wrapped by an epoch before `epoch`.
///
/// # Errors
/// What the engine said.
pub fn old_keys(tx: &mut Tx<'_>, epoch: i64, most: u32) -> Result<Vec<(PersonId, i64, Vec<u8>)>> {
    tx.rows(OLD_KEYS, &[epoch.into(), i64::from(most).into()], read_key)
}

/// Replaces the wrapping of a person's key.
///
/// # Errors
/// What the engine said.
pub fn rewrap(tx: &mut Tx<'_>, person: PersonId, from: i64, to: i64, body: &[u8]) -> Result<()> {
    tx.exec(REWRAP, &[person.into(), from.into(), to.into(), body.into()]).map(|_| ())
}

/// Destroys a person's key. What it sealed is noise from here on.
///
/// # Errors
/// What the engine said.
pub fn drop_person_key(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(DROP_WISHES, &[person.into()])?;
    tx.exec(DROP_PERSON_KEY, &[person.into()]).map(|_| ())
}

/// A line of the register of wishes: what a person took back or refused, sealed under their key. It lives beside the
/// keys so that a restored copy of the data cannot forget it.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its number.
    pub seq: i64,
    /// Who.
    pub person: PersonId,
    /// Whose customer.
    pub company: CompanyId,
    /// When.
    pub at: Timestamp,
    /// What, sealed.
    pub sealed: Vec<u8>,
}

/// Adds a line to the register of wishes.
///
/// # Errors
/// What the engine said.
pub fn add_wish(
    tx: &mut Tx<'_>,
    person: PersonId,
    company: CompanyId,
    at: Timestamp,
    sealed: &[u8],
) -> Result<()> {
    tx.exec(ADD_WISH, &[person.into(), company.into(), at.into(), sealed.into()]).map(|_| ())
}

/// Lines of the register of wishes after a number, at most a thousand.
///
/// # Errors
/// What the engine said.
pub fn wishes(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Wish>> {
    tx.rows(WISHES, &[after.into()], |row| {
        Ok(Wish {
            seq: row.int(0)?,
            person: PersonId::from_bytes(row.fixed(1)?),
            company: CompanyId::from_bytes(row.fixed(2)?),
            at: row.time(3)?,
            sealed: row.blob(4)?,
        })
    })
}

/// What every log's signer signed last.
///
/// # Errors
/// What the engine said.
pub fn signers(tx: &mut Tx<'_>) -> Result<Vec<(String, u64, [u8; 32])>> {
    tx.rows(SIGNERS, &[], |row| Ok((row.text(0)?, u64::try_from(row.int(1)?).unwrap_or(0), row.fixed(2)?)))
}

/// Sets a signer back: only when two officers accept that entries are lost.
///
/// # Errors
/// What the engine said.
pub fn force_signer(tx: &mut Tx<'_>, log: &str, size: u64, root: &[u8; 32]) -> Result<()> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    tx.exec(FORCE_SIGNER, &[log.into(), size.into(), root.into()]).map(|_| ())
}

/// What a log's signer signed last: size and root.
///
/// # Errors
/// What the engine said.
pub fn signer(tx: &mut Tx<'_>, log: &str) -> Result<Option<(u64, [u8; 32])>> {
    tx.first(SIGNER, &[log.into()], |row| Ok((u64::try_from(row.int(0)?).unwrap_or(0), row.fixed(1)?)))
}

/// Notes what the signer is about to sign, if what it signed last is still `last`: one compare-and-set, so that of
/// two nodes that checked the same memory one signs and the other looks again.
///
/// # Errors
/// [`StoreError::Moved`] when it signed something else meanwhile.
pub fn move_signer(
    tx: &mut Tx<'_>,
    log: &str,
    last: Option<(u64, [u8; 32])>,
    (size, root): (u64, [u8; 32]),
) -> Result<()> {
    let int = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let next = [log.into(), int(size).into(), (&root).into()];
    let moved = match last {
        None => tx.exec(ADD_SIGNER, &next)?,
        Some((was, before)) => {
            let [log, size, root] = next;
            tx.exec(MOVE_SIGNER, &[log, size, root, int(was).into(), (&before).into()])?
        }
    };
    if moved == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

/// A line of the register of erasures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Who was erased.
    pub person: PersonId,
    /// Whose customer.
    pub company: CompanyId,
    /// Where the facts were.
    pub region: Region,
    /// When.
    pub at: Timestamp,
}

/// Adds a line to the register of erasures.
///
/// # Errors
/// What the engine said.
pub fn add_erasure(tx: &mut Tx<'_>, line: &Erasure) -> Result<()> {
    let region = line.region.to_string();
    let row = [line.person.into(), line.company.into(), (&region).into(), line.at.into()];
    tx.exec(ADD_ERASURE, &row).map(|_| ())
}

/// Lines of the register after a person, at most a thousand.
///
/// # Errors
/// What the engine said.
pub fn erasures(tx: &mut Tx<'_>, after: PersonId) -> Result<Vec<Erasure>> {
    tx.rows(ERASURES, &[after.into()], |row| {
        Ok(Erasure {
            person: PersonId::from_bytes(row.fixed(0)?),
            company: CompanyId::from_bytes(row.fixed(1)?),
            region: Region::new(&row.text(2)?).map_err(|_| StoreError::Damaged("a region".into()))?,
            at: row.time(3)?,
        })
    })
}
