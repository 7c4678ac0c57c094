//! Zones: the places some terms reach, and the instruments that may carry data beyond them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::key::{KeySet, Region};
use crate::party::Transfer;

/// These regions, or anywhere else one of these instruments carries data to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Zone {
    /// Where.
    pub regions: KeySet<Region>,
    /// Instruments that may carry data out of those regions.
    #[serde(default)]
    pub transfers: BTreeSet<Transfer>,
}

/// The zones of some terms: every one of them must agree.
///
/// More than one only where terms with different instruments met: "in the EU, or by contract clauses" and "in
/// the US" have no common form as one zone, but both can simply be required. Zones with the same instruments
/// become one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Zone>", into = "Vec<Zone>")]
pub struct Zones(BTreeMap<BTreeSet<Transfer>, KeySet<Region>>);

impl Zones {
    /// These regions and no instrument.
    #[must_use]
    pub fn inside(regions: KeySet<Region>) -> Self {
        Self(BTreeMap::from([(BTreeSet::new(), regions)]))
    }
    /// These regions, and where these instruments reach.
    #[must_use]
    pub fn of(zone: Zone) -> Self {
        Self(BTreeMap::from([(zone.transfers, zone.regions)]))
    }
    /// What both reach.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let mut all = self.0.clone();
        for (transfers, regions) in &other.0 {
            all.entry(transfers.clone())
                .and_modify(|mine| *mine = mine.meet(regions))
                .or_insert_with(|| regions.clone());
        }
        Self(all)
    }
    /// Each zone: its regions and its instruments.
    pub fn iter(&self) -> impl Iterator<Item = (&KeySet<Region>, &BTreeSet<Transfer>)> {
        self.0.iter().map(|(transfers, regions)| (regions, transfers))
    }
    /// True when nothing may happen anywhere.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.0.is_empty() || self.0.values().any(KeySet::is_empty)
    }
}

impl From<Vec<Zone>> for Zones {
    fn from(zones: Vec<Zone>) -> Self {
        zones
            .into_iter()
            .map(Self::of)
            .reduce(|a, b| a.meet(&b))
            .unwrap_or_else(|| Self::inside(KeySet::none()))
    }
}
impl From<Zones> for Vec<Zone> {
    fn from(zones: Zones) -> Self {
        zones.0.into_iter().map(|(transfers, regions)| Zone { regions, transfers }).collect()
    }
}
