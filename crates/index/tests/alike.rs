//! The index decides as the reference does, reasons included: person by person, audience by audience, while people
//! change, and past every field's limit.
//!
//! `ASSENT_INDEX_CASES` says how many worlds (40,000).

#[path = "../../kernel/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use assent_index::{Beyond, Index, PolicyChange, Verdict};
use assent_kernel::grant::Said;
use assent_kernel::{Matter, NonEmpty, Person, PersonId, Policy, Question, Reason, Timestamp, Use};
use support::{Choices, NOW, World, day, draw_person, draw_question};

const SECRET: [u64; 4] = [1, 2, 3, 4];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.replace('_', "").parse().expect("a number"))
}

/// The same question about kinds of facts: the index knows no facts.
fn about_kinds(question: &Question<Use>, person: &Person) -> Question<Use> {
    let kind = |matter: &Matter| match matter {
        Matter::Held(id) => Matter::Kind(
            person.facts.get(id).map_or_else(|| support::category("contact"), |fact| fact.category.clone()),
        ),
        Matter::Kind(category) => Matter::Kind(category.clone()),
    };
    let all: Vec<Matter> = question.matters.iter().map(kind).collect();
    Question { matters: NonEmpty::try_from(all).unwrap(), ..question.clone() }
}

/// Mostly what fits into the packed form: contracts by the minute, yeses without a count.
fn tame(person: &mut Person, c: &mut Choices) {
    if !c.rare(95) {
        return;
    }
    for contract in &mut person.contracts {
        contract.from = contract.from.whole_minute();
        contract.until = contract.until.whole_minute();
    }
    for answer in person.answers.values_mut() {
        if let Said::Yes(grant) = &mut answer.said {
            grant.uses_left = None;
            if !c.rare(5) {
                grant.terms.purposes = [answer.purpose.clone()].into_iter().collect();
            }
        }
    }
    if !c.rare(20) {
        for restriction in &mut person.restrictions {
            restriction.facts = assent_kernel::grant::Restricted::All;
            restriction.until = None;
        }
    }
}

fn index(policy: &Policy, at: Timestamp) -> Index {
    Index::new(Arc::new(policy.clone()), at, 0, SECRET).unwrap()
}

fn reference(index: &Index, question: &Question<Use>, person: &Person) -> Option<Reason> {
    index.reference(&Question { person: person.id, ..question.clone() }, person)
}

#[test]
#[expect(clippy::print_stdout, reason = "what was compared, with --nocapture")]
fn one_by_one() {
    let mut met: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    for seed in 0..number("ASSENT_INDEX_CASES", 40_000) {
        let c = &mut Choices::seeded(0x51ed_0000_0000 + seed);
        let mut world = World::draw(c);
        tame(&mut world.person, c);
        let question = about_kinds(&world.question, &world.person);
        let mut index = index(&world.policy, question.at);
        index.put(&world.person, NOW);
        let earlier = asked_before(&index, &question, world.person.id, c);
        let asking = index.ask(&question).unwrap();
        let verdict = index.decide(&asking, world.person.id);
        assert!(earlier.is_none_or(|earlier| earlier == verdict), "seed {seed}: {world:#?}");
        let expected = reference(&index, &question, &world.person);
        assert_eq!(index.reason(&asking, verdict), expected, "seed {seed}: {world:#?}");
        if verdict.is_open() {
            still_open(&index, verdict.end().start().min(index.until()), &question, &world.person, seed);
        }
        let slot = met.entry(expected.as_ref().map_or("OPEN", Reason::code)).or_default();
        if index.sizes().odd == 0 { slot.0 += 1 } else { slot.1 += 1 }
    }
    println!("reason: packed, odd\n{met:#?}");
    let step7 = ["PROVENANCE_DENIES", "PARENT_DENIES", "UNKNOWN_FACT", "EMPTY_REQUEST", "CLOCK_WENT_BACK"];
    let elsewhere = ["UNKNOWN_PERSON", "RETENTION_OVER", "USED_UP"];
    let all = support::every_reason();
    let missing: Vec<_> = all
        .iter()
        .map(Reason::code)
        .filter(|code| !step7.contains(code) && !elsewhere.contains(code))
        .filter(|code| met.get(code).is_none_or(|(packed, _)| *packed == 0))
        .collect();
    assert!(missing.is_empty(), "never met in the packed form: {missing:?}");
}

/// What is decided by an asking that was looked up for another time: a while before, or by a clock that was ahead.
fn asked_before(index: &Index, question: &Question<Use>, id: PersonId, c: &mut Choices) -> Option<Verdict> {
    let apart = i64::try_from(c.below(200_000_000)).unwrap() - 100_000_000;
    let at = Timestamp::from_micros(question.at.micros() + apart);
    let asking = index.ask(&Question { at, ..question.clone() }).ok()?;
    let again = index.ask_again(&asking, question.at)?;
    Some(index.decide(&again, id))
}

/// What is open until some time is open just before it, if nothing changes.
fn still_open(index: &Index, until: Timestamp, question: &Question<Use>, person: &Person, seed: u64) {
    // An end within this minute is told as its beginning.
    assert!(question.at.whole_minute() <= until, "seed {seed}");
    // Beyond what can be packed an end is told as none.
    if question.at < until && until < day(20_000) {
        let last = Question { at: Timestamp::from_micros(until.micros() - 1), ..question.clone() };
        assert_eq!(
            reference(index, &last, person),
            None,
            "seed {seed}: until {until:?} {question:?} {person:#?}"
        );
    }
}

/// People, and what the index must say of them.
struct Crowd {
    index: Index,
    people: BTreeMap<PersonId, Person>,
}

