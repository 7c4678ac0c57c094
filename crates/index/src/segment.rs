//! Segments of loose rows: their categories and regions as slices of bits, so that 64 of them are judged in a step.

use crate::ask::{Asking, Books};
use crate::class::ClassId;
use crate::clause::{Clause, Clauses};
use crate::group::{Cursor, LINE, STEP, ended_before};
use crate::law::{Code, EXPIRED};
use crate::pack::{Minute, Word};

/// The most regions that are looked for by bits.
const MOST_MISSING: usize = 64;

/// What segments are told apart by: class, the word but for its clause, the clause's frame.
pub(crate) type Key = (ClassId, u64, u64);

/// Receives so many people with that outcome.
pub(crate) trait Tally {
    /// True when it is to be told who; if not, rows that may be used are counted under code 0.
    fn wants_numbers(&self) -> bool;
    /// So many rows are decided so.
    fn count(&mut self, code: Code, people: usize);
    /// One row may be used.
    fn open(&mut self, number: u32);
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) end: Minute,
    pub(crate) number: u32,
    pub(crate) clause: u32,
}

/// Rows alike in class, word and frame: the sorted ones by their end, then those that came since.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    pub(crate) rows: Vec<Row>,
    pub(crate) sorted: usize,
    /// The end of every 64th of the sorted rows.
    marks: Vec<Minute>,
    /// A bit for each sorted row that is still there.
    pub(crate) here: Vec<u64>,
    /// For each category and region, up to the last that any sorted row has, a bit for each row that has it: one after
    /// another, each as long as `here`.
    slices: Vec<u64>,
    /// The zones of each sorted row, unless all are plain: then bits tell why one is refused.
    zones: Vec<u16>,
    pub(crate) gone: usize,
    cursor: Cursor,
}

fn bits(rows: usize) -> usize {
    rows.div_ceil(64)
}

impl Segment {
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
        let clause = |row: &Row| clauses.get(row.clause as usize);
        let plain = rows.iter().filter_map(clause).all(Clause::has_plain_zones);
        for (at, row) in rows.iter().enumerate() {
            let Some(clause) = clause(row) else { continue };
            if !plain {
                self.zones.push(clause.zones());
            }
            for (n, mut word) in clause.bits().iter().copied().enumerate() {
                while word != 0 {
                    self.slice(n * 64 + word.trailing_zeros() as usize, at, rows.len());
                    word &= word - 1;
                }
            }
        }
        self.here = vec![u64::MAX; bits(rows.len())];
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

