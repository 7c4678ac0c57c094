//! The pages, driven as a browser does.

use assent_kernel::category::Category;
use assent_kernel::{Span, StaffId};
use assent_store::access::{self, Door};
use assent_store::fields::{self, Field};
use assent_testkit::category;
use assent_web::{Room as _, session};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use super::house::*;
use crate::intake::Intake;

struct Browser {
    router: Router,
    cookie: String,
}

struct Page {
    status: StatusCode,
    to: String,
    text: String,
}

async fn browser(world: &World, id: [u8; 16], roles: &str) -> Browser {
    let (staff, at) = (StaffId::from_bytes(id), world.ctx.now());
    let row = access::Staff {
        id: staff,
        company: world.house.company,
        email: format!("{}@example.org", id[0]),
        name: "Tomas Lindqvist".into(),
        roles: roles.into(),
        password: None,
        disabled: false,
    };
    world.ctx.gate.home().write(move |tx| access::add_staff(tx, &row, at)).await.unwrap();
    let role = roles.split(',').next().unwrap();
    let begun = session::begin(&world.ctx, world.house.company, Door::Staff, id, role, Span::hours(12)).await;
    let cookie = begun.unwrap().1.split(';').next().unwrap().to_owned();
    Browser { router: Intake.routes().with_state(world.ctx.clone()), cookie }
}

impl Browser {
    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Page {
        let request = request.header(header::COOKIE, &self.cookie).body(body).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let to = answer.headers().get(header::LOCATION).map(|v| v.to_str().unwrap().to_owned());
        let status = answer.status();
        let text = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        Page { status, to: to.unwrap_or_default(), text: String::from_utf8_lossy(&text).into_owned() }
    }
    async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }
    async fn post(&self, path: &str, fields: &str) -> Page {
        let form = "application/x-www-form-urlencoded";
        let csrf = self.csrf().await;
        let body = Body::from(format!("csrf={csrf}&{fields}"));
        self.send(Request::post(path).header(header::CONTENT_TYPE, form), body).await
    }
    async fn csrf(&self) -> String {
        let page = self.get("/import").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
    async fn upload(&self, csrf: &str, name: &str, bytes: &[u8]) -> Page {
        let mut body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let kind = "multipart/form-data; boundary=x";
        self.send(Request::post("/import").header(header::CONTENT_TYPE, kind), Body::from(body)).await
    }
}

async fn from_upload_to_undo(engine: Engine) {
    let world = world(engine).await;
    let admin = browser(&world, [9; 16], "admin").await;
    assert!(admin.get("/import").await.text.contains("No imports yet"));
    let csrf = admin.csrf().await;
    let here = admin.upload(&csrf, "C:\\old\\contacts.csv", DEMO).await;
    assert_eq!(here.status, StatusCode::SEE_OTHER, "{}", here.text);
    let href = here.to.as_str();
    let mapping = admin.get(href).await.text;
    for word in ["60 contacts, UTF-8", "known name", "anke.schroeder@example.org", "needs one @", "1 of 3"] {
        assert!(mapping.contains(word), "{word}");
    }
    // Two columns cannot be one thing; what was chosen is kept and said.
    let twice = admin.post(&format!("{href}/mapping"), "t1=family-name&t2=family-name").await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text.contains("Choose one"), "{}", twice.text);
    let mapped = admin.post(&format!("{href}/mapping"), "t1=given-name&t2=family-name").await;
    assert_eq!(mapped.to, href);
    let terms = admin.get(href).await.text;
    assert!(terms.contains("2 of 3") && terms.contains("Offers by e-mail"));
    assert!(terms.contains("value=\"marketing.newsletter\" selected"), "a plain word is known");
    let empty = admin.post(&format!("{href}/terms"), "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = "stand=columns&contract=household-customer&country=DE&word=Newsletter&purpose=marketing.newsletter\
                  &word=Offers+by+e-mail&purpose=sales.offer";
    assert_eq!(admin.post(&format!("{href}/terms"), fields).await.status, StatusCode::SEE_OTHER);
    assert!(admin.get(href).await.text.contains("Import 60 rows"));
    admin.post(&format!("{href}/try"), "").await;
    let tried = finished(&admin, href, "Import 60 rows").await;
    assert!(tried.contains("What would happen") && tried.contains("<div class=\"figure\">55</div>"));
    assert!(people(&world).await.is_empty());
    admin.post(&format!("{href}/start"), "").await;
    let done = finished(&admin, href, "Undo this import").await;
    assert!(done.contains("<div class=\"figure\">24</div>") && !done.contains("anke.schroeder"));
    let import = href.trim_start_matches("/import/");
    assert!(done.contains(&format!("href=\"/people?import={import}\"")), "{done}");
    let events = admin.get(&format!("{href}/events")).await.text;
    assert!(events.contains("\"finished\":true") && events.contains("\"done\":60"), "{events}");
    let file = admin.get(&format!("{href}/rejected.csv")).await;
    assert!(file.status == StatusCode::OK && file.text.contains("jonas.brandtner(at)example.org"));
    let other = browser(&world, [10; 16], "marketing").await;
    assert_eq!(other.get(&format!("{href}/rejected.csv")).await.status, StatusCode::FORBIDDEN);
    assert!(other.get(href).await.text.contains("55"));
    admin.post(&format!("{href}/undo"), "").await;
    let undone = finished(&admin, href, "Undone").await;
    assert!(undone.contains("55 people erased, nobody stays"));
    assert!(people(&world).await.is_empty());
    assert!(admin.get("/import").await.text.contains("Undone"));
}

