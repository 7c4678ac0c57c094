//! Organisations, for programs: the same verbs as the pages.

mod along;
mod notes;

use std::collections::BTreeMap;

use assent_kernel::OrganisationId;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::fields::{self, Field as Own, Thing};
use assent_web::reach::Object;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{act, model};
use crate::frame::{self, ROLES};
use crate::lists::{self, call};
use crate::organised::{self, Known, Named, One};
use crate::seen::words::Words;
use crate::spoken;

const CHAPTER: &str = "Organisations";
const ORGANISATION: &str = "/v1/organisations/{id}";
const ORG: &str = "org_01jx6sk9c0000000000000000k";
const LONGEST: usize = 200;

/// Everything that programs can do here.
pub fn operations() -> Vec<Operation> {
    let mut query = spoken::page_fields();
    query.push(may("removed", Shape::Flag, "True for those that were removed."));
    query.extend(call::fields());
    let said = json!({ "name": "Gartenfreunde", "trade": "Garden", "city": "Lübeck", "website": "https://example.org" });
    let worker = Shape::Record(vec![
        must("id", Shape::id("per"), "Who."),
        must("name", spoken::said_shape(), "What they are called."),
        must("job", spoken::said_shape(), "What they do there."),
    ]);
    let mut all = vec![
        Operation::new("listOrganisations", Method::GET, "/v1/organisations", |call| Box::pin(list(call)))
            .says(CHAPTER, "List organisations", "Newest first. Rules are those of the page: `city.is.Kiel`, `owner.empty.`.")
            .for_roles(ROLES)
            .asks(query)
            .gives(200, call::page_of(shape(), call::CUT), json!({ "data": [example()], "next": null })),
        Operation::new("createOrganisation", Method::POST, "/v1/organisations", |call| Box::pin(make(call)))
            .says(CHAPTER, "Put an organisation down", "What is known of it is the company's own, sealed under its key.")
            .for_roles(ROLES)
            .takes(sent(true), said)
            .gives(201, spoken::made_shape("org"), json!({ "id": ORG }))
            .or(409, "There is one of this name already, or a call with this Idempotency-Key is still at work."),
        Operation::new("getOrganisation", Method::GET, ORGANISATION, |call| Box::pin(one(call)))
            .says(CHAPTER, "Read an organisation", "")
            .for_roles(ROLES)
            .gives(200, shape(), example())
            .with_tag(),
        Operation::new("changeOrganisation", Method::PATCH, ORGANISATION, |call| Box::pin(change(call)))
            .says(CHAPTER, "Change an organisation", "What is left out stays as it is.")
            .for_roles(ROLES)
            .takes(sent(false), json!({ "city": "Kiel" }))
            .gives_nothing()
            .must_match()
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("removeOrganisation", Method::DELETE, ORGANISATION, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove an organisation", "It can be brought back.")
            .for_roles(ROLES)
            .gives_nothing()
            .must_match()
            .or(409, "Somebody changed it at this very moment."),
        Operation::new("restoreOrganisation", Method::POST, "/v1/organisations/{id}/restore", |call| Box::pin(restore(call)))
            .says(CHAPTER, "Bring an organisation back", "")
            .for_roles(ROLES)
            .gives_nothing(),
        along::operation(),
        Operation::new("listWorkers", Method::GET, "/v1/organisations/{id}/people", |call| Box::pin(workers(call)))
            .says(CHAPTER, "Who works there", "Whoever says so, as far as that and their name may be listed; whoever is closed is left out without a trace.")
            .for_roles(ROLES)
            .asks(spoken::page_fields())
            .gives(
                200,
                call::page_of(
                    worker,
                    "True when the name leads to so many people that not all of them were looked at: there may be more.",
                ),
                json!({ "data": [{ "id": "per_01jx6sk9c0000000000000000a", "name": spoken::open_example("Aiko Ito"), "job": null }], "next": null, "cut": false }),
            ),
    ];
    all.extend(notes::operations());
    all
}

fn shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id("org"), "Which."),
        must("name", Shape::any_text(LONGEST), "What it is called."),
        must("trade", Shape::any_text(LONGEST), "What it does."),
        must("city", Shape::any_text(LONGEST), "Where it is."),
        must("website", Shape::any_text(LONGEST), "Its page."),
        must("owner", Shape::id("stf").or_null(), "Who looks after it."),
        must("fields", Shape::Any, "What stands in the fields of the company, by their short names."),
        must("created_at", Shape::time(), "Since when it is here."),
        must("removed_at", Shape::time().or_null(), "When it was removed."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Organisation")
}

