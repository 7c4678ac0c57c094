//! Pipelines: a company begins with one, and its administrators make more and change them.

use assent_kernel::{PipelineId, StageId};
use assent_store::work::deals::{self, Ending, Pipeline, Stage};
use assent_store::{StoreError, Tx};
use assent_web::{Ctx, Problem, Staff};

/// The most pipelines of a company.
pub const MOST: usize = 12;
/// The longest name of a pipeline or a stage, in characters.
pub const LONGEST: usize = 40;
/// The most stages of a pipeline.
pub const MOST_STAGES: usize = 12;
/// What a company begins with: name, how likely, what it means.
const USUAL: [(&str, i64, Ending); 5] = [
    ("New", 10, Ending::Open),
    ("In talks", 30, Ending::Open),
    ("Offer sent", 60, Ending::Open),
    ("Agreed", 100, Ending::Won),
    ("Lost", 0, Ending::Lost),
];

/// The pipelines of a company; the first is made when there is none.
pub async fn all(ctx: &Ctx, staff: &Staff) -> Result<Vec<Pipeline>, Problem> {
    let company = staff.company.id;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let known = store.read(move |tx| deals::pipelines(tx, company)).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    // The id follows from the company's, so that two who look at the same moment make one.
    let id = PipelineId::from_bytes(company.to_bytes());
    let stage = |(n, (name, chance, ending)): (usize, (&str, i64, Ending))| {
        let mut bytes = company.to_bytes();
        if let Some(last) = bytes.last_mut() {
            *last = last.wrapping_add(u8::try_from(n).unwrap_or(0));
        }
        let place = i64::try_from(n).unwrap_or(0);
        Stage { id: StageId::from_bytes(bytes), pipeline: id, name: name.into(), place, chance, ending }
    };
    let first = Pipeline {
        id,
        name: "Sales".into(),
        place: 0,
        stages: USUAL.into_iter().enumerate().map(stage).collect(),
        ver: 1,
    };
    let made = store.write(move |tx| {
        deals::add_pipeline(tx, company, &first)?;
        deals::pipelines(tx, company)
    });
    Ok(made.await?)
}

/// A stage as typed in; no id for a new one.
#[derive(Debug, Clone)]
pub struct TypedStage {
    /// Which, when it is there already.
    pub id: Option<StageId>,
    /// What it is called.
    pub name: String,
    /// How likely, in per cent.
    pub chance: i64,
    /// What it means.
    pub ending: Ending,
}

impl TypedStage {
    /// A stage; what is won or lost is so for sure.
    pub fn new(id: Option<StageId>, name: String, chance: i64, ending: Ending) -> Self {
        let chance = match ending {
            Ending::Open => chance,
            Ending::Won => 100,
            Ending::Lost => 0,
        };
        Self { id, name, chance, ending }
    }
}

/// What is wrong with a pipeline of this name and these stages, in a sentence; nothing when it is right.
pub fn wrong(name: &str, stages: &[TypedStage]) -> Option<&'static str> {
    let long = |name: &str| name.chars().count() > LONGEST || name.chars().any(char::is_control);
    if name.trim().is_empty() || long(name) {
        return Some("Give the pipeline a name of at most 40 letters.");
    }
    if stages.iter().any(|one| one.name.trim().is_empty() || long(&one.name)) {
        return Some("The name of a stage has at most 40 letters.");
    }
    if stages.iter().any(|one| !(0..=100).contains(&one.chance)) {
        return Some("How likely a deal is must be a number from 0 to 100.");
    }
    if !ends(stages.iter().map(|one| one.ending)) {
        return Some(
            "A pipeline needs a stage that goes on, exactly one that is won, and exactly one that is lost.",
        );
    }
    None
}

/// What is said when there is no room for another one.
pub const FULL: &str = "There are as many pipelines as there may be.";

/// What is said when somebody else was faster.
pub const MEANWHILE: &str =
    "Somebody changed this pipeline while you were writing. Look at it, and change it again.";
/// What is said when a stage would stay beside the one that takes its place.
const TWO_ENDS: &str = "A won or lost stage was left out while deals are in it, so there would be two. Move these deals first, or keep it.";

