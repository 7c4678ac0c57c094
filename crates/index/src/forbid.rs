//! Prohibitions in force, as bits.

use assent_kernel::decide::Way;
use assent_kernel::mandate::{Binds, Effect, Mandate, When};
use assent_kernel::party::PartyKind;
use assent_kernel::{KeySet, Policy, Region, Timestamp, Use};

use crate::class::Class;
use crate::law::{Code, TooLarge};
use crate::pack::Minute;

/// The most Forbid mandates in force at once: one bit each.
const MOST_FORBIDS: usize = 64;

/// A reason's place among those of all prohibitions when they are sorted by key, and its number: `place 16 | number 16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Refusal(u32);

impl Refusal {
    /// After all others.
    const NONE: Self = Self(u32::MAX);
    fn new(place: usize, code: Code) -> Self {
        u16::try_from(place).map_or(Self::NONE, |place| Self(u32::from(place) << 16 | u32::from(code)))
    }
    const fn code(self) -> Code {
        self.0 as Code
    }
}

/// Prohibitions as bits, one for each mandate in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forbids {
    pub(crate) keys: Vec<String>,
    refusals: Vec<Refusal>,
    uses: [u64; 12],
    purposes: Vec<u64>,
    categories: Vec<u64>,
    always: u64,
    /// Outside which regions; of which kind of recipient; for residents of where.
    outside: Vec<(u64, KeySet<Region>)>,
    kinds: Vec<(u64, PartyKind)>,
    residents: Vec<(u64, KeySet<Region>)>,
    /// Those that hang on a contract of that kind.
    bound: Vec<(u64, u16)>,
}

impl Forbids {
    pub(crate) fn new(policy: &Policy, at: Timestamp, kinds: &[String]) -> Result<Self, TooLarge> {
        let meant = |m: &&Mandate| {
            m.effect == Effect::Forbid && m.in_force(at) && !matches!(m.binds, Binds::Anchored)
        };
        let all: Vec<&Mandate> = policy.mandates.values().filter(meant).collect();
        if all.len() > MOST_FORBIDS {
            return Err(TooLarge { what: "prohibitions in force", most: MOST_FORBIDS });
        }
        let mut out = Self {
            keys: all.iter().map(|m| m.key.clone()).collect(),
            purposes: vec![0; policy.purposes.len()],
            categories: vec![0; policy.categories.len()],
            ..Self::default()
        };
        for (n, mandate) in (0..).zip(all) {
            out.add(1 << n, mandate, policy, kinds);
        }
        Ok(out)
    }

    fn add(&mut self, bit: u64, mandate: &Mandate, policy: &Policy, kinds: &[String]) {
        for one in mandate.uses.iter() {
            if let Some(word) = self.uses.get_mut(one as usize) {
                *word |= bit;
            }
        }
        for (word, key) in self.purposes.iter_mut().zip(policy.purposes.keys()) {
            if mandate.purposes.is_empty() || mandate.purposes.covers(key) {
                *word |= bit;
            }
        }
        for (word, key) in self.categories.iter_mut().zip(policy.categories.keys()) {
            if mandate.categories.covers(key) {
                *word |= bit;
            }
        }
        match &mandate.when {
            When::Always => self.always |= bit,
            When::OutsideRegions(inside) => self.outside.push((bit, inside.clone())),
            When::RecipientKind(kind) => self.kinds.push((bit, *kind)),
            When::ResidentOf(regions) => self.residents.push((bit, regions.clone())),
        }
        if let Binds::Contract(kind) = &mandate.binds
            && let Some(kind) = kinds.iter().position(|known| known == kind)
        {
            self.bound.push((bit, u16::try_from(kind).unwrap_or(u16::MAX)));
        }
    }

    /// The prohibitions that a way may meet.
    pub(crate) fn on(&self, way: &Way<'_>) -> u64 {
        let outside = self.outside.iter().filter(|(_, inside)| leaves(way, inside));
        let to = self.kinds.iter().filter(|(_, kind)| reaches(way, *kind));
        self.always | outside.fold(0, |bits, (bit, _)| bits | bit) | to.fold(0, |bits, (bit, _)| bits | bit)
    }

    /// The prohibitions of a use for a purpose.
    pub(crate) fn of_use(&self, what: Use, purpose: usize) -> u64 {
        self.uses.get(what as usize).copied().unwrap_or(u64::MAX)
            & self.purposes.get(purpose).copied().unwrap_or(u64::MAX)
    }

    /// The prohibitions of a category.
    pub(crate) fn of_category(&self, category: usize) -> u64 {
        self.categories.get(category).copied().unwrap_or(u64::MAX)
    }

    /// What a class of people meets: the prohibitions for residents that mean them, and those that do not hang on a
    /// contract, or on one that runs.
    pub(crate) fn of_class(&self, class: &Class, now: Minute) -> (u64, u64) {
        let home = class.residence.as_ref();
        let mean = |regions: &KeySet<Region>| home.is_none_or(|home| regions.covers(home));
        let residents = self.residents.iter().filter(|(_, regions)| mean(regions));
        let runs = |kind: u16| class.bound.iter().any(|b| b.kind == kind && b.from <= now && now < b.until);
        let idle = self.bound.iter().filter(|(_, kind)| !runs(*kind));
        (residents.fold(0, |bits, (bit, _)| bits | bit), !idle.fold(0, |bits, (bit, _)| bits | bit))
    }

    /// Those that mean residents of somewhere.
    pub(crate) fn for_residents(&self) -> u64 {
        self.residents.iter().fold(0, |bits, (bit, _)| bits | bit)
    }

    /// Takes the numbers of the reasons, in the order of the keys.
    pub(crate) fn number(&mut self, codes: &[Code]) {
        let before = |key: &String| self.keys.iter().filter(|other| *other < key).count();
        let refusals = self.keys.iter().zip(codes).map(|(key, code)| Refusal::new(before(key), *code));
        // One more than there are bits: what meets none finds it, without a jump.
        self.refusals = vec![Refusal::NONE; MOST_FORBIDS + 1];
        self.refusals.iter_mut().zip(refusals).for_each(|(slot, of)| *slot = of);
    }

    /// The refusal that is told first, of those that some facts meet, each its first.
    #[inline]
    pub(crate) fn refusal(&self, met: impl Iterator<Item = u64>) -> Code {
        let first = |bits: u64| self.refusals.get(bits.trailing_zeros() as usize).copied();
        met.map(|bits| first(bits).unwrap_or(Refusal::NONE)).min().unwrap_or(Refusal::NONE).code()
    }
}

fn leaves(way: &Way<'_>, inside: &assent_kernel::KeySet<Region>) -> bool {
    !inside.covers(way.region())
        || way.hops.as_ref().map_or(true, |hops| {
            hops.iter().any(|hop| hop.party.places.all().iter().any(|(_, set)| !inside.covers_all(set)))
        })
}

fn reaches(way: &Way<'_>, kind: PartyKind) -> bool {
    way.hops.as_ref().map_or(true, |hops| hops.iter().any(|hop| hop.party.kind == kind))
}
