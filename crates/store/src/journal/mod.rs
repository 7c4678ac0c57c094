//! The journal beside a region's SQLite file: where uses become durable, by one write and one sync for all who wait.
//!
//! Two files take turns. The one in use grows at its end; what was taken over into SQLite (`absorbed`) is marked there,
//! in the transaction that took it over, so that everything is taken over exactly once; a file that was taken over whole
//! is written again from its start, under the next generation. A frame is written only after the one before is on disk:
//! one that does not read is either the last, cut off by a crash and never acknowledged, or it is damaged.
//!
//! Whoever appends, and whoever changes what an append relies on, holds the lock of the journal; so does every other
//! process on the same files. It sees ciphertext only.

mod frame;
mod read;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use assent_kernel::PersonId;
use hashbrown::HashMap;

pub(crate) use frame::Frame;
use frame::{ALIGN, HEAD, Spot};
pub use frame::{Encoded, Record};
pub use read::{Mark, Reach, SQL, set_mark, unabsorbed, waiting_count};
pub(crate) use read::{mark, new_mark};

use crate::error::{Result, StoreError};

/// A file grows to a multiple of this, in zeros, so that most writes change no length. Each step is one write: what the
/// system keeps of a file that was written in small pieces is many small pieces, and each is looked at when it is synced.
const STEP: u64 = 1024 * 1024;
/// From this length on the other file takes over, once it is free.
const LONG: u64 = 16 * 1024 * 1024;

/// The journal, open for appending. One thread of a process has it.
#[derive(Debug)]
pub(crate) struct Journal {
    base: PathBuf,
    store: i64,
    files: [File; 2],
    /// Held by a handle of its own, so that it outlives handles that failed.
    lock: File,
    generation: u64,
    /// Up to where each file is written.
    tails: [u64; 2],
    /// Bytes that each file had at least when it was looked at.
    room: [u64; 2],
    /// The newest number of each person in each file.
    newest: [HashMap<PersonId, i64>; 2],
    /// A write failed, and what it left behind is not yet cut off.
    failed: Option<Failed>,
    known: Known,
}

/// Whether it is known what the files hold.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// All of it, when it was looked at.
    All,
    /// Reading it broke off, at damage or a disk that refused: nothing that is remembered counts until it is read again.
    Nothing,
}

/// A frame whose write failed: where, and how it begins.
#[derive(Debug)]
struct Failed {
    spot: Spot,
    head: Vec<u8>,
    end: u64,
}

/// Which of the two files a generation is in.
const fn place(generation: u64) -> usize {
    (generation % 2) as usize
}

/// The name of a file of the journal.
pub(super) fn path(base: &Path, place: usize) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(if place == 0 { "-uses0" } else { "-uses1" });
    name.into()
}

fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Full(format!("{}: {error}", path.display()))
}

fn open_file(base: &Path, place: usize) -> Result<File> {
    let path = path(base, place);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    open.map_err(|error| failed(&path, &error))
}

/// Writes zeros from a file's end on, up to a multiple of [`STEP`]; tells how long it is at least, however that ends.
fn grow(file: &mut File, room: &mut u64, to: u64) -> std::io::Result<()> {
    let zeros = vec![0; STEP as usize];
    while *room < to {
        let step = zeros.get((*room % STEP) as usize..).unwrap_or_default();
        file.write_all(step)?;
        *room += step.len() as u64;
    }
    Ok(())
}

/// Reads as much as there is, at most `length` bytes.
pub(super) fn read_at(file: &mut File, at: u64, length: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut out = Vec::with_capacity(length.min(1 << 16));
    file.take(length as u64).read_to_end(&mut out)?;
    Ok(out)
}

