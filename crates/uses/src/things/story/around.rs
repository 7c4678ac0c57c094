//! What lies around an item: its timeline, tasks, notes and files, under the terms of whom it belongs to; many of them changed
//! and taken along at once; a value changed in its place.

use assent_kernel::{PersonId, Role, StaffId};
use assent_testkit::Engine;
use serde_json::json;

use super::{VALUES, devices, home, made, put_down};
use crate::desk::story::fixture::{Desk, Someone, form};

assent_testkit::on_both!(
    an_item_has_a_timeline_tasks_notes_and_files,
    what_lies_beside_an_item_of_a_person_is_theirs,
    many_items_are_changed_and_taken_along,
    a_value_of_an_item_is_changed_in_its_place,
);

async fn shop(desk: &Desk, someone: &Someone, name: &str) -> String {
    if someone.get("/things/shop").await.status == 404 {
        made(desk, ("Shop", "Shops"), "nobody", &[("Name", "text", ""), ("Seats", "number", "")]).await;
    }
    let sent = form(&[("own-name", name), ("own-seats", "12")]);
    home(&someone.post("/things/shop/new", &sent).await)
}

/// The first colleague whom a page offers.
fn colleague(page: &crate::desk::story::fixture::Answer) -> String {
    let id = page.body.split("<option value=\"stf_").nth(1).unwrap().split('"').next().unwrap();
    format!("stf_{id}")
}

