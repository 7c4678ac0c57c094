//! Deals, for programs: the same verbs as the pages.

mod along;
mod list;
mod notes;
mod pipelines;
mod shapes;
mod sums;

use std::collections::BTreeMap;

use assent_kernel::{OrganisationId, PersonId};
use assent_store::work::deals::{self, Deal, Ending, Pipeline};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::fields::Field as Own;
use assent_web::reach::Object;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::act;
use super::model::{self, Typed, With};
use crate::around::deal::stage_of;
use crate::filled::{self, Filled};
use crate::frame::{self, ROLES, refused, words};
use crate::organised;
use crate::seen::words::Words;
use crate::spoken;
use crate::texts::{self, Opened};

const CHAPTER: &str = "Deals";
const DEAL: &str = "/v1/deals/{id}";
const CLOSED: &str = "The terms of the contact do not open it for the key's role and purpose.";

/// Everything that programs can do here.
pub fn operations() -> Vec<Operation> {
    let mut all = vec![
        list::operation(),
        sums::operation(),
        Operation::new("createDeal", Method::POST, "/v1/deals", |call| Box::pin(make(call)))
            .says(CHAPTER, "Make a deal", "With a person its title is kept under their terms; with an organisation alone it is the company's own.")
            .for_roles(ROLES)
            .takes(shapes::new(), json!({ "title": "Second fridge", "person": shapes::PER, "cents": 129_950, "currency": "EUR" }))
            .gives(201, spoken::made_shape("del"), json!({ "id": shapes::DEL }))
            .or(403, CLOSED),
        Operation::new("getDeal", Method::GET, DEAL, |call| Box::pin(one(call)))
            .says(CHAPTER, "Read a deal", "")
            .for_roles(ROLES)
            .gives(200, shapes::deal(), shapes::example())
            .with_tag(),
        Operation::new("changeDeal", Method::PATCH, DEAL, |call| Box::pin(change(call)))
            .says(CHAPTER, "Change a deal", "What is left out stays as it is; null takes a value away.")
            .for_roles(ROLES)
            .takes(shapes::changes(), json!({ "cents": 99_900, "close_on": "2026-06-01" }))
            .gives_nothing()
            .must_match()
            .or(403, CLOSED)
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("moveDeal", Method::POST, "/v1/deals/{id}/stage", |call| Box::pin(set_stage(call)))
            .says(CHAPTER, "Move a deal, or close it", "To a stage of any pipeline. A deal is lost for a reason or not at all.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![
                    must("stage", Shape::id("stg"), "The stage."),
                    may("lost", Shape::Word(shapes::lost()), "Why it was lost; needed for a stage that means so."),
                ]),
                json!({ "stage": shapes::STG, "lost": "price" }),
            )
            .gives_nothing()
            .may_match()
            .or(409, "Somebody changed it at this very moment, or a call with this Idempotency-Key is still at work."),
        Operation::new("removeDeal", Method::DELETE, DEAL, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove a deal", "It can be brought back.")
            .for_roles(ROLES)
            .gives_nothing()
            .must_match()
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("restoreDeal", Method::POST, "/v1/deals/{id}/restore", |call| Box::pin(restore(call)))
            .says(CHAPTER, "Bring a deal back", "")
            .for_roles(ROLES)
            .gives_nothing(),
        along::operation(),
    ];
    all.extend(notes::operations());
    all.extend(pipelines::operations());
    all
}