async fn finished(browser: &Browser, href: &str, word: &str) -> String {
    for _ in 0..400 {
        let page = browser.get(href).await;
        if page.text.contains(word) {
            return page.text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no “{word}” on {href}");
}

async fn a_column_may_be_a_field_of_the_company(engine: Engine) {
    let world = world(engine).await;
    let mut policy = world.ctx.gate.policy(world.house.company).await.unwrap().policy.clone();
    let (above, key) = (category("interest"), category("interest.newspaper"));
    let below = Category { key: key.clone(), label: "Newspaper".into(), ..policy.categories[&above].clone() };
    policy.categories.insert(key.clone(), below);
    world.ctx.gate.set_policy(policy, world.ctx.now()).await.unwrap();
    let field = Field {
        name: "newspaper".into(),
        label: "Newspaper".into(),
        labels: assent_kernel::Also::default(),
        kind: fields::Kind::Several,
        category: Some(key.clone()),
        choices: vec!["Courier".into(), "Post".into()],
        choices_also: assent_kernel::Also::default(),
        place: 1,
        gone_at: None,
    };
    let company = world.house.company;
    let put = move |tx: &mut assent_store::Tx<'_>| fields::put(tx, company, &fields::Thing::Person, &field);
    world.ctx.gate.home().write(put).await.unwrap();
    let admin = browser(&world, [9; 16], "admin").await;
    let csrf = admin.csrf().await;
    let file =
        "Name,E-mail,Newspaper,Second\nMia Ito,mia@example.org,post;COURIER,\nBo Ek,bo@example.org,Herald,\n";
    let href = admin.upload(&csrf, "papers.csv", file.as_bytes()).await.to;
    let mapping = admin.get(&href).await.text;
    assert!(mapping.contains("<option value=\"own-newspaper\" selected>Field: Newspaper"), "{mapping}");
    assert!(
        mapping.contains("called like a field of your own") && mapping.contains("does not fit the field")
    );
    // One field, one column; and nobody means a field without saying which.
    let twice = admin.post(&format!("{href}/mapping"), "t3=own-newspaper").await;
    assert!(twice.status == StatusCode::UNPROCESSABLE_ENTITY && twice.text.contains("Choose one"));
    let bare = admin.post(&format!("{href}/mapping"), "t3=own").await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bare.text);
    assert_eq!(admin.post(&format!("{href}/mapping"), "t3=ignore").await.to, href);
    let terms = "stand=contract&contract=household-customer&since=2026-05-01&country=DE";
    let agreed = admin.post(&format!("{href}/terms"), terms).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.text);
    admin.post(&format!("{href}/start"), "").await;
    finished(&admin, &href, "Undo this import").await;
    let rejected = admin.get(&format!("{href}/rejected.csv")).await.text;
    assert!(rejected.contains("Newspaper") && rejected.contains("Herald"), "{rejected}");
    let all = people(&world).await;
    assert_eq!(all.len(), 1);
}

async fn what_is_wrong_is_said_and_leaves_nothing(engine: Engine) {
    let world = world(engine).await;
    let admin = browser(&world, [9; 16], "admin").await;
    let csrf = admin.csrf().await;
    let sheet = admin.upload(&csrf, "contacts.xlsx", b"PK\x03\x04 a spreadsheet").await;
    assert_eq!(sheet.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sheet.text.contains("Save it as CSV") && sheet.text.contains("No imports yet"), "{}", sheet.text);
    assert_eq!(admin.upload(&csrf, "", b"").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.upload("forged", "contacts.csv", DEMO).await.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.get("/import/imp_nonsense").await.status, StatusCode::NOT_FOUND);
    let left = std::fs::read_dir(world.ctx.settings.data_dir.join("imports")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "no file is left behind");
    let billing = browser(&world, [11; 16], "billing").await;
    assert_eq!(billing.get("/import").await.status, StatusCode::FORBIDDEN);
}

async fn only_who_uploaded_sees_values_and_a_draft_can_be_thrown_away(engine: Engine) {
    let world = world(engine).await;
    let admin = browser(&world, [9; 16], "admin").await;
    let csrf = admin.csrf().await;
    let href = admin.upload(&csrf, "contacts.csv", DEMO).await.to;
    let other = browser(&world, [10; 16], "sales").await;
    let page = other.get(&href).await;
    assert!(page.status == StatusCode::OK && !page.text.contains("anke.schroeder"));
    assert!(page.text.contains("only to who uploaded"));
    assert_eq!(admin.post(&format!("{href}/start"), "").await.status, StatusCode::CONFLICT);
    assert_eq!(admin.post(&format!("{href}/discard"), "").await.to, "/import");
    assert_eq!(admin.get(&href).await.status, StatusCode::NOT_FOUND);
}

assent_testkit::on_both!(
    from_upload_to_undo,
    a_column_may_be_a_field_of_the_company,
    what_is_wrong_is_said_and_leaves_nothing,
    only_who_uploaded_sees_values_and_a_draft_can_be_thrown_away,
);
