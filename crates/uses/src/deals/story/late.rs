//! Two change one deal at once, or half of it fails: whoever is late takes nothing away, and nothing is done twice.

use assent_kernel::{DealId, PersonId, Role, TreeKey as _};
use assent_store::work::deals::{self, Ending};
use assent_testkit::{Engine, START};
use serde_json::{Value, json};

use super::titles;
use crate::deals::act::{self, pipelines};
use crate::deals::model::{Typed, With};
use crate::desk::story::fixture::Desk;

const TITLE: &str = "Zweiter Kühlschrank";

fn typed(title: &str) -> Typed {
    let (amount, currency) = ("3.00".into(), "EUR".into());
    Typed { title: title.into(), amount, currency, ..Typed::default() }
}

async fn since(desk: &Desk, id: PersonId) -> assent_kernel::Timestamp {
    let dossier = desk.dossier(id).await;
    dossier.facts().find(|held| held.category().as_str() == "note.deal").unwrap().fact().confirmed_at
}

async fn whoever_is_late_takes_nothing_away(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let bob = [("name.full", "Bob Lund"), ("contact.email", "bob@example.org")];
    let bob = desk.house.customer(71, &bob, START).await.unwrap();
    let support = desk.program(1, Role::Support, Some("service.support")).await;
    let staff = desk.colleague(&support).await;
    let made = support.post("/v1/deals", json!({ "title": TITLE, "person": mia, "cents": 100 })).await.id();
    let (path, id): (String, DealId) = (format!("/v1/deals/{made}"), made.parse().unwrap());
    let seen = act::one(&desk.ctx, &staff, id).await.unwrap();
    let any = [("if-match", "*")];
    let patch = format!("PATCH {path}");
    assert_eq!(support.call(&patch, &any, Some(json!({ "cents": 200 }))).await.status, 204);

    // Somebody who read it before types another title, for another person, or for the same.
    for (title, person) in [("Etwas für Bob", bob), ("Dritter Kühlschrank", mia)] {
        let with = With { person: Some(person), organisation: None };
        let look = act::look(&desk.ctx, &staff, &seen).await.unwrap();
        let late = act::change(&desk.ctx, &staff, (&seen, &look), &typed(title), with, None).await;
        assert_eq!(late.unwrap_err().code, "conflict");
        assert_eq!((titles(&desk, mia).await, titles(&desk, bob).await), (1, 0), "{title}");
        let now = support.get(&path).await.body;
        assert_eq!((&now["title"]["value"], &now["cents"]), (&json!(TITLE), &json!(200)));
    }
    // Nor is it moved from where it is not any more, or removed.
    let ways = pipelines::all(&desk.ctx, &staff).await.unwrap();
    let won = ways[0].stages.iter().find(|stage| stage.ending == Ending::Won).unwrap();
    let late = act::set_stage(&desk.ctx, &staff, &seen, won, None, &ways).await;
    assert_eq!(late.unwrap_err().code, "conflict");
    let late = act::set_gone_seen(&desk.ctx, &staff, (id, seen.ver), true).await;
    assert_eq!(late.unwrap_err().code, "conflict");
    let now = support.get(&path).await.body;
    assert_eq!((&now["state"], &now["removed_at"]), (&json!("open"), &Value::Null));
    let old = [("if-match", "\"1\"")];
    let to = json!({ "stage": won.id });
    assert_eq!(support.call(&format!("POST {path}/stage"), &old, Some(to)).await.status, 412);

    // In time it is one fact still, and kept no longer than before.
    let before = since(&desk, mia).await;
    desk.clock.advance(3_600_000_000);
    let changed = support.call(&patch, &any, Some(json!({ "title": "Ein dritter" }))).await;
    assert_eq!((changed.status, titles(&desk, mia).await), (204, 1), "{}", changed.text);
    assert_eq!(since(&desk, mia).await, before);
    assert_eq!(support.get(&path).await.body["title"]["value"], "Ein dritter");

    // Its contact is gone: what else it says can be changed without a title.
    desk.house
        .gate
        .erase(desk.house.company, mia, assent_kernel::Asker::System, false, desk.ctx.now())
        .await
        .unwrap();
    let left = support.call(&patch, &any, Some(json!({ "cents": 300 }))).await;
    assert_eq!(left.status, 204, "{}", left.text);
    let now = support.get(&path).await.body;
    assert_eq!((&now["cents"], &now["title"]), (&json!(300), &Value::Null));
}

