//! Records that count as one human. Nothing moves: each record keeps its key, facts and terms, and a link says that
//! another one is the same person. Whoever is loaded is loaded as the law sees them then, so no decision can miss it.
//!
//! Links form a tree: a record points to the one it was joined into, so that taking one link away gives back exactly
//! what was there before. All records of a tree carry its root.

mod left;

use std::collections::{BTreeMap, BTreeSet};

use assent_kernel::joined::Beside;
use assent_kernel::{CompanyId, FactId, Person, PersonId, Timestamp};

use super::{Held, Life, add_answer, hold, json, load_own_terms, person_id, to_json};
use crate::changes;
use crate::db::Tx;
use crate::dialect::hex_list;
use crate::error::{Result, StoreError};
use crate::value::Row;

pub use left::Left;
pub(super) use left::read_beside;

/// The most records that count as one human.
pub const MOST: usize = 16;

const TREES: &str = "SELECT person, root, into_one, at, firsts FROM joined WHERE root IN \
     (SELECT root FROM joined WHERE person {ids 1}) ORDER BY at, person";
const SET: &str = "INSERT INTO joined (person, company, root, into_one, at, firsts) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (person) DO UPDATE SET root = excluded.root, into_one = excluded.into_one, at = excluded.at, \
     firsts = excluded.firsts";
const SET_ROOT: &str = "UPDATE joined SET root = $2 WHERE person = $1";
const DROP: &str = "DELETE FROM joined WHERE person = $1";
const PAGE: &str = "SELECT person, root, at FROM joined WHERE company = $1 AND into_one IS NOT NULL AND person > $2 \
     ORDER BY person LIMIT $3";
const COMPANY_OF: &str = "SELECT company FROM person WHERE id = $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] =
    &[TREES, SET, SET_ROOT, DROP, PAGE, COMPANY_OF, left::SET_MINOR, left::BESIDE, left::SET_BESIDE];

/// One record of a human who has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Which record.
    pub person: PersonId,
    /// The one it was joined into; none for the first of all.
    pub into: Option<PersonId>,
    /// Since when.
    pub at: Timestamp,
    /// The facts that were chosen to stand first.
    pub firsts: Vec<FactId>,
}

/// All records of one human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The record that the others were joined into.
    pub root: PersonId,
    /// Every record, the root too, in the order in which they were joined.
    pub members: Vec<Member>,
}

impl Group {
    /// Since when the newest of them belongs to it: whatever was said before counts for all.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.members.iter().map(|one| one.at).max().unwrap_or(Timestamp::MIN)
    }
    /// Every record.
    pub fn ids(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.members.iter().map(|one| one.person)
    }
    /// A record and those that were joined into it, directly or not.
    fn below(&self, top: PersonId) -> BTreeSet<PersonId> {
        let mut all = BTreeSet::from([top]);
        // Each round finds one more level; there are no more levels than records.
        for _ in 0..self.members.len() {
            let more = self.members.iter().filter(|one| one.into.is_some_and(|into| all.contains(&into)));
            let more: Vec<PersonId> = more.map(|one| one.person).collect();
            all.extend(more);
        }
        all
    }
}

fn member(row: &Row<'_>) -> Result<(PersonId, Member)> {
    let firsts =
        row.text_opt(4)?.map(|text| json(&text, "what stands first")).transpose()?.unwrap_or_default();
    let into = row.fixed_opt(2)?.map(PersonId::from_bytes);
    Ok((
        PersonId::from_bytes(row.fixed(1)?),
        Member { person: person_id(row)?, into, at: row.time(3)?, firsts },
    ))
}

