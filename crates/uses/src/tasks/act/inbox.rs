//! What colleagues said: where to look, as far as there is something to see.

use std::collections::HashSet;

use assent_kernel::{CompanyId, PersonId, StaffId};
use assent_store::StoreError;
use assent_store::work::mentions::{self, Mention};
use assent_store::work::{deals, items, organisations, tasks};
use assent_web::reach::{Object, Reach};
use assent_web::{Ctx, Problem, Staff};

/// What colleagues said to somebody, newest first, and whether where it leads is within reach still.
pub async fn words(ctx: &Ctx, staff: &Staff, who: StaffId) -> Result<Vec<(Mention, bool)>, Problem> {
    let company = staff.company.id;
    let reach = [Object::Organisations, Object::Deals, Object::Tasks, Object::Things]
        .map(|object| staff.sees(object));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let all = store.read(move |tx| mentions::of(tx, company, who)).await?;
    let people = people(ctx, staff, &all).await?;
    let read = store.read(move |tx| {
        let lead = |one: Mention| Ok((leads(tx, company, (&reach, &people), &one.href)?, one));
        all.into_iter().map(lead).collect::<Result<Vec<_>, _>>()
    });
    Ok(read.await?.into_iter().map(|(leads, one)| (one, leads)).collect())
}

/// The people within reach to whom these lead, or to whom belongs what they lead to.
async fn people(ctx: &Ctx, staff: &Staff, all: &[Mention]) -> Result<HashSet<PersonId>, Problem> {
    let person = |one: &Mention| match page(&one.href) {
        ("people", id) => id.parse().ok(),
        _ => one.person,
    };
    let ids: Vec<PersonId> = all.iter().filter_map(person).collect();
    Ok(ctx.gate.within(&staff.people(), &ids).await?.into_iter().collect())
}

/// The kind and the id of the record that a page shows; an item's stands behind its object.
fn page(href: &str) -> (&str, &str) {
    let mut parts = href.trim_start_matches('/').split(['/', '?']);
    let kind = parts.next().unwrap_or_default();
    let id = if kind == "things" { parts.nth(1) } else { parts.next() };
    (kind, id.unwrap_or_default())
}

/// Whether the page of a word to a colleague is one that they see.
fn leads(
    tx: &mut assent_store::Tx<'_>,
    company: CompanyId,
    ([of_organisations, of_deals, of_tasks, of_items], people): (&[Reach; 4], &HashSet<PersonId>),
    href: &str,
) -> Result<bool, StoreError> {
    let (kind, id) = page(href);
    Ok(match kind {
        "people" => id.parse().is_ok_and(|id| people.contains(&id)),
        "organisations" => match id.parse() {
            Ok(id) => organisations::one(tx, company, of_organisations, id)?.is_some(),
            Err(_) => false,
        },
        "deals" => match id.parse() {
            Ok(id) => deals::one(tx, company, of_deals, id)?.is_some(),
            Err(_) => false,
        },
        "tasks" => match id.parse() {
            Ok(id) => tasks::one(tx, company, of_tasks, id)?.is_some(),
            Err(_) => false,
        },
        "things" => match id.parse() {
            Ok(id) => items::one(tx, company, of_items, id)?
                .is_some_and(|item| item.person.is_none_or(|person| people.contains(&person))),
            Err(_) => false,
        },
        // A webhook, told to those who may turn it on again.
        "programs" => true,
        _ => false,
    })
}

/// Marks what colleagues said to somebody as read.
pub async fn all_read(ctx: &Ctx, staff: &Staff, who: StaffId) -> Result<(), Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.write(move |tx| mentions::all_read(tx, company, who, now)).await?)
}
