//! Values of a person that stand in deals, tasks and items of colleagues beyond reach: they are told no more by way of the person
//! than by way of the row.

use std::collections::{HashMap, HashSet};

use assent_kernel::{FactId, PersonId};
use assent_store::Tx;
use assent_store::work::leading::{self, Leading};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

/// The facts of these people to which rows lead that were not removed, and none of them within reach.
pub async fn far(
    ctx: &Ctx,
    staff: &Staff,
    people: impl Iterator<Item = PersonId>,
) -> Result<HashSet<FactId>, Problem> {
    if [Object::Deals, Object::Tasks, Object::Things].iter().all(|one| staff.sees(*one).is_all()) {
        return Ok(HashSet::new());
    }
    let (company, people): (_, Vec<PersonId>) = (staff.company.id, people.collect());
    let read = move |tx: &mut Tx<'_>| {
        let all = people.iter().map(|person| leading::of_person(tx, company, *person));
        Ok(all.collect::<assent_store::Result<Vec<_>>>()?.concat())
    };
    let rows = ctx.gate.region_db(&staff.company.region)?.read(read).await?;
    let mut near: HashMap<FactId, bool> = HashMap::new();
    for (fact, row) in rows {
        let seen = near.entry(fact).or_default();
        *seen = *seen || sees(staff, &row);
    }
    Ok(near.into_iter().filter(|(_, seen)| !seen).map(|(fact, _)| fact).collect())
}

/// Whether a row is within reach, or what stands beside it is one's own word.
fn sees(staff: &Staff, row: &Leading) -> bool {
    staff.may_see(row.object, &row.owners) || row.writer.is_some_and(|writer| staff.is_own(writer))
}
