//! Ways that facts may go: everything about them that is no single person's, looked at once.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use assent_kernel::decide::Way;
use assent_kernel::{PartyId, Reason, Region, Timestamp, To, Use};

use crate::clause::Clauses;
use crate::forbid::Forbids;
use crate::law::{Code, Law};

/// The most ways that are remembered: recipients and regions that the policy names.
const MOST_WAYS: usize = 65_536;

/// A way facts may go.
#[derive(Debug)]
pub(crate) struct Going {
    to: To,
    region: Region,
    /// Prohibitions that this way may meet.
    forbids: u64,
    /// Every region it reaches, when bits can tell.
    pub(crate) reached: Option<u64>,
    /// True when it reaches somebody who decides for itself.
    pub(crate) another: bool,
    /// Step 6 for plain zones, when bits can tell: the place of each region that is looked for among a clause's bits, in
    /// order, and what is told when it is missing.
    pub(crate) missing: Vec<(u16, Code)>,
    /// Step 6 for other zones, as found.
    places: RwLock<HashMap<u16, Code>>,
}

/// Everybody whom facts would reach on the way to a recipient: step 5 for each set of recipients known when it was last
/// looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    codes: Vec<Code>,
    /// A bit for each set that passes: a chain's bits stay in the cache, its codes would not.
    pub(crate) passes: Arc<[u64]>,
}

/// Ways by recipient and region, chains by recipient.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    ways: HashMap<(Option<PartyId>, Region), Arc<Going>>,
    chains: HashMap<Option<PartyId>, Arc<Chain>>,
}

const fn party(to: To) -> Option<PartyId> {
    match to {
        To::Party(id) => Some(id),
        To::Person => None,
    }
}

impl Law {
    /// The way to a recipient, looked at once.
    pub(crate) fn going(&self, to: To, region: &Region, clauses: &Clauses) -> Arc<Going> {
        let key = (party(to), region.clone());
        if let Ok(ways) = self.ways.read()
            && let Some(found) = ways.ways.get(&key)
        {
            return Arc::clone(found);
        }
        let way = Way::new(&self.policy, to, region, self.at);
        let reached = self.reached(&way);
        let going = Arc::new(Going {
            to,
            region: region.clone(),
            forbids: self.forbids.on(&way),
            missing: if reached.is_some() { self.missing(&way, clauses) } else { Vec::new() },
            reached,
            another: way.reaches_another(),
            places: RwLock::default(),
        });
        if self.names(region)
            && let Ok(mut ways) = self.ways.write()
            && ways.ways.len() < MOST_WAYS
        {
            ways.ways.insert(key, Arc::clone(&going));
        }
        going
    }

    /// Everybody on the way to a recipient, looked at once for each set of recipients.
    pub(crate) fn chain(&self, to: To, region: &Region, clauses: &Clauses) -> Arc<Chain> {
        let (key, sets) = (party(to), clauses.recipients.all());
        let found = self.ways.read().ok().and_then(|ways| ways.chains.get(&key).map(Arc::clone));
        if let Some(found) = &found
            && found.codes.len() == sets.len()
        {
            return Arc::clone(found);
        }
        let way = Way::new(&self.policy, to, region, self.at);
        let mut codes = found.map(|found| found.codes.clone()).unwrap_or_default();
        let more: Vec<Code> =
            sets.iter().skip(codes.len()).map(|set| self.outcome(region, way.recipients(set))).collect();
        codes.extend(more);
        let chain = Arc::new(Chain { passes: codes.chunks(64).map(passing).collect(), codes });
        if let Ok(mut ways) = self.ways.write()
            && (ways.chains.len() < MOST_WAYS || ways.chains.contains_key(&key))
        {
            ways.chains.insert(key, Arc::clone(&chain));
        }
        chain
    }

    /// The number of a region that bits are kept for.
    fn region(&self, region: &Region) -> Option<u16> {
        self.regions.binary_search(region).ok().and_then(|n| u16::try_from(n).ok())
    }

    /// The regions that facts would reach on a way, as bits; nothing when bits cannot tell.
    fn reached(&self, way: &Way<'_>) -> Option<u64> {
        let hops = way.hops.as_ref().ok()?;
        let mut bits = 1u64 << self.region(way.region())?;
        for (_, places) in hops.iter().flat_map(|hop| hop.party.places.all()) {
            if places.is_empty() {
                return None;
            }
            for region in places.iter() {
                bits |= 1 << self.region(region)?;
            }
        }
        Some(bits)
    }

    /// Each region that plain zones must have, and what is told when it is the first that they have not.
    fn missing(&self, way: &Way<'_>, clauses: &Clauses) -> Vec<(u16, Code)> {
        let first = u16::try_from(clauses.first_region()).unwrap_or(u16::MAX);
        let mut all: Vec<(u16, Code)> = Vec::new();
        let mut look = |region: &Region, reason: Reason| {
            let Some(number) = self.region(region).map(|number| number.saturating_add(first)) else { return };
            if all.iter().all(|(known, _)| *known != number) {
                all.push((number, self.code(&reason)));
            }
        };
        look(way.region(), Reason::RegionNotGranted { region: way.region().clone() });
        for hop in way.hops.iter().flatten() {
            for (place, regions) in hop.party.places.all() {
                for region in regions.iter() {
                    let told = Reason::HopOutsideRegion { hop: hop.party.id, place, region: region.clone() };
                    look(region, told);
                }
            }
        }
        all
    }

    fn outcome(&self, asked: &Region, found: Result<Timestamp, Reason>) -> Code {
        found.map_or_else(|reason| self.code_in(asked, &reason), |_| 0)
    }

    /// Step 5 for a set of recipients on a way.
    pub(crate) fn recipient(&self, number: u16, clauses: &Clauses, going: &Going, chain: &Chain) -> Code {
        if let Some(known) = chain.codes.get(usize::from(number)) {
            return *known;
        }
        let way = Way::new(&self.policy, going.to, &going.region, self.at);
        let set = clauses.recipients.get(number);
        set.map_or(Code::MAX, |set| self.outcome(&going.region, way.recipients(set)))
    }

    /// Step 6 for zones on a way: by bits, or by the reference, remembered.
    pub(crate) fn place(&self, number: u16, clauses: &Clauses, going: &Going) -> Code {
        if going.reached.is_some_and(|reached| reached & !clauses.covers(number) == 0) {
            return 0;
        }
        if let Ok(known) = going.places.read()
            && let Some(code) = known.get(&number)
        {
            return *code;
        }
        let way = Way::new(&self.policy, going.to, &going.region, self.at);
        let zones = clauses.zones.get(number);
        let code = zones.map_or(Code::MAX, |zones| self.outcome(&going.region, way.places(zones)));
        if self.room.take()
            && let Ok(mut known) = going.places.write()
        {
            known.insert(number, code);
        }
        code
    }
}

/// A bit for each code that is none.
fn passing(codes: &[Code]) -> u64 {
    (0..).zip(codes).filter(|(_, code)| **code == 0).fold(0, |bits, (n, _)| bits | 1u64 << n)
}

impl Going {
    /// The prohibitions that a use for a purpose may meet on this way, and those for residents.
    pub(crate) fn forbids(&self, forbids: &Forbids, what: Use, purpose: usize) -> (u64, u64) {
        let meant = forbids.of_use(what, purpose);
        (meant & self.forbids, meant & forbids.for_residents())
    }
}
