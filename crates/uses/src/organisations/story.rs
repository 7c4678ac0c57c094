//! An organisation is put down, found, changed, spoken about, removed and brought back; nobody else sees it.

mod older;

use assent_kernel::{CompanyId, Role};
use assent_testkit::{Engine, START, category, purpose};
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Program, form};

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let none = sales.get("/organisations").await;
    assert!(none.has("No organisations yet") && none.has("/organisations/new"));

    let bad =
        sales.post("/organisations/new", &form(&[("name", ""), ("website", "javascript:alert(1)")])).await;
    assert_eq!(bad.status, 422);
    assert!(bad.has("Type something") && bad.has("A website begins with https://"), "said beside the fields");
    let typed = form(&[("name", "Blaue Tür Bäckerei"), ("trade", "Bakery"), ("city", "Cork"), ("owner", "")]);
    let made = sales.post("/organisations/new", &typed).await;
    assert_eq!(made.status, 303);
    let home = made.to.split('?').next().unwrap().to_owned();
    assert!(sales.get(&home).await.has("Blaue Tür Bäckerei"));
    let twin = sales.post("/organisations/new", &form(&[("name", "blaue tur backerei")])).await;
    assert!(twin.status == 422 && twin.has("of this name already"), "case and accents make no other company");

    for (query, found) in [
        ("q=baec", false),
        ("q=back", true),
        ("q=blaue+cork", true),
        ("f=city.is.cork", true),
        ("f=city.is.galway", false),
        ("f=city.is.galway&f=trade.has.bak&any=1", true),
        ("f=city.is.galway&f=trade.has.bak", false),
        ("f=owner.empty.", true),
    ] {
        let page = sales.get(&format!("/organisations?{query}")).await;
        assert_eq!(page.has("Blaue Tür"), found, "{query}");
    }
    let added = sales.get("/organisations?ff=city&fo=is&fv=Cork").await;
    assert_eq!((added.status, added.to.as_str()), (303, "/organisations?f=city.is.Cork"));

    let one = sales.post(&format!("{home}/edit"), &form(&[("city", "Galway")])).await;
    assert_eq!(one.status, 303);
    let page = sales.get(&home).await;
    assert!(page.has("Galway") && page.has("Bakery") && !page.has("Cork"), "one field changes alone");

    let support = desk.enter(Role::Support, "service.support").await;
    let said = form(&[("text", "Wants a cold room. @Nora Support please call."), ("kind", "call")]);
    assert_eq!(sales.post(&format!("{home}/note"), &said).await.status, 303);
    let page = sales.get(&format!("{home}?tab=notes")).await;
    assert!(page.has("Wants a cold room") && page.has("noted a call"));
    let inbox = support.get("/inbox").await;
    assert!(inbox.has("named you in a note") && inbox.has(&home) && !inbox.has("cold room"));
    assert!(inbox.has("<span class=\"count\">1</span>"), "the menu counts it");
    assert_eq!(support.post("/inbox", "").await.status, 303);
    assert!(!support.get("/inbox").await.has("<span class=\"count\">1</span>"));

    assert_eq!(sales.post(&format!("{home}/remove"), "").await.status, 303);
    assert!(!sales.get("/organisations").await.has("Blaue Tür"));
    assert!(sales.get("/organisations?show=removed").await.has("Blaue Tür"));
    assert!(sales.get(&home).await.has("was removed"));
    assert_eq!(sales.post(&format!("{home}/restore"), "").await.status, 303);
    assert!(sales.get("/organisations").await.has("Blaue Tür"));

    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    assert!(!other.get("/organisations").await.has("Blaue Tür"));
    for path in ["", "/edit", "/note", "/remove", "/restore"] {
        if path.is_empty() || path == "/edit" {
            assert_eq!(other.get(&format!("{home}{path}")).await.status, 404, "{path}");
        }
        if !path.is_empty() {
            let sent = form(&[("name", "Taken"), ("text", "x")]);
            assert_eq!(other.post(&format!("{home}{path}"), &sent).await.status, 404, "{path}");
        }
    }
    assert!(sales.get(&home).await.has("Blaue Tür"), "and nothing was changed");
}

