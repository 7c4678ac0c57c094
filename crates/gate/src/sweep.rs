//! The end of keeping: what no terms cover any more goes, what a law alone kept goes when the law's time is over, what is
//! older than its class allows goes. The decision is the clock; this only takes away what is refused already.

use assent_kernel::fact::Fact;
use assent_kernel::grant::{Grant, RestrictionGround, Said};
use assent_kernel::ledger::Kind;
use assent_kernel::mandate::Binds;
use assent_kernel::{Asker, CompanyId, Person, PersonId, Policy, Span, Timestamp, Warrant};
use assent_store::ledger::Line;
use assent_store::people::past::{self, Past};
use assent_store::people::{self, Life};
use assent_store::{StoreError, ledger, told};

use crate::draft;
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::integrate;
use crate::keep::{is_duty, warrant_for};
use crate::keys::PersonKey;
use crate::region::RegionStore;
use crate::start::Gate;

/// How long after the last terms that covered them ended facts are erased; they are closed at once.
pub(crate) const ORPHANS_AFTER: Span = Span::days(30);

/// Everybody is looked at this often at least, because a policy or a mandate may have changed since.
const AT_LEAST: Span = Span::days(30);
/// When somebody is looked at again whose facts could not be swept.
const AGAIN: Span = Span::hours(1);
/// People that are looked at in one round.
const AT_ONCE: u32 = 100;

/// When the sweeper looks at somebody with these facts: at the next end of one of them, or in thirty days.
pub(crate) fn next_look<'a>(
    policy: &Policy,
    facts: impl Iterator<Item = &'a Fact>,
    at: Timestamp,
) -> Timestamp {
    let ends = facts.flat_map(|fact| {
        fact.anchors.iter().map(|anchor| anchor.until).chain(oldest_allowed(policy, fact)).collect::<Vec<_>>()
    });
    ends.filter(|end| at < *end).fold(at.plus(AT_LEAST), Timestamp::min)
}

/// When a fact is older than its class allows.
fn oldest_allowed(policy: &Policy, fact: &Fact) -> Option<Timestamp> {
    let category = policy.categories.get(&fact.category)?;
    Some(fact.confirmed_at.plus(category.retention.most()?))
}

/// True when a person was erased, and only what a law demands is left of them.
pub(crate) fn only_retained(person: &Person) -> bool {
    person.restrictions.iter().any(|one| one.ground == RestrictionGround::RetainOnly)
}

/// True when a law demands that a fact is kept, now.
fn anchored(fact: &Fact, at: Timestamp) -> bool {
    fact.anchors.iter().any(|anchor| at < anchor.until)
}

/// True when the time of a fact is over: no law demands it now, and it is too old, or a law was all that it stood on.
fn is_over(policy: &Policy, person: &Person, fact: &Fact, at: Timestamp) -> bool {
    if anchored(fact, at) {
        return false;
    }
    let too_old = oldest_allowed(policy, fact).is_some_and(|end| end <= at);
    // Contact and profile stay while terms live; they are closed until somebody confirms them.
    let waits =
        policy.categories.get(&fact.category).is_some_and(|c| c.retention.full() < c.retention.most())
            && is_covered(policy, person, fact, at);
    let was_anchored = !fact.anchors.is_empty();
    (too_old && !waits) || only_retained(person) || (was_anchored && is_orphan(policy, person, fact, at))
}

/// When a fact that stood on a grant, and that nothing covers any more, is to go: some time after the last end of anything
/// that covered it.
fn orphan_goes_at(policy: &Policy, past: &Past, fact: &Fact, at: Timestamp) -> Option<Timestamp> {
    let person = past.at(at);
    if !is_orphan(policy, &person, fact, at) {
        return None;
    }
    let Warrant::Grant(own) = fact.warrant? else { return None };
    let own = grant_ends(past).find(|(grant, _)| grant.id == own).map(|(_, end)| end);
    let others = grant_ends(past).filter(|(grant, _)| grant.terms.categories.covers(&fact.category));
    let contracts = person.contracts.iter().map(|contract| contract.until);
    let ends = others.map(|(_, end)| end).chain(contracts).filter(|end| *end <= at);
    Some(ends.fold(own?, Timestamp::max).plus(ORPHANS_AFTER))
}

/// Every yes of a person with its end: its own, or the next answer about that purpose.
fn grant_ends(past: &Past) -> impl Iterator<Item = (&Grant, Timestamp)> {
    let next = past.answers.iter().skip(1).map(Some).chain([None]);
    past.answers.iter().zip(next).filter_map(|(answer, next)| {
        let Said::Yes(grant) = &answer.said else { return None };
        let replaced = next.filter(|next| next.purpose == answer.purpose).map(|next| next.at);
        Some((&**grant, replaced.map_or(grant.terms.until, |at| at.min(grant.terms.until))))
    })
}

/// True when a grant or a contract covers a fact now, whatever it stood on when it came.
fn is_covered(policy: &Policy, person: &Person, fact: &Fact, at: Timestamp) -> bool {
    warrant_for(policy, person, &fact.category, at).is_ok_and(|warrant| !is_duty(policy, warrant))
}

