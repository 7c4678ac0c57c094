//! The integrator: absorbs the journal, gives entries their index, writes tiles, signs heads. One at a time, by a lock in
//! the database.
//!
//! Appending never waits for it. The signer notes what it is about to sign before it signs, and never signs a smaller
//! tree or another root of the same size.

use std::collections::{BTreeMap, HashMap, HashSet};

use assent_kernel::ledger::merkle::verify_consistency;
use assent_kernel::ledger::tile::{TileData, TileId, TileKind};
use assent_kernel::ledger::{Checkpoint, Edge, LedgerError, Note, TileReader, Vkey};
use assent_kernel::{PersonId, Timestamp};
use assent_store::journal::{self, Reach, Record};
use assent_store::ledger::{About, Line, Waiting};
use assent_store::{Db, Place, StoreError, Tx, keyring, ledger, people};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::error::{GateError, Result};
use crate::region::RegionStore;

/// The most entries of the queue that get an index in one go.
const AT_ONCE: u32 = 4096;
/// About as many uses leave the journal in one go: whoever acts meanwhile waits for no more than that.
const ABSORBED_AT_ONCE: usize = 1024;

/// The level under which bundles of entries lie.
const BUNDLES: i64 = -1;

/// Gives every waiting entry of a log its index and signs the new head. Tells how large the log is now.
pub(crate) async fn integrate(store: &RegionStore, log: &str, at: Timestamp) -> Result<u64> {
    gather(store, log).await?;
    sign(store, log, at).await
}

/// Gives every waiting entry of a log its index.
pub(crate) async fn gather(store: &RegionStore, log: &str) -> Result<()> {
    absorb(&store.data).await?;
    loop {
        let name = log.to_owned();
        let took = store.data.write_aside(move |tx| step(tx, &name)).await?;
        if took < AT_ONCE as usize {
            return Ok(());
        }
    }
}

/// Opens a region's store and absorbs what its journal holds, so that a copy of the file alone is whole. The keyring is
/// asked what was signed; no key is needed for that.
///
/// # Errors
/// [`GateError::Sealed`] when the store was set back; what the stores said.
pub async fn settled(data: Place, keys: Place) -> Result<Db> {
    let data = Db::open(data)?.with_journal().await?;
    not_set_back(&data, &Db::open(keys)?).await?;
    absorb(&data).await?;
    Ok(data)
}

/// Takes over what a process that ended had acknowledged; but first the store must hold all that was signed. Otherwise it
/// was set back, and uses from its journal would hide that what people took back since is gone.
pub(crate) async fn take_over(store: &RegionStore) -> Result<()> {
    not_set_back(&store.data, store.keys.db()).await?;
    absorb(&store.data).await?;
    store.read_floor().await
}

/// Absorbs what is in the journal of a region's store now; what is appended meanwhile is for the next time.
pub(crate) async fn absorb(data: &Db) -> Result<()> {
    if !data.has_journal() {
        return Ok(());
    }
    let reach = data.append(|pen| Ok(pen.reach())).await?;
    while absorb_some(data, reach.clone()).await? {}
    Ok(())
}

/// One step of it. Tells whether there may be more.
async fn absorb_some(data: &Db, reach: Reach) -> Result<bool> {
    Ok(data.write_aside(move |tx| absorb_step(tx, &reach)).await?)
}

/// One step for one that appends faster than is absorbed: it waits, and so does the backlog not grow.
pub(crate) async fn hold_back(data: &Db) -> Result<()> {
    let reach = data.append(|pen| Ok(pen.reach())).await?;
    absorb_some(data, reach).await.map(|_| ())
}

/// Absorbs everything inside a transaction that holds the journal's lock: before a person's details are dropped.
pub(crate) fn absorb_all(tx: &mut Tx<'_>) -> std::result::Result<(), StoreError> {
    let Some(reach) = tx.reach() else { return Ok(()) };
    while absorb_step(tx, &reach)? {}
    Ok(())
}