/// The groups that these people belong to, by root.
///
/// # Errors
/// What the engine said.
pub fn groups(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<Vec<Group>> {
    let raw: Vec<[u8; 16]> = ids.iter().map(|id| id.to_bytes()).collect();
    let rows = tx.rows(TREES, &[hex_list(&raw).as_str().into()], member)?;
    let mut out: BTreeMap<PersonId, Vec<Member>> = BTreeMap::new();
    for (root, one) in rows {
        out.entry(root).or_default().push(one);
    }
    Ok(out.into_iter().map(|(root, members)| Group { root, members }).collect())
}

/// The group of one person, if there is one.
///
/// # Errors
/// What the engine said.
pub fn group(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Group>> {
    Ok(groups(tx, &[id])?.pop())
}

/// Records of a company that were joined into another, after one of them: record, root, since when.
///
/// # Errors
/// What the engine said.
pub fn page(
    tx: &mut Tx<'_>,
    company: CompanyId,
    after: PersonId,
    most: u32,
) -> Result<Vec<(PersonId, PersonId, Timestamp)>> {
    tx.rows(PAGE, &[company.into(), after.into(), i64::from(most).into()], |row| {
        Ok((person_id(row)?, PersonId::from_bytes(row.fixed(1)?), row.time(2)?))
    })
}

/// Makes people who have several records what the law sees: each narrowed by the others. What they said themselves is
/// kept beside.
pub(super) fn narrow(
    tx: &mut Tx<'_>,
    company: CompanyId,
    people: &mut BTreeMap<PersonId, Held>,
) -> Result<()> {
    let ids: Vec<PersonId> = people.keys().copied().collect();
    let groups = groups(tx, &ids)?;
    if groups.is_empty() {
        return Ok(());
    }
    let missing: Vec<PersonId> =
        groups.iter().flat_map(Group::ids).filter(|id| !people.contains_key(id)).collect();
    let mut known: BTreeMap<PersonId, Person> = BTreeMap::new();
    for (id, held) in load_own_terms(tx, company, &missing)?.0 {
        known.insert(id, held.person);
    }
    for group in groups {
        for id in group.ids() {
            if let Some(held) = people.get(&id) {
                known.insert(id, held.person.clone());
            }
        }
        for id in group.ids() {
            let Some(held) = people.get_mut(&id) else { continue };
            let own = held.person.clone();
            let others = group.ids().filter(|other| *other != id).filter_map(|other| known.get(&other));
            held.person = seen(&own, others, group.since());
            held.own = Some(Box::new(own));
            held.group = Some(group.clone());
        }
    }
    Ok(())
}

/// A record as it is decided while others count as the same human since a time. What one that was erased left beside
/// one of them counts for all.
pub fn seen<'a>(own: &Person, others: impl Iterator<Item = &'a Person>, since: Timestamp) -> Person {
    others.fold(own.clone(), |person, other| {
        let mut person = person.joined(other, since);
        if let Some(left) = other.beside.as_deref() {
            add_beside(person.beside.get_or_insert_default(), left);
        }
        person
    })
}

/// Adds what is not there yet.
fn add_beside(to: &mut Beside, more: &Beside) {
    for one in &more.residences {
        if !to.residences.contains(one) {
            to.residences.push(one.clone());
        }
    }
    for one in &more.contracts {
        if !to.contracts.contains(one) {
            to.contracts.push(one.clone());
        }
    }
}

/// Holds a person and whoever counts as the same until the commit, in one order for everybody.
pub(super) fn with_others(tx: &mut Tx<'_>, id: PersonId) -> Result<Vec<PersonId>> {
    let mut all: Vec<PersonId> =
        group(tx, id)?.iter().flat_map(|group| group.ids().collect::<Vec<_>>()).collect();
    all.push(id);
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Moves the epochs of all records that count as the same human as this one, but not its own.
pub(super) fn move_others(tx: &mut Tx<'_>, id: PersonId, at: Timestamp) -> Result<()> {
    let others = with_others(tx, id)?;
    others.into_iter().filter(|other| *other != id).try_for_each(|other| move_one(tx, other, at))
}

fn move_one(tx: &mut Tx<'_>, id: PersonId, at: Timestamp) -> Result<()> {
    tx.exec(super::MOVE_EPOCH, &[id.into(), at.into()])?;
    changes::note(tx, id)
}

/// Joins one record into another, with all that were joined into it before. Both must be held by this transaction.
///
/// # Errors
/// [`StoreError::Conflict`] when they are one already, or too many.
pub fn join(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (into, other): (PersonId, PersonId),
    firsts: &[FactId],
    at: Timestamp,
) -> Result<()> {
    let (mine, theirs) = (group(tx, into)?, group(tx, other)?);
    let root = mine.as_ref().map_or(into, |group| group.root);
    let other_root = theirs.as_ref().map_or(other, |group| group.root);
    let size = |group: &Option<Group>| group.as_ref().map_or(1, |group| group.members.len());
    if root == other_root {
        return Err(StoreError::Conflict("these records are one already".into()));
    }
    if size(&mine).saturating_add(size(&theirs)) > MOST {
        return Err(StoreError::Conflict("so many records of one human".into()));
    }
    if mine.is_none() {
        // The first of all: it was joined into nothing, and says nothing about when.
        set(tx, company, &Member { person: into, into: None, at: Timestamp::MIN, firsts: Vec::new() }, root)?;
    }
    for one in theirs.iter().flat_map(Group::ids).filter(|id| *id != other_root) {
        tx.exec(SET_ROOT, &[one.into(), root.into()])?;
    }
    let link = Member { person: other_root, into: Some(root), at, firsts: firsts.to_vec() };
    set(tx, company, &link, root)?;
    let all = with_others(tx, into)?;
    all.into_iter().try_for_each(|one| move_one(tx, one, at))
}

fn set(tx: &mut Tx<'_>, company: CompanyId, one: &Member, root: PersonId) -> Result<()> {
    let firsts = if one.firsts.is_empty() { None } else { Some(to_json(&one.firsts)?) };
    let row = [
        one.person.into(),
        company.into(),
        root.into(),
        one.into.into(),
        one.at.into(),
        firsts.as_ref().into(),
    ];
    tx.exec(SET, &row).map(|_| ())
}

/// Takes a record out of the one it was joined into; those that were joined into it go with it.
///
/// # Errors
/// [`StoreError::Moved`] when it is joined into nothing.
pub fn split(tx: &mut Tx<'_>, company: CompanyId, id: PersonId, at: Timestamp) -> Result<()> {
    let group = group(tx, id)?.ok_or(StoreError::Moved)?;
    let joined = group.members.iter().any(|one| one.person == id && one.into.is_some());
    if !joined {
        return Err(StoreError::Moved);
    }
    let leaves = group.below(id);
    let stays = group.members.len().saturating_sub(leaves.len());
    if leaves.len() == 1 {
        tx.exec(DROP, &[id.into()])?;
    } else {
        for one in &leaves {
            tx.exec(SET_ROOT, &[(*one).into(), id.into()])?;
        }
        set(tx, company, &Member { person: id, into: None, at: Timestamp::MIN, firsts: Vec::new() }, id)?;
    }
    if stays == 1 {
        tx.exec(DROP, &[group.root.into()])?;
    }
    group.ids().collect::<Vec<_>>().into_iter().try_for_each(|one| move_one(tx, one, at))
}

/// A record goes for good: what it closed for the others stays closed, as if each had said it itself. The records that
/// were joined into it stay with the rest.
///
/// # Errors
/// What the engine said.
pub fn leave(tx: &mut Tx<'_>, id: PersonId, at: Timestamp) -> Result<()> {
    let Some(group) = group(tx, id)? else { return Ok(()) };
    let Some(company) = company_of(tx, id)? else { return Ok(()) };
    let others: Vec<PersonId> = group.ids().filter(|other| *other != id).collect();
    let all: Vec<PersonId> = group.ids().collect();
    hold(tx, &all)?;
    let (mut own, _) = load_own_terms(tx, company, &all)?;
    if let Some(gone) = own.remove(&id) {
        for other in &others {
            let Some(held) = own.get(other).filter(|held| held.life == Life::Active) else { continue };
            let left = Left::of(&gone.person, &held.person, group.since());
            for answer in &left.answers {
                match add_answer(tx, *other, answer) {
                    Err(StoreError::Conflict(_)) => {}
                    done => done?,
                }
            }
            left.write_rest(tx, *other)?;
        }
    }
    tx.exec(DROP, &[id.into()])?;
    if let [last] = others.as_slice() {
        tx.exec(DROP, &[(*last).into()])?;
    } else {
        re_root(tx, company, &group, id, &others)?;
    }
    others.into_iter().try_for_each(|one| move_one(tx, one, at))
}

fn company_of(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<CompanyId>> {
    tx.first(COMPANY_OF, &[id.into()], |row| row.fixed(0).map(CompanyId::from_bytes))
}

/// Whoever hung on a record that goes hangs on its own upper one; without any, the first of them becomes the root.
fn re_root(
    tx: &mut Tx<'_>,
    company: CompanyId,
    group: &Group,
    gone: PersonId,
    others: &[PersonId],
) -> Result<()> {
    let upper = group.members.iter().find(|one| one.person == gone).and_then(|one| one.into);
    let Some(root) = upper.map(|_| group.root).or_else(|| others.first().copied()) else { return Ok(()) };
    for one in group.members.iter().filter(|one| one.person != gone) {
        let into = if one.person == root {
            None
        } else if one.into == Some(gone) {
            upper.or(Some(root))
        } else {
            one.into
        };
        set(tx, company, &Member { into, ..one.clone() }, root)?;
    }
    Ok(())
}
