//! Erasing: the person's key is destroyed, and with it every fact, commitment and backup. What a law demands is kept
//! under a new key, restricted to that law, and named in the certificate.

use assent_kernel::grant::{Restricted, Restriction, RestrictionGround};
use assent_kernel::ledger::{Kind, Opening, Receipt};
use assent_kernel::mandate::Effect;
use assent_kernel::{Asker, CompanyId, Mandate, PersonId, Policy, Span, Timestamp};
use assent_store::keyring::Erasure;
use assent_store::ledger::Line;
use assent_store::people::{self, Life};
use assent_store::{StoreError, Tx, access, connected, events, factors, home, ledger, own_keys, told, work};

use crate::draft;
use crate::error::{GateError, Result};
use crate::held::{Dossier, Held};
use crate::integrate;
use crate::keep::plain;
use crate::keys::{Digest, Keeps, PersonKey};
use crate::permit::place;
use crate::region::RegionStore;
use crate::seal::seal;
use crate::start::Gate;
use crate::sweep::next_look;
use crate::uses::{Which, receipt_of};

/// Something that is kept after an erasure, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What kind of fact.
    pub category: String,
    /// The mandate that demands it.
    pub mandate: String,
    /// The text it stands on.
    pub cite: String,
    /// Until when.
    pub until: Timestamp,
}

/// What an erasure did.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// When.
    pub at: Timestamp,
    /// How many facts are gone.
    pub erased: usize,
    /// What is kept, and why.
    pub kept: Vec<Kept>,
    /// From when on no copy of the keyring can bring anything back; nothing while the last copies still wait to go, because
    /// somebody reads the keyring at this moment. They go by themselves then.
    pub unrecoverable_from: Option<Timestamp>,
    /// The receipt of the entry, which the person keeps.
    pub receipt: String,
    /// Where the person sees who received something and whether they were told; nothing when nobody did.
    pub told: Option<[u8; 32]>,
}

/// How often an erasure looks again because the person's terms moved.
const MOST_TRIES: usize = 8;

/// Copies of the keyring are kept no longer than this.
const KEYRING_COPIES: Span = Span::days(30);

struct Retained {
    held: Held<String>,
    sealed: Vec<u8>,
    kept: Kept,
}

impl Gate {
    /// Erases a person. With `never_write`, their addresses stay suppressed by a keyed token.
    ///
    /// # Errors
    /// [`GateError::NoPerson`]; what the stores said. An erasure that was recorded is finished at the next start even
    /// if this process ends half way.
    pub async fn erase(
        &self,
        company: CompanyId,
        person: PersonId,
        asker: Asker,
        never_write: bool,
        at: Timestamp,
    ) -> Result<Certificate> {
        for _ in 0..MOST_TRIES {
            let dossier = self.look_any(company, person).await?;
            if let Some(done) = self.erase_as_seen(&dossier, asker, never_write, at).await? {
                return Ok(done);
            }
        }
        Err(GateError::Busy)
    }

    /// One try; nothing when the person's terms or facts moved since they were looked up.
    async fn erase_as_seen(
        &self,
        dossier: &Dossier,
        asker: Asker,
        never_write: bool,
        at: Timestamp,
    ) -> Result<Option<Certificate>> {
        let (company, person, epoch) = (dossier.person.company, dossier.person.id, dossier.person.epoch);
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        // What a law keeps is decided under the policy that is in force here.
        let standing = self.policy_in(store, company).await?;
        let policy = standing.policy.version;
        let log = store.log(&self.company(company).await?.code);
        if never_write {
            self.suppress(dossier, at).await?;
        }
        let (retained, next) = self.retain(store, dossier, &standing.policy, at).await?;
        let look_at = next_look(&standing.policy, retained.iter().map(|one| &one.held.fact), at);
        let kept: Vec<Kept> = retained.iter().map(|one| one.kept.clone()).collect();
        let erased = dossier.facts.len().saturating_sub(kept.len());
        let mut draft = draft::of_act(Kind::Erase, None, &dossier.region, standing.digest, asker, at);
        draft.detail.outcome = "ERASED".into();
        draft.detail.note = format!("{erased} facts erased, {} kept", kept.len());
        draft.detail.warrant = kept
            .iter()
            .map(|one| one.mandate.as_str())
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(700)
            .collect();
        let system = PersonKey::of_system(store.keys.named(&format!("system/{log}")).await?);
        let line = draft.line(&system, 0)?;
        let (leaf, name) = (line.leaf.clone(), log.clone());
        let mark = dossier.mark();
        // Before it is read who received what: a use recorded meanwhile has a newer number.
        let held = store.data.write(move |tx| Ok(people::hold_at(tx, person, epoch)?.seq)).await;
        let seq = match held {
            Err(StoreError::Moved) => return Ok(None),
            other => other?,
        };
        integrate::gather(store, &name).await?;
        // Afterwards nobody can read who received what.
        let stay = retained.iter().map(|one| one.held.id()).collect();
        let (told, tellings) = self.tellings(dossier, &standing.policy, &stay, at).await?;
        if let Some(group) = &dossier.group {
            self.register_left(store, dossier.own(), group, at).await?;
        }
        let begun = store.data.write(move |tx| {
            if people::hold_policy_version(tx, company)? != policy {
                return Err(StoreError::Moved);
            }
            // A fact that came in or changed meanwhile may be one that a law keeps; whom a use reached meanwhile has to be told.
            if people::hold_at(tx, person, epoch)?.seq != seq || people::fact_mark(tx, person)? != mark {
                return Err(StoreError::Moved);
            }
            people::sweep::set(tx, person, look_at)?;
            events::add(tx, company, events::Kind::PersonErased, person, at)?;
            people::set_next_key(tx, person, next.as_ref())?;
            tellings.iter().try_for_each(|one| told::add(tx, one))?;
            if retained.is_empty() {
                told::over(tx, company, person, at)?;
            }
            begin(tx, person, &retained, &leaf, &name, at)
        });
        let queued = match begun.await {
            Err(StoreError::Moved) => return Ok(None),
            other => other?,
        };
        store.appended.notify_one();
        // The entry is durable and nothing takes it back: what cannot be done now is done later, and no certificate is lost.
        let finished = self.finish(store, company, person, at, !kept.is_empty()).await;
        if let Err(error) = &finished {
            tracing::warn!(%error, "an erasure waits to be finished");
        }
        let unrecoverable_from = finished.is_ok().then(|| at.plus(KEYRING_COPIES));
        let receipt = self.system_receipt(store, &log, queued, &system, &line.opening, at).await?;
        Ok(Some(Certificate { at, erased, kept, unrecoverable_from, receipt, told }))
    }

