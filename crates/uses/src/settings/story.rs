//! The settings, told as a story on each engine.

mod forms;
mod german;
mod house;
mod names;
mod programs;
mod reach;
mod retention;
mod start;
mod told;

use assent_gate::Act;
use assent_kernel::grant::Evidence;
use assent_kernel::party::Standing;
use assent_kernel::{Asker, Role, Span, TreeKey as _};
use assent_store::{Tx, access};
use assent_testkit::{Engine, START, newsletter};

use forms::{mandate, notice, party};
use house::Office;

async fn notices(engine: Engine) {
    let office = Office::new(engine).await;
    let officer = office.enter(Role::Dpo, 21).await;
    let person = office
        .house
        .customer(1, &[("contact.email", "mia@example.org"), ("name.full", "Mia")], START)
        .await
        .unwrap();
    let yes = office.house.yes(START).await.unwrap();
    let (gate, company) = (&office.house.gate, office.house.company);
    gate.record(company, person, Act::Give(Box::new(yes)), Asker::Person, Evidence::Portal, START)
        .await
        .unwrap();
    let id = newsletter(START).id;
    let (page, path) =
        (officer.get(&format!("/settings/notices/{id}")).await, format!("/settings/notices/{id}/edit"));
    assert!(page.has("1 person says yes") && page.has("You hear of new brushes first."), "{}", page.body);

    // A preview changes nothing, tells what is different, and how it reads.
    let base = officer.get(&path).await.field("base");
    let seen = officer.post(&path, &notice(&base, &[("category", "contact"), ("do", "preview")])).await;
    assert_eq!(seen.status, 200);
    assert!(
        seen.has("It asks for more: ")
            && seen.has("reading ease")
            && seen.has("Must those who agreed before")
    );
    assert_eq!(office.policy().await.version.to_string(), base);

    // Nonsense is refused beside its field, and what was typed stays.
    for (wrong, said) in [
        (vec![("benefit-0", "")], "Without a benefit, do not ask."),
        (vec![("days", "4000")], "at most 730 days"),
        (vec![("region", "jp")], "itself stores data in"),
        (vec![("use", "Combine")], "is only for this"),
        (vec![("lang-0", "x")], "Two letters"),
        (vec![("text-1", "Zweite"), ("lang-1", "en")], "there already"),
        (vec![("depth", "2")], "Nobody outside receives"),
        (vec![], "Nothing is different"),
        (vec![("title-0", "Other"), ("do", "publish")], "Say whether those who agreed before"),
    ] {
        let page = officer.post(&path, &notice(&base, &wrong)).await;
        assert!(page.status == 422 && page.has(said), "{wrong:?}: {} {}", page.status, page.body);
    }
    assert_eq!(office.policy().await.version.to_string(), base);

    // A material change: a new version, and the older yes counts no more.
    assert_eq!(office.why_not(person).await, None);
    let change = [("title-0", "News and offers"), ("material", "yes"), ("do", "publish")];
    let done = officer.post(&path, &notice(&base, &change)).await;
    assert_eq!((done.status, done.to.ends_with("?done=published")), (303, true), "{}", done.body);
    let policy = office.policy().await;
    let now = policy.notices.get(&id).unwrap();
    assert_eq!(
        (now.version, policy.oldest_valid[&id], now.wordings[0].title.as_str()),
        (2, 2, "News and offers")
    );
    assert_eq!(office.why_not(person).await.as_deref(), Some("NOTICE_OUTDATED"));
    let page = officer.get(&format!("/settings/notices/{id}")).await;
    assert!(
        page.has("/people?group=closed.NOTICE_OUTDATED"),
        "leads to who must be asked again: {}",
        page.body
    );

    // The old version is read as it was; another one is nothing.
    let old = officer.get(&format!("/settings/notices/{id}/v/1")).await;
    assert!(old.has("This is an old version") && old.has(">News<"), "{}", old.body);
    assert_eq!(officer.get(&format!("/settings/notices/{id}/v/9")).await.status, 404);
    let history = officer.get("/settings/history").await;
    assert!(history.has("version 2 published, people are asked again") && history.has("Nora 21"));

    // Whoever began before is told, and keeps what they typed.
    let late = officer
        .post(&path, &notice(&base, &[("title-0", "My own"), ("material", "no"), ("do", "publish")]))
        .await;
    assert!(
        late.status == 422 && late.has("Nora 21 changed this") && late.has("value=\"My own\""),
        "{}",
        late.body
    );
    assert_eq!(office.policy().await.notices[&id].version, 2);
    let again = late.field("base");
    let fine = officer
        .post(&path, &notice(&again, &[("title-0", "My own"), ("material", "no"), ("do", "publish")]))
        .await;
    assert_eq!(fine.status, 303);
    assert_eq!((office.policy().await.notices[&id].version, office.policy().await.oldest_valid[&id]), (3, 2));
    // A change of another part stands in nobody's way.
    let form = officer.get("/settings/purposes/marketing.newsletter/new").await;
    let child = [
        ("name", "birthday"),
        ("label", "Birthday"),
        ("sentence", "So that we remember."),
        ("use", "View"),
        ("role", "marketing"),
        ("days", "30"),
        ("base", &again),
    ];
    assert_eq!(
        officer.post("/settings/purposes/marketing.newsletter/new", &child).await.status,
        303,
        "{}",
        form.body
    );
    assert!(office.policy().await.purposes.keys().any(|key| key.as_str() == "marketing.newsletter.birthday"));
    let wide = [
        ("name", "wide"),
        ("label", "Wide"),
        ("sentence", "So."),
        ("use", "Share"),
        ("role", "sales"),
        ("days", "9999"),
        ("base", &again),
    ];
    let refused = officer.post("/settings/purposes/marketing.newsletter/new", &wide).await;
    assert!(refused.status == 422 && refused.has("and no other"));
}

