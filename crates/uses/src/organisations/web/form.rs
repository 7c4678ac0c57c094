//! A new organisation, and changes to one.

use askama::Template;
use assent_kernel::StaffId;
use assent_store::work::organisations::Organisation;
use assent_web::fields::{self, Field as Own, Thing};
use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Posted, Problem, Shell, Staff, filters, html, say};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::frame::{self, Colleagues, STALE};
use crate::inline::is_stale;
use crate::lists::origin::Origin;
use crate::organisations::{act, model};
use crate::organised::{self, Known, Named};

#[derive(Template)]
#[template(path = "organisations/form.html")]
struct Page {
    shell: Shell,
    action: String,
    back: String,
    error: &'static str,
    /// In which version it was when the form was made; empty for a new one.
    ver: String,
    fields: Vec<Field>,
}

/// Where a form leads, and what it was made for.
struct To {
    action: String,
    back: String,
    ver: String,
    /// Who looks after it now.
    now: Option<StaffId>,
    /// Somebody changed it meanwhile.
    stale: bool,
}

impl To {
    fn new() -> Self {
        let (action, back) = ("/organisations/new".into(), "/organisations".into());
        Self { action, back, ver: String::new(), now: None, stale: false }
    }
    fn old(row: &Organisation, from: &Origin) -> Self {
        let home = format!("/organisations/{}", row.id);
        let (action, back) = (from.on(&format!("{home}/edit")), from.on(&home));
        Self { action, back, ver: row.ver.to_string(), now: row.owner, stale: false }
    }
}

async fn page(
    ctx: &Ctx,
    staff: &Staff,
    title: &'static str,
    to: To,
    (mut fields, owner): (Vec<Field>, String),
    colleagues: &Colleagues,
) -> Result<Page, Problem> {
    fields.push(Field {
        input: Input::Select(colleagues.choices_now(say("Nobody"), &owner)),
        error: colleagues.wrong(&owner, to.now),
        ..Field::line(say("Who looks after it"), "owner", owner)
    });
    let To { action, back, ver, stale, .. } = to;
    let error = if stale { say(STALE) } else { "" };
    Ok(Page { shell: frame::shell(ctx, staff, say(title)).await?, action, back, error, ver, fields })
}

/// The fields of the company that are offered.
async fn own(ctx: &Ctx, staff: &Staff) -> Result<Vec<Own>, Problem> {
    fields::offered(ctx, staff.company.id, Thing::Organisation).await
}

pub async fn new(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let own = own(&ctx, &staff).await?;
    let (fields, _) = model::fields(&Known::default(), &own, &Known::default(), false);
    let filled = (fields, staff.id.to_string());
    Ok(html::page(&page(&ctx, &staff, "New organisation", To::new(), filled, &colleagues).await?))
}

pub async fn make(State(ctx): State<Ctx>, Posted(staff, sent): Posted<Staff>) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let (own, old) = (own(&ctx, &staff).await?, Known::default());
    let known = model::typed(&sent, &own, &old);
    let (mut fields, mut fine) = model::fields(&known, &own, &old, true);
    let twin = if fine { organised::named(&ctx, &staff, &known.name, None).await? } else { Named::None };
    let wrong = match twin {
        Named::None => "",
        Named::Seen(_) => "There is an organisation of this name already.",
        Named::Far => organised::FAR,
    };
    if let Some(name) = fields.first_mut().filter(|_| !wrong.is_empty()) {
        name.error = say(wrong).into();
        fine = false;
    }
    if !fine || colleagues.read(sent.get("owner")).is_err() {
        let filled = (fields, sent.get("owner").to_owned());
        let again = page(&ctx, &staff, "New organisation", To::new(), filled, &colleagues).await?;
        return Ok(frame::unfinished(html::page(&again)));
    }
    let named = sent.has("owner").then(|| colleagues.read(sent.get("owner"))).transpose()?;
    let owner = named.unwrap_or_else(|| staff.keeper(Object::Organisations));
    let id = organised::make(&ctx, &staff, &known, owner).await?;
    frame::afterwards("the line about it", act::made(&ctx, &staff, id).await);
    Ok(organised::saved(&staff, owner, &format!("/organisations/{id}"), "made"))
}

pub async fn edit(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    staff: Staff,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let one = organised::one(&ctx, &staff, act::id(&id)?).await?;
    organised::must_change(&staff, &one.row)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let own = own(&ctx, &staff).await?;
    let (fields, _) = model::fields(&one.known, &own, &one.known, false);
    let owner = one.row.owner.map(|id| id.to_string()).unwrap_or_default();
    let (to, filled) = (To::old(&one.row, &from), (fields, owner));
    Ok(html::page(&page(&ctx, &staff, "Change organisation", to, filled, &colleagues).await?))
}

pub async fn change(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    from: Origin,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let one = organised::one(&ctx, &staff, act::id(&id)?).await?;
    organised::must_change(&staff, &one.row)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let to = To { stale: is_stale(&sent, one.row.ver), ..To::old(&one.row, &from) };
    let own = own(&ctx, &staff).await?;
    let known = model::typed(&sent, &own, &one.known);
    let now = one.row.owner.map(|id| id.to_string()).unwrap_or_default();
    let named = if sent.has("owner") { sent.get("owner").to_owned() } else { now };
    let (fields, fine) = model::fields(&known, &own, &one.known, true);
    if !fine || to.stale || colleagues.kept(&named, to.now).is_err() {
        let filled = (fields, named);
        let again = page(&ctx, &staff, "Change organisation", to, filled, &colleagues).await?;
        return Ok(frame::unfinished(html::page(&again)));
    }
    let owner = colleagues.kept(&named, to.now)?;
    organised::change(&ctx, &staff, &one.row, &known, owner).await?;
    Ok(organised::saved(&staff, owner, &to.back, "changed"))
}