/// True when nothing covers a fact any more: no law, no contract, no grant.
fn is_orphan(policy: &Policy, person: &Person, fact: &Fact, at: Timestamp) -> bool {
    let stands = |warrant: &Warrant| match warrant {
        Warrant::Mandate(id) => policy.mandates.get(id).is_some_and(|mandate| {
            let bound = match &mandate.binds {
                Binds::Every => true,
                Binds::Contract(kind) => person.contract_runs(kind, at),
                // Its anchors say so, and they are looked at apart.
                Binds::Anchored => false,
            };
            mandate.in_force(at) && bound
        }),
        Warrant::Grant(id) => person.answers.values().any(|answer| match &answer.said {
            Said::Yes(grant) => grant.id == *id && at < grant.terms.until,
            Said::No | Said::NoLonger => false,
        }),
    };
    let covered = is_covered(policy, person, fact, at);
    !anchored(fact, at) && !covered && fact.warrant.as_ref().is_none_or(|warrant| !stands(warrant))
}

/// Why a fact goes now, in the ledger's word; nothing while it stays.
fn why_over(
    policy: &Policy,
    past: Option<&Past>,
    person: &Person,
    fact: &Fact,
    at: Timestamp,
) -> Option<&'static str> {
    if is_over(policy, person, fact, at) {
        return Some("RETENTION_OVER");
    }
    let orphaned = past.and_then(|past| orphan_goes_at(policy, past, fact, at)).is_some_and(|end| end <= at);
    orphaned.then_some("FORGOTTEN")
}

impl Gate {
    /// Drops the facts whose time is over, and those that no terms have covered for a while, of people who are due; a person of whom only a law kept something, and of whom
    /// nothing is left, loses their key. Tells how many facts went; call again until it is 0.
    ///
    /// # Errors
    /// What the stores said about the first person that could not be swept; the others were, and this one comes again.
    pub async fn sweep(&self, at: Timestamp) -> Result<usize> {
        let (mut gone, mut first) = (0, Ok(()));
        for store in self.0.regions.values() {
            let at = store.steady(at)?;
            let due = store.data.read(move |tx| people::sweep::due(tx, at, AT_ONCE)).await?;
            for (company, person) in due {
                match self.sweep_one(store, company, person, at).await {
                    Ok(count) => gone += count,
                    Err(error) => {
                        store.data.write(move |tx| people::sweep::set(tx, person, at.plus(AGAIN))).await?;
                        first = first.and(Err(error));
                    }
                }
            }
        }
        first.map(|()| gone)
    }

    async fn sweep_one(
        &self,
        store: &RegionStore,
        company: CompanyId,
        person: PersonId,
        at: Timestamp,
    ) -> Result<usize> {
        let mut gone = 0;
        // Each time on what stands then: whoever confirms a fact, or whose terms cover it again, keeps it.
        let (standing, past, left) = loop {
            let standing = self.policy_in(store, company).await?;
            let now = self.look_any(company, person).await?;
            let read = store.data.read(move |tx| Ok(past::load(tx, company, &[person])?.remove(&person)));
            let past = read.await?;
            let over = now.facts().find_map(|held| {
                let why = why_over(&standing.policy, past.as_ref(), now.own(), &held.fact, at)?;
                Some((held.id(), why))
            });
            let Some((fact, why)) = over else { break (standing, past, now) };
            match self.forget_because(&now, fact, &standing, (Asker::System, why), at).await {
                Ok(_) => gone += 1,
                // Another node was here first.
                Err(GateError::NotKept(_)) => {}
                Err(other) => return Err(other),
            }
        };
        if left.facts.is_empty() && only_retained(left.own()) {
            self.end(store, &left, at).await?;
            return Ok(gone);
        }
        let (epoch, mark) = (left.person.epoch, left.mark());
        let goes_at = |fact: &Fact| orphan_goes_at(&standing.policy, past.as_ref()?, fact, at);
        let orphans = left.facts().filter_map(|held| goes_at(&held.fact)).filter(|end| at < *end);
        let look_at = next_look(&standing.policy, left.facts().map(|held| &held.fact), at);
        let look_at = orphans.fold(look_at, Timestamp::min);
        let set = store.data.write(move |tx| {
            people::hold_at(tx, person, epoch)?;
            // A fact that came in meanwhile may end sooner: then the person stays due.
            if people::fact_mark(tx, person)? != mark {
                return Err(StoreError::Moved);
            }
            people::sweep::set(tx, person, look_at)
        });
        match set.await {
            Ok(()) | Err(StoreError::Moved) => Ok(gone),
            Err(other) => Err(other.into()),
        }
    }

    /// Nothing is left of somebody of whom a law had kept something: the key goes, and the directory's line.
    async fn end(&self, store: &RegionStore, dossier: &Dossier, at: Timestamp) -> Result<()> {
        let (company, person, epoch) = (dossier.person.company, dossier.person.id, dossier.person.epoch);
        let standing = self.policy(company).await?;
        let mark = dossier.mark();
        let log = store.log(&self.company(company).await?.code);
        let mut draft = draft::of_act(Kind::Erase, None, &dossier.region, standing.digest, Asker::System, at);
        draft.detail.outcome = "RETENTION_OVER".into();
        draft.detail.note = "nothing is kept any more".into();
        let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
        let line = Line::system(draft.line(&system, 0)?.leaf);
        integrate::gather(store, &log).await?;
        let ended = store.data.write(move |tx| {
            people::hold_at(tx, person, epoch)?;
            // A fact that came in meanwhile is not for the end of another.
            if people::fact_mark(tx, person)? != mark {
                return Err(StoreError::Moved);
            }
            integrate::absorb_all(tx)?;
            people::drop_all(tx, person, at)?;
            people::set_life(tx, person, Life::Erasing)?;
            told::over(tx, company, person, at)?;
            ledger::queue(tx, &log, at, &[line])
        });
        match ended.await {
            // Another node was here first.
            Err(StoreError::Moved) => return Ok(()),
            other => other?,
        }
        store.appended.notify_one();
        self.finish(store, company, person, at, false).await
    }
}