fn told(
    (deal, filled): (&Deal, &Filled),
    own: &[Own],
    opened: &Opened,
    words: &Words<'_>,
    pipelines: &[Pipeline],
) -> Value {
    let stage = stage_of(deal, pipelines);
    json!({
        "id": deal.id, "title": spoken::texted(deal.id.to_bytes(), &deal.title, opened, words),
        "person": opened.about(&deal.title), "organisation": deal.organisation, "pipeline": deal.pipeline,
        "stage": deal.stage, "stage_name": stage.map_or("", |stage| stage.name.as_str()),
        "state": stage.map_or("open", |stage| model::state(stage.ending)),
        "lost": deal.lost.map(deals::Lost::key), "cents": deal.cents, "currency": deal.currency,
        "close_on": spoken::day(deal.close_on), "owner": deal.owner,
        "values": filled.told(own, opened, words), "created_at": spoken::time(deal.created_at),
        "staged_at": spoken::time(deal.staged_at), "removed_at": deal.gone_at.map(spoken::time),
        "etag": opened.tag((deal.ver, deal.title.person()), std::iter::once(&deal.title).chain(filled.texts())),
    })
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let deal = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    let own = act::fields(ctx, staff).await?;
    let seen = act::look_alone(ctx, staff, &deal).await?;
    let (filled, opened) = (&seen.filled, &seen.opened);
    let (ways, standing) = (act::pipelines::all(ctx, staff).await?, ctx.gate.policy(staff.company.id).await?);
    let words = words(ctx, staff, &standing.policy);
    Ok(Reply::of(&told((&deal, filled), &own, opened, &words, &ways))?.tagged(seen.tag(&deal)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    title: String,
    person: Option<String>,
    organisation: Option<String>,
    cents: Option<i64>,
    currency: Option<String>,
    close_on: Option<String>,
    owner: Option<String>,
    stage: Option<String>,
    fields: BTreeMap<String, Option<String>>,
}

impl Sent {
    fn typed(self, more: filled::Typed) -> Typed {
        let amount = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        Typed {
            title: self.title.trim().to_owned(),
            contact: String::new(),
            company: String::new(),
            amount: self.cents.map(amount).unwrap_or_default(),
            currency: self.currency.unwrap_or_else(|| "EUR".into()),
            close: self.close_on.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            stage: self.stage.unwrap_or_default(),
            more,
        }
    }
}

/// With whom: ids of ours, or a value that is not right.
async fn with(call: &Call, person: Option<&str>, firm: Option<&str>) -> Result<With, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let unknown = |place: &str| Problem::invalid(format!("{place}: there is nothing of yours by that id."));
    let mut out = With::default();
    if let Some(text) = person {
        let id: PersonId = text.parse().map_err(|_| unknown("/person"))?;
        let known = ctx.gate.look(&staff.people(), &[id]).await?;
        out.person = Some(known.first().ok_or_else(|| unknown("/person"))?.id());
    }
    if let Some(text) = firm {
        let id: OrganisationId = text.parse().map_err(|_| unknown("/organisation"))?;
        out.organisation =
            Some(organised::one(ctx, staff, id).await.map_err(|_| unknown("/organisation"))?.row.id);
    }
    Ok(out)
}

fn fits(typed: &Typed) -> Result<(), Problem> {
    let wrong = texts::wrong(&typed.title, model::LONGEST);
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(format!("/title: {wrong}"))) }
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let with = with(call, sent.person.as_deref(), sent.organisation.as_deref()).await?;
    let keeper = staff.keeper(Object::Deals);
    let owner =
        spoken::new_owner(call, sent.owner.as_deref(), keeper, &frame::colleagues(ctx, staff).await?)?;
    let ways = act::pipelines::all(ctx, staff).await?;
    let more = filled::typed(&act::fields(ctx, staff).await?, &sent.fields)?;
    let typed = sent.typed(more);
    fits(&typed)?;
    let open = |stage: &&deals::Stage| stage.ending == Ending::Open;
    let first = || ways.iter().flat_map(|one| &one.stages).find(open);
    let stage = if typed.stage.is_empty() { first() } else { typed.stage(&ways).filter(open) };
    let stage = stage.ok_or_else(|| Problem::invalid("/stage: a deal begins in a stage that is open."))?;
    match act::make(ctx, staff, &typed, with, stage, owner).await? {
        Ok(id) => Reply::made(id, format!("/v1/deals/{id}")),
        Err(reason) => Err(refused(call, Some(&reason)).await?),
    }
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let deal = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    // Only what may change is asked for.
    let sealed = act::sealed(ctx, staff, &deal).await?;
    call.matches(&sealed.tag(&deal))?;
    let seen = if call.sent("person") {
        act::look_alone(ctx, staff, &deal).await?
    } else {
        let names: Vec<String> = sent.fields.keys().cloned().collect();
        let asked = std::iter::once(&deal.title).chain(sealed.filled.texts_of(&names));
        let opened = texts::viewed_alone(ctx, staff, asked).await?;
        act::Seen { opened, ..sealed }
    };
    let opened = &seen.opened;
    let gone = matches!(deal.title, assent_store::work::Text::Gone);
    let before = opened.plain(deal.id.to_bytes(), &deal.title).or_else(|| gone.then(String::new));
    let Some(before) = before else {
        opened.must_reach(&deal.title)?;
        let reason = opened.cell(&deal.title).and_then(|(_, cell)| cell.closed().cloned());
        return Err(refused(call, reason.as_ref()).await?);
    };
    let old = With { person: deal.title.person(), organisation: deal.organisation };
    // The one that stands there may be out of reach; it is not asked for again.
    let same = deal.organisation.map(|id| id.to_string()) == sent.organisation;
    let new = with(call, sent.person.as_deref(), sent.organisation.as_deref().filter(|_| !same)).await?;
    let with = With {
        person: if call.sent("person") { new.person } else { old.person },
        organisation: if call.sent("organisation") && !same { new.organisation } else { old.organisation },
    };
    let named = (sent.owner.as_deref(), deal.owner);
    let owner = spoken::owner(call, "owner", named, &frame::colleagues(ctx, staff).await?)?;
    let was = Typed::of(&deal, before, String::new(), String::new());
    let more = filled::typed(&act::fields(ctx, staff).await?, &sent.fields)?;
    let now = sent.typed(more);
    let pick = |name: &str, now: String, was: String| if call.sent(name) { now } else { was };
    let typed = Typed {
        title: pick("title", now.title, was.title),
        amount: pick("cents", now.amount, was.amount),
        currency: pick("currency", now.currency, was.currency),
        close: pick("close_on", now.close, was.close),
        more: now.more,
        ..Typed::default()
    };
    // A deal whose contact was erased has no title: it may go without one until somebody types one.
    if call.sent("title") || with.person != old.person {
        fits(&typed)?;
    }
    match act::change(ctx, staff, (&deal, &seen), &typed, with, owner).await? {
        Ok(()) => Ok(Reply::done()),
        Err(reason) => Err(refused(call, Some(&reason)).await?),
    }
}

