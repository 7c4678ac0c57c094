//! Where views are saved and dropped: a room without a page of its own.

use assent_kernel::Role;
use assent_web::api::Operation;
use assent_web::objects;
use assent_web::{Card, Ctx, Posted, Problem, Room, Staff, Who};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::saved;

/// Who may save a view: whoever has a list.
pub(super) const ROLES: &[Role] =
    &[Role::Sales, Role::Marketing, Role::Support, Role::Billing, Role::Dpo, Role::Admin, Role::Product];
/// The lists that have views, with their pages.
pub(super) const LISTS: &[(&str, &str)] =
    &[("deals", "/deals"), ("tasks", "/tasks"), ("organisations", "/organisations"), ("people", "/people")];

/// Saved views.
#[derive(Debug, Clone, Copy)]
pub struct Lists;

impl Room for Lists {
    fn card(&self) -> Card {
        Card {
            name: "Views",
            sentence: "Lists as somebody saved them, for themselves or for colleagues.",
            who: Who::Staff(ROLES),
            asks: &[],
            ways: &[],
        }
    }
    fn api(&self) -> Vec<Operation> {
        super::api::operations()
    }
    fn routes(&self) -> Router<Ctx> {
        Router::new()
            .route("/views", post(save))
            .route("/views/again", post(again))
            .route("/views/{id}/drop", post(forget))
    }
}

/// The list of that name, and its page.
pub(super) async fn list_of(ctx: &Ctx, staff: &Staff, name: &str) -> Result<(String, String), Problem> {
    if let Some((list, path)) = LISTS.iter().find(|(one, _)| *one == name) {
        return Ok(((*list).to_owned(), (*path).to_owned()));
    }
    let object = saved::object_of(ctx, staff, name).await?;
    let object = object.ok_or_else(|| Problem::invalid("There is no such list."))?;
    Ok((saved::list_of(&object), objects::href(&object.key)))
}

async fn save(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let (list, path) = list_of(&ctx, &staff, fields.get("list")).await?;
    let query = fields.get("query");
    saved::save(&ctx, &staff, &list, fields.get("name"), query, fields.get("shared") == "on").await?;
    Ok(back(&path, query))
}

/// Saves what one sees in the place of a view of one's own.
async fn again(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let (list, path) = list_of(&ctx, &staff, fields.get("list")).await?;
    let (of, view) = saved::one(&ctx, &staff, saved::id(fields.get("view"))?).await?;
    if of != list {
        return Err(saved::nowhere());
    }
    let query = fields.get("query");
    saved::change(&ctx, &staff, (&list, &view), fields.get("name"), query).await?;
    Ok(back(&path, query))
}

/// To the list as it was seen. The state goes through the reader of its list again when the page is asked for; here it only
/// has to be an address.
fn back(path: &str, query: &str) -> Response {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let clean = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Redirect::to(&format!("{path}?{clean}")).into_response()
}

async fn forget(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(ROLES)?;
    let (_, path) = list_of(&ctx, &staff, fields.get("list")).await?;
    saved::forget(&ctx, &staff, saved::id(&id)?).await?;
    Ok(Redirect::to(&path).into_response())
}
