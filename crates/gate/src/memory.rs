//! A node's memory of terms: an index of each company's people, built at start and kept fresh, for questions that must
//! not wait for a database. It answers; it releases nothing. Whatever is used is decided and recorded at the door, on
//! the person's epoch, so that even a node that is behind can record nothing on terms that moved.
//!
//! In this process a withdrawal is in the memory before it is acknowledged. Other nodes follow the change log: each
//! look takes exactly what was not seen before, whatever the order of commits. A node that has not looked for longer
//! than its lease refuses.

mod follow;
mod lease;
mod version;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Duration;

use assent_index::{Asking, Audience, Beyond, Counts, Index, PolicyChange, Verdict};
use assent_kernel::{CompanyId, PersonId, Policy, Question, Reason, Region, Timestamp, Use};
use assent_store::changes::{self, Seen};
use assent_store::{Db, Hints};

use crate::emergency::without_case;
use crate::error::{GateError, Result};
use crate::start::{Gate, lock};
pub use version::Version;

/// How long a node answers without having looked at the change log.
const LEASE: Duration = Duration::from_secs(1);
/// As long as the text of a version usually is: one region and few open transactions.
const USUAL_TEXT: usize = 48;

/// The memory of one company's people in one region.
pub(crate) struct Kept {
    company: CompanyId,
    region: Region,
    index: RwLock<Index>,
    /// One reading at a time, so that an older one never lies over a newer one.
    order: tokio::sync::Mutex<()>,
    ready: std::sync::atomic::AtomicBool,
}

/// How far a node has looked at a region's changes.
struct View {
    /// A connection of its own: looking must not wait for others.
    db: Db,
    hints: Hints,
    seen: RwLock<Seen>,
    /// Tells whoever waits for it that more was seen.
    moved: tokio::sync::Notify,
    lease: lease::Lease,
    looking: tokio::sync::Mutex<()>,
}

impl View {
    /// From now on so much is seen; whoever waits for it hears.
    fn has_seen(&self, seen: Seen) -> Result<()> {
        *self.seen.write().map_err(|_| lock())? = seen;
        self.moved.notify_waiters();
        Ok(())
    }

    fn covers(&self, least: &Seen) -> Result<bool> {
        Ok(self.seen.read().map_err(|_| lock())?.covers(least))
    }
}

/// What a node remembers.
#[derive(Default)]
pub(crate) struct Memory {
    kept: RwLock<BTreeMap<CompanyId, BTreeMap<Region, Arc<Kept>>>>,
    views: RwLock<BTreeMap<Region, Arc<View>>>,
    /// Whose policy does not fit; tried again when it changes.
    outgrown: RwLock<HashSet<(CompanyId, Region)>>,
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It may be used, until then if nothing changes.
    Open(Timestamp),
    /// It may not; the number leads into [`Decided::reasons`].
    Closed(u16),
}

/// Answers about many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// One for each person, in order.
    pub outcomes: Vec<Outcome>,
    /// The reasons that were met.
    pub reasons: Vec<Reason>,
}

fn behind(what: &'static str) -> GateError {
    GateError::Behind(what)
}

fn view_of<'v>(views: &'v BTreeMap<Region, Arc<View>>, region: &Region) -> Result<&'v View> {
    views.get(region).map(Arc::as_ref).ok_or(behind("it remembers nothing of a region"))
}

/// Until when a verdict is open: the policy may close it sooner than the person's own terms end.
fn opened(index: &Index, verdict: Verdict) -> Option<Timestamp> {
    verdict.is_open().then(|| verdict.end().start().min(index.until()))
}