    /// Facts that a live Require mandate holds, sealed anew under the person's next key.
    async fn retain(
        &self,
        store: &RegionStore,
        dossier: &Dossier,
        policy: &Policy,
        at: Timestamp,
    ) -> Result<(Vec<Retained>, Option<Digest>)> {
        let holding = |held: &Held<String>| {
            let live = held.fact.anchors.iter().filter(|anchor| at < anchor.until);
            live.filter_map(|anchor| Some((policy.mandates.get(&anchor.mandate)?, anchor.until)))
                .filter(|(mandate, _)| mandate.effect == Effect::Require && mandate.in_force(at))
                .max_by_key(|(_, until)| *until)
        };
        let held: Vec<_> = dossier.facts().filter_map(|held| Some((held, holding(held)?))).collect();
        if held.is_empty() {
            return Ok((Vec::new(), None));
        }
        let (next, digest) = store.keys.make_next(dossier.person.id).await?;
        let sealed = held.into_iter();
        let sealed = sealed.map(|(held, (mandate, until))| retained(dossier, held, mandate, until, &next));
        Ok((sealed.collect::<Result<_>>()?, Some(digest)))
    }

    /// The second half of an erasure: the key, the directory, the last mark. Every part can be done twice.
    pub(crate) async fn finish(
        &self,
        store: &RegionStore,
        company: CompanyId,
        person: PersonId,
        at: Timestamp,
        keeps: bool,
    ) -> Result<()> {
        let next = store.data.read(move |tx| people::next_key(tx, person)).await?;
        let under = match next {
            Some(digest) if keeps => Keeps::Under(digest),
            None if keeps => return Err(GateError::Sealed("a key set aside is not known".into())),
            Some(_) | None => Keeps::Nothing,
        };
        store.keys.destroy(Erasure { person, company, region: store.region.clone(), at }, under).await?;
        self.finish_all(store, company, vec![person], at, keeps).await
    }

    /// What is left to do once the keys of people are destroyed.
    pub(crate) async fn finish_all(
        &self,
        store: &RegionStore,
        company: CompanyId,
        people: Vec<PersonId>,
        at: Timestamp,
        keeps: bool,
    ) -> Result<()> {
        self.forget_elsewhere(company, &people, keeps).await?;
        // Not done while the old key can still be read in the keyring's log: then it is finished later.
        if !store.keys.db().truncate_log().await? {
            return Err(GateError::Store(StoreError::Unavailable("somebody still reads the keyring".into())));
        }
        let life = if keeps { Life::Active } else { Life::Erased };
        let ids = people.clone();
        let mark = move |tx: &mut Tx<'_>| ids.iter().try_for_each(|id| people::set_life(tx, *id, life));
        store.data.write(mark).await?;
        self.take_in(company, &store.region, people, at).await;
        // What lies in these is noise without the key, so they may wait for whoever still reads.
        store.data.truncate_log().await?;
        self.0.home.truncate_log().await?;
        Ok(())
    }

