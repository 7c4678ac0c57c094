//! What a company adds itself is called something in both languages, and whoever reads the other one reads what there is.

use assent_kernel::{Role, TreeKey as _};
use assent_testkit::{Engine, category, purpose};
use serde_json::json;

use super::forms::mandate;
use super::house::{Office, Someone};
use crate::desk::story::fixture::Desk;

async fn reads(someone: &Someone, path: &str, has: &[&str], has_none: &[&str]) {
    let page = someone.get(path).await;
    for text in has {
        assert!(page.has(text), "{path}: {text} in {}", page.body);
    }
    for text in has_none {
        assert!(!page.has(text), "{path}: {text} in {}", page.body);
    }
}

async fn names(engine: Engine) {
    let office = Office::new(engine).await;
    let english = office.enter(Role::Admin, 20).await;
    let mut german = office.enter(Role::Dpo, 21).await;
    german.keep("lang=de");
    let before = serde_json::to_value(office.policy().await).unwrap();
    assert!(!before.to_string().contains("\"labels\"") && !before.to_string().contains("\"sentences\""));

    // A purpose, with and without a second name.
    let new = "/settings/purposes/marketing.newsletter/new";
    let base = english.get(new).await.field("base");
    let typed =
        |name: &'static str, label: &'static str, label_de: &'static str, sentence_de: &'static str| {
            [
                ("name", name),
                ("label", label),
                ("label_de", label_de),
                ("sentence", "So that you hear from us."),
                ("sentence_de", sentence_de),
                ("use", "Message"),
                ("role", "marketing"),
                ("days", "365"),
            ]
        };
    let of = |fields: [(&'static str, &'static str); 8]| {
        let mut all = fields.to_vec();
        all.push(("base", Box::leak(base.clone().into_boxed_str())));
        all
    };
    let long: &'static str = Box::leak("x".repeat(61).into_boxed_str());
    let wrong = english.post(new, &of(typed("birthday", "Birthday", long, ""))).await;
    assert!(wrong.status == 422 && wrong.has("At most 60 characters.") && wrong.has(long), "{}", wrong.body);
    for fields in [
        typed("birthday", "Birthday post", "Geburtstagspost", "Damit Sie zum Geburtstag von uns hören."),
        typed("winter", "Winter post", "", ""),
    ] {
        assert_eq!(english.post(new, &of(fields)).await.status, 303);
    }
    let all = "/settings/purposes";
    reads(&english, all, &["Birthday post", "Winter post"], &["Geburtstagspost"]).await;
    let told = ["Geburtstagspost", "Damit Sie zum Geburtstag von uns hören.", "Winter post"];
    reads(&german, all, &told, &["Birthday post"]).await;
    reads(&german, "/settings/history", &["Birthday post"], &["Geburtstagspost"]).await;

    // One that has no second name gets it later, and loses it again; one that is shipped has one unless the company says otherwise.
    let winter = "/settings/purposes/marketing.newsletter.winter/words";
    let first = english.get(winter).await;
    assert!(first.has("they read “Winter post”") && first.has("So that you hear from us."), "{}", first.body);
    let stale = first.field("base");
    let said = |base: &str, label: &str| {
        [("base", base.to_owned()), ("label_de", label.to_owned()), ("sentence_de", String::new())]
    };
    let save = async |path: &str, base: &str, label: &str| {
        let sent = said(base, label);
        let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        english.post(path, &sent).await
    };
    let wrong = save(winter, &stale, long).await;
    assert!(wrong.status == 422 && wrong.has("At most 60 characters.") && wrong.has(long), "{}", wrong.body);
    assert_eq!(save(winter, &stale, "Winterpost").await.status, 303);
    reads(&german, all, &["Winterpost"], &["Winter post"]).await;
    let meanwhile = save(winter, &stale, "Schneepost").await;
    assert!(meanwhile.has("while you were writing") && meanwhile.has("Schneepost"), "{}", meanwhile.body);
    let base = meanwhile.field("base");
    let versions = office.policy().await.version;
    assert_eq!(save(winter, &base, "Winterpost").await.status, 303);
    assert_eq!(office.policy().await.version, versions, "nothing was said that was not said before");
    assert_eq!(save(winter, &base, "").await.status, 303);
    reads(&german, all, &["Winter post"], &["Winterpost"]).await;
    reads(&english, "/settings/history", &["Purpose “Winter post” said in German."], &[]).await;
    let shipped = "/settings/purposes/marketing.newsletter/words";
    let base = english.get(shipped).await.field("base");
    assert_eq!(save(shipped, &base, "Unser Blatt").await.status, 303);
    reads(&german, all, &["Unser Blatt"], &[]).await;
    assert_eq!(english.get("/settings/purposes/no.such/words").await.status, 404);

    // A mandate: who approves reads both.
    let german_one = "Niemand schreibt Ihnen wegen Bürsten.";
    let draft = english.post("/settings/mandates/new", &mandate(&[("sentence_de", german_one)])).await.to;
    let draft = draft.split('?').next().unwrap().to_owned();
    let both = ["Nobody writes to you about brushes.", german_one];
    reads(&german, &draft, &both, &[]).await;
    reads(&english, &draft, &both, &[]).await;
    assert_eq!(german.post(&draft, &[("answer", "yes")]).await.status, 303);
    reads(&german, "/settings/mandates", &[german_one], &["Nobody writes to you"]).await;
    reads(&english, "/settings/mandates", &["Nobody writes to you about brushes."], &[german_one]).await;

    // A field of people: its kind of data is called like it. Choices go line by line.
    let base = office.policy().await.version.to_string();
    let field = |de: &'static str| {
        [
            ("base", base.as_str()),
            ("label", "Brush"),
            ("label_de", "Bürste"),
            ("kind", "one-of"),
            ("category", "purchase.product"),
            ("choices", "Soft\nHard"),
            ("choices_de", de),
        ]
    };
    let wrong = english.post("/settings/fields/person", &field("Weich")).await;
    assert!(wrong.status == 422 && wrong.has("As many lines as there are choices"), "{}", wrong.body);
    assert_eq!(english.post("/settings/fields/person", &field("Weich\nHart")).await.status, 303);
    reads(&german, "/settings/fields", &["Bürste", "Weich, Hart"], &["Soft"]).await;
    reads(&english, "/settings/fields", &["Brush", "Soft, Hard"], &["Weich"]).await;
    let policy = office.policy().await;
    let below = &policy.categories[&category("purchase.product.brush")];
    assert_eq!((below.label.as_str(), below.labels.get("de")), ("Brush", Some("Bürste")));
    assert!(policy.purposes[&purpose("marketing.newsletter.winter")].labels.is_empty());

    // An object, in the menu of whoever reads; what its fields are called to people names it, also after it was renamed.
    let object = [
        ("singular", "Device"),
        ("singular_de", "Gerät"),
        ("plural", "Devices"),
        ("plural_de", "Geräte"),
        ("belongs", "person"),
    ];
    assert_eq!(english.post("/settings/objects/new", &object).await.status, 303);
    reads(&german, "/settings/objects", &["Geräte"], &["Devices"]).await;
    let base = office.policy().await.version.to_string();
    let model =
        [("base", base.as_str()), ("label", "Model"), ("kind", "text"), ("category", "purchase.product")];
    assert_eq!(english.post("/settings/fields/object.device", &model).await.status, 303);
    let told = |policy: &assent_kernel::Policy| {
        let found =
            policy.categories.values().find(|one| one.key.as_str().ends_with("device-model")).unwrap();
        (found.label.clone(), found.labels.get("de").unwrap_or_default().to_owned())
    };
    assert_eq!(told(&office.policy().await), ("Device: Model".into(), "Gerät: Model".into()));
    let seen = english.get("/settings/objects/device").await.field("seen");
    let again = [
        ("seen", seen.as_str()),
        ("singular", "Device"),
        ("singular_de", "Apparat"),
        ("plural", "Devices"),
        ("plural_de", "Apparate"),
    ];
    assert_eq!(english.post("/settings/objects/device", &again).await.status, 303);
    assert_eq!(told(&office.policy().await).1, "Apparat: Model");
}

