//! Parse, act, answer in JSON.

use assent_web::session::Caller;
use assent_web::{Ctx, Problem};
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Json, State};
use axum::routing::post;

use super::act;
use super::model::{Answer, Answers, Audience, Counted, MOST_PEOPLE, MOST_USED, Many, One, UsedThen, Using};

/// The largest body: the ids of the largest batch, and some room.
const MOST_BYTES: usize = MOST_PEOPLE * 40;
const MOST_BYTES_USED: usize = MOST_USED * 40;

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/v1/decide", post(one))
        .route("/v1/decide:batch", post(many))
        .route("/v1/audience", post(audience))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .route("/v1/audience:use", post(used).layer(DefaultBodyLimit::max(MOST_BYTES_USED)))
}

type Body<T> = Result<Json<T>, JsonRejection>;

fn parsed<T>(body: Body<T>) -> Result<T, Problem> {
    match body {
        Ok(Json(asked)) => Ok(asked),
        // What serde says names the field and the place, never a person.
        Err(JsonRejection::JsonDataError(error)) => Err(Problem::invalid(error.body_text())),
        Err(error) => Err(Problem::new(error.status(), "bad-request", "This request could not be read")
            .detail(error.body_text())),
    }
}

async fn one(State(ctx): State<Ctx>, caller: Caller, body: Body<One>) -> Result<Json<Answer>, Problem> {
    let asked = parsed(body)?;
    if let Some(at) = asked.question.instant()? {
        if asked.record {
            return Err(Problem::invalid(
                "A use in the past cannot be recorded: leave out `record` or `at`.",
            ));
        }
        return Ok(Json(act::as_of(&ctx, &caller, &asked.question, asked.person, at).await?));
    }
    let ground = act::ground(&ctx, &caller, &asked.question).await?;
    let answer = if asked.record {
        act::recorded(&ctx.gate, &caller, &ground, asked.person).await?
    } else {
        act::one(&ctx.gate, &caller, &ground, asked.person)?
    };
    Ok(Json(answer))
}

async fn many(State(ctx): State<Ctx>, caller: Caller, body: Body<Many>) -> Result<Json<Answers>, Problem> {
    let asked = parsed(body)?;
    if asked.people.is_empty() || asked.people.len() > MOST_PEOPLE {
        return Err(Problem::invalid(format!("Name between 1 and {MOST_PEOPLE} people.")));
    }
    asked.question.today_only()?;
    let ground = act::ground(&ctx, &caller, &asked.question).await?;
    Ok(Json(act::many(&ctx.gate, &caller, &ground, &asked.people)?))
}

async fn audience(
    State(ctx): State<Ctx>,
    caller: Caller,
    body: Body<Audience>,
) -> Result<Json<Counted>, Problem> {
    let asked = parsed(body)?;
    asked.question.today_only()?;
    let ground = act::ground(&ctx, &caller, &asked.question).await?;
    Ok(Json(act::audience(&ctx.gate, &caller, &ground, asked.list)?))
}

async fn used(State(ctx): State<Ctx>, caller: Caller, body: Body<Using>) -> Result<Json<UsedThen>, Problem> {
    let asked = parsed(body)?;
    if asked.people.as_ref().is_some_and(|people| people.is_empty() || people.len() > MOST_USED) {
        return Err(Problem::invalid(format!(
            "Name between 1 and {MOST_USED} people, or leave `people` out: then it is everybody for whom it is open."
        )));
    }
    asked.question.today_only()?;
    let ground = act::ground(&ctx, &caller, &asked.question).await?;
    Ok(Json(act::used(&ctx.gate, &caller, &ground, asked).await?))
}
