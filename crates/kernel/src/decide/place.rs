//! Step 6: where. Of every hop four places, each inside the terms or carried there by a valid instrument they accept.

use std::collections::BTreeSet;

use super::chain::Way;
use crate::key::{KeySet, Region};
use crate::party::{Party, Transfer};
use crate::reason::Reason;
use crate::time::Timestamp;
use crate::zone::Zones;

impl Way<'_> {
    /// Until when every place of every hop is inside these terms, or carried there (step 6).
    ///
    /// # Errors
    /// Why not, with the place.
    pub fn places(&self, allowed: &Zones) -> Result<Timestamp, Reason> {
        let hops = self.hops.as_ref().map_err(Clone::clone)?;
        allowed.iter().try_fold(Timestamp::MAX, |until, (regions, accepted)| {
            if !regions.covers(self.region) {
                return Err(Reason::RegionNotGranted { region: self.region.clone() });
            }
            hops.iter()
                .try_fold(until, |until, hop| Ok(until.min(self.inside(hop.party, regions, accepted)?)))
        })
    }

    fn inside(
        &self,
        party: &Party,
        allowed: &KeySet<Region>,
        accepted: &BTreeSet<Transfer>,
    ) -> Result<Timestamp, Reason> {
        let hop = party.id;
        let tools = party.transfers.iter().filter(|(tool, _)| accepted.contains(tool));
        let carried = tools.map(|(_, until)| *until).max().filter(|until| self.at < *until);
        let mut all_until = Timestamp::MAX;
        for (place, regions) in party.places.all() {
            if regions.is_empty() {
                return Err(Reason::PlaceNotDescribed { hop, place });
            }
            let Some(region) = regions.iter().find(|region| !allowed.covers(region)) else { continue };
            match carried {
                Some(until) => all_until = all_until.min(until),
                None if accepted.is_empty() => {
                    return Err(Reason::HopOutsideRegion { hop, place, region: region.clone() });
                }
                None => return Err(Reason::NoTransferTool { hop }),
            }
        }
        Ok(all_until)
    }
}
