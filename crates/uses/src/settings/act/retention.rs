//! Keeping a kind of values for a shorter time than it came with, or as usual again.

use assent_kernel::category::{Category, Retention};
use assent_kernel::{CategoryKey, Policy, TreeKey as _};
use assent_store::policies::{About, Change};
use assent_web::{Ctx, Problem, Staff, say};

use super::{Changed, change};
use crate::settings::model::retention::may_be;
use crate::settings::model::{Errors, days};

/// Puts a kind of values into a class; it holds from the next decision on.
pub async fn set(
    ctx: &Ctx,
    staff: &Staff,
    (key, class): (&CategoryKey, Retention),
    base: u64,
) -> Result<Changed, Problem> {
    let wrong = |field, sentence: &str| {
        let mut errors = Errors::default();
        errors.add(field, say(sentence));
        Err(errors)
    };
    let apply = |policy: &mut Policy| {
        let Some(category) = policy.categories.get_mut(key) else {
            return wrong("category", "There is no such kind of values here.");
        };
        if !may_be(key).contains(&class) {
            return wrong("class", "That is longer than people were told. It can only be kept shorter.");
        }
        if category.retention == class {
            return wrong("class", "It is kept so already.");
        }
        let cut = class.full() < category.retention.full();
        category.retention = class;
        let days = class.full().map_or(0, days);
        let what = format!("“{}” is whole for {days} days.", category.label);
        // What stands below is never kept longer for it; nor is it kept longer again by itself.
        let longer =
            |one: &Category| may_be(&one.key).contains(&class) && class.full() < one.retention.full();
        let below = policy.categories.values_mut().filter(|one| cut && key.covers(&one.key) && longer(one));
        below.for_each(|one| one.retention = class);
        Ok(Change {
            about: About::Category,
            by: Some(staff.id),
            second: None,
            item: key.to_string(),
            what,
            settles: None,
        })
    };
    change(ctx, staff, base, |policy| policy.categories.get(key).cloned(), apply).await
}
