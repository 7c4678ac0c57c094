//! Counting what a draft would have refused, person by person.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};

use assent_kernel::{
    FactId, Person, Policy, PurposeKey, Question, Reason, Remedy, Ruling, Span, State, Timestamp, To, Use,
    decide,
};
use assent_store::Tx;
use assent_store::people::past::Past;

use super::{Lost, WhatIf, rebuild};
use crate::error::Result;
use crate::keys::PersonKey;
use crate::past::{Counted, Line, walk};

/// How far entries of one person may lie out of order: more than nodes' clocks are ever apart.
const OUT_OF_STEP: Span = Span::minutes(10);

/// What lines are told apart by.
type Key = (PurposeKey, Use, String, Reason);

/// What is counted for a line.
#[derive(Default)]
struct Counts {
    refused: u64,
    narrowed: u64,
    people: u64,
}

/// What was found so far.
pub(super) struct Tally {
    today: Policy,
    draft: Policy,
    during: Range<Timestamp>,
    found: WhatIf,
    lines: BTreeMap<Key, Counts>,
}

/// What one person would lose.
#[derive(Default)]
struct Own {
    lines: BTreeSet<Key>,
    to_ask: bool,
}

impl Tally {
    pub(super) fn new((today, draft): (Policy, Policy), during: Range<Timestamp>, names: bool) -> Self {
        let found = WhatIf { whom: names.then(Vec::new), ..WhatIf::default() };
        Self { today, draft, during, found, lines: BTreeMap::new() }
    }

    /// With one more person.
    pub(super) fn with(mut self, tx: &mut Tx<'_>, past: &Past, key: &PersonKey) -> Result<Self> {
        let (mut counted, mut own) = (Counted::default(), Own::default());
        walk(tx, past.bare().id, key, |line| {
            if line.at().plus(OUT_OF_STEP) < self.during.start {
                return ControlFlow::Break(());
            }
            if line.is_permitted_use() {
                // The use itself was there to be had when it was asked for.
                counted.add(&line.detail);
                if self.during.contains(&line.at()) {
                    let mut person = past.at(line.at());
                    counted.give_back(&mut person);
                    self.compare(&line, &person, &mut own);
                }
            }
            ControlFlow::Continue(())
        })?;
        self.close(past, own);
        Ok(self)
    }

    fn close(&mut self, past: &Past, own: Own) {
        self.found.people += 1;
        self.found.people_touched += u64::from(!own.lines.is_empty());
        self.found.to_ask += u64::from(own.to_ask);
        if let Some(whom) = self.found.whom.as_mut().filter(|_| own.to_ask) {
            whom.push(past.bare().id);
        }
        for line in own.lines {
            self.lines.entry(line).or_default().people += 1;
        }
    }

    fn compare(&mut self, line: &Line, person: &Person, own: &mut Own) {
        let Some(question) = rebuild::question(&line.detail, person, &self.today) else {
            self.found.not_compared += 1;
            return;
        };
        let (before, after) = (ruled(&question, person, &self.today), ruled(&question, person, &self.draft));
        let open = before.verdicts.iter().filter(|(_, verdict)| verdict.open().is_some()).count();
        if open == 0 {
            self.found.not_compared += 1;
            return;
        }
        self.found.uses += 1;
        let pairs = before.verdicts.iter().zip(after.verdicts.iter());
        let lost: Vec<&Reason> = pairs
            .filter(|((_, was), _)| was.open().is_some())
            .filter_map(|(_, (_, is))| is.closed())
            .collect();
        // The reason met last on the way: the closest to a yes.
        let Some(reason) = lost.iter().max() else { return };
        own.to_ask |= lost.iter().any(|reason| asks(reason));
        let refused = lost.len() == open;
        let to = match question.to {
            To::Person => "person".to_owned(),
            To::Party(id) => self.today.parties.get(&id).map_or_else(String::new, |party| party.code.clone()),
        };
        let key = (question.purpose, question.what, to, alike(reason));
        let counts = self.lines.entry(key.clone()).or_default();
        counts.refused += u64::from(refused);
        counts.narrowed += u64::from(!refused);
        self.found.refused += u64::from(refused);
        self.found.narrowed += u64::from(!refused);
        own.lines.insert(key);
    }

    /// What was found, the most uses first.
    pub(super) fn told(self, whole: bool) -> WhatIf {
        let line = |((purpose, what, to, reason), counts): (Key, Counts)| {
            let Counts { refused, narrowed, people } = counts;
            Lost { purpose, what, to, reason, refused, narrowed, people }
        };
        let mut lost: Vec<Lost> = self.lines.into_iter().map(line).collect();
        lost.sort_by_key(|line| std::cmp::Reverse(line.refused.saturating_add(line.narrowed)));
        WhatIf { lost, whole, ..self.found }
    }
}

fn ruled(question: &Question<Use>, person: &Person, policy: &Policy) -> Ruling {
    decide(question, &State { policy, person: Some(person), floor: question.at })
}

fn asks(reason: &Reason) -> bool {
    match reason.remedy() {
        Remedy::AskPerson | Remedy::AskGuardian => true,
        Remedy::OtherRole | Remedy::MendParty | Remedy::Formality | Remedy::MendRequest | Remedy::Nothing => {
            false
        }
    }
}

/// A reason without what differs from person to person, so that what is alike is one line.
fn alike(reason: &Reason) -> Reason {
    if matches!(reason, Reason::Expired { .. }) {
        return Reason::Expired { at: Timestamp::MIN };
    }
    if matches!(reason, Reason::ParentDenies { .. }) {
        return Reason::ParentDenies { fact: FactId::from_bytes([0; 16]) };
    }
    reason.clone()
}
