//! Who looks after whom: people beyond a role's reach are nobody on every way to them, what is somebody else's is only
//! looked at, and handing over, deleting and joining keep it so.

use assent_gate::Whose;
use assent_kernel::{PersonId, Role, StaffId};
use assent_store::home::since::Week;
use assent_store::work::Reach;
use assent_store::{access, callers};
use assent_testkit::START;
use assent_web::session;
use serde_json::{Value, json};

use super::fixture::{Desk, Engine, Program, Someone, form};

/// What is known of Bo, who is looked after by somebody else.
pub(super) const BO: [&str; 3] = ["Ekström", "bo@example.org", "5550177"];

/// Support, with Mia to look after, and a colleague with Bo.
pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) support: Someone,
    admin: Program,
    pub(super) me: StaffId,
    pub(super) other: StaffId,
    pub(super) mia: PersonId,
    pub(super) bo: PersonId,
}

/// The colleague of that name.
async fn named(desk: &Desk, name: &str) -> StaffId {
    let company = desk.house.company;
    let staff = desk.house.gate.home().read(move |tx| access::staff(tx, company)).await.unwrap();
    staff.iter().find(|one| one.name == name).unwrap().id
}

/// Somebody else who works there.
async fn colleague(desk: &Desk, n: u8, name: &str, role: Role) -> StaffId {
    let id = StaffId::from_bytes([n; 16]);
    let row = access::Staff {
        id,
        company: desk.house.company,
        email: format!("{n}@example.com"),
        name: name.into(),
        roles: role.key().into(),
        password: None,
        disabled: false,
    };
    desk.house.gate.home().write(move |tx| access::add_staff(tx, &row, START)).await.unwrap();
    id
}

/// A key that somebody answers for.
async fn key(desk: &Desk, like: &Program, (n, role): (u8, Role), made_by: StaffId) -> Program {
    let caller = callers::Caller {
        id: StaffId::from_bytes([n; 16]),
        company: desk.house.company,
        name: "the shop".into(),
        role,
        purpose: None,
        created_at: START,
        until: START.plus(callers::LASTS),
        ended_at: None,
        made_by: Some(made_by),
    };
    let digest = session::digest(&[n; 32]);
    let add = move |tx: &mut assent_store::Tx<'_>| callers::add(tx, &digest, &caller);
    desk.house.gate.home().write(add).await.unwrap();
    Program { key: session::key_of(&[n; 32]), ..like.clone() }
}

impl World {
    pub(super) async fn new(engine: Engine) -> Self {
        let desk = Desk::new(engine).await;
        let support = desk.enter(Role::Support, "service.support").await;
        let me = named(&desk, "Nora support").await;
        let other = colleague(&desk, 0x33, "Kim", Role::Support).await;
        let answers = colleague(&desk, 0x34, "Ada", Role::Admin).await;
        let facts = [
            ("name.full", "Bo Ekström"),
            ("contact.email", "bo@example.org"),
            ("contact.phone", "+49 451 5550177"),
        ];
        let (mia, bo) = (desk.customer().await, desk.house.customer(71, &facts, START).await.unwrap());
        let admin = desk.program(60, Role::Admin, None).await;
        let admin = key(&desk, &admin, (59, Role::Admin), answers).await;
        let world = Self { desk, support, admin, me, other, mia, bo };
        world.give(mia, Some(me)).await;
        world.give(bo, Some(other)).await;
        world
    }

    pub(super) async fn give(&self, person: PersonId, to: Option<StaffId>) {
        let line = format!("PATCH /v1/people/{person}");
        let done = self.admin.call(&line, &[("if-match", "*")], Some(json!({ "owner": to }))).await;
        assert_eq!(done.status, 204, "{}", done.text);
    }

    pub(super) async fn lay_down(&self, see: &str, change: &str) {
        self.lay_down_for("support", see, change).await;
    }

    async fn lay_down_for(&self, role: &str, see: &str, change: &str) {
        let rule = json!({ "role": role, "object": "people", "see": see, "change": change });
        let done = self.admin.call("PUT /v1/reach", &[], Some(json!({ "rules": [rule] }))).await;
        assert_eq!(done.status, 204, "{}", done.text);
    }

