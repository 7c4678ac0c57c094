//! Changing what is known of people: adding, saying, dropping. What reads them is in the parent.

use std::collections::{BTreeMap, HashSet};

use assent_kernel::fact::Fact;
use assent_kernel::grant::{Answer, Objection, Restriction, Said};
use assent_kernel::person::Contract;
use assent_kernel::{CompanyId, FactId, GrantId, ImportId, Person, PersonId, Terms, Timestamp};
use sha2::{Digest, Sha256};

use super::answers::{EVIDENCE, GIVERS, code_of};
use super::{Life, joined, person_id, to_json, write_warrant};
use crate::changes;
use crate::db::{Insert, Tx};
use crate::emergencies;
use crate::error::{Result, StoreError};
use crate::files;
use crate::value::Value;

const SET_LIFE: &str = "UPDATE person SET state = $2, epoch = epoch + 1 WHERE id = $1";
const SET_GONE: &str = "UPDATE person SET gone_at = $2 WHERE id = $1 AND gone_at IS NULL";
const SET_BACK: &str = "UPDATE person SET gone_at = NULL WHERE id = $1 AND gone_at IS NOT NULL";
const USE_ONE: &str = "UPDATE answer SET uses_left = uses_left - 1 WHERE person = $1 AND grant_id = $2 AND uses_left IS NOT NULL AND uses_left > 0";
const COUNTED: &str = "SELECT uses_left FROM answer WHERE person = $1 AND grant_id = $2";
const DROP_FACT: &str = "DELETE FROM fact WHERE person = $1 AND id = $2";
const DROP_FACTS: &str = "DELETE FROM fact WHERE person = $1";
const DROP_ANSWERS: &str = "DELETE FROM answer WHERE person = $1";
const DROP_OBJECTIONS: &str = "DELETE FROM objection WHERE person = $1";
const DROP_RESTRICTIONS: &str = "DELETE FROM restriction WHERE person = $1";
const LIFT_OBJECTION: &str =
    "UPDATE objection SET ended_at = $3 WHERE person = $1 AND scope = $2 AND ended_at IS NULL";
const LIFT_RESTRICTION: &str =
    "UPDATE restriction SET ended_at = $3 WHERE person = $1 AND at = $2 AND ended_at IS NULL";
const OUTDATE_OBJECTION: &str =
    "UPDATE objection SET ended_at = $3 WHERE person = $1 AND scope = $2 AND at < $3 AND ended_at IS NULL";
const DROP_CONTRACTS: &str = "DELETE FROM contract WHERE person = $1";
/// Before the details: whoever integrates at this moment is waited for, and what it made of these lines goes below.
const DROP_QUEUED: &str =
    "UPDATE ledger_queue SET person = NULL, used = NULL, sealed = NULL WHERE person = $1";
const DROP_DETAILS: &str = "DELETE FROM use_detail WHERE person = $1";
const DROP_REQUESTS: &str = "DELETE FROM request WHERE person = $1";
const DROP_MAIL: &str = "DELETE FROM mail WHERE person = $1";
const DROP_BESIDE: &str = "UPDATE person SET beside = NULL WHERE id = $1";
const OVERWRITE: &str = "UPDATE fact SET category = $3, source = $4, region = $5, confirmed_at = $6, warrant = $7, anchors = $8, \
     carried = $9, carried_until = $10, derived = $11, sealed = $12 WHERE person = $1 AND id = $2";
const ANY_FACT: &str = "SELECT 1 FROM fact WHERE person = $1 LIMIT 1";
const SET_NEXT_KEY: &str = "UPDATE person SET next_key = $2 WHERE id = $1";
const NEXT_KEY: &str = "SELECT next_key FROM person WHERE id = $1";
const UNFINISHED: &str = "SELECT id, company FROM person WHERE state = 1 AND id > $1 ORDER BY id LIMIT 1000";
const ADD_PERSON: Insert = Insert {
    head: "INSERT INTO person (id, company, epoch, state, residence, minor, seq, created_at, import, sweep_at) VALUES",
    columns: 10,
    tail: "ON CONFLICT (id) DO NOTHING RETURNING id",
};
const ADD_FACT: Insert = Insert {
    head: "INSERT INTO fact (person, id, category, source, region, confirmed_at, warrant, anchors, carried, carried_until, \
           derived, sealed) VALUES",
    columns: 12,
    tail: "ON CONFLICT (person, id) DO NOTHING",
};
const ADD_CLAUSE: Insert =
    Insert { head: "INSERT INTO clause (id, body) VALUES", columns: 2, tail: "ON CONFLICT (id) DO NOTHING" };
