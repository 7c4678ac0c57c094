//! Several records of one human. Joining them only narrows: each keeps its key, its facts and its terms, nothing is
//! sealed anew, and a link says that they count as one. Taking the link away gives back what was.
//!
//! What a record is decided on is read where it is loaded (`store/people/joined`), so no use, no count and no other
//! node can miss it.

use std::collections::{BTreeMap, HashMap, HashSet};

use assent_kernel::grant::RestrictionGround;
use assent_kernel::ledger::Kind;
use assent_kernel::{Asker, CompanyId, FactId, Person, PersonId, Timestamp, TreeKey};
use assent_store::people::joined::{Group, Left};
use assent_store::people::{self, joined};
use assent_store::{StoreError, home, keyring};

use crate::ask::look_in;
use crate::draft::{self, Draft};
use crate::erase::Certificate;
use crate::error::{GateError, Result};
use crate::find::{Blind, same, tokens};
use crate::held::Dossier;
use crate::keep::plain;
use crate::permit::Recorded;
use crate::record::{Wish, wish_place, write_line};
use crate::region::RegionStore;
use crate::seal::seal;
use crate::start::Gate;
use crate::whose::Whose;

/// How often a join is tried again because terms moved meanwhile.
const MOST_TRIES: usize = 8;
/// The most people with one address that are told of.
const MOST_ALIKE: u32 = 20;

/// Two records before they are joined, and how each would be decided after.
#[derive(Debug)]
pub struct Joining {
    /// The record that the other is joined into, with all that were joined into it before; it comes first.
    pub into: Vec<Dossier>,
    /// The other, likewise.
    pub other: Vec<Dossier>,
    /// How each record of both would be decided.
    pub after: BTreeMap<PersonId, Person>,
}

impl Joining {
    /// Every record of both.
    pub fn all(&self) -> impl Iterator<Item = &Dossier> {
        self.into.iter().chain(&self.other)
    }
}

/// People who share an address or a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// Where to go on.
    pub mark: i64,
    /// Who: one record of each, two at least.
    pub people: Vec<PersonId>,
}

