//! How far roles reach: own, team and all, on every way to work. A golden table tells whose work is seen and changed.

mod beside;
mod laid;
mod left;
mod none;
mod random;

use assent_kernel::{Role, StaffId};
use assent_store::{access, callers};
use assent_testkit::{Engine, START};
use assent_web::session;
use serde_json::{Value, json};

use crate::desk::story::fixture::{Desk, Program, Someone, form};

const SECRET: &str = "Umbau der Werkstatt";
/// Who owns what: whoever looks, somebody of their team, somebody else, nobody. A fifth of each is made by their key, which names
/// nobody; of tasks, one that somebody else is to do.
const OWNERS: [&str; 4] = ["mine", "mate's", "other's", "nobody's"];
const OBJECTS: [&str; 5] = ["organisations", "deals", "tasks", "things", "people"];
/// Where each is for programs, and the field of its owner.
const PATHS: [(&str, &str); 5] = [
    ("/v1/organisations", "owner"),
    ("/v1/deals", "owner"),
    ("/v1/tasks", "assignee"),
    ("/v1/objects/van/items", "owner"),
    ("/v1/people", "owner"),
];

/// A colleague of sales.
async fn colleague(desk: &Desk, n: u8) -> StaffId {
    working_as(desk, n, Role::Sales).await
}

/// A colleague.
async fn working_as(desk: &Desk, n: u8, role: Role) -> StaffId {
    let id = StaffId::from_bytes([n; 16]);
    let row = access::Staff {
        id,
        company: desk.house.company,
        email: format!("{n}@example.com"),
        name: format!("Colleague {n}"),
        roles: role.key().into(),
        password: None,
        disabled: false,
    };
    desk.house.gate.home().write(move |tx| access::add_staff(tx, &row, START)).await.unwrap();
    id
}

/// A key that somebody answers for.
async fn key(desk: &Desk, n: u8, role: Role, made_by: StaffId) -> Program {
    let program = desk.program(n, role, None).await;
    let company = desk.house.company;
    let set = move |tx: &mut assent_store::Tx<'_>| {
        let old = callers::by_id(tx, company, StaffId::from_bytes([n; 16]))?.unwrap();
        let again = callers::Caller { id: StaffId::from_bytes([n + 100; 16]), made_by: Some(made_by), ..old };
        callers::add(tx, &session::digest(&[n + 100; 32]), &again)
    };
    desk.house.gate.home().write(set).await.unwrap();
    Program { key: session::key_of(&[n + 100; 32]), ..program }
}

/// A house with work of four owners.
struct World {
    desk: Desk,
    admin: Program,
    /// Who looks, as a program and at the pages.
    me: Program,
    seat: Someone,
    /// By object and owner.
    work: Vec<Vec<String>>,
    owners: [Option<StaffId>; 4],
}

/// Who sits at the pages: the fixture makes their id of role and purpose.
fn seat_of(desk: &Desk, role: Role, why: &str) -> StaffId {
    let mut bytes = desk.house.company.to_bytes();
    bytes[15] = 4;
    bytes[0] = role as u8;
    bytes[1] = why.bytes().fold(0, u8::wrapping_add);
    StaffId::from_bytes(bytes)
}

async fn van(desk: &Desk) {
    let admin = desk.enter(Role::Admin, "rights.inform").await;
    let object = form(&[("singular", "Van"), ("plural", "Vans"), ("belongs", "nobody")]);
    assert_eq!(admin.post("/settings/objects/new", &object).await.status, 303);
    let base = admin.get("/settings/fields/object.van").await.field("base");
    let field = form(&[("base", &base), ("label", "Plate"), ("kind", "text"), ("category", "")]);
    assert_eq!(admin.post("/settings/fields/object.van", &field).await.status, 303);
}

fn body(object: &str, name: &str) -> Value {
    match object {
        "organisations" => json!({ "name": name }),
        "deals" => json!({ "title": name, "cents": 10_000 }),
        "tasks" => json!({ "text": name }),
        "people" => json!({ "facts": [{ "category": "name.full", "value": name }], "twin": true }),
        _ => json!({ "fields": { "plate": name } }),
    }
}

