//! The table of people: one cache line each, inside an open-addressing hash table, so that a decision costs one
//! memory access. Who has more to say has a second line beside the table.

use crate::class::ClassId;
use crate::near;
use crate::pack::{ABOUT, Word};
use crate::pages::{Growing, Pages};
use crate::sketch::{MOST_WORDS, Sketch};

/// A cache line: a head, then words. With a second line, the last word tells where that is.
type Row = [u64; 8];

/// A head: `print 40 | class 16 | 5 spare | live 1 | gone 1 | more 1`
const MORE: u64 = 1;
const GONE: u64 = 1 << 1;
const LIVE: u64 = 1 << 2;
const CLASS: u32 = 8;
const PRINT: u32 = 24;

/// Where a second line is: `filter 32 | number 32`. The filter has a bit for each purpose that is told about there, so
/// that nobody fetches it in vain.
const FILTER: u32 = 32;

/// The most of a hundred slots that are taken before the table grows.
const FULL: usize = 64;
/// Of a hundred slots, how many are taken after it grew.
const ROOMY: usize = 51;

/// Where a person stands in the table: a place to begin, and forty bits to tell people apart by.
///
/// Two people with the same forty bits near the same place would be one: that is seen when the second is put in, and
/// the table is laid out anew by another secret. A stranger's id is taken for somebody's with a chance of about two
/// in 2⁴⁰.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    start: u64,
    print: u64,
}

impl Place {
    /// From the sixteen bytes of an id and four secret numbers (folded multiplication, as in wyhash).
    pub(crate) fn new(id: [u8; 16], secret: &[u64; 4]) -> Self {
        let whole = u128::from_be_bytes(id);
        let (high, low) = ((whole >> 64) as u64, whole as u64);
        let [a, b, c, d] = *secret;
        let mixed = fold(high ^ a, low ^ b);
        Self { start: mixed ^ c, print: (fold(mixed ^ low, d | 1) >> PRINT) | 1 }
    }
}

/// Another secret.
pub(crate) fn next_secret(secret: &[u64; 4]) -> [u64; 4] {
    secret.map(|one| fold(one ^ 0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93).wrapping_add(1))
}

const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    product as u64 ^ (product >> 64) as u64
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Pages,
    /// The number of the person of each row.
    numbers: Vec<u32>,
    more: Growing,
    free: Vec<u32>,
    /// Rows that are not empty: live ones and those left behind by people who went.
    taken: usize,
    live: usize,
}

/// What the table knows of a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    row: &'a Row,
    beside: &'a [Row],
}

impl Known<'_> {
    /// Asks for the second line before it is needed, when it tells about this purpose.
    #[inline]
    pub(crate) fn fetch(&self, about: u64) {
        if self.has_more() && self.row[7] >> FILTER & filter(Word(about)) != 0 {
            self.beside.get(self.row[7] as u32 as usize).inspect(|row| near::fetch(*row));
        }
    }
    pub(crate) const fn class(&self) -> ClassId {
        ClassId::from_bits(self.row[0] >> CLASS)
    }
    const fn has_more(&self) -> bool {
        self.row[0] & MORE != 0
    }
    fn more(&self) -> &[u64] {
        let at = if self.has_more() { self.row[7] as u32 as usize } else { usize::MAX };
        self.beside.get(at).map(|row| row.as_slice()).unwrap_or_default()
    }
    /// The word about a purpose ([`Word::about`]) that is no contract; a word that is nothing when there is none.
    #[inline]
    pub(crate) fn find(&self, about: u64) -> Word {
        let [head, own @ .., last] = self.row;
        let last = if head & MORE == 0 { *last } else { 0 };
        let found = pick(pick(0, &[last], about), own, about);
        if (found == 0) & self.has_more() && self.row[7] >> FILTER & filter(Word(about)) != 0 {
            return Word(pick(0, self.more(), about));
        }
        Word(found)
    }
    pub(crate) fn words(&self) -> impl Iterator<Item = Word> {
        let own = if self.has_more() { self.row.get(1..7) } else { self.row.get(1..8) };
        let more = self.more();
        own.unwrap_or_default().iter().chain(more).filter(|word| **word != 0).map(|word| Word(*word))
    }
}

