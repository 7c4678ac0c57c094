//! Keeping: a fact is sealed under its person's key, with a warrant, and becomes findable by blind tokens.

use assent_kernel::decide::keep::INFORM;
use assent_kernel::fact::{Anchor, Fact, Warrant};
use assent_kernel::grant::Said;
use assent_kernel::ledger::Kind;
use assent_kernel::mandate::{Binds, Effect};
use assent_kernel::{
    Asker, CategoryKey, FactId, Person, Policy, PurposeKey, Reason, Span, Terms, Timestamp, may_keep,
};
use assent_store::{StoreError, home, people};

use crate::draft;
use crate::error::{GateError, Result};
use crate::find::{Blind, tokens};
use crate::held::{Dossier, Held};
use crate::keys::PersonKey;
use crate::permit::{Recorded, place};
use crate::record::write_line;
use crate::seal::{open, seal};
use crate::start::Gate;
use crate::sweep::next_look;

/// A fact on its way in. `Debug` shows no value.
#[derive(Clone)]
pub struct Keeping {
    /// What kind it is.
    pub category: CategoryKey,
    /// The value.
    pub value: String,
    /// Where it comes from, in words.
    pub source: String,
    /// What it stands on; `None` = whatever the person's terms, contracts and the law offer.
    pub warrant: Option<Warrant>,
    /// Mandates that hold it.
    pub anchors: Vec<Anchor>,
    /// Terms that come with it.
    pub carried: Option<Terms>,
    /// The fact that it takes the place of.
    pub replaces: Option<FactId>,
}

impl std::fmt::Debug for Keeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keeping({})", self.category)
    }
}

/// The longest that a contract is put down for at once, by hand, by a program or by a file: ten years.
pub const LONGEST_CONTRACT: Span = Span::days(3653);
/// The longest value of a fact, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;

/// What a new fact of a category can stand on, best first: a grant, a contract, and at last the duty to tell and ask.
pub(crate) fn warrant_for(
    policy: &Policy,
    person: &Person,
    category: &CategoryKey,
    at: Timestamp,
) -> std::result::Result<Warrant, Reason> {
    let grants = person.answers.values().filter_map(|answer| match &answer.said {
        Said::Yes(grant) => Some(Warrant::Grant(grant.id)),
        Said::No | Said::NoLonger => None,
    });
    let contracts = policy.mandates.values().filter(|m| match &m.binds {
        Binds::Contract(kind) => m.effect != Effect::Forbid && person.contract_runs(kind, at),
        Binds::Every | Binds::Anchored => false,
    });
    let inform = PurposeKey::new(INFORM).map_err(|_| Reason::UnknownPurpose)?;
    let duty = policy.mandates.values().filter(|m| m.opens() && m.purposes.covers(&inform));
    let mut last = Reason::NoMandate;
    for warrant in grants.chain(contracts.chain(duty).map(|m| Warrant::Mandate(m.id))) {
        match may_keep(policy, person, category, warrant, at) {
            Ok(()) => return Ok(warrant),
            Err(reason) => last = reason,
        }
    }
    Err(last)
}

/// True when a warrant is only the duty to tell and ask: what stands on it is in quarantine.
pub(crate) fn is_duty(policy: &Policy, warrant: Warrant) -> bool {
    let Ok(inform) = PurposeKey::new(INFORM) else { return false };
    match warrant {
        Warrant::Grant(_) => false,
        Warrant::Mandate(id) => policy.mandates.get(&id).is_some_and(|m| m.purposes.covers(&inform)),
    }
}

/// A fact with its value sealed and its tokens made.
pub(crate) struct Sealed {
    pub(crate) fact: Fact,
    pub(crate) bytes: Vec<u8>,
}

