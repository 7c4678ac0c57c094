//! A house whose policy is laid down in pages: an administrator, a data protection officer, and others.

use std::sync::Arc;

use assent_kernel::uses::kind::Message;
use assent_kernel::{Matter, NonEmpty, PersonId, Policy, Role, StaffId};
use assent_store::access::{self, Door};
use assent_testkit::{Engine, House, START};
use assent_web::session::{self, STAFF_SESSION};
use assent_web::{Clock, Ctx, Post, Room};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use tower::ServiceExt as _;

static ROOMS: &[&dyn Room] = &[&crate::settings::Settings];

/// The house.
pub struct Office {
    pub house: House,
    pub clock: Clock,
    pub ctx: Ctx,
    app: Router,
}

/// Somebody who is signed in.
pub struct Someone {
    pub id: StaffId,
    app: Router,
    cookie: String,
    csrf: String,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub to: String,
    pub body: String,
}

impl Answer {
    pub fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }
    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.body.split(&start).nth(1).unwrap_or_else(|| panic!("no {name}: {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Office {
    pub async fn new(engine: Engine) -> Self {
        let house = House::new(engine).await.unwrap();
        let clock = Clock::fixed(START.micros());
        let settings = assent_web::Settings {
            base_url: "http://test.example".into(),
            post: Post::Local,
            data_dir: house.folder(),
            country: "DE".into(),
            network: assent_web::Network::default(),
            limits: assent_web::Limits::default(),
        };
        let ctx = Ctx {
            gate: house.gate.clone(),
            clock: clock.clone(),
            settings: Arc::new(settings),
            rooms: ROOMS,
        };
        let front = axum::routing::get(crate::settings::first_page);
        let app = crate::settings::Settings.routes().route("/", front).with_state(ctx.clone());
        let app = app.layer(axum::middleware::from_fn(assent_web::catalogue::spoken));
        Self { house, clock, ctx, app }
    }

    /// Somebody with a role comes in.
    pub async fn enter(&self, role: Role, n: u8) -> Someone {
        let id = StaffId::from_bytes([n; 16]);
        let row = access::Staff {
            id,
            company: self.house.company,
            email: format!("{n}@example.com"),
            name: format!("Nora {n}"),
            roles: role.key().into(),
            password: None,
            disabled: false,
        };
        self.house
            .gate
            .home()
            .write(move |tx| access::add_staff(tx, &row, START.minus(assent_kernel::Span::days(2))))
            .await
            .unwrap();
        let company = self.house.company;
        let begun = session::begin(&self.ctx, company, Door::Staff, id.to_bytes(), role.key(), STAFF_SESSION);
        let cookie = begun.await.unwrap().1.split(';').next().unwrap().to_owned();
        let mut someone = Someone { id, app: self.app.clone(), cookie, csrf: String::new() };
        let page = someone.get("/settings").await;
        if page.status == 200 {
            someone.csrf = page.field("csrf");
        }
        someone
    }

    pub async fn policy(&self) -> Policy {
        self.house.gate.reload_policy(self.house.company).await.unwrap().policy.clone()
    }

    /// Why marketing may not write to somebody today; nothing when it may.
    pub async fn why_not(&self, person: PersonId) -> Option<String> {
        let kind = NonEmpty::one(Matter::Kind(assent_testkit::category("contact.email")));
        let dossier = self
            .house
            .gate
            .look_one(&assent_gate::Whose::everybody(self.house.company), person)
            .await
            .unwrap();
        let ask = self.house.question(
            Message,
            person,
            Role::Marketing,
            "marketing.newsletter",
            kind,
            self.ctx.now(),
        );
        let answer = self.house.gate.ask(ask, &dossier).await.unwrap();
        answer.ruling().refusal().map(|reason| reason.code().to_owned())
    }

    /// How many entries the ledger has.
    pub async fn entries(&self) -> u64 {
        let name = assent_gate::LogName { company: self.house.company, region: assent_testkit::eu() };
        self.house.gate.integrate(&name, self.ctx.now()).await.unwrap()
    }
}

impl Someone {
    /// Their browser keeps one more cookie.
    pub fn keep(&mut self, cookie: &str) {
        self.cookie = format!("{}; {cookie}", self.cookie);
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, String::new()).await
    }
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).append_pair("csrf", &self.csrf).finish();
        self.call("POST", path, body).await
    }
    async fn call(&self, method: &str, path: &str, body: String) -> Answer {
        let call = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let answer = self.app.clone().oneshot(call).await.unwrap();
        let to = answer.headers().get(header::LOCATION);
        let to = to.map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        Answer { status, to, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }
}
