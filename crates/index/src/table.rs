//! The table of people: one cache line each, in the one place where it can be, so that a decision costs one memory
//! access. Who has more to say has a second line beside them.

use crate::pages::Growing;
use crate::row::{Known, Row, row, second};
use crate::seats::{Place, Seats};
use crate::sketch::Sketch;

/// The most of a hundred rows that are taken before the table grows.
const FULL: usize = 70;
/// Of a hundred rows, how many are taken after it grew.
const ROOMY: usize = 54;

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    seats: Seats,
    more: Growing,
    free: Vec<u32>,
}

impl Table {
    /// Room for so many people.
    pub(crate) fn with_room(people: usize) -> Self {
        Self { seats: Seats::with_rows(people * 100 / (FULL - 1) + 8), ..Self::default() }
    }

    /// The one row where somebody can be.
    #[inline]
    pub(crate) fn seat(&self, place: Place) -> usize {
        self.seats.seat(place)
    }

    /// What is known of somebody, if the row is theirs.
    #[inline]
    pub(crate) fn known(&self, at: usize, place: Place) -> Option<Known<'_>> {
        Some(Known::new(self.seats.row_of(at, place)?, &self.more))
    }

    /// The row of a person.
    pub(crate) fn find(&self, place: Place) -> Option<usize> {
        let at = self.seat(place);
        self.seats.row_of(at, place).map(|_| at)
    }

    /// Asks for a row before it is needed.
    #[inline]
    pub(crate) fn fetch(&self, at: usize) {
        self.seats.fetch(at);
    }

    pub(crate) fn get(&self, at: usize) -> Option<Known<'_>> {
        Some(Known::new(self.seats.row(at)?, &self.more))
    }

    pub(crate) fn number(&self, at: usize) -> u32 {
        self.seats.number(at)
    }

    /// True when one more person needs a larger table first.
    pub(crate) fn is_full(&self) -> bool {
        (self.seats.live() + 1) * 100 >= self.seats.rows() * FULL
    }

    /// Lays everybody out anew, with room for more; `place` tells where the person of a number sits. False when
    /// two people could not be seated apart: then it must be done again with another secret.
    #[must_use]
    pub(crate) fn grow(&mut self, place: impl Fn(u32) -> Place) -> bool {
        let laid_out = self.seats.laid_out((self.seats.live() + 16) * 100 / ROOMY, place);
        laid_out.map(|seats| self.seats = seats).is_some()
    }

    /// Puts somebody new in; false when everybody must be laid out anew first.
    #[must_use]
    pub(crate) fn insert(&mut self, place: Place, sketch: &Sketch, number: u32) -> bool {
        let row = self.row(place, sketch);
        let put = self.seats.put(place, row, number);
        if !put {
            self.free.extend(second(&row));
        }
        put
    }

    /// Puts something else in somebody's place.
    pub(crate) fn replace(&mut self, at: usize, place: Place, sketch: &Sketch) {
        self.drop_more(at);
        let row = self.row(place, sketch);
        if let Some(slot) = self.seats.row_mut(at) {
            *slot = row;
        }
    }

    /// Takes somebody out.
    pub(crate) fn remove(&mut self, at: usize) {
        self.drop_more(at);
        self.seats.remove(at);
    }

    fn drop_more(&mut self, at: usize) {
        self.free.extend(self.seats.row(at).and_then(second));
    }

    fn row(&mut self, place: Place, sketch: &Sketch) -> Row {
        row(place, sketch, |more| self.keep(more))
    }

    /// Keeps a second line.
    fn keep(&mut self, row: Row) -> u32 {
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
        self.seats.live()
    }
    /// Bytes of both kinds of lines, and of what finds them.
    pub(crate) fn bytes(&self) -> usize {
        self.seats.bytes() + self.more.bytes()
    }
    pub(crate) fn bytes_of_numbers(&self) -> usize {
        self.seats.bytes_beside()
    }
    /// Every person's number and what is known of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Known<'_>)> {
        self.seats.iter().map(|(at, row)| (self.number(at), Known::new(row, &self.more)))
    }
}
