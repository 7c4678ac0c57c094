//! The row of one person: a line of the cache, and a second one for who has more to say.

use crate::class::ClassId;
use crate::near;
use crate::pack::{ABOUT, Word};
use crate::pages::Growing;
use crate::seats::Place;
use crate::sketch::{MOST_WORDS, Sketch};

/// A cache line: a head, then words. With a second line, the last word tells where that is.
pub(crate) type Row = [u64; 8];

/// A head: `print 40 | class 16 | 6 spare | live 1 | more 1`. An empty row's is zero.
const MORE: u64 = 1;
const LIVE: u64 = 1 << 1;
const CLASS: u32 = 8;
const PRINT: u32 = 24;

/// Where a second line is: `filter 32 | number 32`. The filter has a bit for each purpose that is told about there, so
/// that nobody fetches it in vain.
const FILTER: u32 = 32;

/// The print of who has this row.
pub(crate) const fn print(row: &Row) -> u64 {
    row[0] >> PRINT
}

/// The same row under another print.
pub(crate) const fn printed(mut row: Row, print: u64) -> Row {
    row[0] = print << PRINT | row[0] & ((1 << PRINT) - 1);
    row
}

/// True when it is the row of somebody of that print.
#[inline]
pub(crate) const fn is_of(row: &Row, print: u64) -> bool {
    row[0] & (!0 << PRINT | LIVE) == print << PRINT | LIVE
}

/// The number of a second line, when there is one.
pub(crate) const fn second(row: &Row) -> Option<u32> {
    if row[0] & MORE == 0 { None } else { Some(row[7] as u32) }
}

/// The row of somebody; `keep` keeps a second line and tells its number.
pub(crate) fn row(place: Place, sketch: &Sketch, keep: impl FnOnce(Row) -> u32) -> Row {
    debug_assert!(sketch.words.len() <= MOST_WORDS);
    let mut row = [place.print() << PRINT | sketch.class.bits() << CLASS | LIVE, 0, 0, 0, 0, 0, 0, 0];
    if sketch.words.len() <= 7 {
        copy(&mut row, 1, &sketch.words);
        return row;
    }
    let (own, rest) = sketch.words.split_at(6);
    copy(&mut row, 1, own);
    let mut more = Row::default();
    copy(&mut more, 0, rest);
    row[0] |= MORE;
    let purposes = rest.iter().filter(|word| !word.is_contract());
    let told = purposes.fold(0, |bits, word| bits | 1u64 << filter(*word));
    row[7] = told << FILTER | u64::from(keep(more));
    row
}

fn copy(to: &mut Row, from: usize, words: &[Word]) {
    for (slot, word) in to.iter_mut().skip(from).zip(words) {
        *slot = word.0;
    }
}

/// The bit of the purpose that a word is about.
const fn filter(word: Word) -> u32 {
    word.purpose() as u32 & 31
}

/// What the table knows of a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    row: &'a Row,
    beside: &'a Growing,
}

impl<'a> Known<'a> {
    /// A row, and where second lines are.
    pub(crate) const fn new(row: &'a Row, beside: &'a Growing) -> Self {
        Self { row, beside }
    }
    /// Asks for the second line before it is needed, when it tells about this purpose.
    #[inline]
    pub(crate) fn fetch(&self, about: u64) {
        if self.tells_more(about) {
            self.beside.lines().get(self.row[7] as u32 as usize).inspect(|row| near::fetch(*row));
        }
    }
    #[inline]
    pub(crate) const fn class(&self) -> ClassId {
        ClassId::from_bits(self.row[0] >> CLASS)
    }
    /// True when the second line may tell about this purpose: one bit, so that one jump is to be guessed.
    #[inline]
    const fn tells_more(&self, about: u64) -> bool {
        self.row[0] & MORE & self.row[7] >> (FILTER + filter(Word(about))) != 0
    }
    const fn has_more(&self) -> bool {
        self.row[0] & MORE != 0
    }
    fn more(&self) -> &[u64] {
        let at = if self.has_more() { self.row[7] as u32 as usize } else { usize::MAX };
        self.beside.lines().get(at).map(|row| row.as_slice()).unwrap_or_default()
    }
    /// The word about a purpose ([`Word::about`]) that is no contract; a word that is nothing when there is none.
    #[inline]
    pub(crate) fn find(&self, about: u64) -> Word {
        let [head, own @ .., last] = self.row;
        let last = if head & MORE == 0 { *last } else { 0 };
        let found = pick(pick(0, &[last], about), own, about);
        if self.tells_more(about) && found == 0 { Word(pick(0, self.more(), about)) } else { Word(found) }
    }
    pub(crate) fn words(&self) -> impl Iterator<Item = Word> {
        let own = if self.has_more() { self.row.get(1..7) } else { self.row.get(1..8) };
        let more = self.more();
        own.unwrap_or_default().iter().chain(more).filter(|word| **word != 0).map(|word| Word(*word))
    }
}

/// The first of some words that is about something, or else what was found before; an empty place is about the first
/// purpose, and nothing. All are looked at, without a jump: where a loop would stop is anybody's guess, and a wrong guess
/// costs more than seven comparisons.
#[inline]
fn pick(before: u64, words: &[u64], about: u64) -> u64 {
    words.iter().rev().fold(before, |found, word| if word & ABOUT == about { *word } else { found })
}
