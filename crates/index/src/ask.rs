//! A question with every name looked up once, to be decided for as many people as wanted.

use std::sync::Arc;

use assent_kernel::purpose::{Automation, Basis, Purpose};
use assent_kernel::{Matter, PersonId, Question, Reason, Role, Timestamp, To, Use};

use crate::class::Classes;
use crate::clause::{Clauses, Wanted, set_bit, set_regions, use_bit};
use crate::law::{Code, Law};
use crate::other::{Answered, Others, remembered, shape};
use crate::pack::{Minute, Word};
use crate::verdict::Codes;
use crate::way::{Chain, Going};

/// A question the index does not answer: ask the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Beyond {
    /// It is about a fact that is held.
    #[error("the index knows kinds of facts, not facts")]
    Fact,
    /// It is about a time for which the policy is not compiled.
    #[error("the policy is not compiled for that time")]
    Time,
}

/// A question with every name in it looked up.
///
/// What each decision reads comes first and fills a line of the cache; the rest is read by few.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct Asking {
    /// What words about the purpose look like.
    pub(crate) about: u64,
    /// Prohibitions that this question may meet whoever it is about, and those for residents.
    pub(crate) forbids: (u64, u64),
    /// The first word of `needed`.
    pub(crate) first: u64,
    /// Sets of recipients that pass step 5.
    pub(crate) passes: Arc<[u64]>,
    pub(crate) now: Minute,
    /// What was wrong with the question itself, whoever it is about.
    pub(crate) early: Code,
    use_bit: u16,
    /// The purpose stands on a yes.
    pub(crate) consent: bool,
    /// What is wrong with the question, or the browser's signal, closes everything or nearly.
    pub(crate) special: bool,
    /// A machine decides alone.
    pub(crate) automated: bool,
    /// Needs a yes in so many words.
    pub(crate) explicit: bool,
    /// Bits can tell where the way leads.
    pub(crate) sure: bool,
    pub(crate) traits: Traits,
    /// For each fact that is asked for, the prohibitions that its category may meet.
    pub(crate) each: Each,
    pub(crate) asked: Arc<Asked>,
    /// Categories and regions that a clause must have.
    pub(crate) needed: Wanted,
    pub(crate) purpose: usize,
    pub(crate) wanted: Wanted,
    /// When it is asked for: what it was looked up with may have been asked earlier.
    pub(crate) at: Timestamp,
    /// The version of the index that looked it up.
    pub(crate) version: u64,
}

/// What is read of a question only to say why not, or for the reference.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) question: Question<Use>,
    pub(crate) going: Arc<Going>,
    pub(crate) chain: Arc<Chain>,
    /// What is remembered about questions of this shape, when the purpose stands on no yes.
    pub(crate) answered: Option<Arc<Answered>>,
}

/// Prohibitions for each category: here for the few that most questions are about, not behind a pointer.
#[derive(Debug, Clone)]
pub(crate) enum Each {
    Few([u64; FEW]),
    Many(Arc<[u64]>),
}

/// How many different ones are a few.
const FEW: usize = 4;

impl Each {
    fn of(mut each: Vec<u64>) -> Self {
        each.sort_unstable();
        each.dedup();
        let mut few = [0; FEW];
        if each.len() > FEW {
            return Self::Many(each.into());
        }
        few.iter_mut().zip(each).for_each(|(slot, bits)| *slot = bits);
        Self::Few(few)
    }
    #[inline]
    pub(crate) fn all(&self) -> &[u64] {
        match self {
            Self::Few(few) => few,
            Self::Many(many) => many,
        }
    }
}

/// What is true of a question whoever it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of the law of its own")]
pub(crate) struct Traits {
    /// "Stop for now" does not hold it: the person's own reading, or a claim.
    pub(crate) passes_restricted: bool,
    pub(crate) passes_retained: bool,
    pub(crate) marketing: bool,
    pub(crate) profiling: bool,
    /// An opt-out of sale and sharing stands against it.
    pub(crate) shares: bool,
    /// The browser's signal stands against it.
    pub(crate) gpc: bool,
}

impl Traits {
    fn of(q: &Question<Use>, row: Option<&Purpose>, going: &Going) -> Self {
        let basis = row.map_or(Basis::Consent, |row| row.basis);
        let automation = row.map_or(Automation::None, |row| row.automation);
        let own = q.asker.role() == Role::Person && matches!(q.what, Use::View | Use::List | Use::Export);
        let shares = matches!(q.what, Use::Share | Use::Combine | Use::Contribute | Use::Enrich);
        let choice = basis.needs_grant() || basis == Basis::LegitimateInterest;
        let to_another = shares && choice && going.another && q.to != To::Person;
        Self {
            passes_restricted: own || q.context.claim,
            passes_retained: own || basis == Basis::LegalObligation,
            marketing: row.is_some_and(|row| row.direct_marketing),
            profiling: automation != Automation::None || matches!(q.what, Use::Learn | Use::Combine),
            shares: to_another,
            gpc: to_another && q.context.gpc,
        }
    }
}

