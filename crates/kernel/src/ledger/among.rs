//! A use on many people is one entry of the log ([`Kind::Batch`](super::Kind::Batch)) over a Merkle tree of its own: one
//! line for each person, in the form of an [`Entry`] with a commitment under that person's key. The entry tells how many
//! they are and the root; a person's receipt adds their line and the path from it to that root.
//!
//! A line's nonce is [`nonce_among`](super::nonce_among) of the batch's, and lines lie in the order of their nonces: that
//! finds a line without any list of people, and tells nothing to whoever lacks the person's key. A line that was left
//! blank, because the person's terms moved before all of it was durable, is a random hash.

use sha2::{Digest, Sha256};

use super::entry::MAX_ENTRY;
use super::merkle::{leaf_hash, verify_inclusion};
use super::proof::MAX_HASHES;
use super::{Entry, Hash, LedgerError};
use crate::ledger::cbor::{Reader, Writer};

/// How many bytes of a line's nonce find it: its tag.
pub const TAG: usize = 8;
/// How many lines lie together: as many as a tile of the log is wide.
pub const CHUNK: usize = super::tile::TILE_WIDTH as usize;

const ASKED: &[u8] = b"assent/set/v1\0";

/// The digest of the tags of one chunk of lines.
pub fn chunk_digest(tags: &[u8]) -> Hash {
    Sha256::digest(tags).into()
}

/// Who was asked about: the hash over the chunks' digests, in order. Without the keys of all of them nobody can make it
/// again, so no guess at who is among them can be tried.
pub fn set_hash(chunks: &[Hash]) -> Hash {
    Sha256::new().chain_update(ASKED).chain_update(chunks.as_flattened()).finalize().into()
}

/// Where a person's line stands in a use on many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Among {
    /// The bytes of the entry that stands in the log.
    pub batch: Vec<u8>,
    /// The line's place, from 0.
    pub place: u64,
    /// The path from the line to the root in that entry, the line's sibling first.
    pub path: Vec<Hash>,
}

/// What was found of a line among many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The entry that stands in the log.
    pub batch: Entry,
    /// The line's place, from 0.
    pub place: u64,
    /// How many lines there are.
    pub people: u64,
}

impl Among {
    /// Checks that the line with these bytes stands where it is said to, in the tree that the batch names.
    pub fn verify(&self, line: &[u8]) -> Result<Part, LedgerError> {
        let batch = Entry::decode(&self.batch)?;
        let set = batch.set.ok_or(LedgerError::Malformed("not an entry about many people"))?;
        if Entry::decode(line)?.set.is_some() {
            return Err(LedgerError::Malformed("a line among many is about one person"));
        }
        verify_inclusion(self.place, set.people, &leaf_hash(line), &self.path, &set.root)?;
        Ok(Part { place: self.place, people: set.people, batch })
    }

    /// Its items in a receipt.
    pub(super) fn write(&self, w: &mut Writer) {
        w.bytes(&self.batch).uint(self.place).array(self.path.len());
        for hash in &self.path {
            w.bytes(hash);
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, LedgerError> {
        let batch = r.bytes(MAX_ENTRY)?.to_vec();
        let place = r.uint()?;
        let length = r.array(MAX_HASHES)?;
        let path = (0..length).map(|_| r.fixed()).collect::<Result<_, _>>()?;
        Ok(Self { batch, place, path })
    }
}

impl Part {
    /// What the person's line says otherwise than the entry in the log: nothing, if the operator wrote both honestly.
    pub(super) fn contradiction(&self, line: &Entry) -> Option<&'static str> {
        use super::Recipient::Person;
        let batch = &self.batch;
        // A person as recipient has another token in each line.
        let people = matches!((&batch.recipient, &line.recipient), (Person(_), Person(_)));
        let refused = line.decision == super::Decision::Deny;
        let differ = [
            (batch.purpose != line.purpose, "purpose"),
            (batch.minute != line.minute, "time"),
            (batch.region != line.region, "region"),
            (!people && batch.recipient != line.recipient, "recipient"),
            (batch.policy != line.policy, "policy"),
            (batch.decision == super::Decision::Deny && !refused, "decision"),
        ];
        differ.into_iter().find_map(|(differs, what)| differs.then_some(what))
    }
}
