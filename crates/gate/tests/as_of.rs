//! Stories of the past, told to both engines: the same question at an instant that is over, and the entries that prove it.

use assent_gate::{Act, AsKnownToday, AsOf, GateError, LogName, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted};
use assent_kernel::mandate::{Effect, When};
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{
    Asker, Context, KeySet, Mandate, MandateId, Matter, NonEmpty, PersonId, Question, Reason, Role, Span,
    Timestamp, To, Use,
};
use assent_testkit::{Engine, House, START, category, eu, on_both, purpose};

const MIA: &[(&str, &str)] = &[("name.given", "Mia"), ("contact.email", "mia@example.org")];

fn days(n: u32) -> Timestamp {
    START.plus(Span::days(n))
}
fn minute_before(at: Timestamp) -> Timestamp {
    at.minus(Span::minutes(1))
}

/// May the newsletter be written to her address, at that time?
fn news(house: &House, who: PersonId, at: Timestamp) -> Question<Use> {
    let matters = NonEmpty::one(Matter::Kind(category("contact.email")));
    house.question(Use::Message, who, Role::Marketing, "marketing.newsletter", matters, at)
}

async fn as_of(house: &House, who: PersonId, at: Timestamp) -> AsOf {
    house.gate.as_of(house.company, &news(house, who, at), days(300)).await.unwrap()
}

fn code(told: &AsOf) -> &'static str {
    told.ruling.refusal().map_or("PERMIT", Reason::code)
}

async fn act(house: &House, who: PersonId, act: Act, at: Timestamp) -> u64 {
    let done = house.gate.record(house.company, who, act, Asker::Person, Evidence::Portal, at).await;
    done.unwrap().seq
}

async fn say_yes(house: &House, who: PersonId, uses: Option<u32>, at: Timestamp) -> u64 {
    let giving = assent_gate::Giving { uses, ..house.yes(at).await.unwrap() };
    act(house, who, Act::Give(Box::new(giving)), at).await
}

/// One use, so that there are entries between the acts.
async fn mail(house: &House, who: PersonId, at: Timestamp) -> &'static str {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), who).await.unwrap();
    let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
    let question = house.question(Message, who, Role::Marketing, "marketing.newsletter", matters, at);
    let answer = house.gate.ask(question, &dossier).await.unwrap();
    answer.ruling().refusal().map_or("PERMIT", Reason::code)
}

fn entries(told: &AsOf) -> Vec<u64> {
    told.proof.iter().map(|one| one.seq).collect()
}

async fn a_yes_and_its_end_to_the_minute(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, days(1)).await.unwrap();
    let given = say_yes(&house, mia, None, days(30)).await;
    assert_eq!(mail(&house, mia, days(31)).await, "PERMIT");
    let withdrawn = act(&house, mia, Act::Withdraw(purpose("marketing.newsletter")), days(60)).await;
    assert_eq!(mail(&house, mia, days(61)).await, "WITHDRAWN");
    for (at, answer, proof) in [
        (minute_before(days(1)), "UNKNOWN_PERSON", vec![1]),
        (days(1), "NEVER_ASKED", vec![]),
        (minute_before(days(30)), "NEVER_ASKED", vec![]),
        (days(30), "PERMIT", vec![given]),
        (minute_before(days(60)), "PERMIT", vec![given]),
        (days(60), "WITHDRAWN", vec![withdrawn]),
        (days(200), "WITHDRAWN", vec![withdrawn]),
    ] {
        let told = as_of(&house, mia, at).await;
        assert_eq!((code(&told), entries(&told)), (answer, proof), "{at:?}");
    }
    // A permit of then is exactly the permit that an ask of then would have been.
    let until = as_of(&house, mia, days(31)).await.ruling.verdicts.first().1.open().unwrap().until;
    assert_eq!(until, days(30 + 365).whole_minute());
    the_proof_is_verified(&house, mia).await;
}

