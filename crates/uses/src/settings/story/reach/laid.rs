//! Laying it down: by administrators who answer for it, over nothing that somebody else laid down meanwhile, and written down.

use assent_kernel::Role;
use assent_testkit::Engine;
use serde_json::json;

use super::{OBJECTS, world};
use crate::desk::story::fixture::form;

async fn laid_down(engine: Engine) {
    let world = world(engine).await;
    let admin = world.desk.enter_at(world.desk.house.company, Role::Admin, "rights.access").await;
    let page = admin.get("/settings/roles").await;
    assert!(page.has("Whose work a role sees and changes") && page.has("name=\"sees.sales.deals\""));
    let scopes = |tag: &str, see: &str, change: &str| {
        let mut all = vec![("tag".to_owned(), tag.to_owned())];
        for role in assent_web::reach::ROLES {
            for object in assent_web::reach::Object::ALL.map(assent_web::reach::Object::key) {
                let narrow = (*role, object) == (Role::Sales, "deals");
                let said = |to: &str| if narrow { to.to_owned() } else { "all".to_owned() };
                all.push((format!("sees.{}.{object}", role.key()), said(see)));
                all.push((format!("changes.{}.{object}", role.key()), said(change)));
            }
        }
        let pairs: Vec<(&str, &str)> = all.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        form(&pairs)
    };
    let tag = page.field("tag");
    assert_eq!(admin.post("/settings/roles/reach", &scopes(&tag, "team", "all")).await.status, 303);
    let told = world.admin.get("/v1/reach").await;
    let cut = json!({ "role": "sales", "object": "deals", "see": "team", "change": "team" });
    assert!(told.body["data"].as_array().unwrap().contains(&cut), "changing is cut to seeing: {}", told.text);
    // A form of before would open again, unread, what was closed meanwhile; so does what names another tag.
    let stale = admin.post("/settings/roles/reach", &scopes(&tag, "all", "all")).await;
    assert!(stale.status == 409 && stale.has("Somebody changed this meanwhile"), "{}", stale.status);
    assert!(world.admin.get("/v1/reach").await.body["data"].as_array().unwrap().contains(&cut));
    let rule = json!({ "rules": [{ "role": "sales", "object": "deals", "see": "all", "change": "all" }] });
    let old = format!("\"{tag}\"");
    assert_eq!(world.admin.call("PUT /v1/reach", &[("if-match", &old)], Some(rule)).await.status, 412);
    let tag = admin.get("/settings/roles").await.field("tag");
    assert_eq!(admin.post("/settings/roles/reach", &scopes(&tag, "nothing", "all")).await.status, 400);
    let officer = world.desk.enter(Role::Dpo, "rights.inform").await;
    assert!(officer.get("/settings/roles").await.status == 200);
    assert_eq!(officer.post("/settings/roles/reach", &scopes(&tag, "all", "all")).await.status, 403);
    for role in ["dpo", "nobody"] {
        let rule = json!({ "role": role, "object": "deals", "see": "own", "change": "own" });
        let done = world.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await;
        assert!(matches!(done.status, 400 | 422), "{}", done.text);
    }
    // Out of the team, a mate's work is out of reach.
    let deal = format!("/v1/deals/{}", world.work[1][1]);
    assert_eq!(world.me.get(&deal).await.status, 200);
    assert_eq!(world.admin.call("DELETE /v1/teams/north", &[], None).await.status, 204);
    assert_eq!(world.admin.call("DELETE /v1/teams/north", &[], None).await.status, 404);
    assert_eq!(world.me.get(&deal).await.status, 404);
    // Another company's staff are no members, and its rules are its own.
    world.desk.foreign().await;
    let other = assent_kernel::CompanyId::from_bytes([2; 16]);
    let seat = world.desk.enter_at(other, Role::Admin, "rights.access").await;
    let team = form(&[
        ("key", ""),
        ("tag", ""),
        ("name", "Theirs"),
        ("member", &world.owners[0].unwrap().to_string()),
    ]);
    assert_eq!(seat.post("/settings/staff/teams", &team).await.status, 422);
    let team = form(&[("key", ""), ("tag", ""), ("name", "Theirs")]);
    assert_eq!(seat.post("/settings/staff/teams", &team).await.status, 303);
    let theirs = world.desk.program_of(other, 77, Role::Admin, None).await;
    let told = theirs.get("/v1/teams").await;
    assert_eq!(told.body["data"][0]["members"], json!([]), "{}", told.text);
    assert!(!theirs.get("/v1/reach").await.text.contains("team"));
}

