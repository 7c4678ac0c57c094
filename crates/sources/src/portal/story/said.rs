//! What was said and how it is told: by whom and by which way, only to whom it happened, and in which language.

use axum::http::{StatusCode, header};

use super::world::*;

async fn it_is_told_how_something_was_said(engine: Engine) {
    let world = world(engine).await;
    let link = world.ask(1).await;
    let mia = world.enter("mia@example.org").await;
    mia.send("GET", "/me", String::new(), &[("sec-gpc", "1")]).await;
    mia.post("/me/stop", &[("what", "marketing"), ("act", "stop")]).await;
    mia.post("/me/stop", &[("what", "marketing"), ("act", "lift")]).await;
    world.stranger().send("POST", &link, form(&[("answer", "no")]), &[]).await;
    let uses = mia.ok("/me/uses").await;
    for told in [
        "You: no selling and sharing, said by your browser.",
        "You: no advertising, on this page.",
        "You: allowed again: no advertising, on this page.",
        ", by a link in a letter.",
    ] {
        assert!(uses.contains(told), "{told} in {uses}");
    }
    let record: serde_json::Value = serde_json::from_str(&mia.ok("/me/consent-record.json").await).unwrap();
    let refused = &record["dpv:hasConsentStatus"][0];
    assert_eq!(refused["@type"], "dpv:ConsentRefused");
    assert!(refused["dpv:hasIndicationMethod"].is_null(), "what is not known is not said: {refused}");
}

async fn a_link_from_elsewhere_has_done_nothing(engine: Engine) {
    let world = world(engine).await;
    let link = world.ask(1).await;
    let mia = world.enter("mia@example.org").await;
    for (browser, path) in
        [(&mia, "/me?done=withdrawn".to_owned()), (&world.stranger(), format!("{link}?done=withdrawn"))]
    {
        for (site, told) in [("same-origin", true), ("none", false), ("cross-site", false)] {
            let page =
                text(browser.send("GET", &path, String::new(), &[("sec-fetch-site", site)]).await).await;
            assert_eq!(page.contains("Withdrawn. From now on"), told, "{path} {site}");
        }
    }
}

async fn a_language_is_chosen_at_the_foot(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    assert!(mia.ok("/me").await.contains("action=\"/language\""));
    let choose = async |lang: &str, from: &str| {
        mia.send("POST", "/language", form(&[("lang", lang)]), &[("referer", from)]).await
    };
    let chosen = choose("de", "http://test.example/me/uses?done=x").await;
    assert_eq!(
        (chosen.status(), chosen.headers()["location"].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/me/uses")
    );
    let cookie = chosen.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let both = Browser { world: &world, cookie: format!("{}; {cookie}", mia.cookie) };
    assert!(both.ok("/me").await.contains("Was Halden Home über Sie weiß"));
    for odd in ["", "x", "http://a//b.example", "http://a/\\b.example"] {
        assert_eq!(choose("en", odd).await.headers()["location"], "/", "{odd}");
    }
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let forged = mia.send("POST", "/language", form(&[("lang", "de")]), &elsewhere).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
}

assent_testkit::on_both!(
    it_is_told_how_something_was_said,
    a_link_from_elsewhere_has_done_nothing,
    a_language_is_chosen_at_the_foot,
);
