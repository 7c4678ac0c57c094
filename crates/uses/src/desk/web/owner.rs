//! Who looks after somebody: chosen on their record, or for those who are ticked in the list.

use assent_gate::Dossier;
use assent_kernel::{PersonId, StaffId};
use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, html, say};
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
    let now = dossier.owner().map(|id| id.to_string()).unwrap_or_default();
    let choices = frame::colleagues(&ctx, &staff).await?.choices_now(say("Nobody"), &now);
    let field = Field {
        input: Input::Select(choices),
        ..Field::line(say("Who looks after this person"), "owner", now)
    };
    let shell = super::shell(&ctx, &staff, say("Looked after by")).await?;
    let why = "Who sees and changes this person follows from it, as far as your company laid that down under Settings, Roles.";
    Ok(html::page(&Page::of_fields(shell, dossier.id(), ("owner", vec![field]), say(why))))
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
    let to = chosen(&sent, &frame::colleagues(&ctx, &staff).await?, now)?;
    owner::give(&ctx, &staff, &records, to).await?;
    let page = format!("/people/{id}");
    Ok(frame::saved(&staff, (Object::People, &[to]), (&page, "/people"), "given"))
}

/// Whom a form names: a colleague, whoever it is now, or nobody.
fn chosen(sent: &Fields, colleagues: &Colleagues, now: Option<StaffId>) -> Result<Option<StaffId>, Problem> {
    let text = sent.get("owner");
    let known = colleagues.kept(text, now);
    if known.is_none() && !text.is_empty() {
        return Err(Problem::invalid("Choose a colleague, or nobody."));
    }
    Ok(known)
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
    let to = chosen(&sent, &frame::colleagues(&ctx, &staff).await?, None)?;
    let (given, left) = owner::give_many(&ctx, &staff, &ids, to).await?;
    Ok(super::back(back, &format!("given.{given}.{left}")))
}
