//! Keeping: a fact is sealed under its person's key, with a warrant, and becomes findable by blind tokens.

use assent_kernel::decide::keep::INFORM;
use assent_kernel::fact::{Anchor, Fact, Warrant};
use assent_kernel::grant::Said;
use assent_kernel::ledger::Kind;
use assent_kernel::mandate::{Binds, Effect};
use assent_kernel::{
    Asker, CategoryKey, FactId, Person, PersonId, Policy, PurposeKey, Reason, Span, Terms, Timestamp,
    may_keep,
};
use assent_store::{StoreError, events, home, people};

use crate::ask::{Standing, look_in};
use crate::draft;
use crate::error::{GateError, Result};
use crate::files;
use crate::find::{Blind, tokens};
use crate::held::{Dossier, Held};
use crate::keys::{Key, PersonKey};
use crate::permit::{Recorded, place};
use crate::record::write_line;
use crate::region::RegionStore;
use crate::seal::{open, seal};
use crate::start::Gate;
use crate::suppress::{is_email, objection, objects};
use crate::sweep::{next_look, only_retained};

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

/// What comes with facts that are kept.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct With<'a> {
    /// The facts that the new ones are to follow, in the same order.
    pub(crate) beside: &'a [Option<FactId>],
    /// A file, what it is and its content, that hangs on the first of them.
    pub(crate) file: Option<(&'a str, &'a [u8])>,
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
        self.keep_with(dossier, keepings, With::default(), asker, at).await
    }

    /// Keeps new facts, all or none, each of which may be to follow another, which stays until it is forgotten. It comes
    /// with the terms of that one, and what staff put right is kept no longer than that one would have been.
    ///
    /// # Errors
    /// As [`Gate::keep`].
    pub async fn keep_beside(
        &self,
        dossier: &Dossier,
        keepings: Vec<(Keeping, Option<FactId>)>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<(Vec<FactId>, Recorded)> {
        let (keepings, beside): (Vec<_>, Vec<_>) = keepings.into_iter().unzip();
        self.keep_with(dossier, keepings, With { beside: &beside, file: None }, asker, at).await
    }

    /// Keeps facts with what comes with them.
    pub(crate) async fn keep_with(
        &self,
        dossier: &Dossier,
        keepings: Vec<Keeping>,
        With { beside, file }: With<'_>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<(Vec<FactId>, Recorded)> {
        let (person, company) = (dossier.person.id, dossier.person.company);
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        let standing = self.policy_in(store, company).await?;
        let blind = self.blind_key(company).await?;
        let mut rows = Vec::with_capacity(keepings.len());
        let (mut fresh, mut stale, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        for (place, keeping) in keepings.iter().enumerate() {
            let beside = beside.get(place).copied().flatten();
            let id = match keeping.replaces {
                Some(id) => {
                    let old = dossier.facts.get(&id).ok_or(GateError::NotKept(Reason::UnknownFact))?;
                    stale.extend(tokens(&blind, old.category(), &plain(dossier, old)?));
                    replaced.push((id, old.sealed.clone()));
                    id
                }
                None => self.fresh(at, FactId::new)?,
            };
            let mut one =
                sealed(keeping, &standing.policy, &dossier.person, &dossier.region, &dossier.key, id, at)?;
            if let Some(old) = keeping.replaces.or(beside).and_then(|id| dossier.facts.get(&id)) {
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
        dossier.sign(&mut draft);
        draft.detail.categories =
            keepings.iter().map(|keeping| keeping.category.to_string()).take(200).collect();
        draft.detail.categories.sort_unstable();
        draft.detail.categories.dedup();
        draft.detail.facts = rows.iter().map(|(one, _)| one.fact.id.to_string()).take(200).collect();
        draft.detail.note =
            keepings.first().map_or_else(String::new, |k| k.source.chars().take(180).collect());
        let ids = rows.iter().map(|(one, _)| one.fact.id).collect();
        let first = rows.first().map(|(one, _)| one.fact.id);
        let hangs = file
            .zip(first)
            .map(|((kind, content), id)| files::of_person(&dossier.key.fact(id), id, kind, content));
        let hangs = hangs.transpose()?;
        // A change that no time tells of is told by the epoch: whoever looked before looks again.
        let quiet = matches!(asker, Asker::Staff(..)) && rows.iter().any(|(_, replaces)| *replaces);
        let (key, log, epoch) =
            (dossier.key.clone(), store.log(&self.company(company).await?.code), dossier.person.epoch);
        let (blinds, policy) = (fresh.clone(), standing.policy.version);
        let look_at = next_look(&standing.policy, rows.iter().map(|(one, _)| &one.fact), at);
        // What leads to a person comes first: a fact that nobody finds cannot be asked for by its person either.
        self.0.home.write(move |tx| home::add_tokens(tx, company, &blinds)).await?;
        // After it: who erases themselves meanwhile finds whom these tokens lead to.
        let emails = keepings.iter().filter(|one| is_email(&one.category)).map(|one| one.value.as_str());
        let objects = !objects(dossier.own()) && self.is_suppressed(company, &blind, emails).await?;
        let write = store.data.write(move |tx| {
            if people::hold_policy_version(tx, company)? != policy {
                return Err(StoreError::Moved);
            }
            people::hold_at(tx, person, epoch)?;
            // What is replaced is what was looked at: nobody's newer value is lost.
            replaced.iter().try_for_each(|(id, sealed)| people::hold_fact(tx, person, *id, sealed))?;
            if quiet || objects {
                people::move_epoch(tx, person, at)?;
            }
            if objects {
                people::add_objection(tx, person, &objection(at))?;
                events::add(tx, company, events::Kind::TermsChanged, person, at)?;
            }
            for (one, replace) in &rows {
                people::put_fact(tx, person, &one.fact, &one.bytes, *replace)?;
            }
            if let Some(file) = &hangs {
                assent_store::files::add(tx, company, Some(person), file)?;
            }
            people::sweep::no_later(tx, person, look_at)?;
            events::add(tx, company, events::Kind::ValueChanged, person, at)?;
            write_line(tx, person, &key, &draft, &log, at)
        });
        let recorded = match write.await {
            Err(StoreError::Moved) => {
                self.drop_unneeded(dossier, &blind, fresh).await?;
                return Err(GateError::Busy);
            }
            other => other?,
        };
        store.appended.notify_one();
        store.raise(at);
        if objects {
            self.take_in(company, &dossier.region, dossier.records(), at).await;
        }
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
        self.leads_nowhere(store, dossier).await?;
        Ok((ids, recorded))
    }

    /// Tokens were made for facts that came to nothing: those that lead to no fact of the person go.
    pub(crate) async fn drop_unneeded(
        &self,
        dossier: &Dossier,
        blind: &Key,
        made: Vec<(i64, PersonId)>,
    ) -> Result<()> {
        let (person, company) = (dossier.person.id, dossier.person.company);
        let now = look_in(self.region(&dossier.region)?, company, vec![person]).await?.pop();
        let needed = now.filter(|now| !only_retained(now.own()));
        let needed = needed.map(|now| still_needed(&now, blind, &[])).transpose()?.unwrap_or_default();
        let stale = made.into_iter().filter(|(token, _)| !needed.contains(&Blind(*token)));
        let stale: Vec<i64> = stale.map(|(token, _)| token).collect();
        let drop = move |tx: &mut assent_store::Tx<'_>| {
            stale.iter().try_for_each(|token| home::drop_token(tx, company, *token, person))
        };
        Ok(self.0.home.write(drop).await?)
    }

    /// Whoever was erased while their tokens were written is led to by none.
    async fn leads_nowhere(&self, store: &RegionStore, dossier: &Dossier) -> Result<()> {
        let (person, company) = (dossier.person.id, dossier.person.company);
        let now = store.data.read(move |tx| people::load_terms(tx, company, &[person])).await?;
        let held = |held: &people::Held| held.life == people::Life::Active && !only_retained(&held.person);
        if now.values().any(held) {
            return Ok(());
        }
        Ok(self.0.home.write(move |tx| home::drop_tokens(tx, person)).await?)
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
        let store = self.region(&dossier.region)?;
        let standing = self.policy_in(store, dossier.person.company).await?;
        self.forget_because(dossier, fact, &standing, (asker, "FORGOTTEN"), at).await
    }

    /// The same under a policy that was looked at, with the word by which the ledger knows why.
    pub(crate) async fn forget_because(
        &self,
        dossier: &Dossier,
        fact: FactId,
        standing: &Standing,
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
        let blind = self.blind_key(company).await?;
        let needed = still_needed(dossier, &blind, &[fact])?;
        let mut stale = tokens(&blind, held.category(), &plain(dossier, held)?);
        stale.retain(|token| !needed.contains(token));
        let mut draft = draft::of_act(Kind::Decay, None, &dossier.region, standing.digest, asker, at);
        dossier.sign(&mut draft);
        draft.detail.categories = vec![held.category().to_string()];
        draft.detail.facts = vec![fact.to_string()];
        draft.detail.outcome = why.to_owned();
        let (key, log) = (dossier.key.clone(), store.log(&self.company(company).await?.code));
        let (epoch, sealed, policy) = (dossier.person.epoch, held.sealed.clone(), standing.policy.version);
        let recorded = store
            .data
            .write(move |tx| {
                if people::hold_policy_version(tx, company)? != policy {
                    return Err(StoreError::Moved);
                }
                people::hold_at(tx, person, epoch)?;
                // One that was confirmed or changed meanwhile is not the one that was to go.
                people::hold_fact(tx, person, fact, &sealed)?;
                people::move_epoch(tx, person, at)?;
                people::drop_fact(tx, person, fact)?;
                events::add(tx, company, events::Kind::ValueChanged, person, at)?;
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
