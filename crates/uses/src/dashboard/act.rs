//! Verbs: count. Structure is counted by the store, people by the memory of terms, which decides each of them.

use assent_gate::{DayCount, LogName};
use assent_kernel::{Region, StaffId, StageId, Timestamp};
use assent_store::Tx;
use assent_store::home::since::Week;
use assent_store::work::deals::{self, Ending, Lost, Pipeline};
use assent_store::work::sums::{self, Sum};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::model::people::People;
use super::model::uses::DAYS;
use super::model::{ENDED, WEEKS};
use crate::frame::{self, Colleagues};
use crate::{groups, used};

/// Everything that was counted.
pub struct Counted {
    /// The pipelines with their stages.
    pub ways: Vec<Pipeline>,
    /// Deals by stage.
    pub stages: Vec<Sum<()>>,
    /// Open deals by the day on which they should be agreed.
    pub days: Vec<Sum<Option<Timestamp>>>,
    /// Deals that ended lately, by why they were lost.
    pub ended: Vec<Sum<Option<Lost>>>,
    /// Open tasks by who does them and until which day.
    pub tasks: Vec<(Option<StaffId>, Option<Timestamp>, u64)>,
    /// The colleagues.
    pub colleagues: Colleagues,
    /// People.
    pub people: People,
}

/// How many lines of the ledger the last days have, of every region; nothing for whom the ledger is not, and
/// for keys for one purpose alone: the ledger is of every purpose.
pub async fn uses(ctx: &Ctx, staff: &Staff) -> Result<Option<Vec<DayCount>>, Problem> {
    if !staff.is(super::LEDGER) || staff.is_bound() {
        return Ok(None);
    }
    let today = used::day(ctx.now());
    let regions: Vec<Region> = ctx.gate.regions().cloned().collect();
    let mut out = Vec::new();
    for region in regions {
        let name = LogName { company: staff.company.id, region };
        let counts = ctx.gate.day_counts(&name, today + 1 - DAYS, today + 1).await?;
        out.extend(counts.into_iter().filter(|one| used::KINDS.contains(&one.kind)));
    }
    Ok(Some(out))
}

/// Counts everything.
pub async fn count(ctx: &Ctx, staff: &Staff) -> Result<Counted, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let (of_deals, of_tasks) = (staff.sees(Object::Deals), staff.sees(Object::Tasks));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut Tx<'_>| {
        let ways = deals::pipelines(tx, company)?;
        let of = |ends: bool| -> Vec<StageId> {
            let stages = ways.iter().flat_map(|way| &way.stages);
            stages.filter(|stage| (stage.ending != Ending::Open) == ends).map(|stage| stage.id).collect()
        };
        let days = sums::by_day(tx, company, &of_deals, &of(false))?;
        let ended = sums::ended(tx, company, &of_deals, &of(true), ENDED.since(now))?;
        let stages = sums::by_stage(tx, company, &of_deals)?;
        Ok((stages, days, ended, sums::tasks(tx, company, &of_tasks)?, ways))
    };
    let (stages, days, ended, tasks, ways) = store.read(read).await?;
    let [waiting, yes, no] = groups::asked(ctx, staff).await?.map(|people| people.len());
    let people = People {
        standing: groups::standing(ctx, staff).await?,
        asked: [waiting, yes, no].map(|n| u64::try_from(n).unwrap_or(u64::MAX)),
        weeks: groups::weeks(ctx, staff, Week::of(now).plus(1 - WEEKS)).await?,
    };
    let colleagues = frame::colleagues(ctx, staff).await?;
    Ok(Counted { ways, stages, days, ended, tasks, colleagues, people })
}
