//! A person's part of uses on many: found by their key, batch by batch, for their list and their receipts.

use assent_kernel::ledger::merkle::leaf_hash;
use assent_kernel::ledger::{Among, Decision, Detail, Entry, Opening, Recipient, nonce_among};
use assent_kernel::{Timestamp, Use};
use assent_store::batches::{self, Batch};
use assent_store::{StoreError, Tx};

use crate::draft::{self, Draft, Sent, THE_PERSON};
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::keys::PersonKey;
use crate::region::RegionStore;
use crate::seal::open;

use super::commit::{decode_forms, forms_place};
use super::{line, tree};

/// Batches that are looked through at once.
const AT_ONCE: u32 = 256;

/// A person's line in a batch, open.
pub(crate) struct Found {
    /// The batch's number.
    pub(crate) n: u64,
    /// The batch's index in the log.
    pub(crate) index: u64,
    /// How many lines it has.
    pub(crate) people: u64,
    pub(crate) detail: Detail,
    id: [u8; 16],
    place: u64,
}

/// A line as the store has it.
struct Stored {
    batch: Batch,
    place: u64,
    sealed: Vec<u8>,
    /// What the log's own key opens of the batch.
    forms: Vec<u8>,
}

/// Reads a person's lines in batches before one of them and not older than `from`, newest first.
pub(crate) async fn lines(
    store: &RegionStore,
    log: &str,
    dossier: &Dossier,
    before: i64,
    from: Timestamp,
    most: u32,
) -> Result<Vec<Found>> {
    let (name, salt) = (log.to_owned(), dossier.key.salt());
    let read = store.data.read(move |tx| {
        let (mut out, mut before) = (Vec::new(), before);
        loop {
            let batches = batches::newest(tx, &name, before, from, AT_ONCE)?;
            let Some(last) = batches.last() else { return Ok(out) };
            before = last.n;
            for batch in batches {
                out.extend(stored(tx, batch, salt.bytes())?);
                if out.len() >= most as usize {
                    return Ok(out);
                }
            }
        }
    });
    let stored = read.await?;
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
    stored.into_iter().map(|one| found(one, &system, dossier)).collect()
}

/// A person's line in one batch.
pub(crate) async fn line(store: &RegionStore, log: &str, dossier: &Dossier, n: u64) -> Result<Found> {
    let n = i64::try_from(n).map_err(|_| GateError::NoPerson)?;
    let (name, salt) = (log.to_owned(), dossier.key.salt());
    let read = store.data.read(move |tx| {
        let batch = batches::one(tx, &name, n)?;
        batch.map(|batch| stored(tx, batch, salt.bytes())).transpose().map(Option::flatten)
    });
    let stored = read.await?.ok_or(GateError::NoPerson)?;
    let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
    found(stored, &system, dossier)
}

fn stored(tx: &mut Tx<'_>, batch: Batch, salt: &[u8; 32]) -> std::result::Result<Option<Stored>, StoreError> {
    let tag = line::tag(&nonce_among(salt, &batch.id));
    let Some(part) = batches::tags(tx, batch.id, tree::sortable(tag))? else { return Ok(None) };
    let Some(place) = tree::place(&part, tag) else { return Ok(None) };
    let sealed = tree::own(tx, batch.id, place)?;
    if sealed.is_empty() {
        return Ok(None);
    }
    let forms = batches::sealed(tx, batch.n)?.unwrap_or_default();
    Ok(Some(Stored { batch, place, sealed, forms }))
}

fn found(stored: Stored, system: &PersonKey, dossier: &Dossier) -> Result<Found> {
    let Stored { batch, place, sealed, forms } = stored;
    let plain = open(system.detail().bytes(), &forms_place(batch.id), &forms)?;
    let (length, rest) = plain.split_first_chunk::<4>().ok_or(GateError::Unreadable)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let forms = decode_forms(rest.get(length..).ok_or(GateError::Unreadable)?)?;
    let nonce = nonce_among(dossier.key.salt().bytes(), &batch.id);
    let detail = line::read(batch.id, nonce, &sealed, &dossier.key, &forms)?;
    let n = u64::try_from(batch.n).unwrap_or(0);
    Ok(Found { n, index: batch.index, people: batch.people, detail, id: batch.id, place })
}

/// The line's bytes, made again from the person's key and the entry in the log; and what opens it.
fn written(found: &Found, entry: &Entry, dossier: &Dossier) -> Result<(Vec<u8>, Opening, Vec<u8>)> {
    let what = Use::ALL.get(usize::from(found.detail.use_code)).ok_or(GateError::Unreadable)?;
    let permitted = found.detail.outcome == "PERMIT";
    let region = assent_kernel::Region::new(entry.region.as_str()).map_err(|_| GateError::Unreadable)?;
    let draft = Draft {
        kind: draft::kind(*what),
        decision: if permitted { Decision::Allow } else { Decision::Deny },
        region,
        policy: entry.policy,
        to: match &entry.recipient {
            Recipient::None => Sent::Nobody,
            Recipient::Organisation(code) => Sent::Organisation(code.as_str().to_owned()),
            Recipient::Person(_) => Sent::Person(THE_PERSON.into()),
        },
        chain: found.detail.chain.clone(),
        detail: found.detail.clone(),
    };
    let salt = dossier.key.salt();
    let nonce = nonce_among(salt.bytes(), &found.id);
    let line = draft.line_as(salt.bytes(), nonce, 0, None)?;
    let detail = line.opening.get(nonce.len()..).ok_or(GateError::Unreadable)?.to_vec();
    Ok((line.leaf, Opening::new(salt.bytes(), &nonce), detail))
}

/// A line that a receipt is made of: its bytes, where it stands among many, and what opens it.
pub(crate) type Proof = (Vec<u8>, Among, (Opening, Vec<u8>));

/// What proves a person's line, given the batch's bytes from the log.
pub(crate) async fn proof(
    store: &RegionStore,
    dossier: &Dossier,
    found: &Found,
    batch: Vec<u8>,
) -> Result<Proof> {
    let entry = Entry::decode(&batch)?;
    let people = entry.set.ok_or(GateError::Unreadable)?.people;
    let (leaf, opening, detail) = written(found, &entry, dossier)?;
    let (id, place) = (found.id, found.place);
    let (hash, path) = store.data.read(move |tx| tree::path(tx, id, place, people)).await?;
    // The same bytes as then, or the receipt would prove nothing.
    if hash != leaf_hash(&leaf) {
        return Err(GateError::Unreadable);
    }
    Ok((leaf, Among { batch, place, path }, (opening, detail)))
}
