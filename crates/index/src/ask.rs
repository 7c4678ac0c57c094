//! Asking the index: a question resolved once, then decided for as many people as wanted.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use assent_kernel::party::Recipients;
use assent_kernel::purpose::{Automation, Basis};
use assent_kernel::{
    Matter, PartyId, Person, Question, Reason, Region, Role, State, Timestamp, To, Use, decide,
};

use crate::class::{ClassId, Classes, Flags};
use crate::clause::{Clause, Clauses, Wanted, use_bit};
use crate::law::{Code, EXPIRED, Going, Law};
use crate::like::like;
use crate::pack::{ABOUT, Kind, Minute, Word};
use crate::table::Known;

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

/// A decision: whether every kind of fact that was asked for may be used, and if not, why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    code: Code,
    end: Minute,
}

impl Verdict {
    pub(crate) const fn open(end: Minute) -> Self {
        Self { code: 0, end }
    }
    pub(crate) const fn closed(code: Code) -> Self {
        Self { code, end: Minute::FIRST }
    }
    pub(crate) const fn expired(end: Minute) -> Self {
        Self { code: EXPIRED, end }
    }
    /// True when it may be used.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.code == 0
    }
    pub(crate) const fn code(self) -> Code {
        self.code
    }
    /// Until when an open verdict holds if nothing changes; when the yes of an expired one ran out.
    #[must_use]
    pub const fn end(self) -> Minute {
        self.end
    }
}

/// Codes of the reasons that a fast decision gives, numbered once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codes {
    pub(crate) restricted: Code,
    pub(crate) objected: Code,
    pub(crate) opted_out: Code,
    pub(crate) never: Code,
    pub(crate) refused: Code,
    pub(crate) withdrawn: Code,
    pub(crate) guardian: Code,
    pub(crate) notice: Code,
    pub(crate) not_use: Code,
    pub(crate) human: Code,
    pub(crate) category: Code,
    pub(crate) explicit: Code,
    pub(crate) unknown: Code,
}

impl Codes {
    pub(crate) fn new(law: &Law) -> Self {
        Self {
            restricted: law.code(&Reason::Restricted),
            objected: law.code(&Reason::Objected),
            opted_out: law.code(&Reason::OptedOut),
            never: law.code(&Reason::NeverAsked),
            refused: law.code(&Reason::Refused),
            withdrawn: law.code(&Reason::Withdrawn),
            guardian: law.code(&Reason::NeedsGuardian),
            notice: law.code(&Reason::NoticeOutdated),
            not_use: law.code(&Reason::UseNotGranted),
            human: law.code(&Reason::HumanRequired),
            category: law.code(&Reason::CategoryNotGranted),
            explicit: law.code(&Reason::NeedsExplicit),
            unknown: law.code(&Reason::UnknownPerson),
        }
    }
}

/// A question with every name in it looked up.
#[derive(Debug, Clone)]
pub struct Asking {
    pub(crate) now: Minute,
    /// What was wrong with the question itself, whoever it is about.
    pub(crate) early: Code,
    pub(crate) purpose: usize,
    pub(crate) wanted: Wanted,
    use_bit: u64,
    /// Prohibitions that this question may meet whoever it is about, and those for residents.
    forbids: (u64, u64),
    /// For each fact that is asked for, the prohibitions that its category may meet.
    each: Vec<u64>,
    /// What [`Going`] reaches, which recipients it passes, and whether only a yes in so many words will do: beside the
    /// rest that is read each time.
    reached: Option<u64>,
    passes: Arc<[u64]>,
    needs_explicit: bool,
    going: Arc<Going>,
    traits: Traits,
    question: Arc<Question<Use>>,
    /// What is remembered about questions of this shape, when the purpose stands on no yes.
    answered: Option<Arc<Answered>>,
}

