//! The index of one company's people in one region: put in, asked, counted.

use std::collections::HashMap;
use std::sync::Arc;

use assent_kernel::{Person, PersonId, Policy, PurposeKey, Question, Reason, State, Timestamp, Use, decide};

use crate::ask::{Asking, Beyond, Books, Stand};
use crate::class::{Class, ClassId, Classes};
use crate::clause::{ClauseId, Clauses, Parts};
use crate::column::Columns;
use crate::law::{EXPIRED, Law, NOT_THERE, TooLarge, regions_of};
use crate::other::Others;
use crate::pack::NotPackable;
use crate::row::Known;
use crate::seats::{Place, next_secret};
use crate::sketch::{Line, Sketch, sketch};
use crate::table::Table;
use crate::verdict::{Codes, Verdict};

/// What a change of policy asks of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyChange {
    /// Done: what people said stands as it was compiled.
    Taken,
    /// Purposes, categories or kinds of contract changed: people must be compiled anew, into a new index.
    Rebuild,
}

/// How large an index is, in bytes and people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// People in it.
    pub people: usize,
    /// Of them, those decided by the reference.
    pub odd: usize,
    /// Lines of the table.
    pub lines: usize,
    /// Clauses and what finds them.
    pub clauses: usize,
    /// The list of ids and the numbers that lead there.
    pub ids: usize,
    /// What audiences are counted from.
    pub columns: usize,
    /// Distinct clauses.
    pub distinct: usize,
}

/// What people said, compiled.
#[derive(Debug)]
pub struct Index {
    pub(crate) secret: [u64; 4],
    books: Books,
    table: Table,
    /// People by number; a number is not used again while the index lives.
    ids: Vec<PersonId>,
    pub(crate) odd: HashMap<PersonId, Box<Person>>,
    columns: Columns,
    /// The newest time anybody said anything; a question about an earlier time is not answered.
    newest: Timestamp,
    version: u64,
}

impl Index {
    /// An empty index with room for so many people. `secret` is four random numbers.
    ///
    /// # Errors
    /// [`TooLarge`] when the policy does not fit.
    pub fn new(
        policy: Arc<Policy>,
        at: Timestamp,
        people: usize,
        secret: [u64; 4],
    ) -> Result<Self, TooLarge> {
        let clauses = Clauses::new(policy.categories.keys(), &regions_of(&policy));
        let classes = Classes::default();
        let mut law = Law::new(policy, at, &clauses)?;
        law.meet(&classes);
        Ok(Self {
            columns: Columns::new(law.purposes.keys.len()),
            books: Books { codes: Codes::new(&law), law, clauses, classes, others: Others::default() },
            secret,
            table: Table::with_room(people),
            ids: Vec::with_capacity(people),
            odd: HashMap::new(),
            newest: Timestamp::MIN,
            version: 0,
        })
    }

