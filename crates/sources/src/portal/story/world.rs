//! An installation with one company and two people, and a browser for each of them.

use assent_gate::{About, Admission, Cut, Dossier, Gate, NewFact, Newcomer, RootKey, Whose};
use assent_kernel::data::{self, Lang};
use assent_kernel::fact::Anchor;
use assent_kernel::notice::{Notice, Wording};
use assent_kernel::party::{Party, PartyKind, Places, Recipients, Standing};
use assent_kernel::person::Contract;
use assent_kernel::{
    Also, Asker, CategoryKey, CompanyId, Context, ContractId, KeySet, MandateId, Matter, NonEmpty, NoticeId,
    PartyId, PersonId, Policy, PurposeKey, Question, Region, RequestId, Role, Span, StaffId, Timestamp, To,
    Use, UseKind, Zones,
};
use assent_store::access::{self, Door};
use assent_store::fields;
use assent_store::home::Company;
use assent_store::requests::{self, Asked, Request as Asking};
pub(super) use assent_testkit::Engine;
use assent_testkit::batch;
use assent_web::session;
use assent_web::{Clock, Ctx, Post, Room, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use tower::ServiceExt as _;

use super::super::Portal;

pub(super) const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
pub(super) static PORTAL: Portal = Portal;
pub(super) static ROOMS: [&dyn Room; 1] = [&PORTAL];

pub(super) struct World {
    pub(super) ctx: Ctx,
    pub(super) router: Router,
    pub(super) company: CompanyId,
    pub(super) mia: PersonId,
    pub(super) ole: PersonId,
    pub(super) _dir: tempfile::TempDir,
}

pub(super) fn key(text: &str) -> CategoryKey {
    CategoryKey::new(text).unwrap()
}
pub(super) fn keys(all: &[&str]) -> KeySet<CategoryKey> {
    all.iter().map(|text| key(text)).collect()
}
pub(super) fn region(text: &str) -> Region {
    Region::new(text).unwrap()
}
pub(super) fn regions(all: &[&str]) -> KeySet<Region> {
    all.iter().map(|text| region(text)).collect()
}
pub(super) fn purpose(text: &str) -> PurposeKey {
    PurposeKey::new(text).unwrap()
}
pub(super) fn party(n: u8) -> PartyId {
    PartyId::from_bytes([n; 16])
}

pub(super) fn a_party(
    n: u8,
    code: &str,
    name: &str,
    kind: PartyKind,
    engaged_by: Option<u8>,
    at: &[&str],
) -> Party {
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

pub(super) fn a_notice(n: u8, about: &str, categories: &[&str], recipients: Recipients) -> Notice {
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

pub(super) fn policy(company: CompanyId) -> Policy {
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

pub(super) fn newcomer(n: u8, given: &str, email: &str, invoice: Option<MandateId>) -> Newcomer {
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

pub(super) async fn world(engine: Engine) -> World {
    let dir = tempfile::tempdir().unwrap();
    let stores = assent_testkit::places(engine, dir.path()).unwrap();
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
        .admit(Admission { source: "import contacts.csv".into(), ..batch(company, people) }, NOW)
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
    let settings = Settings {
        base_url: "http://test.example".into(),
        post: Post::Local,
        data_dir: dir.path().to_owned(),
        country: "DE".into(),
        network: assent_web::Network::default(),
        limits: assent_web::Limits::default(),
    };
    let clock = Clock::fixed(NOW.plus(Span::hours(1)).micros());
    let ctx = Ctx { gate, clock, settings: settings.into(), rooms: &ROOMS };
    let router = PORTAL
        .routes()
        .merge(assent_web::door::routes())
        .merge(assent_web::api::routes(&ROOMS))
        .with_state(ctx.clone())
        .layer(axum::middleware::from_fn(assent_web::catalogue::spoken));
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
pub(super) struct Browser<'a> {
    pub(super) world: &'a World,
    pub(super) cookie: String,
}

pub(super) async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 24).await.unwrap().to_vec()).unwrap()
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let plain = |text: &str| {
        let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        text.bytes()
            .map(|b| if safe(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    fields.iter().map(|(k, v)| format!("{}={}", plain(k), plain(v))).collect::<Vec<_>>().join("&")
}

impl Browser<'_> {
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: String,
        more: &[(&str, &str)],
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie);
        request = request
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        self.world.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }
    pub(super) async fn get(&self, path: &str) -> (StatusCode, String) {
        let response = self.send("GET", path, String::new(), &[]).await;
        (response.status(), text(response).await)
    }
    pub(super) async fn ok(&self, path: &str) -> String {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }
    pub(super) async fn csrf(&self) -> String {
        let page = self.ok("/me").await;
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let csrf = self.csrf().await;
        let all: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.send("POST", path, form(&all), &[]).await
    }
}

/// A field of people, chosen from a list.
fn own(category: &str, [label, german]: [&str; 2], choices: &[[&str; 2]]) -> fields::Field {
    let told: Vec<&str> = choices.iter().map(|[_, german]| *german).collect();
    fields::Field {
        name: category.rsplit('.').next().unwrap().into(),
        label: label.into(),
        labels: Also::of("de", german),
        kind: fields::Kind::One,
        category: Some(key(category)),
        choices: choices.iter().map(|[one, _]| (*one).to_owned()).collect(),
        choices_also: Also::of("de", &told.join("\n")),
        place: 1,
        gone_at: None,
    }
}

impl World {
    /// The company makes a field of people, chosen from a list.
    pub(super) async fn made_a_field(&self, category: &str, label: [&str; 2], choices: &[[&str; 2]]) {
        let gate = &self.ctx.gate;
        let mut policy = gate.policy(self.company).await.unwrap().policy.clone();
        let above = policy.categories[&key(category).parent().unwrap()].clone();
        let (key_of, labels) = (key(category), Also::of("de", label[1]));
        let below =
            assent_kernel::category::Category { key: key_of, label: label[0].into(), labels, ..above };
        policy.categories.insert(key(category), below);
        gate.set_policy(policy, NOW).await.unwrap();
        let (company, field) = (self.company, own(category, label, choices));
        gate.home().write(move |tx| fields::put(tx, company, &fields::Thing::Person, &field)).await.unwrap();
    }
    /// Marketing asks Mia for the newsletter; the link that stands in the letter.
    pub(super) async fn ask(&self, n: u8) -> String {
        let id = RequestId::from_bytes([n; 16]);
        let request = Asking {
            id,
            person: self.mia,
            purpose: purpose("marketing.newsletter"),
            notice: NoticeId::from_bytes([1; 16]),
            notice_version: 1,
            staff: StaffId::from_bytes([5; 16]),
            role: "marketing".into(),
            at: NOW,
            state: Asked::Open,
            answered_at: None,
            quiet_until: None,
            again: 0,
            again_at: None,
        };
        let (company, token, now) = (self.company, [n; 32], self.ctx.now());
        let db = self.ctx.gate.region_db(&region("eu")).unwrap();
        db.write(move |tx| requests::add(tx, company, &request)).await.unwrap();
        let (digest, who) = (session::bound(&token, &id.to_bytes()), self.mia.to_bytes());
        let until = now.plus(Span::days(60));
        let link = move |tx: &mut assent_store::Tx<'_>| {
            access::add_link(tx, &digest, company, Door::Answer, &who, now, until)
        };
        self.ctx.gate.home().write(link).await.unwrap();
        format!("/my/answer/{id}/{}", session::written(&token))
    }
    /// What Mia was asked, newest first.
    pub(super) async fn asked(&self) -> Vec<Asking> {
        let (company, who) = (self.company, self.mia);
        let db = self.ctx.gate.region_db(&region("eu")).unwrap();
        db.read(move |tx| requests::of_person(tx, company, who)).await.unwrap()
    }
    pub(super) fn stranger(&self) -> Browser<'_> {
        Browser { world: self, cookie: String::new() }
    }
    /// The letters to an address, newest first.
    pub(super) async fn letters(&self, email: &str) -> Vec<assent_gate::Posted> {
        let all = self.ctx.gate.letters(self.company, 100).await.unwrap();
        all.into_iter().filter(|one| one.to.eq_ignore_ascii_case(email)).collect()
    }
    /// Asks for a link, waits for the letter, and reads the link out of it.
    pub(super) async fn link(&self, email: &str) -> Option<String> {
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
    pub(super) async fn enter(&self, email: &str) -> Browser<'_> {
        let link = self.link(email).await.unwrap();
        let response = self.stranger().send("POST", &link, String::new(), &[]).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        Browser { world: self, cookie: cookie.split(';').next().unwrap().to_owned() }
    }
    /// Whether the company may do something with somebody's e-mail address.
    pub(super) async fn may<U: UseKind>(&self, what: U, who: PersonId, about: &str, to: PartyId) -> String {
        let gate = &self.ctx.gate;
        let dossier = gate.look_one(&Whose::everybody(self.company), who).await.unwrap();
        let answer = gate.ask(self.asks(what, &dossier, about, to), &dossier).await.unwrap();
        answer.ruling().refusal().map_or_else(|| "PERMIT".into(), |reason| reason.code().to_owned())
    }
    /// Whether it was permitted, of somebody who may be gone.
    pub(super) async fn may_still<U: UseKind>(
        &self,
        what: U,
        of: &Dossier,
        about: &str,
        to: PartyId,
    ) -> bool {
        let answer = self.ctx.gate.ask(self.asks(what, of, about, to), of).await;
        answer.is_ok_and(|answer| answer.permit().is_some())
    }
    fn asks<U: UseKind>(&self, what: U, dossier: &Dossier, about: &str, to: PartyId) -> Question<U> {
        Question {
            what,
            person: dossier.id(),
            asker: Asker::Staff(StaffId::from_bytes([5; 16]), Role::Marketing),
            purpose: purpose(about),
            matters: dossier.of_categories(&[key("contact.email")]).unwrap(),
            to: To::Party(to),
            region: dossier.region().clone(),
            at: self.ctx.now(),
            context: Context::default(),
        }
    }
    /// Uses Mia's and Ole's e-mail address at once.
    pub(super) async fn use_both<U: UseKind>(&self, what: U, about: &str, to: PartyId) {
        let question = Question {
            what,
            person: self.mia,
            asker: Asker::Staff(StaffId::from_bytes([5; 16]), Role::Marketing),
            purpose: purpose(about),
            matters: NonEmpty::one(Matter::Kind(key("contact.email"))),
            to: To::Party(to),
            region: region("eu"),
            at: self.ctx.now(),
            context: Context::default(),
        };
        let cut = Cut { people: vec![self.mia, self.ole], version: "1:".into() };
        self.ctx.gate.use_audience(self.company, question, About::Facts, &cut).await.unwrap();
    }
}
