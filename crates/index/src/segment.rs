//! Segments of loose rows: their classes, categories and regions as slices of bits, so that 64 of them are judged in a
//! step.

use crate::ask::Asking;
use crate::class::{BAND, Band, ClassId};
use crate::clause::{Clause, Clauses};
use crate::group::{Cursor, LINE, STEP, ended_before};
use crate::near;
use crate::pack::{Minute, Word};

/// What segments are told apart by: the word but for its clause, the clause's frame, a band of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    form: u64,
    pub(crate) frame: u64,
    pub(crate) band: Band,
}

impl Key {
    pub(crate) fn new(word: Word, class: ClassId, frame: u64) -> Self {
        Self { form: word.form() & !(word.clause() as u64), frame, band: class.band() }
    }
    /// The word of a row, but for its end.
    pub(crate) fn word(&self, clause: u32) -> Word {
        Word(self.form | u64::from(clause))
    }
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) end: Minute,
    pub(crate) number: u32,
    pub(crate) clause: u32,
    pub(crate) class: ClassId,
}

/// Rows alike in word and frame, of a band of classes: the sorted ones by their end, then those that came since.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    rows: Vec<Row>,
    sorted: usize,
    gone: usize,
    /// For each class of the band, how many of the sorted rows are still there.
    pub(crate) people: [u32; BAND],
    /// The end of every 64th of the sorted rows.
    marks: Vec<Minute>,
    /// A bit for each sorted row that is still there.
    pub(crate) here: Vec<u64>,
    /// For each class of the band, then each category and region, up to the last that any sorted row has, a bit for each
    /// row that has it: one after another, each as long as `here`.
    slices: Vec<u64>,
    /// The zones of each sorted row, unless all are plain: then bits tell why one is refused.
    pub(crate) zones: Vec<u16>,
    cursor: Cursor,
}

/// The slice of a category or region.
pub(crate) const fn slice_of(bit: usize) -> usize {
    BAND + bit
}

/// So many rows fill so many words of bits.
pub(crate) const fn words(rows: usize) -> usize {
    rows.div_ceil(64)
}

/// The places of the bits that are set.
pub(crate) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (word != 0).then_some(word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        at
    })
}

