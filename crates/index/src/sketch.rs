//! A person compiled: a class, and a word for each thing they said. Who does not fit is odd, and kept whole.

use std::collections::BTreeMap;

use assent_kernel::grant::{
    Answer, Giver, Grant, Objection, ObjectionScope, Restricted, RestrictionGround, Said,
};
use assent_kernel::purpose::Basis;
use assent_kernel::{Person, Timestamp, TreeKey};

use crate::class::{Bound, Class, ClassId, Classes, Flags};
use crate::clause::{ClauseId, Clauses, Parts};
use crate::law::Law;
use crate::pack::{Minute, NotPackable, Word};

/// What a person said about one purpose, or a contract: for whoever compiles people from somewhere else than
/// [`Person`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Yes to a purpose, until then, on a clause.
    Yes(u16, Minute, ClauseId),
    /// No to a purpose.
    No(u16),
    /// No longer.
    NoLonger(u16),
}

impl Line {
    pub(crate) fn word(self) -> Result<Word, NotPackable> {
        match self {
            Self::Yes(purpose, end, clause) => {
                Word::yes(usize::from(purpose), end, clause.0 as usize, (false, false))
            }
            Self::No(purpose) => Word::no(usize::from(purpose), false, false),
            Self::NoLonger(purpose) => Word::no(usize::from(purpose), true, false),
        }
    }
}

/// A person compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    pub(crate) class: ClassId,
    pub(crate) words: Vec<Word>,
}

/// The most words of one person; more, and they are odd.
pub(crate) const MOST_WORDS: usize = 14;

/// Compiles a person.
pub(crate) fn sketch(
    person: &Person,
    law: &Law,
    clauses: &mut Clauses,
    classes: &mut Classes,
) -> Result<Sketch, NotPackable> {
    if person.beside.is_some() {
        return Err(NotPackable("what several records of one human say"));
    }
    let wishes = Wishes::of(person)?;
    let mut words = answers(person, &wishes, law, clauses)?;
    let mut bound = Vec::new();
    for contract in merged(person, law)? {
        if law.hangs_on(contract.kind) {
            bound.push(contract);
        }
        words.push(Word::contract(usize::from(contract.kind), contract.from, contract.until)?);
    }
    bound.sort_unstable();
    if words.len() > MOST_WORDS {
        return Err(NotPackable("so much about one person"));
    }
    let class = Class { residence: person.residence.clone(), flags: wishes.flags, bound };
    Ok(Sketch { class: classes.number(&class)?, words })
}

/// Restrictions and objections, in so far as they are about the whole person.
struct Wishes {
    flags: Flags,
    /// The newest "stop for now".
    restricted: Option<Timestamp>,
    /// When the person opted out of sale and sharing.
    opted_out: Option<Timestamp>,
}

impl Wishes {
    fn of(person: &Person) -> Result<Self, NotPackable> {
        let mut flags = Flags::default().set(Flags::MINOR, person.minor);
        let mut restricted = None;
        for one in &person.restrictions {
            match (&one.facts, one.until) {
                // Of one fact: says nothing about kinds of facts.
                (Restricted::Fact(_), _) => {}
                (Restricted::All, None) => match one.ground {
                    RestrictionGround::Asked => restricted = restricted.max(Some(one.at)),
                    RestrictionGround::RetainOnly => flags = flags.with(Flags::RETAINED),
                },
                (Restricted::All, Some(_)) | (Restricted::Category(_), _) => {
                    return Err(NotPackable("a restriction of a part, or with an end"));
                }
            }
        }
        flags = flags.set(Flags::RESTRICTED, restricted.is_some());
        let mut opted_out = None;
        for objection in &person.objections {
            match &objection.scope {
                ObjectionScope::SaleShare => opted_out = opted_out.max(Some(objection.at)),
                // The first that stands is told, so one after an opt-out would have to be told apart.
                _ if opted_out.is_some() => return Err(NotPackable("an objection after an opt-out")),
                ObjectionScope::DirectMarketing => flags = flags.with(Flags::NO_MARKETING),
                ObjectionScope::Profiling => flags = flags.with(Flags::NO_PROFILING),
                ObjectionScope::Purpose(_) => {}
            }
        }
        Ok(Self { flags: flags.set(Flags::NO_SALE, opted_out.is_some()), restricted, opted_out })
    }
}

/// A word for each purpose about which the person said something that counts.
fn answers(
    person: &Person,
    wishes: &Wishes,
    law: &Law,
    clauses: &mut Clauses,
) -> Result<Vec<Word>, NotPackable> {
    let mut about: BTreeMap<usize, Vec<&Answer>> = BTreeMap::new();
    for answer in person.answers.values() {
        for purpose in law.purposes.below(&answer.purpose) {
            about.entry(purpose).or_default().push(answer);
        }
    }
    for objection in &person.objections {
        if let ObjectionScope::Purpose(upper) = &objection.scope {
            law.purposes.below(upper).into_iter().for_each(|purpose| {
                about.entry(purpose).or_default();
            });
        }
    }
    let mut words = Vec::with_capacity(about.len());
    for (purpose, answers) in about {
        words.extend(word(purpose, &answers, person, wishes, law, clauses)?);
    }
    Ok(words)
}