/// Puts a pipeline down as typed in, in the place of `old` as it was read; stages left out go, unless deals are in them. Otherwise
/// why not, in a sentence.
pub async fn put(
    ctx: &Ctx,
    staff: &Staff,
    old: Option<&Pipeline>,
    (name, place): (String, i64),
    typed: Vec<TypedStage>,
) -> Result<Result<PipelineId, &'static str>, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let id = match old {
        Some(old) => old.id,
        None => ctx.gate.fresh(now, PipelineId::new)?,
    };
    let mut stages = Vec::with_capacity(typed.len());
    for (n, one) in typed.into_iter().enumerate() {
        let known = one.id.filter(|id| old.is_some_and(|old| old.stages.iter().any(|stage| stage.id == *id)));
        let stage_id = match known {
            Some(known) => known,
            None => ctx.gate.fresh(now, StageId::new)?,
        };
        let place = i64::try_from(n).unwrap_or(0);
        stages.push(Stage {
            id: stage_id,
            pipeline: id,
            name: one.name,
            place,
            chance: one.chance,
            ending: one.ending,
        });
    }
    let kept = |stage: &&Stage| !stages.iter().any(|one| one.id == stage.id);
    let dropped: Vec<StageId> =
        old.map(|old| old.stages.iter().filter(kept).map(|stage| stage.id).collect()).unwrap_or_default();
    let (new, ver) = (old.is_none(), old.map_or(1, |old| old.ver));
    let one = Pipeline { id, name, place, stages, ver };
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = move |tx: &mut Tx<'_>| {
        if new {
            return deals::add_pipeline(tx, company, &one);
        }
        if !deals::change_pipeline(tx, company, &one, &dropped)? {
            return Err(StoreError::Moved);
        }
        let all = deals::pipelines(tx, company)?;
        let whole = all
            .iter()
            .find(|one| one.id == id)
            .is_some_and(|one| ends(one.stages.iter().map(|one| one.ending)));
        if whole { Ok(()) } else { Err(StoreError::Conflict(TWO_ENDS.into())) }
    };
    match store.write(write).await {
        Ok(()) => Ok(Ok(id)),
        Err(StoreError::Moved) => Ok(Err(MEANWHILE)),
        Err(StoreError::Conflict(why)) if why == TWO_ENDS => Ok(Err(TWO_ENDS)),
        Err(error) => Err(error.into()),
    }
}

/// True when there is a stage that goes on, one that is won and one that is lost.
fn ends(stages: impl Iterator<Item = Ending>) -> bool {
    let all: Vec<Ending> = stages.collect();
    let has = |wanted: Ending| all.iter().filter(|one| **one == wanted).count();
    has(Ending::Open) > 0 && has(Ending::Won) == 1 && has(Ending::Lost) == 1
}

/// The pipeline of that id.
pub fn found<'a>(all: &'a [Pipeline], id: &str) -> Result<&'a Pipeline, Problem> {
    let one = all.iter().find(|one| one.id.to_string() == id);
    one.ok_or_else(|| Problem::not_found("There is no pipeline here by that id."))
}

/// Why one stays.
const LAST: &str = "The last pipeline stays: deals need one.";

/// Removes one of these pipelines, in which no deal is, when it is as it was read; why not, in a sentence.
pub async fn remove(
    ctx: &Ctx,
    staff: &Staff,
    (all, id): (&[Pipeline], &str),
) -> Result<Result<(), &'static str>, Problem> {
    let one = found(all, id)?;
    let (id, ver) = (one.id, one.ver);
    let (company, now) = (staff.company.id, ctx.now());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let gone = store.write(move |tx| {
        // Those that are there are held: nobody else removes another one at the same moment.
        let there = deals::held_pipelines(tx, company)?;
        if there.as_slice() == [(id, ver)] {
            return Ok(Err(LAST));
        }
        Ok(if deals::drop_pipeline(tx, company, (id, ver), now)? {
            Ok(())
        } else if there.contains(&(id, ver)) {
            Err("Deals are in this pipeline. Move them to another one first.")
        } else {
            Err(MEANWHILE)
        })
    });
    Ok(gone.await?)
}
