//! The receipt: a `.tlog-proof` that the person keeps. It proves what we did after we have forgotten it.
//!
//! The `extra` line is base64 of a deterministic CBOR array, all of it checked against the signed root:
//! `[1, entry bytes]` (proof of an entry alone), or `[1, entry bytes, r (32 bytes), detail bytes]`; and of a line among
//! many people's `[2, entry bytes, place, [hashes], line bytes]`, or the same with `r` and detail: the entry stands in the
//! log, the hashes lead from the line to the root in the entry. The detail
//! stands without its padding; [`super::opening::pad`] makes the padded form the commitment is over, so there is
//! one padded form per detail.

use super::cbor::{Reader, Writer};
use super::detail::{MAX_DETAIL, NO_USE, PERMIT};
use super::entry::MAX_ENTRY;
use super::merkle::{leaf_hash, verify_inclusion};
use super::policy::{AcceptedHead, Freshness, Policy};
use super::proof::{MAX_HASHES, Proof};
use super::{Among, Decision, Detail, Entry, Hash, Kind, LedgerError, Note, Opening, Part, Refs};

/// The form of `extra` of an entry about one person.
pub const VERSION: u64 = 1;
/// The form of `extra` of a line among many people's.
pub const AMONG: u64 = 2;
/// Longest `extra`.
const MAX_EXTRA: usize = 2 * MAX_ENTRY + 40 * MAX_HASHES + MAX_DETAIL + 64;

/// An entry with its proof and, for the person it is about, what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the entry in the log, from 0.
    pub index: u64,
    /// Inclusion proof, leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The signed, perhaps cosigned, head.
    pub note: Note,
    /// The entry's bytes; of a line among many people's the line's.
    pub entry: Vec<u8>,
    /// Where the line stands in a use on many, which is what the log has then.
    pub among: Option<Among>,
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
    /// The entry about the person: what stands in the log, or a line of it.
    pub entry: Entry,
    /// Of a use on many people, the entry that stands in the log.
    pub among: Option<Part>,
    /// The detail it commits to, if the receipt opens it.
    pub detail: Option<Detail>,
}

impl Verified {
    /// What the sealed detail says otherwise than the public entry: nothing, if the operator wrote both honestly.
    pub fn contradiction(&self) -> Option<&'static str> {
        self.among.as_ref().and_then(|part| part.contradiction(&self.entry)).or_else(|| self.detail_differs())
    }

    fn detail_differs(&self) -> Option<&'static str> {
        let detail = self.detail.as_ref()?;
        let entry = &self.entry;
        let minute = detail.at.div_euclid(60_000_000);
        // An act has no outcome to permit or refuse; of a use on many each line has its own.
        let decided = detail.use_code != NO_USE && entry.kind != Kind::Batch;
        let refused = entry.decision == Decision::Deny;
        let differ = [
            (detail.purpose != entry.purpose.as_str(), "purpose"),
            (minute != i64::from(entry.minute), "time"),
            (detail.region != entry.region.as_str(), "region"),
            (decided && refused == (detail.outcome == PERMIT), "outcome"),
            (Refs::chain_hash(&detail.chain) != entry.refs.chain_hash, "chain"),
        ];
        differ.into_iter().find_map(|(differs, what)| differs.then_some(what))
    }
}

impl Receipt {
    /// The file's text.
    pub fn encode(&self) -> String {
        let mut w = Writer::new();
        let opens = self.opened.is_some();
        match &self.among {
            None => w.array(if opens { 4 } else { 2 }).uint(VERSION),
            Some(among) => {
                among.write(w.array(if opens { 7 } else { 5 }).uint(AMONG));
                &mut w
            }
        }
        .bytes(&self.entry);
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
        let mut r = Reader::new(extra, MAX_EXTRA)?;
        let (parts, form) = (r.array(7)?, r.uint()?);
        let (among, opens) = match (form, parts) {
            (VERSION, 2 | 4) => (None, parts == 4),
            (AMONG, 5 | 7) => (Some(Among::read(&mut r)?), parts == 7),
            _ => return Err(LedgerError::Malformed("receipt version or parts")),
        };
        let entry = r.bytes(MAX_ENTRY)?.to_vec();
        let opened =
            if opens { Some((Opening { r: r.fixed()? }, r.bytes(MAX_DETAIL)?.to_vec())) } else { None };
        r.finish()?;
        Ok(Self { index: proof.index, hashes: proof.hashes, note: proof.note, entry, among, opened })
    }

    /// Checks all of it: form, the log's signature, the quorum, freshness, inclusion, opening, in this order.
    pub fn verify(&self, policy: &Policy, fresh: Option<Freshness>) -> Result<Verified, LedgerError> {
        let entry = Entry::decode(&self.entry)?;
        let head = policy.accept(&self.note, fresh)?;
        let (size, root) = (head.checkpoint.size, &head.checkpoint.root);
        let logged = self.among.as_ref().map_or(&self.entry, |among| &among.batch);
        verify_inclusion(self.index, size, &leaf_hash(logged), &self.hashes, root)?;
        let among = self.among.as_ref().map(|among| among.verify(&self.entry)).transpose()?;
        let detail =
            self.opened.as_ref().map(|(opening, detail)| opening.open(&entry, detail)).transpose()?;
        Ok(Verified { index: self.index, head, entry, among, detail })
    }
}