#[tokio::test]
async fn an_organisation_lives_in_files() {
    told(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_organisation_lives_on_a_server() {
    told(Engine::Postgres).await;
}

async fn fields_of_companies(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    for (label, kind, choices) in
        [("Seats", "number", ""), ("Customer since", "day", ""), ("Size", "one-of", "Small\nLarge")]
    {
        let base = admin.get("/settings/fields/organisation").await.field("base");
        let new = form(&[("base", &base), ("label", label), ("kind", kind), ("choices", choices)]);
        let done = admin.post("/settings/fields/organisation", &new).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    let up = admin.post("/settings/fields/organisation/size/move", &form(&[("to", "up")])).await;
    assert_eq!(up.status, 303);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let page = sales.get("/organisations/new").await;
    let place = |name: &str| page.body.find(&format!("name=\"own-{name}\"")).unwrap();
    assert!(place("seats") < place("size") && place("size") < place("customer-since"));
    let typed = |seats: &str| {
        form(&[
            ("name", "Hafen AG"),
            ("own-seats", seats),
            ("own-size", "large"),
            ("own-customer-since", "2021-04-01"),
        ])
    };
    let wrong = sales.post("/organisations/new", &typed("many")).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number.") && wrong.has("value=\"many\""));
    let made = sales.post("/organisations/new", &typed("1 200")).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let home = made.to.split('?').next().unwrap().to_owned();
    let record = sales.get(&home).await;
    assert!(record.has("Seats") && record.has("1200") && record.has("Large") && record.has("2021-04-01"));
    for (rule, fits) in [
        ("own-seats.from.1000", true),
        ("own-seats.to.999", false),
        ("own-customer-since.to.2021-12-31", true),
        ("own-size.is.small", false),
        ("own-size.is.large", true),
    ] {
        let page = sales.get(&format!("/organisations?col=own-seats&f={rule}")).await;
        assert_eq!(page.has("Hafen AG"), fits, "{rule}");
    }
    assert!(sales.get("/organisations?col=own-seats&sort=-own-seats").await.has("1200"));

    let view = form(&[
        ("list", "organisations"),
        ("name", "x"),
        ("query", "f=own-seats.from.1000"),
        ("shared", "on"),
    ]);
    assert_eq!(sales.post("/views", &view).await.status, 303);
    let theirs = desk.enter(Role::Support, "service.support").await.get("/organisations").await;
    assert!(theirs.has("Seats from 1000"));

    // One value changes alone; an empty one goes.
    assert_eq!(sales.post(&format!("{home}/edit"), &form(&[("city", "Kiel")])).await.status, 303);
    assert!(sales.get(&home).await.has("1200"));
    assert_eq!(sales.post(&format!("{home}/edit"), &form(&[("own-seats", "")])).await.status, 303);
    assert!(!sales.get(&home).await.has("1200"));

    let shop = desk.program(9, Role::Sales, Some("sales.contact")).await;
    let path = home.replace("/organisations/", "/v1/organisations/");
    let read = shop.get(&path).await;
    assert_eq!(
        read.body["fields"],
        json!({ "customer-since": "2021-04-01", "size": "Large" }),
        "{}",
        read.text
    );
    let tag = format!("\"{}\"", read.body["etag"].as_str().unwrap());
    for wrong in [json!({ "size": "Huge" }), json!({ "nothing": "x" }), json!({ "size": 4 })] {
        let body = json!({ "fields": wrong });
        let refused = shop.call(&format!("PATCH {path}"), &[("if-match", &tag)], Some(body)).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
    let body = json!({ "fields": { "size": "small", "customer-since": null } });
    let done = shop.call(&format!("PATCH {path}"), &[("if-match", &tag)], Some(body)).await;
    assert_eq!(done.status, 204, "{}", done.text);
    assert_eq!(shop.get(&path).await.body["fields"], json!({ "size": "Small" }));
    // Offered no longer: what is there stays and is shown.
    assert_eq!(
        admin.post("/settings/fields/organisation/size/offer", &form(&[("offer", "no")])).await.status,
        303
    );
    assert!(sales.get(&home).await.has("Small"));
    assert!(!sales.get("/organisations/new").await.has("own-size"));
}

async fn an_organisation_is_handed_over_and_changed_in_its_place(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let base = admin.get("/settings/fields/organisation").await.field("base");
    let field = form(&[("base", &base), ("label", "Seats"), ("kind", "number")]);
    assert_eq!(admin.post("/settings/fields/organisation", &field).await.status, 303);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let firm = sales.post("/organisations/new", &form(&[("name", "Hafen AG"), ("own-seats", "12")])).await;
    let firm = firm.to.split('?').next().unwrap().to_owned();
    let pen = format!("{firm}/value/own-seats");
    for page in [firm.as_str(), "/organisations?col=own-seats"] {
        assert!(sales.get(page).await.has(&format!("{pen}?back=")), "{page}");
    }
    let ver = sales.get(&pen).await.field("ver");
    let wrong = sales.post(&pen, &form(&[("ver", &ver), ("own-seats", "many")])).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number."), "{}", wrong.body);
    assert_eq!(sales.post(&pen, &form(&[("ver", &ver), ("own-seats", "90")])).await.status, 303);
    assert!(sales.get(&firm).await.has("<dd>90"));
    let late = sales.post(&pen, &form(&[("ver", &ver), ("own-seats", "91")])).await;
    assert!(late.status == 409 && late.has("“90”"), "{}", late.body);
    // The whole form tells whoever is late, too.
    let old = form(&[("ver", &ver), ("name", "Hafen"), ("whole", "1"), ("own-seats", "1"), ("owner", "")]);
    let late = sales.post(&format!("{firm}/edit"), &old).await;
    assert!(
        late.status == 422 && late.has("Somebody changed it meanwhile. Yours stands below"),
        "{}",
        late.body
    );
    let sent = form(&[("ver", &late.field("ver")), ("name", "Hafen AG"), ("owner", "")]);
    assert_eq!(sales.post(&format!("{firm}/edit"), &sent).await.status, 303);
    let small = sales.get(&format!("{firm}/value/owner")).await;
    let to = small.body.split("<option value=\"stf_").nth(1).unwrap().split('"').next().unwrap();
    let sent = form(&[("ver", &small.field("ver")), ("owner", &format!("stf_{to}"))]);
    assert_eq!(sales.post(&format!("{firm}/value/owner"), &sent).await.status, 303);
    assert!(sales.get(&firm).await.has("handed it over: Nora"), "{}", sales.get(&firm).await.body);
}

assent_testkit::on_both!(
    fields_of_companies,
    closed_workers_leave_no_trace,
    an_organisation_is_handed_over_and_changed_in_its_place,
);

#[tokio::test]
async fn what_is_known_of_an_organisation_is_on_no_page_of_the_database() {
    let desk = Desk::new(Engine::Sqlite).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let typed = form(&[("name", "Geheimwerk Nord"), ("city", "Zwielicht")]);
    assert_eq!(sales.post("/organisations/new", &typed).await.status, 303);
    let view = form(&[("list", "organisations"), ("name", "Dunkelsicht"), ("query", "q=geheimwerk")]);
    assert_eq!(sales.post("/views", &view).await.status, 303);
    let mut files = 0;
    for file in std::fs::read_dir(desk.house.folder()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        files += usize::from(bytes.len() > 1000);
        for secret in ["Geheimwerk", "geheimwerk", "Zwielicht", "Dunkelsicht"] {
            let found = bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes());
            assert!(!found, "{secret} lies in the clear");
        }
    }
    assert!(files >= 3, "the files were read");
}

#[tokio::test]
async fn a_view_is_private_until_it_is_shared() {
    let desk = Desk::new(Engine::Sqlite).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let support = desk.enter(Role::Support, "service.support").await;
    for (name, shared) in [("Mine alone", ""), ("For all", "on")] {
        let sent = form(&[
            ("list", "organisations"),
            ("name", name),
            ("query", "f=city.is.Cork"),
            ("shared", shared),
        ]);
        let saved = sales.post("/views", &sent).await;
        assert_eq!((saved.status, saved.to.as_str()), (303, "/organisations?f=city.is.Cork"));
    }
    let (mine, theirs) = (sales.get("/organisations").await, support.get("/organisations").await);
    assert!(mine.has("Mine alone") && mine.has("City is Cork <span class=\"muted small\">shared"));
    assert!(!theirs.has("Mine alone") && theirs.has("City is Cork <span class=\"muted small\">shared"));
    assert!(!theirs.has("For all"), "what was typed could be a name");
    for query in ["q=mia", "f=contact.is.Mia+Ito"] {
        let named = form(&[("list", "deals"), ("name", "x"), ("query", query), ("shared", "on")]);
        assert_eq!(sales.post("/views", &named).await.status, 422, "{query}");
    }
    desk.foreign().await;
    let other = desk.enter_at(CompanyId::from_bytes([2; 16]), Role::Admin, "rights.inform").await;
    assert!(!other.get("/organisations").await.has("City is Cork"));
    let open = sales.get("/organisations?f=city.is.Cork").await;
    let drop = open.body.split("action=\"/views/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let list = form(&[("list", "organisations")]);
    assert_eq!(support.post(&format!("/views/{drop}/drop"), &list).await.status, 404, "only one's own");
    assert_eq!(sales.post(&format!("/views/{drop}/drop"), &list).await.status, 303);
    let bad = sales.post("/views", &form(&[("list", "secrets"), ("name", "x"), ("query", "")])).await;
    assert_eq!(bad.status, 422);
}

/// Every page of who works there.
async fn walked(program: &Program, path: &str) -> Vec<(Vec<Value>, bool)> {
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let page = program.get(&format!("{path}{after}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let ids = page.body["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        let next = page.body["next"].as_str();
        pages.push((ids, next.is_some()));
        match next {
            Some(next) => after = format!("&after={next}"),
            None => return pages,
        }
    }
}

async fn closed_workers_leave_no_trace(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mut policy = desk.house.gate.policy(desk.house.company).await.unwrap().policy.clone();
    let asked = policy.notices.values_mut().find(|one| one.purpose == purpose("sales.contact")).unwrap();
    asked.categories = ["name", "contact", "work"].into_iter().map(category).collect();
    desk.house.gate.set_policy(policy, START).await.unwrap();
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let made = sales.post("/organisations/new", &form(&[("name", "Vogelhaus")])).await;
    let home = made.to.split('?').next().unwrap().replace("/organisations/", "/v1/organisations/");
    let (path, shop) =
        (format!("{home}/people?limit=1"), desk.program(9, Role::Sales, Some("sales.contact")).await);
    desk.stranger().await;
    assert_eq!(walked(&shop, &path).await, [(vec![], false)], "who is closed is not met by a cursor either");
    let mut open = Vec::new();
    for (n, name) in [(31, "Ada Nord"), (33, "Bo West")] {
        let facts = [("name.full", name), ("work.employer", "Vogelhaus")];
        let id = desk.house.person(n, &facts, START).await.unwrap();
        desk.house.person(n + 1, &facts, START).await.unwrap();
        desk.say_yes_about(id, &["name", "work"]).await;
        open.push(json!(id));
    }
    open.sort_by_key(ToString::to_string);
    let pages = [(vec![open[0].clone()], true), (vec![open[1].clone()], false)];
    assert_eq!(walked(&shop, &path).await, pages);
}
