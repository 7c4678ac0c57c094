//! Verbs: keep a file beside a deal, an organisation or an item, take it, remove it. What is about a person is asked for.

use assent_gate::{GateError, NewFile, Work};
use assent_kernel::uses::kind::View;
use assent_kernel::{ActivityId, CategoryKey, Matter, NonEmpty, PersonId, Reason};
use assent_store::files;
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::items::{self, ItemId};
use assent_store::work::{self, Text};
use assent_web::media::{self, Media};
use assent_web::objects;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use crate::around::note::{self, activity};
use crate::around::{Of, Place};
use crate::seen::NOTE;
use crate::seen::cell::{Cell, cell};
use crate::texts;

/// Nothing by that id.
pub fn nothing() -> Problem {
    Problem::not_found("There is nothing here by that id.")
}

/// The record beside which a file lies; nothing when it is out of reach.
async fn place(ctx: &Ctx, staff: &Staff, of: Of) -> Result<Place, Problem> {
    Place::read(ctx, staff, of).await?.ok_or_else(nothing)
}

/// Keeps a file beside what may be changed: a fact of the contact where there is one, else sealed under the company's key.
pub async fn keep(
    ctx: &Ctx,
    staff: &Staff,
    of: Of,
    (name, media, content): (&str, Media, Vec<u8>),
) -> Result<Result<ActivityId, Reason>, Problem> {
    let name = media::clean(name);
    let mut one = activity(ctx, staff, of, Kind::File, Text::Gone, String::new())?;
    let (company, id) = (staff.company.id, one.id);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let place = place(ctx, staff, of).await?;
    place.must_change(staff)?;
    let Some(person) = place.about else {
        let own = ctx.gate.own(company).await?;
        one.text = Text::Own(own.seal(id.to_bytes(), &name)?);
        let tokens = own.tokens(Work::File, &name);
        let file = own.seal_file(id.to_bytes(), media.key(), &content)?;
        let write = move |tx: &mut assent_store::Tx<'_>| {
            files::add(tx, company, None, &file)?;
            activities::add(tx, company, &one)?;
            work::set_words(tx, company, id.to_bytes(), &tokens)
        };
        store.write(write).await?;
        return Ok(Ok(id));
    };
    let dossier = ctx.gate.look_one(&staff.people(), person).await?;
    let category = CategoryKey::new(NOTE).map_err(|error| Problem::internal(&error))?;
    let question = ctx.question(View, staff, &dossier, NonEmpty::one(Matter::Kind(category.clone()))).await?;
    if let assent_gate::Answer::Refusal(refusal) = ctx.gate.ask(question, &dossier).await? {
        return Ok(Err(refusal.ruling.refusal().cloned().unwrap_or(Reason::EmptyRequest)));
    }
    let source = format!("a file, from {}", staff.role.label());
    let file = NewFile { category, name, kind: media.key().to_owned(), content, source };
    match ctx.gate.keep_file(&dossier, file, staff.asker(), ctx.now()).await {
        Ok((fact, _)) => one.text = Text::OfPerson(person, fact),
        Err(GateError::NotKept(reason)) => return Ok(Err(reason)),
        Err(other) => return Err(other.into()),
    }
    store.write(move |tx| activities::add(tx, company, &one)).await?;
    texts::settle(&ctx.gate, &staff.company, Some(person)).await?;
    Ok(Ok(id))
}

