//! Told as a person would: come in by a link, look, say yes and no, take it along, leave.

use std::collections::BTreeSet;

use assent_gate::{Gate, NewFact, Newcomer, RegionPlaces, RootKey, Stores};
use assent_kernel::data::{self, Lang};
use assent_kernel::fact::Anchor;
use assent_kernel::grant::Said;
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Standing};
use assent_kernel::person::Contract;
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{
    Asker, CategoryKey, CompanyId, Context, ContractId, KeySet, MandateId, NoticeId, PartyId, PersonId,
    Policy, PurposeKey, Question, Region, RequestId, Role, Span, StaffId, Timestamp, To, Use, UseKind, Zones,
};
use assent_store::Place;
use assent_store::home::Company;
use assent_store::requests::{self, Asked, Request as Req};
use assent_web::{Clock, Ctx, Post, Room, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use tower::ServiceExt as _;

use super::Portal;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
static PORTAL: Portal = Portal;
static ROOMS: [&dyn Room; 1] = [&PORTAL];

struct World {
    ctx: Ctx,
    router: Router,
    company: CompanyId,
    mia: PersonId,
    ole: PersonId,
    _dir: tempfile::TempDir,
}

fn key(text: &str) -> CategoryKey {
    CategoryKey::new(text).unwrap()
}
fn keys(all: &[&str]) -> KeySet<CategoryKey> {
    all.iter().map(|text| key(text)).collect()
}
fn region(text: &str) -> Region {
    Region::new(text).unwrap()
}
fn regions(all: &[&str]) -> KeySet<Region> {
    all.iter().map(|text| region(text)).collect()
}
fn purpose(text: &str) -> PurposeKey {
    PurposeKey::new(text).unwrap()
}
fn party(n: u8) -> PartyId {
    PartyId::from_bytes([n; 16])
}

fn a_party(n: u8, code: &str, name: &str, kind: PartyKind, engaged_by: Option<u8>, at: &[&str]) -> Party {
    let places =
        Places { store: regions(at), process: regions(at), access: regions(at), control: regions(at) };
    Party {
        id: party(n),
        code: code.into(),
        name: name.into(),
        kind,
        engaged_by: engaged_by.map(party),
        places,
        agreement: Some("contract".into()),
        transfers: Vec::new(),
        standing: Standing::Active,
        described_at: NOW,
    }
}

fn a_notice(n: u8, about: &str, categories: &[&str], recipients: Recipients) -> Notice {
    let words = |lang: &str| Wording {
        lang: lang.into(),
        title: format!("Title {lang} {about}"),
        benefit: "You get tips.".into(),
        text: "We use it.".into(),
        risks: "Postlane sees it.".into(),
        if_no: "Nothing changes.".into(),
    };
    Notice {
        id: NoticeId::from_bytes([n; 16]),
        version: 1,
        material: false,
        purpose: purpose(about),
        categories: keys(categories),
        uses: [Use::View, Use::List, Use::Message].into_iter().collect(),
        recipients,
        zones: Zones::inside(regions(&["eu", "us"])),
        lasts: Span::days(365),
        published_at: NOW,
        wordings: vec![words("en"), words("de")],
    }
}

fn policy(company: CompanyId) -> Policy {
    let home = a_party(1, "halden", "Halden Home", PartyKind::Controller, None, &["eu"]);
    let postlane = a_party(2, "postlane", "Postlane", PartyKind::Processor, None, &["eu.ie"]);
    let nightdesk = a_party(3, "nightdesk", "NightDesk", PartyKind::Processor, Some(2), &["us"]);
    let news = a_notice(
        1,
        "marketing.newsletter",
        &["name.given", "contact.email"],
        Recipients::named([party(2)], 1),
    );
    let contact =
        a_notice(2, "sales.contact", &["name", "contact", "health.dental"], Recipients::company_only());
    Policy {
        company,
        home: party(1),
        version: 0,
        purposes: data::purposes(Lang::En).unwrap(),
        categories: data::categories(Lang::En).unwrap(),
        regions: data::regions().unwrap().into_keys().collect(),
        oldest_valid: [(news.id, 1), (contact.id, 1)].into(),
        notices: [(news.id, news), (contact.id, contact)].into(),
        parties: [home, postlane, nightdesk].into_iter().map(|p| (p.id, p)).collect(),
        mandates: data::mandates(Lang::En).unwrap(),
        legitimate_interest: false,
    }
}

fn newcomer(n: u8, given: &str, email: &str, invoice: Option<MandateId>) -> Newcomer {
    let fact = |category: &str, value: &str| NewFact {
        category: key(category),
        value: value.into(),
        anchors: Vec::new(),
    };
    let mut facts = vec![
        fact("name.given", given),
        fact("name.family", "Ito"),
        fact("contact.email", email),
        fact("contact.phone", "+44 20 7946 0127"),
    ];
    let anchors = invoice.map(|mandate| vec![Anchor { mandate, until: NOW.plus(Span::days(900)) }]);
    if let Some(anchors) = anchors {
        facts.push(NewFact { category: key("purchase.product"), value: "Halden Cool".into(), anchors });
    }
    let contract = Contract {
        id: ContractId::from_bytes([n; 16]),
        kind: "household-customer".into(),
        from: Timestamp::MIN,
        until: NOW.plus(Span::days(2000)),
    };
    Newcomer {
        id: PersonId::from_bytes([n; 16]),
        residence: None,
        minor: false,
        contracts: vec![contract],
        answers: Vec::new(),
        objections: Vec::new(),
        facts,
    }
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| Place::File(dir.path().join(name));
    let stores = Stores {
        home: at("home.db"),
        regions: vec![RegionPlaces { region: region("eu"), data: at("eu.db"), keys: at("eu-keys.db") }],
        host: "test.example".into(),
    };
    let root = RootKey::from_file(&dir.path().join("root.key"), true).unwrap();
    let gate = Gate::open(stores, &root, NOW).await.unwrap();
    let company = CompanyId::from_bytes([9; 16]);
    let row = Company {
        id: company,
        code: "halden".into(),
        name: "Halden Home".into(),
        region: region("eu"),
        created_at: NOW,
    };
    let policy = policy(company);
    let invoices = policy.mandate("ao-147-invoices").unwrap().id;
    gate.found(row, policy).await.unwrap();
    let people = vec![
        newcomer(11, "Mia", "mia@example.org", Some(invoices)),
        newcomer(12, "Ole", "ole@example.org", None),
    ];
    let left = gate
        .admit(company, &region("eu"), people, "import contacts.csv", None, Asker::System, NOW)
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
    let settings = Settings {
        base_url: "http://test.example".into(),
        post: Post::Local,
        data_dir: dir.path().to_owned(),
        country: "DE".into(),
    };
    let clock = Clock::fixed(NOW.plus(Span::hours(1)).micros());
    let ctx = Ctx { gate, clock, settings: settings.into(), rooms: &ROOMS };
    let router = PORTAL.routes().with_state(ctx.clone());
    World {
        ctx,
        router,
        company,
        mia: PersonId::from_bytes([11; 16]),
        ole: PersonId::from_bytes([12; 16]),
        _dir: dir,
    }
}

/// A browser: one cookie, one session.
struct Browser<'a> {
    world: &'a World,
    cookie: String,
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 24).await.unwrap().to_vec()).unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    let plain = |text: &str| {
        let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        text.bytes()
            .map(|b| if safe(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    fields.iter().map(|(k, v)| format!("{}={}", plain(k), plain(v))).collect::<Vec<_>>().join("&")
}

impl Browser<'_> {
    async fn send(&self, method: &str, path: &str, body: String, more: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie);
        request = request
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        self.world.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }
    async fn get(&self, path: &str) -> (StatusCode, String) {
        let response = self.send("GET", path, String::new(), &[]).await;
        (response.status(), text(response).await)
    }
    async fn ok(&self, path: &str) -> String {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }
    async fn csrf(&self) -> String {
        let page = self.ok("/me").await;
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let csrf = self.csrf().await;
        let all: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.send("POST", path, form(&all), &[]).await
    }
}

