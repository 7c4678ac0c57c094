//! Pipelines, told and changed: for those who may change them on the page.

use assent_store::work::deals::{self, Ending, Pipeline};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{CHAPTER, shapes};
use crate::deals::act::pipelines::{self, FULL, LONGEST, MOST, MOST_STAGES, TypedStage};
use crate::deals::{BUILDERS, model};
use crate::frame::ROLES;
use crate::spoken;

const ONE: &str = "/v1/pipelines/{id}";

pub(super) fn operations() -> Vec<Operation> {
    let stage = Shape::Record(vec![
        may("id", Shape::id("stg"), "Which, when it is there already."),
        must("name", Shape::text(LONGEST), "What it is called."),
        may("chance", Shape::Number(0, 100), "How likely, in hundredths, while it is open."),
        must("state", shapes::state(), "What it means."),
    ]);
    let body = || {
        Shape::Record(vec![
            must("name", Shape::text(LONGEST), "What it is called."),
            must(
                "stages",
                stage.clone().list(MOST_STAGES),
                "Its stages, in order: one that is won, one that is lost, and others.",
            ),
        ])
        .named("PipelineAsSent")
    };
    let example = || {
        json!({ "name": "Repairs", "stages": [
            { "name": "Asked", "chance": 40, "state": "open" }, { "name": "Agreed", "state": "won" }, { "name": "No", "state": "lost" },
        ] })
    };
    vec![
        Operation::new("listPipelines", Method::GET, "/v1/pipelines", |call| Box::pin(list(call)))
            .says(CHAPTER, "List pipelines", "With their stages, in order.")
            .for_roles(ROLES)
            .gives(200, shapes::pipelines(), shapes::pipelines_example()),
        Operation::new("makePipeline", Method::POST, "/v1/pipelines", |call| Box::pin(make(call)))
            .says(CHAPTER, "Make a pipeline", "")
            .for_roles(BUILDERS)
            .takes(body(), example())
            .gives(201, spoken::made_shape("pip"), json!({ "id": shapes::PIP })),
        Operation::new("changePipeline", Method::PUT, ONE, |call| Box::pin(change(call)))
            .says(
                CHAPTER,
                "Change a pipeline",
                "The whole pipeline as it should be. Stages that are left out go; those that deals are in stay.",
            )
            .for_roles(BUILDERS)
            .takes(body(), example())
            .gives_nothing()
            .must_match()
            .or(409, "A won or lost stage was left out while deals are in it, or somebody was faster."),
        Operation::new("removePipeline", Method::DELETE, ONE, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove a pipeline in which no deal is", "")
            .for_roles(BUILDERS)
            .gives_nothing()
            .may_match()
            .or(409, "Deals are in it, or it is the last one."),
    ]
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let stage = |one: &deals::Stage| json!({ "id": one.id, "name": one.name, "chance": one.chance, "state": model::state(one.ending) });
    let way = |one: &Pipeline| json!({ "id": one.id, "name": one.name, "stages": one.stages.iter().map(stage).collect::<Vec<_>>(), "etag": one.ver.to_string() });
    let all = pipelines::all(&call.ctx, call.staff()?).await?;
    Reply::of(&json!({ "data": all.iter().map(way).collect::<Vec<_>>() }))
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    stages: Vec<SentStage>,
}

#[derive(Deserialize)]
struct SentStage {
    id: Option<assent_kernel::StageId>,
    name: String,
    #[serde(default)]
    chance: i64,
    state: String,
}

impl Sent {
    fn stages(&self) -> Result<Vec<TypedStage>, Problem> {
        let ending = |state: &str| {
            [Ending::Open, Ending::Won, Ending::Lost].into_iter().find(|one| model::state(*one) == state)
        };
        let read = |one: &SentStage| {
            let ending = ending(&one.state)?;
            Some(TypedStage::new(one.id, one.name.trim().to_owned(), one.chance, ending))
        };
        let all: Option<Vec<TypedStage>> = self.stages.iter().map(read).collect();
        let all = all.ok_or_else(|| Problem::invalid("/stages: choose what each stage means."))?;
        match pipelines::wrong(&self.name, &all) {
            None => Ok(all),
            Some(why) => Err(Problem::invalid(why)),
        }
    }
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let stages = sent.stages()?;
    let there = pipelines::all(ctx, staff).await?.len();
    if there >= MOST {
        return Err(Problem::invalid(FULL));
    }
    let place = i64::try_from(there).unwrap_or(0);
    let made = pipelines::put(ctx, staff, None, (sent.name.trim().to_owned(), place), stages).await?;
    let id = made.map_err(Problem::conflict)?;
    Reply::made(id, format!("/v1/pipelines/{id}"))
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let stages = sent.stages()?;
    let all = pipelines::all(ctx, staff).await?;
    let old = pipelines::found(&all, call.name("id"))?;
    call.matches(&old.ver.to_string())?;
    let strange = |one: &TypedStage| one.id.is_some_and(|id| old.stages.iter().all(|stage| stage.id != id));
    if stages.iter().any(strange) {
        return Err(Problem::invalid("/stages: one of them is no stage of this pipeline."));
    }
    let put = pipelines::put(ctx, staff, Some(old), (sent.name.trim().to_owned(), old.place), stages).await?;
    put.map(|_| Reply::done()).map_err(Problem::conflict)
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let all = pipelines::all(&call.ctx, call.staff()?).await?;
    call.matches(&pipelines::found(&all, call.name("id"))?.ver.to_string())?;
    match pipelines::remove(&call.ctx, call.staff()?, (&all, call.name("id"))).await? {
        Ok(()) => Ok(Reply::done()),
        Err(why) => Err(Problem::conflict(why)),
    }
}