impl Gate {
    /// All records of each of these people, the one that stands for all first. Who is asked for by several of their
    /// records comes once.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn look_whole(&self, whose: &Whose, ids: &[PersonId]) -> Result<Vec<Vec<Dossier>>> {
        let found = self.look(whose, ids).await?;
        // Whoever reaches one of a human's records reaches the human.
        let others = self.look(&Whose::everybody(whose.company()), &more_of(&found)).await?;
        Ok(whole(found, others))
    }

    /// The same, with those who were deleted and are not erased yet.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn look_whole_even_deleted(
        &self,
        whose: &Whose,
        ids: &[PersonId],
    ) -> Result<Vec<Vec<Dossier>>> {
        let found = self.look_even_deleted(whose, ids).await?;
        let others = self.look_even_deleted(&Whose::everybody(whose.company()), &more_of(&found)).await?;
        Ok(whole(found, others))
    }

    /// All records of one person.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when there is nobody by that id in this company, or nobody within reach.
    pub async fn look_all(&self, whose: &Whose, id: PersonId) -> Result<Vec<Dossier>> {
        self.look_whole(whose, &[id]).await?.pop().ok_or(GateError::NoPerson)
    }

    /// One record as the person whose address leads to it may know it: what it said itself and nothing of others that
    /// a company takes for the same human. It is decided on like any other.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when there is nobody by that id in this company.
    pub async fn look_own(&self, company: CompanyId, id: PersonId) -> Result<Dossier> {
        Ok(Dossier { alone: true, ..self.look_any(company, id).await? })
    }

    /// Two records as they would be decided if they were joined now. Nothing is recorded.
    ///
    /// # Errors
    /// [`GateError::Input`] with the reason why they cannot be joined; [`GateError::NoPerson`].
    pub async fn foresee_join(
        &self,
        whose: &Whose,
        into: PersonId,
        other: PersonId,
        at: Timestamp,
    ) -> Result<Joining> {
        let (into, other) = (self.look_all(whose, into).await?, self.look_all(whose, other).await?);
        may_join(&into, &other)?;
        let own: Vec<&Person> = into.iter().chain(&other).map(Dossier::own).collect();
        let narrowed = |one: &&Person| {
            let others = own.iter().copied().filter(|other| other.id != one.id);
            (one.id, joined::seen(one, others, at))
        };
        let after = own.iter().map(narrowed).collect();
        Ok(Joining { into, other, after })
    }

    /// Joins one record into another: from now on both are decided on what both said, and stand for one human. The
    /// facts named come first where both tell something else.
    ///
    /// # Errors
    /// [`GateError::Input`] with the reason why they cannot be joined; [`GateError::NoPerson`]; what the stores said.
    pub async fn join(
        &self,
        whose: &Whose,
        (into, other): (PersonId, PersonId),
        firsts: Vec<FactId>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<Recorded> {
        let company = whose.company;
        for _ in 0..MOST_TRIES {
            let joining = self.foresee_join(whose, into, other, at).await?;
            let (into, other) = (head(&joining.into)?.id(), head(&joining.other)?.id());
            let known = |id: &FactId| joining.all().any(|one| one.fact(*id).is_some());
            let firsts: Vec<FactId> = firsts.iter().copied().filter(known).take(100).collect();
            let records: Vec<&Dossier> = joining.all().collect();
            self.register_join(head(&joining.other)?, into, at).await?;
            let change = move |tx: &mut assent_store::Tx<'_>, at| {
                joined::join(tx, company, (into, other), &firsts, at)
            };
            if let Some(recorded) = self.relink(&records, "JOINED", asker, at, change).await? {
                return Ok(recorded);
            }
        }
        Err(GateError::Busy)
    }

    /// Joining narrows, so it goes into the register of wishes first: no restored copy of the data forgets it. Taking
    /// apart is not registered: after a restore records are joined again, never the other way.
    async fn register_join(&self, other: &Dossier, into: PersonId, at: Timestamp) -> Result<()> {
        let (person, company) = (other.id(), other.person.company);
        let sealed = sealed_wish(other, &Wish::Joined { into, company, at }, at)?;
        let store = self.region(&other.region)?;
        Ok(store.keys.db().write(move |tx| keyring::add_wish(tx, person, company, at, &sealed)).await?)
    }

    /// What a record that is about to be erased leaves to the others goes into the register of wishes under their keys:
    /// its own part of the register goes with its key. So does that the others belong together.
    pub(crate) async fn register_left(
        &self,
        store: &RegionStore,
        gone: &Person,
        group: &Group,
        at: Timestamp,
    ) -> Result<()> {
        let (company, since) = (gone.company, group.since());
        let others: Vec<PersonId> = group.ids().filter(|id| *id != gone.id).collect();
        let Some(into) = others.first().copied() else { return Ok(()) };
        let mut lines = Vec::new();
        for other in look_in(store, company, others).await? {
            let left = Left::of(gone, other.own(), since);
            let left = (left != Left::default()).then(|| Wish::Left(Box::new(left)));
            let link = (other.id() != into).then_some(Wish::Joined { into, company, at: since });
            for wish in left.into_iter().chain(link) {
                lines.push((other.id(), sealed_wish(&other, &wish, at)?));
            }
        }
        let add = move |tx: &mut assent_store::Tx<'_>| {
            lines.iter().try_for_each(|(id, sealed)| keyring::add_wish(tx, *id, company, at, sealed))
        };
        Ok(store.keys.db().write(add).await?)
    }

    /// Takes a record out of the one it was joined into: both are again what they were.
    ///
    /// # Errors
    /// [`GateError::Input`] when it is joined into nothing; [`GateError::NoPerson`]; what the stores said.
    pub async fn split(&self, whose: &Whose, id: PersonId, asker: Asker, at: Timestamp) -> Result<Recorded> {
        let company = whose.company;
        for _ in 0..MOST_TRIES {
            let all = self.look_all(whose, id).await?;
            let joined_in = |one: &Dossier| one.id() == id && one.stands_for() != id;
            if !all.iter().any(joined_in) {
                return Err(GateError::Input("this record is joined into no other".into()));
            }
            let records: Vec<&Dossier> = all.iter().collect();
            let change = move |tx: &mut assent_store::Tx<'_>, _| joined::split(tx, company, id, at);
            if let Some(recorded) = self.relink(&records, "SPLIT", asker, at, change).await? {
                return Ok(recorded);
            }
        }
        Err(GateError::Busy)
    }

    /// Changes the links of records in one transaction, with a line in the ledger for each; nothing when they moved
    /// meanwhile.
    async fn relink(
        &self,
        records: &[&Dossier],
        outcome: &str,
        asker: Asker,
        at: Timestamp,
        change: impl FnOnce(&mut assent_store::Tx<'_>, Timestamp) -> std::result::Result<(), StoreError>
        + Send
        + 'static,
    ) -> Result<Option<Recorded>> {
        let Some(first) = records.first() else { return Err(GateError::NoPerson) };
        let (company, region) = (first.person.company, first.region.clone());
        let store = self.region(&region)?;
        let at = store.steady(at)?;
        let standing = self.policy_in(store, company).await?;
        let mut lines: Vec<(PersonId, u64, crate::keys::PersonKey, Draft)> =
            Vec::with_capacity(records.len());
        for one in records {
            let mut draft = draft::of_act(Kind::TermsSet, None, &region, standing.digest, asker, at);
            draft.detail.outcome = outcome.to_owned();
            lines.push((one.id(), one.person.epoch, one.key.clone(), draft));
        }
        lines.sort_by_key(|(id, ..)| *id);
        let ids: Vec<PersonId> = lines.iter().map(|(id, ..)| *id).collect();
        let told = first.id();
        let (log, policy) = (store.log(&self.company(company).await?.code), standing.policy.version);
        let written = store.data.write(move |tx| {
            if people::hold_policy_version(tx, company)? != policy {
                return Err(StoreError::Moved);
            }
            let ids: Vec<PersonId> = lines.iter().map(|(id, ..)| *id).collect();
            people::hold(tx, &ids)?;
            for (id, epoch, ..) in &lines {
                people::hold_at(tx, *id, *epoch)?;
            }
            change(tx, at)?;
            let mut recorded = None;
            for (id, _, key, draft) in &lines {
                let line = write_line(tx, *id, key, draft, &log, at)?;
                if *id == told {
                    recorded = Some(line);
                }
            }
            recorded.ok_or(StoreError::Moved)
        });
        let recorded = match written.await {
            Err(StoreError::Moved) => return Ok(None),
            Err(StoreError::Conflict(what)) => return Err(GateError::Input(what)),
            other => other?,
        };
        store.appended.notify_one();
        store.raise(at);
        self.take_in(company, &region, ids, at).await;
        Ok(Some(recorded))
    }

    /// Erases every record of a person; a certificate for each.
    ///
    /// # Errors
    /// As [`Gate::erase`]; what was erased before it stays erased, and asking again goes on.
    pub async fn erase_all(
        &self,
        whose: &Whose,
        id: PersonId,
        asker: Asker,
        never_write: bool,
        at: Timestamp,
    ) -> Result<Vec<Certificate>> {
        let whole = self.look_whole_even_deleted(whose, &[id]).await?.pop().ok_or(GateError::NoPerson)?;
        let mut all: Vec<PersonId> = whole.iter().map(Dossier::id).collect();
        // The one that was asked for last: as long as it is there, asking again finds the rest.
        all.sort_by_key(|one| *one == id);
        let mut out = Vec::with_capacity(all.len());
        for one in all {
            out.push(self.erase(whose.company, one, asker, never_write, at).await?);
        }
        Ok(out)
    }

    /// Others within reach who have an address, a number or an identifier of this person: one record of each. Only ids; whether
    /// whoever asks may know of them is a question of its own.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn alike(&self, whose: &Whose, records: &[Dossier]) -> Result<Vec<PersonId>> {
        let company = whose.company;
        let key = self.blind_key(company).await?;
        let mut wanted: Vec<Blind> = Vec::new();
        for dossier in records {
            for held in dossier.facts().filter(|held| same(held.category().as_str())) {
                wanted.extend(tokens(&key, held.category(), &plain(dossier, held)?));
            }
        }
        wanted.retain(|blind| blind.is_exact());
        wanted.sort_unstable();
        wanted.dedup();
        let read = move |tx: &mut assent_store::Tx<'_>| {
            let each = wanted.iter().map(|blind| home::by_tokens(tx, company, &[blind.0], None, MOST_ALIKE));
            each.collect::<std::result::Result<Vec<_>, _>>().map(|all| all.concat())
        };
        let mut found = self.0.home.read(read).await?;
        found.sort_unstable();
        found.dedup();
        found.retain(|id| records.iter().all(|one| one.id() != *id));
        let whole = self.look_whole(whose, &found).await?;
        Ok(whole.iter().filter_map(|all| all.first()).map(Dossier::id).collect())
    }

    /// People of a company who share an address, a number or an identifier and are not joined, after a mark.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn doubles(&self, whose: &Whose, after: Option<i64>, most: u32) -> Result<Vec<Alike>> {
        let company = whose.company;
        let shared = self
            .0
            .home
            .read(move |tx| {
                let marks = home::shared_tokens(tx, company, after.unwrap_or(i64::MIN), most)?;
                let each = marks
                    .into_iter()
                    .map(|mark| Ok((mark, home::by_tokens(tx, company, &[mark], None, MOST_ALIKE)?)));
                each.collect::<std::result::Result<Vec<_>, StoreError>>()
            })
            .await?;
        let mut out = Vec::with_capacity(shared.len());
        for (mark, ids) in shared {
            let whole = self.look_whole(whose, &ids).await?;
            let people: Vec<PersonId> = whole.iter().filter_map(|all| all.first()).map(Dossier::id).collect();
            out.push(Alike { mark, people });
        }
        Ok(out)
    }
}

