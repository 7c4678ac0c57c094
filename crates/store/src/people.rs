//! People of one region: what a decision needs to know of each, without any value.

mod answers;
pub mod change;
pub mod heads;
pub mod joined;
pub mod past;
pub mod sweep;

pub use heads::{hold_policy_version, in_force, policy_version, set_back_policy, set_policy_version};

pub use change::{
    add_all, add_answer, add_clauses, add_contract, add_objection, add_restriction, drop_all, drop_fact,
    has_one, holds_facts, lift_objection, lift_restriction, next_key, put_fact, put_facts, set_gone,
    set_life, set_next_key, unfinished, use_one,
};

use std::collections::{BTreeMap, HashMap};

use assent_kernel::fact::Fact;
use assent_kernel::grant::{Objection, Restriction};
use assent_kernel::person::Contract;
use assent_kernel::{
    CategoryKey, CompanyId, ContractId, FactId, GrantId, MandateId, Person, PersonId, Region, Terms,
    Timestamp, Warrant,
};

use crate::changes;
use crate::db::Tx;
use crate::dialect::{hex_list, pair_list};
use crate::error::{Result, StoreError};
use crate::value::Row;

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
    /// As the law sees them: narrowed by other records of the same human, if there are any.
    pub person: Person,
    /// What this record said itself, when there are others of the same human.
    pub own: Option<Box<Person>>,
    /// All records of the same human, when there are several.
    pub group: Option<joined::Group>,
    /// Where they stand.
    pub life: Life,
    /// The sequence number of the last use recorded about them.
    pub seq: i64,
    /// Since when they are known here.
    pub created_at: Timestamp,
    /// When their terms were changed last, by the clock of whoever wrote it down.
    pub acted_at: Timestamp,
    /// True while they are deleted and can be brought back: nothing of them is used meanwhile.
    pub gone: bool,
}

/// People, and how much of the kinds that few have they have: what nobody has is not asked for.
const PEOPLE: &str = "SELECT id, company, epoch, state, residence, minor, seq, created_at, acted_at, beside, gone_at, \
     (SELECT count(*) FROM objection WHERE person = person.id AND ended_at IS NULL), \
     (SELECT count(*) FROM restriction WHERE person = person.id AND ended_at IS NULL), \
     (SELECT count(*) FROM contract WHERE person = person.id), \
     (SELECT count(*) FROM joined WHERE person = person.id) \
     FROM person WHERE id {ids 1} AND company = $2";
const OBJECTIONS: &str =
    "SELECT person, scope, at, overridden FROM objection WHERE person {ids 1} AND ended_at IS NULL";
const RESTRICTIONS: &str = "SELECT person, body FROM restriction WHERE person {ids 1} AND ended_at IS NULL";
const CONTRACTS: &str = "SELECT person, id, kind, from_at, until_at, told_at FROM contract WHERE person {ids 1} \
     ORDER BY person, id, told_at";
const FACTS: &str = "SELECT person, id, category, source, region, confirmed_at, warrant, anchors, carried, carried_until, \
     derived FROM fact WHERE person {ids 1} ORDER BY person, id";
const SEALED: &str = "SELECT person, id, sealed FROM fact WHERE person {ids 1}";
const LOCKED: &str = "SELECT id, epoch, state, seq FROM person WHERE id {ids 1} ORDER BY id {lock}";
const FOOTING: &str = "SELECT id, epoch, state, seq FROM person WHERE id = $1";
const SET_SEQ: &str =
    "UPDATE person SET seq = CASE WHEN seq < $2 THEN $2 ELSE seq END WHERE id = $1 AND state = 0";
const SET_SEQS: &str =
    "UPDATE person SET seq = CAST(v.value ->> 1 AS BIGINT) FROM {each 1} WHERE person.id = {each id}";
const MOVE_EPOCH: &str = "UPDATE person SET epoch = epoch + 1, acted_at = CASE WHEN acted_at < $2 THEN $2 ELSE acted_at END \
     WHERE id = $1 AND state = 0";
const FACT_MARK: &str = "SELECT count(*), max(confirmed_at) FROM fact WHERE person = $1";

const IS_SEALED_SO: &str = "SELECT 1 FROM fact WHERE person = $1 AND id = $2 AND sealed = $3";
const AFTER: &str = "SELECT id FROM person WHERE company = $1 AND id > $2 ORDER BY id LIMIT $3";
const COUNT: &str = "SELECT count(*) FROM person WHERE company = $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    PEOPLE,
    answers::ANSWERS,
    answers::NEWEST,
    answers::CLAUSES,
    OBJECTIONS,
    RESTRICTIONS,
    CONTRACTS,
    FACTS,
    SEALED,
    LOCKED,
    FOOTING,
    SET_SEQ,
    SET_SEQS,
    MOVE_EPOCH,
    FACT_MARK,
    IS_SEALED_SO,
    AFTER,
    COUNT,
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
    let (mut people, has) = load_own_terms(tx, company, ids)?;
    for (id, fact) in load_facts(tx, &list_of(ids))? {
        if let Some(held) = people.get_mut(&id) {
            held.person.facts.insert(fact.id, fact);
        }
    }
    narrowed(tx, company, people, has)
}

