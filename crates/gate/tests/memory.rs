//! A node's memory of terms: it answers as the door does, hears of a withdrawal before it is acknowledged, follows what
//! other nodes write, and refuses when it has not looked for too long. On both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use assent_gate::{Act, Gate, GateError, Outcome, Whose};
use assent_kernel::grant::Evidence;
use assent_kernel::mandate::Binds;
use assent_kernel::{
    Asker, Context, Mandate, MandateId, Matter, NonEmpty, PersonId, Policy, Question, Reason, Role, Span,
    Timestamp, To, Use,
};
use assent_store::{Db, changes};
use assent_testkit::{Engine, House, START, category, eu, purpose};

async fn on_both<F: Future<Output = anyhow::Result<()>>>(story: impl Fn(Engine) -> F) -> anyhow::Result<()> {
    story(Engine::Sqlite).await?;
    story(Engine::Postgres).await
}

fn newsletter(house: &House, at: Timestamp) -> Question<Use> {
    Question {
        what: Use::Message,
        person: PersonId::from_bytes([0; 16]),
        asker: Asker::Staff(house.staff, Role::Marketing),
        purpose: purpose("marketing.newsletter"),
        matters: NonEmpty::one(Matter::Kind(category("contact.email"))),
        to: To::Party(house.home),
        region: eu(),
        at,
        context: Context::default(),
    }
}

fn one(gate: &Gate, house: &House, person: PersonId, at: Timestamp) -> Result<Option<Reason>, GateError> {
    let question = newsletter(house, at);
    let alone = gate.decide_one(house.company, &question, person, None)?;
    let among_many = gate.decide(house.company, &question, &[person], None)?;
    let same = match among_many.outcomes[0] {
        Outcome::Open(until) => Ok(until),
        Outcome::Closed(n) => Err(among_many.reasons[usize::from(n)].clone()),
    };
    assert_eq!(alone, same);
    assert!(alone.as_ref().is_ok_and(|until| *until > at) || alone.is_err());
    Ok(alone.err())
}

/// What a node that has not looked since answers: that, or, on a machine so slow that its lease is over, nothing.
fn stale(gate: &Gate, house: &House, person: PersonId, at: Timestamp, said: Option<Reason>) {
    match one(gate, house, person, at) {
        Ok(answer) => assert_eq!(answer, said),
        Err(error) => assert!(matches!(error, GateError::Behind(_)), "{error}"),
    }
}

/// What a node answers: as it is or, on a machine so slow that its lease is over, once it has looked.
async fn known(
    gate: &Gate,
    house: &House,
    person: PersonId,
    at: Timestamp,
) -> anyhow::Result<Option<Reason>> {
    loop {
        match one(gate, house, person, at) {
            Err(GateError::Behind(_)) => gate.look_at_changes(&eu(), at).await?,
            other => return Ok(other?),
        };
    }
}

/// What a node answers that has just looked.
async fn fresh(
    gate: &Gate,
    house: &House,
    person: PersonId,
    at: Timestamp,
) -> anyhow::Result<Option<Reason>> {
    gate.look_at_changes(&eu(), at).await?;
    known(gate, house, person, at).await
}

async fn says(gate: &Gate, house: &House, person: PersonId, act: Act, at: Timestamp) -> anyhow::Result<()> {
    gate.record(house.company, person, act, Asker::Person, Evidence::Portal, at).await?;
    Ok(())
}

