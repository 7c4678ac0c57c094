//! People of one region: what a decision needs to know of each, without any value.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};

use assent_kernel::fact::Fact;
use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Objection, Restriction, Said};
use assent_kernel::person::Contract;
use assent_kernel::{
    CategoryKey, CompanyId, ContractId, FactId, GrantId, ImportId, MandateId, NoticeId, Person, PersonId,
    PurposeKey, Region, Terms, Timestamp, Warrant,
};
use sha2::{Digest, Sha256};

use crate::db::{Insert, Tx};
use crate::dialect::hex_list;
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};

/// Where a person stands with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Held.
    Active,
    /// The erasure is recorded; the key is being destroyed.
    Erasing,
    /// The key is gone.
    Erased,
}

impl Life {
    const fn code(self) -> i64 {
        match self {
            Self::Active => 0,
            Self::Erasing => 1,
            Self::Erased => 2,
        }
    }
    fn read(code: i64) -> Result<Self> {
        match code {
            0 => Ok(Self::Active),
            1 => Ok(Self::Erasing),
            2 => Ok(Self::Erased),
            _ => Err(StoreError::Damaged("a person's state".into())),
        }
    }
}

/// A person with what only the store knows.
#[derive(Debug, Clone)]
pub struct Held {
    /// As the law sees them.
    pub person: Person,
    /// Where they stand.
    pub life: Life,
    /// The sequence number of the last use recorded about them.
    pub seq: i64,
    /// Since when they are known here.
    pub created_at: Timestamp,
}

const PEOPLE: &str = "SELECT id, company, epoch, state, residence, minor, seq, created_at FROM person WHERE id {hex 1} AND company = $2";
const ANSWERS: &str = "SELECT person, purpose, at, said, grant_id, clause, until_at, notice, notice_version, giver, evidence, \
     uses_left FROM answer WHERE person {hex 1} ORDER BY person, purpose, at";
const CLAUSES: &str = "SELECT id, body FROM clause WHERE id {hex 1}";
const OBJECTIONS: &str = "SELECT person, scope, at, overridden FROM objection WHERE person {hex 1}";
const RESTRICTIONS: &str = "SELECT person, body FROM restriction WHERE person {hex 1}";
const CONTRACTS: &str = "SELECT person, id, kind, from_at, until_at FROM contract WHERE person {hex 1}";
const FACTS: &str = "SELECT person, id, category, source, region, confirmed_at, warrant, anchors, carried, carried_until, \
     derived FROM fact WHERE person {hex 1} ORDER BY person, id";
const SEALED: &str = "SELECT person, id, sealed FROM fact WHERE person {hex 1}";
const LOCKED: &str = "SELECT id, epoch, state, seq FROM person WHERE id {hex 1} ORDER BY id {lock}";
const NEXT_SEQ: &str = "UPDATE person SET seq = seq + $2 WHERE id = $1";
const MOVE_EPOCH: &str = "UPDATE person SET epoch = epoch + 1 WHERE id = $1 AND state = 0";
const SET_LIFE: &str = "UPDATE person SET state = $2, epoch = epoch + 1 WHERE id = $1";
const SET_RESIDENCE: &str = "UPDATE person SET residence = $2 WHERE id = $1";
const USE_ONE: &str = "UPDATE answer SET uses_left = uses_left - 1 WHERE person = $1 AND grant_id = $2 AND uses_left IS NOT NULL AND uses_left > 0";
const COUNTED: &str = "SELECT uses_left FROM answer WHERE person = $1 AND grant_id = $2";
const DROP_FACT: &str = "DELETE FROM fact WHERE person = $1 AND id = $2";
const DROP_FACTS: &str = "DELETE FROM fact WHERE person = $1";
const DROP_ANSWERS: &str = "DELETE FROM answer WHERE person = $1";
const DROP_OBJECTIONS: &str = "DELETE FROM objection WHERE person = $1";
const DROP_RESTRICTIONS: &str = "DELETE FROM restriction WHERE person = $1";
const LIFT_OBJECTION: &str = "DELETE FROM objection WHERE person = $1 AND scope = $2";
const LIFT_RESTRICTION: &str = "DELETE FROM restriction WHERE person = $1 AND at = $2";
const DROP_CONTRACTS: &str = "DELETE FROM contract WHERE person = $1";
const DROP_DETAILS: &str = "DELETE FROM use_detail WHERE person = $1";
const DROP_REQUESTS: &str = "DELETE FROM request WHERE person = $1";
const DROP_MAIL: &str = "DELETE FROM mail WHERE person = $1";
const OVERWRITE: &str = "UPDATE fact SET category = $3, source = $4, region = $5, confirmed_at = $6, warrant = $7, anchors = $8, \
     carried = $9, carried_until = $10, derived = $11, sealed = $12 WHERE person = $1 AND id = $2";
