//! The engine: rows stream from a file into the gate, batch by batch.
//!
//! One thread reads and judges rows; the batches it makes wait in a short queue; a few of them are with the gate at
//! a time, so that one is sealed while another is written. Batches come back in the order of the file. However often
//! an import is taken up again, it reads the file from the beginning, because only that tells which rows repeat an
//! earlier one; rows that are done are judged and dropped, which costs no more than reading them.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use assent_gate::{Admission, GateError};
use assent_kernel::{CategoryKey, Reason, TreeKey as _};
use assent_web::Ctx;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;

use super::judge::{Candidate, Judge, Verdict};
use super::model::{Counts, Reject};
use super::note::Note;
use super::plan::Plan;
use super::read::{Contacts, Fault, Unreadable};

/// Rows of one batch.
pub const BATCH: u64 = 2000;
/// Batches that wait for the gate.
const WAITING: usize = 2;
/// Batches that are with the gate at a time.
const AT_ONCE: usize = 3;

/// Why an import stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] Unreadable),
    /// The file could not be read to the end.
    #[error("{0}")]
    Cut(Fault),
    /// What the gate said.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// A thread of ours ended.
    #[error("the import broke off inside the program")]
    Broken,
}

/// A batch of judged rows.
#[derive(Debug)]
struct Piece {
    /// The number of its last row.
    last: u64,
    /// Where the next row begins.
    offset: u64,
    candidates: Vec<Candidate>,
    counts: Counts,
    rejects: Vec<Reject>,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Step {
    /// The number of its first row.
    pub first: u64,
    /// The number of its last row: everything up to it is done.
    pub last: u64,
    /// Where the next row begins, in bytes of text.
    pub offset: u64,
    /// What became of its rows.
    pub counts: Counts,
    /// What somebody should look at, in the order of the file.
    pub rejects: Vec<Reject>,
}

/// An import at work.
#[derive(Debug)]
pub struct Engine {
    ctx: Ctx,
    plan: Arc<Plan>,
    keep: bool,
    pieces: Receiver<Result<Piece, Failure>>,
    busy: VecDeque<JoinHandle<Result<Step, Failure>>>,
    failed: Option<Failure>,
}

impl Engine {
    /// Starts to read. Rows up to `done` are passed over; without `keep` nothing is kept.
    ///
    /// # Errors
    /// What the gate said.
    pub async fn start<R: Read + Send + 'static>(
        ctx: &Ctx,
        plan: Plan,
        read: R,
        done: u64,
        keep: bool,
    ) -> Result<Self, Failure> {
        let plan = Arc::new(plan);
        let standing = ctx.gate.policy(plan.company).await?;
        let judge = Judge::new(ctx.gate.clone(), standing, Arc::clone(&plan))?;
        let (send, pieces) = mpsc::channel(WAITING);
        let layout = plan.layout.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(failure) = pour(judge, read, &layout, done, &send) {
                let _ = send.blocking_send(Err(failure));
            }
        });
        Ok(Self { ctx: ctx.clone(), plan, keep, pieces, busy: VecDeque::new(), failed: None })
    }

    /// The next batch that is done, in the order of the file; `None` at its end.
    ///
    /// # Errors
    /// Why it stopped; what came back before is done.
    pub async fn next(&mut self) -> Result<Option<Step>, Failure> {
        self.fill().await;
        match self.busy.pop_front() {
            Some(task) => task.await.map_err(|_| Failure::Broken)?.map(Some),
            None => self.failed.take().map_or(Ok(None), Err),
        }
    }

    /// Hands batches to the gate; waits for one only when none is there.
    async fn fill(&mut self) {
        while self.busy.len() < AT_ONCE && self.failed.is_none() {
            let piece =
                if self.busy.is_empty() { self.pieces.recv().await } else { self.pieces.try_recv().ok() };
            match piece {
                Some(Ok(piece)) => {
                    let (ctx, plan, keep) = (self.ctx.clone(), Arc::clone(&self.plan), self.keep);
                    self.busy.push_back(tokio::spawn(async move { take(&ctx, &plan, piece, keep).await }));
                }
                Some(Err(failure)) => self.failed = Some(failure),
                None => return,
            }
        }
    }

    /// Waits until nothing of it is with the gate any more.
    pub async fn settle(mut self) {
        self.pieces.close();
        while let Some(task) = self.busy.pop_front() {
            let _ = task.await;
        }
    }
}