async fn an_item_has_a_timeline_tasks_notes_and_files(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let one = shop(&desk, &sales, "Cork").await;
    let page = sales.get(&one).await;
    for text in ["Timeline", "Tasks", "Notes", "Files", "put it down", "Write a note"] {
        assert!(page.has(text), "{text}: {}", page.body);
    }
    let note = form(&[("text", "New roof @Nora."), ("kind", "call")]);
    assert_eq!(sales.post(&format!("{one}/note"), &note).await.to, format!("{one}?said=noted"));
    let notes = sales.get(&format!("{one}?tab=notes")).await;
    assert!(notes.has("New roof") && notes.has("noted a call"));
    let id = notes.body.split("/note/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let gone = sales.post(&format!("{one}/note/{id}/remove"), "").await;
    assert!(
        gone.to.starts_with(&format!("{one}?said=note-removed")) && sales.get(&gone.to).await.has("Undo")
    );
    assert!(!sales.get(&format!("{one}?tab=notes")).await.has("New roof"));
    assert!(sales.get(&format!("{one}?notes=removed")).await.has("New roof"));
    assert_eq!(sales.post(&format!("{one}/note/{id}/restore"), "").await.status, 303);

    let kept = sales.upload(&format!("{one}/files"), "", "plan.txt", b"a plan").await;
    assert_eq!(kept.to, format!("{one}?said=noted"), "{}", kept.body);
    let files = sales.get(&format!("{one}?tab=files")).await;
    let file = files.body.split("href=\"/files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(files.has("plan.txt") && sales.get(&format!("/files/{file}")).await.has("a plan"));
    assert_eq!(sales.post(&format!("/files/{file}/remove"), "").await.page(), one.as_str());

    let item = one.rsplit('/').next().unwrap();
    let task = form(&[("text", "Paint it"), ("item", item), ("who", "")]);
    let done = sales.post("/tasks/new", &task).await;
    assert_eq!(done.to, format!("{one}?tab=tasks&said=made"), "{}", done.body);
    let tasks = sales.get(&format!("{one}?tab=tasks")).await;
    assert!(tasks.has("Paint it") && tasks.has("Tasks <span class=\"count\">1</span>"), "{}", tasks.body);
    let task = tasks.body.split("href=\"/tasks/tsk_").nth(1).unwrap().split(['"', '?']).next().unwrap();
    assert!(sales.get(&format!("/tasks/tsk_{task}")).await.has(&format!("href=\"{one}?tab=tasks\"")));

    for (verb, line) in [("remove", "removed it"), ("restore", "brought it back")] {
        assert_eq!(sales.post(&format!("{one}/{verb}"), "").await.status, 303);
        assert!(sales.get(&one).await.has(line), "{line}");
    }
    programs_do_the_same(&desk, item).await;
    // Another company finds none of it.
    desk.foreign().await;
    let other = assent_kernel::CompanyId::from_bytes([2; 16]);
    let far = desk.enter_at(other, Role::Admin, "rights.inform").await;
    assert_eq!(far.post(&format!("{one}/note"), &note).await.status, 404);
    assert_eq!(far.upload(&format!("{one}/files"), "", "plan.txt", b"a plan").await.status, 404);
    let task = form(&[("text", "Paint it"), ("item", item), ("who", "")]);
    assert_eq!(far.post("/tasks/new", &task).await.status, 404);
}

async fn programs_do_the_same(desk: &Desk, item: &str) {
    let key = desk.program(3, Role::Sales, Some("sales.contact")).await;
    let notes = format!("/v1/items/{item}/notes");
    assert_eq!(key.post(&notes, json!({ "text": "Rang.", "kind": "call" })).await.status, 204);
    let all = key.get(&notes).await;
    let rang = |one: &&serde_json::Value| one["text"]["value"] == "Rang.";
    let one = all.body["data"].as_array().unwrap().iter().find(rang).expect("it is there");
    let id = one["id"].as_str().unwrap().to_owned();
    assert_eq!(key.post(&format!("{notes}/{id}/remove"), json!({})).await.status, 204);
    assert!(
        key.get(&notes).await.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["removed_at"].is_string())
    );
    assert_eq!(key.post(&format!("{notes}/{id}/restore"), json!({})).await.status, 204);
    let task = key.post("/v1/tasks", json!({ "text": "Call", "item": item })).await.id();
    assert_eq!(key.get(&format!("/v1/tasks/{task}")).await.body["item"], *item);
    let nowhere = json!({ "text": "Call", "item": "itm_01jx6sk9c0000000000000000m" });
    assert_eq!(key.post("/v1/tasks", nowhere).await.status, 404);
}

async fn what_lies_beside_an_item_of_a_person_is_theirs(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    devices(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let one = put_down(&support, mia).await;
    let held = async |id: PersonId| desk.dossier(id).await.facts().count();
    let before = held(mia).await;
    let note = form(&[("text", "Door is bent.")]);
    assert_eq!(support.post(&format!("{one}/note"), &note).await.status, 303);
    assert_eq!(held(mia).await, before + 1, "a note beside her device is a fact of hers");
    assert!(support.get(&one).await.has("Door is bent."));
    for path in [one.clone(), format!("{one}?tab=notes"), format!("{one}?tab=files")] {
        sales.get(&path).await.has_none(&["Door is bent.", "Mia Ito"]);
    }
    let refused = sales.post(&format!("{one}/note"), &form(&[("text", "Nosy")])).await;
    assert!(refused.status == 403 && refused.has("Nosy"), "{}", refused.body);
    let item = one.rsplit('/').next().unwrap();
    let task = form(&[("text", "Send a door"), ("item", item), ("who", "")]);
    assert_eq!(support.post("/tasks/new", &task).await.status, 303);
    assert!(support.get(&format!("/people/{mia}?tab=tasks")).await.has("Send a door"), "it is about her");

    // Once she is erased nothing of it is left.
    let (company, store) = (desk.house.company, desk.house.gate.region_db(&assent_testkit::eu()).unwrap());
    let id = item.parse().unwrap();
    let done = store.read(move |tx| {
        assent_store::work::activities::of_item(
            tx,
            company,
            &assent_store::work::Reach::all(),
            id,
            (None, 200),
        )
    });
    let done: Vec<_> = done.await.unwrap().into_iter().map(|one| one.id).collect();
    assert!(!done.is_empty());
    store.write(move |tx| assent_store::work::forget_person(tx, company, mia)).await.unwrap();
    let left = store.read(move |tx| {
        let (all, mut left) = (assent_store::work::Reach::all(), 0);
        for one in done {
            left += usize::from(
                assent_store::work::activities::one(tx, company, (&all, &all, &all), one)?.is_some(),
            );
        }
        Ok((left, assent_store::work::tasks::of_item(tx, company, &all, id)?.len()))
    });
    assert_eq!(left.await.unwrap(), (0, 0));
}

async fn many_items_are_changed_and_taken_along(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let (cork, kiel) = (shop(&desk, &sales, "Cork").await, shop(&desk, &sales, "Kiel").await);
    let ids: Vec<&str> = [&cork, &kiel].into_iter().map(|home| home.rsplit('/').next().unwrap()).collect();
    let both = |more: &[(&'static str, &str)]| form(&[&[("id", ids[0]), ("id", ids[1])], more].concat());
    let list = sales.get("/things/shop").await;
    let nora = colleague(&list);
    let none = sales.post("/things/shop/change", &form(&[("owner", "-")])).await;
    assert_eq!(none.to, "/things/shop?said=none-chosen");
    let given = sales.post("/things/shop/change", &both(&[("owner", &nora)])).await;
    assert_eq!(given.to, "/things/shop?said=bulk.2.0", "{nora}");
    assert!(sales.get(&cork).await.has("handed it over: Nora"), "{}", sales.get(&cork).await.body);
    // Whoever is not here any more is nobody to give to: nothing is taken away by that, nor by saying nothing.
    let away = StaffId::from_bytes([99; 16]).to_string();
    for wrong in [both(&[("owner", &away)]), both(&[])] {
        assert_eq!(sales.post("/things/shop/change", &wrong).await.status, 422);
    }
    let ver = sales.get(&format!("{cork}/value/owner")).await.field("ver");
    let hand = form(&[("owner", away.as_str()), ("ver", ver.as_str())]);
    assert_eq!(sales.post(&format!("{cork}/value/owner"), &hand).await.status, 422);
    assert!(sales.get(&cork).await.has(">Nora"), "{}", sales.get(&cork).await.body);
    let given = sales.post("/things/shop/change", &both(&[("owner", "")])).await;
    assert_eq!(given.to, "/things/shop?said=bulk.2.0");
    assert!(sales.get(&cork).await.has("handed it over to nobody"));
    let again = sales.post("/things/shop/change", &both(&[("owner", "")])).await;
    assert_eq!(again.to, "/things/shop?said=bulk.0.0", "they are so already");
    let gone = sales.post("/things/shop/change", &both(&[("do", "remove"), ("owner", "-")])).await;
    assert_eq!(gone.to, "/things/shop?said=bulk.2.0");
    assert!(
        sales.get("/things/shop").await.has("No shops yet") || !sales.get("/things/shop").await.has(&cork)
    );
    let back = both(&[("do", "restore"), ("owner", "-"), ("back", "/things/shop?show=removed")]);
    assert_eq!(sales.post("/things/shop/change", &back).await.to, "/things/shop?show=removed&said=bulk.2.0");
    // All or none: one that is nowhere holds the others back.
    let wrong = form(&[("id", ids[0]), ("id", "itm_01jx6sk9c0000000000000000m"), ("do", "remove")]);
    assert_eq!(sales.post("/things/shop/change", &wrong).await.status, 404);
    assert!(!sales.get(&cork).await.has("was removed"));

    let along = sales.get("/things/shop/export?sort=own-name").await;
    assert!(along.has("Nothing in this list is about a person") && along.has("2 rows"), "{}", along.body);
    let file = sales.post("/things/shop/export/file", &both(&[])).await;
    assert!(
        file.has("\"shop\",\"name\",\"seats\"") && file.has("\"Cork\",\"12\"") && !file.has("_terms"),
        "{}",
        file.body
    );
    assert_eq!(sales.post("/things/shop/export", "").await.to, "/things/shop?said=none-chosen");

    let desk = Desk::new(engine).await;
    let (mia, sales) = (desk.customer().await, desk.enter(Role::Sales, "sales.contact").await);
    devices(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let one = put_down(&support, mia).await;
    let ticked = form(&[("id", one.rsplit('/').next().unwrap())]);
    let open = support.post("/things/device/export/file", &ticked).await;
    // Taking along is no use of that purpose, whoever may look.
    assert!(open.status == 200 && open.has("\"model\",\"model_terms\""), "{}", open.body);
    assert!(open.has("closed: USE_OUTSIDE_PURPOSE") && !open.has(VALUES[0].1), "{}", open.body);
    let shut = sales.post("/things/device/export/file", &ticked).await;
    shut.has_none(&[VALUES[0].1, VALUES[1].1, "Mia Ito", &mia.to_string()]);
    assert!(shut.has("closed:"), "{}", shut.body);
    let page = sales.post("/things/device/export", &ticked).await;
    assert!(page.has("decided value by value"), "{}", page.body);
    let key = desk.program(3, Role::Sales, Some("sales.contact")).await;
    let wanted = json!({ "items": [one.rsplit('/').next().unwrap()] });
    let told = key.post("/v1/objects/device/items:export", wanted.clone()).await;
    assert!(told.status == 200 && !told.text.contains(VALUES[0].1), "{}", told.text);
    assert_eq!(key.post("/v1/objects/nothing/items:export", wanted).await.status, 404);
}

async fn a_value_of_an_item_is_changed_in_its_place(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let one = shop(&desk, &sales, "Cork").await;
    let pen = format!("{one}/value/own-seats");
    assert!(sales.get(&one).await.has(&format!("{pen}?back=")));
    let small = sales.get(&pen).await;
    assert!(small.has("value=\"12\"") && !small.has("own-name"), "{}", small.body);
    let wrong = form(&[("ver", &small.field("ver")), ("own-seats", "many")]);
    let wrong = sales.post(&pen, &wrong).await;
    assert!(wrong.status == 422 && wrong.has("That is not a number."), "{}", wrong.body);
    let sent = form(&[("ver", &small.field("ver")), ("own-seats", "90")]);
    assert_eq!(sales.post(&pen, &sent).await.to, format!("{one}?said=changed"));
    let late = sales.post(&pen, &sent.replace("90", "91")).await;
    assert!(late.status == 409 && late.has("“90”"), "{}", late.body);
    let owner = format!("{one}/value/owner");
    let small = sales.get(&owner).await;
    let sent = form(&[("ver", &small.field("ver")), ("owner", &colleague(&small))]);
    assert_eq!(sales.post(&owner, &sent).await.to, format!("{one}?said=changed"));
    assert!(sales.get(&one).await.has("handed it over: Nora"));
    assert_eq!(sales.post(&owner, &sent).await.status, 409, "read before that");
    for nowhere in ["own-nothing", "title", "own-"] {
        assert_eq!(sales.get(&format!("{one}/value/{nowhere}")).await.status, 404, "{nowhere}");
    }

    let desk = Desk::new(engine).await;
    let (mia, sales) = (desk.customer().await, desk.enter(Role::Sales, "sales.contact").await);
    devices(&desk).await;
    let support = desk.enter(Role::Support, "service.support").await;
    let one = put_down(&support, mia).await;
    let pen = format!("{one}/value/own-model");
    let sent = form(&[("ver", &support.get(&pen).await.field("ver")), ("own-model", "Cool 400")]);
    assert_eq!(support.post(&pen, &sent).await.status, 303);
    let page = support.get(&one).await;
    assert!(page.has("Cool 400") && page.has("2026-03-02"), "the others stay: {}", page.body);
    // Whoever may not see it neither opens the form nor writes over it.
    let shut = sales.get(&pen).await;
    assert_eq!(shut.status, 403);
    shut.has_none(&["Cool 400", "Mia Ito"]);
    assert_eq!(sales.post(&pen, &form(&[("own-model", "Mine")])).await.status, 403);
    assert!(!sales.get(&one).await.has("value/own-model"));
    assert!(support.get(&one).await.has("Cool 400"));
}
