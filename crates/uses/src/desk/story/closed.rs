//! What is closed stays closed: by another purpose, by a search, by typing an address, by pressing Save.

use assent_kernel::Role;

use super::SECRETS;
use super::fixture::{Desk, Engine, form};

async fn a_law_for_everybody_is_no_master_key(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    for (role, why) in [
        (Role::Support, "rights.correct"),
        (Role::Support, "safety.recall"),
        (Role::Dpo, "rights.correct"),
        (Role::Dpo, "rights.breach"),
    ] {
        let someone = desk.enter(role, why).await;
        let page = someone.get("/people?show=all").await;
        assert!(!page.has(&format!("value=\"{why}\"")), "{why} is nothing to work for from page to page");
        page.has_none(&SECRETS);
        someone.get(&format!("/people/{bird}")).await.has_none(&SECRETS);
    }
}

async fn a_closed_second_address_leads_to_nobody(engine: Engine) {
    let desk = Desk::new(engine).await;
    let both = [
        ("name.full", "Mia Ito"),
        ("contact.email.work", "mia@work.example"),
        ("contact.email", "private@home.example"),
        ("contact.phone.mobile", "+49 451 5550101"),
        ("contact.phone", "+49 451 5550102"),
    ];
    let mia = desk.house.customer(72, &both, assent_testkit::START).await.unwrap();
    desk.say_yes_about(mia, &["contact.email.work", "contact.phone.mobile"]).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for (q, found) in [
        ("mia%40work.example", true),
        ("%40work.example", true),
        ("%2B49+451+5550101", true),
        ("private%40home.example", false),
        ("%40home.example", false),
        ("%2B49+451+5550102", false),
        ("ito", false),
    ] {
        assert_eq!(sales.get(&format!("/people?q={q}")).await.has(&mia.to_string()), found, "{q}");
    }
    // Cut, each is compared as far as it is shown.
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    assert!(dpo.get("/people?q=private%40home.example").await.has(&mia.to_string()));
}

async fn typing_an_address_tells_nobody_who_has_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let typed = |email: &str, phone: &str| {
        form(&[("name", "Ada Ng"), ("email", email), ("phone", phone), ("stands", "request")])
    };
    let mut told = Vec::new();
    for sent in [typed("mia.ito@example.org", ""), typed("ada@example.org", "+49 451 5550100")] {
        let twin = sales.post("/people/new", &sent).await;
        assert!(twin.status == 409 && twin.has("may be here already"), "{}", twin.body);
        twin.has_none(&[&mia.to_string(), "1 person", "Mia"]);
        told.push(twin.body.contains("this e-mail address") || twin.body.contains("this phone number"));
    }
    assert_eq!(told, [false, false], "not even by what");
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    let uses = dpo.get(&format!("/people/{mia}?tab=uses")).await;
    assert!(uses.has("Nora sales asked for"), "both were written down: {}", uses.body);
    let support = desk.enter(Role::Support, "service.support").await;
    let twin = support.post("/people/new", &typed("mia.ito@example.org", "")).await;
    assert!(twin.has("1 person here already has this e-mail address") && twin.has(&mia.to_string()));
    // Guessing has an end.
    for n in 0..130 {
        desk.clock.advance(1_000);
        let guess = sales.post("/people/new", &typed("mia.ito@example.org", "")).await;
        if guess.status == 429 {
            assert!(n > 50);
            return;
        }
    }
    panic!("addresses can be guessed without an end");
}

async fn pressing_save_keeps_nothing_longer(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let email = desk.fact(mia, "contact.email").await;
    let path = format!("/people/{mia}/fact/{email}");
    let confirmed = async || desk.dossier(mia).await.fact(email).unwrap().fact().confirmed_at;
    let first = confirmed().await;
    desk.clock.advance(600 * 1_000_000);
    let seen = support.get(&path).await.field("seen");
    let same = support.post(&path, &form(&[("value", "mia.ito@example.org"), ("seen", &seen)])).await;
    assert!(same.status == 422 && same.has("Nothing changed"));
    let other = support.post(&path, &form(&[("value", "mia@example.net"), ("seen", &seen)])).await;
    assert_eq!(other.status, 303, "{}", other.body);
    assert_eq!(confirmed().await, first, "only she makes it fresher");
    let late = support.post(&path, &form(&[("value", "late@example.net"), ("seen", &seen)])).await;
    assert_eq!(late.status, 409, "a form that is late is told apart all the same");
}

async fn a_refused_look_tells_little(engine: Engine) {
    let desk = Desk::new(engine).await;
    let facts = [
        ("name.full", "Mia Ito"),
        ("contact.email", "mia.ito@example.org"),
        ("note.free-text", "Ruft gern an"),
    ];
    let mia = desk.house.customer(73, &facts, assent_testkit::START).await.unwrap();
    desk.record(mia, assent_gate::Act::Refuse(assent_testkit::purpose("marketing.newsletter"))).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for tab in ["", "?tab=notes", "?tab=terms", "?tab=uses"] {
        let page = sales.get(&format!("/people/{mia}{tab}")).await;
        assert_eq!(page.status, 200);
        page.has_none(&["a test", "Newsletter", "household customer", "Invoices", "Said no"]);
    }
    // Who works for it sees it, and who watches over it sees all.
    let marketing = desk.enter(Role::Marketing, "marketing.newsletter").await;
    assert!(marketing.get(&format!("/people/{mia}?tab=terms")).await.has("Newsletter"));
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    let terms = dpo.get(&format!("/people/{mia}?tab=terms")).await;
    assert!(terms.has("Newsletter") && terms.has("household customer"));
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get(&format!("/people/{mia}?tab=terms")).await.has("household customer"));
}

async fn who_is_closed_takes_nobodys_place(engine: Engine) {
    let desk = Desk::new(engine).await;
    for n in 1..=45 {
        desk.house.person(n, &[("name.full", "Mia Closed")], assent_testkit::START).await.unwrap();
    }
    let open = [("name.full", "Mia Zuletzt"), ("contact.email", "zuletzt@example.org")];
    desk.house.customer(99, &open, assent_testkit::START).await.unwrap();
    let support = desk.enter(Role::Support, "service.support").await;
    for path in ["/find?q=mia", "/people?q=mia"] {
        let page = support.get(path).await;
        assert!(page.has("Mia Zuletzt") && !page.has("Mia Closed"), "{path}");
        // The digest of the assets stands in addresses and may hold any digits.
        let told = page.body.replace(assent_web::asset("app.css").trim_end_matches("app.css"), "");
        assert!(!told.contains("1+ ") && !told.contains("46"), "{path}: nothing tells of the others");
    }
}

assent_testkit::on_both!(
    who_is_closed_takes_nobodys_place,
    a_refused_look_tells_little,
    pressing_save_keeps_nothing_longer,
    a_law_for_everybody_is_no_master_key,
    a_closed_second_address_leads_to_nobody,
    typing_an_address_tells_nobody_who_has_it,
);
