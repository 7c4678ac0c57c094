//! What they have of the company's objects is told to them: which values belong together, since when, and what was removed.

use std::collections::BTreeMap;

use assent_gate::{Keeping, Whose};
use assent_kernel::category::Category;
use assent_kernel::{Also, Asker, FactId, Span};
use assent_store::fields::{self, Field, Kind, Thing};
use assent_store::objects::{self, Belongs, Object};
use assent_store::work::Reach;
use assent_store::work::filled::{self, Filled};
use assent_store::work::items::{self, Item, ItemId};

use super::world::*;

assent_testkit::on_both!(what_belongs_together_is_told_together);

const FIELDS: [(&str, &str, &str); 2] = [
    ("model", "Model", "purchase.product.device-model"),
    ("manual", "Manual", "contact.website.device-manual"),
];

/// The company makes an object whose items belong to people, with two fields.
async fn devices(world: &World) {
    let (gate, company) = (&world.ctx.gate, world.company);
    let mut policy = gate.policy(company).await.unwrap().policy.clone();
    for (_, label, category) in FIELDS {
        let above = policy.categories[&key(category).parent().unwrap()].clone();
        let below = Category { key: key(category), label: format!("Device: {label}"), ..above };
        policy.categories.insert(key(category), below);
    }
    gate.set_policy(policy, NOW).await.unwrap();
    let object = Object {
        key: "device".into(),
        singular: "Device".into(),
        plural: "Devices".into(),
        singulars: Also::of("de", "Gerät"),
        plurals: Also::of("de", "Geräte"),
        belongs: Belongs::Person,
        place: 1,
        gone_at: None,
    };
    let field = |(place, (name, label, category)): (i64, (&str, &str, &str))| Field {
        name: name.into(),
        label: label.into(),
        // One of them has no German name.
        labels: Also::of("de", if name == "model" { "Modell" } else { "" }),
        kind: Kind::Text,
        category: Some(key(category)),
        choices: Vec::new(),
        choices_also: Also::default(),
        place,
        gone_at: None,
    };
    let all: Vec<Field> = (1..).zip(FIELDS).map(field).collect();
    let write = move |tx: &mut assent_store::Tx<'_>| {
        objects::add(tx, company, &object)?;
        all.iter().try_for_each(|field| fields::put(tx, company, &Thing::Object("device".into()), field))
    };
    gate.home().write(write).await.unwrap();
}

async fn keep(world: &World, value: &str, category: &str) -> FactId {
    let dossier = world.ctx.gate.look_one(&Whose::everybody(world.company), world.mia).await.unwrap();
    let keeping = Keeping {
        category: key(category),
        value: value.into(),
        source: "typed in by support".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    };
    let kept = world.ctx.gate.keep(&dossier, vec![keeping], Asker::Person, world.ctx.now()).await.unwrap();
    kept.0[0]
}

/// Mia has a device with these values.
async fn has(world: &World, n: u8, model: &str, manual: &str) -> Item {
    let mut facts = BTreeMap::new();
    for ((name, _, category), value) in FIELDS.into_iter().zip([model, manual]) {
        facts.insert(name.to_owned(), (world.mia, keep(world, value, category).await));
    }
    let item = Item {
        id: ItemId::from_bytes([n; 16]),
        object: "device".into(),
        person: Some(world.mia),
        organisation: None,
        owner: None,
        created_at: NOW.minus(Span::days(u32::from(n))),
        gone_at: None,
        ver: 1,
    };
    let (company, row) = (world.company, item.clone());
    let write = move |tx: &mut assent_store::Tx<'_>| {
        items::add(tx, company, &row)?;
        filled::set(tx, company, row.id.to_bytes(), &Filled { facts, own: None })
    };
    world.ctx.gate.region_db(&region("eu")).unwrap().write(write).await.unwrap();
    item
}

/// What is held, out of the overview.
async fn held(mia: &Browser<'_>) -> String {
    let page = mia.ok("/me").await;
    let (_, from) = page.split_once("<section id=\"held\">").unwrap();
    from.split_once("</section>").unwrap().0.to_owned()
}