/// What is changed of fields and objects stands in the history, with who.
async fn history(engine: Engine) {
    let office = Office::new(engine).await;
    let admin = office.enter(Role::Admin, 20).await;
    let version = office.policy().await.version;
    let base = version.to_string();
    let field = [("base", base.as_str()), ("label", "Trade register"), ("kind", "text")];
    assert_eq!(admin.post("/settings/fields/organisation", &field).await.status, 303);
    let second = [("base", base.as_str()), ("label", "Segment"), ("kind", "text")];
    assert_eq!(admin.post("/settings/fields/organisation", &second).await.status, 303);
    let path = "/settings/fields/organisation/segment";
    let seen = admin.get(path).await.field("seen");
    let renamed = [("base", base.as_str()), ("seen", seen.as_str()), ("label", "Branch")];
    assert_eq!(admin.post(path, &renamed).await.status, 303);
    // Saving what stands there already changes nothing and is not told.
    let seen = admin.get(path).await.field("seen");
    let same = [("base", base.as_str()), ("seen", seen.as_str()), ("label", "Branch")];
    assert_eq!(admin.post(path, &same).await.status, 303);
    let late = [("base", base.as_str()), ("seen", "stale"), ("label", "Late")];
    assert_eq!(admin.post(path, &late).await.status, 422);
    assert_eq!(admin.post(&format!("{path}/move"), &[("to", "up")]).await.status, 303);
    assert_eq!(admin.post(&format!("{path}/offer"), &[("offer", "no")]).await.status, 303);
    let shop = [("singular", "Shop"), ("plural", "Shops"), ("belongs", "nobody")];
    assert_eq!(admin.post("/settings/objects/new", &shop).await.status, 303);
    assert_eq!(admin.post("/settings/objects/shop/use", &[("use", "no")]).await.status, 303);
    let page = admin.get("/settings/history").await;
    let lines = [
        "Object shop was put out of use.",
        "Object shop added: “Shop”.",
        "Field “Branch” is no longer offered.",
        "Field “Branch” was moved up.",
        "Field “Segment” is called “Branch”.",
        "Field “Segment” of organisation added.",
        "Field “Trade register” of organisation added.",
    ];
    let places: Vec<_> =
        lines.iter().map(|line| page.body.find(line).unwrap_or_else(|| panic!("{line}"))).collect();
    assert!(places.is_sorted(), "the newest first: {}", page.body);
    assert_eq!(office.policy().await.version, version + 7, "{}", page.body);
    assert!(page.body.matches("Nora 20").count() >= 7, "{}", page.body);
}

