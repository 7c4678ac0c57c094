//! Doors: what is open to whom, forged and replayed links, forms from elsewhere.

use assent_testkit::Engine;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::world::{Browser, World, csrf};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_opens_without_a_session() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 30).await?;
    let mut nobody = Browser::default();
    for path in [
        "/people",
        "/people/new",
        "/day",
        "/tasks",
        "/inbox",
        "/deals",
        "/organisations",
        "/people/deleted",
        "/emergencies",
        "/files/act_x",
        "/find?q=ito",
        "/import",
        "/outbox",
        "/me",
        "/me/uses",
        "/me/export.json",
        "/me/erase",
    ] {
        let page = world.get(&mut nobody, path).await;
        let led = page.status == StatusCode::SEE_OTHER
            && (page.location.starts_with("/sign-in") || page.location.starts_with("/my"));
        assert!(led || page.status == StatusCode::UNAUTHORIZED, "{path}: {} {}", page.status, page.location);
    }
    // A person's session opens no staff page, and the other way round.
    let mut person = world.portal("halden", world.halden, "yui.ito@example.org").await?;
    assert_eq!(world.get(&mut person, "/me").await.status, StatusCode::OK);
    assert_eq!(world.get(&mut person, "/people").await.status, StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_tells_nobody_who_else_is_here() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 30).await?;
    let mut staff = world.staff(&world.with_role(world.meadow, "dpo").await?).await;
    let own = world.get(&mut staff, "/ledger").await;
    assert!(own.text.contains("/ledger/meadow/eu/checkpoint") && !own.text.contains("/ledger/halden/"));
    let anybody = world.get(&mut Browser::default(), "/ledger").await;
    assert!(anybody.status == StatusCode::OK && !anybody.text.contains("halden"), "{}", anybody.text);
    // Whoever has the address reads it.
    let head = world.get(&mut Browser::default(), "/ledger/halden/eu/checkpoint").await;
    assert!(head.status == StatusCode::OK && head.text.contains("/ledger/halden/eu\n"), "{}", head.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_used_once_and_cannot_be_forged() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 30).await?;
    world.portal("halden", world.halden, "yui.ito@example.org").await?;
    let body = world.letter(world.halden, "yui.ito@example.org").await?.body;
    let link = body.split_whitespace().find(|word| word.contains("/my/link/")).unwrap();
    let path = link.trim_start_matches("http://test.example").to_owned();
    let mut browser = Browser::default();
    let again = world.post(&mut browser, &path, "").await;
    assert_ne!(again.status, StatusCode::SEE_OTHER, "a used link opens nothing");
    // A live link with one letter of its secret changed: whole, of the right length, and nobody's.
    let letter = world.letter(world.halden, "aoife.byrne@example.org");
    world.post(&mut browser, "/my/halden", "email=aoife.byrne%40example.org").await;
    let body = letter.await?.body;
    let live = body.split_whitespace().find(|word| word.contains("/my/link/")).unwrap();
    let live = live.trim_start_matches("http://test.example");
    let middle = live.len() - 20;
    let flip = if live.as_bytes()[middle] == b'A' { "B" } else { "A" };
    let forged = format!("{}{flip}{}", &live[..middle], &live[middle + 1..]);
    assert!(forged.len() == live.len() && forged != live);
    for path in
        [forged.as_str(), "/my/link/x", "/my/link/%00", "/invite/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        let page = world.post(&mut browser, path, "").await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
        assert_eq!(world.get(&mut browser, "/me").await.status, StatusCode::SEE_OTHER);
    }
    // An address that nobody has gets the same page as one that somebody has.
    let known = world.post(&mut Browser::default(), "/my/halden", "email=aoife.byrne%40example.org").await;
    let unknown = world.post(&mut Browser::default(), "/my/halden", "email=nobody%40example.org").await;
    let neutral =
        |text: &str| text.replace("aoife.byrne@example.org", "X").replace("nobody@example.org", "X");
    assert_eq!((known.status, neutral(&known.text)), (unknown.status, neutral(&unknown.text)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_does_nothing() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 30).await?;
    let yui = world.person(world.halden, "yui.ito@example.org").await?;
    let support = world.with_role(world.halden, "support").await?;
    let mut browser = world.staff(&support).await;
    for form in ["note=x", "csrf=&note=x", "csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&note=x"] {
        let page = world.post(&mut browser, &format!("/people/{yui}/note"), form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{form}");
    }
    // Another session's token is no token either.
    let mut other = world.staff(&world.with_role(world.halden, "sales").await?).await;
    let token = csrf(&world.get(&mut other, "/people").await);
    let page =
        world.post(&mut browser, &format!("/people/{yui}/note"), &format!("csrf={token}&note=x")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_answered_and_nothing_breaks() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 30).await?;
    let mut browser = world.staff(&world.with_role(world.halden, "dpo").await?).await;
    let long = "a".repeat(20_000);
    let paths = [
        "/people/per_x".to_owned(),
        "/people/per_00000000000000000000000000".to_owned(),
        "/people/%F0%9F%A6%B7".to_owned(),
        format!("/people?q={long}"),
        "/people?after=per_zzz&order=sideways".to_owned(),
        "/people?q=%27%3B%20DROP%20TABLE%20person%3B--".to_owned(),
        "/people?q=%00%ff".to_owned(),
        "/ledger/halden/eu/tile/../../root.key".to_owned(),
        "/ledger/halden/eu/tile/0/x999/999".to_owned(),
        "/ledger/nobody/eu/checkpoint".to_owned(),
        "/import/imp_x".to_owned(),
        "/deals/del_x".to_owned(),
        format!("/deals?q={long}&f={long}&after=x"),
        "/tasks/tsk_00000000000000000000000000".to_owned(),
        "/organisations?f=name.has.%00%ff&any=2&col=x".to_owned(),
        "/find?q=%27%3B%00".to_owned(),
        "/assets/../Cargo.toml".to_owned(),
        "/nowhere".to_owned(),
    ];
    for path in paths {
        let page = world.get(&mut browser, &path).await;
        assert!(!page.status.is_server_error(), "{}: {}", &path[..path.len().min(60)], page.status);
    }
    let token = csrf(&world.get(&mut browser, "/people").await);
    for form in
        [format!("csrf={token}"), format!("csrf={token}&purpose=%00"), format!("csrf={token}&purpose={long}")]
    {
        for path in ["/work/purpose", "/work/role", "/people/ask", "/people/new"] {
            let page = world.post(&mut browser, path, &form).await;
            assert!(!page.status.is_server_error(), "{path}: {}", page.status);
        }
    }
    let key = world.key(world.halden, assent_kernel::Role::Dpo).await?;
    for deep in ["[".repeat(10_000), "{\"a\":".repeat(10_000), format!("{{\"name\":{}", "[".repeat(10_000))] {
        for path in
            ["/v1/decide", "/v1/decide:batch", "/v1/people", "/v1/mandates", "/v1/imports", "/v1/nowhere"]
        {
            let request = Request::builder().method("POST").uri(path);
            let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let (status, told) = world.answer(request.body(Body::from(deep.clone())).unwrap()).await;
            assert!(status.is_client_error(), "POST {path}: {status} {told}");
        }
    }
    let huge = format!("csrf={token}&note={}", "x".repeat(2 << 20));
    let yui = world.person(world.halden, "yui.ito@example.org").await?;
    let page = world.post(&mut browser, &format!("/people/{yui}/note"), &huge).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    Ok(())
}

/// Walks every page that links lead to, in several roles, and finds those that show somebody's value although nothing was
/// written down.
#[tokio::test(flavor = "multi_thread")]
async fn unasked_routes_stay_empty() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 60).await?;
    let secrets =
        ["Yui", "Aoife", "Sören", "Élodie", "yui.ito@example.org", "aoife.byrne@example.org", "Galway"];
    let (mut walked, mut showed, mut unasked) = (0, 0, Vec::new());
    let mut walks = Vec::new();
    for role in ["support", "sales", "billing", "dpo", "admin", "marketing"] {
        walks.push((
            world.staff(&world.with_role(world.halden, role).await?).await,
            "/people?show=all".to_owned(),
        ));
    }
    walks.push((world.portal("halden", world.halden, "aoife.byrne@example.org").await?, "/me".to_owned()));
    for (mut browser, start) in walks {
        let mut open = std::collections::VecDeque::from([start]);
        let mut seen = std::collections::BTreeSet::new();
        while let Some(path) = open.pop_front() {
            if seen.len() > 120 || !seen.insert(shape(&path)) {
                continue;
            }
            let before = entries(&world).await?;
            let page = world.get(&mut browser, &path).await;
            walked += 1;
            let shows = secrets.iter().any(|secret| page.text.contains(secret));
            showed += usize::from(shows);
            if shows && entries(&world).await? == before {
                unasked.push(shape(&path));
            }
            open.extend(links(&page.text));
        }
    }
    assert_eq!(unasked, Vec::<String>::new());
    assert!(walked > 60 && showed > 15, "{walked} pages walked, {showed} showed a value");
    Ok(())
}

/// How many entries there are, with an index or still waiting for one.
async fn entries(world: &World) -> anyhow::Result<u64> {
    let name = assent_gate::LogName { company: world.halden, region: assent_testkit::eu() };
    world.ctx.gate.integrate(&name, world.ctx.now()).await.map_err(Into::into)
}

/// A path with its ids left out: one page of each shape is enough, but people differ.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<String> = path
        .split('/')
        .map(|part| {
            if part.contains("_0") && !part.starts_with("per_") { "{id}".to_owned() } else { part.to_owned() }
        })
        .collect();
    if query.contains("tab=") { format!("{}?{query}", parts.join("/")) } else { parts.join("/") }
}

fn links(text: &str) -> Vec<String> {
    let hrefs = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = hrefs.filter(|href| href.starts_with('/') && !href.starts_with("/assets"));
    own.map(|href| href.replace("&amp;", "&").split('#').next().unwrap_or_default().to_owned()).collect()
}
