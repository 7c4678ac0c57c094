//! As of: what an ask would have answered at an instant that is over, and the entries that prove it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use assent_kernel::grant::{Answer, Restriction, RestrictionGround, Said};
use assent_kernel::mandate::When;
use assent_kernel::{
    AsUse, CompanyId, Matter, Person, PersonId, Policy, PurposeKey, Question, Ruling, State, Timestamp,
    decide,
};
use assent_store::home;
use assent_store::people::past::{self, Past, Stood};
use assent_store::{people, policies};

use crate::ask::Standing;
use crate::draft::NO_USE;
use crate::error::{GateError, Result};
use crate::integrate;
use crate::past::{Counted, Line, walk};
use crate::start::Gate;
use crate::whose::Whose;

/// What was decided as of an instant, under which policy, and what proves it.
#[derive(Debug)]
pub struct AsOf {
    /// The ruling.
    pub ruling: Ruling,
    /// The policy that was in force.
    pub standing: Arc<Standing>,
    /// Since when it was.
    pub since: Timestamp,
    /// The person's entries that the ruling rests on, the oldest first: [`Gate::receipt`] gives a receipt for each.
    pub proof: Vec<Proving>,
    /// What has no history and was taken as it is known today.
    pub as_known_today: Vec<AsKnownToday>,
}

/// An entry that proves something: its numbers, nothing of what it says. Reading it takes a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proving {
    /// Its number among the person's entries.
    pub seq: u64,
    /// Its index in the log, once it has one.
    pub index: Option<u64>,
}

/// What has no history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsKnownToday {
    /// Where the person lives.
    Residence,
    /// Whether a guardian must agree for them.
    Minority,
    /// Since when a contract was known: it counts from the day on which it says that it began.
    Contracts,
    /// Whether there was somebody: who was erased since has left no history.
    Nobody,
}

impl AsKnownToday {
    /// One plain sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Residence => "Where the person lives is taken as known today.",
            Self::Minority => "Whether a guardian must agree is taken as known today.",
            Self::Contracts => "A contract counts from the day on which it says that it began.",
            Self::Nobody => "Nobody is known by that id today; who was erased since has left no history.",
        }
    }
}

impl Gate {
    /// The policy that was in force at a time, and since when.
    ///
    /// # Errors
    /// [`GateError::Input`] when the company had laid nothing down by then; what the store said.
    pub async fn policy_in_force(
        &self,
        company: CompanyId,
        at: Timestamp,
    ) -> Result<(Arc<Standing>, Timestamp)> {
        let found = self.0.home.read(move |tx| home::past::policy_at(tx, company, at)).await?;
        let nothing = || GateError::Input("at that time this company had laid nothing down yet".into());
        let (since, body) = found.ok_or_else(nothing)?;
        Ok((Arc::new(Standing::read(&body)?), since))
    }

    /// The policy under which uses of a person were recorded at a time: each region takes a version when it hears of it.
    async fn policy_for(
        &self,
        company: CompanyId,
        person: PersonId,
        at: Timestamp,
    ) -> Result<(Arc<Standing>, Timestamp)> {
        let region = match self.region_of(company, person).await {
            Err(GateError::NoPerson) => return self.policy_in_force(company, at).await,
            other => other?,
        };
        let found = self.region(&region)?.data.read(move |tx| people::in_force(tx, company, at)).await?;
        // A region that came later knows nothing of before.
        let Some((version, since)) = found else { return self.policy_in_force(company, at).await };
        let body = self.0.home.read(move |tx| policies::body(tx, company, version)).await?;
        Ok((Arc::new(Standing::read(&body.ok_or(GateError::NoCompany)?)?), since))
    }

    /// Decides as it would have been decided at the question's time, from what is recorded. It records and releases
    /// nothing, as [`Gate::foresee`]; the proof is numbers of entries, and reading those takes a permit.
    ///
    /// # Errors
    /// [`GateError::Input`] for a time that has not come yet, for single facts instead of kinds of facts, and for a
    /// time before an erasure that destroyed the history; what the stores said.
    pub async fn as_of<U: AsUse>(
        &self,
        company: CompanyId,
        question: &Question<U>,
        now: Timestamp,
    ) -> Result<AsOf> {
        let input = |what: &str| GateError::Input(what.to_owned());
        if now < question.at {
            return Err(input("that time has not come yet: ask about one that is over"));
        }
        if question.matters.iter().any(|matter| matches!(matter, Matter::Held(_))) {
            return Err(input("a past time can be asked about kinds of facts, not about single facts"));
        }
        let (standing, since) = self.policy_for(company, question.person, question.at).await?;
        if self.joined_by(company, question.person, question.at).await? {
            return Err(input(JOINED));
        }
        let told = self.told(company, question.person, question.at).await?;
        let Some(told) = told else {
            let ruling = rule(question, &standing.policy, None);
            let as_known_today = vec![AsKnownToday::Nobody];
            return Ok(AsOf { ruling, standing, since, proof: Vec::new(), as_known_today });
        };
        if told.was_joined(question.at) {
            return Err(input(JOINED));
        }
        let person = told.person(question.at);
        if person.is_some() && told.erased_after(question.at) {
            return Err(input(
                "what was recorded about this person by then was erased, and its history with it",
            ));
        }
        let case = Case { question, policy: &standing.policy, told: &told, person };
        let ruling = rule(question, &standing.policy, case.person.as_ref());
        let (proof, as_known_today) = (case.proof(), case.as_known_today());
        Ok(AsOf { ruling, standing, since, proof, as_known_today })
    }