/// What is true of a question whoever it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of the law of its own")]
struct Traits {
    /// The purpose stands on a yes.
    consent: bool,
    /// Needs a yes in so many words.
    explicit: bool,
    /// A machine decides alone.
    automated: bool,
    /// "Stop for now" does not hold it: the person's own reading, or a claim.
    passes_restricted: bool,
    passes_retained: bool,
    marketing: bool,
    profiling: bool,
    /// An opt-out of sale and sharing stands against it.
    shares: bool,
    /// The browser's signal stands against it.
    gpc: bool,
}

impl Traits {
    fn of(q: &Question<Use>, law: &Law, purpose: usize, going: &Going) -> Self {
        let row = law.purpose(purpose);
        let basis = row.map_or(Basis::Consent, |row| row.basis);
        let automation = row.map_or(Automation::None, |row| row.automation);
        let own = q.asker.role() == Role::Person && matches!(q.what, Use::View | Use::List | Use::Export);
        let shares = matches!(q.what, Use::Share | Use::Combine | Use::Contribute | Use::Enrich);
        let choice = basis.needs_grant() || basis == Basis::LegitimateInterest;
        let to_another = shares && choice && going.another && q.to != To::Person;
        Self {
            consent: basis.needs_grant(),
            explicit: basis == Basis::ConsentExplicit,
            automated: automation == Automation::Decide || q.context.automated,
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Books<'a> {
    pub(crate) law: &'a Law,
    pub(crate) clauses: &'a Clauses,
    pub(crate) classes: &'a Classes,
    pub(crate) codes: &'a Codes,
    pub(crate) others: &'a Others,
}

/// What the reference said about classes of people, for each shape of a question whose purpose stands on no yes.
pub(crate) type Others = RwLock<HashMap<Shape, Arc<Answered>>>;
/// The same, for one shape: by class, running kinds of contract, a newer yes, an objection to the purpose.
type Answered = RwLock<HashMap<(ClassId, u64, bool, bool), Verdict>>;
/// A question without its person and its time: use, role, purpose, categories, recipient, region, context.
type Shape = (Use, Role, usize, Wanted, Option<PartyId>, Region, (bool, bool, bool, bool));
/// The most shapes, and the most answers for one, that are remembered.
const MOST_REMEMBERED: usize = 16_384;

impl Asking {
    /// Looks up every name of a question.
    pub(crate) fn new(question: &Question<Use>, books: Books<'_>, newest: Timestamp) -> Result<Self, Beyond> {
        let Books { law, clauses, .. } = books;
        if question.at < law.from || question.at >= law.until || question.at < newest {
            return Err(Beyond::Time);
        }
        let now = Minute::of(question.at).map_err(|_| Beyond::Time)?;
        let mut numbers = Vec::with_capacity(question.matters.len());
        for matter in question.matters.iter() {
            match matter {
                Matter::Held(_) => return Err(Beyond::Fact),
                Matter::Kind(category) => numbers.push(clauses.category(category)),
            }
        }
        let going = law.going(question.to, &question.region, clauses);
        let early = early(question, law, numbers.iter().any(Option::is_none));
        let purpose = law.purposes.number(&question.purpose).unwrap_or_default();
        let numbers: Vec<usize> = numbers.into_iter().flatten().collect();
        let each: Vec<u64> = numbers.iter().map(|n| law.forbids.of_category(*n)).collect();
        let of_categories = each.iter().fold(0, |all, bits| all | bits);
        let (always, residents) = going.forbids(&law.forbids, question.what, purpose);
        let traits = Traits::of(question, law, purpose, &going);
        let wanted = clauses.wanted(&numbers);
        let answered = if traits.consent {
            None
        } else {
            Some(remembered(books.others, shape(question, purpose, wanted)))
        };
        Ok(Self {
            now,
            early,
            purpose,
            wanted,
            use_bit: use_bit(question.what),
            forbids: (always & of_categories, residents & of_categories),
            each,
            reached: going.reached,
            passes: Arc::clone(&going.passes),
            needs_explicit: traits.automated || traits.explicit || meets(&law.explicit, &wanted),
            traits,
            going,
            question: Arc::new(question.clone()),
            answered,
        })
    }

    /// The question that was asked; its person means nothing.
    #[must_use]
    pub fn question(&self) -> &Question<Use> {
        &self.question
    }

    /// Decides for somebody the table knows.
    #[inline]
    pub(crate) fn decide(&self, known: &Known<'_>, books: Books<'_>) -> Verdict {
        let word = known.find(Word::about(self.purpose), ABOUT);
        let class = known.class();
        if !self.traits.consent {
            return self.other(known, class, word, books);
        }
        let person = self.person(class, word.newer(), books);
        if person.code != 0 {
            return person;
        }
        self.said(class, word, books)
    }

    /// Touches the clause that a decision about somebody would look at, so that it is near when it is needed.
    #[inline]
    pub(crate) fn touch(&self, known: &Known<'_>, books: Books<'_>) -> u64 {
        let word = known.find(Word::about(self.purpose), ABOUT);
        books.clauses.get(word.clause()).map_or(0, Clause::frame)
    }

    /// Steps 0 to 3 but for what hangs on one purpose's answer: open when none of it closes.
    #[inline]
    pub(crate) fn person(&self, class: ClassId, newer: bool, books: Books<'_>) -> Verdict {
        let Books { law, classes, codes, .. } = books;
        if self.early != 0 {
            return Verdict::closed(self.early);
        }
        let (resident, bound) = law.classes.get(class.index()).copied().unwrap_or((u64::MAX, u64::MAX));
        let hit = (self.forbids.0 | self.forbids.1 & resident) & bound;
        if hit != 0 {
            return Verdict::closed(self.prohibition(hit, books));
        }
        let flags = classes.get(class).flags;
        if flags.is_empty() {
            return Verdict::open(Minute::FOREVER);
        }
        let t = &self.traits;
        let held = flags.any(Flags::RESTRICTED) && !t.passes_restricted && !newer;
        if held || (flags.any(Flags::RETAINED) && !t.passes_retained) {
            return Verdict::closed(codes.restricted);
        }
        if (flags.any(Flags::NO_MARKETING) && t.marketing) || (flags.any(Flags::NO_PROFILING) && t.profiling)
        {
            return Verdict::closed(codes.objected);
        }
        Verdict::open(Minute::FOREVER)
    }

    /// What closes a yes before anybody looks whether it has run out.
    pub(crate) fn before_end(
        &self,
        class: ClassId,
        word: Word,
        clause: Clause<'_>,
        books: Books<'_>,
    ) -> Code {
        let person = self.person(class, word.newer(), books);
        if person.code != 0 {
            return person.code;
        }
        let flags = books.classes.get(class).flags;
        let out =
            self.traits.shares && flags.any(Flags::NO_SALE) && !(word.named() && self.is_named(word, books));
        if out || self.traits.gpc {
            books.codes.opted_out
        } else if flags.any(Flags::MINOR) && !clause.guardian() {
            books.codes.guardian
        } else {
            0
        }
    }

    /// True when a closed verdict about a living yes comes after the look at its end.
    pub(crate) fn ends_first(&self, verdict: Verdict, word: Word, books: Books<'_>) -> bool {
        let early = [books.codes.objected, books.codes.opted_out, books.codes.guardian];
        word.kind() == Kind::Yes && !early.contains(&verdict.code)
    }

    /// Steps 3 to 6 for what was said about the purpose.
    #[inline]
    pub(crate) fn said(&self, class: ClassId, word: Word, books: Books<'_>) -> Verdict {
        let (t, codes) = (&self.traits, books.codes);
        if word.is_objected() {
            return Verdict::closed(codes.objected);
        }
        if t.shares {
            let flags = books.classes.get(class).flags;
            let out = flags.any(Flags::NO_SALE) && !(word.named() && self.is_named(word, books));
            if out || t.gpc {
                return Verdict::closed(codes.opted_out);
            }
        }
        match word.kind() {
            Kind::Other => Verdict::closed(codes.never),
            Kind::No => Verdict::closed(codes.refused),
            Kind::NoLonger => Verdict::closed(codes.withdrawn),
            Kind::Yes => {
                let Some(clause) = books.clauses.get(word.clause()) else {
                    return Verdict::closed(Code::MAX);
                };
                let flags = books.classes.get(class).flags;
                if flags.any(Flags::MINOR) && !clause.guardian() {
                    return Verdict::closed(codes.guardian);
                }
                if self.now >= word.end() {
                    return Verdict::expired(word.end());
                }
                match self.covers(clause, books) {
                    0 => Verdict::open(word.end()),
                    code => Verdict::closed(code),
                }
            }
        }
    }

    fn is_named(&self, word: Word, books: Books<'_>) -> bool {
        let To::Party(recipient) = self.question.to else { return true };
        let set = books.clauses.get(word.clause()).and_then(|c| books.clauses.recipients.get(c.recipients()));
        word.kind() == Kind::Yes && set.is_some_and(|set: &Recipients| set.names(recipient))
    }

    /// Whether a clause whose yes lives covers the question; the reason's code when it does not.
    #[inline]
    pub(crate) fn covers(&self, clause: Clause<'_>, books: Books<'_>) -> Code {
        if self.fits(clause, books) { 0 } else { self.falls_short(clause, books) }
    }

    /// True when a clause covers the question for certain. Every condition is looked at, without a jump in between;
    /// which one fails first is looked for only when one does.
    #[inline]
    fn fits(&self, clause: Clause<'_>, books: Books<'_>) -> bool {
        let law = books.law;
        let counts = law.notices.get(usize::from(clause.notice())).copied().unwrap_or(false);
        let said_so = !self.needs_explicit | clause.explicit();
        let there = self.reached.is_some_and(|reached| reached & !law.covers(clause.zones()) == 0);
        counts
            & clause.has_use(self.use_bit)
            & clause.has_categories(&self.wanted)
            & said_so
            & self.passes(clause.recipients())
            & there
    }

    /// True when a set of recipients is known to pass step 5.
    #[inline]
    fn passes(&self, number: u16) -> bool {
        let word = self.passes.get(usize::from(number / 64)).copied().unwrap_or(0);
        word >> (number % 64) & 1 == 1
    }

    /// Why a clause does not cover the question; 0 when it does after all.
    fn falls_short(&self, clause: Clause<'_>, books: Books<'_>) -> Code {
        let code = self.before_categories(clause, books);
        if code != 0 {
            return code;
        }
        if !clause.has_categories(&self.wanted) {
            return books.codes.category;
        }
        match self.after_categories(clause, books) {
            0 => books.law.place(clause.zones(), books.clauses, &self.going),
            code => code,
        }
    }

    /// What is looked at before categories: the text, the use, whether a machine decides.
    #[inline]
    pub(crate) fn before_categories(&self, clause: Clause<'_>, books: Books<'_>) -> Code {
        if !books.law.notices.get(usize::from(clause.notice())).copied().unwrap_or(false) {
            books.codes.notice
        } else if !clause.has_use(self.use_bit) {
            books.codes.not_use
        } else if self.traits.automated && !clause.explicit() {
            books.codes.human
        } else {
            0
        }
    }

    /// What is looked at after categories: whether it was said in so many words, and to whom.
    #[inline]
    pub(crate) fn after_categories(&self, clause: Clause<'_>, books: Books<'_>) -> Code {
        if !clause.explicit() && (self.traits.explicit || meets(&books.law.explicit, &self.wanted)) {
            return books.codes.explicit;
        }
        books.law.recipient(clause.recipients(), books.clauses, &self.going)
    }

    /// Step 6 for zones.
    #[inline]
    pub(crate) fn place(&self, zones: u16, books: Books<'_>) -> Code {
        books.law.place(zones, books.clauses, &self.going)
    }

    /// True when the purpose stands on a yes.
    pub(crate) const fn needs_yes(&self) -> bool {
        self.traits.consent
    }

    /// The first prohibition among some that a wanted category meets.
    fn prohibition(&self, hit: u64, books: Books<'_>) -> Code {
        let met = self.each.iter().map(|of_category| hit & of_category).filter(|bits| *bits != 0);
        books.law.forbids.refusal(met.map(u64::trailing_zeros))
    }

    /// Decides by the reference for somebody like this one, and remembers: for purposes that stand on no yes.
    fn other(&self, known: &Known<'_>, class: ClassId, word: Word, books: Books<'_>) -> Verdict {
        let runs = known.words().filter(|w| w.is_contract() && w.from() <= self.now && self.now < w.end());
        let kinds = runs.fold(0u64, |bits, word| bits | 1 << (word.purpose() & 63));
        self.class_verdict(class, kinds, (word.newer(), word.is_objected()), books)
    }

    /// The reference's verdict about a class of people whose contracts of these kinds run.
    pub(crate) fn class_verdict(
        &self,
        class: ClassId,
        kinds: u64,
        (newer, objected): (bool, bool),
        books: Books<'_>,
    ) -> Verdict {
        let key = (class, kinds, newer, objected);
        let known = self.answered.as_deref();
        if let Some(Ok(known)) = known.map(RwLock::read)
            && let Some(found) = known.get(&key)
        {
            return *found;
        }
        let like = like(books.classes.get(class), kinds, (newer, objected), &self.question, books.law);
        let verdict = self.refer(&like, books.law);
        if let Some(Ok(mut known)) = known.map(RwLock::write)
            && known.len() < MOST_REMEMBERED
        {
            known.insert(key, verdict);
        }
        verdict
    }

    /// The reference's verdict about a whole person.
    pub(crate) fn refer(&self, person: &Person, law: &Law) -> Verdict {
        let question = Question { person: person.id, ..(*self.question).clone() };
        let ruling =
            decide(&question, &State { policy: &law.policy, person: Some(person), floor: Timestamp::MIN });
        let closed = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.closed()).min();
        match closed {
            None => {
                let open = ruling.verdicts.iter().filter_map(|(_, verdict)| verdict.open());
                let until = open.map(|open| open.until).min().unwrap_or(Timestamp::MIN);
                // An end that cannot be packed lies beyond 2117.
                Verdict::open(Minute::end(until).unwrap_or(Minute::FOREVER))
            }
            Some(Reason::Expired { at }) => match Minute::end(*at) {
                Ok(end) => Verdict::expired(end),
                Err(_) => Verdict::closed(law.code(&Reason::Expired { at: *at })),
            },
            Some(reason) => Verdict::closed(law.code(reason)),
        }
    }
}

fn shape(q: &Question<Use>, purpose: usize, wanted: Wanted) -> Shape {
    let to = match q.to {
        To::Party(id) => Some(id),
        To::Person => None,
    };
    let c = &q.context;
    let ticket = c.ticket.as_deref().is_some_and(|ticket| !ticket.trim().is_empty());
    (q.what, q.asker.role(), purpose, wanted, to, q.region.clone(), (c.gpc, c.claim, c.automated, ticket))
}

fn remembered(others: &Others, shape: Shape) -> Arc<Answered> {
    if let Ok(known) = others.read()
        && let Some(found) = known.get(&shape)
    {
        return Arc::clone(found);
    }
    let fresh = Arc::<Answered>::default();
    if let Ok(mut known) = others.write()
        && known.len() < MOST_REMEMBERED
    {
        known.insert(shape, Arc::clone(&fresh));
    }
    fresh
}

fn meets(a: &Wanted, b: &Wanted) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

/// Step 0, but for the person: what is wrong with the question.
fn early(question: &Question<Use>, law: &Law, unknown_category: bool) -> Code {
    let policy = &law.policy;
    let purpose = policy.purposes.get(&question.purpose);
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
