//! Judging the rows of a segment: whoever a class closes, then who has ended, then category by category and region by
//! region, some thousand rows at a time.

use std::ops::Range;

use crate::ask::{Asking, Books};
use crate::class::BAND;
use crate::clause::Clause;
use crate::law::{Code, EXPIRED};
use crate::segment::{Key, Segment, ones, slice_of, words};

/// Receives so many people with that outcome.
pub(crate) trait Tally {
    /// True when it is to be told who; if not, rows that may be used are counted under code 0.
    fn wants_numbers(&self) -> bool;
    /// So many rows are decided so.
    fn count(&mut self, code: Code, people: usize);
    /// One row may be used.
    fn open(&mut self, number: u32);
}

/// How many words of bits are looked at together.
const BLOCK: usize = 16;

/// Some rows, 64 to a word: a bit for each that is still in question.
struct Block {
    /// The first word's place.
    at: usize,
    len: usize,
    words: [u64; BLOCK],
}

impl Block {
    fn new(at: usize, here: &[u64]) -> Self {
        let mut words = [0; BLOCK];
        words.iter_mut().zip(here).for_each(|(to, from)| *to = *from);
        Self { at, len: here.len().min(BLOCK), words }
    }
    fn words(&self) -> &[u64] {
        self.words.get(..self.len).unwrap_or_default()
    }
    fn count(&self) -> usize {
        self.words().iter().map(|word| word.count_ones() as usize).sum()
    }
    /// Only those that a slice has stay.
    fn keep(&mut self, slice: &[u64]) {
        if slice.is_empty() {
            self.words = [0; BLOCK];
        }
        self.words.iter_mut().zip(slice).for_each(|(word, has)| *word &= has);
    }
    /// Those that a slice has go.
    fn leave_out(&mut self, slice: &[u64]) {
        self.words.iter_mut().zip(slice).for_each(|(word, has)| *word &= !has);
    }
    fn rows(&self) -> impl Iterator<Item = usize> {
        let words = (self.at..).zip(self.words());
        words.flat_map(|(at, word)| ones(*word).map(move |bit| at * 64 + bit))
    }
}

impl Segment {
    /// Judges every row; `careful` are the classes of the band that something about the whole person may close.
    pub(crate) fn judge(
        &self,
        key: Key,
        careful: u16,
        asking: &Asking,
        books: &Books,
        tally: &mut impl Tally,
    ) {
        // All that is asked of a clause here lies in its frame; the clause itself would have to be fetched.
        let clause = Clause::framed(key.frame);
        let (shut, left) = self.shut(key, careful, asking, books, tally);
        if left > 0 {
            let over = self.over(asking.now);
            let ended = self.blocks(0..over, shut).map(|block| block.count()).sum();
            tally.count(EXPIRED, ended);
            match asking.before_categories(clause, books) {
                0 => {
                    let after = asking.after_categories(clause, books);
                    let living = self.blocks(over..self.sorted(), shut);
                    living.for_each(|block| self.sift(block, after, asking, books, tally));
                }
                code => tally.count(code, left - ended),
            }
        }
        self.judge_late(key, asking, books, tally);
    }

    /// The classes whose sorted rows close before anybody looks at their end, and how many rows are left.
    fn shut(
        &self,
        key: Key,
        careful: u16,
        asking: &Asking,
        books: &Books,
        tally: &mut impl Tally,
    ) -> (u16, usize) {
        let (mut shut, mut left) = (0, 0);
        // Whether a recipient is named is the same for all of a frame.
        let word = key.word(self.rows().first().map_or(0, |row| row.clause));
        for (n, people) in self.people.iter().enumerate().filter(|(_, people)| **people > 0) {
            let code = match careful >> n & 1 {
                0 => 0,
                _ => asking.before_end(key.band.class(n), word, Clause::framed(key.frame), books),
            };
            if code == 0 {
                left += *people as usize;
            } else {
                shut |= 1 << n;
                tally.count(code, *people as usize);
            }
        }
        (shut, left)
    }

    /// The sorted rows between two that are still there and of no class that is shut.
    fn blocks(&self, rows: Range<usize>, shut: u16) -> impl Iterator<Item = Block> {
        let (first, end) = (rows.start / 64, words(rows.end));
        (first..end).step_by(BLOCK).map(move |at| {
            let len = BLOCK.min(end - at);
            let mut block = Block::new(at, self.here.get(at..at + len).unwrap_or_default());
            if at == first {
                block.words[0] &= u64::MAX << (rows.start % 64);
            }
            if let (Some(last), over) = (block.words.get_mut(end - 1 - at), rows.end % 64)
                && over != 0
            {
                *last &= (1 << over) - 1;
            }
            ones(u64::from(shut)).for_each(|class| block.leave_out(self.slice(class, at, len)));
            block
        })
    }

    /// Living rows, by categories and regions; `after` closes those that have the categories.
    fn sift(&self, mut block: Block, after: Code, asking: &Asking, books: &Books, tally: &mut impl Tally) {
        let all = block.count();
        for (n, word) in asking.wanted.iter().enumerate() {
            ones(*word).for_each(|bit| block.keep(self.slice(slice_of(n * 64 + bit), block.at, block.len)));
        }
        let mut left = block.count();
        tally.count(books.codes.category, all - left);
        if after != 0 {
            return tally.count(after, left);
        }
        if !asking.sure || !self.zones.is_empty() {
            return self.places(&block, asking, books, tally);
        }
        for (bit, code) in &asking.asked.going.missing {
            block.keep(self.slice(slice_of(usize::from(*bit)), block.at, block.len));
            let there = block.count();
            tally.count(*code, left - there);
            left = there;
        }
        if tally.wants_numbers() {
            block.rows().filter_map(|row| self.row(row)).for_each(|row| tally.open(row.number));
        } else {
            tally.count(0, left);
        }
    }

    /// Rows whose regions bits cannot tell about, one by one.
    fn places(&self, block: &Block, asking: &Asking, books: &Books, tally: &mut impl Tally) {
        for (at, row) in block.rows().filter_map(|at| Some((at, self.row(at)?))) {
            let code = match self.zones.get(at) {
                Some(zones) => asking.place(*zones, books),
                // All are plain, but bits cannot tell about this way: the clause knows its zones.
                None => {
                    let clause = books.clauses.get(row.clause as usize);
                    clause.map_or(Code::MAX, |clause| asking.place(clause.zones(), books))
                }
            };
            match code {
                0 if tally.wants_numbers() => tally.open(row.number),
                code => tally.count(code, 1),
            }
        }
    }

    /// Rows that came since the last sorting, one by one.
    fn judge_late(&self, key: Key, asking: &Asking, books: &Books, tally: &mut impl Tally) {
        for row in self.late() {
            let Some(clause) = books.clauses.get(row.clause as usize) else { continue };
            let code = match asking.before_end(row.class, key.word(row.clause), clause, books) {
                0 if row.end <= asking.now => EXPIRED,
                0 => asking.covers(clause, books),
                code => code,
            };
            match code {
                0 => tally.open(row.number),
                code => tally.count(code, 1),
            }
        }
    }
}

const _: () = assert!(BAND <= u16::BITS as usize, "the classes of a band are bits of a word");
