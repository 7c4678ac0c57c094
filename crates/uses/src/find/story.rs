//! What was written down is found by its words, as far as it is open and within reach, and by none of them once it is gone.

mod old;
mod reach;

use assent_gate::{Act, Whose};
use assent_kernel::{Asker, PersonId, Role};
use assent_testkit::{Engine, START};
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Program};

const SUPPORT: &str = "service.support";

/// What is found of one kind, as it is called; of items those of every object.
async fn found(who: &Program, kind: &str, words: &str) -> Vec<String> {
    let told = who.get(&format!("/v1/find?q={}", words.replace(' ', "+"))).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let group = told.body[kind].as_array().unwrap();
    let all: Vec<&Value> = if kind == "items" {
        group.iter().flat_map(|one| one["data"].as_array().unwrap()).collect()
    } else {
        group.iter().collect()
    };
    all.into_iter().map(|one| one["label"].as_str().unwrap().to_owned()).collect()
}

async fn is_found(who: &Program, kind: &str, words: &str, expected: &[&str]) {
    let mut found = found(who, kind, words).await;
    // What was made at one moment comes in any order.
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "{kind} by {words}");
}

/// Objects that an administrator makes, with fields: short name, label, kind, category.
async fn object(desk: &Desk, key: &str, belongs: &str, fields: &[(&str, &str, &str)]) {
    let admin = desk.program(key.as_bytes()[0], Role::Admin, None).await;
    let made = json!({ "key": key, "singular": key, "plural": format!("{key}s"), "plural_de": format!("{key}s (de)"), "belongs_to": belongs });
    let made = admin.post("/v1/objects", made).await;
    assert!(made.status < 300, "{}", made.text);
    for (name, kind, category) in fields {
        let mut field = json!({ "label": name, "kind": kind });
        if !category.is_empty() {
            field["category"] = json!(category);
        }
        let made = admin.post(&format!("/v1/fields/object.{key}"), field).await;
        assert!(made.status < 300, "{}", made.text);
    }
}

/// A person with a note, a file and a device.
async fn told_of(desk: &Desk, support: &Program) -> PersonId {
    let mia = desk.customer().await;
    object(
        desk,
        "device",
        "person",
        &[("model", "text", "purchase.product"), ("built", "number", "purchase.product")],
    )
    .await;
    for text in ["Wants the tall Kühlschrank for the kitchen.", "Ring after four."] {
        let kept = support.post(&format!("/v1/people/{mia}/notes"), json!({ "text": text })).await;
        assert!(kept.status < 300, "{}", kept.text);
    }
    let file = json!({ "name": "Floor plan.txt", "content": "VHdvIHllYXJzLg==" });
    let kept = support.post(&format!("/v1/people/{mia}/files"), file).await;
    assert!(kept.status < 300, "{}", kept.text);
    let device = json!({ "person": mia, "fields": { "model": "Polar 300", "built": "2031" } });
    support.post("/v1/objects/device/items", device).await.id();
    mia
}

async fn what_is_about_a_person_is_found_as_their_terms_say(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let sales = desk.program(2, Role::Sales, Some("sales.contact")).await;
    let mia = told_of(&desk, &support).await;
    let note = ["Wants the tall Kühlschrank for the kitchen. · Mia Ito"];
    for words in ["tall", "kuhl", "kühlschr", "KITCHEN", "kit tall", "for"] {
        is_found(&support, "notes", words, &note).await;
    }
    for words in ["all", "tall four", "short", "ta", "mia", "polar", "plan"] {
        is_found(&support, "notes", words, &[]).await;
    }
    is_found(&support, "files", "floor pl", &["Floor plan.txt · Mia Ito"]).await;
    is_found(&support, "files", "tall", &[]).await;
    is_found(&support, "items", "polar 300", &["Polar 300 · Mia Ito"]).await;
    is_found(&support, "items", "2031", &[]).await;
    // Who is looked for by a name is not found by a note, and the other way round.
    is_found(&support, "people", "tall", &[]).await;
    is_found(&support, "people", "mia", &["Mia Ito"]).await;
    // It leads where it lies, and a program is told beside whom.
    let told = support.get("/v1/find?q=tall").await;
    assert_eq!(told.body["notes"][0]["of"], json!(mia), "{}", told.text);
    let seat = desk.enter(Role::Support, SUPPORT).await;
    let page = seat.get("/find?q=tall").await;
    assert!(
        page.has(&format!("/people/{mia}?tab=notes")) && page.has("\"group\":\"Notes\""),
        "{}",
        page.body
    );
    let page = seat.get_in("de", "/find?q=floor").await;
    assert!(page.has("<h2>Dateien</h2>") && page.has(&format!("/people/{mia}?tab=files")), "{}", page.body);
    assert!(seat.get_in("de", "/find?q=polar").await.has("<h2>devices (de)</h2>"));
    // For another purpose it is closed, and left out without a trace.
    for words in ["tall", "floor", "polar"] {
        let shut = sales.get(&format!("/v1/find?q={words}")).await;
        assert!(!shut.text.contains(&mia.to_string()) && !shut.text.contains("Ito"), "{}", shut.text);
        for kind in ["notes", "files", "items"] {
            assert_eq!(shut.body[kind], json!([]), "{words}");
        }
    }
    // Looking is a use of what was looked at: the note that was meant, not the other one.
    let uses = support.get(&format!("/v1/people/{mia}/uses")).await;
    assert!(uses.text.contains("note.free-text"), "{}", uses.text);
    // They say stop.
    desk.record(mia, Act::Restrict(assent_kernel::grant::Restricted::All)).await;
    is_found(&support, "notes", "tall", &[]).await;
    desk.record(mia, Act::Release).await;
    is_found(&support, "notes", "tall", &note).await;
}