fn word(
    number: usize,
    answers: &[&Answer],
    person: &Person,
    wishes: &Wishes,
    law: &Law,
    clauses: &mut Clauses,
) -> Result<Option<Word>, NotPackable> {
    let Some(purpose) = law.purpose(number) else { return Ok(None) };
    let yeses = || answers.iter().filter(|answer| matches!(answer.said, Said::Yes(_)));
    let newer = wishes.restricted.is_some_and(|since| yeses().any(|yes| yes.at > since));
    let objected = person.objections.iter().any(|o| objects(o, purpose));
    if objected {
        return Word::other(number, true, newer).map(Some);
    }
    let named = |grant: &Answer| wishes.opted_out.is_some_and(|since| grant.at > since);
    if !purpose.basis.needs_grant() {
        if yeses().any(|yes| named(yes)) {
            return Err(NotPackable("a yes after an opt-out about a purpose that needs none"));
        }
        return if newer { Word::other(number, false, true).map(Some) } else { Ok(None) };
    }
    match standing(answers) {
        None => Ok(None),
        Some(Standing::No { longer }) => {
            if yeses().any(|yes| named(yes)) {
                return Err(NotPackable("a yes after an opt-out that no longer stands"));
            }
            Word::no(number, longer, newer).map(Some)
        }
        Some(Standing::Yes(answer, grant)) => {
            if yeses().any(|yes| named(yes) && yes.purpose != answer.purpose) {
                return Err(NotPackable("two yeses after an opt-out"));
            }
            if grant.uses_left.is_some() {
                return Err(NotPackable("a yes that counts its uses"));
            }
            if !grant.terms.purposes.covers(&purpose.key) {
                return Err(NotPackable("a yes that is not about its purpose"));
            }
            let end = Minute::end(grant.terms.until.min(answer.at.plus(purpose.longest)))?;
            let clause = clauses.intern(&Parts {
                categories: &grant.terms.categories,
                uses: grant.terms.uses,
                explicit: grant.terms.explicit,
                guardian: grant.giver == Giver::Guardian,
                recipients: &grant.terms.recipients,
                zones: &grant.terms.zones,
                notice: (grant.notice, grant.notice_version),
            })?;
            Word::yes(number, end, clause.0 as usize, (newer, named(answer))).map(Some)
        }
    }
}

/// What stands about one purpose.
enum Standing<'a> {
    Yes(&'a Answer, &'a Grant),
    No { longer: bool },
}

/// The yes nearest to the purpose, unless a no that is newer or about less stands against it.
fn standing<'a>(answers: &[&'a Answer]) -> Option<Standing<'a>> {
    let depth = |answer: &Answer| answer.purpose.as_str().len();
    let yes = answers.iter().filter_map(|answer| match &answer.said {
        Said::Yes(grant) => Some((*answer, &**grant)),
        Said::No | Said::NoLonger => None,
    });
    let best = yes.max_by_key(|(answer, _)| (depth(answer), answer.at));
    let no = answers.iter().filter(|answer| !matches!(answer.said, Said::Yes(_)));
    let no = no
        .filter(|no| best.is_none_or(|(yes, _)| no.at >= yes.at || depth(no) > depth(yes)))
        .max_by_key(|no| (depth(no), no.at));
    match no {
        Some(no) => Some(Standing::No { longer: matches!(no.said, Said::NoLonger) }),
        None => best.map(|(answer, grant)| Standing::Yes(answer, grant)),
    }
}

fn objects(objection: &Objection, purpose: &assent_kernel::purpose::Purpose) -> bool {
    let ObjectionScope::Purpose(upper) = &objection.scope else { return false };
    let counts = match purpose.basis {
        Basis::Consent | Basis::ConsentExplicit => true,
        Basis::LegitimateInterest | Basis::PublicTask => {
            objection.overridden.as_deref().is_none_or(|grounds| grounds.trim().is_empty())
        }
        Basis::Contract | Basis::LegalObligation | Basis::Vital => false,
    };
    counts && upper.covers(&purpose.key)
}

/// The person's contracts of kinds that some mandate names; those of one kind that touch are one.
fn merged(person: &Person, law: &Law) -> Result<Vec<Bound>, NotPackable> {
    let mut all = Vec::new();
    for contract in &person.contracts {
        let Some(kind) = law.kind(&contract.kind) else { continue };
        if contract.until <= contract.from {
            continue;
        }
        let whole = contract.from.whole_minute() == contract.from
            && (contract.until == Timestamp::MAX || contract.until.whole_minute() == contract.until);
        if !whole {
            return Err(NotPackable("a contract that begins or ends within a minute"));
        }
        let kind = u16::try_from(kind).map_err(|_| NotPackable("a kind of contract"))?;
        let from =
            if contract.from < Minute::FIRST.start() { Minute::FIRST } else { Minute::of(contract.from)? };
        if contract.until <= Minute::FIRST.start() {
            continue;
        }
        all.push(Bound { kind, from, until: Minute::end(contract.until)? });
    }
    all.sort_unstable();
    let mut out: Vec<Bound> = Vec::with_capacity(all.len());
    for one in all {
        match out.last_mut() {
            Some(last) if last.kind == one.kind && one.from <= last.until => {
                last.until = last.until.max(one.until)
            }
            _ => out.push(one),
        }
    }
    Ok(out)
}