fn sent(new: bool) -> Shape {
    let name = Shape::text(LONGEST);
    let sentence = "What it is called.";
    let fields = vec![
        if new { must("name", name, sentence) } else { may("name", name, sentence) },
        may("trade", Shape::any_text(LONGEST), "What it does."),
        may("city", Shape::any_text(LONGEST), "Where it is."),
        may("website", Shape::any_text(LONGEST), "Its page; begins with https://."),
        may("owner", Shape::id("stf").or_null(), "Who looks after it."),
        may(
            "fields",
            Shape::Any,
            "Texts by the short names of fields; null or an empty text takes one away.",
        ),
    ];
    Shape::Record(fields).named(if new { "NewOrganisation" } else { "OrganisationChanges" })
}

fn example() -> Value {
    json!({
        "id": ORG, "name": "Gartenfreunde", "trade": "Garden", "city": "Lübeck", "website": "https://example.org",
        "owner": null, "fields": { "customer-since": "2021-04-01" }, "created_at": "2026-05-01T12:00:00Z", "removed_at": null, "etag": "1",
    })
}

fn told(one: &One) -> Value {
    json!({
        "id": one.row.id, "name": one.known.name, "trade": one.known.trade, "city": one.known.city,
        "website": one.known.website, "owner": one.row.owner, "fields": one.known.more, "created_at": spoken::time(one.row.created_at),
        "removed_at": one.row.gone_at.map(spoken::time), "etag": one.row.ver.to_string(),
    })
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let after: Option<OrganisationId> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let own = fields::offered(ctx, staff.company.id, Thing::Organisation).await?;
    let columns = model::columns(&own);
    let removed = if call.asked_flag("removed") { "removed" } else { "" };
    let said = call::said(call, "organisations", &columns, &[("show", removed)]).await?;
    let wanted = model::wanted(&said, &columns);
    let (gone, most) = (wanted.extra("show") == "removed", call.limit());
    if wanted.is_plain() {
        let one_more = u32::try_from(most).unwrap_or(200).saturating_add(1);
        let mut rows = organised::page(ctx, staff, gone, after, one_more).await?;
        let next = spoken::cut(&mut rows, most, |row| row.id.to_string());
        let rows = organised::open(ctx, staff, rows).await?;
        return Reply::page(&rows.iter().map(told).collect::<Vec<_>>(), next);
    }
    let (all, colleagues) = (organised::all(ctx, staff, gone).await?, frame::colleagues(ctx, staff).await?);
    let read = all.len();
    let rows = model::fitting(all, &wanted, (&own, &colleagues), ctx.now());
    let (rows, next) = call::part(rows, &wanted, after.map(|id| id.to_string()), most)?;
    let data: Vec<Value> = rows.iter().map(|row| told(&row.one)).collect();
    call::page(&data, next, lists::is_cut(read))
}

async fn found(call: &Call) -> Result<One, Problem> {
    organised::one(&call.ctx, call.staff()?, act::id(call.name("id"))?).await
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let one = found(call).await?;
    Ok(Reply::of(&told(&one))?.tagged(one.row.ver.to_string()))
}

#[derive(Deserialize)]
struct Sent {
    name: Option<String>,
    trade: Option<String>,
    city: Option<String>,
    website: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, Option<String>>,
}

