//! Undoing a whole import: everybody who came with it is erased, but those who have acted for themselves since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use assent_kernel::grant::{Evidence, Said};
use assent_kernel::ledger::Kind;
use assent_kernel::{Asker, CompanyId, ImportId, PersonId, Timestamp};
use assent_store::home::Listed;
use assent_store::keyring::{self, Erasure};
use assent_store::ledger::Line;
use assent_store::people::joined::{self, Group};
use assent_store::people::{self, Footing, Life};
use assent_store::told::{self, Telling};
use assent_store::{StoreError, Tx, events, home, ledger};

use crate::ask::look_in;
use crate::draft;
use crate::error::{GateError, Result};
use crate::integrate;
use crate::keys::PersonKey;
use crate::region::RegionStore;
use crate::start::Gate;
use crate::whose::Whose;

/// A person and the epoch they were seen in.
type Seen = (PersonId, u64);

/// People that are erased in one commit.
const AT_ONCE: u32 = 500;
/// So often it is begun anew when something of them is used meanwhile.
const MOST_TRIES: usize = 16;

impl Gate {
    /// Erases people who came with an import, up to 500 at a time. Tells how many were erased and how many stay
    /// because they have acted for themselves, or are not among those who are meant; call again until both are 0.
    ///
    /// # Errors
    /// What the stores said; what is done stays done, and the rest can be done later.
    pub async fn undo_import(
        &self,
        whose: &Whose,
        import: ImportId,
        asker: Asker,
        at: Timestamp,
    ) -> Result<(usize, usize)> {
        let company = whose.company();
        let listed = self.0.home.read(move |tx| home::of_import(tx, company, import, AT_ONCE)).await?;
        let (mut erased, mut stay) = (0, 0);
        for store in self.0.regions.values() {
            let (here, far): (Vec<&Listed>, Vec<&Listed>) = listed
                .iter()
                .filter(|one| one.region == store.region)
                .partition(|one| whose.reach().has(one.owner));
            if here.is_empty() && far.is_empty() {
                continue;
            }
            let here = here.iter().map(|one| one.person).collect();
            let (go, mut keep) = self.sort(store, company, here, at).await?;
            keep.extend(far.iter().map(|one| one.person));
            stay += keep.len();
            self.home().write(move |tx| keep.iter().try_for_each(|id| home::leave_import(tx, *id))).await?;
            erased += self.erase_batch(store, company, go, asker, store.steady(at)?).await?;
        }
        Ok((erased, stay))
    }

    /// Who has not acted for themselves, with the epoch they were seen in; and who has, or of whom a law keeps something.
    async fn sort(
        &self,
        store: &RegionStore,
        company: CompanyId,
        ids: Vec<PersonId>,
        at: Timestamp,
    ) -> Result<(Vec<Seen>, Vec<PersonId>)> {
        let wanted = ids.clone();
        let people = store.data.read(move |tx| people::load(tx, company, &wanted)).await?;
        let acted = |id: &PersonId| {
            people.get(id).is_some_and(|held| {
                // What another record of the same human said is no act of this one.
                let own = held.own.as_deref().unwrap_or(&held.person);
                own.answers.values().any(|answer| match &answer.said {
                    Said::Yes(grant) => grant.evidence != Evidence::Imported,
                    Said::No | Said::NoLonger => true,
                }) || !own.restrictions.is_empty()
                    // An objection that came with the file is not younger than the person's row.
                    || own.objections.iter().any(|objection| objection.at > held.created_at)
                    || own.facts.values().any(|fact| fact.anchors.iter().any(|a| at < a.until))
            })
        };
        let (go, stay): (Vec<PersonId>, Vec<PersonId>) = ids.into_iter().partition(|id| !acted(id));
        let seen = |id: PersonId| (id, people.get(&id).map_or(0, |held| held.person.epoch));
        Ok((go.into_iter().map(seen).collect(), stay))
    }

