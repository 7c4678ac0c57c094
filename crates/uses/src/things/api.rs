//! Items of the company's own objects, for programs: the same verbs as the pages.

mod along;
mod notes;

use std::collections::BTreeMap;

use assent_kernel::{OrganisationId, PersonId};
use assent_store::work::items::{Item, ItemId};
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape};
use assent_web::fields::{Field, Kind};
use assent_web::objects::{self, Belongs};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::{self, By, With};
use super::model::{self, columns};
use crate::around::item::Sort;
use crate::filled::{self, Filled};
use crate::frame::{self, ROLES, refused, words};
use crate::lists::{self, Column, Wanted, call, saved};
use crate::organised;
use crate::seen::words::Words;
use crate::spoken;
use crate::texts::Opened;

const CHAPTER: &str = "Objects";
const ITEMS: &str = "/v1/objects/{key}/items";
const ITEM: &str = "/v1/objects/{key}/items/{id}";
const ITM: &str = "itm_01jx6sk9c0000000000000000m";
const CLOSED: &str = "The terms of the person do not open it for the key's role and purpose.";
const MOVED: &str = "Somebody changed it at this very moment.";

/// Everything that programs can do here.
pub fn operations() -> Vec<Operation> {
    let mut query = spoken::page_fields();
    query.push(may("removed", Shape::Flag, "True for those that were removed."));
    query.extend(call::fields());
    let said = json!({ "person": "per_01jx6sk9c0000000000000000a", "fields": { "model": "Clean 2" } });
    let mut all = vec![
        Operation::new("listObjects", Method::GET, "/v1/objects", |call| Box::pin(all(call)))
            .says(CHAPTER, "List objects", "What the company keeps beside people, organisations and deals, with the fields it made for each.")
            .for_roles(ROLES)
            .gives(
                200,
                Shape::Record(vec![must("data", object_shape().list(100), "The objects, in order.")]),
                json!({ "data": [object_example()] }),
            ),
        Operation::new("listItems", Method::GET, ITEMS, |call| Box::pin(list(call)))
            .says(CHAPTER, "List the items of an object", "Newest first. What belongs to a person is decided by their terms, value by value. Rules are those of the page: `own-model.is.Clean 2`, `owner.empty.`.")
            .for_roles(ROLES)
            .asks(query)
            .gives(200, call::page_of(shape(), call::CUT), json!({ "data": [example()], "next": null })),
        Operation::new("createItem", Method::POST, ITEMS, |call| Box::pin(make(call)))
            .says(CHAPTER, "Put an item down", "Of an object that belongs to people each value is kept as a fact of the person, under their terms: all of them or none.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![
                    may("person", Shape::id("per"), "Whose it is, when its object belongs to people."),
                    may("organisation", Shape::id("org"), "Whose it is, when its object belongs to organisations."),
                    may("owner", Shape::id("stf").or_null(), "Who looks after it."),
                    must("fields", Shape::Any, "Texts by the short names of fields; at least one."),
                ])
                .named("NewItem"),
                said,
            )
            .gives(201, spoken::made_shape(ItemId::PREFIX), json!({ "id": ITM }))
            .or(403, CLOSED),
        Operation::new("getItem", Method::GET, ITEM, |call| Box::pin(one(call)))
            .says(CHAPTER, "Read an item", "")
            .for_roles(ROLES)
            .gives(200, shape(), example())
            .with_tag(),
        Operation::new("findItem", Method::GET, "/v1/items/{id}", |call| Box::pin(any(call)))
            .says(CHAPTER, "Read an item of whatever object", "For whoever knows its id alone, from an event.")
            .for_roles(ROLES)
            .gives(200, shape(), example())
            .with_tag(),
        Operation::new("changeItem", Method::PATCH, ITEM, |call| Box::pin(change(call)))
            .says(CHAPTER, "Change an item", "What is left out stays as it is. Whom it belongs to is for good.")
            .for_roles(ROLES)
            .takes(
                Shape::Record(vec![
                    may("owner", Shape::id("stf").or_null(), "Who looks after it."),
                    may("fields", Shape::Any, "Texts by the short names of fields; null or an empty text takes one away."),
                ])
                .named("ItemChanges"),
                json!({ "fields": { "bought-on": "2026-05-01" } }),
            )
            .gives_nothing()
            .must_match()
            .or(403, CLOSED)
            .or(409, MOVED),
        Operation::new("removeItem", Method::DELETE, ITEM, |call| Box::pin(remove(call)))
            .says(CHAPTER, "Remove an item", "It can be brought back.")
            .for_roles(ROLES)
            .gives_nothing()
            .must_match()
            .or(409, MOVED),
        Operation::new("restoreItem", Method::POST, "/v1/objects/{key}/items/{id}/restore", |call| Box::pin(restore(call)))
            .says(CHAPTER, "Bring an item back", "")
            .for_roles(ROLES)
            .gives_nothing(),
    ];
    all.push(along::operation());
    all.extend(notes::operations());
    all
}

