//! Loose rows: yeses on a clause that one person alone has. Those alike in all but categories and zones stand together,
//! and their categories as slices of bits, so that 64 of them are judged in a step.

use crate::ask::{Asking, Books};
use crate::class::ClassId;
use crate::clause::{Clause, Clauses};
use crate::column::{LINE, Member, STEP, TOGETHER, ended_before};
use crate::law::{Code, EXPIRED};
use crate::pack::{Minute, QuickMap, Word};

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    end: Minute,
    number: u32,
    clause: u32,
}

/// Rows alike in class, word and frame: the sorted ones by their end, then those that came since.
#[derive(Debug, Clone, Default)]
struct Segment {
    rows: Vec<Row>,
    sorted: usize,
    /// The end of every 64th of the sorted rows.
    marks: Vec<Minute>,
    /// A bit for each sorted row that is still there.
    here: Vec<u64>,
    /// For each category, up to the last that any sorted row has, a bit for each row that has it: one after another,
    /// each as long as `here`.
    slices: Vec<u64>,
    zones: Vec<u16>,
    gone: usize,
}

/// What segments are told apart by: class, the word but for its clause, the clause's frame.
type Key = (ClassId, u64, u64);

/// The loose rows of one purpose.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    keys: QuickMap<Key, usize>,
    segments: Vec<(Key, Segment)>,
    /// Where the holder of a clause stands: segment and row.
    places: QuickMap<u32, (u32, u32)>,
}

/// Receives so many people with that outcome.
pub(crate) trait Tally {
    /// True when it is to be told who; if not, rows that may be used are counted under code 0.
    fn wants_numbers(&self) -> bool;
    /// So many rows are decided so.
    fn count(&mut self, code: Code, people: usize);
    /// One row may be used.
    fn open(&mut self, number: u32);
}

fn bits(rows: usize) -> usize {
    rows.div_ceil(64)
}