async fn crowd(house: &House, people: u64) -> anyhow::Result<Vec<PersonId>> {
    let mut all = Vec::new();
    for n in 1..=people {
        all.push(house.person(n, &[("contact.email", "mia@example.org")], START).await?);
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_as_the_door_does_and_hears_first() -> anyhow::Result<()> {
    on_both(|engine| async move {
        let house = House::new(engine).await?;
        let people = crowd(&house, 20).await?;
        let gate = &house.gate;
        let early = START.plus(Span::minutes(1));
        assert!(matches!(one(gate, &house, people[0], early), Err(GateError::Behind(_))));
        says(gate, &house, people[1], Act::Give(Box::new(house.yes(early).await?)), early).await?;
        let mut heard = (0, 0);
        gate.remember(house.company, early, |done, total| heard = (done, total)).await?;
        assert_eq!(heard, (20, 20));
        assert_eq!(known(gate, &house, people[0], early).await?, Some(Reason::NeverAsked));
        assert_eq!(known(gate, &house, people[1], early).await?, None);
        // No look at the change log in between: what is acknowledged is known.
        says(gate, &house, people[0], Act::Give(Box::new(house.yes(early).await?)), early).await?;
        assert_eq!(known(gate, &house, people[0], early).await?, None);
        says(gate, &house, people[1], Act::Withdraw(purpose("marketing.newsletter")), early).await?;
        assert_eq!(known(gate, &house, people[1], early).await?, Some(Reason::Withdrawn));
        gate.erase(house.company, people[2], Asker::System, false, early).await?;
        assert_eq!(known(gate, &house, people[2], early).await?, Some(Reason::UnknownPerson));
        gate.look_at_changes(&eu(), early).await?;
        let counts = gate.count(house.company, &newsletter(&house, early), None)?;
        let refused: Vec<_> = counts.refused.iter().map(|(code, (_, n))| (*code, *n)).collect();
        assert_eq!((counts.permitted, refused), (1, vec![("NEVER_ASKED", 17), ("WITHDRAWN", 1)]));
        assert_eq!(gate.cut(house.company, &newsletter(&house, early), None)?.people, vec![people[0]]);
        // Every single answer is the door's.
        for dossier in gate.look(&Whose::everybody(house.company), &people).await? {
            let question = Question { person: dossier.id(), ..newsletter(&house, early) };
            let door = gate.foresee(&question, &dossier).await?;
            assert_eq!(known(gate, &house, dossier.id(), early).await?.as_ref(), door.refusal());
        }
        // A yes that ends, and a policy that changes.
        let late = early.plus(Span::days(400));
        assert!(matches!(known(gate, &house, people[0], late).await?, Some(Reason::Expired { .. })));
        let mut policy = gate.policy(house.company).await?.policy.clone();
        let notice = policy.oldest_valid.keys().next().copied().expect("a notice");
        policy.oldest_valid.insert(notice, 2);
        gate.set_policy(policy, late).await?;
        gate.look_at_changes(&eu(), early).await?;
        assert_eq!(known(gate, &house, people[0], early).await?, Some(Reason::NoticeOutdated));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_follows_and_a_version_is_waited_for() -> anyhow::Result<()> {
    on_both(|engine| async move {
        let house = House::new(engine).await?;
        let people = crowd(&house, 3).await?;
        let at = START.plus(Span::minutes(1));
        let other = house.node(at).await?;
        other.remember(house.company, at, |_, _| ()).await?;
        says(&house.gate, &house, people[0], Act::Give(Box::new(house.yes(at).await?)), at).await?;
        let version = house.gate.version().await?;
        // It has not looked: it knows nothing of the yes, and refuses whoever wants an answer at least that new.
        stale(&other, &house, people[0], at, Some(Reason::NeverAsked));
        let (least, question) = (Some(&version), newsletter(&house, at));
        let asked = other.decide(house.company, &question, &people, least);
        assert!(matches!(asked, Err(GateError::Behind(_))));
        let counted = other.count(house.company, &question, least);
        assert!(matches!(counted, Err(GateError::Behind(_))));
        let list = other.cut(house.company, &question, least);
        assert!(matches!(list, Err(GateError::Behind(_))));
        let elsewhere = "mars=1:".parse()?;
        let nowhere = other.count(house.company, &question, Some(&elsewhere));
        assert!(matches!(nowhere, Err(GateError::Input(_))));
        // Whoever waits for it is told when it comes, and not before; what never comes is waited for no longer than said.
        let short = Duration::from_millis(20);
        assert!(!other.caught_up(&version, short).await?);
        assert!(!other.caught_up(&elsewhere, Duration::from_secs(20)).await?, "nobody here will ever see it");
        let (looked, came) = tokio::join!(
            async {
                tokio::time::sleep(short).await;
                other.look_at_changes(&eu(), at).await
            },
            other.caught_up(&version, Duration::from_secs(20)),
        );
        assert_eq!((looked?, came?), (1, true));
        assert!(other.caught_up(&version, Duration::ZERO).await?, "it is here");
        assert!(other.remembered()?.covers(&version));
        assert_eq!(other.remembered_text()?, other.remembered()?.to_string());
        assert_eq!(fresh(&other, &house, people[0], at).await?, None);
        let asked = other.decide(house.company, &question, &people, least)?;
        assert!(matches!(asked.outcomes[0], Outcome::Open(_)));
        assert_eq!(other.count(house.company, &question, least)?.permitted, 1);
        assert_eq!(other.cut(house.company, &question, least)?.people, [people[0]]);
        assert_eq!(other.look_at_changes(&eu(), at).await?, 0);
        // Somebody new comes while nobody looks, then somebody looks.
        let new = house.person(77, &[("contact.email", "aoi@example.org")], at).await?;
        stale(&other, &house, new, at, Some(Reason::UnknownPerson));
        assert_eq!(fresh(&other, &house, new, at).await?, Some(Reason::NeverAsked));
        // Cut off from looking for longer than the lease: no answer at all.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert!(matches!(one(&other, &house, people[0], at), Err(GateError::Behind(_))));
        assert_eq!(fresh(&other, &house, people[0], at).await?, None);
        Ok(())
    })
    .await
}

/// A policy with more kinds of contract than the memory has bits for is no memory that is "being built": the answer says
/// what it is, and a smaller policy brings the memory back.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_too_large_is_told_apart_and_a_smaller_one_is_remembered() -> anyhow::Result<()> {
    let house = House::new(Engine::Sqlite).await?;
    let people = crowd(&house, 1).await?;
    let at = START.plus(Span::minutes(1));
    let small = house.gate.policy(house.company).await?.policy.clone();
    let mut large = small.clone();
    let any = small.mandates.values().next().unwrap().clone();
    for k in 0..65u8 {
        let id = MandateId::from_bytes([k + 100; 16]);
        let (binds, key) = (Binds::Contract(format!("kind-{k}")), format!("kind-{k}"));
        large.mandates.insert(id, Mandate { id, key, binds, ..any.clone() });
    }
    house.gate.set_policy(large, at).await?;
    house.gate.remember(house.company, at, |_, _| ()).await?;
    let question = newsletter(&house, at);
    assert!(matches!(one(&house.gate, &house, people[0], at), Err(GateError::Outgrown)));
    assert!(matches!(house.gate.count(house.company, &question, None), Err(GateError::Outgrown)));
    let version = house.gate.policy(house.company).await?.policy.version;
    house.gate.set_policy(Policy { version, ..small }, at).await?;
    let begun = Instant::now();
    loop {
        house.gate.look_at_changes(&eu(), at).await?;
        match one(&house.gate, &house, people[0], at) {
            Ok(reason) => break assert_eq!(reason, Some(Reason::NeverAsked)),
            Err(GateError::Behind(_) | GateError::Outgrown) if begun.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// A transaction that commits late, with a lower number than others that committed before it, is found.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_commit_is_not_missed() -> anyhow::Result<()> {
    let house = House::new(Engine::Postgres).await?;
    let people = crowd(&house, 2).await?;
    let data = Db::open(house.stores.regions[0].data.clone())?;
    let start = data.read(changes::seen).await?;
    let (begun, go_on) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (late, slow) = (people[0], data.clone());
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&go_on));
    let holding = tokio::spawn(async move {
        slow.write(move |tx| {
            changes::note(tx, late)?;
            tell.store(true, Ordering::SeqCst);
            while !wait.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        })
        .await
    });
    while !begun.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let quick = people[1];
    data.write(move |tx| changes::note(tx, quick)).await?;
    let seen = start.clone();
    let (middle, first) = data.read(move |tx| changes::since(tx, &seen)).await?.expect("nothing is cut off");
    let who = |all: &[changes::Change]| all.iter().filter_map(|c| c.person).collect::<Vec<_>>();
    assert_eq!(
        who(&first),
        [quick],
        "what is committed is seen at once, whoever else holds a transaction open"
    );
    go_on.store(true, Ordering::SeqCst);
    holding.await??;
    let before = middle.clone();
    let (end, second) = data.read(move |tx| changes::since(tx, &before)).await?.expect("nothing is cut off");
    assert_eq!(who(&second), [late], "and what commits late is seen when it does, once");
    assert!(end.covers(&middle) && !middle.covers(&end));
    Ok(())
}

/// Three nodes, eight writers of whom one holds a transaction open now and then, and everybody asks: nobody is
/// permitted from memory what was withdrawn before in a version that was asked for, and no change is missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_nodes_and_eight_writers() -> anyhow::Result<()> {
    let house = Arc::new(House::new(Engine::Postgres).await?);
    let people = Arc::new(crowd(&house, 24).await?);
    let at = START.plus(Span::minutes(1));
    let nodes = Arc::new([house.gate.clone(), house.node(at).await?, house.node(at).await?]);
    let clock = Arc::new(AtomicU64::new(0));
    let mut following = Vec::new();
    for node in nodes.iter() {
        node.remember(house.company, at, |_, _| ()).await?;
        let (node, clock) = (node.clone(), Arc::clone(&clock));
        let now = move || {
            START.plus(Span::minutes(2)).max(Timestamp::from_micros(
                START.micros() + i64::try_from(clock.load(Ordering::SeqCst)).unwrap_or(0),
            ))
        };
        following.push(tokio::spawn(async move { node.follow(eu(), now).await }));
    }
    let data = Db::open(house.stores.regions[0].data.clone())?;
    let stop = Arc::new(AtomicBool::new(false));
    let (held, someone) = (Arc::clone(&stop), people[0]);
    let holder = tokio::spawn(async move {
        while !held.load(Ordering::SeqCst) {
            data.write(move |tx| {
                changes::note(tx, someone)?;
                std::thread::sleep(Duration::from_millis(40));
                Ok(())
            })
            .await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    let rounds = 12u64;
    let mut writers = Vec::new();
    for writer in 0..8usize {
        let (house, people, nodes, clock) =
            (Arc::clone(&house), Arc::clone(&people), Arc::clone(&nodes), Arc::clone(&clock));
        writers.push(tokio::spawn(async move {
            let mut asked = 0;
            for round in 0..rounds {
                let who = people[writer * 3 + usize::try_from(round % 3)?];
                let gate = &nodes[(writer + usize::try_from(round)?) % 3];
                let tick = i64::try_from(clock.fetch_add(1_000, Ordering::SeqCst))?;
                let now = Timestamp::from_micros(START.plus(Span::minutes(2)).micros() + tick);
                says(gate, &house, who, Act::Give(Box::new(house.yes(now).await?)), now).await?;
                says(gate, &house, who, Act::Withdraw(purpose("marketing.newsletter")), now).await?;
                let version = gate.version().await?;
                for node in nodes.iter() {
                    let least = Some(&version);
                    let begun = Instant::now();
                    loop {
                        match node.decide(house.company, &newsletter(&house, now), &[who], least) {
                            Ok(decided) => {
                                assert_eq!(decided.reasons, [Reason::Withdrawn], "writer {writer}");
                                asked += 1;
                                break;
                            }
                            Err(GateError::Behind(_)) => {
                                assert!(begun.elapsed() < Duration::from_secs(20), "it never catches up");
                                tokio::time::sleep(Duration::from_millis(1)).await;
                            }
                            Err(other) => return Err(other.into()),
                        }
                    }
                }
            }
            Ok::<_, anyhow::Error>(asked)
        }));
    }
    let mut asked = 0;
    for writer in writers {
        asked += writer.await??;
    }
    stop.store(true, Ordering::SeqCst);
    holder.await??;
    assert_eq!(asked, 8 * rounds * 3);
    following.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deleted_is_remembered_no_more_until_they_are_back() -> anyhow::Result<()> {
    on_both(|engine| async move {
        let house = House::new(engine).await?;
        let people = crowd(&house, 3).await?;
        let (gate, mia) = (&house.gate, people[0]);
        let at = START.plus(Span::minutes(1));
        says(gate, &house, mia, Act::Give(Box::new(house.yes(at).await?)), at).await?;
        gate.remember(house.company, at, |_, _| {}).await?;
        assert_eq!(known(gate, &house, mia, at).await?, None);
        let by = (house.staff, Asker::Staff(house.staff, Role::Support));
        gate.delete(&Whose::everybody(house.company), mia, by, Span::days(30), at).await?;
        // What is acknowledged is known: no look at the change log in between.
        assert_eq!(known(gate, &house, mia, at).await?, Some(Reason::UnknownPerson));
        gate.look_at_changes(&eu(), at).await?;
        let cut = gate.cut(house.company, &newsletter(&house, at), None)?;
        assert!(cut.people.is_empty(), "no audience has them");
        gate.bring_back(&Whose::everybody(house.company), mia, by.1, at).await?;
        assert_eq!(known(gate, &house, mia, at).await?, None, "the yes runs on");
        Ok(())
    })
    .await
}
