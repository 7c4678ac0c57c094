//! The export of the demo world: sixty rows, of which three are broken and two are duplicates.

use assent_gate::{Act, Whose};
use assent_kernel::grant::{Evidence, ObjectionScope, Said};
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{Asker, PersonId, Role, Span};
use assent_testkit::{category, purpose};

use super::house::*;
use crate::intake::model::{Import, Rules, Stand, State};
use crate::intake::plan::Plan;
use crate::intake::{MapFile, Order, run, run_import_cli};

fn person(import: &Import, row: u64) -> PersonId {
    let plan: Plan = run::plan(import);
    plan.person(row)
}

/// What a use of the first e-mail address comes to.
async fn email(world: &World, who: PersonId, role: Role, why: &str, mail: bool) -> Result<String, String> {
    let (gate, at) = (&world.ctx.gate, world.ctx.now());
    let dossier = gate.look_one(&Whose::everybody(world.house.company), who).await.unwrap();
    let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
    let held = dossier.facts().find(|held| held.category() == &category("contact.email")).unwrap();
    let opened = if mail {
        let question = world.house.question(Message, who, role, why, matters, at);
        gate.ask(question, &dossier).await.unwrap().open(held)
    } else {
        let question = world.house.question(View, who, role, why, matters, at);
        gate.ask(question, &dossier).await.unwrap().open(held)
    };
    opened.map(|value| value.to_string()).map_err(|not| not.0.map_or("?", |reason| reason.code()).to_owned())
}

async fn each_row_becomes_what_it_says(engine: Engine) {
    let world = world(engine).await;
    let done = import(&world, DEMO, rules(&world).await).await;
    assert_eq!((done.state, done.claimed_until), (State::Done, None));
    let counts = &done.body.counts;
    assert_eq!((counts.rows, counts.taken(), counts.rejected, counts.duplicates), (60, 55, 3, 2));
    assert_eq!((counts.quarantined, counts.left_out), (24, 0));
    let n = |code: &str| counts.why.0.get(code).or(counts.noticed.0.get(code)).map_or(0, |line| line.1);
    assert_eq!([n("email.no-at"), n("number.damaged"), n("row.too-few-fields")], [1, 1, 1]);
    assert_eq!([n("duplicate.file"), n("duplicate.here")], [2, 0]);
    assert_eq!([n("consent.no-version"), n("consent.no-proof")], [6, 3]);
    let all = people(&world).await;
    assert_eq!((all.len(), all.iter().filter(|one| one.1).count()), (55, 24));
    let (mut grants, mut contracts) = (0, 0);
    let ids: Vec<PersonId> = all.iter().map(|one| one.0).collect();
    for dossier in world.ctx.gate.look(&Whose::everybody(world.house.company), &ids).await.unwrap() {
        let person = dossier.person();
        contracts += person.contracts.len();
        for answer in person.answers.values() {
            let Said::Yes(grant) = &answer.said else { panic!("no row says no") };
            assert_eq!((grant.evidence, grant.terms.explicit), (Evidence::Imported, false));
            grants += 1;
        }
    }
    assert_eq!((grants, contracts), (12, 26));
}

async fn rows_that_cannot_be_taken_come_back_with_a_reason(engine: Engine) {
    let world = world(engine).await;
    let done = import(&world, DEMO, rules(&world).await).await;
    let text = rejected(&world, done.id).await;
    let mut lines = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let at = |name: &str, headers: &csv::StringRecord| headers.iter().position(|one| one == name).unwrap();
    let headers = lines.headers().unwrap().clone();
    let (row, column, reason) = (at("row", &headers), at("column", &headers), at("reason", &headers));
    let found: Vec<(String, String, String)> = lines
        .records()
        .map(|line| line.unwrap())
        .map(|line| (line[row].to_owned(), line[column].to_owned(), line[reason].to_owned()))
        .collect();
    let rows: Vec<&str> = found.iter().map(|one| one.0.as_str()).collect();
    for broken in ["20", "32", "39", "48", "56"] {
        assert!(rows.contains(&broken), "row {broken} is in the file");
    }
    assert_eq!(found.len(), 5 + 9, "and the nine whose consent was not taken over");
    let of = |row: &str| found.iter().find(|one| one.0 == row).unwrap();
    assert!(of("20").1 == "Email" && of("20").2.contains("needs one @"));
    assert!(of("39").1 == "Phone Number" && of("39").2.contains("spreadsheet"));
    assert!(of("48").2.contains("7 fields where 24"));
    assert!(of("32").2.contains("row 2") && of("56").2.contains("row 45"));
    assert!(of("5").2.starts_with("Taken, but: The consent was given to a text that is not ours"));
}

