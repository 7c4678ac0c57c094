//! How somebody comes in next time: by a letter, or with a device of theirs.

use askama::Template;
use assent_web::door::{person_key, person_oidc};
use assent_web::{Ctx, Person, Problem, Shell, filters, html, session};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;

use super::text::Text;
use super::web::{Asked, shell};

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new().route("/me/sign-in", get(ways))
}

#[derive(Template)]
#[template(path = "portal/ways_in.html")]
struct Ways {
    shell: Shell,
    t: Text,
    devices: Vec<Device>,
    accounts: Vec<Account>,
    /// True when they came in a moment ago, and so may add a way in.
    fresh: bool,
}

/// A provider: the account that is connected there, or the way to connect one.
struct Account {
    name: String,
    label: String,
    host: String,
    connected: bool,
    since: String,
    used: String,
    connect: String,
}

/// A device that opens the page.
struct Device {
    id: String,
    label: String,
    since: String,
    used: String,
}

async fn ways(
    State(ctx): State<Ctx>,
    person: Person,
    Query(said): Query<Asked>,
) -> Result<Response, Problem> {
    let t = Text::of(&person.lang);
    let devices = person_key::of(&ctx, person.id).await?.into_iter().map(|one| Device {
        id: session::written_id(&one.id),
        since: t.date(one.made_at),
        used: one.used_at.map(|at| t.date(at)).unwrap_or_default(),
        label: one.label,
    });
    let devices = devices.collect();
    let (ways, mine) =
        (person_oidc::ways(&ctx, &person.company).await?, person_oidc::of(&ctx, &person).await?);
    let account = |way: person_oidc::Way| {
        let one = mine.iter().find(|one| one.provider == way.name);
        Account {
            connect: person_oidc::connecting(&person, &way),
            connected: one.is_some(),
            since: one.map(|one| t.date(one.at)).unwrap_or_default(),
            used: one.and_then(|one| one.used_at).map(|at| t.date(at)).unwrap_or_default(),
            name: way.name,
            label: way.label,
            host: way.host,
        }
    };
    let accounts = ways.into_iter().map(account).collect();
    let fresh = person.just_came_in(ctx.now());
    let shell = shell(&person, t, t.ways_title(), "/me/sign-in", &said.done);
    Ok(html::page(&Ways { shell, t, devices, accounts, fresh }))
}
