//! The decision: one pure, total function. No IO, no clock, default refuse; the first hit wins.
//!
//! The order is the law's: names, Forbid mandates, restriction, objection, the purpose's own basis, the chain of
//! recipients, regions, what came with the fact. A decision never falls through from one basis to another.

mod basis;
mod chain;
pub mod keep;
mod place;
mod wishes;

pub use chain::{Hop, Way};

use crate::fact::Fact;
use crate::id::{FactId, PartyId};
use crate::key::{CategoryKey, TreeKey};
use crate::mandate::{Binds, Effect, Mandate, When};
use crate::person::Person;
use crate::policy::Policy;
use crate::purpose::Purpose;
use crate::question::{Matter, NonEmpty, Question, To};
use crate::reason::Reason;
use crate::ruling::{Open, Ruling, Verdict};
use crate::terms::Terms;
use crate::time::Timestamp;
use crate::uses::{AsUse, Use};

/// The deepest line of derivation that is followed; a longer one, or a circle, is refused.
const DEEPEST_DERIVATION: u8 = 8;

/// What a decision knows.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// What the company laid down.
    pub policy: &'a Policy,
    /// The person, if there is one.
    pub person: Option<&'a Person>,
    /// The newest time already recorded; asking about an earlier one is refused.
    pub floor: Timestamp,
}

/// Answers a question from what is known. Total: every question gets a verdict for each fact, and silence is no.
#[must_use]
pub fn decide<U: AsUse>(question: &Question<U>, state: &State<'_>) -> Ruling {
    let question = &with_use(question);
    match Case::open(question, state) {
        Err(reason) => refuse_all(question, &reason),
        Ok(case) => {
            Ruling { verdicts: map(&question.matters, |matter| case.verdict(matter)), chain: case.reached() }
        }
    }
}

fn with_use<U: AsUse>(q: &Question<U>) -> Question<Use> {
    Question {
        what: q.what.as_use(),
        person: q.person,
        asker: q.asker,
        purpose: q.purpose.clone(),
        matters: q.matters.clone(),
        to: q.to,
        region: q.region.clone(),
        at: q.at,
        context: q.context.clone(),
    }
}

fn map(matters: &NonEmpty<Matter>, mut judge: impl FnMut(&Matter) -> Verdict) -> NonEmpty<(Matter, Verdict)> {
    let first = (matters.first().clone(), judge(matters.first()));
    let rest = matters.iter().skip(1).map(|matter| (matter.clone(), judge(matter))).collect();
    NonEmpty::new(first, rest)
}

/// True when a reference is there and says something: a blank ticket is no ticket.
fn given(reference: Option<&str>) -> bool {
    reference.is_some_and(|text| !text.trim().is_empty())
}

fn refuse_all(question: &Question<Use>, reason: &Reason) -> Ruling {
    Ruling { verdicts: map(&question.matters, |_| Verdict::Closed(reason.clone())), chain: Vec::new() }
}

/// A question whose names are all known, with what they stand for.
struct Case<'a> {
    question: &'a Question<Use>,
    policy: &'a Policy,
    person: &'a Person,
    purpose: &'a Purpose,
    /// Everyone the facts would reach, and where.
    way: Way<'a>,
}

/// One fact of the case, held or still to come.
#[derive(Clone, Copy)]
struct Item<'a> {
    category: &'a CategoryKey,
    fact: Option<&'a Fact>,
}

impl<'a> Case<'a> {
    /// Step 0: every name must be known, the use and the role must belong to the purpose, time must not run backwards.
    fn open(question: &'a Question<Use>, state: &State<'a>) -> Result<Self, Reason> {
        let policy = state.policy;
        let person = state
            .person
            .filter(|p| p.id == question.person && p.company == policy.company)
            .ok_or(Reason::UnknownPerson)?;
        let purpose = policy.purposes.get(&question.purpose).ok_or(Reason::UnknownPurpose)?;
        if !policy.regions.covers(&question.region) {
            return Err(Reason::UnknownRegion);
        }
        if let To::Party(id) = question.to
            && !policy.parties.contains_key(&id)
        {
            return Err(Reason::UnknownParty);
        }
        if question.at < state.floor {
            return Err(Reason::ClockWentBack);
        }
        if !purpose.uses.has(question.what) {
            return Err(Reason::UseOutsidePurpose);
        }
        if !purpose.roles.has(question.asker.role()) {
            return Err(Reason::RoleOutsidePurpose);
        }
        let way = Way::new(policy, question.to, &question.region, question.at);
        Ok(Self { question, policy, person, purpose, way })
    }

    fn reached(&self) -> Vec<PartyId> {
        self.way.hops.as_ref().map(|hops| hops.iter().map(|hop| hop.party.id).collect()).unwrap_or_default()
    }

    fn verdict(&self, matter: &'a Matter) -> Verdict {
        let judged = self.item(matter).and_then(|item| self.judge(item, DEEPEST_DERIVATION));
        match judged {
            Ok(open) => Verdict::Open(open),
            Err(reason) => Verdict::Closed(reason),
        }
    }

