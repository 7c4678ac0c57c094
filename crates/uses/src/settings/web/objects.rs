//! Objects that the company made: what they are called, whom they belong to, and their fields.

use askama::Template;
use assent_web::objects::{self, Object, belongs};
use assent_web::parts::{Field, Tabs};
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::fields::{Section, section};
use super::{Said, again, done, enter, frame};
use crate::settings::act::objects as acts;
use crate::settings::act::{Changed, while_writing};
use crate::settings::model::Errors;
use crate::settings::model::field::Of;
use crate::settings::model::object::{Form, inputs};

pub(super) const HERE: &str = "/settings/objects";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(all))
        .route("/settings/objects/new", get(new).post(create))
        .route("/settings/objects/{key}", get(edit).post(save))
        .route("/settings/objects/{key}/use", post(put_to_use))
}

#[derive(Template)]
#[template(path = "settings/objects.html")]
struct List {
    shell: Shell,
    tabs: Tabs,
    lines: Vec<(Object, &'static str)>,
}

async fn all(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    let (shell, tabs) = frame(&ctx, &staff, HERE, say("Objects"), &said).await?;
    let all = acts::all(&ctx, &staff).await?;
    let lines = all.into_iter().map(|one| (one.clone(), belongs(one.belongs))).collect();
    Ok(html::page(&List { shell, tabs, lines }))
}

#[derive(Template)]
#[template(path = "settings/object_form.html")]
struct Editor {
    shell: Shell,
    tabs: Tabs,
    action: String,
    error: String,
    fields: Vec<Field>,
    /// What was read of the object; nothing of a new one.
    seen: String,
    /// The object with its fields, when there is one.
    old: Option<(Object, String, Section)>,
}

async fn editor(
    ctx: &Ctx,
    staff: &Staff,
    old: Option<Object>,
    (form, errors, said): (&Form, &Errors, &Said),
) -> Result<Editor, Problem> {
    let title =
        old.as_ref().map_or_else(|| say("New object").to_owned(), |one| objects::plural(one).to_owned());
    let (shell, tabs) = frame(ctx, staff, HERE, &title, said).await?;
    let action = old.as_ref().map_or_else(|| format!("{HERE}/new"), |one| format!("{HERE}/{}", one.key));
    let fields = inputs(form, old.is_none(), errors);
    let seen = old.as_ref().map(objects::tag).unwrap_or_default();
    let old = match old {
        Some(one) => Some(told(ctx, staff, one).await?),
        None => None,
    };
    Ok(Editor { shell, tabs, action, error: errors.at("form"), fields, seen, old })
}

/// An object, what cannot be changed of it in a sentence, and its fields.
async fn told(ctx: &Ctx, staff: &Staff, one: Object) -> Result<(Object, String, Section), Problem> {
    let of = Of::object(&one);
    let words = if of.personal {
        "Each has a kind of data: what people allowed, refused and took back about that kind decides its values. The \
         first field is what an item is called."
    } else {
        "About nobody: what stands in them is your own. Keep people out of them. The first field is what an item is called."
    };
    let standing = ctx.gate.policy(staff.company.id).await?;
    let fields = section(ctx, staff, &of, (say("Fields"), say(words)), &standing.policy).await?;
    let fixed =
        say!("Each belongs to {whom}. The short key is {key}.", whom = belongs(one.belongs), key = one.key);
    Ok((one, fixed, fields))
}

async fn new(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    let blank = (&Form::default(), &Errors::default(), &Said::default());
    Ok(html::page(&editor(&ctx, &staff, None, blank).await?))
}

async fn create(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    enter(&staff)?;
    let form = Form::read(&sent);
    match acts::make(&ctx, &staff, &form).await? {
        Ok(key) => Ok(done(&format!("{HERE}/{key}"), "saved")),
        Err(errors) => Ok(again(&editor(&ctx, &staff, None, (&form, &errors, &Said::default())).await?)),
    }
}

async fn edit(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let object = acts::one(&ctx, &staff, &key).await?;
    let form = Form::of(&object);
    Ok(html::page(&editor(&ctx, &staff, Some(object), (&form, &Errors::default(), &said)).await?))
}

async fn save(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let (old, form) = (acts::one(&ctx, &staff, &key).await?, Form::read(&sent));
    let saved = match form.changed(&old, &acts::all(&ctx, &staff).await?) {
        Ok(_) if sent.get("seen") != objects::tag(&old) => {
            Changed::Meanwhile(while_writing("this object"), 0)
        }
        Ok(object) => acts::rename(&ctx, &staff, &old, object).await?,
        Err(errors) => Changed::No(errors),
    };
    match saved.in_the_way(0) {
        None => Ok(done(&format!("{HERE}/{key}"), "saved")),
        Some((errors, _)) => {
            Ok(again(&editor(&ctx, &staff, Some(old), (&form, &errors, &Said::default())).await?))
        }
    }
}

async fn put_to_use(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    enter(&staff)?;
    let object = acts::one(&ctx, &staff, &key).await?;
    if acts::retire(&ctx, &staff, object, sent.get("use") != "again").await? {
        return Ok(done(&format!("{HERE}/{key}"), "saved"));
    }
    Err(Problem::conflict("Somebody changed this object at the same moment. Look again."))
}
