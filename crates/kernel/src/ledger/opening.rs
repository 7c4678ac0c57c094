//! What opens an entry: the secret `r`, and the commitments and tokens made with it (docs/ledger.md, “What a line says”).
//!
//! `r = HMAC-SHA256(K_salt(person), nonce)`. While `K_person` lives, `r` can be made again; when it is destroyed,
//! every commitment and token of that person is noise. The person keeps `r` in the receipt.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Detail, Entry, LedgerError};

/// Details are padded to a multiple of this many bytes, so that lengths say little.
pub const PAD_STEP: usize = 256;

const DETAIL: &[u8] = b"assent/detail/v1\0";
const ACTOR: &[u8] = b"assent/actor/v1\0";
const RECIPIENT: &[u8] = b"assent/recipient/v1\0";
const LINE: &[u8] = b"assent/line/v1\0";
const TERMS: &[u8] = b"assent/terms/v1\0";

fn hmac(key: &[u8; 32], label: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC pads a short key with zeros to the 64-byte block, so this is the same key and cannot fail.
    let mut block = [0u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(label);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn token(key: &[u8; 32], label: &[u8], message: &[u8]) -> [u8; 16] {
    let mut short = [0u8; 16];
    for (to, from) in short.iter_mut().zip(hmac(key, label, message)) {
        *to = from;
    }
    short
}

/// The blinding secret of one entry: `HMAC-SHA256(k_salt, nonce)`.
pub fn blind(k_salt: &[u8; 32], nonce: &[u8; 16]) -> [u8; 32] {
    hmac(k_salt, &[], nonce)
}

/// The nonce of one person's line in a use on many ([`super::among`]): `HMAC-SHA256(k_salt, "assent/line/v1" || 0x00 ||
/// nonce of the batch)`, its first 16 bytes. It finds the line while the key lives; afterwards it is noise.
pub fn nonce_among(k_salt: &[u8; 32], batch: &[u8; 16]) -> [u8; 16] {
    token(k_salt, LINE, batch)
}

/// Length (u32, big-endian), the detail, zeros up to a multiple of [`PAD_STEP`]: injective.
pub fn pad(detail: &[u8]) -> Vec<u8> {
    let length = u32::try_from(detail.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = Vec::from(length);
    out.extend_from_slice(detail);
    out.resize(out.len().next_multiple_of(PAD_STEP), 0);
    out
}

/// The secret that opens one entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The blinding secret, from [`blind`].
    pub r: [u8; 32],
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opening")
    }
}

impl Opening {
    /// The opening of the entry with this nonce, for the person whose salt key this is.
    pub fn new(k_salt: &[u8; 32], nonce: &[u8; 16]) -> Self {
        Self { r: blind(k_salt, nonce) }
    }

    /// The commitment to an encoded detail: `HMAC-SHA256(r, "assent/detail/v1" || 0x00 || pad(detail))`.
    pub fn commit(&self, detail: &[u8]) -> [u8; 32] {
        hmac(&self.r, DETAIL, &pad(detail))
    }

    /// The token of an acting staff member or system.
    pub fn actor_token(&self, actor_id: &str) -> [u8; 16] {
        token(&self.r, ACTOR, actor_id.as_bytes())
    }

    /// The token of a natural person who receives.
    pub fn recipient_token(&self, recipient_id: &str) -> [u8; 16] {
        token(&self.r, RECIPIENT, recipient_id.as_bytes())
    }

    /// The token of the terms (their hash) that decided.
    pub fn terms_token(&self, terms_root: &[u8; 32]) -> [u8; 16] {
        token(&self.r, TERMS, terms_root)
    }

    /// Checks that these bytes are the detail the entry commits to, and that its actor is the one named.
    pub fn open(&self, entry: &Entry, detail: &[u8]) -> Result<Detail, LedgerError> {
        if self.commit(detail) != entry.commit {
            return Err(LedgerError::Opening);
        }
        let detail = Detail::decode(detail)?;
        if self.actor_token(&detail.actor) != entry.actor {
            return Err(LedgerError::Opening);
        }
        Ok(detail)
    }
}
