//! Giving out who may be used, some at a time: each is decided once more at the second of use.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use assent_kernel::{CategoryKey, CompanyId, Matter, NonEmpty, PersonId, Question, Timestamp, UseKind};

use crate::ask::{Standing, judge, look_in};
use crate::error::Result;
use crate::held::Dossier;
use crate::permit::{Answer, Permit, Recorded, opened};
use crate::start::Gate;

use super::{AT_ONCE, About, Here, One, Used};

impl Gate {
    /// The next people of a recorded use for whom something is permitted, with their permits; nothing when all were
    /// given out. Whose terms moved since it was recorded is left out, and nothing is opened that was not recorded or
    /// that would be refused `now`.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn next_permits<U: UseKind>(
        &self,
        used: &mut Used<U>,
        now: Timestamp,
    ) -> Result<Option<Vec<(Dossier, Permit<U>)>>> {
        if !used.waiting.is_empty() {
            let rest = used.waiting.len().saturating_sub(AT_ONCE);
            return self.still(used.company, used.waiting.split_off(rest)).await.map(Some);
        }
        let Some((here, ones)) = used.slice() else { return Ok(None) };
        let store = self.region(&here.region)?;
        let ids: Vec<PersonId> =
            ones.iter().filter(|one| used.permitted(one)).map(|one| one.person).collect();
        let (recorded, then) = (Arc::clone(&here.standing), here.at);
        used.given += ones.len();
        if ids.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let standing = self.policy_in(store, used.company).await?;
        let at = store.steady(now)?;
        let mut out = Vec::with_capacity(ids.len());
        for dossier in look_in(store, used.company, ids).await? {
            let still = ones
                .binary_search_by_key(&dossier.id(), |one| one.person)
                .is_ok_and(|n| ones.get(n).is_some_and(|one| one.epoch == dossier.person.epoch));
            let permit = if still { used.permit(&dossier, (&recorded, then), (&standing, at)) } else { None };
            out.extend(permit.map(|permit| (dossier, permit)));
        }
        Ok(Some(out))
    }

    /// Of those who have an entry of their own, whose terms have not moved since.
    async fn still<U: UseKind>(
        &self,
        company: CompanyId,
        asked: Vec<(Dossier, Answer<U>)>,
    ) -> Result<Vec<(Dossier, Permit<U>)>> {
        let ids: Vec<PersonId> = asked.iter().map(|(dossier, _)| dossier.id()).collect();
        let now = self.look(company, &ids).await?;
        let epochs: HashMap<PersonId, u64> =
            now.iter().map(|dossier| (dossier.id(), dossier.person.epoch)).collect();
        let permits = asked.into_iter().filter_map(|(dossier, answer)| match answer {
            Answer::Permit(permit) if epochs.get(&dossier.id()) == Some(&dossier.person.epoch) => {
                Some((dossier, permit))
            }
            Answer::Permit(_) | Answer::Refusal(_) => None,
        });
        Ok(permits.collect())
    }
}

impl<U: UseKind> Used<U> {
    fn permitted(&self, one: &One) -> bool {
        let said = usize::try_from(one.said).ok().and_then(|n| self.said.get(n));
        said.is_some_and(|(permitted, _)| *permitted)
    }

    /// The next people of a region.
    fn slice(&self) -> Option<(&Here, Vec<One>)> {
        let mut from = self.given;
        for here in &self.here {
            if from < here.ones.len() {
                return Some((here, here.ones.iter().skip(from).take(AT_ONCE).copied().collect()));
            }
            from -= here.ones.len();
        }
        None
    }

    /// What was recorded and still holds.
    fn permit(
        &self,
        dossier: &Dossier,
        (recorded, then): (&Standing, Timestamp),
        (standing, now): (&Standing, Timestamp),
    ) -> Option<Permit<U>> {
        let matters: Option<NonEmpty<Matter>> = match self.about {
            About::Kinds => Some(self.question.matters.clone()),
            About::Facts => {
                let kinds: Vec<_> = self.question.matters.iter().filter_map(kind).collect();
                dossier.of_categories(&kinds)
            }
        };
        let matters = matters?;
        let person = dossier.id();
        let question = |at| Question { person, matters: matters.clone(), at, ..self.question.clone() };
        let was = judge(&question(then), dossier, recorded, then);
        let ruling = judge(&question(now.max(then)), dossier, standing, now);
        let mut open = opened(&ruling);
        let before = opened(&was);
        open.retain(|fact, _| before.contains_key(fact));
        (was.permits() && ruling.permits()).then(|| Permit {
            person: dossier.id(),
            purpose: self.question.purpose.clone(),
            role: self.question.asker.role(),
            open,
            ruling,
            key: dossier.key.clone(),
            recorded: Recorded { seq: 0 },
            means: PhantomData,
        })
    }
}

fn kind(matter: &Matter) -> Option<CategoryKey> {
    match matter {
        Matter::Kind(kind) => Some(kind.clone()),
        Matter::Held(_) => None,
    }
}
