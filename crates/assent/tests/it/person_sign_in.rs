//! People who come in with an account elsewhere: connected by their own hand, and by nothing else.

use std::sync::Arc;

use assent_store::access::Door;
use assent_testkit::Engine;
use assent_web::{Network, Settings, session};
use axum::http::StatusCode;
use url::Url;

use crate::provider::Provider;
use crate::world::{Browser, Page, World, csrf};

const YUI: &str = "yui.ito@example.org";
const UNKNOWN: &str = "/my/halden?said=account";

/// A world that may ask a provider on this computer.
async fn world(engine: Engine) -> anyhow::Result<(World, Provider)> {
    let world = World::new(engine, 40).await?;
    let network = Network { private_hosts: vec!["127.0.0.1".into()], ..Network::default() };
    let settings = Settings { network, ..(*world.ctx.settings).clone() };
    let ctx = assent_web::Ctx { settings: Arc::new(settings), ..world.ctx.clone() };
    let world = World { router: assent::house::router(ctx.clone()), ctx, ..world };
    let provider = Provider::listen(world.ctx.now().micros() / 1_000_000).await?;
    Ok((world, provider))
}

async fn admin(world: &World) -> anyhow::Result<Browser> {
    let mut admin = world.staff(&world.with_role(world.halden, "admin").await?).await;
    let page = world.get(&mut admin, "/work/role?as=admin").await;
    world.post(&mut admin, "/work/role", &format!("csrf={}&as=admin", csrf(&page))).await;
    Ok(admin)
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn offer(world: &World, admin: &mut Browser, name: &str, issuer: &str) -> Page {
    let token = csrf(&world.get(admin, "/settings/people-sign-in").await);
    let form =
        format!("csrf={token}&name={name}&label=Example+account&client=assent&issuer={}", escaped(issuer));
    world.post(admin, "/settings/people-sign-in", &form).await
}

/// Goes to the provider, and tells the way back as somebody: a path and query of ours.
async fn go(world: &World, browser: &mut Browser, path: &str, subject: &str) -> String {
    let page = world.get(browser, path).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}: {}", page.text);
    let to = Url::parse(&page.location).unwrap();
    let told = |name: &str| to.query_pairs().find(|(one, _)| one == name).unwrap().1.into_owned();
    assert_eq!(told("scope"), "openid", "nothing but the account's number is asked for");
    let back = Url::parse(&told("redirect_uri")).unwrap();
    let code = escaped(&format!("{subject}~{}", told("nonce")));
    format!("{}?code={code}&state={}", back.path(), told("state"))
}

/// Comes in with an account, from a browser of its own.
async fn enter(world: &World, subject: &str) -> (Browser, Page) {
    let mut browser = Browser::default();
    let back = go(world, &mut browser, "/my/halden/with/example", subject).await;
    let page = world.get(&mut browser, &back).await;
    (browser, page)
}

/// The link on somebody's own page that connects an account.
fn connect_link(page: &Page) -> String {
    let (_, rest) =
        page.text.split_once("href=\"/my/halden/with/example?connect=").expect("a link that connects");
    format!("/my/halden/with/example?connect={}", rest.split('"').next().unwrap())
}