    pub(super) async fn owner(&self, person: PersonId) -> Value {
        self.admin.get(&format!("/v1/people/{person}")).await.body["owner"].clone()
    }

    /// A key that somebody answers for.
    pub(super) async fn key(&self, n: u8, made_by: StaffId) -> Program {
        key(&self.desk, &self.admin, (n, Role::Support), made_by).await
    }
}

async fn who_is_beyond_reach_is_nobody(engine: Engine) {
    let world = World::new(engine).await;
    let (support, bo) = (&world.support, world.bo);
    assert!(support.get("/people?show=all").await.has("2 people"), "nothing is said: everybody, as ever");
    world.lay_down("own", "own").await;
    let list = support.get("/people?show=all").await;
    assert!(list.has("Mia Ito") && list.has("1 person") && !list.has(&bo.to_string()), "{}", list.body);
    list.has_none(&BO);
    for order in ["order=newest", "order=oldest", "sort=name", "sort=-owner"] {
        support.get(&format!("/people?show=all&{order}")).await.has_none(&BO);
    }
    for q in ["ekstr", "bo%40example.org", "%2B49+451+5550177"] {
        let found = support.get(&format!("/people?q={q}")).await;
        assert!(found.has("Nobody found by") && !found.has(&bo.to_string()), "{q}");
    }
    assert!(!support.get("/find?q=ekstr").await.has(&bo.to_string()));
    for page in ["", "/fact", "/owner", "/emergency", "/case", "/erase", "?tab=uses", "?tab=files"] {
        assert_ne!(support.get(&format!("/people/{bo}{page}")).await.status, 200, "{page}");
    }
    for (verb, body) in [
        ("note", form(&[("value", "hello")])),
        ("fact", form(&[("category", "contact.email"), ("value", "x@example.org")])),
        ("owner", form(&[("owner", "")])),
        ("delete", String::new()),
        ("restore", String::new()),
        ("ask", form(&[("purpose", "service.support")])),
        (&format!("join/{}", world.mia), String::new()),
        ("split", form(&[("record", &bo.to_string())])),
    ] {
        assert_eq!(support.post(&format!("/people/{bo}/{verb}"), &body).await.status, 404, "{verb}");
    }
    // Nobody is taken along, asked or given.
    let both = [("id", world.mia.to_string()), ("id", bo.to_string())];
    let both: Vec<(&str, &str)> = both.iter().map(|(name, id)| (*name, id.as_str())).collect();
    let foreseen = support.post("/people/export", &form(&both)).await;
    assert!(foreseen.has("of 1"), "{}", foreseen.body);
    let billing = world.desk.enter(Role::Billing, "billing.invoice").await;
    let file = billing.post("/people/export/file", &form(&both)).await;
    assert!(file.has("Mia Ito") && file.has("Ekström"), "{}", file.body);
    world.lay_down_for("billing", "own", "own").await;
    world.give(world.mia, Some(named(&world.desk, "Nora billing").await)).await;
    for kind in ["csv", "vcard"] {
        let asked = [both.as_slice(), &[("form", kind)]].concat();
        let file = billing.post("/people/export/file", &form(&asked)).await;
        assert!(file.has("Mia Ito"), "{}", file.body);
        file.has_none(&BO);
    }
    world.give(world.mia, Some(world.me)).await;
    let given = support.post("/people/give", &form(&[("id", &bo.to_string()), ("owner", "")])).await;
    assert_eq!(given.to, "/people?said=given.0.0.1");
    assert_eq!(world.owner(bo).await, json!(world.other));
    // Whoever is typed in is not told to be here.
    let new = form(&[("name", "X"), ("email", "bo@example.org"), ("stands", "request")]);
    assert_eq!(support.post("/people/new", &new).await.status, 303);
    assert!(!support.get("/people/doubles").await.has(&bo.to_string()));
    // The officer always sees all.
    let officer = world.desk.enter(Role::Dpo, "rights.inform").await;
    assert_eq!(officer.get(&format!("/people/{bo}")).await.status, 200);
}

