//! A new deal, and changes to one.

use askama::Template;
use assent_store::work::deals::Ending;
use assent_web::parts::Field;
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::around::refused;
use crate::deals::act::{self, pipelines};
use crate::deals::model::Typed;
use crate::filled::{self, Filled, More, Part};
use crate::lists::origin::Origin;
use crate::texts;
use crate::{frame, organised};

#[derive(Template)]
#[template(path = "deals/form.html")]
struct Page {
    shell: Shell,
    action: String,
    back: String,
    error: String,
    /// How the deal stood when the form was made; empty for a new one.
    tag: String,
    fields: Vec<Field>,
    /// Which fields of the company it holds.
    asked: Vec<String>,
    /// Those that are closed, with the sentence why.
    closed: Vec<(String, String)>,
    companies: Vec<String>,
}

/// The most names that are offered while typing.
const MOST_OFFERED: usize = 300;

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    title: &'static str,
    (action, back): (String, String),
    mut fields: Vec<Field>,
    (more, typed): (&More<'_>, &filled::Typed),
    // How the deal stands, nothing of a new one; and whether somebody changed it meanwhile.
    (tag, stale): (String, bool),
) -> Result<Page, Problem> {
    let Part { inputs, asked, closed, unsaid } = filled::part(ctx, staff, more, typed).await?;
    fields.extend(inputs);
    let all = organised::all(ctx, staff, false).await?;
    let companies = all.into_iter().take(MOST_OFFERED).map(|one| one.known.name).collect();
    Ok(Page {
        shell: frame::shell(ctx, staff, say(title)).await?,
        error: filled::above(if stale { say(frame::STALE).into() } else { String::new() }, unsaid),
        asked,
        closed,
        tag,
        action,
        back,
        fields,
        companies,
    })
}

pub async fn new(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let ways = pipelines::all(&ctx, &staff).await?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let company = match asked.get("organisation").parse() {
        Ok(id) => organised::one(&ctx, &staff, id).await?.known.name,
        Err(_) => String::new(),
    };
    let typed = Typed {
        contact: asked.get("person").chars().take(40).collect(),
        stage: asked.get("stage").chars().take(40).collect(),
        owner: staff.id.to_string(),
        company,
        ..Typed::default()
    };
    let (fields, _) = typed.fields(&ways, &colleagues, false, true);
    let to = ("/deals/new".to_owned(), "/deals".to_owned());
    let own = act::fields(&ctx, &staff).await?;
    let (old, opened) = (Filled::default(), texts::viewed(&ctx, &staff, std::iter::empty()).await?);
    let about = typed.contact.parse().ok();
    let more = More { own: &own, about, old: (&old, &opened), wrong: filled::Typed::new() };
    let fresh = (String::new(), false);
    Ok(html::page(&page(&ctx, &staff, "New deal", to, fields, (&more, &typed.more), fresh).await?))
}

pub async fn make(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let ways = pipelines::all(&ctx, &staff).await?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let own = act::fields(&ctx, &staff).await?;
    let (kept, wrong) = filled::checked(&own, &filled::sent(&sent, &own), &filled::Typed::new());
    let typed = Typed { more: kept, ..Typed::read(&sent) };
    let (mut fields, fine) = typed.fields(&ways, &colleagues, true, true);
    let fits = colleagues.fits(&mut fields, ("owner", &typed.owner), None);
    let fine = fine && wrong.is_empty() && fits;
    let to = ("/deals/new".to_owned(), "/deals".to_owned());
    let stage = typed.stage(&ways).filter(|stage| stage.ending == Ending::Open);
    let with = match (fine, stage) {
        (true, Some(_)) => act::with(&ctx, &staff, &typed, None).await?,
        (true, None) => Err(("stage", say("Choose in which stage it begins.").into())),
        (false, _) => Err(("", String::new())),
    };
    let (with, stage) = match (with, stage) {
        (Ok(with), Some(stage)) => (with, stage),
        (Err((name, why)), _) => {
            blame(&mut fields, name, why);
            let (old, opened) = (Filled::default(), texts::viewed(&ctx, &staff, std::iter::empty()).await?);
            let more = More { own: &own, about: None, old: (&old, &opened), wrong };
            let (typed, fresh) = (filled::sent(&sent, &own), (String::new(), false));
            let again = page(&ctx, &staff, "New deal", to, fields, (&more, &typed), fresh).await?;
            return Ok(frame::unfinished(html::page(&again)));
        }
        (Ok(_), None) => return Err(Problem::invalid("Choose in which stage it begins.")),
    };
    let owner = if sent.has("owner") { colleagues.read(&typed.owner)? } else { staff.keeper(Object::Deals) };
    match act::make(&ctx, &staff, &typed, with, stage, owner).await? {
        Ok(id) => Ok(act::saved(&staff, owner, &format!("/deals/{id}"), "made")),
        Err(reason) => refused::refused(&ctx, &staff, &reason, "/deals/new".into(), &typed.title).await,
    }
}

/// Puts what is wrong beside its field.
fn blame(fields: &mut [Field], name: &str, why: String) {
    if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
        field.error = why;
    }
}

