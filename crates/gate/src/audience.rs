//! A use on many people at once: each is decided again, on their newest terms, and all of it is one entry a region.
//!
//! An audience was cut some time ago; what counts is the moment of use. Everybody's line is made first and its parts are
//! stored, beside everything else that goes on. The commit that queues the entry holds everybody's terms for that moment
//! and asks the change log who moved since the first was looked up: their lines are left blank, and they are asked about
//! one by one. So is whoever's grant counts its uses. Nobody is given out before that commit is durable, and whoever
//! moved after it is not given out at all.

mod commit;
mod line;
mod permits;
pub(crate) mod read;
mod tree;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use assent_kernel::{CategoryKey, CompanyId, Matter, PersonId, Question, Reason, Region, Timestamp, UseKind};
use assent_store::{batches, home};

use crate::ask::{Standing, counted, judge, look_in};
use crate::draft;
use crate::emergency::without_case;
use crate::error::{GateError, Result};
use crate::held::Dossier;
use crate::permit::Answer;
use crate::region::RegionStore;
use crate::seal::random;
use crate::start::Gate;
use crate::whose::Whose;

use line::{Forms, Made};
use tree::Line;

/// The most people of one use.
const MOST_PEOPLE: usize = 2_000_000;
/// People who lie in memory at once, with their facts.
const AT_ONCE: usize = 2_048;
/// How often a use is begun anew because the policy moved under it.
const MOST_TRIES: usize = 4;

/// An audience, as it was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Who. Nobody counts twice.
    pub people: Vec<PersonId>,
    /// The version it was cut at, or whatever tells where it comes from; it stands in the entry's sealed half.
    pub version: String,
}

/// What a use on many people is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Each person's facts of the question's categories that are held here. Who has none is left out.
    Facts,
    /// The categories themselves: the values lie with whoever asks.
    Kinds,
}

/// The entry of a use in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where.
    pub region: Region,
    /// How many lines it has.
    pub people: u64,
    /// For how many something is permitted.
    pub permitted: u64,
    /// Its number in the queue.
    queued: i64,
}

/// What was said about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// Everything that was asked for may be used.
    Open,
    /// Some of it may be used; the rest may not, for this reason first.
    Partly(&'a Reason),
    /// Nothing may be used.
    Closed(&'a Reason),
    /// Nothing was asked: there is nobody by that id, or nothing of the kind is held.
    Nothing,
}

/// A person as they were recorded.
#[derive(Debug, Clone, Copy)]
struct One {
    person: PersonId,
    epoch: u64,
    /// The facts that were decided about, as [`Dossier::mark`] tells them.
    mark: (i64, i64),
    /// Leads into [`Used::said`].
    said: u32,
}

/// A use on many people, recorded: it tells what was decided for each, and [`Gate::next_permits`] gives permits.
#[derive(Debug)]
pub struct Used<U: UseKind> {
    company: CompanyId,
    question: Question<U>,
    about: About,
    batches: Vec<Batch>,
    said: Vec<(bool, Option<Reason>)>,
    here: Vec<Here>,
    /// Those who have an entry of their own.
    apart: HashMap<PersonId, (bool, Option<Reason>)>,
    /// Of them, those who are still to be given out.
    waiting: Vec<(Dossier, Answer<U>)>,
    given: usize,
}

/// Who was recorded in a region, when and under which policy.
#[derive(Debug)]
struct Here {
    region: Region,
    standing: Arc<Standing>,
    at: Timestamp,
    ones: Vec<One>,
}

/// What one attempt in a region relies on.
struct Ground<U: UseKind> {
    question: Question<U>,
    kinds: Vec<CategoryKey>,
    about: About,
    standing: Arc<Standing>,
    floor: Timestamp,
    id: [u8; 16],
    forms: Forms,
}

/// The lines of one attempt.
#[derive(Default)]
struct Gathered {
    lines: Vec<Line>,
    sealed: Vec<u8>,
    apart: Vec<PersonId>,
}

/// What becomes of one person.
enum Fate {
    Line { person: PersonId, epoch: u64, mark: (i64, i64), permitted: bool, made: Made },
    Apart(PersonId),
}

impl<U: UseKind> Ground<U> {
    /// A person's question; nothing when nothing of the kind is held.
    fn question(&self, dossier: &Dossier) -> Option<Question<U>> {
        let matters = match self.about {
            About::Kinds => Some(self.question.matters.clone()),
            About::Facts => dossier.of_categories(&self.kinds),
        };
        Some(Question { person: dossier.id(), matters: matters?, ..self.question.clone() })
    }

    fn fate(&self, dossier: &Dossier) -> Result<Option<Fate>> {
        let (person, policy) = (dossier.id(), &self.standing.policy);
        let Some(question) = self.question(dossier) else { return Ok(None) };
        // Told by a clock that leads: it counts already, so they are asked about alone, and for a time after it.
        if question.at < dossier.acted_at.max(dossier.created_at) {
            return Ok(Some(Fate::Apart(person)));
        }
        let ruling = judge(&question, dossier, &self.standing, self.floor);
        if !counted(dossier, &ruling).is_empty() {
            return Ok(Some(Fate::Apart(person)));
        }
        let fact = |id| dossier.facts.get(&id).map(|held| held.fact.clone());
        let draft = draft::of_use(&question, U::USE, policy, self.standing.digest, &ruling, fact);
        let closed = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).min().cloned();
        let made = line::make(self.id, &draft, closed, &dossier.key, &self.forms)?;
        let (epoch, mark, permitted) = (dossier.person.epoch, dossier.mark(), ruling.permits());
        let line = |made| Fate::Line { person, epoch, mark, permitted, made };
        Ok(Some(made.map_or(Fate::Apart(person), line)))
    }
}

