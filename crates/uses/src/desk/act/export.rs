//! Taking a list along: decided value by value for the purpose at hand, and written down like any other use.

use std::collections::{BTreeMap, HashMap};

use assent_gate::{Answer, Dossier};
use assent_kernel::uses::kind::Export;
use assent_kernel::{CategoryKey, FactId, PersonId, Reason};
use assent_web::{Ctx, Problem, Staff};

use crate::desk::model::cell::{self, Value};

/// People that are asked about in one commit.
const AT_ONCE: usize = 250;

/// What would come along, foreseen: nothing is recorded or released.
#[derive(Default)]
pub struct Foreseen {
    /// Of how many people something would come along.
    pub permitted: u64,
    /// How many there are.
    pub total: u64,
    /// Why the others would not.
    pub reasons: BTreeMap<Reason, u64>,
}

/// Somebody who comes along: every value of theirs that is asked about, open or closed.
pub struct Taken {
    /// Who.
    pub id: PersonId,
    /// The values.
    pub values: Vec<Value>,
    /// The record that each fact belongs to.
    pub of: HashMap<FactId, PersonId>,
}

/// Foresees what would come along.
pub async fn foresee(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    kinds: &[CategoryKey],
) -> Result<Foreseen, Problem> {
    let mut out = Foreseen::default();
    for some in ids.chunks(AT_ONCE) {
        for records in ctx.gate.look_whole(&staff.people(), some).await? {
            out.total = out.total.saturating_add(1);
            match refusal(ctx, staff, &records, kinds).await? {
                None => out.permitted = out.permitted.saturating_add(1),
                Some(reason) => {
                    let slot = out.reasons.entry(reason).or_default();
                    *slot = slot.saturating_add(1);
                }
            }
        }
    }
    Ok(out)
}

/// Why nothing of somebody would come along, if nothing would.
async fn refusal(
    ctx: &Ctx,
    staff: &Staff,
    records: &[Dossier],
    kinds: &[CategoryKey],
) -> Result<Option<Reason>, Problem> {
    let mut last = Reason::EmptyRequest;
    for dossier in records {
        let Some(matters) = dossier.of_categories(kinds) else { continue };
        let question = ctx.question(Export, staff, dossier, matters).await?;
        match ctx.gate.foresee(&question, dossier).await?.refusal() {
            None => return Ok(None),
            Some(reason) => last = reason.clone(),
        }
    }
    Ok(Some(last))
}

/// Takes people along. Whoever is closed whole is left out.
pub async fn take(
    ctx: &Ctx,
    staff: &Staff,
    ids: &[PersonId],
    kinds: &[CategoryKey],
) -> Result<Vec<Taken>, Problem> {
    let mut out = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let people = ctx.gate.look_whole(&staff.people(), some).await?;
        let mut answers = asked(ctx, staff, people.iter().flatten(), kinds).await?;
        for records in &people {
            out.extend(taken(records, &mut answers, kinds));
        }
    }
    Ok(out)
}

async fn asked<'a>(
    ctx: &Ctx,
    staff: &Staff,
    records: impl Iterator<Item = &'a Dossier>,
    kinds: &[CategoryKey],
) -> Result<HashMap<PersonId, Answer<Export>>, Problem> {
    let mut questions = Vec::new();
    for dossier in records {
        if let Some(matters) = dossier.of_categories(kinds) {
            questions.push((ctx.question(Export, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<PersonId> = questions.iter().map(|(question, _)| question.person).collect();
    Ok(who.into_iter().zip(ctx.gate.ask_many(questions).await?).collect())
}

fn taken(
    records: &[Dossier],
    answers: &mut HashMap<PersonId, Answer<Export>>,
    kinds: &[CategoryKey],
) -> Option<Taken> {
    let id = records.first()?.id();
    let (mut values, mut of) = (Vec::new(), HashMap::new());
    for dossier in records {
        of.extend(dossier.facts().map(|held| (held.id(), dossier.id())));
        let answer = answers.remove(&dossier.id());
        values.extend(cell::values(answer.as_ref(), dossier, |category| {
            kinds.iter().any(|kind| assent_kernel::TreeKey::covers(kind, category))
        }));
    }
    // What was chosen to stand first does, as in lists.
    values.sort_by_key(|value| !records.iter().any(|one| one.is_first(value.fact.id)));
    values.iter().any(|value| value.cell.seen().is_some()).then_some(Taken { id, values, of })
}