const POLICY_HEAD: &str = "SELECT version FROM policy_head WHERE company = $1 {share}";
const SET_POLICY_HEAD: &str = "INSERT INTO policy_head (company, version) VALUES ($1, $2) \
     ON CONFLICT (company) DO UPDATE SET version = excluded.version WHERE policy_head.version < excluded.version";
const FACT_MARK: &str = "SELECT count(*), max(confirmed_at) FROM fact WHERE person = $1";
const ANY_FACT: &str = "SELECT 1 FROM fact WHERE person = $1 LIMIT 1";
const UNFINISHED: &str = "SELECT id, company FROM person WHERE state = 1 ORDER BY id LIMIT 1000";
const ADD_PERSON: Insert = Insert {
    head: "INSERT INTO person (id, company, epoch, state, residence, minor, seq, created_at, import) VALUES",
    columns: 9,
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
    tail: "ON CONFLICT (person, scope) DO UPDATE SET at = excluded.at, overridden = excluded.overridden",
};
const ADD_RESTRICTION: Insert = Insert {
    head: "INSERT INTO restriction (person, at, body) VALUES",
    columns: 3,
    tail: "ON CONFLICT DO NOTHING",
};
const ADD_CONTRACT: Insert = Insert {
    head: "INSERT INTO contract (person, id, kind, from_at, until_at) VALUES",
    columns: 5,
    tail: "ON CONFLICT DO NOTHING",
};

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    PEOPLE,
    ANSWERS,
    CLAUSES,
    OBJECTIONS,
    RESTRICTIONS,
    CONTRACTS,
    FACTS,
    SEALED,
    LOCKED,
    NEXT_SEQ,
    MOVE_EPOCH,
    SET_LIFE,
    SET_RESIDENCE,
    USE_ONE,
    COUNTED,
    DROP_FACT,
    DROP_FACTS,
    DROP_ANSWERS,
    DROP_OBJECTIONS,
    DROP_RESTRICTIONS,
    LIFT_OBJECTION,
    LIFT_RESTRICTION,
    DROP_CONTRACTS,
    DROP_DETAILS,
    DROP_REQUESTS,
    DROP_MAIL,
    OVERWRITE,
    POLICY_HEAD,
    SET_POLICY_HEAD,
    UNFINISHED,
    ANY_FACT,
    FACT_MARK,
];

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}
fn json<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| damaged(what))
}
fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| damaged("a value cannot be written as JSON"))
}
fn person_id(row: &Row<'_>) -> Result<PersonId> {
    row.fixed(0).map(PersonId::from_bytes)
}

