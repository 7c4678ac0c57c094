//! Being asked: who asks, answering with and without signing in, "not again", what it brought, what ends soon.

use assent_gate::Whose;
use assent_kernel::grant::Said;
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{Span, StaffId};
use assent_store::factors::{self, Factor, Kind};
use assent_store::requests::{self, Asked};
use axum::http::StatusCode;

use super::NEWS;
use super::world::*;

async fn the_inbox_says_who_asks_and_for_how_long_nobody_may_again(engine: Engine) {
    let world = world(engine).await;
    world.ask(1).await;
    let mia = world.enter("mia@example.org").await;
    let page = mia.ok("/me/requests").await;
    for said in ["Marketing at Halden Home asked on", "You get tips.", "Nothing changes.", "5 years"] {
        assert!(page.contains(said), "{said} in {page}");
    }
    assert!(mia.ok("/me").await.contains("Marketing at Halden Home asked on"));
    mia.post(NEWS, &[("answer", "not-again"), ("quiet", "365")]).await;
    let one = world.asked().await.remove(0);
    let now = world.ctx.now();
    assert_eq!(one.state, Asked::NotAgain);
    assert!(
        one.quiet_until > Some(now.plus(Span::days(364)))
            && one.quiet_until <= Some(now.plus(Span::days(365)))
    );

    // Somebody wants to ask again, twice; the person sees it, and may let them.
    let (who, id, db) = (world.mia, one.id, world.ctx.gate.region_db(&region("eu")).unwrap());
    for _ in 0..2 {
        db.write(move |tx| requests::count_again(tx, who, id, now)).await.unwrap();
    }
    let page = mia.ok("/me/requests").await;
    assert!(
        page.contains("2 times somebody wanted to ask again") && page.contains("Nobody may ask again until")
    );
    let ole = world.enter("ole@example.org").await;
    let foreign = ole.post("/me/requests/quiet", &[("request", &id.to_string())]).await;
    assert_eq!(foreign.status(), StatusCode::NOT_FOUND);
    let lifted = mia.post("/me/requests/quiet", &[("request", &id.to_string())]).await;
    assert_eq!(lifted.status(), StatusCode::SEE_OTHER);
    world.ctx.clock.advance(1);
    assert!(!mia.ok("/me/requests").await.contains("Nobody may ask again until"));

    // A number that is not offered is not taken as it is.
    world.ask(2).await;
    mia.post(NEWS, &[("answer", "not-again"), ("quiet", "999999")]).await;
    assert!(world.asked().await.iter().all(|one| one.quiet_until < Some(now.plus(Span::days(200)))));
}