/// The receipts of the proof, checked with the stranger's tool; and that the public half fits the policy of then.
async fn the_proof_is_verified(house: &House, who: PersonId) {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), who).await.unwrap();
    let question = Question {
        what: View,
        person: who,
        asker: Asker::Person,
        purpose: purpose("rights.access"),
        matters: dossier.everything().unwrap(),
        to: To::Person,
        region: eu(),
        at: days(250),
        context: Context::default(),
    };
    let answer = house.gate.ask(question, &dossier).await.unwrap();
    let permit = answer.permit().unwrap();
    house.gate.integrate_all(days(251)).await.unwrap();
    let name = LogName { company: house.company, region: eu() };
    let vkey = house.gate.log_head(&name).await.unwrap().vkey;
    let policy = assent_verify::read_policy(&format!("log {vkey}\nquorum none\n")).unwrap();
    for (at, outcome) in [(days(31), "GIVEN"), (days(60), "WITHDRAWN")] {
        let told = as_of(house, who, at).await;
        let [proof] = told.proof[..] else { panic!("one entry proves it") };
        let receipt = house.gate.receipt(permit, &dossier, proof.seq, days(252)).await.unwrap();
        let good = assent_verify::check_receipt(&receipt, &policy, Default::default()).unwrap();
        assert_eq!(Some(good.index), proof.index);
        assert_eq!(good.entry.policy, told.standing.digest);
        assert_eq!(good.detail.unwrap().outcome, outcome);
    }
}

async fn an_objection_given_and_lifted(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, START).await.unwrap();
    let given = say_yes(&house, mia, None, days(1)).await;
    let direct = || ObjectionScope::DirectMarketing;
    let objected = act(&house, mia, Act::Object(direct()), days(10)).await;
    let lifted = act(&house, mia, Act::Lift(direct()), days(20)).await;
    // One about something else changes nothing here, and proves nothing.
    act(&house, mia, Act::Object(ObjectionScope::SaleShare), days(21)).await;
    let restricted = act(&house, mia, Act::Restrict(Restricted::All), days(30)).await;
    let released = act(&house, mia, Act::Release, days(40)).await;
    let again = act(&house, mia, Act::Object(direct()), days(50)).await;
    let newer = act(&house, mia, Act::Object(direct()), days(55)).await;
    for (at, answer, proof) in [
        (minute_before(days(10)), "PERMIT", vec![given]),
        (days(10), "OBJECTED", vec![objected]),
        (minute_before(days(20)), "OBJECTED", vec![objected]),
        (days(20), "PERMIT", vec![given, lifted]),
        (minute_before(days(30)), "PERMIT", vec![given, lifted]),
        (days(30), "RESTRICTED", vec![restricted]),
        (minute_before(days(40)), "RESTRICTED", vec![restricted]),
        (days(40), "PERMIT", vec![given, lifted, released]),
        (days(52), "OBJECTED", vec![again]),
        (days(55), "OBJECTED", vec![newer]),
    ] {
        let told = as_of(&house, mia, at).await;
        assert_eq!((code(&told), entries(&told)), (answer, proof), "{at:?}");
    }
    // Today's decisions see what stands today, and nothing that is over.
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    assert_eq!((dossier.person().objections.len(), dossier.person().restrictions.len()), (2, 0));
    assert_eq!(mail(&house, mia, days(60)).await, "OBJECTED");
    act(&house, mia, Act::Lift(direct()), days(61)).await;
    assert_eq!(mail(&house, mia, days(62)).await, "PERMIT");
}

fn forbid(from: Timestamp, staff: [assent_kernel::StaffId; 2], like: &Mandate) -> Mandate {
    Mandate {
        id: MandateId::from_bytes([77; 16]),
        key: "no-more-mail".into(),
        effect: Effect::Forbid,
        purposes: [purpose("marketing")].into_iter().collect::<KeySet<_>>(),
        categories: [category("contact")].into_iter().collect::<KeySet<_>>(),
        uses: Use::ALL.iter().copied().collect(),
        when: When::Always,
        binds: assent_kernel::mandate::Binds::Every,
        from,
        until: Timestamp::MAX,
        approved_by: staff.to_vec(),
        ..like.clone()
    }
}

