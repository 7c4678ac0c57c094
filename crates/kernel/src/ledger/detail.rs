//! The sealed detail of an entry: what the person reads (who, what, why, on which warrant), and what the entry
//! only commits to. Deterministic CBOR, at most [`MAX_DETAIL`] bytes, no control or direction-changing characters
//! (it is printed on terminals).

use super::LedgerError;
use super::cbor::{Reader, Writer};

/// Longest encoded detail in bytes.
pub const MAX_DETAIL: usize = 8 * 1024;
/// Longest single text in bytes.
pub const MAX_TEXT: usize = 800;
/// Longest note in characters.
pub const MAX_NOTE: usize = 200;
/// Most items in a list.
pub const MAX_ITEMS: usize = 256;
/// The use code of an entry that is about no use.
pub const NO_USE: u8 = 255;
/// The outcome of a use that was permitted; of one that was not, its reason code.
pub const PERMIT: &str = "PERMIT";

/// What the person can read about one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// Running number of this person's entries, from 1: a gap shows a missing receipt. 0 for a line among many people's,
    /// which is numbered by its place there.
    pub seq: u64,
    /// The exact time in microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Code of the use ([`Use`](crate::uses::Use) as a number); 255 if the entry is about no use.
    pub use_code: u8,
    /// Purpose key.
    pub purpose: String,
    /// Categories of the facts used.
    pub categories: Vec<String>,
    /// Ids of the facts used.
    pub facts: Vec<String>,
    /// Who received, as written for people; empty if nobody.
    pub recipient: String,
    /// The recipient chain, nearest first.
    pub chain: Vec<String>,
    /// Id of who acted; its token is the entry's `actor`.
    pub actor: String,
    /// Role in which they acted.
    pub role: String,
    /// Reason code of the outcome, such as `PERMIT` or `WITHDRAWN`.
    pub outcome: String,
    /// Id of the grant or mandate it stood on; empty if none.
    pub warrant: String,
    /// The notice as `id@version`; empty if none.
    pub notice: String,
    /// A few words more, at most [`MAX_NOTE`] characters.
    pub note: String,
    /// In which region it was used or done.
    pub region: String,
    /// What else counted, as [`Context::words`](crate::question::Context::words) names it; never what a ticket says.
    pub context: Vec<String>,
}

impl Detail {
    /// The one encoding; refuses what [`Detail::decode`] would refuse.
    pub fn encode(&self) -> Result<Vec<u8>, LedgerError> {
        let mut w = Writer::new();
        w.map(16).uint(1).uint(self.seq).uint(2).int(self.at).uint(3).uint(self.use_code.into());
        w.uint(4).text(&self.purpose);
        list(w.uint(5), &self.categories);
        list(w.uint(6), &self.facts);
        w.uint(7).text(&self.recipient);
        list(w.uint(8), &self.chain);
        w.uint(9).text(&self.actor).uint(10).text(&self.role).uint(11).text(&self.outcome);
        w.uint(12).text(&self.warrant).uint(13).text(&self.notice).uint(14).text(&self.note);
        list(w.uint(15).text(&self.region).uint(16), &self.context);
        let bytes = w.finish();
        Self::decode(&bytes)?;
        Ok(bytes)
    }

    /// Reads a detail strictly.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut r = Reader::new(bytes, MAX_DETAIL)?;
        r.map(16)?;
        let detail = Self {
            seq: r.key(1)?.uint()?,
            at: r.key(2)?.int()?,
            use_code: u8::try_from(r.key(3)?.uint()?).map_err(|_| LedgerError::Malformed("detail use"))?,
            purpose: words(r.key(4)?)?,
            categories: read_list(r.key(5)?)?,
            facts: read_list(r.key(6)?)?,
            recipient: words(r.key(7)?)?,
            chain: read_list(r.key(8)?)?,
            actor: words(r.key(9)?)?,
            role: words(r.key(10)?)?,
            outcome: words(r.key(11)?)?,
            warrant: words(r.key(12)?)?,
            notice: words(r.key(13)?)?,
            note: words(r.key(14)?)?,
            region: words(r.key(15)?)?,
            context: read_list(r.key(16)?)?,
        };
        r.finish()?;
        if detail.note.chars().count() > MAX_NOTE {
            return Err(LedgerError::Malformed("detail note too long"));
        }
        Ok(detail)
    }
}

fn list(w: &mut Writer, items: &[String]) {
    w.array(items.len());
    for item in items {
        w.text(item);
    }
}

fn words(r: &mut Reader<'_>) -> Result<String, LedgerError> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text = r.text(MAX_TEXT)?;
    if text.contains(hidden) {
        return Err(LedgerError::Malformed("control character in detail"));
    }
    Ok(text.to_owned())
}

fn read_list(r: &mut Reader<'_>) -> Result<Vec<String>, LedgerError> {
    let len = r.array(MAX_ITEMS)?;
    (0..len).map(|_| words(r)).collect()
}
