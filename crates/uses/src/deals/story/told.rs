//! What is told of a deal and what is not: by its form when a field closed meanwhile, and by the log of uses when a list opens
//! no more than it needs.

use assent_kernel::{Asker, PersonId, Role};
use assent_testkit::{Engine, START};
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Program, form};

const SUPPORT: &str = "service.support";

/// The fields of deals: a colour, how many seats, and what is never even named.
async fn fields(desk: &Desk) {
    let admin = desk.program(77, Role::Admin, None).await;
    for (label, kind, category) in [
        ("Colour", "text", "purchase.product"),
        ("Seats", "number", "purchase.product"),
        ("Ache", "text", "health"),
    ] {
        let field = json!({ "label": label, "kind": kind, "category": category });
        let made = admin.post("/v1/fields/deal", field).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
}

/// A deal with somebody: white, for two.
async fn deal(desk: &Desk, mia: PersonId) -> String {
    deal_by(&desk.program(9, Role::Support, Some(SUPPORT)).await, mia).await
}

async fn deal_by(shop: &Program, who: PersonId) -> String {
    let of = json!({ "colour": "White", "seats": "2" });
    let made =
        shop.post("/v1/deals", json!({ "title": "Fridge", "person": who, "cents": 1, "fields": of })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.id()
}

/// What was typed into a field that closed meanwhile is not taken, and the form that comes back says so: why, or, of a kind
/// that is not even named, nothing more.
async fn what_closed_meanwhile_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let edit = format!("/deals/{}/edit", deal(&desk, mia).await);
    desk.invoices_need(&["note", "purchase.product"]).await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let before = billing.get(&edit).await;
    assert!(before.has("value=\"White\"") && before.alert().is_empty(), "{}", before.body);
    let (ver, person) = (before.field("ver"), mia.to_string());
    desk.invoices_need(&["note"]).await;

    let why = "The contract does not need this";
    let sent = |ver: &str, close: &str, own: &[(&str, &str)]| {
        let all = [
            ("title", "Fridge"),
            ("contact", person.as_str()),
            ("currency", "EUR"),
            ("owner", ""),
            ("ver", ver),
            ("close", close),
        ];
        form(&[&all[..], own].concat())
    };
    for (sent, said) in [
        // It cannot be read; or it could be, and something else is wrong, or somebody else was first.
        (sent(&ver, "", &[("own-seats", "many")]), vec![why]),
        (sent(&ver, "soon", &[("own-colour", "Black")]), vec![why]),
        (sent("0", "", &[("own-colour", "Black")]), vec!["Somebody changed it meanwhile", why]),
        (sent(&ver, "soon", &[("own-ache", "Back")]), vec!["cannot be filled in by you"]),
        // Nothing was typed there that was not taken.
        (sent(&ver, "soon", &[("asked", "colour"), ("own-colour", "")]), Vec::new()),
    ] {
        let back = billing.post(&edit, &sent).await;
        assert!(back.status == 422 && !back.has("own-colour") && !back.has("Ache"), "{sent}: {}", back.body);
        let alert = back.alert();
        assert!(said.iter().all(|one| alert.contains(one)), "{sent}: {alert}");
        assert_eq!(alert.is_empty(), said.is_empty(), "{sent}: {alert}");
    }
    assert_eq!(billing.post(&edit, &sent(&ver, "", &[("own-colour", "Black")])).await.status, 403);
}

/// The uses of somebody that a role made, the newest first: their entries, and the kinds of values.
async fn uses(officer: &Program, mia: PersonId, role: &str) -> Vec<(String, Vec<String>)> {
    let uses = officer.get(&format!("/v1/people/{mia}/uses")).await;
    let all = uses.body["data"].as_array().unwrap().clone();
    let word = |one: &Value| one.as_str().unwrap().to_owned();
    let kinds = |one: &Value| one["categories"].as_array().unwrap().iter().map(word).collect();
    all.iter().filter(|one| one["role"] == role).map(|one| (word(&one["entry"]), kinds(one))).collect()
}

/// A rule on a field looks at that field alone: the titles of deals that it leaves out are not asked for, and those that are
/// shown are asked for once.
async fn a_list_opens_what_it_needs(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let first = deal(&desk, mia).await;
    let officer = desk.program(6, Role::Dpo, Some("rights.inform")).await;
    let (support, shop) =
        (desk.enter(Role::Support, SUPPORT).await, desk.program(8, Role::Support, Some(SUPPORT)).await);
    let (colour, seats) = ("purchase.product.deal-colour", "purchase.product.deal-seats");
    let title = &["name.full", "note.deal"];
    let later = shop.post("/v1/deals", json!({ "title": "Rain barrels", "cents": 2 })).await.id();
    let out = "f=own-colour.is.red";
    for (path, made) in [
        // Left out: what the rule looks at, and no more.
        (format!("/deals?{out}"), vec![vec![colour]]),
        (format!("/v1/deals?{out}"), vec![vec![colour]]),
        (format!("/v1/deals:sums?{out}"), vec![vec![colour]]),
        (format!("/deals/export?{out}"), vec![vec![colour]]),
        ("/deals?f=own-seats.from.3&f=own-colour.is.white".into(), vec![vec![colour, seats]]),
        (
            format!("/deals/{later}/beside?to=before&in=sort%3Damount%26f%3Down-colour.is.red"),
            vec![vec![colour]],
        ),
        // Shown: the rest of what the page shows.
        ("/deals?f=own-colour.is.white".into(), vec![vec![colour], title.to_vec()]),
        ("/deals?f=own-colour.is.white&col=own-colour".into(), vec![vec![colour], title.to_vec()]),
        ("/deals?sort=own-colour&col=own-seats".into(), vec![vec![colour], [title, &[seats][..]].concat()]),
        // A program is told whom a deal is with by an id: the name is asked for only where a rule looks at it.
        ("/v1/deals?f=own-colour.is.white".into(), vec![vec![colour], vec!["note.deal", seats]]),
        ("/v1/deals".into(), vec![vec!["note.deal", colour, seats]]),
        (format!("/v1/deals?person={mia}"), vec![vec!["note.deal"], vec!["note.deal", colour, seats]]),
        (format!("/v1/deals/{first}"), vec![vec!["note.deal", colour, seats]]),
        ("/v1/deals?f=title.has.lamp".into(), vec![vec!["note.deal"]]),
        ("/v1/deals?f=contact.has.nobody".into(), vec![title.to_vec()]),
        ("/v1/deals?sort=contact".into(), vec![title.to_vec(), vec![colour, seats]]),
        ("/v1/deals:sums?f=title.has.lamp".into(), vec![vec!["note.deal"]]),
        // By the title, or by what needs nobody.
        ("/deals?f=title.has.fridge".into(), vec![title.to_vec()]),
        ("/deals?f=title.has.lamp".into(), vec![title.to_vec()]),
        ("/deals?f=state.is.open&col=own-colour".into(), vec![[title, &[colour][..]].concat()]),
        ("/deals?f=state.is.lost".into(), Vec::new()),
    ] {
        let before = uses(&officer, mia, "support").await.swap_remove(0).0;
        let status = match path.starts_with("/v1") {
            true => shop.get(&path).await.status,
            false => support.get(&path).await.status,
        };
        assert!(matches!(status, 200 | 303), "{path}: {status}");
        let told = uses(&officer, mia, "support").await.into_iter();
        let mut told: Vec<_> =
            told.take_while(|(entry, _)| *entry != before).map(|(_, kinds)| kinds).collect();
        told.reverse();
        assert_eq!(told, made, "{path}");
    }
}

/// Of a value that is gone nothing is asked, and of whoever is named already the name is not asked for again because
/// somebody beside them is deleted.
async fn what_is_gone_is_not_asked_for(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    fields(&desk).await;
    let bo = desk.house.customer(72, &[("name.full", "Bo Lind")], START).await.unwrap();
    let shop = desk.program(9, Role::Support, Some(SUPPORT)).await;
    for who in [mia, bo] {
        deal_by(&shop, who).await;
    }
    let officer = desk.program(6, Role::Dpo, Some("rights.inform")).await;
    let support = desk.enter(Role::Support, SUPPORT).await;
    let newest = async |before: &str| {
        let all = uses(&officer, mia, "support").await.into_iter();
        let mut all: Vec<_> = all.take_while(|(entry, _)| entry != before).map(|(_, kinds)| kinds).collect();
        all.reverse();
        all
    };
    let (title, colour) = (["name.full", "note.deal"], "purchase.product.deal-colour");
    assert_eq!(support.post(&format!("/people/{bo}/delete"), "").await.status, 303);
    let before = uses(&officer, mia, "support").await.swap_remove(0).0;
    assert_eq!(support.get("/deals?sort=title&col=own-colour").await.status, 200);
    assert_eq!(newest(&before).await, [title.to_vec(), vec![colour]]);

    let fact = desk.fact(mia, colour).await;
    desk.house.gate.forget(&desk.dossier(mia).await, fact, Asker::Person, desk.ctx.now()).await.unwrap();
    let before = uses(&officer, mia, "support").await.swap_remove(0).0;
    assert_eq!(support.get("/deals?f=own-colour.is.red").await.status, 200);
    assert_eq!(newest(&before).await, Vec::<Vec<String>>::new());

    // Of whom nothing is left to ask for, nothing is there: that is not the same as closed.
    let ida = desk.house.customer(73, &[("name.full", "Ida Falk")], START).await.unwrap();
    let bare = shop.post("/v1/deals", json!({ "title": "Shelf", "person": ida })).await.id();
    let text = desk.fact(ida, "note.deal").await;
    desk.house.gate.forget(&desk.dossier(ida).await, text, Asker::Person, desk.ctx.now()).await.unwrap();
    let one = shop.get(&format!("/v1/deals/{bare}")).await;
    assert_eq!((one.status, &one.body["title"]), (200, &Value::Null), "{}", one.text);
    let all = shop.get("/v1/deals").await.body;
    let listed = all["data"].as_array().unwrap().iter().find(|deal| deal["id"] == bare.as_str()).unwrap();
    assert_eq!(listed["title"], Value::Null, "{listed}");
}

/// What left is what is written down: nobody's name where the file has none, nor a part of it that is not in the file.
async fn what_left_is_what_is_written_down(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = [("name.full", "Mia Ito"), ("name.given", "Mia"), ("contact.email", "mia@example.org")];
    let mia = desk.house.customer(71, &mia, START).await.unwrap();
    fields(&desk).await;
    let one = deal(&desk, mia).await;
    let officer = desk.program(6, Role::Dpo, Some("rights.inform")).await;
    let billing = desk.enter(Role::Billing, "billing.invoice").await;
    let program = desk.program(8, Role::Billing, Some("billing.invoice")).await;
    let (colour, seats) = ("purchase.product.deal-colour", "purchase.product.deal-seats");
    let (text, name) = ("note.deal", "name.full");
    let file = async |columns: &[&str]| {
        let columns = columns.iter().map(|column| ("col", *column));
        let all: Vec<(&str, &str)> = [("id", one.as_str())].into_iter().chain(columns).collect();
        let file = billing.post("/deals/export/file", &form(&all)).await;
        assert_eq!(file.status, 200, "{}", file.body);
        (file.body.clone(), uses(&officer, mia, "billing").await.swap_remove(0).1)
    };
    let along = async || {
        let told = program.post("/v1/deals:export", json!({ "deals": [one] })).await;
        assert_eq!(told.status, 200, "{}", told.text);
        (told.text, uses(&officer, mia, "billing").await.swap_remove(0).1)
    };

    // Its title is closed: nobody is named beside it, and no name was used.
    desk.invoices_need(&["purchase.product"]).await;
    let (body, used) = file(&["contact", "own-colour"]).await;
    assert!(body.contains("White") && !body.contains("Fridge") && !body.contains("Mia"), "{body}");
    assert_eq!(used, [colour]);
    let (body, used) = along().await;
    assert!(body.contains("White") && !body.contains("Fridge") && !body.contains("Mia Ito"), "{body}");
    assert_eq!(used, [colour, seats]);

    // It is open: the name is there, whole, and in one piece.
    desk.invoices_need(&["note", "purchase.product"]).await;
    let (body, used) = file(&["contact", "own-colour"]).await;
    assert!(body.contains("White") && body.contains("Fridge") && body.contains("\"Mia Ito\""), "{body}");
    assert_eq!(used, [name, text, colour]);
    let (body, used) = file(&["own-colour"]).await;
    assert!(body.contains("White") && body.contains("Fridge") && !body.contains("Mia"), "{body}");
    assert_eq!(used, [text, colour]);
    let (body, used) = along().await;
    assert!(body.contains("White") && body.contains("Fridge") && body.contains("Mia Ito"), "{body}");
    assert_eq!(used, [name, text, colour, seats]);
}

assent_testkit::on_both!(
    what_closed_meanwhile_is_told,
    a_list_opens_what_it_needs,
    what_is_gone_is_not_asked_for,
    what_left_is_what_is_written_down,
);