async fn world(engine: Engine) -> World {
    let desk = Desk::new(engine).await;
    van(&desk).await;
    let seat = desk.enter(Role::Sales, "sales.contact").await;
    let (me, mate, other) = (
        seat_of(&desk, Role::Sales, "sales.contact"),
        colleague(&desk, 0x31).await,
        colleague(&desk, 0x32).await,
    );
    let answers = working_as(&desk, 0x33, Role::Admin).await;
    let admin = key(&desk, 60, Role::Admin, answers).await;
    let team = json!({ "name": "North", "members": [me, mate] });
    assert_eq!(admin.call("PUT /v1/teams/north", &[], Some(team)).await.status, 204);
    let owners = [Some(me), Some(mate), Some(other), None];
    let mut work = Vec::new();
    for (object, (path, field)) in OBJECTS.into_iter().zip(PATHS) {
        let mut all = Vec::new();
        for (name, owner) in OWNERS.into_iter().zip(owners) {
            let mut new = body(object, &format!("{SECRET} {object} {name}"));
            new[field] = json!(owner);
            all.push(admin.post(path, new).await.id());
        }
        work.push(all);
    }
    let me = key(&desk, 61, Role::Sales, me).await;
    let mut world = World { desk, admin, me, seat, work, owners };
    for (object, (path, field)) in OBJECTS.into_iter().zip(PATHS) {
        world.lay_down(object, "own", "own").await;
        let mut new = body(object, &format!("{SECRET} {object} made"));
        if object == "tasks" {
            new[field] = json!(owners[2]);
        }
        let made = world.me.post(path, new).await.id();
        let at = OBJECTS.iter().position(|one| *one == object).unwrap();
        world.work[at].push(made);
        world.lay_down(object, "all", "all").await;
    }
    world
}

impl World {
    async fn lay_down(&self, object: &str, see: &str, change: &str) {
        let rule = json!({ "role": "sales", "object": object, "see": see, "change": change });
        let done = self.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await;
        assert_eq!(done.status, 204, "{}", done.text);
    }

    /// Tries every way to change it that leaves it as it was: `yes`, `no` (403), or `-` when it is not there (404). All ways
    /// agree.
    async fn changes(&self, object: usize, id: &str) -> &'static str {
        let (path, field) = PATHS[object];
        let one = self.admin.get(&format!("{path}/{id}")).await;
        let mut ways = vec![(format!("PATCH {path}/{id}"), Some(json!({ field: one.body[field] })))];
        if path != "/v1/people" {
            // Deleting somebody takes more than reach: see the stories of the desk.
            ways.push((format!("DELETE {path}/{id}"), None));
            ways.push((format!("POST {path}/{id}/restore"), None));
        }
        match object {
            1 => ways.push((format!("POST {path}/{id}/stage"), Some(json!({ "stage": one.body["stage"] })))),
            2 => ways.push((format!("POST {path}/{id}/done"), Some(json!({ "done": false })))),
            _ => {}
        }
        let mut said = Vec::new();
        for (line, sent) in ways {
            let done = self.me.call(&line, &[("if-match", "*")], sent).await;
            said.push(match done.status {
                204 => "yes",
                403 if done.text.contains("does not see") => "-",
                403 => {
                    assert!(done.text.contains("it is not yours"), "{}", done.text);
                    "no"
                }
                404 => "-",
                other => panic!("{line}: {other}: {}", done.text),
            });
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{path} {id}: {said:?}");
        said[0]
    }

    /// Whether it is seen: its record and every list must agree.
    async fn sees(&self, object: usize, id: &str) -> bool {
        let (path, _) = PATHS[object];
        let there = self.me.get(&format!("{path}/{id}")).await.status == 200;
        assert_eq!(self.me.get(path).await.text.contains(id), there, "{path} {id}");
        there
    }
}