    /// Whom each erasure has to be told to. Nobody gets a link by which to see what became of it: who came with the import
    /// has never been here themselves. Of whom a line does not read any more, it is not known, and they are erased all the
    /// same: it would read at no later time either.
    async fn tellings_of(
        &self,
        store: &RegionStore,
        company: CompanyId,
        seen: &[Seen],
        at: Timestamp,
    ) -> Result<BTreeMap<PersonId, Vec<Telling>>> {
        let policy = self.policy(company).await?;
        let mut out = BTreeMap::new();
        for dossier in look_in(store, company, seen.iter().map(|(id, _)| *id).collect()).await? {
            match self.tellings(&dossier, &policy.policy, &BTreeSet::new(), at).await {
                Ok((_, tellings)) => {
                    out.insert(dossier.id(), tellings);
                }
                Err(error @ GateError::Unreadable) => {
                    tracing::warn!(%error, "who received something of somebody in an import that is undone is not known");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(out)
    }

    async fn erase_batch(
        &self,
        store: &RegionStore,
        company: CompanyId,
        seen: Vec<Seen>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<usize> {
        if seen.is_empty() {
            return Ok(0);
        }
        for _ in 0..MOST_TRIES {
            if let Some(count) = self.erase_batch_as_seen(store, company, seen.clone(), asker, at).await? {
                return Ok(count);
            }
        }
        Err(GateError::Busy)
    }

    /// One try; nothing when something of them was used since it was looked who received what.
    async fn erase_batch_as_seen(
        &self,
        store: &RegionStore,
        company: CompanyId,
        seen: Vec<Seen>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<Option<usize>> {
        let standing = self.policy(company).await?;
        let log = store.log(&self.company(company).await?.code);
        let mut draft = draft::of_act(Kind::Erase, None, &store.region, standing.digest, asker, at);
        draft.detail.outcome = "IMPORT_UNDONE".into();
        draft.detail.note = format!("{} people", seen.len());
        let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
        let leaf = draft.line(&system, 0)?.leaf;
        let ids: Vec<PersonId> = seen.iter().map(|(id, _)| *id).collect();
        let terms = store.data.read(move |tx| people::load_terms(tx, company, &ids)).await?;
        for held in terms.values() {
            if let Some((own, group)) = held.own.as_ref().zip(held.group.as_ref()) {
                self.register_left(store, own, group, at).await?;
            }
        }
        let ids: Vec<PersonId> = seen.iter().map(|(id, _)| *id).collect();
        let before = store.data.write(move |tx| people::hold(tx, &ids)).await?;
        // What waits for an index is looked through for each of them: nothing should.
        integrate::gather(store, &log).await?;
        let tellings = self.tellings_of(store, company, &seen, at).await?;
        let begun = store
            .data
            .write(move |tx: &mut Tx<'_>| -> std::result::Result<Vec<PersonId>, StoreError> {
                let ids: Vec<PersonId> = seen.iter().map(|(id, _)| *id).collect();
                // With whoever counts as the same human: all of them at once, in the order in which everybody takes them.
                let groups = joined::groups(tx, &ids)?;
                let all: BTreeSet<PersonId> =
                    groups.iter().flat_map(Group::ids).chain(ids.iter().copied()).collect();
                let now = people::hold(tx, &all.into_iter().collect::<Vec<_>>())?;
                // Who moved since they were seen has acted for themselves, and is looked at again.
                let still = |(id, epoch): &&Seen| {
                    now.get(id).is_none_or(|now| now.epoch == *epoch || now.life != Life::Active)
                };
                let go: Vec<PersonId> = seen.iter().filter(still).map(|(id, _)| *id).collect();
                // Whom a use reached meanwhile has to be told.
                let seq = |held: &HashMap<PersonId, Footing>, id| held.get(id).map(|held| held.seq);
                if go.iter().any(|id| now.contains_key(id) && seq(&now, id) != seq(&before, id)) {
                    return Err(StoreError::Moved);
                }
                integrate::absorb_all(tx)?;
                for id in &go {
                    people::drop_all(tx, *id, at)?;
                    people::set_life(tx, *id, Life::Erasing)?;
                    events::add(tx, company, events::Kind::PersonErased, *id, at)?;
                }
                // Whoever was erased by somebody else meanwhile was told of with that.
                let ours = |(id, epoch): &&Seen| {
                    now.get(id).is_some_and(|now| now.epoch == *epoch && now.life == Life::Active)
                };
                for (id, _) in seen.iter().filter(ours) {
                    tellings.get(id).into_iter().flatten().try_for_each(|one| told::add(tx, one))?;
                }
                ledger::queue(tx, &log, at, &[Line::system(leaf)])?;
                Ok(go)
            })
            .await;
        let ids = match begun {
            Err(StoreError::Moved) => return Ok(None),
            other => other?,
        };
        let count = ids.len();
        store.appended.notify_one();
        let (people, region) = (ids.clone(), store.region.clone());
        let destroy = move |tx: &mut Tx<'_>| {
            people.iter().try_for_each(|person| {
                keyring::drop_person_key(tx, *person)?;
                keyring::add_erasure(tx, &Erasure { person: *person, company, region: region.clone(), at })
            })
        };
        store.keys.db().write(destroy).await?;
        self.finish_all(store, company, ids, at, false).await?;
        Ok(Some(count))
    }
}
