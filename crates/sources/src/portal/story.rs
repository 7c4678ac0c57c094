//! Told as a person would: come in by a link, look, say yes and no, take it along, leave.

mod asks;
mod many;
mod programs;
mod said;
mod things;
mod told;
mod trust;
mod ways;
mod world;

use std::collections::BTreeSet;

use assent_kernel::Span;
use assent_kernel::grant::Said;
use assent_kernel::uses::kind::{Message, View};
use assent_store::requests::Asked;
use axum::http::{StatusCode, header};

use world::*;

const NEWS: &str = "/me/terms/marketing.newsletter";

async fn a_link_works_once_and_a_get_never_uses_it(engine: Engine) {
    let world = world(engine).await;
    let link = world.link("MIA@example.org").await.unwrap();
    let stranger = world.stranger();
    for _ in 0..3 {
        assert!(stranger.ok(&link).await.contains("method=\"post\""));
    }
    assert_eq!(stranger.send("POST", &link, String::new(), &[]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(stranger.send("POST", &link, String::new(), &[]).await.status(), StatusCode::NOT_FOUND);
    let (status, page) = stranger.get(&link).await;
    assert!(status == StatusCode::NOT_FOUND && page.contains("Ask for a new link"));
    for forged in ["/my/link/x", "/my/link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(stranger.send("POST", forged, String::new(), &[]).await.status(), StatusCode::NOT_FOUND);
    }
    let late = world.link("mia@example.org").await.unwrap();
    world.ctx.clock.advance(Span::minutes(31).micros());
    assert_eq!(stranger.send("POST", &late, String::new(), &[]).await.status(), StatusCode::NOT_FOUND);
    let foreign = stranger.send(
        "POST",
        "/my/halden",
        form(&[("email", "a@example.org")]),
        &[("sec-fetch-site", "cross-site")],
    );
    assert_eq!(foreign.await.status(), StatusCode::FORBIDDEN);
}

async fn an_unknown_address_gets_the_same_answer_and_no_letter(engine: Engine) {
    let world = world(engine).await;
    // Attempts are counted by their time, and this clock stands still unless it is told.
    let ask = async |email: &str| {
        world.ctx.clock.advance(1);
        world.stranger().send("POST", "/my/halden", form(&[("email", email)]), &[]).await
    };
    let answer = async |email: &str| text(ask(email).await).await;
    assert_eq!(answer("mia@example.org").await, answer("nobody@example.org").await);
    assert!(world.link("nobody@example.org").await.is_none());
    for _ in 0..5 {
        assert_eq!(ask("often@example.org").await.status(), StatusCode::OK);
    }
    let sixth = ask("Often@Example.org").await;
    assert_eq!(sixth.status(), StatusCode::TOO_MANY_REQUESTS);
}

async fn the_overview_shows_what_is_held_and_says_where_it_is_from(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let page = mia.ok("/me").await;
    for shown in
        ["Mia", "mia@example.org", "+44 20 7946 0127", "import contacts.csv", "Halden Cool", "Support"]
    {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(!page.contains("ole@example.org"));
    let german = mia.send("GET", "/me", String::new(), &[("accept-language", "de-DE")]).await;
    assert_eq!(german.headers()["x-robots-tag"], "noindex, nofollow");
    let german = text(german).await;
    for shown in ["Was Halden Home über Sie weiß", "E-Mail-Adresse", "Herkunft", "Vorname"] {
        assert!(german.contains(shown), "{shown}");
    }
    for path in ["/me/terms", "/me/uses", "/me/export", "/me/erase", "/me/add", NEWS] {
        mia.ok(path).await;
        let german = mia.send("GET", path, String::new(), &[("accept-language", "de")]).await;
        assert_eq!(german.status(), StatusCode::OK, "{path}");
    }
}

async fn a_yes_opens_and_a_withdrawal_closes_at_once(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    assert_eq!(world.may(View, world.mia, "marketing.newsletter", party(1)).await, "NEVER_ASKED");
    let given = mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    assert_eq!(given.status(), StatusCode::SEE_OTHER, "{}", text(given).await);
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "PERMIT");
    let page = mia.ok("/me").await;
    assert!(page.contains("Postlane (Ireland)") && page.contains("NightDesk (United States)"), "{page}");
    assert_eq!(mia.post(NEWS, &[("answer", "withdraw")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "WITHDRAWN");
    let uses = mia.ok("/me/uses?show=refused").await;
    assert!(uses.contains("You took your yes back.") && uses.contains("Marketing at Halden Home"), "{uses}");
}

async fn a_limited_yes_is_narrower_and_never_wider(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let limited = [
        ("answer", "limited"),
        ("version", "1"),
        ("span", "30"),
        ("uses", "2"),
        ("region", "eu"),
        ("region", "us"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&limited[..], more].concat();
    let wider = mia
        .post(NEWS, &with(&[("kind", "contact.email"), ("kind", "purchase"), ("party", "postlane")]))
        .await;
    assert_eq!(wider.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(wider).await.contains("more than was asked for"));
    assert_eq!(
        mia.post(NEWS, &with(&[("kind", "contact.email"), ("party", "fixwerk")])).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(mia.post(NEWS, &limited).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let given = mia.post(NEWS, &with(&[("kind", "contact.email"), ("party", "postlane")])).await;
    assert_eq!(given.status(), StatusCode::SEE_OTHER, "{}", text(given).await);
    let dossier =
        world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.mia).await.unwrap();
    let Said::Yes(grant) = &dossier.person().answers[&purpose("marketing.newsletter")].said else { panic!() };
    assert_eq!(grant.terms.categories, keys(&["contact.email"]));
    assert_eq!(grant.uses_left, Some(2));
    assert!(grant.terms.until <= world.ctx.now().plus(Span::days(30)) && !grant.terms.explicit);
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "TIER_TOO_DEEP");
    assert_eq!(world.may(View, world.mia, "marketing.newsletter", party(1)).await, "PERMIT");
    let page = mia.ok(&format!("{NEWS}?limit=1")).await;
    assert!(page.contains("value=\"postlane\" checked") && page.contains("value=\"nightdesk\">"), "{page}");
}

async fn what_a_limit_rules_out_is_said(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let kinds = [("kind", "contact.email"), ("party", "postlane"), ("party", "nightdesk"), ("region", "eu")];
    let fields = [&[("answer", "limited"), ("version", "1"), ("span", "full")][..], &kinds].concat();
    assert_eq!(mia.post(NEWS, &fields).await.status(), StatusCode::SEE_OTHER);
    let page = mia.ok("/me").await;
    let said = "So nothing goes through them: Postlane (Ireland) and NightDesk (United States).";
    assert!(page.contains(said) && page.contains("only here: European Union"), "{page}");
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "HOP_OUTSIDE_REGION");
}

async fn special_data_need_a_clear_yes(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let path = "/me/terms/sales.contact";
    assert_eq!(
        mia.post(path, &[("answer", "yes"), ("version", "1")]).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let stale = mia.post(path, &[("answer", "yes"), ("version", "7"), ("explicit", "on")]).await;
    assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let given = mia.post(path, &[("answer", "yes"), ("version", "1"), ("explicit", "on")]).await;
    assert_eq!(given.status(), StatusCode::SEE_OTHER);
    let dossier =
        world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.mia).await.unwrap();
    let Said::Yes(grant) = &dossier.person().answers[&purpose("sales.contact")].said else { panic!() };
    assert!(grant.terms.explicit);
}

async fn a_request_is_answered_where_it_stands(engine: Engine) {
    let world = world(engine).await;
    world.ask(1).await;
    let mia = world.enter("mia@example.org").await;
    let page = mia.ok("/me").await;
    assert!(page.contains("Waiting for your answer") && page.contains("You get tips."));
    mia.post(NEWS, &[("answer", "not-again")]).await;
    let all = world.asked().await;
    assert_eq!(all[0].state, Asked::NotAgain);
    assert!(all[0].quiet_until.unwrap() > world.ctx.now().plus(Span::days(180)));
    assert!(!mia.ok("/me").await.contains("Waiting for your answer"));
}

async fn nobody_reads_or_changes_anothers(engine: Engine) {
    let world = world(engine).await;
    let (mia, ole) = (world.enter("mia@example.org").await, world.enter("ole@example.org").await);
    let fact = world
        .ctx
        .gate
        .look_one(&assent_gate::Whose::everybody(world.company), world.ole)
        .await
        .unwrap()
        .facts()
        .next()
        .unwrap()
        .id();
    assert_eq!(mia.get(&format!("/me/fact/{fact}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        mia.post(&format!("/me/fact/{fact}"), &[("act", "remove")]).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(mia.get("/me/receipt/999999").await.0, StatusCode::NOT_FOUND);
    assert!(!mia.ok("/me/export.json").await.contains("ole@example.org"));
    let others = form(&[("answer", "yes"), ("version", "1"), ("csrf", &ole.csrf().await)]);
    assert_eq!(mia.send("POST", NEWS, others, &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(mia.send("POST", NEWS, form(&[("answer", "yes")]), &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(world.stranger().get("/me").await.0, StatusCode::SEE_OTHER);
    assert_eq!(mia.get("/outbox").await.0, StatusCode::SEE_OTHER);
}

async fn wrong_is_put_right_added_or_removed(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let fact = async |category: &str| {
        let dossier =
            world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.mia).await.unwrap();
        dossier
            .facts()
            .find(|held| *held.category() == key(category))
            .map(|held| format!("/me/fact/{}", held.id()))
    };
    let name = fact("name.given").await.unwrap();
    assert!(mia.ok(&name).await.contains("value=\"Mia\""));
    assert_eq!(
        mia.post(&name, &[("act", "save"), ("value", "Mia-Eve")]).await.status(),
        StatusCode::SEE_OTHER
    );
    let page = mia.ok("/me").await;
    assert!(page.contains("Mia-Eve") && page.contains("From: you"), "{page}");
    assert_eq!(
        mia.post(&name, &[("act", "save"), ("value", "")]).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let phone = fact("contact.phone").await.unwrap();
    assert_eq!(mia.post(&phone, &[("act", "remove")]).await.status(), StatusCode::SEE_OTHER);
    assert!(fact("contact.phone").await.is_none());
    let held = fact("purchase.product").await.unwrap();
    for act in [[("act", "remove"), ("value", "x")], [("act", "save"), ("value", "x")]] {
        assert_eq!(mia.post(&held, &act).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(
        mia.post("/me/add", &[("kind", "contact.phone"), ("value", "+49 30 1")]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert!(mia.ok("/me").await.contains("+49 30 1"));
    for kind in ["criminal-record", "health.dental", "no-such", "../x"] {
        let refused = mia.post("/me/add", &[("kind", kind), ("value", "x")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
    }
}

async fn a_field_of_the_company_is_the_persons_like_any_other_value(engine: Engine) {
    let world = world(engine).await;
    world
        .made_a_field(
            "interest.newspaper",
            ["Newspaper", "Zeitung"],
            &[["Courier", "Kurier"], ["Post", "Die Post"]],
        )
        .await;
    let mia = world.enter("mia@example.org").await;
    // The kind above it is still one that a person may add.
    let add = mia.ok("/me/add").await;
    assert!(add.contains(">Newspaper</option>") && add.contains("value=\"interest\""), "{add}");
    let wrong = mia.post("/me/add", &[("kind", "interest.newspaper"), ("value", "Herald")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let kept = mia.post("/me/add", &[("kind", "interest.newspaper"), ("value", "courier")]).await;
    assert_eq!(kept.status(), StatusCode::SEE_OTHER);
    let me = mia.ok("/me").await;
    assert!(me.contains("Newspaper") && me.contains("Courier") && me.contains("From: you"), "{me}");
    let dossier =
        world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.mia).await.unwrap();
    let held = dossier.facts().find(|held| *held.category() == key("interest.newspaper")).unwrap();
    let fact = format!("/me/fact/{}", held.id());
    assert!(mia.ok(&fact).await.contains("<option value=\"Courier\" selected>Courier<"));
    // Whoever reads German reads what the company said in German; what is kept is the choice itself.
    let german = [("accept-language", "de")];
    let me = text(mia.send("GET", "/me", String::new(), &german).await).await;
    assert!(me.contains(">Zeitung<") && me.contains(">Kurier<") && !me.contains("Courier"), "{me}");
    let page = text(mia.send("GET", &fact, String::new(), &german).await).await;
    assert!(page.contains("<option value=\"Courier\" selected>Kurier<"), "{page}");
    let wrong = mia.post(&fact, &[("act", "save"), ("value", "Herald")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(mia.post(&fact, &[("act", "save"), ("value", "Post")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(mia.post(&fact, &[("act", "remove")]).await.status(), StatusCode::SEE_OTHER);
    let dossier =
        world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.mia).await.unwrap();
    assert!(dossier.facts().all(|held| *held.category() != key("interest.newspaper")));
}

/// What the company calls a purpose of its own in both languages, and what it says in one only.
async fn a_reader_of_each_language_reads_what_there_is(engine: Engine) {
    let world = world(engine).await;
    let gate = &world.ctx.gate;
    let mut policy = gate.policy(world.company).await.unwrap().policy.clone();
    let news = policy.purposes.get_mut(&purpose("marketing.newsletter")).unwrap();
    (news.label, news.labels) = ("Our letter".into(), assent_kernel::Also::of("de", "Unser Rundbrief"));
    news.sentence = "So that you read us.".into();
    gate.set_policy(policy, NOW).await.unwrap();
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    let english = mia.ok("/me/terms").await;
    assert!(english.contains("Our letter") && !english.contains("Rundbrief"), "{english}");
    let german = mia.send("GET", "/me/terms", String::new(), &[("accept-language", "de")]).await;
    let german = text(german).await;
    assert!(german.contains("Unser Rundbrief") && !german.contains("Our letter"), "{german}");
    let asked = mia.send("GET", NEWS, String::new(), &[("accept-language", "de")]).await;
    let asked = text(asked).await;
    assert!(asked.contains("So that you read us."), "said in one language, read in both: {asked}");
}

async fn a_stop_holds_and_can_be_lifted_and_never_locks_anybody_out(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    for (what, code) in [("marketing", "OBJECTED"), ("all", "RESTRICTED")] {
        mia.post("/me/stop", &[("what", what), ("act", "stop")]).await;
        assert_eq!(world.may(View, world.mia, "marketing.newsletter", party(1)).await, code);
        assert!(mia.ok("/me").await.contains("Stopped since"));
        if what == "all" {
            assert!(world.enter("mia@example.org").await.ok("/me").await.contains("mia@example.org"));
        }
        mia.post("/me/stop", &[("what", what), ("act", "lift")]).await;
        assert_eq!(world.may(View, world.mia, "marketing.newsletter", party(1)).await, "PERMIT");
    }
    assert_eq!(mia.post("/me/stop", &[("what", "moon")]).await.status(), StatusCode::NOT_FOUND);
}

async fn the_browsers_signal_is_written_down_once(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let with = async |value: &str| mia.send("GET", "/me", String::new(), &[("sec-gpc", value)]).await;
    let objections = async || {
        world
            .ctx
            .gate
            .look_one(&assent_gate::Whose::everybody(world.company), world.mia)
            .await
            .unwrap()
            .person()
            .objections
            .len()
    };
    with("0").await;
    assert_eq!(objections().await, 0);
    assert!(text(with("1").await).await.contains("Global Privacy Control"));
    with("1").await;
    assert_eq!(objections().await, 1);
    let ole = world.enter("ole@example.org").await;
    ole.send("GET", "/me/export", String::new(), &[("sec-gpc", "1")]).await;
    ole.send("GET", "/me/uses", String::new(), &[("sec-gpc", "1")]).await;
    let dossier =
        world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.ole).await.unwrap();
    assert_eq!(dossier.person().objections.len(), 1, "whichever page it comes to");
    let page = mia.ok("/.well-known/gpc.json").await;
    assert!(page.contains("\"gpc\":true"));
}

async fn every_use_has_a_receipt_that_a_stranger_can_check(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    world.may(Message, world.mia, "marketing.newsletter", party(2)).await;
    let uses = mia.ok("/me/uses").await;
    let seq = uses.split("/me/receipt/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = mia.ok(&format!("/me/receipt/{seq}/check")).await;
    assert!(page.contains("Yes. Everything fits together.") && !page.contains("tag bad"), "{page}");
    let file = mia.send("GET", &format!("/me/receipt/{seq}"), String::new(), &[]).await;
    let name = file.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    assert_eq!(name, format!("attachment; filename=\"receipt-{seq}.tlog-proof\""));
    let receipt = text(file).await;
    let name = assent_gate::LogName { company: world.company, region: region("eu") };
    let head = world.ctx.gate.log_head(&name).await.unwrap();
    assert!(super::receipt::verify(&receipt, &head.vkey).unwrap().contradiction().is_none());
    let other = "other.example/x/eu+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(super::receipt::verify(&receipt, other).is_err());
}

async fn the_export_has_exactly_what_is_held(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    mia.post("/me/terms/sales.contact", &[("answer", "not-again")]).await;
    let json: serde_json::Value = serde_json::from_str(&mia.ok("/me/export.json").await).unwrap();
    let values: BTreeSet<&str> =
        json["facts"].as_array().unwrap().iter().map(|f| f["value"].as_str().unwrap()).collect();
    let held = BTreeSet::from(["Mia", "Ito", "mia@example.org", "+44 20 7946 0127", "Halden Cool"]);
    assert_eq!(values, held);
    assert_eq!(json["answers"][0]["said"], "yes");
    assert!(json["uses"].as_array().unwrap().iter().any(|line| line["use"] == "Export"));
    assert_eq!((json["complete"].as_bool(), json["requests"].as_array().unwrap().len()), (Some(true), 1));
    assert_eq!(json["requests"][0]["answer"], "not-again");
    assert_eq!(json["ways_in"], serde_json::json!([]));
    let csv = mia.ok("/me/export.csv").await;
    let mut table = csv::Reader::from_reader(csv.as_bytes());
    let cells: BTreeSet<String> = table.records().map(|row| row.unwrap()[2].to_owned()).collect();
    assert_eq!(cells, held.iter().map(|v| (*v).to_owned()).collect());
    let card = mia.ok("/me/export.vcf").await;
    assert!(card.contains("FN:Mia Ito") && card.contains("TEL:+44 20 7946 0127"));
}

/// Reads JSON and counts keys that stand twice in one object, which `Value` would hide.
fn doubled(text: &str) -> usize {
    struct Count(usize);
    impl<'de> serde::de::DeserializeSeed<'de> for &mut Count {
        type Value = ();
        fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
            d.deserialize_any(self)
        }
    }
    impl<'de> serde::de::Visitor<'de> for &mut Count {
        type Value = ();
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("JSON")
        }
        fn visit_bool<E>(self, _: bool) -> Result<(), E> {
            Ok(())
        }
        fn visit_i64<E>(self, _: i64) -> Result<(), E> {
            Ok(())
        }
        fn visit_u64<E>(self, _: u64) -> Result<(), E> {
            Ok(())
        }
        fn visit_f64<E>(self, _: f64) -> Result<(), E> {
            Ok(())
        }
        fn visit_str<E>(self, _: &str) -> Result<(), E> {
            Ok(())
        }
        fn visit_unit<E>(self) -> Result<(), E> {
            Ok(())
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
            while all.next_element_seed(&mut *self)?.is_some() {}
            Ok(())
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
            let mut seen = BTreeSet::new();
            while let Some(key) = all.next_key::<String>()? {
                self.0 += usize::from(!seen.insert(key));
                all.next_value_seed(&mut *self)?;
            }
            Ok(())
        }
    }
    let mut count = Count(0);
    let mut reader = serde_json::Deserializer::from_str(text);
    serde::de::DeserializeSeed::deserialize(&mut count, &mut reader).unwrap();
    count.0
}

async fn the_consent_record_is_json_ld_with_a_process_for_each_yes(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    mia.post("/me/terms/sales.contact", &[("answer", "no")]).await;
    let text = mia.ok("/me/consent-record.json").await;
    // Processors that are not ours read it in `tests/interop/consent.sh`.
    if let Some(path) = std::env::var_os("ASSENT_TEST_RECORD") {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(doubled("{\"a\":1,\"a\":2}"), 1);
    assert_eq!(doubled(&text), 0);
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["@type"], "dpv:ConsentRecord");
    assert_eq!(record["dpv:hasProcess"].as_array().unwrap().len(), 1);
    let states: BTreeSet<&str> = record["dpv:hasConsentStatus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["@type"].as_str().unwrap())
        .collect();
    assert_eq!(states, BTreeSet::from(["dpv:ConsentGiven", "dpv:ConsentRefused"]));
    assert!(!text.contains("mia@example.org") && text.contains("dpv:DataSubProcessor"));
}

async fn an_erased_person_is_gone_with_the_session_and_gets_a_certificate(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let open = world.link("mia@example.org").await.unwrap();
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    world.may(Message, world.mia, "marketing.newsletter", party(2)).await;
    let page = mia.ok("/me/erase").await;
    assert!(
        page.contains("Who received something about you") && page.contains("Postlane (Ireland)"),
        "{page}"
    );
    assert!(page.contains("Product bought") && page.contains("AO"), "{page}");
    let response = mia.post("/me/erase", &[("never", "on")]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    assert!(page.contains("c2sp.org/tlog-proof") && page.contains("Product bought"), "{page}");
    assert!(page.contains("Postlane (Ireland), last on"), "who has to be told: {page}");
    assert_eq!(mia.get("/me").await.0, StatusCode::SEE_OTHER);
    // The address is gone, and the way back is in the certificate: again and again, until nothing is kept.
    let way = page.split("id=\"way-back\"").nth(1).unwrap().split("http://test.example").nth(1).unwrap();
    let way = way.split('<').next().unwrap().trim().to_owned();
    for _ in 0..2 {
        assert!(world.stranger().ok(&way).await.contains("method=\"post\""));
        let entered = world.stranger().send("POST", &way, String::new(), &[]).await;
        let cookie =
            entered.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let back = Browser { world: &world, cookie };
        let page = back.ok("/me").await;
        assert!(page.contains("Product bought") && page.contains("because a law demands it"), "{page}");
        let page = back.ok("/me/erase").await;
        assert!(page.contains("Abgabenordnung") && page.contains("2029"), "{page}");
    }
    let late = world.stranger().send("POST", &open, String::new(), &[]).await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    assert!(world.link("mia@example.org").await.is_none());
    assert!(world.ctx.gate.never_write(world.company, "mia@example.org").await.unwrap());
    let ole = world.enter("ole@example.org").await;
    assert_eq!(ole.post("/me/erase", &[]).await.status(), StatusCode::OK);
    assert!(world.ctx.gate.look_one(&assent_gate::Whose::everybody(world.company), world.ole).await.is_err());
}

assent_testkit::on_both!(
    a_link_works_once_and_a_get_never_uses_it,
    an_unknown_address_gets_the_same_answer_and_no_letter,
    the_overview_shows_what_is_held_and_says_where_it_is_from,
    a_yes_opens_and_a_withdrawal_closes_at_once,
    a_limited_yes_is_narrower_and_never_wider,
    what_a_limit_rules_out_is_said,
    special_data_need_a_clear_yes,
    a_request_is_answered_where_it_stands,
    nobody_reads_or_changes_anothers,
    wrong_is_put_right_added_or_removed,
    a_field_of_the_company_is_the_persons_like_any_other_value,
    a_reader_of_each_language_reads_what_there_is,
    a_stop_holds_and_can_be_lifted_and_never_locks_anybody_out,
    the_browsers_signal_is_written_down_once,
    every_use_has_a_receipt_that_a_stranger_can_check,
    the_export_has_exactly_what_is_held,
    the_consent_record_is_json_ld_with_a_process_for_each_yes,
    an_erased_person_is_gone_with_the_session_and_gets_a_certificate,
);
