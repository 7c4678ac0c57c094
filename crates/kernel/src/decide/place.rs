//! Step 6: where. Of every hop four places, each inside the terms or carried there by a valid instrument they accept.

use std::collections::BTreeSet;

use super::Case;
use crate::key::{KeySet, Region};
use crate::party::{Party, Transfer};
use crate::reason::Reason;
use crate::zone::Zones;

impl Case<'_> {
    pub(super) fn places(&self, allowed: &Zones) -> Result<(), Reason> {
        let hops = self.hops.as_ref().map_err(Clone::clone)?;
        allowed.iter().try_for_each(|(regions, accepted)| {
            if !regions.covers(&self.question.region) {
                return Err(Reason::RegionNotGranted { region: self.question.region.clone() });
            }
            hops.iter().try_for_each(|hop| self.inside(hop.party, regions, accepted))
        })
    }

    fn inside(
        &self,
        party: &Party,
        allowed: &KeySet<Region>,
        accepted: &BTreeSet<Transfer>,
    ) -> Result<(), Reason> {
        let hop = party.id;
        for (place, regions) in party.places.all() {
            if regions.is_empty() {
                return Err(Reason::PlaceNotDescribed { hop, place });
            }
            let Some(region) = regions.iter().find(|region| !allowed.covers(region)) else { continue };
            let carried = party
                .transfers
                .iter()
                .any(|(tool, until)| accepted.contains(tool) && self.question.at < *until);
            if !carried && accepted.is_empty() {
                return Err(Reason::HopOutsideRegion { hop, place, region: region.clone() });
            }
            if !carried {
                return Err(Reason::NoTransferTool { hop });
            }
        }
        Ok(())
    }
}