/// Loads people of a company with what they said, without their facts.
///
/// # Errors
/// What the engine said, or that a row is damaged.
pub fn load_terms(tx: &mut Tx<'_>, company: CompanyId, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Held>> {
    let (people, has) = load_own_terms(tx, company, ids)?;
    narrowed(tx, company, people, has)
}

/// Decided with what others say who count as the same human, where somebody does.
fn narrowed(
    tx: &mut Tx<'_>,
    company: CompanyId,
    mut people: BTreeMap<PersonId, Held>,
    has: Has,
) -> Result<BTreeMap<PersonId, Held>> {
    if has.joined {
        joined::narrow(tx, company, &mut people)?;
    }
    Ok(people)
}

/// What some of the people who were read have, and most people have not.
#[derive(Debug, Clone, Copy, Default)]
struct Has {
    objections: bool,
    restrictions: bool,
    contracts: bool,
    joined: bool,
}

impl Has {
    fn add(&mut self, row: &Row<'_>) -> Result<()> {
        self.objections |= row.int(11)? > 0;
        self.restrictions |= row.int(12)? > 0;
        self.contracts |= row.int(13)? > 0;
        self.joined |= row.int(14)? > 0;
        Ok(())
    }
}

/// What these records themselves said, whoever counts as the same human: never decided on.
fn load_own_terms(
    tx: &mut Tx<'_>,
    company: CompanyId,
    ids: &[PersonId],
) -> Result<(BTreeMap<PersonId, Held>, Has)> {
    let mut has = Has::default();
    if ids.is_empty() {
        return Ok((BTreeMap::new(), has));
    }
    let list = list_of(ids);
    let list = list.as_str();
    let company_bytes = company.to_bytes();
    let mut people: BTreeMap<PersonId, Held> = tx
        .rows(PEOPLE, &[list.into(), (&company_bytes).into()], |row| {
            has.add(row)?;
            read_person(row, company)
        })?
        .into_iter()
        .map(|held| (held.person.id, held))
        .collect();
    answers::load(tx, list, &mut people)?;
    load_rest(tx, list, has, &mut people)?;
    Ok((people, has))
}

fn list_of(ids: &[PersonId]) -> String {
    let raw: Vec<[u8; 16]> = ids.iter().map(|id| id.to_bytes()).collect();
    hex_list(&raw)
}

/// People of a company after one of them, in the order of their ids, whoever they are by now.
///
/// # Errors
/// What the engine said.
pub fn after(tx: &mut Tx<'_>, company: CompanyId, after: PersonId, most: u32) -> Result<Vec<PersonId>> {
    tx.rows(AFTER, &[company.into(), after.into(), i64::from(most).into()], person_id)
}