impl Gathered {
    fn take(&mut self, fates: Vec<Fate>) {
        for fate in fates {
            match fate {
                Fate::Apart(person) => self.apart.push(person),
                Fate::Line { person, epoch, mark, permitted, made } => {
                    let from = self.sealed.len();
                    let Ok(length) = u16::try_from(made.sealed.len()) else {
                        self.apart.push(person);
                        continue;
                    };
                    self.sealed.extend_from_slice(&made.sealed);
                    let Made { tag, hash, form, .. } = made;
                    self.lines.push(Line { tag, hash, person, epoch, mark, permitted, form, from, length });
                }
            }
        }
    }

    /// Puts the lines into their order. Two tags that are alike, which hardly ever happens, cannot both be found.
    fn sort(&mut self) {
        self.lines.sort_unstable_by_key(|line| line.tag);
        let apart = &mut self.apart;
        self.lines.dedup_by(|second, first| {
            let alike = second.tag == first.tag;
            if alike {
                apart.push(second.person);
            }
            alike
        });
    }
}

impl Gate {
    /// Uses an audience: decides each person again and records all of it as one entry in each region. The question
    /// names categories; whom it is about is the audience.
    ///
    /// # Errors
    /// [`GateError::Input`] for an audience of nobody or of too many, and for a question about single facts; what the
    /// stores said. When something could not be recorded nothing is given out.
    pub async fn use_audience<U: UseKind>(
        &self,
        company: CompanyId,
        question: Question<U>,
        about: About,
        audience: &Cut,
    ) -> Result<Used<U>> {
        let mut ids = audience.people.clone();
        ids.sort_unstable();
        ids.dedup();
        let input = |what: &str| GateError::Input(what.to_owned());
        if ids.is_empty() || ids.len() > MOST_PEOPLE {
            return Err(input("name between 1 and 2 000 000 people"));
        }
        let kind = |matter: &Matter| match matter {
            Matter::Kind(kind) => Ok(kind.clone()),
            Matter::Held(_) => Err(input("ask about kinds of facts, not about single facts, of many people")),
        };
        let question = without_case(&question, &self.policy(company).await?.policy);
        let kinds: Vec<CategoryKey> = question.matters.iter().map(kind).collect::<Result<_>>()?;
        let mut used = Used {
            company,
            question,
            about,
            batches: Vec::new(),
            said: Vec::new(),
            here: Vec::new(),
            apart: HashMap::new(),
            waiting: Vec::new(),
            given: 0,
        };
        let (asked, version) = (ids.len(), audience.version.as_str());
        for (region, people) in self.where_they_are(company, ids).await? {
            let note = format!("{asked} asked about; cut at {version}");
            self.use_in(&mut used, self.region(&region)?, &kinds, people, &note).await?;
        }
        Ok(used)
    }

    /// Who of these people is where. Who is not this company's is nowhere.
    async fn where_they_are(
        &self,
        company: CompanyId,
        ids: Vec<PersonId>,
    ) -> Result<BTreeMap<Region, Vec<PersonId>>> {
        let mut out: BTreeMap<Region, Vec<PersonId>> = BTreeMap::new();
        for some in ids.chunks(AT_ONCE * 4) {
            let some = some.to_vec();
            let mut places = self.0.home.read(move |tx| home::places(tx, company, &some)).await?;
            places.sort_unstable_by_key(|listed| listed.person);
            for listed in places {
                out.entry(listed.region).or_default().push(listed.person);
            }
        }
        Ok(out)
    }

