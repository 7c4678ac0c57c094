//! Asking: question → ruling → entry → permit. What is decided is recorded only on the terms it was decided on.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use assent_kernel::grant::Said;
use assent_kernel::{
    AsUse, Asker, CompanyId, GrantId, PersonId, Policy, PurposeKey, Question, Role, Ruling, StaffId, State,
    Timestamp, UseKind, Warrant, decide,
};
use assent_store::{StoreError, home, people};

use crate::append::{Append, Appended};
use crate::draft;
use crate::emergency::{Judged, without_case};
use crate::error::{GateError, Result};
use crate::held::{Dossier, Held};
use crate::permit::{Answer, Permit, Recorded, Refusal, opened};
use crate::region::RegionStore;
use crate::start::Gate;
use crate::whose::Whose;

/// How often a question is decided again because the terms moved under it.
const MOST_TRIES: usize = 8;

/// A policy with the sixteen bytes that stand for it in the ledger.
#[derive(Debug)]
pub struct Standing {
    /// The policy.
    pub policy: Policy,
    /// Its digest.
    pub digest: [u8; 16],
}

impl Standing {
    /// Reads a policy as it is stored.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let damaged = |_| StoreError::Damaged("a policy cannot be read".into());
        let policy = serde_json::from_str(body).map_err(damaged)?;
        Ok(Self { digest: Policy::digest(body.as_bytes()), policy })
    }
    /// Its digest as people compare it: 32 hexadecimal digits.
    #[must_use]
    pub fn digest_text(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.digest))
    }
}

