//! A policy compiled for a stretch of time in which nothing in it begins, ends or grows stale.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use assent_kernel::mandate::{Binds, Effect};
use assent_kernel::party::{STALE_AFTER, Standing};
use assent_kernel::purpose::Purpose;
use assent_kernel::{Policy, PurposeKey, Reason, Region, Timestamp, TreeKey as _};

use crate::class::{Classes, Flags};
use crate::clause::{Clauses, Wanted};
use crate::forbid::Forbids;
use crate::pack::{MOST_KINDS, MOST_PURPOSES, Minute};
use crate::way::Ways;

/// A policy that does not fit into the compiled form: there is no index of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the policy has more than {most} {what}; there is no index of it")]
pub struct TooLarge {
    /// Of what.
    pub what: &'static str,
    /// The most that fit.
    pub most: usize,
}

/// The most regions that a policy and its parties name: one bit each.
const MOST_REGIONS: usize = 64;

/// The most categories: four words of bits.
const MOST_CATEGORIES: usize = 256;

/// A refusal's number: 0 is none. Small numbers have a meaning of their own, larger ones are looked up.
pub(crate) type Code = u16;
/// The yes has run out; when is told beside it.
pub(crate) const EXPIRED: Code = 1;

/// A compiled policy.
#[derive(Debug)]
pub(crate) struct Law {
    pub(crate) policy: Arc<Policy>,
    /// The moment it was compiled for.
    pub(crate) at: Timestamp,
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
    /// The regions that have bits, in order.
    pub(crate) regions: Vec<Region>,
    reasons: RwLock<Reasons>,
    pub(crate) ways: RwLock<Ways>,
    /// How many more outcomes are remembered beside ways.
    pub(crate) room: Room,
    /// For each number of a version of a notice, whether its yes still counts.
    pub(crate) notices: Vec<bool>,
    /// Classes of people, by number.
    pub(crate) classes: Vec<Of>,
}

/// What the law looks at in a class of people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of {
    /// The prohibitions for residents that mean them.
    pub(crate) resident: u64,
    /// The prohibitions that hang on no contract, or on one of theirs that runs.
    pub(crate) bound: u64,
    pub(crate) flags: Flags,
}

impl Of {
    /// Nobody the law knows: everything is forbidden.
    pub(crate) const UNKNOWN: Self = Self { resident: u64::MAX, bound: u64::MAX, flags: Flags::ODD };
}

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

/// Room for things that are remembered, whoever asks for them.
#[derive(Debug)]
pub(crate) struct Room(AtomicUsize);

/// The most that is remembered of one kind.
const MOST_REMEMBERED: usize = 1 << 20;

impl Default for Room {
    fn default() -> Self {
        Self(AtomicUsize::new(MOST_REMEMBERED))
    }
}

impl Room {
    /// Takes room for one more; false when there is none.
    pub(crate) fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// Reasons by number.
#[derive(Debug, Default)]
struct Reasons {
    all: Vec<Reason>,
    known: BTreeMap<Reason, Code>,
}

/// The region that was asked for is not granted, and nobody but the asker named it: it has no number, so that askers
/// cannot use the numbers up.
pub(crate) const NOT_THERE: Code = 2;

/// Reasons are numbered from here.
const FIRST_REASON: Code = 3;

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
            room: Room::default(),
            classes: Vec::new(),
            notices: Vec::new(),
            policy,
        };
        let code = |key: &String| law.code(&Reason::ForbiddenBy { mandate: key.clone() });
        let codes: Vec<Code> = law.forbids.keys.iter().map(code).collect();
        law.forbids.number(&codes);
        law.learn(clauses);
        Ok(law)
    }

    /// Looks at notices that were met since.
    pub(crate) fn learn(&mut self, clauses: &Clauses) {
        let counts = |policy: &Policy, (notice, version): &(assent_kernel::NoticeId, u32)| {
            policy.oldest_valid.get(notice).is_some_and(|oldest| version >= oldest)
        };
        let known = self.notices.len();
        let more = clauses.notices.all().iter().skip(known);
        self.notices.extend(more.map(|one| counts(&self.policy, one)).collect::<Vec<_>>());
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
        let Some(code) = code.ok().filter(|code| *code < Code::MAX) else { return Code::MAX };
        reasons.all.push(reason.clone());
        reasons.known.insert(reason.clone(), code);
        code
    }

    /// True when the policy or a party names a region.
    pub(crate) fn names(&self, region: &Region) -> bool {
        self.regions.binary_search(region).is_ok()
    }

    /// The number of a reason against a use in a region.
    pub(crate) fn code_in(&self, asked: &Region, reason: &Reason) -> Code {
        let nobody_else_s = |region: &Region| region == asked && !self.names(asked);
        let is_theirs = matches!(reason, Reason::RegionNotGranted { region } if nobody_else_s(region));
        if is_theirs { NOT_THERE } else { self.code(reason) }
    }

    /// The reason of a number that [`Law::code`] gave.
    pub(crate) fn reason(&self, code: Code) -> Option<Reason> {
        let at = usize::from(code.checked_sub(FIRST_REASON)?);
        self.reasons.read().ok()?.all.get(at).cloned()
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
            let (resident, bound) = self.forbids.of_class(class, now);
            self.classes.push(Of { resident, bound, flags: class.flags });
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
pub(crate) fn regions_of(policy: &Policy) -> Vec<Region> {
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
