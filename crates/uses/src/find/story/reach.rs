//! What lies beside a record out of reach is not found: neither beside it, nor by way of the person whom it is about.

use assent_kernel::Role;
use assent_store::access;
use assent_testkit::Engine;
use serde_json::{Value, json};

use super::{SUPPORT, is_found, object};
use crate::desk::story::fixture::{Desk, Program};

/// How far support sees deals, organisations, items and people.
async fn lay_down(admin: &Program, sees: [&str; 4]) {
    let rule = |(object, see): (&str, &str)| json!({ "role": "support", "object": object, "see": see, "change": see });
    let objects = ["deals", "organisations", "things", "people"].into_iter();
    let rules: Vec<Value> = objects.zip(sees).map(rule).collect();
    let done = admin.call("PUT /v1/reach", &[], Some(json!({ "rules": rules }))).await;
    assert_eq!(done.status, 204, "{}", done.text);
}

async fn found_as_far_as_a_role_reaches(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.enter(Role::Admin, "rights.inform").await;
    let company = desk.house.company;
    let staff = desk.house.gate.home().read(move |tx| access::staff(tx, company)).await.unwrap();
    let admin = desk.program_by(91, Role::Admin, staff[0].id).await;
    let mate = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let me = desk.program(2, Role::Support, Some(SUPPORT)).await;
    let mia = desk.customer().await;
    object(&desk, "van", "nobody", &[("plate", "text", "")]).await;
    object(&desk, "device", "person", &[("model", "text", "purchase.product")]).await;
    let firm = mate.post("/v1/organisations", json!({ "name": "Hafen AG" })).await.id();
    let deal = mate.post("/v1/deals", json!({ "title": "Ten cranes" })).await.id();
    let hers = mate.post("/v1/deals", json!({ "title": "Second fridge", "person": mia })).await.id();
    for (home, text) in
        [("organisations", &firm), ("deals", &deal), ("deals", &hers)].map(|at| (at, "Zebra stripes"))
    {
        let done = mate.post(&format!("/v1/{}/{}/notes", home.0, home.1), json!({ "text": text })).await;
        assert_eq!(done.status, 204, "{}", done.text);
    }
    mate.post("/v1/objects/van/items", json!({ "fields": { "plate": "Zebra one" } })).await.id();
    mate.post("/v1/objects/device/items", json!({ "person": mia, "fields": { "model": "Zebra two" } }))
        .await
        .id();
    let all = ["Zebra stripes · Mia Ito", "Zebra stripes · Ten cranes", "Zebra stripes · Hafen AG"];
    is_found(&me, "notes", "zebra", &all).await;
    is_found(&me, "items", "zebra", &["Zebra two · Mia Ito", "Zebra one"]).await;

    lay_down(&admin, ["own", "all", "all", "all"]).await;
    is_found(&me, "notes", "zebra", &["Zebra stripes · Hafen AG"]).await;
    lay_down(&admin, ["all", "own", "own", "all"]).await;
    is_found(&me, "notes", "zebra", &["Zebra stripes · Mia Ito", "Zebra stripes · Ten cranes"]).await;
    is_found(&me, "items", "zebra", &[]).await;
    lay_down(&admin, ["all", "all", "all", "own"]).await;
    is_found(&me, "notes", "zebra", &["Zebra stripes · Ten cranes", "Zebra stripes · Hafen AG"]).await;
    is_found(&me, "items", "zebra", &["Zebra one"]).await;
    lay_down(&admin, ["none", "none", "none", "all"]).await;
    is_found(&me, "notes", "zebra", &[]).await;
    is_found(&me, "items", "zebra", &[]).await;
}

assent_testkit::on_both!(found_as_far_as_a_role_reaches);
