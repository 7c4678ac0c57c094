//! Lists of work: every row can be reached, programs ask by the rules of the pages, a view is saved again. On both engines.

mod bounds;
mod german;
mod origin;

use assent_gate::Work;
use assent_kernel::{DealId, OrganisationId, Role, StaffId, TaskId};
use assent_store::work::Text;
use assent_store::work::deals::{self, Deal};
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::organisations::{self, Organisation};
use assent_store::work::tasks::{self, Task};
use assent_testkit::{Engine, START, eu};
use serde_json::{Value, json};

use crate::Known;
use crate::desk::story::fixture::{Answer, Desk, Program, Someone, form};

const SUPPORT: &str = "service.support";

fn id(n: u32) -> [u8; 16] {
    let mut id = [1; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    id
}

/// So many deals of the company's own, made one after the other.
async fn many_deals(desk: &Desk, sales: &Someone, count: u32) {
    let (company, store) = (desk.house.company, desk.house.gate.region_db(&eu()).unwrap());
    // The first look lays the first pipeline down.
    sales.get("/deals").await;
    let ways = store.read(move |tx| deals::pipelines(tx, company)).await.unwrap();
    let (way, own) = (ways[0].clone(), desk.house.gate.own(company).await.unwrap());
    let deal = |n: u32| Deal {
        id: DealId::from_bytes(id(n)),
        pipeline: way.id,
        stage: way.stages[0].id,
        organisation: None,
        title: Text::Own(own.seal(id(n), &format!("Offer {n}")).unwrap()),
        cents: Some(10_000),
        currency: "EUR".into(),
        close_on: None,
        owner: None,
        lost: None,
        created_at: START,
        staged_at: START,
        gone_at: None,
        ver: 1,
    };
    let all: Vec<Deal> = (1..=count).map(deal).collect();
    store.write(move |tx| all.iter().try_for_each(|one| deals::add(tx, company, one))).await.unwrap();
}

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

async fn the_oldest_of_very_many_is_reached(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    many_deals(&desk, &sales, 10_060).await;
    let first = sales.get("/deals").await;
    assert!(first.has("10\u{202f}000+ deals") && first.has("Offer 10060") && prev(&first).is_none());
    assert!(first.has("EUR\u{a0}100\u{202f}600"), "the forecast is of all of them: {}", first.body);
    assert!(!first.has("the newest 10 000"));
    let late = DealId::from_bytes(id(61));
    let page = sales.get(&format!("/deals?after={late}")).await;
    assert!(page.has("Offer 60<") && page.has("Offer 11<") && !page.has("Offer 10<"));
    let last = sales.get(&next(&page).unwrap()).await;
    assert!(last.has("Offer 10<") && last.has("Offer 1<") && next(&last).is_none());
    // Back by the way one came; and what was removed meanwhile loses nobody's place.
    let back = sales.get(&prev(&last).unwrap()).await;
    assert!(back.has("Offer 60<") && back.has("Offer 11<") && !back.has("Offer 61<"));
    let removed = form(&[("id", &DealId::from_bytes(id(61)).to_string()), ("do", "remove"), ("owner", "-")]);
    assert_eq!(sales.post("/deals/change", &removed).await.status, 303);
    assert!(sales.get(&format!("/deals?after={late}")).await.has("Offer 60<"));
    assert!(sales.get("/deals?show=removed").await.has("1 deal"));
    // Where rules are asked it is said how far.
    let ruled = sales.get("/deals?f=title.has.offer").await;
    assert!(ruled.has("10\u{202f}000+ deals") && ruled.has("Looked at the newest 10 000 only"));
    let shop = desk.program(9, Role::Sales, Some("sales.contact")).await;
    let page = shop.get("/v1/deals?f=amount.is.100&limit=2").await;
    assert_eq!((&page.body["cut"], page.body["data"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    let sums = shop.get("/v1/deals:sums").await;
    assert_eq!(sums.body["cut"], json!(false), "{}", sums.text);
    assert_eq!(sums.body["data"][0]["count"], json!(10_059));
}

/// Everything that a list shows, forward; and the addresses of its pages.
async fn through(someone: &Someone, path: &str, word: &str) -> (Vec<String>, Vec<String>) {
    let (mut rows, mut pages, mut at) = (Vec::new(), Vec::new(), Some(path.to_owned()));
    while let Some(path) = at {
        let page = someone.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let start = format!("{word} ");
        let shown = page.body.split("<tbody>").nth(1).unwrap_or_default().split(&start).skip(1);
        for one in shown.filter_map(|rest| rest.split(['<', '"']).next()) {
            if !rows.contains(&one.to_owned()) {
                rows.push(one.to_owned());
            }
        }
        at = next(&page);
        pages.push(path);
    }
    (rows, pages)
}

async fn every_list_leafs_both_ways(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (company, store) = (desk.house.company, desk.house.gate.region_db(&eu()).unwrap());
    let own = desk.house.gate.own(company).await.unwrap();
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let object = form(&[("singular", "Shop"), ("plural", "Shops"), ("belongs", "nobody")]);
    assert_eq!(admin.post("/settings/objects/new", &object).await.status, 303);
    let made_by = StaffId::from_bytes([9; 16]);
    let rows: Vec<(Organisation, Task, Item)> = (1..=120)
        .map(|n| {
            let known = Known { name: format!("Firm {n:03}"), ..Known::default() };
            let sealed = |text: &str| own.seal(id(n), text).unwrap();
            let firm = Organisation {
                id: OrganisationId::from_bytes(id(n)),
                own: sealed(&serde_json::to_string(&known).unwrap()),
                owner: None,
                created_at: START,
                gone_at: None,
                ver: 1,
            };
            let task = Task {
                id: TaskId::from_bytes(id(n)),
                text: Text::Own(sealed(&format!("Step {n:03}"))),
                organisation: None,
                deal: None,
                item: None,
                due_on: None,
                remind_at: None,
                assignee: None,
                made_by,
                created_at: START,
                done_at: None,
                gone_at: None,
                ver: 1,
            };
            let item = Item {
                id: ItemId::from_bytes(id(n)),
                object: "shop".into(),
                person: None,
                organisation: None,
                owner: None,
                created_at: START,
                gone_at: None,
                ver: 1,
            };
            (firm, task, item)
        })
        .collect();
    let tokens = own.tokens(Work::Organisation, "Firm");
    store
        .write(move |tx| {
            for (firm, task, item) in &rows {
                organisations::add(tx, company, firm)?;
                assent_store::work::set_words(tx, company, firm.id.to_bytes(), &tokens)?;
                tasks::add(tx, company, task)?;
                items::add(tx, company, item)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let support = desk.enter(Role::Support, SUPPORT).await;
    let wanted: Vec<String> = (1..=120).rev().map(|n| format!("{n:03}")).collect();
    for (path, word, many) in
        [("/organisations", "Firm", "120 organisations"), ("/tasks", "Step", "120 tasks")]
    {
        let (rows, pages) = through(&support, path, word).await;
        assert_eq!(rows, wanted, "{path}");
        assert_eq!(pages.len(), 3, "{path}");
        let second = support.get(&prev(&support.get(&pages[2]).await).unwrap()).await;
        assert!(second.has(&format!("{word} 070")) && second.has(&format!("{word} 021")) && second.has(many));
        let first = support.get(&prev(&second).unwrap()).await;
        assert!(
            first.has(&format!("{word} 120")) && first.has(&format!("{word} 071")) && prev(&first).is_none()
        );
    }
    let (mut pages, mut at) = (Vec::new(), Some("/things/shop".to_owned()));
    while let Some(path) = at {
        let page = support.get(&path).await;
        assert!(page.has("120 shops"), "{}", page.body);
        at = next(&page);
        pages.push(page);
    }
    let items = |page: &Answer| page.body.matches("href=\"/things/shop/itm_").count();
    let counts: Vec<usize> = pages.iter().map(items).collect();
    assert!(counts[0] == counts[1] && counts[0] > 0 && counts[2] * 5 == counts[0] * 2, "{counts:?}");
    assert!(prev(&support.get(&prev(&pages[2]).unwrap()).await).is_some());
}

/// The names under a key of every row that a program is told, page after page.
async fn told(program: &Program, path: &str, name: &str) -> Vec<Value> {
    let (mut out, mut after) = (Vec::new(), String::new());
    loop {
        let page = program.get(&format!("{path}{after}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        out.extend(page.body["data"].as_array().unwrap().iter().map(|one| one[name].clone()));
        match page.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return out,
        }
    }
}

async fn programs_ask_by_the_rules_of_the_pages(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.enter(Role::Sales, "sales.contact").await.get("/deals").await;
    let shop = desk.program(9, Role::Sales, Some("sales.contact")).await;
    let ways = shop.get("/v1/pipelines").await.body["data"][0].clone();
    let stage = |n: usize| ways["stages"][n]["id"].clone();
    let me = shop.get("/v1/colleagues").await.body["data"][0].clone();
    let mut made = Vec::new();
    for (title, cents, owner, at) in [
        ("Ten fridges", 120_000, json!(null), 0),
        ("Two brushes", 8_000, me["id"].clone(), 0),
        ("One lamp", 30_000, me["id"].clone(), 1),
    ] {
        let deal =
            json!({ "title": title, "cents": cents, "currency": "EUR", "owner": owner, "stage": stage(at) });
        made.push(shop.post("/v1/deals", deal).await.id());
    }
    let titles = async |query: &str| {
        let all = told(&shop, &format!("/v1/deals?limit=2&{query}"), "title").await;
        all.into_iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles("sort=-amount").await, ["Ten fridges", "One lamp", "Two brushes"]);
    assert_eq!(titles("sort=title&f=amount.to.1000").await, ["One lamp", "Two brushes"]);
    let stage_name = ways["stages"][0]["name"].as_str().unwrap();
    assert_eq!(titles(&format!("f=stage.is.{stage_name}&sort=amount")).await, ["Two brushes", "Ten fridges"]);
    assert_eq!(titles(&format!("pipeline={}", ways["id"].as_str().unwrap())).await.len(), 3);
    assert_eq!(titles("f=owner.empty.").await, ["Ten fridges"]);
    assert_eq!(titles("f=state.is.won").await, Vec::<String>::new());
    assert_eq!(titles("any=true&f=owner.empty.&f=title.has.lamp").await.len(), 2);
    assert_eq!(titles("q=bru").await, ["Two brushes"]);
    // A cursor in an order that the row has left is refused, never a page twice.
    let page = shop.get("/v1/deals?sort=amount&limit=1").await;
    let after = page.body["next"].as_str().unwrap().to_owned();
    let two = format!("DELETE /v1/deals/{}", made[1]);
    assert_eq!(shop.call(&two, &[("if-match", "*")], None).await.status, 204);
    assert_eq!(shop.get(&format!("/v1/deals?sort=amount&limit=1&after={after}")).await.status, 422);
    assert_eq!(titles("removed=true&f=amount.to.100").await, ["Two brushes"]);
    for wrong in ["f=secret.is.x", "f=amount.has.1", "sort=secret", "pipeline=pip_00000000000000000000000000"]
    {
        assert_eq!(shop.get(&format!("/v1/deals?{wrong}")).await.status, 422, "{wrong}");
    }

    // The sums of the board, of all and of some.
    let sums = shop.get("/v1/deals:sums").await;
    let chance = |n: usize| sums.body["data"][n]["chance"].as_i64().unwrap();
    let weighed = 120_000 * chance(0) / 100 + 30_000 * chance(1) / 100;
    assert_eq!(sums.body["forecast"], json!([{ "currency": "EUR", "cents": weighed }]), "{}", sums.text);
    let some = shop.get("/v1/deals:sums?f=owner.set.").await;
    assert_eq!(
        some.body["data"][1]["worth"],
        json!([{ "currency": "EUR", "cents": 30_000 }]),
        "{}",
        some.text
    );
    assert_eq!(some.body["data"][0]["count"], json!(0));

    let name = me["name"].as_str().unwrap().replace(' ', "+");
    for (text, due, who) in [
        ("Call", "2026-05-02", json!(null)),
        ("Write", "2026-05-09", me["id"].clone()),
        ("Send", "2026-05-01", json!(null)),
    ] {
        let task = json!({ "text": text, "due_on": due, "assignee": who });
        shop.post("/v1/tasks", task).await.id();
    }
    assert_eq!(
        told(&shop, "/v1/tasks?limit=1&sort=due", "due_on").await,
        ["2026-05-01", "2026-05-02", "2026-05-09"]
    );
    assert_eq!(
        told(&shop, "/v1/tasks?limit=1&sort=due&f=due.to.2026-05-02", "due_on").await,
        ["2026-05-01", "2026-05-02"]
    );
    assert_eq!(
        told(&shop, &format!("/v1/tasks?f=who.is.{name}&f=state.is.open"), "due_on").await,
        ["2026-05-09"]
    );
    for (firm, city) in [("Alpha", "Kiel"), ("Beta", "Cork"), ("Gamma", "Kiel")] {
        shop.post("/v1/organisations", json!({ "name": firm, "city": city })).await.id();
    }
    let of_kiel = told(&shop, "/v1/organisations?f=city.is.kiel&limit=1", "name").await;
    assert!(of_kiel.len() == 2 && !of_kiel.contains(&json!("Beta")), "{of_kiel:?}");
    assert_eq!(told(&shop, "/v1/organisations?sort=name&limit=2", "name").await, ["Alpha", "Beta", "Gamma"]);

    // A call is written down as one.
    let note = json!({ "text": "Wants the tall one.", "kind": "call" });
    assert_eq!(shop.post(&format!("/v1/deals/{}/notes", made[0]), note).await.status, 204);
    let notes = shop.get(&format!("/v1/deals/{}/notes", made[0])).await;
    assert_eq!(notes.body["data"][0]["kind"], "call", "{}", notes.text);
    let wrong = json!({ "text": "x", "kind": "moved" });
    assert_eq!(shop.post(&format!("/v1/deals/{}/notes", made[0]), wrong).await.status, 422);
}

async fn a_view_is_saved_again(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let save = form(&[("list", "organisations"), ("name", "Cork"), ("query", "f=city.is.Cork")]);
    assert_eq!(sales.post("/views", &save).await.status, 303);
    let page = sales.get("/organisations?f=city.is.Kiel").await;
    let view = page.body.split("<option value=\"viw_").nth(1).unwrap().split('"').next().unwrap();
    let view = format!("viw_{view}");
    let again = |name: &str, list: &str| {
        form(&[("list", list), ("view", &view), ("name", name), ("query", "f=city.is.Kiel")])
    };
    let done = sales.post("/views/again", &again("Kiel", "organisations")).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/organisations?f=city.is.Kiel"));
    let page = sales.get("/organisations").await;
    assert!(page.has(">Kiel</a>") && page.has("f=city.is.Kiel") && !page.has(">Cork</a>"), "{}", page.body);
    assert_eq!(sales.post("/views/again", &again("", "organisations")).await.status, 303);
    assert!(sales.get("/organisations").await.has(">Kiel</a>"), "it keeps its name");
    assert_eq!(sales.post("/views/again", &again("x", "deals")).await.status, 404);
    let support = desk.enter(Role::Support, SUPPORT).await;
    assert_eq!(
        support.post("/views/again", &again("x", "organisations")).await.status,
        404,
        "only one's own"
    );

    let (shop, other) =
        (desk.program(1, Role::Support, None).await, desk.program(2, Role::Support, None).await);
    let sent = json!({ "list": "tasks", "name": "Open", "query": "f=state.is.open" });
    let path = format!("/v1/views/{}", shop.post("/v1/views", sent).await.id());
    let put = format!("PUT {path}");
    let change = json!({ "name": "Done", "query": "f=state.is.done" });
    assert_eq!(shop.call(&put, &[], Some(change.clone())).await.status, 428);
    let tag = shop.get(&path).await.header("etag").to_owned();
    assert_eq!(other.call(&put, &[("if-match", &tag)], Some(change.clone())).await.status, 404);
    assert_eq!(shop.call(&put, &[("if-match", &tag)], Some(change.clone())).await.status, 204);
    assert_eq!(shop.call(&put, &[("if-match", &tag)], Some(change)).await.status, 412);
    let now = shop.get(&path).await.body;
    assert_eq!(
        (&now["name"], &now["query"], &now["etag"]),
        (&json!("Done"), &json!("f=state.is.done"), &json!("2"))
    );
    // One for colleagues stays about nobody.
    let shared = json!({ "list": "deals", "name": "x", "query": "f=stage.is.New", "shared": true });
    let path = format!("/v1/views/{}", shop.post("/v1/views", shared).await.id());
    let personal = json!({ "query": "f=contact.is.Mia+Ito" });
    assert_eq!(shop.call(&format!("PUT {path}"), &[("if-match", "*")], Some(personal)).await.status, 422);
    assert_eq!(other.get(&path).await.body["mine"], json!(false));
}

async fn programs_read_what_the_pages_of_numbers_say(engine: Engine) {
    let desk = Desk::new(engine).await;
    let shop = desk.program(1, Role::Sales, Some("sales.contact")).await;
    let admin = desk.program(2, Role::Admin, None).await;
    desk.enter(Role::Sales, "sales.contact").await.get("/deals").await;
    shop.post("/v1/deals", json!({ "title": "Ten fridges", "cents": 120_000 })).await.id();
    let board = shop.get("/v1/dashboard").await;
    let figure =
        |id: &str| board.body["data"].as_array().unwrap().iter().find(|one| one["id"] == id).cloned();
    let first = figure("pipeline-1").unwrap();
    assert_eq!(first["rows"][0]["cells"][0]["count"], json!(1), "{}", board.text);
    assert!(first["rows"][0]["cells"][0]["list"].as_str().unwrap().starts_with("/deals?pipeline="));
    assert!(figure("uses").is_none(), "the ledger is not for sales");
    assert!(admin.get("/v1/dashboard").await.text.contains("\"uses\""));
    let bound = desk.program(12, Role::Admin, Some("rights.inform")).await.get("/v1/dashboard").await;
    assert!(bound.status == 200 && !bound.text.contains("\"uses\""), "uses of every purpose: {}", bound.text);

    // Day and inbox are those of whoever made the key; a key that is nobody's has none.
    for path in ["/v1/day", "/v1/inbox"] {
        assert_eq!(shop.get(path).await.status, 403, "{path}");
    }
    let nora = admin.get("/v1/colleagues").await.body["data"][0]["id"].as_str().unwrap().to_owned();
    let hers = desk.program_by(3, Role::Sales, nora.parse().unwrap()).await;
    let task = json!({ "text": "Call the workshop", "due_on": "2026-05-01", "assignee": nora });
    admin.post("/v1/tasks", task).await.id();
    let day = hers.get("/v1/day").await;
    assert_eq!(day.body["today"][0]["text"]["value"], "Call the workshop", "{}", day.text);
    assert_eq!(day.body["overdue"], json!([]));
    let inbox = hers.get("/v1/inbox").await;
    assert_eq!(
        (&inbox.body["data"][0]["why"], &inbox.body["data"][0]["read_at"]),
        (&json!("task"), &json!(null)),
        "{}",
        inbox.text
    );
    assert_eq!(hers.post("/v1/inbox/read", json!({})).await.status, 204);
    assert!(hers.get("/v1/inbox").await.body["data"][0]["read_at"].is_string());

    assert_eq!(shop.get("/v1/history").await.status, 403);
    let history = admin.get("/v1/history?limit=1").await;
    assert_eq!(history.body["data"].as_array().map(Vec::len), Some(1), "{}", history.text);
    let rest = format!("/v1/history?limit=200&after={}", history.body["next"].as_str().unwrap());
    let rest = admin.get(&rest).await;
    let version = |one: &Value| one["version"].as_u64().unwrap();
    let mut all = vec![version(&history.body["data"][0])];
    all.extend(rest.body["data"].as_array().unwrap().iter().map(version));
    assert!(all.len() > 1 && all.is_sorted_by(|a, b| a > b), "{all:?}");
}

assent_testkit::on_both!(
    the_oldest_of_very_many_is_reached,
    every_list_leafs_both_ways,
    programs_ask_by_the_rules_of_the_pages,
    a_view_is_saved_again,
    programs_read_what_the_pages_of_numbers_say,
);
