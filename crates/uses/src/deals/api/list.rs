//! Deals, listed: newest first, or by the rules, the search and the order of the page.

use assent_kernel::{DealId, OrganisationId, PersonId};
use assent_store::work::deals::{self, Deal, Pipeline};
use assent_web::Problem;
use assent_web::api::shape::may;
use assent_web::api::{Call, Field, Operation, Reply, Shape};
use assent_web::fields::Field as Own;
use assent_web::reach::Object;
use axum::http::Method;
use serde_json::{Value, json};

use super::{CHAPTER, shapes, told};
use crate::deals::act::list::{By, Found, found, open};
use crate::deals::act::{self, pipelines};
use crate::deals::model::{columns, lane, wanted};
use crate::filled::{self, Filled, Heading, What};
use crate::frame::{self, ROLES, words};
use crate::lists::{self, Wanted, call, own};
use crate::spoken;
use crate::texts;

pub(super) fn operation() -> Operation {
    let mut query = spoken::page_fields();
    query.extend([
        may("person", Shape::id("per"), "Only those with this person; without rules."),
        may("organisation", Shape::id("org"), "Only those with this organisation; without rules."),
    ]);
    query.extend(fields());
    Operation::new("listDeals", Method::GET, "/v1/deals", |call| Box::pin(list(call)))
        .says(
            CHAPTER,
            "List deals",
            "Newest first. Where a deal stands is open to all; its title is decided by its contact's terms. Rules are those of \
             the page: `stage.is.Offer sent`, `owner.is.Nora Ek`, `state.is.open`, `close.to.today+7`.",
        )
        .for_roles(ROLES)
        .asks(query)
        .gives(200, call::page_of(shapes::deal(), call::CUT), json!({ "data": [shapes::example()], "next": null }))
        .or(404, "There is nothing of yours by that id.")
}

/// What narrows and orders deals.
pub(super) fn fields() -> Vec<Field> {
    let mut all = vec![
        may("removed", Shape::Flag, "True for those that were removed."),
        may("pipeline", Shape::id("pip"), "Only those of this pipeline."),
    ];
    all.extend(call::fields());
    all
}

/// What a program wants of the deals, and the fields on which that depends.
pub(super) async fn said(call: &Call, own: &[Own]) -> Result<(Wanted, Vec<Own>), Problem> {
    let offered: Vec<Own> = own.iter().filter(|field| field.gone_at.is_none()).cloned().collect();
    let columns = columns(&offered);
    let removed = if call.asked_flag("removed") { "removed" } else { "" };
    let beside = [("show", removed), ("pipeline", call.asked("pipeline").unwrap_or_default())];
    let wanted = wanted(&call::said(call, "deals", &columns, &beside).await?, &columns);
    let ruled = offered.into_iter().filter(|field| wanted.touches(&[&own::key(field)], &[])).collect();
    Ok((wanted, ruled))
}

/// The pipeline that is meant, if one is.
pub(super) fn way<'a>(wanted: &Wanted, ways: &'a [Pipeline]) -> Result<Option<&'a Pipeline>, Problem> {
    match lane(wanted, ways) {
        None if !wanted.extra("pipeline").is_empty() => {
            Err(Problem::invalid("pipeline: there is none of yours by that id."))
        }
        way => Ok(way),
    }
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let own = act::fields(ctx, staff).await?;
    let (wanted, ruled) = said(call, &own).await?;
    let ways = pipelines::all(ctx, staff).await?;
    let way = way(&wanted, &ways)?;
    if wanted.is_plain() && way.is_none() {
        return plain(call, &own, wanted.extra("show") == "removed").await;
    }
    if call.asked("person").is_some() || call.asked("organisation").is_some() {
        return Err(Problem::invalid(
            "Say either `person` or `organisation`, or rules, a search, an order, a pipeline or a view.",
        ));
    }
    let after: Option<DealId> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let colleagues = frame::colleagues(ctx, staff).await?;
    let after = after.map(|id| id.to_string());
    let upto = call::Upto::page(&wanted, after.clone(), call.limit());
    let by =
        By { wanted: &wanted, way, colleagues: &colleagues, pipelines: &ways, own: &ruled, named: false };
    let Found { rows, read, opened, .. } = found(ctx, staff, by, upto.as_ref()).await?;
    let (mut rows, next) = call::part(rows, &wanted, after, call.limit())?;
    let what = What { heads: Heading::Alone, own };
    let opened = open(ctx, staff, &mut rows, (&what, opened)).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let data: Vec<Value> =
        rows.iter().map(|row| told((&row.deal, &row.filled), &what.own, &opened, &words, &ways)).collect();
    call::page(&data, next, lists::is_cut(read))
}

