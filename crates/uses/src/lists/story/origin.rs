//! The record before and the one after are those of the list that somebody came from: the same, in the same order.

use assent_kernel::{PersonId, Role};
use assent_testkit::{Engine, START};
use serde_json::json;

use crate::desk::story::fixture::{Answer, Desk, Someone, form};

assent_testkit::on_both!(
    deals_follow_their_list,
    organisations_and_items_follow_their_lists,
    people_follow_their_list,
    whoever_acts_on_a_record_stays_in_its_list,
);

/// Where the link of a page leads that has this after its address.
fn href(page: &Answer, mark: &str) -> Option<String> {
    let before = page.body.split(mark).next().filter(|before| before.len() < page.body.len())?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Where one comes to by such a link: a list that asks about people finds it when it is wanted. Nothing at its end.
async fn onward(someone: &Someone, page: &Answer, mark: &str) -> Option<String> {
    let href = href(page, mark)?;
    if !href.contains("/beside?") {
        return Some(href);
    }
    let there = someone.get(&href).await;
    assert_eq!(there.status, 303, "{href}: {}", there.body);
    let end = there.to.contains("said=first") || there.to.contains("said=last");
    if end {
        let back = someone.get(&there.to).await;
        assert!(back.has("in the list."), "{}", back.body);
    }
    (!end).then_some(there.to)
}

fn shown(page: &Answer) -> Vec<String> {
    let rows = page.body.split("name=\"id\" value=\"").skip(1);
    rows.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Walks a list from its first record to its last and back, and finds what it shows; tells how many.
async fn walked(someone: &Someone, list: &str, home: &str) -> usize {
    let page = someone.get(list).await;
    assert_eq!(page.status, 200, "{list}: {}", page.body);
    let ids = shown(&page);
    let Some(first) = ids.first() else { return 0 };
    let start = format!("href=\"{home}/{first}");
    let link = page.body.split(&start).nth(1).unwrap().split('"').next().unwrap();
    let mut at = format!("{home}/{first}{}", link.replace("&#38;", "&").replace("&amp;", "&"));
    for (mark, ids) in
        [("\" rel=\"next\"", ids.clone()), ("\" rel=\"prev\"", ids.iter().rev().cloned().collect())]
    {
        for (n, id) in ids.iter().enumerate() {
            assert!(at.starts_with(&format!("{home}/{id}")), "{list}: {at} is no {n}th {id}");
            let record = someone.get(&at).await;
            assert_eq!(record.status, 200, "{at}: {}", record.body);
            match onward(someone, &record, mark).await {
                Some(next) => at = next,
                None => assert_eq!(n + 1, ids.len(), "{list} ends at {at}"),
            }
        }
    }
    ids.len()
}

async fn deals_follow_their_list(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let key = desk.program(1, Role::Support, Some("service.support")).await;
    let mut made = Vec::new();
    for (n, (title, cents)) in
        [("Apple", 300), ("Birch", 100), ("Cedar", 500), ("Apple tart", 200), ("Elm", 400)].iter().enumerate()
    {
        let mut deal = json!({ "title": title, "cents": cents });
        if n == 1 || n == 3 {
            deal["person"] = json!(mia);
        }
        made.push(key.post("/v1/deals", deal).await.id());
    }
    for (query, count) in [
        ("", 5),
        ("?sort=-amount", 5),
        ("?sort=title", 5),
        ("?f=amount.from.2&sort=amount", 4),
        ("?f=title.has.apple", 2),
        ("?q=apple&sort=-amount", 2),
        ("?f=contact.set.", 2),
    ] {
        assert_eq!(walked(&support, &format!("/deals{query}"), "/deals").await, count, "{query}");
    }
    // What is closed for sales fits no rule there, and is passed over without a trace.
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert_eq!(walked(&sales, "/deals?f=title.has.apple", "/deals").await, 1);
    assert_eq!(walked(&sales, "/deals?sort=title", "/deals").await, 5);

    // Among those that were removed, too; and a record that fits no more keeps its place.
    for id in [&made[0], &made[2], &made[4]] {
        assert_eq!(support.post(&format!("/deals/{id}/remove"), "").await.status, 303);
    }
    assert_eq!(walked(&support, "/deals?show=removed", "/deals").await, 3);
    let gone = support.get(&format!("/deals/{}?in=sort%3Damount", made[0])).await;
    assert!(
        href(&gone, "\" rel=\"prev\"").unwrap().starts_with(&format!("/deals/{}?in=", made[3])),
        "{}",
        gone.body
    );
    assert!(gone.has("Next in the list") || gone.has("Previous in the list"));
    let board = support.get("/deals?view=board").await;
    assert!(board.has(&format!("/deals/{}?in=view%3Dboard", made[1])), "{}", board.body);
    let card = support.get(&format!("/deals/{}?in=view%3Dboard", made[1])).await;
    let other = href(&card, "\" rel=\"prev\"").or_else(|| href(&card, "\" rel=\"next\""));
    assert!(other.unwrap().starts_with(&format!("/deals/{}", made[3])));
    // Nonsense is no list, and leads nowhere else.
    for nonsense in ["x", "f%3Dsecret.is.x", "%00%ff", "https%3A%2F%2Fevil.example"] {
        let page = support.get(&format!("/deals/{}?in={nonsense}", made[1])).await;
        assert_eq!(page.status, 200, "{nonsense}");
        assert!(!page.has("href=\"https://evil"), "{}", page.body);
    }
}

async fn organisations_and_items_follow_their_lists(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for (name, city) in [("Anker", "Kiel"), ("Boje", "Bonn"), ("Deich", "Kiel"), ("Cutter", "Kiel")] {
        let sent = form(&[("name", name), ("city", city)]);
        assert_eq!(sales.post("/organisations/new", &sent).await.status, 303);
    }
    for (query, count) in [("", 4), ("?sort=name", 4), ("?sort=-name&f=city.is.Kiel", 3), ("?q=boje", 1)] {
        let list = format!("/organisations{query}");
        assert_eq!(walked(&sales, &list, "/organisations").await, count, "{query}");
    }
    let fields = [("Name", "text", ""), ("Seats", "number", "")];
    crate::things::story::made(&desk, ("Shop", "Shops"), "nobody", &fields).await;
    for (name, seats) in [("Cork", "12"), ("Kiel", "90"), ("Ahus", "7"), ("Bonn", "55")] {
        let sent = form(&[("own-name", name), ("own-seats", seats)]);
        assert_eq!(sales.post("/things/shop/new", &sent).await.status, 303);
    }
    for (query, count) in
        [("", 4), ("?sort=own-name", 4), ("?f=own-seats.from.10&sort=-own-seats", 3), ("?q=ah", 1)]
    {
        let list = format!("/things/shop{query}");
        assert_eq!(walked(&sales, &list, "/things/shop").await, count, "{query}");
    }
}

async fn people_follow_their_list(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mut people: Vec<PersonId> = Vec::new();
    for (n, (name, city)) in
        [("Kim Alt", "Kiel"), ("Ada Berg", "Bonn"), ("Kim Diaz", "Kiel"), ("Eli Cruz", "Kiel")]
            .iter()
            .enumerate()
    {
        let mail = format!("p{n}@example.org");
        let facts = [("name.full", *name), ("contact.email", mail.as_str()), ("contact.address.city", *city)];
        people.push(desk.house.customer(80 + u64::try_from(n).unwrap(), &facts, START).await.unwrap());
    }
    let support = desk.enter(Role::Support, "service.support").await;
    for (query, count) in [
        ("?show=all", 4),
        ("", 4),
        ("?order=oldest", 4),
        ("?sort=name", 4),
        ("?sort=-name&f=city.is.Kiel", 3),
        ("?f=city.is.Kiel", 3),
        ("?f=city.is.Kiel&order=oldest", 3),
        ("?f=email.is.p2%40example.org", 1),
        ("?q=kim", 2),
    ] {
        assert_eq!(walked(&support, &format!("/people{query}"), "/people").await, count, "{query}");
    }
    // For sales all are closed but one: rules find that one alone, and whoever leafs from it meets nobody else.
    desk.say_yes_about(people[2], &["name", "contact"]).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert_eq!(walked(&sales, "/people?f=city.is.Kiel", "/people").await, 1);
    let other = sales.get(&format!("/people/{}?in=f%3Dcity.is.Kiel", people[3])).await;
    let next = onward(&sales, &other, "\" rel=\"next\"").await;
    assert!(next.unwrap().starts_with(&format!("/people/{}?in=", people[2])));
    assert_eq!(onward(&sales, &other, "\" rel=\"prev\"").await, None);
    assert_eq!(
        sales.get(&format!("/people/{}/beside?to=after", PersonId::from_bytes([9; 16]))).await.status,
        404
    );

    // Nobody else is asked about because a record is opened.
    let key = desk.program(1, Role::Support, Some("service.support")).await;
    let path = format!("/v1/people/{}/uses", people[2]);
    let newest = async || {
        let told = key.get(&path).await;
        told.body["data"][0]["entry"].as_str().unwrap().parse::<u64>().unwrap()
    };
    let before = newest().await;
    for query in ["f%3Dcity.is.Kiel", "q%3Dkim", "sort%3Dname"] {
        support.get(&format!("/people/{}?in={query}", people[0])).await.has_none(&["Kim Diaz"]);
    }
    assert_eq!(newest().await, before + 1, "that list of uses was read once");
}

async fn whoever_acts_on_a_record_stays_in_its_list(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let key = desk.program(1, Role::Support, Some("service.support")).await;
    let deal = key.post("/v1/deals", json!({ "title": "Apple", "cents": 300 })).await.id();
    let state = "in=f%3Damount.from.1%26sort%3Damount";
    let page = support.get(&format!("/deals/{deal}?{state}")).await;
    let back = "/deals?f=amount.from.1&#38;sort=amount";
    assert!(page.has(&format!("href=\"{back}\" data-back")), "{}", page.body);
    assert!(
        page.has(&format!("?tab=notes&#38;{state}")) && page.has(&format!("/edit?{state}")),
        "{}",
        page.body
    );
    let here = format!("/deals/{deal}?{state}");
    for (verb, sent) in [("note", vec![("text", "Rang.")]), ("remove", vec![]), ("restore", vec![])] {
        let sent = form(&[sent, vec![("back", here.as_str())]].concat());
        let done = support.post(&format!("/deals/{deal}/{verb}"), &sent).await;
        assert!(done.to.starts_with(&format!("{here}&said=")), "{verb}: {}", done.to);
    }
    let value = support.get(&format!("/people/{mia}?in=show%3Dall")).await;
    assert!(value.has("/fact?in=show%3Dall") && value.has("/owner?in=show%3Dall"), "{}", value.body);
    let facts = form(&[("category", "name.given"), ("value", "Mia")]);
    let added = support.post(&format!("/people/{mia}/fact?in=show%3Dall"), &facts).await;
    assert!(
        added.to.starts_with(&format!("/people/{mia}?in=show%3Dall&said=")),
        "{} {}",
        added.to,
        added.body
    );
    // Nobody is led away by a form.
    let sent = form(&[("text", "Rang."), ("back", "https://evil.example/")]);
    let done = support.post(&format!("/deals/{deal}/note"), &sent).await;
    assert_eq!(done.to, format!("/deals/{deal}?said=noted"));
}
