//! What people said and when, with what they took back: to tell how they stood at an instant that is over.

use std::collections::BTreeMap;

use assent_kernel::grant::{Answer, Objection, Restriction};
use assent_kernel::person::Contract;
use assent_kernel::{CompanyId, Person, PersonId, Timestamp};

use super::{Life, PEOPLE, answers, json, list_of, load_contracts, load_facts, person_id, read_person};
use crate::db::Tx;
use crate::error::Result;

const OBJECTIONS_EVER: &str = "SELECT person, scope, at, overridden, ended_at FROM objection WHERE person {ids 1} ORDER BY person, at, scope";
const RESTRICTIONS_EVER: &str =
    "SELECT person, body, ended_at FROM restriction WHERE person {ids 1} ORDER BY person, at";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[OBJECTIONS_EVER, RESTRICTIONS_EVER];

/// Something that stood, with its end if it was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood<T> {
    /// What.
    pub what: T,
    /// Since when.
    pub at: Timestamp,
    /// When it was taken back.
    pub ended_at: Option<Timestamp>,
}

impl<T> Stood<T> {
    /// True when it stood at that time.
    #[must_use]
    pub fn stands(&self, at: Timestamp) -> bool {
        self.at <= at && self.ended_at.is_none_or(|end| at < end)
    }
    /// True when it had been taken back by that time.
    #[must_use]
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.ended_at.is_some_and(|end| end <= at)
    }
}

/// A person with everything they ever said. Residence, minority and facts have no history: they are today's.
#[derive(Debug, Clone)]
pub struct Past {
    /// Without answers, objections, restrictions and contracts.
    bare: Person,
    /// Every contract as it was told, with when, for each the oldest first.
    contracts: Vec<(Timestamp, Contract)>,
    /// Since when they are known here.
    pub known_at: Timestamp,
    /// Every answer, for each purpose the oldest first.
    pub answers: Vec<Answer>,
    /// Every objection, standing or over.
    pub objections: Vec<Stood<Objection>>,
    /// Every restriction, standing or over.
    pub restrictions: Vec<Stood<Restriction>>,
}

impl Past {
    /// The person as they stood at that time; an act of exactly that time counts.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Person {
        let mut person = self.bare.clone();
        for answer in self.answers.iter().filter(|answer| answer.at <= at) {
            person.answers.insert(answer.purpose.clone(), answer.clone());
        }
        let objections = self.objections.iter().filter(|one| one.stands(at));
        person.objections = objections.map(|one| one.what.clone()).collect();
        let restrictions = self.restrictions.iter().filter(|one| one.stands(at));
        person.restrictions = restrictions.map(|one| one.what.clone()).collect();
        person.contracts = self.contracts(at);
        person
    }
    /// Contracts as they were known at that time. Since when the first word of each was known does not count: it says
    /// itself since when it runs.
    fn contracts(&self, at: Timestamp) -> Vec<Contract> {
        let mut known: BTreeMap<_, &Contract> = BTreeMap::new();
        for (told, one) in &self.contracts {
            if *told <= at || !known.contains_key(&one.id) {
                known.insert(one.id, one);
            }
        }
        known.into_values().cloned().collect()
    }
    /// The person without anything they said.
    #[must_use]
    pub const fn bare(&self) -> &Person {
        &self.bare
    }
}

/// Loads people of a company with everything they ever said. Who is not there, erased, or another company's, is left out.
///
/// # Errors
/// What the engine said, or that a row is damaged.
pub fn load(tx: &mut Tx<'_>, company: CompanyId, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Past>> {
    let list = list_of(ids);
    let list = list.as_str();
    let rows =
        tx.rows(PEOPLE, &[list.into(), (&company.to_bytes()).into()], |row| read_person(row, company))?;
    let mut people: BTreeMap<PersonId, Past> = rows
        .into_iter()
        .filter(|held| held.life == Life::Active)
        .map(|held| {
            let (answers, objections, restrictions) = (Vec::new(), Vec::new(), Vec::new());
            let (contracts, known_at) = (Vec::new(), held.created_at);
            (
                held.person.id,
                Past { bare: held.person, contracts, known_at, answers, objections, restrictions },
            )
        })
        .collect();
    let objections = tx.rows(OBJECTIONS_EVER, &[list.into()], |row| {
        let at = row.time(2)?;
        let what =
            Objection { scope: json(&row.text(1)?, "an objection")?, at, overridden: row.text_opt(3)? };
        Ok((person_id(row)?, Stood { what, at, ended_at: row.int_opt(4)?.map(Timestamp::from_micros) }))
    })?;
    let restrictions = tx.rows(RESTRICTIONS_EVER, &[list.into()], |row| {
        let what: Restriction = json(&row.text(1)?, "a restriction")?;
        let at = what.at;
        Ok((person_id(row)?, Stood { what, at, ended_at: row.int_opt(2)?.map(Timestamp::from_micros) }))
    })?;
    hand_out(&mut people, answers::every(tx, list)?, |past, one| past.answers.push(one));
    hand_out(&mut people, objections, |past, one| past.objections.push(one));
    hand_out(&mut people, restrictions, |past, one| past.restrictions.push(one));
    let contracts = load_contracts(tx, list)?.into_iter().map(|(who, told, one)| (who, (told, one)));
    hand_out(&mut people, contracts.collect(), |past, one| past.contracts.push(one));
    hand_out(&mut people, load_facts(tx, list)?, |past, one| {
        past.bare.facts.insert(one.id, one);
    });
    Ok(people)
}

fn hand_out<T>(
    people: &mut BTreeMap<PersonId, Past>,
    all: Vec<(PersonId, T)>,
    mut put: impl FnMut(&mut Past, T),
) {
    for (id, one) in all {
        if let Some(past) = people.get_mut(&id) {
            put(past, one);
        }
    }
}