    fn slice(&mut self, category: usize, at: usize, rows: usize) {
        let size = bits(rows);
        if self.slices.len() < (category + 1) * size {
            self.slices.resize((category + 1) * size, 0);
        }
        if let Some(word) = self.slices.get_mut(category * size + at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(crate) fn judge(&self, key: Key, asking: &Asking, books: Books<'_>, tally: &mut impl Tally) {
        let (class, form, frame) = key;
        // All that is asked of a clause here lies in its frame; the clause itself would have to be fetched.
        let (clause, named) = (Clause::framed(frame), Word(form).named());
        let first = self.rows.first().filter(|_| named).map_or(0, |row| row.clause);
        let word = Word(form | u64::from(first));
        let whole = self.rows.len() - self.gone;
        // What closes before the end is looked at closes the whole segment.
        let early = asking.before_end(class, word, clause, books);
        if early != 0 {
            return tally.count(early, whole);
        }
        let over = self.over(asking.now);
        let ended = self.still_here(0, over);
        tally.count(EXPIRED, ended);
        match asking.before_categories(clause, books) {
            0 => self.judge_bits(over, asking.after_categories(clause, books), asking, books, tally),
            code => tally.count(code, self.still_here(0, self.sorted) - ended),
        }
        self.judge_late(asking, books, tally);
    }

    /// The sorted rows from `over` on: 64 at a step; `after` closes those that have the categories.
    fn judge_bits(
        &self,
        over: usize,
        after: Code,
        asking: &Asking,
        books: Books<'_>,
        tally: &mut impl Tally,
    ) {
        let missing = asking.asked.going.missing.as_slice();
        let (mut lack, mut open) = (0, 0);
        let mut lacks = [0; MOST_MISSING];
        let by_bits = asking.sure && self.zones.is_empty() && missing.len() <= MOST_MISSING;
        for at in over / 64..bits(self.sorted) {
            let mut left = self.here.get(at).copied().unwrap_or(0);
            if at == over / 64 {
                left &= u64::MAX << (over % 64);
            }
            let have = left & self.have(at, asking);
            lack += (left & !have).count_ones() as usize;
            left = have;
            if after == 0 && by_bits {
                for ((bit, _), lacks) in missing.iter().zip(&mut lacks) {
                    let there = left & self.slice_at(usize::from(*bit), at);
                    *lacks += (left & !there).count_ones() as usize;
                    left = there;
                }
            } else if after == 0 {
                self.places(at, left, asking, books, tally);
                continue;
            }
            open += left.count_ones() as usize;
            if after == 0 && tally.wants_numbers() {
                self.open(at, left, tally);
            }
        }
        tally.count(books.codes.category, lack);
        missing.iter().zip(lacks).for_each(|((_, code), lacks)| tally.count(*code, lacks));
        if after != 0 || !tally.wants_numbers() {
            tally.count(after, open);
        }
    }

    /// Tells who of 64 may be used.
    fn open(&self, at: usize, mut left: u64, tally: &mut impl Tally) {
        while left != 0 {
            let row = at * 64 + left.trailing_zeros() as usize;
            left &= left - 1;
            if let Some(row) = self.rows.get(row) {
                tally.open(row.number);
            }
        }
    }

    /// Touches what judging begins with, so that it comes from memory together with that of other segments.
    pub(crate) fn touch(&self, asking: &Asking) -> u64 {
        let missing = asking.asked.going.missing.iter();
        let regions = missing.fold(0, |near, (bit, _)| near ^ self.slice_at(usize::from(*bit), 0));
        let here = self.here.first().copied().unwrap_or(0);
        let near = self.have(0, asking) ^ here ^ regions;
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

    /// How many of the sorted rows have ended at a minute.
    fn over(&self, now: Minute) -> usize {
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

    /// The bits of 64 rows, from `at` on, for a category or region.
    fn slice_at(&self, bit: usize, at: usize) -> u64 {
        self.slices.get(bit * self.here.len() + at).copied().unwrap_or(0)
    }

    /// Rows of the 64 from `at` on that have every wanted category.
    fn have(&self, at: usize, asking: &Asking) -> u64 {
        let mut have = u64::MAX;
        for (n, mut word) in asking.wanted.iter().copied().enumerate() {
            while word != 0 {
                have &= self.slice_at(n * 64 + word.trailing_zeros() as usize, at);
                word &= word - 1;
            }
        }
        have
    }

    fn places(&self, at: usize, mut left: u64, asking: &Asking, books: Books<'_>, tally: &mut impl Tally) {
        while left != 0 {
            let row = at * 64 + left.trailing_zeros() as usize;
            left &= left - 1;
            let Some(one) = self.rows.get(row) else { continue };
            let code = match self.zones.get(row) {
                Some(zones) => asking.place(*zones, books),
                // All are plain, but bits cannot tell about this way: the clause knows its zones.
                None => books
                    .clauses
                    .get(one.clause as usize)
                    .map_or(Code::MAX, |c| asking.place(c.zones(), books)),
            };
            match code {
                0 if tally.wants_numbers() => tally.open(one.number),
                code => tally.count(code, 1),
            }
        }
    }

    /// Rows that came since the last sorting, one by one.
    fn judge_late(&self, asking: &Asking, books: Books<'_>, tally: &mut impl Tally) {
        for row in self.rows.get(self.sorted..).unwrap_or_default() {
            let Some(clause) = books.clauses.get(row.clause as usize) else { continue };
            if row.end <= asking.now {
                tally.count(EXPIRED, 1);
                continue;
            }
            match asking.covers(clause, books) {
                0 => tally.open(row.number),
                code => tally.count(code, 1),
            }
        }
    }

    /// How many of the sorted rows between two are still there.
    fn still_here(&self, from: usize, to: usize) -> usize {
        let words = self.here.get(from / 64..bits(to)).unwrap_or_default();
        let all: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        let beyond = if to.is_multiple_of(64) { 0 } else { u64::MAX << (to % 64) };
        all - words.last().map_or(0, |last| (last & beyond).count_ones() as usize)
    }

    pub(crate) fn bytes(&self) -> usize {
        let bits = (self.here.capacity() + self.slices.capacity()) * 8 + self.marks.capacity() * 4;
        self.rows.capacity() * size_of::<Row>() + self.zones.capacity() * 2 + bits
    }
}
