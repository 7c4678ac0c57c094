//! Stories at the door, told to both engines: what goes in, what comes out, what is written down, what is gone.

use assent_gate::{
    Act, Admission, After, Answer, Gate, GateError, LineId, LogName, NewFact, Newcomer, UseLine, Whose,
};
use assent_kernel::grant::{Evidence, ObjectionScope};
use assent_kernel::uses::kind::{List, Message, View};
use assent_kernel::{Asker, Context, ImportId, PersonId, Question, Role, Span, Timestamp, To};
use assent_testkit::{Engine, House, START, batch, category, eu, purpose};

const MIA: &[(&str, &str)] =
    &[("name.given", "Mia"), ("name.family", "Itō"), ("contact.email", "mia.ito@example.org")];

fn later(minutes: u32) -> Timestamp {
    START.plus(Span::minutes(minutes))
}

/// Tells a story to both engines.
macro_rules! story {
    ($name:ident, |$house:ident| $body:block) => {
        mod $name {
            use super::*;
            async fn told($house: House) -> anyhow::Result<()> { $body Ok(()) }
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() -> anyhow::Result<()> { told(House::new(Engine::Sqlite).await?).await }
            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() -> anyhow::Result<()> { told(House::new(Engine::Postgres).await?).await }
        }
    };
}

async fn mail_allowed(
    house: &House,
    gate: &Gate,
    who: PersonId,
    at: Timestamp,
) -> anyhow::Result<Result<String, String>> {
    let dossier = gate.look_one(&Whose::everybody(house.company), who).await?;
    let matters = dossier.of_categories(&[category("contact.email")]).unwrap();
    let question = house.question(Message, who, Role::Marketing, "marketing.newsletter", matters, at);
    let answer = gate.ask(question, &dossier).await?;
    let held = dossier.facts().find(|held| held.category() == &category("contact.email")).unwrap();
    Ok(match answer.open(held) {
        Ok(value) => Ok(value.to_string()),
        Err(not) => Err(not.0.map_or("?", |reason| reason.code()).to_owned()),
    })
}

story!(a_yes_opens_and_a_withdrawal_closes, |house| {
    let mia = house.person(1, MIA, START).await?;
    assert_eq!(mail_allowed(&house, &house.gate, mia, later(1)).await?, Err("NEVER_ASKED".into()));
    let yes = Act::Give(Box::new(house.yes(later(2)).await?));
    house.gate.record(house.company, mia, yes, Asker::Person, Evidence::Portal, later(2)).await?;
    assert_eq!(mail_allowed(&house, &house.gate, mia, later(3)).await?, Ok("mia.ito@example.org".into()));
    let other = house.node(later(4)).await?;
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, mia, no, Asker::Person, Evidence::Portal, later(4)).await?;
    for gate in [&house.gate, &other] {
        assert_eq!(mail_allowed(&house, gate, mia, later(5)).await?, Err("WITHDRAWN".into()));
    }
});

story!(a_decision_on_old_terms_is_never_recorded, |house| {
    let mia = house.person(1, MIA, START).await?;
    let yes = Act::Give(Box::new(house.yes(later(2)).await?));
    house.gate.record(house.company, mia, yes, Asker::Person, Evidence::Portal, later(2)).await?;
    // Looked up while it was allowed, asked after it was taken back: the answer is of today.
    let stale = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let no = Act::Withdraw(purpose("marketing.newsletter"));
    house.gate.record(house.company, mia, no, Asker::Person, Evidence::Portal, later(3)).await?;
    let matters = stale.of_categories(&[category("contact.email")]).unwrap();
    let question = house.question(Message, mia, Role::Marketing, "marketing.newsletter", matters, later(4));
    assert!(matches!(house.gate.ask(question, &stale).await?, Answer::Refusal(_)));
});

story!(a_yes_cannot_go_beyond_its_notice, |house| {
    let mia = house.person(1, MIA, START).await?;
    let mut giving = house.yes(later(2)).await?;
    giving.terms.categories = [category("contact")].into_iter().collect();
    let done = house
        .gate
        .record(house.company, mia, Act::Give(Box::new(giving)), Asker::Person, Evidence::Portal, later(2))
        .await;
    assert!(matches!(done, Err(GateError::Input(_))));
});

