//! Erasing: the person's key is destroyed, and with it every fact, commitment and backup. What a law demands is kept
//! under a new key, restricted to that law, and named in the certificate.

use assent_kernel::grant::{Restricted, Restriction, RestrictionGround};
use assent_kernel::ledger::{Kind, Opening, Receipt};
use assent_kernel::mandate::Effect;
use assent_kernel::{Asker, CompanyId, Mandate, PersonId, Policy, Span, Timestamp};
use assent_store::keyring::Erasure;
use assent_store::ledger::Line;
use assent_store::people::{self, Life};
use assent_store::{StoreError, Tx, access, connected, events, factors, home, ledger, work};

use crate::draft;
use crate::error::{GateError, Result};
use crate::find::address;
use crate::held::{Dossier, Held};
use crate::integrate;
use crate::keep::plain;
use crate::keys::PersonKey;
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
    /// From when on no copy of the keyring can bring anything back.
    pub unrecoverable_from: Timestamp,
    /// The receipt of the entry, which the person keeps.
    pub receipt: String,
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
            let dossier = self.look_one(company, person).await?;
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
        let standing = self.policy(company).await?;
        let log = store.log(&self.company(company).await?.code);
        self.suppress(dossier, never_write, at).await?;
        let retained = self.retain(store, dossier, &standing.policy, at).await?;
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
        integrate::gather(store, &name).await?;
        let begun = store.data.write(move |tx| {
            people::hold_at(tx, person, epoch)?;
            // A fact that came in or changed meanwhile may be one that a law keeps.
            if people::fact_mark(tx, person)? != mark {
                return Err(StoreError::Moved);
            }
            people::sweep::set(tx, person, look_at)?;
            events::add(tx, company, events::Kind::PersonErased, person, at)?;
            begin(tx, person, &retained, &leaf, &name, at)
        });
        let queued = match begun.await {
            Err(StoreError::Moved) => return Ok(None),
            other => other?,
        };
        store.appended.notify_one();
        self.finish(store, company, person, at, !kept.is_empty()).await?;
        let receipt = self.system_receipt(store, &log, queued, &system, &line.opening, at).await?;
        Ok(Some(Certificate { at, erased, kept, unrecoverable_from: at.plus(KEYRING_COPIES), receipt }))
    }

    /// Facts that a live Require mandate holds, sealed anew under the person's next key.
    async fn retain(
        &self,
        store: &RegionStore,
        dossier: &Dossier,
        policy: &Policy,
        at: Timestamp,
    ) -> Result<Vec<Retained>> {
        let holding = |held: &Held<String>| {
            let live = held.fact.anchors.iter().filter(|anchor| at < anchor.until);
            live.filter_map(|anchor| Some((policy.mandates.get(&anchor.mandate)?, anchor.until)))
                .filter(|(mandate, _)| mandate.effect == Effect::Require && mandate.in_force(at))
                .max_by_key(|(_, until)| *until)
        };
        let held: Vec<_> = dossier.facts().filter_map(|held| Some((held, holding(held)?))).collect();
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let next = store.keys.make_next(dossier.person.id).await?;
        held.into_iter()
            .map(|(held, (mandate, until))| retained(dossier, held, mandate, until, &next))
            .collect()
    }

    async fn suppress(&self, dossier: &Dossier, never_write: bool, at: Timestamp) -> Result<()> {
        if !never_write {
            return Ok(());
        }
        let company = dossier.person.company;
        let blind = self.blind_key(company).await?;
        let emails = dossier.facts().filter(|held| held.category().to_string().starts_with("contact.email"));
        let tokens: Vec<i64> =
            emails.map(|held| Ok(address(&blind, &plain(dossier, held)?).0)).collect::<Result<_>>()?;
        let write = move |tx: &mut Tx<'_>| {
            tokens.iter().try_for_each(|token| home::suppress(tx, company, *token, at))
        };
        Ok(self.0.home.write(write).await?)
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
        store.keys.destroy(Erasure { person, company, region: store.region.clone(), at }, keeps).await?;
        self.0
            .home
            .write(move |tx| {
                access::drop_sessions(tx, &person.to_bytes())?;
                factors::drop_of_person(tx, person)?;
                connected::drop_of(tx, person)?;
                if keeps { home::drop_tokens(tx, person) } else { home::drop_person(tx, person) }
            })
            .await?;
        // Work about them lies in the company's region, which may be another than theirs.
        let work = self.region(&self.company(company).await?.region.clone())?;
        work.data.write(move |tx| work::forget_person(tx, company, person)).await?;
        // No certificate while the old key can still be read in the keyring's log: then it is finished later.
        if !store.keys.db().truncate_log().await? {
            return Err(GateError::Store(StoreError::Unavailable("somebody still reads the keyring".into())));
        }
        let life = if keeps { Life::Active } else { Life::Erased };
        store.data.write(move |tx| people::set_life(tx, person, life)).await?;
        self.take_in(company, &store.region, vec![person], at).await;
        // What lies in these is noise without the key, so they may wait for whoever still reads.
        store.data.truncate_log().await?;
        self.0.home.truncate_log().await?;
        Ok(())
    }

    /// Finishes erasures that were recorded but broken off: by the end of a process, or by a store that did not answer.
    ///
    /// # Errors
    /// What the stores said; what is left is tried again at the next call.
    pub async fn finish_erasures(&self, at: Timestamp) -> Result<()> {
        for store in self.0.regions.values() {
            loop {
                let open = store.data.read(people::unfinished).await?;
                if open.is_empty() {
                    break;
                }
                for (company, person) in open {
                    let keeps = store.data.read(move |tx| people::holds_facts(tx, person)).await?;
                    self.finish(store, company, person, at, keeps).await?;
                }
            }
        }
        Ok(())
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
