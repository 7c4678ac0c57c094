//! What people said about purposes, and the clauses they said it on.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Said};
use assent_kernel::{GrantId, NoticeId, PersonId, PurposeKey, Terms, Timestamp};

use super::{Held, damaged, json, person_id};
use crate::db::Tx;
use crate::dialect::hex_list;
use crate::error::Result;

pub(super) const ANSWERS: &str = "SELECT person, purpose, at, said, grant_id, clause, until_at, notice, notice_version, giver, evidence, \
     uses_left FROM answer WHERE person {ids 1} ORDER BY person, purpose, at";
/// The same, the newest of each purpose last or alone.
pub(super) const NEWEST: &str = "SELECT {newest} person, purpose, at, said, grant_id, clause, until_at, notice, notice_version, \
     giver, evidence, uses_left FROM answer WHERE person {ids 1} ORDER BY person, purpose, {newest at}";
pub(super) const CLAUSES: &str = "SELECT id, body FROM clause WHERE id {ids 1}";

/// Clauses never change (their id is their digest), so one cache serves the process; it is emptied when it grows large.
static CLAUSE_CACHE: OnceLock<Mutex<HashMap<[u8; 16], Arc<Terms>>>> = OnceLock::new();
const MOST_CLAUSES: usize = 100_000;

/// Clauses by their digests.
pub(super) fn clauses(tx: &mut Tx<'_>, wanted: &[[u8; 16]]) -> Result<HashMap<[u8; 16], Arc<Terms>>> {
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

/// What each of these people said last about each purpose.
pub(super) fn load(tx: &mut Tx<'_>, list: &str, people: &mut BTreeMap<PersonId, Held>) -> Result<()> {
    for (id, answer) in read(tx, NEWEST, list)? {
        // The newest comes last, so it stays.
        if let Some(held) = people.get_mut(&id) {
            held.person.answers.insert(answer.purpose.clone(), answer);
        }
    }
    Ok(())
}

/// Every answer of these people, for each purpose the oldest first.
pub(super) fn every(tx: &mut Tx<'_>, list: &str) -> Result<Vec<(PersonId, Answer)>> {
    read(tx, ANSWERS, list)
}

fn read(tx: &mut Tx<'_>, sql: &'static str, list: &str) -> Result<Vec<(PersonId, Answer)>> {
    let rows = tx.rows(sql, &[list.into()], |row| {
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
    rows.into_iter()
        .map(|row| {
            let said = said(&row, &clauses)?;
            Ok((row.person, Answer { purpose: row.purpose, at: row.at, said }))
        })
        .collect()
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

/// Who gave a grant, by number.
pub(super) const GIVERS: [Giver; 3] = [Giver::Subject, Giver::Guardian, Giver::Agent];
/// By what it is known, by number.
pub(super) const EVIDENCE: [Evidence; 6] = [
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
/// The number of one of a list; of what is not in it, none that is read again.
pub(super) fn code_of<T: PartialEq>(list: &[T], one: &T) -> i64 {
    list.iter().position(|each| each == one).and_then(|i| i64::try_from(i).ok()).unwrap_or(-1)
}
