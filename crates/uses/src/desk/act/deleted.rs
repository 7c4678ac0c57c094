//! Deleting somebody so that they can be brought back for a while; and the end of that while.

use std::collections::HashMap;

use assent_gate::{Answer, Certificate, Deleted, Dossier, Farewell, GateError, Letter, Whose};
use assent_kernel::uses::kind::{List, View};
use assent_kernel::{Asker, CompanyId, PersonId, Role, Span, Timestamp};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff, text};

use crate::desk::ERASERS;
use crate::desk::model::cell::{self, Cell};
use crate::desk::model::{keys, under};
use crate::served;

/// The most that the list shows.
const MOST: u32 = 200;

/// Somebody in the list of the deleted.
pub struct Line {
    /// Who, when, until when, by whom.
    pub deleted: Deleted,
    /// What they are called, as far as the purpose at hand opens it: whoever brings somebody back must know whom.
    pub name: Cell,
    /// What the law knows of them.
    pub person: assent_kernel::Person,
}

/// Whether somebody may be deleted: by those who may erase, and by whoever sees something of them for their work.
pub async fn may(ctx: &Ctx, staff: &Staff, dossier: &Dossier) -> Result<bool, Problem> {
    if !staff.changes(Object::People, &[dossier.owner()]) {
        return Ok(false);
    }
    if staff.is(ERASERS) {
        return Ok(true);
    }
    if !staff.is(&[Role::Sales, Role::Support]) {
        return Ok(false);
    }
    let Some(matters) = dossier.everything() else { return Ok(false) };
    let question = ctx.question(View, staff, dossier, matters).await?;
    Ok(ctx.gate.foresee(&question, dossier).await?.permits())
}

/// Deletes somebody, with every record of theirs.
pub async fn delete(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<(), Problem> {
    let dossier = super::to_change(ctx, staff, id).await?;
    if !may(ctx, staff, &dossier).await? {
        return Err(Problem::forbidden(
            "Nothing of this person is open for your work, so you cannot delete them.",
        ));
    }
    let stays = Span::days(ctx.settings.limits.deleted_days);
    Ok(ctx.gate.delete(&staff.people(), id, (staff.id, staff.asker()), stays, ctx.now()).await?)
}

/// Brings somebody back: whoever deleted them, and those who may erase.
pub async fn restore(ctx: &Ctx, staff: &Staff, id: PersonId) -> Result<(), Problem> {
    let whose = staff.people();
    let dossier = ctx.gate.look_even_deleted(&whose, &[id]).await?.pop().ok_or_else(super::nobody)?;
    let found = ctx.gate.deletion(whose.company(), id).await?.ok_or_else(super::nobody)?;
    super::must_change(staff, &dossier)?;
    if found.by != staff.id && !staff.is(ERASERS) {
        return Err(Problem::forbidden(
            "Whoever deleted somebody brings them back, or an administrator does.",
        ));
    }
    Ok(ctx.gate.bring_back(&whose, id, staff.asker(), ctx.now()).await?)
}

/// Everybody who can be brought back: all of them for those who may erase, one's own for others.
pub async fn list(ctx: &Ctx, staff: &Staff) -> Result<Vec<Line>, Problem> {
    let mut all = ctx.gate.deleted(&staff.people(), MOST).await?;
    all.retain(|one| one.by == staff.id || staff.is(ERASERS));
    let ids: Vec<PersonId> = all.iter().map(|one| one.person).collect();
    let dossiers = ctx.gate.look_even_deleted(&staff.people(), &ids).await?;
    let wanted = keys(&["name"]);
    let mut questions = Vec::with_capacity(dossiers.len());
    for dossier in &dossiers {
        if let Some(matters) = dossier.of_categories(&wanted) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<PersonId> = questions.iter().map(|(question, _)| question.person).collect();
    let answers: HashMap<PersonId, Answer<List>> =
        who.into_iter().zip(ctx.gate.ask_many(questions).await?).collect();
    let mut by_id: HashMap<PersonId, Dossier> = dossiers.into_iter().map(|one| (one.id(), one)).collect();
    let line = |deleted: Deleted| {
        let dossier = by_id.remove(&deleted.person)?;
        let values = cell::values(answers.get(&deleted.person), &dossier, |category| under(category, "name"));
        Some(Line { deleted, name: cell::name(&values), person: dossier.person().clone() })
    };
    Ok(all.into_iter().filter_map(line).collect())
}

/// Erases whoever was deleted for as long as they can be brought back, and sends each the certificate. What broke off
/// half way is finished first.
pub async fn end(ctx: &Ctx, at: Timestamp) -> Result<(), Problem> {
    ctx.gate.finish_deletions(at).await?;
    for (company, one) in ctx.gate.deleted_for_good(at).await? {
        let found = ctx.gate.look_even_deleted(&Whose::everybody(company), &[one.person]).await?;
        let Some(dossier) = found.first() else { continue };
        let farewell = farewell(ctx, dossier).await?;
        let done = match ctx.gate.erase(company, one.person, Asker::System, false, at).await {
            // Another node was here first.
            Err(GateError::NoPerson) => continue,
            other => other?,
        };
        if let Some(farewell) = farewell {
            let letter = letter(ctx, company, &done).await?;
            ctx.gate.post_farewell(company, &farewell, &letter, at).await?;
        }
    }
    Ok(())
}

/// The address that the certificate goes to, if one is open for answering the person.
async fn farewell(ctx: &Ctx, dossier: &Dossier) -> Result<Option<Farewell>, Problem> {
    let answer = served::ask(ctx, dossier, &["contact.email"]).await?;
    let Some(permit) = answer.as_ref().and_then(Answer::permit) else { return Ok(None) };
    let to = dossier.facts().find(|held| permit.opened(held.id()).is_some());
    Ok(to.map(|held| ctx.gate.farewell(permit, held)).transpose()?)
}

async fn letter(ctx: &Ctx, company: CompanyId, done: &Certificate) -> Result<Letter, Problem> {
    let name = ctx.gate.company(company).await?.name.clone();
    let kept: Vec<String> = done
        .kept
        .iter()
        .map(|kept| {
            format!("- {}: {}, until {}\n", kept.category, kept.cite, text::date_en(kept.until.micros()))
        })
        .collect();
    let last = match done.unrecoverable_from {
        Some(at) => {
            format!("From {} on no backup of the keys can bring it back.", text::date_en(at.micros()))
        }
        None => "The last copies go as soon as nobody reads them.".to_owned(),
    };
    let kept = if kept.is_empty() { String::new() } else { format!("The law keeps:\n{}\n", kept.concat()) };
    let told = done.told.map_or_else(String::new, |token| {
        let link = assent_web::told::link(&ctx.settings.base_url, &token);
        format!("Others received something about you. Here you see who was told: {link}\n\n")
    });
    Ok(Letter {
        subject: format!("{name} has erased what it knew about you"),
        body: format!(
            "On {} {name} erased what it knew about you: {}. {last}\n\n\
             {kept}{told}This is the receipt. Anybody can check it without us:\n\n{}\n",
            text::date_en(done.at.micros()),
            text::plural(u64::try_from(done.erased).unwrap_or(0), "value", "values"),
            done.receipt
        ),
    })
}
