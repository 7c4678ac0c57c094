//! One house, one company more, members of staff, and people in one line.

use std::sync::Arc;

use assent_gate::{Act, Admission, Dossier, Giving, NewFact, Newcomer, Whose};
use assent_kernel::grant::Evidence;
use assent_kernel::notice::Notice;
use assent_kernel::{Asker, CompanyId, FactId, NoticeId, PersonId, Role, Span, StaffId, TreeKey, UseSet};
use assent_store::access::{self, Door};
use assent_store::callers::{self, Caller};
use assent_store::home::Company;
use assent_store::requests::{self, Asked, Request};
pub use assent_testkit::Engine;
use assent_testkit::{House, START, batch, category, eu, newsletter, purpose};
use assent_web::session::{self, STAFF_SESSION};
use assent_web::{Clock, Ctx, Post, Room, Settings, Staff};
use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::http::{Request as Call, header};
use tower::ServiceExt as _;

/// What is known of the customer.
pub const MIA: [&str; 3] = ["Mia Ito", "mia.ito@example.org", "Haldenwerk"];

static ROOMS: &[&dyn Room] = &[
    &crate::desk::Desk,
    &crate::emergency::Emergencies,
    &crate::filed::Filed,
    &crate::organisations::Organisations,
    &crate::deals::Deals,
    &crate::things::Things,
    &crate::tasks::Tasks,
    &crate::dashboard::Dashboard,
    &crate::audit::Audit,
    &crate::find::Find,
    &crate::Lists,
    &crate::programs::Programs,
    &crate::settings::Settings,
];

/// The desk of a fresh installation.
pub struct Desk {
    pub house: House,
    pub clock: Clock,
    pub ctx: Ctx,
    app: Router,
}

/// Somebody who is signed in.
pub struct Someone {
    app: Router,
    cookies: String,
    csrf: String,
}

/// A program with a key.
#[derive(Clone)]
pub struct Program {
    pub app: Router,
    pub key: String,
}

/// What a program got.
pub struct Told {
    pub status: u16,
    pub headers: header::HeaderMap,
    pub body: serde_json::Value,
    pub text: String,
}

impl Told {
    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// The id of what was made.
    pub fn id(&self) -> String {
        assert_eq!(self.status, 201, "{}", self.text);
        self.body["id"].as_str().unwrap().to_owned()
    }
}

impl Program {
    /// Calls: `GET /v1/…`, with headers, and a body if there is one.
    pub async fn call(&self, line: &str, headers: &[(&str, &str)], body: Option<serde_json::Value>) -> Told {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Call::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Told { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
    pub async fn get(&self, path: &str) -> Told {
        self.call(&format!("GET {path}"), &[], None).await
    }
    pub async fn post(&self, path: &str, body: serde_json::Value) -> Told {
        self.call(&format!("POST {path}"), &[], Some(body)).await
    }
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub to: String,
    pub headers: header::HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }
    /// What is said above a form.
    pub fn alert(&self) -> &str {
        let said = self.body.split("role=\"alert\">").nth(1).unwrap_or_default();
        said.split("</p>").next().unwrap()
    }
    pub fn has_none(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.body.contains(secret), "{secret} leaked");
        }
    }
    /// Where it leads, without the offer to take it back.
    pub fn page(&self) -> &str {
        self.to.split("&undo=").next().unwrap()
    }
    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.body.split(&start).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The notice of sales.
fn sales(at: assent_kernel::Timestamp) -> Notice {
    let mut notice = newsletter(at);
    notice.id = NoticeId::from_bytes([8; 16]);
    notice.purpose = purpose("sales.contact");
    notice.categories = ["name", "contact"].into_iter().map(category).collect();
    notice.uses = [assent_kernel::Use::View, assent_kernel::Use::List].into_iter().collect::<UseSet>();
    notice.wordings[0].title = "Personal advice".into();
    notice.wordings[0].benefit = "One person answers you.".into();
    notice
}

