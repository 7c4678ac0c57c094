//! What whoever made a key has to do, and what colleagues said to them: the pages “My day” and “Inbox”.

use assent_store::access;
use assent_store::work::mentions::{Mention, Why};
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Operation, Reply, Shape};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CHAPTER, act, shapes, told_all};
use crate::frame::ROLES;
use crate::spoken;
use crate::tasks::act::list::to_do;
use crate::tasks::model::Part;

pub(super) fn operations() -> Vec<Operation> {
    let part = || shapes::task().list(500);
    let day = Shape::Record(vec![
        must("overdue", part(), "Should have been done."),
        must("today", part(), "Is due today, or wants to be remembered now."),
        must("next", part(), "Comes within seven days."),
        must("later", part(), "Comes later, or whenever."),
    ]);
    let word = Shape::Record(vec![
        must("id", Shape::id("men"), "Which."),
        must("why", Shape::Word(vec!["named", "task", "deal", "person", "webhook"]), "What happened."),
        must("by", Shape::id("stf"), "Who did it."),
        must("page", Shape::any_text(400).or_null(), "The page where to look; null when it is out of reach."),
        must("at", Shape::time(), "When."),
        must("read_at", Shape::time().or_null(), "When it was read."),
    ])
    .named("Word");
    let said = json!({
        "id": "men_01jx6sk9c0000000000000000q", "why": "task", "by": "stf_01jx6sk9c0000000000000000h",
        "page": format!("/tasks/{}", shapes::TSK), "at": "2026-05-01T12:00:00Z", "read_at": null,
    });
    vec![
        Operation::new("getDay", Method::GET, "/v1/day", |call| Box::pin(day_of(call)))
            .says(
                CHAPTER,
                "What whoever made the key has to do",
                "Their open tasks, as on the page “My day”.",
            )
            .for_roles(ROLES)
            .about_the_house()
            .gives(200, day, json!({ "overdue": [], "today": [shapes::example()], "next": [], "later": [] })),
        Operation::new("listInbox", Method::GET, "/v1/inbox", |call| Box::pin(inbox(call)))
            .says(
                CHAPTER,
                "What colleagues said to whoever made the key",
                "Where to look, never what is there; the newest 200.",
            )
            .for_roles(ROLES)
            .about_the_house()
            .gives(
                200,
                Shape::Record(vec![must("data", word.list(200), "The newest first.")]),
                json!({ "data": [said] }),
            ),
        Operation::new("getInboxLetters", Method::GET, "/v1/inbox/letters", |call| Box::pin(letters(call)))
            .says(
                CHAPTER,
                "Whether whoever made the key gets letters of what colleagues say",
                "When somebody names them in a note or gives them a task; at most one letter in 15 minutes.",
            )
            .for_roles(ROLES)
            .about_the_house()
            .gives(200, wanted(), json!({ "on": true })),
        Operation::new("setInboxLetters", Method::PUT, "/v1/inbox/letters", |call| {
            Box::pin(set_letters(call))
        })
        .says(CHAPTER, "Turn these letters on or off", "")
        .for_roles(ROLES)
        .about_the_house()
        .takes(wanted(), json!({ "on": false }))
        .gives_nothing()
        .harmless(),
        Operation::new("readInbox", Method::POST, "/v1/inbox/read", |call| Box::pin(read(call)))
            .says(CHAPTER, "Say that all of it was read", "")
            .for_roles(ROLES)
            .about_the_house()
            .gives_nothing()
            .harmless(),
    ]
}

async fn day_of(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (own, now) = (act::fields(ctx, staff).await?, ctx.now());
    let all = to_do(ctx, staff, act::maker(ctx, staff).await?).await?;
    let told = told_all(call, &own, &all).await?;
    let of = |part: Part| -> Vec<&Value> {
        all.iter().zip(&told).filter(|(task, _)| Part::of(task, now) == part).map(|(_, told)| told).collect()
    };
    Reply::of(&json!({
        "overdue": of(Part::Late), "today": of(Part::Today), "next": of(Part::Next), "later": of(Part::Later),
    }))
}

fn word((one, leads): &(Mention, bool)) -> Value {
    let why = match one.why {
        Why::Named => "named",
        Why::Task => "task",
        Why::Deal => "deal",
        Why::Person => "person",
        Why::Hook => "webhook",
    };
    json!({
        "id": one.id, "why": why, "by": one.made_by, "page": leads.then_some(&one.href), "at": spoken::time(one.at),
        "read_at": one.read_at.map(spoken::time),
    })
}

async fn inbox(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let all = act::inbox::words(ctx, staff, act::maker(ctx, staff).await?).await?;
    Reply::of(&json!({ "data": all.iter().map(word).collect::<Vec<Value>>() }))
}

async fn read(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    act::inbox::all_read(ctx, staff, act::maker(ctx, staff).await?).await?;
    Ok(Reply::done())
}

fn wanted() -> Shape {
    Shape::Record(vec![must("on", Shape::Flag, "True when they are sent.")]).named("Letters")
}

async fn letters(call: &Call) -> Result<Reply, Problem> {
    let who = act::maker(&call.ctx, call.staff()?).await?;
    let on = call.ctx.gate.home().read(move |tx| access::letters(tx, who)).await?;
    Reply::of(&json!({ "on": on }))
}

#[derive(Deserialize)]
struct Wanted {
    on: bool,
}

async fn set_letters(call: &Call) -> Result<Reply, Problem> {
    let (who, on) = (act::maker(&call.ctx, call.staff()?).await?, call.body::<Wanted>()?.on);
    let at = call.ctx.right_now()?;
    call.ctx.gate.home().write(move |tx| access::set_letters(tx, who, on, at)).await?;
    Ok(Reply::done())
}
