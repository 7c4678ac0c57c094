//! Several records of one human: joining only narrows, and taking the link away gives back what was. On both engines.

use assent_gate::{Act, Gate, GateError, Keeping, Letter, NewFact, Newcomer, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted, Said};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{
    Asker, Context, ContractId, Matter, NonEmpty, PersonId, Question, Role, Span, Timestamp, To, TreeKey, Use,
};
use assent_store::home;
use assent_testkit::{Engine, House, START, batch, category, eu, on_both, purpose};

const STAFF: Asker = Asker::System;

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

async fn says(house: &House, who: PersonId, act: Act, at: Timestamp) {
    house.gate.record(house.company, who, act, Asker::Person, Evidence::Portal, at).await.unwrap();
}

async fn yes(house: &House, who: PersonId, at: Timestamp) {
    let giving = house.yes(at).await.unwrap();
    says(house, who, Act::Give(Box::new(giving)), at).await;
}

fn no() -> Act {
    Act::Withdraw(purpose("marketing.newsletter"))
}

/// Two records of somebody: the first said yes to the newsletter.
async fn two(house: &House) -> (PersonId, PersonId) {
    let mia = [("name.full", "Mia Ito"), ("contact.email", "mia@example.org")];
    let other = [("name.full", "M. Ito"), ("contact.email", "mia@example.org"), ("work.employer", "Halden")];
    let (one, two) =
        (house.person(1, &mia, START).await.unwrap(), house.person(2, &other, START).await.unwrap());
    yes(house, one, later(1)).await;
    (one, two)
}

/// What comes out when the newsletter is sent to an address of this record.
async fn mail(house: &House, gate: &Gate, who: PersonId, at: Timestamp) -> Result<String, String> {
    let dossier = gate.look_one(&Whose::everybody(house.company), who).await.unwrap();
    let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
    let question = house.question(Message, who, Role::Marketing, "marketing.newsletter", matters, at);
    let answer = gate.ask(question, &dossier).await.unwrap();
    let held = dossier.facts().find(|held| held.category().as_str() == "contact.email").unwrap();
    match answer.open(held) {
        Ok(value) => Ok(value.to_string()),
        Err(not) => Err(not.0.map_or("?", |reason| reason.code()).to_owned()),
    }
}

async fn join(house: &House, into: PersonId, other: PersonId, at: Timestamp) {
    house.gate.join(&Whose::everybody(house.company), (into, other), Vec::new(), STAFF, at).await.unwrap();
}

async fn what_one_refused_is_refused_for_both_and_comes_back(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    let far = house.node(later(2)).await.unwrap();
    says(&house, twin, no(), later(2)).await;
    assert!(mail(&house, &house.gate, mia, later(3)).await.is_ok());
    join(&house, mia, twin, later(4)).await;
    for gate in [&house.gate, &far] {
        assert_eq!(mail(&house, gate, mia, later(5)).await, Err("WITHDRAWN".into()));
        assert_eq!(mail(&house, gate, twin, later(5)).await, Err("WITHDRAWN".into()));
    }
    house.gate.split(&Whose::everybody(house.company), twin, STAFF, later(6)).await.unwrap();
    assert!(mail(&house, &house.gate, mia, later(7)).await.is_ok());
    assert!(mail(&house, &far, mia, later(7)).await.is_ok());
}

async fn one_yes_opens_no_fact_of_the_other_record(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    join(&house, mia, twin, later(4)).await;
    assert!(mail(&house, &house.gate, mia, later(5)).await.is_ok(), "silence of a twin takes nothing");
    assert_eq!(mail(&house, &house.gate, twin, later(5)).await, Err("NEVER_ASKED".into()));
}

async fn a_wish_of_either_is_in_force_at_once_everywhere(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    join(&house, mia, twin, later(4)).await;
    let far = house.node(later(4)).await.unwrap();
    let stale = far.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    says(&house, twin, Act::Object(ObjectionScope::DirectMarketing), later(5)).await;
    assert_eq!(mail(&house, &far, mia, later(6)).await, Err("OBJECTED".into()));
    // Looked up before, asked after: the epoch of one moves that of the other.
    let matters = stale.of_categories(&[category("contact.email")]).unwrap();
    let question = house.question(Message, mia, Role::Marketing, "marketing.newsletter", matters, later(7));
    assert!(far.ask(question, &stale).await.unwrap().permit().is_none());
    says(&house, twin, Act::Lift(ObjectionScope::DirectMarketing), later(8)).await;
    assert!(mail(&house, &far, mia, later(9)).await.is_ok());
    says(&house, twin, Act::Restrict(Restricted::All), later(10)).await;
    assert_eq!(mail(&house, &house.gate, mia, later(11)).await, Err("RESTRICTED".into()));
}