fn person(c: &mut Choices, policy: &Policy, n: u64) -> Person {
    let about = draw_question(c);
    let mut person = draw_person(c, &about, policy);
    for _ in 0..c.below(3) {
        let about = draw_question(c);
        person.answers.extend(draw_person(c, &about, policy).answers);
    }
    person.id = PersonId::from_bytes((u128::from(n) << 64 | u128::from(n)).to_be_bytes());
    tame(&mut person, c);
    person
}

impl Crowd {
    fn put(&mut self, person: Person) {
        self.index.put(&person, NOW);
        self.people.insert(person.id, person);
    }

    /// Compares everybody, the list and the counts; tells whether the index takes the question at all.
    fn compare(&self, question: &Question<Use>, seed: u64) -> bool {
        let Ok(asking) = self.index.ask(question) else { return false };
        let (mut permitted, mut refused) = (Vec::new(), BTreeMap::<&str, usize>::new());
        for (id, person) in &self.people {
            let expected = reference(&self.index, question, person);
            let verdict = self.index.decide(&asking, *id);
            assert_eq!(self.index.reason(&asking, verdict), expected, "seed {seed} {question:?} {person:#?}");
            match expected {
                None => permitted.push(*id),
                Some(reason) => *refused.entry(reason.code()).or_default() += 1,
            }
        }
        let mut audience = self.index.cut(&asking);
        audience.people.sort_unstable();
        assert_eq!(audience.people, permitted, "seed {seed} {question:?}");
        let counts = self.index.count(&asking);
        assert_eq!(counts, audience.counts, "seed {seed}");
        assert_eq!(counts.permitted, permitted.len(), "seed {seed} {question:?}");
        let counted: BTreeMap<&str, usize> =
            counts.refused.iter().map(|(code, (_, n))| (*code, *n)).collect();
        assert_eq!(counted, refused, "seed {seed} {question:?}");
        true
    }
}

#[test]
fn audiences_while_people_change() {
    let cases = number("ASSENT_INDEX_CASES", 40_000) / 200;
    let (mut asked, mut taken) = (0u64, 0u64);
    let mut compare = |crowd: &Crowd, question: &Question<Use>, seed| {
        asked += 1;
        taken += u64::from(crowd.compare(question, seed));
    };
    for seed in 0..cases {
        let c = &mut Choices::seeded(0xc0de_0000_0000 + seed);
        let world = World::draw(c);
        let mut crowd = Crowd { index: index(&world.policy, NOW), people: BTreeMap::new() };
        let size = 40 + c.below(200) as u64;
        (0..size).for_each(|n| crowd.put(person(c, &world.policy, n)));
        for round in 0..6 {
            if c.rare(50) {
                crowd.index.tidy();
            }
            let mut question = about_kinds(&draw_question(c), &world.person);
            if c.rare(40) {
                question = about_kinds(&world.question, &world.person);
            }
            compare(&crowd, &question, seed);
            // Another instant: ends pass, contracts begin and end.
            question.at = day(c.pick(&[1, 2, 29, 31, 200, 500]));
            let policy = Arc::new(world.policy.clone());
            assert_eq!(crowd.index.renew(Arc::clone(&policy), question.at), Ok(PolicyChange::Taken));
            compare(&crowd, &question, seed);
            crowd.index.renew(policy, NOW).unwrap();
            for _ in 0..20 {
                let n = c.below(usize::try_from(size).unwrap()) as u64 + 10 * round;
                let fresh = person(c, &world.policy, n);
                if c.rare(25) {
                    crowd.index.remove(fresh.id);
                    crowd.people.remove(&fresh.id);
                } else {
                    crowd.put(fresh);
                }
            }
            question.at = NOW;
            compare(&crowd, &question, seed);
        }
        assert_eq!(crowd.index.sizes().people, crowd.people.len());
    }
    assert_eq!(taken, asked, "every question about kinds, at a time the policy is compiled for, is taken");
}

#[test]
fn a_stranger_is_unknown_and_a_fact_is_beyond() {
    let world = World::draw(&mut Choices::of(vec![]));
    let mut index = index(&world.policy, NOW);
    index.put(&world.person, NOW);
    let question = about_kinds(&world.question, &world.person);
    let asking = index.ask(&question).unwrap();
    let stranger = PersonId::from_bytes([9; 16]);
    assert_eq!(index.reason(&asking, index.decide(&asking, stranger)), Some(Reason::UnknownPerson));
    assert!(!index.knows(stranger) && index.knows(world.person.id));
    index.remove(world.person.id);
    assert_eq!(index.reason(&asking, index.decide(&asking, world.person.id)), Some(Reason::UnknownPerson));
    let fact = NonEmpty::one(Matter::Held(support::fact_id(1)));
    assert!(matches!(index.ask(&Question { matters: fact, ..question.clone() }), Err(Beyond::Fact)));
    let early = Question { at: Timestamp::MIN, ..question };
    assert!(matches!(index.ask(&early), Err(Beyond::Time)));
}

#[test]
fn batches_decide_as_single_questions_do() {
    let c = &mut Choices::seeded(77);
    let world = World::draw(c);
    let mut index = index(&world.policy, NOW);
    let people: Vec<Person> = (0..1_000).map(|n| person(c, &world.policy, n)).collect();
    people.iter().for_each(|person| index.put(person, NOW));
    let askings: Vec<_> =
        (0..7).map(|_| index.ask(&about_kinds(&draw_question(c), &world.person)).unwrap()).collect();
    let asked = || people.iter().enumerate().map(|(n, person)| (&askings[n % 7], person.id));
    let mut batch = Vec::new();
    index.decide_all(asked(), |verdict| batch.push(verdict));
    let single: Vec<_> = asked().map(|(asking, id)| index.decide(asking, id)).collect();
    assert_eq!(batch, single);
}
