//! Fields that the company made: told, made, changed, put in order, offered no longer and again.

use assent_kernel::Policy;
use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape, moved};
use assent_web::fields::{Field, Kind};
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CHAPTER;
use super::sent::{changing, given, now, settled, settled_as};
use crate::settings::act::fields::{self as acts, tag};
use crate::settings::model::SECOND;
use crate::settings::model::field::{Beside, Form, Of};

const PLACE: &str = "/v1/fields/{thing}";
const ONE: &str = "/v1/fields/{thing}/{name}";

fn shape() -> Shape {
    Shape::Record(vec![
        must("name", Shape::text(40), "Its short name."),
        must("label", Shape::any_text(200), "What it is called."),
        must("label_de", Shape::any_text(200).or_null(), "The same in German, where the company said it."),
        must("kind", kind(), "What may stand in it."),
        must(
            "category",
            Shape::key().or_null(),
            "What kind of values they are; null for a thing that is about nobody.",
        ),
        must(
            "choices",
            Shape::any_text(200).list(200),
            "What can be chosen, where it is chosen from a list.",
        ),
        must(
            "choices_de",
            Shape::any_text(200).list(200),
            "The choices in German, in the same order; none where the company said none.",
        ),
        must("offered", Shape::Flag, "False when nobody is offered it any more."),
        must("etag", Shape::text(40), "Hand it back as If-Match to change it."),
    ])
    .named("OwnField")
}

fn kind() -> Shape {
    Shape::Word(Kind::ALL.map(Kind::key).to_vec())
}

fn choices() -> Shape {
    Shape::text(60).list(100)
}

fn example() -> Value {
    json!({
        "name": "brush-model", "label": "Brush model", "label_de": "Bürste", "kind": "one-of", "category": "purchase.product.brush-model",
        "choices": ["Clean 2", "Clean Pro"], "choices_de": [], "offered": true, "etag": "5ac3f3f5a1b2c3d4",
    })
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        changing(Operation::new("listFields", Method::GET, PLACE, |call| Box::pin(list(call))))
            .says(CHAPTER, "Fields of a thing", "Those that the company made, in order; `thing` is `person`, `organisation`, `deal`, `task`, or `object.` with an object's key.")
            .gives(200, Shape::Record(vec![must("data", shape().list(200), "The fields.")]), json!({ "data": [example()] })),
        changing(Operation::new("makeField", Method::POST, PLACE, |call| Box::pin(make(call))))
            .says(CHAPTER, "Make a field", "Of people, deals and tasks it belongs to a kind of values, and is decided and kept like any other of that kind.")
            .takes(
                Shape::Record(vec![
                    must("label", Shape::text(60), "What it is called."),
                    must("kind", kind(), "What may stand in it, for good."),
                    may("name", Shape::text(24), "Its short name, for good; made of the label when left out."),
                    may("category", Shape::key(), "Of people, deals, tasks and objects of people: the kind of values it belongs to, for good."),
                    may("choices", choices(), "What can be chosen."),
                    may("label_de", Shape::text(60), "What it is called in German."),
                    may("choices_de", choices(), "The choices in German, in the same order."),
                ])
                .named("NewField"),
                json!({ "label": "Brush model", "kind": "one-of", "category": "purchase.product", "choices": ["Clean 2", "Clean Pro"] }),
            )
            .gives(
                201,
                Shape::Record(vec![must("id", Shape::text(24), "Its short name.")]),
                json!({ "id": "brush-model" }),
            ),
        changing(Operation::new("changeField", Method::PATCH, ONE, |call| Box::pin(change(call))))
            .says(CHAPTER, "Change a field", "What it is called, and what can be chosen.")
            .takes(
                Shape::Record(vec![
                    may("label", Shape::text(60), "What it is called."),
                    may("choices", choices(), "What can be chosen."),
                    may("label_de", Shape::text(60).or_null(), "What it is called in German; null for nothing of its own."),
                    may("choices_de", choices(), "The choices in German, in the same order. Left out, those of choices that stay are kept."),
                ]),
                json!({ "label": "Brush" }),
            )
            .gives_nothing()
            .must_match(),
        changing(Operation::new("moveField", Method::POST, "/v1/fields/{thing}/{name}/move", |call| Box::pin(shift(call))))
            .says(CHAPTER, "Move a field one place", "")
            .takes(Shape::Record(vec![must("to", Shape::Word(vec!["up", "down"]), "Which way.")]), json!({ "to": "up" }))
            .gives_nothing()
            .may_match(),
        changing(Operation::new("offerField", Method::POST, "/v1/fields/{thing}/{name}/offer", |call| Box::pin(offer(call))))
            .says(CHAPTER, "Offer a field no longer, or again", "Its values stay what they are.")
            .takes(Shape::Record(vec![must("offered", Shape::Flag, "Whether it is offered.")]), json!({ "offered": false }))
            .gives_nothing()
            .may_match(),
    ]
}

