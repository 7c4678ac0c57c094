//! A policy compiled for a stretch of time in which nothing in it begins, ends or grows stale.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, RwLock};

use assent_kernel::decide::Way;
use assent_kernel::mandate::{Binds, Effect, Mandate, When};
use assent_kernel::party::{PartyKind, STALE_AFTER, Standing};
use assent_kernel::purpose::Purpose;
use assent_kernel::{PartyId, Policy, PurposeKey, Reason, Region, Timestamp, To, TreeKey, Use};

use crate::class::{Class, Classes};
use crate::clause::{Clauses, Wanted};
use crate::pack::{MOST_PURPOSES, Minute};

/// A policy that does not fit into the compiled form: there is no index of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the policy has more than {most} {what}; there is no index of it")]
pub struct TooLarge {
    /// Of what.
    pub what: &'static str,
    /// The most that fit.
    pub most: usize,
}

/// The most Forbid mandates in force at once: one bit each.
const MOST_FORBIDS: usize = 64;

/// The most kinds of contract that mandates name: one bit each.
const MOST_KINDS: usize = 64;

/// The most regions that a policy and its parties name: one bit each.
const MOST_REGIONS: usize = 64;

/// The most ways that are remembered; askers name regions.
const MOST_WAYS: usize = 65_536;
/// The most categories: four words of bits.
const MOST_CATEGORIES: usize = 256;

/// A refusal's number: 0 is none. Small numbers have a meaning of their own, larger ones are looked up.
pub(crate) type Code = u16;
/// Not looked at yet. Every code but this and the last is below it.
const NOT_YET: Code = Code::MAX - 1;
/// The yes has run out; when is told beside it.
pub(crate) const EXPIRED: Code = 1;

/// A compiled policy.
#[derive(Debug)]
pub(crate) struct Law {
    pub(crate) policy: Arc<Policy>,
    /// The moment it was compiled for.
    at: Timestamp,
    /// From when it holds.
    pub(crate) from: Timestamp,
    /// Until when, exclusive.
    pub(crate) until: Timestamp,
    pub(crate) purposes: Numbering,
    /// Kinds of contract, by number.
    pub(crate) kinds: Vec<String>,
    /// Of them, those that some prohibition hangs on.
    bound: BTreeSet<String>,
    pub(crate) forbids: Forbids,
    /// Categories that need a yes in so many words, as bits.
    pub(crate) explicit: Wanted,
    regions: Vec<Region>,
    reasons: RwLock<Reasons>,
    ways: RwLock<Ways>,
    /// For each number of a version of a notice, whether its yes still counts.
    pub(crate) notices: Vec<bool>,
    /// For each number of zones, the regions it covers whatever carries data further.
    pub(crate) zones: Vec<u64>,
    /// For each class of people, the prohibitions for residents that mean them, and those whose contract runs.
    pub(crate) classes: Vec<(u64, u64)>,
}

/// A way facts may go, with everything about it that is no single person's.
#[derive(Debug)]
pub(crate) struct Going {
    to: To,
    region: Region,
    /// Prohibitions that this way may meet.
    forbids: u64,
    /// Every region it reaches, when bits can tell.
    pub(crate) reached: Option<u64>,
    /// True when it reaches somebody who decides for itself.
    pub(crate) another: bool,
    /// Step 5 for each set of recipients known when the way was first gone, and a bit for each that passes it: a
    /// way's bits stay in the cache, its codes would not.
    recipients: Vec<Code>,
    pub(crate) passes: Arc<[u64]>,
    /// Step 6 where bits could not tell, as found, for each zones known when the way was first gone.
    places: Vec<AtomicU16>,
}

/// Ways by recipient and region.
type Ways = HashMap<(Option<PartyId>, Region), Arc<Going>>;

/// Purposes by number, and which lie at or below which.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbering {
    pub(crate) keys: Vec<PurposeKey>,
    numbers: HashMap<PurposeKey, usize>,
    below: HashMap<PurposeKey, Vec<usize>>,
}

impl Numbering {
    fn new(policy: &Policy) -> Self {
        let keys: Vec<PurposeKey> = policy.purposes.keys().cloned().collect();
        let below = |upper: &PurposeKey| {
            (0..).zip(&keys).filter(|(_, key)| upper.covers(key)).map(|(n, _)| n).collect::<Vec<usize>>()
        };
        Self {
            below: keys.iter().map(|key| (key.clone(), below(key))).collect(),
            numbers: (0..).zip(&keys).map(|(n, key)| (key.clone(), n)).collect(),
            keys,
        }
    }
    pub(crate) fn number(&self, key: &PurposeKey) -> Option<usize> {
        self.numbers.get(key).copied()
    }
    /// The purposes that an answer about this one is about.
    pub(crate) fn below(&self, upper: &PurposeKey) -> Vec<usize> {
        match self.below.get(upper) {
            Some(found) => found.clone(),
            None => (0..).zip(&self.keys).filter(|(_, key)| upper.covers(key)).map(|(n, _)| n).collect(),
        }
    }
}