const ADD_ANSWER: Insert = Insert {
    head: "INSERT INTO answer (person, purpose, at, said, grant_id, clause, until_at, notice, notice_version, giver, evidence, \
           uses_left) VALUES",
    columns: 12,
    tail: "ON CONFLICT (person, purpose, at) DO NOTHING",
};
const ADD_OBJECTION: Insert = Insert {
    head: "INSERT INTO objection (person, scope, at, overridden) VALUES",
    columns: 4,
    tail: "ON CONFLICT (person, scope, at) DO UPDATE SET overridden = excluded.overridden, ended_at = NULL",
};
const ADD_RESTRICTION: Insert = Insert {
    head: "INSERT INTO restriction (person, at, body) VALUES",
    columns: 3,
    tail: "ON CONFLICT (person, at) DO UPDATE SET ended_at = NULL",
};
const ADD_CONTRACT: Insert = Insert {
    head: "INSERT INTO contract (person, id, kind, from_at, until_at, told_at) VALUES",
    columns: 6,
    tail: "ON CONFLICT (person, id, told_at) DO UPDATE SET kind = excluded.kind, from_at = excluded.from_at, \
           until_at = excluded.until_at",
};

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    SET_LIFE,
    SET_GONE,
    SET_BACK,
    USE_ONE,
    COUNTED,
    DROP_FACT,
    DROP_FACTS,
    DROP_ANSWERS,
    DROP_OBJECTIONS,
    DROP_RESTRICTIONS,
    LIFT_OBJECTION,
    LIFT_RESTRICTION,
    OUTDATE_OBJECTION,
    DROP_CONTRACTS,
    DROP_DETAILS,
    DROP_REQUESTS,
    DROP_MAIL,
    DROP_BESIDE,
    OVERWRITE,
    UNFINISHED,
    SET_NEXT_KEY,
    NEXT_KEY,
    ANY_FACT,
];

/// Adds people who each have `seq` uses recorded already, in as few round trips as the engine allows. Tells who was
/// added; who is there already stays as they are and is not among them. With each comes the time at which the sweeper
/// looks at them first.
///
/// # Errors
/// What the engine said.
pub fn add_all(
    tx: &mut Tx<'_>,
    people: &[(&Person, Timestamp)],
    seq: i64,
    at: Timestamp,
    import: Option<ImportId>,
) -> Result<HashSet<PersonId>> {
    let mut values: Vec<Value<'_>> = Vec::with_capacity(people.len().saturating_mul(ADD_PERSON.columns));
    for (person, sweep_at) in people {
        let row: [Value<'_>; 10] = [
            person.id.into(),
            person.company.into(),
            0.into(),
            Life::Active.code().into(),
            person.residence.as_ref().into(),
            i64::from(person.minor).into(),
            seq.into(),
            at.into(),
            import.into(),
            (*sweep_at).into(),
        ];
        values.extend(row);
    }
    let added: HashSet<PersonId> =
        tx.insert_returning(&ADD_PERSON, &values, person_id)?.into_iter().collect();
    let noted: Vec<_> = people.iter().map(|(person, _)| (person.company, person.id)).collect();
    let new: Vec<_> = noted.into_iter().filter(|(_, id)| added.contains(id)).collect();
    changes::note_all(tx, &new)?;
    Ok(added)
}

/// The digest by which a clause is known: its terms without their end.
fn clause_of(terms: &Terms) -> Result<([u8; 16], String)> {
    let body = to_json(&Terms { until: Timestamp::MAX, ..terms.clone() })?;
    let full: [u8; 32] = Sha256::digest(body.as_bytes()).into();
    let mut id = [0; 16];
    id.copy_from_slice(full.get(..16).unwrap_or(&[0; 16]));
    Ok((id, body))
}