async fn a_policy_that_changed_between(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, START).await.unwrap();
    let given = say_yes(&house, mia, None, days(1)).await;
    let before = house.gate.policy(house.company).await.unwrap();
    let mut policy = before.policy.clone();
    let like = policy.mandates.values().next().unwrap().clone();
    let two = [house.staff, assent_kernel::StaffId::from_bytes([8; 16])];
    let rule = forbid(START, two, &like);
    policy.mandates.insert(rule.id, rule);
    house.gate.set_policy(policy, days(10)).await.unwrap();
    let told = as_of(&house, mia, minute_before(days(10))).await;
    assert_eq!((code(&told), entries(&told)), ("PERMIT", vec![given]));
    assert_eq!((told.standing.digest, told.since), (before.digest, START));
    let told = as_of(&house, mia, days(10)).await;
    // The rule alone decides: no act of hers would have changed it.
    assert_eq!((code(&told), entries(&told)), ("FORBIDDEN_BY", vec![]));
    assert_eq!((told.standing.policy.version, told.since), (before.policy.version + 1, days(10)));
}

/// A node whose clock lags changes the policy after another did; and one whose clock leads still used the older one.
async fn a_policy_counts_from_when_it_was_in_force(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, START).await.unwrap();
    say_yes(&house, mia, None, days(1)).await;
    let first = house.gate.policy(house.company).await.unwrap();
    let mut policy = first.policy.clone();
    let like = policy.mandates.values().next().unwrap().clone();
    let rule = forbid(START, [house.staff, assent_kernel::StaffId::from_bytes([8; 16])], &like);
    policy.mandates.insert(rule.id, rule.clone());
    let ahead = minute_before(days(10)).plus(Span::minutes(2));
    assert_eq!(mail(&house, mia, ahead).await, "PERMIT");
    house.gate.set_policy(policy, days(10)).await.unwrap();
    assert_eq!(as_of(&house, mia, ahead).await.standing.digest, first.digest, "the use was decided under it");
    let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
    policy.mandates.remove(&rule.id);
    house.gate.set_policy(policy, minute_before(days(10))).await.unwrap();
    for (at, version) in [(minute_before(days(10)), 1), (ahead, 1), (days(11), 3)] {
        assert_eq!(as_of(&house, mia, at).await.standing.policy.version, version, "{at:?}");
    }
    // Where nobody is known, the home store tells; there as well a later version is later.
    let nobody = PersonId::from_bytes([66; 16]);
    assert_eq!(as_of(&house, nobody, minute_before(days(10))).await.standing.policy.version, 1);
    let since = house.gate.policy_in_force(house.company, days(11)).await.unwrap().1;
    assert!(since > days(10));
}

/// A contract's end is told anew: it counts from then on, and what was told before is still known.
async fn a_contract_that_ends_sooner(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let bo = house.customer(2, &[("contact.email", "bo@example.org")], days(20)).await.unwrap();
    let told = house.gate.look_one(&Whose::everybody(house.company), bo).await.unwrap().person().contracts[0]
        .clone();
    let sooner = assent_kernel::person::Contract { until: days(50), ..told.clone() };
    act(&house, bo, Act::Contract(sooner.clone()), days(40)).await;
    assert_eq!(
        house.gate.look_one(&Whose::everybody(house.company), bo).await.unwrap().person().contracts,
        [sooner]
    );
    let matters = || NonEmpty::one(Matter::Kind(category("contact.email")));
    let ask = |at| house.question(Use::View, bo, Role::Support, "service.support", matters(), at);
    let until = |told: AsOf| told.ruling.verdicts.first().1.open().map(|open| open.until);
    for (at, end) in [(days(30), Some(told.until)), (days(45), Some(days(50))), (days(60), None)] {
        assert_eq!(until(house.gate.as_of(house.company, &ask(at), days(300)).await.unwrap()), end, "{at:?}");
    }
    // Taken back: the contract goes on after all.
    act(&house, bo, Act::Contract(told.clone()), days(70)).await;
    assert_eq!(
        house.gate.look_one(&Whose::everybody(house.company), bo).await.unwrap().person().contracts.first(),
        Some(&told)
    );
    let now = house.gate.as_of(house.company, &ask(days(80)), days(300)).await.unwrap();
    assert_eq!(until(now), Some(told.until));
}