async fn a_team_sees_what_is_nobodys(engine: Engine) {
    let world = World::new(engine).await;
    world.lay_down("team", "team").await;
    assert_eq!(world.support.get(&format!("/people/{}", world.bo)).await.status, 404);
    world.give(world.bo, None).await;
    assert!(world.support.get(&format!("/people/{}", world.bo)).await.has("Looked after by nobody"));
    world.give(world.bo, Some(world.other)).await;
    let team = json!({ "name": "North", "members": [world.me, world.other] });
    assert_eq!(world.admin.call("PUT /v1/teams/north", &[], Some(team)).await.status, 204);
    assert!(world.support.get(&format!("/people/{}", world.bo)).await.has("Looked after by Kim"));
    let mine = world.support.get(&format!("/people?show=all&owner={}", world.me)).await;
    assert!(mine.has("Mia Ito") && !mine.has("Ekström") && mine.has("1 person"), "{}", mine.body);
    let named = world.support.get("/people?show=all&col=name&col=owner&f=owner.is.Kim").await;
    assert!(named.has("Ekström") && !named.has("Mia Ito"), "{}", named.body);
}

async fn a_key_reaches_as_far_as_whoever_made_it(engine: Engine) {
    let world = World::new(engine).await;
    world.lay_down("own", "own").await;
    let key = world.key(61, world.me).await;
    let (mia, bo) = (world.mia.to_string(), world.bo.to_string());
    let all = key.get("/v1/people?show=all").await;
    assert!(all.text.contains(&mia) && !all.text.contains(&bo), "{}", all.text);
    assert_eq!(key.get(&format!("/v1/people?owner={}", world.other)).await.body["data"], json!([]));
    assert_eq!(key.get("/v1/people?email=bo@example.org").await.body["data"], json!([]));
    for path in ["", "/terms", "/uses", "/requests", "/timeline", "/files"] {
        assert_eq!(key.get(&format!("/v1/people/{bo}{path}")).await.status, 404, "{path}");
    }
    let found = key.get("/v1/find?q=ekstr").await;
    assert!(!found.text.contains(&bo), "{}", found.text);
    let gone = key.call(&format!("POST /v1/people/{bo}/deletion"), &[], None).await;
    assert_eq!(gone.status, 404, "{}", gone.text);
    // What a key makes is looked after by whoever made the key, and its tag is that of who looks after it.
    let facts = json!([{ "category": "name.full", "value": "Neu" }]);
    let new = key.post("/v1/people", json!({ "facts": facts })).await.id();
    let read = key.get(&format!("/v1/people/{new}")).await;
    assert_eq!(read.body["owner"], json!(world.me));
    let line = format!("PATCH /v1/people/{new}");
    let same = json!({ "owner": read.body["owner"] });
    assert_eq!(
        key.call(&line, &[("if-match", "*")], Some(same)).await.status,
        204,
        "what was told can be sent"
    );
    let stale = key.call(&line, &[("if-match", "\"nobody\"")], Some(json!({ "owner": null }))).await;
    assert_eq!(stale.status, 412, "{}", stale.text);
    let tag = read.header("etag").to_owned();
    assert_eq!(key.call(&line, &[("if-match", &tag)], Some(json!({ "owner": world.me }))).await.status, 204);
    let nobody = json!({ "owner": StaffId::from_bytes([99; 16]) });
    assert_eq!(key.call(&line, &[("if-match", "*")], Some(nobody)).await.status, 422);
    assert_eq!(key.get(&format!("/v1/people/{new}")).await.body["owner"], json!(world.me));
    let given = key.post("/v1/people", json!({ "facts": facts, "owner": world.other })).await.id();
    assert_eq!(key.get(&format!("/v1/people/{given}")).await.status, 404, "given away as it was made");
    // What is counted for the dashboard.
    let staff = world.desk.colleague(&key).await;
    let weeks = crate::groups::weeks(&world.desk.ctx, &staff, Week(0)).await.unwrap();
    assert_eq!(weeks.values().sum::<u64>(), 2, "Mia and Neu");
    let everybody = world.desk.colleague(&world.admin).await;
    let weeks = crate::groups::weeks(&world.desk.ctx, &everybody, Week(0)).await.unwrap();
    assert_eq!(weeks.values().sum::<u64>(), 4);
    let company = world.desk.house.company;
    world.desk.house.gate.remember(company, START, |_, _| ()).await.unwrap();
    for (staff, all) in [(&staff, 2), (&everybody, 4)] {
        let standing = crate::groups::standing(&world.desk.ctx, staff).await.unwrap().unwrap();
        assert_eq!(standing.may + standing.closed(true) + standing.closed(false), all);
    }
}

