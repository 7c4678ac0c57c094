//! Where people sit: a perfect hash, so that each is found in the one row where they can be, whoever else is there.
//!
//! Rows come in blocks, and the people of a block in small groups. Each group has a shift: a byte that sends its people
//! to rows of their own within the block (displacement hashing: Belazzougui, Botelho, Dietzfelbinger, "Hash, displace,
//! and compress", 2009; here one block at a time, so that people can come and go). The shifts of a million people are
//! 370 kB and stay in the cache: a row is the one thing that comes from memory.

use crate::near;
use crate::pages::Pages;
use crate::row::{Row, is_of, print, printed};

/// Rows of a block.
const BLOCK: usize = 1 << SLOT;
const SLOT: u32 = 9;
/// Groups of a block: with 70 of 100 rows taken, 2.8 people each.
const GROUPS: usize = 128;
/// How often a block is tried to be seated anew: so that it is seated when 92 of 100 rows are taken. With 70 on average
/// one block of a hundred million has as many.
const TRIES: usize = 32;
/// Which rows of a block are taken, a bit each.
type Taken = [u64; BLOCK / 64];

/// Where a person sits: a block, and forty bits to tell people apart by.
///
/// Two people with the same forty bits in the same block would be one: that is seen when the second is put in, and
/// everybody is seated anew by another secret. A stranger's id is taken for somebody's of its block, some 350 people, with
/// a chance of as many in 2⁴⁰: whoever answers strangers compares whole ids ([`Index::decide_known`](crate::Index)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    block: u64,
    print: u64,
}

