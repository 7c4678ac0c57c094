//! Clauses: what a yes allows, without its end, interned. Sets of categories, recipients and zones become numbers and
//! bits once, when a clause is first met; no tree is walked when a decision is made.

use std::collections::HashMap;

use assent_kernel::party::Recipients;
use assent_kernel::{CategoryKey, NoticeId, Region, TreeKey, UseSet, Zones};
use hashbrown::HashTable;

use crate::near;
use crate::pack::{MOST_CLAUSES, NotPackable};
use crate::pages::Growing;

/// The number of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClauseId(pub(crate) u32);

/// A clause in words: one of facts, then bits: a bit for each category, then one for each region.
///
/// `uses 12 | explicit 1 | guardian 1 | recipients 16 | zones 16 | notice 16 | plain 1 | spare 1`
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clause<'a> {
    facts: u64,
    /// The first word of bits, and those behind it.
    first: u64,
    rest: &'a [u64],
}

const EXPLICIT: u64 = 1 << 12;
const GUARDIAN: u64 = 1 << 13;
const RECIPIENTS: u32 = 14;
const ZONES: u32 = 30;
const NOTICE: u32 = 46;
/// The zones are one set of regions and nothing that carries data further: which region is missing says why not.
const PLAIN: u64 = 1 << 62;

impl<'a> Clause<'a> {
    /// What clauses of a frame have in common: bits that leave nothing to be wanted, and zones that mean nothing.
    pub(crate) const fn framed(frame: u64) -> Self {
        Self { facts: frame, first: u64::MAX, rest: &[] }
    }
    pub(crate) const fn has_use(self, bit: u64) -> bool {
        self.facts & bit != 0
    }
    pub(crate) const fn explicit(self) -> bool {
        self.facts & EXPLICIT != 0
    }
    pub(crate) const fn guardian(self) -> bool {
        self.facts & GUARDIAN != 0
    }
    pub(crate) const fn recipients(self) -> u16 {
        (self.facts >> RECIPIENTS) as u16
    }
    pub(crate) const fn zones(self) -> u16 {
        (self.facts >> ZONES) as u16
    }
    pub(crate) const fn notice(self) -> u16 {
        (self.facts >> NOTICE) as u16
    }
    pub(crate) const fn has_plain_zones(self) -> bool {
        self.facts & PLAIN != 0
    }
    /// The facts but for the zones: loose rows that are alike in these are judged together.
    pub(crate) const fn frame(self) -> u64 {
        self.facts & !(0xffff << ZONES)
    }
    /// Categories, then regions.
    pub(crate) fn bits(self) -> impl Iterator<Item = u64> + 'a {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }
    pub(crate) const fn first(self) -> u64 {
        self.first
    }
    /// The words of bits behind the first.
    pub(crate) const fn rest(self) -> &'a [u64] {
        self.rest
    }
    /// True when a bit is there.
    pub(crate) fn has(self, n: u16) -> bool {
        self.bits().nth(usize::from(n / 64)).is_some_and(|word| word >> (n % 64) & 1 == 1)
    }
}

/// Categories and regions as bits, of as many words as there can be.
pub(crate) type Wanted = [u64; WORDS];
/// 256 categories and 64 regions.
pub(crate) const WORDS: usize = 5;

/// What makes a clause, before it has a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) categories: &'a assent_kernel::KeySet<CategoryKey>,
    pub(crate) uses: UseSet,
    pub(crate) explicit: bool,
    pub(crate) guardian: bool,
    pub(crate) recipients: &'a Recipients,
    pub(crate) zones: &'a Zones,
    pub(crate) notice: (NoticeId, u32),
}

