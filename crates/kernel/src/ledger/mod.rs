//! The ledger: what is written down before anything is done, and how a stranger checks it.
//!
//! Every use becomes an [`Entry`]: public codes, and commitments under a key that dies with the
//! person. Entries are leaves of an RFC 6962 Merkle log ([`merkle`]) stored in C2SP form ([`tile`], [`note`]),
//! so existing tools verify it. The person gets a [`Receipt`]: entry, opening and proof in
//! one file, checked offline against a [`Policy`].
//!
//! Nothing here reads a clock, draws randomness, touches a file or holds a secret: time, nonces, blinding
//! values and signatures come in as arguments.

pub mod among;
pub mod cbor;
pub mod detail;
pub mod entry;
pub mod merkle;
pub mod note;
pub mod opening;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod tile;

pub use among::{Among, Part};
pub use detail::Detail;
pub use entry::{
    Code, Decision, Entry, Kind, OrganisationCode, PurposeCode, Recipient, Refs, RegionCode, Set,
};
pub use merkle::{Hash, Tree};
pub use note::{Checkpoint, Note, Vkey};
pub use opening::{Opening, blind, nonce_among};
pub use policy::{Freshness, Policy};
pub use receipt::{Receipt, Verified};
pub use tile::{Edge, TileId, TileReader};

/// Why something of the ledger was not accepted; each kind is one exit code of `assent verify` (docs/ledger.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Not in the one allowed form; says which part.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// No valid signature of a log the policy names, or a wrong one.
    #[error("the log's signature does not hold")]
    LogSignature,
    /// Fewer witnesses than the policy asks, or a wrong cosignature.
    #[error("not enough valid witness cosignatures")]
    Quorum,
    /// The hashes do not lead from the entry to the signed root.
    #[error("the entry or tile is not in the signed tree")]
    Inclusion,
    /// The detail or secret does not open the entry's commitment.
    #[error("the detail is not the one committed to")]
    Opening,
    /// The newer head does not extend the older one.
    #[error("not consistent with the older head")]
    Inconsistent,
    /// The head is older than was asked for.
    #[error("the head is too old")]
    Stale,
}

#[cfg(test)]
mod tests;
