//! Appending to the journal: what an append may read, and the frame that it and its neighbours become.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use assent_kernel::{CompanyId, PersonId};
use hashbrown::HashMap;

use super::files::mark;
use super::tx::{Inner, Texts, Tx};
use super::{AppendJob, Finish};
use crate::error::Result;
use crate::journal::{self, Encoded, Frame, Journal, Mark, Reach};
use crate::people::{self, Footing};

/// The most people whose footing is remembered.
const MOST_REMEMBERED: usize = 50_000;
const DATA_VERSION: &str = "PRAGMA data_version";

/// The frame in the making, and what is known of those it is about.
pub(crate) struct Sheet {
    pub(crate) journal: Journal,
    frame: Frame,
    backlog: Arc<AtomicU64>,
    /// Holds until somebody else wrote to the file, which SQLite tells, or this writer did.
    people: HashMap<PersonId, Option<Footing>>,
    policies: HashMap<CompanyId, u64>,
    /// SQLite's word for what others wrote, and the mark as it was read after it.
    seen: Option<(i64, Mark)>,
}

impl Sheet {
    pub(crate) fn new(journal: Journal, backlog: Arc<AtomicU64>) -> Self {
        let mut frame = Frame::default();
        frame.clear();
        Self { journal, frame, backlog, people: HashMap::new(), policies: HashMap::new(), seen: None }
    }

    /// Forgets what it knew of the store: it may have changed.
    pub(crate) fn forget(&mut self) {
        self.people.clear();
        self.policies.clear();
        self.seen = None;
    }

    pub(crate) fn frame_bytes(&self) -> usize {
        self.frame.bytes()
    }

    /// Begins a frame, under the journal's lock.
    pub(crate) fn begin(&mut self, conn: &rusqlite::Connection, texts: &mut Texts) -> Result<Mark> {
        let version = Tx(Inner::Sqlite(conn, texts, None)).first(DATA_VERSION, &[], |row| row.int(0))?;
        let version = version.unwrap_or_default();
        let mark = match self.seen {
            Some((seen, mark)) if seen == version && self.people.len() <= MOST_REMEMBERED => mark,
            // Whoever absorbs between the two makes the version another: all this is forgotten before the next frame.
            Some(_) | None => {
                self.forget();
                let mark = mark(conn, texts)?;
                self.seen = Some((version, mark));
                mark
            }
        };
        self.journal.refresh(mark)?;
        Ok(mark)
    }

    /// Runs one closure; what it appended is taken back if it fails.
    pub(crate) fn run(&mut self, job: AppendJob, conn: &rusqlite::Connection, texts: &mut Texts) -> Finish {
        let before = self.frame.len();
        let (keep, finish) = job(&mut Appending { tx: Tx(Inner::Sqlite(conn, texts, None)), sheet: self });
        while !keep && self.frame.len() > before {
            let Some((person, seq)) = self.frame.pop() else { break };
            if let Some(Some(footing)) = self.people.get_mut(&person) {
                footing.seq = seq.saturating_sub(1);
            }
        }
        finish
    }

    /// Gives up a frame that could not begin: nothing of it counts, and nobody's next number.
    pub(crate) fn give_up(&mut self) {
        self.forget();
        self.frame.clear();
    }

    /// Makes the frame durable.
    pub(crate) fn end(&mut self, mark: Mark) -> Result<()> {
        if self.frame.len() == 0 {
            return Ok(());
        }
        let done = self.journal.append(&mut self.frame, mark);
        if done.is_err() {
            self.forget();
            self.frame.clear();
        }
        self.backlog.store(self.journal.beyond(mark), Ordering::Relaxed);
        done
    }

    /// What can wait until everybody has been told.
    pub(crate) fn settle(&mut self) {
        self.journal.learn(&self.frame);
        self.frame.clear();
    }
}

/// What a closure that appends may do: see where people stand at this moment, and add records.
pub struct Appending<'a> {
    tx: Tx<'a>,
    sheet: &'a mut Sheet,
}

impl std::fmt::Debug for Appending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Appending")
    }
}

impl Appending<'_> {
    /// Where a person stands, with the number of their newest use, wherever it lies.
    ///
    /// # Errors
    /// What the engine said.
    pub fn footing(&mut self, person: PersonId) -> Result<Option<Footing>> {
        let known = self.sheet.people.get(&person).copied();
        let mut found = match known {
            Some(known) => known,
            None => people::footing(&mut self.tx, person)?,
        };
        // What another process appended is in no row and moves no version.
        if let (Some(footing), Some(newest)) = (&mut found, self.sheet.journal.newest(person)) {
            footing.seq = footing.seq.max(newest);
        }
        self.sheet.people.insert(person, found);
        Ok(found)
    }

    /// The version of a company's policy that holds here.
    ///
    /// # Errors
    /// What the engine said.
    pub fn policy_version(&mut self, company: CompanyId) -> Result<u64> {
        if let Some(known) = self.sheet.policies.get(&company) {
            return Ok(*known);
        }
        let version = people::policy_version(&mut self.tx, company)?;
        self.sheet.policies.insert(company, version);
        Ok(version)
    }

    /// Appends a record, whose number must be the person's next.
    pub fn push(&mut self, record: &Encoded) {
        self.sheet.frame.push(record);
        if let Some(Some(footing)) = self.sheet.people.get_mut(&record.person) {
            footing.seq = record.seq;
        }
    }

    /// Up to where the journal is durable now.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.sheet.journal.reach()
    }

    /// How many uses wait to be absorbed.
    ///
    /// # Errors
    /// What the engine and the disk said.
    pub fn waiting(&mut self) -> Result<u64> {
        let reach = self.reach();
        journal::waiting_count(&mut self.tx, &reach)
    }
}
