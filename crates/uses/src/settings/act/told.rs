//! Who has to be told that somebody was erased, and saying that it was done by hand.

use assent_kernel::{MailId, PartyId};
use assent_store::told::Telling;
use assent_web::{Ctx, Problem, Staff};

/// The most that are counted and listed.
const MOST: u32 = 500;

/// Where a party is told; empty when nobody said.
pub async fn contact(ctx: &Ctx, staff: &Staff, party: PartyId) -> Result<String, Problem> {
    Ok(ctx.gate.party_contact(staff.company.id, party).await?.unwrap_or_default())
}

/// Keeps where a party is told; empty forgets it.
pub async fn set_contact(ctx: &Ctx, staff: &Staff, party: PartyId, address: &str) -> Result<(), Problem> {
    let address = Some(address).filter(|address| !address.is_empty());
    Ok(ctx.gate.set_party_contact(staff.company.id, party, address).await?)
}

/// Who was not told yet, the oldest erasure first.
pub async fn open(ctx: &Ctx, staff: &Staff) -> Result<Vec<Telling>, Problem> {
    Ok(ctx.gate.to_be_told(staff.company.id, MOST).await?)
}

/// How many somebody has to tell by hand.
pub async fn by_hand_left(ctx: &Ctx, staff: &Staff) -> Result<usize, Problem> {
    Ok(ctx.gate.to_tell_by_hand(staff.company.id, MOST).await?)
}

/// Writes down that a party was told by hand. False when there was nothing to do.
pub async fn by_hand(ctx: &Ctx, staff: &Staff, id: MailId) -> Result<bool, Problem> {
    Ok(ctx.gate.told_by_hand(staff.company.id, id, staff.id, ctx.now()).await?)
}