async fn deals_with_somebody_are_told_to_the_last(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.program(1, Role::Support, Some("service.support")).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let firm = support.post("/v1/organisations", json!({ "name": "Gartenfreunde" })).await.id();
    let mut ids = Vec::new();
    for n in 0..3 {
        let new = json!({ "title": format!("Deal {n}"), "person": mia, "organisation": firm });
        ids.push(support.post("/v1/deals", new).await.id());
        desk.clock.advance(1_000_000);
    }
    let gone = format!("DELETE /v1/deals/{}", ids[1]);
    assert_eq!(support.call(&gone, &[("if-match", "*")], None).await.status, 204);
    for filter in [format!("person={mia}"), format!("organisation={firm}")] {
        let removed = support.get(&format!("/v1/deals?{filter}&removed=true")).await.body;
        assert_eq!(
            (&removed["data"][0]["id"], &removed["next"]),
            (&json!(ids[1]), &Value::Null),
            "{removed}"
        );
        let first = support.get(&format!("/v1/deals?{filter}&limit=1")).await.body;
        let next = first["next"].as_str().unwrap();
        let rest = support.get(&format!("/v1/deals?{filter}&limit=1&after={next}")).await.body;
        let told = (&first["data"][0]["id"], &rest["data"][0]["id"], &rest["next"]);
        assert_eq!(told, (&json!(ids[2]), &json!(ids[0]), &Value::Null));
    }
    // Asking by the person tells nobody that there is something closed.
    let closed = sales.get(&format!("/v1/deals?person={mia}&limit=1")).await.body;
    assert_eq!(closed, json!({ "data": [], "next": null }));
}

async fn what_follows_a_change_does_not_undo_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some("service.support")).await;
    desk.enter(Role::Sales, "sales.contact").await;
    let staff = desk.colleague(&support).await;
    let colleagues = crate::frame::colleagues(&desk.ctx, &staff).await.unwrap();
    let owner = colleagues.choices("Nobody").pop().unwrap().0;
    let store = desk.house.gate.region_db(&assent_testkit::eu()).unwrap();
    store.write(|tx| tx.exec("DROP TABLE mention", &[]).map(|_| ())).await.unwrap();
    let (line, key) = ("POST /v1/deals", [("idempotency-key", "k-1")]);
    let new = json!({ "title": TITLE, "owner": owner });
    let made = support.call(line, &key, Some(new.clone())).await;
    assert_eq!(made.id(), support.call(line, &key, Some(new.clone())).await.id());
    assert_eq!(support.get("/v1/deals").await.body["data"].as_array().map(Vec::len), Some(1));
    // What failed half way is never begun anew under its key.
    store.write(|tx| tx.exec("DROP TABLE activity", &[]).map(|_| ())).await.unwrap();
    let key = [("idempotency-key", "k-2")];
    assert_eq!(support.call(line, &key, Some(new.clone())).await.status, 500);
    let again = support.call(line, &key, Some(new)).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("broken-off")), "{}", again.text);
}

