//! A recorded use as the question it was.

use std::collections::BTreeSet;

use assent_kernel::ledger::Detail;
use assent_kernel::{
    Asker, CategoryKey, Context, FactId, Matter, NonEmpty, Person, Policy, PurposeKey, Question, Region,
    Role, Timestamp, To, TreeKey, Use,
};

use crate::draft::THE_PERSON;

/// The question behind a recorded use: about the facts that are still held, and for the others about their kinds.
/// Nothing when a name in it is gone.
pub(super) fn question(detail: &Detail, person: &Person, policy: &Policy) -> Option<Question<Use>> {
    let what = Use::ALL.iter().copied().find(|one| *one as u8 == detail.use_code)?;
    let to = match detail.chain.first() {
        Some(code) => To::Party(policy.party(code)?.id),
        None => (detail.recipient == THE_PERSON).then_some(To::Person)?,
    };
    Some(Question {
        what,
        person: person.id,
        asker: Asker::of_role(Role::parse(&detail.role)?),
        purpose: PurposeKey::new(&detail.purpose).ok()?,
        matters: matters(detail, person)?,
        to,
        region: Region::new(&detail.region).ok()?,
        at: Timestamp::from_micros(detail.at),
        context: Context::of_words(&detail.context),
    })
}

fn matters(detail: &Detail, person: &Person) -> Option<NonEmpty<Matter>> {
    let ids = detail.facts.iter().filter_map(|id| id.parse::<FactId>().ok());
    let held: Vec<_> = ids.filter_map(|id| person.facts.get(&id)).collect();
    let covered: BTreeSet<&str> = held.iter().map(|fact| fact.category.as_str()).collect();
    let kinds = detail.categories.iter().filter(|one| !covered.contains(one.as_str()));
    let kinds = kinds.filter_map(|one| CategoryKey::new(one).ok()).map(Matter::Kind);
    let all: Vec<Matter> = held.iter().map(|fact| Matter::Held(fact.id)).chain(kinds).collect();
    NonEmpty::try_from(all).ok()
}
