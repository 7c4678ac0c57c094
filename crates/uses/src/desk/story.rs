//! The desk, told as a story: what staff see, what they do not, and what they can do about it.

mod closed;
mod deleted;
mod export;
mod fields;
mod files;
pub(crate) mod fixture;
mod german;
mod given;
mod joined;
mod older;
mod owners;
mod walk;

use assent_gate::Act;
use assent_kernel::{Role, Span};
use assent_store::requests::Asked;

use fixture::{Desk, Engine, MIA, form};

/// Values that nobody may ever see who was not permitted to.
const SECRETS: [&str; 5] = ["Canaria", "Zwitscher", "canary@example.org", "5550199", "Vogelhaus"];

async fn what_is_open_shows_and_what_is_closed_says_why(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, _) = (desk.customer().await, desk.stranger().await);
    let support = desk.enter(Role::Support, "service.support").await;
    let page = support.get("/people").await;
    assert!(page.has("Mia Ito") && !page.has("Person · "), "those with terms come first");
    let page = support.get("/people?show=all").await;
    assert_eq!(page.status, 200);
    assert!(page.has("Mia Ito") && page.has("mia.ito@example.org"));
    assert!(page.has("1 of 2") && page.has("There is no running contract with this person."));
    assert!(page.has("Person · ") && page.has("Closed for support: no contract runs"));
    page.has_none(&SECRETS);

    let record = support.get(&format!("/people/{mia}")).await;
    assert!(record.has("Mia Ito") && record.has("Haldenwerk") && record.has("Support"));
    assert!(record.has("Not asked: Contract with a household customer"), "the warrant, in words");
    assert!(record.has(" · entry 4"), "admitted, listed twice, seen");
}

async fn another_purpose_is_another_page(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let page = sales.get("/people").await;
    page.has_none(&MIA);
    assert!(page.has("Closed for personal contact from sales: nobody has asked"));
    assert!(page.has("action=\"/people/ask\"") && page.has(&format!("/people/{mia}/ask")));
    let record = sales.get(&format!("/people/{mia}")).await;
    record.has_none(&MIA);
    assert!(record.has("0 of 5") && record.has("Ask for “Personal contact from sales”"));

    let inform = desk.enter(Role::Sales, "rights.inform").await;
    let page = inform.get("/people").await;
    assert!(page.has("M…") && !page.has("Mia Ito"), "a masked value is a part of it");
}

async fn no_closed_value_is_anywhere(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    for (role, purpose) in [
        (Role::Sales, "sales.contact"),
        (Role::Marketing, "marketing.newsletter"),
        (Role::Support, "service.support"),
        (Role::Billing, "billing.invoice"),
        (Role::Dpo, "rights.inform"),
        (Role::Admin, "rights.inform"),
        (Role::Product, "insight.product-improvement"),
    ] {
        let someone = desk.enter(role, purpose).await;
        for path in [
            "/people".to_owned(),
            "/people?sort=name&show=all".into(),
            "/people?show=quarantined".into(),
            "/people?q=canaria".into(),
            format!("/people/{bird}"),
            format!("/people/{bird}?tab=notes"),
            format!("/people/{bird}?tab=terms"),
            format!("/people/{bird}?tab=uses"),
            format!("/people/{bird}/fact"),
            format!("/people/{bird}/fact/{}", desk.fact(bird, "contact.email").await),
        ] {
            let page = someone.get(&path).await;
            assert!(page.status == 200 || page.status == 403, "{path}: {}", page.status);
            page.has_none(&SECRETS);
        }
    }
}