/// A form's body without its token.
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A request as it lies in the store.
pub fn request(state: Asked) -> Request {
    Request {
        id: assent_kernel::RequestId::from_bytes([1; 16]),
        person: PersonId::from_bytes([1; 16]),
        purpose: purpose("sales.contact"),
        notice: NoticeId::from_bytes([8; 16]),
        notice_version: 1,
        staff: StaffId::from_bytes([1; 16]),
        role: "sales".into(),
        at: START,
        state,
        answered_at: None,
        quiet_until: None,
        again: 0,
        again_at: None,
    }
}

impl Desk {
    /// What a bill needs from now on, beside what it needs anyway.
    pub async fn invoices_need(&self, kinds: &[&str]) {
        let mut policy = self.house.gate.policy(self.house.company).await.unwrap().policy.clone();
        let invoice = policy.mandates.values_mut().find(|one| one.key == "household-invoice").unwrap();
        let more = ["note", "purchase.product"].map(category);
        let kept = invoice.categories.iter().filter(|one| !more.contains(one)).cloned();
        invoice.categories = kept.chain(kinds.iter().map(|kind| category(kind))).collect();
        self.house.gate.set_policy(policy, START).await.unwrap();
    }
    pub async fn new(engine: Engine) -> Self {
        let house = House::new(engine).await.unwrap();
        let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
        let notice = sales(START);
        policy.oldest_valid.insert(notice.id, 1);
        policy.notices.insert(notice.id, notice);
        house.gate.set_policy(policy, START).await.unwrap();
        let clock = Clock::fixed(START.micros());
        let settings = Settings {
            base_url: "https://desk.example".into(),
            post: Post::Local,
            data_dir: house.folder(),
            country: "DE".into(),
            network: assent_web::Network { private_hosts: vec!["127.0.0.1".into()], ..Default::default() },
            limits: assent_web::Limits::default(),
        };
        let ctx = Ctx {
            gate: house.gate.clone(),
            clock: clock.clone(),
            settings: Arc::new(settings),
            rooms: ROOMS,
        };
        let routes = ROOMS.iter().fold(Router::new(), |all, room| all.merge(room.routes()));
        let routes = routes.merge(assent_web::door::routes());
        let routes = routes.layer(axum::middleware::from_fn(assent_web::catalogue::spoken));
        let app = routes.merge(assent_web::api::routes(ROOMS)).with_state(ctx.clone());
        Self { house, clock, ctx, app }
    }

    /// Signs a member of staff in, with one role, working for a purpose.
    pub async fn enter(&self, role: Role, why: &str) -> Someone {
        self.enter_at(self.house.company, role, why).await
    }

    /// The same, at another company.
    pub async fn enter_at(&self, company: CompanyId, role: Role, why: &str) -> Someone {
        let mut bytes = company.to_bytes();
        bytes[15] = 4;
        bytes[0] = role as u8;
        bytes[1] = why.bytes().fold(0, u8::wrapping_add);
        let id = StaffId::from_bytes(bytes);
        let row = access::Staff {
            id,
            company,
            email: format!("{}-{why}@example.com", role.key()),
            name: format!("Nora {}", role.key()),
            roles: role.key().into(),
            password: None,
            disabled: false,
        };
        let add = self.house.gate.home().write(move |tx| access::add_staff(tx, &row, START));
        add.await.unwrap();
        let begun = session::begin(&self.ctx, company, Door::Staff, id.to_bytes(), role.key(), STAFF_SESSION);
        let first = |cookie: String| cookie.split(';').next().unwrap().to_owned();
        let session = first(begun.await.unwrap().1);
        let wanted = first(session::remember_purpose(&self.ctx, &purpose(why)).1);
        let mut someone =
            Someone { app: self.app.clone(), cookies: format!("{session}; {wanted}"), csrf: String::new() };
        let page = someone.get("/people/new").await;
        if page.status == 200 {
            someone.csrf = page.field("csrf");
        }
        someone
    }

    /// A program with a key.
    pub async fn program(&self, number: u8, role: Role, why: Option<&str>) -> Program {
        self.program_of(self.house.company, number, role, why).await
    }

    /// A program whose key somebody made.
    pub async fn program_by(&self, number: u8, role: Role, made_by: StaffId) -> Program {
        self.program_made(self.house.company, number, role, (None, Some(made_by))).await
    }

    /// A program of another company.
    pub async fn program_of(&self, company: CompanyId, number: u8, role: Role, why: Option<&str>) -> Program {
        self.program_made(company, number, role, (why, None)).await
    }

