//! Which rows lead to a fact of a person: whoever may not change the row does not change the fact in it either.

use assent_kernel::{CompanyId, FactId, PersonId, StaffId};

use crate::db::Tx;
use crate::error::Result;
use crate::reach::Object;
use crate::value::Row;

const TITLE: &str = "SELECT owner, CAST(NULL AS {blob}), CAST(NULL AS {blob}) FROM deal WHERE person = $2 AND company = $1 AND fact = $3";
const TASK: &str = "SELECT assignee, made_by, CAST(NULL AS {blob}) FROM task WHERE person = $2 AND company = $1 AND fact = $3";
const BESIDE: &str = "SELECT deal.owner, CAST(NULL AS {blob}), activity.staff FROM activity JOIN deal ON deal.id = activity.deal \
     AND deal.company = activity.company WHERE activity.person = $2 AND activity.company = $1 AND activity.fact = $3";
const BESIDE_ITEM: &str = "SELECT item.owner, CAST(NULL AS {blob}), activity.staff FROM activity JOIN item ON item.id = activity.item \
     AND item.company = activity.company WHERE activity.person = $2 AND activity.company = $1 AND activity.fact = $3";
const OF_DEAL: &str = "SELECT deal.owner, CAST(NULL AS {blob}), CAST(NULL AS {blob}) FROM field_fact JOIN deal ON deal.id = field_fact.thing \
     AND deal.company = field_fact.company WHERE field_fact.person = $2 AND field_fact.company = $1 AND field_fact.fact = $3";
const OF_ITEM: &str = "SELECT item.owner, CAST(NULL AS {blob}), CAST(NULL AS {blob}) FROM field_fact JOIN item ON item.id = field_fact.thing \
     AND item.company = field_fact.company WHERE field_fact.person = $2 AND field_fact.company = $1 AND field_fact.fact = $3";
const OF_TASK: &str = "SELECT task.assignee, task.made_by, CAST(NULL AS {blob}) FROM field_fact JOIN task ON task.id = field_fact.thing \
     AND task.company = field_fact.company WHERE field_fact.person = $2 AND field_fact.company = $1 AND field_fact.fact = $3";

const TITLES: &str = "SELECT owner, CAST(NULL AS {blob}), CAST(NULL AS {blob}), fact FROM deal WHERE person = $2 AND company = $1 \
     AND fact IS NOT NULL AND gone_at IS NULL";
const TASKS: &str = "SELECT assignee, made_by, CAST(NULL AS {blob}), fact FROM task WHERE person = $2 AND company = $1 \
     AND fact IS NOT NULL AND gone_at IS NULL";
const ALL_BESIDE: &str = "SELECT deal.owner, CAST(NULL AS {blob}), activity.staff, activity.fact FROM activity JOIN deal ON deal.id = activity.deal \
     AND deal.company = activity.company WHERE activity.person = $2 AND activity.company = $1 AND activity.fact IS NOT NULL AND deal.gone_at IS NULL";
const ALL_BESIDE_ITEMS: &str = "SELECT item.owner, CAST(NULL AS {blob}), activity.staff, activity.fact FROM activity JOIN item ON item.id = activity.item \
     AND item.company = activity.company WHERE activity.person = $2 AND activity.company = $1 AND activity.fact IS NOT NULL AND item.gone_at IS NULL";
const OF_DEALS: &str = "SELECT deal.owner, CAST(NULL AS {blob}), CAST(NULL AS {blob}), field_fact.fact FROM field_fact JOIN deal ON deal.id = field_fact.thing \
     AND deal.company = field_fact.company WHERE field_fact.person = $2 AND field_fact.company = $1 AND deal.gone_at IS NULL";
const OF_ITEMS: &str = "SELECT item.owner, CAST(NULL AS {blob}), CAST(NULL AS {blob}), field_fact.fact FROM field_fact JOIN item ON item.id = field_fact.thing \
     AND item.company = field_fact.company WHERE field_fact.person = $2 AND field_fact.company = $1 AND item.gone_at IS NULL";
const OF_TASKS: &str = "SELECT task.assignee, task.made_by, CAST(NULL AS {blob}), field_fact.fact FROM field_fact JOIN task ON task.id = field_fact.thing \
     AND task.company = field_fact.company WHERE field_fact.person = $2 AND field_fact.company = $1 AND task.gone_at IS NULL";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    TITLE,
    TASK,
    BESIDE,
    BESIDE_ITEM,
    OF_DEAL,
    OF_ITEM,
    OF_TASK,
    TITLES,
    TASKS,
    ALL_BESIDE,
    ALL_BESIDE_ITEMS,
    OF_DEALS,
    OF_ITEMS,
    OF_TASKS,
];

/// A row that leads to a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leading {
    /// Of what kind it is.
    pub object: Object,
    /// All who count as its owner.
    pub owners: Vec<Option<StaffId>>,
    /// Who wrote it, when it is a note or a file beside such a row.
    pub writer: Option<StaffId>,
}

/// The rows that lead to a fact, removed or not, whoever looks after them.
///
/// # Errors
/// What the engine said.
pub fn to(tx: &mut Tx<'_>, company: CompanyId, person: PersonId, fact: FactId) -> Result<Vec<Leading>> {
    let mut all = Vec::new();
    for (sql, object) in [
        (TITLE, Object::Deals),
        (TASK, Object::Tasks),
        (BESIDE, Object::Deals),
        (BESIDE_ITEM, Object::Things),
        (OF_DEAL, Object::Deals),
        (OF_ITEM, Object::Things),
        (OF_TASK, Object::Tasks),
    ] {
        let read = |row: &Row<'_>| leading(row, object);
        all.extend(tx.rows(sql, &[company.into(), person.into(), fact.into()], read)?);
    }
    Ok(all)
}

/// The rows that lead to the facts of a person and were not removed, whoever looks after them; each with the fact.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<(FactId, Leading)>> {
    let mut all = Vec::new();
    for (sql, object) in [
        (TITLES, Object::Deals),
        (TASKS, Object::Tasks),
        (ALL_BESIDE, Object::Deals),
        (ALL_BESIDE_ITEMS, Object::Things),
        (OF_DEALS, Object::Deals),
        (OF_ITEMS, Object::Things),
        (OF_TASKS, Object::Tasks),
    ] {
        let read = |row: &Row<'_>| Ok((FactId::from_bytes(row.fixed(3)?), leading(row, object)?));
        all.extend(tx.rows(sql, &[company.into(), person.into()], read)?);
    }
    Ok(all)
}

fn leading(row: &Row<'_>, object: Object) -> Result<Leading> {
    let made_by = super::staff(row, 1)?.map(Some);
    let owners = std::iter::once(super::staff(row, 0)?).chain(made_by).collect();
    Ok(Leading { object, owners, writer: super::staff(row, 2)? })
}
