//! Making an object: a line of the home store. Its fields are made like those of people.

use assent_kernel::Policy;
use assent_store::policies::{About, Change};
use assent_web::fields::{self, Field};
use assent_web::objects::{self, Object};
use assent_web::{Ctx, Problem, Staff, say};

use super::{Changed, change, while_writing};
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
    let write = move |tx: &mut assent_store::Tx<'_>| assent_store::objects::add(tx, company, &object);
    if ctx.gate.home().write(write).await? {
        return Ok(Ok(key));
    }
    let mut errors = Errors::default();
    errors.add("key", say("There is an object of that key already. Choose another."));
    Ok(Err(errors))
}

/// Calls an object, as it was read, something else; what people read of its fields names it, and follows.
pub async fn rename(ctx: &Ctx, staff: &Staff, old: &Object, new: Object) -> Result<Changed, Problem> {
    if !put(ctx, staff, (old.clone(), new.clone())).await? {
        let now = ctx.gate.policy(staff.company.id).await?.policy.version;
        return Ok(Changed::Meanwhile(while_writing("this object"), now));
    }
    follow(ctx, staff, &new).await
}

/// Sees to it that the kinds of data of its fields name an object as it is called now.
async fn follow(ctx: &Ctx, staff: &Staff, object: &Object) -> Result<Changed, Problem> {
    let of = Of::object(object);
    let there = fields::all(ctx, staff.company.id, of.thing.clone()).await?;
    let policy = ctx.gate.reload_policy(staff.company.id).await?.policy.clone();
    let mut wanted = there.iter().filter_map(|field| category(&policy, &of, field));
    if wanted.all(|one| policy.categories.get(&one.key) == Some(&one)) {
        return Ok(Changed::Yes);
    }
    tell(ctx, staff, (object, &there), policy.version).await
}

async fn tell(
    ctx: &Ctx,
    staff: &Staff,
    (object, there): (&Object, &[Field]),
    base: u64,
) -> Result<Changed, Problem> {
    let of = Of::object(object);
    let apply = |policy: &mut Policy| {
        let below: Vec<_> = there.iter().filter_map(|field| category(policy, &of, field)).collect();
        policy.categories.extend(below.into_iter().map(|one| (one.key.clone(), one)));
        Ok(Change {
            about: About::Category,
            by: Some(staff.id),
            second: None,
            item: object.key.clone(),
            what: format!("Object {} is called “{}”.", object.key, object.singular),
            settles: None,
        })
    };
    change(ctx, staff, base, |_| (), apply).await
}

/// Puts an object, as it was read, out of use, or back; false when it was changed meanwhile. Its items stay what they are.
pub async fn retire(ctx: &Ctx, staff: &Staff, object: Object, gone: bool) -> Result<bool, Problem> {
    let gone_at = gone.then(|| object.gone_at.unwrap_or_else(|| ctx.now()));
    put(ctx, staff, (object.clone(), Object { gone_at, ..object })).await
}

async fn put(ctx: &Ctx, staff: &Staff, (old, new): (Object, Object)) -> Result<bool, Problem> {
    let company = staff.company.id;
    let write = move |tx: &mut assent_store::Tx<'_>| assent_store::objects::change(tx, company, (&old, &new));
    Ok(ctx.gate.home().write(write).await?)
}