async fn counted_uses_and_contracts_are_rebuilt(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, START).await.unwrap();
    let given = say_yes(&house, mia, Some(2), days(1)).await;
    for (day, said) in [(2, "PERMIT"), (3, "PERMIT"), (4, "USED_UP")] {
        assert_eq!(mail(&house, mia, days(day)).await, said);
    }
    for (at, answer) in [(minute_before(days(3)), "PERMIT"), (days(3), "USED_UP"), (days(5), "USED_UP")] {
        let told = as_of(&house, mia, at).await;
        assert_eq!((code(&told), entries(&told)), (answer, vec![given]), "{at:?}");
    }
    // A customer came with a contract: how they came is the proof, and the contract says since when.
    let bo = house.customer(2, &[("contact.email", "bo@example.org")], days(20)).await.unwrap();
    let matters = || NonEmpty::one(Matter::Kind(category("contact.email")));
    let ask = |at| house.question(Use::View, bo, Role::Support, "service.support", matters(), at);
    let told = house.gate.as_of(house.company, &ask(days(21)), days(300)).await.unwrap();
    assert_eq!((code(&told), entries(&told)), ("PERMIT", vec![1]));
    assert!(told.as_known_today.contains(&AsKnownToday::Contracts));
}

async fn what_cannot_be_told_is_said(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, START).await.unwrap();
    let ask = |question: Question<Use>, now| {
        let (gate, company) = (house.gate.clone(), house.company);
        async move { gate.as_of(company, &question, now).await }
    };
    let refused = |told: Result<AsOf, GateError>| matches!(told, Err(GateError::Input(_)));
    assert!(refused(ask(news(&house, mia, days(2)), days(1)).await), "a time to come");
    assert!(refused(ask(news(&house, mia, minute_before(START)), days(1)).await), "before the company");
    let fact =
        house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap().everything().unwrap();
    let single = Question { matters: fact, ..news(&house, mia, days(1)) };
    assert!(refused(ask(single, days(1)).await), "a single fact");
    let nobody = as_of(&house, PersonId::from_bytes([66; 16]), days(1)).await;
    assert_eq!((code(&nobody), nobody.as_known_today), ("UNKNOWN_PERSON", vec![AsKnownToday::Nobody]));
    // Of whom a law keeps something there is a history since the erasure, and none before.
    let law = house.gate.policy(house.company).await.unwrap().policy.mandate("ao-147-invoices").unwrap().id;
    let keeping = assent_gate::NewFact {
        category: category("purchase.invoice"),
        value: "4711: 120 EUR".into(),
        anchors: vec![assent_kernel::Anchor { mandate: law, until: days(500) }],
    };
    let bo = assent_gate::Newcomer {
        id: PersonId::from_bytes([5; 16]),
        residence: None,
        minor: false,
        contracts: Vec::new(),
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![keeping],
    };
    let id = bo.id;
    house.gate.admit(assent_testkit::batch(house.company, vec![bo]), days(1)).await.unwrap();
    house.gate.erase(house.company, id, Asker::Person, false, days(5)).await.unwrap();
    assert!(refused(ask(news(&house, id, days(3)), days(9)).await), "the history is erased");
    assert!(ask(news(&house, id, days(6)), days(9)).await.is_ok());
}

on_both!(
    a_yes_and_its_end_to_the_minute,
    an_objection_given_and_lifted,
    a_policy_that_changed_between,
    a_policy_counts_from_when_it_was_in_force,
    a_contract_that_ends_sooner,
    counted_uses_and_contracts_are_rebuilt,
    what_cannot_be_told_is_said,
    while_it_was_joined_nothing_is_told,
);

/// Two records counted as one for some days, and then no more: of those days nothing is told, whatever is linked today.
async fn while_it_was_joined_nothing_is_told(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.person(1, MIA, START).await.unwrap();
    let twin = house.person(2, MIA, START).await.unwrap();
    say_yes(&house, mia, None, days(1)).await;
    act(&house, twin, Act::Withdraw(purpose("marketing.newsletter")), days(2)).await;
    let (company, system) = (house.company, Asker::System);
    house.gate.join(&Whose::everybody(company), (mia, twin), Vec::new(), system, days(10)).await.unwrap();
    assert_eq!(mail(&house, mia, days(11)).await, "WITHDRAWN");
    house.gate.split(&Whose::everybody(company), twin, system, days(20)).await.unwrap();
    assert_eq!(code(&as_of(&house, mia, minute_before(days(10))).await), "PERMIT");
    for at in [days(10), days(15), minute_before(days(20))] {
        for who in [mia, twin] {
            let told = house.gate.as_of(company, &news(&house, who, at), days(300)).await;
            assert!(matches!(told, Err(GateError::Input(_))), "{told:?}");
        }
    }
    assert_eq!(code(&as_of(&house, mia, days(20)).await), "PERMIT");
}
