//! Many decisions at once: what they need comes from memory while others are decided.

use assent_kernel::PersonId;

use crate::ask::Asking;
use crate::class::ClassId;
use crate::index::Index;
use crate::pack::Word;
use crate::row::Known;
use crate::seats::Place;
use crate::verdict::Verdict;

/// After how many other questions a question's row is looked at, which was asked for when it came.
const ROW: usize = 10;
/// After how many its word about the purpose is, which may stand in a second line.
const WORD: usize = 18;
/// After how many it is judged, by the clause of that word.
const JUDGED: usize = 26;
/// As many are on their way.
const RING: usize = 32;

/// One question of a batch on its way.
#[derive(Clone, Copy)]
struct Way<'a> {
    asking: &'a Asking,
    id: PersonId,
    place: Place,
    seat: usize,
    /// Nothing when there is nobody of that id.
    known: Option<Known<'a>>,
    word: Word,
}

impl Index {
    /// Decides for many people, in order. Each question goes four steps, and other questions go theirs in between: ask
    /// for the line where the person may stand, then for what is told beside it, then for the clause that the person
    /// agreed to, and judge.
    pub fn decide_all<'a>(
        &'a self,
        asked: impl Iterator<Item = (&'a Asking, PersonId)>,
        mut tell: impl FnMut(Verdict),
    ) {
        let mut asked = asked.fuse();
        let mut ring: [Option<Way<'a>>; RING] = [None; RING];
        let mut last = 0;
        for n in 0usize.. {
            let fresh = asked.next().map(|(asking, id)| self.fetched(asking, id));
            if fresh.is_some() {
                last = n;
            } else if n > last + JUDGED {
                return;
            }
            ring[n % RING] = fresh;
            if let Some(one) = &mut ring[n.wrapping_sub(ROW) % RING] {
                self.look(one);
            }
            if let Some(one) = &mut ring[n.wrapping_sub(WORD) % RING] {
                self.read(one);
            }
            if let Some(one) = ring[n.wrapping_sub(JUDGED) % RING].take() {
                tell(self.judged(&one));
            }
        }
    }

    #[inline]
    fn fetched<'a>(&self, asking: &'a Asking, id: PersonId) -> Way<'a> {
        let place = Place::new(id.to_bytes(), &self.secret);
        let seat = self.table().seat(place);
        self.table().fetch(seat);
        Way { asking, id, place, seat, known: None, word: Word::default() }
    }

    #[inline]
    fn look<'a>(&'a self, one: &mut Way<'a>) {
        one.known = self.table().known(one.seat, one.place);
        one.known.inspect(|known| known.fetch(one.asking.about));
    }

    #[inline]
    fn read(&self, one: &mut Way<'_>) {
        let Some(known) = one.known else { return };
        one.word = known.find(one.asking.about);
        one.asking.fetch(one.word, self.books());
    }

    #[inline]
    fn judged(&self, one: &Way<'_>) -> Verdict {
        let Some(known) = one.known else { return self.stranger() };
        // Whose word about the purpose does not decide.
        if (known.class() == ClassId::ODD) | !one.asking.consent {
            return self.decide_about(one.asking, &known, one.id);
        }
        one.asking.judge(known.class(), one.word, self.books())
    }
}
