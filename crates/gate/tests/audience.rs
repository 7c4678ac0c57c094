//! Uses on many people, on both engines: one entry for all, a line and a receipt for each; whoever takes their yes back
//! between the cut and the use, or while it is being written down, is not used.

use std::sync::mpsc;
use std::time::Duration;

use assent_gate::{
    About, Act, After, Answer, Cut, Dossier, Gate, GateError, Keeping, LineId, LogName, NewFact, Newcomer,
    Permit, Said, UseLine, Used, Whose,
};
use assent_kernel::grant::Evidence;
use assent_kernel::ledger::{Policy, Receipt, Verified};
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{
    Asker, CompanyId, Context, Matter, NonEmpty, PersonId, Question, Role, Span, Timestamp, To,
};
use assent_store::home::Company;
use assent_store::{Engine as Sql, batches, ledger, people, policies};
use assent_testkit::{Engine, House, START, batch, category, eu, on_both, purpose};

on_both!(
    one_entry_for_many,
    who_withdrew_after_the_cut_is_refused,
    who_withdraws_while_it_is_written_down_is_not_in_it,
    who_withdraws_afterwards_is_not_given_out,
    a_race_uses_nobody_on_old_terms,
    counted_uses_have_their_own_entries,
    what_was_erased_stays_dark_and_the_ledger_whole,
    nobody_else_s_people,
    what_nothing_came_of_is_believed_by_nobody,
    a_line_costs_a_fraction_of_an_entry,
    a_fact_that_came_since_is_opened_by_no_line,
    a_policy_that_is_about_to_be_in_force_is_waited_for,
    who_is_apart_is_decided_again_when_given_out,
    what_a_clock_that_leads_wrote_down_counts,
    staff_see_past_what_is_not_theirs,
);

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

fn log(house: &House) -> LogName {
    LogName { company: house.company, region: eu() }
}

/// So many people with an address, by their number.
async fn crowd(house: &House, people: u64) -> Vec<PersonId> {
    let id = |n: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        PersonId::from_bytes(bytes)
    };
    let fact = |n: u64| NewFact {
        category: category("contact.email"),
        value: format!("p{n}@example.org"),
        anchors: Vec::new(),
    };
    let one = |n| Newcomer {
        id: id(n),
        residence: None,
        minor: false,
        contracts: Vec::new(),
        answers: Vec::new(),
        objections: Vec::new(),
        facts: vec![fact(n)],
    };
    let newcomers: Vec<Newcomer> = (1..=people).map(one).collect();
    let left = house.gate.admit(batch(house.company, newcomers), START).await.unwrap();
    assert!(left.is_empty());
    (1..=people).map(id).collect()
}

async fn says(gate: &Gate, company: CompanyId, person: PersonId, act: Act, at: Timestamp) {
    gate.record(company, person, act, Asker::Person, Evidence::Portal, at).await.unwrap();
}

async fn agree(house: &House, people: &[PersonId], at: Timestamp) {
    for person in people {
        let yes = Act::Give(Box::new(house.yes(at).await.unwrap()));
        says(&house.gate, house.company, *person, yes, at).await;
    }
}

fn no() -> Act {
    Act::Withdraw(purpose("marketing.newsletter"))
}

fn news(house: &House, at: Timestamp) -> Question<Message> {
    let matters = NonEmpty::one(Matter::Kind(category("contact.email")));
    let nobody = PersonId::from_bytes([0; 16]);
    house.question(Message, nobody, Role::Marketing, "marketing.newsletter", matters, at)
}

fn cut(people: &[PersonId]) -> Cut {
    Cut { people: people.to_vec(), version: "12:".into() }
}

async fn used(house: &House, people: &[PersonId], at: Timestamp) -> Used<Message> {
    house.gate.use_audience(house.company, news(house, at), About::Facts, &cut(people)).await.unwrap()
}

/// Gives everybody out and opens their address.
async fn given(house: &House, used: &mut Used<Message>, at: Timestamp) -> Vec<(PersonId, String)> {
    let mut out = Vec::new();
    while let Some(some) = house.gate.next_permits(used, at).await.unwrap() {
        for (dossier, permit) in some {
            let held = dossier.facts().next().unwrap();
            out.push((dossier.id(), permit.open(held).unwrap().to_string()));
        }
    }
    out.sort_unstable();
    out
}