async fn a_search_tells_no_more_than_a_page(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    desk.customer().await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    for q in ["canaria", "canary%40example.org", "%2B49+451+5550199", "Vogelhaus"] {
        let page = sales.get(&format!("/people?q={q}")).await;
        assert!(page.has("Nobody found by") && page.has("0 people"), "{q}");
        assert!(!page.has(&bird.to_string()), "{q} must not lead to anybody");
    }
    // A masked name must not be spelt out by its beginnings; a whole address is known to whoever looks for it.
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    for (q, found) in [
        ("zwitsch", false),
        ("%40example.org", false),
        ("canary%40example.org", true),
        ("%2B49+451+5550199", true),
    ] {
        assert_eq!(dpo.get(&format!("/people?q={q}")).await.has(&bird.to_string()), found, "{q}");
    }
    let support = desk.enter(Role::Support, "service.support").await;
    assert!(support.get("/people?q=ito").await.has("Mia Ito"));
    assert!(support.get("/people?q=mia.ito%40example.org").await.has("Mia Ito"));
    let none = support.get("/people?q=nobody").await;
    assert!(none.has("Nobody found by “nobody”") && none.has("/people/new"));
}

async fn a_rule_finds_nobody_by_what_is_closed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (mia, bird) = (desk.customer().await.to_string(), desk.stranger().await.to_string());
    let support = desk.enter(Role::Support, "service.support").await;
    for (rule, finds) in [
        ("f=name.has.ito", true),
        ("f=city.is.lubeck", true),
        ("f=city.is.hamburg", false),
        ("f=city.is.hamburg&f=email.has.mia&any=1", true),
        ("f=city.is.hamburg&f=email.has.mia", false),
        ("f=since.from.2026-01-01", true),
        ("q=ito&f=city.not.hamburg", true),
        ("q=ito&f=city.is.hamburg", false),
    ] {
        let page = support.get(&format!("/people?show=all&{rule}")).await;
        assert_eq!(page.has(&mia), finds, "{rule}");
    }
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    for rule in [
        "name.has.canaria",
        "name.not.x",
        "company.is.vogelhaus",
        "email.empty.",
        "email.set.",
        "city.empty.",
    ] {
        for someone in [&support, &dpo] {
            let page = someone.get(&format!("/people?show=all&f={rule}")).await;
            assert!(!page.has(&format!("/people/{bird}")), "{rule} tells");
        }
    }
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert!(!sales.get("/people?show=all&f=name.not.x").await.has(&mia));
}

async fn sorting_by_name_puts_closed_names_last_by_id(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (aaron, bird) = (desk.newcomer(&[("name.full", "Aaron Closed")]).await, desk.stranger().await);
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let page = support.get("/people?sort=name&show=all").await;
    let at = |id: &dyn std::fmt::Display| {
        page.body
            .find(&format!("value=\"{id}\""))
            .or_else(|| page.body.find(&format!("/people/{id}")))
            .unwrap()
    };
    assert!(at(&mia) < at(&aaron.min(bird)) && at(&aaron.min(bird)) < at(&aaron.max(bird)));
    page.has_none(&["Aaron"]);
}

async fn an_import_is_listed_by_itself(engine: Engine) {
    let desk = Desk::new(engine).await;
    let import = assent_kernel::ImportId::from_bytes([6; 16]);
    let (mia, bird, ours) = (desk.customer().await, desk.stranger().await, desk.imported(import).await);
    let sales = desk.enter(Role::Sales, "rights.inform").await;
    let href = format!("/people?import={import}");
    for more in ["", "&order=oldest", "&sort=name", "&show=quarantined", "&show=all"] {
        let page = sales.get(&format!("{href}{more}")).await;
        assert!(page.has(&ours.to_string()) && page.has("1 person") && page.has("of one import"), "{more}");
        assert!(!page.has(&mia.to_string()) && !page.has(&bird.to_string()), "{more}");
    }
    assert!(sales.get(&format!("{href}&show=terms")).await.has("Nobody on this page"));
    let nobodys = assent_kernel::ImportId::from_bytes([7; 16]);
    assert!(sales.get(&format!("/people?import={nobodys}")).await.has("Nobody on this page"));
    assert!(sales.get("/people?show=all").await.has(&mia.to_string()));
}