impl Gate {
    /// What anybody who looks now has seen: whatever was acknowledged before is in it.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn version(&self) -> Result<Version> {
        let mut all = Vec::with_capacity(self.0.regions.len());
        for (region, store) in &self.0.regions {
            all.push((region.clone(), store.data.glance(changes::seen).await?));
        }
        Ok(all.into_iter().collect())
    }

    /// What this node's memory of each region has seen.
    ///
    /// # Errors
    /// [`GateError::Behind`] when it remembers nothing of one.
    pub fn remembered(&self) -> Result<Version> {
        let views = self.0.memory.views.read().map_err(|_| lock())?;
        let seen = |region: &Region| {
            let seen = view_of(&views, region)?.seen.read().map_err(|_| lock())?;
            Ok((region.clone(), seen.clone()))
        };
        self.0.regions.keys().map(seen).collect()
    }

    /// The same as a text: that of [`Version`], made without one, because every answer from memory carries it.
    ///
    /// # Errors
    /// As [`Gate::remembered`].
    pub fn remembered_text(&self) -> Result<String> {
        let views = self.0.memory.views.read().map_err(|_| lock())?;
        let mut text = String::with_capacity(USUAL_TEXT);
        for (n, region) in self.0.regions.keys().enumerate() {
            let seen = view_of(&views, region)?.seen.read().map_err(|_| lock())?;
            // Writing to a text does not fail.
            let _ = version::write_part(&mut text, n, region, &seen);
        }
        Ok(text)
    }

    /// Answers one question about one person from memory: until when it is open if nothing changes, or why it is
    /// closed. Nothing is recorded and nothing released.
    ///
    /// # Errors
    /// As [`Gate::decide`].
    pub fn decide_one(
        &self,
        company: CompanyId,
        question: &Question<Use>,
        person: PersonId,
        least: Option<&Version>,
    ) -> Result<std::result::Result<Timestamp, Reason>> {
        self.decide_one_by(company, person, least, |kept| self.ask_memory(kept, question))
    }

    /// The same, by whatever puts the question to a memory.
    pub(crate) fn decide_one_by(
        &self,
        company: CompanyId,
        person: PersonId,
        least: Option<&Version>,
        ask: impl for<'k> Fn(&'k Arc<Kept>) -> Result<(RwLockReadGuard<'k, Index>, Asking)>,
    ) -> Result<std::result::Result<Timestamp, Reason>> {
        let mine = self.awake(company, least)?;
        // All are held to the end, as for many people: whoever moves to another region meanwhile is seen in one of them.
        let (mut held, mut found) = (Vec::with_capacity(mine.len()), None);
        for kept in &mine {
            let (index, asking) = ask(kept)?;
            if let Some(verdict) = index.decide_known(&asking, person).filter(|_| found.is_none()) {
                found = Some(match opened(&index, verdict) {
                    Some(until) => Ok(until),
                    None => Err(index.reason(&asking, verdict).unwrap_or(Reason::UnknownPerson)),
                });
            }
            held.push(index);
        }
        Ok(found.unwrap_or(Err(Reason::UnknownPerson)))
    }

    /// Answers one question about many people from memory. Nothing is recorded and nothing released.
    ///
    /// # Errors
    /// [`GateError::Behind`] when this node's memory is not built, has not looked for longer than its lease, or has
    /// seen less than `least`; [`GateError::Outgrown`] when the policy does not fit into it; [`GateError::Input`] for a
    /// question about facts instead of kinds of facts.
    pub fn decide(
        &self,
        company: CompanyId,
        question: &Question<Use>,
        people: &[PersonId],
        least: Option<&Version>,
    ) -> Result<Decided> {
        let mine = self.awake(company, least)?;
        let mut decided = Decided { outcomes: Vec::with_capacity(people.len()), reasons: Vec::new() };
        let mut known: HashMap<(usize, Verdict), u16> = HashMap::new();
        let asked = mine.iter().map(|kept| self.ask_memory(kept, question)).collect::<Result<Vec<_>>>()?;
        for id in people {
            let found = (0..).zip(&asked).find_map(|(n, (index, asking))| {
                Some((n, (index, asking), index.decide_known(asking, *id)?))
            });
            let outcome = match found {
                Some((n, (index, asking), verdict)) => match opened(index, verdict) {
                    Some(until) => Outcome::Open(until),
                    None => Outcome::Closed(*known.entry((n, verdict)).or_insert_with(|| {
                        decided.place(index.reason(asking, verdict).unwrap_or(Reason::UnknownPerson))
                    })),
                },
                None => Outcome::Closed(decided.place(Reason::UnknownPerson)),
            };
            decided.outcomes.push(outcome);
        }
        Ok(decided)
    }

    /// Counts a company's people for a question, with the reasons of the refused.
    ///
    /// # Errors
    /// As [`Gate::decide`].
    pub fn count(
        &self,
        company: CompanyId,
        question: &Question<Use>,
        least: Option<&Version>,
    ) -> Result<Counts> {
        let mut all = Counts::default();
        for kept in self.awake(company, least)? {
            let (index, asking) = self.ask_memory(&kept, question)?;
            all = all.and(index.count(&asking));
        }
        Ok(all)
    }

    /// Cuts the list of a company's people whom a question opens. Each is decided again at the moment of use.
    ///
    /// # Errors
    /// As [`Gate::decide`].
    pub fn cut(
        &self,
        company: CompanyId,
        question: &Question<Use>,
        least: Option<&Version>,
    ) -> Result<Audience> {
        let mut all = Audience { people: Vec::new(), counts: Counts::default() };
        for kept in self.awake(company, least)? {
            let (index, asking) = self.ask_memory(&kept, question)?;
            let part = index.cut(&asking);
            all.people.extend(part.people);
            all.counts = all.counts.and(part.counts);
        }
        Ok(all)
    }

    /// A company's memories, if they are built and fresh.
    fn awake(&self, company: CompanyId, least: Option<&Version>) -> Result<Vec<Arc<Kept>>> {
        if least.is_some_and(|least| least.regions().any(|of| !self.0.regions.contains_key(of))) {
            return Err(GateError::Input("that version names a region that is not here".into()));
        }
        let memory = &self.0.memory;
        let kept = memory.kept.read().map_err(|_| lock())?;
        let of_company = kept.get(&company);
        let views = memory.views.read().map_err(|_| lock())?;
        let mut mine = Vec::with_capacity(self.0.regions.len());
        for region in self.0.regions.keys() {
            let one = of_company.and_then(|all| all.get(region)).filter(|one| one.is_ready());
            let Some((one, view)) = one.zip(views.get(region)) else {
                let outgrown = memory.outgrown.read().map_err(|_| lock())?;
                return Err(if outgrown.contains(&(company, region.clone())) {
                    GateError::Outgrown
                } else {
                    behind("its memory of terms is being built")
                });
            };
            if !view.lease.holds(LEASE)? {
                return Err(behind("it has not seen the newest terms for too long"));
            }
            if let Some(least) = least.and_then(|least| least.of(region))
                && !view.covers(least)?
            {
                return Err(behind("it has not seen that version yet"));
            }
            mine.push(Arc::clone(one));
        }
        Ok(mine)
    }

    /// The time to answer for in a memory's region.
    pub(crate) fn steady_in(&self, kept: &Kept, at: Timestamp) -> Result<Timestamp> {
        self.region(&kept.region)?.steady(at)
    }

    pub(crate) fn ask_memory<'k>(
        &self,
        kept: &'k Kept,
        question: &Question<Use>,
    ) -> Result<(RwLockReadGuard<'k, Index>, Asking)> {
        let at = self.steady_in(kept, question.at)?;
        for _ in 0..2 {
            let index = kept.read()?;
            let at = at.max(index.newest());
            match index.ask_this(Question { at, ..without_case(question, index.policy()) }) {
                Ok(asking) => return Ok((index, asking)),
                Err(Beyond::Fact) => {
                    return Err(GateError::Input(
                        "ask about kinds of facts here, not about single facts".into(),
                    ));
                }
                // The policy has come to one of its dates: compile it for the time that begins now.
                Err(Beyond::Time) => {
                    drop(index);
                    kept.compile(at)?;
                }
            }
        }
        Err(behind("its policy is not compiled for that time"))
    }
}

impl Decided {
    fn place(&mut self, reason: Reason) -> u16 {
        let at = self.reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

impl Kept {
    pub(crate) fn read(&self) -> Result<RwLockReadGuard<'_, Index>> {
        self.index.read().map_err(|_| lock())
    }

    fn is_ready(&self) -> bool {
        self.ready.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Compiles the policy that it has for another time. Which one that is must not change meanwhile.
    fn compile(&self, at: Timestamp) -> Result<()> {
        let mut index = self.index.write().map_err(|_| lock())?;
        let policy = Arc::clone(index.policy());
        index.renew(policy, at).map(drop).map_err(|_| GateError::Outgrown)
    }

    /// Takes a policy, unless it has a newer one already: whoever read it first may come last.
    fn take(&self, policy: Arc<Policy>, now: Timestamp) -> Result<PolicyChange> {
        let mut index = self.index.write().map_err(|_| lock())?;
        if policy.version < index.policy().version {
            return Ok(PolicyChange::Taken);
        }
        index.renew(policy, now).map_err(|_| GateError::Outgrown)
    }
}
