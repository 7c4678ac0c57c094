//! What lies beside far work and what leads to it: files, notes, many at once, names of organisations, values of people.

use assent_kernel::{PersonId, Role};
use assent_testkit::Engine;
use serde_json::json;

use super::{SECRET, World, seat_of, world};
use crate::desk::story::fixture::{Program, form};

/// Sees everything of it, changes its own.
async fn looks_only(world: &World) {
    for object in super::OBJECTS {
        world.lay_down(object, "all", "own").await;
    }
}

/// The notes and files of a record, as programs are told: id and whether it was removed.
async fn notes(key: &Program, home: &str) -> Vec<(String, bool)> {
    let told = key.get(&format!("{home}/notes")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let all = told.body["data"].as_array().unwrap().iter();
    all.map(|one| (one["id"].as_str().unwrap().to_owned(), !one["removed_at"].is_null())).collect()
}

async fn files_and_notes(engine: Engine) {
    let world = world(engine).await;
    looks_only(&world).await;
    let file = || json!({ "name": "offer.txt", "content": "VHdvIHllYXJzLg==" });
    for (kind, at) in [("organisations", 0), ("deals", 1)] {
        let (far, mine) = (&world.work[at][2], &world.work[at][0]);
        let (api, page) = (format!("/v1/{kind}/{far}"), format!("/{kind}/{far}"));
        let kept = world.admin.post(&format!("{api}/files"), file()).await.id();
        assert_eq!(world.admin.post(&format!("{api}/notes"), json!({ "text": "Theirs." })).await.status, 204);
        let theirs = notes(&world.admin, &api).await.into_iter().find(|(id, _)| *id != kept).unwrap().0;
        // It is read, and nothing of it is removed or kept beside it.
        assert_eq!(world.me.get(&format!("/v1/files/{kept}")).await.status, 200);
        assert_eq!(world.me.post(&format!("{api}/files"), file()).await.status, 403);
        assert_eq!(world.seat.upload(&format!("{page}/files"), "", "a.txt", b"x").await.status, 403);
        assert_eq!(world.me.call(&format!("DELETE /v1/files/{kept}"), &[], None).await.status, 403);
        assert_eq!(world.seat.post(&format!("/files/{kept}/remove"), "").await.status, 403);
        for verb in ["remove", "restore"] {
            assert_eq!(world.me.post(&format!("{api}/notes/{theirs}/{verb}"), json!({})).await.status, 403);
            assert_eq!(world.seat.post(&format!("{page}/note/{theirs}/{verb}"), "").await.status, 403);
        }
        let shown = world.seat.get(&page).await;
        assert!(
            shown.has("it is not yours") && !shown.has("/edit\"") && !shown.has("/value/"),
            "{}",
            shown.body
        );
        assert!(!shown.has(&format!("/note/{theirs}/")) && !shown.has("Keep a file"), "{}", shown.body);
        // A note of their own is written on what is seen, and removed by whoever wrote it, also by their key.
        let note = form(&[("kind", "note"), ("text", "Mine.")]);
        assert_eq!(world.seat.post(&format!("{page}/note"), &note).await.status, 303);
        let own = notes(&world.admin, &api)
            .await
            .into_iter()
            .find(|(id, _)| *id != kept && *id != theirs)
            .unwrap()
            .0;
        assert!(world.seat.get(&page).await.has(&format!("/note/{own}/remove")));
        assert_eq!(world.me.post(&format!("{api}/notes/{own}/remove"), json!({})).await.status, 204);
        assert_eq!(world.seat.post(&format!("{page}/note/{own}/restore"), "").await.status, 303);
        // Their own record: everything.
        let api = format!("/v1/{kind}/{mine}");
        let kept_too = world.admin.post(&format!("{api}/files"), file()).await.id();
        assert!(!world.seat.get(&format!("/{kind}/{mine}")).await.has("it is not yours"));
        assert_eq!(world.me.call(&format!("DELETE /v1/files/{kept_too}"), &[], None).await.status, 204);
        // Out of reach there is nothing.
        world.lay_down(kind, "own", "own").await;
        for path in [format!("/v1/files/{kept}"), format!("/v1/{kind}/{far}/notes")] {
            assert_eq!(world.me.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(world.seat.post(&format!("/files/{kept}/remove"), "").await.status, 404);
        assert_eq!(world.admin.get(&format!("/v1/files/{kept}")).await.status, 200, "and it is there still");
    }
}

async fn many_at_once(engine: Engine) {
    let world = world(engine).await;
    looks_only(&world).await;
    let (mine, theirs) = (&world.work[1], &world.work[1][2]);
    let ids = |all: &[&String], more: &[(&str, &str)]| {
        let all = all.iter().map(|id| ("id", id.as_str()));
        form(&all.chain(more.iter().copied()).collect::<Vec<_>>())
    };
    let both = ids(&[&mine[0], theirs], &[("do", "remove")]);
    assert_eq!(world.seat.post("/deals/change", &both).await.status, 403);
    assert!(world.admin.get(&format!("/v1/deals/{}", mine[0])).await.body["removed_at"].is_null());
    let tasks = ids(&[&world.work[2][0], &world.work[2][2]], &[("do", "done")]);
    assert_eq!(world.seat.post("/tasks/change", &tasks).await.status, 403);
    assert!(world.admin.get(&format!("/v1/tasks/{}", world.work[2][0])).await.body["done_at"].is_null());
    let tasks = ids(&[&world.work[2][0], &world.work[2][4]], &[("do", "done")]);
    assert_eq!(world.seat.post("/tasks/change", &tasks).await.to, "/tasks?said=bulk.2.0");
    // Two of their own are handed over and moved, both at once.
    let ways = world.admin.get("/v1/pipelines").await;
    let next = ways.body["data"][0]["stages"][1]["id"].as_str().unwrap();
    let mate = world.owners[1].unwrap().to_string();
    let change = ids(&[&mine[0], &mine[4]], &[("owner", &mate), ("stage", next)]);
    let done = world.seat.post("/deals/change", &change).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/deals?said=bulk.2.0"), "{}", done.body);
    let told = world.admin.get(&format!("/v1/deals/{}", mine[4])).await;
    assert!(told.body["owner"] == mate.as_str() && told.body["stage"] == next, "{}", told.text);
    // Handed over, there is no way back that would be refused.
    let deal =
        world.admin.post("/v1/deals", json!({ "title": "Handed", "owner": world.owners[0] })).await.id();
    let over = form(&[("owner", &mate)]);
    let done = world.seat.post(&format!("/deals/{deal}/value/owner"), &over).await;
    assert_eq!(done.to, format!("/deals/{deal}?said=changed"), "no undo: {}", done.body);
    for object in ["deals", "tasks"] {
        world.lay_down(object, "own", "own").await;
    }
    let task =
        world.admin.post("/v1/tasks", json!({ "text": "Handed", "assignee": world.owners[0] })).await.id();
    let over = form(&[("who", &mate)]);
    let done = world.seat.post(&format!("/tasks/{task}/value/who"), &over).await;
    assert_eq!(done.to, "/tasks?said=handed", "{}", done.body);
    for (kind, at) in [("organisations", 0), ("tasks", 2)] {
        world.lay_down(kind, "own", "own").await;
        let far = json!({ kind: [world.work[at][2]] });
        assert_eq!(world.me.post(&format!("/v1/{kind}:export"), far).await.status, 404, "{kind}");
        let near = json!({ kind: [world.work[at][0]] });
        assert_eq!(world.me.post(&format!("/v1/{kind}:export"), near).await.status, 200, "{kind}");
    }
    let gone = format!("DELETE /v1/deals/{theirs}");
    assert_eq!(world.admin.call(&gone, &[("if-match", "*")], None).await.status, 204);
    assert!(!world.me.get("/v1/deals?removed=true").await.text.contains(theirs.as_str()));
}

async fn names_of_far_organisations(engine: Engine) {
    let world = world(engine).await;
    looks_only(&world).await;
    let (deal, theirs) = (&world.work[1][0], &world.work[1][2]);
    // A change that is refused leaves nothing behind.
    let edit = form(&[("title", "x"), ("company", "Brandneu"), ("amount", "1"), ("currency", "EUR")]);
    for path in [format!("/deals/{theirs}/edit"), format!("/deals/{theirs}/value/company")] {
        assert_eq!(world.seat.post(&path, &edit).await.status, 403, "{path}");
        assert_eq!(world.seat.get(&path).await.status, 403, "{path}");
    }
    assert!(!world.admin.get("/v1/organisations").await.text.contains("Brandneu"));
    world.lay_down("organisations", "own", "own").await;
    // One out of reach is not put down once more; which it is is not told.
    let (far, name) = (&world.work[0][2], format!("{SECRET} organisations other's"));
    let twin = world.me.post("/v1/organisations", json!({ "name": name })).await;
    assert!(twin.status == 409 && !twin.text.contains(far.as_str()), "{}", twin.text);
    let mine = format!("{SECRET} organisations mine");
    let twin = world.me.post("/v1/organisations", json!({ "name": mine })).await;
    assert!(twin.status == 409 && twin.text.contains(world.work[0][0].as_str()), "{}", twin.text);
    // Nor is anything hung on it, by its name or by its id.
    let company = form(&[("company", &name)]);
    let done = world.seat.post(&format!("/deals/{deal}/value/company"), &company).await;
    assert!(done.status == 422 && done.has("you do not see it"), "{}", done.body);
    let line = format!("PATCH /v1/deals/{deal}");
    let with = |id: &String| Some(json!({ "organisation": id }));
    assert_eq!(world.me.call(&line, &[("if-match", "*")], with(far)).await.status, 422);
    // Where it stands already it is told by its name, leads nowhere, and may stay.
    assert_eq!(world.admin.call(&line, &[("if-match", "*")], with(far)).await.status, 204);
    for page in [format!("/deals/{deal}"), "/deals".into(), "/deals?view=board".into()] {
        let shown = world.seat.get(&page).await;
        assert!(shown.has("organisations other") && !shown.has(far), "{page}: {}", shown.body);
    }
    assert_eq!(world.me.call(&line, &[("if-match", "*")], with(far)).await.status, 204);
    assert_eq!(world.seat.post(&format!("/deals/{deal}/value/company"), &company).await.status, 303);
    // Taken away, it is not offered to be put back.
    let done = world.seat.post(&format!("/deals/{deal}/value/company"), &form(&[("company", "")])).await;
    assert_eq!(done.to, format!("/deals/{deal}?said=changed"));
    // Whoever is named in a note and does not see the record is not led there.
    world.lay_down("deals", "own", "own").await;
    let note = form(&[("kind", "note"), ("text", "@Colleague 50, look")]);
    let done = world.seat.post(&format!("/deals/{deal}/note"), &note).await;
    assert_eq!(done.to, format!("/deals/{deal}?said=noted.1"));
    assert!(world.seat.get(&done.to).await.has("1 colleague whom you named does not see this record"));
    // Nor does a word of before lead to where there is nothing any more.
    assert_eq!(
        world.admin.call(&line, &[("if-match", "*")], Some(json!({ "owner": null }))).await.status,
        204
    );
    let mine = world.admin.post("/v1/deals", json!({ "title": "Look", "owner": world.owners[0] })).await.id();
    assert!(world.seat.get("/inbox").await.has(&format!("href=\"/deals/{mine}\"")));
    let away = format!("PATCH /v1/deals/{mine}");
    assert_eq!(
        world.admin.call(&away, &[("if-match", "*")], Some(json!({ "owner": null }))).await.status,
        204
    );
    let inbox = world.seat.get("/inbox").await;
    assert!(inbox.has("You do not see it any more") && !inbox.has(&mine), "{}", inbox.body);
}

async fn values_of_people(engine: Engine) {
    let world = world(engine).await;
    let mia: PersonId = world.desk.customer().await;
    let seat = world.desk.enter(Role::Support, "service.support").await;
    let me =
        super::key(&world.desk, 62, Role::Support, seat_of(&world.desk, Role::Support, "service.support"))
            .await;
    let other = world.owners[2];
    let new = json!({ "title": SECRET, "person": mia, "owner": other });
    let deal = world.admin.post("/v1/deals", new.clone()).await;
    // Administrators see nothing of her for that purpose: support makes it and hands it over.
    assert_eq!(deal.status, 403, "{}", deal.text);
    let deal = me.post("/v1/deals", new).await.id();
    let task = me.post("/v1/tasks", json!({ "text": "Call", "person": mia })).await.id();
    let of = async |key: &str| {
        let facts = me.get(&format!("/v1/people/{mia}")).await;
        let all = facts.body["facts"].as_array().unwrap().clone();
        let one = all.iter().find(|one| one["category"] == key);
        one.map(|one| one["id"].as_str().unwrap().to_owned())
            .unwrap_or_else(|| panic!("{key}: {}", facts.text))
    };
    let (title, text) = (of("note.deal").await, of("note.task").await);
    for object in ["deals", "tasks"] {
        let rule = json!({ "role": "support", "object": object, "see": "own", "change": "own" });
        let done = world.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await;
        assert_eq!(done.status, 204, "{}", done.text);
    }
    assert_eq!(me.get(&format!("/v1/deals/{deal}")).await.status, 404);
    for path in [format!("/v1/deals?person={mia}"), format!("/v1/deals?person={mia}&removed=true")] {
        assert!(!me.get(&path).await.text.contains(&deal), "{path}");
    }
    for tab in ["deals", "tasks", ""] {
        let page = seat.get(&format!("/people/{mia}?tab={tab}")).await;
        assert!(page.status == 200 && !page.has(&deal), "{tab}");
        assert!(tab != "tasks" || page.has(&task), "their own is there: {}", page.body);
    }
    // What stands in work of a colleague is told by way of the person no more than by way of the row: how many, and no more.
    let told = me.get(&format!("/v1/people/{mia}")).await;
    assert!(told.body["elsewhere"] == 1 && !told.text.contains(&title), "{}", told.text);
    assert!(told.text.contains(&text) && !told.text.contains(SECRET), "{}", told.text);
    let page = seat.get(&format!("/people/{mia}")).await;
    assert!(page.has("work of colleagues that your role does not see"), "{}", page.body);
    page.has_none(&[&title, SECRET]);
    // A deal out of reach is neither renamed nor emptied by way of its contact; a task of one's own is.
    let put = |fact: &str| format!("PATCH /v1/people/{mia}/facts/{fact}");
    let drop = |fact: &str| format!("DELETE /v1/people/{mia}/facts/{fact}");
    let tag = [("if-match", "*")];
    let value = || Some(json!({ "value": "Renamed" }));
    assert_eq!(me.call(&put(&title), &tag, value()).await.status, 404);
    assert_eq!(me.call(&drop(&title), &tag, None).await.status, 404);
    let page = format!("/people/{mia}/fact/{title}");
    assert_eq!(seat.get(&page).await.status, 404);
    for path in [page.clone(), format!("{page}/remove")] {
        assert_eq!(seat.post(&path, &form(&[("value", "Renamed")])).await.status, 404, "{path}");
    }
    assert_eq!(me.call(&put(&text), &tag, value()).await.status, 204);
    assert_eq!(me.get(&format!("/v1/tasks/{task}")).await.body["text"]["value"], "Renamed");
    let rule = json!({ "role": "support", "object": "deals", "see": "all", "change": "all" });
    assert_eq!(world.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await.status, 204);
    let told = me.get(&format!("/v1/deals/{deal}")).await;
    assert_eq!(told.body["title"]["value"], SECRET, "{}", told.text);
    assert_eq!(me.call(&put(&title), &tag, value()).await.status, 204);
}

async fn every_way_around(engine: Engine) {
    let world = world(engine).await;
    let (mine, far, firm) = (&world.work[1][0], &world.work[1][2], &world.work[0][0]);
    for deal in [mine, far] {
        let with = json!({ "organisation": firm });
        let line = format!("PATCH /v1/deals/{deal}");
        assert_eq!(world.admin.call(&line, &[("if-match", "*")], Some(with)).await.status, 204);
    }
    let ways = world.admin.get("/v1/pipelines").await;
    let next = ways.body["data"][0]["stages"][1]["id"].as_str().unwrap();
    let step = form(&[("stage", next)]);
    // Seen, but not theirs to change: no card is dragged, and no move is offered or done.
    world.lay_down("deals", "all", "own").await;
    let board = world.seat.get("/deals?view=board").await;
    assert!(board.has(&format!("/deals/{mine}/stage")) && !board.has(&format!("/deals/{far}/stage")));
    for path in [format!("/deals/{far}/stage"), format!("/deals/{far}/value/amount")] {
        assert_eq!(world.seat.post(&path, &step).await.status, 403, "{path}");
    }
    assert_eq!(world.seat.get(&format!("/deals/{far}/stage?stage={next}")).await.status, 403);
    let done = world.seat.post(&format!("/deals/{mine}/stage"), &step).await;
    assert!(done.status == 303 && done.to.contains("said=moved&undo="), "{}", done.to);
    // A task that is not theirs is looked at, and has nothing to tick.
    world.lay_down("tasks", "all", "own").await;
    let task = world.seat.get(&format!("/tasks/{}", world.work[2][2])).await;
    assert!(task.has("it is not yours") && task.has(SECRET) && !task.has("name=\"text\""), "{}", task.body);
    assert!(!task.has(">Remove<") && !task.has(">Done<"), "{}", task.body);
    let task = form(&[("text", "Mine now"), ("who", "")]);
    assert_eq!(world.seat.post(&format!("/tasks/{}", world.work[2][2]), &task).await.status, 403);
    // Out of reach: beside its organisation, found by words and by rules, and next to one that is near.
    world.lay_down("deals", "own", "own").await;
    let paths = [format!("/v1/deals?organisation={firm}"), "/v1/find?q=Umbau+deals".into()];
    for path in paths {
        let told = world.me.get(&path).await.text;
        assert!(told.contains(mine.as_str()) && !told.contains(far.as_str()), "{path}: {told}");
    }
    for path in ["/deals?q=Umbau".into(), "/deals?f=amount.from.0".into(), format!("/deals/{mine}")] {
        let page = world.seat.get(&path).await;
        assert!(page.has(mine) && !page.has(far), "{path}");
    }
    assert_eq!(world.seat.post(&format!("/deals/{far}/stage"), &step).await.status, 404);
    assert!(!world.seat.get("/deals?f=owner.is.Colleague%2050").await.has(far));
}

/// A file that lies beside a colleague's deal about somebody is a value of that person: it is no nearer by way of them.
async fn a_file_beside_far_work(engine: Engine) {
    let world = world(engine).await;
    let mia: PersonId = world.desk.customer().await;
    let answers = seat_of(&world.desk, Role::Support, "service.support");
    let seat = world.desk.enter(Role::Support, "service.support").await;
    let me = super::key(&world.desk, 62, Role::Support, answers).await;
    // A colleague keeps it: what somebody kept themselves is their own word.
    let colleague = super::working_as(&world.desk, 0x44, Role::Support).await;
    let theirs = super::key(&world.desk, 63, Role::Support, colleague).await;
    let new = json!({ "title": SECRET, "person": mia, "owner": world.owners[2] });
    let deal = theirs.post("/v1/deals", new).await.id();
    let file = json!({ "name": "offer.txt", "content": "VHdvIHllYXJzLg==" });
    let kept = theirs.post(&format!("/v1/deals/{deal}/files"), file).await.id();
    let facts = me.get(&format!("/v1/people/{mia}")).await;
    let all = facts.body["facts"].as_array().unwrap();
    let one = all.iter().find(|one| one["value"] == "offer.txt").unwrap_or_else(|| panic!("{}", facts.text));
    let fact = one["id"].as_str().unwrap();
    let api = [format!("/v1/people/{mia}/files/{fact}"), format!("/v1/files/{kept}")];
    let page = format!("/people/{mia}/files/{fact}");
    for path in &api {
        assert_eq!(me.get(path).await.status, 200, "the control: {path}");
    }
    assert_eq!(seat.get(&page).await.status, 200);
    let rule = json!({ "role": "support", "object": "deals", "see": "own", "change": "own" });
    assert_eq!(world.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await.status, 204);
    for path in &api {
        assert_eq!(me.get(path).await.status, 404, "{path}");
    }
    assert_eq!(seat.get(&page).await.status, 404);
}

assent_testkit::on_both!(
    a_file_beside_far_work,
    every_way_around,
    files_and_notes,
    many_at_once,
    names_of_far_organisations,
    values_of_people
);