/// The bit of the purpose that a word is about.
const fn filter(word: Word) -> u64 {
    1 << (word.purpose() & 31)
}

/// The first of some words that is about something and no contract, or else what was found before. All are looked at,
/// without a jump: where a loop would stop is anybody's guess, and a wrong guess costs more than seven comparisons.
#[inline]
fn pick(before: u64, words: &[u64], about: u64) -> u64 {
    words.iter().rev().fold(before, |found, word| {
        let hit = (word & ABOUT == about) & !Word(*word).is_contract();
        if hit { *word } else { found }
    })
}

impl Table {
    /// Room for so many people.
    pub(crate) fn with_room(people: usize) -> Self {
        let mut table = Self::default();
        table.resize(people * 100 / (FULL - 1) + 8);
        table
    }

    fn resize(&mut self, rows: usize) {
        // Places begin with an even row: two rows lie together in memory, and come together.
        let rows = rows.next_multiple_of(2);
        self.rows = Pages::zeroed(rows * 8);
        self.numbers = vec![0; rows];
        (self.taken, self.live) = (0, 0);
    }

    fn start(place: Place, rows: &[Row]) -> usize {
        ((u128::from(place.start) * rows.len() as u128) >> 64) as usize & !1
    }

    /// The row of a person.
    #[inline]
    pub(crate) fn find(&self, place: Place) -> Option<usize> {
        let rows = self.rows.lines();
        let wanted = place.print << PRINT | LIVE;
        let looks = |head: u64| (head & !((1 << PRINT) - 1) | (head & LIVE)) == wanted;
        let mut at = Self::start(place, rows);
        loop {
            // Two rows at a time: the second is fetched while the first is on its way.
            let next = after(at, rows);
            let (first, second) = (rows.get(at)?[0], rows.get(next)?[0]);
            if looks(first) | (looks(second) & (first != 0)) {
                return Some(if looks(first) { at } else { next });
            }
            if (first == 0) | (second == 0) {
                return None;
            }
            at = after(next, rows);
        }
    }

