//! Describing who may receive.

use assent_kernel::{PartyId, Policy, Timestamp};
use assent_store::policies::{About, Change};
use assent_web::{Ctx, Problem, Staff};

use super::{Changed, change};
use crate::settings::model::party::{self, Form};
use crate::settings::model::words::standing_kept;

/// Adds a party, or describes one anew.
pub async fn describe(
    ctx: &Ctx,
    staff: &Staff,
    (id, base): (PartyId, u64),
    form: &Form,
    at: Timestamp,
) -> Result<Changed, Problem> {
    let apply = |policy: &mut Policy| {
        let old = policy.parties.get(&id).cloned();
        let party = form.parse(policy, old.as_ref(), id, at)?;
        let chain = old.as_ref().is_none_or(|old| party::chain_differs(old, &party));
        let word = if old.is_some() { "described anew" } else { "added" };
        let what = format!("{} {word}: {}.", party.name, standing_kept(party.standing));
        policy.parties.insert(id, party);
        let about = if chain { About::Chain } else { About::Described };
        Ok(Change { about, by: Some(staff.id), second: None, item: id.to_string(), what, settles: None })
    };
    change(ctx, staff, base, |policy| policy.parties.get(&id).cloned(), apply).await
}

/// Says that a party still is as described.
pub async fn confirm(
    ctx: &Ctx,
    staff: &Staff,
    (id, base): (PartyId, u64),
    at: Timestamp,
) -> Result<Changed, Problem> {
    let apply = |policy: &mut Policy| {
        let mut what = String::new();
        if let Some(party) = policy.parties.get_mut(&id) {
            party.described_at = at;
            what = format!("The description of {} was confirmed.", party.name);
        }
        let item = id.to_string();
        Ok(Change { about: About::Described, by: Some(staff.id), second: None, item, what, settles: None })
    };
    change(ctx, staff, base, |policy| policy.parties.get(&id).cloned(), apply).await
}