/// Whether any blind token leads to somebody by what was written down about them.
async fn leads(desk: &Desk, words: &str) -> bool {
    let (gate, company) = (&desk.house.gate, desk.house.company);
    let query = gate.query_texts(company, words).await.unwrap();
    !gate.find(&Whose::everybody(company), &query, None, 9).await.unwrap().is_empty()
}

async fn words_go_with_the_value(engine: Engine) {
    let desk = Desk::new(engine).await;
    let support = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let mia = told_of(&desk, &support).await;
    let dossier = desk.dossier(mia).await;
    let query = desk.house.gate.query_texts(desk.house.company, "kuhlschrank").await.unwrap();
    let held =
        desk.house.gate.holding(desk.house.company, &query, std::slice::from_ref(&dossier)).await.unwrap();
    let note = format!("/v1/people/{mia}/facts/{}", held[0].fact);
    let change = format!("PATCH {note}");
    let done =
        support.call(&change, &[("if-match", "*")], Some(json!({ "value": "Wants the small oven." }))).await;
    assert!(done.status < 300, "{}", done.text);
    is_found(&support, "notes", "tall", &[]).await;
    is_found(&support, "notes", "small", &["Wants the small oven. · Mia Ito"]).await;
    assert!(!leads(&desk, "tall").await && !leads(&desk, "kuhlschrank").await && leads(&desk, "oven").await);
    // What another value still holds leads on.
    assert!(leads(&desk, "after").await && leads(&desk, "polar").await);
    let done = support.call(&format!("DELETE {note}"), &[("if-match", "*")], None).await;
    assert!(done.status < 300, "{}", done.text);
    is_found(&support, "notes", "small", &[]).await;
    assert!(!leads(&desk, "small").await);

    // Deleted and brought back; erased for good.
    let dpo = desk.program(3, Role::Dpo, None).await;
    for (verb, there) in [("deletion", false), ("restore", true)] {
        let done = dpo.call(&format!("POST /v1/people/{mia}/{verb}"), &[], None).await;
        assert!(done.status < 300, "{verb}: {}", done.text);
        for (kind, words) in [("notes", "ring"), ("files", "floor"), ("items", "polar")] {
            assert_eq!(!found(&support, kind, words).await.is_empty(), there, "{verb} {kind}");
        }
    }
    let (gate, company) = (&desk.house.gate, desk.house.company);
    gate.erase(company, mia, Asker::Person, false, START).await.unwrap();
    for (kind, words) in [("notes", "ring"), ("files", "floor"), ("items", "polar")] {
        is_found(&support, kind, words, &[]).await;
        assert!(!leads(&desk, words).await, "{words}");
    }
}

