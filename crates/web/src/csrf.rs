//! Proof that a form came from our own page: HMAC-SHA256 of the session's id under the session secret.
//! Nothing is stored; a token dies with its session.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// The name of the hidden field that carries the token.
pub const FIELD: &str = "csrf";

/// The token for this session.
pub fn token(secret: &[u8; 32], session: &str) -> String {
    let mut mac = Hmac::<Sha256>::new(&padded(secret).into());
    mac.update(b"assent csrf 1\0");
    mac.update(session.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// HMAC fills a short key up with zeros to the block of its hash.
fn padded(secret: &[u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(secret);
    block
}

/// Whether `given` is this session's token, in constant time.
pub fn verify(secret: &[u8; 32], session: &str, given: &str) -> bool {
    token(secret, session).as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_session_and_secret_only() {
        let (ours, theirs) = ([7; 32], [8; 32]);
        let given = token(&ours, "s_1");
        assert_eq!(given.len(), 43);
        assert!(verify(&ours, "s_1", &given));
        assert!(!verify(&ours, "s_2", &given));
        assert!(!verify(&theirs, "s_1", &given));
        assert!(!verify(&ours, "s_1", ""));
        assert!(!verify(&ours, "s_1", &given[..42]));
    }
}