async fn no_name_is_told_on_work(engine: Engine) {
    let world = World::new(engine).await;
    let deal = json!({ "title": "Umbau mit Bo", "cents": 100, "person": world.bo, "owner": world.me });
    let seller = world.key(62, world.me).await;
    let deal = seller.post("/v1/deals", deal).await.id();
    let task = json!({ "text": "Bo Ekström anrufen", "person": world.bo, "assignee": world.me });
    let task = seller.post("/v1/tasks", task).await.id();
    assert!(world.support.get(&format!("/deals/{deal}")).await.has("Umbau mit Bo"));
    world.lay_down("own", "own").await;
    let record = world.support.get(&format!("/deals/{deal}")).await;
    assert!(
        record.status == 200 && record.has("Not among the people your role looks after"),
        "{}",
        record.body
    );
    for path in [
        format!("/deals/{deal}"),
        "/deals".into(),
        format!("/tasks/{task}/edit"),
        "/tasks?show=all".into(),
        "/day".into(),
    ] {
        let page = world.support.get(&path).await;
        page.has_none(&["Umbau mit Bo", "Ekström", &world.bo.to_string()]);
    }
    for path in [format!("/v1/deals/{deal}"), format!("/v1/tasks/{task}"), "/v1/find?q=ekstr".into()] {
        let told = seller.get(&path).await;
        assert!(told.status == 200 && !told.text.contains("Ekström"), "{}", told.text);
        assert!(!told.text.contains(&world.bo.to_string()) && !told.text.contains("Umbau"), "{}", told.text);
    }
    // As with any title that is closed, it is not changed past whom it is about; and nothing of it is lost.
    for line in [format!("PATCH /v1/deals/{deal}"), format!("PATCH /v1/tasks/{task}")] {
        let refused = seller.call(&line, &[("if-match", "*")], Some(json!({}))).await;
        assert!(refused.status == 403 && refused.text.contains("Not among the people"), "{}", refused.text);
    }
    let told = seller.get(&format!("/v1/deals/{deal}")).await;
    assert!(told.text.contains("BEYOND_REACH"), "{}", told.text);
    world.lay_down("all", "all").await;
    assert!(world.support.get(&format!("/deals/{deal}")).await.has("Umbau mit Bo"));
}

async fn what_is_somebody_elses_is_only_looked_at(engine: Engine) {
    let world = World::new(engine).await;
    world.lay_down("all", "own").await;
    let (support, bo) = (&world.support, world.bo);
    let record = support.get(&format!("/people/{bo}")).await;
    assert!(record.has("Ekström") && record.has("somebody else looks after them"), "{}", record.body);
    for button in ["/owner\"", "/fact\"", "/delete\"", "/note\"", "/fact/"] {
        assert!(!record.has(&format!("/people/{bo}{button}")), "{button}");
    }
    let fact = world.desk.fact(bo, "contact.email").await;
    for page in ["fact".to_owned(), "owner".into(), format!("fact/{fact}")] {
        let refused = support.get(&format!("/people/{bo}/{page}")).await;
        assert!(refused.status == 403 && refused.has("it is not yours"), "{page}");
    }
    for (verb, body) in [
        ("note".to_owned(), form(&[("value", "hello")])),
        ("fact".into(), form(&[("category", "contact.email"), ("value", "x@example.org")])),
        (format!("fact/{fact}"), form(&[("value", "x@example.org")])),
        (format!("fact/{fact}/remove"), String::new()),
        ("owner".into(), form(&[("owner", &world.me.to_string())])),
        ("delete".into(), String::new()),
    ] {
        let refused = support.post(&format!("/people/{bo}/{verb}"), &body).await;
        // A form that was made for another value is told that first; nothing is kept either way.
        assert!(matches!(refused.status, 403 | 409), "{verb}: {}", refused.body);
    }
    let key = world.key(63, world.me).await;
    for (line, body) in [
        (
            format!("POST /v1/people/{bo}/facts"),
            json!({ "category": "contact.email", "value": "x@example.org" }),
        ),
        (format!("POST /v1/people/{bo}/notes"), json!({ "text": "hello" })),
        (format!("PATCH /v1/people/{bo}"), json!({ "owner": world.me })),
        (format!("PATCH /v1/people/{bo}/facts/{fact}"), json!({ "value": "x@example.org" })),
    ] {
        let refused = key.call(&line, &[("if-match", "*")], Some(body)).await;
        assert!(
            refused.status == 403 && refused.text.contains("it is not yours"),
            "{line}: {}",
            refused.text
        );
    }
    let ids = [("id", world.mia.to_string()), ("id", bo.to_string()), ("owner", world.other.to_string())];
    let ids: Vec<(&str, &str)> = ids.iter().map(|(name, id)| (*name, id.as_str())).collect();
    let given = support.post("/people/give", &form(&ids)).await;
    assert_eq!(given.to, "/people?said=given.1.1");
    assert!(support.get(&given.to).await.has("1 person handed over. 1 left as they are"));
    assert_eq!(world.owner(world.mia).await, json!(world.other));
    assert_eq!(world.desk.dossier(bo).await.facts().count(), 3);
}