    /// True when a record had been joined with others by a time.
    async fn joined_by(&self, company: CompanyId, person: PersonId, at: Timestamp) -> Result<bool> {
        let found = self.look(&Whose::everybody(company), &[person]).await?;
        Ok(found.iter().flat_map(crate::held::Dossier::links).any(|(_, _, since)| since <= at))
    }

    /// What is recorded of a person; nothing when there is nobody.
    async fn told(&self, company: CompanyId, person: PersonId, at: Timestamp) -> Result<Option<Told>> {
        let region = match self.region_of(company, person).await {
            Ok(region) => region,
            Err(GateError::NoPerson) => return Ok(None),
            Err(other) => return Err(other),
        };
        let store = self.region(&region)?;
        let Some(key) = store.keys.of(&[person]).await?.remove(&person) else { return Ok(None) };
        // What was recorded a moment ago may have no index yet.
        integrate::gather(store, &store.log(&self.company(company).await?.code)).await?;
        let read = store.data.read(move |tx| {
            let Some(past) = past::load(tx, company, &[person])?.remove(&person) else { return Ok(None) };
            let mut told = Told { past, acts: Vec::new(), counted: Counted::default() };
            let walked = walk(tx, person, &key, |line| {
                told.take(line, at);
                ControlFlow::Continue(())
            });
            Ok(Some(walked.map(|()| told)))
        });
        read.await?.transpose()
    }
}

fn rule<U: AsUse>(question: &Question<U>, policy: &Policy, person: Option<&Person>) -> Ruling {
    decide(question, &State { policy, person, floor: question.at })
}

/// Why nothing is told of a time at which a record counted as one with another.
const JOINED: &str =
    "at that time this record counted as one with another, and only days on which it stood alone can be told";

/// The number of the first entry about somebody: how they came.
const FIRST: u64 = 1;

/// An act of a person, or how they came, as an entry tells it.
struct Entry {
    entry: Proving,
    at: Timestamp,
    outcome: String,
}

/// What is recorded of a person.
struct Told {
    past: Past,
    acts: Vec<Entry>,
    /// Uses since the instant.
    counted: Counted,
}

impl Told {
    fn take(&mut self, line: Line, at: Timestamp) {
        if line.is_permitted_use() && at < line.at() {
            self.counted.add(&line.detail);
        }
        if line.detail.use_code == NO_USE {
            let entry = Proving { seq: line.seq, index: line.index };
            self.acts.push(Entry { entry, at: line.at(), outcome: line.detail.outcome });
        }
    }

    /// The person as they stood then, if they were known.
    fn person(&self, at: Timestamp) -> Option<Person> {
        if at < self.past.known_at {
            return None;
        }
        let mut person = self.past.at(at);
        self.counted.give_back(&mut person);
        Some(person)
    }

    /// True when it had been joined with others more often than taken apart by then. Joining and taking apart are entries of
    /// every record that they are about.
    fn was_joined(&self, at: Timestamp) -> bool {
        let count =
            |outcome: &str| self.acts.iter().filter(|act| act.at <= at && act.outcome == outcome).count();
        count("JOINED") > count("SPLIT")
    }

    /// True when an erasure after that time left only what a law keeps.
    fn erased_after(&self, at: Timestamp) -> bool {
        let kept = |one: &Stood<Restriction>| one.what.ground == RestrictionGround::RetainOnly;
        self.past.restrictions.iter().any(|one| kept(one) && at < one.at)
    }

    /// The entry of an act; what they came with is told by the entry about their coming.
    fn entry(&self, outcomes: &[&str], at: Timestamp) -> Option<Proving> {
        let is_it = |act: &&Entry| act.at == at && outcomes.contains(&act.outcome.as_str());
        let own = self.acts.iter().find(is_it).map(|act| act.entry);
        own.or_else(|| (at <= self.past.known_at).then(|| self.coming()).flatten())
    }

    fn coming(&self) -> Option<Proving> {
        self.acts.iter().find(|act| act.entry.seq == FIRST).map(|act| act.entry)
    }
}