/// The person's own view of what was done.
async fn own(house: &House, person: PersonId, at: Timestamp) -> (Dossier, Permit<View>) {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), person).await.unwrap();
    let question = Question {
        what: View,
        person,
        asker: Asker::Person,
        purpose: purpose("rights.access"),
        matters: dossier.everything().unwrap(),
        to: To::Person,
        region: eu(),
        at,
        context: Context::default(),
    };
    match house.gate.ask(question, &dossier).await.unwrap() {
        Answer::Permit(permit) => (dossier, permit),
        Answer::Refusal(refusal) => panic!("{:?}", refusal.ruling),
    }
}

/// Uses for the newsletter in a person's list, page by page.
async fn listed(house: &House, person: PersonId, at: Timestamp) -> Vec<UseLine> {
    let (dossier, permit) = own(house, person, at).await;
    let (mut out, mut after) = (Vec::new(), After::default());
    loop {
        let page = house.gate.uses(&permit, &dossier, after, 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        after = page.iter().fold(after, |after, line| after.and(line.id));
        assert_eq!(after.to_string().parse(), Ok(after));
        out.extend(page);
    }
    assert!(out.windows(2).all(|two| two[0].detail.at >= two[1].detail.at), "newest first");
    out.retain(|line| line.detail.use_code == assent_kernel::Use::Message as u8);
    out
}

async fn checked(house: &House, person: PersonId, line: LineId, at: Timestamp) -> (String, Verified) {
    let (dossier, permit) = own(house, person, at).await;
    let receipt = house.gate.receipt(&permit, &dossier, line, at).await.unwrap();
    let verified = verified(house, &receipt).await;
    (receipt, verified)
}

async fn verified(house: &House, receipt: &str) -> Verified {
    let vkey = house.gate.log_head(&log(house)).await.unwrap().vkey;
    let policy = Policy::parse(&format!("log {vkey}\nquorum none\n")).unwrap();
    Receipt::decode(receipt).unwrap().verify(&policy, None).unwrap()
}

async fn kinds(house: &House, at: Timestamp) -> std::collections::BTreeMap<&'static str, u64> {
    house.gate.integrate(&log(house), at).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    house.gate.export_log(&log(house), folder.path(), |_, _| {}).await.unwrap();
    assent_verify::check_export(folder.path(), None, None).unwrap().kinds
}

async fn one_entry_for_many(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 300).await;
    agree(&house, &people[..20], later(1)).await;
    let before = house.gate.integrate(&log(&house), later(2)).await.unwrap();
    let mut used = used(&house, &people, later(5)).await;
    assert_eq!((used.batches().len(), used.apart()), (1, 0));
    assert_eq!((used.batches()[0].people, used.batches()[0].permitted), (300, 20));
    assert!(matches!(used.said(people[3]), Said::Open));
    assert!(matches!(used.said(people[200]), Said::Closed(reason) if reason.code() == "NEVER_ASKED"));
    assert_eq!(house.gate.integrate(&log(&house), later(6)).await.unwrap(), before + 1, "one entry");
    let out = given(&house, &mut used, later(6)).await;
    assert_eq!(out.len(), 20);
    assert_eq!(out[4], (people[4], "p5@example.org".into()));
    assert_eq!(kinds(&house, later(7)).await.get("batch"), Some(&1));
    // Each has the use in their list, and a receipt that a stranger checks and that tells of nobody else.
    for (n, outcome) in [(0, "PERMIT"), (19, "PERMIT"), (20, "NEVER_ASKED"), (299, "NEVER_ASKED")] {
        let lines = listed(&house, people[n], later(8)).await;
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].among, lines[0].detail.outcome.as_str()), (Some(300), outcome));
        assert_eq!(lines[0].detail.facts.len(), 1);
        let (receipt, verified) = checked(&house, people[n], lines[0].id, later(8)).await;
        let part = verified.among.clone().unwrap();
        assert_eq!(
            (part.people, part.batch.set.unwrap().permitted, verified.contradiction()),
            (300, 20, None)
        );
        assert_eq!(verified.detail, Some(lines[0].detail.clone()));
        assert_eq!(lines[0].detail.warrant.starts_with("grt_"), outcome == "PERMIT", "{:?}", lines[0]);
        assert!(receipt.len() < 4_000, "{}", receipt.len());
        let (dossier, permit) = own(&house, people[n], later(8)).await;
        let other = house.gate.receipt(&permit, &dossier, LineId::Among(99), later(8)).await;
        assert!(matches!(other, Err(GateError::NoPerson)));
    }
    // A later use of fewer people is another entry; whoever is not in it does not see it.
    let second = self::used(&house, &people[..2], later(9)).await;
    assert_eq!(second.batches()[0].people, 2);
    let among = |lines: Vec<UseLine>| lines.iter().map(|line| line.among).collect::<Vec<_>>();
    assert_eq!(among(listed(&house, people[0], later(10)).await), [Some(2), Some(300)]);
    assert_eq!(among(listed(&house, people[2], later(10)).await), [Some(300)]);
    // On another node, and after the process has ended, all of it is there.
    let node = house.node(later(11)).await.unwrap();
    let house = House::around(node, house.company, house.stores.clone()).unwrap();
    assert_eq!(among(listed(&house, people[0], later(12)).await), [Some(2), Some(300)]);
}