async fn handed_over_deleted_joined_and_left(engine: Engine) {
    let world = World::new(engine).await;
    world.lay_down("own", "own").await;
    let (support, mia) = (&world.support, world.mia);
    // Deleted and brought back, they are whose they were; meanwhile nobody else finds them either.
    assert_eq!(support.post(&format!("/people/{mia}/delete"), "").await.status, 303);
    assert!(support.get("/people/deleted").await.has("Mia Ito"));
    assert_eq!(support.post(&format!("/people/{mia}/restore"), "").await.status, 303);
    assert_eq!(world.owner(mia).await, json!(world.me));
    let admin = world.desk.enter(Role::Admin, "rights.inform").await;
    assert_eq!(admin.post(&format!("/people/{}/delete", world.bo), "").await.status, 303);
    assert!(!support.get("/people/deleted").await.has("/restore"));
    assert_eq!(support.post(&format!("/people/{}/restore", world.bo), "").await.status, 404);
    assert_eq!(admin.post(&format!("/people/{}/restore", world.bo), "").await.status, 303);
    assert_eq!(world.owner(world.bo).await, json!(world.other));
    // Joined records are looked after by one colleague, and stay so when they are taken apart.
    let facts = [("contact.email", "mia.ito@example.org")];
    let twin = world.desk.house.customer(72, &facts, START).await.unwrap();
    world.give(twin, Some(world.other)).await;
    assert!(!support.get(&format!("/people/{mia}")).await.has("Maybe here twice"));
    assert_eq!(support.post(&format!("/people/{mia}/join/{twin}"), "").await.status, 404);
    let officer = world.desk.enter(Role::Dpo, "rights.inform").await;
    assert_eq!(officer.post(&format!("/people/{mia}/join/{twin}"), "").await.status, 303);
    assert_eq!(world.desk.dossier(twin).await.owner(), Some(world.me));
    world.give(mia, Some(world.other)).await;
    assert_eq!(world.desk.dossier(twin).await.owner(), Some(world.other), "every record goes along");
    world.give(mia, Some(world.me)).await;
    // Whoever left keeps what was theirs, and who sees all gives it on.
    let company = world.desk.house.company;
    let other = world.other;
    let leave = move |tx: &mut assent_store::Tx<'_>| access::set_disabled(tx, company, other, Some(START));
    world.desk.house.gate.home().write(leave).await.unwrap();
    assert!(admin.get(&format!("/people/{}", world.bo)).await.has("Looked after by Kim"));
    let choice = format!("value=\"{other}\"");
    assert!(
        admin.get(&format!("/people/{}/owner", world.bo)).await.has(&choice),
        "who left is not left out unseen"
    );
    let same =
        admin.post(&format!("/people/{}/owner", world.bo), &form(&[("owner", &other.to_string())])).await;
    assert_eq!((same.status, world.owner(world.bo).await), (303, json!(other)));
    world.give(world.bo, None).await;
    // Given away by whoever looks after them, they are out of reach.
    world.lay_down("own", "own").await;
    let to = form(&[("owner", "")]);
    let done = support.post(&format!("/people/{mia}/owner"), &to).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/people?said=handed"));
    assert!(support.get(&done.to).await.has("your role does not see this person any more"));
    assert_eq!(support.get(&format!("/people/{mia}")).await.status, 404);
}

