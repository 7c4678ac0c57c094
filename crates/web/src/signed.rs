//! Messages that prove where they come from: Standard Webhooks 1.0.0, symmetric.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A secret as it is shown, once.
#[must_use]
pub fn written(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The headers of a message: its id, when it is sent, and a signature with each of these secrets.
#[must_use]
pub fn headers(secrets: &[Vec<u8>], id: &str, seconds: i64, body: &str) -> Vec<(&'static str, String)> {
    let signatures: Vec<String> =
        secrets.iter().filter_map(|secret| sign(secret, id, seconds, body)).collect();
    vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
}

fn sign(secret: &[u8], id: &str, seconds: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = "{\"test\": 2432232314}";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = sign(&secret, id, 1_614_265_330, body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = headers(&[secret.clone(), vec![1; 32]], id, 1_614_265_330, body);
        assert_eq!(both[2].1.split(' ').count(), 2);
    }
}