async fn programs_make_pipelines(engine: Engine) {
    let desk = Desk::new(engine).await;
    let admin = desk.program(1, Role::Admin, None).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let way = |stages: Value| json!({ "name": "Repairs", "stages": stages });
    let stages = json!([{ "name": "Asked", "chance": 40, "state": "open" }, { "name": "Agreed", "state": "won" },
        { "name": "No", "state": "lost" }]);
    assert_eq!(sales.post("/v1/pipelines", way(stages.clone())).await.status, 403);
    let bad =
        admin.post("/v1/pipelines", way(json!([{ "name": "Asked", "chance": 40, "state": "open" }]))).await;
    assert!(bad.status == 422 && bad.text.contains("exactly one that is won"), "{}", bad.text);
    let id = admin.post("/v1/pipelines", way(stages)).await.id();
    let all = sales.get("/v1/pipelines").await;
    let made =
        all.body["data"].as_array().unwrap().iter().find(|one| one["id"] == json!(id)).unwrap().clone();
    assert_eq!((&made["stages"][1]["chance"], made["stages"].as_array().unwrap().len()), (&json!(100), 3));
    let line = format!("PUT /v1/pipelines/{id}");
    let mut kept = made["stages"].clone();
    kept[0]["name"] = json!("Called");
    let read = [("if-match", made["etag"].as_str().unwrap())];
    assert_eq!(admin.call(&line, &[], Some(way(kept.clone()))).await.status, 428);
    assert_eq!(admin.call(&line, &read, Some(way(kept.clone()))).await.status, 204);
    assert_eq!(admin.call(&line, &read, Some(way(kept.clone()))).await.status, 412, "somebody was faster");
    let any = [("if-match", "*")];
    // A won stage that a deal is in does not stay beside another one.
    let deal =
        sales.post("/v1/deals", json!({ "title": TITLE, "stage": made["stages"][0]["id"] })).await.id();
    let won = json!({ "stage": made["stages"][1]["id"] });
    assert_eq!(sales.post(&format!("/v1/deals/{deal}/stage"), won).await.status, 204);
    let mut two = kept.clone();
    two[1] = json!({ "name": "Agreed", "state": "won" });
    let refused = admin.call(&line, &any, Some(way(two))).await;
    assert!(refused.status == 409 && refused.text.contains("there would be two"), "{}", refused.text);
    let stages = sales.get("/v1/pipelines").await;
    let all_of = |one: &Value| one["stages"].as_array().unwrap().len();
    let same = stages.body["data"].as_array().unwrap().iter().find(|one| one["id"] == json!(id)).unwrap();
    assert_eq!(all_of(same), 3, "nothing is half done");
    kept[0]["id"] = json!("stg_01jx6sk9c0000000000000000e");
    assert_eq!(admin.call(&line, &any, Some(way(kept))).await.status, 422);
    let deal = json!({ "title": TITLE, "stage": made["stages"][0]["id"] });
    assert_eq!(sales.post("/v1/deals", deal).await.status, 201);
    let gone = format!("DELETE /v1/pipelines/{id}");
    assert_eq!(admin.call(&gone, &read, None).await.status, 412, "it was changed since it was read");
    assert_eq!(admin.call(&gone, &[], None).await.status, 409, "a deal is in it");
    let first = all.body["data"].as_array().unwrap().iter().find(|one| one["id"] != json!(id)).unwrap();
    // Nor in the moment in which somebody else changes it.
    let (company, late) = (desk.house.company, first["id"].as_str().unwrap().parse().unwrap());
    let store = desk.house.gate.region_db(&assent_testkit::eu()).unwrap();
    let drop = move |tx: &mut assent_store::Tx<'_>| deals::drop_pipeline(tx, company, (late, 99), START);
    assert!(!store.write(drop).await.unwrap(), "it is not as it was read");
    let first = format!("DELETE /v1/pipelines/{}", first["id"].as_str().unwrap());
    assert_eq!(admin.call(&first, &[], None).await.status, 204);
    assert_eq!(admin.call(&gone, &[], None).await.status, 409, "the last one stays");
}

assent_testkit::on_both!(
    whoever_is_late_takes_nothing_away,
    deals_with_somebody_are_told_to_the_last,
    what_follows_a_change_does_not_undo_it,
    programs_make_pipelines,
);
