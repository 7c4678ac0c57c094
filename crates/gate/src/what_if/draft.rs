//! Two policies side by side, as if both had always been in force.

use assent_kernel::party::Standing;
use assent_kernel::{Mandate, Policy, StaffId, Timestamp};

use crate::error::{GateError, Result};

/// Two who stand for the two who would have to approve it.
const TWO: [StaffId; 2] = [StaffId::from_bytes([1; 16]), StaffId::from_bytes([2; 16])];

/// Today's policy and the draft, both without the dates on which something came into force; so that a difference
/// between them is the draft's, and none of the calendar's.
pub(super) fn sides(today: &Policy, draft: &Policy, now: Timestamp) -> Result<(Policy, Policy)> {
    if draft.company != today.company {
        return Err(GateError::Input("this draft is another company's policy".into()));
    }
    if draft.home != today.home || !draft.parties.contains_key(&draft.home) {
        return Err(GateError::Input("the draft must keep the company itself among its parties".into()));
    }
    let mut new = draft.clone();
    new.mandates.retain(|id, mandate| today.mandates.get(id) == Some(mandate) || now < mandate.until);
    for mandate in new.mandates.values_mut() {
        if today.mandates.get(&mandate.id) != Some(mandate) {
            pull_forward(mandate);
        }
    }
    for party in new.parties.values_mut() {
        if today.parties.get(&party.id) != Some(party) && matches!(party.standing, Standing::Proposed(_)) {
            party.standing = Standing::Active;
        }
    }
    Ok((settled(today.clone(), now), settled(new, now)))
}

fn pull_forward(mandate: &mut Mandate) {
    mandate.from = Timestamp::MIN;
    mandate.approved_by = TWO.to_vec();
}

/// What is in force by now counts as in force all the time.
fn settled(mut policy: Policy, now: Timestamp) -> Policy {
    for mandate in policy.mandates.values_mut().filter(|mandate| mandate.from <= now) {
        mandate.from = Timestamp::MIN;
    }
    for party in policy.parties.values_mut() {
        party.standing = match party.standing {
            Standing::Proposed(from) if from <= now => Standing::Active,
            other => other,
        };
    }
    policy
}
