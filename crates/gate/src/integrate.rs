//! The integrator: gives entries their index, writes tiles, signs heads. One at a time, by a lock in the database.
//!
//! Appending never waits for it. The signer notes what it is about to sign before it signs, and never signs a smaller
//! tree or another root of the same size.

use assent_kernel::Timestamp;
use assent_kernel::ledger::merkle::verify_consistency;
use assent_kernel::ledger::tile::{TileData, TileId, TileKind};
use assent_kernel::ledger::{Checkpoint, Edge, LedgerError, Note, TileReader, Vkey};
use assent_store::{StoreError, Tx, keyring, ledger};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::error::{GateError, Result};
use crate::region::RegionStore;

/// The most entries that get an index in one go.
const AT_ONCE: u32 = 4096;

/// The level under which bundles of entries lie.
const BUNDLES: i64 = -1;

/// Gives every waiting entry of a log its index and signs the new head. Tells how large the log is now.
pub(crate) async fn integrate(store: &RegionStore, log: &str, at: Timestamp) -> Result<u64> {
    loop {
        let name = log.to_owned();
        let took = store.data.write(move |tx| step(tx, &name)).await?;
        if took < AT_ONCE as usize {
            break;
        }
    }
    sign(store, log, at).await
}

/// One step under the lock.
fn step(tx: &mut Tx<'_>, log: &str) -> std::result::Result<usize, StoreError> {
    ledger::new_log(tx, log)?;
    let head = ledger::head(tx, log, true)?.ok_or(StoreError::Moved)?;
    let waiting = ledger::waiting(tx, log, AT_ONCE)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut edge = edge(tx, log, head.size)?;
    let leaves: Vec<&[u8]> = waiting.iter().map(|one| one.leaf.as_slice()).collect();
    for tile in edge.append(&leaves).map_err(damaged)? {
        put(tx, log, &tile)?;
    }
    let seqs: Vec<i64> = waiting.iter().map(|one| one.seq).collect();
    ledger::indexed(tx, log, head.size, &seqs)?;
    ledger::set_head(tx, log, edge.size(), &edge.root())?;
    if let Some(newest) = waiting.iter().map(|one| one.at).max() {
        ledger::raise_floor(tx, log, newest)?;
    }
    Ok(waiting.len())
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
pub(crate) async fn not_set_back(store: &RegionStore) -> Result<()> {
    for (log, signed, _) in store.keys.db().read(keyring::signers).await? {
        let name = log.clone();
        let size = store
            .data
            .read(move |tx| Ok(ledger::head(tx, &name, false)?.map_or(0, |head| head.size)))
            .await?;
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