impl Place {
    /// From the sixteen bytes of an id and four secret numbers (folded multiplication, as in wyhash).
    #[inline]
    pub(crate) fn new(id: [u8; 16], secret: &[u64; 4]) -> Self {
        let whole = u128::from_be_bytes(id);
        let (high, low) = ((whole >> 64) as u64, whole as u64);
        let [a, b, c, d] = *secret;
        let mixed = fold(high ^ a, low ^ b);
        Self { block: mixed ^ c, print: fold(mixed ^ low, d | 1) >> 24 }
    }
    pub(crate) const fn print(self) -> u64 {
        self.print
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

/// The group of a print.
const fn group(print: u64) -> usize {
    print as usize & (GROUPS - 1)
}

/// The row within its block to which a shift sends a print.
#[inline]
const fn slot(print: u64, shift: u8) -> usize {
    let moved = print ^ (shift as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (moved.wrapping_mul(0xd6e8_feb8_6659_fd93) >> (64 - SLOT)) as usize
}

/// Somebody who sits, or is about to.
#[derive(Debug, Clone, Copy)]
struct Guest {
    row: Row,
    number: u32,
}

impl Guest {
    const fn print(&self) -> u64 {
        print(&self.row)
    }
}

/// Everybody's rows.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    rows: Pages,
    blocks: usize,
    shifts: Vec<u8>,
    /// The group of who has each row, counted from one; zero where the row is empty.
    groups: Vec<u8>,
    /// The number of the person of each row.
    numbers: Vec<u32>,
    live: usize,
}

impl Seats {
    /// At least so many rows.
    pub(crate) fn with_rows(rows: usize) -> Self {
        let blocks = rows.div_ceil(BLOCK).max(1);
        Self {
            rows: Pages::zeroed(blocks * BLOCK * size_of::<Row>() / 8),
            blocks,
            shifts: vec![0; blocks * GROUPS],
            groups: vec![0; blocks * BLOCK],
            numbers: vec![0; blocks * BLOCK],
            live: 0,
        }
    }

    #[inline]
    const fn block(&self, place: Place) -> usize {
        ((place.block as u128 * self.blocks as u128) >> 64) as usize
    }

    /// The one row where somebody can be.
    #[inline]
    pub(crate) fn seat(&self, place: Place) -> usize {
        let block = self.block(place);
        let shift = self.shifts.get(block * GROUPS + group(place.print)).copied().unwrap_or(0);
        block * BLOCK + slot(place.print, shift)
    }

    /// The row of somebody, if it is theirs.
    #[inline]
    pub(crate) fn row_of(&self, at: usize, place: Place) -> Option<&Row> {
        self.row(at).filter(|row| is_of(row, place.print))
    }

    #[inline]
    pub(crate) fn row(&self, at: usize) -> Option<&Row> {
        self.rows.lines().get(at)
    }

    pub(crate) fn row_mut(&mut self, at: usize) -> Option<&mut Row> {
        self.rows.lines_mut().get_mut(at)
    }

    /// Asks for a row before it is needed.
    #[inline]
    pub(crate) fn fetch(&self, at: usize) {
        self.row(at).inspect(|row| near::fetch(*row));
    }

    pub(crate) fn number(&self, at: usize) -> u32 {
        self.numbers.get(at).copied().unwrap_or(u32::MAX)
    }

    /// Gives somebody new a seat; false when there is none: then everybody must be seated anew, with more room or by another
    /// secret.
    #[must_use]
    pub(crate) fn put(&mut self, place: Place, row: Row, number: u32) -> bool {
        let guest = Guest { row, number };
        let at = self.seat(place);
        if self.groups.get(at) == Some(&0) {
            self.sit(at, &guest);
            self.live += 1;
            return true;
        }
        let block = self.block(place);
        let seated = self.join(block, guest) || self.seat_anew(block, guest);
        self.live += usize::from(seated);
        seated
    }

    /// Another shift for the group of somebody new, if there is one that sends all of it to empty rows.
    fn join(&mut self, block: usize, guest: Guest) -> bool {
        let group = group(guest.print());
        let (mut taken, mut mates, mut left) = (Taken::default(), vec![guest], Vec::new());
        for (at, of) in (block * BLOCK..).zip(self.groups_of(block)).filter(|(_, of)| **of != 0) {
            if usize::from(*of) == group + 1 {
                mates.extend(self.guest(at));
                left.push(at);
            } else {
                take(&mut taken, at % BLOCK);
            }
        }
        let Some(shift) = fitting(&mates, &mut taken) else { return false };
        left.into_iter().for_each(|at| self.leave(at));
        self.seat_group(block, group, shift, &mates);
        true
    }

    /// New shifts for a whole block, the largest groups first, while there is most room.
    #[cold]
    fn seat_anew(&mut self, block: usize, guest: Guest) -> bool {
        let rows = block * BLOCK..(block + 1) * BLOCK;
        let mut all: Vec<Guest> = rows.clone().filter_map(|at| self.guest(at)).collect();
        all.push(guest);
        let mut sizes = [0usize; GROUPS];
        for guest in &all {
            sizes.iter_mut().skip(group(guest.print())).take(1).for_each(|size| *size += 1);
        }
        let size = |group: usize| sizes.get(group).copied().unwrap_or(0);
        all.sort_unstable_by_key(|guest| {
            let group = group(guest.print());
            (std::cmp::Reverse(size(group)), group)
        });
        let mut groups: Vec<&[Guest]> = all.chunk_by(|a, b| group(a.print()) == group(b.print())).collect();
        let Some(shifts) = (0..TRIES).find_map(|_| fitting_all(&mut groups)) else { return false };
        rows.for_each(|at| self.leave(at));
        for (guests, shift) in groups.into_iter().zip(shifts) {
            let group = guests.first().map_or(0, |guest| group(guest.print()));
            self.seat_group(block, group, shift, guests);
        }
        true
    }

    fn seat_group(&mut self, block: usize, group: usize, shift: u8, guests: &[Guest]) {
        self.shifts.iter_mut().skip(block * GROUPS + group).take(1).for_each(|old| *old = shift);
        guests.iter().for_each(|guest| self.sit(block * BLOCK + slot(guest.print(), shift), guest));
    }

    fn groups_of(&self, block: usize) -> &[u8] {
        self.groups.get(block * BLOCK..(block + 1) * BLOCK).unwrap_or_default()
    }

    fn guest(&self, at: usize) -> Option<Guest> {
        let row = self.row(at).filter(|_| self.groups.get(at) != Some(&0))?;
        Some(Guest { row: *row, number: self.number(at) })
    }

    fn sit(&mut self, at: usize, guest: &Guest) {
        self.set(at, guest.row, group(guest.print()) as u8 + 1, guest.number);
    }

    fn leave(&mut self, at: usize) {
        self.set(at, Row::default(), 0, 0);
    }

    fn set(&mut self, at: usize, row: Row, group: u8, number: u32) {
        let beside = (self.groups.get_mut(at), self.numbers.get_mut(at));
        if let (Some(slot), (Some(of), Some(who))) = (self.rows.lines_mut().get_mut(at), beside) {
            (*slot, *of, *who) = (row, group, number);
        }
    }

    /// Empties somebody's row.
    pub(crate) fn remove(&mut self, at: usize) {
        self.leave(at);
        self.live -= 1;
    }

    /// Everybody in at least so many rows, by other places; none when two could not be seated apart.
    pub(crate) fn laid_out(&self, rows: usize, place: impl Fn(u32) -> Place) -> Option<Self> {
        let mut fresh = Self::with_rows(rows);
        let apart = self.iter().all(|(at, row)| {
            let number = self.number(at);
            let place = place(number);
            fresh.put(place, printed(*row, place.print), number)
        });
        apart.then_some(fresh)
    }

    /// Everybody's rows, and where they are.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Row)> {
        (0..).zip(self.rows.lines()).filter(|(at, _)| self.groups.get(*at).is_some_and(|group| *group != 0))
    }

    pub(crate) const fn live(&self) -> usize {
        self.live
    }
    pub(crate) fn rows(&self) -> usize {
        self.numbers.len()
    }
    /// Bytes of rows and what finds them.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.words().len() * 8 + self.shifts.len()
    }
    /// Bytes of what is known of each row beside it.
    pub(crate) fn bytes_beside(&self) -> usize {
        self.numbers.len() * 4 + self.groups.len()
    }
}

