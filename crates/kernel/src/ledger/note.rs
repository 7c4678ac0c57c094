//! C2SP signed notes, tlog-checkpoints and Ed25519 cosignatures.
//!
//! The kernel holds no secret: a signature comes from a closure. Verification is strict Ed25519; signature
//! types not known here (ML-DSA among them) are carried and ignored, as the format asks.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::LedgerError;
use super::merkle::Hash;

/// Longest note text in bytes.
pub const MAX_TEXT: usize = 4 * 1024;
/// Longest whole note in bytes.
pub const MAX_NOTE: usize = 64 * 1024;
/// Most signature lines.
pub const MAX_SIGNATURES: usize = 16;

/// Signature type of a log's own Ed25519 signature.
pub const ED25519: u8 = 0x01;
/// Signature type of a witness's timestamped Ed25519 cosignature.
pub const COSIGNATURE: u8 = 0x04;

const LONG_NUMBER: usize = 20;

/// Standard base64 as text.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard, canonical, padded base64.
pub(super) fn unbase64(text: &str) -> Result<Vec<u8>, LedgerError> {
    STANDARD.decode(text).map_err(|_| LedgerError::Malformed("base64"))
}

/// A 32-byte hash in base64.
pub(super) fn unbase64_hash(text: &str) -> Result<Hash, LedgerError> {
    unbase64(text)?.try_into().map_err(|_| LedgerError::Malformed("hash of another length"))
}

/// A decimal number without sign or leading zeros.
pub(super) fn decimal(text: &str) -> Result<u64, LedgerError> {
    let plain = text.len() <= LONG_NUMBER && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = plain && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| canonical).ok_or(LedgerError::Malformed("number"))
}

/// A key's name: not empty, no spaces, no `+`, no control characters.
fn name_ok(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// A verifier key: `name+hex(id)+base64(type || key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vkey {
    name: String,
    id: [u8; 4],
    kind: u8,
    key: Vec<u8>,
}

impl Vkey {
    /// A log's Ed25519 key.
    pub fn log(name: &str, key: &[u8; 32]) -> Result<Self, LedgerError> {
        Self::new(name, ED25519, key)
    }

    /// A witness's cosignature/v1 key.
    pub fn witness(name: &str, key: &[u8; 32]) -> Result<Self, LedgerError> {
        Self::new(name, COSIGNATURE, key)
    }

    fn new(name: &str, kind: u8, key: &[u8]) -> Result<Self, LedgerError> {
        if !name_ok(name) {
            return Err(LedgerError::Malformed("key name"));
        }
        let digest =
            Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(key).finalize();
        let [a, b, c, d, ..] = <[u8; 32]>::from(digest);
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], kind, key: key.to_vec() })
    }

    /// Reads a vkey line; the key id must be the one the key has.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("verifier key");
        if text.len() > MAX_TEXT {
            return Err(BAD);
        }
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BAD);
        };
        let bytes = unbase64(key)?;
        let (kind, key) = bytes.split_first().ok_or(BAD)?;
        let vkey = Self::new(name, *kind, key)?;
        let short = matches!(*kind, ED25519 | COSIGNATURE) && key.len() != 32;
        if short || vkey.id_hex() != id { Err(BAD) } else { Ok(vkey) }
    }

    /// The key's name; of a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The signature type, such as [`ED25519`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The public key's bytes.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The four-byte key id.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    fn id_hex(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key =
            <[u8; 32]>::try_from(self.key.as_slice()).ok().and_then(|k| VerifyingKey::from_bytes(&k).ok());
        let signature = Signature::from_slice(signature).ok();
        key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
    }
}

impl std::fmt::Display for Vkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut typed = vec![self.kind];
        typed.extend_from_slice(&self.key);
        write!(f, "{}+{}+{}", self.name, self.id_hex(), base64(&typed))
    }
}

/// What a log states: so many entries, this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, `<public-host>/ledger/<company>/<region>`.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The note text: three lines, no extension lines.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))
    }

    /// Reads a note text; extension lines are refused, our logs write none.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("checkpoint");
        let mut lines = text.strip_suffix('\n').ok_or(BAD)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(BAD);
        };
        if origin.is_empty() || origin.contains(char::is_control) {
            return Err(BAD);
        }
        Ok(Self { origin: origin.to_owned(), size: decimal(size)?, root: unbase64_hash(root)? })
    }
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key that signed.
    pub name: String,
    /// Id of the key that signed.
    pub id: [u8; 4],
    /// The signature's bytes, by the key's type.
    pub bytes: Vec<u8>,
}

