//! Making a field: its row, its category and the line of the history in one commit.

use assent_kernel::{CategoryKey, Policy};
use assent_store::Tx;
use assent_store::policies::{About, Change};
use assent_web::api::mark;
use assent_web::fields::{self, Field, Thing};
use assent_web::objects;
use assent_web::{Ctx, Problem, Staff, say};

use super::{Changed, change_with, noted, while_writing};
use crate::settings::model::Errors;
use crate::settings::model::field::{Of, category};

/// What the fields of a word in an address belong to: people, organisations, deals, tasks or an object of the company.
pub async fn of(ctx: &Ctx, staff: &Staff, key: &str) -> Result<Of, Problem> {
    match Thing::parse(key) {
        Some(Thing::Person) => Ok(Of::people()),
        Some(Thing::Organisation) => Ok(Of::organisations()),
        Some(Thing::Object(key)) => Ok(Of::object(&objects::one(ctx, staff.company.id, &key).await?)),
        Some(Thing::Deal) => Ok(Of::deals()),
        Some(Thing::Task) => Ok(Of::tasks()),
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
    let (labels, choices) = (&field.labels, &field.choices_also);
    mark(&format!(
        "{}\n{:?}\n{}\n{labels:?}\n{choices:?}",
        field.label,
        field.gone_at,
        field.choices.join("\n")
    ))
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
    let wanted = category(&standing.policy, of, &field);
    let laid = field.category.as_ref().map(|key| standing.policy.categories.get(key));
    if old == Some(&field) && laid.flatten() == wanted.as_ref() {
        return Ok(Changed::Yes);
    }
    let (what, key) = (told(of, old, &field), field.category.clone());
    let apply = |policy: &mut Policy| {
        if field.category.is_some() {
            let below = category(policy, of, &make(policy)?).ok_or_else(Errors::default)?;
            policy.categories.insert(below.key.clone(), below);
        }
        Ok(line(staff, &of.thing, &field, what.clone()))
    };
    let item = |policy: &Policy| key.as_ref().and_then(|key| policy.categories.get(key)).cloned();
    let (company, thing, before, after) = (staff.company.id, of.thing.clone(), old.cloned(), field.clone());
    let beside = move |tx: &mut Tx<'_>| match &before {
        Some(before) => assent_store::fields::change(tx, company, &thing, (before, &after)),
        None => assent_store::fields::add(tx, company, &thing, &after),
    };
    let done = change_with(ctx, staff, base, (item, apply), beside).await?;
    Ok(match (done, old) {
        (Some(done), _) => done,
        (None, Some(_)) => Changed::Meanwhile(while_writing("this field"), standing.policy.version),
        // Somebody made one of that name at the same moment.
        (None, None) => {
            let mut errors = Errors::default();
            errors.add("name", say("There is one of that name already. If it was retired, offer it again."));
            Changed::No(errors)
        }
    })
}

/// What is written down of a new field, or of one that was changed.
fn told(of: &Of, old: Option<&Field>, new: &Field) -> String {
    let label = of.told(&new.label);
    match (old, &new.category) {
        (Some(old), _) if old.label != new.label => {
            format!("Field “{}” is called “{label}”.", of.told(&old.label))
        }
        (Some(old), _) if old.choices != new.choices => {
            format!("Field “{label}”: what can be chosen was changed.")
        }
        (Some(_), _) => format!("Field “{label}”: what it is called in German was changed."),
        (None, Some(key)) => format!("Field “{label}” of people added as {key}."),
        (None, None) => format!("Field “{label}” of {} added.", of.thing.key()),
    }
}

/// The line of the history of a change of a field.
fn line(staff: &Staff, thing: &Thing, field: &Field, what: String) -> Change {
    let item = field
        .category
        .as_ref()
        .map_or_else(|| format!("{}/{}", thing.key(), field.name), ToString::to_string);
    Change { about: About::Category, by: Some(staff.id), second: None, item, what, settles: None }
}

/// Offers a field no longer, or again; false when it was changed meanwhile. Its values stay what they are.
pub async fn retire(
    ctx: &Ctx,
    staff: &Staff,
    thing: &Thing,
    field: Field,
    gone: bool,
) -> Result<bool, Problem> {
    let what = if gone { "is no longer offered" } else { "is offered again" };
    let what = format!("Field “{}” {what}.", field.label);
    let after = Field { gone_at: gone.then(|| ctx.now()), ..field.clone() };
    let (company, of) = (staff.company.id, thing.clone());
    let row = (field.clone(), after);
    let beside = move |tx: &mut Tx<'_>| assent_store::fields::change(tx, company, &of, (&row.0, &row.1));
    noted(ctx, staff, line(staff, thing, &field, what), beside).await
}

/// Moves a field one place up or down.
pub async fn shift(ctx: &Ctx, staff: &Staff, thing: &Thing, name: &str, up: bool) -> Result<(), Problem> {
    let mut all = all(ctx, staff, thing).await?;
    let nothing = || Problem::not_found("There is no such field here.");
    let at = all.iter().position(|field| field.name == name).ok_or_else(nothing)?;
    let to = if up { at.checked_sub(1) } else { at.checked_add(1).filter(|to| *to < all.len()) };
    let (Some(to), Some(field)) = (to, all.get(at).cloned()) else { return Ok(()) };
    all.swap(at, to);
    let what = format!("Field “{}” was moved {}.", field.label, if up { "up" } else { "down" });
    let (company, of) = (staff.company.id, thing.clone());
    let beside = move |tx: &mut Tx<'_>| assent_store::fields::place(tx, company, &of, &all).map(|()| true);
    noted(ctx, staff, line(staff, thing, &field, what), beside).await.map(|_| ())
}
