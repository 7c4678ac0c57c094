//! Adding a purpose below another.

use assent_kernel::Policy;
use assent_kernel::purpose::Purpose;
use assent_store::policies::{About, Change};
use assent_web::{Ctx, Problem, Staff};

use super::{Changed, change};
use crate::settings::model::purpose::Form;

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
