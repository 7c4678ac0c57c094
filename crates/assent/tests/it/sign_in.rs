//! The staff's door beyond the password: codes, recovery codes, sessions.

use assent_store::access;
use assent_testkit::Engine;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use ring::hmac;
use std::net::SocketAddr;

use crate::world::{Browser, Page, World, csrf};

/// The six digits of an authenticator app that read this page, written apart from the program's own.
fn app(page: &str, world: &World) -> String {
    let secret = page.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let (mut bits, mut held, mut seed) = (0, 0u64, Vec::new());
    for letter in secret.bytes() {
        let five = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == letter).unwrap();
        held = held << 5 | five as u64;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            seed.push((held >> bits & 0xff) as u8);
        }
    }
    assert_eq!(seed.len(), 20);
    let step = world.ctx.now().micros() / 30_000_000;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed), &step.to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn sign_in(world: &World, email: &str) -> (Browser, Page) {
    let mut browser = Browser::default();
    let form = format!("email={}&password=demo-demo-demo", email.replace('@', "%40"));
    let page = world.post(&mut browser, "/sign-in", &form).await;
    (browser, page)
}

async fn code(world: &World, browser: &mut Browser, code: &str) -> Page {
    world.post(browser, "/sign-in/code", &format!("code={code}")).await
}