async fn what_is_the_companys_own(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.program(1, Role::Sales, Some("sales.contact")).await;
    object(
        &desk,
        "branch",
        "nobody",
        &[("name", "text", ""), ("about", "long-text", ""), ("seats", "number", "")],
    )
    .await;
    let firm = sales.post("/v1/organisations", json!({ "name": "Hafen AG" })).await.id();
    let deal = sales.post("/v1/deals", json!({ "title": "Ten cranes" })).await.id();
    let notes = format!("/v1/organisations/{firm}/notes");
    for (home, text) in
        [(notes.clone(), "Closed on Mondays."), (format!("/v1/deals/{deal}/notes"), "Mondays are bad.")]
    {
        assert_eq!(sales.post(&home, json!({ "text": text })).await.status, 204);
    }
    let file = json!({ "name": "Tender IV.txt", "content": "VHdvIHllYXJzLg==" });
    let file = sales.post(&format!("/v1/organisations/{firm}/files"), file).await.id();
    let branch =
        json!({ "fields": { "name": "Kiel harbour", "about": "By the lighthouse", "seats": "1200" } });
    let branch = sales.post("/v1/objects/branch/items", branch).await.id();

    is_found(&sales, "notes", "mond", &["Mondays are bad. · Ten cranes", "Closed on Mondays. · Hafen AG"])
        .await;
    is_found(&sales, "notes", "closed mondays", &["Closed on Mondays. · Hafen AG"]).await;
    is_found(&sales, "files", "tender iv", &["Tender IV.txt · Hafen AG"]).await;
    is_found(&sales, "items", "kiel", &["Kiel harbour"]).await;
    is_found(&sales, "items", "light harbour", &["Kiel harbour · By the lighthouse"]).await;
    for (kind, words) in
        [("notes", "tender"), ("files", "mondays"), ("items", "1200"), ("notes", "closed cranes")]
    {
        is_found(&sales, kind, words, &[]).await;
    }
    let seat = desk.enter(Role::Sales, "sales.contact").await;
    let page = seat.get("/find?q=mond").await;
    for place in [format!("/deals/{deal}?tab=notes"), format!("/organisations/{firm}?tab=notes")] {
        assert!(page.has(&place), "{}", page.body);
    }
    assert!(seat.get("/find?q=kiel").await.has(&format!("/things/branch/{branch}")));

    // Corrected, removed, brought back.
    let (line, kiel) =
        (format!("PATCH /v1/objects/branch/items/{branch}"), json!({ "fields": { "name": "Ahus" } }));
    let done = sales.call(&line, &[("if-match", "*")], Some(kiel)).await;
    assert!(done.status < 300, "{}", done.text);
    is_found(&sales, "items", "kiel", &[]).await;
    is_found(&sales, "items", "ahus", &["Ahus"]).await;
    let note = sales.get(&notes).await.body["data"][0]["id"].as_str().map(str::to_owned);
    let all = sales.get(&notes).await;
    let note = note.filter(|_| all.body["data"][0]["kind"] == "note").or_else(|| {
        let data = all.body["data"].as_array()?;
        data.iter().find(|one| one["kind"] == "note")?["id"].as_str().map(str::to_owned)
    });
    let place = format!("{notes}/{}", note.unwrap());
    for (verb, shown) in [("remove", false), ("restore", true)] {
        assert_eq!(sales.post(&format!("{place}/{verb}"), json!({})).await.status, 204, "{verb}");
        assert_eq!(!found(&sales, "notes", "closed").await.is_empty(), shown, "{verb}");
    }
    assert_eq!(sales.call(&format!("DELETE /v1/files/{file}"), &[], None).await.status, 204);
    is_found(&sales, "files", "tender", &[]).await;
    let gone =
        sales.call(&format!("DELETE /v1/objects/branch/items/{branch}"), &[("if-match", "*")], None).await;
    assert!(gone.status < 300, "{}", gone.text);
    is_found(&sales, "items", "ahus", &[]).await;
    let gone = sales.call(&format!("DELETE /v1/organisations/{firm}"), &[("if-match", "*")], None).await;
    assert!(gone.status < 300, "{}", gone.text);
    is_found(&sales, "notes", "closed", &[]).await;

    // Another company knows nothing of it.
    desk.foreign().await;
    let other = assent_kernel::CompanyId::from_bytes([2; 16]);
    let theirs = desk.program_of(other, 7, Role::Sales, Some("sales.contact")).await;
    for (kind, words) in [("notes", "mondays"), ("files", "tender"), ("items", "ahus")] {
        is_found(&theirs, kind, words, &[]).await;
    }
}

assent_testkit::on_both!(
    what_is_about_a_person_is_found_as_their_terms_say,
    words_go_with_the_value,
    what_is_the_companys_own,
);
