//! Pipelines, changed by administrators: one form for each, rows that are left empty go.

use askama::Template;
use assent_store::work::deals::{Ending, Pipeline};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::deals::BUILDERS;
use crate::deals::act::pipelines::{self, LONGEST, MOST, MOST_STAGES, TypedStage};
use crate::frame;

/// Empty rows under the stages that are there.
const SPARE: usize = 2;

#[derive(Template)]
#[template(path = "deals/pipelines.html")]
struct Page {
    shell: Shell,
    ways: Vec<Way>,
    error: String,
    more: bool,
}

struct Way {
    id: String,
    ver: i64,
    name: String,
    stages: Vec<Row>,
    only: bool,
}

#[derive(Clone, Default)]
struct Row {
    id: String,
    name: String,
    chance: String,
    ending: &'static str,
}

impl Row {
    fn is(&self, ending: &str) -> bool {
        self.ending == ending
    }
}

const ENDINGS: [(&str, Ending); 3] = [("open", Ending::Open), ("won", Ending::Won), ("lost", Ending::Lost)];

fn way(one: &Pipeline, only: bool) -> Way {
    let row = |stage: &assent_store::work::deals::Stage| Row {
        id: stage.id.to_string(),
        name: stage.name.clone(),
        chance: stage.chance.to_string(),
        ending: crate::deals::model::state(stage.ending),
    };
    let mut stages: Vec<Row> = one.stages.iter().map(row).collect();
    let room = MOST_STAGES.saturating_sub(stages.len()).min(SPARE);
    stages.extend(std::iter::repeat_n(Row { ending: "open", ..Row::default() }, room));
    Way { id: one.id.to_string(), ver: one.ver, name: one.name.clone(), stages, only }
}

async fn page(ctx: &Ctx, staff: &Staff, error: &'static str) -> Result<Page, Problem> {
    let all = pipelines::all(ctx, staff).await?;
    let mut shell = frame::shell(ctx, staff, say("Pipelines")).await?;
    shell.purpose = None;
    Ok(Page {
        shell,
        more: all.len() < MOST,
        ways: all.iter().map(|one| way(one, all.len() == 1)).collect(),
        error: if error.is_empty() { String::new() } else { say(error).to_owned() },
    })
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(BUILDERS)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut page = page(&ctx, &staff, "").await?;
    page.shell.flash = frame::flash(fields.get("said"));
    Ok(html::page(&page))
}

/// Reads the stages of a form; what is wrong, in a sentence.
fn stages(fields: &Fields) -> Result<Vec<TypedStage>, &'static str> {
    let rows =
        fields.all("stage").zip(fields.all("name")).zip(fields.all("chance").zip(fields.all("ending")));
    let mut out = Vec::new();
    for ((id, name), (chance, ending)) in rows.take(MOST_STAGES).filter(|((_, name), _)| !name.is_empty()) {
        let ending = ENDINGS.iter().find(|(key, _)| *key == ending).map(|(_, ending)| *ending);
        let Some(ending) = ending else { return Err("Choose what each stage means.") };
        // No number is none that is right.
        let chance = chance.parse().unwrap_or(-1);
        out.push(TypedStage::new(id.parse().ok(), name.to_owned(), chance, ending));
    }
    Ok(out)
}

pub async fn save(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(BUILDERS)?;
    let all = pipelines::all(&ctx, &staff).await?;
    let old = all.iter().find(|one| one.id.to_string() == fields.get("id"));
    if old.is_none() && !fields.get("id").is_empty() {
        return Err(Problem::not_found("There is no pipeline here by that id."));
    }
    let name: String = fields.get("pipeline").chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let stages = match stages(&fields) {
        Ok(_) if old.is_none() && all.len() >= MOST => Err(pipelines::FULL),
        Ok(_) if old.is_some_and(|old| old.ver.to_string() != fields.get("ver")) => Err(pipelines::MEANWHILE),
        Ok(all) => pipelines::wrong(&name, &all).map_or(Ok(all), Err),
        Err(why) => Err(why),
    };
    let place = old.map_or_else(|| i64::try_from(all.len()).unwrap_or(0), |old| old.place);
    let done = match stages {
        Ok(stages) => pipelines::put(&ctx, &staff, old, (name, place), stages).await?,
        Err(why) => Err(why),
    };
    match done {
        Ok(_) => Ok(frame::to("/deals/pipelines", "changed")),
        Err(why) => Ok(frame::unfinished(html::page(&page(&ctx, &staff, why).await?))),
    }
}

pub async fn remove(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(BUILDERS)?;
    let all = pipelines::all(&ctx, &staff).await?;
    match pipelines::remove(&ctx, &staff, (&all, &id)).await? {
        Ok(()) => Ok(frame::to("/deals/pipelines", "removed")),
        Err(why) => Ok(frame::unfinished(html::page(&page(&ctx, &staff, why).await?))),
    }
}