fn object_shape() -> Shape {
    let field = Shape::Record(vec![
        must("name", Shape::text(64), "Its short name."),
        must("label", Shape::text(200), "What it is called."),
        must("kind", Shape::Word(Kind::ALL.map(Kind::key).to_vec()), "What may stand in it."),
        must("choices", Shape::text(200).list(100), "What can be chosen; several are parted by `; `."),
        must(
            "category",
            Shape::key().or_null(),
            "What kind of data its values are, when they are about people.",
        ),
        must("offered", Shape::Flag, "False when nothing new may stand in it."),
    ])
    .named("ObjectField");
    Shape::Record(vec![
        must("key", Shape::text(64), "Its short key."),
        must("singular", Shape::text(200), "What one is called."),
        must("plural", Shape::text(200), "What many are called."),
        must(
            "singular_de",
            Shape::text(200).or_null(),
            "What one is called in German, where the company said it.",
        ),
        must(
            "plural_de",
            Shape::text(200).or_null(),
            "What many are called in German, where the company said it.",
        ),
        must(
            "belongs_to",
            Shape::Word(Belongs::ALL.map(Belongs::key).to_vec()),
            "Whom each item belongs to.",
        ),
        must("in_use", Shape::Flag, "False when nothing new is made."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
        must("fields", field.list(200), "Its fields, in order. The first is what an item is called."),
    ])
    .named("Object")
}

fn object_example() -> Value {
    json!({
        "key": "device", "singular": "Device", "plural": "Devices", "singular_de": "Gerät", "plural_de": "Geräte",
        "belongs_to": "person", "in_use": true, "etag": "5ac3f3f5a1b2c3d4",
        "fields": [{
            "name": "model", "label": "Model", "kind": "text", "choices": [], "category": "purchase.product.device-model",
            "offered": true,
        }],
    })
}

fn shape() -> Shape {
    Shape::Record(vec![
        must("id", Shape::id(ItemId::PREFIX), "Which."),
        must("object", Shape::text(64), "Of which object, by its short key."),
        must("person", Shape::id("per").or_null(), "Whose it is, when something of it is open."),
        must("organisation", Shape::id("org").or_null(), "Whose it is."),
        must("owner", Shape::id("stf").or_null(), "Who looks after it."),
        must(
            "values",
            spoken::field_shape().list(200),
            "What stands in its fields, or why it is closed; empty ones are left out.",
        ),
        must("created_at", Shape::time(), "Since when it is here."),
        must("removed_at", Shape::time().or_null(), "When it was removed."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("Item")
}

fn example() -> Value {
    json!({
        "id": ITM, "object": "device", "person": "per_01jx6sk9c0000000000000000a", "organisation": null, "owner": null,
        "values": [
            { "field": "model", "value": "Clean 2", "partly": false, "until": "2027-05-01T12:00:00Z" },
            { "field": "bought-on", "closed": spoken::closed_example()["closed"] },
        ],
        "created_at": "2026-05-01T12:00:00Z", "removed_at": null, "etag": "1",
    })
}

fn told(sort: &Sort, item: &Item, (filled, opened): (&Filled, &Opened), words: &Words<'_>) -> Value {
    json!({
        "id": item.id, "object": item.object, "person": filled.open(opened).and(item.person), "organisation": item.organisation,
        "owner": item.owner, "values": filled.told(&sort.fields, opened, words),
        "created_at": spoken::time(item.created_at), "removed_at": item.gone_at.map(spoken::time),
        "etag": filled.tag((item.ver, item.person), opened),
    })
}

async fn all(call: &Call) -> Result<Reply, Problem> {
    let company = call.staff()?.company.id;
    let mut data = Vec::new();
    let mut fields = assent_web::fields::of_objects(&call.ctx, company).await?;
    for object in objects::all(&call.ctx, company).await? {
        let fields = fields.remove(&object.key).unwrap_or_default();
        data.push(json!({
            "key": object.key, "singular": object.singular, "plural": object.plural, "singular_de": object.singulars.get("de"), "plural_de": object.plurals.get("de"), "belongs_to": object.belongs.key(),
            "in_use": object.gone_at.is_none(), "etag": objects::tag(&object), "fields": fields.iter().map(told_field).collect::<Vec<_>>(),
        }));
    }
    Reply::of(&json!({ "data": data }))
}

fn told_field(field: &Field) -> Value {
    json!({
        "name": field.name, "label": field.label, "kind": field.kind.key(), "choices": field.choices,
        "category": field.category.as_ref().map(ToString::to_string), "offered": field.gone_at.is_none(),
    })
}

/// The object that the address names.
async fn sort(call: &Call) -> Result<Sort, Problem> {
    act::sort(&call.ctx, call.staff()?, call.name("key")).await
}

async fn found(call: &Call) -> Result<(Sort, Item), Problem> {
    let sort = sort(call).await?;
    let item = act::one(&call.ctx, call.staff()?, &sort, call.name("id")).await?;
    Ok((sort, item))
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sort) = (&call.ctx, call.staff()?, sort(call).await?);
    let after: Option<ItemId> = call.after()?.map(|cursor| cursor.id()).transpose()?;
    let columns = columns(&sort);
    let removed = if call.asked_flag("removed") { "removed" } else { "" };
    let said = call::said(call, &saved::list_of(&sort.object), &columns, &[("show", removed)]).await?;
    let wanted = Wanted::read(objects::href(&sort.object.key), &columns, &["show"], &said);
    if !wanted.is_plain() {
        return ruled(call, &sort, (&wanted, &columns), after).await;
    }
    let (gone, most) = (wanted.extra("show") == "removed", call.limit());
    let one_more = u32::try_from(most).unwrap_or(200).saturating_add(1);
    let mut all = act::page(ctx, staff, &sort, gone, after, one_more).await?;
    let next = spoken::cut(&mut all, most, |item| item.id.to_string());
    let all = act::present(ctx, staff, all).await?;
    let data = shown(call, &sort, all).await?;
    Reply::page(&data, next)
}

/// Those that fit rules and a search, or all in an order.
async fn ruled(
    call: &Call,
    sort: &Sort,
    (wanted, columns): (&Wanted, &[Column]),
    after: Option<ItemId>,
) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    // Nothing is shown while it is judged: only what rules, search and order look at is asked for.
    let judged =
        Wanted { columns: columns.iter().take(1).map(|one| one.key.clone()).collect(), ..wanted.clone() };
    let asked = model::asked(sort, &judged, columns);
    let colleagues = frame::colleagues(ctx, staff).await?;
    let after = after.map(|id| id.to_string());
    let upto = call::Upto::page(wanted, after.clone(), call.limit());
    let by = By { sort, wanted, asked: &asked, colleagues: &colleagues };
    let found = act::found(ctx, staff, by, upto.as_ref()).await?;
    let (rows, next) = call::part(found.rows, wanted, after, call.limit())?;
    let data = shown(call, sort, rows.into_iter().map(|row| row.item).collect()).await?;
    call::page(&data, next, lists::is_cut(found.read))
}

/// Items with everything that is open of them.
async fn shown(call: &Call, sort: &Sort, all: Vec<Item>) -> Result<Vec<Value>, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (filled, opened) = act::list_alone(ctx, staff, &all).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let blank = Filled::default();
    let one = |item: &Item| {
        let filled = filled.get(&item.id.to_bytes()).unwrap_or(&blank);
        told(sort, item, (filled, &opened), &words)
    };
    Ok(all.iter().map(one).collect())
}

async fn one(call: &Call) -> Result<Reply, Problem> {
    let (sort, item) = found(call).await?;
    looked_at(call, &sort, &item).await
}

async fn any(call: &Call) -> Result<Reply, Problem> {
    let item = act::any(&call.ctx, call.staff()?, call.name("id")).await?;
    let sort = act::sort(&call.ctx, call.staff()?, &item.object).await?;
    looked_at(call, &sort, &item).await
}

async fn looked_at(call: &Call, sort: &Sort, item: &Item) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let (filled, opened) = act::look_alone(ctx, staff, item).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = words(ctx, staff, &standing.policy);
    let tag = filled.tag((item.ver, item.person), &opened);
    Ok(Reply::of(&told(sort, item, (&filled, &opened), &words))?.tagged(tag))
}

