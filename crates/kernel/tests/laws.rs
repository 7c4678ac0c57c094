//! The laws of the law: what holds of every policy, person and question, tried on thousands of random worlds.
//!
//! Algebra of terms (meet), and of decisions (a meet decides as both do; what restricts never opens; nothing
//! falls through from one basis to another; a permit says honestly how long it lasts). The last test counts
//! that the random worlds meet every reason and open on every basis: laws about worlds that never happen
//! prove nothing.

mod support;

use assent_kernel::category::Retention;
use assent_kernel::grant::{Answer, Grant, Restricted, Restriction, RestrictionGround, Said};
use assent_kernel::mandate::{Binds, Effect, Mandate, When};
use assent_kernel::party::{LONGEST_CHAIN, PartyKind, Recipients};
use assent_kernel::purpose::Basis;
use assent_kernel::{
    KeySet, MandateId, Matter, NonEmpty, PartyId, Person, Question, Reason, Region, StaffId, Terms,
    Timestamp, To, TreeKey, Use, Verdict, Warrant, Zones,
};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};
use support::{
    Choices, NOW, REGIONS, Tally, World, all_tally_keys, category, choices, day, draw_objection, draw_person,
    draw_recipients, draw_regions, draw_restriction, draw_zones, every_use, just_before, n, party, party_id,
    purpose, region, show, tally_key, worlds, worlds_with_two_terms,
};