async fn account(engine: Engine) -> anyhow::Result<()> {
    let (world, provider) = world(engine).await?;
    let mut boss = admin(&world).await?;
    assert_eq!(offer(&world, &mut boss, "example", &provider.issuer).await.status, StatusCode::SEE_OTHER);
    let outside = world.get(&mut Browser::default(), "/my/halden").await;
    assert!(outside.text.contains("/my/halden/with/example"), "{}", outside.text);

    // Its provider says that the address is verified, and it is Yui's. It opens nothing, and nobody learns who is here.
    let (mut stranger, page) = enter(&world, "yui-elsewhere").await;
    assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, UNKNOWN));
    assert_eq!(world.get(&mut stranger, "/me").await.location, "/my");
    assert!(world.get(&mut stranger, UNKNOWN).await.text.contains("not connected"));

    // She connects it herself, from inside; from then on it lets her in, and her only.
    let mut yui = world.portal("halden", world.halden, YUI).await?;
    let mut elsewhere = begun(&world).await?;
    let ways = world.get(&mut yui, "/me/sign-in").await;
    assert!(ways.text.contains("127.0.0.1"), "who vouches is named");
    let back = go(&world, &mut yui, &connect_link(&ways), "yui-elsewhere").await;
    assert_eq!(world.get(&mut yui, &back).await.location, "/me/sign-in?done=account");
    assert_eq!(
        world.get(&mut elsewhere, "/me").await.status,
        StatusCode::SEE_OTHER,
        "a new way in ends what was open"
    );
    let (mut again, page) = enter(&world, "yui-elsewhere").await;
    assert_eq!(page.location, "/me");
    assert!(world.get(&mut again, "/me").await.text.contains("Yui"));
    assert_eq!(enter(&world, "another").await.1.location, UNKNOWN, "the subject counts, and no address");

    // Somebody else's page cannot take it over, and a forged link connects nothing.
    let mut other = world.portal("halden", world.halden, "soeren.lueders@example.org").await?;
    let ways = world.get(&mut other, "/me/sign-in").await;
    let back = go(&world, &mut other, &connect_link(&ways), "yui-elsewhere").await;
    assert_eq!(world.get(&mut other, &back).await.status, StatusCode::CONFLICT);
    let back = go(&world, &mut other, "/my/halden/with/example?connect=forged", "third").await;
    assert_eq!(world.get(&mut other, &back).await.location, UNKNOWN);
    assert_eq!(enter(&world, "third").await.1.location, UNKNOWN);

    // Taken away, it opens nothing.
    let token = csrf(&world.get(&mut yui, "/me/sign-in").await);
    let gone = world.post(&mut yui, "/me/accounts/remove", &format!("csrf={token}&provider=example")).await;
    assert_eq!(gone.location, "/me/sign-in?done=account-removed");
    assert_eq!(enter(&world, "yui-elsewhere").await.1.location, UNKNOWN);
    Ok(())
}