async fn parties(engine: Engine) {
    let office = Office::new(engine).await;
    let admin = office.enter(Role::Admin, 22).await;
    let (base, before) = (office.policy().await.version.to_string(), office.entries().await);
    for (wrong, said) in [
        (vec![("code", "Post Lane")], "Lower-case letters"),
        (vec![("code", "testco")], "of that code already"),
        (vec![("agreement", "")], "GDPR Art. 28"),
        (vec![("store", "moon")], "Choose at least one"),
        (vec![("standing", "proposed"), ("from", "2020-01-01")], "it must lie ahead"),
        (vec![("standing", "ended")], "cannot have ended"),
        (vec![("clauses", "2020-01-01")], "That day is over"),
        (vec![("engaged-by", "pty_00000000000000000000000000")], "Choose who engaged it"),
    ] {
        let page = admin.post("/settings/parties/new", &party(&base, &wrong)).await;
        assert!(page.status == 422 && page.has(said), "{wrong:?}: {}", page.body);
    }
    assert_eq!(admin.post("/settings/parties/new", &party(&base, &[])).await.status, 303);
    let policy = office.policy().await;
    let postlane = policy.party("postlane").unwrap().clone();
    assert_eq!(office.entries().await, before + 1, "a change of the chain is a line of the ledger");
    // Once, however often another node looks at it.
    let node = office.house.node(START).await.unwrap();
    node.reload_policy(office.house.company).await.unwrap();
    assert_eq!(office.entries().await, before + 1);

    let below = party(
        &base,
        &[("name", "Cloudkeep"), ("code", "cloudkeep"), ("engaged-by", &postlane.id.to_string())],
    )
    .iter()
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect::<Vec<_>>();
    let below: Vec<(&str, &str)> =
        below.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(admin.post("/settings/parties/new", &below).await.status, 303);
    let policy = office.policy().await;
    let cloudkeep = policy.party("cloudkeep").unwrap().id.to_string();
    let version = policy.version.to_string();
    let circle = party(&version, &[("engaged-by", &cloudkeep)]);
    let page = admin.post(&format!("/settings/parties/{}", postlane.id), &circle).await;
    assert!(page.status == 422 && page.has("That would be a circle"), "{}", page.body);

    // A description runs out after 90 days; a fortnight before, somebody is warned; one click confirms it.
    office.clock.advance(Span::days(80).micros());
    let admin = office.enter(Role::Admin, 27).await;
    let list = admin.get("/settings/parties").await;
    assert!(
        list.has("runs out on") && admin.get("/settings").await.has("Postlane: the description runs out")
    );
    office.clock.advance(Span::days(11).micros());
    let admin = office.enter(Role::Admin, 28).await;
    assert!(admin.get("/settings/parties").await.has("receives nothing until somebody confirms it"));
    let entries = office.entries().await;
    let confirm = format!("/settings/parties/{}/confirm", postlane.id);
    assert_eq!(admin.post(&confirm, &[("base", &version)]).await.status, 303);
    assert_eq!(office.policy().await.party("postlane").unwrap().described_at, START.plus(Span::days(91)));
    assert_eq!(office.entries().await, entries, "confirming changes no chain");
    // What the form shows is what is kept.
    let page = admin.get(&format!("/settings/parties/{}", postlane.id)).await;
    assert!(page.has("value=\"DPA-1\"") && page.has("Ireland"));
    let ended = party(&page.field("base"), &[("standing", "ended")])
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect::<Vec<_>>();
    let ended: Vec<(&str, &str)> =
        ended.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(admin.post(&format!("/settings/parties/{}", postlane.id), &ended).await.status, 303);
    assert_eq!(office.policy().await.party("postlane").unwrap().standing, Standing::Ended);
}

