//! Taking a list along: first how many of it are permitted and why the others are not, then the file.

use assent_kernel::{CategoryKey, PersonId};
use assent_web::file::attachment;
use assent_web::parts::{Permitted, Reason};
use assent_web::{Ctx, Fields, Posted, Problem, Staff, html, say};
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::along::{Along, MOST};
use crate::desk::act::list::columns;
use crate::desk::act::{self, export as acts, list};
use crate::desk::model::cell::Value;
use crate::desk::model::list::Wanted;
use crate::desk::model::{export as model, said};

fn kinds(filed: &model::Filed) -> Vec<CategoryKey> {
    filed.iter().map(|(_, kind)| kind.clone()).collect()
}

/// Whom a form or an address means: those ticked, or everybody of the list.
async fn meant(ctx: &Ctx, staff: &Staff, fields: &Fields) -> Result<Vec<PersonId>, Problem> {
    let ticked: Vec<PersonId> = fields.all("id").map(act::person).collect::<Result<_, _>>()?;
    let ids = if ticked.is_empty() {
        list::everybody(ctx, staff, &Wanted::read(fields, columns(ctx, staff).await?), MOST).await?
    } else {
        ticked
    };
    if ids.len() > MOST {
        let most = assent_web::text::count(u64::try_from(MOST).unwrap_or(0));
        return Err(Problem::invalid(say!("At most {n} people can be taken along at once.", n = most)).said());
    }
    Ok(ids)
}

pub async fn show(
    State(ctx): State<Ctx>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let back = Wanted::read(&fields, columns(&ctx, &staff).await?).href();
    page(&ctx, &staff, &fields, back).await
}

/// The same for those who were ticked.
pub async fn ticked(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    super::enter(&staff)?;
    let back = said::own(fields.get("back")).unwrap_or("/people").to_owned();
    if !fields.has("id") {
        return Ok(super::back(&back, "none-chosen"));
    }
    page(&ctx, &staff, &fields, back).await
}

async fn page(ctx: &Ctx, staff: &Staff, fields: &Fields, back: String) -> Result<Response, Problem> {
    let ids = meant(ctx, staff, fields).await?;
    let columns = columns(ctx, staff).await?.chosen_by(fields);
    let foreseen = acts::foresee(ctx, staff, &ids, &kinds(&columns.filed())).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(ctx, staff, &standing.policy);
    let reasons = foreseen.reasons.iter().map(|(reason, count)| Reason {
        label: words.sentence(Some(reason)),
        count: *count,
        step: None,
    });
    let permitted = Permitted {
        permitted: foreseen.permitted,
        total: foreseen.total,
        what: say("people").into(),
        reasons: reasons.collect(),
    };
    Ok(html::page(&Along {
        shell: super::shell(ctx, staff, say("Take along")).await?,
        list: say("People").into(),
        file: "/people/export/file".into(),
        back,
        purpose: words.label(words.purpose),
        total: String::new(),
        cut: false,
        personal: true,
        any: foreseen.permitted > 0,
        permitted: (foreseen.total > 0).then_some(permitted).into_iter().collect(),
        ids: ids.iter().map(ToString::to_string).collect(),
        columns: columns.chosen.iter().map(ToString::to_string).collect(),
        cards: true,
    }))
}

pub async fn file(State(ctx): State<Ctx>, Posted(staff, fields): Posted<Staff>) -> Result<Response, Problem> {
    super::enter(&staff)?;
    if !fields.has("id") {
        return Ok(super::back("/people", "none-chosen"));
    }
    let ids = meant(&ctx, &staff, &fields).await?;
    let filed = columns(&ctx, &staff).await?.chosen_by(&fields).filed();
    let people = acts::take(&ctx, &staff, &ids, &kinds(&filed)).await?;
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = super::words(&ctx, &staff, &standing.policy);
    let rows = people.iter().map(|one| (one.id.to_string(), one.values.as_slice() as &[Value]));
    let (kind, name, body) = match fields.get("form") {
        "vcard" => ("text/vcard; charset=utf-8", "people.vcf", model::cards(rows, &filed, &words)),
        _ => ("text/csv; charset=utf-8", "people.csv", model::csv(rows, &filed, &words)),
    };
    Ok(attachment(kind, name, body))
}