/// Loads people of a company with everything a decision needs. Who is not there, or another company's, is left out.
///
/// # Errors
/// What the engine said, or that a row is damaged.
pub fn load(tx: &mut Tx<'_>, company: CompanyId, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Held>> {
    let raw: Vec<[u8; 16]> = ids.iter().map(|id| id.to_bytes()).collect();
    let list = hex_list(&raw);
    let list = list.as_str();
    let company_bytes = company.to_bytes();
    let mut people: BTreeMap<PersonId, Held> = tx
        .rows(PEOPLE, &[list.into(), (&company_bytes).into()], |row| read_person(row, company))?
        .into_iter()
        .map(|held| (held.person.id, held))
        .collect();
    load_answers(tx, list, &mut people)?;
    load_rest(tx, list, &mut people)?;
    for (id, fact) in load_facts(tx, list)? {
        if let Some(held) = people.get_mut(&id) {
            held.person.facts.insert(fact.id, fact);
        }
    }
    Ok(people)
}

fn read_person(row: &Row<'_>, company: CompanyId) -> Result<Held> {
    let mut person = Person::new(person_id(row)?, company);
    person.epoch = u64::try_from(row.int(2)?).map_err(|_| damaged("a person's epoch"))?;
    person.residence =
        row.text_opt(4)?.map(|text| Region::new(&text)).transpose().map_err(|_| damaged("a residence"))?;
    person.minor = row.int(5)? != 0;
    Ok(Held { person, life: Life::read(row.int(3)?)?, seq: row.int(6)?, created_at: row.time(7)? })
}

fn load_rest(tx: &mut Tx<'_>, list: &str, people: &mut BTreeMap<PersonId, Held>) -> Result<()> {
    let objections = tx.rows(OBJECTIONS, &[list.into()], |row| {
        let scope = json(&row.text(1)?, "an objection")?;
        Ok((person_id(row)?, Objection { scope, at: row.time(2)?, overridden: row.text_opt(3)? }))
    })?;
    let restrictions = tx.rows(RESTRICTIONS, &[list.into()], |row| {
        Ok((person_id(row)?, json::<Restriction>(&row.text(1)?, "a restriction")?))
    })?;
    let contracts = tx.rows(CONTRACTS, &[list.into()], |row| {
        let id = ContractId::from_bytes(row.fixed(1)?);
        Ok((person_id(row)?, Contract { id, kind: row.text(2)?, from: row.time(3)?, until: row.time(4)? }))
    })?;
    for (id, one) in objections {
        if let Some(held) = people.get_mut(&id) {
            held.person.objections.push(one);
        }
    }
    for (id, one) in restrictions {
        if let Some(held) = people.get_mut(&id) {
            held.person.restrictions.push(one);
        }
    }
    for (id, one) in contracts {
        if let Some(held) = people.get_mut(&id) {
            held.person.contracts.push(one);
        }
    }
    Ok(())
}

/// Clauses never change (their id is their digest), so one cache serves the process; it is emptied when it grows large.
static CLAUSE_CACHE: OnceLock<Mutex<HashMap<[u8; 16], Arc<Terms>>>> = OnceLock::new();
const MOST_CLAUSES: usize = 100_000;

fn clauses(tx: &mut Tx<'_>, wanted: &[[u8; 16]]) -> Result<HashMap<[u8; 16], Arc<Terms>>> {
    let cache = CLAUSE_CACHE.get_or_init(Mutex::default);
    let lock = || cache.lock().map_err(|_| damaged("the clause cache"));
    let mut found: HashMap<_, _> = {
        let known = lock()?;
        wanted.iter().filter_map(|id| known.get(id).map(|terms| (*id, Arc::clone(terms)))).collect()
    };
    let missing: Vec<[u8; 16]> = wanted.iter().filter(|id| !found.contains_key(*id)).copied().collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let list = hex_list(&missing);
    let fresh = tx.rows(CLAUSES, &[list.as_str().into()], |row| {
        Ok((row.fixed::<16>(0)?, Arc::new(json::<Terms>(&row.text(1)?, "a clause")?)))
    })?;
    let mut cache = lock()?;
    if cache.len() > MOST_CLAUSES {
        cache.clear();
    }
    for (id, terms) in fresh {
        cache.insert(id, Arc::clone(&terms));
        found.insert(id, terms);
    }
    Ok(found)
}