    async fn use_in<U: UseKind>(
        &self,
        used: &mut Used<U>,
        store: &RegionStore,
        kinds: &[CategoryKey],
        people: Vec<PersonId>,
        note: &str,
    ) -> Result<()> {
        for _ in 0..MOST_TRIES {
            let standing = self.policy_in(store, used.company).await?;
            let since = store.data.read(batches::since).await?;
            let at = store.steady(used.question.at)?;
            let ground = Arc::new(Ground {
                question: Question { at, ..used.question.clone() },
                kinds: kinds.to_vec(),
                about: used.about,
                standing: Arc::clone(&standing),
                floor: store.floor().min(at),
                id: random()?,
                forms: Forms::default(),
            });
            let mut gathered = gather(store, used.company, &ground, &people).await?;
            gathered.sort();
            let Some(done) = self.commit(store, used, &ground, gathered, since, note).await? else {
                continue;
            };
            store.raise(at);
            store.appended.notify_one();
            let first = u32::try_from(used.said.len()).unwrap_or(u32::MAX);
            used.said.extend(done.said);
            used.batches.extend(done.batch);
            let mut ones = done.ones;
            ones.iter_mut().for_each(|one| one.said = one.said.saturating_add(first));
            ones.sort_unstable_by_key(|one| one.person);
            used.here.push(Here { region: store.region.clone(), standing, at, ones });
            return self.ask_apart(used, &ground, &done.apart).await;
        }
        Err(GateError::Busy)
    }

    /// Asks about those who did not come into the entry, one entry each.
    async fn ask_apart<U: UseKind>(
        &self,
        used: &mut Used<U>,
        ground: &Ground<U>,
        people: &[PersonId],
    ) -> Result<()> {
        for some in people.chunks(AT_ONCE) {
            let dossiers = self.look(&Whose::everybody(used.company), some).await?;
            let asked: Vec<_> =
                dossiers.iter().filter_map(|dossier| Some((ground.question(dossier)?, dossier))).collect();
            let who: Vec<PersonId> = asked.iter().map(|(_, dossier)| dossier.id()).collect();
            let answers = self.ask_many(asked).await?;
            let mut known: HashMap<PersonId, Dossier> =
                dossiers.into_iter().map(|dossier| (dossier.id(), dossier)).collect();
            for (person, answer) in who.into_iter().zip(answers) {
                let ruling = answer.ruling();
                let closed = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).min();
                used.apart.insert(person, (ruling.permits(), closed.cloned()));
                used.waiting.extend(known.remove(&person).map(|dossier| (dossier, answer)));
            }
        }
        Ok(())
    }
}

/// Decides everybody and makes their lines: while some are decided the next are looked up.
async fn gather<U: UseKind>(
    store: &RegionStore,
    company: CompanyId,
    ground: &Arc<Ground<U>>,
    people: &[PersonId],
) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    let mut rest = people.chunks(AT_ONCE);
    let look = |some: Option<&[PersonId]>| {
        let some = some.map(<[PersonId]>::to_vec);
        async move {
            match some {
                Some(some) => look_in(store, company, some).await.map(Some),
                None => Ok(None),
            }
        }
    };
    let mut next = look(rest.next()).await?;
    while let Some(dossiers) = next {
        let ground = Arc::clone(ground);
        let work = tokio::task::spawn_blocking(move || {
            let fates = dossiers.iter().map(|dossier| ground.fate(dossier));
            fates.filter_map(Result::transpose).collect::<Result<Vec<Fate>>>()
        });
        let (fates, found) = tokio::join!(work, look(rest.next()));
        gathered.take(fates.map_err(|_| GateError::Busy)??);
        next = found?;
    }
    Ok(gathered)
}

impl<U: UseKind> Used<U> {
    /// The entries it became, one a region; none where nobody came into one.
    #[must_use]
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// How many people have an entry of their own: their grants count their uses, or their terms moved meanwhile.
    #[must_use]
    pub fn apart(&self) -> usize {
        self.apart.len()
    }

    /// What was said about a person.
    #[must_use]
    pub fn said(&self, person: PersonId) -> Said<'_> {
        let one = |here: &Here| {
            here.ones
                .binary_search_by_key(&person, |one| one.person)
                .ok()
                .and_then(|at| here.ones.get(at))
                .copied()
        };
        let among =
            || self.here.iter().find_map(one).and_then(|one| self.said.get(usize::try_from(one.said).ok()?));
        let found = self.apart.get(&person).or_else(among);
        found.map_or(Said::Nothing, |(permitted, closed)| said(*permitted, closed.as_ref()))
    }
}

const fn said(permitted: bool, closed: Option<&Reason>) -> Said<'_> {
    match (permitted, closed) {
        (true, None) => Said::Open,
        (true, Some(reason)) => Said::Partly(reason),
        (false, Some(reason)) => Said::Closed(reason),
        (false, None) => Said::Nothing,
    }
}