/// A line of the register of wishes for a record.
fn sealed_wish(of: &Dossier, wish: &Wish, at: Timestamp) -> Result<Vec<u8>> {
    let body = serde_json::to_vec(wish).map_err(|_| GateError::Input("the wish cannot be written".into()))?;
    seal(of.key.detail().bytes(), &wish_place(of.id(), at), &body)
}

/// Records of the same people that are not among those that were looked up.
fn more_of(found: &[Dossier]) -> Vec<PersonId> {
    let here: HashSet<PersonId> = found.iter().map(Dossier::id).collect();
    let all = found.iter().flat_map(Dossier::records);
    all.filter(|id| !here.contains(id)).collect::<HashSet<_>>().into_iter().collect()
}

/// All records of each, the one that stands for all first.
fn whole(found: Vec<Dossier>, others: Vec<Dossier>) -> Vec<Vec<Dossier>> {
    let order: Vec<(PersonId, Vec<PersonId>)> =
        found.iter().map(|one| (one.stands_for(), one.records())).collect();
    let mut by_id: HashMap<PersonId, Dossier> =
        found.into_iter().chain(others).map(|one| (one.id(), one)).collect();
    let mut done = HashSet::new();
    let mut out = Vec::with_capacity(order.len());
    for (root, records) in order.into_iter().filter(|(root, _)| done.insert(*root)) {
        let mut all: Vec<Dossier> = records.iter().filter_map(|id| by_id.remove(id)).collect();
        all.sort_by_key(|one| one.id() != root);
        if !all.is_empty() {
            out.push(all);
        }
    }
    out
}

fn head(records: &[Dossier]) -> Result<&Dossier> {
    records.first().ok_or(GateError::NoPerson)
}

/// Why two records cannot be joined, if they cannot.
fn may_join(into: &[Dossier], other: &[Dossier]) -> Result<()> {
    let input = |what: &str| Err(GateError::Input(what.to_owned()));
    let (first, second) = (head(into)?, head(other)?);
    if first.id() == second.id() {
        return input("these records are one already");
    }
    if first.region != second.region {
        return input("these records are kept in two regions; a link between them would belong to neither");
    }
    let retained = |one: &Dossier| {
        one.own().restrictions.iter().any(|stop| stop.ground == RestrictionGround::RetainOnly)
    };
    if into.iter().chain(other).any(retained) {
        return input("one of them was erased, and only what a law demands is left");
    }
    if into.len().saturating_add(other.len()) > joined::MOST {
        return input("so many records of one human");
    }
    Ok(())
}
