//! Rules among more people than one request looks at: found to the last, page by page, and nobody is asked about more than
//! the rules need.

use assent_gate::{NewFact, Newcomer};
use assent_kernel::person::Contract;
use assent_kernel::{ContractId, PersonId, Role, Span};
use assent_testkit::{START, batch, category};
use serde_json::json;

use super::fixture::{Answer, Desk, Engine, Someone};

const SUPPORT: &str = "service.support";

/// So many customers; every so many of them lives in Kiel, and their number is part of what they are called.
async fn crowd(desk: &Desk, count: u64, every: u64) -> Vec<PersonId> {
    let fact = |kind: &str, value: String| NewFact { category: category(kind), value, anchors: Vec::new() };
    let id = |n: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(1_000 + n).to_be_bytes());
        bytes
    };
    let city = |n: u64| if n.is_multiple_of(every) { "Kiel" } else { "Bonn" };
    let one = |n: u64| Newcomer {
        id: PersonId::from_bytes(id(n)),
        residence: None,
        minor: false,
        contracts: vec![Contract {
            id: ContractId::from_bytes(id(n)),
            kind: "household-customer".into(),
            from: START.minus(Span::days(10)),
            until: START.plus(Span::days(700)),
        }],
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![
            fact("name.full", format!("Kim Kaya{n:04}")),
            fact("contact.email", format!("kim{n}@example.org")),
            fact("contact.address.city", city(n).into()),
        ],
    };
    for first in (0..count).step_by(1_000) {
        let some = (first..count.min(first + 1_000)).map(one).collect();
        desk.house.gate.admit(batch(desk.house.company, some), START).await.unwrap();
    }
    (0..count).filter(|n| n.is_multiple_of(every)).map(|n| PersonId::from_bytes(id(n))).collect()
}

/// The people of a page, in its order.
fn shown(page: &Answer) -> Vec<String> {
    let rows = page.body.split("name=\"id\" value=\"").skip(1);
    rows.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Where a link of the page leads.
fn link(page: &Answer, before: &str) -> Option<String> {
    let href = page.body.split(before).nth(1)?.split('"').next()?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

fn next(page: &Answer) -> Option<String> {
    link(page, "rel=\"next\" href=\"")
}

fn prev(page: &Answer) -> Option<String> {
    link(page, "rel=\"prev\" href=\"")
}

/// Everybody of a list, page after page.
async fn all(someone: &Someone, first: &str) -> Vec<Vec<String>> {
    let (mut out, mut at) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = at {
        let page = someone.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        out.push(shown(&page));
        at = next(&page);
    }
    out
}

async fn rules_find_everybody_however_many_there_are(engine: Engine) {
    let desk = Desk::new(engine).await;
    let kiel = crowd(&desk, 620, 5).await;
    let support = desk.enter(Role::Support, SUPPORT).await;
    let mut wanted: Vec<String> = kiel.iter().map(ToString::to_string).collect();
    wanted.sort();
    for (order, newest) in [("", true), ("&order=oldest", false)] {
        if newest {
            wanted.reverse();
        }
        let pages = all(&support, &format!("/people?f=city.is.Kiel{order}")).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 24], "{order}");
        assert_eq!(pages.concat(), wanted, "{order}");
        if newest {
            wanted.reverse();
        }
    }
    // Back again by the way one came.
    let first = support.get("/people?f=city.is.Kiel").await;
    let second = support.get(&next(&first).unwrap()).await;
    let third = support.get(&next(&second).unwrap()).await;
    let back = support.get(&prev(&third).unwrap()).await;
    assert_eq!(shown(&back), shown(&second));
    assert_eq!(shown(&support.get(&prev(&back).unwrap()).await), shown(&first));
    assert_eq!(shown(&support.get(&next(&back).unwrap()).await), shown(&third));

    // Ordered by a column within what fits; of everybody it is said that they are too many.
    let sorted = support.get("/people?f=city.is.Kiel&sort=-name").await;
    assert!(sorted.has("Kim Kaya0615") && sorted.has("124 people"), "{}", sorted.body);
    let sorted = all(&support, "/people?f=city.is.Kiel&sort=-name").await;
    assert_eq!(sorted.concat().len(), 124);
    let many = support.get("/people?sort=name").await;
    assert!(many.has("By a column up to 500 people") && shown(&many).len() == 50);
    assert!(support.get("/people?f=city.set.&sort=name").await.has("By a column up to 500 people"));
}