async fn a_yes_since_counts_for_its_own_record(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    says(&house, twin, no(), later(2)).await;
    join(&house, mia, twin, later(4)).await;
    yes(&house, mia, later(5)).await;
    assert!(mail(&house, &house.gate, mia, later(6)).await.is_ok(), "their newest word");
    assert_eq!(mail(&house, &house.gate, twin, later(6)).await, Err("WITHDRAWN".into()));
}

async fn memory_decides_as_the_door_does(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    house.gate.remember(house.company, later(2), |_, _| ()).await.unwrap();
    let asked = |at| Question {
        what: Use::Message,
        person: PersonId::from_bytes([0; 16]),
        asker: Asker::Staff(house.staff, Role::Marketing),
        purpose: purpose("marketing.newsletter"),
        matters: NonEmpty::one(Matter::Kind(category("contact.email"))),
        to: To::Party(house.home),
        region: eu(),
        at,
        context: Context::default(),
    };
    let open = async |at| {
        house.gate.look_at_changes(&eu(), at).await.unwrap();
        let decided = house.gate.decide(house.company, &asked(at), &[mia], None).unwrap();
        matches!(decided.outcomes[0], assent_gate::Outcome::Open(_))
    };
    assert!(open(later(3)).await);
    join(&house, mia, twin, later(4)).await;
    assert!(open(later(5)).await);
    says(&house, twin, no(), later(6)).await;
    let decided = house.gate.decide(house.company, &asked(later(7)), &[mia], None).unwrap();
    assert!(!matches!(decided.outcomes[0], assent_gate::Outcome::Open(_)), "before it is acknowledged");
    house.gate.split(&Whose::everybody(house.company), twin, STAFF, later(8)).await.unwrap();
    assert!(open(later(9)).await);
}

async fn each_address_knows_its_own_record_alone(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    says(&house, twin, no(), later(2)).await;
    join(&house, mia, twin, later(4)).await;
    let own = house.gate.look_own(house.company, mia).await.unwrap();
    assert_eq!(own.facts().count(), 2, "nothing of the other record");
    let said = &own.person().answers[&purpose("marketing.newsletter")].said;
    assert!(matches!(said, Said::Yes(_)), "what the other said is not told");
    let law = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    assert!(!matches!(law.person().answers[&purpose("marketing.newsletter")].said, Said::Yes(_)));
    let permit = |dossier: &assent_gate::Dossier| Question {
        what: View,
        person: dossier.id(),
        asker: Asker::Person,
        purpose: purpose("rights.access"),
        matters: dossier.everything().unwrap(),
        to: To::Person,
        region: eu(),
        at: later(5),
        context: Context::default(),
    };
    let answer = house.gate.ask(permit(&own), &own).await.unwrap();
    let lines =
        house.gate.uses(answer.permit().unwrap(), &own, assent_gate::After::default(), 10).await.unwrap();
    assert!(lines.iter().any(|line| line.detail.outcome == "JOINED"), "that it was joined is told");
    assert!(lines.iter().all(|line| !format!("{:?}", line.detail).contains(&twin.to_string())));
}

async fn erasing_all_destroys_both_keys_and_one_leaves_its_refusal(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    says(&house, twin, no(), later(2)).await;
    join(&house, mia, twin, later(4)).await;
    // The twin alone: what it closed stays closed.
    house.gate.erase(house.company, twin, STAFF, false, later(5)).await.unwrap();
    assert_eq!(mail(&house, &house.gate, mia, later(6)).await, Err("WITHDRAWN".into()));
    let left = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    assert_eq!(left.records(), [mia], "no link is left");
    let third = house.person(3, &[("contact.email", "mia@example.org")], later(6)).await.unwrap();
    join(&house, mia, third, later(7)).await;
    let done =
        house.gate.erase_all(&Whose::everybody(house.company), third, STAFF, true, later(8)).await.unwrap();
    assert_eq!(done.len(), 2);
    for id in [mia, twin, third] {
        assert!(matches!(
            house.gate.look_one(&Whose::everybody(house.company), id).await,
            Err(GateError::NoPerson)
        ));
    }
    assert!(house.gate.never_write(house.company, "mia@example.org").await.unwrap());
}

