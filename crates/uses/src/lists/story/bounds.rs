//! What a list is bounded by: nothing is asked beyond a page, what is asked weighs, and what does not open ends no list.

use assent_kernel::{OrganisationId, PersonId, Role};
use assent_store::work::organisations::{self, Organisation};
use assent_testkit::{Engine, START, eu};
use assent_web::api::{Quota, routes_within};
use serde_json::json;

use super::{id, next, told};
use crate::Known;
use crate::desk::story::fixture::{Desk, Program};

const SUPPORT: &str = "service.support";

/// So many customers, one after the other.
async fn customers(desk: &Desk, count: u64) -> Vec<PersonId> {
    let mut all = Vec::new();
    for n in 1..=count {
        let facts = [("name.full", "Ada Moor"), ("purchase.product", "Haldenwerk Clean 2")];
        all.push(desk.house.customer(n, &facts, START).await.unwrap());
    }
    all
}

/// How often somebody was asked about, as the officer is told.
async fn uses(officer: &Program, of: PersonId) -> usize {
    let told = officer.get(&format!("/v1/people/{of}/uses")).await;
    told.body["data"].as_array().unwrap_or_else(|| panic!("{}", told.text)).len()
}

async fn a_page_asks_about_no_more_than_it_needs(engine: Engine) {
    let desk = Desk::new(engine).await;
    let people = customers(&desk, 40).await;
    let support = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let officer = desk.program(8, Role::Dpo, None).await;
    for person in &people {
        desk.clock.advance(1_000_000);
        support.post("/v1/tasks", json!({ "text": "Call back", "person": person })).await.id();
    }
    let (oldest, newest) = (people[0], people[39]);
    let (old, new) = (uses(&officer, oldest).await, uses(&officer, newest).await);
    let page = support.get("/v1/tasks?f=text.has.call&limit=1").await;
    assert_eq!(page.body["data"].as_array().map(Vec::len), Some(1), "{}", page.text);
    let (old, new) = (uses(&officer, oldest).await - old, uses(&officer, newest).await - new);
    // The officer's own look is written down too.
    assert!(new > old, "the newest was asked about: {new}, {old}");
    assert_eq!(old, 1, "the oldest was not");
    // Page after page all of them come, each once.
    let all = told(&support, "/v1/tasks?f=text.has.call&limit=7", "id").await;
    assert_eq!((all.len(), all.is_sorted_by(|a, b| a.as_str() > b.as_str())), (40, true));
}

async fn what_is_asked_weighs(engine: Engine) {
    let desk = Desk::new(engine).await;
    customers(&desk, 130).await;
    let program = desk.program(1, Role::Support, Some(SUPPORT)).await;
    let app = routes_within(desk.ctx.rooms, Quota::new(10)).with_state(desk.ctx.clone());
    let hurried = Program { app, ..program };
    let left = |answer: &crate::desk::story::fixture::Told| {
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.header("ratelimit").split(';').nth(1).map(str::to_owned)
    };
    let page = "/v1/people?sort=name&limit=1";
    assert_eq!(left(&hurried.get(page).await).as_deref(), Some("r=9"));
    assert_eq!(left(&hurried.get(page).await).as_deref(), Some("r=7"), "260 people are a call more");
    assert_eq!(left(&hurried.get("/v1/key").await).as_deref(), Some("r=6"));
}

async fn what_does_not_open_ends_no_list(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (company, store) = (desk.house.company, desk.house.gate.region_db(&eu()).unwrap());
    let own = desk.house.gate.own(company).await.unwrap();
    let firm = |n: u32| {
        let known = Known { name: format!("Firm {n:03}"), ..Known::default() };
        let sealed = own.seal(id(n), &serde_json::to_string(&known).unwrap()).unwrap();
        let broken = n == 60;
        Organisation {
            id: OrganisationId::from_bytes(id(n)),
            own: if broken { vec![0] } else { sealed },
            owner: None,
            created_at: START,
            gone_at: None,
            ver: 1,
        }
    };
    let all: Vec<Organisation> = (1..=60).map(firm).collect();
    store.write(move |tx| all.iter().try_for_each(|one| organisations::add(tx, company, one))).await.unwrap();
    let support = desk.enter(Role::Support, SUPPORT).await;
    let first = support.get("/organisations").await;
    assert!(first.has("Firm 059") && !first.has("Firm 010"));
    let second = support.get(&next(&first).expect("there is a next page")).await;
    assert!(second.has("Firm 010") && second.has("Firm 001") && next(&second).is_none());
    let program = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let names = told(&program, "/v1/organisations?limit=50", "name").await;
    assert_eq!((names.len(), &names[58]), (59, &json!("Firm 001")));
}

async fn a_view_is_told_no_wider_than_it_is(engine: Engine) {
    let desk = Desk::new(engine).await;
    let customer = customers(&desk, 1).await[0];
    let stranger = desk.stranger().await;
    let program = desk.program(9, Role::Support, Some(SUPPORT)).await;
    let save = async |query: &str| {
        let view = json!({ "list": "people", "name": "Mine", "query": query });
        let made = program.post("/v1/views", view).await;
        assert!(made.header("location").ends_with(&made.id()), "{}", made.text);
        format!("/v1/people?view={}", made.id())
    };
    // Whom the page leaves out when nothing is said is left out here.
    let plain = program.get(&save("order=oldest").await).await;
    assert!(plain.text.contains(&customer.to_string()), "{}", plain.text);
    assert!(!plain.text.contains(&stranger.to_string()), "{}", plain.text);
    let many = "f=city.is.Bonn&".repeat(13);
    for query in ["import=imp_00000000000000000000000001", "group=yes", many.as_str()] {
        let path = save(query).await;
        let told = program.get(&path).await;
        assert_eq!(told.status, 422, "{query}: {}", told.text);
    }
}

assent_testkit::on_both!(
    a_view_is_told_no_wider_than_it_is,
    a_page_asks_about_no_more_than_it_needs,
    what_is_asked_weighs,
    what_does_not_open_ends_no_list,
);
