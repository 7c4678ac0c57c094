//! Who used what: the sealed details of a person's entries, and receipts to take away.

use assent_kernel::ledger::tile::{TileId, TileKind, parse_bundle};
use assent_kernel::ledger::{Detail, Entry, LedgerError, Note, Opening, Receipt};
use assent_kernel::{PersonId, Timestamp, UseKind};
use assent_store::{StoreError, ledger};

use crate::append::detail_place;
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::integrate::{self, inclusion};
use crate::permit::Permit;
use crate::region::RegionStore;
use crate::seal::open;
use crate::start::Gate;

/// One line of the list.
#[derive(Debug, Clone)]
pub struct UseLine {
    /// Counts the entries about this person.
    pub seq: u64,
    /// Its index in the log, once it has one.
    pub index: Option<u64>,
    /// What happened, in the sealed half's words.
    pub detail: Detail,
}

impl Gate {
    /// What was done with a person's facts before entry `before`, newest first. Reading it is a use itself: it takes
    /// a permit for that person.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when the permit is for somebody else; what the store said.
    pub async fn uses<U: UseKind>(
        &self,
        permit: &Permit<U>,
        dossier: &Dossier,
        before: Option<u64>,
        most: u32,
    ) -> Result<Vec<UseLine>> {
        let person = own(permit, dossier)?;
        let store = self.region(&dossier.region)?;
        let before = before.and_then(|n| i64::try_from(n).ok()).unwrap_or(i64::MAX);
        let log = store.log(&self.company(dossier.person.company).await?.code);
        integrate::gather(store, &log).await?;
        let rows = store.data.read(move |tx| ledger::details(tx, person, before, most)).await?;
        rows.into_iter()
            .map(|row| {
                let (_, detail) = opened(dossier, row.seq, &row.sealed)?;
                let detail = Detail::decode(&detail)?;
                Ok(UseLine { seq: u64::try_from(row.seq).unwrap_or(0), index: Some(row.index), detail })
            })
            .collect()
    }

    /// The receipt of one entry about a person: entry, opening and proof in one text.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when the permit is for somebody else or there is no such entry; what the store said.
    pub async fn receipt<U: UseKind>(
        &self,
        permit: &Permit<U>,
        dossier: &Dossier,
        seq: u64,
        at: Timestamp,
    ) -> Result<String> {
        let person = own(permit, dossier)?;
        let store = self.region(&dossier.region)?;
        let log = store.log(&self.company(dossier.person.company).await?.code);
        let after = i64::try_from(seq).unwrap_or(i64::MAX).saturating_add(1);
        integrate::gather(store, &log).await?;
        let rows = store.data.read(move |tx| ledger::details(tx, person, after, 1)).await?;
        let row = rows
            .into_iter()
            .next()
            .filter(|row| u64::try_from(row.seq) == Ok(seq))
            .ok_or(GateError::NoPerson)?;
        let opened = opened(dossier, row.seq, &row.sealed)?;
        Ok(receipt_of(store, &log, Which::At(row.index), opened, at).await?.encode())
    }
}

fn own<U: UseKind>(permit: &Permit<U>, dossier: &Dossier) -> Result<PersonId> {
    if permit.person() == dossier.person.id { Ok(dossier.person.id) } else { Err(GateError::NoPerson) }
}

/// The secret and the detail of an entry.
fn opened(dossier: &Dossier, seq: i64, sealed: &[u8]) -> Result<(Opening, Vec<u8>)> {
    let plain = open(dossier.key.detail().bytes(), &detail_place(dossier.person.id, seq), sealed)?;
    let (nonce, detail) = plain.split_first_chunk::<16>().ok_or(GateError::Unreadable)?;
    Ok((Opening::new(dossier.key.salt().bytes(), nonce), detail.to_vec()))
}

/// How often a receipt waits for a head that covers its entry: another may be signing at this moment.
const MOST_WAITS: u32 = 40;
/// The pause between.
const WAIT: std::time::Duration = std::time::Duration::from_millis(50);

/// An entry of a log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// The one with this index.
    At(u64),
    /// The one that was queued under this number.
    Queued(i64),
}

/// A receipt of an entry under the newest signed head.
pub(crate) async fn receipt_of(
    store: &RegionStore,
    log: &str,
    which: Which,
    opened: (Opening, Vec<u8>),
    at: Timestamp,
) -> Result<Receipt> {
    for _ in 0..MOST_WAITS {
        integrate::integrate(store, log, at).await?;
        let name = log.to_owned();
        let found = store.data.read(move |tx| proven(tx, &name, which)).await?;
        if let Some((index, hashes, entry, checkpoint)) = found {
            Entry::decode(&entry)?;
            let note = Note::parse(&checkpoint)?;
            return Ok(Receipt { index, hashes, note, entry, opened: Some(opened) });
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(GateError::Busy)
}

/// Index, proof, entry and signed head.
type Proven = (u64, Vec<[u8; 32]>, Vec<u8>, String);

/// What proves an entry, once a signed head covers it.
fn proven(
    tx: &mut assent_store::Tx<'_>,
    log: &str,
    which: Which,
) -> std::result::Result<Option<Proven>, StoreError> {
    let index = match which {
        Which::At(index) => Some(index),
        Which::Queued(queued) => ledger::index_of(tx, queued)?,
    };
    let Some(index) = index else { return Ok(None) };
    let head = ledger::head(tx, log, false)?.ok_or(StoreError::Moved)?;
    let Some(checkpoint) = head.checkpoint.filter(|_| index < head.signed_size) else { return Ok(None) };
    let hashes = inclusion(tx, log, index, head.signed_size)?;
    let entry = entry(tx, log, index, head.size)?;
    Ok(Some((index, hashes, entry, checkpoint)))
}

fn entry(
    tx: &mut assent_store::Tx<'_>,
    log: &str,
    index: u64,
    size: u64,
) -> std::result::Result<Vec<u8>, StoreError> {
    let damaged = |error: LedgerError| StoreError::Damaged(format!("the ledger: {error}"));
    let missing = || damaged(LedgerError::Inclusion);
    let id = TileId::in_log(TileKind::Entries, index / 256, size).ok_or_else(missing)?;
    let bytes = integrate::tile(tx, log, &id)?.ok_or_else(missing)?;
    let entries = parse_bundle(&id, &bytes).map_err(damaged)?;
    let at = usize::try_from(index % 256).unwrap_or(usize::MAX);
    entries.get(at).map(|entry| entry.to_vec()).ok_or_else(missing)
}