story!(every_use_is_in_a_ledger_that_a_stranger_verifies, |house| {
    let mia = house.person(1, MIA, START).await?;
    for minute in 1..40 {
        let _ = mail_allowed(&house, &house.gate, mia, later(minute)).await?;
    }
    let name = LogName { company: house.company, region: eu() };
    assert_eq!(house.gate.integrate(&name, later(50)).await?, 40);
    let folder = tempfile::tempdir()?;
    house.gate.export_log(&name, folder.path(), |_, _| {}).await?;
    let good = assent_verify::check_export(folder.path(), None, None);
    assert!(good.is_ok(), "{:?}", good.err());
    // The person's own view, and a receipt of one line of it.
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let question = Question {
        what: View,
        person: mia,
        asker: Asker::Person,
        purpose: purpose("rights.access"),
        matters: dossier.everything().unwrap(),
        to: To::Person,
        region: eu(),
        at: later(60),
        context: Context::default(),
    };
    let answer = house.gate.ask(question, &dossier).await?;
    let permit = answer.permit().unwrap();
    let uses = house.gate.uses(permit, &dossier, After::default(), 100).await?;
    assert_eq!(uses.len(), 41);
    let seq = |n: usize| match uses[n].id {
        LineId::Own(seq) => seq,
        LineId::Among(_) => panic!("nobody used many"),
    };
    assert!((1..uses.len()).all(|n| seq(n - 1) == seq(n) + 1), "no gap in the numbers");
    assert_eq!(uses[5].detail.outcome, "NEVER_ASKED");
    let receipt = house.gate.receipt(permit, &dossier, uses[5].id, later(61)).await?;
    let vkey = house.gate.log_head(&name).await?.vkey;
    let policy = assent_kernel::ledger::Policy::parse(&format!("log {vkey}\nquorum none\n"))?;
    let read = assent_kernel::ledger::Receipt::decode(&receipt)?;
    let verified = read.verify(&policy, None)?;
    assert_eq!(verified.detail.unwrap().outcome, "NEVER_ASKED");
    assert!(!receipt.contains("mia"));
});