async fn who_withdrew_after_the_cut_is_refused(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 5).await;
    agree(&house, &people, later(1)).await;
    let audience = cut(&people);
    says(&house.gate, house.company, people[2], no(), later(2)).await;
    let mut used = house
        .gate
        .use_audience(house.company, news(&house, later(3)), About::Facts, &audience)
        .await
        .unwrap();
    assert_eq!((used.batches()[0].people, used.batches()[0].permitted), (5, 4));
    assert!(matches!(used.said(people[2]), Said::Closed(reason) if reason.code() == "WITHDRAWN"));
    let out = given(&house, &mut used, later(3)).await;
    assert!(out.len() == 4 && out.iter().all(|(person, _)| *person != people[2]));
    let lines = listed(&house, people[2], later(4)).await;
    assert_eq!((lines.len(), lines[0].detail.outcome.as_str()), (1, "WITHDRAWN"));
}

/// Keeps whoever would begin to store a use on many people waiting until told.
async fn held_up(house: &House) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let (in_it, is_in) = tokio::sync::oneshot::channel();
    let db = house.gate.region_db(&eu()).unwrap().clone();
    let holder = tokio::spawn(async move {
        let hold = db.write(move |tx| {
            if tx.engine() == Sql::Postgres {
                tx.exec("LOCK TABLE batch_begun IN ACCESS EXCLUSIVE MODE", &[])?;
            }
            let _ = in_it.send(());
            let _ = wait.recv_timeout(Duration::from_secs(20));
            Ok(())
        });
        hold.await.unwrap();
    });
    is_in.await.unwrap();
    (go, holder)
}

async fn who_withdraws_while_it_is_written_down_is_not_in_it(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 5).await;
    agree(&house, &people, later(1)).await;
    let (go, holder) = held_up(&house).await;
    let (gate, company, question, audience) =
        (house.gate.clone(), house.company, news(&house, later(3)), cut(&people));
    let using =
        tokio::spawn(async move { gate.use_audience(company, question, About::Facts, &audience).await });
    // Everybody is decided by now; what they said is about to be stored.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let (gate, mia) = (house.gate.clone(), people[1]);
    let withdrawing = tokio::spawn(async move { says(&gate, company, mia, no(), later(4)).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    go.send(()).unwrap();
    holder.await.unwrap();
    withdrawing.await.unwrap();
    let mut used = using.await.unwrap().unwrap();
    // Her line is blank; she was asked about again, alone, and refused.
    assert_eq!((used.batches()[0].people, used.batches()[0].permitted, used.apart()), (5, 4, 1));
    assert!(matches!(used.said(people[1]), Said::Closed(reason) if reason.code() == "WITHDRAWN"));
    let out = given(&house, &mut used, later(5)).await;
    assert!(out.len() == 4 && out.iter().all(|(person, _)| *person != people[1]));
    let lines = listed(&house, people[1], later(6)).await;
    assert_eq!(lines.iter().map(|line| line.among).collect::<Vec<_>>(), [None]);
    // The tree with a blank in it proves everybody else's line.
    for person in [people[0], people[2], people[3], people[4]] {
        let lines = listed(&house, person, later(6)).await;
        let (_, verified) = checked(&house, person, lines[0].id, later(6)).await;
        assert_eq!(verified.among.unwrap().batch.set.unwrap().permitted, 4);
    }
}

async fn who_withdraws_afterwards_is_not_given_out(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 5).await;
    agree(&house, &people, later(1)).await;
    let mut used = used(&house, &people, later(3)).await;
    says(&house.gate, house.company, people[0], no(), later(4)).await;
    assert_eq!(given(&house, &mut used, later(4)).await.len(), 4);
    // What has come to its end meanwhile is not opened either.
    let mut used = self::used(&house, &people, later(5)).await;
    let end = later(5).plus(Span::days(400));
    assert_eq!(given(&house, &mut used, end).await, []);
}

