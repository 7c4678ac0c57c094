//! One line of the ledger (docs/ledger.md): closed public codes and commitments, never a personal string and
//! never a stable token of a person. Deterministic CBOR, at most [`MAX_ENTRY`] bytes, one encoding per entry.

use sha2::{Digest, Sha256};

use super::LedgerError;
use super::cbor::{Reader, Writer};

/// Longest encoded entry in bytes.
pub const MAX_ENTRY: usize = 512;
/// The form of entry this code writes and reads.
pub const VERSION: u64 = 1;

/// A public code of 1 to `MAX` bytes over `[a-z0-9._-]`: a purpose, a region, an organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<const MAX: usize>(String);

impl<const MAX: usize> Code<MAX> {
    /// Parses a code; anything outside the closed alphabet is refused, so no free text reaches the log.
    pub fn new(text: &str) -> Result<Self, LedgerError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        if text.is_empty() || text.len() > MAX || !text.bytes().all(allowed) {
            return Err(LedgerError::Malformed("code outside [a-z0-9._-] or of wrong length"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> std::fmt::Display for Code<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A purpose key, dotted, lower case.
pub type PurposeCode = Code<64>;
/// A region code such as `eu` or `us-east`.
pub type RegionCode = Code<24>;
/// The public code of an organisation that receives.
pub type OrganisationCode = Code<40>;

/// A closed list of codes that stand in an entry as small integers.
macro_rules! codes {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// All of them, in code order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The number in the encoded entry.
            pub fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The one with this number.
            pub fn from_code(code: u64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// Its name as written for people and files.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

codes! {
    /// What happened (key 2).
    Kind {
        /// Terms were given or changed.
        TermsSet = 1 "terms-set",
        /// Terms were withdrawn.
        Withdraw = 2 "withdraw",
        /// Facts were used inside the company.
        Use = 3 "use",
        /// Facts were given to another party.
        Share = 4 "share",
        /// Facts of two companies were combined.
        Combine = 5 "combine",
        /// A fact was derived from others.
        Derive = 6 "derive",
        /// A fact was captured.
        Capture = 7 "capture",
        /// A fact was coarsened or deleted by age.
        Decay = 8 "decay",
        /// A person was erased.
        Erase = 9 "erase",
        /// The system was restored from a backup.
        Restore = 10 "restore",
        /// A chain of sub-processors changed.
        ChainChange = 11 "chain-change",
        /// A posture check changed its state.
        Posture = 12 "posture",
        /// A legal hold was set, used or lifted.
        Hold = 13 "hold",
        /// A person's periodic statement.
        Statement = 14 "statement",
        /// The log's key changed.
        KeyRotation = 15 "key-rotation",
        /// A use on many people: count and subtree root.
        Batch = 16 "batch",
    }
}

codes! {
    /// What was decided (key 4); refusals are written down too.
    Decision {
        /// Refused.
        Deny = 0 "deny",
        /// Permitted.
        Allow = 1 "allow",
        /// Permitted with a duty attached.
        AllowWithDuty = 2 "allow-with-duty",
    }
}

/// Who receives (key 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Nobody outside.
    None,
    /// An organisation by its public code.
    Organisation(OrganisationCode),
    /// A natural person, by a token only the opening explains ([`super::Opening::recipient_token`]).
    Person([u8; 16]),
}

/// What the entry points to (key 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refs {
    /// Token of the terms that decided ([`super::Opening::terms_token`]).
    pub terms_ref: [u8; 16],
    /// Start of the SHA-256 of the description of the recipient chain; about companies, so in clear.
    pub chain_hash: [u8; 16],
}

impl Refs {
    /// The hash of a recipient chain, as the sealed detail names it; zeros when nobody outside receives.
    pub fn chain_hash(chain: &[String]) -> [u8; 16] {
        let mut short = [0; 16];
        if !chain.is_empty() {
            let full: [u8; 32] = Sha256::digest(chain.join("\n").as_bytes()).into();
            for (slot, byte) in short.iter_mut().zip(full) {
                *slot = byte;
            }
        }
        short
    }
}

/// What the entry of a use on many people says of them (key 13): how many, and the tree of their lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set {
    /// How many lines the tree has.
    pub people: u64,
    /// For how many something was permitted.
    pub permitted: u64,
    /// Who was asked about, whatever was answered ([`super::among::set_hash`]).
    pub asked: [u8; 32],
    /// The root of the tree of lines, each an entry of one person ([`super::among`]).
    pub root: [u8; 32],
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: Kind,
    /// When, in whole minutes since 1970-01-01 UTC; coarse on purpose.
    pub minute: u32,
    /// What was decided.
    pub decision: Decision,
    /// For which purpose.
    pub purpose: PurposeCode,
    /// In which region.
    pub region: RegionCode,
    /// 16 random bytes, fresh per entry.
    pub nonce: [u8; 16],
    /// Token of the acting staff member or system ([`super::Opening::actor_token`]).
    pub actor: [u8; 16],
    /// Who receives.
    pub recipient: Recipient,
    /// Commitment to the sealed detail ([`super::Opening::commit`]).
    pub commit: [u8; 32],
    /// Start of the hash of policy and build that decided.
    pub policy: [u8; 16],
    /// What it points to.
    pub refs: Refs,
    /// The people it is about, of kind [`Kind::Batch`] and no other.
    pub set: Option<Set>,
}

impl Entry {
    /// The one encoding, at most [`MAX_ENTRY`] bytes by construction.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.map(if self.set.is_some() { 13 } else { 12 })
            .uint(1)
            .uint(VERSION)
            .uint(2)
            .uint(self.kind.code().into());
        w.uint(3).uint(self.minute.into()).uint(4).uint(self.decision.code().into());
        w.uint(5).text(self.purpose.as_str()).uint(6).text(self.region.as_str());
        w.uint(7).bytes(&self.nonce).uint(8).bytes(&self.actor).uint(9);
        match &self.recipient {
            Recipient::None => w.uint(0),
            Recipient::Organisation(code) => w.text(code.as_str()),
            Recipient::Person(token) => w.bytes(token),
        };
        w.uint(10).bytes(&self.commit).uint(11).bytes(&self.policy);
        w.uint(12).array(2).bytes(&self.refs.terms_ref).bytes(&self.refs.chain_hash);
        if let Some(set) = &self.set {
            w.uint(13).array(4).uint(set.people).uint(set.permitted).bytes(&set.asked).bytes(&set.root);
        }
        w.finish()
    }

    /// Reads an entry; whatever [`Entry::encode`] would not have written is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut r = Reader::new(bytes, MAX_ENTRY)?;
        let fields = r.map_of(13)?;
        if r.key(1)?.uint()? != VERSION {
            return Err(LedgerError::Malformed("entry version"));
        }
        let entry = Self {
            kind: Kind::from_code(r.key(2)?.uint()?).ok_or(LedgerError::Malformed("entry kind"))?,
            minute: u32::try_from(r.key(3)?.uint()?).map_err(|_| LedgerError::Malformed("entry minute"))?,
            decision: Decision::from_code(r.key(4)?.uint()?)
                .ok_or(LedgerError::Malformed("entry decision"))?,
            purpose: Code::new(r.key(5)?.text(64)?)?,
            region: Code::new(r.key(6)?.text(24)?)?,
            nonce: r.key(7)?.fixed()?,
            actor: r.key(8)?.fixed()?,
            recipient: recipient(r.key(9)?)?,
            commit: r.key(10)?.fixed()?,
            policy: r.key(11)?.fixed()?,
            refs: refs(r.key(12)?)?,
            set: if fields == 13 { Some(set(r.key(13)?)?) } else { None },
        };
        r.finish()?;
        entry.fits(fields)?;
        Ok(entry)
    }

    /// A batch has people, no other kind has; and its decision is what was decided for them.
    fn fits(&self, fields: usize) -> Result<(), LedgerError> {
        let good = match (&self.set, self.kind == Kind::Batch) {
            (None, false) => fields == 12,
            (Some(set), true) => {
                let refused = self.decision == Decision::Deny;
                set.permitted <= set.people && set.people > 0 && refused == (set.permitted == 0)
            }
            (None, true) | (Some(_), false) => false,
        };
        if good { Ok(()) } else { Err(LedgerError::Malformed("entry set does not fit its kind")) }
    }
}

fn set(r: &mut Reader<'_>) -> Result<Set, LedgerError> {
    match r.array(4)? {
        4 => Ok(Set { people: r.uint()?, permitted: r.uint()?, asked: r.fixed()?, root: r.fixed()? }),
        _ => Err(LedgerError::Malformed("entry set")),
    }
}

fn recipient(r: &mut Reader<'_>) -> Result<Recipient, LedgerError> {
    match r.peek_major() {
        Some(0) if r.uint()? == 0 => Ok(Recipient::None),
        Some(2) => Ok(Recipient::Person(r.fixed()?)),
        Some(3) => Ok(Recipient::Organisation(Code::new(r.text(40)?)?)),
        _ => Err(LedgerError::Malformed("entry recipient")),
    }
}

fn refs(r: &mut Reader<'_>) -> Result<Refs, LedgerError> {
    match r.array(2)? {
        2 => Ok(Refs { terms_ref: r.fixed()?, chain_hash: r.fixed()? }),
        _ => Err(LedgerError::Malformed("entry refs")),
    }
}