async fn mandates(engine: Engine) {
    let office = Office::new(engine).await;
    let (one, other) = (office.enter(Role::Dpo, 23).await, office.enter(Role::Admin, 24).await);
    let version = office.policy().await.version;
    for (wrong, said) in [
        (vec![("sentence", "")], "in one plain sentence"),
        (vec![("url", "javascript:alert(1)")], "begins with https://"),
        (vec![("until", "2026-04-01")], "over before it begins"),
        (vec![("level", "contract"), ("purpose", "rights.access")], "No contract can take away"),
        (
            vec![("effect", "permit"), ("binds", "anchored"), ("role", "marketing")],
            "the person&#39;s yes alone",
        ),
        (
            vec![("effect", "permit"), ("purpose", "billing.bookkeeping"), ("role", "billing")],
            "Only a person&#39;s own right",
        ),
        (vec![("when", "outside")], "Choose at least one region"),
        (vec![("key", "gdpr-15-access")], "of that name already"),
    ] {
        let page = one.post("/settings/mandates/new", &mandate(&wrong)).await;
        assert!(page.status == 422 && page.has(said), "{wrong:?}: {}", page.body);
    }
    let drafted = one.post("/settings/mandates/new", &mandate(&[])).await;
    assert_eq!(drafted.status, 303, "{}", drafted.body);
    let path = drafted.to.split('?').next().unwrap().to_owned();
    assert_eq!(office.policy().await.version, version, "a draft is no law");

    // What it would change, found out by the law itself.
    let page = other.get(&path).await;
    assert!(
        page.has("Newsletter: write to the person would be closed to testco, for E-mail"),
        "{}",
        page.body
    );
    // Never by whoever wrote it.
    let own = one.get(&path).await;
    assert!(own.has("Somebody else, an administrator") && !own.has(">Approve<"));
    assert_eq!(one.post(&path, &[("answer", "yes")]).await.status, 403);
    assert!(office.policy().await.mandate("no-mail-in-may").is_none());
    assert_eq!(other.post(&path, &[("answer", "yes")]).await.status, 303);
    let policy = office.policy().await;
    let law = policy.mandate("no-mail-in-may").unwrap().clone();
    assert!(law.in_force(START) && law.approved_by == vec![one.id, other.id]);
    assert_eq!(other.post(&path, &[("answer", "yes")]).await.status, 409, "once");
    assert!(one.get("/settings/history").await.has("Nora 23, approved by Nora 24"));

    // It holds: nobody is written to.
    let person = office.house.customer(2, &[("contact.email", "mia@example.org")], START).await.unwrap();
    let (gate, company) = (&office.house.gate, office.house.company);
    let yes = office.house.yes(START).await.unwrap();
    gate.record(company, person, Act::Give(Box::new(yes)), Asker::Person, Evidence::Portal, START)
        .await
        .unwrap();
    assert_eq!(office.why_not(person).await.as_deref(), Some("FORBIDDEN_BY"));

    // Ending it takes two as well; two drafts about one version do not both become law.
    let end = other.post(&format!("/settings/mandates/{}/end", law.id), &[]).await;
    let change = other
        .post(
            &format!("/settings/mandates/{}/edit", law.id),
            &mandate(&[("sentence", "Less mail."), ("version", &law.version.to_string())]),
        )
        .await;
    let (end, change) = (end.to.split('?').next().unwrap(), change.to.split('?').next().unwrap());
    assert!(one.get(end).await.has("would be open to testco"));
    assert_eq!(one.post(end, &[("answer", "yes")]).await.status, 303);
    assert!(!office.policy().await.mandate("no-mail-in-may").unwrap().in_force(START));
    assert!(one.get(change).await.has("has changed since it was written"));
    assert_eq!(one.post(change, &[("answer", "yes")]).await.status, 409);
    assert_eq!(one.post(change, &[("answer", "no")]).await.status, 303);
    // What came with the program stays.
    let shipped = policy.mandate("gdpr-15-access").unwrap().id;
    assert_eq!(one.post(&format!("/settings/mandates/{shipped}/end"), &[]).await.status, 403);
    // Legitimate interest: two people too; one's own draft can be taken back.
    let interest = one.post("/settings/mandates/interest", &[]).await;
    let interest = interest.to.split('?').next().unwrap();
    assert_eq!(one.post(interest, &[("answer", "no")]).await.status, 303);
    assert_eq!(other.post(interest, &[("answer", "yes")]).await.status, 409);
    assert!(!office.policy().await.legitimate_interest);
}