    fn item(&self, matter: &'a Matter) -> Result<Item<'a>, Reason> {
        let item = match matter {
            Matter::Held(id) => {
                let fact = self.person.facts.get(id).ok_or(Reason::UnknownFact)?;
                Item { category: &fact.category, fact: Some(fact) }
            }
            Matter::Kind(category) => Item { category, fact: None },
        };
        if self.policy.categories.contains_key(item.category) {
            Ok(item)
        } else {
            Err(Reason::UnknownCategory)
        }
    }

    /// Steps 1 to 8 for one fact.
    fn judge(&self, item: Item<'a>, depth: u8) -> Result<Open, Reason> {
        let free = self.forbidden(item)?.min(self.wishes(item)?);
        let open = self.basis(item)?;
        let until = open.until.min(free).min(self.provenance(item, depth)?);
        Ok(Open { until, ..open })
    }

    /// Step 1: a Forbid mandate wins over everything. Until when none does, as far as is known today.
    fn forbidden(&self, item: Item<'_>) -> Result<Timestamp, Reason> {
        let mut next = Timestamp::MAX;
        for mandate in self.policy.mandates.values().filter(|m| m.effect == Effect::Forbid) {
            match self.forbids_from(mandate, item) {
                Some(from) if from <= self.question.at => {
                    return Err(Reason::ForbiddenBy { mandate: mandate.key.clone() });
                }
                from => next = from.map_or(next, |from| next.min(from)),
            }
        }
        Ok(next)
    }

    /// The first moment, from now on, at which a Forbid mandate forbids this.
    fn forbids_from(&self, mandate: &Mandate, item: Item<'_>) -> Option<Timestamp> {
        let meant = mandate.uses.has(self.question.what)
            && (mandate.purposes.is_empty() || mandate.purposes.covers(&self.purpose.key))
            && mandate.categories.covers(item.category)
            && self.applies(&mandate.when);
        let first = self.question.at.max(mandate.from);
        let bound = match &mandate.binds {
            Binds::Every => Some(first),
            Binds::Contract(kind) => self.person.bound_from(kind, first),
            Binds::Anchored => {
                let anchors = item.fact.map(|fact| fact.anchors.as_slice()).unwrap_or_default();
                anchors.iter().any(|a| a.mandate == mandate.id && first < a.until).then_some(first)
            }
        };
        bound.filter(|from| meant && mandate.in_force(*from))
    }

    fn applies(&self, when: &When) -> bool {
        match when {
            When::Always => true,
            When::OutsideRegions(inside) => {
                !inside.covers(&self.question.region)
                    || self.way.hops.as_ref().map_or(true, |hops| {
                        hops.iter()
                            .any(|hop| hop.party.places.all().iter().any(|(_, set)| !inside.covers_all(set)))
                    })
            }
            When::RecipientKind(kind) => {
                self.way.hops.as_ref().map_or(true, |hops| hops.iter().any(|hop| hop.party.kind == *kind))
            }
            When::ResidentOf(regions) => self.person.may_live_in(regions),
        }
    }

    /// Step 7: terms that came with the fact, and the facts it was derived from.
    fn provenance(&self, item: Item<'a>, depth: u8) -> Result<Timestamp, Reason> {
        let Some(fact) = item.fact else { return Ok(Timestamp::MAX) };
        let carried = match &fact.carried {
            Some(terms) => self.carried_until(terms, item).ok_or(Reason::ProvenanceDenies)?,
            None => Timestamp::MAX,
        };
        fact.derived_from.iter().try_fold(carried, |until, id| Ok(until.min(self.parent(*id, depth)?)))
    }

    fn parent(&self, id: FactId, depth: u8) -> Result<Timestamp, Reason> {
        let denied = Reason::ParentDenies { fact: id };
        let depth = depth.checked_sub(1).ok_or_else(|| denied.clone())?;
        let fact = self.person.facts.get(&id).ok_or_else(|| denied.clone())?;
        self.judge(Item { category: &fact.category, fact: Some(fact) }, depth)
            .map(|open| open.until)
            .map_err(|_| denied)
    }

    /// Until when the terms that travel with a fact allow this use. Written apart from the basis on purpose:
    /// carried terms never open anything, they only close.
    fn carried_until(&self, terms: &Terms, item: Item<'_>) -> Option<Timestamp> {
        let class = self.policy.categories.get(item.category).map(|c| c.class);
        let end = terms.until.whole_minute();
        let allowed = self.question.at < end
            && terms.purposes.covers(&self.purpose.key)
            && terms.categories.covers(item.category)
            && terms.uses.has(self.question.what)
            && (terms.explicit || class.is_some_and(|c| !c.needs_explicit()));
        let reached = self.way.recipients(&terms.recipients).ok()?.min(self.way.places(&terms.zones).ok()?);
        allowed.then(|| end.min(reached))
    }

    /// The answers that count for this purpose: its own and those of the purposes above it.
    fn is_about(&self, purpose: &crate::key::PurposeKey) -> bool {
        purpose.covers(&self.purpose.key)
    }
}
