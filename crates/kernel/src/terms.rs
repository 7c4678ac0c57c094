//! Terms: what a warrant allows, as a value of a lattice. `meet` is what two sets of terms allow together.

use serde::{Deserialize, Serialize};

use crate::key::{CategoryKey, KeySet, PurposeKey};
use crate::party::Recipients;
use crate::time::Timestamp;
use crate::uses::UseSet;
use crate::zone::Zones;

/// What is allowed: these purposes, categories and uses, to these recipients, in these regions, until then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash)]
pub struct Terms {
    /// Why.
    pub purposes: KeySet<PurposeKey>,
    /// Which kinds of facts.
    pub categories: KeySet<CategoryKey>,
    /// What may be done.
    pub uses: UseSet,
    /// Who may receive.
    pub recipients: Recipients,
    /// Where, for each of the four places of every hop.
    pub zones: Zones,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// True when they were given in so many words (special categories need it).
    pub explicit: bool,
}

impl Terms {
    /// What `self` and `other` allow together: intersections, the earlier end, explicit only if both are.
    ///
    /// Idempotent, commutative and associative; deciding under the meet is deciding under both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            purposes: self.purposes.meet(&other.purposes),
            categories: self.categories.meet(&other.categories),
            uses: self.uses.meet(other.uses),
            recipients: self.recipients.meet(&other.recipients),
            zones: self.zones.meet(&other.zones),
            until: self.until.min(other.until),
            explicit: self.explicit && other.explicit,
        }
    }

    /// True when nothing at all is allowed, whatever is asked: such a result must not even be computed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.purposes.is_empty()
            || self.categories.is_empty()
            || self.uses.is_empty()
            || self.zones.is_nowhere()
    }
}
