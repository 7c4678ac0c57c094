//! Making a kind of things: a line of the home store. Its fields are made like those of people.

use assent_kernel::Policy;
use assent_store::policies::{About, Change};
use assent_web::fields::{self, Field};
use assent_web::objects::{self, Object};
use assent_web::{Ctx, Problem, Staff};

use super::{Changed, change};
use crate::settings::model::Errors;
use crate::settings::model::field::{Of, category};

/// Every object, in order.
pub async fn all(ctx: &Ctx, staff: &Staff) -> Result<Vec<Object>, Problem> {
    objects::all(ctx, staff.company.id).await
}

/// One object.
pub async fn one(ctx: &Ctx, staff: &Staff, key: &str) -> Result<Object, Problem> {
    objects::one(ctx, staff.company.id, key).await
}

/// Makes an object. False when somebody made one of that key meanwhile.
pub async fn add(ctx: &Ctx, staff: &Staff, object: Object) -> Result<bool, Problem> {
    let company = staff.company.id;
    let write = move |tx: &mut assent_store::Tx<'_>| assent_store::objects::add(tx, company, &object);
    Ok(ctx.gate.home().write(write).await?)
}

/// Calls an object something else; what people read of its fields names it, and follows.
pub async fn rename(ctx: &Ctx, staff: &Staff, object: Object) -> Result<Result<(), Errors>, Problem> {
    let (of, company) = (Of::object(&object), staff.company.id);
    let renamed = one(ctx, staff, &object.key).await?.singular != object.singular;
    let there = fields::all(ctx, staff.company.id, of.thing.clone()).await?;
    if of.personal && renamed && !there.is_empty() {
        let done = tell(ctx, staff, &object, &there).await?;
        if let Some((errors, _)) = done.in_the_way(0) {
            return Ok(Err(errors));
        }
    }
    let write = move |tx: &mut assent_store::Tx<'_>| assent_store::objects::rename(tx, company, &object);
    ctx.gate.home().write(write).await?;
    Ok(Ok(()))
}

async fn tell(ctx: &Ctx, staff: &Staff, object: &Object, there: &[Field]) -> Result<Changed, Problem> {
    let of = Of::object(object);
    let base = ctx.gate.reload_policy(staff.company.id).await?.policy.version;
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

/// Puts an object out of use, or back. Its items stay what they are.
pub async fn retire(ctx: &Ctx, staff: &Staff, key: &str, gone: bool) -> Result<(), Problem> {
    let (object, company, at) = (one(ctx, staff, key).await?, staff.company.id, gone.then(|| ctx.now()));
    let write =
        move |tx: &mut assent_store::Tx<'_>| assent_store::objects::set_gone(tx, company, &object.key, at);
    Ok(ctx.gate.home().write(write).await?)
}