struct AnswerRow {
    person: PersonId,
    purpose: PurposeKey,
    at: Timestamp,
    said: i64,
    grant: Option<[u8; 16]>,
    clause: Option<[u8; 16]>,
    until: Option<i64>,
    notice: Option<[u8; 16]>,
    notice_version: Option<i64>,
    giver: Option<i64>,
    evidence: Option<i64>,
    uses_left: Option<i64>,
}

fn load_answers(tx: &mut Tx<'_>, list: &str, people: &mut BTreeMap<PersonId, Held>) -> Result<()> {
    let rows = tx.rows(ANSWERS, &[list.into()], |row| {
        Ok(AnswerRow {
            person: person_id(row)?,
            purpose: PurposeKey::new(&row.text(1)?).map_err(|_| damaged("a purpose"))?,
            at: row.time(2)?,
            said: row.int(3)?,
            grant: row.fixed_opt(4)?,
            clause: row.fixed_opt(5)?,
            until: row.int_opt(6)?,
            notice: row.fixed_opt(7)?,
            notice_version: row.int_opt(8)?,
            giver: row.int_opt(9)?,
            evidence: row.int_opt(10)?,
            uses_left: row.int_opt(11)?,
        })
    })?;
    let mut wanted: Vec<[u8; 16]> = rows.iter().filter_map(|row| row.clause).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let clauses = clauses(tx, &wanted)?;
    for row in rows {
        let answer = Answer { purpose: row.purpose.clone(), at: row.at, said: said(&row, &clauses)? };
        // Rows come in order of time, so the newest stays.
        if let Some(held) = people.get_mut(&row.person) {
            held.person.answers.insert(row.purpose, answer);
        }
    }
    Ok(())
}

fn said(row: &AnswerRow, clauses: &HashMap<[u8; 16], Arc<Terms>>) -> Result<Said> {
    match row.said {
        0 => Ok(Said::No),
        2 => Ok(Said::NoLonger),
        1 => {
            let bad = || damaged("a grant");
            let terms = row.clause.and_then(|id| clauses.get(&id)).ok_or_else(bad)?;
            let until = Timestamp::from_micros(row.until.ok_or_else(bad)?);
            Ok(Said::Yes(Box::new(Grant {
                id: GrantId::from_bytes(row.grant.ok_or_else(bad)?),
                terms: Terms { until, ..(**terms).clone() },
                notice: NoticeId::from_bytes(row.notice.ok_or_else(bad)?),
                notice_version: row.notice_version.and_then(|v| u32::try_from(v).ok()).ok_or_else(bad)?,
                giver: giver(row.giver.ok_or_else(bad)?)?,
                evidence: evidence(row.evidence.ok_or_else(bad)?)?,
                uses_left: row.uses_left.map(u32::try_from).transpose().map_err(|_| bad())?,
            })))
        }
        _ => Err(damaged("an answer")),
    }
}

const GIVERS: [Giver; 3] = [Giver::Subject, Giver::Guardian, Giver::Agent];
const EVIDENCE: [Evidence; 6] = [
    Evidence::Portal,
    Evidence::OneClick,
    Evidence::Signal,
    Evidence::Agent,
    Evidence::Imported,
    Evidence::Attested,
];

fn giver(code: i64) -> Result<Giver> {
    usize::try_from(code).ok().and_then(|i| GIVERS.get(i)).copied().ok_or_else(|| damaged("who gave a grant"))
}
fn evidence(code: i64) -> Result<Evidence> {
    usize::try_from(code)
        .ok()
        .and_then(|i| EVIDENCE.get(i))
        .copied()
        .ok_or_else(|| damaged("a grant's evidence"))
}
fn code_of<T: PartialEq>(list: &[T], one: &T) -> i64 {
    list.iter().position(|each| each == one).and_then(|i| i64::try_from(i).ok()).unwrap_or(-1)
}

