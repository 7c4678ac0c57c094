//! Small forms for one value: change it, add one, write a note. What was typed is kept when it cannot be saved.

use askama::Template;
use assent_gate::Dossier;
use assent_kernel::{CategoryKey, FactId, PersonId, Reason, TreeKey};
use assent_web::catalogue::{Lang, lang};
use assent_web::fields::{self, Thing};
use assent_web::parts::{Act, Field, Input};
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::around::note;
use crate::desk::act;
use crate::desk::act::write;
use crate::desk::model::cell::{Cell, Seen};
use crate::desk::model::words::Words;
use crate::desk::model::{NOTE, forms, said};
use crate::frame;
use crate::lists::origin::Origin;

#[derive(Template)]
#[template(path = "desk/value.html")]
pub(super) struct Page {
    shell: Shell,
    person: String,
    action: String,
    fields: Vec<Field>,
    /// What goes with it unseen.
    hidden: Vec<(&'static str, String)>,
    save: &'static str,
    why: String,
    remove: Option<Act>,
    /// Why it is closed, and a way to ask.
    closed: Option<(String, Option<Act>)>,
    /// What was typed although it cannot be saved now.
    typed: String,
    /// The fields of the company that can be filled in: where, and what it is called.
    own: Vec<(String, String)>,
}

impl Page {
    /// The same in the list that the record was opened from: it leads back there.
    pub(super) fn within(self, from: &Origin) -> Self {
        let person = from.on(&self.person);
        let action = if self.action.is_empty() { self.action } else { from.on(&self.action) };
        let own = self.own.into_iter().map(|(href, label)| (from.on(&href), label)).collect();
        let remove = self.remove.map(|act| Act { fields: vec![("back", person.clone())], ..act });
        Self { person, action, own, remove, ..self }
    }

