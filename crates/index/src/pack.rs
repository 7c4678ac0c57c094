//! Packed words. Every constructor checks every field: a value that does not fit is refused, never cut.

use assent_kernel::Timestamp;

/// Micro-seconds of a minute.
const MICROS: i64 = 60_000_000;
/// 1 January 1990, from where packed minutes count.
const BASE: i64 = 631_152_000_000_000 / MICROS;

/// A minute counted from 1990, in 26 bits: until 2117. The last value means "without end".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(u32);

/// Why something does not fit into the packed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} does not fit into the packed form")]
pub struct NotPackable(pub &'static str);

impl Minute {
    const BITS: u32 = 26;
    /// Without end.
    pub const FOREVER: Self = Self((1 << Self::BITS) - 1);
    /// The earliest.
    pub const FIRST: Self = Self(0);

    /// The minute in which a time lies.
    ///
    /// # Errors
    /// Before 1990 or from 2117 on.
    pub fn of(at: Timestamp) -> Result<Self, NotPackable> {
        let minutes = at.micros().div_euclid(MICROS).saturating_sub(BASE);
        match u32::try_from(minutes) {
            Ok(minutes) if minutes < Self::FOREVER.0 => Ok(Self(minutes)),
            _ => Err(NotPackable("a time")),
        }
    }
    /// The minute in which terms end: `Timestamp::MAX` is without end.
    ///
    /// # Errors
    /// Before 1990, or from 2117 on but not without end.
    pub fn end(at: Timestamp) -> Result<Self, NotPackable> {
        if at.whole_minute() == Timestamp::MAX.whole_minute() {
            return Ok(Self::FOREVER);
        }
        Self::of(at)
    }
    /// The time at which it begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        if self == Self::FOREVER {
            return Timestamp::MAX;
        }
        Timestamp::from_micros((i64::from(self.0) + BASE) * MICROS)
    }
    /// As a number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An objection, or a contract.
    Other,
    /// Yes, on a clause.
    Yes,
    /// No.
    No,
    /// No longer.
    NoLonger,
}

/// One thing known of a person: what they said about one purpose, or a contract of one kind. Eight bytes:
/// `end 26 | purpose 9 | kind 2 | newer 1 | named 1 | clause 25`. Zero is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Word(pub(crate) u64);

/// The most purposes: the numbers from here on are kinds of contract.
pub(crate) const MOST_PURPOSES: usize = (1 << 9) - MOST_KINDS;
/// The most kinds of contract.
pub(crate) const MOST_KINDS: usize = 1 << 6;
/// The most clauses.
pub(crate) const MOST_CLAUSES: usize = 1 << 25;
const PURPOSE: u32 = 29;
const KIND: u32 = 27;
const NEWER: u64 = 1 << 26;
const NAMED: u64 = 1 << 25;
const CLAUSE: u64 = NAMED - 1;
const END: u32 = 38;
/// An objection stands in place of a clause.
const OBJECTED: u64 = 1;

/// Hashes numbers that the index gave out itself: nobody outside can choose them, so they need no secret.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quick(u64);

