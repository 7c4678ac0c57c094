//! Deleting somebody so that they can be brought back for a while, and erasing them after it.
//!
//! Who is deleted stands in no list and is looked up by nobody who works here, so that nothing of them is used; their own
//! page and their rights go on. Their terms go on, too: they end when they would have ended, and bringing somebody back
//! revives nothing.
//!
//! The directory is told first, so that nobody new is led to them, then the region: it moves their epoch, so that what was
//! looked up before is recorded no more. Whatever breaks off between is finished by [`Gate::finish_deletions`].

use assent_kernel::ledger::Kind;
use assent_kernel::{Asker, CompanyId, PersonId, Span, StaffId, Timestamp};
use assent_store::home::deleted::{self, Step};
use assent_store::{StoreError, people};

use crate::draft;
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::record::write_line;
use crate::start::Gate;
use crate::whose::Whose;

/// So many are finished or told of in one round.
const AT_ONCE: u32 = 100;

/// Somebody who was deleted and can be brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
    /// Until when they can be brought back; then they are erased.
    pub until: Timestamp,
    /// By whom.
    pub by: StaffId,
}

impl From<deleted::Deleted> for Deleted {
    fn from(one: deleted::Deleted) -> Self {
        Self { person: one.person, at: one.at, until: one.until, by: one.by }
    }
}

impl Gate {
    /// Deletes a person, every record they have, for so long that they can be brought back.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when there is nobody by that id; what the stores said. What was begun is finished later.
    pub async fn delete(
        &self,
        whose: &Whose,
        id: PersonId,
        (by, asker): (StaffId, Asker),
        stays: Span,
        at: Timestamp,
    ) -> Result<()> {
        let company = whose.company;
        for dossier in self.look_all(whose, id).await? {
            let (person, until) = (dossier.person.id, at.plus(stays));
            let out = self.0.home.write(move |tx| deleted::take_out(tx, company, person, (at, until), by));
            if out.await? {
                self.tell_region(&dossier, Some(at), asker, at).await?;
                self.step(company, person, Step::Gone).await?;
            }
        }
        Ok(())
    }

    /// Brings somebody back, with every record that was deleted. What they said meanwhile, and what ended, stays so.
    ///
    /// # Errors
    /// [`GateError::NoPerson`] when nobody by that id is deleted; what the stores said. What was begun is finished later.
    pub async fn bring_back(&self, whose: &Whose, id: PersonId, asker: Asker, at: Timestamp) -> Result<()> {
        let company = whose.company;
        let all = self.look_whole_even_deleted(whose, &[id]).await?.pop().ok_or(GateError::NoPerson)?;
        if self.deletion(company, id).await?.is_none() {
            return Err(GateError::NoPerson);
        }
        for dossier in all {
            let person = dossier.person.id;
            if self.deletion(company, person).await?.is_some() {
                self.step(company, person, Step::Back).await?;
                self.put_back(&dossier, asker, at).await?;
            }
        }
        Ok(())
    }

    async fn put_back(&self, dossier: &Dossier, asker: Asker, at: Timestamp) -> Result<()> {
        let person = dossier.person.id;
        self.tell_region(dossier, None, asker, at).await?;
        Ok(self.0.home.write(move |tx| deleted::put_back(tx, person)).await?)
    }

    /// When somebody was deleted and until when they can be brought back; nothing when they are not deleted.
    ///
    /// # Errors
    /// What the store said.
    pub async fn deletion(&self, company: CompanyId, person: PersonId) -> Result<Option<Deleted>> {
        let found = self.0.home.read(move |tx| deleted::one(tx, company, person)).await?;
        Ok(found.map(Deleted::from))
    }

    /// Deleted people, the newest first.
    ///
    /// # Errors
    /// What the store said.
    pub async fn deleted(&self, whose: &Whose, most: u32) -> Result<Vec<Deleted>> {
        let (company, reach) = (whose.company, whose.reach.clone());
        let found = self.0.home.read(move |tx| deleted::page(tx, (company, &reach), most)).await?;
        Ok(found.into_iter().map(Deleted::from).collect())
    }

    /// Those whose time is over: they are to be erased now.
    ///
    /// # Errors
    /// What the store said.
    pub async fn deleted_for_good(&self, at: Timestamp) -> Result<Vec<(CompanyId, Deleted)>> {
        let due = self.0.home.read(move |tx| deleted::due(tx, at, AT_ONCE)).await?;
        Ok(due.into_iter().map(|(company, one)| (company, one.into())).collect())
    }

    /// Finishes what broke off between the stores, there and back.
    ///
    /// # Errors
    /// What the stores said; what is left is tried again at the next call.
    pub async fn finish_deletions(&self, at: Timestamp) -> Result<()> {
        let open = self.0.home.read(|tx| deleted::open(tx, AT_ONCE)).await?;
        for (company, one) in open {
            let dossier = match self.look_any(company, one.person).await {
                Ok(dossier) => dossier,
                // Being erased: that drops the line too.
                Err(GateError::NoPerson) => continue,
                Err(other) => return Err(other),
            };
            match one.step {
                Step::Going => {
                    self.tell_region(&dossier, Some(one.at), Asker::System, at).await?;
                    self.step(company, one.person, Step::Gone).await?;
                }
                Step::Back => self.put_back(&dossier, Asker::System, at).await?,
                Step::Gone => {}
            }
        }
        Ok(())
    }

    async fn step(&self, company: CompanyId, person: PersonId, step: Step) -> Result<()> {
        Ok(self.0.home.write(move |tx| deleted::set_step(tx, company, person, step)).await?)
    }

    /// Tells the region of a person that they are deleted since a time, or no longer, with a line in the ledger. Told
    /// twice, it is told once.
    async fn tell_region(
        &self,
        dossier: &Dossier,
        since: Option<Timestamp>,
        asker: Asker,
        at: Timestamp,
    ) -> Result<()> {
        let (company, person) = (dossier.person.company, dossier.person.id);
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        let standing = self.policy_in(store, company).await?;
        let (kind, outcome) =
            if since.is_some() { (Kind::Hold, "DELETED") } else { (Kind::TermsSet, "BROUGHT_BACK") };
        let mut draft = draft::of_act(kind, None, &dossier.region, standing.digest, asker, at);
        draft.detail.outcome = outcome.into();
        let (key, log) = (dossier.key.clone(), store.log(&self.company(company).await?.code));
        let write = store.data.write(move |tx| {
            people::hold(tx, &[person])?;
            if !people::set_gone(tx, person, since)? {
                return Ok(());
            }
            people::move_epoch(tx, person, at)?;
            write_line(tx, person, &key, &draft, &log, at).map(|_| ())
        });
        match write.await {
            // Erased meanwhile.
            Err(StoreError::Moved) => return Ok(()),
            other => other?,
        }
        store.appended.notify_one();
        store.raise(at);
        self.take_in(company, &dossier.region, dossier.records(), at).await;
        Ok(())
    }
}
