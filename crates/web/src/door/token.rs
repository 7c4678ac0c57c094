//! What a provider says about who came: a signed token (OpenID Connect Core 1.0 §2, §3.1.3.7), believed only whole.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// How far clocks may differ, in seconds.
const SLACK: i64 = 60;

/// A provider's keys.
#[derive(Debug, Deserialize)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: String,
    #[serde(default, rename = "use")]
    purpose: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
}

/// Whom it may be for: one, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    #[serde(default)]
    azp: String,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_verified: Flag,
}

/// Some providers write "true" where the standard says true.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Flag {
    Said(bool),
    Written(String),
    #[default]
    Nothing,
}

/// What must be so.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) seconds: i64,
}

/// Who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) subject: String,
    /// An address that the provider has verified; one that it has not is none.
    pub(crate) email: Option<String>,
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// Reads a token, if every word of it is right.
pub(crate) fn read(token: &str, keys: &Keys, wanted: &Wanted<'_>) -> Option<Who> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&bytes(header)?).ok()?;
    let signature = bytes(signature)?;
    let fits = keys.keys.iter().filter(|key| header.kid.is_empty() || key.kid == header.kid);
    let mut fits = fits.filter(|key| key.purpose.is_empty() || key.purpose == "sig");
    if !fits.any(|key| key.signed(&header.alg, signed.as_bytes(), &signature)) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&bytes(claims)?).ok()?;
    claims.believed(wanted)
}

impl Key {
    /// Whether this key made that signature, by one of the two ways we know. "none" is no way.
    fn signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        match (alg, self.kty.as_str()) {
            ("RS256", "RSA") => {
                let (Some(n), Some(e)) = (bytes(&self.n), bytes(&self.e)) else { return false };
                let key = RsaPublicKeyComponents { n: &n, e: &e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            ("ES256", "EC") if self.crv == "P-256" => {
                let (Some(x), Some(y)) = (bytes(&self.x), bytes(&self.y)) else { return false };
                if x.len() != 32 || y.len() != 32 {
                    return false;
                }
                let point = [&[4][..], &x, &y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

impl Claims {
    fn believed(self, wanted: &Wanted<'_>) -> Option<Who> {
        let ours = match &self.aud {
            Audience::One(one) => one == wanted.client,
            Audience::Many(all) => {
                all.iter().any(|one| one == wanted.client) && (all.len() == 1 || self.azp == wanted.client)
            }
        };
        let party = self.azp.is_empty() || self.azp == wanted.client;
        let lives = wanted.seconds < self.exp.saturating_add(SLACK)
            && self.iat <= wanted.seconds.saturating_add(SLACK);
        let fresh = !wanted.nonce.is_empty() && self.nonce == wanted.nonce;
        let named = !self.sub.is_empty() && self.sub.len() <= 255;
        if !(self.iss == wanted.issuer && ours && party && lives && fresh && named) {
            return None;
        }
        let verified = match self.email_verified {
            Flag::Said(said) => said,
            Flag::Written(word) => word == "true",
            Flag::Nothing => false,
        };
        let email = Some(self.email.trim().to_lowercase()).filter(|email| verified && email.contains('@'));
        Some(Who { subject: self.sub, email })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::{Value, json};

    struct Issuer {
        pair: EcdsaKeyPair,
        keys: Keys,
    }

    fn text(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    impl Issuer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let pair =
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap();
            let point = pair.public_key().as_ref().to_vec();
            let key = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "one", "x": text(&point[1..33]), "y": text(&point[33..]) }] });
            Self { pair, keys: serde_json::from_value(key).unwrap() }
        }
        fn token(&self, header: Value, claims: Value) -> String {
            let signed =
                format!("{}.{}", text(header.to_string().as_bytes()), text(claims.to_string().as_bytes()));
            let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", text(signature.as_ref()))
        }
    }

    const WANTED: Wanted<'_> =
        Wanted { issuer: "https://id.example.org", client: "assent", nonce: "n1", seconds: 1_000 };

    fn claims(more: Value) -> Value {
        let mut all = json!({
            "iss": "https://id.example.org", "sub": "u-1", "aud": "assent", "exp": 1_300, "iat": 990, "nonce": "n1",
            "email": "Nora@Example.org", "email_verified": true
        });
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    }

    #[test]
    fn a_token_is_believed_whole_or_not_at_all() {
        let issuer = Issuer::new();
        let head = json!({ "alg": "ES256", "kid": "one" });
        let who = read(&issuer.token(head.clone(), claims(json!({}))), &issuer.keys, &WANTED);
        assert_eq!(who, Some(Who { subject: "u-1".into(), email: Some("nora@example.org".into()) }));
        for wrong in [
            json!({ "iss": "https://evil.example.org" }),
            json!({ "aud": "another" }),
            json!({ "aud": ["assent", "another"] }),
            json!({ "azp": "another" }),
            json!({ "exp": 939 }),
            json!({ "iat": 1_061 }),
            json!({ "nonce": "n2" }),
            json!({ "nonce": "" }),
            json!({ "sub": "" }),
        ] {
            let token = issuer.token(head.clone(), claims(wrong.clone()));
            assert_eq!(read(&token, &issuer.keys, &WANTED), None, "{wrong}");
        }
        let several =
            issuer.token(head.clone(), claims(json!({ "aud": ["assent", "another"], "azp": "assent" })));
        assert!(read(&several, &issuer.keys, &WANTED).is_some());
    }

    #[test]
    fn an_address_that_is_not_verified_is_none() {
        let issuer = Issuer::new();
        for unverified in [json!(false), json!("false"), json!(null), json!("yes")] {
            let token =
                issuer.token(json!({ "alg": "ES256" }), claims(json!({ "email_verified": unverified })));
            let who = read(&token, &issuer.keys, &WANTED);
            assert!(who.is_none_or(|who| who.email.is_none()), "{unverified}");
        }
    }

    #[test]
    fn a_signature_that_is_none_or_another_s_is_none() {
        let (issuer, other) = (Issuer::new(), Issuer::new());
        let token = issuer.token(json!({ "alg": "ES256", "kid": "one" }), claims(json!({})));
        assert_eq!(read(&token, &other.keys, &WANTED), None);
        for alg in ["none", "HS256", "RS256", "ES384", ""] {
            let token = issuer.token(json!({ "alg": alg, "kid": "one" }), claims(json!({})));
            assert_eq!(read(&token, &issuer.keys, &WANTED), None, "{alg}");
        }
        let (signed, _) = token.rsplit_once('.').unwrap();
        for cut in [
            signed.to_owned(),
            format!("{signed}."),
            String::new(),
            "..".into(),
            "a.b.c".into(),
            token.replace('.', ".."),
        ] {
            assert_eq!(read(&cut, &issuer.keys, &WANTED), None, "{cut}");
        }
        let elsewhere = issuer.token(json!({ "alg": "ES256", "kid": "two" }), claims(json!({})));
        assert_eq!(read(&elsewhere, &issuer.keys, &WANTED), None, "a key that the provider does not show");
    }
}