/// Things that get a number of sixteen bits, in the order in which they are met.
#[derive(Debug, Clone)]
pub(crate) struct Numbered<T> {
    all: Vec<T>,
    known: HashMap<T, u16>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { all: Vec::new(), known: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    pub(crate) fn number(&mut self, one: &T, what: &'static str) -> Result<u16, NotPackable> {
        if let Some(found) = self.known.get(one) {
            return Ok(*found);
        }
        let number = u16::try_from(self.all.len()).map_err(|_| NotPackable(what))?;
        self.all.push(one.clone());
        self.known.insert(one.clone(), number);
        Ok(number)
    }
    pub(crate) fn get(&self, number: u16) -> Option<&T> {
        self.all.get(usize::from(number))
    }
    pub(crate) fn all(&self) -> &[T] {
        &self.all
    }
}

/// Every clause that was met.
#[derive(Debug)]
pub(crate) struct Clauses {
    /// Each category's number, with the bits of what lies at and below it.
    categories: HashMap<CategoryKey, (usize, Vec<u64>)>,
    /// The regions that have bits.
    regions: Vec<Region>,
    /// How many words of bits follow the word of facts.
    wide: usize,
    /// Of those bits, the ones of categories.
    pub(crate) mask: Wanted,
    words: Growing,
    known: HashTable<u32>,
    pub(crate) recipients: Numbered<Recipients>,
    pub(crate) zones: Numbered<Zones>,
    /// For each number of zones, the regions it covers whatever carries data further.
    covered: Vec<u64>,
    pub(crate) notices: Numbered<(NoticeId, u32)>,
}

fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0x9e37_79b9_7f4a_7c15, |hash: u64, word| {
        let mixed = (u128::from(hash ^ word)).wrapping_mul(0xd6e8_feb8_6659_fd93_d6e8_feb8_6659_fd93);
        (mixed >> 64) as u64 ^ mixed as u64
    })
}