/// Two nodes: on one people change their minds while the other uses them, again and again.
async fn a_race_uses_nobody_on_old_terms(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 600).await;
    agree(&house, &people[..30], later(1)).await;
    let node = house.node(later(1)).await.unwrap();
    let (company, movers) = (house.company, people[..30].to_vec());
    let withdrawing = tokio::spawn(async move {
        for person in movers {
            says(&node, company, person, no(), later(2)).await;
        }
    });
    let mut permitted = Vec::new();
    for _ in 0..6 {
        let mut one = used(&house, &people, later(3)).await;
        let said = people.iter().filter(|person| matches!(one.said(**person), Said::Open)).count();
        let batch = usize::try_from(one.batches()[0].permitted).unwrap();
        assert!(batch <= said && said <= batch + one.apart());
        permitted.push(given(&house, &mut one, later(3)).await.len());
        assert!(permitted.last() <= Some(&said));
    }
    withdrawing.await.unwrap();
    assert!(permitted.windows(2).all(|two| two[0] >= two[1]), "{permitted:?}");
    let mut last = used(&house, &people, later(4)).await;
    assert_eq!((last.batches()[0].permitted, given(&house, &mut last, later(4)).await.len()), (0, 0));
    // Each use is in everybody's list once, among many or alone; every one that was permitted came before the no.
    for person in [people[0], people[29], people[300]] {
        let lines = listed(&house, person, later(5)).await;
        assert_eq!(lines.len(), 7, "{lines:?}");
        let outcomes: Vec<bool> = lines.iter().map(|line| line.detail.outcome == "PERMIT").collect();
        assert!(outcomes.windows(2).all(|two| two[0] <= two[1]), "{outcomes:?}");
        for line in &lines {
            let (_, verified) = checked(&house, person, line.id, later(5)).await;
            assert_eq!(verified.contradiction(), None);
        }
    }
    assert_eq!(kinds(&house, later(6)).await.get("batch"), Some(&7));
}

async fn counted_uses_have_their_own_entries(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 3).await;
    agree(&house, &people[..1], later(1)).await;
    let mut once = house.yes(later(1)).await.unwrap();
    once.uses = Some(1);
    says(&house.gate, house.company, people[1], Act::Give(Box::new(once)), later(1)).await;
    let mut first = used(&house, &people, later(2)).await;
    assert_eq!((first.batches()[0].people, first.batches()[0].permitted, first.apart()), (2, 1, 1));
    assert_eq!(given(&house, &mut first, later(2)).await.len(), 2);
    let mut second = used(&house, &people, later(3)).await;
    assert_eq!(given(&house, &mut second, later(3)).await.len(), 1, "it was for one use");
    let lines = listed(&house, people[1], later(4)).await;
    let told: Vec<_> = lines.iter().map(|line| (line.among, line.detail.outcome.as_str())).collect();
    assert_eq!(told, [(Some(3), "USED_UP"), (None, "PERMIT")]);
}

async fn what_was_erased_stays_dark_and_the_ledger_whole(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 4).await;
    agree(&house, &people, later(1)).await;
    used(&house, &people, later(2)).await;
    let lines = listed(&house, people[0], later(3)).await;
    let (receipt, _) = checked(&house, people[0], lines[0].id, later(3)).await;
    let asker = Asker::Person;
    house.gate.erase(house.company, people[0], asker, false, later(4)).await.unwrap();
    // Her own receipt still proves it; nothing here leads to her line any more.
    assert_eq!(verified(&house, &receipt).await.detail.unwrap().outcome, "PERMIT");
    assert!(matches!(
        house.gate.look_one(&Whose::everybody(house.company), people[0]).await,
        Err(GateError::NoPerson)
    ));
    let again = used(&house, &people, later(5)).await;
    assert_eq!((again.batches()[0].people, again.said(people[0])), (3, Said::Nothing));
    assert_eq!(kinds(&house, later(6)).await.get("batch"), Some(&2));
    for person in &people[1..] {
        let lines = listed(&house, *person, later(7)).await;
        assert_eq!(lines.len(), 2);
        checked(&house, *person, lines[1].id, later(7)).await;
    }
    // Its line is still counted, as noise.
    let log = format!("test.example/ledger/testco/{}", eu());
    let db = house.gate.region_db(&eu()).unwrap();
    let batches = db.read(move |tx| batches::newest(tx, &log, i64::MAX, START, 10)).await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.people).collect::<Vec<_>>(), [3, 4]);
}

