//! The small form for one value of an organisation, and saving it.

use assent_web::parts::{Field, Input};
use assent_web::reach::Object;
use assent_web::{Ctx, Fields, Posted, Problem, Staff, say};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::frame::{self, Colleagues};
use crate::inline::{Small, is_stale, only};
use crate::organisations::{act, model};
use crate::organised::{self, Known, One};
use crate::undo::{self, Undo};

/// The values that can be changed by themselves; also columns of the list.
pub const FIELDS: [&str; 5] = ["name", "trade", "city", "website", "owner"];

async fn small(
    (ctx, staff): (&Ctx, &Staff),
    one: &One,
    (field, value): (&str, String),
    colleagues: &Colleagues,
    (back, checked): (&str, bool),
) -> Result<(Small, bool), Problem> {
    let mut known = one.known.clone();
    put(&mut known, field, &value);
    let (mut all, _) = model::fields(&known, &[], &one.known, checked);
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

fn put(known: &mut Known, field: &str, value: &str) {
    match field {
        "name" => known.name = value.to_owned(),
        "trade" => known.trade = value.to_owned(),
        "city" => known.city = value.to_owned(),
        "website" => known.website = value.to_owned(),
        _ => {}
    }
}

fn now(one: &One, field: &str) -> String {
    match field {
        "name" => one.known.name.clone(),
        "trade" => one.known.trade.clone(),
        "city" => one.known.city.clone(),
        "website" => one.known.website.clone(),
        _ => one.row.owner.map(|id| id.to_string()).unwrap_or_default(),
    }
}

fn which(field: &str) -> Result<&'static str, Problem> {
    FIELDS.into_iter().find(|one| *one == field).ok_or_else(organised::nowhere)
}

pub async fn form(
    State(ctx): State<Ctx>,
    Path((id, field)): Path<(String, String)>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let field = which(&field)?;
    let one = organised::one(&ctx, &staff, act::id(&id)?).await?;
    organised::must_change(&staff, &one.row)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let home = format!("/organisations/{}", one.row.id);
    let back = frame::own(asked.get("back")).unwrap_or(&home);
    let filled = (field, now(&one, field));
    Ok(small((&ctx, &staff), &one, filled, &colleagues, (back, false)).await?.0.page())
}

pub async fn save(
    State(ctx): State<Ctx>,
    Path((id, field)): Path<(String, String)>,
    Posted(staff, sent): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(frame::ROLES)?;
    let field = which(&field)?;
    let one = organised::one(&ctx, &staff, act::id(&id)?).await?;
    organised::must_change(&staff, &one.row)?;
    let colleagues = frame::colleagues(&ctx, &staff).await?;
    let home = format!("/organisations/{}", one.row.id);
    let back = frame::own(sent.get("back")).unwrap_or(&home);
    let filled = (field, sent.get(field).to_owned());
    let (small, fine) = small((&ctx, &staff), &one, filled, &colleagues, (back, true)).await?;
    if !fine {
        return Ok(small.unfinished());
    }
    let before = now(&one, field);
    if is_stale(&sent, one.row.ver) {
        let told =
            if field == "owner" { colleagues.named(one.row.owner).unwrap_or_default() } else { before };
        return Ok(small.moved(&told));
    }
    let mut known = one.known.clone();
    put(&mut known, field, sent.get(field));
    let owner =
        if field == "owner" { colleagues.kept(sent.get("owner"), one.row.owner) } else { one.row.owner };
    organised::change(&ctx, &staff, &one.row, &known, owner).await?;
    if !staff.may_see(Object::Organisations, &[owner]) {
        return Ok(organised::saved(&staff, owner, back, "changed"));
    }
    let ver = one.row.ver.saturating_add(1).to_string();
    // What is not theirs to change any more is not theirs to put back.
    let undo = staff
        .changes(Object::Organisations, &[owner])
        .then(|| Undo::new(format!("{home}/value/{field}"), vec![(field, before), ("ver", ver)]));
    undo::to(&ctx, &staff, back, "changed", undo).await
}