impl Clauses {
    /// None yet, for these categories and regions.
    pub(crate) fn new<'a>(categories: impl Iterator<Item = &'a CategoryKey>, regions: &[Region]) -> Self {
        let keys: Vec<&CategoryKey> = categories.collect();
        let wide = (keys.len() + regions.len()).div_ceil(64).max(1);
        let below = |upper: &CategoryKey| {
            let mut bits = vec![0; wide];
            (0..).zip(&keys).filter(|(_, key)| upper.covers(key)).for_each(|(n, _)| set_bit(&mut bits, n));
            bits
        };
        Self {
            wide,
            mask: first_bits(keys.len()),
            categories: (0..).zip(&keys).map(|(n, key)| ((*key).clone(), (n, below(key)))).collect(),
            regions: regions.to_vec(),
            words: Growing::default(),
            known: HashTable::new(),
            recipients: Numbered::default(),
            zones: Numbered::default(),
            covered: Vec::new(),
            notices: Numbered::default(),
        }
    }

    /// Takes other regions: every clause gets its bits anew. False when they are the same.
    pub(crate) fn renew(&mut self, regions: &[Region]) -> bool {
        if self.regions == regions {
            return false;
        }
        let mut fresh = Self::new([].iter(), &[]);
        std::mem::swap(self, &mut fresh);
        let (places, keys) = (fresh.categories.len(), std::mem::take(&mut fresh.categories));
        self.wide = (places + regions.len()).div_ceil(64).max(1);
        self.mask = fresh.mask;
        self.regions = regions.to_vec();
        self.covered = fresh.zones.all().iter().map(|zones| covered(zones, regions)).collect();
        let wider = |(key, (n, mut below)): (CategoryKey, (usize, Vec<u64>))| {
            below.resize(self.wide, 0);
            (key, (n, below))
        };
        self.categories = keys.into_iter().map(wider).collect();
        for clause in (0..fresh.len()).filter_map(|n| fresh.get(n)) {
            let mut words = vec![0; self.wide + 1];
            let (facts, bits) = words.split_at_mut(1);
            facts.fill(clause.facts);
            (0..places).filter(|n| clause.has(*n as u16)).for_each(|n| set_bit(bits, n));
            let covered = self.covered.get(usize::from(clause.zones())).copied().unwrap_or(0);
            set_regions(bits, places, covered);
            self.number(&words);
        }
        (self.recipients, self.zones, self.notices) = (fresh.recipients, fresh.zones, fresh.notices);
        true
    }

    /// The place of the first region among the bits.
    pub(crate) fn first_region(&self) -> usize {
        self.categories.len()
    }

    /// The number of a category.
    pub(crate) fn category(&self, key: &CategoryKey) -> Option<usize> {
        self.categories.get(key).map(|(n, _)| *n)
    }

    /// A set of categories as bits: each category of the tree that some key of the set covers.
    fn bits(&self, set: &assent_kernel::KeySet<CategoryKey>) -> Vec<u64> {
        let mut bits = vec![0; self.wide];
        for upper in set.iter() {
            match self.categories.get(upper) {
                Some((_, below)) => bits.iter_mut().zip(below).for_each(|(bit, more)| *bit |= more),
                // A key the policy does not have covers what lies below it all the same.
                None => {
                    let below = self.categories.iter().filter(|(key, _)| upper.covers(key));
                    below.for_each(|(_, (n, _))| set_bit(&mut bits, *n));
                }
            }
        }
        bits
    }

    /// These categories as bits, nothing else.
    pub(crate) fn wanted(&self, numbers: &[usize]) -> Wanted {
        let mut bits = Wanted::default();
        numbers.iter().for_each(|n| set_bit(&mut bits, *n));
        bits
    }

    /// The number of a clause, a new one if need be.
    pub(crate) fn intern(&mut self, parts: &Parts<'_>) -> Result<ClauseId, NotPackable> {
        let recipients = self.recipients.number(parts.recipients, "one more set of recipients")?;
        let zones = self.zones.number(parts.zones, "one more set of zones")?;
        let notice = self.notices.number(&parts.notice, "one more version of a notice")?;
        let known = self.covered.len();
        let more = self.zones.all().iter().skip(known).map(|zones| covered(zones, &self.regions));
        self.covered.extend(more);
        let uses = parts.uses.iter().fold(0, |bits, one| bits | use_bit(one));
        let flag = |so: bool, bit: u64| if so { bit } else { 0 };
        let plain = parts.zones.iter().count() == 1 && parts.zones.iter().all(|(_, tools)| tools.is_empty());
        let facts = uses
            | flag(parts.explicit, EXPLICIT)
            | flag(parts.guardian, GUARDIAN)
            | flag(plain, PLAIN)
            | u64::from(recipients) << RECIPIENTS
            | u64::from(zones) << ZONES
            | u64::from(notice) << NOTICE;
        let mut bits = self.bits(parts.categories);
        set_regions(&mut bits, self.first_region(), self.covers(zones));
        bits.insert(0, facts);
        let number = self.number(&bits);
        number.map(ClauseId).ok_or(NotPackable("one more clause"))
    }

    /// The number of a clause in words; none when there are too many.
    fn number(&mut self, words: &[u64]) -> Option<u32> {
        let size = words.len();
        let all = self.words.words();
        let at = |n: &u32| all.get(*n as usize * size..(*n as usize + 1) * size).unwrap_or_default();
        let hash_of = hash(words);
        if let Some(found) = self.known.find(hash_of, |n| at(n) == words) {
            return Some(*found);
        }
        let number = all.len() / size;
        let number = u32::try_from(number).ok().filter(|_| number < MOST_CLAUSES)?;
        self.known.insert_unique(hash_of, number, |n| hash(at(n)));
        self.words.extend(words);
        Some(number)
    }

    /// The regions that zones cover whatever carries data further, as bits.
    pub(crate) fn covers(&self, zones: u16) -> u64 {
        self.covered.get(usize::from(zones)).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn get(&self, clause: usize) -> Option<Clause<'_>> {
        // What waits for more is zero, and a clause of zeros allows no use.
        let words = self.words.room();
        let at = clause * (self.wide + 1);
        let (facts, first) = (*words.get(at)?, *words.get(at + 1)?);
        let rest = if self.wide > 1 { words.get(at + 2..at + 1 + self.wide)? } else { &[] };
        Some(Clause { facts, first, rest })
    }

    /// Asks for a clause before it is needed.
    #[inline]
    pub(crate) fn fetch(&self, clause: usize) {
        self.words.room().get(clause * (self.wide + 1)).inspect(|facts| near::fetch(*facts));
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len() / (self.wide + 1)
    }
    /// Bytes of the clauses and their table.
    pub(crate) fn bytes(&self) -> usize {
        self.words.bytes() + self.known.capacity() * 5
    }
}

/// The bit of a use among the facts of a clause.
pub(crate) const fn use_bit(one: assent_kernel::Use) -> u64 {
    1 << one as u64
}

/// The regions that every zone covers.
fn covered(zones: &Zones, regions: &[Region]) -> u64 {
    let bits = |set: &assent_kernel::KeySet<Region>| {
        let inside = (0..).zip(regions).filter(|(_, region)| set.covers(region));
        inside.fold(0, |bits, (n, _)| bits | 1u64 << n)
    };
    zones.iter().fold(u64::MAX, |all, (set, _)| all & bits(set))
}

/// Puts regions behind so many categories.
pub(crate) fn set_regions(bits: &mut [u64], categories: usize, regions: u64) {
    (0..64).filter(|n| regions >> n & 1 == 1).for_each(|n| set_bit(bits, categories + n));
}

/// So many bits.
fn first_bits(n: usize) -> Wanted {
    let mut bits = Wanted::default();
    (0..n).for_each(|n| set_bit(&mut bits, n));
    bits
}

pub(crate) fn set_bit(bits: &mut [u64], n: usize) {
    if let Some(word) = bits.get_mut(n / 64) {
        *word |= 1 << (n % 64);
    }
}
