//! What follows from who looks after whom: a word to whoever is given somebody, none to who does not see them, and rules that
//! meet nobody beyond reach.

use assent_store::home::owner;
use assent_testkit::START;
use serde_json::{Value, json};

use super::fixture::{Engine, form};
use super::owners::{BO, World};

async fn whoever_is_given_somebody_is_told(engine: Engine) {
    let world = World::new(engine).await;
    let (support, mia, key) = (&world.support, world.mia, world.key(64, world.me).await);
    let link = format!("href=\"/people/{mia}\"");
    let inbox = support.get("/inbox").await;
    assert!(inbox.has("gave you a person to look after") && inbox.has(&link), "{}", inbox.body);
    world.lay_down("own", "own").await;
    let told = key.get("/v1/inbox").await;
    let one = &told.body["data"][0];
    assert_eq!(
        (&one["why"], &one["page"]),
        (&json!("person"), &json!(format!("/people/{mia}"))),
        "{}",
        told.text
    );
    // Given to somebody else, the word leads nowhere; given as they were, nobody is told.
    world.give(mia, Some(world.other)).await;
    let inbox = support.get("/inbox").await;
    assert!(inbox.has("gave you a person to look after") && !inbox.has(&link), "{}", inbox.body);
    assert_eq!(key.get("/v1/inbox").await.body["data"][0]["page"], Value::Null);
    world.give(mia, Some(world.me)).await;
    world.give(mia, Some(world.me)).await;
    assert_eq!(key.get("/v1/inbox").await.body["data"].as_array().unwrap().len(), 2);
    // Put down for a colleague, they are told; put down for nobody in particular, whoever puts them down is not.
    let facts = json!([{ "category": "name.full", "value": "Neu" }]);
    key.post("/v1/people", json!({ "facts": facts })).await.id();
    key.post("/v1/people", json!({ "facts": facts, "owner": world.me })).await.id();
    assert_eq!(key.get("/v1/inbox").await.body["data"].as_array().unwrap().len(), 3);
}

async fn whoever_does_not_see_somebody_is_not_led_there(engine: Engine) {
    let world = World::new(engine).await;
    let (support, kim) = (&world.support, world.key(65, world.other).await);
    let note = form(&[("value", "Ask @Kim.")]);
    let (to, words) = (format!("/people/{}", world.mia), async || {
        kim.get("/v1/inbox").await.body["data"].as_array().unwrap().len()
    });
    let before = words().await;
    let done = support.post(&format!("{to}/note"), &note).await;
    assert_eq!((done.to, words().await), (format!("{to}?said=noted"), before + 1), "{}", done.body);
    world.lay_down("own", "own").await;
    let done = support.post(&format!("{to}/note"), &note).await;
    assert_eq!((&done.to, words().await), (&format!("{to}?said=noted.1"), before + 1), "{}", done.body);
    assert!(support.get(&done.to).await.has("1 colleague whom you named does not see this record"));
}

async fn rules_meet_nobody_beyond_reach(engine: Engine) {
    let world = World::new(engine).await;
    let key = world.key(66, world.me).await;
    let rules = [
        "email.is.bo@example.org",
        "phone.is.%2B49%20451%205550177",
        "name.has.Ekstr",
        "owner.is.Kim",
        "owner.set.",
    ];
    for rule in rules {
        let all = key.get(&format!("/v1/people?f={rule}")).await;
        assert!(all.text.contains(&world.bo.to_string()), "nothing is said: {rule}: {}", all.text);
        // Whose people they are narrows what an exact rule leads to, too.
        let mine = key.get(&format!("/v1/people?f={rule}&owner={}", world.me)).await;
        assert!(!mine.text.contains(&world.bo.to_string()), "{rule}: {}", mine.text);
    }
    let ordered = key.get("/v1/people?sort=owner").await;
    let ids: Vec<&str> =
        ordered.body["data"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids, [world.bo.to_string(), world.mia.to_string()], "Kim comes before Nora");
    world.lay_down("own", "own").await;
    for rule in rules {
        let page = world.support.get(&format!("/people?show=all&f={rule}")).await;
        assert!(page.status == 200 && !page.has(&world.bo.to_string()), "{rule}: {}", page.body);
        page.has_none(&BO[..1]);
        let told = key.get(&format!("/v1/people?f={rule}")).await;
        assert!(told.status == 200 && !told.text.contains(&world.bo.to_string()), "{rule}: {}", told.text);
    }
    let mine = world.support.get("/people?show=all&f=owner.is.Nora%20support").await;
    assert!(mine.has("Mia Ito") && mine.has("1 person"), "{}", mine.body);
}

async fn two_who_give_at_once_do_not_undo_each_other(engine: Engine) {
    let world = World::new(engine).await;
    let (company, mia, me) = (world.desk.house.company, world.mia, world.me);
    let home = world.desk.house.gate.home();
    let late = move |tx: &mut assent_store::Tx<'_>| owner::give(tx, company, &[(mia, None)], Some(me), START);
    assert!(matches!(home.write(late).await, Err(assent_store::StoreError::Moved)), "not as it was seen");
    assert_eq!(world.owner(mia).await, json!(me));
}

async fn handing_over_is_on_the_timeline_and_whoever_is_late_is_told(engine: Engine) {
    let world = World::new(engine).await;
    let (support, mia) = (&world.support, world.mia);
    let record = format!("/people/{mia}");
    let form_of = support.get(&format!("{record}/owner")).await;
    assert_eq!(form_of.field("was"), world.me.to_string());
    let sent = |to: &str| form(&[("was", &world.me.to_string()), ("owner", to)]);
    let given = support.post(&format!("{record}/owner"), &sent(&world.other.to_string())).await;
    assert_eq!(given.status, 303, "{}", given.body);
    assert!(support.get(&record).await.has("handed it over: Kim"), "{}", support.get(&record).await.body);
    // Somebody who read it before gives her to nobody: they are told, and she stays with whom she is.
    let late = support.post(&format!("{record}/owner"), &sent("")).await;
    assert!(late.status == 409 && late.has("Somebody changed it meanwhile to “Kim”"), "{}", late.body);
    assert_eq!(late.field("was"), world.other.to_string());
    assert_eq!(world.owner(mia).await, json!(world.other));
    let again = form(&[("was", &late.field("was")), ("owner", "")]);
    assert_eq!(support.post(&format!("{record}/owner"), &again).await.status, 303);
    assert_eq!(world.owner(mia).await, json!(null));
    assert!(support.get(&record).await.has("handed it over to nobody"));
    let german = support.get_in("de", &record).await;
    assert!(german.has("hat es übergeben: Kim"), "{}", german.body);
}

assent_testkit::on_both!(
    handing_over_is_on_the_timeline_and_whoever_is_late_is_told,
    two_who_give_at_once_do_not_undo_each_other,
    whoever_is_given_somebody_is_told,
    whoever_does_not_see_somebody_is_not_led_there,
    rules_meet_nobody_beyond_reach,
);