/// One of two records is erased: the other is decided on exactly as before, but for what it says itself later.
async fn what_one_record_narrowed_stays_narrow_when_it_is_erased(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let fact = |value: &str| NewFact {
        category: category("contact.email"),
        value: value.into(),
        anchors: Vec::new(),
    };
    let contract = Contract {
        id: ContractId::from_bytes([3; 16]),
        kind: "household-customer".into(),
        from: START,
        until: START.plus(Span::days(100)),
    };
    let one = |n: u8, minor, residence, contracts| Newcomer {
        id: PersonId::from_bytes([n; 16]),
        residence,
        minor,
        contracts,
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![fact("mia@example.org")],
    };
    let newcomers = vec![one(1, false, None, Vec::new()), one(2, true, Some(eu()), vec![contract])];
    assert!(house.gate.admit(batch(house.company, newcomers), START).await.unwrap().is_empty());
    let (mia, twin) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
    yes(&house, mia, later(1)).await;
    let mut less = house.yes(later(1)).await.unwrap();
    less.terms.uses = [Use::View, Use::List].into_iter().collect();
    says(&house, twin, Act::Give(Box::new(less)), later(1)).await;
    says(&house, twin, Act::Withdraw(purpose("sales.contact")), later(2)).await;
    join(&house, mia, twin, later(4)).await;
    let law = async || {
        let mut person =
            house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap().person().clone();
        person.epoch = 0;
        person.answers.values_mut().for_each(|answer| {
            // It stands a moment later than the yes that it takes the place of.
            answer.at = Timestamp::from_micros(answer.at.micros() / 1_000 * 1_000);
        });
        person
    };
    let (before, said) = (law().await, mail(&house, &house.gate, mia, later(5)).await);
    assert!(said.is_err(), "the twin is a minor, and said nothing of letters");
    house.gate.erase(house.company, twin, STAFF, false, later(6)).await.unwrap();
    assert_eq!(law().await, before);
    assert_eq!(mail(&house, &house.gate, mia, later(7)).await, said);
    // Beside whom it is joined with later, too.
    let third = house.person(5, &[("contact.email", "mia@example.org")], later(7)).await.unwrap();
    join(&house, third, mia, later(8)).await;
    let joined = house.gate.look_one(&Whose::everybody(house.company), third).await.unwrap();
    assert_eq!(joined.person().beside, before.beside);
    assert!(joined.person().minor);
}

/// "Never write to my address" is about the address: whoever has it, and whoever gets it later.
async fn an_address_that_nobody_may_write_to_is_nobody_s(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    let third = house.person(3, &[("contact.email", "other@example.org")], START).await.unwrap();
    yes(&house, third, later(1)).await;
    house.gate.remember(house.company, later(2), |_, _| ()).await.unwrap();
    // Permitted a moment before: the letter is not taken any more.
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
    let question =
        |matters, who, at| house.question(Message, who, Role::Marketing, "marketing.newsletter", matters, at);
    let answer = house.gate.ask(question(matters, mia, later(2)), &dossier).await.unwrap();
    house.gate.erase(house.company, twin, Asker::Person, true, later(3)).await.unwrap();
    assert_eq!(mail(&house, &house.gate, mia, later(4)).await, Err("OBJECTED".into()));
    let held = dossier.facts().find(|held| held.category().as_str() == "contact.email").unwrap();
    let letter = || Letter { subject: "News".into(), body: "A new brush.".into() };
    let posted = house.gate.post(answer.permit().unwrap(), &dossier, held, letter(), later(4)).await;
    assert!(matches!(posted, Err(GateError::Input(_))), "{posted:?}");
    // Staff type the address for somebody who said yes.
    let dossier = house.gate.look_one(&Whose::everybody(house.company), third).await.unwrap();
    let keeping = Keeping {
        category: category("contact.email"),
        value: "Mia@example.org".into(),
        source: "a colleague".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    };
    let staff = Asker::Staff(house.staff, Role::Support);
    house.gate.keep(&dossier, vec![keeping], staff, later(5)).await.unwrap();
    assert_eq!(mail(&house, &house.gate, third, later(6)).await, Err("OBJECTED".into()));
    let kind = NonEmpty::one(Matter::Kind(category("contact.email")));
    let asked = as_use(question(kind, third, later(6)));
    house.gate.look_at_changes(&eu(), later(6)).await.unwrap();
    let decided = house.gate.decide(house.company, &asked, &[third], None).unwrap();
    assert!(!matches!(decided.outcomes[0], assent_gate::Outcome::Open(_)), "memory knows it too");
    // It is once that it is written down.
    let objections =
        house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap().own().objections.len();
    house.gate.erase(house.company, third, Asker::Person, true, later(7)).await.unwrap();
    assert_eq!(
        house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap().own().objections.len(),
        objections
    );
}

