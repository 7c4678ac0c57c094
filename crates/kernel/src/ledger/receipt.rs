//! The receipt: a `.tlog-proof` that the person keeps. It proves what we did after we have forgotten it.
//!
//! The `extra` line is base64 of a deterministic CBOR array, all of it checked against the signed root:
//! `[1, entry bytes]` (proof of an entry alone), or `[1, entry bytes, r (32 bytes), detail bytes]`. The detail
//! stands without its padding; [`super::opening::pad`] makes the padded form the commitment is over, so there is
//! one padded form per detail.

use super::cbor::{Reader, Writer};
use super::detail::MAX_DETAIL;
use super::entry::MAX_ENTRY;
use super::merkle::{leaf_hash, verify_inclusion};
use super::policy::{AcceptedHead, Freshness, Policy};
use super::proof::Proof;
use super::{Detail, Entry, Hash, LedgerError, Note, Opening};

/// The form of `extra` this code writes and reads.
pub const VERSION: u64 = 1;

/// An entry with its proof and, for the person it is about, what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the entry in the log, from 0.
    pub index: u64,
    /// Inclusion proof, leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The signed, perhaps cosigned, head.
    pub note: Note,
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The secret and the encoded detail, if the holder may read them.
    pub opened: Option<(Opening, Vec<u8>)>,
}

/// What a receipt was found to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Index of the entry, from 0.
    pub index: u64,
    /// The head it stands under: size, root, origin and witnesses.
    pub head: AcceptedHead,
    /// The entry.
    pub entry: Entry,
    /// The detail it commits to, if the receipt opens it.
    pub detail: Option<Detail>,
}

impl Verified {
    /// What the sealed detail says otherwise than the public entry: nothing, if the operator wrote both honestly.
    pub fn contradiction(&self) -> Option<&'static str> {
        let detail = self.detail.as_ref()?;
        let minute = detail.at.div_euclid(60_000_000);
        match detail.purpose == self.entry.purpose.as_str() {
            false => Some("purpose"),
            true if minute != i64::from(self.entry.minute) => Some("time"),
            true if detail.region != self.entry.region.as_str() => Some("region"),
            true => None,
        }
    }
}

impl Receipt {
    /// The file's text.
    pub fn encode(&self) -> String {
        let mut w = Writer::new();
        w.array(if self.opened.is_some() { 4 } else { 2 }).uint(VERSION).bytes(&self.entry);
        if let Some((opening, detail)) = &self.opened {
            w.bytes(&opening.r).bytes(detail);
        }
        let (hashes, note) = (self.hashes.clone(), self.note.clone());
        Proof { extra: Some(w.finish()), index: self.index, hashes, note }.encode()
    }

    /// Reads a receipt strictly; says nothing yet about whether it holds.
    pub fn decode(text: &str) -> Result<Self, LedgerError> {
        let proof = Proof::parse(text)?;
        let extra = proof.extra.as_deref().ok_or(LedgerError::Malformed("receipt without entry"))?;
        let mut r = Reader::new(extra, MAX_ENTRY + MAX_DETAIL + 64)?;
        let parts = r.array(4)?;
        if r.uint()? != VERSION {
            return Err(LedgerError::Malformed("receipt version"));
        }
        let entry = r.bytes(MAX_ENTRY)?.to_vec();
        let opened = match parts {
            2 => None,
            4 => Some((Opening { r: r.fixed()? }, r.bytes(MAX_DETAIL)?.to_vec())),
            _ => return Err(LedgerError::Malformed("receipt parts")),
        };
        r.finish()?;
        Ok(Self { index: proof.index, hashes: proof.hashes, note: proof.note, entry, opened })
    }

    /// Checks all of it: form, the log's signature, the quorum, freshness, inclusion, opening, in this order.
    pub fn verify(&self, policy: &Policy, fresh: Option<Freshness>) -> Result<Verified, LedgerError> {
        let entry = Entry::decode(&self.entry)?;
        let head = policy.accept(&self.note, fresh)?;
        let (size, root) = (head.checkpoint.size, &head.checkpoint.root);
        verify_inclusion(self.index, size, &leaf_hash(&self.entry), &self.hashes, root)?;
        let detail =
            self.opened.as_ref().map(|(opening, detail)| opening.open(&entry, detail)).transpose()?;
        Ok(Verified { index: self.index, head, entry, detail })
    }
}