    async fn program_made(
        &self,
        company: CompanyId,
        number: u8,
        role: Role,
        (why, made_by): (Option<&str>, Option<StaffId>),
    ) -> Program {
        let token = [number; 32];
        let caller = Caller {
            id: StaffId::from_bytes([number; 16]),
            company,
            name: "the shop".into(),
            role,
            purpose: why.map(purpose),
            created_at: START,
            until: START.plus(assent_store::callers::LASTS),
            ended_at: None,
            made_by,
        };
        let digest = session::digest(&token);
        self.house.gate.home().write(move |tx| callers::add(tx, &digest, &caller)).await.unwrap();
        Program { app: self.app.clone(), key: session::key_of(&token) }
    }

    /// The colleague that a program's key makes.
    pub async fn colleague(&self, program: &Program) -> Staff {
        let request = Call::builder().header(header::AUTHORIZATION, format!("Bearer {}", program.key));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let caller = session::Caller::from_request_parts(&mut parts, &self.ctx).await.unwrap();
        Staff::of_caller(&self.ctx, &caller, None).await.unwrap()
    }

    /// Nobody in particular.
    pub fn nobody(&self) -> Someone {
        Someone { app: self.app.clone(), cookies: String::new(), csrf: String::new() }
    }

    /// A customer with a contract.
    pub async fn customer(&self) -> PersonId {
        let facts = [
            ("name.full", "Mia Ito"),
            ("contact.email", "mia.ito@example.org"),
            ("contact.phone", "+49 451 5550100"),
            ("contact.address.city", "Lübeck"),
            ("purchase.product", "Haldenwerk Clean 2"),
        ];
        let contact: Vec<(&str, &str)> = facts.to_vec();
        let id = self.house.customer(70, &contact, START).await.unwrap();
        let company = self.dossier(id).await;
        assert_eq!(company.facts().count(), 5);
        id
    }

    /// Somebody who came with a file and was never asked; every value is a secret.
    pub async fn stranger(&self) -> PersonId {
        self.newcomer(&[
            ("name.given", "Canaria"),
            ("name.family", "Zwitscher"),
            ("contact.email", "canary@example.org"),
            ("contact.phone", "+49 451 5550199"),
            ("work.employer", "Vogelhaus"),
        ])
        .await
    }

    /// Somebody with these facts and no terms.
    pub async fn newcomer(&self, facts: &[(&str, &str)]) -> PersonId {
        let n = u64::try_from(facts.len()).unwrap();
        self.house.person(n, facts, START).await.unwrap()
    }

    /// Somebody who came with an import.
    pub async fn imported(&self, import: assent_kernel::ImportId) -> PersonId {
        let id = PersonId::from_bytes([0xdd; 16]);
        let email = "imported@example.org".into();
        let one = Newcomer {
            id,
            residence: None,
            minor: false,
            contracts: Vec::new(),
            answers: Vec::new(),
            objections: Vec::new(),
            facts: vec![NewFact { category: category("contact.email"), value: email, anchors: Vec::new() }],
        };
        let company = self.house.company;
        let batch = Admission { import: Some(import), ..batch(company, vec![one]) };
        self.house.gate.admit(batch, START).await.unwrap();
        id
    }

    /// Somebody of another company on the same installation.
    pub async fn foreign(&self) -> PersonId {
        let company = CompanyId::from_bytes([2; 16]);
        let row = Company {
            id: company,
            code: "other".into(),
            name: "Other".into(),
            region: eu(),
            created_at: START,
        };
        self.house.gate.found(row, assent_testkit::policy(company, START).unwrap()).await.unwrap();
        let id = PersonId::from_bytes([0xee; 16]);
        let fact = |kind: &str, value: &str| NewFact {
            category: category(kind),
            value: value.into(),
            anchors: Vec::new(),
        };
        let one = Newcomer {
            id,
            residence: None,
            minor: false,
            contracts: Vec::new(),
            answers: Vec::new(),
            objections: Vec::new(),
            facts: vec![fact("name.full", "Foreign Body"), fact("contact.email", "foreign@example.org")],
        };
        self.house.gate.admit(batch(company, vec![one]), START).await.unwrap();
        id
    }

