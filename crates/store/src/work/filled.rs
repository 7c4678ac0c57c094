//! What stands in the fields that a company made for its deals, its tasks and its objects. Of a person each value is a fact of
//! theirs, and only its id is here; of nobody all values lie together, sealed under the company's key.

use std::collections::{BTreeMap, HashMap};

use assent_kernel::{CompanyId, FactId, PersonId};

use crate::db::Tx;
use crate::error::Result;

const FACTS: &str = "SELECT thing, field, person, fact FROM field_fact WHERE company = $1 AND thing {hex 2}";
const OWN: &str = "SELECT thing, own FROM field_own WHERE company = $1 AND thing {hex 2}";
const LED: &str = "SELECT fact FROM field_fact WHERE person = $1 AND company = $2 AND (\
     EXISTS (SELECT 1 FROM item WHERE item.id = thing AND item.company = $2 AND item.gone_at IS NULL) \
     OR EXISTS (SELECT 1 FROM deal WHERE deal.id = thing AND deal.company = $2 AND deal.gone_at IS NULL) \
     OR EXISTS (SELECT 1 FROM task WHERE task.id = thing AND task.company = $2 AND task.gone_at IS NULL))";
const OF_PERSON: &str = "SELECT thing, field, fact FROM field_fact WHERE person = $1 AND company = $2";
const PLACES: &str = "SELECT thing, fact FROM field_fact WHERE company = $1 AND person {hex 2}";
const OWN_AFTER: &str = "SELECT field_own.thing, field_own.own FROM field_own JOIN item ON item.id = field_own.thing \
     AND item.company = field_own.company WHERE field_own.company = $1 AND field_own.thing > $2 ORDER BY field_own.thing LIMIT $3 {lock}";
const ADD_FACT: &str =
    "INSERT INTO field_fact (company, thing, field, person, fact) VALUES ($1, $2, $3, $4, $5)";
const ADD_OWN: &str = "INSERT INTO field_own (company, thing, own) VALUES ($1, $2, $3)";
const DROP_FACTS: &str = "DELETE FROM field_fact WHERE company = $1 AND thing = $2";
const DROP_OWN: &str = "DELETE FROM field_own WHERE company = $1 AND thing = $2";
pub(super) const DROP_OF_PERSON: &str = "DELETE FROM field_fact WHERE person = $1 AND company = $2";
pub(super) const DROP_FACTS_OF_TASKS: &str = "DELETE FROM field_fact WHERE company = $2 AND thing IN (SELECT task.id FROM task JOIN item \
     ON item.id = task.item AND item.company = task.company WHERE item.person = $1 AND task.company = $2)";
pub(super) const DROP_OWN_OF_TASKS: &str = "DELETE FROM field_own WHERE company = $2 AND thing IN (SELECT task.id FROM task JOIN item \
     ON item.id = task.item AND item.company = task.company WHERE item.person = $1 AND task.company = $2)";
pub(super) const DROP_WORDS_OF_TASKS: &str = "DELETE FROM own_word WHERE company = $2 AND thing IN (SELECT task.id FROM task JOIN item \
     ON item.id = task.item AND item.company = task.company WHERE item.person = $1 AND task.company = $2)";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    FACTS,
    OWN,
    LED,
    OF_PERSON,
    PLACES,
    OWN_AFTER,
    ADD_FACT,
    ADD_OWN,
    DROP_FACTS,
    DROP_OWN,
    DROP_OF_PERSON,
    DROP_FACTS_OF_TASKS,
    DROP_OWN_OF_TASKS,
    DROP_WORDS_OF_TASKS,
];

/// What stands in the fields of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// Facts of a person, by the short names of the fields.
    pub facts: BTreeMap<String, (PersonId, FactId)>,
    /// What is about nobody, sealed.
    pub own: Option<Vec<u8>>,
}

/// What stands in the fields of these things; nothing for those without any.
///
/// # Errors
/// What the engine said.
pub fn of(tx: &mut Tx<'_>, company: CompanyId, things: &[[u8; 16]]) -> Result<HashMap<[u8; 16], Filled>> {
    let list = crate::hex_list(things);
    let mut out: HashMap<[u8; 16], Filled> = HashMap::new();
    let args = [company.into(), list.as_str().into()];
    let facts = tx.rows(FACTS, &args, |row| {
        let (person, fact) = (PersonId::from_bytes(row.fixed(2)?), FactId::from_bytes(row.fixed(3)?));
        Ok((row.fixed(0)?, row.text(1)?, (person, fact)))
    })?;
    for (thing, field, fact) in facts {
        out.entry(thing).or_default().facts.insert(field, fact);
    }
    for (thing, own) in tx.rows(OWN, &args, |row| Ok((row.fixed(0)?, row.blob(1)?)))? {
        out.entry(thing).or_default().own = Some(own);
    }
    Ok(out)
}

/// The facts of a person that an item, a deal or a task leads to which was not removed, whoever looks after it.
///
/// # Errors
/// What the engine said.
pub fn led(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<FactId>> {
    tx.rows(LED, &[person.into(), company.into()], |row| Ok(FactId::from_bytes(row.fixed(0)?)))
}

/// Where the facts of a person stand: the thing, the short name of its field, the fact.
///
/// # Errors
/// What the engine said.
pub fn of_person(
    tx: &mut Tx<'_>,
    company: CompanyId,
    person: PersonId,
) -> Result<Vec<([u8; 16], String, FactId)>> {
    tx.rows(OF_PERSON, &[person.into(), company.into()], |row| {
        Ok((row.fixed(0)?, row.text(1)?, FactId::from_bytes(row.fixed(2)?)))
    })
}

/// In what thing each fact of these people stands that stands in one.
///
/// # Errors
/// What the engine said.
pub fn places(tx: &mut Tx<'_>, company: CompanyId, people: &[PersonId]) -> Result<HashMap<FactId, [u8; 16]>> {
    let raw: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    let list = crate::hex_list(&raw);
    let read = |row: &crate::value::Row<'_>| Ok((FactId::from_bytes(row.fixed(1)?), row.fixed(0)?));
    Ok(tx.rows(PLACES, &[company.into(), list.as_str().into()], read)?.into_iter().collect())
}

/// Items after one in which something of nobody stands, sealed, up to so many. They are held to the end of the transaction:
/// nobody puts something else there meanwhile.
///
/// # Errors
/// What the engine said.
pub fn own_after(
    tx: &mut Tx<'_>,
    company: CompanyId,
    after: [u8; 16],
    most: u32,
) -> Result<Vec<([u8; 16], Vec<u8>)>> {
    let args = [company.into(), (&after).into(), i64::from(most).into()];
    tx.rows(OWN_AFTER, &args, |row| Ok((row.fixed(0)?, row.blob(1)?)))
}

/// Puts what stands in the fields of a thing in the place of what stood there.
///
/// # Errors
/// What the engine said.
pub fn set(tx: &mut Tx<'_>, company: CompanyId, thing: [u8; 16], filled: &Filled) -> Result<()> {
    tx.exec(DROP_FACTS, &[company.into(), thing.into()])?;
    tx.exec(DROP_OWN, &[company.into(), thing.into()])?;
    for (field, (person, fact)) in &filled.facts {
        let row = [company.into(), thing.into(), field.into(), (*person).into(), (*fact).into()];
        tx.exec(ADD_FACT, &row)?;
    }
    if let Some(own) = &filled.own {
        tx.exec(ADD_OWN, &[company.into(), thing.into(), own.into()])?;
    }
    Ok(())
}
