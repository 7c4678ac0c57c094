//! Every number of the page leads to the list that has exactly these; few people are no number; who may not see, does not.

use assent_gate::Act;
use assent_kernel::grant::Restricted;
use assent_kernel::{PersonId, Role};
use assent_store::requests::{self, Asked};
use assent_testkit::{Engine, START, eu};

use crate::desk::story::fixture::{Answer, Desk, Someone, form, request};

/// The numbers of a page that lead somewhere: how many, where.
fn numbers(page: &Answer) -> Vec<(usize, String)> {
    let links = page.body.split("<a href=\"").skip(1).filter_map(|rest| {
        let (href, rest) = rest.split_once('"')?;
        let n = rest.strip_prefix(" data-rows=\"")?.split('"').next()?.parse().ok()?;
        Some((n, href.replace("&#38;", "&").replace("&amp;", "&")))
    });
    links.collect()
}

/// How many rows a list has, over all its pages.
async fn rows(someone: &Someone, href: &str) -> usize {
    let (mut all, mut next) = (0, Some(href.to_owned()));
    while let Some(path) = next {
        let page = someone.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        all += page.body.matches("<td class=\"pick\">").count();
        let after = page.body.split("rel=\"next\" href=\"").nth(1);
        next = after
            .and_then(|rest| rest.split('"').next())
            .map(|href| href.replace("&#38;", "&").replace("&amp;", "&"));
    }
    all
}

async fn deal(
    someone: &Someone,
    title: &str,
    company: &str,
    (cents, close): (&str, &str),
    stage: &str,
) -> String {
    let sent = [
        ("title", title),
        ("company", company),
        ("amount", cents),
        ("currency", "EUR"),
        ("close", close),
        ("owner", ""),
        ("stage", stage),
    ];
    let made = someone.post("/deals/new", &form(&sent)).await;
    assert_eq!(made.status, 303, "{}", made.body);
    made.to.split('?').next().unwrap().to_owned()
}

async fn stage(someone: &Someone, name: &str) -> String {
    let page = someone.get("/deals?view=board").await;
    if page.has("data-stage") {
        let before = page.body.split(&format!(" aria-label=\"{name}\"")).next().unwrap();
        return before.rsplit("data-stage=\"").next().unwrap().split('"').next().unwrap().to_owned();
    }
    let new = someone.get("/deals/new").await;
    let before = new.body.split(&format!("\">Sales: {name}<")).next().unwrap().to_owned();
    before.rsplit("value=\"").next().unwrap().to_owned()
}

