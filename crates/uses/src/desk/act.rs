//! Verbs of the desk: every one asks the gate anew, whatever a page still shows.

pub mod ask;
pub mod beside;
pub mod deleted;
pub mod export;
pub mod files;
pub mod joined;
pub mod list;
pub mod owner;
pub mod record;
mod rows;
pub mod some;
mod walk;
pub mod write;

use std::collections::BTreeMap;

use assent_gate::Dossier;
use assent_kernel::PersonId;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

/// Reads an id of an address; what is none leads nowhere.
pub fn person(text: &str) -> Result<PersonId, Problem> {
    text.parse().map_err(|_| nobody())
}

/// Nobody by that id: never was, another company's, erased, or no id at all. Nobody can tell which.
pub fn nobody() -> Problem {
    Problem::not_found("There is nobody here by that id.")
}

/// Looks somebody up who is to be changed. What is not theirs to change stays as it is.
pub async fn to_change(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Dossier, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), id).await?;
    must_change(staff, &dossier)?;
    Ok(dossier)
}

/// Refuses to change somebody who is not theirs to change.
pub fn must_change(staff: &Staff, dossier: &Dossier) -> Result<(), Problem> {
    staff.must_change(Object::People, &[dossier.owner()])
}

/// The names of a company's staff by id.
pub async fn colleagues(ctx: &Ctx, staff: &Staff) -> Result<BTreeMap<String, String>, Problem> {
    let company = staff.company.id;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        let staff = assent_store::access::staff(tx, company)?;
        let programs = assent_store::callers::of(tx, company)?;
        Ok((staff, programs))
    };
    let (staff, programs) = ctx.gate.home().read(read).await?;
    let people = staff.into_iter().map(|one| (one.id.to_string(), one.name));
    let programs = programs.into_iter().map(|one| (one.id.to_string(), crate::frame::program(&one.name)));
    Ok(people.chain(programs).collect())
}

/// True when nothing tells on what terms a person came.
pub async fn quarantined(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<bool, Problem> {
    let company = staff.company.id;
    let found = ctx.gate.home().read(move |tx| assent_store::home::places(tx, company, &[id])).await?;
    Ok(found.first().is_some_and(|listed| listed.quarantined))
}