/// Whoever can make accounts and reset sign-ins is still one person.
async fn one_is_not_two(engine: Engine) {
    let office = Office::new(engine).await;
    let (author, other) = (office.enter(Role::Dpo, 27).await, office.enter(Role::Admin, 28).await);
    let drafted = author.post("/settings/mandates/new", &mandate(&[])).await;
    let path = drafted.to.split('?').next().unwrap().to_owned();
    let home = office.house.gate.home();
    let (company, one, two) = (office.house.company, author.id, other.id);

    // The approver's account got its roles, or another new way in, a moment ago; then the author's.
    home.write(move |tx| access::set_roles(tx, company, two, "admin", START)).await.unwrap();
    let refused = other.post(&path, &[("answer", "yes")]).await;
    assert!(refused.status == 403 && refused.has("account of Nora 28"), "{}", refused.body);
    home.write(move |tx| access::new_way(tx, two, START.minus(Span::days(1)))).await.unwrap();
    home.write(move |tx| access::new_way(tx, one, START)).await.unwrap();
    let refused = other.post(&path, &[("answer", "yes")]).await;
    assert!(refused.status == 403 && refused.has("account of Nora 27"), "{}", refused.body);
    home.write(move |tx| access::new_way(tx, one, START.minus(Span::days(1)))).await.unwrap();

    // The author was shut out, or works as something else now.
    for (roles, shut) in [("dpo", Some(START)), ("sales", None)] {
        let before = START.minus(Span::days(2));
        let change = move |tx: &mut Tx<'_>| {
            access::set_roles(tx, company, one, roles, before)?;
            access::set_disabled(tx, company, one, shut)
        };
        home.write(change).await.unwrap();
        let refused = other.post(&path, &[("answer", "yes")]).await;
        assert!(refused.status == 403 && refused.has("no longer works here"), "{}", refused.body);
    }
    assert!(office.policy().await.mandate("no-mail-in-may").is_none());
    home.write(move |tx| access::set_roles(tx, company, one, "dpo", START.minus(Span::days(2))))
        .await
        .unwrap();
    assert_eq!(other.post(&path, &[("answer", "yes")]).await.status, 303);
    assert!(office.policy().await.mandate("no-mail-in-may").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_not_two_on_sqlite() {
    one_is_not_two(Engine::Sqlite).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_not_two_on_postgres() {
    one_is_not_two(Engine::Postgres).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn notices_are_published_on_sqlite() {
    notices(Engine::Sqlite).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn notices_are_published_on_postgres() {
    notices(Engine::Postgres).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn parties_are_described_on_sqlite() {
    parties(Engine::Sqlite).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn parties_are_described_on_postgres() {
    parties(Engine::Postgres).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn law_takes_two_people_on_sqlite() {
    mandates(Engine::Sqlite).await;
}
#[tokio::test(flavor = "multi_thread")]
async fn law_takes_two_people_on_postgres() {
    mandates(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_card_s_roles_enter_and_another_company_s_ids_are_nothing() {
    let office = Office::new(Engine::Sqlite).await;
    let (officer, seller) = (office.enter(Role::Dpo, 25).await, office.enter(Role::Sales, 26).await);
    for path in [
        "",
        "/notices",
        "/notices/new",
        "/parties",
        "/mandates",
        "/purposes",
        "/roles",
        "/retention",
        "/history",
    ] {
        let path = format!("/settings{path}");
        assert_eq!(officer.get(&path).await.status, 200, "{path}");
        assert_eq!(seller.get(&path).await.status, 403, "{path}");
    }
    for path in [
        "notices/ntc_00000000000000000000000000",
        "parties/x",
        "mandates/mdt_00000000000000000000000000",
        "drafts/drf_00000000000000000000000000",
        "purposes/none/new",
    ] {
        assert_eq!(officer.get(&format!("/settings/{path}")).await.status, 404, "{path}");
    }
}
