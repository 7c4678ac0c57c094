//! A role that does not see an object at all: for it there are no such things, on every way to them.

use assent_kernel::Role;
use assent_testkit::Engine;
use serde_json::json;

use super::{SECRET, world};
use crate::desk::story::fixture::form;

async fn there_are_none_of_them(engine: Engine) {
    let world = world(engine).await;
    let at = |object: usize, owner: usize| world.work[object][owner].as_str();
    let firm = format!("/organisations/{}", at(0, 0));
    let (line, with) = (format!("PATCH /v1/deals/{}", at(1, 0)), json!({ "organisation": at(0, 0) }));
    assert_eq!(world.admin.call(&line, &[("if-match", "*")], Some(with)).await.status, 204);
    let page = world.seat.get(&firm).await;
    assert!(page.has("href=\"/deals\"") && page.has("?tab=deals") && page.has("New deal"), "{}", page.body);

    world.lay_down("deals", "none", "none").await;
    let page = world.seat.get(&firm).await;
    page.has_none(&["href=\"/deals\"", "?tab=deals", "/deals/new", at(1, 0)]);
    let tab = world.seat.get(&format!("{firm}?tab=deals")).await;
    assert!(tab.status == 200 && !tab.has("No deals yet") && tab.has("Timeline"), "{}", tab.body);
    let numbers = world.seat.get("/dashboard").await;
    assert!(numbers.status == 200 && !numbers.has("EUR\u{a0}"), "{}", numbers.body);
    let found = world.seat.get("/find?q=Umbau").await;
    found.has_none(&[at(1, 0), at(1, 2)]);
    assert!(found.has(at(0, 0)), "the rest is there: {}", found.body);
    for path in ["/deals", "/deals?view=board", "/deals/new", &format!("/deals/{}", at(1, 0))] {
        let page = world.seat.get(path).await;
        assert!(page.status == 403 && page.has("does not see"), "{path}: {}", page.body);
        page.has_none(&[SECRET]);
    }
    let made = form(&[("title", "New"), ("amount", "1")]);
    assert_eq!(world.seat.post("/deals/new", &made).await.status, 403);
    for path in ["/v1/deals", "/v1/deals:sums", &format!("/v1/deals/{}", at(1, 0))] {
        assert_eq!(world.me.get(path).await.status, 403, "{path}");
    }
    assert_eq!(world.me.post("/v1/deals", json!({ "title": "New" })).await.status, 403);
    let found = world.me.get("/v1/find?q=Umbau").await;
    assert!(found.text.contains(at(0, 0)) && !found.text.contains(at(1, 0)), "{}", found.text);

    world.lay_down("tasks", "none", "none").await;
    world.lay_down("things", "none", "none").await;
    let page = world.seat.get(&firm).await;
    page.has_none(&["href=\"/tasks\"", "?tab=tasks", "href=\"/things/van\"", "?tab=things"]);
    let day = world.seat.get("/day").await;
    assert!(day.status == 200 && !day.has(at(2, 0)), "{}", day.body);
    assert_eq!(world.seat.get("/things/van").await.status, 403);
    assert_eq!(world.me.get("/v1/items/itm_x").await.status, 403);
    // Organisations, too: not even by the name beside a deal.
    world.lay_down("deals", "all", "all").await;
    world.lay_down("organisations", "none", "none").await;
    let page = world.seat.get("/deals").await;
    assert!(page.has(at(1, 0)), "{}", page.body);
    page.has_none(&["Umbau der Werkstatt organisations", "href=\"/organisations\""]);
    // Whoever has to answer the person sees all.
    let officer = world.desk.enter(Role::Dpo, "rights.inform").await;
    assert_eq!(officer.get(&firm).await.status, 200);
}

async fn what_cannot_be_laid_down(engine: Engine) {
    let world = world(engine).await;
    for (object, see, change) in
        [("people", "none", "none"), ("deals", "all", "none"), ("people", "own", "none")]
    {
        let rule = json!({ "role": "sales", "object": object, "see": see, "change": change });
        let done = world.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await;
        assert_eq!(done.status, 422, "{object} {see} {change}: {}", done.text);
    }
    let admin = world.desk.enter(Role::Admin, "rights.access").await;
    let page = admin.get("/settings/roles").await;
    let choice = |name: &str| {
        page.body
            .split(&format!("name=\"{name}\""))
            .nth(1)
            .unwrap()
            .split("</select>")
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(
        choice("sees.sales.deals").contains("value=\"none\"")
            && !choice("sees.sales.people").contains("none")
    );
}

assent_testkit::on_both!(there_are_none_of_them, what_cannot_be_laid_down);
