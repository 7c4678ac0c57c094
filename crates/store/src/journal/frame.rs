//! The bytes of the journal: records, and the frame that one write makes durable together.
//!
//! A frame says which store, generation and byte it belongs to, so that no old frame of a reused file is taken for a
//! new one. Its check is a SHA-256 over the digests of its records: those are made by whoever waits, side by side, and
//! the one who writes hashes 32 bytes for each.

use assent_kernel::{PersonId, Timestamp};
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};

const MAGIC: [u8; 8] = *b"ASNTUSE1";
/// Bytes of a frame's head.
pub(super) const HEAD: usize = 80;
/// Frames begin at multiples of this.
pub(super) const ALIGN: u64 = 8;
/// The longest frame; what claims to be longer is none.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// A use that was written down: sealed, and not yet in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whom it is about.
    pub person: PersonId,
    /// Their count of uses.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The log it belongs to.
    pub log: String,
    /// The entry's bytes.
    pub leaf: Vec<u8>,
    /// The detail, sealed under the person's key.
    pub sealed: Vec<u8>,
}

/// A record in the form in which it is written, with its digest.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub(crate) person: PersonId,
    pub(crate) seq: i64,
    bytes: Vec<u8>,
    digest: [u8; 32],
}

/// Where a frame lies: in which store, which generation of its files, at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) store: i64,
    pub(super) generation: u64,
    pub(super) at: u64,
}

impl Record {
    /// Puts it into bytes. Meant to be done by whoever waits for it, not by the one who writes.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when a part is too long to be true.
    pub fn encode(&self) -> Result<Encoded> {
        let long = || StoreError::Damaged("an entry is too long".into());
        let log = u16::try_from(self.log.len()).map_err(|_| long())?;
        let leaf = u16::try_from(self.leaf.len()).map_err(|_| long())?;
        let length = 40 + self.log.len() + self.leaf.len() + self.sealed.len();
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(&u32::try_from(length).map_err(|_| long())?.to_le_bytes());
        bytes.extend_from_slice(&log.to_le_bytes());
        bytes.extend_from_slice(&leaf.to_le_bytes());
        bytes.extend_from_slice(&self.person.to_bytes());
        bytes.extend_from_slice(&self.seq.to_le_bytes());
        bytes.extend_from_slice(&self.at.micros().to_le_bytes());
        bytes.extend_from_slice(self.log.as_bytes());
        bytes.extend_from_slice(&self.leaf);
        bytes.extend_from_slice(&self.sealed);
        let digest = Sha256::digest(&bytes).into();
        Ok(Encoded { person: self.person, seq: self.seq, bytes, digest })
    }

    /// Reads the first record of some bytes and tells what follows it.
    fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let length = usize::try_from(u32::from_le_bytes(*bytes.first_chunk()?)).ok()?;
        let (one, rest) = bytes.split_at_checked(length)?;
        let one = one.get(4..)?;
        let (log, one) = one.split_first_chunk::<2>()?;
        let (leaf, one) = one.split_first_chunk::<2>()?;
        let (person, one) = one.split_first_chunk::<16>()?;
        let (seq, one) = one.split_first_chunk::<8>()?;
        let (at, one) = one.split_first_chunk::<8>()?;
        let (log, one) = one.split_at_checked(u16::from_le_bytes(*log).into())?;
        let (leaf, sealed) = one.split_at_checked(u16::from_le_bytes(*leaf).into())?;
        let record = Self {
            person: PersonId::from_bytes(*person),
            seq: i64::from_le_bytes(*seq),
            at: Timestamp::from_micros(i64::from_le_bytes(*at)),
            log: String::from_utf8(log.to_vec()).ok()?,
            leaf: leaf.to_vec(),
            sealed: sealed.to_vec(),
        };
        Some((record, rest))
    }
}

/// The records of one write, gathered.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    bytes: Vec<u8>,
    digests: Vec<u8>,
    /// Person, number and the length up to which the frame reached before: so that the last can be taken back.
    pub(super) entries: Vec<(PersonId, i64, usize)>,
}

impl Frame {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.resize(HEAD, 0);
        self.digests.clear();
        self.entries.clear();
    }
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }
    pub(crate) fn push(&mut self, record: &Encoded) {
        self.entries.push((record.person, record.seq, self.bytes.len()));
        self.bytes.extend_from_slice(&record.bytes);
        self.digests.extend_from_slice(&record.digest);
    }
    /// Takes the last record back; tells whose it was.
    pub(crate) fn pop(&mut self) -> Option<(PersonId, i64)> {
        let (person, seq, length) = self.entries.pop()?;
        self.bytes.truncate(length);
        self.digests.truncate(self.entries.len() * 32);
        Some((person, seq))
    }
    /// The finished bytes for a place; `before` is where the generation before ended.
    pub(super) fn finish(&mut self, spot: Spot, before: u64) -> Result<&[u8]> {
        let long = |_| StoreError::Damaged("too much at once for the journal".into());
        let length = self.bytes.len() - HEAD;
        if length > LONGEST {
            return Err(StoreError::Damaged("too much at once for the journal".into()));
        }
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(&MAGIC);
        head.extend_from_slice(&spot.store.to_le_bytes());
        head.extend_from_slice(&spot.generation.to_le_bytes());
        head.extend_from_slice(&spot.at.to_le_bytes());
        head.extend_from_slice(&before.to_le_bytes());
        head.extend_from_slice(&u32::try_from(length).map_err(long)?.to_le_bytes());
        head.extend_from_slice(&u32::try_from(self.entries.len()).map_err(long)?.to_le_bytes());
        let check = check(&head, &self.digests);
        head.extend_from_slice(&check);
        self.bytes.splice(..HEAD, head);
        Ok(&self.bytes)
    }
}

fn check(head: &[u8], digests: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(head).chain_update(digests).finalize().into()
}

/// What a frame's head says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) spot: Spot,
    pub(super) before: u64,
    pub(super) length: usize,
    pub(super) count: u32,
}

/// Reads a head, wherever it claims to lie.
pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (store, rest) = rest.split_first_chunk::<8>()?;
    let (generation, rest) = rest.split_first_chunk::<8>()?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (before, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (count, _) = rest.split_first_chunk::<4>()?;
    let spot = Spot {
        store: i64::from_le_bytes(*store),
        generation: u64::from_le_bytes(*generation),
        at: u64::from_le_bytes(*at),
    };
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= LONGEST)?;
    Some(Head { spot, before: u64::from_le_bytes(*before), length, count: u32::from_le_bytes(*count) })
}

/// The records of a whole frame, if every byte of it is as it was written.
pub(super) fn records(bytes: &[u8]) -> Option<Vec<Record>> {
    let head = head(bytes)?;
    let (top, mut rest) = bytes.split_at_checked(HEAD)?;
    rest = rest.get(..head.length)?;
    let (mut out, mut digests) = (Vec::new(), Vec::new());
    while !rest.is_empty() {
        let (record, after) = Record::decode(rest)?;
        let one = rest.get(..rest.len().saturating_sub(after.len()))?;
        digests.extend_from_slice(&Sha256::digest(one));
        out.push(record);
        rest = after;
    }
    let (said, found) = top.split_at_checked(HEAD - 32)?;
    let whole = out.len() == usize::try_from(head.count).ok()? && check(said, &digests) == found;
    whole.then_some(out)
}
