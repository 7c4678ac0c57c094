//! Purposes that stand on no yes: decided by the reference once for each class of people, and remembered.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use assent_kernel::{PartyId, Person, Question, Reason, Region, Role, State, Timestamp, To, Use, decide};

use crate::ask::{Asking, Books};
use crate::class::ClassId;
use crate::clause::Wanted;
use crate::law::{Law, Room};
use crate::like::like;
use crate::pack::{Minute, Word};
use crate::row::Known;
use crate::verdict::Verdict;

/// What the reference said about classes of people, for each shape of a question whose purpose stands on no yes.
#[derive(Debug, Default)]
pub(crate) struct Others {
    shapes: RwLock<HashMap<Shape, Arc<Answered>>>,
    /// For answers of all shapes together.
    room: Arc<Room>,
}

/// The same, for one shape: by class, running kinds of contract, a newer yes, an objection to the purpose.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    known: RwLock<HashMap<(ClassId, u64, bool, bool), Verdict>>,
    room: Arc<Room>,
}

/// A question without its person and its time: use, role, purpose, categories, recipient, region, context.
pub(crate) type Shape = (Use, Role, usize, Wanted, Option<PartyId>, Region, (bool, bool, bool, bool));
/// The most shapes that are remembered: askers choose what they ask for.
const MOST_REMEMBERED: usize = 16_384;

impl Asking {
    /// Decides by the reference for somebody like this one, and remembers: for purposes that stand on no yes.
    #[cold]
    pub(crate) fn other(&self, known: &Known<'_>, class: ClassId, word: Word, books: &Books) -> Verdict {
        let runs = known.words().filter(|w| w.is_contract() && w.from() <= self.now && self.now < w.end());
        let (kinds, end) = runs.fold((0u64, Minute::FOREVER), |(bits, end), word| {
            (bits | 1 << word.contract_kind(), end.min(word.end()))
        });
        let verdict = self.class_verdict(class, kinds, (word.newer(), word.is_objected()), books);
        // What is remembered of the class knows no ends: it holds for as long as these contracts run.
        if verdict.is_open() { Verdict::open(verdict.end().min(end)) } else { verdict }
    }

    /// The reference's verdict about a class of people whose contracts of these kinds run.
    pub(crate) fn class_verdict(
        &self,
        class: ClassId,
        kinds: u64,
        (newer, objected): (bool, bool),
        books: &Books,
    ) -> Verdict {
        let key = (class, kinds, newer, objected);
        let answered = self.asked.answered.as_deref();
        if let Some(Ok(known)) = answered.map(|answered| answered.known.read())
            && let Some(found) = known.get(&key)
        {
            return *found;
        }
        let question = self.question_about(self.asked.question.person);
        let like = like(books.classes.get(class), kinds, (newer, objected), &question, &books.law);
        let verdict = self.refer(&like, &books.law);
        if let Some(answered) = answered.filter(|answered| answered.room.take())
            && let Ok(mut known) = answered.known.write()
        {
            known.insert(key, verdict);
        }
        verdict
    }

    /// The reference's verdict about a whole person.
    pub(crate) fn refer(&self, person: &Person, law: &Law) -> Verdict {
        let question = self.question_about(person.id);
        let ruling =
            decide(&question, &State { policy: &law.policy, person: Some(person), floor: Timestamp::MIN });
        let closed = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).min();
        match closed {
            None => {
                let open = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.open());
                let until = open.map(|open| open.until).min().unwrap_or(Timestamp::MIN);
                let until = next_of(person, question.at).fold(until, Timestamp::min);
                // An end that cannot be packed lies beyond 2117.
                Verdict::open(Minute::end(until).unwrap_or(Minute::FOREVER))
            }
            Some(Reason::Expired { at }) => match Minute::end(*at) {
                Ok(end) => Verdict::expired(end),
                Err(_) => Verdict::closed(law.code(&Reason::Expired { at: *at })),
            },
            Some(reason) => Verdict::closed(law.code_in(&question.region, reason)),
        }
    }
}

/// When something that a person's terms name begins or ends after a time.
fn next_of(person: &Person, at: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
    let beside = person.beside.iter().flat_map(|beside| &beside.contracts);
    let contracts = person.contracts.iter().chain(beside).flat_map(|one| [one.from, one.until]);
    let said = person.answers.values().map(|answer| answer.at);
    contracts.chain(said).filter(move |next| at < *next)
}

pub(crate) fn shape(q: &Question<Use>, purpose: usize, wanted: Wanted) -> Shape {
    let to = match q.to {
        To::Party(id) => Some(id),
        To::Person => None,
    };
    let c = &q.context;
    let ticket = c.ticket.as_deref().is_some_and(|ticket| !ticket.trim().is_empty());
    (q.what, q.asker.role(), purpose, wanted, to, q.region.clone(), (c.gpc, c.claim, c.automated, ticket))
}

pub(crate) fn remembered(others: &Others, shape: Shape) -> Arc<Answered> {
    if let Ok(known) = others.shapes.read()
        && let Some(found) = known.get(&shape)
    {
        return Arc::clone(found);
    }
    let fresh = Arc::new(Answered { known: RwLock::default(), room: Arc::clone(&others.room) });
    if let Ok(mut known) = others.shapes.write()
        && known.len() < MOST_REMEMBERED
    {
        known.insert(shape, Arc::clone(&fresh));
    }
    fresh
}