/// How many people of a company have a row here.
///
/// # Errors
/// What the engine said.
pub fn count(tx: &mut Tx<'_>, company: CompanyId) -> Result<u64> {
    let count = tx.first(COUNT, &[company.into()], |row| row.int(0))?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

fn read_person(row: &Row<'_>, company: CompanyId) -> Result<Held> {
    let mut person = Person::new(person_id(row)?, company);
    person.epoch = u64::try_from(row.int(2)?).map_err(|_| damaged("a person's epoch"))?;
    person.residence =
        row.text_opt(4)?.map(|text| Region::new(&text)).transpose().map_err(|_| damaged("a residence"))?;
    person.minor = row.int(5)? != 0;
    person.beside = row.text_opt(9)?.map(|text| joined::read_beside(&text).map(Box::new)).transpose()?;
    Ok(Held {
        person,
        own: None,
        group: None,
        life: Life::read(row.int(3)?)?,
        seq: row.int(6)?,
        created_at: row.time(7)?,
        acted_at: row.time(8)?,
        gone: row.int_opt(10)?.is_some(),
    })
}

fn load_rest(tx: &mut Tx<'_>, list: &str, has: Has, people: &mut BTreeMap<PersonId, Held>) -> Result<()> {
    if has.objections {
        let objections = tx.rows(OBJECTIONS, &[list.into()], |row| {
            let scope = json(&row.text(1)?, "an objection")?;
            Ok((person_id(row)?, Objection { scope, at: row.time(2)?, overridden: row.text_opt(3)? }))
        })?;
        each_of(people, objections, |held, one| held.person.objections.push(one));
    }
    if has.restrictions {
        let restrictions = tx.rows(RESTRICTIONS, &[list.into()], |row| {
            Ok((person_id(row)?, json::<Restriction>(&row.text(1)?, "a restriction")?))
        })?;
        each_of(people, restrictions, |held, one| held.person.restrictions.push(one));
    }
    if has.contracts {
        let contracts = load_contracts(tx, list)?.into_iter();
        // They come in the order in which they were told, so the newest stays.
        let contracts: BTreeMap<_, _> = contracts.map(|(who, _, one)| ((who, one.id), one)).collect();
        let contracts = contracts.into_iter().map(|((who, _), one)| (who, one));
        each_of(people, contracts, |held, one| held.person.contracts.push(one));
    }
    Ok(())
}

fn each_of<T>(
    people: &mut BTreeMap<PersonId, Held>,
    all: impl IntoIterator<Item = (PersonId, T)>,
    add: impl Fn(&mut Held, T),
) {
    for (id, one) in all {
        if let Some(held) = people.get_mut(&id) {
            add(held, one);
        }
    }
}

/// Contracts as they were told, each time with when: for each contract the oldest first.
fn load_contracts(tx: &mut Tx<'_>, list: &str) -> Result<Vec<(PersonId, Timestamp, Contract)>> {
    tx.rows(CONTRACTS, &[list.into()], |row| {
        let id = ContractId::from_bytes(row.fixed(1)?);
        let one = Contract { id, kind: row.text(2)?, from: row.time(3)?, until: row.time(4)? };
        Ok((person_id(row)?, row.time(5)?, one))
    })
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
    let clauses = answers::clauses(tx, &wanted)?;
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
    let mut rows = tx.rows(LOCKED, &[hex_list(&raw).as_str().into()], read_footing)?;
    for (id, footing) in &mut rows {
        footing.seq = footing.seq.max(tx.newest(*id).unwrap_or(0));
    }
    Ok(rows.into_iter().collect())
}

fn read_footing(row: &Row<'_>) -> Result<(PersonId, Footing)> {
    let epoch = u64::try_from(row.int(1)?).map_err(|_| damaged("a person's epoch"))?;
    Ok((person_id(row)?, Footing { epoch, life: Life::read(row.int(2)?)?, seq: row.int(3)? }))
}

/// Where one person stands, by the store's rows alone.
pub(crate) fn footing(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Footing>> {
    Ok(tx.first(FOOTING, &[id.into()], read_footing)?.map(|(_, footing)| footing))
}

/// Holds a person who still stands where they were looked up, and whoever counts as the same human.
///
/// # Errors
/// [`StoreError::Moved`] when their epoch is another, or they are being erased.
pub fn hold_at(tx: &mut Tx<'_>, id: PersonId, epoch: u64) -> Result<Footing> {
    let ids = joined::with_others(tx, id)?;
    let now = hold(tx, &ids)?.remove(&id);
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

/// Makes sure that a fact is still the one that was looked up: each sealing of a value is another.
///
/// # Errors
/// [`StoreError::Moved`] when it is not.
pub fn hold_fact(tx: &mut Tx<'_>, id: PersonId, fact: FactId, sealed: &[u8]) -> Result<()> {
    let same = tx.first(IS_SEALED_SO, &[id.into(), fact.into(), sealed.into()], |_| Ok(()))?;
    same.ok_or(StoreError::Moved)
}

/// Notes the number of a person's newest use. Tells whether they are held: of who was erased nothing is noted.
///
/// # Errors
/// What the engine said.
pub fn set_seq(tx: &mut Tx<'_>, id: PersonId, seq: i64) -> Result<bool> {
    Ok(tx.exec(SET_SEQ, &[id.into(), seq.into()])? == 1)
}

/// Notes the numbers of the newest uses of people that are held by this transaction.
///
/// # Errors
/// What the engine said.
pub fn set_seqs(tx: &mut Tx<'_>, newest: &[(PersonId, i64)]) -> Result<()> {
    let pairs = newest.iter().map(|(id, seq)| (id.to_bytes(), *seq));
    tx.exec(SET_SEQS, &[pair_list(pairs).as_str().into()]).map(|_| ())
}

/// Moves a person's epoch on, and those of all records of the same human: every decision made before can no longer be
/// recorded, and none is made for a time before.
///
/// # Errors
/// [`StoreError::Moved`] when the person is not held any more.
pub fn move_epoch(tx: &mut Tx<'_>, id: PersonId, at: Timestamp) -> Result<()> {
    match tx.exec(MOVE_EPOCH, &[id.into(), at.into()])? {
        1 => {
            changes::note(tx, id)?;
            joined::move_others(tx, id, at)
        }
        _ => Err(StoreError::Moved),
    }
}
