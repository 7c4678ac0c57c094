//! Verbs: answering from memory, and recording at the door.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use assent_gate::{About, Cut, Gate, GateError, Outcome, Ready, Said, Version};
use assent_kernel::uses::kind;
use assent_kernel::{PersonId, Policy, PurposeKey, Question, Reason, Ruling, Timestamp, Use, UseKind};
use assent_web::session::Caller;
use assent_web::{Ctx, Problem};

use super::model::{Answer, Answers, AsOfThen, Asked, Counted, Explained, UsedEntry, UsedThen};

/// How long an answer waits until this node has seen the version that it must have seen.
const LONGEST_BEHIND: Duration = Duration::from_millis(100);

/// What a question stands on: the company's policy and where it is at home.
pub(super) struct Ground {
    standing: std::sync::Arc<assent_gate::Standing>,
    pub(super) question: Question<Use>,
    least: Option<Version>,
}

impl Ground {
    fn policy(&self) -> &Policy {
        &self.standing.policy
    }
    /// Keeps it for when the same caller puts the same question again.
    pub(super) fn keep(self, gate: &Gate, caller: &Caller, said: &[u8]) -> Result<(), Problem> {
        Ok(gate.keep_ready(caller.known(), said, self.standing, self.question, self.least)?)
    }
}

pub(super) async fn ground(ctx: &Ctx, caller: &Caller, asked: Asked) -> Result<Ground, Problem> {
    let standing = ctx.gate.policy(caller.company).await?;
    let company = ctx.gate.company(caller.company).await?;
    let least = asked.least();
    let question = asked.question(caller, &standing.policy, &company.region, ctx.now())?;
    Ok(Ground { standing, question, least: least? })
}

/// What another node just acknowledged is here in milliseconds: whoever asks for it is told then, not to try again. Whether
/// it has come is seen when the question is answered.
async fn wait_for(gate: &Gate, least: Option<&Version>) -> Result<(), Problem> {
    if let Some(least) = least {
        gate.caught_up(least, LONGEST_BEHIND).await?;
    }
    Ok(())
}

/// Stands for whoever is beyond reach: it is answered as about anybody who is not here.
const NOBODY: PersonId = PersonId::from_bytes([0; 16]);

/// The people who are asked about, as far as the key's role reaches them.
pub(super) async fn meant(
    gate: &Gate,
    caller: &Caller,
    people: Vec<PersonId>,
) -> Result<Vec<PersonId>, Problem> {
    if caller.sees_everybody() {
        return Ok(people);
    }
    let here: HashSet<PersonId> = gate.within(&caller.people(), &people).await?.into_iter().collect();
    Ok(people.into_iter().map(|id| if here.contains(&id) { id } else { NOBODY }).collect())
}

/// The one person who is asked about, as far as the key's role reaches them.
pub(super) async fn meant_one(gate: &Gate, caller: &Caller, person: PersonId) -> Result<PersonId, Problem> {
    if caller.sees_everybody() {
        return Ok(person);
    }
    let meant = meant(gate, caller, vec![person]).await?;
    Ok(meant.first().copied().unwrap_or(NOBODY))
}

/// The memory of terms counts everybody or nobody.
fn must_reach_everybody(caller: &Caller) -> Result<(), Problem> {
    if caller.sees_everybody() {
        return Ok(());
    }
    Err(Problem::forbidden(
        "This asks about everybody, and the key’s role does not reach everybody, so it cannot count them. Name the people.",
    ))
}

pub(super) async fn one(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    person: PersonId,
) -> Result<Answer, Problem> {
    wait_for(gate, ground.least.as_ref()).await?;
    // Before deciding: what is taken in meanwhile may be in the answer, but is not promised.
    let version = gate.remembered_text()?;
    let decided = gate.decide_one(caller.company, &ground.question, person, ground.least.as_ref())?;
    Ok(Answer::from_memory(decided, &ground.question.purpose, ground.policy(), version))
}

/// The same for a question that was read before.
pub(super) async fn ready(ctx: &Ctx, ready: &Ready, person: PersonId) -> Result<Answer, Problem> {
    wait_for(&ctx.gate, ready.least()).await?;
    let version = ctx.gate.remembered_text()?;
    let decided = ctx.gate.decide_ready(ready, person, ctx.now())?;
    Ok(Answer::from_memory(decided, &ready.question().purpose, ready.policy(), version))
}

