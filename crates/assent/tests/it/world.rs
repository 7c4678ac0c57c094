//! A program to attack: the demo world behind the real router, driven without a socket.

use std::path::PathBuf;
use std::sync::Arc;

use assent_gate::Gate;
use assent_kernel::{CompanyId, PersonId, Role, Span, StaffId};
use assent_store::access;
use assent_store::callers::{self, Caller};
use assent_testkit::{Engine, START, places, root};
use assent_web::{Clock, Ctx, Post, Settings, session};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;

/// The world.
pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) router: Router,
    pub(crate) halden: CompanyId,
    pub(crate) meadow: CompanyId,
    pub(crate) folder: tempfile::TempDir,
}

/// Somebody with a browser.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    cookies: Vec<String>,
}

/// An answer.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) text: String,
}

impl Browser {
    /// A browser with this cookie.
    pub(crate) fn with(cookie: &str) -> Self {
        Self { cookies: vec![cookie.to_owned()] }
    }
}

impl World {
    /// The clock goes on by so many seconds.
    pub(crate) fn clock_on(&self, seconds: i64) {
        self.ctx.clock.advance(seconds * 1_000_000);
    }

    /// Whether the files of the home store hold a word.
    pub(crate) fn home_holds(&self, word: &str) -> anyhow::Result<bool> {
        let mut found = false;
        for entry in std::fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("home")) {
                let bytes = std::fs::read(path)?;
                found |= bytes.windows(word.len()).any(|piece| piece.eq_ignore_ascii_case(word.as_bytes()));
            }
        }
        Ok(found)
    }

    pub(crate) async fn new(engine: Engine, people: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let gate = Gate::open(places(engine, folder.path())?, &root(), START).await?;
        assent::demo::build(&gate, START, people, |_, _, _| {}).await?;
        let companies = gate.companies().await?;
        let id = |code: &str| companies.iter().find(|one| one.code == code).map(|one| one.id).unwrap();
        let settings = Settings {
            base_url: "http://test.example".into(),
            post: Post::Local,
            data_dir: PathBuf::from(folder.path()),
            country: "DE".into(),
            network: assent_web::Network::default(),
            limits: assent_web::Limits::default(),
        };
        let (halden, meadow) = (id("halden"), id("meadow"));
        let clock = Clock::fixed(START.micros() + 60_000_000);
        let ctx = Ctx { gate, clock, settings: Arc::new(settings), rooms: assent::house::ROOMS };
        Ok(Self { router: assent::house::router(ctx.clone()), ctx, halden, meadow, folder })
    }

    pub(crate) async fn send(&self, browser: &mut Browser, request: Request<Body>) -> Page {
        let (mut parts, body) = request.into_parts();
        if !browser.cookies.is_empty() {
            parts.headers.insert(header::COOKIE, browser.cookies.join("; ").parse().unwrap());
        }
        parts.headers.insert(header::ACCEPT, "text/html".parse().unwrap());
        let answer = self.router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let one = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = one.split('=').next().unwrap().to_owned();
            browser.cookies.retain(|old| !old.starts_with(&format!("{name}=")));
            browser.cookies.push(one);
        }
        let status = answer.status();
        let location = answer
            .headers()
            .get(header::LOCATION)
            .map(|l| l.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.unwrap();
        Page { status, location, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// The key of a program, which somebody with the role of an administrator answers for.
    pub(crate) async fn key(&self, company: CompanyId, role: Role) -> anyhow::Result<String> {
        let gate = &self.ctx.gate;
        let (token, at) = (gate.secret()?, self.ctx.now());
        let maker = gate.home().read(move |tx| access::staff(tx, company)).await?;
        let maker = maker.iter().find(|one| one.roles.split(',').any(|one| one == "admin"));
        let caller = Caller {
            id: gate.fresh(at, StaffId::new)?,
            company,
            name: "stranger".into(),
            role,
            purpose: None,
            created_at: at,
            until: at.plus(Span::days(1)),
            ended_at: None,
            made_by: maker.map(|one| one.id),
        };
        let digest = session::digest(&token);
        gate.home().write(move |tx| callers::add(tx, &digest, &caller)).await?;
        Ok(session::key_of(&token))
    }

    /// What the interface for programs answers.
    pub(crate) async fn answer(&self, request: Request<Body>) -> (StatusCode, serde_json::Value) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> Page {
        self.send(browser, Request::builder().uri(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, browser: &mut Browser, path: &str, form: &str) -> Page {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(browser, request.unwrap()).await
    }

    /// A member of staff of the demo, signed in.
    pub(crate) async fn staff(&self, email: &str) -> Browser {
        let mut browser = Browser::default();
        let form = format!("email={}&password=demo-demo-demo", email.replace('@', "%40"));
        let page = self.post(&mut browser, "/sign-in", &form).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{email} signs in: {}", page.text);
        browser
    }

    /// The address of a member of staff of a company with a role.
    pub(crate) async fn with_role(&self, company: CompanyId, role: &'static str) -> anyhow::Result<String> {
        let all = self.ctx.gate.home().read(move |tx| access::staff(tx, company)).await?;
        let found = all.iter().find(|one| one.roles.split(',').any(|r| r == role));
        found.map(|one| one.email.clone()).ok_or_else(|| anyhow::anyhow!("nobody is {role}"))
    }

    /// A person of the demo.
    pub(crate) async fn person(&self, company: CompanyId, email: &str) -> anyhow::Result<PersonId> {
        let found = self.ctx.gate.find_email(company, email).await?;
        found.first().copied().ok_or_else(|| anyhow::anyhow!("{email} is not there"))
    }

    /// The newest letter to an address; it is written after the page has answered.
    pub(crate) async fn letter(
        &self,
        company: CompanyId,
        email: &str,
    ) -> anyhow::Result<assent_gate::Posted> {
        for _ in 0..100 {
            let letters = self.ctx.gate.letters(company, 50).await?;
            if let Some(found) = letters.into_iter().find(|one| one.to == email) {
                return Ok(found);
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!("no letter to {email}")
    }

    /// A person's own browser, signed in by the letter in the outbox.
    pub(crate) async fn portal(
        &self,
        code: &str,
        company: CompanyId,
        email: &str,
    ) -> anyhow::Result<Browser> {
        let mut browser = Browser::default();
        self.post(&mut browser, &format!("/my/{code}"), &format!("email={}", email.replace('@', "%40")))
            .await;
        let letter = self.letter(company, email).await?;
        let link = letter.body.split_whitespace().find(|word| word.contains("/my/link/")).unwrap().to_owned();
        let path = link.trim_start_matches("http://test.example").to_owned();
        let page = self.post(&mut browser, &path, "").await;
        anyhow::ensure!(
            page.status == StatusCode::SEE_OTHER,
            "the link lets in: {} {}",
            page.status,
            page.text
        );
        Ok(browser)
    }
}

/// The token of a page's forms.
pub(crate) fn csrf(page: &Page) -> String {
    let (_, rest) = page.text.split_once("name=\"csrf\" value=\"").expect("a form with its token");
    rest.split('"').next().unwrap().to_owned()
}
