//! The ledger's lines are counted by day, each once, whoever counts and however often; and told again page by page.

use assent_gate::{DayLines, LogName};
use assent_kernel::ledger::{Decision, Kind};
use assent_kernel::{PersonId, Span, Timestamp};
use assent_testkit::{Engine, House, START, batch, eu, on_both};

on_both!(lines_are_counted_once_and_told_to_the_last);

fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(Span::days(1).micros())
}

/// So many people more, each with a line of their own.
async fn more(house: &House, from: u16, people: u16, at: Timestamp) {
    let one = |n: u16| {
        let mut id = [7; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        assent_gate::Newcomer {
            id: PersonId::from_bytes(id),
            residence: None,
            minor: false,
            contracts: Vec::new(),
            answers: Vec::new(),
            objections: Vec::new(),
            facts: vec![assent_gate::NewFact {
                category: assent_testkit::category("contact.email"),
                value: format!("{n}@example.org"),
                anchors: Vec::new(),
            }],
        }
    };
    let all = (from..from + people).map(one).collect();
    house.gate.admit(batch(house.company, all), at).await.unwrap();
}

async fn lines_are_counted_once_and_told_to_the_last(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let name = LogName { company: house.company, region: eu() };
    let (first, next) = (START, START.plus(Span::days(1)));
    // Over the edges of bundles, counted now by the worker and now by whoever looks.
    for (from, people, at) in [(0, 300, first), (300, 1, first), (301, 255, next), (556, 200, next)] {
        more(&house, from, people, at).await;
        house.gate.integrate(&name, at).await.unwrap();
    }
    let counts = house.gate.day_counts(&name, day(first), day(next) + 1).await.unwrap();
    let of = |at: Timestamp| -> u64 {
        let fits = |one: &&assent_gate::DayCount| {
            one.day == day(at) && one.kind == Kind::Capture && one.decision == Decision::Allow
        };
        counts.iter().filter(fits).map(|one| one.n).sum()
    };
    assert_eq!((of(first), of(next)), (301, 455));
    assert_eq!(house.gate.day_counts(&name, day(first), day(next) + 1).await.unwrap(), counts);
    assert!(house.gate.day_counts(&name, day(first) - 1, day(first)).await.unwrap().is_empty());

    for (at, wanted) in [(first, 301), (next, 455)] {
        let lines = DayLines { day: day(at), kinds: vec![Kind::Capture], allowed: Some(true), purpose: None };
        let (mut seen, mut from) = (Vec::new(), Some(0));
        while let Some(place) = from {
            let (page, after) = house.gate.day_lines(&name, &lines, place, 100).await.unwrap();
            assert!(page.len() <= 100);
            seen.extend(page.into_iter().map(|(index, _)| index));
            from = after;
        }
        assert_eq!(seen.len(), wanted);
        assert!(seen.windows(2).all(|two| two[0] < two[1]), "each once, in order");
        let none = DayLines { allowed: Some(false), ..lines };
        assert_eq!(house.gate.day_lines(&name, &none, 0, 100).await.unwrap(), (Vec::new(), None));
    }
}
