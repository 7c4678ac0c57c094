//! A new person, typed in.

use askama::Template;
use assent_kernel::PersonId;
use assent_web::fields::{self, Thing};
use assent_web::parts::Field;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say, text};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::desk::act::write::{admit, twins};
use crate::desk::model::forms::Typed;
use crate::desk::model::nameless;

#[derive(Template)]
#[template(path = "desk/new.html")]
struct New {
    shell: Shell,
    fields: Vec<Field>,
    twins: Vec<Twins>,
}

/// People who are here already with the same address.
struct Twins {
    sentence: String,
    links: Vec<(String, String)>,
}

async fn page(ctx: &Ctx, staff: &Staff, typed: &Typed, checked: bool) -> Result<(New, bool), Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let (fields, fine) = typed.fields(&standing.policy, staff.role, checked);
    let shell = super::shell(ctx, staff, say("New person")).await?;
    Ok((New { shell, fields, twins: Vec::new() }, fine))
}

pub async fn show(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let own = fields::offered(&ctx, staff.company.id, Thing::Person).await?;
    let (page, _) = page(&ctx, &staff, &Typed::empty(ctx.now(), own), false).await?;
    Ok(html::page(&page))
}

pub async fn save(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let typed = Typed::read(&sent, fields::offered(&ctx, staff.company.id, Thing::Person).await?);
    let (mut page, fine) = page(&ctx, &staff, &typed, true).await?;
    let Some(stands) = typed.stands_on().filter(|_| fine) else {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    if !sent.has("anyway") {
        let (email, phone) = twins(&ctx, &staff, &typed).await?;
        let closed = (email.closed || phone.closed).then(closed);
        let open = [told(&email.open, true), told(&phone.open, false)];
        page.twins = open.into_iter().chain([closed]).flatten().collect();
        if !page.twins.is_empty() {
            return Ok(again(StatusCode::CONFLICT, &page));
        }
    }
    let (id, partly) = admit(&ctx, &staff, &typed, stands).await?;
    Ok(super::back(&format!("/people/{id}"), if partly { "admitted-part" } else { "admitted" }))
}

fn again(status: StatusCode, page: &New) -> Response {
    let mut response = html::page(page);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// One sentence for whoever is closed, however many and by what: it must not be found out by typing.
fn closed() -> Twins {
    let sentence = "Somebody with these details may be here already. Who it is, is closed for what you work for, and they see that it was tried.";
    Twins { sentence: say(sentence).into(), links: Vec::new() }
}

/// How many there are, and where: what else is known of them is a question of its own.
fn told(found: &[PersonId], email: bool) -> Option<Twins> {
    let n = u64::try_from(found.len()).ok().filter(|n| *n > 0)?;
    let sentence = match (n, email) {
        (1, true) => say("1 person here already has this e-mail address.").to_owned(),
        (1, false) => say("1 person here already has this phone number.").to_owned(),
        (_, true) => say!("{n} people here already have this e-mail address.", n = text::count(n)),
        (_, false) => say!("{n} people here already have this phone number.", n = text::count(n)),
    };
    let links = found.iter().take(10).map(|id| (format!("/people/{id}"), nameless(*id)));
    Some(Twins { sentence, links: links.collect() })
}
