//! Publishing a notice, or another version of one.

use assent_kernel::{NoticeId, Policy, Timestamp};
use assent_store::policies::{About, Change};
use assent_web::{Ctx, Problem, Staff, say};

use super::{Changed, change};
use crate::settings::model::Errors;
use crate::settings::model::notice::{Form, title};

/// Publishes what was typed. Whoever changes a notice says whether those who agreed before are asked again.
pub async fn publish(
    ctx: &Ctx,
    staff: &Staff,
    (id, base): (NoticeId, u64),
    form: &Form,
    at: Timestamp,
) -> Result<Changed, Problem> {
    let apply = |policy: &mut Policy| {
        let old = policy.notices.get(&id).cloned();
        let notice = form.parse(policy, old.as_ref(), id, at)?;
        if old.is_some() && !["yes", "no"].contains(&form.material.as_str()) {
            let mut errors = Errors::default();
            errors.add("material", say("Say whether those who agreed before must be asked again."));
            return Err(errors);
        }
        let oldest = policy.oldest_valid.entry(id).or_insert(notice.version);
        if notice.material {
            *oldest = notice.version;
        }
        let what = format!("Notice “{}”: version {} published", title(&notice), notice.version);
        let again = if notice.material && notice.version > 1 { ", people are asked again" } else { "" };
        policy.notices.insert(id, notice);
        Ok(Change {
            about: About::Notice,
            by: Some(staff.id),
            second: None,
            item: id.to_string(),
            what: format!("{what}{again}."),
            settles: None,
        })
    };
    change(ctx, staff, base, |policy| policy.notices.get(&id).cloned(), apply).await
}