/// The reading thread.
fn pour<R: Read>(
    mut judge: Judge,
    read: R,
    layout: &super::read::Layout,
    done: u64,
    send: &Sender<Result<Piece, Failure>>,
) -> Result<(), Failure> {
    let mut contacts = Contacts::open(read, layout, None)?;
    let mut piece = Piece::after(done);
    while let Some(next) = contacts.next() {
        let number = next.as_ref().map_or_else(|error| error.row, |row| row.number);
        match next {
            Err(error) if matches!(error.fault, Fault::Io(_)) => return Err(Failure::Cut(error.fault)),
            Err(error) if number > done => piece.reject(judge.unread(error)),
            Err(_) => {}
            Ok(row) => {
                let verdict = judge.row(row)?;
                if number > done {
                    piece.add(verdict);
                }
            }
        }
        if number <= done {
            continue;
        }
        piece.last = number;
        piece.offset = contacts.place().offset;
        if piece.counts.rows >= BATCH {
            let full = std::mem::replace(&mut piece, Piece::after(number));
            if send.blocking_send(Ok(full)).is_err() {
                return Ok(());
            }
        }
    }
    if piece.counts.rows > 0 {
        let _ = send.blocking_send(Ok(piece));
    }
    Ok(())
}

impl Piece {
    fn after(done: u64) -> Self {
        Self { last: done, offset: 0, candidates: Vec::new(), counts: Counts::default(), rejects: Vec::new() }
    }

    fn reject(&mut self, (note, reject): (Note, Reject)) {
        self.counts.rows += 1;
        self.counts.rejected += 1;
        self.counts.why.add(note.code, &note.sentence);
        self.rejects.push(reject);
    }

    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Reject(note, reject) => self.reject((note, reject)),
            Verdict::Twice(reject) => {
                self.counts.rows += 1;
                self.counts.duplicates += 1;
                self.counts.why.add(Note::TWICE.code, &Note::TWICE.sentence);
                self.rejects.push(reject);
            }
            Verdict::Take(candidate) => {
                self.counts.rows += 1;
                self.candidates.push(*candidate);
            }
        }
    }
}

/// Takes a batch: leaves out who is here already and admits the rest.
async fn take(ctx: &Ctx, plan: &Plan, piece: Piece, keep: bool) -> Result<Step, Failure> {
    let Piece { last, offset, candidates, mut counts, mut rejects } = piece;
    let first = last.saturating_sub(counts.rows).saturating_add(1);
    let emails: Vec<String> = candidates.iter().flat_map(|one| one.emails.iter().cloned()).collect();
    let mut known = ctx.gate.known(plan.company, &emails).await?.into_iter();
    let (mut newcomers, mut rows) = (Vec::with_capacity(candidates.len()), Vec::new());
    for mut one in candidates {
        // A row that came in before this batch broke off finds itself.
        let id = one.newcomer.id;
        let here = known
            .by_ref()
            .take(one.emails.len())
            .fold(false, |hit, who| hit | who.is_some_and(|who| who != id));
        if here {
            counts.duplicates += 1;
            counts.why.add(Note::HERE.code, &Note::HERE.sentence);
            rejects.push(one.reject(String::new(), &Note::HERE.sentence));
            continue;
        }
        counts.quarantined += u64::from(one.newcomer.answers.is_empty() && one.newcomer.contracts.is_empty());
        one.remarks.iter().for_each(|remark| counts.noticed.add(remark.code(), remark.sentence()));
        for note in std::mem::take(&mut one.notes) {
            counts.noticed.add(note.code, &note.sentence);
            rejects.push(one.noted(String::new(), &format!("Taken, but: {}", note.sentence)));
        }
        newcomers.push(one.newcomer.clone());
        rows.push(one);
    }
    if keep {
        let batch = Admission {
            company: plan.company,
            region: plan.region.clone(),
            newcomers,
            source: plan.source.clone(),
            import: Some(plan.import),
            asker: plan.asker,
            // A file brings people whom nobody looks after yet.
            owner: None,
        };
        let left = ctx.gate.admit(batch, ctx.now());
        for (person, category, reason) in left.await? {
            counts.left_out += 1;
            counts.noticed.add(Note::LEFT_OUT.code, &Note::LEFT_OUT.sentence);
            let row = rows.iter().find(|one| one.newcomer.id == person);
            rejects.extend(row.map(|row| row.left_out(plan, &category, &reason)));
        }
    }
    rejects.sort_by_key(|reject| reject.row);
    Ok(Step { first, last, offset, counts, rejects })
}

impl Candidate {
    fn reject(&self, column: String, reason: &str) -> Reject {
        Reject {
            row: self.row,
            line: self.line,
            column,
            reason: reason.to_owned(),
            fields: self.fields.0.clone(),
        }
    }

    fn left_out(&self, plan: &Plan, category: &CategoryKey, reason: &Reason) -> Reject {
        let of = |one: &&super::read::map::Column| {
            let own = one.own.as_ref().and_then(|field| field.category.as_ref());
            one.target.category() == Some(category.as_str()) || own == Some(category)
        };
        let column = plan.mapping.columns.iter().find(of).map(|one| one.header.clone()).unwrap_or_default();
        let reason =
            format!("Taken, but left out: column {column}. It may not be kept here ({}).", reason.code());
        self.noted(column, &reason)
    }

    /// A remark about a row that was taken: without its values, so that erasing the person leaves none here.
    fn noted(&self, column: String, reason: &str) -> Reject {
        Reject { row: self.row, line: self.line, column, reason: reason.to_owned(), fields: Vec::new() }
    }
}