/// Everything a decision looks at beside the person.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) law: Law,
    pub(crate) clauses: Clauses,
    pub(crate) classes: Classes,
    pub(crate) codes: Codes,
    pub(crate) others: Others,
}

/// How an index stands when a question is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    /// No time before this is answered for.
    pub(crate) newest: Timestamp,
    pub(crate) version: u64,
}

impl Stand {
    /// The minute of a time, if it is answered for.
    fn minute(self, at: Timestamp, law: &Law) -> Result<Minute, Beyond> {
        if at < law.from || at >= law.until || at < self.newest {
            return Err(Beyond::Time);
        }
        Minute::of(at).map_err(|_| Beyond::Time)
    }
}

impl Asking {
    /// Looks up every name of a question.
    pub(crate) fn new(question: Question<Use>, books: &Books, stand: Stand) -> Result<Self, Beyond> {
        let Books { law, clauses, .. } = books;
        let (at, now) = (question.at, stand.minute(question.at, law)?);
        let (mut wanted, mut unknown) = (Wanted::default(), false);
        let mut each = Vec::with_capacity(question.matters.len());
        for matter in question.matters.iter() {
            let Matter::Kind(category) = matter else { return Err(Beyond::Fact) };
            let Some(number) = clauses.category(category) else {
                unknown = true;
                continue;
            };
            set_bit(&mut wanted, number);
            each.push(law.forbids.of_category(number));
        }
        let going = law.going(question.to, &question.region, clauses);
        let chain = law.chain(question.to, &question.region, clauses);
        let known = law.purposes.number(&question.purpose);
        let purpose = known.unwrap_or_default();
        let row = law.purpose(purpose);
        let early = early(&question, law, known.and(row), unknown);
        let each = Each::of(each);
        let of_categories = each.all().iter().fold(0, |all, bits| all | bits);
        let (always, residents) = going.forbids(&law.forbids, question.what, purpose);
        let traits = Traits::of(&question, row, &going);
        let basis = row.map_or(Basis::Consent, |row| row.basis);
        let automation = row.map_or(Automation::None, |row| row.automation);
        let mut needed = wanted;
        set_regions(&mut needed, clauses.first_region(), going.reached.unwrap_or(0));
        // A region that only askers name is decided about by the reference each time.
        let answered = (!basis.needs_grant() && law.names(&question.region))
            .then(|| remembered(&books.others, shape(&question, purpose, wanted)));
        let (what, automated) = (question.what, question.context.automated);
        let asked = Asked { answered, question, going, chain };
        Ok(Self {
            about: Word::about(purpose),
            forbids: (always & of_categories, residents & of_categories),
            first: needed.first().copied().unwrap_or(0),
            passes: Arc::clone(&asked.chain.passes),
            now,
            early,
            use_bit: u16::try_from(use_bit(what)).unwrap_or(0),
            consent: basis.needs_grant(),
            special: early != 0 || traits.gpc,
            automated: automation == Automation::Decide || automated,
            explicit: basis == Basis::ConsentExplicit || meets(&law.explicit, &wanted),
            sure: asked.going.reached.is_some(),
            traits,
            needed,
            purpose,
            wanted,
            each,
            at,
            version: stand.version,
            asked: Arc::new(asked),
        })
    }

    /// The same question at another time, if nothing has changed since its names were looked up.
    pub(crate) fn again(&self, at: Timestamp, law: &Law, stand: Stand) -> Option<Self> {
        let now = stand.minute(at, law).ok().filter(|_| self.version == stand.version)?;
        Some(Self { at, now, ..self.clone() })
    }

    /// The question as it is asked, about somebody.
    pub(crate) fn question_about(&self, person: PersonId) -> Question<Use> {
        Question { person, at: self.at, ..self.asked.question.clone() }
    }

    pub(crate) const fn use_bit(&self) -> u64 {
        self.use_bit as u64
    }
}

fn meets(a: &Wanted, b: &Wanted) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

/// Step 0, but for the person: what is wrong with the question.
fn early(question: &Question<Use>, law: &Law, purpose: Option<&Purpose>, unknown_category: bool) -> Code {
    let policy = &law.policy;
    let reason = match purpose {
        None => Some(Reason::UnknownPurpose),
        Some(_) if !policy.regions.covers(&question.region) => Some(Reason::UnknownRegion),
        Some(_) if matches!(question.to, To::Party(id) if !policy.parties.contains_key(&id)) => {
            Some(Reason::UnknownParty)
        }
        Some(row) if !row.uses.has(question.what) => Some(Reason::UseOutsidePurpose),
        Some(row) if !row.roles.has(question.asker.role()) => Some(Reason::RoleOutsidePurpose),
        Some(_) if unknown_category => Some(Reason::UnknownCategory),
        Some(_) => None,
    };
    reason.map_or(0, |reason| law.code(&reason))
}