/// Checks and seals one fact.
pub(crate) fn sealed(
    keeping: &Keeping,
    policy: &Policy,
    person: &Person,
    region: &assent_kernel::Region,
    key: &PersonKey,
    id: FactId,
    at: Timestamp,
) -> Result<Sealed> {
    if keeping.value.is_empty() || keeping.value.len() > LONGEST_VALUE {
        return Err(GateError::Input(format!("a value must have 1 to {LONGEST_VALUE} bytes")));
    }
    let warrant = match keeping.warrant {
        Some(warrant) => may_keep(policy, person, &keeping.category, warrant, at).map(|()| warrant),
        None => warrant_for(policy, person, &keeping.category, at),
    };
    let fact = Fact {
        id,
        category: keeping.category.clone(),
        source: keeping.source.clone(),
        region: region.clone(),
        confirmed_at: at,
        warrant: Some(warrant.map_err(GateError::NotKept)?),
        anchors: keeping.anchors.clone(),
        carried: keeping.carried.clone(),
        derived_from: Vec::new(),
    };
    let bytes = seal(key.fact(id).bytes(), &place(person.id, &fact), keeping.value.as_bytes())?;
    Ok(Sealed { fact, bytes })
}

impl Gate {
    /// Keeps new facts about a person, or new values of facts. All or none.
    ///
    /// # Errors
    /// [`GateError::NotKept`] with the reason; [`GateError::Busy`] when the terms moved meanwhile; what the stores said.
    pub async fn keep(
        &self,
        dossier: &Dossier,
        keepings: Vec<Keeping>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<(Vec<FactId>, Recorded)> {
        let (person, company) = (dossier.person.id, dossier.person.company);
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        let standing = self.policy_in(store, company).await?;
        let blind = self.blind_key(company).await?;
        let mut rows = Vec::with_capacity(keepings.len());
        let (mut fresh, mut stale) = (Vec::new(), Vec::new());
        for keeping in &keepings {
            let id = match keeping.replaces {
                Some(id) => {
                    let old = dossier.facts.get(&id).ok_or(GateError::NotKept(Reason::UnknownFact))?;
                    stale.extend(tokens(&blind, old.category(), &plain(dossier, old)?));
                    id
                }
                None => self.fresh(at, FactId::new)?,
            };
            let mut one =
                sealed(keeping, &standing.policy, &dossier.person, &dossier.region, &dossier.key, id, at)?;
            if let Some(old) = keeping.replaces.and_then(|id| dossier.facts.get(&id)) {
                one.fact.carried.clone_from(&old.fact.carried);
                one.fact.anchors.clone_from(&old.fact.anchors);
                // Only the person confirms: what staff put right is kept no longer than it would have been.
                if let Asker::Staff(..) = asker {
                    one.fact.confirmed_at = old.fact.confirmed_at;
                }
            }
            fresh.extend(
                tokens(&blind, &keeping.category, &keeping.value).into_iter().map(|token| (token.0, person)),
            );
            rows.push((one, keeping.replaces.is_some()));
        }
        let mut draft = draft::of_act(Kind::Capture, None, &dossier.region, standing.digest, asker, at);
        draft.detail.categories =
            keepings.iter().map(|keeping| keeping.category.to_string()).take(200).collect();
        draft.detail.categories.sort_unstable();
        draft.detail.categories.dedup();
        draft.detail.facts = rows.iter().map(|(one, _)| one.fact.id.to_string()).take(200).collect();
        draft.detail.note =
            keepings.first().map_or_else(String::new, |k| k.source.chars().take(180).collect());
        let ids = rows.iter().map(|(one, _)| one.fact.id).collect();
        // A change that no time tells of is told by the epoch: whoever looked before looks again.
        let quiet = matches!(asker, Asker::Staff(..)) && rows.iter().any(|(_, replaces)| *replaces);
        let (key, log, epoch) =
            (dossier.key.clone(), store.log(&self.company(company).await?.code), dossier.person.epoch);
        let (blinds, policy) = (fresh.clone(), standing.policy.version);
        let look_at = next_look(&standing.policy, rows.iter().map(|(one, _)| &one.fact), at);
        // What leads to a person comes first: a fact that nobody finds cannot be asked for by its person either.
        self.0.home.write(move |tx| home::add_tokens(tx, company, &blinds)).await?;
        let write = store.data.write(move |tx| {
            if people::hold_policy_version(tx, company)? != policy {
                return Err(StoreError::Moved);
            }
            people::hold_at(tx, person, epoch)?;
            if quiet {
                people::move_epoch(tx, person, at)?;
            }
            for (one, replace) in &rows {
                people::put_fact(tx, person, &one.fact, &one.bytes, *replace)?;
            }
            people::sweep::no_later(tx, person, look_at)?;
            write_line(tx, person, &key, &draft, &log, at)
        });
        let recorded = match write.await {
            Err(StoreError::Moved) => return Err(GateError::Busy),
            other => other?,
        };
        store.appended.notify_one();
        store.raise(at);
        let replaced: Vec<FactId> = keepings.iter().filter_map(|keeping| keeping.replaces).collect();
        let needed = still_needed(dossier, &blind, &replaced)?;
        stale.retain(|token| !needed.contains(token));
        self.0
            .home
            .write(move |tx| {
                for token in stale {
                    home::drop_token(tx, company, token.0, person)?;
                }
                // Again, for what an old value and its new one share.
                home::add_tokens(tx, company, &fresh)
            })
            .await?;
        Ok((ids, recorded))
    }

    /// Drops one fact: the person corrected it away, or its warrant is gone.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn forget(
        &self,
        dossier: &Dossier,
        fact: FactId,
        asker: Asker,
        at: Timestamp,
    ) -> Result<Recorded> {
        self.forget_because(dossier, fact, (asker, "FORGOTTEN"), at).await
    }

