//! Whoever has left: their work stays theirs until somebody is given it, in every form.

use assent_store::access;
use assent_testkit::{Engine, START};
use serde_json::json;

use super::{World, world};
use crate::desk::story::fixture::form;

/// Shuts out the colleague of the team.
async fn leave(world: &World) -> String {
    let (company, mate) = (world.desk.house.company, world.owners[1].unwrap());
    let shut = move |tx: &mut assent_store::Tx<'_>| access::set_disabled(tx, company, mate, Some(START));
    world.desk.house.gate.home().write(shut).await.unwrap();
    mate.to_string()
}

async fn work_stays(engine: Engine) {
    let world = world(engine).await;
    let mate = leave(&world).await;
    for object in super::OBJECTS {
        world.lay_down(object, "team", "team").await;
    }
    let at = |object: usize| world.work[object][1].as_str();
    // Each form offers whoever has left, and sends them back as they stood.
    let forms = [
        (0, format!("/organisations/{}/edit", at(0)), vec![("name", "New name"), ("owner", &*mate)]),
        (
            1,
            format!("/deals/{}/edit", at(1)),
            vec![("title", "T"), ("amount", "7"), ("currency", "EUR"), ("owner", &*mate)],
        ),
        (2, format!("/tasks/{}", at(2)), vec![("text", "New text"), ("who", &*mate)]),
        (3, format!("/things/van/{}/edit", at(3)), vec![("own-plate", "HL 2"), ("owner", &*mate)]),
        (0, format!("/organisations/{}/value/owner", at(0)), vec![("owner", &*mate)]),
        (1, format!("/deals/{}/value/owner", at(1)), vec![("owner", &*mate)]),
        (2, format!("/tasks/{}/value/who", at(2)), vec![("who", &*mate)]),
        (4, format!("/people/{}/owner", at(4)), vec![("owner", &*mate)]),
    ];
    for (object, path, fields) in forms {
        let page = world.seat.get(&path).await;
        assert!(
            page.has(&format!("<option value=\"{mate}\" selected>Somebody who has left")),
            "{path}: {}",
            page.body
        );
        let done = world.seat.post(&path, &form(&fields)).await;
        assert_eq!(done.status, 303, "{path}: {}", done.body);
        let (api, field) = super::PATHS[object];
        let told = world.admin.get(&format!("{api}/{}", at(object))).await;
        assert_eq!(told.body[field], mate.as_str(), "{path}: {}", told.text);
    }
    // Programs say the same again, or nothing; another who has left is nobody.
    let (line, tag) = (format!("PATCH /v1/deals/{}", at(1)), [("if-match", "*")]);
    for sent in [json!({ "owner": mate }), json!({ "cents": 5 })] {
        assert_eq!(world.me.call(&line, &tag, Some(sent)).await.status, 204);
    }
    assert_eq!(world.admin.get(&format!("/v1/deals/{}", at(1))).await.body["owner"], mate.as_str());
    let mine = format!("PATCH /v1/deals/{}", world.work[1][0]);
    assert_eq!(world.me.call(&mine, &tag, Some(json!({ "owner": mate }))).await.status, 422);
    // What belongs to whoever has left is found.
    for (list, object) in [
        ("/deals?f=owner.", 1),
        ("/organisations?f=owner.", 0),
        ("/tasks?f=who.", 2),
        ("/people?f=owner.", 4),
    ] {
        let page = world.seat.get(&format!("{list}is.Somebody%20who%20has%20left")).await;
        assert!(page.has(at(object)) && !page.has(&world.work[object][0]), "{list}: {}", page.body);
    }
}

/// A rule names whoever has left in one way, whatever language it was made in, and whoever reads it.
async fn one_name_for_every_reader(engine: Engine) {
    let world = world(engine).await;
    leave(&world).await;
    for object in super::OBJECTS {
        world.lay_down(object, "team", "team").await;
    }
    const GERMAN: &str = "Jemand, der nicht mehr da ist";
    for (list, object) in [
        ("/deals?col=owner&f=owner.is.", 1),
        ("/organisations?col=owner&f=owner.is.", 0),
        ("/tasks?col=who&f=who.is.", 2),
        ("/things/van?col=owner&f=owner.is.", 3),
        ("/people?col=owner&f=owner.is.", 4),
    ] {
        let id = world.work[object][1].as_str();
        for rule in ["Somebody%20who%20has%20left", "Jemand%2C%20der%20nicht%20mehr%20da%20ist"] {
            let path = format!("{list}{rule}");
            let (german, english) = (world.seat.get_in("de", &path).await, world.seat.get(&path).await);
            assert!(german.has(id) && english.has(id), "{path}: {}", german.body);
            // What a form or an address carries along is no word to read.
            let read = german.body.replace("is.Somebody who has left", "");
            assert!(!read.contains("Somebody who has left") && !english.has(GERMAN), "{path}: {read}");
            // In the rule, in the row, and offered.
            assert!(german.body.matches(GERMAN).count() >= 3, "{path}: {}", german.body);
            assert!(german.has("Somebody+who+has+left"), "{path}: {}", german.body);
        }
    }
}

async fn what_is_still_theirs_is_told(engine: Engine) {
    let world = world(engine).await;
    let admin = world.desk.enter(assent_kernel::Role::Admin, "rights.access").await;
    let mate = world.owners[1].unwrap();
    assert!(!admin.get(&format!("/settings/staff?shut={mate}")).await.has("Still theirs"), "they are here");
    leave(&world).await;
    let page = admin.get(&format!("/settings/staff?shut={mate}")).await;
    for told in [
        "1 person<",
        "1 deal<",
        "1 organisation<",
        "1 open task<",
        "1 item of your own objects",
        "(shut out)",
    ] {
        assert!(page.has(told), "{told}: {}", page.body);
    }
    let other = world.owners[2].unwrap();
    let done = admin.post(&format!("/settings/staff/{other}/door"), &form(&[("door", "shut")])).await;
    assert_eq!(done.to, format!("/settings/staff?shut={other}"));
}

assent_testkit::on_both!(work_stays, one_name_for_every_reader, what_is_still_theirs_is_told);
