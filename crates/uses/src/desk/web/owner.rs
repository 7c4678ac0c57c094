//! Who looks after somebody: chosen on their record, or for those who are ticked in the list.

use assent_gate::Dossier;
use assent_kernel::{PersonId, StaffId};
use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, html};
use axum::extract::{Path, State};
use axum::response::Response;

use super::MOST_ASKED;
use super::value::Page;
use crate::desk::act;
use crate::desk::act::owner;
use crate::desk::model::said;
use crate::frame::{self, Colleagues};

/// The form for one.
pub async fn form(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let dossier = act::to_change(&ctx, &staff, act::person(&id)?).await?;
    let mut choices = frame::colleagues(&ctx, &staff).await?.choices("Nobody");
    let now = dossier.owner().map(|id| id.to_string()).unwrap_or_default();
    if !choices.iter().any(|(id, _)| *id == now) {
        // A program, or a colleague who does not come in any more.
        let all = act::colleagues(&ctx, &staff).await?;
        choices.push((now.clone(), all.get(&now).cloned().unwrap_or_else(|| "Somebody who has left".into())));
    }
    let field =
        Field { input: Input::Select(choices), ..Field::line("Who looks after this person", "owner", now) };
    let shell = super::shell(&ctx, &staff, "Looked after by").await?;
    let why = "Who sees and changes this person follows from it, as far as your company laid that down under Settings, Roles.";
    Ok(html::page(&Page::of_fields(shell, dossier.id(), ("owner", vec![field]), why)))
}

/// Gives one to a colleague.
pub async fn give(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let records = owner::to_give(&ctx, &staff, id).await?;
    let now = records.first().and_then(Dossier::owner);
    let to = match chosen(&sent, &frame::colleagues(&ctx, &staff).await?) {
        Err(_) if now.is_some_and(|now| now.to_string() == sent.get("owner")) => now,
        chosen => chosen?,
    };
    owner::give(&ctx, &records, to).await?;
    let page = format!("/people/{id}");
    Ok(frame::saved(&staff, (Object::People, &[to]), (&page, "/people"), "given"))
}

/// Whom a form names: a colleague, or nobody.
fn chosen(sent: &Fields, colleagues: &Colleagues) -> Result<Option<StaffId>, Problem> {
    let text = sent.get("owner");
    let known = colleagues.read(text);
    if known.is_none() && !text.is_empty() {
        return Err(Problem::invalid("Choose a colleague, or nobody."));
    }
    Ok(known)
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
        return Err(Problem::invalid(format!("At most {MOST_ASKED} people can be given with one click.")));
    }
    let to = chosen(&sent, &frame::colleagues(&ctx, &staff).await?)?;
    let (given, left) = owner::give_many(&ctx, &staff, &ids, to).await?;
    Ok(super::back(back, &format!("given.{given}.{left}")))
}