pub async fn edit(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    act::must_change(&staff, &deal)?;
    let (own, seen) = (act::fields(&ctx, &staff).await?, act::look(&ctx, &staff, &deal).await?);
    let (filled, opened) = (&seen.filled, &seen.opened);
    let Some(title) = opened.plain(deal.id.to_bytes(), &deal.title).or_else(|| nothing(&deal)) else {
        return closed(&ctx, &staff, &deal, opened).await;
    };
    let names = organised::names(&ctx, &staff, deal.organisation.into_iter()).await?;
    let company = deal.organisation.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    let contact = deal.title.person().map(|person| person.to_string()).unwrap_or_default();
    let more = filled::plains(&own, filled, opened);
    let typed = Typed { more, ..Typed::of(&deal, title, contact, company) };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (fields, _) = typed.fields(&[], &colleagues, false, false);
    let home = format!("/deals/{}", deal.id);
    let about = deal.title.person();
    let (old, wrong) = ((filled, opened), filled::Typed::new());
    let (more, now) = (More { own: &own, about, old, wrong }, (seen.tag(&deal), false));
    let to = (from.on(&format!("{home}/edit")), from.on(&home));
    Ok(html::page(&page(&ctx, &staff, "Change deal", to, fields, (&more, &typed.more), now).await?))
}

/// A deal whose contact was erased has no title any more: an empty one can be filled.
fn nothing(deal: &assent_store::work::deals::Deal) -> Option<String> {
    matches!(deal.title, assent_store::work::Text::Gone).then(String::new)
}

/// Whoever does not see a deal's title cannot put another in its place.
async fn closed(
    ctx: &Ctx,
    staff: &Staff,
    deal: &assent_store::work::deals::Deal,
    opened: &texts::Opened,
) -> Result<Response, Problem> {
    let home = format!("/deals/{}", deal.id);
    opened.must_reach(&deal.title)?;
    let reason = opened.cell(&deal.title).and_then(|(_, cell)| cell.closed().cloned());
    refused::refused(ctx, staff, &reason.unwrap_or(assent_kernel::Reason::UnknownFact), home, "").await
}

pub async fn change(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let deal = act::one(&ctx, &staff, act::id(&id)?).await?;
    // Before anything is made for it.
    act::must_change(&staff, &deal)?;
    let (own, seen) = (act::fields(&ctx, &staff).await?, act::look(&ctx, &staff, &deal).await?);
    let (filled, opened, tag) = (&seen.filled, &seen.opened, seen.tag(&deal));
    let Some(before) = opened.plain(deal.id.to_bytes(), &deal.title).or_else(|| nothing(&deal)) else {
        return closed(&ctx, &staff, &deal, opened).await;
    };
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let posted = filled::sent(&sent, &own);
    let stood = filled::plains(&own, filled, opened);
    let (kept, mut wrong) = filled::checked(&own, &posted, &stood);
    let mut typed = Typed { more: kept, ..Typed::read(&sent) };
    let (mut fields, fine) = typed.fields(&[], &colleagues, true, false);
    let stale = crate::inline::is_stale(&sent, &tag);
    let fits = colleagues.fits(&mut fields, ("owner", &typed.owner), deal.owner);
    let fine = fine && wrong.is_empty() && !stale && fits;
    let home = format!("/deals/{}", deal.id);
    let with = match fine {
        true => act::with(&ctx, &staff, &typed, deal.organisation).await?,
        false => Err(("", String::new())),
    };
    let with = with.and_then(|with| {
        let carried = texts::carried(&deal.title, with.person, &before, &typed.title);
        wrong = filled.carried(&own, &typed.more, (opened, with.person));
        match (carried, wrong.is_empty()) {
            (true, _) => Err(("title", texts::CARRIED.to_owned())),
            (false, false) => Err(("", String::new())),
            (false, true) => Ok(with),
        }
    });
    let with = match with {
        Ok(with) => with,
        Err((name, why)) => {
            if name == "title" {
                typed.title.clear();
                (fields, _) = typed.fields(&[], &colleagues, false, false);
            }
            blame(&mut fields, name, why);
            let to = (from.on(&format!("{home}/edit")), from.on(&home));
            let (about, old) = (deal.title.person(), (filled, opened));
            let more = More { own: &own, about, old, wrong };
            let now = (tag, stale);
            // What was not on the form that was sent is shown as it stands: nobody empties what they never saw.
            let shown: filled::Typed = stood.into_iter().chain(posted).collect();
            let again = page(&ctx, &staff, "Change deal", to, fields, (&more, &shown), now).await?;
            return Ok(frame::unfinished(html::page(&again)));
        }
    };
    let owner = if sent.has("owner") { colleagues.kept(&typed.owner, deal.owner)? } else { deal.owner };
    match act::change(&ctx, &staff, (&deal, &seen), &typed, with, owner).await? {
        Ok(()) => Ok(act::saved(&staff, owner, &from.on(&home), "changed")),
        Err(reason) => refused::refused(&ctx, &staff, &reason, home, &typed.title).await,
    }
}
