//! What a record that is erased leaves to the others of the same human: whatever it closed for them stays closed.

use assent_kernel::grant::{Answer, Objection, Restricted, Restriction, Said};
use assent_kernel::joined::Beside;
use assent_kernel::{Person, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::{add_objection, add_restriction, json, to_json};
use super::add_beside;
use crate::db::Tx;
use crate::error::Result;

pub(super) const SET_MINOR: &str = "UPDATE person SET minor = 1 WHERE id = $1";
pub(super) const BESIDE: &str = "SELECT beside FROM person WHERE id = $1";
pub(super) const SET_BESIDE: &str = "UPDATE person SET beside = $2 WHERE id = $1";

/// What a record that goes for good leaves to another of the same human: all by which it narrowed it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Left {
    /// What it refused or took back; and for what both said yes to, what both allow.
    pub answers: Vec<Answer>,
    /// What it objected to.
    pub objections: Vec<Objection>,
    /// What it stopped.
    pub restrictions: Vec<Restriction>,
    /// A guardian must agree.
    pub minor: bool,
    /// Where it lived and what contracts it had, for prohibitions alone.
    pub beside: Option<Beside>,
}

impl Left {
    /// What one record leaves to another, by what each said itself, when they counted as one since a time.
    #[must_use]
    pub fn of(gone: &Person, to: &Person, since: Timestamp) -> Self {
        let mut beside = Beside {
            residences: gone.residence.iter().cloned().collect(),
            contracts: gone.contracts.clone(),
        };
        if let Some(left) = &gone.beside {
            add_beside(&mut beside, left);
        }
        Self {
            answers: refused(gone, to, since).chain(met(gone, to, since)).collect(),
            objections: (gone.objections.iter())
                .map(|one| Objection { at: one.at.max(since), ..one.clone() })
                .collect(),
            restrictions: stopped(gone, to, since),
            minor: gone.minor,
            beside: (beside != Beside::default()).then_some(beside),
        }
    }

    /// Writes down everything but the answers.
    ///
    /// # Errors
    /// What the engine said.
    pub fn write_rest(&self, tx: &mut Tx<'_>, to: PersonId) -> Result<()> {
        self.objections.iter().try_for_each(|one| add_objection(tx, to, one))?;
        self.restrictions.iter().try_for_each(|one| add_restriction(tx, to, one))?;
        if self.minor {
            tx.exec(SET_MINOR, &[to.into()])?;
        }
        let Some(more) = &self.beside else { return Ok(()) };
        let known = tx.first(BESIDE, &[to.into()], |row| row.text_opt(0))?.flatten();
        let mut beside = known.map(|text| read_beside(&text)).transpose()?.unwrap_or_default();
        add_beside(&mut beside, more);
        tx.exec(SET_BESIDE, &[to.into(), (&to_json(&beside)?).into()]).map(|_| ())
    }
}

pub(in super::super) fn read_beside(text: &str) -> Result<Beside> {
    json(text, "what another record left")
}

const fn a_moment_after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().saturating_add(1))
}

/// What the one refused or took back, where the other has not said yes since.
fn refused<'a>(gone: &'a Person, to: &'a Person, since: Timestamp) -> impl Iterator<Item = Answer> + 'a {
    let refusals = gone.answers.values().filter(|answer| !matches!(answer.said, Said::Yes(_)));
    refusals.filter_map(move |answer| {
        let (at, mine) = (answer.at.max(since), to.answers.get(&answer.purpose));
        // A moment later than a yes of the same moment: two answers about one purpose never share theirs.
        let at = match mine {
            Some(mine) if mine.at > at => return None,
            Some(mine) => at.max(a_moment_after(mine.at)),
            None => at,
        };
        Some(Answer { at, ..answer.clone() })
    })
}

/// Where both said yes and both allow less, that, a moment after the other's yes: it is no newer word of theirs.
fn met(gone: &Person, to: &Person, since: Timestamp) -> Vec<Answer> {
    let narrowed = to.joined(gone, since).answers;
    let yes = narrowed.into_values().filter(|answer| matches!(answer.said, Said::Yes(_)));
    let less = yes.filter(|answer| to.answers.get(&answer.purpose) != Some(answer));
    less.map(|answer| Answer { at: a_moment_after(answer.at), ..answer }).collect()
}

/// What the one stopped. Restrictions of one record never share a moment.
fn stopped(gone: &Person, to: &Person, since: Timestamp) -> Vec<Restriction> {
    let mut last = to.restrictions.iter().map(|one| one.at).max().unwrap_or(Timestamp::MIN);
    let stops = gone.restrictions.iter().filter(|one| !matches!(one.facts, Restricted::Fact(_)));
    let later = stops.map(|one| {
        last = one.at.max(since).max(a_moment_after(last));
        Restriction { at: last, ..one.clone() }
    });
    later.collect()
}
