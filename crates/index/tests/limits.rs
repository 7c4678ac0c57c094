//! Past every field's limit: what no longer fits goes the slow way, or the policy is refused; nothing is cut short.

#[path = "../../kernel/tests/support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use assent_index::{Index, PolicyChange};
use assent_kernel::grant::{Answer, Evidence, Giver, Grant, Objection, ObjectionScope, Said};
use assent_kernel::party::Recipients;
use assent_kernel::{
    Asker, Context, GrantId, Matter, NonEmpty, NoticeId, PartyId, Person, PersonId, Policy, Question, Reason,
    Region, Role, Span, StaffId, Terms, Timestamp, To, TreeKey as _, Use, Zones,
};
use support::{Choices, NOW, World, category, every_use, n, purpose, region, regions};

fn policy() -> Policy {
    let mut policy = World::draw(&mut Choices::of(vec![])).policy;
    policy.mandates = BTreeMap::new();
    policy.purposes.values_mut().for_each(|row| row.longest = Span::days(2_000));
    policy
}

/// Without purposes below the one that is asked about: a text of one's own is then held once, and stands loose.
fn without_lower() -> Policy {
    let mut policy = policy();
    let upper = purpose("marketing");
    policy.purposes.retain(|key, _| *key == upper || !upper.covers(key));
    policy
}

fn id(k: u64) -> PersonId {
    PersonId::from_bytes(u128::from(k).wrapping_mul(0x9e37_79b9_7f4a_7c15_d6e8_feb8_6659_fd93).to_be_bytes())
}

fn terms(recipients: Recipients) -> Terms {
    Terms {
        purposes: [purpose("marketing")].into_iter().collect(),
        categories: [category("contact")].into_iter().collect(),
        uses: every_use(),
        recipients,
        zones: Zones::inside(regions(&["eu", "us", "uk"])),
        until: NOW.plus(Span::days(100)),
        explicit: true,
    }
}

fn says_yes(k: u64, to: &str, terms: Terms, version: u32) -> Person {
    let mut person = Person::new(id(k), policy().company);
    let terms = Terms { purposes: [purpose(to)].into_iter().collect(), ..terms };
    let grant = Grant {
        id: GrantId::from_bytes(n(1)),
        terms,
        notice: NoticeId::from_bytes(n(1)),
        notice_version: version,
        giver: Giver::Subject,
        evidence: Evidence::Portal,
        uses_left: None,
    };
    let answer =
        Answer { purpose: purpose(to), said: Said::Yes(Box::new(grant)), at: NOW.minus(Span::days(1)) };
    person.answers.insert(purpose(to), answer);
    person
}

fn question(to: To, region: Region) -> Question<Use> {
    Question {
        what: Use::View,
        person: id(0),
        asker: Asker::Staff(StaffId::from_bytes(n(1)), Role::Marketing),
        purpose: purpose("marketing"),
        matters: NonEmpty::one(Matter::Kind(category("contact.email"))),
        to,
        region,
        at: NOW,
        context: Context::default(),
    }
}

fn index(policy: Policy) -> Index {
    Index::new(Arc::new(policy), NOW, 0, [5, 6, 7, 8]).unwrap()
}

/// Puts people in, and compares a few of them and the count with the reference.
fn compare(mut index: Index, people: &[Person], question: &Question<Use>, at_least_odd: usize) {
    people.iter().for_each(|person| index.put(person, NOW));
    assert!(index.sizes().odd >= at_least_odd, "{:?}", index.sizes());
    let asking = index.ask(question).unwrap();
    let mut permitted = 0;
    for person in people {
        let expected = index.reference(&Question { person: person.id, ..question.clone() }, person);
        permitted += usize::from(expected.is_none());
        assert_eq!(index.reason(&asking, index.decide(&asking, person.id)), expected, "{person:#?}");
    }
    assert_eq!(index.count(&asking).permitted, permitted);
    assert_eq!(index.cut(&asking).people.len(), permitted);
}