async fn asking_writes_a_request_and_a_letter_that_begins_with_the_benefit(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let ask = format!("/people/{bird}/ask");
    let done = sales.post(&ask, &form(&[("purpose", "sales.contact")])).await;
    assert_eq!((done.status, done.to.contains("said=asked")), (303, true));
    assert!(sales.get(&done.to).await.has("Asked about “Personal contact from sales”"));

    let rows = desk.requests(bird).await;
    assert_eq!((rows.len(), rows[0].state), (1, Asked::Open));
    let letters = desk.house.gate.letters(desk.house.company, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "canary@example.org");
    assert!(letters[0].body.starts_with("What you get: One person answers you."));
    assert!(letters[0].body.contains("Where Testco knows you from: a test"), "Art. 14");
    assert!(letters[0].body.contains("https://desk.example/my/testco"));
    assert!(letters[0].body.contains(&format!("https://desk.example/my/answer/{}/", rows[0].id)));

    let again = sales.post(&ask, &form(&[("purpose", "sales.contact")])).await;
    assert!(again.to.contains("said=open."));
    assert!(sales.get(&again.to).await.has("already on 1 May 2026; no answer yet"));
    assert_eq!(desk.requests(bird).await.len(), 1);
    assert!(!sales.get(&format!("/people/{bird}")).await.has("Ask for “Personal"), "asked once is enough");

    desk.not_again(bird, Span::days(90)).await;
    let quiet = sales.post(&ask, &form(&[("purpose", "sales.contact")])).await;
    assert!(sales.get(&quiet.to).await.has("wishes not to be asked"));
    let after = desk.requests(bird).await;
    assert_eq!(
        (after.len(), after[0].again, after[0].again_at.is_some()),
        (1, 1, true),
        "the person sees the try"
    );
    assert_eq!(after[0].role, "sales");
    let offer = sales.post(&ask, &form(&[("purpose", "sales.offer")])).await;
    assert!(sales.get(&offer.to).await.has("There is no notice that asks for “Offers made for you”"));
}

async fn whoever_said_no_unasked_is_not_asked_either(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let ask = async |who: assent_kernel::PersonId| {
        sales.post(&format!("/people/{who}/ask"), &form(&[("purpose", "sales.contact")])).await
    };
    // A no on their own page, and a yes taken back: no request was answered by either.
    let (no, back) = (desk.stranger().await, desk.stranger().await);
    desk.record(no, Act::Refuse(assent_testkit::purpose("sales.contact"))).await;
    desk.say_yes(back, "sales.contact").await;
    desk.record(back, Act::Withdraw(assent_testkit::purpose("sales.contact"))).await;
    for who in [no, back] {
        assert!(ask(who).await.to.contains("said=lately."));
        assert!(desk.requests(who).await.is_empty());
    }
    // "Not again" where nobody ever asked.
    let quiet = desk.stranger().await;
    desk.not_again(quiet, Span::days(90)).await;
    let told = ask(quiet).await.to;
    assert!(told.contains("said=quiet."), "{told}");
    let rows = desk.requests(quiet).await;
    assert_eq!(
        (rows.len(), rows[0].state, rows[0].again),
        (1, Asked::NotAgain, 1),
        "the person sees the try"
    );
    let record = sales.get(&format!("/people/{quiet}?tab=timeline")).await;
    assert!(!record.has("Somebody asked about"), "{}", record.body);
}

async fn many_are_asked_at_once_and_each_refusal_is_counted(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (bird, mia) = (desk.stranger().await, desk.customer().await);
    let mute = desk.newcomer(&[("name.full", "Canaria Mute")]).await;
    let other = desk.foreign().await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let all = [bird, mia, mute, other].map(|id| id.to_string());
    let mut fields = vec![("purpose", "sales.contact")];
    fields.extend(all.iter().map(|id| ("id", id.as_str())));
    let done = sales.post("/people/ask", &form(&fields)).await;
    assert_eq!(done.status, 303);
    let page = sales.get(&done.to).await;
    assert!(page.has("<p class=\"figure\">2</p>"), "{}", page.body);
    assert!(page.has("No letter can reach this person") && page.has("nobody here by that id"));
    assert!(
        sales.post("/people/ask", &form(&[("purpose", "sales.contact")])).await.to.contains("none-chosen")
    );
}