fn add_clause(tx: &mut Tx<'_>, terms: &Terms) -> Result<[u8; 16]> {
    let (id, body) = clause_of(terms)?;
    tx.insert(&ADD_CLAUSE, &[(&id).into(), (&body).into()])?;
    Ok(id)
}

/// Adds the clauses of answers in the order of their ids.
///
/// # Errors
/// What the engine said.
pub fn add_clauses<'a>(tx: &mut Tx<'_>, answers: impl Iterator<Item = &'a Answer>) -> Result<()> {
    let grants = answers.filter_map(|answer| match &answer.said {
        Said::Yes(grant) => Some(&grant.terms),
        Said::No | Said::NoLonger => None,
    });
    let clauses: BTreeMap<[u8; 16], String> = grants.map(clause_of).collect::<Result<_>>()?;
    clauses.iter().try_for_each(|(id, body)| tx.insert(&ADD_CLAUSE, &[id.into(), body.into()]).map(|_| ()))
}

/// Adds or replaces a fact; the sealed bytes mean nothing here.
///
/// # Errors
/// What the engine said.
pub fn put_fact(tx: &mut Tx<'_>, person: PersonId, fact: &Fact, sealed: &[u8], replace: bool) -> Result<()> {
    let carried = fact.carried.as_ref().map(|terms| add_clause(tx, terms)).transpose()?;
    let carried_until = fact.carried.as_ref().map(|terms| terms.until);
    let (person, id, region) = (person.to_bytes(), fact.id.to_bytes(), fact.region.to_string());
    let warrant = fact.warrant.as_ref().map(write_warrant);
    let anchors = if fact.anchors.is_empty() { None } else { Some(to_json(&fact.anchors)?) };
    let derived = if fact.derived_from.is_empty() { None } else { Some(to_json(&fact.derived_from)?) };
    let values: [Value<'_>; 12] = [
        (&person).into(),
        (&id).into(),
        assent_kernel::TreeKey::as_str(&fact.category).into(),
        (&fact.source).into(),
        (&region).into(),
        fact.confirmed_at.into(),
        warrant.as_ref().into(),
        anchors.as_ref().into(),
        carried.as_ref().into(),
        carried_until.into(),
        derived.as_ref().into(),
        sealed.into(),
    ];
    if replace { tx.exec(OVERWRITE, &values).map(|_| ()) } else { tx.insert(&ADD_FACT, &values).map(|_| ()) }
}

/// Adds new facts without terms of their own, in as few round trips as the engine allows; the sealed bytes mean
/// nothing here. A fact that carries terms takes [`put_fact`].
///
/// # Errors
/// What the engine said.
pub fn put_facts(tx: &mut Tx<'_>, facts: &[(PersonId, &Fact, &[u8])]) -> Result<()> {
    // Warrants and anchors are written out first, because the rows borrow them.
    let written = facts.iter().map(|(_, fact, _)| {
        let anchors = if fact.anchors.is_empty() { None } else { Some(to_json(&fact.anchors)?) };
        Ok((fact.warrant.as_ref().map(write_warrant), anchors))
    });
    let written: Vec<(Option<Vec<u8>>, Option<String>)> = written.collect::<Result<_>>()?;
    let mut values: Vec<Value<'_>> = Vec::with_capacity(facts.len().saturating_mul(ADD_FACT.columns));
    for ((person, fact, sealed), (warrant, anchors)) in facts.iter().zip(&written) {
        let row: [Value<'_>; 12] = [
            (*person).into(),
            fact.id.into(),
            assent_kernel::TreeKey::as_str(&fact.category).into(),
            (&fact.source).into(),
            (&fact.region).into(),
            fact.confirmed_at.into(),
            warrant.as_ref().into(),
            anchors.as_ref().into(),
            Value::Null,
            Value::Null,
            Value::Null,
            (*sealed).into(),
        ];
        values.extend(row);
    }
    tx.insert(&ADD_FACT, &values).map(|_| ())
}