async fn removed(world: &World, id: ItemId) {
    let (company, at) = (world.company, NOW);
    let write = move |tx: &mut assent_store::Tx<'_>| {
        items::set_gone(tx, company, &Reach::all(), (id, 0), Some(at)).map(|_| ())
    };
    world.ctx.gate.region_db(&region("eu")).unwrap().write(write).await.unwrap();
}

async fn what_belongs_together_is_told_together(engine: Engine) {
    let world = world(engine).await;
    devices(&world).await;
    let (old, new) = (
        has(&world, 20, "Cool 300", "https://example.org/300").await,
        has(&world, 21, "Clean 2", "https://example.org/2").await,
    );
    let mia = world.enter("mia@example.org").await;
    let page = held(&mia).await;
    let place = |page: &str, text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in {page}"));
    assert_eq!(page.matches("<h3>Device</h3>").count(), 2, "{page}");
    // The newest first, each with its own values and none of the other's.
    let order = ["Clean 2", "example.org/2", "Cool 300", "example.org/300"].map(|text| place(&page, text));
    assert!(order.is_sorted(), "{page}");
    assert!(page.contains(">Model<") && !page.contains("Device: Model"), "said once: {page}");
    assert!(page.contains("These values belong together.") && page.contains("Here since"));
    let german = mia.send("GET", "/me", String::new(), &[("accept-language", "de")]).await;
    let german = text(german).await;
    assert!(german.contains("Diese Angaben gehören zusammen.") && german.contains("Hier seit"), "{german}");
    assert!(german.contains("<h3>Gerät</h3>") && !german.contains("<h3>Device</h3>"), "{german}");
    assert!(
        german.contains(">Modell<") && german.contains(">Manual<"),
        "as far as it has a German name: {german}"
    );
    assert!(!world.enter("ole@example.org").await.ok("/me").await.contains("<h3>Device</h3>"));

    the_files_say_it_too(&mia, &old, &new).await;

    // What was removed is told as long as anything of it is held, and what nothing is known of as well.
    removed(&world, old.id).await;
    let page = mia.ok("/me").await;
    assert!(page.contains("The company removed it on") && page.contains("Cool 300"), "{page}");
    let json: serde_json::Value = serde_json::from_str(&mia.ok("/me/export.json").await).unwrap();
    assert!(json["items"][1]["removed_at"].is_string() && json["items"][0]["removed_at"].is_null());
    for one in json["items"][1]["facts"].as_array().unwrap() {
        let fact = one["fact"].as_str().unwrap();
        assert_eq!(mia.post(&format!("/me/fact/{fact}"), &[("act", "remove")]).await.status(), 303);
    }
    let page = held(&mia).await;
    assert!(page.contains("Nothing is known of it.") && !page.contains("Cool 300"), "{page}");
    let csv = mia.ok("/me/export.csv").await;
    let last = csv.trim_end().lines().last().unwrap();
    assert!(last.contains(&old.id.to_string()) && last.contains("Device"), "{csv}");

    // A value whose item was never written stands by itself.
    keep(&world, "Lost", "purchase.product.device-model").await;
    assert!(held(&mia).await.contains("Device: Model"));
}

async fn the_files_say_it_too(mia: &Browser<'_>, old: &Item, new: &Item) {
    let json: serde_json::Value = serde_json::from_str(&mia.ok("/me/export.json").await).unwrap();
    let all = json["items"].as_array().unwrap();
    assert_eq!(all.len(), 2, "{json}");
    assert_eq!((&all[0]["id"], &all[0]["called"]), (&new.id.to_string().into(), &"Device".into()));
    assert_eq!(all[1]["facts"].as_array().unwrap().len(), 2);
    let facts = json["facts"].as_array().unwrap();
    let of = |value: &str| &facts.iter().find(|one| one["value"] == value).unwrap()["item"];
    assert_eq!((of("Cool 300"), of("Clean 2")), (&old.id.to_string().into(), &new.id.to_string().into()));
    assert!(of("Mia").is_null());
    let csv = mia.ok("/me/export.csv").await;
    let mut table = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let row = rows.iter().find(|row| &row[2] == "Cool 300").unwrap();
    assert_eq!((&row[9], &row[10], row[11].len()), (old.id.to_string().as_str(), "Device", 20));
    // A manual is no address of theirs.
    assert!(!mia.ok("/me/export.vcf").await.contains("example.org/300"));
}