impl std::hash::Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        let product = u128::from(self.0 ^ n ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A map by such numbers.
pub(crate) type QuickMap<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<Quick>>;

/// The bits that say what a word is about.
pub(crate) const ABOUT: u64 = ((1 << 9) - 1) << PURPOSE;

fn number(n: usize, most: usize, what: &'static str) -> Result<u64, NotPackable> {
    if n < most { u64::try_from(n).map_err(|_| NotPackable(what)) } else { Err(NotPackable(what)) }
}

impl Word {
    fn head(purpose: usize, kind: Kind, newer: bool) -> Result<u64, NotPackable> {
        Ok(Self::facts(number(purpose, MOST_PURPOSES, "a purpose")?, kind, newer))
    }
    const fn facts(about: u64, kind: Kind, newer: bool) -> u64 {
        let kind = match kind {
            Kind::Other => 0u64,
            Kind::Yes => 1,
            Kind::No => 2,
            Kind::NoLonger => 3,
        };
        let newer = if newer { NEWER } else { 0 };
        about << PURPOSE | kind << KIND | newer
    }
    pub(crate) fn yes(
        purpose: usize,
        end: Minute,
        clause: usize,
        (newer, named): (bool, bool),
    ) -> Result<Self, NotPackable> {
        let named = if named { NAMED } else { 0 };
        let clause = number(clause, MOST_CLAUSES, "a clause")?;
        Ok(Self(u64::from(end.0) << END | Self::head(purpose, Kind::Yes, newer)? | named | clause))
    }
    /// No (`longer` false) or no longer.
    pub(crate) fn no(purpose: usize, longer: bool, newer: bool) -> Result<Self, NotPackable> {
        let kind = if longer { Kind::NoLonger } else { Kind::No };
        Self::head(purpose, kind, newer).map(Self)
    }
    /// An objection, or nothing but that a newer yes was said (`objected` false).
    pub(crate) fn other(purpose: usize, objected: bool, newer: bool) -> Result<Self, NotPackable> {
        Ok(Self(Self::head(purpose, Kind::Other, newer)? | if objected { OBJECTED } else { 0 }))
    }
    pub(crate) fn contract(kind: usize, from: Minute, until: Minute) -> Result<Self, NotPackable> {
        let from = number(from.0 as usize, MOST_CLAUSES, "the beginning of a contract")?;
        let kind = number(kind, MOST_KINDS, "a kind of contract")? + MOST_PURPOSES as u64;
        Ok(Self(u64::from(until.0) << END | Self::facts(kind, Kind::Other, false) | NAMED | from))
    }
    /// What a word about a purpose must look like under [`ABOUT`].
    pub(crate) fn about(purpose: usize) -> u64 {
        (purpose as u64) << PURPOSE
    }
    pub(crate) const fn kind(self) -> Kind {
        match (self.0 >> KIND) & 3 {
            1 => Kind::Yes,
            2 => Kind::No,
            3 => Kind::NoLonger,
            _ => Kind::Other,
        }
    }
    /// Kind and objection.
    pub(crate) const fn spoken(self) -> usize {
        (self.0 >> KIND & 3 | (self.0 & OBJECTED) << 2) as usize
    }
    pub(crate) const fn is_contract(self) -> bool {
        self.purpose() >= MOST_PURPOSES
    }
    /// The kind of a contract.
    pub(crate) const fn contract_kind(self) -> usize {
        self.purpose().saturating_sub(MOST_PURPOSES)
    }
    pub(crate) const fn is_objected(self) -> bool {
        (self.0 >> KIND) & 3 == 0 && self.0 & NAMED == 0 && self.0 & CLAUSE == OBJECTED
    }
    pub(crate) const fn newer(self) -> bool {
        self.0 & NEWER != 0
    }
    pub(crate) const fn named(self) -> bool {
        self.0 & NAMED != 0
    }
    pub(crate) const fn clause(self) -> usize {
        (self.0 & CLAUSE) as usize
    }
    pub(crate) const fn purpose(self) -> usize {
        ((self.0 & ABOUT) >> PURPOSE) as usize
    }
    pub(crate) const fn end(self) -> Minute {
        Minute((self.0 >> END) as u32)
    }
    /// When a contract began.
    pub(crate) const fn from(self) -> Minute {
        Minute((self.0 & CLAUSE) as u32)
    }
    /// The same word, without end.
    pub(crate) const fn endless(self) -> Self {
        Self(self.0 | ((Minute::FOREVER.0 as u64) << END))
    }
    /// The word without its end: people whose words are alike here are decided alike until it ends.
    pub(crate) const fn form(self) -> u64 {
        self.0 & ((1 << END) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_comes_back_and_refuses_what_is_too_large() {
        let end = Minute::of(Timestamp::from_micros(1_790_000_000_000_000)).unwrap();
        let word = Word::yes(447, end, MOST_CLAUSES - 1, (true, false)).unwrap();
        assert_eq!((word.kind(), word.purpose(), word.clause()), (Kind::Yes, 447, MOST_CLAUSES - 1));
        assert_eq!((word.end(), word.newer(), word.named()), (end, true, false));
        assert!(Word::yes(448, end, 0, (false, false)).is_err());
        assert!(Word::yes(0, end, MOST_CLAUSES, (false, false)).is_err());
        assert!(Word::contract(64, Minute::FIRST, end).is_err());
        assert!(Word::contract(0, Minute(MOST_CLAUSES as u32), end).is_err());
        let contract = Word::contract(3, Minute(7), Minute::FOREVER).unwrap();
        assert!(
            contract.is_contract()
                && contract.contract_kind() == 3
                && !contract.is_objected()
                && contract.from() == Minute(7)
        );
        assert!(Word::other(0, true, false).unwrap().is_objected());
    }

    #[test]
    fn minutes_go_from_1990_to_2117() {
        let first = Timestamp::from_micros(BASE * MICROS);
        assert_eq!(Minute::of(first).unwrap(), Minute::FIRST);
        assert_eq!(Minute::FIRST.start(), first);
        assert!(Minute::of(Timestamp::from_micros(first.micros() - 1)).is_err());
        let last = Minute(Minute::FOREVER.0 - 1);
        assert_eq!(Minute::of(last.start()).unwrap(), last);
        assert!(Minute::of(Timestamp::from_micros(last.start().micros() + MICROS)).is_err());
        assert_eq!(Minute::end(Timestamp::MAX).unwrap(), Minute::FOREVER);
        assert!(Minute::end(Timestamp::MIN).is_err());
        assert!(Minute::end(Timestamp::from_micros(i64::MAX / 2)).is_err());
    }
}
