//! The way in: choose the company, type an address, press a button in a letter. No password, and no way to learn
//! from the outside whether an address is known.

use askama::Template;
use assent_kernel::{PersonId, Span};
use assent_store::access::{self, Door};
use assent_store::home::Company;
use assent_web::ctx::Post;
use assent_web::door::person_oidc::{self, Way};
use assent_web::session::{self, Fields, PERSON_SESSION, language, same_site};
use assent_web::shell::Theme;
use assent_web::{Client, Ctx, Person, Problem, Shell, filters, html};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::sync::Arc;

use super::act;
use super::text::Text;

/// How often one address may ask for a link in a quarter of an hour.
const PER_ADDRESS: i64 = 5;
/// How often one place may, for whatever addresses, in a quarter of an hour.
const PER_PLACE: i64 = 100;

/// The routes.
pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/my", get(choose))
        .route("/my/{code}", get(form).post(send))
        .route("/my/link/{token}", get(button).post(enter))
        .route("/.well-known/gpc.json", get(gpc))
}

#[derive(Template)]
#[template(path = "portal/my.html")]
struct Choose {
    shell: Shell,
    t: Text,
    companies: Vec<Arc<Company>>,
}

#[derive(Template)]
#[template(path = "portal/ask.html")]
struct AskPage {
    shell: Shell,
    t: Text,
    code: String,
    email: String,
    error: &'static str,
    sent: bool,
    local: bool,
    /// True after an account that is not connected.
    unconnected: bool,
    ways: Vec<Way>,
}

#[derive(Template)]
#[template(path = "portal/link.html")]
struct Link {
    shell: Shell,
    t: Text,
    token: String,
    works: bool,
}

pub(super) fn outside(headers: &HeaderMap, t: Text, company: &str, title: &str) -> Shell {
    Shell {
        title: title.to_owned(),
        company: company.to_owned(),
        theme: Theme::of(headers),
        lang: t.lang().to_owned(),
        ..Shell::default()
    }
}

async fn choose(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    person: Option<Person>,
) -> Result<Response, Problem> {
    if person.is_some() {
        return Ok(Redirect::to("/me").into_response());
    }
    let t = Text::of(&language(&headers));
    let companies = ctx.gate.companies().await?;
    if let [only] = companies.as_slice() {
        return Ok(Redirect::to(&format!("/my/{}", only.code)).into_response());
    }
    let shell = outside(&headers, t, "Assent", t.my_title());
    Ok(html::page(&Choose { shell, t, companies }))
}

async fn company(ctx: &Ctx, code: &str) -> Result<Arc<Company>, Problem> {
    let all = ctx.gate.companies().await?;
    all.into_iter().find(|one| one.code == code).ok_or_else(|| {
        Problem::not_found("There is no such company here.").german("So ein Unternehmen gibt es hier nicht.")
    })
}

async fn page(ctx: &Ctx, headers: &HeaderMap, company: &Company) -> Result<AskPage, Problem> {
    let t = Text::of(&language(headers));
    Ok(AskPage {
        shell: outside(headers, t, &company.name, &t.knows(&company.name)),
        t,
        code: company.code.clone(),
        email: String::new(),
        error: "",
        sent: false,
        local: ctx.settings.post == Post::Local,
        unconnected: false,
        ways: person_oidc::ways(ctx, company).await?,
    })
}

async fn form(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response, Problem> {
    let company = company(&ctx, &code).await?;
    let page = page(&ctx, &headers, &company).await?;
    Ok(html::page(&AskPage { unconnected: told.said == "account", ..page }))
}

/// What the address of the page says.
#[derive(Debug, Default, serde::Deserialize)]
struct Told {
    #[serde(default)]
    said: String,
}

/// Something before one `@`, and a domain with a dot after it.
fn is_address(text: &str) -> bool {
    let whole = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    });
    whole && text.len() <= 254 && text.matches('@').count() == 1 && !text.contains(char::is_whitespace)
}

async fn send(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    let company = company(&ctx, &code).await?;
    let fields = Fields::parse(&body);
    let email = fields.get("email").to_owned();
    let page = page(&ctx, &headers, &company).await?;
    if !is_address(&email) {
        let page = AskPage { error: page.t.bad_email(), email, ..page };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html::page(&page)).into_response());
    }
    let window = Span::minutes(15);
    let name = format!("portal {} {}", company.id, assent_gate::fold(&email));
    session::limit(&ctx, &name, PER_ADDRESS, window).await?;
    session::limit(&ctx, &format!("portal from {}", client.name()), PER_PLACE, window).await?;
    let (id, t) = (company.id, page.t);
    // The answer does not wait for the search, so that its time tells nothing about the address.
    tokio::spawn(async move {
        if act::send_links(&ctx, id, &email, t).await.is_err() {
            tracing::error!(company = %id, "a sign-in link could not be sent");
        }
    });
    Ok(html::page(&AskPage { sent: true, ..page }))
}

fn token(text: &str) -> Option<[u8; 32]> {
    session::read(text).map(|token| session::digest(&token))
}

async fn button(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let Some(digest) = token(&text) else { return Ok(used_up(&headers)) };
    let at = ctx.now();
    let look = move |tx: &mut assent_store::Tx<'_>| match access::peek_link(tx, &digest, Door::Person, at)? {
        None => access::peek_link(tx, &digest, Door::Kept, at),
        found => Ok(found),
    };
    let found = ctx.gate.home().read(look).await?;
    let Some((company, _)) = found else { return Ok(used_up(&headers)) };
    let t = Text::of(&language(&headers));
    let company = ctx.gate.company(company).await?;
    let shell = outside(&headers, t, &company.name, t.link_title());
    Ok(html::page(&Link { shell, t, token: text, works: true }))
}

pub(super) fn used_up(headers: &HeaderMap) -> Response {
    let t = Text::of(&language(headers));
    let shell = outside(headers, t, "Assent", t.link_over_title());
    (StatusCode::NOT_FOUND, html::page(&Link { shell, t, token: String::new(), works: false }))
        .into_response()
}

async fn enter(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    same_site(&headers)?;
    let Some(digest) = token(&text) else { return Ok(used_up(&headers)) };
    let at = ctx.now();
    // A link of a letter works once; the way back to what a law keeps works as long as it is kept.
    let take = move |tx: &mut assent_store::Tx<'_>| match access::use_link(tx, &digest, Door::Person, at)? {
        None => access::peek_link(tx, &digest, Door::Kept, at),
        used => Ok(used),
    };
    let used = ctx.gate.home().write(take).await?;
    let Some((company, who)) = used else { return Ok(used_up(&headers)) };
    if ctx.gate.look_own(company, PersonId::from_bytes(who)).await.is_err() {
        return Ok(used_up(&headers));
    }
    let cookie = session::begin(&ctx, company, Door::Person, who, "", PERSON_SESSION).await?;
    Ok(([cookie], Redirect::to("/me")).into_response())
}

async fn gpc() -> Response {
    let body = Json(json!({ "gpc": true, "lastUpdate": "2026-11-21" }));
    ([(header::CACHE_CONTROL, "public, max-age=86400")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_is_whole_or_refused() {
        for good in ["m@example.org", "mia.ito+x@mail.example.org"] {
            assert!(is_address(good), "{good}");
        }
        for bad in
            ["", "m", "m@", "@example.org", "m@example", "a b@example.org", "a@b@example.org", "m@.org"]
        {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
