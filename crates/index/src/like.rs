//! A person like those of a class: somebody whom the reference can decide about.

use assent_kernel::grant::{
    Answer, Evidence, Giver, Grant, Objection, ObjectionScope, Restricted, Restriction, RestrictionGround,
    Said,
};
use assent_kernel::party::Recipients;
use assent_kernel::person::Contract;
use assent_kernel::{
    ContractId, GrantId, KeySet, NoticeId, Person, Question, Terms, Timestamp, Use, UseSet, Zones,
};

use crate::class::{Class, Flags};
use crate::law::Law;

/// A person like those of a class, for the reference: what is not about yeses is the same.
pub(crate) fn like(
    class: &Class,
    kinds: u64,
    (newer, objected): (bool, bool),
    question: &Question<Use>,
    law: &Law,
) -> Person {
    let mut person = Person::new(question.person, law.policy.company);
    let (early, late) = (Timestamp::MIN, Timestamp::from_micros(1));
    person.residence.clone_from(&class.residence);
    person.minor = class.flags.any(Flags::MINOR);
    let restriction = |ground| Restriction { facts: Restricted::All, ground, at: early, until: None };
    if class.flags.any(Flags::RESTRICTED) {
        person.restrictions.push(restriction(RestrictionGround::Asked));
    }
    if class.flags.any(Flags::RETAINED) {
        person.restrictions.push(restriction(RestrictionGround::RetainOnly));
    }
    let scopes = [
        (Flags::NO_MARKETING, ObjectionScope::DirectMarketing),
        (Flags::NO_PROFILING, ObjectionScope::Profiling),
    ];
    let mut object = |scope| person.objections.push(Objection { scope, at: question.at, overridden: None });
    scopes.into_iter().filter(|(flag, _)| class.flags.any(*flag)).for_each(|(_, scope)| object(scope));
    if objected {
        object(ObjectionScope::Purpose(question.purpose.clone()));
    }
    if class.flags.any(Flags::NO_SALE) {
        object(ObjectionScope::SaleShare);
    }
    for (n, kind) in (0u32..).zip(&law.kinds).filter(|(n, _)| kinds & (1 << n) != 0) {
        let id = ContractId::from_bytes(u128::from(n).to_be_bytes());
        let (from, until) = (Timestamp::MIN, Timestamp::MAX);
        person.contracts.push(Contract { id, kind: kind.clone(), from, until });
    }
    if newer {
        person.answers.insert(question.purpose.clone(), yes(question, late));
    }
    person
}

/// A yes that allows nothing: it only says that there was one, and when.
fn yes(question: &Question<Use>, at: Timestamp) -> Answer {
    let terms = Terms {
        purposes: KeySet::none(),
        categories: KeySet::none(),
        uses: UseSet::NONE,
        recipients: Recipients::company_only(),
        zones: Zones::inside(KeySet::none()),
        until: Timestamp::MIN,
        explicit: false,
    };
    let grant = Grant {
        id: GrantId::from_bytes([0; 16]),
        terms,
        notice: NoticeId::from_bytes([0; 16]),
        notice_version: 0,
        giver: Giver::Subject,
        evidence: Evidence::Portal,
        uses_left: None,
    };
    Answer { purpose: question.purpose.clone(), said: Said::Yes(Box::new(grant)), at }
}