#[test]
fn more_sets_of_recipients_than_sixteen_bits() {
    let policy = policy();
    let party = |k: u64| PartyId::from_bytes(u128::from(k).to_be_bytes());
    // Every second names party 1 among others.
    let named = |k: u64| {
        Recipients::named([party(1_000 + k), if k.is_multiple_of(2) { party(1) } else { party(2) }], 3)
    };
    let people: Vec<Person> = (0..66_000).map(|k| says_yes(k, "marketing", terms(named(k)), 3)).collect();
    compare(index(policy), &people, &question(To::Party(party(1)), region("eu")), 66_000 - 65_536);
}

#[test]
fn more_zones_versions_and_classes_than_sixteen_bits() {
    let home = Recipients::company_only();
    let place = |k: u64| region(&format!("far.r{k}"));
    let zones = |k: u64| {
        let inside = [place(k), region("us"), region(if k.is_multiple_of(2) { "eu" } else { "uk" })];
        Terms { zones: Zones::inside(inside.into_iter().collect()), ..terms(home.clone()) }
    };
    let people: Vec<Person> = (0..66_000).map(|k| says_yes(k, "marketing", zones(k), 3)).collect();
    let at_home = question(To::Party(support::party_id(0)), region("eu"));
    compare(index(policy()), &people, &at_home, 66_000 - 65_536);
    let versions: Vec<Person> = (0..66_000)
        .map(|k| says_yes(k, "marketing", terms(home.clone()), u32::try_from(k).unwrap()))
        .collect();
    compare(index(policy()), &versions, &at_home, 66_000 - 65_536);
    let classes: Vec<Person> = (0..66_000)
        .map(|k| Person { residence: Some(place(k)), ..says_yes(k, "marketing", terms(home.clone()), 3) })
        .collect();
    compare(index(policy()), &classes, &at_home, 66_000 - 65_535);
}

#[test]
fn more_words_than_two_lines() {
    let mut policy = policy();
    let row = policy.purposes.get(&purpose("marketing")).unwrap().clone();
    for k in 0..20 {
        let key = purpose(&format!("extra.p{k}"));
        policy.purposes.insert(key.clone(), assent_kernel::purpose::Purpose { key, ..row.clone() });
    }
    let many = |k: u64, words: u64| {
        let mut person = says_yes(k, "marketing", terms(Recipients::company_only()), 3);
        for extra in 1..words {
            let more = says_yes(k, &format!("extra.p{extra}"), terms(Recipients::company_only()), 3);
            person.answers.extend(more.answers);
        }
        person
    };
    let people: Vec<Person> = (0..400).map(|k| many(k, k % 19)).collect();
    let odd = (0..400).filter(|k| k % 19 > 14).count();
    for asked in ["marketing", "extra.p1", "extra.p6", "extra.p7", "extra.p13", "extra.p17"] {
        let question = Question { purpose: purpose(asked), ..question(To::Person, region("eu")) };
        compare(index(policy.clone()), &people, &question, odd);
    }
}

/// The first purpose is number 0, as an empty place of a line is: a second line that tells about another must not hide it.
#[test]
fn a_second_line_hides_nothing_of_the_first_purpose() {
    let key = |k: u64| format!("a.p{k:02}");
    let mut policy = policy();
    let row = policy.purposes.get(&purpose("marketing")).unwrap().clone();
    for k in 0..70 {
        let key = purpose(&key(k));
        policy.purposes.insert(key.clone(), assent_kernel::purpose::Purpose { key, ..row.clone() });
    }
    assert_eq!(policy.purposes.keys().next(), Some(&purpose(&key(0))));
    let last = [31, 32, 33, 63, 64, 65];
    let person = |n: u64| {
        let mut person = says_yes(n, &key(0), terms(Recipients::company_only()), 3);
        let said = (1..6 + n % 3).chain([last[n as usize % 6], 66 + n % 4]);
        for k in said {
            person.answers.extend(says_yes(n, &key(k), terms(Recipients::company_only()), 3).answers);
        }
        match n % 4 {
            0 => person.answers.values_mut().for_each(|answer| answer.said = Said::NoLonger),
            1 => {
                person.answers.remove(&purpose(&key(0)));
            }
            2 => {
                let scope = ObjectionScope::Purpose(purpose(&key(0)));
                person.objections.push(Objection { scope, at: NOW, overridden: None });
            }
            _ => {}
        }
        person
    };
    let people: Vec<Person> = (0..240).map(person).collect();
    for k in [0, 1, 31, 32, 33, 64, 65, 66] {
        let question = Question { purpose: purpose(&key(k)), ..question(To::Person, region("eu")) };
        compare(index(policy.clone()), &people, &question, 0);
    }
}