    pub async fn dossier(&self, id: PersonId) -> Dossier {
        self.house.gate.look_one(&Whose::everybody(self.house.company), id).await.unwrap()
    }

    pub async fn fact(&self, id: PersonId, key: &str) -> FactId {
        let dossier = self.dossier(id).await;
        dossier.facts().find(|held| held.category().as_str() == key).unwrap().id()
    }

    pub async fn requests(&self, id: PersonId) -> Vec<Request> {
        let company = self.house.company;
        let store = self.house.gate.region_db(&eu()).unwrap();
        store.read(move |tx| requests::of_person(tx, company, id)).await.unwrap()
    }

    /// The person says: nobody may ask me for so long, whether sales asked or not.
    pub async fn not_again(&self, id: PersonId, span: Span) {
        let (store, company) = (self.house.gate.region_db(&eu()).unwrap(), self.house.company);
        let one = Request { person: id, ..request(Asked::Open) };
        let one = Request::unasked(one.id, one.person, one.purpose, (one.notice, 1), START);
        let write =
            move |tx: &mut assent_store::Tx<'_>| requests::not_again(tx, company, &one, START.plus(span));
        store.write(write).await.unwrap();
    }

    pub async fn record(&self, id: PersonId, act: Act) {
        let gate = &self.house.gate;
        gate.record(self.house.company, id, act, Asker::Person, Evidence::Portal, START).await.unwrap();
    }

    /// A plain yes to what sales asks for.
    pub async fn say_yes(&self, id: PersonId, _: &str) {
        self.say_yes_about(id, &["name", "contact"]).await;
    }

    /// The same, about some of what sales asks for.
    pub async fn say_yes_about(&self, id: PersonId, kinds: &[&str]) {
        let standing = self.house.gate.policy(self.house.company).await.unwrap();
        let notice = sales(START);
        let mut terms = self.house.gate.offered(&notice, &standing.policy, START);
        terms.categories = kinds.iter().map(|kind| category(kind)).collect();
        let giving = Giving {
            purpose: notice.purpose.clone(),
            terms,
            notice: notice.id,
            notice_version: 1,
            lang: "en".into(),
            uses: None,
        };
        self.record(id, Act::Give(Box::new(giving))).await;
    }
}

impl Someone {
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, String::new()).await
    }
    /// A page in the language that a browser asks for.
    pub async fn get_in(&self, lang: &str, path: &str) -> Answer {
        let call = Call::builder()
            .uri(path)
            .header(header::COOKIE, &self.cookies)
            .header(header::ACCEPT_LANGUAGE, lang)
            .header(header::ACCEPT, "text/html")
            .body(Body::empty());
        self.answered(call.unwrap()).await
    }
    pub async fn post(&self, path: &str, fields: &str) -> Answer {
        self.call("POST", path, format!("{fields}&csrf={}", self.csrf)).await
    }
    pub async fn post_raw(&self, path: &str, body: &str) -> Answer {
        self.call("POST", path, body.into()).await
    }
    /// Sends a form with a file.
    pub async fn upload(&self, path: &str, kept_as: &str, name: &str, content: &[u8]) -> Answer {
        self.upload_as(path, &self.csrf, kept_as, name, content).await
    }
    /// The same, with a token of one's own.
    pub async fn upload_as(
        &self,
        path: &str,
        csrf: &str,
        kept_as: &str,
        name: &str,
        content: &[u8],
    ) -> Answer {
        let field = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/html\r\n\r\n"
        );
        let head = [field("csrf", csrf), field("category", kept_as), file].concat();
        let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
        self.send("POST", path, "multipart/form-data; boundary=x", body).await
    }
    async fn call(&self, method: &str, path: &str, body: String) -> Answer {
        self.send(method, path, "application/x-www-form-urlencoded", body.into_bytes()).await
    }
    async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let call = Call::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &self.cookies)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        self.answered(call).await
    }
    async fn answered(&self, call: Call<Body>) -> Answer {
        let answer = self.app.clone().oneshot(call).await.unwrap();
        let to = answer.headers().get(header::LOCATION);
        let to = to.map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        Answer { status, to, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
