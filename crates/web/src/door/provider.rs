//! Where an administrator says who vouches for the company's staff, and takes it back.

use crate::filters;
use askama::Template;
use assent_kernel::Role;
use assent_store::access;
use assent_store::factors::{self, Provider};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{flow, oidc, team};
use crate::ctx::Ctx;
use crate::html::page;
use crate::parts::{Field, Input};
use crate::problem::Problem;
use crate::say;
use crate::session::{Posted, Staff};
use crate::shell::{Flash, Shell, Tone};

const HERE: &str = "/settings/sign-in";

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(show).post(save))
        .route("/settings/sign-in/remove", post(remove))
        .route("/you/provider/remove", post(unbind))
}

#[derive(Template)]
#[template(path = "door/provider.html")]
struct Page {
    shell: Shell,
    fields: Vec<Field>,
    back: String,
    set: bool,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Said {
    #[serde(default)]
    done: String,
}

/// What was typed, or stands.
#[derive(Default)]
struct Typed {
    label: String,
    issuer: String,
    client: String,
    error: String,
}

async fn form(ctx: &Ctx, staff: &Staff, typed: Typed, set: bool, said: &str) -> Result<Page, Problem> {
    let mut shell = staff.shell(ctx, say("The company's own sign-in")).await?;
    shell.purpose = None;
    let told = |text: &str| Flash { tone: Tone::Good, text: text.into(), undo: None };
    shell.flash = match said {
        "saved" => Some(told(say("Saved. The sign-in page offers it from now on."))),
        "removed" => Some(told(say("Removed. Passwords and passkeys work as before."))),
        _ => None,
    };
    let hint = say(if set {
        "Leave empty to keep the one that is set."
    } else {
        "Leave empty for a public client."
    });
    let line = |label: &str, name: &'static str, value: String, hint: &str| Field {
        hint: hint.into(),
        ..Field::line(label, name, value)
    };
    let fields = vec![
        Field {
            required: true,
            ..line(say("What the button says"), "label", typed.label, say("Such as Halden account."))
        },
        Field {
            required: true,
            error: typed.error,
            ..line(
                say("Issuer"),
                "issuer",
                typed.issuer,
                say("The address of your identity provider, exactly as it names itself."),
            )
        },
        Field { required: true, ..line(say("Client id"), "client", typed.client, "") },
        Field {
            input: Input::Line("password"),
            autocomplete: "off",
            ..line(say("Client secret"), "secret", String::new(), hint)
        },
    ];
    Ok(Page { shell, fields, back: oidc::back_address(ctx, &staff.company.code), set })
}

async fn show(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let company = staff.company.id;
    let found = ctx.gate.home().read(move |tx| factors::provider(tx, company)).await?;
    let set = found.is_some();
    let typed = found.map_or_else(Typed::default, |one| Typed {
        label: one.label,
        issuer: one.issuer,
        client: one.client,
        error: String::new(),
    });
    Ok(page(&form(&ctx, &staff, typed, set, &said.done).await?))
}

async fn save(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let company = staff.company.id;
    let mut typed = Typed {
        label: fields.get("label").chars().take(60).collect(),
        issuer: fields.get("issuer").to_owned(),
        client: fields.get("client").chars().take(200).collect(),
        error: String::new(),
    };
    let before = ctx.gate.home().read(move |tx| factors::provider(tx, company)).await?;
    let set = before.is_some();
    // It is asked before it is believed: a wrong address would lock nobody out, but let nobody in either.
    typed.error = flow::wrong_issuer(&ctx, &typed.issuer).await.unwrap_or_default();
    if !typed.error.is_empty() || typed.label.is_empty() || typed.client.is_empty() {
        let mut answer = page(&form(&ctx, &staff, typed, set, "").await?);
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(answer);
    }
    let secret = match fields.get("secret") {
        // A secret belongs to the provider it was given for.
        "" => before
            .filter(|one| one.issuer == typed.issuer && one.client == typed.client)
            .and_then(|one| one.secret),
        new => Some(ctx.gate.seal_secret(company, oidc::PLACE, new.as_bytes()).await?),
    };
    let Typed { label, issuer, client, .. } = typed;
    let what = format!("The company's own sign-in is {issuer} from now on.");
    let one = Provider { label, issuer, client, secret };
    team::noted(&ctx, &staff, None, what, move |tx| factors::set_provider(tx, company, Some(&one))).await?;
    Ok(Redirect::to(&format!("{HERE}?done=saved")).into_response())
}

async fn remove(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let company = staff.company.id;
    let what = "The company's own sign-in is taken away.".into();
    team::noted(&ctx, &staff, None, what, move |tx| factors::set_provider(tx, company, None)).await?;
    Ok(Redirect::to(&format!("{HERE}?done=removed")).into_response())
}

async fn unbind(State(ctx): State<Ctx>, Posted(staff, _): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_have_just_signed_in(ctx.now())?;
    let (id, session) = (staff.id, staff.session());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        factors::unbind(tx, id)?;
        access::drop_others(tx, &id.to_bytes(), &session)
    };
    ctx.gate.home().write(write).await?;
    Ok(Redirect::to("/you?done=unbound").into_response())
}