#[test]
fn times_that_do_not_fit() {
    let until = |at: Timestamp| Terms { until: at, ..terms(Recipients::company_only()) };
    let mut policy = policy();
    policy.purposes.values_mut().for_each(|row| row.longest = Span::days(u32::MAX / 24));
    let ends = [
        Timestamp::MIN,
        Timestamp::MAX,
        NOW.plus(Span::days(60_000)),
        NOW,
        NOW.plus(Span::minutes(1)),
        NOW.whole_minute(),
    ];
    let people: Vec<Person> =
        (0u64..).zip(ends).map(|(k, at)| says_yes(k, "marketing", until(at), 3)).collect();
    compare(index(policy), &people, &question(To::Person, region("eu")), 2);
}

#[test]
fn a_policy_that_does_not_fit_is_refused() {
    let new = |policy: Policy| Index::new(Arc::new(policy), NOW, 0, [1, 2, 3, 4]).err().map(|e| e.what);
    let mut purposes = policy();
    let row = purposes.purposes.get(&purpose("insight")).unwrap().clone();
    for k in purposes.purposes.len()..448 {
        let key = purpose(&format!("p{k}"));
        purposes.purposes.insert(key.clone(), assent_kernel::purpose::Purpose { key, ..row.clone() });
    }
    assert_eq!((purposes.purposes.len(), new(purposes.clone())), (448, None));
    let key = purpose("one-more");
    purposes.purposes.insert(key.clone(), assent_kernel::purpose::Purpose { key, ..row.clone() });
    assert_eq!(new(purposes), Some("purposes"));
    let mut categories = policy();
    let row = categories.categories.get(&category("device")).unwrap().clone();
    for k in categories.categories.len()..=256 {
        let key = category(&format!("c{k}"));
        categories.categories.insert(key.clone(), assent_kernel::category::Category { key, ..row.clone() });
    }
    assert_eq!(new(categories), Some("categories"));
    let mut forbids = policy();
    let mandate = (0..).flat_map(|seed| World::draw(&mut Choices::seeded(seed)).policy.mandates);
    let (_, mandate) =
        mandate.into_iter().find(|(_, m)| m.effect == assent_kernel::mandate::Effect::Forbid).unwrap();
    for k in 0..=64u8 {
        let id = assent_kernel::MandateId::from_bytes(n(k));
        let (from, until) = (Timestamp::MIN, Timestamp::MAX);
        let approved_by = vec![StaffId::from_bytes(n(1)), StaffId::from_bytes(n(2))];
        let binds = assent_kernel::mandate::Binds::Every;
        let fresh = assent_kernel::Mandate { id, from, until, approved_by, binds, ..mandate.clone() };
        forbids.mandates.insert(id, fresh);
    }
    assert_eq!(new(forbids), Some("prohibitions in force"));
    // The last that fits fits, and one more does not.
    for (kinds, what) in [(64, None), (65, Some("kinds of contract"))] {
        let mut contracts = policy();
        for k in 0..kinds {
            let id = assent_kernel::MandateId::from_bytes(n(k));
            let binds = assent_kernel::mandate::Binds::Contract(format!("kind-{k}"));
            let effect = assent_kernel::mandate::Effect::Permit;
            contracts.mandates.insert(id, assent_kernel::Mandate { id, binds, effect, ..mandate.clone() });
        }
        assert_eq!(new(contracts), what, "{kinds} kinds of contract");
    }
    for (more, what) in [(0, None), (1, Some("regions with data"))] {
        let mut places = policy();
        let theirs =
            places.parties.values().flat_map(|party| party.places.all()).flat_map(|(_, set)| set.iter());
        let theirs: BTreeSet<Region> = theirs.cloned().collect();
        let mut all: BTreeSet<Region> = places.regions.iter().cloned().collect();
        all.extend((0..).map(|k| region(&format!("far.r{k}"))).take(64 + more - all.union(&theirs).count()));
        places.regions = all.into_iter().collect();
        assert_eq!(new(places), what, "{} regions", 64 + more);
    }
    assert_eq!(new(policy()), None);
}