/// Prohibitions as bits, one for each mandate in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forbids {
    keys: Vec<String>,
    /// For each, its reason's number, and its place when they are sorted by key.
    refusals: Vec<(usize, Code)>,
    uses: [u64; 12],
    purposes: Vec<u64>,
    categories: Vec<u64>,
    always: u64,
    /// Outside which regions; of which kind of recipient; for residents of where.
    outside: Vec<(u64, assent_kernel::KeySet<Region>)>,
    kinds: Vec<(u64, PartyKind)>,
    residents: Vec<(u64, assent_kernel::KeySet<Region>)>,
    /// Those that hang on a contract of that kind.
    bound: Vec<(u64, u16)>,
}

impl Forbids {
    fn new(policy: &Policy, at: Timestamp, kinds: &[String]) -> Result<Self, TooLarge> {
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
    fn on(&self, way: &Way<'_>) -> u64 {
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
        let mean = |regions: &assent_kernel::KeySet<Region>| home.is_none_or(|home| regions.covers(home));
        let residents = self.residents.iter().filter(|(_, regions)| mean(regions));
        let runs = |kind: u16| class.bound.iter().any(|b| b.kind == kind && b.from <= now && now < b.until);
        let idle = self.bound.iter().filter(|(_, kind)| !runs(*kind));
        (residents.fold(0, |bits, (bit, _)| bits | bit), !idle.fold(0, |bits, (bit, _)| bits | bit))
    }

    /// Those that mean residents of somewhere.
    fn for_residents(&self) -> u64 {
        self.residents.iter().fold(0, |bits, (bit, _)| bits | bit)
    }

    /// The refusal that is told first, of those that some facts meet first.
    pub(crate) fn refusal(&self, firsts: impl Iterator<Item = u32>) -> Code {
        firsts.filter_map(|bit| self.refusals.get(bit as usize)).min().map_or(Code::MAX, |(_, code)| *code)
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

/// Reasons by number.
#[derive(Debug, Default)]
struct Reasons {
    all: Vec<Reason>,
    known: BTreeMap<Reason, Code>,
}

/// Reasons are numbered from here.
const FIRST_REASON: Code = 2;

impl Law {
    /// Compiles a policy as it holds at a time.
    pub(crate) fn new(policy: Arc<Policy>, at: Timestamp, clauses: &Clauses) -> Result<Self, TooLarge> {
        let too = |what, most| TooLarge { what, most };
        let purposes = Numbering::new(&policy);
        if purposes.keys.len() > MOST_PURPOSES {
            return Err(too("purposes", MOST_PURPOSES));
        }
        if policy.categories.len() > MOST_CATEGORIES {
            return Err(too("categories", MOST_CATEGORIES));
        }
        let kinds = kinds_of(&policy);
        if kinds.len() > MOST_KINDS {
            return Err(too("kinds of contract", MOST_KINDS));
        }
        let regions = regions_of(&policy);
        if regions.len() > MOST_REGIONS {
            return Err(too("regions with data", MOST_REGIONS));
        }
        let special = policy.categories.values().filter(|c| c.class.needs_explicit());
        let special: Vec<usize> = special.filter_map(|c| clauses.category(&c.key)).collect();
        let mut law = Self {
            forbids: Forbids::new(&policy, at, &kinds)?,
            at,
            from: edges(&policy).into_iter().filter(|edge| *edge <= at).max().unwrap_or(Timestamp::MIN),
            until: edges(&policy).into_iter().filter(|edge| *edge > at).min().unwrap_or(Timestamp::MAX),
            purposes,
            kinds,
            bound: bound_kinds(&policy),
            explicit: clauses.wanted(&special),
            regions,
            reasons: RwLock::default(),
            ways: RwLock::default(),
            classes: Vec::new(),
            notices: Vec::new(),
            zones: Vec::new(),
            policy,
        };
        let sorted = |key: &String| law.forbids.keys.iter().filter(|other| *other < key).count();
        let told = |key: &String| (sorted(key), law.code(&Reason::ForbiddenBy { mandate: key.clone() }));
        law.forbids.refusals = law.forbids.keys.iter().map(told).collect();
        law.learn(clauses);
        Ok(law)
    }

    /// Looks at notices and zones that were met since.
    pub(crate) fn learn(&mut self, clauses: &Clauses) {
        let counts = |policy: &Policy, (notice, version): &(assent_kernel::NoticeId, u32)| {
            policy.oldest_valid.get(notice).is_some_and(|oldest| version >= oldest)
        };
        let known = self.notices.len();
        let more = clauses.notices.all().iter().skip(known);
        self.notices.extend(more.map(|one| counts(&self.policy, one)).collect::<Vec<_>>());
        let known = self.zones.len();
        let more: Vec<u64> =
            clauses.zones.all().iter().skip(known).map(|zones| self.covered(zones)).collect();
        self.zones.extend(more);
    }

    /// The regions that every zone covers.
    fn covered(&self, zones: &assent_kernel::Zones) -> u64 {
        zones.iter().fold(u64::MAX, |bits, (regions, _)| bits & self.bits(|region| regions.covers(region)))
    }

    fn bits(&self, has: impl Fn(&Region) -> bool) -> u64 {
        (0..).zip(&self.regions).filter(|(_, region)| has(region)).fold(0, |bits, (n, _)| bits | 1u64 << n)
    }

    /// The regions that facts would reach on a way, as bits; nothing when bits cannot tell.
    fn reached(&self, way: &Way<'_>) -> Option<u64> {
        let hops = way.hops.as_ref().ok()?;
        let number = |region: &Region| self.regions.iter().position(|known| known == region);
        let mut bits = 1u64 << number(way.region())?;
        for hop in hops {
            for (_, places) in hop.party.places.all() {
                if places.is_empty() {
                    return None;
                }
                for region in places.iter() {
                    bits |= 1 << number(region)?;
                }
            }
        }
        Some(bits)
    }

    /// The number of a reason.
    pub(crate) fn code(&self, reason: &Reason) -> Code {
        if let Ok(reasons) = self.reasons.read()
            && let Some(code) = reasons.known.get(reason)
        {
            return *code;
        }
        let Ok(mut reasons) = self.reasons.write() else { return Code::MAX };
        if let Some(code) = reasons.known.get(reason) {
            return *code;
        }
        let code = Code::try_from(reasons.all.len() + usize::from(FIRST_REASON));
        let Some(code) = code.ok().filter(|code| *code < NOT_YET) else { return Code::MAX };
        reasons.all.push(reason.clone());
        reasons.known.insert(reason.clone(), code);
        code
    }

    /// The reason of a number that [`Law::code`] gave.
    pub(crate) fn reason(&self, code: Code) -> Option<Reason> {
        let at = usize::from(code.checked_sub(FIRST_REASON)?);
        self.reasons.read().ok()?.all.get(at).cloned()
    }

    /// The way to a recipient, looked at once.
    pub(crate) fn going(&self, to: To, region: &Region, clauses: &Clauses) -> Arc<Going> {
        let party = match to {
            To::Party(id) => Some(id),
            To::Person => None,
        };
        let key = (party, region.clone());
        if let Ok(ways) = self.ways.read()
            && let Some(found) = ways.get(&key)
        {
            return Arc::clone(found);
        }
        let way = Way::new(&self.policy, to, region, self.at);
        let recipients = clauses.recipients.all().iter().map(|set| self.outcome(way.recipients(set)));
        let recipients: Vec<Code> = recipients.collect();
        let going = Arc::new(Going {
            to,
            region: region.clone(),
            forbids: self.forbids.on(&way),
            reached: self.reached(&way),
            another: way.reaches_another(),
            passes: recipients.chunks(64).map(passing).collect(),
            recipients,
            places: clauses.zones.all().iter().map(|_| AtomicU16::new(NOT_YET)).collect(),
        });
        if let Ok(mut ways) = self.ways.write()
            && ways.len() < MOST_WAYS
        {
            ways.insert(key, Arc::clone(&going));
        }
        going
    }

    fn outcome(&self, found: Result<Timestamp, Reason>) -> Code {
        found.map_or_else(|reason| self.code(&reason), |_| 0)
    }

    /// Step 5 for a set of recipients on a way.
    pub(crate) fn recipient(&self, number: u16, clauses: &Clauses, going: &Going) -> Code {
        if let Some(known) = going.recipients.get(usize::from(number)) {
            return *known;
        }
        let way = Way::new(&self.policy, going.to, &going.region, self.at);
        clauses.recipients.get(number).map_or(Code::MAX, |set| self.outcome(way.recipients(set)))
    }

    /// The regions that zones cover whatever carries data further, as bits.
    pub(crate) fn covers(&self, zones: u16) -> u64 {
        self.zones.get(usize::from(zones)).copied().unwrap_or(0)
    }

    /// Step 6 for zones on a way: by bits, or by the reference, remembered.
    pub(crate) fn place(&self, number: u16, clauses: &Clauses, going: &Going) -> Code {
        let known = going.places.get(usize::from(number));
        if let Some(code) = known.map(|known| known.load(Ordering::Relaxed)).filter(|code| *code != NOT_YET) {
            return code;
        }
        let code = if going.reached.is_some_and(|reached| reached & !self.covers(number) == 0) {
            0
        } else {
            let way = Way::new(&self.policy, going.to, &going.region, self.at);
            clauses.zones.get(number).map_or(Code::MAX, |zones| self.outcome(way.places(zones)))
        };
        if let Some(known) = known {
            known.store(code, Ordering::Relaxed);
        }
        code
    }

    /// True when some prohibition, in force or not, hangs on a kind of contract.
    pub(crate) fn hangs_on(&self, kind: u16) -> bool {
        self.kinds.get(usize::from(kind)).is_some_and(|kind| self.bound.contains(kind))
    }

    pub(crate) fn kind(&self, kind: &str) -> Option<usize> {
        self.kinds.iter().position(|known| known == kind)
    }

    /// The purpose of that number.
    pub(crate) fn purpose(&self, number: usize) -> Option<&Purpose> {
        self.policy.purposes.get(self.purposes.keys.get(number)?)
    }

    /// True when people compiled for this policy stand as they are under the other.
    pub(crate) fn same_people(&self, other: &Policy) -> bool {
        let (mine, theirs) = (&self.policy, other);
        mine.purposes == theirs.purposes
            && mine.categories == theirs.categories
            && self.kinds == kinds_of(theirs)
    }

    /// Looks at classes that were met since; the law holds until the next of their contracts begins or ends.
    pub(crate) fn meet(&mut self, classes: &Classes) {
        let Ok(now) = Minute::of(self.at) else { return };
        for class in classes.iter().skip(self.classes.len()) {
            self.classes.push(self.forbids.of_class(class, now));
            for edge in class.bound.iter().flat_map(|bound| [bound.from.start(), bound.until.start()]) {
                if edge <= self.at {
                    self.from = self.from.max(edge);
                } else {
                    self.until = self.until.min(edge);
                }
            }
        }
    }
}

/// A bit for each code that is none.
fn passing(codes: &[Code]) -> u64 {
    (0..).zip(codes).filter(|(_, code)| **code == 0).fold(0, |bits, (n, _)| bits | 1u64 << n)
}

impl Going {
    /// The prohibitions that a use for a purpose may meet on this way, and those for residents.
    pub(crate) fn forbids(&self, forbids: &Forbids, what: Use, purpose: usize) -> (u64, u64) {
        let meant = forbids.of_use(what, purpose);
        (meant & self.forbids, meant & forbids.for_residents())
    }
}

/// Kinds of contract that some mandate names.
fn kinds_of(policy: &Policy) -> Vec<String> {
    let kinds = policy.mandates.values().filter_map(|m| match &m.binds {
        Binds::Contract(kind) => Some(kind.clone()),
        Binds::Every | Binds::Anchored => None,
    });
    let mut kinds: Vec<String> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn bound_kinds(policy: &Policy) -> BTreeSet<String> {
    let forbids = policy.mandates.values().filter(|m| m.effect == Effect::Forbid);
    let kinds = forbids.filter_map(|m| match &m.binds {
        Binds::Contract(kind) => Some(kind.clone()),
        Binds::Every | Binds::Anchored => None,
    });
    kinds.collect()
}

/// Every region in which a party holds data, and every region of the policy.
fn regions_of(policy: &Policy) -> Vec<Region> {
    let places = policy.parties.values().flat_map(|party| {
        let [a, b, c, d] = party.places.all();
        [a.1, b.1, c.1, d.1].into_iter().flat_map(|set| set.iter())
    });
    let mut all: Vec<Region> = places.chain(policy.regions.iter()).cloned().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The moments at which something in the policy begins, ends or grows stale.
fn edges(policy: &Policy) -> Vec<Timestamp> {
    let mandates = policy.mandates.values().flat_map(|m| [m.from, m.until]);
    let parties = policy.parties.values().flat_map(|party| {
        let joins = match party.standing {
            Standing::Proposed(from) => Some(from),
            Standing::Active | Standing::Suspended | Standing::Ended => None,
        };
        let tools = party.transfers.iter().map(|(_, until)| *until);
        tools.chain(joins).chain([party.described_at.plus(STALE_AFTER)]).collect::<Vec<_>>()
    });
    mandates.chain(parties).collect()
}