async fn terms_open_what_they_say_and_nothing_else(engine: Engine) {
    let world = world(engine).await;
    let done = import(&world, DEMO, rules(&world).await).await;
    // Row 2 said yes to the newsletter; row 1 is a customer; row 3 came without terms.
    let (yes, customer, unknown) = (person(&done, 2), person(&done, 1), person(&done, 3));
    let newsletter = |who| email(&world, who, Role::Marketing, "marketing.newsletter", true);
    assert_eq!(newsletter(yes).await.unwrap(), "joerg.froehlich@example.com");
    assert_eq!(newsletter(customer).await.unwrap_err(), "NEVER_ASKED");
    assert_eq!(newsletter(unknown).await.unwrap_err(), "NEVER_ASKED");
    let support = |who| email(&world, who, Role::Support, "service.support", false);
    assert_eq!(support(customer).await.unwrap(), "anke.schroeder@example.org");
    assert!(support(yes).await.is_err() && support(unknown).await.is_err());
    let quarantine = email(&world, unknown, Role::Dpo, "rights.inform", false).await.unwrap();
    assert!(!quarantine.contains("nussbaum") && quarantine.contains('…'), "not viewed in full: {quarantine}");
    // Row 5 names a text that is not ours.
    assert_eq!(newsletter(person(&done, 5)).await.unwrap_err(), "NEVER_ASKED");
}

async fn without_an_answer_everybody_is_in_quarantine(engine: Engine) {
    let world = world(engine).await;
    let done = import(&world, DEMO, Rules { country: Some("DE".into()), ..Rules::default() }).await;
    assert_eq!((done.taken(), done.body.counts.quarantined), (55, 55));
    assert!(people(&world).await.iter().all(|one| one.1));
}

async fn one_contract_for_all_puts_nobody_into_quarantine(engine: Engine) {
    let world = world(engine).await;
    let rules = Rules {
        stand: Stand::Contract,
        contract: Some("household-customer".into()),
        country: Some("DE".into()),
        ..Rules::default()
    };
    let done = import(&world, DEMO, rules).await;
    assert_eq!((done.taken(), done.body.counts.quarantined), (55, 0));
    assert!(email(&world, person(&done, 3), Role::Support, "service.support", false).await.is_ok());
}

async fn the_same_file_again_brings_nobody(engine: Engine) {
    let world = world(engine).await;
    import(&world, DEMO, rules(&world).await).await;
    let again = import(&world, DEMO, rules(&world).await).await;
    let counts = &again.body.counts;
    assert_eq!((counts.taken(), counts.rejected, counts.duplicates), (0, 3, 57));
    assert_eq!(people(&world).await.len(), 55);
    assert!(rejected(&world, again.id).await.contains("Already here"));
}

async fn trying_keeps_nothing_and_tells_the_same(engine: Engine) {
    let world = world(engine).await;
    let id = upload(&world, DEMO, rules(&world).await, State::Trying).await;
    run::work(&world.ctx, id).await.unwrap();
    let tried = get(&world, id).await;
    assert_eq!(tried.state, State::Draft);
    assert!(people(&world).await.is_empty());
    let done = import(&world, DEMO, rules(&world).await).await;
    assert_eq!(tried.body.tried.unwrap(), done.body.counts);
}

async fn undoing_leaves_nothing_but_who_acted_for_themselves(engine: Engine) {
    let world = world(engine).await;
    let done = import(&world, DEMO, rules(&world).await).await;
    let all: Vec<PersonId> = people(&world).await.into_iter().map(|one| one.0).collect();
    let (gives, objects) = (person(&done, 3), person(&done, 1));
    let at = later(&world, Span::hours(1));
    let (gate, company) = (&world.ctx.gate, world.house.company);
    let act = Act::Refuse(purpose("marketing.newsletter"));
    gate.record(company, gives, act, Asker::Person, Evidence::Portal, at).await.unwrap();
    let act = Act::Object(ObjectionScope::DirectMarketing);
    gate.record(company, objects, act, Asker::Person, Evidence::Portal, at).await.unwrap();
    let mut undoing = done.clone();
    undoing.state = State::Undoing;
    let (from, one) = (State::Done, undoing.clone());
    gate.home().write(move |tx| crate::intake::store::change(tx, from, &one, at)).await.unwrap();
    run::work(&world.ctx, done.id).await.unwrap();
    let undone = get(&world, done.id).await;
    assert_eq!((undone.state, undone.body.undone), (State::Undone, (53, 2)));
    let mut stay: Vec<PersonId> = people(&world).await.into_iter().map(|one| one.0).collect();
    stay.sort_unstable();
    let mut wanted = vec![gives, objects];
    wanted.sort_unstable();
    assert_eq!(stay, wanted);
    assert_eq!(keys(&world, &all).await, 2);
    let region = gate.region_db(&assent_testkit::eu()).unwrap();
    assert_eq!(count(region, "SELECT count(DISTINCT person) FROM fact").await, 2);
    assert_eq!(count(gate.home(), "SELECT count(DISTINCT person) FROM token").await, 2);
    assert_eq!(rejected(&world, done.id).await, "", "the rejected rows are gone too");
}