#[derive(Deserialize)]
struct Sent {
    person: Option<String>,
    organisation: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, Option<String>>,
}

impl Sent {
    /// Whom an item of this object is to belong to: an id of ours, of the right sort.
    async fn with(&self, call: &Call, sort: &Sort) -> Result<With, Problem> {
        let (ctx, staff) = (&call.ctx, call.staff()?);
        let missing = |place: &str| {
            Problem::invalid(format!(
                "{place}: say by its id whom it belongs to; nothing of yours has this one."
            ))
        };
        match (sort.object.belongs, &self.person, &self.organisation) {
            (Belongs::Person, Some(id), None) => {
                let id: PersonId = id.parse().map_err(|_| missing("/person"))?;
                let known = ctx.gate.look(&staff.people(), &[id]).await?;
                let person = Some(known.first().ok_or_else(|| missing("/person"))?.id());
                Ok(With { person, organisation: None })
            }
            (Belongs::Organisation, None, Some(id)) => {
                let id: OrganisationId = id.parse().map_err(|_| missing("/organisation"))?;
                let known = organised::one(ctx, staff, id).await;
                let known = known.map_err(|problem| {
                    if problem.status == StatusCode::NOT_FOUND { missing("/organisation") } else { problem }
                })?;
                Ok(With { person: None, organisation: Some(known.row.id) })
            }
            (Belongs::Nobody, None, None) => Ok(With::default()),
            (Belongs::Person, ..) => Err(missing("/person")),
            (Belongs::Organisation, ..) => Err(missing("/organisation")),
            (Belongs::Nobody, ..) => Err(Problem::invalid("An item of this object belongs to nobody.")),
        }
    }
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent, sort) = (&call.ctx, call.staff()?, call.body::<Sent>()?, sort(call).await?);
    let (typed, with) = (filled::typed(&sort.fields, &sent.fields)?, sent.with(call, &sort).await?);
    if typed.values().all(|text| text.is_empty()) {
        return Err(Problem::invalid("/fields: at least one value belongs here."));
    }
    let keeper = staff.keeper(assent_web::reach::Object::Things);
    let owner =
        spoken::new_owner(call, sent.owner.as_deref(), keeper, &frame::colleagues(ctx, staff).await?)?;
    match act::make(ctx, staff, &sort, (with, owner), &typed).await? {
        Ok(id) => Reply::made(id, format!("/v1/objects/{}/items/{id}", sort.object.key)),
        Err(closed) => Err(refused(call, Some(&closed.reason)).await?),
    }
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent, (sort, item)) =
        (&call.ctx, call.staff()?, call.body::<Sent>()?, found(call).await?);
    let seen = if sent.fields.is_empty() {
        act::sealed(ctx, staff, &item).await?
    } else {
        act::look_alone(ctx, staff, &item).await?
    };
    call.matches(&seen.0.tag((item.ver, item.person), &seen.1))?;
    let typed = filled::typed(&sort.fields, &sent.fields)?;
    let named = (sent.owner.as_deref(), item.owner);
    let owner = spoken::owner(call, "owner", named, &frame::colleagues(ctx, staff).await?)?;
    match act::change(ctx, staff, &sort, (&item, owner, (&seen.0, &seen.1)), &typed).await? {
        Ok(()) => Ok(Reply::done()),
        Err(closed) => Err(refused(call, Some(&closed.reason)).await?),
    }
}

async fn remove(call: &Call) -> Result<Reply, Problem> {
    let (_, item) = found(call).await?;
    let (filled, sealed) = act::sealed(&call.ctx, call.staff()?, &item).await?;
    call.matches(&filled.tag((item.ver, item.person), &sealed))?;
    act::set_gone(&call.ctx, call.staff()?, (&item, item.ver), true).await?;
    Ok(Reply::done())
}

async fn restore(call: &Call) -> Result<Reply, Problem> {
    let (_, item) = found(call).await?;
    act::set_gone(&call.ctx, call.staff()?, (&item, 0), false).await?;
    Ok(Reply::done())
}