async fn of(call: &Call) -> Result<Of, Problem> {
    acts::of(&call.ctx, call.staff()?, call.name("thing")).await
}

/// The field that is meant, as the program has read it.
async fn seen(call: &Call, of: &Of) -> Result<Field, Problem> {
    let field = acts::one(&call.ctx, call.staff()?, &of.thing, call.name("name")).await?;
    call.matches(&tag(&field))?;
    Ok(field)
}

async fn list(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff) = (&call.ctx, call.staff()?);
    let told = |one: &Field| {
        json!({
            "name": one.name, "label": one.label, "label_de": one.labels.get(SECOND), "kind": one.kind.key(), "category": one.category.as_ref().map(ToString::to_string),
            "choices": one.choices, "choices_de": one.choices_also.get(SECOND).map_or_else(Vec::new, |all| all.lines().collect()), "offered": one.gone_at.is_none(), "etag": tag(one),
        })
    };
    super::all(&acts::all(ctx, staff, &of(call).await?.thing).await?.iter().map(told).collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct New {
    label: String,
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(default)]
    label_de: String,
    #[serde(default)]
    choices_de: Vec<String>,
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, of, new) = (&call.ctx, call.staff()?, of(call).await?, call.body::<New>()?);
    let New { label, kind, name, category, choices, label_de, choices_de } = new;
    let (choices, choices_de) = (choices.join("\n"), choices_de.join("\n"));
    let form = Form { label, label_de, name, kind, category, choices, choices_de };
    let (there, taken) = (acts::all(ctx, staff, &of.thing).await?, acts::taken(ctx, staff).await?);
    let make = |policy: &Policy| form.made(Beside { of: &of, there: &there, taken: &taken }, policy);
    let made = acts::lay_down(ctx, staff, (&of, now(call).await?), None, make).await?;
    settled_as(made, &[("category", "category"), ("kind", "kind")])?;
    Reply::made(form.named(), format!("/v1/fields/{}", call.name("thing")))
}

#[derive(Deserialize)]
struct Changes {
    label: Option<String>,
    choices: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    label_de: Option<String>,
    choices_de: Option<Vec<String>>,
}

impl Changes {
    /// The choices in German: as sent, or those of the choices that stay.
    fn choices_de(&self, field: &Field) -> Option<String> {
        if let Some(all) = &self.choices_de {
            return Some(all.join("\n"));
        }
        field.choices_also.get(SECOND)?;
        let stays = |one: &String| field.choice(SECOND, one).to_owned();
        Some(self.choices.as_ref()?.iter().map(stays).collect::<Vec<_>>().join("\n"))
    }
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, of, sent) = (&call.ctx, call.staff()?, of(call).await?, call.body::<Changes>()?);
    let field = seen(call, &of).await?;
    let was = Form::of(&field);
    let form = Form {
        choices_de: sent.choices_de(&field).unwrap_or(was.choices_de),
        label_de: sent.label_de.unwrap_or(was.label_de),
        label: sent.label.unwrap_or(was.label),
        choices: sent.choices.map_or(was.choices, |all| all.join("\n")),
        ..was
    };
    settled(
        acts::lay_down(ctx, staff, (&of, now(call).await?), Some(&field), |_| form.changed(&field)).await?,
    )?;
    Ok(Reply::done())
}

#[derive(Deserialize)]
struct Way {
    to: String,
}

async fn shift(call: &Call) -> Result<Reply, Problem> {
    let (up, of) = (call.body::<Way>()?.to == "up", of(call).await?);
    seen(call, &of).await?;
    acts::shift(&call.ctx, call.staff()?, &of.thing, call.name("name"), up).await?;
    Ok(Reply::done())
}

#[derive(Deserialize)]
struct Offered {
    offered: bool,
}

async fn offer(call: &Call) -> Result<Reply, Problem> {
    let (gone, of) = (!call.body::<Offered>()?.offered, of(call).await?);
    let field = seen(call, &of).await?;
    if acts::retire(&call.ctx, call.staff()?, &of.thing, field, gone).await? {
        Ok(Reply::done())
    } else {
        Err(moved())
    }
}