async fn nobody_else_s_people(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 3).await;
    agree(&house, &people, later(1)).await;
    let other = CompanyId::from_bytes([2; 16]);
    let row =
        Company { id: other, code: "other".into(), name: "Other".into(), region: eu(), created_at: START };
    house.gate.found(row, assent_testkit::policy(other, START).unwrap()).await.unwrap();
    let used =
        house.gate.use_audience(other, news(&house, later(2)), About::Facts, &cut(&people)).await.unwrap();
    assert!(used.batches().is_empty() && people.iter().all(|person| used.said(*person) == Said::Nothing));
    let stranger = PersonId::from_bytes([77; 16]);
    let mixed = [people[0], stranger, people[0]];
    let used = self::used(&house, &mixed, later(3)).await;
    assert_eq!((used.batches()[0].people, used.said(stranger)), (1, Said::Nothing));
    let refused = |people: &[PersonId], question| {
        let (gate, company, audience) = (house.gate.clone(), house.company, cut(people));
        async move { gate.use_audience(company, question, About::Kinds, &audience).await.map(|_| ()) }
    };
    assert!(matches!(refused(&[], news(&house, later(4))).await, Err(GateError::Input(_))));
    let fact = Matter::Held(assent_kernel::FactId::from_bytes([1; 16]));
    let single = Question { matters: NonEmpty::one(fact), ..news(&house, later(4)) };
    assert!(matches!(refused(&people, single).await, Err(GateError::Input(_))));
    // Kinds of facts are asked about whether anything is held here or not.
    let phone = Question {
        matters: NonEmpty::one(Matter::Kind(category("contact.phone"))),
        ..news(&house, later(5))
    };
    let kinds =
        house.gate.use_audience(house.company, phone.clone(), About::Kinds, &cut(&people)).await.unwrap();
    assert_eq!((kinds.batches()[0].people, kinds.batches()[0].permitted), (3, 0));
    let facts = house.gate.use_audience(house.company, phone, About::Facts, &cut(&people)).await.unwrap();
    assert!(facts.batches().is_empty() && facts.said(people[0]) == Said::Nothing);
}

async fn what_nothing_came_of_is_believed_by_nobody(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 2).await;
    agree(&house, &people, later(1)).await;
    let db = house.gate.region_db(&eu()).unwrap();
    let id = [5; 16];
    let part = batches::Part { level: 0, n: 0, body: vec![1; 32] };
    db.write(move |tx| {
        batches::begin(tx, id, later(1))?;
        batches::add_parts(tx, id, &[part])
    })
    .await
    .unwrap();
    used(&house, &people, later(2)).await;
    assert_eq!(listed(&house, people[0], later(3)).await.len(), 1);
    let there = || db.read(move |tx| Ok(batches::part(tx, id, 0, 0)?.is_some()));
    house.gate.drop_abandoned(later(60)).await.unwrap();
    assert!(there().await.unwrap(), "it may still be coming");
    house.gate.drop_abandoned(later(60 * 24)).await.unwrap();
    assert!(!there().await.unwrap());
    // And nobody can make it count any more.
    let late = db.write(move |tx| {
        let log = "test.example/ledger/testco/eu";
        let queued = ledger::queue_one(tx, log, later(4), &ledger::Line::system(vec![1]))?;
        let new = batches::NewBatch { id, log, at: later(4), people: 1, queued, sealed: &[] };
        if batches::add(tx, &new)? { Ok(()) } else { Err(assent_store::StoreError::Moved) }
    });
    assert!(late.await.is_err());
    assert_eq!(listed(&house, people[0], later(5)).await.len(), 1);
}

