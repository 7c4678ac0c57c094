//! Dotted keys and sets of them: one tree shape for purposes, categories and regions.
//!
//! A key covers itself and everything below it: `contact` covers `contact.email`, never `contacts`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest key in bytes.
pub const MAX_KEY: usize = 64;

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a key: use lower-case letters, digits and `-`, in parts joined by dots, at most 64 characters"
)]
pub struct BadKey(pub String);

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_KEY
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

/// What every dotted key can do; the three kinds of key differ only in what they name.
pub trait TreeKey: Ord + Clone {
    /// The dotted text.
    fn as_str(&self) -> &str;
    /// True when `other` is this key or lies below it.
    fn covers(&self, other: &Self) -> bool {
        let (upper, lower) = (self.as_str(), other.as_str());
        lower.strip_prefix(upper).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

macro_rules! tree_key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses a dotted key.
            ///
            /// # Errors
            /// [`BadKey`] when the text is empty, longer than 64 bytes or has other characters.
            pub fn new(text: &str) -> Result<Self, BadKey> {
                if is_key(text) { Ok(Self(Arc::from(text))) } else { Err(BadKey(text.chars().take(80).collect())) }
            }
            /// The key one step up, if there is one.
            #[must_use]
            pub fn parent(&self) -> Option<Self> {
                self.0.rsplit_once('.').map(|(upper, _)| Self(Arc::from(upper)))
            }
        }
        impl TreeKey for $name {
            fn as_str(&self) -> &str { &self.0 }
        }
        impl FromStr for $name {
            type Err = BadKey;
            fn from_str(text: &str) -> Result<Self, BadKey> { Self::new(text) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(&self.0) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

tree_key!(
    /// Why a fact is used: a node of the tree of purposes (W3C DPV), such as `marketing.newsletter`.
    PurposeKey
);
tree_key!(
    /// What kind of fact it is: a node of the tree of personal data (DPV `pd:`), such as `contact.email`.
    CategoryKey
);
tree_key!(
    /// A place: a group of countries or one of them, such as `eu` or `eu.de`.
    Region
);

/// A set of keys of one tree, kept as an antichain: no key in it covers another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeySet<K: TreeKey>(BTreeSet<K>);

impl<K: TreeKey> KeySet<K> {
    /// The set of nothing: it covers no key.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }
    /// True when some key of the set covers `key`.
    #[must_use]
    pub fn covers(&self, key: &K) -> bool {
        self.0.iter().any(|upper| upper.covers(key))
    }
    /// True when every key of `other` is covered.
    #[must_use]
    pub fn covers_all(&self, other: &Self) -> bool {
        other.0.iter().all(|key| self.covers(key))
    }
    /// What both sets cover, exactly: of two keys on one branch, the lower.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let lower =
            |a: &Self, b: &Self| -> Vec<K> { b.0.iter().filter(|key| a.covers(key)).cloned().collect() };
        lower(self, other).into_iter().chain(lower(other, self)).collect()
    }
    /// The keys, in order.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.0.iter()
    }
    /// True when nothing is covered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// How many branches the set names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<K: TreeKey> FromIterator<K> for KeySet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let all: BTreeSet<K> = keys.into_iter().collect();
        let kept = all.iter().filter(|key| !all.iter().any(|upper| upper != *key && upper.covers(key)));
        Self(kept.cloned().collect())
    }
}
impl<K: TreeKey + fmt::Debug> fmt::Debug for KeySet<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.0).finish()
    }
}
impl<K: TreeKey + Serialize> Serialize for KeySet<K> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(&self.0)
    }
}
impl<'de, K: TreeKey + Deserialize<'de>> Deserialize<'de> for KeySet<K> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<K>::deserialize(d)?.into_iter().collect())
    }
}