impl Segment {
    /// Sorts in who came, leaves out who went, and slices anew.
    fn tidy(&mut self, clauses: &Clauses) {
        let here = std::mem::take(&mut self.here);
        let stays =
            |at: usize| at >= self.sorted || here.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        let mut rows: Vec<Row> =
            self.rows.iter().enumerate().filter(|(at, _)| stays(*at)).map(|(_, row)| *row).collect();
        rows.sort_unstable();
        self.slices.clear();
        self.zones.clear();
        for (at, row) in rows.iter().enumerate() {
            let Some(clause) = clauses.get(row.clause as usize) else { continue };
            self.zones.push(clause.zones());
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

    fn judge(&self, key: Key, asking: &Asking, books: Books<'_>, tally: &mut impl Tally) {
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
        let over = self.ended(asking.now);
        tally.count(EXPIRED, self.still_here(0, over));
        let code = asking.before_categories(clause, books);
        let after = asking.after_categories(clause, books);
        for at in over / 64..bits(self.sorted) {
            let mut left = self.here.get(at).copied().unwrap_or(0);
            if at == over / 64 {
                left &= u64::MAX << (over % 64);
            }
            if code != 0 {
                tally.count(code, left.count_ones() as usize);
                continue;
            }
            let have = self.have(at, asking);
            tally.count(books.codes.category, (left & !have).count_ones() as usize);
            left &= have;
            if after != 0 {
                tally.count(after, left.count_ones() as usize);
                continue;
            }
            self.places(at, left, asking, books, tally);
        }
        self.judge_late(asking, books, tally);
    }

    /// Touches what judging begins with, so that it comes from memory together with that of other segments.
    fn touch(&self, asking: &Asking) -> u64 {
        let ends =
            self.marks.iter().step_by(LINE / size_of::<Minute>()).fold(0, |near, end| near ^ end.number());
        let zones = self.zones.iter().step_by(LINE / size_of::<u16>()).fold(0, |near, zones| near ^ zones);
        let here = self.here.first().copied().unwrap_or(0);
        self.have(0, asking) ^ here ^ u64::from(ends) ^ u64::from(zones)
    }

    /// Touches the rows around a minute.
    fn touch_rows(&self, now: Minute) -> u32 {
        let from = ended_before(&self.marks, now).unwrap_or(0);
        let around = self.rows.iter().skip(from).take(STEP).step_by(LINE / size_of::<Row>());
        around.fold(0, |near, row| near ^ row.number)
    }

    /// How many of the sorted rows have ended at a minute.
    fn ended(&self, now: Minute) -> usize {
        let Some(before) = ended_before(&self.marks, now) else { return 0 };
        let last = self.rows.get(before..self.sorted.min(before + STEP)).unwrap_or_default();
        before + last.iter().filter(|row| row.end <= now).count()
    }

    /// Rows of the 64 from `at` on that have every wanted category.
    fn have(&self, at: usize, asking: &Asking) -> u64 {
        let mut have = u64::MAX;
        for (n, mut word) in asking.wanted.iter().copied().enumerate() {
            while word != 0 {
                let category = n * 64 + word.trailing_zeros() as usize;
                have &= self.slices.get(category * self.here.len() + at).copied().unwrap_or(0);
                word &= word - 1;
            }
        }
        have
    }

    fn places(&self, at: usize, mut left: u64, asking: &Asking, books: Books<'_>, tally: &mut impl Tally) {
        while left != 0 {
            let row = at * 64 + left.trailing_zeros() as usize;
            left &= left - 1;
            let code = self.zones.get(row).map_or(Code::MAX, |zones| asking.place(*zones, books));
            if !tally.wants_numbers() {
                tally.count(code, 1);
                continue;
            }
            match (code, self.rows.get(row)) {
                (0, Some(row)) => tally.open(row.number),
                (code, _) => tally.count(code, 1),
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
}

impl Loose {
    pub(crate) fn add(&mut self, member: Member, class: ClassId, word: Word, clauses: &Clauses) {
        let Some(clause) = clauses.get(word.clause()) else { return };
        let number = u32::try_from(word.clause()).unwrap_or(u32::MAX);
        let key = (class, word.form() & !(number as u64), clause.frame());
        let segments = &mut self.segments;
        let at = *self.keys.entry(key).or_insert_with(|| {
            segments.push((key, Segment::default()));
            segments.len() - 1
        });
        let Some((_, segment)) = self.segments.get_mut(at) else { return };
        let place =
            (u32::try_from(at).unwrap_or(u32::MAX), u32::try_from(segment.rows.len()).unwrap_or(u32::MAX));
        segment.rows.push(Row { end: member.end, number: member.number, clause: number });
        self.places.insert(number, place);
        if segment.rows.len() - segment.sorted > 1024.max(segment.sorted) {
            self.tidy_one(at, clauses);
        }
    }

    /// Takes the holder of a clause away; false when nobody holds it loosely.
    pub(crate) fn take(&mut self, clause: usize, clauses: &Clauses) -> bool {
        let at = u32::try_from(clause).ok().and_then(|clause| self.places.get(&clause)).map(|place| place.0);
        if self.gather(clause).is_none() {
            return false;
        }
        let Some(at) = at.and_then(|at| usize::try_from(at).ok()) else { return true };
        if self.segments.get(at).is_some_and(|(_, s)| s.gone > 1024.max(s.sorted / 2)) {
            self.tidy_one(at, clauses);
        }
        true
    }

    /// Takes the holder of a clause away, and tells who it was, with class and word.
    pub(crate) fn gather(&mut self, clause: usize) -> Option<(Member, ClassId, u64)> {
        let number = u32::try_from(clause).ok()?;
        let (at, row) = self.places.remove(&number)?;
        let ((class, form, _), segment) = self.segments.get_mut(at as usize)?;
        let place = row as usize;
        let found = *segment.rows.get(place)?;
        if place < segment.sorted {
            if let Some(word) = segment.here.get_mut(place / 64) {
                *word &= !(1 << (place % 64));
            }
            segment.gone += 1;
        } else {
            segment.rows.swap_remove(place);
            if let Some(moved) = segment.rows.get(place) {
                self.places.insert(moved.clause, (at, row));
            }
        }
        Some((Member { end: found.end, number: found.number }, *class, *form | u64::from(number)))
    }

    fn tidy_one(&mut self, at: usize, clauses: &Clauses) {
        let Some((_, segment)) = self.segments.get_mut(at) else { return };
        segment.tidy(clauses);
        let segment_at = u32::try_from(at).unwrap_or(u32::MAX);
        let places = (0u32..).zip(&segment.rows).map(|(row, one)| (one.clause, (segment_at, row)));
        self.places.extend(places);
    }

    /// Sorts everything.
    pub(crate) fn tidy(&mut self, clauses: &Clauses) {
        (0..self.segments.len()).for_each(|at| self.tidy_one(at, clauses));
    }

    /// Judges every row.
    pub(crate) fn judge(&self, asking: &Asking, books: Books<'_>, tally: &mut impl Tally) {
        for some in self.segments.chunks(TOGETHER) {
            let near = some.iter().fold(0, |near, (_, segment)| near ^ segment.touch(asking));
            let rows = some.iter().fold(0, |near, (_, segment)| near ^ segment.touch_rows(asking.now));
            std::hint::black_box(near ^ u64::from(rows));
            some.iter().for_each(|(key, segment)| segment.judge(*key, asking, books, tally));
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let of = |s: &Segment| {
            let bits = (s.here.capacity() + s.slices.capacity()) * 8 + s.marks.capacity() * 4;
            s.rows.capacity() * size_of::<Row>() + s.zones.capacity() * 2 + bits
        };
        self.segments.iter().map(|(_, s)| of(s)).sum::<usize>() + self.places.capacity() * 16
    }
}