pub(super) async fn many(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    people: &[PersonId],
) -> Result<Answers, Problem> {
    may_list(caller)?;
    wait_for(gate, ground.least.as_ref()).await?;
    // Before deciding: what is taken in meanwhile may be in the answer, but is not promised.
    let version = gate.remembered_text()?;
    let decided = gate.decide(caller.company, &ground.question, people, ground.least.as_ref())?;
    let code = |outcome: &Outcome| match outcome {
        Outcome::Open(_) => "PERMIT",
        Outcome::Closed(n) => decided.reasons.get(usize::from(*n)).map_or("UNKNOWN_PERSON", |r| r.code()),
    };
    let open = |outcome: &&Outcome| matches!(outcome, Outcome::Open(_));
    let purpose = &ground.question.purpose;
    Ok(Answers {
        permitted: decided.outcomes.iter().filter(open).count(),
        codes: decided.outcomes.iter().map(code).collect(),
        reasons: decided.reasons.iter().map(|r| Explained::new(r, purpose, ground.policy(), None)).collect(),
        version,
    })
}

/// With a key for any purpose one could list what everybody said about everything.
fn may_list(caller: &Caller) -> Result<(), Problem> {
    match &caller.purpose {
        Some(_) => Ok(()),
        None => Err(Problem::forbidden(
            "Only a key for one purpose may list who is permitted: with any purpose it could list what everybody said.",
        )),
    }
}

pub(super) async fn audience(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    list: bool,
) -> Result<Counted, Problem> {
    must_reach_everybody(caller)?;
    if list {
        may_list(caller)?;
    }
    wait_for(gate, ground.least.as_ref()).await?;
    let version = gate.remembered_text()?;
    let (counts, people) = if list {
        let audience = gate.cut(caller.company, &ground.question, ground.least.as_ref())?;
        (audience.counts, Some(audience.people))
    } else {
        (gate.count(caller.company, &ground.question, ground.least.as_ref())?, None)
    };
    let purpose = &ground.question.purpose;
    let explained = |(reason, people)| Explained::new(&reason, purpose, ground.policy(), Some(people));
    Ok(Counted {
        permitted: counts.permitted,
        askable: counts.askable,
        refused: counts.refused.into_values().map(explained).collect(),
        people,
        version,
    })
}

/// Does the same with the type of whichever use it is.
macro_rules! typed {
    ($use:expr, |$what:ident| $done:expr) => {
        typed!(@ $use, $what, $done, View List Export Message Share Combine Enrich Cleanse Contribute Learn Capture LookUp)
    };
    (@ $use:expr, $what:ident, $done:expr, $($kind:ident)*) => {
        match $use { $(Use::$kind => { let $what = kind::$kind; $done })* }
    };
}

/// Decides at the door and writes it down before answering.
pub(super) async fn recorded(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    person: PersonId,
) -> Result<Answer, Problem> {
    typed!(ground.question.what, |what| at_the_door(gate, caller, ground, person, what).await)
}

async fn at_the_door<U: UseKind>(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    person: PersonId,
    what: U,
) -> Result<Answer, Problem> {
    let dossier = match gate.look_one(&caller.people(), person).await {
        Ok(dossier) => dossier,
        // There is nobody under whose key it could be written down; the answer is the law's, like any other.
        Err(GateError::NoPerson) => {
            return Ok(Answer::closed(&Reason::UnknownPerson, &ground.question.purpose, ground.policy()));
        }
        Err(other) => return Err(other.into()),
    };
    let answer = gate.ask_whole(of_type(ground, what, person), &dossier).await?;
    let (ruling, entry) = match &answer {
        assent_gate::Answer::Permit(permit) => (permit.ruling(), Some(permit.recorded().seq)),
        assent_gate::Answer::Refusal(refusal) => {
            (&refusal.ruling, refusal.recorded.map(|recorded| recorded.seq))
        }
    };
    Ok(Answer { entry, ..answered(ruling, &ground.question.purpose, ground.policy()) })
}

