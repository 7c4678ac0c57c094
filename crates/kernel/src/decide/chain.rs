//! Step 5: everyone the facts would reach: who engaged the recipient, up to the company, and whom it engages, all the way down.

use super::given;
use crate::id::PartyId;
use crate::key::Region;
use crate::party::{LONGEST_CHAIN, Party, PartyKind, Recipients, STALE_AFTER, Scope, Standing};
use crate::policy::Policy;
use crate::question::To;
use crate::reason::Reason;
use crate::time::Timestamp;

/// A party the facts would reach, with those that engaged it, itself first.
#[derive(Debug, Clone)]
pub struct Hop<'a> {
    /// The party.
    pub party: &'a Party,
    line: Vec<&'a Party>,
}

/// The way facts would go at some time: everyone they would reach, and where they would be used.
#[derive(Debug, Clone)]
pub struct Way<'a> {
    pub(super) policy: &'a Policy,
    pub(super) at: Timestamp,
    pub(super) region: &'a Region,
    /// Everyone the facts would reach, the recipient first, or why that cannot be told.
    pub hops: Result<Vec<Hop<'a>>, Reason>,
}

impl<'a> Way<'a> {
    /// The way to a recipient.
    #[must_use]
    pub fn new(policy: &'a Policy, to: To, region: &'a Region, at: Timestamp) -> Self {
        Self { policy, at, region, hops: reach(to, policy, at) }
    }
    /// Where the facts would be used.
    #[must_use]
    pub const fn region(&self) -> &'a Region {
        self.region
    }
    /// True when they would reach somebody who decides for itself: a partner, a named human, another company.
    #[must_use]
    pub fn reaches_another(&self) -> bool {
        match &self.hops {
            Err(_) => true,
            Ok(hops) => hops.iter().any(|hop| match hop.party.kind {
                PartyKind::Partner | PartyKind::Human => true,
                PartyKind::Controller => hop.party.id != self.policy.home,
                PartyKind::Processor => false,
            }),
        }
    }
}

/// Everyone the facts would reach, the recipient first; nobody when they go to the person.
fn reach(to: To, policy: &Policy, at: Timestamp) -> Result<Vec<Hop<'_>>, Reason> {
    let To::Party(id) = to else { return Ok(Vec::new()) };
    let recipient = policy.parties.get(&id).ok_or(Reason::UnknownParty)?;
    let mut hops = Vec::new();
    for party in above(recipient, policy)? {
        hops.push(Hop { party, line: above(party, policy)? });
    }
    // The company's own processors are not below it here: using facts at home reaches nobody else.
    if recipient.id != policy.home {
        below(recipient, policy, at, &mut hops)?;
    }
    Ok(hops)
}

/// A party and those that engaged it, up to one the company engaged itself.
fn above<'a>(party: &'a Party, policy: &'a Policy) -> Result<Vec<&'a Party>, Reason> {
    let mut line = vec![party];
    let mut last = party;
    while let Some(id) = last.engaged_by {
        if line.len() >= LONGEST_CHAIN || line.iter().any(|known| known.id == id) {
            return Err(Reason::ChainBroken { hop: party.id });
        }
        last = policy.parties.get(&id).ok_or(Reason::ChainBroken { hop: party.id })?;
        line.push(last);
    }
    Ok(line)
}

/// Whether a party stands in the chain at that time: one that is announced does not yet, one that has ended no more.
fn counts(party: &Party, at: Timestamp) -> bool {
    match party.standing {
        Standing::Active | Standing::Suspended => true,
        Standing::Proposed(from) => from <= at,
        Standing::Ended => false,
    }
}

/// Everyone engaged by a party, by those it engages, and so on.
fn below<'a>(
    party: &'a Party,
    policy: &'a Policy,
    at: Timestamp,
    hops: &mut Vec<Hop<'a>>,
) -> Result<(), Reason> {
    let engaged = policy.parties.values().filter(|p| p.engaged_by == Some(party.id) && counts(p, at));
    for sub in engaged {
        if hops.iter().any(|hop| hop.party.id == sub.id) {
            return Err(Reason::ChainBroken { hop: sub.id });
        }
        hops.push(Hop { party: sub, line: above(sub, policy)? });
        below(sub, policy, at, hops)?;
    }
    Ok(())
}

impl Way<'_> {
    /// Until when every hop may receive under these terms, as far as is known today (step 5).
    ///
    /// # Errors
    /// Why not, with the hop.
    pub fn recipients(&self, allowed: &Recipients) -> Result<Timestamp, Reason> {
        let hops = self.hops.as_ref().map_err(Clone::clone)?;
        let mut others = hops.iter().filter(|hop| hop.party.id != self.policy.home);
        others.try_fold(self.announced(hops), |until, hop| {
            let fresh = self.fit(hop.party)?;
            allowed.scopes().try_for_each(|scope| in_scope(hop, scope))?;
            Ok(until.min(fresh))
        })
    }

    /// When the next announced sub-processor joins the chain: what is decided today holds until then.
    fn announced(&self, hops: &[Hop<'_>]) -> Timestamp {
        let joins = |party: &Party| match party.standing {
            Standing::Proposed(from) if from > self.at => {
                let by = party.engaged_by.filter(|by| *by != self.policy.home)?;
                hops.iter().any(|hop| hop.party.id == by).then_some(from)
            }
            Standing::Proposed(_) | Standing::Active | Standing::Suspended | Standing::Ended => None,
        };
        self.policy.parties.values().filter_map(joins).min().unwrap_or(Timestamp::MAX)
    }

    /// Until when a party may receive anything at all.
    fn fit(&self, party: &Party) -> Result<Timestamp, Reason> {
        let hop = party.id;
        match party.standing {
            Standing::Active => {}
            Standing::Proposed(from) if from <= self.at => {}
            Standing::Proposed(_) | Standing::Suspended | Standing::Ended => {
                return Err(Reason::PartyNotActive { hop });
            }
        }
        if !given(party.agreement.as_deref()) {
            return Err(Reason::NoAgreement { hop });
        }
        let fresh = party.described_at.plus(STALE_AFTER);
        if self.at < fresh { Ok(fresh) } else { Err(Reason::DescriptionStale { hop }) }
    }
}

/// A scope means a hop when it means the hop itself or, within its depth, one that engaged it.
fn in_scope(hop: &Hop<'_>, scope: &Scope) -> Result<(), Reason> {
    let meant = |party: &Party| scope.parties.contains(&party.id) || scope.kinds.contains(&party.kind);
    let id: PartyId = hop.party.id;
    match hop.line.iter().position(|party| meant(party)) {
        None => Err(Reason::RecipientNotNamed { hop: id }),
        Some(tiers) if tiers > usize::from(scope.depth) => Err(Reason::TierTooDeep { hop: id }),
        Some(_) => Ok(()),
    }
}