async fn who_objected_is_not_asked(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    let objection = Act::Object(assent_kernel::grant::ObjectionScope::DirectMarketing);
    desk.record(bird, objection).await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let done = sales.post(&format!("/people/{bird}/ask"), &form(&[("purpose", "sales.contact")])).await;
    assert!(done.to.contains("said=closed.OBJECTED"));
    assert!(sales.get(&done.to).await.has("This person objected"));
    assert!(desk.requests(bird).await.is_empty());
}

async fn an_open_page_does_not_outlive_a_withdrawal(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    let email = desk.fact(bird, "contact.email").await;
    desk.say_yes(bird, "sales.contact").await;
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let form_page = sales.get(&format!("/people/{bird}/fact/{email}")).await;
    assert!(form_page.status == 200 && form_page.has("canary@example.org"));
    let seen = form_page.field("seen");

    desk.record(bird, Act::Withdraw(assent_testkit::purpose("sales.contact"))).await;
    let fields = form(&[("value", "new@example.org"), ("seen", &seen)]);
    let done = sales.post(&format!("/people/{bird}/fact/{email}"), &fields).await;
    assert_eq!(done.status, 403);
    assert!(done.has("took back the yes") && done.has("new@example.org"), "what was typed is kept");
    done.has_none(&SECRETS);
    let note = sales.post(&format!("/people/{bird}/note"), &form(&[("value", "called")])).await;
    assert_eq!(note.status, 403);
    let more = form(&[("category", "contact.phone"), ("value", "+49 451 5550111")]);
    assert_eq!(sales.post(&format!("/people/{bird}/fact"), &more).await.status, 403);
    let gone = sales.post(&format!("/people/{bird}/fact/{email}/remove"), &form(&[])).await;
    assert_eq!(gone.status, 403);
    assert_eq!(desk.dossier(bird).await.facts().count(), 5, "nothing was written");
}

async fn a_value_is_changed_added_noted_and_removed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mia = desk.customer().await;
    let support = desk.enter(Role::Support, "service.support").await;
    let email = desk.fact(mia, "contact.email").await;
    let path = format!("/people/{mia}/fact/{email}");
    let seen = support.get(&path).await.field("seen");
    let bad = support.post(&path, &form(&[("value", "nonsense"), ("seen", &seen)])).await;
    assert!(bad.status == 422 && bad.has("nonsense") && bad.has("not an e-mail address"));
    desk.clock.advance(1_000_000);
    let done = support.post(&path, &form(&[("value", "mia@example.net"), ("seen", &seen)])).await;
    assert_eq!(done.status, 303);
    assert!(support.get(&done.to).await.has("mia@example.net"));
    let late = support.post(&path, &form(&[("value", "late@example.net"), ("seen", &seen)])).await;
    assert!(late.status == 409 && late.has("Somebody changed it meanwhile"));
    assert!(support.get("/people?q=mia%40example.net").await.has("Mia Ito"), "found by the new address");

    let add = form(&[("category", "contact.phone.mobile"), ("value", "+49 451 5550123")]);
    assert_eq!(support.post(&format!("/people/{mia}/fact"), &add).await.status, 303);
    let closed = form(&[("category", "health.dental"), ("value", "x")]);
    assert_eq!(support.post(&format!("/people/{mia}/fact"), &closed).await.status, 403);
    let note = form(&[("value", "Prefers <b>mornings</b>")]);
    assert_eq!(support.post(&format!("/people/{mia}/note"), &note).await.status, 303);
    let page = support.get(&format!("/people/{mia}")).await;
    assert!(page.has("+49 451 5550123") && page.has("Prefers &#60;b&#62;mornings"));
    assert!(support.get(&format!("/people/{mia}?tab=notes")).await.has("Prefers"));
    assert!(support.get(&format!("/people/{mia}?tab=uses")).await.has("looked at"));
    let terms = support.get(&format!("/people/{mia}?tab=terms")).await;
    assert!(terms.has("never asked") && terms.has("Contracts: household customer"));
    assert_eq!(support.post(&format!("{path}/remove"), &form(&[])).await.status, 303);
    assert!(!support.get(&format!("/people/{mia}")).await.has("mia@example.net"));
}

