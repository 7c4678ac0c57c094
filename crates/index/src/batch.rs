//! Many decisions at once: what they need comes from memory together.

use assent_kernel::PersonId;

use crate::ask::Asking;
use crate::class::ClassId;
use crate::index::Index;
use crate::pack::Word;
use crate::table::{Known, Place};
use crate::verdict::Verdict;

/// How many people are fetched ahead.
const AHEAD: usize = 32;

/// One question of a batch on its way.
struct Way<'a> {
    asking: &'a Asking,
    id: PersonId,
    place: Place,
    /// Where the person stands; nowhere, when there is nobody of that id.
    row: Option<usize>,
    word: Word,
}

impl Index {
    /// Decides for many people, in order; what they need is fetched for a few dozen of them at a time: first where
    /// each may stand, then what is told beside it, then the clause that each agreed to.
    pub fn decide_all<'a>(
        &self,
        asked: impl Iterator<Item = (&'a Asking, PersonId)>,
        mut tell: impl FnMut(Verdict),
    ) {
        let mut asked = asked.fuse();
        let mut some: Vec<Way<'_>> = Vec::with_capacity(AHEAD);
        loop {
            some.clear();
            for (asking, id) in asked.by_ref().take(AHEAD) {
                let place = Place::new(id.to_bytes(), &self.secret);
                self.table().fetch(place);
                some.push(Way { asking, id, place, row: None, word: Word::default() });
            }
            if some.is_empty() {
                return;
            }
            for one in &mut some {
                one.row = self.table().find(one.place);
                self.known(one).inspect(|known| known.fetch(one.asking.about));
            }
            for one in &mut some {
                let Some(known) = self.known(one) else { continue };
                one.word = known.find(one.asking.about);
                one.asking.fetch(one.word, self.books());
            }
            some.iter().for_each(|one| tell(self.judged(one)));
        }
    }

    #[inline]
    fn known(&self, one: &Way<'_>) -> Option<Known<'_>> {
        self.table().get(one.row?)
    }

    #[inline]
    fn judged(&self, one: &Way<'_>) -> Verdict {
        let (Some(row), Some(known)) = (one.row, self.known(one)) else { return self.stranger() };
        // Whose word about the purpose does not decide.
        if (known.class() == ClassId::ODD) | !one.asking.consent {
            return self.decide_row(one.asking, row, one.id);
        }
        one.asking.judge(known.class(), one.word, self.books())
    }
}