/// All, newest first, or those with somebody.
async fn plain(call: &Call, own: &[Own], gone: bool) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let after: Option<DealId> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let parsed = |name: &str| call.asked(name);
    let person: Option<PersonId> =
        parsed("person").map(str::parse).transpose().map_err(|_| act::nowhere())?;
    let firm: Option<OrganisationId> =
        parsed("organisation").map(str::parse).transpose().map_err(|_| act::nowhere())?;
    let (company, most) = (staff.company.id, call.limit());
    let reach = staff.sees(Object::Deals);
    let one_more = u32::try_from(most).unwrap_or(200).saturating_add(1);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let mut rows = match (person, firm) {
        (None, None) => store.read(move |tx| deals::page(tx, company, &reach, gone, after, one_more)).await?,
        (Some(person), _) => with_person(call, person, firm, after, one_more).await?,
        (None, Some(firm)) => {
            let of = deals::Of::Organisation(firm);
            store.read(move |tx| deals::page_of(tx, company, &reach, of, gone, after, one_more)).await?
        }
    };
    let next = spoken::cut(&mut rows, most, |deal| deal.id.to_string());
    let filled = filled::read(ctx, staff, rows.iter().map(|deal| deal.id.to_bytes()).collect()).await?;
    let all = rows.iter().map(|deal| &deal.title).chain(filled.values().flat_map(Filled::texts));
    let opened = texts::listed_alone(ctx, staff, all).await?;
    let (ways, standing) = (pipelines::all(ctx, staff).await?, ctx.gate.policy(company).await?);
    let words = words(ctx, staff, &standing.policy);
    let none = Filled::default();
    let of = |deal: &Deal| filled.get(&deal.id.to_bytes()).unwrap_or(&none);
    let data: Vec<Value> =
        rows.iter().map(|deal| told((deal, of(deal)), own, &opened, &words, &ways)).collect();
    Reply::page(&data, next)
}

/// Deals with a person that are open to whoever asks, up to so many. What is closed hangs on nobody: asking by the
/// person must not find it either, nor tell by a short page that it is there. So it is read on until enough are open.
async fn with_person(
    call: &Call,
    person: PersonId,
    firm: Option<OrganisationId>,
    mut after: Option<DealId>,
    most: u32,
) -> Result<Vec<Deal>, Problem> {
    const AT_ONCE: u32 = 200;
    let (ctx, staff, gone) = (&call.ctx, call.staff()?, call.asked_flag("removed"));
    let (company, wanted) = (staff.company.id, usize::try_from(most).unwrap_or(usize::MAX));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let mut out = Vec::new();
    loop {
        let of = deals::Of::Person(person);
        let reach = staff.sees(Object::Deals);
        let mut rows =
            store.read(move |tx| deals::page_of(tx, company, &reach, of, gone, after, AT_ONCE)).await?;
        let whole = rows.len() < AT_ONCE as usize;
        after = rows.last().map(|deal| deal.id).or(after);
        rows.retain(|deal| firm.is_none_or(|firm| deal.organisation == Some(firm)));
        let opened = texts::listed_alone(ctx, staff, rows.iter().map(|deal| &deal.title)).await?;
        rows.retain(|deal| opened.tells(&deal.title));
        out.extend(rows);
        if whole || out.len() >= wanted {
            out.truncate(wanted);
            return Ok(out);
        }
    }
}
