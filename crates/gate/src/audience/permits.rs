//! Giving out who may be used, some at a time: each is decided once more at the second of use.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::sync::Arc;

use assent_kernel::{
    CategoryKey, FactId, Matter, NonEmpty, Open, PersonId, Question, Region, Timestamp, UseKind,
};

use crate::ask::{Standing, judge, look_in};
use crate::error::Result;
use crate::held::Dossier;
use crate::permit::{Answer, Permit, Recorded, opened};
use crate::start::Gate;
use crate::whose::Whose;

use super::{AT_ONCE, About, Here, One, Used};

/// What a person is decided on now: the policy, and the time.
type Now = (Arc<Standing>, Timestamp);

impl Gate {
    /// The next people of a recorded use for whom something is permitted, with their permits; nothing when all were
    /// given out. Whose terms or facts moved since it was recorded is left out, and nothing is opened that was not
    /// recorded or that would be refused `now`.
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
            let some = used.waiting.split_off(rest);
            return self.still(used, some, now).await.map(Some);
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
            let one = ones.binary_search_by_key(&dossier.id(), |one| one.person).ok();
            let still = one.and_then(|n| ones.get(n)).is_some_and(|one| used.is_as_recorded(one, &dossier));
            let permit = if still { used.permit(&dossier, (&recorded, then), (&standing, at)) } else { None };
            out.extend(permit.map(|permit| (dossier, permit)));
        }
        Ok(Some(out))
    }

    /// Of those who have an entry of their own, whose terms have not moved since, and what is not refused now. They are
    /// decided on as they were looked up then: this very use may have been the last that their yes allowed.
    async fn still<U: UseKind>(
        &self,
        used: &Used<U>,
        asked: Vec<(Dossier, Answer<U>)>,
        now: Timestamp,
    ) -> Result<Vec<(Dossier, Permit<U>)>> {
        let ids: Vec<PersonId> = asked.iter().map(|(dossier, _)| dossier.id()).collect();
        let found = self.look(&Whose::everybody(used.company), &ids).await?;
        let epochs: HashMap<PersonId, u64> =
            found.iter().map(|dossier| (dossier.id(), dossier.person.epoch)).collect();
        let (mut grounds, mut out) = (HashMap::new(), Vec::with_capacity(asked.len()));
        for (dossier, answer) in asked {
            let Answer::Permit(permit) = answer else { continue };
            if epochs.get(&dossier.id()) != Some(&dossier.person.epoch) {
                continue;
            }
            let ground = self.ground_now(used, &dossier.region, now, &mut grounds).await?;
            out.extend(used.narrowed(&dossier, permit, &ground).map(|permit| (dossier, permit)));
        }
        Ok(out)
    }

    /// What people of a region are decided on now, read once.
    async fn ground_now<U: UseKind>(
        &self,
        used: &Used<U>,
        region: &Region,
        now: Timestamp,
        known: &mut HashMap<Region, Now>,
    ) -> Result<Now> {
        if let Some((standing, at)) = known.get(region) {
            return Ok((Arc::clone(standing), *at));
        }
        let store = self.region(region)?;
        let standing = self.policy_in(store, used.company).await?;
        let at = store.steady(now)?;
        known.insert(region.clone(), (Arc::clone(&standing), at));
        Ok((standing, at))
    }
}

impl<U: UseKind> Used<U> {
    fn permitted(&self, one: &One) -> bool {
        let said = usize::try_from(one.said).ok().and_then(|n| self.said.get(n));
        said.is_some_and(|(permitted, _)| *permitted)
    }

    /// True when a person's terms, and their facts if it is about those, are what was decided on: a fact that came in
    /// since stands in no line.
    fn is_as_recorded(&self, one: &One, dossier: &Dossier) -> bool {
        let facts = match self.about {
            About::Kinds => true,
            About::Facts => one.mark == dossier.mark(),
        };
        one.epoch == dossier.person.epoch && facts
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

    /// What is asked about a person at a time; nothing when nothing of the kind is held.
    fn question_at(&self, dossier: &Dossier, at: Timestamp) -> Option<Question<U>> {
        let matters: Option<NonEmpty<Matter>> = match self.about {
            About::Kinds => Some(self.question.matters.clone()),
            About::Facts => {
                let kinds: Vec<_> = self.question.matters.iter().filter_map(kind).collect();
                dossier.of_categories(&kinds)
            }
        };
        Some(Question { person: dossier.id(), matters: matters?, at, ..self.question.clone() })
    }

    /// What was recorded and still holds.
    fn permit(
        &self,
        dossier: &Dossier,
        (recorded, then): (&Standing, Timestamp),
        (standing, now): (&Standing, Timestamp),
    ) -> Option<Permit<U>> {
        let was = judge(&self.question_at(dossier, then)?, dossier, recorded, then);
        let ruling = judge(&self.question_at(dossier, now.max(then))?, dossier, standing, now);
        let open = both(opened(&ruling), &opened(&was));
        (was.permits() && ruling.permits() && self.is_anything(&open)).then(|| Permit {
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

    /// A permit that was recorded, as far as it holds now.
    fn narrowed(&self, dossier: &Dossier, permit: Permit<U>, (standing, now): &Now) -> Option<Permit<U>> {
        let ruling = judge(&self.question_at(dossier, *now)?, dossier, standing, *now);
        let open = both(opened(&ruling), &permit.open);
        (ruling.permits() && self.is_anything(&open)).then(|| Permit { open, ruling, ..permit })
    }

    /// True when anything is left to be used.
    fn is_anything(&self, open: &BTreeMap<FactId, Open>) -> bool {
        self.about == About::Kinds || !open.is_empty()
    }
}

/// What two rulings opened, as far as both do.
fn both(mut now: BTreeMap<FactId, Open>, then: &BTreeMap<FactId, Open>) -> BTreeMap<FactId, Open> {
    now.retain(|fact, open| {
        let before = then.get(fact);
        open.mask = before.map_or(open.mask, |before| open.mask.max(before.mask));
        before.is_some()
    });
    now
}

fn kind(matter: &Matter) -> Option<CategoryKey> {
    match matter {
        Matter::Kind(kind) => Some(kind.clone()),
        Matter::Held(_) => None,
    }
}