    /// What lies about erased people outside of their region's store goes. Done twice, it is done once.
    pub(crate) async fn forget_elsewhere(
        &self,
        company: CompanyId,
        people: &[PersonId],
        keeps: bool,
    ) -> Result<()> {
        let ids = people.to_vec();
        let leave = move |tx: &mut Tx<'_>| ids.iter().try_for_each(|id| leave_home(tx, *id, keeps));
        self.0.home.write(leave).await?;
        // Work about them lies in the company's region, which may be another than theirs.
        let work = self.region(&self.company(company).await?.region.clone())?;
        let ids = people.to_vec();
        let forget =
            move |tx: &mut Tx<'_>| ids.iter().try_for_each(|id| work::forget_person(tx, company, *id));
        Ok(work.data.write(forget).await?)
    }

    /// Finishes erasures that were recorded but broken off: by the end of a process, or by a store that did not answer.
    /// One that cannot be finished now holds up no other.
    ///
    /// # Errors
    /// What the stores said about the first that could not be finished; it is tried again at the next call.
    pub async fn finish_erasures(&self, at: Timestamp) -> Result<()> {
        let mut first = Ok(());
        for store in self.0.regions.values() {
            let at = match store.steady(at) {
                Ok(at) => at,
                Err(error) => {
                    first = first.and(Err(error));
                    continue;
                }
            };
            let mut last = PersonId::from_bytes([0; 16]);
            loop {
                let after = last;
                let open = store.data.read(move |tx| people::unfinished(tx, after)).await?;
                let Some((_, newest)) = open.last() else { break };
                last = *newest;
                for (company, person) in open {
                    first = first.and(self.finish_one(store, company, person, at).await);
                }
            }
        }
        first
    }

    async fn finish_one(
        &self,
        store: &RegionStore,
        company: CompanyId,
        person: PersonId,
        at: Timestamp,
    ) -> Result<()> {
        let keeps = store.data.read(move |tx| people::holds_facts(tx, person)).await?;
        self.finish(store, company, person, at, keeps).await
    }

    async fn system_receipt(
        &self,
        store: &RegionStore,
        log: &str,
        queued: i64,
        key: &PersonKey,
        opening: &[u8],
        at: Timestamp,
    ) -> Result<String> {
        let (nonce, detail) = opening.split_first_chunk::<16>().ok_or(GateError::Unreadable)?;
        let opened = (Opening::new(key.salt().bytes(), nonce), detail.to_vec());
        let receipt: Receipt = receipt_of(store, log, Which::Queued(queued), Some(opened), at).await?;
        Ok(receipt.encode())
    }
}

fn retained(
    dossier: &Dossier,
    held: &Held<String>,
    mandate: &Mandate,
    until: Timestamp,
    next: &PersonKey,
) -> Result<Retained> {
    let value = plain(dossier, held)?;
    let person = dossier.person.id;
    let sealed = seal(next.fact(held.id()).bytes(), &place(person, &held.fact), value.as_bytes())?;
    let kept = Kept {
        category: held.category().to_string(),
        mandate: mandate.key.clone(),
        cite: format!("{}, {}", mandate.cite.article, mandate.cite.instrument),
        until,
    };
    let held = Held { person, fact: held.fact.clone(), sealed: Vec::new(), means: std::marker::PhantomData };
    Ok(Retained { held, sealed, kept })
}

/// What the home store knows of somebody goes; whoever a law keeps something of stays listed.
fn leave_home(tx: &mut Tx<'_>, person: PersonId, keeps: bool) -> std::result::Result<(), StoreError> {
    access::drop_erased(tx, &person.to_bytes())?;
    factors::drop_of_person(tx, person)?;
    connected::drop_of(tx, person)?;
    own_keys::drop_of(tx, person)?;
    if !keeps {
        return home::drop_person(tx, person);
    }
    // What a law keeps must be found by whom the law names.
    home::deleted::put_back(tx, person)?;
    home::drop_tokens(tx, person)
}

/// The first half: everything but what is retained goes, the entry is queued, and the person is marked.
fn begin(
    tx: &mut Tx<'_>,
    person: PersonId,
    retained: &[Retained],
    leaf: &[u8],
    log: &str,
    at: Timestamp,
) -> std::result::Result<i64, StoreError> {
    integrate::absorb_all(tx)?;
    people::drop_all(tx, person, at)?;
    people::set_gone(tx, person, None)?;
    for one in retained {
        people::put_fact(tx, person, &one.held.fact, &one.sealed, false)?;
    }
    if !retained.is_empty() {
        let ground = RestrictionGround::RetainOnly;
        people::add_restriction(
            tx,
            person,
            &Restriction { facts: Restricted::All, ground, at, until: None },
        )?;
    }
    people::move_epoch(tx, person, at)?;
    people::set_life(tx, person, Life::Erasing)?;
    ledger::queue_one(tx, log, at, &Line::system(leaf.to_vec()))
}
