//! Sealing: XChaCha20-Poly1305, a random nonce, and the place of the value as associated data.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::error::{GateError, Result};

/// The form of sealed bytes: this, 24 bytes of nonce, ciphertext with its tag.
const FORM: u8 = 1;

/// Fills an array with random bytes of the operating system.
///
/// # Errors
/// [`GateError::Sealed`] when the system has none: nothing may be sealed then.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|_| GateError::Sealed("the system has no random bytes".into()))?;
    Ok(out)
}

/// Seals bytes under a key for one place.
pub(crate) fn seal(key: &[u8; 32], place: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; 24] = random()?;
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        .map_err(|_| GateError::Unreadable)?;
    let mut out = Vec::with_capacity(sealed.len().saturating_add(25));
    out.push(FORM);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Seals bytes with a nonce that is used under this key for nothing else, and is known to whoever opens them: nothing but
/// the ciphertext and its tag.
pub(crate) fn seal_with(key: &[u8; 32], nonce: [u8; 16], place: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher.encrypt(&wide(nonce), Payload { msg: plain, aad: place }).map_err(|_| GateError::Unreadable)
}

/// Opens what [`seal_with`] sealed.
pub(crate) fn open_with(key: &[u8; 32], nonce: [u8; 16], place: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher.decrypt(&wide(nonce), Payload { msg: sealed, aad: place }).map_err(|_| GateError::Unreadable)
}

fn wide(nonce: [u8; 16]) -> XNonce {
    let mut wide = [0; 24];
    for (to, from) in wide.iter_mut().zip(nonce) {
        *to = from;
    }
    XNonce::from(wide)
}

/// Opens sealed bytes, if they are whole, under this key and from this place.
pub(crate) fn open(key: &[u8; 32], place: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let (form, rest) = sealed.split_first().ok_or(GateError::Unreadable)?;
    let (nonce, body) = rest.split_first_chunk::<24>().ok_or(GateError::Unreadable)?;
    if *form != FORM {
        return Err(GateError::Unreadable);
    }
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher
        .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: place })
        .map_err(|_| GateError::Unreadable)
}