    /// The policy it is compiled for.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.books.law.policy
    }

    /// The newest time anybody said anything: questions about an earlier time are not answered.
    #[must_use]
    pub const fn newest(&self) -> Timestamp {
        self.newest
    }

    /// Counts the changes: an audience names the version it was cut at.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Takes another policy, or the same at another time.
    ///
    /// # Errors
    /// [`TooLarge`] when the policy does not fit; the index then stays as it was.
    pub fn renew(&mut self, policy: Arc<Policy>, at: Timestamp) -> Result<PolicyChange, TooLarge> {
        if !self.books.law.same_people(&policy) {
            return Ok(PolicyChange::Rebuild);
        }
        let mut law = Law::new(policy, at, &self.books.clauses)?;
        law.meet(&self.books.classes);
        if self.books.clauses.renew(&law.regions) {
            self.columns.slice_anew(&self.books.clauses);
        }
        (self.books.codes, self.books.law) = (Codes::new(&law), law);
        self.books.others = Others::default();
        self.version += 1;
        Ok(PolicyChange::Taken)
    }

    /// Until when what it answers holds, exclusive: then something in the policy, or a contract that a prohibition hangs
    /// on, begins or ends.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.books.law.until
    }

    /// Puts somebody in, as they stand now; whoever was there by that id goes.
    pub fn put(&mut self, person: &Person, now: Timestamp) {
        let said = person.answers.values().map(|answer| answer.at);
        let held = person.restrictions.iter().map(|restriction| restriction.at);
        let objected = person.objections.iter().map(|objection| objection.at);
        let newest = said.chain(held).chain(objected).max().unwrap_or(Timestamp::MIN);
        // What was said in the future does not count yet: the reference tells from when.
        let sketched = if newest <= now {
            self.newest = self.newest.max(newest);
            sketch(person, &self.books.law, &mut self.books.clauses, &mut self.books.classes).ok()
        } else {
            None
        };
        self.books.law.learn(&self.books.clauses);
        self.books.law.meet(&self.books.classes);
        let sketched = sketched.unwrap_or(Sketch { class: ClassId::ODD, words: Vec::new() });
        self.keep(person.id, &sketched);
        if sketched.class == ClassId::ODD {
            self.odd.insert(person.id, Box::new(person.clone()));
        }
    }

    /// Compiles somebody from parts, for loading many at once.
    ///
    /// # Errors
    /// [`NotPackable`] when something does not fit; then [`Index::put`] the whole person.
    pub fn compose(&mut self, class: &Class, lines: &[Line]) -> Result<Sketch, NotPackable> {
        if lines.len() > crate::sketch::MOST_WORDS {
            return Err(NotPackable("so much about one person"));
        }
        let words = lines.iter().map(|line| line.word()).collect::<Result<_, _>>()?;
        let class = self.books.classes.number(class)?;
        self.books.law.meet(&self.books.classes);
        Ok(Sketch { class, words })
    }

    /// The number of a clause, for [`Index::compose`].
    ///
    /// # Errors
    /// [`NotPackable`] when there are too many.
    pub fn clause(&mut self, grant: &assent_kernel::grant::Grant) -> Result<ClauseId, NotPackable> {
        let id = self.books.clauses.intern(&Parts {
            categories: &grant.terms.categories,
            uses: grant.terms.uses,
            explicit: grant.terms.explicit,
            guardian: grant.giver == assent_kernel::grant::Giver::Guardian,
            recipients: &grant.terms.recipients,
            zones: &grant.terms.zones,
            notice: (grant.notice, grant.notice_version),
        });
        self.books.law.learn(&self.books.clauses);
        id
    }

    /// The number of a purpose, for [`Index::compose`].
    #[must_use]
    pub fn purpose(&self, key: &PurposeKey) -> Option<u16> {
        self.books.law.purposes.number(key).and_then(|n| u16::try_from(n).ok())
    }

    /// Puts a compiled person in; whoever was there by that id goes.
    pub fn keep(&mut self, id: PersonId, sketch: &Sketch) {
        self.version += 1;
        self.odd.remove(&id);
        let mut place = Place::new(id.to_bytes(), &self.secret);
        let mut found = self.table.find(place);
        // Somebody else's print in the same place: lay the table out so that the two can be told apart.
        while found.is_some_and(|row| self.ids.get(self.table.number(row) as usize) != Some(&id)) {
            self.secret = next_secret(&self.secret);
            self.lay_out();
            place = Place::new(id.to_bytes(), &self.secret);
            found = self.table.find(place);
        }
        if let Some(row) = found {
            let number = self.table.number(row);
            self.columns.change(number, self.table.get(row), Some(sketch), &self.books.clauses);
            return self.table.replace(row, place, sketch);
        }
        let Ok(number) = u32::try_from(self.ids.len()) else { return };
        self.ids.push(id);
        self.columns.change(number, None, Some(sketch), &self.books.clauses);
        if self.table.is_full() {
            self.lay_out();
        }
        // By another secret whoever has no seat by this one has.
        while !self.table.insert(Place::new(id.to_bytes(), &self.secret), sketch, number) {
            self.secret = next_secret(&self.secret);
            self.lay_out();
        }
    }

    /// Lays the table out anew, with room for more.
    fn lay_out(&mut self) {
        let nobody = PersonId::from_bytes([0; 16]);
        loop {
            let (ids, secret) = (&self.ids, &self.secret);
            let id = |number: u32| ids.get(number as usize).copied().unwrap_or(nobody);
            if self.table.grow(|number| Place::new(id(number).to_bytes(), secret)) {
                return;
            }
            self.secret = next_secret(&self.secret);
        }
    }

    /// Takes somebody out.
    pub fn remove(&mut self, id: PersonId) {
        self.version += 1;
        self.odd.remove(&id);
        let Some(row) = self.table.find(Place::new(id.to_bytes(), &self.secret)) else { return };
        let number = self.table.number(row);
        if self.ids.get(number as usize) == Some(&id) {
            self.columns.change(number, self.table.get(row), None, &self.books.clauses);
            self.table.remove(row);
        }
    }

    pub(crate) const fn books(&self) -> &Books {
        &self.books
    }

    const fn stand(&self) -> Stand {
        Stand { newest: self.newest, version: self.version }
    }

    /// Looks up every name of a question, to be decided for as many people as wanted.
    ///
    /// # Errors
    /// [`Beyond`] when the index does not answer it.
    pub fn ask(&self, question: &Question<Use>) -> Result<Asking, Beyond> {
        self.ask_this(question.clone())
    }

    /// The same for a question that nobody else needs any more.
    ///
    /// # Errors
    /// As [`Index::ask`].
    pub fn ask_this(&self, question: Question<Use>) -> Result<Asking, Beyond> {
        Asking::new(question, self.books(), self.stand())
    }

    /// The same question at another time, without looking its names up once more; nothing when this index, which must have
    /// made the asking, changed since, or does not answer for that time.
    #[must_use]
    pub fn ask_again(&self, asking: &Asking, at: Timestamp) -> Option<Asking> {
        asking.again(at, &self.books.law, self.stand())
    }

    /// Decides for one person. The same index must have made the asking, and not have taken a policy since.
    #[must_use]
    #[inline]
    pub fn decide(&self, asking: &Asking, id: PersonId) -> Verdict {
        let place = Place::new(id.to_bytes(), &self.secret);
        let known = self.table.known(self.table.seat(place), place);
        known.map_or_else(|| self.stranger(), |known| self.decide_about(asking, &known, id))
    }

    /// Decides for one person whose whole id is compared; nothing when there is nobody of that id.
    #[must_use]
    pub fn decide_known(&self, asking: &Asking, id: PersonId) -> Option<Verdict> {
        let row = self.table.find(Place::new(id.to_bytes(), &self.secret))?;
        let same = self.ids.get(self.table.number(row) as usize) == Some(&id);
        same.then(|| self.decide_row(asking, row, id))
    }

    #[inline]
    pub(crate) fn decide_row(&self, asking: &Asking, row: usize, id: PersonId) -> Verdict {
        self.table.get(row).map_or_else(|| self.stranger(), |known| self.decide_about(asking, &known, id))
    }

    #[inline]
    pub(crate) fn decide_about(&self, asking: &Asking, known: &Known<'_>, id: PersonId) -> Verdict {
        if known.class() == ClassId::ODD {
            return self.odd.get(&id).map_or_else(|| self.stranger(), |p| asking.refer(p, &self.books.law));
        }
        asking.decide(known, self.books())
    }

    pub(crate) const fn stranger(&self) -> Verdict {
        Verdict::closed(self.books.codes.unknown)
    }

    /// Why a verdict on a question is closed; nothing when it is open.
    #[must_use]
    pub fn reason(&self, asking: &Asking, verdict: Verdict) -> Option<Reason> {
        match verdict.code() {
            0 => None,
            NOT_THERE => Some(Reason::RegionNotGranted { region: asking.asked.question.region.clone() }),
            EXPIRED => Some(Reason::Expired { at: verdict.end().start() }),
            // A number nobody gave: whatever it was, it was no permit.
            code => Some(self.books.law.reason(code).unwrap_or(Reason::UnknownPerson)),
        }
    }

    /// Sorts what audiences are counted from: after loading many people.
    pub fn tidy(&mut self) {
        self.columns.tidy(&self.books.clauses);
    }

    /// The person of a number.
    #[must_use]
    pub fn person(&self, number: u32) -> Option<PersonId> {
        self.ids.get(number as usize).copied()
    }

    /// The number of a person.
    pub(crate) fn number(&self, id: PersonId) -> Option<u32> {
        let row = self.table.find(Place::new(id.to_bytes(), &self.secret))?;
        Some(self.table.number(row)).filter(|number| self.ids.get(*number as usize) == Some(&id))
    }

    /// True when the index knows somebody of exactly that id.
    #[must_use]
    pub fn knows(&self, id: PersonId) -> bool {
        self.number(id).is_some()
    }

    pub(crate) const fn columns(&self) -> &Columns {
        &self.columns
    }
    pub(crate) const fn table(&self) -> &Table {
        &self.table
    }

    /// How large it is.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes {
            people: self.table.live(),
            odd: self.odd.len(),
            lines: self.table.bytes(),
            clauses: self.books.clauses.bytes(),
            ids: self.ids.capacity() * 16 + self.table.bytes_of_numbers(),
            columns: self.columns.bytes(),
            distinct: self.books.clauses.len(),
        }
    }

    /// The reference's answer about a whole person, for comparison.
    #[must_use]
    pub fn reference(&self, question: &Question<Use>, person: &Person) -> Option<Reason> {
        let state = State { policy: &self.books.law.policy, person: Some(person), floor: Timestamp::MIN };
        decide(question, &state).verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).min().cloned()
    }
}