/// What the region's store holds for uses, in bytes of what is in them.
async fn bytes(house: &House) -> i64 {
    const PARTS: &str = "SELECT CAST(coalesce(sum(length(body)), 0) AS BIGINT) FROM batch_part";
    const TILES: &str = "SELECT CAST(coalesce(sum(length(body)), 0) AS BIGINT) FROM ledger_tile";
    const DETAILS: &str = "SELECT CAST(coalesce(sum(length(sealed) + 32), 0) AS BIGINT) FROM use_detail";
    let db = house.gate.region_db(&eu()).unwrap();
    let sum = db.read(|tx| {
        let mut sum = 0;
        for sql in [PARTS, TILES, DETAILS] {
            sum += tx.first(sql, &[], |row| row.int(0))?.unwrap_or(0);
        }
        Ok(sum)
    });
    sum.await.unwrap()
}

async fn a_line_costs_a_fraction_of_an_entry(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 1_000).await;
    house.gate.integrate(&log(&house), later(1)).await.unwrap();
    let before = bytes(&house).await;
    used(&house, &people, later(2)).await;
    house.gate.integrate(&log(&house), later(2)).await.unwrap();
    let one = (bytes(&house).await - before) / 1_000;
    let before = bytes(&house).await;
    let dossiers = house.gate.look(&Whose::everybody(house.company), &people).await.unwrap();
    let ask = |dossier| {
        let matters = Dossier::of_categories(dossier, &[category("contact.email")]).unwrap();
        (Question { person: dossier.id(), matters, ..news(&house, later(3)) }, dossier)
    };
    house.gate.ask_many(dossiers.iter().map(ask).collect()).await.unwrap();
    house.gate.integrate(&log(&house), later(3)).await.unwrap();
    let each = (bytes(&house).await - before) / 1_000;
    assert!(one < 90 && each > 4 * one, "{one} bytes a line, {each} bytes an entry");
}

async fn keeps(house: &House, person: PersonId, email: &str, at: Timestamp) {
    let dossier = house.gate.look_one(&Whose::everybody(house.company), person).await.unwrap();
    let keeping = Keeping {
        category: category("contact.email"),
        value: email.into(),
        source: "the person".into(),
        warrant: None,
        anchors: Vec::new(),
        carried: None,
        replaces: None,
    };
    house.gate.keep(&dossier, vec![keeping], Asker::Person, at).await.unwrap();
}

/// A second address came in after everybody's line was made: the line names one, so no permit opens two.
async fn a_fact_that_came_since_is_opened_by_no_line(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 3).await;
    agree(&house, &people, later(1)).await;
    let mut first = used(&house, &people, later(2)).await;
    keeps(&house, people[1], "second@example.org", later(3)).await;
    let out = given(&house, &mut first, later(4)).await;
    assert_eq!(out.iter().map(|(person, _)| *person).collect::<Vec<_>>(), [people[0], people[2]]);
    let mut second = used(&house, &people, later(5)).await;
    let mut facts = 0;
    while let Some(some) = house.gate.next_permits(&mut second, later(5)).await.unwrap() {
        for (dossier, permit) in some {
            facts += dossier.facts().filter(|held| permit.open(held).is_ok()).count();
        }
    }
    assert_eq!(facts, 4, "asked about both, both are open");
    let lines = listed(&house, people[1], later(6)).await;
    assert_eq!(lines.iter().map(|line| line.detail.facts.len()).collect::<Vec<_>>(), [2, 1]);
}

/// A policy is in force in the region with the commit that says so. One that is under way when a use is about to be
/// recorded is waited for, and the use is decided under it.
async fn a_policy_that_is_about_to_be_in_force_is_waited_for(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 5).await;
    agree(&house, &people, later(1)).await;
    // The text of the newsletter's notice is out of date: no yes to it counts any more.
    let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
    policy.oldest_valid.values_mut().for_each(|version| *version = 9);
    policy.version += 1;
    let (company, version) = (house.company, policy.version);
    let body = serde_json::to_string(&policy).unwrap();
    let new = policies::New {
        company,
        version,
        at: later(2),
        digest: assent_kernel::Policy::digest(body.as_bytes()),
        body,
        notices: Vec::new(),
        change: policies::Change::laid(),
    };
    house.gate.home().write(move |tx| policies::add(tx, &new)).await.unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let (in_it, is_in) = tokio::sync::oneshot::channel();
    let db = house.gate.region_db(&eu()).unwrap().clone();
    let announcing = tokio::spawn(async move {
        let write = db.write(move |tx| {
            people::set_policy_version(tx, company, version, later(2))?;
            let _ = in_it.send(());
            let _ = wait.recv_timeout(Duration::from_secs(20));
            Ok(())
        });
        write.await.unwrap();
    });
    is_in.await.unwrap();
    let (gate, question, audience) = (house.gate.clone(), news(&house, later(3)), cut(&people));
    let using =
        tokio::spawn(async move { gate.use_audience(company, question, About::Facts, &audience).await });
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    go.send(()).unwrap();
    announcing.await.unwrap();
    let mut used = using.await.unwrap().unwrap();
    assert_eq!(used.batches()[0].permitted, 0);
    assert!(matches!(used.said(people[0]), Said::Closed(reason) if reason.code() == "NOTICE_OUTDATED"));
    assert_eq!(given(&house, &mut used, later(4)).await, []);
}