async fn a_new_person_stands_on_something_and_is_not_there_twice(engine: Engine) {
    let desk = Desk::new(engine).await;
    let sales = desk.enter(Role::Sales, "rights.inform").await;
    assert!(sales.get("/people").await.has("No people yet") && sales.get("/people/new").await.status == 200);
    let nothing = sales.post("/people/new", &form(&[("name", "Ada Ng"), ("email", "ada@example.org")])).await;
    assert!(nothing.status == 422 && nothing.has("Ada Ng") && nothing.has("Choose on what it stands"));
    let typed = [("name", "Ada Ng"), ("email", "ada@example.org"), ("stands", "request")];
    let done = sales.post("/people/new", &form(&typed)).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(sales.get(&done.to).await.has("no terms yet"));
    assert!(sales.get("/people?show=quarantined").await.has("A… N…"));
    let twin = sales.post("/people/new", &form(&typed)).await;
    assert!(twin.status == 409 && twin.has("1 person here already has this e-mail address"));
    let id = done.to.split(['/', '?']).nth(2).unwrap().to_owned();
    assert!(twin.has(&id), "with a link");
    let mut anyway = typed.to_vec();
    anyway.push(("anyway", "1"));
    assert_eq!(sales.post("/people/new", &form(&anyway)).await.status, 303);
    let contract = [
        ("name", "Bo Lund"),
        ("email", "bo@example.org"),
        ("stands", "household-customer"),
        ("from", "2026-04-01"),
        ("until", "2027-04-01"),
        ("reference", "H-4711"),
    ];
    let alone = sales.post("/people/new", &form(&contract)).await;
    assert!(alone.status == 422 && alone.has("Your role works for no contract of that kind"));
    let support = desk.enter(Role::Support, "service.support").await;
    for (field, bad, why) in [("until", "2999-01-01", "ten years"), ("reference", "", "Where is it written")]
    {
        let sent: Vec<_> =
            contract.iter().map(|one| if one.0 == field { (field, bad) } else { *one }).collect();
        let refused = support.post("/people/new", &form(&sent)).await;
        assert!(refused.status == 422 && refused.has(why), "{}", refused.body);
    }
    assert_eq!(support.post("/people/new", &form(&contract)).await.status, 303);
    let letters = desk.house.gate.letters(desk.house.company, 10).await.unwrap();
    assert!(
        letters.iter().any(|one| one.to == "bo@example.org" && one.body.contains("put down that you have a"))
    );
    assert!(support.get("/people").await.has("Bo Lund"));
}

async fn erasing_is_for_few_and_leaves_a_certificate(engine: Engine) {
    let desk = Desk::new(engine).await;
    let bird = desk.stranger().await;
    let path = format!("/people/{bird}/erase");
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    assert_eq!(sales.get(&path).await.status, 403);
    assert_eq!(sales.post(&path, &form(&[])).await.status, 403);
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    assert!(dpo.get(&path).await.has("It cannot be undone"));
    let uses = dpo.get(&format!("/people/{bird}?tab=uses")).await;
    assert!(uses.has(&format!("/people/{bird}/receipt/1")));
    let receipt = dpo.get(&format!("/people/{bird}/receipt/1")).await;
    assert!(receipt.status == 200 && receipt.has("tlog-proof"), "{}", receipt.body);
    assert_eq!(sales.get(&format!("/people/{bird}/receipt/1")).await.status, 403);
    let done = dpo.post(&path, &form(&[("never-write", "1")])).await;
    assert!(done.status == 200 && done.has("Certificate of erasure") && done.has("tlog-proof"));
    assert_eq!(dpo.get(&format!("/people/{bird}")).await.status, 404);
    assert_eq!(dpo.post(&path, &form(&[])).await.status, 404);
}