/// Shifts for groups one after another; the one for which there was none left comes first when it is tried again.
fn fitting_all(groups: &mut [&[Guest]]) -> Option<Vec<u8>> {
    let (mut taken, mut shifts) = (Taken::default(), Vec::with_capacity(groups.len()));
    while let Some(guests) = groups.get(shifts.len()) {
        match fitting(guests, &mut taken) {
            Some(shift) => shifts.push(shift),
            None => {
                groups.get_mut(..=shifts.len())?.rotate_right(1);
                return None;
            }
        }
    }
    Some(shifts)
}

/// The first shift that sends all of them to rows of their own that are not taken, and takes those.
fn fitting(guests: &[Guest], taken: &mut Taken) -> Option<u8> {
    (0..=u8::MAX).find(|shift| {
        let mut with = *taken;
        let fits = guests.iter().all(|guest| take(&mut with, slot(guest.print(), *shift)));
        if fits {
            *taken = with;
        }
        fits
    })
}

/// Takes a row of a block; false when it was taken.
fn take(taken: &mut Taken, slot: usize) -> bool {
    let bit = 1 << (slot % 64);
    taken.get_mut(slot / 64).is_some_and(|word| {
        let was_free = *word & bit == 0;
        *word |= bit;
        was_free
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;
    use crate::row::row;
    use crate::sketch::Sketch;

    const SECRET: [u64; 4] =
        [0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3];

    fn place(n: u32) -> Place {
        Place::new((u128::from(n) * 0x1_0001).to_be_bytes(), &SECRET)
    }
    fn put(seats: &mut Seats, place: Place, number: u32) -> bool {
        let class = crate::class::Classes::default().number(&Class::default()).unwrap();
        let row = row(place, &Sketch { class, words: Vec::new() }, |_| unreachable!());
        seats.put(place, row, number)
    }
    fn found(seats: &Seats, n: u32) -> bool {
        let at = seats.seat(place(n));
        seats.row_of(at, place(n)).is_some() && seats.number(at) == n
    }

    #[test]
    fn everybody_is_found_in_the_one_row_and_blocks_fill_nearly_whole() {
        let mut fullest = Vec::new();
        for blocks in [1, 2, 7] {
            let mut seats = Seats::with_rows(blocks * BLOCK);
            let until = (0..).find(|n| !put(&mut seats, place(*n), *n)).unwrap();
            assert!(
                (0..until).all(|n| found(&seats, n)),
                "who sits is found, also after somebody found no seat"
            );
            assert!(!found(&seats, until) && seats.live() == until as usize);
            assert_eq!(seats.iter().count(), until as usize);
            fullest.push(until as usize * 100 / (blocks * BLOCK));
        }
        assert!(fullest.iter().all(|full| *full >= 90), "{fullest:?} of a hundred");
    }

    #[test]
    fn who_goes_leaves_a_row_for_others() {
        let mut seats = Seats::with_rows(2 * BLOCK);
        assert!((0..600).all(|n| put(&mut seats, place(n), n)));
        for round in 0..40 {
            let (goes, comes) = (round * 100..round * 100 + 100, round * 100 + 600..round * 100 + 700);
            goes.clone().for_each(|n| seats.remove(seats.seat(place(n))));
            assert!(comes.clone().all(|n| put(&mut seats, place(n), n)));
            assert!(goes.into_iter().all(|n| !found(&seats, n)), "nobody is found who went");
            assert!((round * 100 + 100..round * 100 + 700).all(|n| found(&seats, n)));
        }
        assert_eq!(seats.live(), 600);
    }

    #[test]
    fn two_of_one_print_in_a_block_are_not_seated_apart() {
        let mut seats = Seats::with_rows(1);
        let (one, other) = (Place { block: 1, print: 77 }, Place { block: 2, print: 77 });
        assert!(put(&mut seats, one, 0) && !put(&mut seats, other, 1));
        assert_eq!(seats.number(seats.seat(one)), 0);
        // The block of a larger house is another: there they are told apart.
        let far = |n: u32| if n == 0 { one } else { Place { block: u64::MAX, print: 77 } };
        let mut wide = seats.laid_out(2 * BLOCK, far).unwrap();
        assert!(put(&mut wide, far(1), 1));
    }

    #[test]
    fn nobody_is_found_in_an_empty_row() {
        let seats = Seats::with_rows(1);
        assert!(
            seats.row_of(seats.seat(Place { block: 0, print: 0 }), Place { block: 0, print: 0 }).is_none()
        );
    }
}