/// Whose work is seen and changed: a line for each object and each pair of scopes.
const HEAD: &str = "object        sees changes | mine     mate's   other's  nobody's my key's\n";
const TABLE: &str = "\
organisations all  all     | see+yes  see+yes  see+yes  see+yes  see+yes
organisations all  team    | see+yes  see+yes  see+no   see+yes  see+yes
organisations all  own     | see+yes  see+no   see+no   see+no   see+yes
organisations team all     | see+yes  see+yes  -        see+yes  see+yes
organisations team own     | see+yes  see+no   -        see+no   see+yes
organisations own  all     | see+yes  -        -        -        see+yes
organisations none all     | -        -        -        -        -
deals         all  all     | see+yes  see+yes  see+yes  see+yes  see+yes
deals         all  team    | see+yes  see+yes  see+no   see+yes  see+yes
deals         all  own     | see+yes  see+no   see+no   see+no   see+yes
deals         team all     | see+yes  see+yes  -        see+yes  see+yes
deals         team own     | see+yes  see+no   -        see+no   see+yes
deals         own  all     | see+yes  -        -        -        see+yes
deals         none all     | -        -        -        -        -
tasks         all  all     | see+yes  see+yes  see+yes  see+yes  see+yes
tasks         all  team    | see+yes  see+yes  see+no   see+yes  see+yes
tasks         all  own     | see+yes  see+no   see+no   see+no   see+yes
tasks         team all     | see+yes  see+yes  -        see+yes  see+yes
tasks         team own     | see+yes  see+no   -        see+no   see+yes
tasks         own  all     | see+yes  -        -        -        see+yes
tasks         none all     | -        -        -        -        -
things        all  all     | see+yes  see+yes  see+yes  see+yes  see+yes
things        all  team    | see+yes  see+yes  see+no   see+yes  see+yes
things        all  own     | see+yes  see+no   see+no   see+no   see+yes
things        team all     | see+yes  see+yes  -        see+yes  see+yes
things        team own     | see+yes  see+no   -        see+no   see+yes
things        own  all     | see+yes  -        -        -        see+yes
things        none all     | -        -        -        -        -
people        all  all     | see+yes  see+yes  see+yes  see+yes  see+yes
people        all  team    | see+yes  see+yes  see+no   see+yes  see+yes
people        all  own     | see+yes  see+no   see+no   see+no   see+yes
people        team all     | see+yes  see+yes  -        see+yes  see+yes
people        team own     | see+yes  see+no   -        see+no   see+yes
people        own  all     | see+yes  -        -        -        see+yes
";

async fn golden(engine: Engine) {
    let world = world(engine).await;
    let pairs = [
        ("all", "all"),
        ("all", "team"),
        ("all", "own"),
        ("team", "all"),
        ("team", "own"),
        ("own", "all"),
        ("none", "all"),
    ];
    let mut table = HEAD.to_owned();
    for (at, object) in OBJECTS.into_iter().enumerate() {
        for (see, change) in pairs.into_iter().filter(|(see, _)| object != "people" || *see != "none") {
            world.lay_down(object, see, change).await;
            let mut line = format!("{object:13} {see:4} {change:7} |");
            for id in &world.work[at] {
                let cell = match (world.sees(at, id).await, world.changes(at, id).await) {
                    (true, may) => format!("see+{may}"),
                    (false, may) => may.to_owned(),
                };
                line += &format!(" {cell:8}");
            }
            table += &format!("{}\n", line.trim_end());
        }
    }
    assert_eq!(table, format!("{HEAD}{TABLE}"));
}