    /// The same, with the word by which the ledger knows why.
    pub(crate) async fn forget_because(
        &self,
        dossier: &Dossier,
        fact: FactId,
        (asker, why): (Asker, &str),
        at: Timestamp,
    ) -> Result<Recorded> {
        let (person, company) = (dossier.person.id, dossier.person.company);
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        let held = dossier.facts.get(&fact).ok_or(GateError::NotKept(Reason::UnknownFact))?;
        if held.fact.anchors.iter().any(|anchor| at < anchor.until) {
            return Err(GateError::Input("a law still demands that this is kept".into()));
        }
        let standing = self.policy(company).await?;
        let blind = self.blind_key(company).await?;
        let needed = still_needed(dossier, &blind, &[fact])?;
        let mut stale = tokens(&blind, held.category(), &plain(dossier, held)?);
        stale.retain(|token| !needed.contains(token));
        let mut draft = draft::of_act(Kind::Decay, None, &dossier.region, standing.digest, asker, at);
        draft.detail.categories = vec![held.category().to_string()];
        draft.detail.facts = vec![fact.to_string()];
        draft.detail.outcome = why.to_owned();
        let (key, log) = (dossier.key.clone(), store.log(&self.company(company).await?.code));
        let epoch = dossier.person.epoch;
        let recorded = store
            .data
            .write(move |tx| {
                people::hold_at(tx, person, epoch)?;
                people::move_epoch(tx, person, at)?;
                people::drop_fact(tx, person, fact)?;
                write_line(tx, person, &key, &draft, &log, at)
            })
            .await?;
        store.appended.notify_one();
        let drop = move |tx: &mut assent_store::Tx<'_>| {
            stale.iter().try_for_each(|token| home::drop_token(tx, company, token.0, person))
        };
        self.0.home.write(drop).await?;
        Ok(recorded)
    }
}

/// The tokens that lead to a person by their other facts: two addresses of one domain share one.
fn still_needed(dossier: &Dossier, blind: &crate::keys::Key, without: &[FactId]) -> Result<Vec<Blind>> {
    let others = dossier.facts().filter(|held| !without.contains(&held.id()));
    let all: Vec<Vec<Blind>> = others
        .map(|held| Ok(tokens(blind, held.category(), &plain(dossier, held)?)))
        .collect::<Result<_>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// Reads a value inside the door: to make and drop tokens and to seal it anew, never to hand it out.
pub(crate) fn plain(dossier: &Dossier, held: &Held<String>) -> Result<String> {
    let bytes =
        open(dossier.key.fact(held.id()).bytes(), &place(dossier.person.id, &held.fact), &held.sealed)?;
    String::from_utf8(bytes).map_err(|_| GateError::Unreadable)
}
