//! Objects that the company made: made, called something else, put out of use and back. Their fields are told and made at
//! `/v1/fields/object.…`, like those of people.

use assent_web::Problem;
use assent_web::api::shape::{may, must};
use assent_web::api::{Call, Operation, Reply, Shape, moved};
use assent_web::objects::{self, Belongs, Object};
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::CHAPTER;
use super::sent::{changing, given, settled, wrong};
use crate::settings::act::objects as acts;
use crate::settings::model::object::{Form, LONGEST, LONGEST_KEY};

pub(super) fn operations() -> Vec<Operation> {
    let name = || Shape::text(LONGEST);
    vec![
        changing(Operation::new("makeObject", Method::POST, "/v1/objects", |call| Box::pin(make(call))))
            .says(CHAPTER, "Make an object", "What the company keeps beside people, organisations and deals. Make its fields at `/v1/fields/object.` with its key.")
            .takes(
                Shape::Record(vec![
                    must("singular", name(), "What one is called."),
                    must("plural", name(), "What many are called."),
                    may("singular_de", name(), "What one is called in German."),
                    may("plural_de", name(), "What many are called in German."),
                    must("belongs_to", Shape::Word(Belongs::ALL.map(Belongs::key).to_vec()), "Whom each item belongs to, for good."),
                    may("key", Shape::text(LONGEST_KEY), "Its short key, for good; made of the name when left out."),
                ])
                .named("NewObject"),
                json!({ "singular": "Device", "plural": "Devices", "belongs_to": "person", "key": "device" }),
            )
            .gives(201, Shape::Record(vec![must("id", name(), "Its short key.")]), json!({ "id": "device" })),
        changing(Operation::new("changeObject", Method::PATCH, "/v1/objects/{key}", |call| Box::pin(change(call))))
            .says(CHAPTER, "Call an object something else", "What people read of its fields follows.")
            .takes(
                Shape::Record(vec![
                    may("singular", name(), "What one is called."),
                    may("plural", name(), "What many are called."),
                    may("singular_de", name().or_null(), "What one is called in German; null for nothing of its own."),
                    may("plural_de", name().or_null(), "What many are called in German; null for nothing of its own."),
                ])
                .named("ObjectChanges"),
                json!({ "singular": "Machine", "plural": "Machines" }),
            )
            .gives_nothing()
            .must_match(),
        changing(Operation::new("useObject", Method::POST, "/v1/objects/{key}/use", |call| Box::pin(put_to_use(call))))
            .says(CHAPTER, "Put an object out of use, or back", "Nothing new is made of what is out of use; its items stay what they are.")
            .takes(Shape::Record(vec![must("in_use", Shape::Flag, "Whether it is in use.")]), json!({ "in_use": false }))
            .gives_nothing()
            .may_match(),
    ]
}

#[derive(Deserialize)]
struct New {
    singular: String,
    plural: String,
    belongs_to: String,
    #[serde(default)]
    singular_de: String,
    #[serde(default)]
    plural_de: String,
    #[serde(default)]
    key: String,
}

async fn make(call: &Call) -> Result<Reply, Problem> {
    let New { singular, plural, belongs_to: belongs, singular_de, plural_de, key } = call.body()?;
    let form = Form { singular, singular_de, plural, plural_de, key, belongs };
    let key = acts::make(&call.ctx, call.staff()?, &form).await?.map_err(|errors| wrong(&errors))?;
    Reply::made(key, "/v1/objects".into())
}

/// The object that is meant, as the program has read it.
async fn seen(call: &Call) -> Result<Object, Problem> {
    let object = acts::one(&call.ctx, call.staff()?, call.name("key")).await?;
    call.matches(&objects::tag(&object))?;
    Ok(object)
}

#[derive(Deserialize)]
struct Changes {
    singular: Option<String>,
    plural: Option<String>,
    #[serde(default, deserialize_with = "given")]
    singular_de: Option<String>,
    #[serde(default, deserialize_with = "given")]
    plural_de: Option<String>,
}

async fn change(call: &Call) -> Result<Reply, Problem> {
    let (ctx, staff, sent, old) = (&call.ctx, call.staff()?, call.body::<Changes>()?, seen(call).await?);
    let was = Form::of(&old);
    let form = Form {
        singular: sent.singular.unwrap_or(was.singular),
        plural: sent.plural.unwrap_or(was.plural),
        singular_de: sent.singular_de.unwrap_or(was.singular_de),
        plural_de: sent.plural_de.unwrap_or(was.plural_de),
        ..was
    };
    let new = form.changed(&old, &acts::all(ctx, staff).await?).map_err(|errors| wrong(&errors))?;
    settled(acts::rename(ctx, staff, &old, new).await?)?;
    Ok(Reply::done())
}

#[derive(Deserialize)]
struct Use {
    in_use: bool,
}

async fn put_to_use(call: &Call) -> Result<Reply, Problem> {
    let (gone, object) = (!call.body::<Use>()?.in_use, seen(call).await?);
    if acts::retire(&call.ctx, call.staff()?, object, gone).await? { Ok(Reply::done()) } else { Err(moved()) }
}