// Who used what names kinds of facts, purposes and sources: it is no way round the door.
story!(a_permit_shows_what_was_done_for_its_own_purpose, |house| {
    let mia = house.customer(1, MIA, START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let ask = async |role, why: &str, at| {
        let matters = dossier.everything().unwrap();
        house.gate.ask(house.question(View, mia, role, why, matters, later(at)), &dossier).await
    };
    let (support, billing) = (Role::Support, Role::Billing);
    ask(billing, "billing.invoice", 2).await?;
    ask(Role::Marketing, "marketing.newsletter", 3).await?;
    let answer = ask(support, "service.support", 4).await?;
    let permit = answer.permit().unwrap();
    let lines = house.gate.uses(permit, &dossier, After::default(), 100).await?;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let open: Vec<String> = dossier
        .facts()
        .filter(|one| permit.opened(one.id()).is_some())
        .map(|one| one.category().to_string())
        .collect();
    for line in &lines {
        assert_eq!((line.detail.purpose.as_str(), line.detail.note.as_str()), ("service.support", ""));
        assert!(line.detail.categories.iter().all(|kind| open.contains(kind)), "{line:?}");
    }
    let receipt = house.gate.receipt(permit, &dossier, 1, later(5)).await;
    assert!(matches!(receipt, Err(GateError::NoPerson)), "a receipt holds a whole line");
    // A part of a name, open to everybody who may ask, opens no log either; for the data protection officer it does.
    let answer = ask(Role::Sales, "rights.inform", 6).await?;
    let lines = house.gate.uses(answer.permit().unwrap(), &dossier, After::default(), 100).await?;
    assert!(lines.iter().all(|line| line.detail.purpose == "rights.inform"), "{lines:?}");
    let answer = ask(Role::Dpo, "rights.inform", 7).await?;
    let lines = house.gate.uses(answer.permit().unwrap(), &dossier, After::default(), 100).await?;
    assert_eq!(lines.len(), 6, "every line, in the end");
});

// What was read and may not be shown is no end of the list.
story!(a_list_goes_on_behind_what_may_not_be_shown, |house| {
    let mia = house.customer(1, MIA, START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let ask = async |role, why: &str, at| {
        let matters = dossier.everything().unwrap();
        house.gate.ask(house.question(View, mia, role, why, matters, later(at)), &dossier).await
    };
    ask(Role::Support, "service.support", 1).await?;
    for _ in 0..45 {
        ask(Role::Marketing, "marketing.newsletter", 2).await?;
    }
    let answer = ask(Role::Support, "service.support", 3).await?;
    let (mut lines, mut pages, mut next) = (0, 0, Some(After::default()));
    while let Some(after) = next {
        let (page, then) = house.gate.uses_page(answer.permit().unwrap(), &dossier, after, 2).await?;
        (lines, pages, next) = (lines + page.len(), pages + 1, then);
    }
    assert!(lines == 2 && pages > 1, "{lines} lines on {pages} pages");
});

// The questions of two nodes about one person, side by side, between acts and while others absorb.
story!(two_nodes_number_one_person_without_a_gap, |house| {
    let mia = house.customer(1, MIA, START).await?;
    let nodes = [house.gate.clone(), house.node(later(1)).await?];
    let name = LogName { company: house.company, region: eu() };
    let mut tasks = Vec::new();
    for (n, gate) in nodes.iter().enumerate() {
        for asker in 0..4u32 {
            let (gate, company, name) = (gate.clone(), house.company, name.clone());
            let dossier = gate.look_one(&Whose::everybody(company), mia).await?;
            let matters = dossier.of_categories(&[category("name")]).unwrap();
            let question = house.question(View, mia, Role::Support, "service.support", matters, later(2));
            tasks.push(tokio::spawn(async move {
                for turn in 0..25u32 {
                    gate.ask(question.clone(), &dossier).await?;
                    if asker == 0 && turn % 5 == 2 {
                        let no = Act::Refuse(purpose("marketing.newsletter"));
                        gate.record(company, mia, no, Asker::Person, Evidence::Portal, later(2)).await?;
                    }
                    if asker == 1 && turn % 7 == 3 {
                        gate.integrate(&name, later(3)).await?;
                    }
                }
                Ok::<usize, GateError>(n)
            }));
        }
    }
    for task in tasks {
        task.await??;
    }
    // 200 questions, 10 acts, how she came in, and this question.
    let dossier = nodes[1].look_one(&Whose::everybody(house.company), mia).await?;
    let matters = dossier.everything().unwrap();
    let question = Question {
        what: View,
        person: mia,
        asker: Asker::Person,
        purpose: purpose("rights.access"),
        matters,
        to: To::Person,
        region: eu(),
        at: later(60),
        context: Context::default(),
    };
    let answer = nodes[1].ask(question, &dossier).await?;
    let uses = nodes[0].uses(answer.permit().unwrap(), &dossier, After::default(), 1_000).await?;
    let number = |line: &UseLine| match line.id {
        LineId::Own(seq) => seq,
        LineId::Among(_) => panic!("nobody used many"),
    };
    let numbers: Vec<u64> = uses.iter().map(number).collect();
    assert_eq!(numbers, (1..=212).rev().collect::<Vec<_>>());
    assert_eq!(nodes[0].integrate(&name, later(61)).await?, 212);
    let mut indexes: Vec<_> = uses.iter().map(|line| line.index).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, (0..212).map(Some).collect::<Vec<_>>(), "each has a place of its own in the tree");
    // Of who is erased nothing is left but the entries.
    nodes[0].erase(house.company, mia, Asker::Person, false, later(62)).await?;
    let db = house.gate.region_db(&eu())?;
    let left = db.read(|tx| tx.rows("SELECT count(*) FROM use_detail", &[], |row| row.int(0))).await?;
    assert_eq!(left, [0]);
    assert_eq!(nodes[1].integrate(&name, later(63)).await?, 213);
});

story!(quarantine_shows_a_part_and_lets_one_ask, |house| {
    let mia = house.person(1, MIA, START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let question =
        house.question(List, mia, Role::Sales, "rights.inform", dossier.everything().unwrap(), later(1));
    let answer = house.gate.ask(question, &dossier).await?;
    let shown: Vec<String> =
        dossier.facts().filter_map(|held| answer.open(held).ok().map(|v| v.to_string())).collect();
    assert!(shown.contains(&"m…@e….org".to_owned()), "{shown:?}");
    assert!(shown.iter().all(|value| value.contains('…')), "{shown:?}");
});

story!(an_erased_person_is_gone_everywhere, |house| {
    let mia = house.customer(1, MIA, START).await?;
    let other = house.node(later(1)).await?;
    let done = house.gate.erase(house.company, mia, Asker::Person, true, later(2)).await?;
    assert_eq!((done.erased, done.kept.len()), (3, 0));
    for gate in [&house.gate, &other] {
        assert!(matches!(
            gate.look_one(&Whose::everybody(house.company), mia).await,
            Err(GateError::NoPerson)
        ));
        assert!(gate.find_email(house.company, "mia.ito@example.org").await?.is_empty());
    }
    // Coming back needs new terms, and nobody may write to the address.
    assert!(house.gate.never_write(house.company, "MIA.ITO@example.org").await?);
    let again = house.customer(2, MIA, later(3)).await?;
    let person = house.gate.look_one(&Whose::everybody(house.company), again).await?;
    assert_eq!(person.person().objections[0].scope, ObjectionScope::DirectMarketing);
    let receipt = assent_kernel::ledger::Receipt::decode(&done.receipt)?;
    assert!(receipt.opened.is_some());
});

story!(another_companys_person_is_nobody, |house| {
    let mia = house.person(1, MIA, START).await?;
    let stranger = assent_kernel::CompanyId::from_bytes([2; 16]);
    assert!(house.gate.look(&Whose::everybody(stranger), &[mia]).await?.is_empty());
    assert!(matches!(house.gate.region_of(stranger, mia).await, Err(GateError::NoPerson)));
});

story!(a_clock_that_was_set_back_revives_nothing, |house| {
    let mia = house.person(1, MIA, START).await?;
    let mut giving = house.yes(START).await?;
    giving.terms.until = START.plus(Span::hours(1));
    house
        .gate
        .record(house.company, mia, Act::Give(Box::new(giving)), Asker::Person, Evidence::Portal, START)
        .await?;
    assert!(mail_allowed(&house, &house.gate, mia, later(30)).await?.is_ok());
    assert_eq!(mail_allowed(&house, &house.gate, mia, later(61)).await?, Err("EXPIRED".into()));
    // A minute back is the slack between clocks: time stands still, nothing revives. Half an hour back is refused.
    assert_eq!(
        mail_allowed(&house, &house.gate, mia, later(60).minus(Span::minutes(1))).await?,
        Err("EXPIRED".into())
    );
    assert!(mail_allowed(&house, &house.gate, mia, later(30)).await.is_err());
    let fresh = house.node(later(30)).await?;
    assert!(mail_allowed(&house, &fresh, mia, later(30)).await.is_err(), "a restart forgets nothing");
});

story!(search_finds_by_token_and_folds, |house| {
    let mia = house.person(1, MIA, START).await?;
    house.person(2, &[("name.full", "田中 花子"), ("contact.phone", "+49 30 23125 100")], START).await?;
    for (text, found) in [
        ("ito", 1),
        ("MI", 1),
        ("mia ito", 1),
        ("mia tanaka", 0),
        ("田", 1),
        ("+493023125100", 1),
        ("@example.org", 1),
        ("mia.ITO@example.org", 1),
        ("m", 0),
        ("", 0),
    ] {
        let query = house.gate.query(house.company, text).await?;
        assert_eq!(
            house.gate.find(&Whose::everybody(house.company), &query, None, 10).await?.len(),
            found,
            "{text}"
        );
    }
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    assert!(!format!("{dossier:?} {:?}", dossier.facts().collect::<Vec<_>>()).contains("Mia"));
});

story!(keys_grow_old_and_nothing_is_lost, |house| {
    let mia = house.customer(1, MIA, START).await?;
    assert_eq!(house.gate.rotate_keys(later(1), false).await?, 0);
    assert_eq!(house.gate.rotate_keys(later(60 * 25), false).await?, 1);
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let question = house.question(
        View,
        mia,
        Role::Support,
        "service.support",
        dossier.everything().unwrap(),
        later(60 * 25),
    );
    let answer = house.gate.ask(question, &dossier).await?;
    assert!(dossier.facts().all(|held| answer.open(held).is_ok()));
});

story!(a_whole_import_can_be_undone_but_not_those_who_acted, |house| {
    let import = ImportId::from_bytes([5; 16]);
    let newcomer = |n: u8| {
        let mut bytes = [0; 16];
        bytes[0] = n;
        Newcomer {
            id: PersonId::from_bytes(bytes),
            residence: None,
            minor: false,
            contracts: Vec::new(),
            answers: Vec::new(),
            objections: Vec::new(),
            facts: vec![NewFact {
                category: category("contact.email"),
                value: format!("n{n}@example.org"),
                anchors: Vec::new(),
            }],
        }
    };
    let all: Vec<Newcomer> = (1..=30).map(newcomer).collect();
    let ids: Vec<PersonId> = all.iter().map(|one| one.id).collect();
    let asker = Asker::Staff(house.staff, Role::Sales);
    for _ in 0..2 {
        // The same batch twice, as after a crash: nobody comes in twice.
        let batch = Admission { import: Some(import), asker, ..batch(house.company, all.clone()) };
        house.gate.admit(batch, START).await?;
    }
    let name = LogName { company: house.company, region: eu() };
    assert_eq!(house.gate.integrate(&name, START).await?, 30);
    let yes = Act::Give(Box::new(house.yes(later(1)).await?));
    house.gate.record(house.company, ids[3], yes, Asker::Person, Evidence::Portal, later(1)).await?;
    let (mut erased, mut stay) = (0, 0);
    loop {
        let (gone, kept) =
            house.gate.undo_import(&Whose::everybody(house.company), import, asker, later(2)).await?;
        if gone + kept == 0 {
            break;
        }
        erased += gone;
        stay += kept;
    }
    assert_eq!((erased, stay), (29, 1));
    assert_eq!(house.gate.look(&Whose::everybody(house.company), &ids).await?.len(), 1);
    for n in 1..=30 {
        let found = house.gate.find_email(house.company, &format!("n{n}@example.org")).await?;
        assert_eq!(found.len(), usize::from(n == 4), "{n}");
    }
});

story!(two_nodes_never_record_a_permit_after_an_acknowledged_withdrawal, |house| {
    let mia = house.person(1, MIA, START).await?;
    let nodes = [house.gate.clone(), house.node(START).await?];
    for round in 0..25u32 {
        let at = later(round + 1);
        let yes = Act::Give(Box::new(house.yes(at).await?));
        nodes[0].record(house.company, mia, yes, Asker::Person, Evidence::Portal, at).await?;
        let no = Act::Withdraw(purpose("marketing.newsletter"));
        let withdraw = nodes[1].record(house.company, mia, no, Asker::Person, Evidence::Portal, at);
        let asks = async {
            let mut permits = 0;
            for n in 0..8 {
                permits += u32::from(mail_allowed(&house, &nodes[n % 2], mia, at).await?.is_ok());
            }
            anyhow::Ok(permits)
        };
        let (withdrawn, asked) = tokio::join!(withdraw, asks);
        withdrawn?;
        asked?;
        for gate in &nodes {
            assert_eq!(mail_allowed(&house, gate, mia, at).await?, Err("WITHDRAWN".into()), "round {round}");
        }
    }
});

story!(a_counted_yes_is_used_up, |house| {
    let mia = house.person(1, MIA, START).await?;
    let mut giving = house.yes(later(1)).await?;
    giving.uses = Some(3);
    house
        .gate
        .record(house.company, mia, Act::Give(Box::new(giving)), Asker::Person, Evidence::Portal, later(1))
        .await?;
    let nodes = [house.gate.clone(), house.node(later(1)).await?];
    let mut permits = 0;
    for n in 0..8 {
        permits += u32::from(mail_allowed(&house, &nodes[n % 2], mia, later(2)).await?.is_ok());
    }
    assert_eq!(permits, 3);
    assert_eq!(mail_allowed(&house, &house.gate, mia, later(3)).await?, Err("USED_UP".into()));
});

story!(a_changed_policy_counts_at_once_on_every_node, |house| {
    let mia = house.person(1, MIA, START).await?;
    let yes = Act::Give(Box::new(house.yes(later(1)).await?));
    house.gate.record(house.company, mia, yes, Asker::Person, Evidence::Portal, later(1)).await?;
    let other = house.node(later(1)).await?;
    assert!(mail_allowed(&house, &other, mia, later(2)).await?.is_ok());
    let mut policy = house.gate.policy(house.company).await?.policy.clone();
    for notice in policy.oldest_valid.values_mut() {
        *notice = 2;
    }
    house.gate.set_policy(policy, later(3)).await?;
    assert_eq!(mail_allowed(&house, &other, mia, later(4)).await?, Err("NOTICE_OUTDATED".into()));
});
