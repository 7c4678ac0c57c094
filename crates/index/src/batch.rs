//! Many decisions at once: what they need comes from memory together.

use assent_kernel::PersonId;

use crate::ask::Asking;
use crate::class::ClassId;
use crate::index::Index;
use crate::pack::Word;
use crate::table::Place;
use crate::verdict::Verdict;

/// How many people are fetched ahead.
const AHEAD: usize = 32;

/// Whom a question in a batch is about.
enum Met {
    Nobody,
    /// Somebody whose word about the purpose does not decide.
    Apart(usize),
    Somebody(ClassId, Word),
}

impl Index {
    /// Decides for many people, in order; what they need is fetched for a few dozen of them at a time: first where
    /// each may stand, then the clause that each agreed to.
    pub fn decide_all<'a>(
        &self,
        asked: impl Iterator<Item = (&'a Asking, PersonId)>,
        mut tell: impl FnMut(Verdict),
    ) {
        let mut asked = asked.fuse();
        let mut next: Vec<(&Asking, PersonId, Place)> = Vec::with_capacity(AHEAD);
        let mut met: Vec<Met> = Vec::with_capacity(AHEAD);
        loop {
            let mut near = 0;
            next.clear();
            next.extend(asked.by_ref().take(AHEAD).map(|(asking, id)| {
                let place = Place::new(id.to_bytes(), &self.secret);
                near ^= self.table().touch(place) ^ asking.about;
                (asking, id, place)
            }));
            if next.is_empty() {
                return;
            }
            met.clear();
            met.extend(next.iter().map(|(asking, _, place)| {
                let Some(row) = self.table().find(*place) else { return Met::Nobody };
                let Some(known) = self.table().get(row) else { return Met::Nobody };
                let (class, word) = (known.class(), known.find(asking.about));
                near ^= asking.touch(word, self.books());
                if (class == ClassId::ODD) | !asking.consent {
                    Met::Apart(row)
                } else {
                    Met::Somebody(class, word)
                }
            }));
            std::hint::black_box(near);
            for ((asking, id, _), met) in next.iter().zip(&met) {
                tell(match met {
                    Met::Nobody => self.stranger(),
                    Met::Apart(row) => self.decide_row(asking, *row, *id),
                    Met::Somebody(class, word) => asking.judge(*class, *word, self.books()),
                });
            }
        }
    }
}
