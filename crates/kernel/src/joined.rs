//! Several records of one human: each keeps its own facts and terms, and what the others said only ever closes.

use serde::{Deserialize, Serialize};

use crate::grant::{Answer, Grant, Objection, Restricted, Restriction, Said};
use crate::key::{PurposeKey, Region, TreeKey};
use crate::person::{Contract, Person};
use crate::reason::Reason;
use crate::time::Timestamp;

/// What other records of the same human bring into a decision about this one, beside wishes: where they live and what
/// contracts they have, for prohibitions alone. It opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Beside {
    /// Where the others live, as far as it is known.
    pub residences: Vec<Region>,
    /// Contracts of the others.
    pub contracts: Vec<Contract>,
}

impl Person {
    /// This record as it is decided while another record counts as the same human since a time: what the other
    /// refused, objected to and stopped is closed here too, two yeses to one purpose become what both allow, and
    /// nothing opens that was closed. What this record said since then stands for its own facts.
    #[must_use]
    pub fn joined(&self, other: &Self, since: Timestamp) -> Self {
        let mut out = self.clone();
        out.minor |= other.minor;
        out.meet_yeses(self, other, since);
        for answer in other.answers.values().filter(|answer| !matches!(answer.said, Said::Yes(_))) {
            let at = answer.at.max(since);
            // Of two at the same moment the no holds.
            if self.answers.get(&answer.purpose).is_none_or(|mine| mine.at <= at) {
                out.answers.insert(answer.purpose.clone(), Answer { at, ..answer.clone() });
            }
        }
        let objections = other.objections.iter();
        out.objections.extend(objections.map(|one| Objection { at: one.at.max(since), ..one.clone() }));
        // A stop of one single fact is about a fact of the other.
        let stops = other.restrictions.iter().filter(|one| !matches!(one.facts, Restricted::Fact(_)));
        out.restrictions.extend(stops.map(|one| Restriction { at: one.at.max(since), ..one.clone() }));
        let beside = out.beside.get_or_insert_default();
        beside.residences.extend(other.residence.clone());
        beside.contracts.extend(other.contracts.iter().cloned());
        out
    }

    /// For every purpose to which both said yes, this record's yes shrinks to what both allow.
    fn meet_yeses(&mut self, own: &Self, other: &Self, since: Timestamp) {
        let said_yes = |person: &Self| {
            let yes = person.answers.values().filter(|answer| matches!(answer.said, Said::Yes(_)));
            yes.map(|answer| answer.purpose.clone()).collect::<Vec<_>>()
        };
        for purpose in said_yes(own).into_iter().chain(said_yes(other)) {
            let (Ok((mine, grant)), Ok((_, theirs))) = (own.yes_to(&purpose), other.yes_to(&purpose)) else {
                continue;
            };
            if mine.at > since {
                continue;
            }
            let terms = grant.terms.meet(&theirs.terms);
            let said = Said::Yes(Box::new(Grant { terms, ..grant.clone() }));
            self.answers.insert(purpose.clone(), Answer { purpose, said, at: mine.at });
        }
    }

    /// The yes that stands for a purpose, or what was said instead. An answer about a purpose covers those below it;
    /// a no holds against every yes that is older or about more.
    ///
    /// # Errors
    /// [`Reason::Refused`], [`Reason::Withdrawn`] or [`Reason::NeverAsked`].
    pub fn yes_to(&self, purpose: &PurposeKey) -> Result<(&Answer, &Grant), Reason> {
        let about = || self.answers.values().filter(|answer| answer.purpose.covers(purpose));
        let depth = |answer: &Answer| answer.purpose.as_str().len();
        let yes = about().filter_map(|answer| match &answer.said {
            Said::Yes(grant) => Some((answer, &**grant)),
            Said::No | Said::NoLonger => None,
        });
        let best = yes.max_by_key(|(answer, _)| (depth(answer), answer.at));
        let no = about()
            .filter(|answer| !matches!(answer.said, Said::Yes(_)))
            .filter(|no| best.is_none_or(|(yes, _)| no.at >= yes.at || depth(no) > depth(yes)))
            .max_by_key(|no| (depth(no), no.at));
        match (no.map(|answer| &answer.said), best) {
            (Some(Said::No), _) => Err(Reason::Refused),
            (Some(Said::NoLonger | Said::Yes(_)), _) => Err(Reason::Withdrawn),
            (None, Some(found)) => Ok(found),
            (None, None) => Err(Reason::NeverAsked),
        }
    }
}