impl SignatureLine {
    /// Reads one line without its newline.
    pub fn parse(line: &str) -> Result<Self, LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("signature line");
        let (name, blob) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(BAD)?;
        let blob = unbase64(blob)?;
        let (id, bytes) = blob.split_first_chunk::<4>().ok_or(BAD)?;
        if !name_ok(name) || bytes.is_empty() {
            return Err(BAD);
        }
        Ok(Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }

    fn is_by(&self, key: &Vkey) -> bool {
        self.id == key.id && self.name == key.name
    }
}

impl std::fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "— {} {}", self.name, base64(&[self.id.as_slice(), &self.bytes].concat()))
    }
}

/// What a witness signs: `cosignature/v1`, the time, the note text.
fn cosigned(text: &str, unix_seconds: u64) -> String {
    format!("cosignature/v1\ntime {unix_seconds}\n{text}")
}

/// A text and the signatures below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The signed text, ending in a newline.
    pub text: String,
    /// The signatures, the log's first by custom.
    pub signatures: Vec<SignatureLine>,
}

impl Note {
    /// A checkpoint signed by its log; `sign` returns the Ed25519 signature of the bytes given.
    pub fn sign(checkpoint: &Checkpoint, key: &Vkey, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Self {
        let text = checkpoint.text();
        let bytes = sign(text.as_bytes()).to_vec();
        Self { text, signatures: vec![SignatureLine { name: key.name.clone(), id: key.id, bytes }] }
    }

    /// A witness's cosignature/v1 line for this note, made at `unix_seconds`.
    pub fn cosign(
        &self,
        key: &Vkey,
        unix_seconds: u64,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> SignatureLine {
        let signature = sign(cosigned(&self.text, unix_seconds).as_bytes());
        let bytes = [unix_seconds.to_be_bytes().as_slice(), &signature].concat();
        SignatureLine { name: key.name.clone(), id: key.id, bytes }
    }

    /// Reads a note strictly: at most [`MAX_SIGNATURES`] signatures, text at most [`MAX_TEXT`] bytes.
    pub fn parse(note: &str) -> Result<Self, LedgerError> {
        const BAD: LedgerError = LedgerError::Malformed("signed note");
        if note.len() > MAX_NOTE || note.contains(|c: char| c < ' ' && c != '\n') {
            return Err(BAD);
        }
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(BAD)?;
        let lines = signatures.strip_suffix('\n').ok_or(BAD)?.split('\n');
        if text.len() >= MAX_TEXT || lines.clone().count() > MAX_SIGNATURES {
            return Err(BAD);
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures: lines.map(SignatureLine::parse).collect::<Result<_, _>>()?,
        })
    }

    /// The checkpoint the text states; says nothing about signatures.
    pub fn checkpoint(&self) -> Result<Checkpoint, LedgerError> {
        Checkpoint::parse(&self.text)
    }

    /// Whether this log key signed; a line that names the key but does not hold is an error.
    pub fn verify_log(&self, key: &Vkey) -> Result<bool, LedgerError> {
        let mut seen = false;
        for line in self.signatures.iter().filter(|line| key.kind == ED25519 && line.is_by(key)) {
            if !key.verifies(self.text.as_bytes(), &line.bytes) {
                return Err(LedgerError::LogSignature);
            }
            seen = true;
        }
        Ok(seen)
    }

    /// When this witness cosigned, in unix seconds, if it did; a line that names the key but does not hold is
    /// an error.
    pub fn verify_witness(&self, key: &Vkey) -> Result<Option<u64>, LedgerError> {
        let mut newest = None;
        for line in self.signatures.iter().filter(|line| key.kind == COSIGNATURE && line.is_by(key)) {
            let (time, signature) = line.bytes.split_first_chunk::<8>().ok_or(LedgerError::Quorum)?;
            let time = u64::from_be_bytes(*time);
            if time > i64::MAX.cast_unsigned()
                || !key.verifies(cosigned(&self.text, time).as_bytes(), signature)
            {
                return Err(LedgerError::Quorum);
            }
            newest = newest.max(Some(time));
        }
        Ok(newest)
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