impl World {
    fn stranger(&self) -> Browser<'_> {
        Browser { world: self, cookie: String::new() }
    }
    /// The letters to an address, newest first.
    async fn letters(&self, email: &str) -> Vec<assent_gate::Posted> {
        let all = self.ctx.gate.letters(self.company, false, 100).await.unwrap();
        all.into_iter().filter(|one| one.to.eq_ignore_ascii_case(email)).collect()
    }
    /// Asks for a link, waits for the letter, and reads the link out of it.
    async fn link(&self, email: &str) -> Option<String> {
        let before = self.letters(email).await.len();
        let response = self.stranger().send("POST", "/my/halden", form(&[("email", email)]), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        for _ in 0..50 {
            let letters = self.letters(email).await;
            if letters.len() > before {
                self.ctx.clock.advance(1_000_000);
                let body = &letters[0].body;
                return body[body.find("/my/link/")?..].split_whitespace().next().map(str::to_owned);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        None
    }
    async fn enter(&self, email: &str) -> Browser<'_> {
        let link = self.link(email).await.unwrap();
        let response = self.stranger().send("POST", &link, String::new(), &[]).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        Browser { world: self, cookie: cookie.split(';').next().unwrap().to_owned() }
    }
    /// Whether the company may do something with somebody's e-mail address.
    async fn may<U: UseKind>(&self, what: U, who: PersonId, about: &str, to: PartyId) -> String {
        let gate = &self.ctx.gate;
        let dossier = gate.look_one(self.company, who).await.unwrap();
        let question = Question {
            what,
            person: who,
            asker: Asker::Staff(StaffId::from_bytes([5; 16]), Role::Marketing),
            purpose: purpose(about),
            matters: dossier.of_categories(&[key("contact.email")]).unwrap(),
            to: To::Party(to),
            region: dossier.region().clone(),
            at: self.ctx.now(),
            context: Context::default(),
        };
        let answer = gate.ask(question, &dossier).await.unwrap();
        answer.ruling().refusal().map_or_else(|| "PERMIT".into(), |reason| reason.code().to_owned())
    }
}

const NEWS: &str = "/me/terms/marketing.newsletter";

#[tokio::test]
async fn a_link_works_once_and_a_get_never_uses_it() {
    let world = world().await;
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

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_letter() {
    let world = world().await;
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

#[tokio::test]
async fn the_overview_shows_what_is_held_and_says_where_it_is_from() {
    let world = world().await;
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

#[tokio::test]
async fn a_yes_opens_and_a_withdrawal_closes_at_once() {
    let world = world().await;
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

#[tokio::test]
async fn a_limited_yes_is_narrower_and_never_wider() {
    let world = world().await;
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
    let dossier = world.ctx.gate.look_one(world.company, world.mia).await.unwrap();
    let Said::Yes(grant) = &dossier.person().answers[&purpose("marketing.newsletter")].said else { panic!() };
    assert_eq!(grant.terms.categories, keys(&["contact.email"]));
    assert_eq!(grant.uses_left, Some(2));
    assert!(grant.terms.until <= world.ctx.now().plus(Span::days(30)) && !grant.terms.explicit);
    assert_eq!(world.may(Message, world.mia, "marketing.newsletter", party(2)).await, "TIER_TOO_DEEP");
    assert_eq!(world.may(View, world.mia, "marketing.newsletter", party(1)).await, "PERMIT");
    let page = mia.ok(&format!("{NEWS}?limit=1")).await;
    assert!(page.contains("value=\"postlane\" checked") && page.contains("value=\"nightdesk\">"), "{page}");
}

#[tokio::test]
async fn special_data_need_a_yes_in_so_many_words() {
    let world = world().await;
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
    let dossier = world.ctx.gate.look_one(world.company, world.mia).await.unwrap();
    let Said::Yes(grant) = &dossier.person().answers[&purpose("sales.contact")].said else { panic!() };
    assert!(grant.terms.explicit);
}

#[tokio::test]
async fn a_request_is_answered_where_it_stands() {
    let world = world().await;
    let db = world.ctx.gate.region_db(&region("eu")).unwrap();
    let request = Req {
        id: RequestId::from_bytes([1; 16]),
        person: world.mia,
        purpose: purpose("marketing.newsletter"),
        notice: NoticeId::from_bytes([1; 16]),
        notice_version: 1,
        staff: StaffId::from_bytes([5; 16]),
        at: NOW,
        state: Asked::Open,
        answered_at: None,
        quiet_until: None,
    };
    let company = world.company;
    db.write(move |tx| requests::add(tx, company, &request)).await.unwrap();
    let mia = world.enter("mia@example.org").await;
    let page = mia.ok("/me").await;
    assert!(page.contains("Waiting for your answer") && page.contains("You get tips."));
    mia.post(NEWS, &[("answer", "not-again")]).await;
    let who = world.mia;
    let all = db.read(move |tx| requests::of_person(tx, company, who)).await.unwrap();
    assert_eq!(all[0].state, Asked::NotAgain);
    assert!(all[0].quiet_until.unwrap() > world.ctx.now().plus(Span::days(180)));
    assert!(!mia.ok("/me").await.contains("Waiting for your answer"));
}

#[tokio::test]
async fn nobody_reads_or_changes_anothers() {
    let world = world().await;
    let (mia, ole) = (world.enter("mia@example.org").await, world.enter("ole@example.org").await);
    let fact = world.ctx.gate.look_one(world.company, world.ole).await.unwrap().facts().next().unwrap().id();
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

#[tokio::test]
async fn wrong_is_put_right_added_or_removed() {
    let world = world().await;
    let mia = world.enter("mia@example.org").await;
    let fact = async |category: &str| {
        let dossier = world.ctx.gate.look_one(world.company, world.mia).await.unwrap();
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

#[tokio::test]
async fn a_stop_holds_and_can_be_lifted_and_never_locks_anybody_out() {
    let world = world().await;
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
    assert_eq!(mia.post("/me/stop", &[("what", "moon")]).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_browsers_signal_is_written_down_once() {
    let world = world().await;
    let mia = world.enter("mia@example.org").await;
    let with = async |value: &str| mia.send("GET", "/me", String::new(), &[("sec-gpc", value)]).await;
    let objections =
        async || world.ctx.gate.look_one(world.company, world.mia).await.unwrap().person().objections.len();
    with("0").await;
    assert_eq!(objections().await, 0);
    assert!(text(with("1").await).await.contains("Global Privacy Control"));
    with("1").await;
    assert_eq!(objections().await, 1);
    let page = mia.ok("/.well-known/gpc.json").await;
    assert!(page.contains("\"gpc\":true"));
}

#[tokio::test]
async fn every_use_has_a_receipt_that_a_stranger_can_check() {
    let world = world().await;
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

#[tokio::test]
async fn the_export_has_exactly_what_is_held() {
    let world = world().await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    let json: serde_json::Value = serde_json::from_str(&mia.ok("/me/export.json").await).unwrap();
    let values: BTreeSet<&str> =
        json["facts"].as_array().unwrap().iter().map(|f| f["value"].as_str().unwrap()).collect();
    let held = BTreeSet::from(["Mia", "Ito", "mia@example.org", "+44 20 7946 0127", "Halden Cool"]);
    assert_eq!(values, held);
    assert_eq!(json["answers"][0]["said"], "yes");
    assert!(json["uses"].as_array().unwrap().iter().any(|line| line["use"] == "Export"));
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

#[tokio::test]
async fn the_consent_record_is_json_ld_with_a_process_for_each_yes() {
    let world = world().await;
    let mia = world.enter("mia@example.org").await;
    mia.post(NEWS, &[("answer", "yes"), ("version", "1")]).await;
    mia.post("/me/terms/sales.contact", &[("answer", "no")]).await;
    let text = mia.ok("/me/consent-record.json").await;
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

#[tokio::test]
async fn an_erased_person_is_gone_with_the_session_and_gets_a_certificate() {
    let world = world().await;
    let mia = world.enter("mia@example.org").await;
    let open = world.link("mia@example.org").await.unwrap();
    let page = mia.ok("/me/erase").await;
    assert!(page.contains("Product bought") && page.contains("AO"), "{page}");
    let response = mia.post("/me/erase", &[("never", "on")]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(response).await;
    assert!(page.contains("c2sp.org/tlog-proof") && page.contains("Product bought"), "{page}");
    assert_eq!(mia.get("/me").await.0, StatusCode::SEE_OTHER);
    let late = world.stranger().send("POST", &open, String::new(), &[]).await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    assert!(world.link("mia@example.org").await.is_none());
    assert!(world.ctx.gate.never_write(world.company, "mia@example.org").await.unwrap());
    let ole = world.enter("ole@example.org").await;
    assert_eq!(ole.post("/me/erase", &[]).await.status(), StatusCode::OK);
    assert!(world.ctx.gate.look_one(world.company, world.ole).await.is_err());
}