async fn an_opt_out_is_an_objection_and_ends_narrow(engine: Engine) {
    let world = world(engine).await;
    let file = "name,email,consent,consent date,consent source,text version,consent until,opted out\n\
        Ada Byron,ada@example.org,Newsletter,2026-03-01,form,2,,\n\
        Bea Curie,bea@example.org,Newsletter,2026-03-01,form,2,2026-06-30,\n\
        Cleo Noether,cleo@example.org,Newsletter,2026-03-01,form,2,,yes\n\
        Dora Hopper,dora@example.org,newsletter,2027-03-01,form,2,,\n";
    let rules = Rules { stand: Stand::Columns, ..rules(&world).await };
    let id = upload_mapped(
        &world,
        file.as_bytes(),
        rules,
        &[
            "full-name",
            "email",
            "consent-purpose",
            "consent-date",
            "consent-source",
            "consent-text-version",
            "consent-until",
            "opt-out",
        ],
    )
    .await;
    run::work(&world.ctx, id).await.unwrap();
    let done = get(&world, id).await;
    assert_eq!((done.taken(), done.body.counts.rejected), (3, 1), "the consent of the future is rejected");
    let mail = |row| email(&world, person(&done, row), Role::Marketing, "marketing.newsletter", true);
    assert_eq!(mail(1).await.unwrap(), "ada@example.org");
    assert_eq!(mail(2).await.unwrap_err(), "EXPIRED");
    assert!(mail(3).await.unwrap_err().contains("OBJECT"), "{:?}", mail(3).await);
}

async fn the_command_imports_with_the_same_engine(engine: Engine) {
    let world = world(engine).await;
    let file = world.house.folder().join("contacts-export.csv");
    std::fs::write(&file, DEMO).unwrap();
    let contract = Some("household-customer".into());
    let order = Order { dry_run: true, contract, ..Order::plain(file, world.house.company) };
    let tried = run_import_cli(&world.ctx, &order, |_| {}).await.unwrap();
    assert!(tried.import.is_none() && people(&world).await.is_empty());
    let mut bar = Vec::new();
    let order = Order { dry_run: false, ..order };
    let done = run_import_cli(&world.ctx, &order, |at| bar.push((at.done, at.total))).await.unwrap();
    assert_eq!((done.counts.taken(), done.counts.rejected, done.counts.duplicates), (55, 3, 2));
    assert_eq!(bar, [(60, 60)]);
    // Nobody said what “Offers by e-mail” means: those consents are not taken over, their contracts are.
    assert_eq!(done.counts.noticed.0["consent.unknown-purpose"].1, 6);
    let text = std::fs::read_to_string(done.rejected.unwrap()).unwrap();
    assert!(text.contains("needs one @"));
    let import = get(&world, done.import.unwrap()).await;
    assert_eq!((import.state, import.body.local), (State::Done, true));
    let wrong = MapFile {
        columns: [("Nope".to_owned(), crate::intake::read::Target::Note)].into(),
        ..MapFile::default()
    };
    let error = run_import_cli(&world.ctx, &order, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("--again"), "the same file comes in once: {error}");
    let again = run_import_cli(&world.ctx, &Order { again: true, ..order.clone() }, |_| {}).await.unwrap();
    assert!(again.counts.taken() < 5 && again.counts.duplicates > 50, "{:?}", again.counts);
    let error = run_import_cli(&world.ctx, &Order { mapping: wrong, ..order }, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("no column “Nope”"));
}

assent_testkit::on_both!(
    each_row_becomes_what_it_says,
    rows_that_cannot_be_taken_come_back_with_a_reason,
    terms_open_what_they_say_and_nothing_else,
    without_an_answer_everybody_is_in_quarantine,
    one_contract_for_all_puts_nobody_into_quarantine,
    the_same_file_again_brings_nobody,
    trying_keeps_nothing_and_tells_the_same,
    undoing_leaves_nothing_but_who_acted_for_themselves,
    an_opt_out_is_an_objection_and_ends_narrow,
    the_command_imports_with_the_same_engine,
);
