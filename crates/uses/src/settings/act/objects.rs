//! Making an object: a row of the home store, and a line of the history beside it. Its fields are made like those of people.

use assent_kernel::Policy;
use assent_store::Tx;
use assent_store::policies::{About, Change};
use assent_web::fields;
use assent_web::objects::{self, Object};
use assent_web::{Ctx, Problem, Staff, say};

use super::{Changed, change_with, noted, while_writing};
use crate::settings::model::Errors;
use crate::settings::model::field::{Of, category};
use crate::settings::model::object::Form;

/// Every object, in order.
pub async fn all(ctx: &Ctx, staff: &Staff) -> Result<Vec<Object>, Problem> {
    objects::all(ctx, staff.company.id).await
}

/// One object.
pub async fn one(ctx: &Ctx, staff: &Staff, key: &str) -> Result<Object, Problem> {
    objects::one(ctx, staff.company.id, key).await
}

/// Makes the object of a form, and tells its key; what is wrong with it, also when somebody made one of that key meanwhile.
pub async fn make(ctx: &Ctx, staff: &Staff, form: &Form) -> Result<Result<String, Errors>, Problem> {
    let object = match form.made(&all(ctx, staff).await?) {
        Ok(object) => object,
        Err(errors) => return Ok(Err(errors)),
    };
    let (company, key) = (staff.company.id, object.key.clone());
    let what = format!("Object {key} added: “{}”.", object.singular);
    let change = line(staff, &key, what);
    let beside = move |tx: &mut Tx<'_>| assent_store::objects::add(tx, company, &object);
    if noted(ctx, staff, change, beside).await? {
        return Ok(Ok(key));
    }
    let mut errors = Errors::default();
    errors.add("key", say("There is an object of that key already. Choose another."));
    Ok(Err(errors))
}

/// Calls an object, as it was read, something else; what people read of its fields names it, and follows in the same commit.
pub async fn rename(ctx: &Ctx, staff: &Staff, old: &Object, new: Object) -> Result<Changed, Problem> {
    let of = Of::object(&new);
    let there = fields::all(ctx, staff.company.id, of.thing.clone()).await?;
    let policy = ctx.gate.reload_policy(staff.company.id).await?.policy.clone();
    let mut wanted = there.iter().filter_map(|field| category(&policy, &of, field));
    if *old == new && wanted.all(|one| policy.categories.get(&one.key) == Some(&one)) {
        return Ok(Changed::Yes);
    }
    let what = format!("Object {} is called “{}”.", new.key, new.singular);
    let apply = |policy: &mut Policy| {
        let below: Vec<_> = there.iter().filter_map(|field| category(policy, &of, field)).collect();
        policy.categories.extend(below.into_iter().map(|one| (one.key.clone(), one)));
        Ok(line(staff, &new.key, what.clone()))
    };
    let (company, row) = (staff.company.id, (old.clone(), new.clone()));
    let beside = move |tx: &mut Tx<'_>| assent_store::objects::change(tx, company, (&row.0, &row.1));
    let done = change_with(ctx, staff, policy.version, (|_: &Policy| (), apply), beside).await?;
    Ok(done.unwrap_or_else(|| Changed::Meanwhile(while_writing("this object"), policy.version)))
}

/// The line of the history of a change of an object.
fn line(staff: &Staff, key: &str, what: String) -> Change {
    Change {
        about: About::Category,
        by: Some(staff.id),
        second: None,
        item: key.to_owned(),
        what,
        settles: None,
    }
}

/// Puts an object, as it was read, out of use, or back; false when it was changed meanwhile. Its items stay what they are.
pub async fn retire(ctx: &Ctx, staff: &Staff, object: Object, gone: bool) -> Result<bool, Problem> {
    let gone_at = gone.then(|| object.gone_at.unwrap_or_else(|| ctx.now()));
    let what = if gone { "was put out of use" } else { "is in use again" };
    let change = line(staff, &object.key, format!("Object {} {what}.", object.key));
    let (company, row) = (staff.company.id, (object.clone(), Object { gone_at, ..object }));
    let beside = move |tx: &mut Tx<'_>| assent_store::objects::change(tx, company, (&row.0, &row.1));
    noted(ctx, staff, change, beside).await
}