/// Moves uses from the journal into the tree and to their people, and the mark with them: all of it or nothing.
/// A log whose tiles are damaged is found out before anything of it is written.
fn absorb_step(tx: &mut Tx<'_>, reach: &Reach) -> std::result::Result<bool, StoreError> {
    let (mut records, mark) = journal::unabsorbed(tx, reach, ABSORBED_AT_ONCE)?;
    if records.is_empty() {
        return Ok(false);
    }
    // Within a step the order tells nothing about who asked first: sealed bytes begin with a random nonce.
    records.sort_unstable_by(|a, b| a.sealed.cmp(&b.sealed));
    let mut newest: HashMap<PersonId, i64> = HashMap::new();
    for record in &records {
        let seq = newest.entry(record.person).or_default();
        *seq = record.seq.max(*seq);
    }
    let mut held = HashSet::with_capacity(newest.len());
    for (person, seq) in newest {
        if people::set_seq(tx, person, seq)? {
            held.insert(person);
        }
    }
    let mut logs: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
    for record in records {
        let Record { person, seq, at, log, leaf, sealed } = record;
        let about = held.contains(&person).then_some(About { person, seq, sealed });
        logs.entry(log).or_default().push(Waiting { queued: None, at, line: Line { leaf, about } });
    }
    for (log, waiting) in logs {
        match index(tx, &log, &waiting) {
            // One ledger that cannot go on holds up no other: its entries wait for it in the queue.
            Err(StoreError::Damaged(_)) => {
                for one in waiting {
                    ledger::queue(tx, &log, one.at, &[one.line])?;
                }
            }
            other => other?,
        }
    }
    journal::set_mark(tx, mark)?;
    Ok(true)
}

/// One step under the lock.
fn step(tx: &mut Tx<'_>, log: &str) -> std::result::Result<usize, StoreError> {
    ledger::new_log(tx, log)?;
    ledger::head(tx, log, true)?.ok_or(StoreError::Moved)?;
    let waiting = ledger::take(tx, log, AT_ONCE)?;
    if !waiting.is_empty() {
        index(tx, log, &waiting)?;
    }
    Ok(waiting.len())
}

/// Gives entries their index in a log that this transaction holds.
fn index(tx: &mut Tx<'_>, log: &str, waiting: &[Waiting]) -> std::result::Result<(), StoreError> {
    ledger::new_log(tx, log)?;
    let head = ledger::head(tx, log, true)?.ok_or(StoreError::Moved)?;
    let mut edge = edge(tx, log, head.size)?;
    let leaves: Vec<&[u8]> = waiting.iter().map(|one| one.line.leaf.as_slice()).collect();
    for tile in edge.append(&leaves).map_err(damaged)? {
        put(tx, log, &tile)?;
    }
    ledger::indexed(tx, head.size, waiting)?;
    ledger::set_head(tx, log, edge.size(), &edge.root())?;
    if let Some(newest) = waiting.iter().map(|one| one.at).max() {
        ledger::raise_floor(tx, log, newest)?;
    }
    Ok(())
}

fn damaged(error: LedgerError) -> StoreError {
    StoreError::Damaged(format!("the ledger: {error}"))
}

fn key(id: &TileId) -> (i64, u64) {
    match id.kind {
        TileKind::Entries => (BUNDLES, id.index),
        TileKind::Hashes(level) => (i64::from(level), id.index),
    }
}

/// Stores a tile or bundle.
pub(crate) fn put(tx: &mut Tx<'_>, log: &str, tile: &TileData) -> std::result::Result<(), StoreError> {
    let (level, n) = key(&tile.id);
    ledger::put_tile(tx, log, level, n, u64::from(tile.id.width), &tile.bytes)
}

/// The size and root of a log as it is stored.
pub(crate) fn size_and_root(tx: &mut Tx<'_>, log: &str) -> std::result::Result<(u64, [u8; 32]), StoreError> {
    let size = ledger::head(tx, log, false)?.map_or(0, |head| head.size);
    Ok((size, edge(tx, log, size)?.root()))
}

/// A tile as wide as asked for: the first items of what is stored.
pub(crate) fn tile(
    tx: &mut Tx<'_>,
    log: &str,
    id: &TileId,
) -> std::result::Result<Option<Vec<u8>>, StoreError> {
    let (level, n) = key(id);
    let Some((width, bytes)) = ledger::tile(tx, log, level, n)? else { return Ok(None) };
    if width < u64::from(id.width) {
        return Ok(None);
    }
    let end = match id.kind {
        TileKind::Hashes(_) => usize::from(id.width) * 32,
        TileKind::Entries => bundle_end(&bytes, usize::from(id.width)),
    };
    Ok(bytes.get(..end).map(<[u8]>::to_vec))
}

fn bundle_end(bytes: &[u8], entries: usize) -> usize {
    (0..entries).fold(0, |at, _| {
        let length =
            bytes.get(at..).and_then(<[u8]>::first_chunk::<2>).map_or(0, |two| u16::from_be_bytes(*two));
        at + 2 + usize::from(length)
    })
}