async fn where_a_page_stops_the_next_looks_on(engine: Engine) {
    let desk = Desk::new(engine).await;
    // The one in Kiel came first of all, and so is met last.
    let kiel = crowd(&desk, 5_100, 10_000).await[0].to_string();
    let support = desk.enter(Role::Support, SUPPORT).await;
    let first = support.get("/people?f=city.is.Kiel").await;
    let told = "Looked at 5\u{202f}000 of 5\u{202f}100 people; 0 fit so far.";
    assert!(first.has(told) && first.has("Nobody fits so far"), "{}", first.body);
    let on = link(&first, "class=\"btn\" href=\"/people?f=city.is.Kiel").unwrap();
    let second = support.get(&format!("/people?f=city.is.Kiel{on}")).await;
    assert_eq!(shown(&second), std::slice::from_ref(&kiel));
    assert!(!second.has("Look on") && next(&second).is_none(), "that was everybody");
    // Back again: the page before may stop on its way, too.
    let back = support.get(&prev(&second).unwrap()).await;
    assert!(back.has("Looked at 5\u{202f}000 more people; 0 fit on this page.") || back.has("Nobody fits"));
    // An exact rule is there at once.
    let exact = support.get("/people?f=city.is.Kiel&f=name.is.Kim+Kaya0000").await;
    assert_eq!(shown(&exact), std::slice::from_ref(&kiel));
    // A list that was not asked to its end is not taken along as if it were whole.
    let along = support.get("/people/export?f=city.is.Kiel").await;
    assert!(along.status == 422 && along.has("Only the newest 5\u{202f}000 people"), "{}", along.body);
    // Programs go on by cursor.
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let page = shop.get("/v1/people?f=city.is.Kiel").await;
    assert_eq!(page.body["data"], json!([]));
    let rest = format!("/v1/people?f=city.is.Kiel&after={}", page.body["next"].as_str().unwrap());
    let rest = shop.get(&rest).await;
    assert_eq!(
        (&rest.body["data"][0]["id"], &rest.body["next"]),
        (&json!(kiel), &json!(null)),
        "{}",
        rest.text
    );
    assert_eq!(shop.get("/v1/people?f=city.is.Kiel&sort=name").await.status, 422);
}

