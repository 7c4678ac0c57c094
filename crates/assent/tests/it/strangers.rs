//! Another company's ids: whatever address holds one, a stranger is answered as if there were nothing there.

use std::collections::BTreeSet;

use assent_gate::Whose;
use assent_kernel::Role;
use assent_store::own_keys::May;
use assent_testkit::Engine;
use assent_web::api::{Access, Operation};
use assent_web::session;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::routes::{self, Route};
use crate::world::{Browser, Page, World, csrf};

/// Addresses that are open to everybody, or a person's own: what they hold in braces is no id of a company's work.
const OTHERS: &[&str] = &["/assets/", "/invite/", "/ledger/", "/me/", "/my/", "/sign-in/"];

/// What stands in braces at Halden and nowhere else: where, its name there, what it is.
struct Known(Vec<(&'static str, &'static str, String)>);

#[tokio::test(flavor = "multi_thread")]
async fn no_page_answers_to_another_companys_id() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 60).await?;
    let known = halden(&world).await?;
    let routes = routes()?;
    assert!(routes.len() > 70, "{} routes were found", routes.len());
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for role in ["admin", "support", "sales", "dpo"] {
        let Ok(email) = world.with_role(world.meadow, role).await else { continue };
        let mut stranger = world.staff(&email).await;
        let mut owner = world.staff(&world.with_role(world.halden, role).await?).await;
        let token = csrf(&world.get(&mut stranger, "/people").await);
        let form =
            format!("csrf={token}&yes=1&confirm=1&value=x&note=x&name=x&title=x&version=1&ver=1&text=x");
        for Route { path: route, reads } in &routes {
            let (real, nowhere) = known.filled(route);
            if real == nowhere {
                // Every word of it is the program's own.
                continue;
            }
            for method in [Method::GET, Method::POST].into_iter().filter(|one| *reads || *one != Method::GET)
            {
                let theirs = asked(&world, &mut stranger, &method, &real, &form).await;
                let nobodys = asked(&world, &mut stranger, &method, &nowhere, &form).await;
                let refused = theirs.status.is_client_error() && theirs.status == nobodys.status;
                if !refused || plain(&theirs, &real) != plain(&nobodys, &nowhere) {
                    let (status, other) = (theirs.status, nobodys.status);
                    wrong.push(format!(
                        "{role} {method} {route}: {status} {}, nowhere {other}",
                        theirs.location
                    ));
                }
            }
            if world.get(&mut owner, &real).await.status.is_success() {
                seen.insert(route.clone());
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // The ids are real: whoever is at home there gets their pages.
    assert!(seen.len() > 25, "only {} of {} are pages to their own: {seen:?}", seen.len(), routes.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_answers_to_another_companys_id() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 60).await?;
    let known = halden(&world).await?;
    let operations: Vec<Operation> = assent::house::ROOMS.iter().flat_map(|room| room.api()).collect();
    // A team is put under a key of one's own choice: it answers by making one.
    let staffs = |one: &&Operation| matches!(one.access, Access::Staff(_));
    let with_id =
        operations.iter().filter(|one| one.path.contains('{') && one.id != "putTeam").filter(staffs);
    let with_id: Vec<&Operation> = with_id.collect();
    assert!(with_id.len() > 60, "{} operations have an id in their address", with_id.len());
    let (mut wrong, mut closed) = (Vec::new(), Vec::new());
    for one in with_id {
        let Access::Staff(roles) = one.access else { panic!("{}: open to whom?", one.id) };
        let role = roles.iter().find(|role| **role != Role::Admin).or(roles.first()).copied().unwrap();
        let stranger = world.key(world.meadow, role).await?;
        let (real, nowhere) = known.filled(one.path);
        if real == nowhere {
            continue;
        }
        let (status, theirs) = call(&world, &stranger, &one.method, &real, body(one, &real).as_ref()).await;
        let (other, nobodys) =
            call(&world, &stranger, &one.method, &nowhere, body(one, &nowhere).as_ref()).await;
        if status != StatusCode::NOT_FOUND || other != status || theirs["detail"] != nobodys["detail"] {
            wrong.push(format!("{} {real}: {status} {theirs}, nowhere {other} {nobodys}", one.id));
        }
        if one.method == Method::GET {
            let mut told = false;
            for role in roles {
                let owner = world.key(world.halden, *role).await?;
                told |= call(&world, &owner, &one.method, &real, None).await.0.is_success();
            }
            if !told {
                closed.push(one.id);
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // The ids are real: what reads answers to its own. No rows of that import were rejected.
    assert_eq!(closed, ["listRejected"]);
    Ok(())
}

/// What a person's own program reaches is that person's alone: another's ids are nobody's, at the same company too.
#[tokio::test(flavor = "multi_thread")]
async fn no_program_of_a_person_answers_to_anothers_id() -> anyhow::Result<()> {
    let world = World::new(Engine::Sqlite, 60).await?;
    let yui = own_key(&world, "yui.ito@example.org").await?;
    let aoife = own_key(&world, "aoife.byrne@example.org").await?;
    let (_, facts) = call(&world, &yui, &Method::GET, "/v1/me/facts", None).await;
    let fact = facts["data"][0]["id"].as_str().expect("a value").to_owned();
    let operations = assent::house::ROOMS.iter().flat_map(|room| room.api());
    let mut seen = 0;
    for one in operations.filter(|one| matches!(one.access, Access::Own(_))) {
        // A staff key opens nothing of a person's own, and theirs opens nothing of the company's.
        let staff = world.key(world.halden, Role::Admin).await?;
        let path = one.path.replace("{id}", &fact);
        let (status, _) = call(&world, &staff, &one.method, &path, None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", one.id);
        if !one.path.starts_with("/v1/me/facts/{id}") {
            continue;
        }
        seen += 1;
        let theirs = call(&world, &aoife, &one.method, &path, body(&one, &path).as_ref()).await;
        let path = path.replace(&fact, &nowhere_like(&fact));
        let nobodys = call(&world, &aoife, &one.method, &path, body(&one, &path).as_ref()).await;
        assert_eq!(
            (theirs.0, &theirs.1["detail"]),
            (StatusCode::NOT_FOUND, &nobodys.1["detail"]),
            "{}",
            one.id
        );
    }
    assert!(seen >= 4, "{seen} operations take a value's id");
    assert_eq!(call(&world, &yui, &Method::GET, "/v1/people", None).await.0, StatusCode::UNAUTHORIZED);
    Ok(())
}

/// A key of a program that somebody lets act for them.
async fn own_key(world: &World, email: &str) -> anyhow::Result<String> {
    let gate = &world.ctx.gate;
    let dossier = gate.look_own(world.halden, world.person(world.halden, email).await?).await?;
    let token = gate.secret()?;
    gate.let_program(&dossier, session::digest(&token), ("Butler", May::Answer), world.ctx.now()).await?;
    Ok(session::own_key_of(&token))
}

/// What is sent to an operation: its own example, which confirms whom the address names.
fn body(one: &Operation, path: &str) -> Option<Value> {
    let mut body = one.body.as_ref()?.example.clone();
    if let Some(confirm) = body.get_mut("confirm") {
        *confirm = path.split('/').nth(3).into();
    }
    Some(body)
}

impl Known {
    /// An address with what is known in its braces, and the same address with what is nowhere.
    fn filled(&self, route: &str) -> (String, String) {
        let (mut real, mut nowhere) = (String::new(), String::new());
        for part in route.split('/').skip(1) {
            let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let value = name.map_or(part, |name| self.one(route, name));
            real += &format!("/{value}");
            nowhere += &match name {
                Some(_) => format!("/{}", nowhere_like(value)),
                None => format!("/{part}"),
            };
        }
        (real, nowhere)
    }

    fn one(&self, route: &str, name: &str) -> &str {
        let route = route.strip_prefix("/v1").unwrap_or(route);
        let here = |(start, called, _): &&(&str, &str, String)| route.starts_with(start) && *called == name;
        let found = self.0.iter().filter(here).max_by_key(|(start, ..)| start.len());
        &found
            .unwrap_or_else(|| panic!("{route}: nothing real is known for {{{name}}}: add it to `halden`"))
            .2
    }
}

/// What has the form of this and stands for nothing; a word that both companies know stays.
fn nowhere_like(value: &str) -> String {
    const WORDS: [&str; 6] = ["owner", "remove", "run", "1", "person", "service"];
    if WORDS.contains(&value) {
        return value.to_owned();
    }
    match value.split_once('_') {
        Some((kind, id)) if id.len() == 26 => format!("{kind}_01hzzzzzzzfzzr0000000000{}", &id[24..]),
        _ => format!("{value}-nowhere"),
    }
}

/// Every address with something in braces that the program's pages are told to the router with.
fn routes() -> anyhow::Result<Vec<Route>> {
    let ours =
        |one: &Route| one.path.contains('{') && !OTHERS.iter().any(|other| one.path.starts_with(other));
    Ok(routes::all()?.into_iter().filter(ours).collect())
}

async fn asked(world: &World, browser: &mut Browser, method: &Method, path: &str, form: &str) -> Page {
    if *method == Method::GET {
        world.get(browser, path).await
    } else {
        world.post(browser, path, form).await
    }
}

/// What a page says, without what stood in its address.
fn plain(page: &Page, path: &str) -> String {
    let said = page.text.split_once("<main").map_or(page.text.as_str(), |(_, said)| said);
    let mut text = said.to_owned();
    for part in path.split('/').filter(|part| part.len() > 3) {
        text = text.replace(part, "…");
    }
    text
}

async fn call(
    world: &World,
    key: &str,
    method: &Method,
    path: &str,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    let request = request.header(header::CONTENT_TYPE, "application/json").header(header::IF_MATCH, "\"1\"");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world.answer(request.body(body).unwrap()).await
}

/// Something real for everything that stands in braces: of the demo, and made where the demo has none.
async fn halden(world: &World) -> anyhow::Result<Known> {
    let admin = world.key(world.halden, Role::Admin).await?;
    let sales = world.key(world.halden, Role::Sales).await?;
    let support = world.key(world.halden, Role::Support).await?;
    let officer = world.key(world.halden, Role::Dpo).await?;
    let get = async |key: &str, path: &str| call(world, key, &Method::GET, path, None).await.1;
    let post = async |key: &str, path: &str, body: Value| {
        let (status, told) = call(world, key, &Method::POST, path, Some(&body)).await;
        assert!(status.is_success(), "POST {path}: {status} {told}");
        told
    };
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    let first = async |key: &str, path: &str, name: &str| {
        let told = get(key, path).await;
        let found = told["data"][0][name].as_str().map(str::to_owned);
        found.unwrap_or_else(|| panic!("{path} tells nothing: {told}"))
    };

    let yui = world.person(world.halden, "yui.ito@example.org").await?;
    let aoife = world.person(world.halden, "aoife.byrne@example.org").await?;
    let dossier = world.ctx.gate.look_one(&Whose::everybody(world.halden), yui).await?;
    let fact = dossier.facts().next().unwrap().id().to_string();
    let deal = first(&sales, "/v1/deals", "id").await;
    let organisation = first(&sales, "/v1/organisations", "id").await;
    let (notes, of_deal) =
        (format!("/v1/organisations/{organisation}/notes"), format!("/v1/deals/{deal}/notes"));
    for path in [&notes, &of_deal] {
        post(&sales, path, json!({ "text": "Rang." })).await;
    }
    let object = first(&support, "/v1/objects", "key").await;
    let item = first(&support, &format!("/v1/objects/{object}/items"), "id").await;
    let of_item = format!("/v1/items/{item}/notes");
    post(&support, &of_item, json!({ "text": "Rang." })).await;
    let hook = post(
        &admin,
        "/v1/webhooks",
        json!({ "url": "https://example.org/told", "events": ["deal.changed"] }),
    )
    .await;
    let view = post(
        &sales,
        "/v1/views",
        json!({ "list": "deals", "name": "Ours", "query": "sort=title", "shared": true }),
    )
    .await;
    let import = post(
        &admin,
        "/v1/imports",
        json!({ "name": "a.csv", "text": "Name,E-mail\nAiko,aiko@example.org\n" }),
    )
    .await;
    let file = json!({ "name": "a.txt", "content": "QSB3b3JkLg==" });
    let hers = post(&support, &format!("/v1/people/{yui}/files"), file.clone()).await;
    let file = post(&sales, &format!("/v1/organisations/{organisation}/files"), file).await;
    let mandate =
        assent::house::ROOMS.iter().flat_map(|room| room.api()).find(|one| one.id == "proposeMandate");
    post(&officer, "/v1/mandates", mandate.unwrap().body.unwrap().example).await;
    let team = json!({ "name": "North", "members": [] });
    call(world, &admin, &Method::PUT, "/v1/teams/north", Some(&team)).await;
    Ok(Known(vec![
        ("/people/", "id", yui.to_string()),
        ("/people/", "other", aoife.to_string()),
        ("/people/", "fact", fact),
        ("/people/", "file", text(&hers["id"])),
        ("/people/", "seq", "1".into()),
        ("/people/", "entry", "1".into()),
        ("/deals/", "id", deal),
        ("/deals/", "note", first(&sales, &of_deal, "id").await),
        ("/deals/pipelines/", "id", first(&sales, "/v1/pipelines", "id").await),
        ("/pipelines/", "id", first(&sales, "/v1/pipelines", "id").await),
        ("/organisations/", "id", organisation),
        ("/organisations/", "note", first(&sales, &notes, "id").await),
        ("/tasks/", "id", first(&sales, "/v1/tasks", "id").await),
        ("/things/", "key", object.clone()),
        ("/things/", "id", item.clone()),
        ("/things/", "note", first(&support, &of_item, "id").await),
        ("/items/", "note", first(&support, &of_item, "id").await),
        ("/objects/", "key", object.clone()),
        ("/objects/", "id", item.clone()),
        ("/items/", "id", item),
        ("/settings/objects/", "key", object.clone()),
        ("/", "verb", "remove".into()),
        ("/", "field", "owner".into()),
        ("/", "step", "run".into()),
        ("/", "version", "1".into()),
        ("/", "thing", "person".into()),
        ("/", "parent", "service".into()),
        ("/", "purpose", "service".into()),
        ("/settings/fields/", "name", first(&admin, "/v1/fields/person", "name").await),
        ("/fields/", "name", first(&admin, "/v1/fields/person", "name").await),
        ("/retention/", "category", first(&admin, "/v1/fields/person", "category").await),
        ("/emergencies/", "id", first(&officer, "/v1/emergencies", "id").await),
        ("/files/", "id", text(&file["id"])),
        ("/import/", "id", text(&import["id"])),
        ("/imports/", "id", text(&import["id"])),
        ("/programs/hooks/", "id", text(&hook["id"])),
        ("/webhooks/", "id", text(&hook["id"])),
        ("/webhooks/", "message", "msg_1".into()),
        ("/programs/keys/", "id", first(&admin, "/v1/keys", "id").await),
        ("/keys/", "id", first(&admin, "/v1/keys", "id").await),
        ("/settings/staff/", "id", first(&admin, "/v1/staff", "id").await),
        ("/staff/", "id", first(&admin, "/v1/staff", "id").await),
        ("/settings/staff/teams/", "key", "north".into()),
        ("/teams/", "key", "north".into()),
        ("/settings/drafts/", "id", first(&officer, "/v1/drafts", "id").await),
        ("/drafts/", "id", first(&officer, "/v1/drafts", "id").await),
        ("/settings/notices/", "id", first(&officer, "/v1/notices", "id").await),
        ("/notices/", "id", first(&officer, "/v1/notices", "id").await),
        ("/settings/mandates/", "id", first(&officer, "/v1/mandates", "key").await),
        ("/mandates/", "key", first(&officer, "/v1/mandates", "key").await),
        ("/settings/parties/", "id", first(&officer, "/v1/parties", "id").await),
        ("/parties/", "id", first(&officer, "/v1/parties", "id").await),
        ("/views/", "id", text(&view["id"])),
    ]))
}