async fn a_link_of_a_letter_answers_one_request_and_opens_nothing_else(engine: Engine) {
    let world = world(engine).await;
    let link = world.ask(1).await;
    let anybody = world.stranger();
    let before = anybody.ok(&link).await;
    assert!(before.contains("You get tips.") && before.contains("without signing in"), "{before}");
    for value in ["Mia", "Ito", "mia@example.org", "Halden Cool"] {
        assert!(!before.contains(value), "{value} in {before}");
    }
    for _ in 0..3 {
        anybody.ok(&link).await;
    }
    assert_eq!(
        world.may(View, world.mia, "marketing.newsletter", party(1)).await,
        "NEVER_ASKED",
        "a GET changes nothing"
    );
    let say = async |fields: &[(&str, &str)]| anybody.send("POST", &link, form(fields), &[]).await;
    assert_eq!(say(&[("answer", "maybe")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wider = [("answer", "limited"), ("version", "1"), ("span", "full"), ("kind", "purchase")];
    assert_eq!(say(&wider).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let done = say(&[("answer", "yes"), ("version", "1")]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER, "{}", text(done).await);
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "PERMIT");
    assert_eq!(world.asked().await[0].state, Asked::Given);
    let after = anybody.ok(&format!("{link}?done=given")).await;
    assert!(after.contains("Recorded: yes.") && after.contains("value=\"withdraw\""), "{after}");
    assert_eq!(say(&[("answer", "withdraw")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "WITHDRAWN");

    // It is good for this request alone, leads to no other page, and not for ever.
    assert_eq!(anybody.get("/me").await.0, StatusCode::SEE_OTHER);
    let other = world.ask(2).await;
    let (mine, theirs) = (link.rsplit_once('/').unwrap(), other.rsplit_once('/').unwrap());
    for forged in [format!("{}/{}", mine.0, theirs.1), format!("{}/x", mine.0), "/my/answer/x/y".to_owned()] {
        assert_eq!(anybody.get(&forged).await.0, StatusCode::NOT_FOUND, "{forged}");
        let post = anybody.send("POST", &forged, form(&[("answer", "yes"), ("version", "1")]), &[]).await;
        assert_eq!(post.status(), StatusCode::NOT_FOUND, "{forged}");
    }
    let token = mine.1;
    assert_eq!(anybody.get(&format!("/my/link/{token}")).await.0, StatusCode::NOT_FOUND, "no way in");
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let forged = anybody.send("POST", &other, form(&[("answer", "yes"), ("version", "1")]), &elsewhere).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    world.ctx.clock.advance(Span::days(61).micros());
    assert_eq!(anybody.get(&other).await.0, StatusCode::NOT_FOUND);
}

async fn do_not_ask_again_is_kept_whatever_was_asked_before(engine: Engine) {
    const SALES: &str = "/me/terms/sales.contact";
    let quiet = async |world: &World, about: &str| {
        let all = world.asked().await;
        let until = |one: &requests::Request| one.quiet_until > Some(world.ctx.now().plus(Span::days(180)));
        all.iter().any(|one| one.purpose == purpose(about) && one.state == Asked::NotAgain && until(one))
    };
    // Out of the letter, after a no.
    let world = world(engine).await;
    let link = world.ask(1).await;
    let anybody = world.stranger();
    let say = async |answer: &str| {
        let said = anybody.send("POST", &link, form(&[("answer", answer), ("version", "1")]), &[]).await;
        assert_eq!(said.status(), StatusCode::SEE_OTHER, "{answer}");
        world.ctx.clock.advance(1);
    };
    say("no").await;
    assert!(!quiet(&world, "marketing.newsletter").await);
    say("not-again").await;
    assert!(quiet(&world, "marketing.newsletter").await);
    // The person lets them ask again, is asked, says yes, takes it back, and has had enough.
    let mia = world.enter("mia@example.org").await;
    let id = world.asked().await[0].id.to_string();
    mia.post("/me/requests/quiet", &[("request", &id)]).await;
    world.ctx.clock.advance(1);
    say("yes").await;
    say("withdraw").await;
    assert!(!quiet(&world, "marketing.newsletter").await);
    say("not-again").await;
    assert!(quiet(&world, "marketing.newsletter").await);
    assert_eq!(world.asked().await.len(), 1);
    // Of their own accord, and nobody ever asked.
    let kept = mia.post(SALES, &[("answer", "not-again"), ("quiet", "365")]).await;
    assert_eq!(kept.headers()["location"], "/me?done=quiet");
    assert!(quiet(&world, "sales.contact").await);
    let page = mia.ok("/me/requests").await;
    assert!(page.contains("Nobody had asked; you said it yourself."), "{page}");
}

async fn the_browsers_signal_counts_where_a_letter_is_answered(engine: Engine) {
    let world = world(engine).await;
    let link = world.ask(1).await;
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
    let gpc = [("sec-gpc", "1")];
    let page = text(world.stranger().send("GET", &link, String::new(), &gpc).await).await;
    assert!(page.contains("Global Privacy Control"), "{page}");
    assert_eq!(objections().await, 0, "a letter's link is opened by programs too");
    let said = world.stranger().send("POST", &link, form(&[("answer", "no")]), &gpc).await;
    assert_eq!((said.status(), objections().await), (StatusCode::SEE_OTHER, 1));
}

async fn a_link_of_a_letter_dies_with_the_person(engine: Engine) {
    let world = world(engine).await;
    let link = world.ask(1).await;
    let mia = world.enter("mia@example.org").await;
    let (who, owner, now) = (world.mia, StaffId::from_bytes(world.mia.to_bytes()), world.ctx.now());
    let key = Factor {
        id: [7; 16],
        staff: owner,
        kind: Kind::PersonKey,
        label: "My phone".into(),
        sealed: vec![1],
        counter: 0,
        made_at: now,
        used_at: None,
        confirmed: true,
    };
    let home = world.ctx.gate.home();
    home.write(move |tx| factors::add(tx, &key, Some(&[7; 32]))).await.unwrap();
    assert!(mia.ok("/me/sign-in").await.contains("My phone"));
    assert_eq!(mia.post("/me/erase", &[]).await.status(), StatusCode::OK);
    assert!(home.read(move |tx| factors::of_person(tx, who)).await.unwrap().is_empty(), "nor a passkey");
    assert_eq!(world.stranger().get(&link).await.0, StatusCode::NOT_FOUND);
}

async fn yes_and_no_take_one_click_each_on_the_same_page(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let count = |page: &str, word: &str| page.matches(&format!("value=\"{word}\"")).count();
    let page = mia.ok("/me/terms").await;
    let notices = page.matches("<article").count();
    assert!(notices > 1);
    assert_eq!((count(&page, "yes"), count(&page, "no"), count(&page, "withdraw")), (notices, notices, 0));
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    let page = mia.ok("/me/terms").await;
    assert_eq!((count(&page, "yes"), count(&page, "withdraw")), (notices - 1, 1), "{page}");
    for path in [NEWS, "/me"] {
        assert_eq!(count(&mia.ok(path).await, "withdraw"), 1, "{path}");
    }
    mia.post(NEWS, &[("answer", "withdraw")]).await;
    assert_eq!((count(&mia.ok(NEWS).await, "yes"), count(&mia.ok(NEWS).await, "no")), (1, 1));
}

async fn what_it_brought_is_told_by_purpose_with_its_benefit(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let gains = |page: &str| {
        page.split("id=\"gains\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
    };
    assert!(gains(&mia.ok("/me").await).contains("Nothing about you has been used"));
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    assert!(gains(&mia.ok("/me").await).contains("it has not been used yet"));
    for _ in 0..3 {
        assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "PERMIT");
    }
    assert_ne!(world.may(View, world.mia, "sales.contact", party(1)).await, "PERMIT");
    let told = gains(&mia.ok("/me").await);
    for said in ["You get tips.", "Used 3 times", "By: Marketing at Halden Home", "Postlane"] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert!(!told.contains("Contact"), "what was refused brought nothing: {told}");
}

async fn a_yes_can_leave_out_what_may_be_done(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    assert!(mia.ok(&format!("{NEWS}?limit=1")).await.contains("name=\"may\" value=\"Message\" checked"));
    let some =
        [("answer", "limited"), ("version", "1"), ("span", "full"), ("region", "eu"), ("region", "us")];
    let with = |more: &[(&'static str, &'static str)]| {
        [&some[..], &[("kind", "contact.email"), ("party", "postlane"), ("party", "nightdesk")], more]
            .concat()
    };
    for bad in [
        &[("may", "asked")][..],
        &[("may", "Share")],
        &[("may", "View"), ("may", "Learn")],
        &[("may", "fly")],
    ] {
        assert_eq!(mia.post(NEWS, &with(bad)).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }
    let only = with(&[("may", "asked"), ("may", "View")]);
    assert_eq!(mia.post(NEWS, &only).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.may(View, world.mia, "marketing.newsletter", party(1)).await, "PERMIT");
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "USE_NOT_GRANTED");
}

async fn a_yes_that_was_cut_short_stays_as_short(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    let until = async || {
        let dossier = world.ctx.gate.look_one(&Whose::everybody(world.company), world.mia).await.unwrap();
        let Said::Yes(grant) = &dossier.person().answers[&purpose("marketing.newsletter")].said else {
            panic!()
        };
        grant.terms.until
    };
    let say = async |span: &str, kinds: &[&str]| {
        let mut fields = vec![("answer", "limited"), ("version", "1"), ("span", span), ("region", "eu")];
        fields.extend(kinds.iter().map(|kind| ("kind", *kind)));
        mia.post(NEWS, &fields).await.status()
    };
    assert_eq!(say("30", &["contact.email", "name.given"]).await, StatusCode::SEE_OTHER);
    let first = until().await;
    // Later one kind is taken away; how long stays ticked as it is.
    world.ctx.clock.advance(20 * 60 * 1_000_000);
    let page = mia.ok(&format!("{NEWS}?limit=1")).await;
    let ticked = format!("name=\"span\" value=\"until-{}\" checked", first.micros());
    assert!(page.contains(&ticked) && page.matches("name=\"span\"").count() == 5, "{page}");
    assert_eq!(say(&format!("until-{}", first.micros()), &["contact.email"]).await, StatusCode::SEE_OTHER);
    assert_eq!(until().await, first);
    // Whoever writes another day gets no more than was asked for, and a day that is over is refused.
    assert_eq!(say("until-9000000000000000", &["contact.email"]).await, StatusCode::SEE_OTHER);
    assert!(until().await < world.ctx.now().plus(Span::days(5 * 365)));
    for over in ["until-0", "until-", "until-x", "until--9223372036854775808"] {
        assert_eq!(say(over, &["contact.email"]).await, StatusCode::UNPROCESSABLE_ENTITY, "{over}");
    }
}

async fn what_ends_soon_is_listed_with_what_follows(engine: Engine) {
    let world = world(engine).await;
    let mia = world.enter("mia@example.org").await;
    assert!(!mia.ok("/me").await.contains("id=\"ends\""));
    let month = [
        ("answer", "limited"),
        ("version", "1"),
        ("span", "30"),
        ("kind", "contact.email"),
        ("region", "eu"),
    ];
    assert_eq!(mia.post(NEWS, &month).await.status(), StatusCode::SEE_OTHER);
    let page = mia.ok("/me").await;
    assert!(page.contains("id=\"ends\"") && page.contains("Then it stops by itself."), "{page}");
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    assert!(!mia.ok("/me").await.contains("id=\"ends\""), "a whole yes lasts longer than is looked ahead");
}

async fn no_page_shows_a_raw_key_in_either_language(engine: Engine) {
    let world = world(engine).await;
    let link = world.ask(1).await;
    let mia = world.enter("mia@example.org").await;
    mia.post("/me/terms/sales.contact", &[("answer", "yes"), ("version", "1"), ("explicit", "on")]).await;
    world.may(Message, world.mia, "marketing.newsletter", party(2)).await;
    let standing = world.ctx.gate.policy(world.company).await.unwrap();
    let policy = &standing.policy;
    let mut keys: Vec<String> = policy.purposes.keys().map(ToString::to_string).collect();
    keys.extend(policy.categories.keys().map(ToString::to_string));
    keys.extend(policy.mandates.values().map(|one| one.key.clone()));
    keys.retain(|key| key.contains(['.', '-']));
    assert!(keys.len() > 60);
    let paths = [
        "/me",
        "/me/requests",
        "/me/terms",
        NEWS,
        "/me/uses?show=everything",
        "/me/export",
        "/me/erase",
        "/me/add",
        &link,
    ];
    for path in paths {
        for lang in ["en", "de"] {
            let page = text(mia.send("GET", path, String::new(), &[("accept-language", lang)]).await).await;
            // The notices of this world are titled by their purpose.
            let shown = visible(&page).replace(&format!("Title {lang} "), "Title ");
            let shown = shown.replace("Title marketing.newsletter", "").replace("Title sales.contact", "");
            let raw: Vec<&String> = keys.iter().filter(|key| shown.contains(key.as_str())).collect();
            assert!(raw.is_empty(), "{path} in {lang} shows {raw:?}: {shown}");
            assert!(page.contains(&format!("<html lang=\"{lang}\"")), "{path}");
        }
    }
}

/// What a reader sees: no tags, no attributes.
fn visible(page: &str) -> String {
    let body = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    body.split('<').filter_map(|piece| piece.split_once('>').map(|(_, text)| text)).collect()
}

assent_testkit::on_both!(
    the_inbox_says_who_asks_and_for_how_long_nobody_may_again,
    a_link_of_a_letter_answers_one_request_and_opens_nothing_else,
    do_not_ask_again_is_kept_whatever_was_asked_before,
    the_browsers_signal_counts_where_a_letter_is_answered,
    a_link_of_a_letter_dies_with_the_person,
    yes_and_no_take_one_click_each_on_the_same_page,
    what_it_brought_is_told_by_purpose_with_its_benefit,
    a_yes_can_leave_out_what_may_be_done,
    a_yes_that_was_cut_short_stays_as_short,
    what_ends_soon_is_listed_with_what_follows,
    no_page_shows_a_raw_key_in_either_language,
);