fn load_facts(tx: &mut Tx<'_>, list: &str) -> Result<Vec<(PersonId, Fact)>> {
    let mut carried = Vec::new();
    let mut facts = tx.rows(FACTS, &[list.into()], |row| {
        carried.push((row.fixed_opt::<16>(8)?, row.int_opt(9)?));
        Ok((person_id(row)?, read_fact(row)?))
    })?;
    let wanted: Vec<[u8; 16]> = carried.iter().filter_map(|(id, _)| *id).collect();
    if wanted.is_empty() {
        return Ok(facts);
    }
    let clauses = clauses(tx, &wanted)?;
    for ((_, fact), (clause, until)) in facts.iter_mut().zip(carried) {
        let Some(clause) = clause else { continue };
        let terms = clauses.get(&clause).ok_or_else(|| damaged("the terms of a fact"))?;
        let until = Timestamp::from_micros(until.ok_or_else(|| damaged("the terms of a fact"))?);
        fact.carried = Some(Terms { until, ..(**terms).clone() });
    }
    Ok(facts)
}

fn read_fact(row: &Row<'_>) -> Result<Fact> {
    Ok(Fact {
        id: FactId::from_bytes(row.fixed(1)?),
        category: CategoryKey::new(&row.text(2)?).map_err(|_| damaged("a category"))?,
        source: row.text(3)?,
        region: Region::new(&row.text(4)?).map_err(|_| damaged("a region"))?,
        confirmed_at: row.time(5)?,
        warrant: row.blob_opt(6)?.map(|bytes| read_warrant(&bytes)).transpose()?,
        anchors: row.text_opt(7)?.map(|text| json(&text, "anchors")).transpose()?.unwrap_or_default(),
        carried: None,
        derived_from: row
            .text_opt(10)?
            .map(|text| json(&text, "what a fact was derived from"))
            .transpose()?
            .unwrap_or_default(),
    })
}

fn write_warrant(warrant: &Warrant) -> Vec<u8> {
    let (kind, id) = match warrant {
        Warrant::Grant(id) => (1u8, id.to_bytes()),
        Warrant::Mandate(id) => (2u8, id.to_bytes()),
    };
    std::iter::once(kind).chain(id).collect()
}

fn read_warrant(bytes: &[u8]) -> Result<Warrant> {
    let bad = || damaged("a warrant");
    let (kind, id) = bytes.split_first().ok_or_else(bad)?;
    let id: [u8; 16] = id.try_into().map_err(|_| bad())?;
    match kind {
        1 => Ok(Warrant::Grant(GrantId::from_bytes(id))),
        2 => Ok(Warrant::Mandate(MandateId::from_bytes(id))),
        _ => Err(bad()),
    }
}

