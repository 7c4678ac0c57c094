//! Verbs: list, look, make, change, remove and bring back. People who work there are asked for one by one.

use assent_gate::{Answer, fold};
use assent_kernel::uses::kind::List;
use assent_kernel::{OrganisationId, PersonId};
use assent_store::events;
use assent_store::work::Text;
use assent_store::work::activities::{self, Kind};
use assent_store::work::organisations;
use assent_web::api::cut;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use crate::around::{self, Of, Part, note};
use crate::seen::cell::{self, Cell};
use crate::seen::{keys, under};
use crate::{frame, organised};

/// The most people that are looked at to find those of one organisation.
const MOST_PEOPLE: u32 = 200;

/// Reads an id of an address; what is none leads nowhere.
pub fn id(text: &str) -> Result<OrganisationId, Problem> {
    text.parse().map_err(|_| organised::nowhere())
}

/// Somebody who works there, as far as they are open.
pub struct Worker {
    /// Who.
    pub id: PersonId,
    /// What the law knows of them.
    pub person: assent_kernel::Person,
    /// What they are called.
    pub name: Cell,
    /// What they do there.
    pub job: Cell,
}

/// Who says that they work there, as far as both that and their name may be listed. Whoever is closed is left out
/// without a trace: otherwise a page would tell where somebody works who did not allow it.
pub async fn workers(ctx: &Ctx, staff: &Staff, name: &str) -> Result<Vec<Worker>, Problem> {
    let query = ctx.gate.query(staff.company.id, name).await?;
    let ids = ctx.gate.find(&staff.people(), &query, None, MOST_PEOPLE).await?;
    working(ctx, staff, name, &ids).await
}

/// Those of them who say that they work there.
async fn working(ctx: &Ctx, staff: &Staff, name: &str, ids: &[PersonId]) -> Result<Vec<Worker>, Problem> {
    let dossiers = ctx.gate.look(&staff.people(), ids).await?;
    let kinds = keys(&["name", "work"]);
    let mut questions = Vec::new();
    for dossier in &dossiers {
        if let Some(matters) = dossier.of_categories(&kinds) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let asked: Vec<&assent_gate::Dossier> = questions.iter().map(|(_, dossier)| *dossier).collect();
    let answers: Vec<Answer<List>> = ctx.gate.ask_many(questions).await?;
    let wanted = fold(name);
    let worker = |(dossier, answer): (&assent_gate::Dossier, Answer<List>)| {
        let values = cell::values(Some(&answer), dossier, |category| {
            under(category, "name") || under(category, "work")
        });
        let employer = cell::first(&values, "work.employer");
        let here = employer.seen().is_some_and(|seen| seen.whole && fold(&seen.text) == wanted);
        let (name, job) = (cell::name(&values), cell::first(&values, "work.title"));
        here.then(|| Worker { id: dossier.id(), person: dossier.person().clone(), name, job })
    };
    Ok(asked.into_iter().zip(answers).filter_map(worker).collect())
}

/// So many of those whom its name leads to are asked about at once, for a page that a program reads, and so often.
const AT_ONCE: u32 = 100;
const MOST_PAGES: u32 = 20;

/// Who says that they work there, so many after somebody; after whom it goes on; and whether there may be more whom nobody
/// looked at. Whoever is closed takes nobody's place: neither how many a page has nor where the next begins tells of them.
pub async fn workers_after(
    ctx: &Ctx,
    staff: &Staff,
    name: &str,
    (mut after, most): (Option<PersonId>, usize),
) -> Result<(Vec<Worker>, Option<String>, bool), Problem> {
    let query = ctx.gate.query(staff.company.id, name).await?;
    let (mut all, mut cut_off) = (Vec::new(), true);
    for _ in 0..MOST_PAGES {
        let ids = ctx.gate.find(&staff.people(), &query, after, AT_ONCE).await?;
        after = ids.last().copied();
        let mut some = working(ctx, staff, name, &ids).await?;
        some.sort_by_key(|one| one.id);
        all.extend(some);
        if all.len() > most || u32::try_from(ids.len()).unwrap_or(0) < AT_ONCE {
            cut_off = false;
            break;
        }
    }
    let next = cut(&mut all, most, |one| one.id.to_string());
    Ok((all, next, cut_off))
}

/// Removes one, or brings it back.
pub async fn set_gone(ctx: &Ctx, staff: &Staff, id: OrganisationId, gone: bool) -> Result<(), Problem> {
    set_gone_seen(ctx, staff, (id, 0), gone).await
}

/// The same, when it is as it was read; 0: whatever it is.
pub async fn set_gone_seen(
    ctx: &Ctx,
    staff: &Staff,
    (id, ver): (OrganisationId, i64),
    gone: bool,
) -> Result<(), Problem> {
    organised::must_change(staff, &organised::one(ctx, staff, id).await?.row)?;
    let (company, now, reach) = (staff.company.id, ctx.now(), staff.changing(Object::Organisations));
    let kind = if gone { Kind::Removed } else { Kind::Restored };
    let line = note::activity(ctx, staff, Of::Organisation(id), kind, Text::Gone, String::new())?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let there = store.write(move |tx| {
        let there = organisations::set_gone(tx, company, &reach, (id, ver), gone.then_some(now))?;
        if there {
            activities::add(tx, company, &line)?;
            events::add(tx, company, events::Kind::OrganisationChanged, id, now)?;
        }
        Ok(there)
    });
    if there.await? {
        return Ok(());
    }
    // It may have been handed away at this very moment.
    let again = organised::one(ctx, staff, id).await?.row;
    organised::must_change(staff, &again)?;
    frame::unwritten((ver, again.ver), again.gone_at.is_some() == gone)
}

/// Notes that one was put down.
pub async fn made(ctx: &Ctx, staff: &Staff, id: OrganisationId) -> Result<(), Problem> {
    let company = staff.company.id;
    let line = note::activity(ctx, staff, Of::Organisation(id), Kind::Made, Text::Gone, String::new())?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    Ok(store.write(move |tx| activities::add(tx, company, &line)).await?)
}

/// What lies around one.
pub async fn around(
    ctx: &Ctx,
    staff: &Staff,
    id: OrganisationId,
    part: Part,
) -> Result<around::Around, Problem> {
    around::read(ctx, staff, Of::Organisation(id), part).await
}
