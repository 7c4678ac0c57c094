//! Adding a purpose below another, and saying in the second language what one is called.

use assent_kernel::Policy;
use assent_kernel::purpose::Purpose;
use assent_store::policies::{About, Change};
use assent_web::{Ctx, Problem, Staff};

use super::{Changed, change};
use crate::settings::model::purpose::{Form, Words};

/// Adds what was typed, unless what stands above it was changed meanwhile.
pub async fn add(
    ctx: &Ctx,
    staff: &Staff,
    (above, base): (&Purpose, u64),
    form: &Form,
) -> Result<Changed, Problem> {
    let apply = |policy: &mut Policy| {
        let new = form.parse(policy, above)?;
        let (item, what) =
            (new.key.to_string(), format!("Purpose “{}” added below “{}”.", new.label, above.label));
        policy.purposes.insert(new.key.clone(), new);
        Ok(Change { about: About::Purpose, by: Some(staff.id), second: None, item, what, settles: None })
    };
    change(ctx, staff, base, |policy| policy.purposes.get(&above.key).cloned(), apply).await
}

/// Says in the second language what a purpose is called, unless it was changed meanwhile.
pub async fn translate(
    ctx: &Ctx,
    staff: &Staff,
    (one, base): (&Purpose, u64),
    words: &Words,
) -> Result<Changed, Problem> {
    if *words == Words::of(one) {
        return Ok(Changed::Yes);
    }
    let apply = |policy: &mut Policy| {
        let new = words.changed(one)?;
        let (item, what) = (new.key.to_string(), format!("Purpose “{}” said in German.", new.label));
        policy.purposes.insert(new.key.clone(), new);
        Ok(Change { about: About::Purpose, by: Some(staff.id), second: None, item, what, settles: None })
    };
    change(ctx, staff, base, |policy| policy.purposes.get(&one.key).cloned(), apply).await
}
