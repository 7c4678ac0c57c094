//! A file beside a company is the company's own; beside a deal with a person it is that person's, and closed where they are.

use assent_kernel::Role;
use assent_testkit::Engine;
use serde_json::json;

use crate::desk::story::fixture::{Desk, form};

async fn told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let typed = form(&[("name", "Harwood County"), ("trade", ""), ("city", ""), ("owner", "")]);
    let made = sales.post("/organisations/new", &typed).await;
    let home = made.to.split('?').next().unwrap().to_owned();
    let kept = sales.upload(&format!("{home}/files"), "", "Tender.pdf", b"%PDF-1.7 tender").await;
    assert!(kept.status == 303 && kept.to.starts_with(&home), "{}: {}", kept.status, kept.body);
    let page = sales.get(&home).await;
    assert!(page.has("Tender.pdf") && page.has("kept a file"), "{}", page.body);
    let [files, notes] =
        [sales.get(&format!("{home}?tab=files")).await, sales.get(&format!("{home}?tab=notes")).await];
    assert!(
        files.has("Tender.pdf") && !notes.has("Tender.pdf") && notes.has("No notes yet."),
        "{}",
        files.body
    );
    let (_, rest) = page.body.split_once("href=\"/files/").unwrap();
    let file = format!("/files/{}", rest.split('"').next().unwrap());
    let got = sales.get(&file).await;
    assert!(got.status == 200 && got.body == "%PDF-1.7 tender");
    assert!(got.header("content-disposition").contains("Tender.pdf"));
    for (there, content, status) in [
        (format!("{home}/files"), b"<svg/>".as_slice(), 422),
        (format!("{home}/files"), b"", 422),
        ("/organisations/org_x/files".into(), b"x", 404),
        ("/deals/del_x/files".into(), b"x", 404),
    ] {
        assert_eq!(sales.upload(&there, "", "a.txt", content).await.status, status, "{there}");
    }
    assert_eq!(sales.get("/files/act_x").await.status, 404);
    assert_eq!(sales.post(&format!("{file}/remove"), &form(&[])).await.to, home);
    assert_eq!(sales.get(&file).await.status, 404);
}

async fn programs_keep_and_take(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.program(1, Role::Support, Some("service.support")).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let firm = support.post("/v1/organisations", json!({ "name": "Harwood" })).await.id();
    let deal = support.post("/v1/deals", json!({ "title": "Ten fridges", "person": mia })).await.id();
    let file = json!({ "name": "offer.txt", "content": "VHdvIHllYXJzLg==" });
    let own = sales.post(&format!("/v1/organisations/{firm}/files"), file.clone()).await.id();
    let hers = support.post(&format!("/v1/deals/{deal}/files"), file.clone()).await.id();
    assert_eq!(sales.post(&format!("/v1/deals/{deal}/files"), file).await.status, 403);
    assert_eq!(sales.get(&format!("/v1/files/{own}")).await.body["content"], "VHdvIHllYXJzLg==");
    assert_eq!(support.get(&format!("/v1/files/{hers}")).await.body["name"], "offer.txt");
    let shut = sales.get(&format!("/v1/files/{hers}")).await;
    assert!(shut.status == 403 && !shut.text.contains("offer"), "{}", shut.text);
    assert_eq!(support.call(&format!("DELETE /v1/files/{hers}"), &[], None).await.status, 409);
    assert_eq!(
        sales.call(&format!("DELETE /v1/files/{hers}"), &[], None).await.status,
        404,
        "nor whom it is about"
    );
    assert_eq!(sales.call(&format!("DELETE /v1/files/{own}"), &[], None).await.status, 204);
    assert_eq!(sales.get(&format!("/v1/files/{own}")).await.status, 404);

    // Notes: told as far as they are open, removed and brought back by whoever may read them.
    let notes = format!("/v1/deals/{deal}/notes");
    assert_eq!(support.post(&notes, json!({ "text": "Wants the tall one." })).await.status, 204);
    let told = support.get(&notes).await;
    let all = told.body["data"].as_array().unwrap();
    let note = all.iter().find(|one| one["kind"] == "note").unwrap();
    assert!(
        note["text"]["value"] == "Wants the tall one." && all.iter().any(|one| one["kind"] == "file"),
        "{}",
        told.text
    );
    let shut = sales.get(&notes).await;
    assert!(
        shut.body["data"][0]["text"]["closed"].is_object() && !shut.text.contains("tall"),
        "{}",
        shut.text
    );
    let place = format!("{notes}/{}", note["id"].as_str().unwrap());
    assert_eq!(sales.post(&format!("{place}/remove"), json!({})).await.status, 404);
    assert_eq!(support.post(&format!("{place}/remove"), json!({})).await.status, 204);
    let gone = support.get(&notes).await;
    assert!(
        gone.body["data"].as_array().unwrap().iter().any(|one| one["removed_at"].is_string()),
        "{}",
        gone.text
    );
    assert_eq!(support.post(&format!("{place}/restore"), json!({})).await.status, 204);
    let firm = format!("/v1/organisations/{firm}/notes");
    assert_eq!(sales.post(&firm, json!({ "text": " " })).await.status, 422);
    assert_eq!(sales.post(&firm, json!({ "text": "Closed on Mondays." })).await.status, 204);
    assert_eq!(sales.get(&firm).await.body["data"][0]["text"]["value"], "Closed on Mondays.");
}

/// However many notes there are, the oldest is told, removed and brought back.
async fn the_oldest_note_is_reached(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.program(1, Role::Sales, Some("sales.contact")).await;
    let firm = sales.post("/v1/organisations", json!({ "name": "Hafen AG" })).await.id();
    let notes = format!("/v1/organisations/{firm}/notes");
    for n in 0..205 {
        assert_eq!(sales.post(&notes, json!({ "text": format!("Note {n}.") })).await.status, 204);
    }
    let (mut ids, mut texts, mut after) = (Vec::new(), std::collections::BTreeSet::new(), String::new());
    loop {
        let page = sales.get(&format!("{notes}?limit=100{after}")).await;
        for one in page.body["data"].as_array().unwrap() {
            ids.push(one["id"].as_str().unwrap().to_owned());
            texts.insert(one["text"]["value"].as_str().unwrap().to_owned());
        }
        match page.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!((ids.len(), texts.len()), (205, 205), "each once");
    let oldest = format!("{notes}/{}", ids.last().unwrap());
    for (verb, gone) in [("remove", true), ("restore", false)] {
        assert_eq!(sales.post(&format!("{oldest}/{verb}"), json!({})).await.status, 204, "{verb}");
        let last = sales.get(&format!("{notes}?limit=100{after}")).await;
        let last = last.body["data"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["removed_at"].is_string(), gone, "{last}");
    }
    let other = sales.post("/v1/organisations", json!({ "name": "Kiel AG" })).await.id();
    let astray = format!("/v1/organisations/{other}/notes/{}/remove", ids[0]);
    assert_eq!(sales.post(&astray, json!({})).await.status, 404, "a note of another");
}

assent_testkit::on_both!(told, programs_keep_and_take, the_oldest_note_is_reached);
