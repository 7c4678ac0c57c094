//! Where an administrator says with which accounts people may come in, and takes it back.

use crate::filters;
use askama::Template;
use assent_kernel::Role;
use assent_store::connected;
use assent_store::factors::Provider;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{flow, person_oidc, team};
use crate::ctx::Ctx;
use crate::html::page;
use crate::parts::{Field, Input};
use crate::problem::Problem;
use crate::say;
use crate::session::{Fields, Posted, Staff};
use crate::shell::{Flash, Shell, Tone};

const HERE: &str = "/settings/people-sign-in";
/// The most providers of one company.
const MOST: usize = 8;

pub(super) fn routes() -> Router<Ctx> {
    Router::new().route(HERE, get(show).post(save)).route("/settings/people-sign-in/remove", post(remove))
}

#[derive(Template)]
#[template(path = "door/person_provider.html")]
struct Page {
    shell: Shell,
    fields: Vec<Field>,
    /// What stands: short name, label, issuer, the address to come back to.
    all: Vec<[String; 4]>,
    back: String,
    full: bool,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Said {
    #[serde(default)]
    done: String,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    label: String,
    issuer: String,
    client: String,
    name_error: String,
    issuer_error: String,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").to_owned(),
            label: fields.get("label").chars().take(60).collect(),
            issuer: fields.get("issuer").to_owned(),
            client: fields.get("client").chars().take(200).collect(),
            ..Self::default()
        }
    }
    /// It stands in addresses.
    fn names(&self) -> bool {
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=20).contains(&self.name.len()) && self.name.bytes().all(letter)
    }
    fn whole(&self) -> bool {
        let errors = [&self.name_error, &self.issuer_error];
        errors.iter().all(|error| error.is_empty()) && !self.label.is_empty() && !self.client.is_empty()
    }
    fn fields(self) -> Vec<Field> {
        let needed = |label: &str, name: &'static str, value: String, hint: &str, error: String| Field {
            hint: hint.into(),
            required: true,
            error,
            ..Field::line(label, name, value)
        };
        let name_hint = say("Small letters, digits and dashes; it stands in the address to come back to.");
        let issuer_hint = say("The address of the provider, exactly as it names itself.");
        let secret = Field::line(say("Client secret"), "secret", String::new());
        vec![
            needed(say("Short name"), "name", self.name, name_hint, self.name_error),
            needed(
                say("What the button says"),
                "label",
                self.label,
                say("Such as Example account."),
                String::new(),
            ),
            needed(say("Issuer"), "issuer", self.issuer, issuer_hint, self.issuer_error),
            needed(say("Client id"), "client", self.client, "", String::new()),
            Field {
                input: Input::Line("password"),
                autocomplete: "off",
                hint: say("Leave empty for a public client.").into(),
                ..secret
            },
        ]
    }
}

async fn form(ctx: &Ctx, staff: &Staff, typed: Typed, said: &str) -> Result<Page, Problem> {
    let mut shell = staff.shell(ctx, say("Accounts people may use")).await?;
    shell.purpose = None;
    let told = |text: &str| Flash { tone: Tone::Good, text: text.into(), undo: None };
    shell.flash = match said {
        "saved" => {
            Some(told(say("Saved. People can connect such an account on their own page from now on.")))
        }
        "removed" => {
            Some(told(say("Removed. Who had connected an account there comes in by a link or a passkey.")))
        }
        _ => None,
    };
    let (company, code) = (staff.company.id, staff.company.code.as_str());
    let found = ctx.gate.home().read(move |tx| connected::offered(tx, company)).await?;
    let full = found.len() >= MOST;
    let line = |(name, one): (String, Provider)| {
        let back = person_oidc::back_address(ctx, code, &name);
        [name, one.label, one.issuer, back]
    };
    let all = found.into_iter().map(line).collect();
    let back = person_oidc::back_address(ctx, code, "NAME");
    Ok(Page { shell, fields: typed.fields(), all, back, full })
}

async fn show(State(ctx): State<Ctx>, staff: Staff, Query(said): Query<Said>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    Ok(page(&form(&ctx, &staff, Typed::default(), &said.done).await?))
}

async fn save(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let (company, mut typed) = (staff.company.id, Typed::read(&fields));
    let before = ctx.gate.home().read(move |tx| connected::offered(tx, company)).await?;
    let same = before.iter().find(|(name, _)| *name == typed.name);
    if !typed.names() {
        typed.name_error = say("Use one to twenty small letters, digits and dashes.").into();
    } else if same.is_some_and(|(_, one)| one.issuer != typed.issuer) {
        typed.name_error =
            say("That name is another provider's. Remove it first, or take another name.").into();
    } else if same.is_none() && before.len() >= MOST {
        typed.name_error = say!("There can be {n} of them. Remove one first.", n = MOST);
    } else {
        typed.issuer_error = flow::wrong_issuer(&ctx, &typed.issuer).await.unwrap_or_default();
    }
    if !typed.whole() {
        let mut answer = page(&form(&ctx, &staff, typed, "").await?);
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(answer);
    }
    let secret = match fields.get("secret") {
        "" => None,
        new => Some(ctx.gate.seal_secret(company, &person_oidc::place(&typed.name), new.as_bytes()).await?),
    };
    let Typed { name, label, issuer, client, .. } = typed;
    let what = format!("People may come in with an account of {issuer} ({name}).");
    let one = Provider { label, issuer, client, secret };
    let write = move |tx: &mut assent_store::Tx<'_>| {
        let kept = connected::offer(tx, company, &name, &one)?;
        if kept { Ok(()) } else { Err(assent_store::StoreError::Moved) }
    };
    team::noted(&ctx, &staff, None, what, write).await?;
    Ok(Redirect::to(&format!("{HERE}?done=saved")).into_response())
}

async fn remove(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(&[Role::Admin])?;
    let (company, name) = (staff.company.id, fields.get("name").chars().take(20).collect::<String>());
    let what = format!("People no longer come in with an account of {name}.");
    let write = move |tx: &mut assent_store::Tx<'_>| connected::withdraw(tx, company, &name);
    team::noted(&ctx, &staff, None, what, write).await?;
    Ok(Redirect::to(&format!("{HERE}?done=removed")).into_response())
}