/// The sealed bytes of all facts of these people.
///
/// # Errors
/// What the engine said.
pub fn sealed(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<HashMap<FactId, Vec<u8>>> {
    let raw: Vec<[u8; 16]> = ids.iter().map(|id| id.to_bytes()).collect();
    let rows = tx.rows(SEALED, &[hex_list(&raw).as_str().into()], |row| {
        Ok((FactId::from_bytes(row.fixed(1)?), row.blob(2)?))
    })?;
    Ok(rows.into_iter().collect())
}

/// What an append relies on: a person's epoch, life and last sequence number, held until the commit.
#[derive(Debug, Clone, Copy)]
pub struct Footing {
    /// The person's epoch now.
    pub epoch: u64,
    /// Where they stand now.
    pub life: Life,
    /// The sequence number of the last use.
    pub seq: i64,
}

/// Reads where people stand and holds them there until the commit; nobody else can move or count meanwhile.
///
/// # Errors
/// What the engine said.
pub fn hold(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<HashMap<PersonId, Footing>> {
    let raw: Vec<[u8; 16]> = ids.iter().map(|id| id.to_bytes()).collect();
    let rows = tx.rows(LOCKED, &[hex_list(&raw).as_str().into()], |row| {
        let epoch = u64::try_from(row.int(1)?).map_err(|_| damaged("a person's epoch"))?;
        Ok((person_id(row)?, Footing { epoch, life: Life::read(row.int(2)?)?, seq: row.int(3)? }))
    })?;
    Ok(rows.into_iter().collect())
}

/// Holds a person who still stands where they were looked up.
///
/// # Errors
/// [`StoreError::Moved`] when their epoch is another, or they are being erased.
pub fn hold_at(tx: &mut Tx<'_>, id: PersonId, epoch: u64) -> Result<Footing> {
    let now = hold(tx, &[id])?.remove(&id);
    now.filter(|now| now.life == Life::Active && now.epoch == epoch).ok_or(StoreError::Moved)
}

/// How many facts of a person are held, and when the newest was confirmed: whether they are still those looked up.
///
/// # Errors
/// What the engine said.
pub fn fact_mark(tx: &mut Tx<'_>, id: PersonId) -> Result<(i64, i64)> {
    let mark = tx.first(FACT_MARK, &[id.into()], |row| Ok((row.int(0)?, row.int_opt(1)?.unwrap_or(0))))?;
    Ok(mark.unwrap_or_default())
}

/// Counts uses of a person.
///
/// # Errors
/// What the engine said.
pub fn count_uses(tx: &mut Tx<'_>, id: PersonId, by: i64) -> Result<()> {
    tx.exec(NEXT_SEQ, &[id.into(), by.into()]).map(|_| ())
}

/// The version of a company's policy that holds here, held until the commit.
///
/// # Errors
/// What the engine said.
pub fn policy_version(tx: &mut Tx<'_>, company: CompanyId) -> Result<u64> {
    let found = tx.first(POLICY_HEAD, &[company.into()], |row| row.int(0))?;
    Ok(found.and_then(|v| u64::try_from(v).ok()).unwrap_or(0))
}

/// Makes a newer version of a company's policy hold here.
///
/// # Errors
/// What the engine said.
pub fn set_policy_version(tx: &mut Tx<'_>, company: CompanyId, version: u64) -> Result<()> {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    tx.exec(SET_POLICY_HEAD, &[company.into(), version.into()]).map(|_| ())
}

/// Moves a person's epoch on: every decision made before can no longer be recorded.
///
/// # Errors
/// [`StoreError::Moved`] when the person is not held any more.
pub fn move_epoch(tx: &mut Tx<'_>, id: PersonId) -> Result<()> {
    match tx.exec(MOVE_EPOCH, &[id.into()])? {
        1 => Ok(()),
        _ => Err(StoreError::Moved),
    }
}

/// Adds a person.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, person: &Person, at: Timestamp, import: Option<ImportId>) -> Result<bool> {
    Ok(!add_all(tx, &[person], 0, at, import)?.is_empty())
}

/// Adds people who each have `seq` uses recorded already, in as few round trips as the engine allows. Tells who was
/// added; who is there already stays as they are and is not among them.
///
/// # Errors
/// What the engine said.
pub fn add_all(
    tx: &mut Tx<'_>,
    people: &[&Person],
    seq: i64,
    at: Timestamp,
    import: Option<ImportId>,
) -> Result<HashSet<PersonId>> {
    let mut values: Vec<Value<'_>> = Vec::with_capacity(people.len().saturating_mul(ADD_PERSON.columns));
    for person in people {
        let row: [Value<'_>; 9] = [
            person.id.into(),
            person.company.into(),
            0.into(),
            Life::Active.code().into(),
            person.residence.as_ref().into(),
            i64::from(person.minor).into(),
            seq.into(),
            at.into(),
            import.into(),
        ];
        values.extend(row);
    }
    let added = tx.insert_returning(&ADD_PERSON, &values, person_id)?;
    Ok(added.into_iter().collect())
}

/// Sets where a person lives.
///
/// # Errors
/// What the engine said.
pub fn set_residence(tx: &mut Tx<'_>, id: PersonId, residence: &Region) -> Result<()> {
    tx.exec(SET_RESIDENCE, &[id.into(), residence.into()]).map(|_| ())
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

/// Drops one fact.
///
/// # Errors
/// What the engine said.
pub fn drop_fact(tx: &mut Tx<'_>, person: PersonId, fact: FactId) -> Result<()> {
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

/// Writes down an objection.
///
/// # Errors
/// What the engine said.
pub fn add_objection(tx: &mut Tx<'_>, person: PersonId, objection: &Objection) -> Result<()> {
    let scope = to_json(&objection.scope)?;
    let row = [person.into(), (&scope).into(), objection.at.into(), objection.overridden.as_ref().into()];
    tx.insert(&ADD_OBJECTION, &row).map(|_| ())
}

/// Writes down a restriction.
///
/// # Errors
/// What the engine said.
pub fn add_restriction(tx: &mut Tx<'_>, person: PersonId, restriction: &Restriction) -> Result<()> {
    let body = to_json(restriction)?;
    tx.insert(&ADD_RESTRICTION, &[person.into(), restriction.at.into(), (&body).into()]).map(|_| ())
}

/// Takes an objection back. The ledger keeps that it stood.
///
/// # Errors
/// What the engine said.
pub fn lift_objection(
    tx: &mut Tx<'_>,
    person: PersonId,
    scope: &assent_kernel::grant::ObjectionScope,
) -> Result<()> {
    let scope = to_json(scope)?;
    tx.exec(LIFT_OBJECTION, &[person.into(), (&scope).into()]).map(|_| ())
}

/// Takes the restriction of that time back. The ledger keeps that it stood.
///
/// # Errors
/// What the engine said.
pub fn lift_restriction(tx: &mut Tx<'_>, person: PersonId, at: Timestamp) -> Result<()> {
    tx.exec(LIFT_RESTRICTION, &[person.into(), at.into()]).map(|_| ())
}

/// Writes down a contract.
///
/// # Errors
/// What the engine said.
pub fn add_contract(tx: &mut Tx<'_>, person: PersonId, contract: &Contract) -> Result<()> {
    let (person, id) = (person.to_bytes(), contract.id.to_bytes());
    let row = [
        (&person).into(),
        (&id).into(),
        (&contract.kind).into(),
        contract.from.into(),
        contract.until.into(),
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
    tx.exec(USE_ONE, &[person.into(), grant.into()]).map(|_| ())
}

/// Drops everything about a person but the bare row, which says that there was somebody.
///
/// # Errors
/// What the engine said.
pub fn drop_all(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let id = person.to_bytes();
    let all = [
        DROP_FACTS,
        DROP_ANSWERS,
        DROP_OBJECTIONS,
        DROP_RESTRICTIONS,
        DROP_CONTRACTS,
        DROP_DETAILS,
        DROP_REQUESTS,
        DROP_MAIL,
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

/// Says where a person stands now, and moves the epoch on.
///
/// # Errors
/// What the engine said.
pub fn set_life(tx: &mut Tx<'_>, person: PersonId, life: Life) -> Result<()> {
    tx.exec(SET_LIFE, &[person.into(), life.code().into()]).map(|_| ())
}

/// Erasures that were recorded but not finished, because the process ended between.
///
/// # Errors
/// What the engine said.
pub fn unfinished(tx: &mut Tx<'_>) -> Result<Vec<(CompanyId, PersonId)>> {
    tx.rows(UNFINISHED, &[], |row| {
        Ok((CompanyId::from_bytes(row.fixed(1)?), PersonId::from_bytes(row.fixed(0)?)))
    })
}