fn laws() -> ProptestConfig {
    ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// Three values drawn from choices.
fn three<T: std::fmt::Debug>(draw: impl Fn(&mut Choices) -> T) -> impl Strategy<Value = (T, T, T)> {
    choices().prop_map(move |bytes| {
        let c = &mut Choices::of(bytes);
        (draw(c), draw(c), draw(c))
    })
}

/// Asserts that a `meet` is idempotent, commutative and associative.
macro_rules! is_a_meet {
    ($draw:expr, $meet:expr) => {
        proptest!(laws(), |((a, b, c) in three($draw))| {
            let meet = $meet;
            prop_assert_eq!(&meet(&a, &a), &a);
            prop_assert_eq!(meet(&a, &b), meet(&b, &a));
            prop_assert_eq!(meet(&meet(&a, &b), &c), meet(&a, &meet(&b, &c)));
        });
    };
}

#[test]
fn meet_of_key_sets() {
    is_a_meet!(draw_regions, KeySet::<Region>::meet);
}
#[test]
fn meet_of_zones() {
    is_a_meet!(draw_zones, Zones::meet);
}
#[test]
fn meet_of_recipients() {
    is_a_meet!(draw_recipients, Recipients::meet);
}
#[test]
fn meet_of_terms() {
    let draw = |c: &mut Choices| {
        let question = World::draw(&mut Choices::of(Vec::new())).question;
        support::draw_terms(c, &question)
    };
    is_a_meet!(draw, Terms::meet);
}

/// The same world with other terms carried by the fact in question.
fn carrying(world: &World, terms: &Terms) -> World {
    let mut world = world.clone();
    if let Some(fact) = world.fact_mut() {
        fact.carried = Some(terms.clone());
    }
    world
}

/// The same world with one yes to exactly the purpose in question, on these terms.
fn granting(world: &World, terms: &Terms) -> World {
    let mut world = world.clone();
    let key = world.question.purpose.clone();
    let grant = match world.person.answers.get(&key).map(|answer| answer.said.clone()) {
        Some(Said::Yes(grant)) => Grant { terms: terms.clone(), ..*grant },
        _ => return world,
    };
    let at = world.person.answers[&key].at;
    world.person.answers.insert(key.clone(), Answer { purpose: key, said: Said::Yes(Box::new(grant)), at });
    world
}

proptest! {
    #![proptest_config(laws())]

    #[test]
    fn a_set_meets_exactly_what_both_cover((a, b, _) in three(draw_regions), one in 0..REGIONS.len()) {
        let key = region(REGIONS[one]);
        prop_assert_eq!(a.meet(&b).covers(&key), a.covers(&key) && b.covers(&key));
    }

    #[test]
    fn carried_terms_that_met_decide_as_both((world, a, b) in worlds_with_two_terms()) {
        let both = carrying(&world, &a).opens() && carrying(&world, &b).opens();
        prop_assert_eq!(carrying(&world, &a.meet(&b)).opens(), both);
    }

    #[test]
    fn granted_terms_that_met_decide_as_both((world, a, b) in worlds_with_two_terms()) {
        let both = granting(&world, &a).opens() && granting(&world, &b).opens();
        prop_assert_eq!(granting(&world, &a.meet(&b)).opens(), both);
    }

    #[test]
    fn a_restriction_never_opens(world in worlds(), bytes in choices()) {
        let mut more = world.clone();
        more.person.restrictions.push(draw_restriction(&mut Choices::of(bytes)));
        prop_assert!(world.opens() || !more.opens());
    }

    #[test]
    fn an_objection_never_opens(world in worlds(), bytes in choices()) {
        let mut more = world.clone();
        more.person.objections.push(draw_objection(&mut Choices::of(bytes), &world.question));
        prop_assert!(world.opens() || !more.opens());
    }

    /// Joining records of one human closes and never opens, and never prolongs.
    #[test]
    fn joining_never_opens(world in worlds(), bytes in choices(), ago in -20i64..20) {
        let other = draw_person(&mut Choices::of(bytes), &world.question, &world.policy);
        let mut more = world.clone();
        more.person = world.person.joined(&other, day(ago));
        let until = |world: &World| world.verdict().open().map(|open| open.until);
        prop_assert!(until(&more) <= until(&world), "{:?} {:?}", more.verdict(), world.verdict());
        prop_assert_eq!(more.person.facts, world.person.facts);
    }

    /// What the other record refused or took back is closed for this one too, unless it says yes again since.
    #[test]
    fn what_the_other_refused_stays_refused(world in worlds(), bytes in choices()) {
        let q = &world.question;
        let other = draw_person(&mut Choices::of(bytes), q, &world.policy);
        let refused = matches!(other.yes_to(&q.purpose), Err(Reason::Refused | Reason::Withdrawn));
        let joined = world.person.joined(&other, NOW);
        prop_assert!(!refused || joined.yes_to(&q.purpose).is_err());
        let mut later = joined.clone();
        let own: Vec<Answer> = later.answers.values().cloned().collect();
        for answer in own {
            later.answers.insert(answer.purpose.clone(), Answer { at: day(1), ..answer });
        }
        let again = later.joined(&other, NOW);
        prop_assert_eq!(again.yes_to(&q.purpose), later.yes_to(&q.purpose));
    }

    #[test]
    fn a_signal_never_opens(world in worlds()) {
        let mut more = world.clone();
        more.question.context.gpc = true;
        more.question.context.automated = true;
        more.question.context.ticket = None;
        prop_assert!(world.opens() || !more.opens());
    }

    #[test]
    fn a_forbid_mandate_never_opens(world in worlds(), other in worlds()) {
        let mut more = world.clone();
        for mandate in other.policy.mandates.values() {
            let id = MandateId::from_bytes([mandate.id.to_bytes()[15]; 16]);
            more.policy.mandates.insert(id, Mandate { id, effect: Effect::Forbid, ..mandate.clone() });
        }
        prop_assert!(world.opens() || !more.opens());
    }

    #[test]
    fn a_forbid_mandate_that_means_it_closes(world in worlds()) {
        let mut more = world.clone();
        let Some(kind) = world.category().cloned() else { return Ok(()) };
        let mut rule = model_forbid();
        rule.categories = [kind].into_iter().collect();
        more.policy.mandates.insert(rule.id, rule);
        prop_assert!(!more.opens());
    }

    #[test]
    fn a_withdrawal_closes_a_consent_and_never_opens(world in worlds(), above in any::<bool>()) {
        let mut more = world.clone();
        let own = world.question.purpose.clone();
        let key = own.parent().filter(|_| above).unwrap_or(own);
        let newest = world.person.answers.values().map(|answer| answer.at).max();
        let at = newest.map_or(NOW, |newest| newest.max(NOW));
        more.person.answers.insert(key.clone(), Answer { purpose: key, said: Said::NoLonger, at });
        prop_assert!(world.opens() || !more.opens());
        prop_assert!(!world.basis().is_some_and(Basis::needs_grant) || !more.opens());
    }

    #[test]
    fn fewer_grants_never_open(world in worlds()) {
        let is_yes = |answer: &Answer| matches!(answer.said, Said::Yes(_));
        let own = world.question.purpose.clone();
        let above = own.parent().and_then(|key| world.person.answers.get(&key)).is_some_and(is_yes);
        let without = |gone: &dyn Fn(&Answer) -> bool| {
            let mut fewer = world.clone();
            fewer.person.answers.retain(|_, answer| !(is_yes(answer) && gone(answer)));
            fewer.opens()
        };
        prop_assert!(world.opens() || !without(&|_| true));
        prop_assert!(world.opens() || !without(&|answer| answer.purpose != own));
        // The yes nearest to a purpose is the one that counts: take it away, and a yes to more takes its
        // place.
        prop_assert!(world.opens() || above || !without(&|answer| answer.purpose == own));
    }

    #[test]
    fn what_is_kept_for_a_mandate_opens_for_no_other(world in worlds()) {
        let mut kept = world.clone();
        kept.person.restrictions.push(Restriction {
            facts: Restricted::All,
            ground: RestrictionGround::RetainOnly,
            at: day(-1),
            until: None,
        });
        let own = world.question.asker.role() == assent_kernel::Role::Person;
        if let (Verdict::Open(open), false) = (kept.verdict(), own) {
            let Warrant::Mandate(id) = open.warrant else { panic!("a grant opened it") };
            prop_assert_eq!(&world.policy.mandates[&id].binds, &Binds::Anchored);
            prop_assert_eq!(world.basis(), Some(Basis::LegalObligation));
        }
    }

    #[test]
    fn a_consent_never_falls_through(world in worlds()) {
        let mut without_yes = world.clone();
        without_yes.person.answers.retain(|_, answer| !matches!(answer.said, Said::Yes(_)));
        let open = without_yes.opens();
        prop_assert!(!open || !world.basis().is_some_and(Basis::needs_grant));
    }

    #[test]
    fn only_a_mandate_opens_what_needs_one(world in worlds()) {
        let mut without = world.clone();
        without.policy.mandates.clear();
        let open = without.opens();
        prop_assert!(!open || world.basis().is_some_and(Basis::needs_grant));
        if let Verdict::Open(open) = world.verdict() {
            let granted = matches!(open.warrant, Warrant::Grant(_));
            prop_assert_eq!(granted, world.basis().is_some_and(Basis::needs_grant));
        }
    }

    #[test]
    fn an_over_age_fact_is_closed(world in worlds()) {
        let mut late = world.clone();
        let full = late.category().and_then(|key| world.policy.categories.get(key)?.retention.full());
        let (Some(full), Some(fact)) = (full, late.fact_mut()) else { return Ok(()) };
        fact.confirmed_at = NOW.minus(full);
        let bound_by_law = matches!(
            world.basis(),
            Some(Basis::LegalObligation | Basis::Vital | Basis::PublicTask)
        );
        prop_assert!(bound_by_law || !late.opens());
    }

    #[test]
    fn whatever_is_unknown_is_closed(world in worlds()) {
        let closed = |spoil: &dyn Fn(&mut World)| {
            let mut spoilt = world.clone();
            spoil(&mut spoilt);
            !spoilt.opens()
        };
        prop_assert!(closed(&|w| w.known = false));
        prop_assert!(closed(&|w| w.person.id = assent_kernel::PersonId::from_bytes(n(9))));
        prop_assert!(closed(&|w| w.person.company = assent_kernel::CompanyId::from_bytes(n(9))));
        prop_assert!(closed(&|w| w.question.purpose = purpose("marketing.unheard-of")));
        prop_assert!(closed(&|w| w.question.region = region("mars.olympus")));
        prop_assert!(closed(&|w| w.question.to = To::Party(party_id(200))));
        prop_assert!(closed(&|w| w.question.matters = NonEmpty::one(Matter::Held(support::fact_id(200)))));
        prop_assert!(closed(&|w| w.question.matters = NonEmpty::one(Matter::Kind(category("contact.aura")))));
        prop_assert!(closed(&|w| w.policy.categories.clear()));
        prop_assert!(closed(&|w| w.policy.regions = KeySet::none()));
    }

    #[test]
    fn a_clock_that_went_back_closes(world in worlds(), back in 1i64..1_000_000) {
        let mut late = world;
        late.floor = Timestamp::from_micros(late.question.at.micros() + back);
        prop_assert!(!late.opens());
    }

    #[test]
    fn a_decision_is_total_and_always_the_same(world in worlds()) {
        let ruling = world.rule();
        prop_assert_eq!(&ruling, &world.rule());
        prop_assert_eq!(ruling.verdicts.len(), world.question.matters.len());
        let asked: Vec<_> = world.question.matters.iter().collect();
        let answered: Vec<_> = ruling.verdicts.iter().map(|(matter, _)| matter).collect();
        prop_assert_eq!(asked, answered);
        prop_assert_eq!(ruling.refusal().is_none(), ruling.permits());
    }

    #[test]
    fn each_fact_is_judged_alone(world in worlds()) {
        for (matter, verdict) in world.rule().verdicts.iter() {
            let alone = Question { matters: NonEmpty::one(matter.clone()), ..world.question.clone() };
            let ruling = world.rule_on(&alone);
            prop_assert_eq!(&ruling.verdicts.first().1, verdict);
        }
    }

    #[test]
    fn a_permit_says_honestly_until_when(world in worlds()) {
        let Verdict::Open(open) = world.verdict() else { return Ok(()) };
        prop_assert!(open.until > world.question.at);
        let at = |at| Question { at, ..world.question.clone() };
        let verdict = |at_time| world.rule_on(&at(at_time)).verdicts.first().1.clone();
        let last = verdict(just_before(open.until));
        let last_warrant = last.open().map(|open| open.warrant);
        // Another mandate may have come into force meanwhile; a grant is the same to the last moment.
        let same = match (last_warrant, open.warrant) {
            (Some(Warrant::Mandate(_)), Warrant::Mandate(_)) => true,
            (last, first) => last == Some(first),
        };
        prop_assert!(same, "closed before its time: {last:?}");
        if open.until < Timestamp::MAX
            && let Verdict::Open(next) = verdict(open.until)
        {
            prop_assert!(next.warrant != open.warrant || next.until > open.until);
        }
    }

    #[test]
    fn a_permit_reaches_only_whom_the_terms_mean(world in worlds()) {
        let mut nobody = world.clone();
        for answer in nobody.person.answers.values_mut() {
            if let Said::Yes(grant) = &mut answer.said {
                grant.terms.recipients = Recipients::company_only();
            }
        }
        let outside = world.rule().chain.iter().any(|hop| *hop != world.policy.home);
        prop_assert!(!world.basis().is_some_and(Basis::needs_grant) || !outside || !nobody.opens());
    }
}

/// A Forbid mandate for everything, in force and approved.
fn model_forbid() -> Mandate {
    let world = World::draw(&mut Choices::of(Vec::new()));
    let model = world.policy.mandates.values().next().unwrap().clone();
    Mandate {
        id: MandateId::from_bytes(n(100)),
        effect: Effect::Forbid,
        purposes: KeySet::none(),
        uses: every_use(),
        when: When::Always,
        binds: Binds::Every,
        from: Timestamp::MIN,
        until: Timestamp::MAX,
        approved_by: vec![StaffId::from_bytes(n(1)), StaffId::from_bytes(n(2))],
        ..model
    }
}

/// The plain world: a yes to marketing, everybody in the EU, nothing in the way.
fn plain() -> World {
    let mut world = World::draw(&mut Choices::of(Vec::new()));
    world.question.to = To::Party(party_id(1));
    for other in 1..=5 {
        world.policy.parties.insert(party_id(other), party(other, PartyKind::Processor, None));
    }
    world
}

#[test]
fn the_plain_world_is_open() {
    assert!(plain().opens(), "{:?}", plain().verdict());
}

#[test]
fn nobody_can_ask_for_nothing() {
    let empty: Result<NonEmpty<Matter>, _> = Vec::new().try_into();
    assert_eq!(empty.unwrap_err().to_string(), "the request names nothing; an empty request is refused");
    let error = serde_json::from_str::<NonEmpty<Matter>>("[]").unwrap_err();
    assert!(error.to_string().contains("an empty request is refused"), "{error}");
    let mut question = serde_json::to_value(plain().question).unwrap();
    question["matters"] = serde_json::json!([]);
    let error = serde_json::from_value::<Question<Use>>(question).unwrap_err();
    assert!(error.to_string().contains("an empty request is refused"), "{error}");
}

#[test]
fn empty_terms_read_from_outside_allow_nothing() {
    let recipients: Recipients = serde_json::from_str("[]").unwrap();
    let zones: Zones = serde_json::from_str("[]").unwrap();
    assert_eq!(recipients, Recipients::company_only());
    assert!(zones.is_nowhere());
    for spoil in [
        (|terms, (recipients, _)| terms.recipients = recipients) as fn(&mut Terms, (Recipients, Zones)),
        |terms, (_, zones)| terms.zones = zones,
        |terms, _| terms.purposes = KeySet::none(),
        |terms, _| terms.categories = KeySet::none(),
        |terms, _| terms.uses = assent_kernel::UseSet::NONE,
    ] {
        let mut world = plain();
        for answer in world.person.answers.values_mut() {
            if let Said::Yes(grant) = &mut answer.said {
                spoil(&mut grant.terms, (recipients.clone(), zones.clone()));
            }
        }
        assert!(!world.opens(), "{:?}", world.verdict());
    }
}

#[test]
fn a_question_and_a_person_survive_json() {
    let world = plain();
    let question: Question<Use> =
        serde_json::from_str(&serde_json::to_string(&world.question).unwrap()).unwrap();
    let person: Person = serde_json::from_str(&serde_json::to_string(&world.person).unwrap()).unwrap();
    assert_eq!((question, person), (world.question, world.person));
}

#[test]
fn an_endless_or_circular_chain_is_closed() {
    let chain = |links: u8, last: Option<PartyId>| {
        let mut world = plain();
        for k in 2..=links {
            let sub = party(k, PartyKind::Processor, Some(party_id(k - 1)));
            world.policy.parties.insert(sub.id, sub);
        }
        world.policy.parties.get_mut(&party_id(1)).unwrap().engaged_by = last;
        for answer in world.person.answers.values_mut() {
            if let Said::Yes(grant) = &mut answer.said {
                grant.terms.recipients = Recipients::named([party_id(1)], u8::MAX);
            }
        }
        world.verdict()
    };
    let longest = u8::try_from(LONGEST_CHAIN).unwrap();
    assert!(chain(longest, None).open().is_some());
    assert_eq!(chain(longest + 1, None).closed().map(Reason::code), Some("CHAIN_BROKEN"));
    assert_eq!(chain(3, Some(party_id(3))).closed().map(Reason::code), Some("CHAIN_BROKEN"));
    assert_eq!(chain(3, Some(party_id(1))).closed().map(Reason::code), Some("CHAIN_BROKEN"));
    assert_eq!(chain(3, Some(party_id(200))).closed().map(Reason::code), Some("CHAIN_BROKEN"));
}

#[test]
fn derived_facts_fall_with_their_parents_and_circles_are_closed() {
    let derive = |parents: &[(u8, u8)]| {
        let mut world = plain();
        for (child, parent) in parents {
            let child = world.person.facts.get_mut(&support::fact_id(*child)).unwrap();
            child.derived_from = vec![support::fact_id(*parent)];
        }
        world
    };
    assert!(derive(&[(1, 2), (2, 3), (3, 4)]).opens());
    let code = |world: World| world.verdict().closed().map(|reason| reason.code().to_owned());
    assert_eq!(code(derive(&[(1, 1)])).as_deref(), Some("PARENT_DENIES"));
    assert_eq!(code(derive(&[(1, 2), (2, 1)])).as_deref(), Some("PARENT_DENIES"));
    assert_eq!(code(derive(&[(1, 99)])).as_deref(), Some("PARENT_DENIES"));
    let mut held = derive(&[(1, 2), (2, 3), (3, 4)]);
    held.person.restrictions.push(Restriction {
        facts: Restricted::Fact(support::fact_id(4)),
        ground: RestrictionGround::Asked,
        at: day(0),
        until: None,
    });
    assert_eq!(code(held).as_deref(), Some("PARENT_DENIES"));
}

#[test]
fn two_mandates_open_what_either_reaches() {
    // The order of ids is an accident: a mandate for processors must not hide one that names the carrier.
    let mut world = plain();
    world.question.purpose = purpose("service");
    world.person.contracts = vec![assent_kernel::person::Contract {
        id: assent_kernel::ContractId::from_bytes(n(1)),
        kind: "household".into(),
        from: day(-1),
        until: day(9),
    }];
    let rule = |k: u8, to: u8| Mandate {
        id: MandateId::from_bytes(n(k)),
        effect: Effect::Permit,
        purposes: [purpose("service")].into_iter().collect(),
        binds: Binds::Contract("household".into()),
        recipients: Recipients::named([party_id(to)], 0),
        ..model_forbid()
    };
    world.policy.mandates = [rule(1, 2), rule(2, 1)].into_iter().map(|m| (m.id, m)).collect();
    let open = world.verdict().open().cloned().expect("the second mandate names the recipient");
    assert_eq!(open.warrant, Warrant::Mandate(MandateId::from_bytes(n(2))));
    assert_eq!(open.until, day(9), "no longer than the contract");
}

#[test]
fn every_class_of_retention_ends_with_the_decision() {
    for class in [Retention::R0, Retention::R1, Retention::R2, Retention::R5, Retention::R6, Retention::R7] {
        let full = class.full().unwrap();
        let mut world = plain();
        let key = world.category().unwrap().clone();
        world.policy.categories.get_mut(&key).unwrap().retention = class;
        world.fact_mut().unwrap().confirmed_at = NOW.minus(full);
        assert_eq!(world.verdict().closed(), Some(&Reason::RetentionOver));
        world.question.at = just_before(NOW);
        world.floor = world.question.at;
        assert_eq!(world.verdict().open().map(|open| open.until), Some(NOW));
    }
}

#[test]
fn the_random_worlds_meet_every_reason_and_open_on_every_basis() {
    let mut tally = Tally::new();
    for seed in 0..60_000 {
        *tally.entry(tally_key(&World::draw(&mut Choices::seeded(seed << 20)))).or_default() += 1;
    }
    let missing: Vec<_> = all_tally_keys().into_iter().filter(|key| !tally.contains_key(key)).collect();
    assert!(missing.is_empty(), "never met: {missing:?} in\n{}", show(&tally));
    let open: u64 = tally.iter().filter(|(key, _)| key.starts_with("OPEN")).map(|(_, count)| count).sum();
    assert!(open > 6_000, "too few worlds open to test anything:\n{}", show(&tally));
}

#[test]
fn a_key_covers_what_lies_below_it_and_nothing_that_only_begins_alike() {
    let covers = |upper: &str, lower: &str| category(upper).covers(&category(lower));
    assert!(covers("contact", "contact") && covers("contact", "contact.email"));
    assert!(!covers("contact", "contacts") && !covers("contact.email", "contact"));
}