impl Journal {
    /// Opens the journal of a store, whose number is in its mark, and reads what was not absorbed yet. The mark is
    /// asked for under the lock.
    pub(crate) fn open(base: &Path, mark: impl FnOnce() -> Result<Mark>) -> Result<Self> {
        let files = [open_file(base, 0)?, open_file(base, 1)?];
        // The names of new files must be as durable as what is in them.
        if let Some(folder) = base.parent().filter(|folder| folder.is_dir()) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| failed(folder, &e))?;
        }
        let lock = open_file(base, 0)?;
        let mut journal = Self {
            base: base.to_path_buf(),
            store: 0,
            files,
            lock,
            generation: 0,
            tails: [0; 2],
            room: [0; 2],
            newest: Default::default(),
            failed: None,
            known: Known::Nothing,
        };
        journal.hold()?;
        let loaded = mark().and_then(|mark| journal.load(mark));
        journal.release();
        loaded.map(|()| journal)
    }

    /// Keeps every other process from appending, and from changing what an append relies on.
    pub(crate) fn hold(&self) -> Result<()> {
        self.lock.lock().map_err(|error| failed(&self.base, &error))
    }

    pub(crate) fn release(&self) {
        // It fails only on a handle that is none; and a lock that stays is better than an answer that is lost.
        if let Err(error) = self.lock.unlock() {
            tracing::error!(%error, "the journal's lock");
        }
    }

    /// Learns what other processes did since: under the lock.
    pub(crate) fn refresh(&mut self, mark: Mark) -> Result<()> {
        if self.failed.is_some() {
            self.mend(mark)?;
        }
        let moved = match self.known {
            Known::All => self.has_moved(mark)?,
            Known::Nothing => true,
        };
        if moved {
            self.load(mark)?;
        }
        // Numbers of what is absorbed whole are in the store's own rows.
        if mark.generation == self.generation && mark.at >= self.tail() {
            self.newest.iter_mut().for_each(HashMap::clear);
        }
        Ok(())
    }

    /// Goes over what was appended where it was before; tells whether the other file took over.
    fn has_moved(&mut self, mark: Mark) -> Result<bool> {
        self.follow(self.generation)?;
        let newer = self.first(place(self.generation + 1))?;
        let other = self.first(place(self.generation))?;
        let moved = |found: Option<u64>| found.is_some_and(|found| found > self.generation);
        Ok(mark.generation > self.generation || moved(newer) || moved(other))
    }

    /// Reads everything from the mark on, and finds where to go on.
    fn load(&mut self, mark: Mark) -> Result<()> {
        self.known = Known::Nothing;
        self.read_from(mark)?;
        self.known = Known::All;
        Ok(())
    }

    fn read_from(&mut self, mark: Mark) -> Result<()> {
        self.store = mark.store;
        self.newest.iter_mut().for_each(HashMap::clear);
        self.tails = [0; 2];
        for n in [0, 1] {
            let path = path(&self.base, n);
            if let Some(found) = self.first(n)?
                && found > mark.generation + 1
            {
                return Err(StoreError::Damaged(format!(
                    "{} is newer than the store beside it, which was set back: use `assent restore`",
                    path.display()
                )));
            }
        }
        self.generation = mark.generation;
        let (now, next) = (place(mark.generation), place(mark.generation + 1));
        let whole = self.first(now)? == Some(mark.generation) || mark.at == 0;
        self.set_tail(now, mark.at);
        self.follow(mark.generation)?;
        self.not_damaged(mark.generation)?;
        let goes_on = self.first(next)? == Some(mark.generation + 1);
        if goes_on || !whole {
            // Either the other file took over, or the one of the mark is gone: all of it up to the mark is absorbed.
            self.generation = mark.generation + 1;
            self.follow(self.generation)?;
            self.not_damaged(self.generation)?;
        }
        if goes_on && self.tail() > 0 && whole {
            let before = self.head_at(next, 0)?.map_or(0, |head| head.before);
            if self.tails.get(now) != Some(&before) {
                return Err(self.damage(now));
            }
        } else if goes_on && self.tail() == 0 {
            // The take-over was cut off and never acknowledged.
            self.generation = mark.generation;
        }
        Ok(())
    }

    fn tail(&self) -> u64 {
        self.tails.get(place(self.generation)).copied().unwrap_or(0)
    }

    fn set_tail(&mut self, place: usize, to: u64) {
        if let Some(tail) = self.tails.get_mut(place) {
            *tail = to;
        }
    }

    fn spot(&self, generation: u64) -> Spot {
        let at = self.tails.get(place(generation)).copied().unwrap_or(0);
        Spot { store: self.store, generation, at }
    }

    fn bytes(&mut self, n: usize, at: u64, length: usize) -> Result<Vec<u8>> {
        let file = self.files.get_mut(n).ok_or(StoreError::Moved)?;
        read_at(file, at, length).map_err(|error| failed(&path(&self.base, n), &error))
    }

    fn head_at(&mut self, n: usize, at: u64) -> Result<Option<frame::Head>> {
        Ok(frame::head(&self.bytes(n, at, HEAD)?).filter(|head| head.spot.at == at))
    }

    /// The generation that a file begins with.
    fn first(&mut self, n: usize) -> Result<Option<u64>> {
        let Some(head) = self.head_at(n, 0)? else { return Ok(None) };
        if head.spot.store != self.store {
            let path = path(&self.base, n);
            return Err(StoreError::Damaged(format!("{} belongs to another store", path.display())));
        }
        Ok(Some(head.spot.generation))
    }

    /// Goes over whole frames from the tail on.
    fn follow(&mut self, generation: u64) -> Result<()> {
        let n = place(generation);
        loop {
            let spot = self.spot(generation);
            let Some(head) = self.head_at(n, spot.at)?.filter(|head| head.spot == spot) else {
                return Ok(());
            };
            let Some(records) = frame::records(&self.bytes(n, spot.at, HEAD + head.length)?) else {
                // Cut off by a crash; or damaged, if another process went on after it.
                return self.not_damaged(generation);
            };
            let newest = records.iter().map(|record| (record.person, record.seq));
            if let Some(map) = self.newest.get_mut(n) {
                map.extend(newest);
            }
            self.set_tail(n, (spot.at + (HEAD + head.length) as u64).next_multiple_of(ALIGN));
        }
    }

    /// After the tail there may be a frame that a crash cut off, but none that is whole: those were written later.
    fn not_damaged(&mut self, generation: u64) -> Result<()> {
        let (n, tail) = (place(generation), self.spot(generation).at);
        let rest = self.bytes(n, tail, usize::MAX)?;
        for (i, bytes) in rest.chunks(ALIGN as usize).enumerate().skip(1) {
            if bytes.first() != Some(&b'A') {
                continue;
            }
            let offset = i * ALIGN as usize;
            let spot = Spot { store: self.store, generation, at: tail + offset as u64 };
            let later = rest.get(offset..).unwrap_or_default();
            if frame::head(later).is_some_and(|head| head.spot == spot) && frame::records(later).is_some() {
                return Err(self.damage(n));
            }
        }
        Ok(())
    }

    fn damage(&self, n: usize) -> StoreError {
        let at = self.tails.get(n).copied().unwrap_or(0);
        StoreError::Damaged(format!(
            "{}: what is at byte {at} does not read, and what was written after it does",
            path(&self.base, n).display()
        ))
    }

    /// The newest number of a person that is not absorbed yet.
    pub(crate) fn newest(&self, person: PersonId) -> Option<i64> {
        self.newest.iter().filter_map(|map| map.get(&person)).max().copied()
    }

    /// Remembers the numbers of a frame that is durable: before the next is begun.
    pub(crate) fn learn(&mut self, frame: &Frame) {
        if let Some(map) = self.newest.get_mut(place(self.generation)) {
            map.extend(frame.entries.iter().map(|(person, seq, _)| (*person, *seq)));
        }
    }

    /// Bytes after the mark.
    pub(crate) fn beyond(&self, mark: Mark) -> u64 {
        let tail = |generation| self.tails.get(place(generation)).copied().unwrap_or(0);
        let older = if mark.generation < self.generation { tail(self.generation) } else { 0 };
        older + tail(mark.generation).saturating_sub(mark.at)
    }

    /// Up to where everything is durable: under the lock.
    pub(crate) fn reach(&self) -> Reach {
        Reach { base: self.base.clone(), store: self.store, generation: self.generation, tails: self.tails }
    }

    /// Makes a frame durable: under the lock, after [`Journal::refresh`]. If it fails, nothing of it remains.
    pub(crate) fn append(&mut self, frame: &mut Frame, mark: Mark) -> Result<()> {
        if self.tail() >= LONG && mark.generation == self.generation {
            self.generation += 1;
            let n = place(self.generation);
            self.set_tail(n, 0);
            if let Some(map) = self.newest.get_mut(n) {
                map.clear();
            }
        }
        let (n, spot) = (place(self.generation), self.spot(self.generation));
        let before = if spot.at == 0 { self.tails.get(1 - n).copied().unwrap_or(0) } else { 0 };
        let bytes = frame.finish(spot, before)?;
        match self.write(n, bytes, spot.at) {
            Ok(tail) => {
                self.set_tail(n, tail);
                Ok(())
            }
            Err(error) => {
                let end = (spot.at + bytes.len() as u64).next_multiple_of(ALIGN);
                let head = bytes.iter().take(HEAD).copied().collect();
                self.failed = Some(Failed { spot, head, end });
                // If that fails too, the next append tries again and refuses until it is done.
                self.mend(mark).ok();
                Err(failed(&path(&self.base, n), &error))
            }
        }
    }

    fn write(&mut self, n: usize, bytes: &[u8], at: u64) -> std::io::Result<u64> {
        let gone = || std::io::Error::other("no such file");
        let (file, room) = (self.files.get_mut(n).ok_or_else(gone)?, self.room.get_mut(n).ok_or_else(gone)?);
        let end = (at + bytes.len() as u64).next_multiple_of(ALIGN);
        if end > *room {
            // Another process may have made it longer, and written there.
            *room = file.seek(SeekFrom::End(0))?;
            grow(file, room, end.next_multiple_of(STEP))?;
        }
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
        file.sync_data()?;
        Ok(end)
    }

    /// Cuts off what a write that failed left behind, with handles that have not failed: after a sync that failed a
    /// handle may say that all is well when it is not. If that had to wait, another process may have gone on from the
    /// same place, and was told that all is well: what it wrote stays.
    fn mend(&mut self, mark: Mark) -> Result<()> {
        self.files = [open_file(&self.base, 0)?, open_file(&self.base, 1)?];
        self.room = [0; 2];
        let Some(last) = self.failed.take() else { return Ok(()) };
        let mended = self.mend_after(&last, mark);
        if mended.is_err() {
            self.failed = Some(last);
        }
        mended
    }

    fn mend_after(&mut self, last: &Failed, mark: Mark) -> Result<()> {
        let n = place(last.spot.generation);
        let is_it = self.bytes(n, last.spot.at, HEAD)? == last.head;
        let next = Spot { at: last.end, ..last.spot };
        let went_on = self.head_at(n, last.end)?.is_some_and(|head| head.spot == next)
            || self.first(1 - n)?.is_some_and(|found| found > last.spot.generation);
        if is_it && !went_on {
            self.cut(n, last.spot.at)?;
        }
        self.load(mark)?;
        self.cut(place(self.generation), self.tail())
    }

    fn cut(&self, n: usize, tail: u64) -> Result<()> {
        let file = self.files.get(n).ok_or(StoreError::Moved)?;
        let cut = file.set_len(tail).and_then(|()| file.sync_all());
        cut.map_err(|error| failed(&path(&self.base, n), &error))
    }
}