impl Sent {
    fn over(&self, old: &Known, own: &[Own]) -> Result<Known, Problem> {
        let mut more = old.more.clone();
        for (name, value) in &self.fields {
            let field = own.iter().find(|field| field.name == *name);
            let field = field.ok_or_else(|| {
                Problem::invalid("/fields: there is no such field, or it is no longer offered.")
            })?;
            model::set(&mut more, field, value.clone().unwrap_or_default());
        }
        let pick = |new: &Option<String>, old: &str| {
            new.as_deref().map_or_else(|| old.to_owned(), |new| new.trim().to_owned())
        };
        Ok(Known {
            name: pick(&self.name, &old.name),
            trade: pick(&self.trade, &old.trade),
            city: pick(&self.city, &old.city),
            website: pick(&self.website, &old.website),
            more,
        })
    }
}

fn fits(known: &Known, own: &[Own], old: &Known) -> Result<(), Problem> {
    for name in ["name", "trade", "city", "website"] {
        let wrong = model::wrong(known, name);
        if !wrong.is_empty() {
            return Err(Problem::invalid(format!("/{name}: {wrong}")));
        }
    }
    for field in own {
        let wrong = model::wrong_own(field, known, old);
        if !wrong.is_empty() {
            return Err(Problem::invalid(format!("/fields/{}: {wrong}", field.name)));
        }
    }
    Ok(())
}

/// The fields of the company that are offered.
async fn own(call: &Call) -> Result<Vec<Own>, Problem> {
    fields::offered(&call.ctx, call.staff()?.company.id, Thing::Organisation).await
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent) = (&call.ctx, call.staff()?, call.body::<Sent>()?);
    let (own, old) = (own(call).await?, Known::default());
    let known = sent.over(&old, &own)?;
    fits(&known, &own, &old)?;
    let keeper = staff.keeper(Object::Organisations);
    let owner =
        spoken::new_owner(call, sent.owner.as_deref(), keeper, &frame::colleagues(ctx, staff).await?)?;
    let twin = match organised::named(ctx, staff, &known.name, None).await? {
        Named::None => None,
        Named::Seen(twin) => Some(format!("It is {twin}.")),
        Named::Far => Some(organised::FAR.to_owned()),
    };
    if let Some(which) = twin {
        let title = "There is an organisation of this name already";
        return Err(Problem::new(StatusCode::CONFLICT, "twin", title).detail(which));
    }
    let id = organised::make(ctx, staff, &known, owner).await?;
    frame::afterwards("the line about it", act::made(ctx, staff, id).await);
    Reply::made(id, format!("/v1/organisations/{id}"))
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent, one) = (&call.ctx, call.staff()?, call.body::<Sent>()?, found(call).await?);
    call.matches(&one.row.ver.to_string())?;
    let own = own(call).await?;
    let known = sent.over(&one.known, &own)?;
    fits(&known, &own, &one.known)?;
    let named = (sent.owner.as_deref(), one.row.owner);
    let owner = spoken::owner(call, "owner", named, &frame::colleagues(ctx, staff).await?)?;
    organised::change(ctx, staff, &one.row, &known, owner).await?;
    Ok(Reply::done())
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let one = found(call).await?;
    call.matches(&one.row.ver.to_string())?;
    act::set_gone_seen(&call.ctx, call.staff()?, (one.row.id, one.row.ver), true).await?;
    Ok(Reply::done())
}

async fn restore(call: &Call) -> Result<Reply, Problem> {
    act::set_gone(&call.ctx, call.staff()?, act::id(call.name("id"))?, false).await?;
    Ok(Reply::done())
}

async fn workers(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, one) = (&call.ctx, call.staff()?, found(call).await?);
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = Words {
        policy: &standing.policy,
        company: &staff.company.name,
        purpose: &staff.purpose,
        role: staff.role,
        now: ctx.now(),
    };
    let from = (call.after()?.map(|cursor| cursor.id()).transpose()?, call.limit());
    let (all, next, cut) = act::workers_after(ctx, staff, &one.known.name, from).await?;
    let told = |one: &act::Worker| json!({ "id": one.id, "name": spoken::said(&one.name, &words), "job": spoken::said(&one.job, &words) });
    call::page(&all.iter().map(told).collect::<Vec<_>>(), next, cut)
}
