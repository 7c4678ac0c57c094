//! Questions that programs put again and again, about somebody else each time: what was read of one is kept, and good as
//! long as everything that it was read by is the same – who calls, and under which policy. It is kept when it is put for the
//! second time: whoever never puts one again pays for none.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock, Weak};

use assent_index::Asking;
use assent_kernel::{CompanyId, PersonId, Policy, Question, Reason, Timestamp, Use};
use assent_store::callers::Known;

use crate::ask::Standing;
use crate::error::Result;
use crate::memory::{Kept, Version};
use crate::start::{Gate, lock};

/// So many are kept; one that comes to the place of another takes it.
const PLACES: usize = 1024;
/// What is longer is read anew each time.
const LONGEST: usize = 1024;

/// A question of a caller that is ready to be put about anybody, at any time.
#[derive(Debug)]
pub struct Ready {
    caller: Arc<Known>,
    standing: Arc<Standing>,
    /// Everything that was said of it.
    said: Box<[u8]>,
    question: Question<Use>,
    least: Option<Version>,
    /// With its names looked up, in the memory of each region.
    looked_up: RwLock<Vec<(Weak<Kept>, Asking)>>,
}

/// Where a question may be kept.
#[derive(Debug, Default)]
struct Place {
    kept: RwLock<Option<Arc<Ready>>>,
    /// What was asked last that has its place here.
    last: AtomicU64,
}

/// Those that are kept.
#[derive(Debug)]
pub(crate) struct Readied {
    /// Callers choose what they ask, so nobody may know its place beforehand.
    places: Box<[Place]>,
    places_by: RandomState,
}

impl Default for Readied {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| Place::default()).collect(), places_by: RandomState::new() }
    }
}

impl Readied {
    /// The place of a question, and what tells it apart from others there.
    fn place(&self, caller: &Known, said: &[u8]) -> Option<(&Place, u64)> {
        if said.len() > LONGEST {
            return None;
        }
        let hash = self.places_by.hash_one((caller.caller.id.to_bytes(), said));
        let place = self.places.get(usize::try_from(hash % PLACES as u64).unwrap_or(0))?;
        Some((place, hash))
    }

    /// Lets go of what was read under a policy of a company that is over: it would be kept alive by questions that nobody
    /// puts any more.
    pub(crate) fn forget(&self, company: CompanyId) {
        for place in &self.places {
            if let Ok(mut kept) = place.kept.write() {
                kept.take_if(|one| one.caller.caller.company == company);
            }
        }
    }
}

impl Ready {
    /// What is asked; person and time mean nothing.
    #[must_use]
    pub const fn question(&self) -> &Question<Use> {
        &self.question
    }
    /// What whoever answers must have seen.
    #[must_use]
    pub const fn least(&self) -> Option<&Version> {
        self.least.as_ref()
    }
    /// The policy under which it is asked.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.standing.policy
    }

    fn again(&self, kept: &Arc<Kept>, index: &assent_index::Index, at: Timestamp) -> Option<Asking> {
        let known = self.looked_up.read().ok()?;
        let (_, asking) = known.iter().find(|(of, _)| of.as_ptr() == Arc::as_ptr(kept))?;
        index.ask_again(asking, at)
    }

    fn keep(&self, kept: &Arc<Kept>, asking: &Asking) {
        if let Ok(mut known) = self.looked_up.write() {
            known.retain(|(of, _)| of.strong_count() > 0 && of.as_ptr() != Arc::as_ptr(kept));
            known.push((Arc::downgrade(kept), asking.clone()));
        }
    }
}

impl Gate {
    /// The question that this caller put before, by everything that was said of it, unless its key or its company's policy
    /// was read anew since.
    ///
    /// # Errors
    /// When a lock is broken.
    pub fn ready(&self, caller: &Arc<Known>, said: &[u8]) -> Result<Option<Arc<Ready>>> {
        let Some((place, _)) = self.0.readied.place(caller, said) else { return Ok(None) };
        let Some(found) = place.kept.read().map_err(|_| lock())?.clone() else { return Ok(None) };
        let same = *found.said == *said
            && Arc::ptr_eq(&found.caller, caller)
            && self.stands(caller.caller.company, &found.standing)?;
        Ok(same.then_some(found))
    }

    /// Keeps a question that was put for the second time, for when this caller puts it again.
    ///
    /// # Errors
    /// When a lock is broken.
    pub fn keep_ready(
        &self,
        caller: &Arc<Known>,
        said: &[u8],
        standing: Arc<Standing>,
        question: Question<Use>,
        least: Option<Version>,
    ) -> Result<()> {
        let Some((place, hash)) = self.0.readied.place(caller, said) else { return Ok(()) };
        if place.last.swap(hash, Ordering::Relaxed) != hash {
            return Ok(());
        }
        let (caller, said) = (Arc::clone(caller), said.into());
        let ready = Ready { caller, standing, said, question, least, looked_up: RwLock::default() };
        *place.kept.write().map_err(|_| lock())? = Some(Arc::new(ready));
        Ok(())
    }

    /// Answers a question that is ready about one person, as [`Gate::decide_one`] does.
    ///
    /// # Errors
    /// As [`Gate::decide`].
    pub fn decide_ready(
        &self,
        ready: &Ready,
        person: PersonId,
        at: Timestamp,
    ) -> Result<std::result::Result<Timestamp, Reason>> {
        let company = ready.caller.caller.company;
        self.decide_one_by(company, person, ready.least.as_ref(), |kept| {
            let now = self.steady_in(kept, at)?;
            let index = kept.read()?;
            if let Some(asking) = ready.again(kept, &index, now.max(index.newest())) {
                return Ok((index, asking));
            }
            drop(index);
            let (index, asking) = self.ask_memory(kept, &Question { at, ..ready.question.clone() })?;
            ready.keep(kept, &asking);
            Ok((index, asking))
        })
    }
}
