//! Loose rows: yeses on a clause that one person alone has. Those alike in all but class, categories and zones stand
//! together in a segment.

use crate::ask::{Asking, Books};
use crate::class::{Careful, ClassId};
use crate::clause::Clauses;
use crate::group::{Member, TOGETHER};
use crate::holder::{Holder, Holders, Stand};
use crate::pack::{QuickMap, Word};
use crate::segment::{Key, Row, Segment};
use crate::sift::Tally;

/// The loose rows of one purpose.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    keys: QuickMap<Key, usize>,
    segments: Vec<(Key, Segment)>,
}

/// Segments and rows are fewer than clauses, which have numbers of 25 bits.
fn short(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Loose {
    /// The first holder of a clause.
    pub(crate) fn add(
        &mut self,
        member: Member,
        class: ClassId,
        word: Word,
        (clauses, holders): (&Clauses, &mut Holders),
    ) {
        let Some(clause) = clauses.get(word.clause()) else { return };
        let key = Key::new(word, class, clause.frame());
        let segments = &mut self.segments;
        let at = *self.keys.entry(key).or_insert_with(|| {
            segments.push((key, Segment::default()));
            segments.len() - 1
        });
        let Some((_, segment)) = self.segments.get_mut(at) else { return };
        let stand = Stand { segment: short(at), row: short(segment.len()) };
        segment.add(Row { end: member.end, number: member.number, clause: short(word.clause()), class });
        holders.set(word.clause(), Holder::Alone(stand));
        if segment.is_unsorted() {
            self.tidy_one(at, clauses, holders);
        }
    }

    /// Takes the only holder of a clause, who is of that class, away.
    pub(crate) fn take(
        &mut self,
        stand: Stand,
        clause: usize,
        class: ClassId,
        (clauses, holders): (&Clauses, &mut Holders),
    ) {
        let at = stand.segment as usize;
        let Some((_, segment)) = self.segments.get_mut(at) else { return };
        holders.set(clause, Holder::Many);
        if let Some(moved) = segment.take(stand.row as usize, class) {
            holders.set(moved.clause as usize, Holder::Alone(stand));
        }
        if segment.is_thin() {
            self.tidy_one(at, clauses, holders);
        }
    }

    /// The only holder of a clause, with class and word, if it stands here.
    pub(crate) fn holder(&self, stand: Stand, clause: usize) -> Option<(Member, ClassId, Word)> {
        let (key, segment) = self.segments.get(stand.segment as usize)?;
        let row = segment.row(stand.row as usize).filter(|row| row.clause as usize == clause)?;
        Some((Member { end: row.end, number: row.number }, row.class, key.word(row.clause)))
    }

    /// Asks for what [`Loose::take`] reads there before it is needed.
    pub(crate) fn fetch(&self, stand: Stand) {
        let segment = self.segments.get(stand.segment as usize);
        segment.inspect(|(_, segment)| segment.fetch(stand.row as usize));
    }

    fn tidy_one(&mut self, at: usize, clauses: &Clauses, holders: &mut Holders) {
        let Some((_, segment)) = self.segments.get_mut(at) else { return };
        segment.tidy(clauses);
        for (row, one) in (0..).zip(segment.rows()) {
            holders.set(one.clause as usize, Holder::Alone(Stand { segment: short(at), row }));
        }
    }

    /// Sorts everything.
    pub(crate) fn tidy(&mut self, clauses: &Clauses, holders: &mut Holders) {
        (0..self.segments.len()).for_each(|at| self.tidy_one(at, clauses, holders));
    }

    /// Judges every row.
    pub(crate) fn judge(&self, asking: &Asking, careful: &Careful, books: &Books, tally: &mut impl Tally) {
        for some in self.segments.chunks(TOGETHER) {
            let near = some.iter().fold(0, |near, (_, segment)| near ^ segment.touch(asking));
            let rows = some.iter().fold(0, |near, (_, segment)| near ^ segment.touch_rows(asking.now));
            std::hint::black_box(near ^ u64::from(rows));
            for (key, segment) in some {
                segment.judge(*key, careful.of(key.band), asking, books, tally);
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.segments.iter().map(|(_, s)| s.bytes()).sum::<usize>()
            + self.segments.capacity() * size_of::<(Key, Segment)>()
            + self.keys.capacity() * 40
    }
}