async fn teams(engine: Engine) {
    let world = world(engine).await;
    let [me, mate, other, _] = world.owners;
    // The whole of a team is sent, so whoever changes one says which they saw.
    let team = |name: &str, members: &[_]| Some(json!({ "name": name, "members": members }));
    let told = world.admin.get("/v1/teams").await;
    let tag = format!("\"{}\"", told.body["data"][0]["etag"].as_str().unwrap());
    let put = "PUT /v1/teams/north";
    assert_eq!(world.admin.call(put, &[], team("North", &[me])).await.status, 428);
    let done = world.admin.call(put, &[("if-match", &tag)], team("South", &[me, other])).await;
    assert_eq!(done.status, 204, "{}", done.text);
    assert_eq!(world.admin.call(put, &[("if-match", &tag)], team("North", &[me])).await.status, 412);
    let nobody = world.admin.call(
        put,
        &[("if-match", "*")],
        team("South", &[Some(super::StaffId::from_bytes([9; 16]))]),
    );
    assert_eq!(nobody.await.status, 422, "nobody is left out silently");
    // A form of before brings nobody back.
    let admin = world.desk.enter(Role::Admin, "rights.access").await;
    let tag = tag.trim_matches('"');
    let stale =
        form(&[("key", "north"), ("tag", tag), ("name", "North"), ("member", &mate.unwrap().to_string())]);
    let stale = admin.post("/settings/staff/teams", &stale).await;
    assert!(stale.status == 409 && stale.has("Somebody changed this meanwhile"), "{}", stale.body);
    let told = world.admin.get("/v1/teams").await;
    assert_eq!(told.body["data"][0]["members"].as_array().unwrap().len(), 2, "{}", told.text);
    // Who came and left is written down by name, and what held before.
    world.lay_down("deals", "team", "own").await;
    let page = admin.get("/settings/staff").await;
    for line in [
        "Team “North” made, with: Nora sales, Colleague 49.",
        "Team “North” is called “South” from now on; joined: Colleague 50; left: Colleague 49.",
        "Laid down: sales sees of deals: everybody’s → team’s, changes: everybody’s → own.",
    ] {
        assert!(page.has(line), "{line}: {}", page.body);
    }
    // A key that nobody answers for lays nothing down, nor one for a purpose, nor another role's.
    let nobodys = world.desk.program(80, Role::Admin, None).await;
    let bound = world.desk.program(81, Role::Admin, Some("rights.inform")).await;
    let rule = json!({ "rules": [{ "role": "sales", "object": "deals", "see": "all", "change": "all" }] });
    for key in [&nobodys, &bound, &world.me] {
        assert_eq!(key.call("PUT /v1/reach", &[], Some(rule.clone())).await.status, 403);
        assert_eq!(key.call("PUT /v1/teams/x", &[], team("X", &[])).await.status, 403);
        assert_eq!(key.call("DELETE /v1/teams/north", &[], None).await.status, 403);
    }
    assert_eq!(bound.get("/v1/teams").await.status, 403);
}

/// Nobody undoes unread what somebody else changed of an account, in a form of before or at the same moment.
async fn accounts_change_as_they_were_read(engine: Engine) {
    let world = world(engine).await;
    let mate = world.owners[1].unwrap();
    let admin = world.desk.enter(Role::Admin, "rights.access").await;
    let path = |what: &str| format!("/settings/staff/{mate}/{what}");
    let read = async || {
        let page = admin.get("/settings/staff").await;
        let form = page.body.split(&format!("action=\"{}\"", path("roles"))).nth(1).unwrap().to_owned();
        form.split("name=\"tag\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let give = async |tag: &str, roles: [&str; 2]| {
        let sent = form(&[("tag", tag), ("role", roles[0]), ("role", roles[1])]);
        admin.post(&path("roles"), &sent).await
    };
    let old = read().await;
    assert_eq!(give(&old, ["sales", "support"]).await.status, 303);
    for late in [
        give(&old, ["sales", "billing"]).await,
        admin.post(&path("door"), &form(&[("tag", &old), ("door", "shut")])).await,
    ] {
        assert!(late.status == 409 && late.has("Somebody changed this meanwhile"), "{}", late.body);
    }
    let staff = world.admin.get("/v1/staff").await;
    let one = staff.body["data"].as_array().unwrap().iter().find(|one| one["id"] == json!(mate)).unwrap();
    assert_eq!((&one["roles"], &one["shut_out"]), (&json!(["sales", "support"]), &json!(false)));
    for other in ["billing", "marketing", "billing", "marketing", "billing", "marketing"] {
        let tag = read().await;
        let (a, b) = tokio::join!(give(&tag, ["sales", other]), give(&tag, ["support", other]));
        let mut done = [a.status, b.status];
        done.sort_unstable();
        assert_eq!(done, [303, 409], "one of two at once: {} {}", a.body, b.body);
    }
}

async fn a_key_of_nobody_is_alone(engine: Engine) {
    let world = world(engine).await;
    let lone = world.desk.program(82, Role::Sales, None).await;
    for (object, (path, field)) in OBJECTS.into_iter().zip(super::PATHS) {
        for (scope, sees) in [("own", 0), ("team", 1)] {
            world.lay_down(object, scope, scope).await;
            let made = lone.post(path, super::body(object, &format!("Alone {scope}"))).await.id();
            let told = lone.get(&format!("{path}/{made}")).await;
            let maker = super::StaffId::from_bytes([82; 16]).to_string();
            let owner = if object == "tasks" { "made_by" } else { field };
            assert_eq!(told.body[owner], maker.as_str(), "{}", told.text);
            assert_eq!(
                world.me.get(&format!("{path}/{made}")).await.status,
                if object == "tasks" && scope == "team" { 200 } else { 404 }
            );
            // What is nobody's is seen by every team, also by one of none.
            let all = lone.get(path).await;
            let nobodys = usize::from(
                all.text.contains(&world.work[OBJECTS.iter().position(|one| *one == object).unwrap()][3]),
            );
            assert_eq!(nobodys, sees, "{object} {scope}");
        }
    }
    // A hand that reaches further corrects something and leaves it whose it is.
    let made = lone.post("/v1/deals", super::body("deals", "Alone")).await.id();
    let admin = world.desk.enter(Role::Admin, "rights.access").await;
    let page = admin.get(&format!("/deals/{made}/value/owner")).await;
    assert!(page.has("selected>the shop (program)"), "{}", page.body);
}

#[test]
fn every_role_that_sees_work_has_a_reach_or_answers_the_person() {
    let mut narrowed = assent_web::reach::ROLES.to_vec();
    narrowed.push(Role::Dpo);
    for role in crate::frame::ROLES {
        assert!(narrowed.contains(role), "{role:?} would see everything unsaid");
    }
    assert_eq!(narrowed.len(), crate::frame::ROLES.len());
}

assent_testkit::on_both!(accounts_change_as_they_were_read, laid_down, teams, a_key_of_nobody_is_alone);
