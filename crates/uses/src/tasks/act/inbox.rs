//! What colleagues said: where to look, as far as there is something to see.

use assent_kernel::CompanyId;
use assent_store::StoreError;
use assent_store::work::activities::{self, Mention};
use assent_store::work::{deals, organisations, tasks};
use assent_web::reach::{Object, Reach};
use assent_web::{Ctx, Problem, Staff};

/// What colleagues said, newest first, and whether where it leads is within reach still.
pub async fn words(ctx: &Ctx, staff: &Staff) -> Result<Vec<(Mention, bool)>, Problem> {
    let (company, who) = (staff.company.id, staff.id);
    let reach = [Object::Organisations, Object::Deals, Object::Tasks].map(|object| staff.sees(object));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| {
        let all = activities::mentions(tx, company, who)?;
        all.into_iter()
            .map(|one| Ok((leads(tx, company, &reach, &one.href)?, one)))
            .collect::<Result<Vec<_>, _>>()
    });
    Ok(read.await?.into_iter().map(|(leads, one)| (one, leads)).collect())
}

/// Whether the page of a word to a colleague is one that they see. Only work is narrowed.
fn leads(
    tx: &mut assent_store::Tx<'_>,
    company: CompanyId,
    [of_organisations, of_deals, of_tasks]: &[Reach; 3],
    href: &str,
) -> Result<bool, StoreError> {
    let mut parts = href.trim_start_matches('/').split(['/', '?']);
    let (kind, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    Ok(match kind {
        "organisations" => match id.parse() {
            Ok(id) => organisations::one(tx, company, of_organisations, id)?.is_some(),
            Err(_) => false,
        },
        "deals" => match id.parse() {
            Ok(id) => deals::one(tx, company, of_deals, id)?.is_some(),
            Err(_) => false,
        },
        "tasks" => match id.parse() {
            Ok(id) => tasks::one(tx, company, of_tasks, id)?.is_some(),
            Err(_) => false,
        },
        _ => true,
    })
}

/// Marks what colleagues said as read.
pub async fn all_read(ctx: &Ctx, staff: &Staff) -> Result<(), Problem> {
    let (company, who, now) = (staff.company.id, staff.id, ctx.now());
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.write(move |tx| activities::all_read(tx, company, who, now)).await?)
}