/// The question with its use as a value.
fn as_use(question: Question<Message>) -> Question<Use> {
    let Question { person, asker, purpose, matters, to, region, at, context, .. } = question;
    Question { what: Use::Message, person, asker, purpose, matters, to, region, at, context }
}

async fn doubles_are_found_by_whole_addresses_alone(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    let ito = [("name.full", "Mia Ito"), ("contact.email", "other@example.org")];
    let namesake = house.person(5, &ito, START).await.unwrap();
    let found = house.gate.doubles(&Whose::everybody(house.company), None, 50).await.unwrap();
    assert_eq!(found.len(), 1, "a name and a domain are shared by many");
    assert_eq!(found[0].people, [mia, twin]);
    let records = house.gate.look_all(&Whose::everybody(house.company), mia).await.unwrap();
    assert_eq!(house.gate.alike(&Whose::everybody(house.company), &records).await.unwrap(), [twin]);
    join(&house, mia, twin, later(4)).await;
    assert_eq!(
        house.gate.doubles(&Whose::everybody(house.company), None, 50).await.unwrap()[0].people,
        [mia]
    );
    let records = house.gate.look_all(&Whose::everybody(house.company), twin).await.unwrap();
    assert_eq!(records.iter().map(|one| one.id()).collect::<Vec<_>>(), [mia, twin]);
    assert!(house.gate.alike(&Whose::everybody(house.company), &records).await.unwrap().is_empty());
    assert!(!records.iter().any(|one| one.id() == namesake));
}

async fn what_cannot_be_joined_is_refused(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let (mia, twin) = two(&house).await;
    let input = async |into, other| {
        let done = house
            .gate
            .join(&Whose::everybody(house.company), (into, other), Vec::new(), STAFF, later(4))
            .await;
        matches!(done, Err(GateError::Input(_)))
    };
    assert!(input(mia, mia).await);
    join(&house, mia, twin, later(4)).await;
    assert!(input(mia, twin).await && input(twin, mia).await);
    let alone = house.gate.split(&Whose::everybody(house.company), mia, STAFF, later(5)).await;
    assert!(matches!(alone, Err(GateError::Input(_))), "the one that stands for all is joined into nothing");
    let nobody = PersonId::from_bytes([0xaa; 16]);
    let none =
        house.gate.join(&Whose::everybody(house.company), (mia, nobody), Vec::new(), STAFF, later(5)).await;
    assert!(matches!(none, Err(GateError::NoPerson)));
    let when = house.question(
        Message,
        mia,
        Role::Marketing,
        "marketing.newsletter",
        NonEmpty::one(Matter::Kind(category("contact.email"))),
        later(6),
    );
    assert!(matches!(house.gate.as_of(house.company, &when, later(7)).await, Err(GateError::Input(_))));
}