impl Segment {
    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
    pub(crate) fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(at)
    }
    /// How many rows are sorted, those that went included.
    pub(crate) const fn sorted(&self) -> usize {
        self.sorted
    }
    /// Rows that came since the last sorting.
    pub(crate) fn late(&self) -> &[Row] {
        self.rows.get(self.sorted..).unwrap_or_default()
    }

    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }
    /// So much came that it pays to sort: while it is loaded, a segment grows by its own length.
    pub(crate) fn is_unsorted(&self) -> bool {
        self.late().len() > 1024.max(self.sorted)
    }

    /// Takes the row that stands there away; tells the row that stands there now.
    pub(crate) fn take(&mut self, at: usize, class: ClassId) -> Option<&Row> {
        if at >= self.sorted {
            if at < self.rows.len() {
                self.rows.swap_remove(at);
            }
            return self.rows.get(at);
        }
        if let Some(word) = self.here.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
        if let Some(people) = self.people.get_mut(class.in_band()) {
            *people = people.saturating_sub(1);
        }
        self.gone += 1;
        None
    }
    /// So much went that it pays to leave it out: sorting what stays is then a small part of all the taking away.
    pub(crate) fn is_thin(&self) -> bool {
        self.gone > 1024.max(self.sorted / 8 * 7)
    }

    /// Sorts in who came, leaves out who went, and slices anew.
    pub(crate) fn tidy(&mut self, clauses: &Clauses) {
        let here = std::mem::take(&mut self.here);
        let stays =
            |at: usize| at >= self.sorted || here.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        let mut rows: Vec<Row> =
            self.rows.iter().enumerate().filter(|(at, _)| stays(*at)).map(|(_, row)| *row).collect();
        rows.sort_unstable();
        self.slices.clear();
        self.zones.clear();
        self.people = [0; BAND];
        let clause = |row: &Row| clauses.get(row.clause as usize);
        let plain = rows.iter().filter_map(clause).all(Clause::has_plain_zones);
        for (at, row) in rows.iter().enumerate() {
            let Some(clause) = clause(row) else { continue };
            if !plain {
                self.zones.push(clause.zones());
            }
            if let Some(people) = self.people.get_mut(row.class.in_band()) {
                *people += 1;
            }
            self.mark(row.class.in_band(), at, rows.len());
            for (n, word) in clause.bits().enumerate() {
                ones(word).for_each(|bit| self.mark(slice_of(n * 64 + bit), at, rows.len()));
            }
        }
        self.here = vec![u64::MAX; words(rows.len())];
        if let (Some(last), over) = (self.here.last_mut(), rows.len() % 64)
            && over != 0
        {
            *last = (1 << over) - 1;
        }
        self.marks = rows.iter().step_by(STEP).map(|row| row.end).collect();
        (self.sorted, self.gone) = (rows.len(), 0);
        self.cursor.forget();
        self.rows = rows;
    }

    /// Sets the bit of a row in a slice.
    fn mark(&mut self, slice: usize, at: usize, rows: usize) {
        let size = words(rows);
        if self.slices.len() < (slice + 1) * size {
            self.slices.resize((slice + 1) * size, 0);
        }
        if let Some(word) = self.slices.get_mut(slice * size + at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// So many words of a slice from a place on; nothing when no row of the segment has it.
    pub(crate) fn slice(&self, slice: usize, at: usize, words: usize) -> &[u64] {
        let from = slice * self.here.len() + at;
        self.slices.get(from..from + words).unwrap_or_default()
    }

    /// How many of the sorted rows have ended at a minute.
    pub(crate) fn over(&self, now: Minute) -> usize {
        self.cursor.get(now).unwrap_or_else(|| {
            let before = ended_before(&self.marks, now);
            let last = before.map(|before| self.rows.get(before..self.sorted.min(before + STEP)));
            let last = last.flatten().unwrap_or_default().iter().filter(|row| row.end <= now).count();
            let over = before.unwrap_or(0) + last;
            let end = |at: usize| self.rows.get(at).filter(|_| at < self.sorted).map(|row| row.end);
            let last = over.checked_sub(1).and_then(end).unwrap_or(Minute::FIRST);
            self.cursor.set(now, over, (last, end(over).unwrap_or(Minute::FOREVER)));
            over
        })
    }

    /// Touches what judging begins with, so that it comes from memory together with that of other segments.
    pub(crate) fn touch(&self, asking: &Asking) -> u64 {
        let first = |slice: usize| self.slice(slice, 0, 1).first().copied().unwrap_or(0);
        let regions = asking.asked.going.missing.iter().map(|(bit, _)| usize::from(*bit));
        let wanted =
            asking.wanted.iter().enumerate().flat_map(|(n, word)| ones(*word).map(move |bit| n * 64 + bit));
        let near = wanted.chain(regions).fold(0, |near, bit| near ^ first(slice_of(bit)));
        let near = near ^ self.here.first().copied().unwrap_or(0);
        if self.cursor.get(asking.now).is_some() {
            return near;
        }
        let marks = self.marks.iter().step_by(LINE / size_of::<Minute>());
        near ^ marks.fold(0, |near, end| near ^ u64::from(end.number()))
    }

    /// Touches the rows around a minute, if the cursor does not tell how many have ended.
    pub(crate) fn touch_rows(&self, now: Minute) -> u32 {
        if self.cursor.get(now).is_some() {
            return 0;
        }
        let from = ended_before(&self.marks, now).unwrap_or(0);
        let around = self.rows.iter().skip(from).take(STEP).step_by(LINE / size_of::<Row>());
        around.fold(0, |near, row| near ^ row.number)
    }

    /// Asks for what taking a row away needs before it is needed.
    pub(crate) fn fetch(&self, at: usize) {
        if at < self.sorted {
            self.here.get(at / 64).inspect(|word| near::fetch(*word));
        } else {
            self.rows.get(at).inspect(|row| near::fetch(*row));
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let bits = (self.here.capacity() + self.slices.capacity()) * 8 + self.marks.capacity() * 4;
        self.rows.capacity() * size_of::<Row>() + self.zones.capacity() * 2 + bits
    }
}
