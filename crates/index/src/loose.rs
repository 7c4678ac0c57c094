//! Loose rows: yeses on a clause that one person alone has. Those alike in all but categories and zones stand together
//! in a segment.

use crate::ask::{Asking, Books};
use crate::class::ClassId;
use crate::clause::Clauses;
use crate::group::{Member, TOGETHER};
use crate::pack::{QuickMap, Word};
use crate::segment::{Key, Row, Segment, Tally};

/// The loose rows of one purpose.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    keys: QuickMap<Key, usize>,
    segments: Vec<(Key, Segment)>,
    /// Where the holder of a clause stands: segment and row.
    places: QuickMap<u32, (u32, u32)>,
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

    /// Where the holder of a clause stands.
    pub(crate) fn place(&self, clause: usize) -> Option<(u32, u32)> {
        self.places.get(&u32::try_from(clause).ok()?).copied()
    }

    /// Touches what [`Loose::take`] reads there.
    pub(crate) fn touch(&self, (at, row): (u32, u32)) -> u32 {
        let Some((_, segment)) = self.segments.get(at as usize) else { return 0 };
        let here = segment.here.get(row as usize / 64).copied().unwrap_or(0);
        segment.rows.get(row as usize).map_or(0, |row| row.number) ^ here as u32
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
        self.segments.iter().map(|(_, s)| s.bytes()).sum::<usize>() + self.places.capacity() * 16
    }
}