/// A file: as far away as what it lies beside.
async fn found(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Activity, Problem> {
    let id: ActivityId = id.parse().map_err(|_| nothing())?;
    let found = note::beside(ctx, staff, id).await?;
    found.filter(|one| one.kind == Kind::File).ok_or_else(nothing)
}

/// What a file lies beside.
fn beside(one: &Activity) -> Option<Of> {
    one.deal.map(Of::Deal).or(one.organisation.map(Of::Organisation)).or(one.item.map(Of::Item))
}

/// Opens a file: what it is called, what it is, and its content; or why it is closed.
pub async fn take(
    ctx: &Ctx,
    staff: &Staff,
    id: &str,
) -> Result<Result<(String, Media, Vec<u8>), Option<Reason>>, Problem> {
    let one = found(ctx, staff, id).await?;
    let company = staff.company.id;
    match &one.text {
        Text::Own(sealed) => {
            let (own, id) = (ctx.gate.own(company).await?, one.id.to_bytes());
            let store = ctx.gate.region_db(&staff.company.region)?;
            let file = store.read(move |tx| files::one(tx, company, id)).await?.ok_or_else(nothing)?;
            let (name, open) = (own.open(id, sealed)?, own.open_file(&file)?);
            Ok(Ok((name, Media::parse(&open.kind), open.content)))
        }
        Text::OfPerson(person, fact) => {
            let dossier = ctx.gate.look_one(&staff.people(), *person).await?;
            let held = dossier.fact(*fact).ok_or_else(nothing)?;
            let question = ctx.question(View, staff, &dossier, NonEmpty::one(Matter::Held(*fact))).await?;
            let answer = ctx.gate.ask(question, &dossier).await?;
            match (answer.permit(), cell(&answer, held)) {
                (Some(permit), Cell::Open(seen)) if seen.whole => {
                    let open = ctx.gate.open_file(permit, &dossier, *fact).await?;
                    Ok(Ok((seen.text, Media::parse(&open.kind), open.content)))
                }
                (_, cell) => Ok(Err(cell.closed().cloned())),
            }
        }
        Text::Gone => Err(nothing()),
    }
}

/// Refuses to remove a file beside what is not theirs to change: it is gone for good.
async fn may_remove(ctx: &Ctx, staff: &Staff, one: &Activity) -> Result<(), Problem> {
    match beside(one) {
        Some(of) => place(ctx, staff, of).await?.must_change(staff),
        None => Ok(()),
    }
}

/// Where an item is.
pub async fn there(ctx: &Ctx, staff: &Staff, id: ItemId) -> Result<String, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Things));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let item = store.read(move |tx| items::one(tx, company, &reach, id)).await?.ok_or_else(nothing)?;
    Ok(format!("{}/{id}", objects::href(&item.object)))
}

/// What became of a file that was to be removed.
pub enum Gone {
    /// It was the company's own and is gone; where it hung is there.
    Own(String),
    /// It is about a person, and is removed among their values.
    OfPerson(PersonId),
}

/// Removes a file of the company's own; one about a person is removed on their record.
pub async fn remove(ctx: &Ctx, staff: &Staff, id: &str) -> Result<Gone, Problem> {
    let one = found(ctx, staff, id).await?;
    let (company, id) = (staff.company.id, one.id);
    match &one.text {
        Text::Own(_) => may_remove(ctx, staff, &one).await?,
        Text::OfPerson(person, _) => {
            // Whom it is about is told to those alone who may read it.
            let opened = texts::viewed_alone(ctx, staff, std::iter::once(&one.text)).await?;
            if !opened.tells(&one.text) {
                return Err(nothing());
            }
            may_remove(ctx, staff, &one).await?;
            return Ok(Gone::OfPerson(*person));
        }
        Text::Gone => return Err(nothing()),
    }
    let store = ctx.gate.region_db(&staff.company.region)?;
    let write = move |tx: &mut assent_store::Tx<'_>| {
        files::drop_one(tx, id.to_bytes())?;
        activities::drop_one(tx, company, id)
    };
    store.write(write).await?;
    Ok(Gone::Own(match beside(&one) {
        Some(Of::Deal(deal)) => format!("/deals/{deal}"),
        Some(Of::Organisation(organisation)) => format!("/organisations/{organisation}"),
        Some(Of::Item(id)) => there(ctx, staff, id).await?,
        Some(Of::Person(_)) | None => "/deals".into(),
    }))
}
