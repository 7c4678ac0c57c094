//! Identifiers: UUID version 7 (RFC 9562 §5.7) behind one type per thing, printed with its prefix (TypeID form).
//!
//! The kernel neither reads a clock nor draws random bytes: whoever makes an id hands both in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0} id")]
pub struct BadId(pub &'static str);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The value of each letter, by its byte; 32 for what is no letter.
const VALUES: [u8; 256] = {
    let (mut values, mut n) = ([32u8; 256], 0u8);
    while n < 32 {
        #[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
        {
            values[ALPHABET[n as usize] as usize] = n;
        }
        n += 1;
    }
    values
};

/// Lays out a UUIDv7: 48 bits of milliseconds, version, variant, 74 random bits.
#[must_use]
fn v7(at: Timestamp, random: [u8; 10]) -> u128 {
    let ms = u128::from(at.millis().unsigned_abs()) & 0xffff_ffff_ffff;
    let mut tail = [0u8; 16];
    for (slot, byte) in tail.iter_mut().skip(6).zip(random) {
        *slot = byte;
    }
    let tail = u128::from_be_bytes(tail) & 0x0fff_3fff_ffff_ffff_ffff;
    (ms << 80) | tail | (0x7 << 76) | (0x2 << 62)
}

fn encode(value: u128) -> String {
    (0..26u32)
        .rev()
        .map(|i| {
            let five = usize::try_from((value >> i.saturating_mul(5)) & 31).unwrap_or(0);
            char::from(ALPHABET.get(five).copied().unwrap_or(b'0'))
        })
        .collect()
}

fn decode(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 26 || bytes.first().is_none_or(|b| *b > b'7') {
        return None;
    }
    bytes.iter().try_fold(0u128, |value, byte| {
        let five = VALUES.get(usize::from(*byte)).copied().filter(|five| *five < 32)?;
        Some((value << 5) | u128::from(five))
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The prefix every printed id of this kind carries.
            pub const PREFIX: &'static str = $prefix;
            /// A new id from a time and ten random bytes.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self { Self(v7(at, random)) }
            /// An id from bytes kept elsewhere, or derived from a digest.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(u128::from_be_bytes(bytes)) }
            /// The sixteen bytes of the id.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] { self.0.to_be_bytes() }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}_{}", $prefix, encode(self.0)) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(BadId($prefix))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

ids! {
    /// A human whom facts are about. Never leaves its company: outside, a person is a pairwise id.
    PersonId = "per";
    /// An organisation that runs on Assent (the controller).
    CompanyId = "com";
    /// Anyone who may receive.
    PartyId = "pty";
    /// One value about one person.
    FactId = "fct";
    /// A person's act of agreeing.
    GrantId = "grt";
    /// A versioned text that was shown before a grant.
    NoticeId = "ntc";
    /// A named law, industry rule or contract.
    MandateId = "mdt";
    /// A contract between the company and a person.
    ContractId = "con";
    /// A member of staff.
    StaffId = "stf";
    /// One run of an import.
    ImportId = "imp";
    /// One accepted ledger entry, before and after it has an index.
    EntryId = "ent";
    /// A request for terms sent to a person.
    RequestId = "req";
    /// A queued piece of work.
    JobId = "job";
    /// A message in the outbox.
    MailId = "mal";
    /// A part of the policy that waits for a second person.
    DraftId = "drf";
    /// An organisation that a company deals with: a customer, a partner, a prospect.
    OrganisationId = "org";
    /// A deal that is being made.
    DealId = "del";
    /// The stages that deals of one kind go through.
    PipelineId = "pip";
    /// One stage of a pipeline.
    StageId = "stg";
    /// Something to be done.
    TaskId = "tsk";
    /// Something that was done with an organisation, a deal or a person: a note, a call, a change of stage.
    ActivityId = "acy";
    /// A word to a member of staff: a mention, a task handed over.
    MentionId = "men";
    /// A program that wants to be told what happens: where it listens.
    HookId = "hok";
    /// A list as somebody saved it.
    ViewId = "viw";
}
