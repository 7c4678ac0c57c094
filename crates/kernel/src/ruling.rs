//! A ruling: for each fact that was asked for, open or closed and why.

use serde::{Deserialize, Serialize};

use crate::fact::Warrant;
use crate::id::PartyId;
use crate::mandate::Mask;
use crate::question::{Matter, NonEmpty};
use crate::reason::Reason;
use crate::time::Timestamp;

/// One fact that may be used, and on what it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The grant or mandate it stands on.
    pub warrant: Warrant,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// How much of the value is shown.
    pub mask: Mask,
}

/// The answer about one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may be used.
    Open(Open),
    /// It may not.
    Closed(Reason),
}

impl Verdict {
    /// What it stands on, when it is open.
    #[must_use]
    pub const fn open(&self) -> Option<&Open> {
        match self {
            Self::Open(open) => Some(open),
            Self::Closed(_) => None,
        }
    }
    /// Why not, when it is closed.
    #[must_use]
    pub const fn closed(&self) -> Option<&Reason> {
        match self {
            Self::Open(_) => None,
            Self::Closed(reason) => Some(reason),
        }
    }
}

/// The answer to a question: one verdict for each fact asked for. What is refused is left out, not the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The facts asked for, in order, each with its verdict.
    pub verdicts: NonEmpty<(Matter, Verdict)>,
    /// Every party the facts would reach, the recipient first.
    pub chain: Vec<PartyId>,
}

impl Ruling {
    /// True when at least one fact may be used.
    #[must_use]
    pub fn permits(&self) -> bool {
        self.verdicts.iter().any(|(_, verdict)| verdict.open().is_some())
    }
    /// Why nothing may be used: the reason met last on the way, the closest to a yes. `None` when something may.
    #[must_use]
    pub fn refusal(&self) -> Option<&Reason> {
        if self.permits() {
            return None;
        }
        self.verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).max()
    }
    /// The reason that the law comes to first among those that close something; `None` when everything is open.
    #[must_use]
    pub fn first_closed(&self) -> Option<&Reason> {
        self.verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).min()
    }
    /// The same answer for somebody who needs all of it or nothing: only what is closed stays, if anything is.
    #[must_use]
    pub fn as_a_whole(self) -> Self {
        let closed: Vec<_> =
            self.verdicts.iter().filter(|(_, verdict)| verdict.closed().is_some()).cloned().collect();
        match NonEmpty::try_from(closed) {
            Ok(verdicts) => Self { verdicts, ..self },
            Err(_) => self,
        }
    }
    /// The warrants that opened something, each once.
    #[must_use]
    pub fn warrants(&self) -> Vec<Warrant> {
        let mut all: Vec<Warrant> =
            self.verdicts.iter().filter_map(|(_, v)| v.open().map(|open| open.warrant)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_whole_a_part_opens_nothing() {
        let kind = |key: &str| Matter::Kind(crate::key::CategoryKey::new(key).unwrap());
        let warrant = Warrant::Grant(crate::id::GrantId::from_bytes([1; 16]));
        let open = Verdict::Open(Open { warrant, until: Timestamp::MAX, mask: Mask::Full });
        let closed = |reason| Verdict::Closed(reason);
        let ruling = |verdicts: Vec<(Matter, Verdict)>| Ruling {
            verdicts: NonEmpty::try_from(verdicts).unwrap(),
            chain: Vec::new(),
        };
        let all = ruling(vec![(kind("name"), open.clone())]);
        assert_eq!(all.first_closed(), None);
        assert_eq!(all.clone().as_a_whole(), all);
        let part = ruling(vec![
            (kind("name"), open),
            (kind("contact"), closed(Reason::CategoryNotGranted)),
            (kind("health"), closed(Reason::NeverAsked)),
        ]);
        assert!(part.permits());
        assert_eq!(part.first_closed(), Some(&Reason::NeverAsked));
        let whole = part.as_a_whole();
        assert!(!whole.permits() && whole.warrants().is_empty());
        assert_eq!((whole.verdicts.len(), whole.first_closed()), (2, Some(&Reason::NeverAsked)));
    }
}