/// Errors of reading tiles inside a transaction.
enum Reading {
    Store(StoreError),
    Ledger(LedgerError),
}
impl From<LedgerError> for Reading {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
impl From<Reading> for StoreError {
    fn from(error: Reading) -> Self {
        match error {
            Reading::Store(error) => error,
            Reading::Ledger(error) => damaged(error),
        }
    }
}

fn wanted(tx: &mut Tx<'_>, log: &str, id: &TileId) -> std::result::Result<Vec<u8>, Reading> {
    tile(tx, log, id).map_err(Reading::Store)?.ok_or(Reading::Ledger(LedgerError::Inclusion))
}

fn edge(tx: &mut Tx<'_>, log: &str, size: u64) -> std::result::Result<Edge, StoreError> {
    Ok(Edge::load(size, |id| wanted(tx, log, id))?)
}

/// The proof that entry `index` is in the tree of `size`.
pub(crate) fn inclusion(
    tx: &mut Tx<'_>,
    log: &str,
    index: u64,
    size: u64,
) -> std::result::Result<Vec<[u8; 32]>, StoreError> {
    Ok(TileReader::new(size, |id: &TileId| wanted(tx, log, id)).inclusion(index)?)
}

/// Signs the head of a log, unless it is signed already.
async fn sign(store: &RegionStore, log: &str, at: Timestamp) -> Result<u64> {
    let name = log.to_owned();
    let found = store
        .data
        .read(move |tx| {
            let Some(head) = ledger::head(tx, &name, false)? else { return Ok(None) };
            let root = edge(tx, &name, head.size)?.root();
            Ok(Some((head, root)))
        })
        .await?;
    let Some((head, root)) = found else { return Ok(0) };
    if head.size == 0 || (head.signed_size == head.size && head.checkpoint.is_some()) {
        return Ok(head.size);
    }
    let last = extends_what_was_signed(store, log, head.size, root).await?;
    let signing = store.keys.signing(log).await?;
    let (name, size) = (log.to_owned(), head.size);
    match store.keys.db().write(move |tx| keyring::move_signer(tx, &name, last, (size, root))).await {
        // Somebody else signed at this moment, and this check is of before.
        Err(StoreError::Moved) => return Ok(head.size),
        other => other?,
    }
    let note = checkpoint(log, head.size, root, &signing)?;
    let (name, text) = (log.to_owned(), note.to_string());
    store.data.write(move |tx| ledger::set_checkpoint(tx, &name, &text, size, at)).await?;
    Ok(head.size)
}

fn checkpoint(log: &str, size: u64, root: [u8; 32], key: &SigningKey) -> Result<Note> {
    let vkey = Vkey::log(log, &key.verifying_key().to_bytes())?;
    let checkpoint = Checkpoint { origin: log.to_owned(), size, root };
    Ok(Note::sign(&checkpoint, &vkey, |text| key.sign(text).to_bytes()))
}

/// Refuses a store whose ledgers are shorter than what was signed: it was set back, and terms may have changed since.
pub(crate) async fn not_set_back(data: &Db, keys: &Db) -> Result<()> {
    for (log, signed, _) in keys.read(keyring::signers).await? {
        let name = log.clone();
        let size =
            data.read(move |tx| Ok(ledger::head(tx, &name, false)?.map_or(0, |head| head.size))).await?;
        if size < signed {
            return Err(GateError::Sealed(format!(
                "the ledger {log} had {signed} signed entries and has {size} now: the store was set back. \
                 Use `assent restore`, which brings the ledger forward and repeats what people took back since"
            )));
        }
    }
    Ok(())
}

/// The signer's own memory against the store's: a store that was set back, or has another history, is not signed.
/// Tells what was signed last.
async fn extends_what_was_signed(
    store: &RegionStore,
    log: &str,
    size: u64,
    root: [u8; 32],
) -> Result<Option<(u64, [u8; 32])>> {
    let name = log.to_owned();
    let last = store.keys.db().read(move |tx| keyring::signer(tx, &name)).await?;
    let Some((signed, signed_root)) = last else { return Ok(None) };
    let refused = || {
        GateError::Sealed(format!(
            "the ledger {log} was signed at {signed} entries, and what is stored now ({size}) does not extend that: \
             the store was set back or changed; restore it with `assent restore`"
        ))
    };
    if size < signed || (size == signed && root != signed_root) {
        return Err(refused());
    }
    if size == signed || signed == 0 {
        return Ok(last);
    }
    let name = log.to_owned();
    let proof = store
        .data
        .read(move |tx| {
            Ok::<_, StoreError>(
                TileReader::new(size, |id: &TileId| wanted(tx, &name, id)).consistency(signed)?,
            )
        })
        .await?;
    verify_consistency((signed, &signed_root), (size, &root), &proof).map_err(|_| refused())?;
    Ok(last)
}