    /// The same with something that goes with it unseen.
    pub(super) fn carrying(mut self, one: (&'static str, String)) -> Self {
        self.hidden.push(one);
        self
    }

    fn new(shell: Shell, id: PersonId) -> Self {
        Self {
            shell,
            person: format!("/people/{id}"),
            action: String::new(),
            fields: Vec::new(),
            hidden: Vec::new(),
            save: say("Save"),
            why: String::new(),
            remove: None,
            closed: None,
            typed: String::new(),
            own: Vec::new(),
        }
    }

    /// A form of these fields, sent to a page below the record.
    pub(super) fn of_fields(
        shell: Shell,
        id: PersonId,
        (page, fields): (&str, Vec<Field>),
        why: &str,
    ) -> Self {
        Self { action: format!("/people/{id}/{page}"), fields, why: why.into(), ..Self::new(shell, id) }
    }
}

/// A page with another status than "fine".
pub(super) fn answer(status: StatusCode, page: &Page) -> Response {
    let mut response = html::page(page);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// A page that says why something is closed, and keeps what was typed.
async fn refused(
    ctx: &Ctx,
    staff: &Staff,
    id: PersonId,
    title: &str,
    (category, reason): (&CategoryKey, Option<&Reason>),
    typed: &str,
) -> Result<Response, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let shell = super::shell(ctx, staff, title).await?;
    let ask = words.askable(category, reason).then(|| ask(&shell, id, &words));
    let sentence = format!("{}. {}", words.closed_for(), words.sentence(reason));
    let page = Page { closed: Some((sentence, ask)), typed: typed.to_owned(), ..Page::new(shell, id) };
    Ok(answer(StatusCode::FORBIDDEN, &page))
}

fn ask(shell: &Shell, id: PersonId, words: &Words<'_>) -> Act {
    let label = say!("Ask for “{what}”", what = words.label(words.purpose));
    let act = super::ask_act(shell, id, words.purpose, label);
    Act { fields: vec![("purpose", words.purpose.to_string())], ..act }
}

fn ids(id: &str, fact: &str) -> Result<(PersonId, FactId), Problem> {
    Ok((act::person(id)?, fact.parse().map_err(|_| act::nobody())?))
}

pub async fn edit_form(
    State(ctx): State<Ctx>,
    Path((id, fact)): Path<(String, String)>,
    from: Origin,
    staff: Staff,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let (id, fact) = ids(&id, &fact)?;
    let (dossier, category, cell) = write::look_at(&ctx, &staff, id, fact).await?;
    act::must_change(&staff, &dossier)?;
    match &cell {
        Cell::Open(seen) if seen.whole => {
            write::must_change(&ctx, &staff, id, fact).await?;
            let typed = (seen.text.as_str(), String::new());
            let page = edit_page(&ctx, &staff, &dossier, &category, seen, typed).await?;
            Ok(html::page(&page.within(&from)))
        }
        Cell::Open(_) => in_part(&ctx, &staff, id).await,
        Cell::Unknown | Cell::Closed(_) => {
            refused(&ctx, &staff, id, say("Closed"), (&category, cell.closed()), "").await
        }
    }
}

/// Whoever sees a part of a value cannot put another in its place.
async fn in_part(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<Response, Problem> {
    let shell = super::shell(ctx, staff, say("Closed")).await?;
    let sentence = say("Only a part of this is open for you, so it cannot be changed here.").to_owned();
    Ok(answer(StatusCode::FORBIDDEN, &Page { closed: Some((sentence, None)), ..Page::new(shell, id) }))
}

/// "Change e-mail address".
fn change(label: &str) -> String {
    let what = if lang() == Lang::German { label.to_owned() } else { label.to_lowercase() };
    say!("Change {what}", what = what)
}

async fn edit_page(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    category: &CategoryKey,
    seen: &Seen,
    (value, error): (&str, String),
) -> Result<Page, Problem> {
    let id = dossier.id();
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let own = fields::of_people(ctx, staff.company.id).await?;
    let label = words.category(category);
    let shell = super::shell(ctx, staff, &change(&label)).await?;
    let action = format!("/people/{id}/fact/{}", seen.fact.id);
    let remove = Act {
        label: say("Remove this value").into(),
        action: format!("{action}/remove"),
        csrf: shell.csrf.clone(),
        class: "danger",
        ..Act::default()
    };
    Ok(Page {
        fields: vec![forms::field(&own, category, label, value, error)],
        hidden: vec![("seen", version(dossier, seen.fact.id))],
        why: say("It keeps its terms. The person sees that it was changed, when and by whom.").into(),
        action,
        remove: Some(remove),
        ..Page::new(shell, id)
    })
}

/// Which sealing of a value a form was made for.
fn version(dossier: &Dossier, fact: FactId) -> String {
    dossier.fact(fact).map(assent_gate::Held::version).unwrap_or_default()
}

pub async fn edit(
    State(ctx): State<Ctx>,
    Path((id, fact)): Path<(String, String)>,
    from: Origin,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let (id, fact) = ids(&id, &fact)?;
    let typed = fields::sent(&sent, "value");
    let value = typed.as_str();
    let (dossier, category, cell) = write::look_at(&ctx, &staff, id, fact).await?;
    let Some(seen) = cell.seen() else {
        return refused(&ctx, &staff, id, say("Not changed"), (&category, cell.closed()), value).await;
    };
    if !seen.whole {
        return in_part(&ctx, &staff, id).await;
    }
    write::must_change(&ctx, &staff, id, fact).await?;
    let moved = sent.get("seen") != version(&dossier, fact);
    let own = fields::of_people(&ctx, staff.company.id).await?;
    let kept = forms::kept(&own, &category, value);
    let same = kept.as_ref().is_ok_and(|kept| *kept == seen.text);
    let error = if !moved && same {
        say("Nothing changed. Saving again would not make it fresher.").into()
    } else if moved {
        say!(
            "Somebody changed it meanwhile to “{value}”. Save again to put yours in its place.",
            value = seen.text
        )
    } else {
        kept.as_ref().err().cloned().unwrap_or_default()
    };
    if !error.is_empty() {
        let status = if moved { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = edit_page(&ctx, &staff, &dossier, &category, seen, (value, error)).await?;
        return Ok(answer(status, &page.within(&from)));
    }
    let kept = kept.unwrap_or_default();
    match write::keep(&ctx, &staff, &dossier, category.clone(), kept, Some(fact)).await? {
        Ok(()) => Ok(super::back(&from.on(&format!("/people/{id}")), "changed")),
        Err(reason) => refused(&ctx, &staff, id, say("Not changed"), (&category, Some(&reason)), value).await,
    }
}

pub async fn remove(
    State(ctx): State<Ctx>,
    Path((id, fact)): Path<(String, String)>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let (id, fact) = ids(&id, &fact)?;
    let record = format!("/people/{id}");
    let there = said::own(fields.get("back")).unwrap_or(&record);
    let (dossier, category, cell) = write::look_at(&ctx, &staff, id, fact).await?;
    match &cell {
        Cell::Open(seen) if seen.whole => {
            write::must_change(&ctx, &staff, id, fact).await?;
            write::remove(&ctx, &staff, &dossier, fact).await?;
            Ok(super::back(there, "removed"))
        }
        Cell::Open(_) => in_part(&ctx, &staff, id).await,
        Cell::Unknown | Cell::Closed(_) => {
            refused(&ctx, &staff, id, say("Not removed"), (&category, cell.closed()), "").await
        }
    }
}

pub async fn add_form(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let dossier = act::to_change(&ctx, &staff, id).await?;
    let page = add_page(&ctx, &staff, &dossier, asked.get("category"), "", String::new()).await?;
    Ok(html::page(&page.within(&Origin::read(&asked))))
}

async fn add_page(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    category: &str,
    value: &str,
    error: String,
) -> Result<Page, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let shell = super::shell(ctx, staff, say("Add a value")).await?;
    let open = write::writable(ctx, staff, dossier).await?;
    let id = dossier.id();
    if open.is_empty() {
        let sentence = say!("{closed}, so nothing can be added for it.", closed = words.closed_for());
        let ask = words.can_ask().then(|| ask(&shell, id, &words));
        return Ok(Page { closed: Some((sentence, ask)), typed: value.to_owned(), ..Page::new(shell, id) });
    }
    let own = fields::all(ctx, staff.company.id, Thing::Person).await?;
    let wanted = CategoryKey::new(category).ok().filter(|key| open.contains(key));
    if let Some((key, field)) = wanted.and_then(|key| Some((key.clone(), fields::of(&own, &key)?))) {
        return Ok(Page {
            action: format!("/people/{id}/fact"),
            fields: vec![fields::input(field, "value".into(), value, error)],
            hidden: vec![("category", key.to_string())],
            why: say(KEPT).into(),
            ..Page::new(shell, id)
        });
    }
    let offered = own.iter().filter(|field| field.gone_at.is_none());
    let links = offered.filter_map(|field| {
        let key = field.category.as_ref().filter(|key| open.contains(key))?;
        Some((format!("/people/{id}/fact?category={key}"), fields::name(field).to_owned()))
    });
    let links: Vec<(String, String)> = links.collect();
    let always = open.iter().filter(|key| fields::of(&own, key).is_none());
    let kinds = always.map(|key| (key.to_string(), words.category(key))).collect();
    let kind = Field {
        hint: say!("Only what “{what}” opens is listed.", what = words.label(words.purpose)),
        input: Input::Select(kinds),
        ..Field::line(say("What it is"), "category", category)
    };
    let field = Field { error, autocomplete: "off", ..Field::line(say("Value"), "value", value) };
    Ok(Page {
        action: format!("/people/{id}/fact"),
        fields: vec![kind, field],
        why: say(KEPT).into(),
        own: links,
        ..Page::new(shell, id)
    })
}

/// What becomes of a new value.
const KEPT: &str = "It is kept under the person's terms, and they see it on their page.";

pub async fn add(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let dossier = act::to_change(&ctx, &staff, id).await?;
    let category = CategoryKey::new(sent.get("category"))
        .map_err(|_| Problem::invalid("Choose what kind of value it is."))?;
    let typed = fields::sent(&sent, "value");
    let own = fields::all(&ctx, staff.company.id, Thing::Person).await?;
    let apart = fields::apart(&ctx, staff.company.id).await?;
    match forms::addable((&own, &apart), &category, &typed) {
        Ok(value) => {
            save(&ctx, &staff, &dossier, category, &value, (&from.on(&format!("/people/{id}")), "added"))
                .await
        }
        Err(error) => {
            let page = add_page(&ctx, &staff, &dossier, category.as_str(), &typed, error).await?;
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page.within(&from)))
        }
    }
}

pub async fn note(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let id = act::person(&id)?;
    let dossier = act::to_change(&ctx, &staff, id).await?;
    let category = CategoryKey::new(NOTE).map_err(|error| Problem::internal(&error))?;
    let value = fields.get("value");
    let error = forms::wrong(&category, value);
    if !error.is_empty() {
        let fields = vec![forms::field(&[], &category, say("Note").into(), value, error)];
        let page = Page::of_fields(super::shell(&ctx, &staff, say("Note")).await?, id, ("note", fields), "");
        return Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let home = format!("/people/{id}");
    let back = said::own(fields.get("back")).unwrap_or(&home);
    let done = save(&ctx, &staff, &dossier, category, value, (back, "noted")).await?;
    if done.status() == StatusCode::SEE_OTHER {
        let told = note::tell(&ctx, &staff, value, &format!("/people/{id}?tab=notes"), id).await;
        let blind = told.as_ref().map_or(0, |blind| *blind);
        frame::afterwards("telling colleagues", told.map(|_| ()));
        let settled = crate::texts::settle(&ctx.gate, &staff.company, Some(id)).await;
        frame::afterwards("looking again", settled);
        return Ok(super::back(back, &frame::noted(blind)));
    }
    Ok(done)
}

/// Asks, and keeps what was typed if it may be seen for the purpose at hand.
async fn save(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    category: CategoryKey,
    value: &str,
    (back, word): (&str, &str),
) -> Result<Response, Problem> {
    let id = dossier.id();
    let written = match write::may_write(ctx, staff, dossier, &category).await? {
        Ok(()) => write::keep(ctx, staff, dossier, category.clone(), value.to_owned(), None).await?,
        Err(reason) => Err(reason),
    };
    match written {
        Ok(()) => Ok(super::back(back, word)),
        Err(reason) => refused(ctx, staff, id, say("Not saved"), (&category, Some(&reason)), value).await,
    }
}