async fn codes(engine: Engine) -> anyhow::Result<()> {
    let world = World::new(engine, 10).await?;
    let email = world.with_role(world.halden, "support").await?;
    let mut first = world.staff(&email).await;
    let mut elsewhere = world.staff(&email).await;
    let token = csrf(&world.get(&mut first, "/you").await);

    // Nothing is asked for before the first code was typed.
    assert_eq!(world.post(&mut first, "/you/codes", &format!("csrf={token}")).await.location, "/you/codes");
    assert_eq!(sign_in(&world, &email).await.1.location, "/people");
    let enrol = world.get(&mut first, "/you/codes").await;
    assert!(enrol.text.contains("<svg class=\"qr\"") && enrol.text.contains("otpauth://totp/"));
    let wrong = world.post(&mut first, "/you/codes/confirm", &format!("csrf={token}&code=000000")).await;
    assert!(wrong.text.contains("does not fit") && !wrong.text.contains("recovery"));
    let right = app(&enrol.text.replace("&amp;", "&"), &world);
    let kept = world.post(&mut first, "/you/codes/confirm", &format!("csrf={token}&code={right}")).await;
    let recovery: Vec<String> = kept
        .text
        .split("<li><code>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(recovery.len(), 10, "{}", kept.text);
    assert_eq!(
        world.get(&mut elsewhere, "/people").await.status,
        StatusCode::SEE_OTHER,
        "signed out elsewhere"
    );
    assert_eq!(world.get(&mut first, "/people").await.status, StatusCode::OK);

    // The password alone opens nothing; a code works once.
    let (mut browser, page) = sign_in(&world, &email).await;
    assert_eq!(page.location, "/sign-in/code");
    assert_eq!(world.get(&mut browser, "/people").await.status, StatusCode::SEE_OTHER);
    assert!(code(&world, &mut browser, &right).await.text.contains("has been used"), "a replay");
    world.clock_on(31);
    let next = app(&enrol.text.replace("&amp;", "&"), &world);
    assert_eq!(code(&world, &mut browser, &next).await.location, "/people");
    assert_eq!(world.get(&mut browser, "/people").await.status, StatusCode::OK);
    let (mut other, _) = sign_in(&world, &email).await;
    assert!(
        code(&world, &mut other, &next).await.text.contains("has been used"),
        "in another browser neither"
    );
    // A recovery code: in capitals, without dashes, once.
    let one = recovery[3].replace('-', "").to_uppercase();
    assert_eq!(code(&world, &mut other, &one).await.location, "/people");
    let (mut third, _) = sign_in(&world, &email).await;
    assert!(code(&world, &mut third, &one).await.text.contains("has been used"));
    assert!(world.get(&mut other, "/you").await.text.contains("9 recovery codes are left"));

    // Whoever has no password step comes to no code step; guessing ends.
    let mut nobody = Browser::default();
    assert_eq!(code(&world, &mut nobody, &recovery[4]).await.location, "/sign-in");
    let mut tries = 0;
    while code(&world, &mut third, "000000").await.status == StatusCode::OK {
        (tries, _) = (tries + 1, world.clock_on(1));
        assert!(tries < 20, "guessing never ends");
    }
    assert_eq!(code(&world, &mut third, &recovery[5]).await.status, StatusCode::TOO_MANY_REQUESTS);

    // Nothing of it lies in the home store in plain.
    let seed = enrol.text.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_lowercase();
    for needle in [seed.as_str(), recovery[0].as_str(), &recovery[0].replace('-', "")] {
        assert!(!world.home_holds(needle)?, "{needle} lies in the home store");
    }

    // Turning it off takes a code too.
    world.clock_on(16 * 60);
    let token = csrf(&world.get(&mut other, "/you").await);
    let off = |code: &str| format!("csrf={token}&code={code}");
    assert_eq!(world.post(&mut other, "/you/codes/remove", &off("111111")).await.location, "/you?done=wrong");
    assert_eq!(
        world.post(&mut other, "/you/codes/remove", &off(&recovery[6])).await.location,
        "/you?done=removed"
    );
    assert_eq!(sign_in(&world, &email).await.1.location, "/people");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_an_app_on_sqlite() -> anyhow::Result<()> {
    codes(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_an_app_on_postgres() -> anyhow::Result<()> {
    codes(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_seen_and_ended_from_elsewhere() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 10).await?;
    let email = world.with_role(world.halden, "sales").await?;
    let (mut here, mut there) = (world.staff(&email).await, world.staff(&email).await);
    let page = world.get(&mut here, "/you").await;
    let there_token =
        page.text.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let token = csrf(&page);
    // Somebody else cannot end it.
    let mut other = world.staff(&world.with_role(world.halden, "support").await?).await;
    let theirs = csrf(&world.get(&mut other, "/you").await);
    world.post(&mut other, "/you/session", &format!("csrf={theirs}&session={there_token}")).await;
    assert_eq!(world.get(&mut there, "/people").await.status, StatusCode::OK);
    let done = world.post(&mut here, "/you/session", &format!("csrf={token}&session={there_token}")).await;
    assert_eq!(done.location, "/you?done=out");
    assert_eq!(world.get(&mut there, "/people").await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get(&mut here, "/people").await.status, StatusCode::OK);
    // The digest in the form is no key.
    let forged = Browser::with(&format!("assent_staff={there_token}"));
    assert_eq!(world.get(&mut forged.clone(), "/people").await.status, StatusCode::SEE_OTHER);
    // It is noted when a session is used, to a few minutes.
    world.clock_on(20 * 60);
    world.get(&mut here, "/people").await;
    let id = world.ctx.gate.home().read(move |tx| access::staff_by_email(tx, &email)).await?[0].id;
    let at = world.ctx.now();
    let open = world.ctx.gate.home().read(move |tx| access::sessions(tx, &id.to_bytes(), at)).await?;
    assert_eq!((open.len(), open[0].seen_at), (1, at));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_asked_before_it_is_believed_and_only_by_an_administrator() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 10).await?;
    let mut admin = world.staff(&world.with_role(world.halden, "admin").await?).await;
    let mut seller = world.staff(&world.with_role(world.halden, "sales").await?).await;
    let page = world.get(&mut admin, "/work/role?as=admin").await;
    world.post(&mut admin, "/work/role", &format!("csrf={}&as=admin", csrf(&page))).await;
    let page = world.get(&mut admin, "/settings/sign-in").await;
    assert!(page.text.contains("http://test.example/sign-in/back/halden"), "{}", page.text);
    assert_eq!(world.get(&mut seller, "/settings/sign-in").await.status, StatusCode::FORBIDDEN);
    let token = csrf(&page);
    for (issuer, said) in [
        ("http%3A%2F%2F127.0.0.1%3A9", "must begin with https"),
        ("https%3A%2F%2F169.254.169.254", "private address"),
        ("nonsense", "must begin with https"),
    ] {
        let form = format!("csrf={token}&label=X&client=c&issuer={issuer}");
        let answer = world.post(&mut admin, "/settings/sign-in", &form).await;
        assert!(
            answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text.contains(said),
            "{}",
            answer.text
        );
    }
    let mut nobody = Browser::default();
    assert_eq!(world.get(&mut nobody, "/sign-in/with/halden").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        world.get(&mut nobody, "/sign-in/back/halden?code=x&state=y").await.status,
        StatusCode::FORBIDDEN
    );
    // A passkey's challenge is no passkey.
    let asked = world.post(&mut nobody, "/sign-in/passkey/ask", "").await;
    assert!(asked.text.contains("\"challenge\""), "{}", asked.text);
    for form in ["", "id=&client=&data=&signature=&user=", "id=AA&client=e30&data=AA&signature=AA&user=AA"] {
        assert_eq!(
            world.post(&mut nobody, "/sign-in/passkey", form).await.status,
            StatusCode::FORBIDDEN,
            "{form}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_shut_out_at_once_and_only_one_s_own() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 10).await?;
    let find = |email: String| {
        let gate = world.ctx.gate.clone();
        async move {
            gate.home().read(move |tx| access::staff_by_email(tx, &email)).await.map(|all| all[0].clone())
        }
    };
    let admin = find(world.with_role(world.halden, "admin").await?).await?;
    let seller = find(world.with_role(world.halden, "sales").await?).await?;
    let stranger = find(world.with_role(world.meadow, "support").await?).await?;
    let (mut browser, mut sales) = (world.staff(&admin.email).await, world.staff(&seller.email).await);
    let token = csrf(&world.get(&mut browser, "/settings/staff").await);
    let shut = format!("csrf={token}&door=shut");
    for (id, status) in [(stranger.id, StatusCode::NOT_FOUND), (admin.id, StatusCode::UNPROCESSABLE_ENTITY)] {
        for act in ["door", "link"] {
            let page = world.post(&mut browser, &format!("/settings/staff/{id}/{act}"), &shut).await;
            assert_eq!(page.status, status, "{act}");
        }
    }
    let theirs = csrf(&world.get(&mut sales, "/people").await);
    let (own, form) = (format!("/settings/staff/{}/roles", seller.id), format!("csrf={theirs}&role=admin"));
    assert_eq!(world.post(&mut sales, &own, &form).await.status, StatusCode::FORBIDDEN);
    world.post(&mut browser, &format!("/settings/staff/{}/door", seller.id), &shut).await;
    assert_eq!(world.get(&mut sales, "/people").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        sign_in(&world, &seller.email).await.1.status,
        StatusCode::OK,
        "and the password opens nothing"
    );
    let open = format!("csrf={token}&door=open");
    world.post(&mut browser, &format!("/settings/staff/{}/door", seller.id), &open).await;
    assert_eq!(sign_in(&world, &seller.email).await.1.location, "/people");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_browser_changes_nobody_s_way_in() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 10).await?;
    let mut seller = world.staff(&world.with_role(world.halden, "sales").await?).await;
    world.clock_on(15 * 60);
    let page = world.get(&mut seller, "/you").await;
    assert!(page.text.contains("sign in again") && !page.text.contains("Turn codes on"));
    let token = csrf(&page);
    for path in
        ["/you/codes", "/you/passkeys/ask", "/you/passkeys", "/you/passkeys/remove", "/you/provider/remove"]
    {
        let form = format!("csrf={token}&id=AAAAAAAAAAAAAAAAAAAAAA");
        let answer = world.post(&mut seller, path, &form).await;
        assert!(answer.status == StatusCode::FORBIDDEN && answer.text.contains("sign in again"), "{path}");
    }
    Ok(())
}

async fn new_link(engine: Engine) -> anyhow::Result<()> {
    let world = World::new(engine, 10).await?;
    let mut admin = world.staff(&world.with_role(world.halden, "admin").await?).await;
    let page = world.get(&mut admin, "/work/role?as=admin").await;
    world.post(&mut admin, "/work/role", &format!("csrf={}&as=admin", csrf(&page))).await;
    let email = world.with_role(world.halden, "support").await?;
    let mut there = world.staff(&email).await;
    let wanted = email.clone();
    let found = world.ctx.gate.home().read(move |tx| access::staff_by_email(tx, &wanted)).await?;
    let (id, name) = (found[0].id, found[0].name.clone());
    let token = csrf(&world.get(&mut admin, "/settings/staff").await);
    let page = world.post(&mut admin, &format!("/settings/staff/{id}/link"), &format!("csrf={token}")).await;
    // Every way in from before is gone at once, also the password; what was done stands where all administrators see it.
    assert!(page.text.contains("Given a new link") && page.text.contains(&name), "{}", page.text);
    assert_eq!(world.get(&mut there, "/people").await.status, StatusCode::SEE_OTHER);
    let (_, refused) = sign_in(&world, &email).await;
    assert!(refused.text.contains("do not belong together"), "{}", refused.text);
    let at = world.ctx.now();
    let since = world.ctx.gate.home().read(move |tx| access::standing_since(tx, id)).await?;
    assert_eq!(since, Some(at));
    // An older link of theirs is gone with it; the new one lets in, once.
    let path = page.text.split("http://test.example").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut new = Browser::default();
    let form = "password=a%20new%20long%20password&again=a%20new%20long%20password";
    assert_eq!(world.post(&mut new, &path, form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.post(&mut new, &path, form).await.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_ends_every_way_in_on_sqlite() -> anyhow::Result<()> {
    new_link(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_ends_every_way_in_on_postgres() -> anyhow::Result<()> {
    new_link(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn knocking_is_counted_by_place_and_keeps_nobody_else_out() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 10).await?;
    let email = world.with_role(world.halden, "sales").await?;
    let knock = async |from: &str, password: &str| {
        let form = format!("email={}&password={password}", email.replace('@', "%40"));
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        let peer: SocketAddr = from.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        world.send(&mut Browser::default(), request).await.status
    };
    for _ in 0..10 {
        world.clock_on(1);
        assert_eq!(knock("192.0.2.1:1", "guess").await, StatusCode::OK);
    }
    assert_eq!(knock("192.0.2.1:2", "demo-demo-demo").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(knock("192.0.2.2:1", "demo-demo-demo").await, StatusCode::SEE_OTHER, "its owner comes in");
    Ok(())
}
