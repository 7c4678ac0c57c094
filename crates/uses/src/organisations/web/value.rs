//! The small form for one value of an organisation, and saving it.

use assent_web::fields::{self, Field as Own, Thing};
use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::frame::{self, Colleagues};
use crate::inline::{Small, is_stale, only};
use crate::lists;
use crate::organisations::{act, model};
use crate::organised::{self, Known, One};
use crate::undo::{self, Undo};

/// The values that can be changed by themselves; also columns of the list.
pub const FIELDS: [&str; 5] = ["name", "trade", "city", "website", "owner"];

async fn small(
    (ctx, staff): (&Ctx, &Staff),
    (one, own): (&One, &[Own]),
    (field, value): (&str, String),
    colleagues: &Colleagues,
    (back, checked): (&str, bool),
) -> Result<(Small, bool), Problem> {
    let mut known = one.known.clone();
    put(&mut known, own, field, &value);
    let (mut all, _) = model::fields(&known, own, &one.known, checked);
    all.push(Field {
        input: Input::Select(colleagues.choices_now(say("Nobody"), &value)),
        ..Field::line(say("Owner"), "owner", value)
    });
    let (fields, fine) = only(all, &[field]);
    let title = fields.first().map(|field| field.label.clone()).unwrap_or_default();
    let shell = frame::shell(ctx, staff, &title).await?;
    let action = format!("/organisations/{}/value/{field}", one.row.id);
    Ok((Small::new(shell, action, back, one.row.ver, fields), fine))
}

fn put(known: &mut Known, own: &[Own], field: &str, value: &str) {
    match field {
        "name" => known.name = value.to_owned(),
        "trade" => known.trade = value.to_owned(),
        "city" => known.city = value.to_owned(),
        "website" => known.website = value.to_owned(),
        key => {
            if let Some(field) = own.iter().find(|one| lists::own::key(one) == key) {
                model::set(&mut known.more, field, value.to_owned());
            }
        }
    }
}

fn now(one: &One, field: &str) -> String {
    if let Some(name) = field.strip_prefix(lists::own::HEAD) {
        return one.known.more.get(name).cloned().unwrap_or_default();
    }
    match field {
        "name" => one.known.name.clone(),
        "trade" => one.known.trade.clone(),
        "city" => one.known.city.clone(),
        "website" => one.known.website.clone(),
        _ => one.row.owner.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// A field of every company's, or one of this company's own that is offered.
fn which<'a>(field: &'a str, own: &[Own]) -> Result<&'a str, Problem> {
    let known = FIELDS.contains(&field) || own.iter().any(|one| lists::own::key(one) == field);
    Some(field).filter(|_| known).ok_or_else(organised::nowhere)
}

/// What was sent: ticks of several are one value.
fn sent_of(sent: &Fields, field: &str) -> String {
    if field.starts_with(lists::own::HEAD) { fields::sent(sent, field) } else { sent.get(field).to_owned() }
}

pub async fn form(
    State(ctx): State<Ctx>,
    Path((id, field)): Path<(String, String)>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let own = fields::offered(&ctx, staff.company.id, Thing::Organisation).await?;
    let field = which(&field, &own)?;
    let one = organised::one(&ctx, &staff, act::id(&id)?).await?;
    organised::must_change(&staff, &one.row)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let home = format!("/organisations/{}", one.row.id);
    let back = frame::own(asked.get("back")).unwrap_or(&home);
    let filled = (field, now(&one, field));
    Ok(small((&ctx, &staff), (&one, &own), filled, &colleagues, (back, false)).await?.0.page())
}

pub async fn save(
    State(ctx): State<Ctx>,
    Path((id, field)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let own = fields::offered(&ctx, staff.company.id, Thing::Organisation).await?;
    let field = which(&field, &own)?;
    let one = organised::one(&ctx, &staff, act::id(&id)?).await?;
    organised::must_change(&staff, &one.row)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let home = format!("/organisations/{}", one.row.id);
    let back = frame::own(sent.get("back")).unwrap_or(&home);
    let filled = (field, sent_of(&sent, field));
    let (small, fine) = small((&ctx, &staff), (&one, &own), filled, &colleagues, (back, true)).await?;
    if !fine {
        return Ok(small.unfinished());
    }
    let before = now(&one, field);
    if is_stale(&sent, one.row.ver) {
        let told = match own.iter().find(|one| lists::own::key(one) == field) {
            Some(own) => fields::shown(own, &before).into_owned(),
            None if field == "owner" => colleagues.named(one.row.owner).unwrap_or_default(),
            None => before,
        };
        return Ok(small.moved(&told));
    }
    let mut known = one.known.clone();
    put(&mut known, &own, field, &sent_of(&sent, field));
    let owner =
        if field == "owner" { colleagues.kept(sent.get("owner"), one.row.owner)? } else { one.row.owner };
    organised::change(&ctx, &staff, &one.row, &known, owner).await?;
    if !staff.may_see(Object::Organisations, &[owner]) {
        return Ok(organised::saved(&staff, owner, back, "changed"));
    }
    let ver = one.row.ver.saturating_add(1).to_string();
    // What is not theirs to change any more is not theirs to put back.
    let undo = staff
        .changes(Object::Organisations, &[owner])
        .then(|| FIELDS.into_iter().find(|one| *one == field))
        .flatten()
        .map(|field| Undo::new(format!("{home}/value/{field}"), vec![(field, before), ("ver", ver)]));
    undo::to(&ctx, &staff, back, "changed", undo).await
}