/// Counts at several minutes, forward and back, and compares each with everybody decided one by one.
fn count_at(index: &Index, people: &[Person], minutes: &[u32]) {
    for minute in minutes {
        let at = NOW.plus(Span::minutes(*minute));
        let asking = index.ask(&Question { at, ..question(To::Person, region("eu")) }).unwrap();
        let open = people.iter().filter(|person| index.decide(&asking, person.id).is_open()).count();
        let counts = index.count(&asking);
        assert_eq!(counts.permitted, open, "after {minute} minutes");
        assert_eq!(counts.refused.values().map(|(_, people)| people).sum::<usize>(), people.len() - open);
        assert_eq!(index.cut(&asking).people.len(), open);
        assert!(open > 0 || *minute > 2_000, "somebody to count");
    }
}

#[test]
fn more_changes_than_are_judged_one_by_one() {
    let mut index = index(without_lower());
    // Every third has zones of their own, so that groups and loose rows both change; ends are a few minutes apart.
    let terms = |k: u64| {
        let own = if k.is_multiple_of(3) { format!("far.r{k}") } else { "us".to_owned() };
        let inside = [region(&own), region(if k.is_multiple_of(2) { "eu" } else { "uk" })];
        Terms {
            zones: Zones::inside(inside.into_iter().collect()),
            until: NOW.plus(Span::minutes(u32::try_from(k * 7 % 3_000).unwrap())),
            ..terms(Recipients::company_only())
        }
    };
    let mut people: Vec<Person> = (0..4_000).map(|k| says_yes(k, "marketing", terms(k), 3)).collect();
    people.iter().for_each(|person| index.put(person, NOW));
    let minutes = [0, 1, 6, 7, 8, 500, 2_999, 3_000, 700, 0];
    count_at(&index, &people, &minutes);
    index.tidy();
    count_at(&index, &people, &minutes);
    for n in (0..people.len()).filter(|n| n % 5 != 0) {
        let person = &mut people[n];
        if n % 5 == 1 {
            // Another end, the same text.
            *person = says_yes(n as u64, "marketing", terms(n as u64 + 3_001 * 6), 3);
        } else {
            person.answers.values_mut().for_each(|answer| answer.said = Said::NoLonger);
        }
        index.put(person, NOW);
        if [8, 501, 2_002, 3_002].contains(&n) {
            count_at(&index, &people, &[3, 40]);
        }
    }
    count_at(&index, &people, &minutes);
    index.tidy();
    count_at(&index, &people, &minutes);
}

/// Somebody who says yes on a text that nobody else has, until some minutes from now, and is of one of many classes.
fn of_many_classes(k: u64) -> Person {
    let own = region(&format!("far.r{k}"));
    let inside = [own.clone(), region(if k.is_multiple_of(3) { "uk" } else { "eu" })];
    let terms = Terms {
        zones: Zones::inside(inside.into_iter().collect()),
        until: NOW.plus(Span::minutes(u32::try_from(k * 7 % 3_000).unwrap())),
        ..terms(Recipients::company_only())
    };
    let mut person = says_yes(k, "marketing", terms, 3);
    person.residence = Some(region(&format!("far.r{}", k % 23)));
    person.minor = k.is_multiple_of(7);
    if k.is_multiple_of(11) {
        let (scope, at) = (ObjectionScope::DirectMarketing, NOW.minus(Span::days(2)));
        person.objections.push(Objection { scope, at, overridden: None });
    }
    person
}