fn of_type<U: UseKind>(ground: &Ground, what: U, person: PersonId) -> Question<U> {
    let q = ground.question.clone();
    Question {
        what,
        person,
        asker: q.asker,
        purpose: q.purpose,
        matters: q.matters,
        to: q.to,
        region: q.region,
        at: q.at,
        context: q.context,
    }
}

/// Decides everybody of an audience at the door and writes it down, as one entry a region, before answering.
pub(super) async fn used(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    people: Option<Vec<PersonId>>,
    version: Option<String>,
) -> Result<UsedThen, Problem> {
    let named = people.is_some();
    let cut = match people {
        Some(people) => Cut { people, version: version.unwrap_or_else(|| "no version".into()) },
        None => {
            must_reach_everybody(caller)?;
            may_list(caller)?;
            wait_for(gate, ground.least.as_ref()).await?;
            let version = version.map_or_else(|| gate.remembered_text(), Ok)?;
            Cut { people: gate.cut(caller.company, &ground.question, ground.least.as_ref())?.people, version }
        }
    };
    if cut.people.is_empty() && !named {
        return Ok(UsedThen::nobody());
    }
    typed!(ground.question.what, |what| used_as(gate, caller, ground, &cut, named, what).await)
}

async fn used_as<U: UseKind>(
    gate: &Gate,
    caller: &Caller,
    ground: &Ground,
    cut: &Cut,
    named: bool,
    what: U,
) -> Result<UsedThen, Problem> {
    let question = of_type(ground, what, PersonId::from_bytes([0; 16]));
    let used = gate.use_audience(caller.company, question, About::Kinds, cut).await?;
    let mut then = UsedThen::nobody();
    let mut refused: BTreeMap<&Reason, usize> = BTreeMap::new();
    let mut codes = Vec::with_capacity(cut.people.len());
    for person in &cut.people {
        let (code, reason) = match used.said(*person) {
            Said::Open => ("PERMIT", None),
            Said::Partly(reason) | Said::Closed(reason) => (reason.code(), Some(reason)),
            Said::Nothing => (Reason::UnknownPerson.code(), None),
        };
        match (code, reason) {
            (_, Some(reason)) => *refused.entry(reason).or_default() += 1,
            ("PERMIT", None) => then.permitted += 1,
            (_, None) => then.unknown += 1,
        }
        codes.push(code);
    }
    let explained = |(reason, people): (&Reason, usize)| {
        Explained::new(reason, &ground.question.purpose, ground.policy(), Some(people))
    };
    then.refused = refused.into_iter().map(explained).collect();
    then.entries = used.batches().iter().map(UsedEntry::of).collect();
    then.alone = used.apart();
    if named {
        then.codes = Some(codes);
    } else {
        let open = cut.people.iter().zip(&codes).filter(|(_, code)| **code == "PERMIT");
        then.people = Some(open.map(|(person, _)| *person).collect());
    }
    Ok(then)
}

/// Decides as of an instant that is over; nothing is recorded.
pub(super) async fn as_of(
    ctx: &Ctx,
    caller: &Caller,
    asked: Asked,
    person: PersonId,
    at: Timestamp,
) -> Result<Answer, Problem> {
    // It is read from the database, which has seen every version that was ever handed out.
    asked.least()?;
    let now = ctx.now();
    if now < at {
        return Err(Problem::invalid("`at` has not come yet: ask about a time that is over."));
    }
    let (standing, _) = ctx.gate.policy_in_force(caller.company, at).await?;
    let company = ctx.gate.company(caller.company).await?;
    let question = Question { person, ..asked.question(caller, &standing.policy, &company.region, at)? };
    let told = ctx.gate.as_of(caller.company, &question, now).await?;
    let answer = answered(&told.ruling, &question.purpose, &told.standing.policy);
    Ok(Answer { as_of: Some(AsOfThen::new(&told, at)), ..answer })
}

/// One answer for all that was asked for: open when everything is.
fn answered(ruling: &Ruling, purpose: &PurposeKey, policy: &Policy) -> Answer {
    let open = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.open().map(|open| open.until)).min();
    match (ruling.first_closed(), open) {
        (None, Some(until)) => Answer::open(until),
        (Some(reason), _) => Answer::closed(reason, purpose, policy),
        (None, None) => Answer::closed(&Reason::EmptyRequest, purpose, policy),
    }
}
