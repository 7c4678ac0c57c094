//! How an emergency is decided: with the case of a second person's yes where one runs, and as if none were named elsewhere.

use assent_kernel::Policy;
use assent_kernel::uses::kind::View;
use assent_kernel::{
    AsUse, Asker, CategoryKey, Context, Matter, NonEmpty, PurposeKey, Question, Reason, Ruling, StaffId,
    Timestamp, To, TreeKey as _, Verdict,
};
use assent_store::emergencies::{self, State};

use super::{Typed, is_emergency, noted, typed};
use crate::ask::{Standing, judge_with};
use crate::error::Result;
use crate::held::Dossier;
use crate::start::Gate;

/// The question as it is decided where no second person's yes runs: staff's own word for a case opens no emergency.
pub(crate) fn without_case<U: Clone>(question: &Question<U>, policy: &Policy) -> Question<U> {
    let mut question = question.clone();
    if matches!(question.asker, Asker::Staff(..)) && is_emergency(policy, &question.purpose) {
        question.context.ticket = None;
    }
    question
}

/// What was decided of one question, with the question as it was decided and a note for the entry.
pub(crate) struct Judged<U> {
    pub(crate) question: Question<U>,
    pub(crate) ruling: Ruling,
    pub(crate) note: String,
}

impl Gate {
    /// Decides a question as the law does, and, where an emergency is asked about, only as far as a second person's yes
    /// reaches.
    pub(crate) async fn judged<U: AsUse>(
        &self,
        question: Question<U>,
        dossier: &Dossier,
        standing: &Standing,
        floor: Timestamp,
    ) -> Result<Judged<U>> {
        let policy = &standing.policy;
        let plain = without_case(&question, policy);
        let staff = match question.asker {
            Asker::Staff(id, _) if is_emergency(policy, &question.purpose) => id,
            Asker::Staff(..) | Asker::Person | Asker::System => {
                let note = plain.context.ticket.as_deref().map(noted).unwrap_or_default();
                let ruling = judge_with(&plain, dossier, standing, floor);
                return Ok(Judged { question: plain, ruling, note });
            }
        };
        let shut = judge_with(&plain, dossier, standing, floor);
        let Some((row, typed)) = self.running(dossier, staff, &question).await? else {
            return Ok(Judged { question: plain, ruling: shut, note: String::new() });
        };
        let mut question = question;
        question.context.ticket = Some(typed.case.clone());
        let open = judge_with(&question, dossier, standing, floor);
        let reached = |matter: &Matter| {
            let category = match matter {
                Matter::Held(id) => dossier.facts.get(id).map(|held| &held.fact.category),
                Matter::Kind(category) => Some(category),
            };
            category.is_some_and(|category| row.kinds.iter().any(|kind| kind.covers(category)))
        };
        let pick = |(open, shut): (&(Matter, _), &(Matter, _))| {
            if reached(&open.0) { open.clone() } else { shut.clone() }
        };
        let first = pick((open.verdicts.first(), shut.verdicts.first()));
        let rest = open.verdicts.iter().zip(shut.verdicts.iter()).skip(1).map(pick).collect();
        let note = noted(&format!("{}: {} ({})", typed.case, typed.reason, typed.second));
        let ruling = Ruling { verdicts: NonEmpty::new(first, rest), chain: open.chain.clone() };
        Ok(Judged { question, ruling, note })
    }

    /// The yes of a second person that runs for a colleague, a person and a purpose.
    async fn running<U>(
        &self,
        dossier: &Dossier,
        staff: StaffId,
        question: &Question<U>,
    ) -> Result<Option<(emergencies::Emergency, Typed)>> {
        let (company, person) = (dossier.person.company, dossier.person.id);
        let store = self.region(&dossier.region)?;
        let all = store.data.read(move |tx| emergencies::of_person(tx, company, person)).await?;
        let runs = |row: &emergencies::Emergency| {
            let since = row.decided_at.is_some_and(|at| at <= question.at);
            let until = row.until.is_some_and(|until| question.at < until);
            let theirs = row.staff == staff && row.role == question.asker.role();
            row.state == State::Approved && since && until && theirs && row.purpose == question.purpose
        };
        let found = all.into_iter().find(runs);
        Ok(found.and_then(|row| typed(&dossier.key, &row).map(|typed| (row, typed))))
    }

    /// The kinds of facts, of these, that an emergency could open for a role; nothing is recorded or released. Empty when
    /// the company has no mandate for it.
    ///
    /// # Errors
    /// When the company has no policy.
    pub async fn openable(
        &self,
        dossier: &Dossier,
        asker: Asker,
        purpose: &PurposeKey,
        kinds: &[CategoryKey],
        at: Timestamp,
    ) -> Result<std::result::Result<Vec<CategoryKey>, Reason>> {
        let standing = self.policy(dossier.person.company).await?;
        let store = self.region(&dossier.region)?;
        let at = store.steady(at)?;
        let matters: Vec<Matter> = kinds.iter().cloned().map(Matter::Kind).collect();
        let Ok(matters) = NonEmpty::try_from(matters) else { return Ok(Err(Reason::EmptyRequest)) };
        if !is_emergency(&standing.policy, purpose) {
            return Ok(Err(Reason::NoMandate));
        }
        let question = Question {
            what: View,
            person: dossier.person.id,
            asker,
            purpose: purpose.clone(),
            matters,
            to: To::Party(standing.policy.home),
            region: dossier.region.clone(),
            at,
            context: Context { ticket: Some("asked".into()), ..Default::default() },
        };
        let ruling = judge_with(&question, dossier, &standing, at);
        if let Some(reason) = ruling.refusal() {
            return Ok(Err(reason.clone()));
        }
        let opens = |(matter, verdict): &(Matter, Verdict)| match matter {
            Matter::Kind(kind) => verdict.open().map(|_| kind.clone()),
            Matter::Held(_) => None,
        };
        Ok(Ok(ruling.verdicts.iter().filter_map(opens).collect()))
    }
}
