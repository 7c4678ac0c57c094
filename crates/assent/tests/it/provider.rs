//! A provider in a bottle: it signs whatever a story wants said. The real one, which is not ours, is in `tests/interop`.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

/// A provider that listens.
pub(crate) struct Provider {
    /// Who it says it is.
    pub(crate) issuer: String,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Issuer {
    address: String,
    pair: EcdsaKeyPair,
    seconds: i64,
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    /// Begins to listen; its tokens are of this second and hold for a day.
    pub(crate) async fn listen(seconds: i64) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap();
        let issuer = Arc::new(Issuer { address: address.clone(), pair, seconds });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(issuer);
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Ok(Self { issuer: address, serving })
    }
}

async fn about(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    let here = &issuer.address;
    Json(json!({
        "issuer": here, "authorization_endpoint": format!("{here}/go"), "token_endpoint": format!("{here}/token"),
        "jwks_uri": format!("{here}/keys"),
    }))
}

async fn keys(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    let point = issuer.pair.public_key().as_ref();
    Json(
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "one", "x": text(&point[1..33]), "y": text(&point[33..]) }] }),
    )
}

/// The code is what the story wants said: `subject~nonce`.
async fn token(State(issuer): State<Arc<Issuer>>, RawForm(form): RawForm) -> Json<Value> {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&form).into_owned().collect();
    let field = |name: &str| form.iter().find(|(one, _)| one == name).unwrap().1.clone();
    let code = field("code");
    let (subject, nonce) = code.split_once('~').unwrap();
    let claims = json!({
        "iss": issuer.address, "sub": subject, "aud": field("client_id"), "nonce": nonce, "iat": issuer.seconds,
        "exp": issuer.seconds + 86_400, "email": "yui.ito@example.org", "email_verified": true,
    });
    let head = json!({ "alg": "ES256", "kid": "one" });
    let signed = format!("{}.{}", text(head.to_string().as_bytes()), text(claims.to_string().as_bytes()));
    let signature = issuer.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    Json(json!({ "id_token": format!("{signed}.{}", text(signature.as_ref())) }))
}
