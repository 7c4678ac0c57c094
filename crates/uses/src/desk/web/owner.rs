//! Who looks after somebody: chosen on their record, or for those who are ticked in the list.

use assent_gate::Dossier;
use assent_kernel::{PersonId, StaffId};
use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Posted, Problem, Staff, html, say};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::MOST_ASKED;
use super::value::{Page, answer};
use crate::desk::act;
use crate::desk::act::owner;
use crate::desk::model::said;
use crate::frame::{self, Colleagues};
use crate::lists::origin::Origin;

/// Who looked after them when the form was made.
const WAS: &str = "was";

/// The form for one.
pub async fn form(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    staff: Staff,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let dossier = act::to_change(&ctx, &staff, act::person(&id)?).await?;
    let chosen = named(dossier.owner());
    let page = page(&ctx, &staff, (dossier.id(), dossier.owner()), (chosen, String::new())).await?;
    Ok(html::page(&page.within(&from)))
}

/// The form for somebody whom somebody looks after now, with who was chosen and what is wrong with that.
async fn page(
    ctx: &Ctx,
    staff: &Staff,
    (id, now): (PersonId, Option<StaffId>),
    (chosen, error): (String, String),
) -> Result<Page, Problem> {
    let choices = frame::colleagues(ctx, staff).await?.choices_now(say("Nobody"), &chosen);
    let field = Field {
        input: Input::Select(choices),
        error,
        ..Field::line(say("Who looks after this person"), "owner", chosen)
    };
    let shell = super::shell(ctx, staff, say("Looked after by")).await?;
    let why = "Who sees and changes this person follows from it, as far as your company laid that down under Settings, Roles.";
    let page = Page::of_fields(shell, id, ("owner", vec![field]), say(why));
    Ok(page.carrying((WAS, named(now))))
}

fn named(owner: Option<StaffId>) -> String {
    owner.map(|id| id.to_string()).unwrap_or_default()
}

/// Gives one to a colleague; whoever was slower than somebody else is told.
pub async fn give(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let records = owner::to_give(&ctx, &staff, id).await?;
    let now = records.first().and_then(Dossier::owner);
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let to = colleagues.kept(sent.get("owner"), now)?;
    if sent.has(WAS) && sent.get(WAS) != named(now) && to != now {
        let now_with = colleagues.named(now).unwrap_or_else(|| say("Nobody").into());
        let error = say!(
            "Somebody changed it meanwhile to “{value}”. Save again to put yours in its place.",
            value = now_with
        );
        let page = page(&ctx, &staff, (id, now), (named(to), error)).await?;
        return Ok(answer(StatusCode::CONFLICT, &page.within(&from)));
    }
    owner::give(&ctx, &staff, &records, to).await?;
    let page = from.on(&format!("/people/{id}"));
    Ok(frame::saved(&staff, (Object::People, &[to]), (&page, "/people"), "given"))
}

/// Whom people can be given to; nobody is chosen until somebody is.
pub(super) fn giving(colleagues: &Colleagues) -> Vec<(String, String)> {
    let mut all = colleagues.choices(say("Nobody"));
    all.insert(0, ("-".into(), say("Give to …").into()));
    all
}

/// Gives those who are ticked to a colleague.
pub async fn give_many(
    State(ctx): State<Ctx>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let back = said::own(sent.get("back")).unwrap_or("/people");
    let mut ids: Vec<PersonId> = sent.all("id").map(act::person).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || sent.get("owner") == "-" {
        return Ok(super::back(back, "nothing-given"));
    }
    if ids.len() > MOST_ASKED {
        return Err(Problem::invalid(say!(
            "At most {n} people can be given with one click.",
            n = MOST_ASKED
        ))
        .said());
    }
    let to = frame::colleagues(&ctx, &staff).await?.read(sent.get("owner"))?;
    let owner::Given { given, left, late } = owner::give_many(&ctx, &staff, &ids, to).await?;
    let late = if late > 0 { format!(".{late}") } else { String::new() };
    Ok(super::back(back, &format!("given.{given}.{left}{late}")))
}