/// A question as of an instant, and what is recorded of the person.
struct Case<'a, U> {
    question: &'a Question<U>,
    policy: &'a Policy,
    told: &'a Told,
    person: Option<Person>,
}

impl<U: AsUse> Case<'_, U> {
    /// The entries that the ruling rests on. The law itself tells which acts bear on it: those without which, or with
    /// which, the ruling would be another.
    fn proof(&self) -> Vec<Proving> {
        let Some(person) = &self.person else { return self.told.coming().into_iter().collect() };
        let mut proof: BTreeSet<Proving> = BTreeSet::new();
        proof.extend(self.answers(person));
        proof.extend(self.objections(person));
        proof.extend(self.restrictions(person));
        proof.extend(self.contracts(person));
        proof.into_iter().collect()
    }

    /// True when the question is answered otherwise about the one than about the other.
    fn differ(&self, one: &Person, other: &Person) -> bool {
        rule(self.question, self.policy, Some(one)) != rule(self.question, self.policy, Some(other))
    }

    fn permits(&self, person: &Person) -> bool {
        rule(self.question, self.policy, Some(person)).permits()
    }

    fn answers(&self, person: &Person) -> Vec<Proving> {
        let none = Person { answers: BTreeMap::new(), ..person.clone() };
        let bears = |(purpose, answer): &(&PurposeKey, &Answer)| {
            let (mut without, mut alone) = (person.clone(), none.clone());
            without.answers.remove(purpose);
            alone.answers.insert((*purpose).clone(), (*answer).clone());
            self.differ(&without, person) || self.differ(&alone, &none)
        };
        let entry = |(_, answer): (&PurposeKey, &Answer)| {
            let outcome = match answer.said {
                Said::Yes(_) => "GIVEN",
                Said::No => "REFUSED",
                Said::NoLonger => "WITHDRAWN",
            };
            self.told.entry(&[outcome], answer.at)
        };
        person.answers.iter().filter(bears).filter_map(entry).collect()
    }

    /// Those that stand and close it; and, where something is open, the ends of those that would close it.
    fn objections(&self, person: &Person) -> Vec<Proving> {
        let none = Person { objections: Vec::new(), ..person.clone() };
        let (at, permits, mut proof) = (self.question.at, self.permits(person), Vec::new());
        for one in &self.told.past.objections {
            let with = |base: &Person| {
                let mut with = base.clone();
                with.objections.push(one.what.clone());
                self.differ(&with, base)
            };
            if one.stands(at) && with(&none) {
                proof.extend(self.told.entry(&["OBJECTED"], one.at));
            } else if permits && one.is_over(at) && with(person) {
                proof.extend(one.ended_at.and_then(|end| self.told.entry(&["LIFTED"], end)));
            }
        }
        proof
    }

    fn restrictions(&self, person: &Person) -> Vec<Proving> {
        let none = Person { restrictions: Vec::new(), ..person.clone() };
        let (at, permits, mut proof) = (self.question.at, self.permits(person), Vec::new());
        for one in &self.told.past.restrictions {
            let with = |base: &Person| {
                let mut with = base.clone();
                with.restrictions.push(one.what.clone());
                self.differ(&with, base)
            };
            if one.stands(at) && with(&none) {
                proof.extend(self.told.entry(&["RESTRICTED"], one.at));
            } else if permits && one.is_over(at) && with(person) {
                proof.extend(one.ended_at.and_then(|end| self.told.entry(&["RELEASED"], end)));
            }
        }
        proof
    }

    /// A contract's row does not say which entry brought it: every one of a contract counts, or how they came.
    fn contracts(&self, person: &Person) -> Vec<Proving> {
        if !self.rests_on_contracts(person) {
            return Vec::new();
        }
        let of_contract = |act: &&Entry| act.outcome == "CONTRACT" && act.at <= self.question.at;
        let all: Vec<Proving> = self.told.acts.iter().filter(of_contract).map(|act| act.entry).collect();
        if all.is_empty() { self.told.coming().into_iter().collect() } else { all }
    }

    fn rests_on_contracts(&self, person: &Person) -> bool {
        self.differ(&Person { contracts: Vec::new(), ..person.clone() }, person)
    }

    fn as_known_today(&self) -> Vec<AsKnownToday> {
        let Some(person) = &self.person else { return Vec::new() };
        let of_residents = |when: &When| matches!(when, When::ResidentOf(_));
        let residence = self.policy.mandates.values().any(|mandate| of_residents(&mandate.when));
        let minority = self.differ(&Person { minor: !person.minor, ..person.clone() }, person);
        let contracts = self.rests_on_contracts(person);
        let all = [
            (residence, AsKnownToday::Residence),
            (minority, AsKnownToday::Minority),
            (contracts, AsKnownToday::Contracts),
        ];
        all.into_iter().filter_map(|(counts, what)| counts.then_some(what)).collect()
    }
}