#[derive(Deserialize)]
struct To {
    stage: String,
    lost: Option<String>,
}

async fn set_stage(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, to) = (&call.ctx, call.staff()?, call.body::<To>()?);
    let deal = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    call.matches(&act::sealed(ctx, staff, &deal).await?.tag(&deal))?;
    let ways = act::pipelines::all(ctx, staff).await?;
    let stage =
        model::stage(&to.stage, &ways).ok_or_else(|| Problem::invalid("/stage: there is no such stage."))?;
    let lost = to.lost.as_deref().and_then(model::lost);
    if act::set_stage(ctx, staff, &deal, stage, lost, &ways).await? {
        Ok(Reply::done())
    } else {
        Err(Problem::invalid("/lost: a deal is lost for a reason or not at all."))
    }
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let deal = act::one(ctx, staff, act::id(call.name("id"))?).await?;
    call.matches(&act::sealed(ctx, staff, &deal).await?.tag(&deal))?;
    act::set_gone_seen(ctx, staff, (deal.id, deal.ver), true).await?;
    Ok(Reply::done())
}

async fn restore(call: &Call) -> Result<Reply, Problem> {
    act::set_gone(&call.ctx, call.staff()?, act::id(call.name("id"))?, false).await?;
    Ok(Reply::done())
}