async fn only_what_a_rule_needs_is_asked(engine: Engine) {
    let desk = Desk::new(engine).await;
    let kiel = crowd(&desk, 3, 2).await;
    let (mia, support) = (desk.customer().await, desk.enter(Role::Support, SUPPORT).await);
    let page = support.get("/people?f=city.is.Kiel&col=name").await;
    assert_eq!(shown(&page).len(), 2);
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let kinds = async |id: PersonId| {
        let uses = shop.get(&format!("/v1/people/{id}/uses")).await;
        let lines = uses.body["data"].as_array().unwrap().clone();
        let listed = lines.into_iter().filter(|line| line["use"] == "List");
        listed.map(|line| line["categories"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(mia).await, [json!(["contact.address.city"])], "she was met and does not fit");
    assert_eq!(kinds(kiel[0]).await, [json!(["name.full"]), json!(["contact.address.city"])]);

    // An exact rule leads to whom it may mean, and nobody else is met.
    let found = support.get("/people?f=email.is.KIM0@example.org&col=name").await;
    assert_eq!(shown(&found), [kiel[0].to_string()]);
    assert_eq!(kinds(mia).await.len(), 1);
    assert_eq!(shown(&support.get("/people?f=name.is.kim+kaya0002").await), [kiel[1].to_string()]);
    assert_eq!(shown(&support.get("/people?f=phone.is.%2B49+451+5550100").await), [mia.to_string()]);
    // How many others it may mean is told by nothing, not even by where the next page begins.
    for n in 0..52 {
        desk.house.customer(5_000 + n, &[("name.full", "Ada Ng")], START).await.unwrap();
        desk.house.person(6_000 + n, &[("name.full", "Ada Ng")], START).await.unwrap();
    }
    let many = support.get("/people?show=all&f=name.is.Ada+Ng").await;
    let on = next(&many).unwrap();
    assert!(shown(&many).len() == 50 && !on.contains("seen"), "{on}");
    assert_eq!(shown(&support.get(&on).await).len(), 2);
    // Among others an exact rule narrows nothing.
    let either = "/people?any=1&f=email.is.kim0@example.org&f=city.is.Kiel";
    assert_eq!(shown(&support.get(either).await).len(), 2);
    // What is closed is met by no rule, however exactly somebody knows it.
    let bird = desk.stranger().await;
    for rule in ["email.is.canary@example.org", "name.is.Canaria+Zwitscher"] {
        let page = support.get(&format!("/people?show=all&f={rule}")).await;
        assert!(page.has("Nobody fits") && !page.has(&bird.to_string()), "{rule}");
    }
}

async fn programs_ask_by_the_same_rules(engine: Engine) {
    let desk = Desk::new(engine).await;
    crowd(&desk, 12, 3).await;
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let ids = async |path: &str| {
        let (mut out, mut path) = (Vec::new(), path.to_owned());
        loop {
            let page = shop.get(&path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            out.extend(page.body["data"].as_array().unwrap().iter().map(|one| one["name"]["value"].clone()));
            let Some(next) = page.body["next"].as_str() else { return out };
            let base = path.split("&after=").next().unwrap().to_owned();
            path = format!("{base}&after={next}");
        }
    };
    let kiel = ["Kim Kaya0000", "Kim Kaya0003", "Kim Kaya0006", "Kim Kaya0009"];
    let mut told = ids("/v1/people?f=city.is.kiel&limit=3").await;
    told.sort_by_key(|name| name.as_str().map(str::to_owned));
    assert_eq!(told, kiel);
    assert_eq!(ids("/v1/people?f=city.is.kiel&sort=name&limit=3").await, kiel);
    assert_eq!(ids("/v1/people?f=city.is.kiel&f=email.is.kim3@example.org&limit=3").await, ["Kim Kaya0003"]);
    assert_eq!(ids("/v1/people?q=kaya0006&limit=1").await, ["Kim Kaya0006"]);
    let view =
        json!({ "list": "people", "name": "Kiel", "query": "f=city.is.Kiel&sort=-name&after=nonsense" });
    let view = shop.post("/v1/views", view).await.id();
    let other: Vec<&str> = kiel.into_iter().rev().collect();
    assert_eq!(ids(&format!("/v1/people?view={view}&limit=3")).await, other);
    for wrong in [
        "f=secret.is.x".to_owned(),
        "f=city".into(),
        "sort=nothing".into(),
        format!("view={view}&f=city.is.Kiel"),
        "name=kim&q=kim".into(),
        "view=viw_01jx6sk9c0000000000000000p".into(),
    ] {
        let refused = shop.get(&format!("/v1/people?{wrong}")).await;
        assert!(refused.status == 422 || refused.status == 404, "{wrong}: {}", refused.text);
    }
}

assent_testkit::on_both!(
    rules_find_everybody_however_many_there_are,
    where_a_page_stops_the_next_looks_on,
    only_what_a_rule_needs_is_asked,
    programs_ask_by_the_same_rules,
);