/// Every address with a person in it, and how it is asked.
const ROUTES: [(&str, &str); 17] = [
    ("GET", "/people/{id}"),
    ("GET", "/people/{id}/join/{id}"),
    ("POST", "/people/{id}/join/{id}"),
    ("POST", "/people/{id}/ask"),
    ("GET", "/people/{id}/fact"),
    ("POST", "/people/{id}/fact"),
    ("GET", "/people/{id}/fact/{fact}"),
    ("POST", "/people/{id}/fact/{fact}"),
    ("POST", "/people/{id}/fact/{fact}/remove"),
    ("POST", "/people/{id}/note"),
    ("GET", "/people/{id}/erase"),
    ("POST", "/people/{id}/erase"),
    ("GET", "/people/{id}/files/{fact}"),
    ("POST", "/people/{id}/delete"),
    ("POST", "/people/{id}/restore"),
    ("GET", "/people/{id}/receipt/1"),
    ("GET", "/people/{id}?tab=uses"),
];

async fn other_companies_people_are_nobody_on_every_route(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (ours, foreign) = (desk.stranger().await, desk.foreign().await);
    let fact = desk.fact(ours, "contact.email").await.to_string();
    let dpo = desk.enter(Role::Dpo, "rights.inform").await;
    let fields =
        form(&[("purpose", "rights.inform"), ("value", "x@example.org"), ("category", "contact.email")]);
    for bad in [foreign.to_string(), "per_x".into(), "..%2f".into(), fact.clone()] {
        for (method, route) in ROUTES {
            let path = route.replace("{id}", &bad).replace("{fact}", &fact);
            let answer = if method == "GET" { dpo.get(&path).await } else { dpo.post(&path, &fields).await };
            assert_eq!(answer.status, 404, "{method} {path}");
            answer.has_none(&["Foreign"]);
        }
    }
    for path in [format!("/people/{ours}/fact/fct_x"), format!("/people/{ours}/receipt/x")] {
        assert_eq!(dpo.get(&path).await.status, 404, "{path}");
    }
    let page = dpo.get("/people?show=all").await;
    assert!(!page.has(&foreign.to_string()));
}

async fn who_is_not_here_or_not_meant_does_not_come_in(engine: Engine) {
    let desk = Desk::new(engine).await;
    let auditor = desk.enter(Role::Auditor, "rights.evidence").await;
    assert_eq!(auditor.get("/people").await.status, 403);
    let sales = desk.enter(Role::Sales, "sales.contact").await;
    let forged = sales.post_raw("/people/new", "name=x&csrf=forged").await;
    assert_eq!(forged.status, 403);
    let nobody = desk.nobody();
    assert_eq!(nobody.get("/people").await.status, 401);
}

#[test]
fn in_the_way_is_only_what_is_fresh() {
    use super::act::ask::in_the_way;
    let request = fixture::request(Asked::Open);
    let purpose = request.purpose.clone();
    let start = request.at;
    let at = |days| start.plus(Span::days(days));
    assert!(in_the_way(std::slice::from_ref(&request), &purpose, at(13)).is_some());
    assert!(in_the_way(std::slice::from_ref(&request), &purpose, at(14)).is_none());
    assert!(in_the_way(&[request], &assent_testkit::purpose("sales.offer"), at(1)).is_none());
}

assent_testkit::on_both!(
    what_is_open_shows_and_what_is_closed_says_why,
    another_purpose_is_another_page,
    no_closed_value_is_anywhere,
    a_search_tells_no_more_than_a_page,
    a_rule_finds_nobody_by_what_is_closed,
    sorting_by_name_puts_closed_names_last_by_id,
    an_import_is_listed_by_itself,
    asking_writes_a_request_and_a_letter_that_begins_with_the_benefit,
    many_are_asked_at_once_and_each_refusal_is_counted,
    who_objected_is_not_asked,
    whoever_said_no_unasked_is_not_asked_either,
    an_open_page_does_not_outlive_a_withdrawal,
    a_value_is_changed_added_noted_and_removed,
    a_new_person_stands_on_something_and_is_not_there_twice,
    erasing_is_for_few_and_leaves_a_certificate,
    other_companies_people_are_nobody_on_every_route,
    who_is_not_here_or_not_meant_does_not_come_in,
);
