//! C2SP tlog-proof: one text file that shows, offline, that something stands in a log.

use super::LedgerError;
use super::merkle::Hash;
use super::note::{Note, base64, decimal, unbase64, unbase64_hash};

/// First line of every proof.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Longest proof in bytes.
pub const MAX_PROOF: usize = 128 * 1024;
/// Most hashes in an inclusion proof: one per level of the tallest tree.
pub const MAX_HASHES: usize = 64;

/// A proof of inclusion with the signed head it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Bytes of the application's own; not authenticated by the format.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry, from 0.
    pub index: u64,
    /// The inclusion proof, leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The signed head.
    pub note: Note,
}

impl Proof {
    /// The file's text.
    pub fn encode(&self) -> String {
        let extra = self.extra.as_ref().map(|bytes| format!("extra {}\n", base64(bytes))).unwrap_or_default();
        let hashes: String = self.hashes.iter().map(|hash| base64(hash) + "\n").collect();
        format!("{HEADER}\n{extra}index {}\n{hashes}\n{}", self.index, self.note)
    }

    /// Reads a proof strictly.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("proof");
        if text.len() > MAX_PROOF {
            return Err(BAD);
        }
        let (head, note) = text.split_once("\n\n").ok_or(BAD)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(LedgerError::Malformed("not a c2sp.org/tlog-proof@v1"));
        }
        let extra =
            lines.next_if(|line| line.starts_with("extra ")).and_then(|line| line.strip_prefix("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(BAD)?;
        let hashes: Vec<Hash> = lines.take(MAX_HASHES + 1).map(unbase64_hash).collect::<Result<_, _>>()?;
        if hashes.len() > MAX_HASHES {
            return Err(BAD);
        }
        Ok(Self {
            extra: extra.map(unbase64).transpose()?,
            index: decimal(index)?,
            hashes,
            note: Note::parse(note)?,
        })
    }
}
