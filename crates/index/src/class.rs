//! Classes of people: everything that decides about a person but is not about one purpose. Few, and shared by many.

use std::collections::HashMap;

use assent_kernel::Region;

use crate::pack::{Minute, NotPackable};

/// What is known of a person beside their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(u16);

impl Flags {
    /// A guardian must agree for them.
    pub const MINOR: Self = Self(1);
    /// They asked to keep everything and do nothing with it.
    pub const RESTRICTED: Self = Self(1 << 1);
    /// Only a mandate keeps what is left.
    pub const RETAINED: Self = Self(1 << 2);
    /// They objected to direct marketing.
    pub const NO_MARKETING: Self = Self(1 << 3);
    /// They objected to being profiled.
    pub const NO_PROFILING: Self = Self(1 << 4);
    /// They opted out of sale and sharing.
    pub const NO_SALE: Self = Self(1 << 5);
    /// They do not fit into the packed form: the reference decides about them.
    pub const ODD: Self = Self(1 << 6);

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// With a flag, if so.
    #[must_use]
    pub const fn set(self, other: Self, so: bool) -> Self {
        if so { self.with(other) } else { self }
    }
    /// True when any flag of `other` is set here.
    #[must_use]
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// True when nothing is flagged.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A contract of a kind that some mandate's prohibition hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The kind's number.
    pub kind: u16,
    /// Since when.
    pub from: Minute,
    /// Until when, exclusive.
    pub until: Minute,
}

/// A class of people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Class {
    /// Where they live, as far as mandates care.
    pub residence: Option<Region>,
    /// What else is known.
    pub flags: Flags,
    /// Their contracts that prohibitions hang on, in order.
    pub bound: Vec<Bound>,
}

/// The number of a class: fits the sixteen bits of a line's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClassId(u16);

impl ClassId {
    /// The class of odd people.
    pub(crate) const ODD: Self = Self(0);

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
    pub(crate) const fn bits(self) -> u64 {
        self.0 as u64
    }
    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self(bits as u16)
    }
    pub(crate) const fn band(self) -> Band {
        Band(self.0 / BAND as u16)
    }
    /// Its place in its band.
    pub(crate) const fn in_band(self) -> usize {
        self.index() % BAND
    }
}

/// How many classes are a band.
pub(crate) const BAND: usize = 16;

/// Classes whose numbers follow one another: their people stand together where they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Band(u16);

impl Band {
    /// The class at a place in it.
    pub(crate) const fn class(self, at: usize) -> ClassId {
        ClassId(self.0 * BAND as u16 + (at % BAND) as u16)
    }
}

/// The classes that a question must look at with care, because something about the whole person may close it: a bit for
/// each, a word for each band.
#[derive(Debug)]
pub(crate) struct Careful(Vec<u16>);

impl Careful {
    pub(crate) fn new<T>(classes: &[T], careful: impl Fn(&T) -> bool) -> Self {
        let bits = |band: &[T]| {
            (0..).zip(band).filter(|(_, of)| careful(of)).fold(0, |bits, (n, _): (u32, _)| bits | 1 << n)
        };
        Self(classes.chunks(BAND).map(bits).collect())
    }
    /// Those of a band; of a band that nobody knows, all.
    pub(crate) fn of(&self, band: Band) -> u16 {
        self.0.get(usize::from(band.0)).copied().unwrap_or(u16::MAX)
    }
    pub(crate) fn has(&self, class: ClassId) -> bool {
        self.of(class.band()) >> class.in_band() & 1 == 1
    }
}

/// Every class that was met.
#[derive(Debug, Clone)]
pub(crate) struct Classes {
    all: Vec<Class>,
    known: HashMap<Class, ClassId>,
}

impl Default for Classes {
    fn default() -> Self {
        let odd = Class { flags: Flags::ODD, ..Class::default() };
        Self { known: HashMap::from([(odd.clone(), ClassId::ODD)]), all: vec![odd] }
    }
}

impl Classes {
    /// The number of a class, a new one if need be.
    pub(crate) fn number(&mut self, class: &Class) -> Result<ClassId, NotPackable> {
        if let Some(found) = self.known.get(class) {
            return Ok(*found);
        }
        let id = ClassId(u16::try_from(self.all.len()).map_err(|_| NotPackable("one more class of people"))?);
        self.all.push(class.clone());
        self.known.insert(class.clone(), id);
        Ok(id)
    }
    pub(crate) fn get(&self, id: ClassId) -> &Class {
        self.all.get(id.index()).unwrap_or(&ALONE)
    }
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Class> {
        self.all.iter()
    }
}

/// A class nobody is in.
static ALONE: Class = Class { residence: None, flags: Flags::ODD, bound: Vec::new() };