async fn pages(engine: Engine) {
    let world = world(engine).await;
    let seat = &world.seat;
    let lists = ["/organisations", "/deals", "/deals?view=board", "/tasks?show=all", "/things/van"];
    let at = |object: usize, owner: usize| world.work[object][owner].as_str();
    let of = [0, 1, 1, 2, 3];
    // Nothing is said: everything is seen, as ever.
    for (list, object) in lists.into_iter().zip(of) {
        let page = seat.get(list).await;
        for owner in 0..4 {
            assert!(page.has(at(object, owner)), "{list} {owner}");
        }
    }
    assert!(seat.get("/dashboard").await.has("EUR\u{a0}500"));
    for object in OBJECTS {
        world.lay_down(object, "own", "all").await;
    }
    for (list, object) in lists.into_iter().zip(of) {
        let page = seat.get(list).await;
        assert!(page.has(at(object, 0)), "{list}");
        for owner in 1..4 {
            assert!(!page.has(at(object, owner)), "{list} {owner}");
        }
    }
    let numbers = seat.get("/dashboard").await;
    assert!(numbers.has("EUR\u{a0}200") && !numbers.has("EUR\u{a0}500"), "sums are cut too");
    for (object, home) in ["/organisations", "/deals", "/tasks", "/things/van"].into_iter().enumerate() {
        assert_eq!(seat.get(&format!("{home}/{}", at(object, 0))).await.status, 200, "{home}");
        assert_eq!(seat.get(&format!("{home}/{}", at(object, 2))).await.status, 404, "{home}");
        let gone = seat.post(&format!("{home}/{}/remove", at(object, 2)), "").await;
        assert_eq!(gone.status, 404, "{home}");
    }
    // Searching, and what is taken along.
    let found = world.me.get("/v1/find?q=Umbau").await;
    assert_eq!(found.status, 200, "{}", found.text);
    for object in 0..3 {
        assert!(found.text.contains(at(object, 0)) && !found.text.contains(at(object, 2)), "{}", found.text);
    }
    let taken = world.me.post("/v1/deals:export", json!({ "deals": [at(1, 2)] })).await;
    assert_eq!(taken.status, 404, "{}", taken.text);
    let taken = world.me.post("/v1/deals:export", json!({ "deals": [at(1, 0)] })).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    // What a deal far away did is not on the timeline of an organisation at hand, what a near one did is.
    let firm = at(0, 0);
    let told = world.admin.get(&format!("/v1/deals/{}", at(1, 2))).await;
    let ways = world.admin.get("/v1/pipelines").await;
    let next = ways.body["data"][0]["stages"][1]["id"].clone();
    assert!(next.is_string() && next != told.body["stage"], "{}", ways.text);
    for deal in [at(1, 0), at(1, 2)] {
        let with = json!({ "organisation": firm });
        let line = format!("PATCH /v1/deals/{deal}");
        assert_eq!(world.admin.call(&line, &[("if-match", "*")], Some(with)).await.status, 204);
        let moved = world.admin.post(&format!("/v1/deals/{deal}/stage"), json!({ "stage": next })).await;
        assert_eq!(moved.status, 204, "{}", moved.text);
    }
    for tab in ["", "?notes=removed", "?tab=deals"] {
        let page = seat.get(&format!("/organisations/{firm}{tab}")).await;
        assert!(page.status == 200 && !page.has(at(1, 2)), "{tab}");
        assert!(tab == "?notes=removed" || page.has(at(1, 0)), "{tab}: {}", page.body);
    }
    // Handed over at the page, it leads to the list; the record is not there any more.
    let van = format!("/things/van/{}", at(3, 0));
    let ver = seat.get(&format!("{van}/edit")).await.field("ver");
    let over =
        form(&[("own-plate", "HL 1"), ("ver", &ver), ("owner", &world.owners[2].unwrap().to_string())]);
    let done = seat.post(&format!("{van}/edit"), &over).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/things/van?said=handed"), "{}", done.body);
    assert_eq!(seat.get(&van).await.status, 404);
    // Handed over, it is out of reach; the officer always sees all.
    let mine = format!("PATCH /v1/deals/{}", at(1, 0));
    let over = json!({ "owner": world.owners[2] });
    assert_eq!(world.me.call(&mine, &[("if-match", "*")], Some(over)).await.status, 204);
    assert_eq!(world.me.get(&format!("/v1/deals/{}", at(1, 0))).await.status, 404);
    let officer = world.desk.enter(Role::Dpo, "rights.inform").await;
    assert_eq!(officer.get(&format!("/deals/{}", at(1, 0))).await.status, 200);
}

assent_testkit::on_both!(golden, pages);
