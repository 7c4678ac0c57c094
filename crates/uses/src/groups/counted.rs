//! How everybody within reach stands, counted: all at once by the memory of terms where the role reaches everybody, else one
//! by one.

use std::collections::{HashMap, HashSet};

use assent_gate::{GateError, Outcome};
use assent_kernel::{PersonId, Question, Reason, Use};
use assent_web::{Ctx, Problem, Staff};

use super::{Standing, askable, ends_soon, question, seconds, within_reach};

/// True when this node's memory of terms cannot answer now.
fn no_memory(error: &GateError) -> bool {
    matches!(error, GateError::Behind(_) | GateError::Outgrown)
}

/// How everybody within reach stands for the purpose at hand; nothing while this node has no memory of terms to count in.
pub async fn standing(ctx: &Ctx, staff: &Staff) -> Result<Option<Standing>, Problem> {
    let company = staff.company.id;
    let policy = ctx.gate.policy(company).await?;
    let question = question(ctx, staff, &policy.policy)?;
    let counted = if staff.people().reach().is_all() {
        of_everybody(ctx, staff, &question).await
    } else {
        one_by_one(ctx, staff, &question).await
    };
    match counted {
        Ok(standing) => Ok(Some(standing)),
        Err(Uncounted::Memory) => Ok(None),
        Err(Uncounted::Other(problem)) => Err(problem),
    }
}

/// Why nobody was counted.
enum Uncounted {
    /// This node's memory of terms cannot answer now.
    Memory,
    /// Something else.
    Other(Problem),
}

impl From<GateError> for Uncounted {
    fn from(error: GateError) -> Self {
        if no_memory(&error) { Self::Memory } else { Self::Other(error.into()) }
    }
}

impl From<Problem> for Uncounted {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

/// Counts those within reach, each decided.
async fn one_by_one(ctx: &Ctx, staff: &Staff, question: &Question<Use>) -> Result<Standing, Uncounted> {
    let (apart, now) = (seconds(ctx, staff).await?, ctx.now());
    let mut people = within_reach(ctx, staff).await?;
    people.retain(|person| !apart.contains(person));
    let decided = ctx.gate.decide(staff.company.id, question, &people, None)?;
    let mut out = Standing::default();
    let mut closed = vec![0_u64; decided.reasons.len()];
    for outcome in &decided.outcomes {
        match outcome {
            Outcome::Open(_) => out.may = out.may.saturating_add(1),
            Outcome::Closed(n) => {
                if let Some(slot) = closed.get_mut(usize::from(*n)) {
                    *slot = slot.saturating_add(1);
                }
            }
        }
        out.ends = out.ends.saturating_add(u64::from(ends_soon(outcome, now)));
    }
    out.closed = in_order(decided.reasons.into_iter().zip(closed).collect());
    Ok(out)
}

/// Reasons that somebody is closed for: those who could be asked first, then by number.
fn in_order(mut reasons: Vec<(Reason, u64)>) -> Vec<(Reason, u64)> {
    reasons.retain(|(_, n)| *n > 0);
    reasons.sort_by_key(|(reason, n)| (!askable(reason), std::cmp::Reverse(*n)));
    reasons
}

/// Counts everybody in groups of those who said the same.
async fn of_everybody(ctx: &Ctx, staff: &Staff, question: &Question<Use>) -> Result<Standing, Uncounted> {
    let (company, now) = (staff.company.id, ctx.now());
    let twice: Vec<PersonId> = seconds(ctx, staff).await?.into_iter().collect();
    let open = ctx.gate.cut(company, question, None)?;
    let ends = ctx.gate.decide(company, question, &open.people, None)?;
    let seconds = ctx.gate.decide(company, question, &twice, None)?;
    let apart: HashSet<PersonId> = twice.iter().copied().collect();
    let soon = |(person, outcome): (&PersonId, &Outcome)| ends_soon(outcome, now) && !apart.contains(person);
    let (mut may, mut closed) = (open.counts.permitted, HashMap::<&'static str, usize>::new());
    for outcome in &seconds.outcomes {
        match outcome {
            Outcome::Open(_) => may = may.saturating_sub(1),
            Outcome::Closed(n) => {
                let code = seconds.reasons.get(usize::from(*n)).map_or("", Reason::code);
                *closed.entry(code).or_default() += 1;
            }
        }
    }
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let left = |(code, (reason, n)): (&'static str, (Reason, usize))| {
        (reason, number(n.saturating_sub(closed.get(code).copied().unwrap_or(0))))
    };
    let closed = in_order(open.counts.refused.into_iter().map(left).collect());
    let ends = open.people.iter().zip(&ends.outcomes).filter(|one| soon(*one)).count();
    Ok(Standing { may: number(may), ends: number(ends), closed })
}
