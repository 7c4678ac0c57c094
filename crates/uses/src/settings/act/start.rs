//! The first steps of a company that is new here. What is done is read from what there is: nobody ticks anything off.

use assent_kernel::Policy;
use assent_store::work::Reach;
use assent_store::{Tx, access, factors, home, policies, requests};
use assent_web::{Ctx, Post, Problem, Staff};

use crate::settings::model::start::{Step, Steps};

/// Which steps are done.
pub async fn steps(ctx: &Ctx, staff: &Staff) -> Result<Steps, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (company, who) = (staff.company.id, staff.id);
    let seen = ctx.gate.home().read(move |tx| {
        let known = home::count(tx, (company, &Reach::all()), 1)?.0 > 0;
        let published = policies::notice_by_staff(tx, company)?;
        let colleagues = access::staff(tx, company)?.iter().filter(|one| !one.disabled).count() > 1;
        let safe = !factors::of(tx, who)?.is_empty() || factors::is_bound(tx, who)?;
        Ok((known, published, colleagues, safe))
    });
    let (known, published, colleagues, safe) = seen.await?;
    let mut asked = false;
    for region in ctx.gate.regions() {
        let any = move |tx: &mut Tx<'_>| requests::any(tx, company);
        asked = asked || ctx.gate.region_db(region)?.read(any).await?;
    }
    let done = |step: Step| match step {
        Step::SafeSignIn => safe,
        Step::Letters => ctx.settings.post != Post::Local,
        Step::Notices => published,
        Step::Parties => others(&standing.policy),
        Step::Colleagues => colleagues,
        Step::People => known,
        Step::Asked => asked,
    };
    Ok(Steps(Step::ALL.map(|step| (step, done(step)))))
}

/// Whether anybody beside the company itself is described.
fn others(policy: &Policy) -> bool {
    policy.parties.keys().any(|id| *id != policy.home)
}