async fn remembers(desk: &Desk) {
    let (gate, company) = (desk.house.gate.clone(), desk.house.company);
    gate.remember(company, START, |_, _| ()).await.unwrap();
    tokio::spawn(async move { gate.follow(eu(), || START).await });
}

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mut people: Vec<PersonId> = Vec::new();
    for n in 0..21u64 {
        let (name, mail) = (format!("Kim Kaya{n}"), format!("kim{n}@example.org"));
        let facts = [("name.full", name.as_str()), ("contact.email", mail.as_str())];
        people.push(desk.house.person(100 + n, &facts, START).await.unwrap());
    }
    // Eight say yes, six want nothing done for now, the others were never asked, or asked and silent.
    for id in &people[..8] {
        desk.say_yes(*id, "sales.contact").await;
    }
    for id in &people[8..14] {
        desk.record(*id, Act::Restrict(Restricted::All)).await;
    }
    let (company, store) = (desk.house.company, desk.house.gate.region_db(&eu()).unwrap());
    for (n, id) in (1u8..).zip(&people[14..20]) {
        let one = requests::Request {
            id: assent_kernel::RequestId::from_bytes([n; 16]),
            person: *id,
            ..request(Asked::Open)
        };
        store.write(move |tx| requests::add(tx, company, &one)).await.unwrap();
    }
    remembers(&desk).await;

    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let new = stage(&sales, "New").await;
    let talks = deal(&sales, "Ten fridges", "Alpha", ("12000", "2026-05-20"), &new).await;
    for (n, close) in ["2026-04-20", "2026-05-02", "2026-06-30", "2027-01-05", ""].iter().enumerate() {
        deal(&sales, &format!("Brushes {n}"), "Beta & Söhne", ("800", close), &new).await;
    }
    let (won, lost) = (stage(&sales, "Agreed").await, stage(&sales, "Lost").await);
    for (n, (to, why)) in
        [(&won, ""), (&lost, "price"), (&lost, "price"), (&lost, "no-need")].iter().enumerate()
    {
        let home = deal(&sales, &format!("Done {n}"), "Gamma", ("500", ""), &new).await;
        let moved = sales.post(&format!("{home}/stage"), &form(&[("stage", to), ("lost", why)])).await;
        assert_eq!(moved.status, 303);
    }
    let moved = stage(&sales, "In talks").await;
    assert_eq!(sales.post(&format!("{talks}/stage"), &form(&[("stage", &moved)])).await.status, 303);
    let me = {
        let page = sales.get("/tasks/new").await;
        let before =
            page.body.split(" selected>").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
        before.split('"').next().unwrap().to_owned()
    };
    for (due, who) in [
        ("2026-04-01", &*me),
        ("2026-04-30", ""),
        ("2026-05-01", &*me),
        ("2026-05-08", ""),
        ("2026-07-01", ""),
        ("", ""),
    ] {
        let task = form(&[("text", "Call the workshop"), ("due", due), ("who", who)]);
        assert_eq!(sales.post("/tasks/new", &task).await.status, 303);
    }

    let page = sales.get("/dashboard").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for words in ["Sales by stage", "Open deals by month", "Won and lost", "Open tasks", "New people by week"]
    {
        assert!(page.has(words), "{words}");
    }
    assert!(page.has("EUR\u{a0}12\u{202f}000") && page.has("Lost: Too dear"));
    assert!(page.has("May be listed") && page.has("Could be asked") && page.has("Wait for an answer"));
    page.has_none(&["Kim", "kim1@"]);
    let all = numbers(&page);
    assert!(all.len() > 20, "{all:?}");
    for (n, href) in &all {
        assert_eq!(rows(&sales, href).await, *n, "{href}");
    }
    let sum =
        |start: &str| all.iter().filter(|(_, href)| href.starts_with(start)).map(|(n, _)| n).sum::<usize>();
    assert_eq!(sum("/deals?pipeline="), 10, "every deal is in a stage");
    assert_eq!(sum("/tasks?"), 6, "and every task with somebody or nobody");
    assert_eq!(sum("/people?group=may"), 8);
    assert_eq!(sum("/people?group=waiting"), 6);

    // For another purpose the same people stand otherwise.
    let support = desk.enter(Role::Support, "service.support").await;
    let other = support.get("/dashboard").await;
    assert!(other.status == 200 && !numbers(&other).iter().any(|(_, href)| href == "/people?group=may"));
    for (n, href) in numbers(&other) {
        assert_eq!(rows(&support, &href).await, n, "{href}");
    }

    // One who changes her mind moves from one number to the other at once.
    desk.record(people[0], Act::Restrict(Restricted::All)).await;
    let later = numbers(&sales.get("/dashboard").await);
    assert!(later.iter().any(|(n, href)| *n == 7 && href == "/people?group=may"), "{later:?}");
}

async fn few_people_are_no_number(engine: Engine) {
    let desk = Desk::new(engine).await;
    for n in 0..12u64 {
        let name = format!("Kim Kaya{n}");
        let id = desk.house.person(100 + n, &[("name.full", name.as_str())], START).await.unwrap();
        if n < 3 {
            desk.say_yes(id, "sales.contact").await;
        }
    }
    remembers(&desk).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let page = sales.get("/dashboard").await;
    assert!(page.has("not told"));
    let all = numbers(&page);
    for group in ["may", "ask", "ends"] {
        let href = format!("/people?group={group}");
        assert!(!all.iter().any(|(_, link)| *link == href), "{group}: nine of twelve would tell the three");
        let list = sales.get(&href).await;
        assert!(
            list.has("Fewer than 5 people are not shown as a group") && rows(&sales, &href).await == 0,
            "{group}"
        );
        list.has_none(&["Kim"]);
    }
    assert!(sales.get("/people?group=waiting").await.has("Nobody belongs"));
    assert_eq!(sales.get("/people?group=%3Cb%3E&show=all").await.status, 200, "what is no group is not said");
    // Everybody together is told: twelve came this week.
    assert!(all.iter().any(|(n, href)| *n == 12 && href.starts_with("/people?group=single.")), "{all:?}");
}

async fn who_may_not_see_does_not(engine: Engine) {
    let desk = Desk::new(engine).await;
    let auditor = desk.enter(Role::Auditor, "rights.inform").await;
    assert_eq!(auditor.get("/dashboard").await.status, 403);
    assert_eq!(desk.nobody().get("/dashboard").await.status, 401);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let page = sales.get("/dashboard").await;
    assert!(page.status == 200 && page.has("still reading everybody"), "no memory, no number");
    assert_eq!(sales.get("/people?group=may").await.status, 409);
    assert!(page.has("No open deals") && page.has("Nothing is open."));
}

assent_testkit::on_both!(told, few_people_are_no_number, who_may_not_see_does_not);