/// A key does what its role may on the pages and no more, and each change says which key it was.
async fn programs(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (key, sales) = (desk.program(1, Role::Admin, None).await, desk.program(2, Role::Sales, None).await);
    let new = json!({
        "label": "Brush", "label_de": "Bürste", "kind": "several-of", "category": "purchase.product",
        "choices": ["Soft", "Hard"], "choices_de": ["Weich", "Hart"],
    });
    let object = json!({ "singular": "Shop", "singular_de": "Laden", "plural": "Shops", "plural_de": "Läden", "belongs_to": "nobody" });
    for (path, body) in [("/v1/fields/person", &new), ("/v1/objects", &object)] {
        assert_eq!(sales.post(path, body.clone()).await.status, 403, "{path}");
        assert_eq!(key.post(path, body.clone()).await.status, 201, "{path}");
    }
    let line = "PATCH /v1/fields/person/brush";
    let any = [("if-match", "*")];
    // Choices that stay keep their German words; null takes the name away.
    let changes = json!({ "choices": ["Soft", "Medium", "Hard"], "label_de": null });
    let done = key.call(line, &any, Some(changes)).await;
    assert_eq!(done.status, 204, "{}", done.text);
    let one = key.get("/v1/fields/person").await.body["data"][0].clone();
    assert_eq!((&one["label_de"], &one["choices_de"]), (&json!(null), &json!(["Weich", "Medium", "Hart"])));
    let few = key.call(line, &any, Some(json!({ "choices_de": ["Weich"] }))).await;
    assert!(few.status == 422 && few.text.contains("/choices_de: As many lines"), "{}", few.text);
    let all = key.get("/v1/objects").await.body["data"][0].clone();
    assert_eq!((&all["singular_de"], &all["plural_de"]), (&json!("Laden"), &json!("Läden")));
    let purpose = json!({
        "below": "marketing.newsletter", "name": "birthday", "label": "Birthday", "label_de": "Geburtstag",
        "sentence": "So that you hear from us.", "uses": ["Message"], "roles": ["marketing"], "longest_days": 365,
    });
    assert_eq!(key.post("/v1/purposes", purpose).await.status, 201);
    let all = key.get("/v1/purposes").await;
    let found = all.body["data"].as_array().unwrap().iter().find(|one| one["label"] == "Birthday").unwrap();
    assert_eq!((&found["label_de"], &found["sentence_de"]), (&json!("Geburtstag"), &json!(null)));
    let path = "PATCH /v1/purposes/marketing.newsletter.birthday";
    let both = json!({ "sentence_de": "Damit Sie von uns hören." });
    assert_eq!(key.call(path, &[("if-match", "1")], Some(both.clone())).await.status, 412);
    assert_eq!(key.call(path, &[], Some(both)).await.status, 204);
    let all = key.get("/v1/purposes").await;
    let found = all.body["data"].as_array().unwrap().iter().find(|one| one["label"] == "Birthday").unwrap();
    let said = (&json!("Geburtstag"), &json!("Damit Sie von uns hören."));
    assert_eq!((&found["label_de"], &found["sentence_de"]), said);
    assert_eq!(key.call(path, &[], Some(json!({ "label_de": null }))).await.status, 204);
    let all = key.get("/v1/purposes").await;
    let found = all.body["data"].as_array().unwrap().iter().find(|one| one["label"] == "Birthday").unwrap();
    assert_eq!((&found["label_de"], &found["sentence_de"]), (&json!(null), said.1));
    let history = key.get("/v1/history").await;
    let by = |what: &str| {
        let lines = history.body["data"].as_array().unwrap();
        lines.iter().find(|line| line["what"] == what).unwrap_or_else(|| panic!("{}", history.text))["by"]
            .clone()
    };
    for what in ["Object shop added: “Shop”.", "Field “Brush”: what can be chosen was changed."] {
        assert!(by(what).as_str().unwrap().starts_with("stf_"), "{what}");
    }
    let page = desk.enter(Role::Admin, "rights.inform").await.get("/settings/history").await;
    assert!(page.has("the shop (program)"), "{}", page.body);
}

assent_testkit::on_both!(names, history, programs);
