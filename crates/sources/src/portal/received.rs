//! Who received something about a person, as the ledger has it: whom the company has to tell when it is put right or
//! erased (GDPR Art. 19).

use assent_gate::{Recipient, UseLine, recipients};
use assent_store::told::{State, Telling};

use super::model::Names;
use super::text::Text;

/// A party that received something.
pub(super) struct Received {
    pub(super) name: String,
    pub(super) last: String,
}

/// Everybody outside the company that a permitted use reached, the last one first.
pub(super) fn received(names: &Names<'_>, lines: &[UseLine]) -> Vec<Received> {
    let told = |one: Recipient| Received { name: names.coded(&one.code), last: names.t.date(one.last) };
    recipients(lines, names.policy).into_iter().map(told).collect()
}

/// A party of an erasure, and whether it was told.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) last: String,
    pub(super) state: String,
}

/// What became of telling them, one by one.
pub(super) fn told(names: &Names<'_>, all: &[Telling]) -> Vec<Told> {
    let one = |one: &Telling| Told {
        name: names.coded(&one.party),
        last: names.t.date(one.last_at),
        state: state(names.t, one),
    };
    all.iter().map(one).collect()
}

fn state(t: Text, one: &Telling) -> String {
    let day = one.told_at.map(|at| t.date(at)).unwrap_or_default();
    match one.state {
        State::Fresh | State::ToDo => t.told_not().to_owned(),
        State::Kept => t.told_when_over().to_owned(),
        State::Written => t.told_written().to_owned(),
        State::Left => t.told_by_letter(&day),
        State::ByHand => t.told_by_hand(&day),
    }
}
