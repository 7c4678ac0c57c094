//! What may be done with a fact: twelve uses, each also a type, so that a permit for one is no permit for another.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod sealed {
    pub trait Sealed {}
}

/// A use as a type. Sealed: nobody can invent a thirteenth.
pub trait UseKind: AsUse + sealed::Sealed {
    /// The same use as a value.
    const USE: Use;
}

/// Anything that says which use is meant: one of the types of [`kind`], or a [`Use`] known only when running.
pub trait AsUse: Copy + Send + Sync + fmt::Debug + 'static {
    /// The use that is meant.
    fn as_use(self) -> Use;
}

impl AsUse for Use {
    fn as_use(self) -> Use {
        self
    }
}

macro_rules! uses {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:literal;)*) => {
        /// Something that is done with facts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Use { $($(#[$doc])* $name = $code,)* }

        impl Use {
            /// Every use there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The name used in data files, JSON and the ledger's details.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$name => stringify!($name),)* } }
            /// The word for a sentence: "may be {word}".
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$name => $word,)* } }
            /// The use of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> { match name { $(stringify!($name) => Some(Self::$name),)* _ => None } }
        }

        /// One type for each use.
        pub mod kind {
            $($(#[$doc])* #[derive(Debug, Clone, Copy)] pub struct $name;
            impl super::sealed::Sealed for $name {}
            impl super::AsUse for $name { fn as_use(self) -> super::Use { super::Use::$name } }
            impl super::UseKind for $name { const USE: super::Use = super::Use::$name; })*
        }
    };
}

uses! {
    /// Shown to a member of staff or to the person.
    View = 0, "seen";
    /// Shown beside other people's in a list, a count or a sort order.
    List = 1, "listed";
    /// Written to a file that leaves.
    Export = 2, "exported";
    /// Used to write to the person.
    Message = 3, "written to";
    /// Given to another party.
    Share = 4, "passed on";
    /// Joined with another party's facts.
    Combine = 5, "combined";
    /// Completed from elsewhere.
    Enrich = 6, "completed from elsewhere";
    /// Corrected from elsewhere.
    Cleanse = 7, "corrected from elsewhere";
    /// Put into the contact exchange.
    Contribute = 8, "listed in the exchange";
    /// Counted, or used to train a model.
    Learn = 9, "learned from";
    /// Taken from a device or a form.
    Capture = 10, "collected";
    /// Looked for on a social network.
    LookUp = 11, "looked up";
}

/// A set of uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UseSet(u16);

impl UseSet {
    /// No use at all.
    pub const NONE: Self = Self(0);
    /// True when the use is in the set.
    #[must_use]
    pub const fn has(self, one: Use) -> bool {
        self.0 & (1 << one as u16) != 0
    }
    /// The set with one more use.
    #[must_use]
    pub const fn with(self, one: Use) -> Self {
        Self(self.0 | (1 << one as u16))
    }
    /// What is in both sets.
    #[must_use]
    pub const fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// True when everything in `other` is here too.
    #[must_use]
    pub const fn has_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// True when there is no use in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The uses, in order.
    pub fn iter(self) -> impl Iterator<Item = Use> {
        Use::ALL.iter().copied().filter(move |one| self.has(*one))
    }
}

impl FromIterator<Use> for UseSet {
    fn from_iter<I: IntoIterator<Item = Use>>(uses: I) -> Self {
        uses.into_iter().fold(Self::NONE, Self::with)
    }
}
impl fmt::Debug for UseSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
impl Serialize for UseSet {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}
impl<'de> Deserialize<'de> for UseSet {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<Use>::deserialize(d)?.into_iter().collect())
    }
}
