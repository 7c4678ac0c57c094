//! TLS to PostgreSQL: what `sslmode` in the URL asks for is honoured or refused, never quietly left out.
//!
//! | `sslmode` | |
//! |---|---|
//! | none, `disable` | no TLS: for the same machine or a private network |
//! | `require` | TLS; whoever answers is believed, as libpq does |
//! | `verify-full` | TLS; the certificate must be signed by `sslrootcert` (a PEM file) and be the host's |

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::error::{Result, StoreError};

/// A URL without what is ours to honour, and the TLS it asked for; none = plain.
pub(super) fn asked(url: &str) -> Result<(String, Option<ClientConfig>)> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let slot = match pair.split_once('=') {
            Some(("sslmode", value)) => Some((&mut mode, value)),
            Some(("sslrootcert", value)) => Some((&mut root, value)),
            // Whatever else libpq knows of TLS would be left out without a word.
            Some((name, _)) if name.starts_with("ssl") || name.starts_with("gss") => {
                return Err(refused(&format!("`{name}` is not known here")));
            }
            Some(_) | None => None,
        };
        match slot {
            Some((slot, value)) if slot.is_none() => *slot = Some(value),
            Some(_) => return Err(refused("it says the same thing twice")),
            None => rest.push(pair),
        }
    }
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let tls = match (mode, root) {
        (None | Some("disable"), None) => None,
        (Some("require"), None) => Some(encrypted()?),
        (Some("verify-full"), Some(path)) => Some(verified(path)?),
        (Some("verify-full"), None) => return Err(refused("`sslmode=verify-full` needs `sslrootcert=FILE`")),
        (None | Some("disable" | "require"), Some(_)) => {
            return Err(refused("`sslrootcert` is for `sslmode=verify-full`"));
        }
        (Some(_), _) => return Err(refused("`sslmode` may be disable, require or verify-full here")),
    };
    Ok((url, tls))
}

fn refused(why: &str) -> StoreError {
    StoreError::Unavailable(format!("the URL of a PostgreSQL database is refused: {why}"))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn unusable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("TLS cannot be used: {error}"))
}

fn encrypted() -> Result<ClientConfig> {
    let versions = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let verifier = Arc::new(Anybody(provider()));
    Ok(versions
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

fn verified(path: &str) -> Result<ClientConfig> {
    let bad = |why: String| refused(&format!("the file of `sslrootcert` {why}"));
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|_| bad("cannot be read".into()))?;
    for certificate in found {
        let certificate = certificate.map_err(|_| bad("is no PEM file of certificates".into()))?;
        roots.add(certificate).map_err(|error| bad(format!("cannot be used: {error}")))?;
    }
    if roots.is_empty() {
        return Err(bad("holds no certificate".into()));
    }
    let versions = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    Ok(versions.map_err(unusable)?.with_root_certificates(roots).with_no_client_auth())
}

/// Believes any certificate, but that its holder is at the other end is still proven: for `sslmode=require`.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