/// Drops one fact, and the file that hangs on it.
///
/// # Errors
/// What the engine said.
pub fn drop_fact(tx: &mut Tx<'_>, person: PersonId, fact: FactId) -> Result<()> {
    files::drop_one(tx, fact.to_bytes())?;
    tx.exec(DROP_FACT, &[person.into(), fact.into()]).map(|_| ())
}

/// Writes down what a person said.
///
/// # Errors
/// What the engine said.
pub fn add_answer(tx: &mut Tx<'_>, person: PersonId, answer: &Answer) -> Result<()> {
    let person = person.to_bytes();
    let purpose = answer.purpose.to_string();
    let mut row: [Value<'_>; 12] = [Value::Null; 12];
    let (said, grant) = match &answer.said {
        Said::No => (0, None),
        Said::NoLonger => (2, None),
        Said::Yes(grant) => (1, Some(grant)),
    };
    let clause = grant.map(|grant| add_clause(tx, &grant.terms)).transpose()?;
    let ids = grant.map(|grant| (grant.id.to_bytes(), grant.notice.to_bytes()));
    let head: [Value<'_>; 4] = [(&person).into(), (&purpose).into(), answer.at.into(), said.into()];
    for (slot, value) in row.iter_mut().zip(head) {
        *slot = value;
    }
    if let (Some(grant), Some(clause), Some((id, notice))) = (grant, &clause, &ids) {
        let tail: [Value<'_>; 8] = [
            id.into(),
            clause.into(),
            grant.terms.until.into(),
            notice.into(),
            i64::from(grant.notice_version).into(),
            code_of(&GIVERS, &grant.giver).into(),
            code_of(&EVIDENCE, &grant.evidence).into(),
            grant.uses_left.map(i64::from).into(),
        ];
        for (slot, value) in row.iter_mut().skip(4).zip(tail) {
            *slot = value;
        }
    }
    match tx.insert(&ADD_ANSWER, &row)? {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("two answers about one purpose at the same microsecond".into())),
    }
}

/// Writes down an objection; an older one of the same scope ends with it. One that was taken back stands again.
///
/// # Errors
/// What the engine said.
pub fn add_objection(tx: &mut Tx<'_>, person: PersonId, objection: &Objection) -> Result<()> {
    let scope = to_json(&objection.scope)?;
    tx.exec(OUTDATE_OBJECTION, &[person.into(), (&scope).into(), objection.at.into()])?;
    let row = [person.into(), (&scope).into(), objection.at.into(), objection.overridden.as_ref().into()];
    tx.insert(&ADD_OBJECTION, &row).map(|_| ())
}

/// Writes down a restriction; one that was taken back stands again.
///
/// # Errors
/// What the engine said.
pub fn add_restriction(tx: &mut Tx<'_>, person: PersonId, restriction: &Restriction) -> Result<()> {
    let body = to_json(restriction)?;
    tx.insert(&ADD_RESTRICTION, &[person.into(), restriction.at.into(), (&body).into()]).map(|_| ())
}

/// Takes an objection back. It stays with its end: nothing but [`super::past`] reads it then.
///
/// # Errors
/// What the engine said.
pub fn lift_objection(
    tx: &mut Tx<'_>,
    person: PersonId,
    scope: &assent_kernel::grant::ObjectionScope,
    ended_at: Timestamp,
) -> Result<()> {
    let scope = to_json(scope)?;
    tx.exec(LIFT_OBJECTION, &[person.into(), (&scope).into(), ended_at.into()]).map(|_| ())
}

/// Takes the restriction of that time back. It stays with its end: nothing but [`super::past`] reads it then.
///
/// # Errors
/// What the engine said.
pub fn lift_restriction(tx: &mut Tx<'_>, person: PersonId, at: Timestamp, ended_at: Timestamp) -> Result<()> {
    tx.exec(LIFT_RESTRICTION, &[person.into(), at.into(), ended_at.into()]).map(|_| ())
}

/// Writes down a contract as it is told at a time. What was told of it before stays: only [`super::past`] reads it then.
///
/// # Errors
/// What the engine said.
pub fn add_contract(
    tx: &mut Tx<'_>,
    person: PersonId,
    contract: &Contract,
    told_at: Timestamp,
) -> Result<()> {
    let (person, id) = (person.to_bytes(), contract.id.to_bytes());
    let row = [
        (&person).into(),
        (&id).into(),
        (&contract.kind).into(),
        contract.from.into(),
        contract.until.into(),
        told_at.into(),
    ];
    tx.insert(&ADD_CONTRACT, &row).map(|_| ())
}

/// True when a grant has a use left; a grant without a count always has one.
///
/// # Errors
/// What the engine said.
pub fn has_one(tx: &mut Tx<'_>, person: PersonId, grant: GrantId) -> Result<bool> {
    let left = tx.first(COUNTED, &[person.into(), grant.into()], |row| row.int_opt(0))?;
    Ok(left.is_some_and(|left| left.is_none_or(|left| left > 0)))
}

/// Takes one of a grant's counted uses.
///
/// # Errors
/// What the engine said.
pub fn use_one(tx: &mut Tx<'_>, person: PersonId, grant: GrantId) -> Result<()> {
    tx.exec(USE_ONE, &[person.into(), grant.into()])?;
    changes::note(tx, person)
}

/// Drops everything about a person but the bare row, which says that there was somebody. What they closed for other
/// records of the same human stays closed there.
///
/// # Errors
/// What the engine said.
pub fn drop_all(tx: &mut Tx<'_>, person: PersonId, at: Timestamp) -> Result<()> {
    joined::leave(tx, person, at)?;
    files::drop_of_person(tx, person)?;
    emergencies::forget_person(tx, person)?;
    let id = person.to_bytes();
    let all = [
        DROP_FACTS,
        DROP_ANSWERS,
        DROP_OBJECTIONS,
        DROP_RESTRICTIONS,
        DROP_CONTRACTS,
        DROP_QUEUED,
        DROP_DETAILS,
        DROP_REQUESTS,
        DROP_MAIL,
        DROP_BESIDE,
    ];
    all.into_iter().try_for_each(|sql| tx.exec(sql, &[(&id).into()]).map(|_| ()))
}

/// True when any fact of a person is held.
///
/// # Errors
/// What the engine said.
pub fn holds_facts(tx: &mut Tx<'_>, person: PersonId) -> Result<bool> {
    Ok(tx.first(ANY_FACT, &[person.into()], |_| Ok(()))?.is_some())
}

/// Notes which key what a law keeps of a person was sealed under: it is to take the place of theirs.
///
/// # Errors
/// What the engine said.
pub fn set_next_key(tx: &mut Tx<'_>, person: PersonId, digest: Option<&[u8; 32]>) -> Result<()> {
    tx.exec(SET_NEXT_KEY, &[person.into(), digest.into()]).map(|_| ())
}

/// Which key is to take the place of a person's.
///
/// # Errors
/// What the engine said.
pub fn next_key(tx: &mut Tx<'_>, person: PersonId) -> Result<Option<[u8; 32]>> {
    Ok(tx.first(NEXT_KEY, &[person.into()], |row| row.fixed_opt(0))?.flatten())
}

/// Says where a person stands now, and moves the epoch on.
///
/// # Errors
/// What the engine said.
pub fn set_life(tx: &mut Tx<'_>, person: PersonId, life: Life) -> Result<()> {
    tx.exec(SET_LIFE, &[person.into(), life.code().into()])?;
    changes::note(tx, person)
}

/// Says since when somebody is deleted, or that they are not. Tells whether that is new.
///
/// # Errors
/// What the engine said.
pub fn set_gone(tx: &mut Tx<'_>, person: PersonId, since: Option<Timestamp>) -> Result<bool> {
    Ok(match since {
        Some(at) => tx.exec(SET_GONE, &[person.into(), at.into()])? == 1,
        None => tx.exec(SET_BACK, &[person.into()])? == 1,
    })
}

/// Erasures that were recorded but not finished, because the process ended between: after a person, at most a thousand.
///
/// # Errors
/// What the engine said.
pub fn unfinished(tx: &mut Tx<'_>, after: PersonId) -> Result<Vec<(CompanyId, PersonId)>> {
    tx.rows(UNFINISHED, &[after.into()], |row| {
        Ok((CompanyId::from_bytes(row.fixed(1)?), PersonId::from_bytes(row.fixed(0)?)))
    })
}