/// Whose yes counts its uses has an entry of their own; what has come to its end since, or what a newer policy closes, is
/// not given out for that.
async fn who_is_apart_is_decided_again_when_given_out(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 2).await;
    for person in &people {
        let mut some = house.yes(later(1)).await.unwrap();
        some.uses = Some(3);
        says(&house.gate, house.company, *person, Act::Give(Box::new(some)), later(1)).await;
    }
    let mut first = used(&house, &people, later(2)).await;
    assert_eq!((first.apart(), given(&house, &mut first, later(3)).await.len()), (2, 2));
    let mut second = used(&house, &people, later(4)).await;
    let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
    policy.oldest_valid.values_mut().for_each(|version| *version = 9);
    house.gate.set_policy(policy, later(5)).await.unwrap();
    assert_eq!(given(&house, &mut second, later(6)).await, [], "the text is out of date");
    let mut policy = house.gate.policy(house.company).await.unwrap().policy.clone();
    policy.oldest_valid.values_mut().for_each(|version| *version = 1);
    house.gate.set_policy(policy, later(7)).await.unwrap();
    let mut third = used(&house, &people, later(8)).await;
    assert_eq!(third.apart(), 2);
    assert_eq!(given(&house, &mut third, later(8).plus(Span::days(400))).await, [], "the yes ran out");
}

/// Somebody said no on a node whose clock leads. The node that uses them lags, and had not heard of it when it took the
/// time: they are asked about alone, for a time after it.
async fn what_a_clock_that_leads_wrote_down_counts(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let people = crowd(&house, 3).await;
    agree(&house, &people, later(1)).await;
    let leads = house.node(later(2)).await.unwrap();
    let ahead = later(4);
    let yes = Act::Give(Box::new(house.yes(ahead).await.unwrap()));
    says(&leads, house.company, people[1], yes, ahead).await;
    let used = used(&house, &people, later(3)).await;
    assert_eq!((used.batches()[0].people, used.apart()), (2, 1));
    assert!(matches!(used.said(people[1]), Said::Open));
    let lines = listed(&house, people[1], later(6)).await;
    assert_eq!((lines[0].among, lines[0].detail.at), (None, ahead.micros()));
}

/// Support's own uses lie behind newer ones for another purpose: the list goes on until it has them.
async fn staff_see_past_what_is_not_theirs(engine: Engine) {
    let house = House::new(engine).await.unwrap();
    let mia = house.customer(1, &[("contact.email", "mia@example.org")], START).await.unwrap();
    let email = || NonEmpty::one(Matter::Kind(category("contact.email")));
    for n in 1..=3 {
        let served = house.question(View, mia, Role::Support, "service.support", email(), later(n));
        house.gate.use_audience(house.company, served, About::Facts, &cut(&[mia])).await.unwrap();
    }
    for n in 4..=9 {
        used(&house, &[mia], later(n)).await;
    }
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await.unwrap();
    let matters = dossier.everything().unwrap();
    let served = house.question(View, mia, Role::Support, "service.support", matters, later(10));
    let answer = house.gate.ask(served, &dossier).await.unwrap();
    let (mut among, mut after) = (0, After::default());
    loop {
        let page = house.gate.uses(answer.permit().unwrap(), &dossier, after, 2).await.unwrap();
        after = page.iter().fold(after, |after, line| after.and(line.id));
        among += page.iter().filter(|line| line.among.is_some()).count();
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(among, 3);
}