impl Gate {
    /// Looks people up, sealed: what the law knows of them and their facts. Who is not this company's, is beyond reach, or
    /// was deleted or erased, is left out; the order is the one asked for.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn look(&self, whose: &Whose, ids: &[PersonId]) -> Result<Vec<Dossier>> {
        let mut found = self.look_among(whose, ids, Among::Listed).await?;
        found.retain(|dossier| !dossier.gone);
        Ok(found)
    }

    /// The same, with those who were deleted and are not erased yet: for what is their right, and to bring them back.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn look_even_deleted(&self, whose: &Whose, ids: &[PersonId]) -> Result<Vec<Dossier>> {
        self.look_among(whose, ids, Among::Everybody).await
    }

    async fn look_among(&self, whose: &Whose, ids: &[PersonId], among: Among) -> Result<Vec<Dossier>> {
        let (company, wanted) = (whose.company, ids.to_vec());
        let read = move |tx: &mut assent_store::Tx<'_>| {
            let mut places = home::places(tx, company, &wanted)?;
            if matches!(among, Among::Everybody) {
                places.extend(home::deleted::places(tx, company, &wanted)?);
            }
            Ok(places)
        };
        let mut places = self.0.home.read(read).await?;
        places.retain(|listed| whose.reach.has(listed.owner));
        let owners: HashMap<PersonId, Option<StaffId>> =
            places.iter().map(|listed| (listed.person, listed.owner)).collect();
        let mut by_region: HashMap<_, Vec<PersonId>> = HashMap::new();
        for listed in places {
            by_region.entry(listed.region).or_default().push(listed.person);
        }
        let mut found = HashMap::with_capacity(ids.len());
        for (region, people) in by_region {
            for dossier in look_in(self.region(&region)?, company, people).await? {
                let owner = owners.get(&dossier.person.id).copied().flatten();
                found.insert(dossier.person.id, Dossier { owner, ..dossier });
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Looks one person up.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when there is nobody by that id in this company, or nobody within reach.
    pub async fn look_one(&self, whose: &Whose, id: PersonId) -> Result<Dossier> {
        self.look(whose, &[id]).await?.pop().ok_or(GateError::NoPerson)
    }

    /// Looks one person up, deleted or not.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when there is nobody by that id in this company.
    pub(crate) async fn look_any(&self, company: CompanyId, id: PersonId) -> Result<Dossier> {
        self.look_even_deleted(&Whose::everybody(company), &[id]).await?.pop().ok_or(GateError::NoPerson)
    }

    /// Looks one person up for somebody: who was deleted is there for themselves and for the program, not for staff.
    pub(crate) async fn look_for(&self, company: CompanyId, id: PersonId, asker: Asker) -> Result<Dossier> {
        match asker {
            Asker::Staff(..) => self.look_one(&Whose::everybody(company), id).await,
            Asker::Person | Asker::System => self.look_any(company, id).await,
        }
    }

    /// Asks one question about one person.
    ///
    /// # Errors
    /// When nothing could be recorded: then nothing is released.
    pub async fn ask<U: UseKind>(&self, question: Question<U>, dossier: &Dossier) -> Result<Answer<U>> {
        self.ask_many(vec![(question, dossier)]).await?.pop().ok_or(GateError::Busy)
    }

    /// Asks one question that is answered as a whole: when anything that was asked for is closed, that is recorded as
    /// refused, nothing is permitted, and no grant is used up.
    ///
    /// # Errors
    /// When nothing could be recorded: then nothing is released.
    pub async fn ask_whole<U: UseKind>(&self, question: Question<U>, dossier: &Dossier) -> Result<Answer<U>> {
        self.ask_each(vec![(question, dossier)], Extent::Whole).await?.pop().ok_or(GateError::Busy)
    }

    /// Asks about many people at once: a ruling for each person and fact, recorded in shared commits.
    ///
    /// # Errors
    /// When something could not be recorded: then nothing is released.
    pub async fn ask_many<U: UseKind>(
        &self,
        questions: Vec<(Question<U>, &Dossier)>,
    ) -> Result<Vec<Answer<U>>> {
        self.ask_each(questions, Extent::Parts).await
    }

    async fn ask_each<U: UseKind>(
        &self,
        questions: Vec<(Question<U>, &Dossier)>,
        extent: Extent,
    ) -> Result<Vec<Answer<U>>> {
        let mut answers: Vec<Option<Answer<U>>> = questions.iter().map(|_| None).collect();
        let mut fresh: HashMap<usize, Dossier> = HashMap::new();
        for _ in 0..MOST_TRIES {
            let open: Vec<usize> =
                (0..questions.len()).filter(|i| answers.get(*i).is_some_and(Option::is_none)).collect();
            if open.is_empty() {
                return Ok(answers.into_iter().flatten().collect());
            }
            let mut asked = Vec::with_capacity(open.len());
            for i in open {
                let Some((question, dossier)) = questions.get(i) else { continue };
                let dossier = fresh.get(&i).unwrap_or(dossier);
                asked.push((i, self.decided(question, dossier, extent).await?));
            }
            let moved = self.recorded(asked, &mut answers).await?;
            for i in moved {
                let Some((question, dossier)) = questions.get(i) else { continue };
                let company = dossier.person.company;
                let standing = self.reload_policy(company).await?;
                // Who was deleted meanwhile is gone for whoever did not ask about somebody deleted.
                let knew = dossier.gone || question.asker == Asker::Person;
                let again = if knew {
                    self.look_any(company, question.person).await
                } else {
                    self.look_one(&Whose::everybody(company), question.person).await
                };
                match again {
                    Ok(dossier) => {
                        fresh.insert(i, dossier);
                    }
                    // Erased meanwhile: there is nobody under whose key it could be written down.
                    Err(GateError::NoPerson) => {
                        let state = State { policy: &standing.policy, person: None, floor: Timestamp::MIN };
                        let refusal = Refusal { ruling: decide(question, &state), recorded: None };
                        if let Some(slot) = answers.get_mut(i) {
                            *slot = Some(Answer::Refusal(refusal));
                        }
                    }
                    Err(other) => return Err(other),
                }
            }
        }
        Err(GateError::Busy)
    }

    /// Decides without recording or releasing anything: to tell beforehand what an ask would answer.
    ///
    /// # Errors
    /// When the company has no policy or the clock was set back.
    pub async fn foresee<U: AsUse>(&self, question: &Question<U>, dossier: &Dossier) -> Result<Ruling> {
        let standing = self.policy(dossier.person.company).await?;
        let store = self.region(&dossier.region)?;
        let at = store.steady(question.at)?;
        Ok(self.judged(Question { at, ..question.clone() }, dossier, &standing, at).await?.ruling)
    }

    async fn decided<U: UseKind>(
        &self,
        question: &Question<U>,
        dossier: &Dossier,
        extent: Extent,
    ) -> Result<Decided> {
        let standing = self.policy(dossier.person.company).await?;
        let company = self.company(dossier.person.company).await?;
        let store = self.region(&dossier.region)?;
        let at = store.steady(question.at)?;
        let question = Question { at, ..question.clone() };
        let floor = store.floor().min(at);
        let Judged { question, ruling, note } = self.judged(question, dossier, &standing, floor).await?;
        let ruling = match extent {
            Extent::Parts => ruling,
            Extent::Whole => ruling.as_a_whole(),
        };
        let fact = |id| dossier.facts.get(&id).map(|held| held.fact.clone());
        let mut draft = draft::of_use(&question, U::USE, &standing.policy, standing.digest, &ruling, fact);
        draft.detail.note = note;
        dossier.sign(&mut draft);
        let append = Append {
            person: dossier.person.id,
            epoch: dossier.person.epoch,
            seen: dossier.seq,
            company: dossier.person.company,
            policy: standing.policy.version,
            log: Arc::from(store.log(&company.code)),
            key: dossier.key.clone(),
            draft,
            counted: counted(dossier, &ruling),
        };
        let asked = (question.purpose, question.asker.role());
        Ok(Decided { region: dossier.region.clone(), at, asked, ruling, append })
    }

    /// Records what was decided; tells which have to be decided again.
    async fn recorded<U: UseKind>(
        &self,
        asked: Vec<(usize, Decided)>,
        answers: &mut [Option<Answer<U>>],
    ) -> Result<Vec<usize>> {
        let mut by_region: HashMap<_, Decisions> = HashMap::new();
        for (i, decided) in asked {
            let (rulings, appends) = by_region.entry(decided.region).or_default();
            rulings.push((i, decided.asked, decided.ruling, decided.at));
            appends.push(decided.append);
        }
        let mut moved = Vec::new();
        for (region, (rulings, appends)) in by_region {
            let store = self.region(&region)?;
            let keys: Vec<_> = appends.iter().map(|append| (append.person, append.key.clone())).collect();
            let done = store.queue.record(appends).await?;
            for (((i, asked, ruling, at), (person, key)), appended) in rulings.into_iter().zip(keys).zip(done)
            {
                match appended {
                    Appended::Moved => moved.push(i),
                    Appended::Yes(recorded) => {
                        store.raise(at);
                        if let Some(slot) = answers.get_mut(i) {
                            *slot = Some(answer(person, asked, ruling, key, recorded));
                        }
                    }
                }
            }
        }
        Ok(moved)
    }
}

/// Who is looked for.
#[derive(Debug, Clone, Copy)]
enum Among {
    /// Who is in the directory.
    Listed,
    /// They, and who was deleted.
    Everybody,
}

/// What is wanted of a question.
#[derive(Debug, Clone, Copy)]
enum Extent {
    /// What is open, without the rest.
    Parts,
    /// Everything or nothing.
    Whole,
}

/// What was decided in one region: rulings with the place of their question, and what is to be appended for each.
type Decisions = (Vec<(usize, (PurposeKey, Role), Ruling, Timestamp)>, Vec<Append>);

struct Decided {
    region: assent_kernel::Region,
    at: Timestamp,
    /// Why, and in which role.
    asked: (PurposeKey, Role),
    ruling: Ruling,
    append: Append,
}

/// Decides as the law does, but that no word of staff's own opens an emergency.
pub(crate) fn judge<U: AsUse>(
    question: &Question<U>,
    dossier: &Dossier,
    standing: &Standing,
    floor: Timestamp,
) -> Ruling {
    judge_with(&without_case(question, &standing.policy), dossier, standing, floor)
}

/// Decides as the law does, with the case that a second person has agreed to.
pub(crate) fn judge_with<U: AsUse>(
    question: &Question<U>,
    dossier: &Dossier,
    standing: &Standing,
    floor: Timestamp,
) -> Ruling {
    decide(question, &State { policy: &standing.policy, person: Some(&dossier.person), floor })
}

fn answer<U: UseKind>(
    person: PersonId,
    (purpose, role): (PurposeKey, Role),
    ruling: Ruling,
    key: crate::keys::PersonKey,
    recorded: Recorded,
) -> Answer<U> {
    if ruling.permits() {
        let open = opened(&ruling);
        Answer::Permit(Permit { person, purpose, role, open, ruling, key, recorded, means: PhantomData })
    } else {
        Answer::Refusal(Refusal { ruling, recorded: Some(recorded) })
    }
}

/// The grants behind a ruling that count their uses.
pub(crate) fn counted(dossier: &Dossier, ruling: &Ruling) -> Vec<GrantId> {
    let counts = |id: &GrantId| {
        dossier.person.answers.values().any(|answer| match &answer.said {
            Said::Yes(grant) => grant.id == *id && grant.uses_left.is_some(),
            Said::No | Said::NoLonger => false,
        })
    };
    let grant = |warrant: Warrant| match warrant {
        Warrant::Grant(id) => Some(id),
        Warrant::Mandate(_) => None,
    };
    ruling.warrants().into_iter().filter_map(grant).filter(counts).collect()
}

/// People of one region, sealed.
pub(crate) async fn look_in(
    store: &RegionStore,
    company: CompanyId,
    ids: Vec<PersonId>,
) -> Result<Vec<Dossier>> {
    let wanted = ids.clone();
    let load = store.data.read(move |tx| {
        let people = people::load(tx, company, &wanted)?;
        let ids: Vec<PersonId> = people.keys().copied().collect();
        let sealed = people::sealed(tx, &ids)?;
        Ok((people, sealed))
    });
    let ((people, mut sealed), mut keys) = (load.await?, store.keys.of(&ids).await?);
    let mut out = Vec::with_capacity(people.len());
    for (id, held) in people {
        let Some(key) = keys.remove(&id).filter(|_| held.life == people::Life::Active) else { continue };
        // Whoever decides on these terms decides for a time at which they hold, however far its clock lags.
        store.raise(held.acted_at.max(held.created_at));
        let facts = held.person.facts.values().filter_map(|fact| {
            let sealed = sealed.remove(&fact.id)?;
            Some((fact.id, Held { person: id, fact: fact.clone(), sealed, means: PhantomData }))
        });
        let facts = facts.collect();
        out.push(Dossier {
            person: held.person,
            own: held.own,
            group: held.group,
            alone: false,
            region: store.region.clone(),
            key,
            facts,
            created_at: held.created_at,
            owner: None,
            acted_at: held.acted_at,
            gone: held.gone,
            seq: u64::try_from(held.seq).unwrap_or(0),
            program: None,
        });
    }
    Ok(out)
}
