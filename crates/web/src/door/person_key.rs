//! Passkeys of people: the next visit needs no letter. Made on their own page, after a link has shown that the address is
//! theirs; gone when they are erased.

use assent_gate::{Answer, Letter};
use assent_kernel::uses::kind::Message;
use assent_kernel::{
    Asker, CategoryKey, CompanyId, Context, PersonId, PurposeKey, Question, StaffId, To, TreeKey as _,
};
use assent_store::access::Door;
use assent_store::factors::{self, Factor, Kind};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::passkey::{self, Seat};
use super::same_site;
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::session::{self, Fields, PERSON_SESSION, Person, Posted};

pub(super) fn routes() -> Router<Ctx> {
    Router::new()
        .route("/me/passkeys/ask", post(ask_new))
        .route("/me/passkeys", post(add))
        .route("/me/passkeys/remove", post(remove))
        .route("/my/passkey/enter", post(enter))
}

/// The passkeys of a person.
///
/// # Errors
/// What the store said.
pub async fn of(ctx: &Ctx, id: PersonId) -> Result<Vec<Factor>, Problem> {
    let all = ctx.gate.home().read(move |tx| factors::of_person(tx, id)).await?;
    Ok(all.into_iter().filter(|one| one.kind == Kind::PersonKey).collect())
}

/// An id of the home store is an id, whoever has it: people's factors lie beside the staff's.
fn seat(person: &Person) -> Seat {
    let (company, id) = (person.company.id, person.id.to_bytes());
    let handle = [company.to_bytes(), id].concat();
    Seat { company, owner: StaffId::from_bytes(id), kind: Kind::PersonKey, handle }
}

async fn ask_new(State(ctx): State<Ctx>, Posted(person, _): Posted<Person>) -> Result<Response, Problem> {
    person.must_have_just_come_in(ctx.now())?;
    // The device shows this name; nothing about the person leaves for it.
    let name = person.company.name.clone();
    passkey::offer_new(&ctx, &seat(&person), (name.clone(), name)).await
}

async fn add(State(ctx): State<Ctx>, Posted(person, fields): Posted<Person>) -> Result<Response, Problem> {
    person.must_have_just_come_in(ctx.now())?;
    let unnamed = if person.lang == "de" { "Ein Gerät" } else { "A device" };
    passkey::keep(&ctx, &seat(&person), &fields, unnamed).await?;
    session::end_others(&ctx, &person).await?;
    if tell(&ctx, &person).await.is_err() {
        tracing::error!(company = %person.company.id, "nobody could be told of a new passkey");
    }
    Ok(Redirect::to("/me/sign-in?done=passkey").into_response())
}

async fn remove(State(ctx): State<Ctx>, Posted(person, fields): Posted<Person>) -> Result<Response, Problem> {
    person.must_have_just_come_in(ctx.now())?;
    let nothing =
        || Problem::not_found("There is no such passkey.").german("So einen Passkey gibt es nicht.");
    let id = session::read_id(fields.get("id")).ok_or_else(nothing)?;
    let owner = StaffId::from_bytes(person.id.to_bytes());
    ctx.gate.home().write(move |tx| factors::remove(tx, owner, &id)).await?;
    // Whoever came in with it is out too, or the page would say more than is true.
    session::end_others(&ctx, &person).await?;
    Ok(Redirect::to("/me/sign-in?done=passkey-removed").into_response())
}

/// Tells somebody at every address of theirs that a device opens their page now: whoever did not do that can undo it.
async fn tell(ctx: &Ctx, person: &Person) -> Result<(), Problem> {
    let internal = |error: &dyn std::fmt::Display| Problem::internal(error);
    let company = &person.company;
    let dossier = ctx.gate.look_own(company.id, person.id).await?;
    let address = CategoryKey::new("contact.email").map_err(|error| internal(&error))?;
    let Some(matters) = dossier.of_categories(std::slice::from_ref(&address)) else { return Ok(()) };
    let question = Question {
        what: Message,
        person: person.id,
        asker: Asker::System,
        purpose: PurposeKey::new("rights.serve").map_err(|error| internal(&error))?,
        matters,
        to: To::Person,
        region: dossier.region().clone(),
        at: ctx.now(),
        // Whoever said "use it for nothing" is told too.
        context: Context { claim: true, ..Context::default() },
    };
    let Answer::Permit(permit) = ctx.gate.ask(question, &dossier).await? else { return Ok(()) };
    let here = format!("{}/my/{}", ctx.settings.base_url, company.code);
    for to in dossier.facts().filter(|held| address.covers(held.category()) && permit.open(held).is_ok()) {
        let letter = letter(&company.name, &here, person.lang == "de");
        ctx.gate.post(&permit, &dossier, to, letter, ctx.now()).await?;
    }
    Ok(())
}

fn letter(company: &str, here: &str, german: bool) -> Letter {
    if german {
        Letter {
            subject: format!("{company}: Ein Gerät öffnet jetzt Ihre Seite"),
            body: format!(
                "Guten Tag,\n\nseit eben öffnet ein Passkey Ihre Seite bei {company}. Waren Sie das? Dann ist nichts zu tun.\n\n\
                 Sie waren es nicht? Entfernen Sie ihn unter „Wie Sie hereinkommen“: {here}\n"
            ),
        }
    } else {
        Letter {
            subject: format!("{company}: a device opens your page now"),
            body: format!(
                "Hello,\n\na passkey opens your page at {company} from now on. Was it you? Then there is nothing to do.\n\n\
                 It was not you? Remove it under “How you come in”: {here}\n"
            ),
        }
    }
}

async fn enter(State(ctx): State<Ctx>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    same_site(&headers)?;
    match holder(&ctx, &Fields::parse(&body)).await? {
        Some((company, person)) => {
            let who = person.to_bytes();
            let cookie = session::begin(&ctx, company, Door::Person, who, "", PERSON_SESSION).await?;
            Ok(([cookie], Redirect::to("/me")).into_response())
        }
        None => Err(Problem::forbidden("That passkey does not open this door. Ask for a link instead.")
            .german("Dieser Passkey öffnet diese Tür nicht. Fordern Sie stattdessen einen Link an.")),
    }
}

/// Whose passkey it is, if everything fits and they are still here.
async fn holder(ctx: &Ctx, fields: &Fields) -> Result<Option<(CompanyId, PersonId)>, Problem> {
    let Some(shown) = passkey::shown(ctx, fields).await? else { return Ok(None) };
    let halves = shown.user.split_first_chunk::<16>();
    let Some((company, Ok(person))) = halves.map(|(first, rest)| (*first, <[u8; 16]>::try_from(rest))) else {
        return Ok(None);
    };
    let (company, person) = (CompanyId::from_bytes(company), PersonId::from_bytes(person));
    if shown.factor.kind != Kind::PersonKey || shown.factor.staff.to_bytes() != person.to_bytes() {
        return Ok(None);
    }
    if ctx.gate.look_own(company, person).await.is_err() {
        return Ok(None);
    }
    Ok(passkey::proves(ctx, &shown, company).await?.then_some((company, person)))
}