#[test]
fn more_classes_than_a_band_stand_loose() {
    let mut policy = without_lower();
    policy.purposes.values_mut().for_each(|row| row.direct_marketing = true);
    let mut index = index(policy);
    let mut people: Vec<Person> = (0..3_000).map(of_many_classes).collect();
    people.iter().for_each(|person| index.put(person, NOW));
    let minutes = [0, 1, 1_500, 2_999, 3_000, 1_499, 0];
    count_at(&index, &people, &minutes);
    index.tidy();
    count_at(&index, &people, &minutes);
    for n in (0..people.len()).filter(|n| n % 3 != 0) {
        // Another class, and the same text; or no longer.
        if n % 3 == 1 {
            people[n].residence = Some(region("far.moved"));
        } else {
            people[n].answers.values_mut().for_each(|answer| answer.said = Said::NoLonger);
        }
        index.put(&people[n], NOW);
    }
    count_at(&index, &people, &minutes);
    index.tidy();
    count_at(&index, &people, &minutes);
    let at = NOW.plus(Span::minutes(900));
    let later = Question { at, ..question(To::Person, region("eu")) };
    let reasons = index.count(&index.ask(&later).unwrap()).refused;
    let told = ["OBJECTED", "NEEDS_GUARDIAN", "EXPIRED", "WITHDRAWN", "REGION_NOT_GRANTED"];
    assert!(told.iter().all(|code| reasons.contains_key(code)), "{reasons:?}");
}

#[test]
fn nearly_everybody_withdraws() {
    let mut index = index(without_lower());
    let alone = |k| Person { residence: None, minor: false, objections: Vec::new(), ..of_many_classes(k) };
    let mut people: Vec<Person> = (0..3_000).map(alone).collect();
    people.iter().for_each(|person| index.put(person, NOW));
    index.tidy();
    for n in (0..people.len()).filter(|n| n % 40 != 0) {
        people[n].answers.values_mut().for_each(|answer| answer.said = Said::NoLonger);
        index.put(&people[n], NOW);
        if n % 499 == 0 {
            count_at(&index, &people, &[0, 800]);
        }
    }
    count_at(&index, &people, &[0, 1, 800]);
    // Whoever says it again is one of many now, and whoever takes over a text makes a group of it.
    for (n, person) in (0..).zip(&mut people) {
        *person = Person { id: person.id, ..alone(n / 2) };
        index.put(person, NOW);
    }
    count_at(&index, &people, &[0, 1, 800]);
}

/// Regions have bits in the order of their names: one that comes first moves those of all others.
#[test]
fn another_region_in_the_policy_moves_the_bits_of_all() {
    let mut index = index(without_lower());
    let people: Vec<Person> = (0..500).map(of_many_classes).collect();
    people.iter().for_each(|person| index.put(person, NOW));
    index.tidy();
    count_at(&index, &people, &[1]);
    for k in 0..6 {
        let mut more = without_lower();
        let first = (0..k).map(|k| region(&format!("aa{k}")));
        more.regions = more.regions.iter().cloned().chain(first).collect();
        assert_eq!(index.renew(Arc::new(more), NOW), Ok(PolicyChange::Taken));
        count_at(&index, &people, &[1, 800]);
    }
}

/// Askers name regions: however many they name, the reasons are told, and none of the policy's own is lost for it.
#[test]
fn more_regions_than_sixteen_bits_are_asked_for() {
    let mut index = index(policy());
    let inside = Terms { zones: Zones::inside(regions(&["us"])), ..terms(Recipients::company_only()) };
    let person = says_yes(1, "marketing", inside, 3);
    index.put(&person, NOW);
    let home = To::Party(index.policy().home);
    let compare = |place: &str| {
        let question = Question { person: person.id, ..question(home, region(place)) };
        let asking = index.ask(&question).unwrap();
        let verdict = index.decide(&asking, person.id);
        let told = index.reason(&asking, verdict);
        assert_eq!(told, index.reference(&question, &person), "{place}");
        let counts = index.count(&asking);
        assert_eq!(
            counts.refused.values().map(|(reason, n)| (Some(reason), *n)).collect::<Vec<_>>(),
            [(told.as_ref(), 1)]
        );
        told
    };
    for k in 0..70_000 {
        let told = compare(&format!("eu.x{k}"));
        assert!(
            matches!(told, Some(Reason::RegionNotGranted { region }) if region == self::region(&format!("eu.x{k}")))
        );
    }
    assert!(matches!(compare("uk"), Some(Reason::RegionNotGranted { .. } | Reason::HopOutsideRegion { .. })));
}