/// Her session in another browser.
async fn begun(world: &World) -> anyhow::Result<Browser> {
    let who = world.person(world.halden, YUI).await?.to_bytes();
    let lasts = session::PERSON_SESSION;
    let begun = session::begin(&world.ctx, world.halden, Door::Person, who, "", lasts).await;
    let (_, cookie) = begun.map_err(|problem| anyhow::anyhow!("{}", problem.title))?;
    Ok(Browser::with(cookie.split(';').next().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_lets_in_whoever_connected_it_on_sqlite() -> anyhow::Result<()> {
    account(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_lets_in_whoever_connected_it_on_postgres() -> anyhow::Result<()> {
    account(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_works_once_for_one_provider_in_one_browser() -> anyhow::Result<()> {
    let (world, provider) = world(Engine::Sqlite).await?;
    let mut boss = admin(&world).await?;
    for name in ["example", "second"] {
        assert_eq!(offer(&world, &mut boss, name, &provider.issuer).await.status, StatusCode::SEE_OTHER);
    }
    let mut browser = Browser::default();
    let back = go(&world, &mut browser, "/my/halden/with/example", "one").await;
    let refused = [
        (Browser::default(), back.clone(), "another browser"),
        (browser.clone(), back.replace("state=", "state=x"), "another state"),
        (browser.clone(), back.replace("back/example", "back/second"), "another provider"),
        (browser.clone(), back.replace("/my/halden/", "/my/meadow/"), "another company"),
        (
            browser.clone(),
            back.replace("/my/halden/back/example", "/sign-in/back/halden"),
            "the staff's door",
        ),
    ];
    for (mut browser, path, what) in refused {
        let status = world.get(&mut browser, &path).await.status;
        assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{what}: {status}");
    }
    let mut late = browser.clone();
    assert_eq!(world.get(&mut browser, &back).await.location, UNKNOWN);
    assert_eq!(world.get(&mut late, &back).await.status, StatusCode::FORBIDDEN, "a replay");
    // Tries are counted by place.
    let mut tries = 0;
    while world.get(&mut late, "/my/halden/with/nobody").await.status == StatusCode::NOT_FOUND {
        (tries, _) = (tries + 1, world.clock_on(1));
        assert!(tries < 400, "knocking never ends");
    }
    assert_eq!(world.get(&mut late, "/my/halden/with/example").await.status, StatusCode::TOO_MANY_REQUESTS);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_fresh_session_adds_a_way_in_and_it_goes_with_the_person() -> anyhow::Result<()> {
    let (world, provider) = world(Engine::Sqlite).await?;
    let mut boss = admin(&world).await?;
    offer(&world, &mut boss, "example", &provider.issuer).await;
    let mut yui = world.portal("halden", world.halden, YUI).await?;
    let ways = world.get(&mut yui, "/me/sign-in").await;
    let (link, token) = (connect_link(&ways), csrf(&ways));
    let early = go(&world, &mut yui, &link, "yui-elsewhere").await;
    world.clock_on(8 * 60);
    assert_eq!(world.get(&mut yui.clone(), &early).await.location, "/me/sign-in?done=account");
    world.clock_on(7 * 60);
    let page = world.get(&mut yui, "/me/sign-in").await;
    assert!(page.text.contains("come in again first") && !page.text.contains("?connect="), "{}", page.text);
    assert_eq!(world.get(&mut yui, &link).await.status, StatusCode::FORBIDDEN);
    for path in ["/me/passkeys/ask", "/me/passkeys"] {
        let answer = world.post(&mut yui, path, &format!("csrf={token}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    // Nothing of the account lies in the home store in plain.
    for word in ["yui-elsewhere", YUI] {
        assert!(!world.home_holds(word)?, "{word} lies in the home store");
    }
    // An open browser erases nobody either.
    let stale = world.post(&mut yui, "/me/erase", &format!("csrf={token}")).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    let (mut yui, _) = enter(&world, "yui-elsewhere").await;
    let token = csrf(&world.get(&mut yui, "/me/erase").await);
    let erased = world.post(&mut yui, "/me/erase", &format!("csrf={token}")).await;
    assert_eq!(erased.status, StatusCode::OK);
    assert_eq!(enter(&world, "yui-elsewhere").await.1.location, UNKNOWN);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn which_accounts_people_may_use_is_the_administrator_s_to_say() -> anyhow::Result<()> {
    let (world, provider) = world(Engine::Sqlite).await?;
    let mut boss = admin(&world).await?;
    let mut seller = world.staff(&world.with_role(world.halden, "sales").await?).await;
    assert_eq!(world.get(&mut seller, "/settings/people-sign-in").await.status, StatusCode::FORBIDDEN);
    for (name, issuer, said) in [
        ("Example!", provider.issuer.as_str(), "small letters"),
        ("example", "http://127.0.0.1:9", "No identity provider"),
        ("example", "https://169.254.169.254", "private address"),
        ("example", "nonsense", "must begin with https"),
    ] {
        let page = offer(&world, &mut boss, &escaped(name), issuer).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {issuer}");
        assert!(page.text.contains(said), "{}", page.text);
    }
    let here = "/settings/people-sign-in?done=saved";
    assert_eq!(offer(&world, &mut boss, "example", &provider.issuer).await.location, here);
    let other = Provider::listen(0).await?;
    let page = offer(&world, &mut boss, "example", &other.issuer).await;
    assert!(page.text.contains("another provider"), "a name stays its issuer's: {}", page.text);
    assert_eq!(
        world.get(&mut Browser::default(), "/my/meadow/with/example").await.status,
        StatusCode::NOT_FOUND
    );
    let token = csrf(&page);
    world.post(&mut boss, "/settings/people-sign-in/remove", &format!("csrf={token}&name=example")).await;
    assert_eq!(
        world.get(&mut Browser::default(), "/my/halden/with/example").await.status,
        StatusCode::NOT_FOUND
    );
    // What was done stands where every administrator reads it.
    let acts = world.get(&mut boss, "/settings/staff").await.text;
    assert!(acts.contains("People may come in with an account of"), "{acts}");
    Ok(())
}
