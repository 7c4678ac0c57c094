//! The demo world: two companies, their people and three years of history, the same every time. Everything in it came
//! through the one door, like anything else; nothing is written past it.

mod answers;
mod calendar;
mod cast;
mod dice;
mod facts;
mod fields;
mod history;
mod law;
mod names;
mod patients;
mod readings;
mod steps;
#[cfg(test)]
mod tests;
mod things;
mod tour;
mod trust;
mod uses;
mod work;
mod world;

use anyhow::Context as _;
use assent_gate::Gate;
use assent_kernel::{Region, Span, Timestamp, TreeKey};
use assent_store::access;
use assent_store::home::Company;
use assent_web::door;

use cast::Casting;
use history::History;
use law::{HALDEN, House, MEADOW};
pub(crate) use tour::PASSWORD;
pub use tour::Tour;
use world::World;

/// True when the demo world stands in this installation, whole.
pub(crate) async fn is_built(gate: &Gate) -> anyhow::Result<bool> {
    let companies = gate.companies().await?;
    let Some(halden) = companies.iter().find(|one| one.code == HALDEN.1).map(|one| one.id) else {
        return Ok(false);
    };
    // Staff are let in last: without them the building was broken off.
    let staff = gate.home().read(move |tx| access::staff(tx, halden)).await?;
    anyhow::ensure!(
        !staff.is_empty(),
        "the demo world here is half built: remove its folder and start again"
    );
    Ok(true)
}

/// Builds the demo world as of that time with so many customers of Halden Home, or finds it built.
pub async fn build(
    gate: &Gate,
    at: Timestamp,
    people: usize,
    mut progress: impl FnMut(&str, u64, u64),
) -> anyhow::Result<Tour> {
    let world = world::read()?;
    let houses = [
        law::house(gate, &world, HALDEN, &world::halden_notices()?, at)?,
        law::house(gate, &world, MEADOW, &world::meadow_notices()?, at)?,
    ];
    if is_built(gate).await? {
        return Tour::of(gate, &world, &houses, at).await;
    }
    let [halden, meadow] = &houses;
    let mut regions: Vec<Region> = gate.regions().cloned().collect();
    let seat = Region::new("eu.de")?;
    regions.sort_by_key(|region| !region.covers(&seat));
    for house in &houses {
        found(gate, house, regions.first().context("this installation has no region")?, at).await?;
    }
    fields::make(gate, &world, halden.id).await?;
    things::make(gate, halden.id).await?;
    progress("Inventing people", 0, u64::try_from(people)?);
    let casting = Casting { gate, world: &world, halden, meadow, regions, at };
    let planned = casting.everybody(people)?;
    let steps = steps::of(planned, &world, at);
    let mut history = History::new(gate, &world, halden, meadow, at);
    history.run(steps, &mut progress).await?;
    work::build(gate, &world, halden, &history.members, at).await?;
    things::build(gate, &world, halden, &history.members, at).await?;
    trust::build(gate, halden, &history.members, at).await?;
    gate.integrate_all(at).await?;
    hire(gate, &world, &houses, at).await?;
    let mut tour = Tour::of(gate, &world, &houses, at).await?;
    // Who was erased is no longer found by address; today we still know the id.
    for visit in tour.persons.iter_mut().filter(|visit| visit.id.is_none()) {
        visit.id = history.erased;
    }
    tour.tally = history.tally;
    Ok(tour)
}

async fn found(gate: &Gate, house: &House, region: &Region, at: Timestamp) -> anyhow::Result<()> {
    let company = Company {
        id: house.id,
        code: house.code.to_owned(),
        name: house.name.clone(),
        region: region.clone(),
        created_at: at.minus(Span::days(law::FOUNDED)),
    };
    gate.found(company, house.policy.clone()).await.context("founding the demo companies")
}

/// Lets everybody who works there in, all with the same password: one hash is enough for a demo.
async fn hire(gate: &Gate, world: &World, houses: &[House], at: Timestamp) -> anyhow::Result<()> {
    let hash = tokio::task::spawn_blocking(|| door::hash(PASSWORD)).await?;
    let hash = hash.map_err(|_| anyhow::anyhow!("the demo password cannot be hashed"))?;
    let member = |row: &world::StaffRow| {
        let code = if row.company == MEADOW.0 { MEADOW.1 } else { HALDEN.1 };
        let house = houses.iter().find(|house| house.code == code)?;
        Some(access::Staff {
            id: law::staff_id(&row.slug, at),
            company: house.id,
            email: row.mail.clone(),
            name: row.name.clone(),
            roles: row.role.clone(),
            password: Some(hash.clone()),
            disabled: false,
        })
    };
    let staff: Vec<access::Staff> = world.staff.iter().filter_map(member).collect();
    let since = at.minus(Span::days(law::FOUNDED));
    let add = move |tx: &mut assent_store::Tx<'_>| {
        staff.iter().try_for_each(|one| access::add_staff(tx, one, since))
    };
    gate.home().write(add).await.context("letting the demo staff in")
}
