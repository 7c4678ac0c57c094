//! Items on the record of whom they belong to: counted on every tab, read on their own, and nothing of them is lost.

use assent_gate::Keeping;
use assent_kernel::{Asker, FactId, OrganisationId, PersonId, Role, Timestamp};
use assent_store::work::filled::{self, Filled};
use assent_store::work::items::{self, Item, ItemId};
use assent_testkit::Engine;

use super::{devices, home, made, put_down};
use crate::desk::story::fixture::{Desk, form};

assent_testkit::on_both!(
    what_no_row_leads_to_is_on_the_record,
    many_are_counted_and_the_list_has_them,
    closed_items_are_told_by_no_number,
    who_is_away_leaves_the_way_through_the_list,
);

/// Items of a person that hold one of their facts, made at these seconds.
async fn hold(desk: &Desk, (of, fact): (PersonId, FactId), which: std::ops::Range<u16>) {
    let item = move |n: u16| Item {
        id: ItemId::new(Timestamp::from_micros(i64::from(n) * 1_000_000), [9; 10]),
        object: "device".into(),
        person: Some(of),
        organisation: None,
        owner: None,
        created_at: assent_testkit::START,
        gone_at: None,
        ver: 1,
    };
    let company = desk.house.company;
    let add = move |tx: &mut assent_store::Tx<'_>| {
        which.into_iter().try_for_each(|n| {
            let (one, mut filled) = (item(n), Filled::default());
            filled.facts.insert("model".into(), (of, fact));
            items::add(tx, company, &one)?;
            filled::set(tx, company, one.id.to_bytes(), &filled)
        })
    };
    desk.house.gate.region_db(&assent_testkit::eu()).unwrap().write(add).await.unwrap();
}

async fn closed_items_are_told_by_no_number(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    devices(&desk).await;
    desk.say_yes_about(mia, &["contact"]).await;
    let (open, closed) = (desk.fact(mia, "contact.email").await, desk.fact(mia, "purchase.product").await);
    hold(&desk, (mia, open), 1..2).await;
    hold(&desk, (mia, closed), 10..511).await;
    let record = format!("/people/{mia}");
    // For sales one is open, and it is the oldest: it is counted and shown, and nothing tells of the others.
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(sales.get(&record).await.has("Items <span class=\"count\">1</span>"));
    let tab = sales.get(&format!("{record}?tab=things")).await;
    assert_eq!(tab.body.matches("/things/device/itm_").count(), 1, "{}", tab.body);
    assert!(!tab.has("Only the newest stand here."));
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get(&record).await.has("Items 500+"));
}

async fn who_is_away_leaves_the_way_through_the_list(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let facts = [("name.full", "Ada Moor"), ("purchase.product", "Haldenwerk Clean 2")];
    let ada = desk.house.customer(71, &facts, assent_testkit::START).await.unwrap();
    devices(&desk).await;
    let (hers, of_mia) = (desk.fact(ada, "purchase.product").await, desk.fact(mia, "purchase.product").await);
    hold(&desk, (ada, hers), 1..11).await;
    hold(&desk, (mia, of_mia), 20..70).await;
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get("/things/device").await.has("50+ devices"));
    assert_eq!(support.post(&format!("/people/{mia}/delete"), &form(&[])).await.status, 303);
    let page = support.get("/things/device").await;
    assert!(page.has("Nothing on this page") && !page.has("Put the first one down"), "{}", page.body);
    page.has_none(&["60 devices", &mia.to_string()]);
    let next = page.body.split("href=\"/things/device?after=").nth(1).unwrap().split('"').next().unwrap();
    let rest = support.get(&format!("/things/device?after={next}")).await;
    let ids: std::collections::BTreeSet<&str> =
        rest.body.split("/things/device/itm_").skip(1).filter_map(|rest| rest.get(..26)).collect();
    assert_eq!(ids.len(), 10, "{}", rest.body);
    rest.has_none(&["60 devices"]);
}

async fn what_no_row_leads_to_is_on_the_record(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    devices(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let record = format!("/people/{mia}");
    assert!(support.get(&record).await.has("Items <span class=\"count\">0</span>"));
    let one = put_down(&support, mia).await;
    let page = support.get(&record).await;
    assert!(page.has("Items <span class=\"count\">1</span>"), "{}", page.body);
    page.has_none(&["Cool 300", "Device: Model"]);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(
        sales.get(&record).await.has("Items <span class=\"count\">0</span>"),
        "what is closed is not counted"
    );

    // Removed, nothing leads to its values any more but the record.
    assert_eq!(support.post(&format!("{one}/remove"), "").await.status, 303);
    let page = support.get(&record).await;
    assert!(page.has("Device: Model") && page.has("Cool 300") && page.has("2026-03-02"), "{}", page.body);
    assert!(page.has("Items <span class=\"count\">0</span>"));
    sales.get(&record).await.has_none(&["Cool 300", "2026-03-02"]);
    assert_eq!(support.post(&format!("{one}/restore"), "").await.status, 303);
    support.get(&record).await.has_none(&["Cool 300", "Device: Model"]);

    // A value whose item was never written.
    let keeping = Keeping {
        category: assent_testkit::category("purchase.product.device-model"),
        value: "Cool 900".into(),
        source: "typed in by support".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    };
    let dossier = desk.dossier(mia).await;
    desk.house.gate.keep(&dossier, vec![keeping], Asker::Person, desk.ctx.now()).await.unwrap();
    let page = support.get(&record).await;
    assert!(page.has("Device: Model") && page.has("Cool 900") && !page.has("Cool 300"), "{}", page.body);
}

async fn many_are_counted_and_the_list_has_them(engine: Engine) {
    let desk = Desk::new(engine).await;
    made(&desk, ("Contract", "Contracts"), "organisation", &[("Number", "text", "")]).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let firm = home(&sales.post("/organisations/new", &form(&[("name", "Hafen & Co. AG")])).await);
    let id: OrganisationId = firm.rsplit('/').next().unwrap().parse().unwrap();
    let tab = format!("{firm}?tab=things");
    assert!(sales.get(&firm).await.has("Items <span class=\"count\">0</span>"));
    put(&desk, id, 0..500).await;
    let page = sales.get(&tab).await;
    assert!(page.has("Items <span class=\"count\">500</span>") && !page.has("Only the newest stand here."));
    put(&desk, id, 500..501).await;
    assert!(sales.get(&firm).await.has("Items 500+"));
    let page = sales.get(&tab).await;
    assert_eq!(page.body.matches("/things/contract/itm_").count(), 500);
    let list = "/things/contract?f=whom.is.Hafen+%26+Co.+AG";
    assert!(
        page.has("Only the newest stand here.") && page.has(&list.replace('&', "&#38;")),
        "{}",
        page.body
    );
    assert!(sales.get(list).await.has("501 contracts"));
}

async fn put(desk: &Desk, of: OrganisationId, which: std::ops::Range<u16>) {
    let item = move |n: u16| Item {
        id: ItemId::new(Timestamp::from_micros(i64::from(n) * 1_000_000), [9; 10]),
        object: "contract".into(),
        person: None,
        organisation: Some(of),
        owner: None,
        created_at: assent_testkit::START,
        gone_at: None,
        ver: 1,
    };
    let company = desk.house.company;
    let add = move |tx: &mut assent_store::Tx<'_>| {
        which.into_iter().try_for_each(|n| items::add(tx, company, &item(n)))
    };
    desk.house.gate.region_db(&assent_testkit::eu()).unwrap().write(add).await.unwrap();
}