/// Everything about these people but their epochs, in words: what the law sees, what they said, facts, links, tokens.
async fn state(house: &House, people: &[PersonId]) -> (Vec<String>, Vec<u64>) {
    let found = house.gate.look(&Whose::everybody(house.company), people).await.unwrap();
    let mut epochs = Vec::new();
    let mut out: Vec<String> = found
        .iter()
        .map(|one| {
            epochs.push(one.person().epoch);
            let plain = |person: &assent_kernel::Person| {
                let mut person = person.clone();
                person.epoch = 0;
                serde_json::to_string(&person).unwrap()
            };
            format!("{} {} {:?}", plain(one.person()), plain(one.own()), one.links().collect::<Vec<_>>())
        })
        .collect();
    let company = house.company;
    let ids = people.to_vec();
    let listed = house.gate.home().read(move |tx| home::places(tx, company, &ids)).await.unwrap();
    let tokens = house.gate.home().read(|tx| {
        tx.rows("SELECT token, person FROM token ORDER BY token, person", &[], |row| {
            Ok((row.int(0)?, row.fixed::<16>(1)?))
        })
    });
    out.push(format!("{listed:?} {:?}", tokens.await.unwrap()));
    (out, epochs)
}

/// SplitMix64.
fn below(seed: &mut u64, n: u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 11) % n
}

fn act(seed: &mut u64) -> Act {
    let news = purpose("marketing.newsletter");
    match below(seed, 5) {
        0 => Act::Refuse(news),
        1 => Act::Withdraw(purpose("sales.contact")),
        2 => Act::Object(ObjectionScope::SaleShare),
        3 => Act::Restrict(Restricted::Category(category("contact"))),
        _ => Act::Object(ObjectionScope::DirectMarketing),
    }
}

/// Any joins, undone in the order in which they were made backwards, give back exactly what was; only epochs grow.
async fn joining_and_splitting_is_nothing(engine: Engine) {
    for first in 0..6u64 {
        let mut seed = first;
        let house = House::new(engine).await.unwrap();
        let mut people = Vec::new();
        for n in 1..=5 {
            let email = format!("{}@example.org", below(&mut seed, 3));
            let facts = [("name.full", "Mia Ito"), ("contact.email", email.as_str())];
            people.push(house.person(n, &facts, START).await.unwrap());
        }
        let mut minute = 0;
        for id in people.clone() {
            minute += 1;
            if below(&mut seed, 2) == 0 {
                yes(&house, id, later(minute)).await;
            }
            for _ in 0..below(&mut seed, 3) {
                minute += 1;
                says(&house, id, act(&mut seed), later(minute)).await;
            }
        }
        let mut undo: Vec<PersonId> = Vec::new();
        let mut before = vec![state(&house, &people).await];
        for step in 0..6 {
            let pick = |seed: &mut u64| people[usize::try_from(below(seed, 5)).unwrap()];
            let (into, other) = (pick(&mut seed), pick(&mut seed));
            let root =
                house.gate.look_one(&Whose::everybody(house.company), other).await.unwrap().stands_for();
            let made = house
                .gate
                .join(&Whose::everybody(house.company), (into, other), Vec::new(), STAFF, later(20 + step))
                .await;
            match made {
                Ok(_) => {
                    undo.push(root);
                    before.push(state(&house, &people).await);
                }
                Err(GateError::Input(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert!(!undo.is_empty());
        before.pop();
        let mut epochs = state(&house, &people).await.1;
        for id in undo.into_iter().rev() {
            house.gate.split(&Whose::everybody(house.company), id, STAFF, later(30)).await.unwrap();
            let (then, _) = before.pop().unwrap();
            let (now, grown) = state(&house, &people).await;
            assert_eq!(now, then, "seed {first}");
            assert!(epochs.iter().zip(&grown).all(|(old, new)| old <= new));
            epochs = grown;
        }
    }
}

on_both!(
    what_one_refused_is_refused_for_both_and_comes_back,
    one_yes_opens_no_fact_of_the_other_record,
    a_wish_of_either_is_in_force_at_once_everywhere,
    a_yes_since_counts_for_its_own_record,
    memory_decides_as_the_door_does,
    each_address_knows_its_own_record_alone,
    erasing_all_destroys_both_keys_and_one_leaves_its_refusal,
    what_one_record_narrowed_stays_narrow_when_it_is_erased,
    an_address_that_nobody_may_write_to_is_nobody_s,
    doubles_are_found_by_whole_addresses_alone,
    what_cannot_be_joined_is_refused,
    joining_and_splitting_is_nothing,
);
