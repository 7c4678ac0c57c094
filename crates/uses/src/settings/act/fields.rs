//! Making a field: the category first, then the field, so that what broke off between is a category that nobody is offered.

use assent_kernel::{CategoryKey, Policy};
use assent_store::Tx;
use assent_store::policies::{About, Change};
use assent_web::api::mark;
use assent_web::fields::{self, Field, Thing};
use assent_web::objects;
use assent_web::{Ctx, Problem, Staff, say};

use super::{Changed, change, while_writing};
use crate::settings::model::Errors;
use crate::settings::model::field::{Of, category};

/// What the fields of a word in an address belong to: people, organisations, deals or an object of the company.
pub async fn of(ctx: &Ctx, staff: &Staff, key: &str) -> Result<Of, Problem> {
    match Thing::parse(key) {
        Some(Thing::Person) => Ok(Of::people()),
        Some(Thing::Organisation) => Ok(Of::organisations()),
        Some(Thing::Object(key)) => Ok(Of::object(&objects::one(ctx, staff.company.id, &key).await?)),
        Some(Thing::Deal) => Ok(Of::deals()),
        None => Err(Problem::not_found("There is no such kind of field here.")),
    }
}

/// Every field of a thing, in order.
pub async fn all(ctx: &Ctx, staff: &Staff, thing: &Thing) -> Result<Vec<Field>, Problem> {
    fields::all(ctx, staff.company.id, thing.clone()).await
}

/// The categories of all fields that are about people.
pub async fn taken(ctx: &Ctx, staff: &Staff) -> Result<Vec<CategoryKey>, Problem> {
    let all = fields::personal(ctx, staff.company.id).await?.into_iter();
    Ok(all.filter_map(|(_, field)| field.category).collect())
}

/// One field.
pub async fn one(ctx: &Ctx, staff: &Staff, thing: &Thing, name: &str) -> Result<Field, Problem> {
    let found = all(ctx, staff, thing).await?.into_iter().find(|field| field.name == name);
    found.ok_or_else(|| Problem::not_found("There is no such field here."))
}

/// What may change of a field, in a few letters: whoever changes it hands back those of what they read.
pub fn tag(field: &Field) -> String {
    mark(&format!("{}\n{:?}\n{}", field.label, field.gone_at, field.choices.join("\n")))
}

/// Makes a field, or gives `old`, as it was read, another name and other choices. `make` tells what it is to be in the policy that holds.
pub async fn lay_down(
    ctx: &Ctx,
    staff: &Staff,
    (of, base): (&Of, u64),
    old: Option<&Field>,
    make: impl Fn(&Policy) -> Result<Field, Errors>,
) -> Result<Changed, Problem> {
    let standing = ctx.gate.reload_policy(staff.company.id).await?;
    let field = match make(&standing.policy) {
        Ok(field) => field,
        Err(errors) => return Ok(Changed::No(errors)),
    };
    if let Some(key) = field.category.clone() {
        let wanted = category(&standing.policy, of, &field);
        if standing.policy.categories.get(&key) != wanted.as_ref() {
            let what = match standing.policy.categories.get(&key) {
                Some(old) => format!("Field “{}” is called “{}”.", old.label, of.told(&field.label)),
                None => format!("Field “{}” of people added as {key}.", of.told(&field.label)),
            };
            let apply = |policy: &mut Policy| {
                let below = category(policy, of, &make(policy)?).ok_or_else(Errors::default)?;
                policy.categories.insert(key.clone(), below);
                let (by, item) = (Some(staff.id), key.to_string());
                Ok(Change {
                    about: About::Category,
                    by,
                    second: None,
                    item,
                    what: what.clone(),
                    settles: None,
                })
            };
            let done = change(ctx, staff, base, |policy| policy.categories.get(&key).cloned(), apply).await?;
            if !matches!(done, Changed::Yes) {
                return Ok(done);
            }
        }
    }
    let Some(old) = old else { return add(ctx, staff, &of.thing, field).await };
    if put(ctx, staff, &of.thing, (old.clone(), field)).await? {
        Ok(Changed::Yes)
    } else {
        Ok(Changed::Meanwhile(while_writing("this field"), standing.policy.version))
    }
}

/// Offers a field no longer, or again; false when it was changed meanwhile. Its values stay what they are.
pub async fn retire(
    ctx: &Ctx,
    staff: &Staff,
    thing: &Thing,
    field: Field,
    gone: bool,
) -> Result<bool, Problem> {
    let gone_at = gone.then(|| ctx.now());
    put(ctx, staff, thing, (field.clone(), Field { gone_at, ..field })).await
}

/// Moves a field one place up or down.
pub async fn shift(ctx: &Ctx, staff: &Staff, thing: &Thing, name: &str, up: bool) -> Result<(), Problem> {
    let mut all = all(ctx, staff, thing).await?;
    let nothing = || Problem::not_found("There is no such field here.");
    let at = all.iter().position(|field| field.name == name).ok_or_else(nothing)?;
    let to = if up { at.checked_sub(1) } else { at.checked_add(1).filter(|to| *to < all.len()) };
    if let Some(to) = to {
        all.swap(at, to);
    }
    let (company, thing) = (staff.company.id, thing.clone());
    let write = move |tx: &mut Tx<'_>| assent_store::fields::place(tx, company, &thing, &all);
    Ok(ctx.gate.home().write(write).await?)
}

/// Adds a field, unless somebody made one of that name at the same moment.
async fn add(ctx: &Ctx, staff: &Staff, thing: &Thing, field: Field) -> Result<Changed, Problem> {
    let (company, thing) = (staff.company.id, thing.clone());
    let write = move |tx: &mut Tx<'_>| assent_store::fields::add(tx, company, &thing, &field);
    if ctx.gate.home().write(write).await? {
        return Ok(Changed::Yes);
    }
    let mut errors = Errors::default();
    errors.add("name", say("There is one of that name already. If it was retired, offer it again."));
    Ok(Changed::No(errors))
}

async fn put(ctx: &Ctx, staff: &Staff, thing: &Thing, (old, new): (Field, Field)) -> Result<bool, Problem> {
    let (company, thing) = (staff.company.id, thing.clone());
    let write = move |tx: &mut Tx<'_>| assent_store::fields::change(tx, company, &thing, (&old, &new));
    Ok(ctx.gate.home().write(write).await?)
}