/// A record of one's own with the address of somebody beyond reach leads to nobody else: not by a page's neighbours, and not
/// by who comes first.
async fn a_double_of_ones_own_tells_nothing_of_the_other(engine: Engine) {
    let world = World::new(engine).await;
    let facts = [("name.full", "Bo Double"), ("contact.email", "bo@example.org")];
    let double = world.desk.house.customer(74, &facts, START).await.unwrap();
    world.give(double, Some(world.me)).await;
    let page = "/people?show=all&order=oldest&f=email.is.bo@example.org&after=per_00000000000000000000000000";
    let both = world.support.get(page).await;
    assert!(both.has(&double.to_string()) && both.has(&world.bo.to_string()), "the control");
    world.lay_down("own", "own").await;
    let mine = world.support.get(page).await;
    assert!(mine.has(&double.to_string()) && !mine.has(&world.bo.to_string()), "{}", mine.body);
    // Whoever is beyond reach takes nobody's place, however many are looked for.
    let (gate, company) = (&world.desk.house.gate, world.desk.house.company);
    let query = gate.query(company, "bo@example.org").await.unwrap();
    let own = Whose::within(company, Reach::of(&[world.me], false));
    for (whose, found) in [(Whose::everybody(company), world.bo), (own, double)] {
        assert_eq!(gate.find(&whose, &query, None, 1).await.unwrap(), [found]);
    }
}

/// Records are joined in a region and owned in the home store: what breaks off between is put right a moment later.
async fn joined_records_do_not_keep_two_owners(engine: Engine) {
    let world = World::new(engine).await;
    let facts = [("name.full", "Bo Double"), ("contact.email", "bo@example.org")];
    let double = world.desk.house.customer(74, &facts, START).await.unwrap();
    let gate = &world.desk.house.gate;
    let (mate, bo, company) = (world.other, world.bo, world.desk.house.company);
    world.give(bo, Some(world.me)).await;
    world.give(double, Some(mate)).await;
    let done = world.support.post(&format!("/people/{bo}/join/{double}"), "").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let owners = async || {
        let all = gate.look_all(&Whose::everybody(company), bo).await.unwrap();
        all.iter().map(assent_gate::Dossier::owner).collect::<Vec<_>>()
    };
    assert_eq!(owners().await, [Some(world.me); 2]);
    // As it is left by who was killed after the first of the two steps.
    let (was, at) = ((double, Some(world.me)), world.desk.ctx.now());
    let back = move |tx: &mut assent_store::Tx<'_>| {
        assent_store::home::owner::give(tx, company, &[was], Some(mate), at)
    };
    gate.home().write(back).await.unwrap();
    assert_eq!(owners().await, [Some(world.me), Some(mate)]);
    let job = assent_web::Room::jobs(&crate::desk::Desk)[0];
    let at = world.desk.ctx.now().plus(assent_kernel::Span::minutes(2));
    let claim = move |tx: &mut assent_store::Tx<'_>| {
        assent_store::outbox::claim(tx, job.kind, at, at.plus(assent_kernel::Span::minutes(1)), 16)
    };
    let due = gate.home().write(claim).await.unwrap();
    assert_eq!(due.len(), 1, "a look was queued before anything was joined");
    for _ in 0..2 {
        (job.run)(&world.desk.ctx, &due[0].body, at).await.unwrap();
        assert_eq!(owners().await, [Some(world.me); 2]);
    }
}

assent_testkit::on_both!(
    joined_records_do_not_keep_two_owners,
    a_double_of_ones_own_tells_nothing_of_the_other,
    who_is_beyond_reach_is_nobody,
    a_team_sees_what_is_nobodys,
    a_key_reaches_as_far_as_whoever_made_it,
    no_name_is_told_on_work,
    what_is_somebody_elses_is_only_looked_at,
    handed_over_deleted_joined_and_left,
);
