//! Who holds each clause: nobody yet, one person alone, or several. A clause that one person alone ever had is loose.

use crate::near;
use crate::pages::Growing;

/// Where a loose row stands: in which segment of its purpose, and where there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) segment: u32,
    pub(crate) row: u32,
}

/// Who holds a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Nobody ever did.
    Nobody,
    /// One person, and never another.
    Alone(Stand),
    /// Several did, or the one who did went: it is a group, and nobody moves back and forth.
    Many,
}

/// For each clause, who holds it: `segment + 1` in 32 bits, `row` in 32; zero is nobody, all ones are many. By number
/// in huge pages, so that a withdrawal finds its row by one access.
#[derive(Debug, Default)]
pub(crate) struct Holders(Growing);

const MANY: u64 = u64::MAX;

impl Holders {
    pub(crate) fn of(&self, clause: usize) -> Holder {
        match self.0.words().get(clause).copied().unwrap_or(0) {
            0 => Holder::Nobody,
            MANY => Holder::Many,
            word => Holder::Alone(Stand { segment: ((word >> 32) - 1) as u32, row: word as u32 }),
        }
    }

    pub(crate) fn set(&mut self, clause: usize, holder: Holder) {
        let word = match holder {
            Holder::Nobody => 0,
            // There are fewer segments and rows than clauses: 2²⁵ of them.
            Holder::Alone(at) => (u64::from(at.segment) + 1) << 32 | u64::from(at.row),
            Holder::Many => MANY,
        };
        self.0.reach(clause + 1);
        if let Some(slot) = self.0.words_mut().get_mut(clause) {
            *slot = word;
        }
    }

    /// Asks for what is known of a clause before it is needed.
    pub(crate) fn fetch(&self, clause: usize) {
        self.0.words().get(clause).inspect(|word| near::fetch(*word));
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_comes_back_up_to_the_last_clause() {
        let mut all = Holders::default();
        let last = crate::pack::MOST_CLAUSES as u32 - 1;
        let some = [
            Holder::Many,
            Holder::Alone(Stand { segment: 0, row: 0 }),
            Holder::Alone(Stand { segment: last, row: last }),
            Holder::Nobody,
        ];
        for (clause, holder) in [0, 7, 700, last as usize].into_iter().zip(some) {
            assert_eq!(all.of(clause), Holder::Nobody);
            all.set(clause, holder);
            assert_eq!(all.of(clause), holder);
        }
        assert_eq!(
            (all.of(0), all.of(8), all.of(usize::MAX)),
            (Holder::Many, Holder::Nobody, Holder::Nobody)
        );
    }
}
