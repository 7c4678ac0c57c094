//! Several records of one human: who seems to be the same, what joining them would close, joining and taking apart.

use std::collections::HashMap;

use anyhow::Context as _;
use assent_gate::{Answer, Dossier, Joining, Whose};
use assent_kernel::uses::kind::{List, View};
use assent_kernel::{CompanyId, FactId, JobId, PersonId, Role, Span, Timestamp};
use assent_store::outbox;
use assent_web::{Ctx, JobKind, Problem, Running, Staff};
use axum::http::StatusCode;

use crate::desk::model::cell::{self, Cell};
use crate::desk::model::{keys, under};

/// A record with what may be seen of it; none when nothing is held.
pub type Part = (Dossier, Option<Answer<View>>);

/// Who may know of every pair, whatever is open of it: those who answer for the data being right.
const WATCHERS: [Role; 2] = [Role::Dpo, Role::Admin];
/// Pairs on one page.
pub const PAGE: u32 = 50;

/// Somebody who may be the same as somebody else.
pub struct Double {
    /// Who.
    pub id: PersonId,
    /// What they are called, as far as that is open.
    pub name: Cell,
}

/// Asks to see everything of these records.
pub async fn seen(ctx: &Ctx, staff: &Staff, records: Vec<Dossier>) -> Result<Vec<Part>, Problem> {
    let mut questions = Vec::with_capacity(records.len());
    for dossier in &records {
        if let Some(matters) = dossier.everything() {
            questions.push((ctx.question(View, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<PersonId> = questions.iter().map(|(question, _)| question.person).collect();
    let mut answers: HashMap<PersonId, Answer<View>> =
        who.into_iter().zip(ctx.gate.ask_many(questions).await?).collect();
    Ok(records
        .into_iter()
        .map(|dossier| {
            let answer = answers.remove(&dossier.id());
            (dossier, answer)
        })
        .collect())
}

/// Others with an address of these records. That somebody is here tells something about them, so they are named only
/// to whom something by which they are known is open, and to those who answer for the data being right.
pub async fn alike(ctx: &Ctx, staff: &Staff, records: &[Dossier]) -> Result<Vec<Double>, Problem> {
    let ids = ctx.gate.alike(&staff.people(), records).await?;
    known(ctx, staff, &ids).await
}

/// Of these people those whom this member of staff may know of.
pub async fn known(ctx: &Ctx, staff: &Staff, ids: &[PersonId]) -> Result<Vec<Double>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let whole = ctx.gate.look_whole(&staff.people(), ids).await?;
    let kinds = keys(&["name", "contact.email", "contact.phone", "identifier"]);
    let mut questions = Vec::new();
    for dossier in whole.iter().flatten() {
        if let Some(matters) = dossier.of_categories(&kinds) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<PersonId> = questions.iter().map(|(question, _)| question.person).collect();
    let answers: HashMap<PersonId, Answer<List>> =
        who.into_iter().zip(ctx.gate.ask_many(questions).await?).collect();
    let mut out = Vec::new();
    for records in &whole {
        let Some(first) = records.first() else { continue };
        let values: Vec<cell::Value> = records
            .iter()
            .flat_map(|one| cell::values(answers.get(&one.id()), one, |_| true))
            .filter(|value| !matches!(value.cell, Cell::Closed(None)))
            .collect();
        let by = |value: &cell::Value| !under(&value.fact.category, "name") && value.cell.seen().is_some();
        if values.iter().any(by) || WATCHERS.contains(&staff.role) {
            out.push(Double { id: first.id(), name: cell::name(&values) });
        }
    }
    Ok(out)
}

/// What joining two records would close, with what may be seen of both.
pub struct Preview {
    /// The records, and how each would be decided.
    pub joining: Joining,
    /// What may be seen of the record that stands for both, and of all joined into it.
    pub into: Vec<Part>,
    /// What may be seen of the other.
    pub other: Vec<Part>,
}

/// Looks at two records side by side. Whom one may not know of is nobody.
pub async fn preview(ctx: &Ctx, staff: &Staff, into: PersonId, other: PersonId) -> Result<Preview, Problem> {
    may_know(ctx, staff, other).await?;
    let joining = ctx.gate.foresee_join(&staff.people(), into, other, ctx.now()).await?;
    let into = seen(ctx, staff, ctx.gate.look_all(&staff.people(), into).await?).await?;
    let other = seen(ctx, staff, ctx.gate.look_all(&staff.people(), other).await?).await?;
    Ok(Preview { joining, into, other })
}

async fn may_know(ctx: &Ctx, staff: &Staff, other: PersonId) -> Result<(), Problem> {
    let found = known(ctx, staff, &[other]).await?;
    if found.is_empty() { Err(super::nobody()) } else { Ok(()) }
}

/// Joins one record into another.
pub async fn join(
    ctx: &Ctx,
    staff: &Staff,
    (into, other): (PersonId, PersonId),
    firsts: Vec<FactId>,
) -> Result<(), Problem> {
    may_know(ctx, staff, other).await?;
    super::to_change(ctx, staff, into).await?;
    super::to_change(ctx, staff, other).await?;
    let company = staff.company.id;
    look_later(ctx, company, into).await?;
    ctx.gate.join(&staff.people(), (into, other), firsts, staff.asker(), ctx.now()).await?;
    crate::frame::afterwards("giving both to one colleague", one_owner(ctx, company, into).await);
    Ok(())
}

/// The work that looks whether joined records have one owner.
const ONE_OWNER: &str = "desk.one-owner";
/// How long after they were joined.
const SOON: Span = Span::minutes(1);

/// The work that is done later here.
pub const JOBS: &[JobKind] = &[JobKind { kind: ONE_OWNER, run: looked }];

/// Links lie in a region and owners in the home store. So before the one is written, a look at the other is queued, and what
/// breaks off between is put right.
async fn look_later(ctx: &Ctx, company: CompanyId, person: PersonId) -> Result<(), Problem> {
    let (job, at) = (ctx.gate.fresh(ctx.now(), JobId::new)?, ctx.now().plus(SOON));
    let body = format!("{company} {person}").into_bytes();
    Ok(ctx.gate.home().write(move |tx| outbox::add(tx, job, ONE_OWNER, &body, at)).await?)
}

fn looked<'a>(ctx: &'a Ctx, body: &'a [u8], _at: Timestamp) -> Running<'a> {
    Box::pin(async move {
        let body = String::from_utf8_lossy(body);
        let (company, person) = body.split_once(' ').context("a job that names nobody")?;
        match one_owner(ctx, company.parse()?, person.parse()?).await {
            Err(problem) if problem.status != StatusCode::NOT_FOUND => {
                Err(anyhow::anyhow!("{}: {}", problem.code, problem.title))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    })
}

/// One human is looked after by one colleague: whoever looks after the record that stands for all. Done twice, it is done once.
async fn one_owner(ctx: &Ctx, company: CompanyId, person: PersonId) -> Result<(), Problem> {
    let all = ctx.gate.look_all(&Whose::everybody(company), person).await?;
    let owner = all.first().and_then(Dossier::owner);
    if all.iter().any(|one| one.owner() != owner) {
        ctx.gate.give(&all, owner, ctx.now()).await?;
    }
    Ok(())
}

/// Takes a record out of the one it was joined into.
pub async fn split(ctx: &Ctx, staff: &Staff, record: PersonId) -> Result<(), Problem> {
    super::to_change(ctx, staff, record).await?;
    ctx.gate.split(&staff.people(), record, staff.asker(), ctx.now()).await?;
    Ok(())
}

/// People who share an address, a page of them, and where the next begins.
pub async fn doubles(
    ctx: &Ctx,
    staff: &Staff,
    after: Option<i64>,
) -> Result<(Vec<Vec<Double>>, Option<i64>), Problem> {
    let found = ctx.gate.doubles(&staff.people(), after, PAGE).await?;
    let next = found.last().filter(|_| found.len() >= PAGE as usize).map(|one| one.mark);
    let mut out: Vec<Vec<Double>> = Vec::new();
    for one in found.iter().filter(|one| one.people.len() > 1) {
        let known = known(ctx, staff, &one.people).await?;
        let same = |other: &Vec<Double>| other.iter().map(|d| d.id).eq(known.iter().map(|d| d.id));
        // Two who share an address and a number are one pair.
        if known.len() > 1 && !out.iter().any(same) {
            out.push(known);
        }
    }
    Ok((out, next))
}