    /// Asks for the first rows a person may be in, before they are needed.
    #[inline]
    pub(crate) fn fetch(&self, place: Place) {
        let rows = self.rows.lines();
        let at = Self::start(place, rows);
        rows.get(at).inspect(|row| near::fetch(*row));
        rows.get(after(at, rows)).inspect(|row| near::fetch(*row));
    }

    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<Known<'_>> {
        Some(Known { row: self.rows.lines().get(row)?, beside: self.more.words().as_chunks().0 })
    }

    pub(crate) fn number(&self, row: usize) -> u32 {
        self.numbers.get(row).copied().unwrap_or(u32::MAX)
    }

    /// True when one more person needs a larger table first.
    pub(crate) fn is_full(&self) -> bool {
        (self.taken + 1) * 100 >= self.rows.lines().len() * FULL
    }

    /// Lays everybody out anew, with room for more; `place` tells where the person of a number stands. False when
    /// two people could not be told apart: then it must be done again with another secret.
    #[must_use]
    pub(crate) fn grow(&mut self, place: impl Fn(u32) -> Place) -> bool {
        let live = |row: &Row| row[0] & LIVE != 0;
        let size = (self.live + 16) * 100 / ROOMY;
        let mut fresh = Self { more: std::mem::take(&mut self.more), ..Self::default() };
        fresh.resize(size);
        let mut apart = true;
        for (row, number) in self.rows.lines().iter().zip(&self.numbers).filter(|(row, _)| live(row)) {
            let place = place(*number);
            let Some(at) = fresh.vacant(place) else {
                apart = false;
                break;
            };
            let mut row = *row;
            row[0] = place.print << PRINT | row[0] & ((1 << PRINT) - 1);
            fresh.settle(at, row, *number);
        }
        if apart {
            fresh.free = std::mem::take(&mut self.free);
            *self = fresh;
        } else {
            self.more = fresh.more;
        }
        apart
    }

    /// An empty row for somebody; none when somebody else with the same print stands before it.
    fn vacant(&self, place: Place) -> Option<usize> {
        let rows = self.rows.lines();
        let mut at = Self::start(place, rows);
        loop {
            let head = rows.get(at)?[0];
            if head == 0 {
                return Some(at);
            }
            if head & LIVE != 0 && head >> PRINT == place.print {
                return None;
            }
            at = after(at, rows);
        }
    }

    fn settle(&mut self, at: usize, row: Row, number: u32) {
        if let (Some(slot), Some(who)) = (self.rows.lines_mut().get_mut(at), self.numbers.get_mut(at)) {
            (*slot, *who) = (row, number);
            self.taken += 1;
            self.live += 1;
        }
    }

    /// Puts somebody new in. The table must not be full.
    pub(crate) fn insert(&mut self, place: Place, sketch: &Sketch, number: u32) {
        let row = self.row(place, sketch);
        if let Some(at) = self.vacant(place) {
            self.settle(at, row, number);
        }
    }

    /// Puts something else in somebody's place.
    pub(crate) fn replace(&mut self, at: usize, place: Place, sketch: &Sketch) {
        self.drop_more(at);
        let row = self.row(place, sketch);
        if let Some(slot) = self.rows.lines_mut().get_mut(at) {
            *slot = row;
        }
    }

    /// Takes somebody out. The row stays taken until the table grows, so that nobody behind it is lost.
    pub(crate) fn remove(&mut self, at: usize) {
        self.drop_more(at);
        if let Some(slot) = self.rows.lines_mut().get_mut(at) {
            *slot = [GONE, 0, 0, 0, 0, 0, 0, 0];
            self.live -= 1;
        }
    }

    fn drop_more(&mut self, at: usize) {
        let Some(row) = self.rows.lines().get(at).filter(|row| row[0] & MORE != 0) else { return };
        self.free.push(row[7] as u32);
    }

    fn row(&mut self, place: Place, sketch: &Sketch) -> Row {
        debug_assert!(sketch.words.len() <= MOST_WORDS);
        let mut row = [place.print << PRINT | sketch.class.bits() << CLASS | LIVE, 0, 0, 0, 0, 0, 0, 0];
        if sketch.words.len() <= 7 {
            copy(&mut row, 1, &sketch.words);
            return row;
        }
        let (own, rest) = sketch.words.split_at(6);
        copy(&mut row, 1, own);
        let mut more = Row::default();
        copy(&mut more, 0, rest);
        row[0] |= MORE;
        let told = rest.iter().fold(0, |bits, word| bits | filter(*word));
        row[7] = told << FILTER | u64::from(self.beside(more));
        row
    }

    fn beside(&mut self, row: Row) -> u32 {
        if let Some(free) = self.free.pop()
            && let Some(slot) = self.more.words_mut().as_chunks_mut().0.get_mut(free as usize)
        {
            *slot = row;
            return free;
        }
        self.more.extend(&row);
        // People have numbers of 32 bits, so their second lines have too.
        (self.more.len() / row.len()) as u32 - 1
    }

    pub(crate) const fn live(&self) -> usize {
        self.live
    }
    /// Bytes of both kinds of lines.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.words().len() * 8 + self.more.bytes()
    }
    pub(crate) fn bytes_of_numbers(&self) -> usize {
        self.numbers.capacity() * 4
    }
    /// Every person's row and number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Known<'_>)> {
        let live = (0..).zip(self.rows.lines()).filter(|(_, row): &(usize, &Row)| row[0] & LIVE != 0);
        live.filter_map(|(at, _)| Some((self.number(at), self.get(at)?)))
    }
}

/// The row after one; after the last comes the first.
const fn after(at: usize, rows: &[Row]) -> usize {
    if at + 1 == rows.len() { 0 } else { at + 1 }
}

fn copy(to: &mut Row, from: usize, words: &[Word]) {
    for (slot, word) in to.iter_mut().skip(from).zip(words) {
        *slot = word.0;
    }
}
