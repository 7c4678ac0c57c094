//! A killed node, at any point: who takes the import up again comes to the same end as one go.

use assent_kernel::{ImportId, Span, Timestamp};
use assent_testkit::{START, eu};

use super::house::*;
use crate::intake::engine::{BATCH, Engine};
use crate::intake::files::Files;
use crate::intake::model::{Counts, Rules, State};
use crate::intake::{Order, run, run_import_cli, store};

/// Rows of every kind: taken, broken, repeated from far above, repeated by phone and name, with and without terms.
fn file(rows: u64) -> String {
    let mut text =
        "First Name,Last Name,Email,Phone,Consent purpose,Consent date,Consent source,Consent text version\n"
            .to_owned();
    for n in 1..=rows {
        let line = match n % 17 {
            3 => format!("Row,No{n},broken at {n},,,,,\n"),
            5 => format!("Row,No{n},r{}@example.org,,,,,\n", n / 2),
            7 => format!("Pia,Phone,,+49 30 {:07},,,,\n", 1_000_000 + n / 90),
            9 => format!("Row,No{n},r{n}@example.org,,Newsletter,2026-03-01,form,2\n"),
            11 => format!("too,few,{n}\n"),
            13 => format!("Row,No{n},r{n}@example.org,,Newsletter,2026-03-01,form,old\n"),
            _ => format!("Row,No{n},r{n}@example.org,+49 30 {:07},,,,\n", 2_000_000 + n),
        };
        text.push_str(&line);
    }
    text
}

struct Result {
    counts: Counts,
    people: Vec<(assent_kernel::PersonId, bool)>,
    rejected: String,
    facts: i64,
    tokens: i64,
}

async fn result(world: &World, id: ImportId) -> Result {
    let done = get(world, id).await;
    assert_eq!((done.state, done.claimed_until), (State::Done, None));
    let region = world.ctx.gate.region_db(&eu()).unwrap();
    Result {
        counts: done.body.counts,
        people: people(world).await,
        rejected: rejected(world, id).await,
        facts: count(region, "SELECT count(*) FROM fact").await,
        tokens: count(world.ctx.gate.home(), "SELECT count(*) FROM token").await,
    }
}

const ID: fn() -> ImportId = || ImportId::new(START, [5; 10]);
pub(super) const ROWS: u64 = 3 * BATCH + 77;

async fn taken_up_again_after_any_batch_it_comes_to_the_same(on: assent_testkit::Engine) {
    let text = file(ROWS);
    let whole = {
        let world = world(on).await;
        upload_as(&world, ID(), text.as_bytes(), rules(&world).await, State::Running).await;
        run::work(&world.ctx, ID()).await.unwrap();
        result(&world, ID()).await
    };
    assert!(whole.counts.duplicates > 50 && whole.counts.rejected > 100 && whole.counts.quarantined > 500);
    assert_eq!(whole.counts.rows, ROWS);
    // Batches admitted but not written down as done; then one written down, and the next admitted only; and so on.
    for (done, admitted) in [(0, 1), (1, 1), (1, 3), (2, 2), (2, 4), (4, 4)] {
        let world = world(on).await;
        upload_as(&world, ID(), text.as_bytes(), rules(&world).await, State::Running).await;
        killed(&world, done, admitted).await;
        assert!(!people(&world).await.is_empty());
        run::work(&world.ctx, ID()).await.unwrap();
        assert_eq!(get(&world, ID()).await.state, State::Running, "the claim of the killed node still holds");
        later(&world, Span::minutes(2));
        run::work(&world.ctx, ID()).await.unwrap();
        let again = result(&world, ID()).await;
        let at = format!("{done} batches done, {admitted} admitted");
        assert_eq!(again.counts, whole.counts, "{at}");
        assert_eq!(again.people, whole.people, "{at}");
        assert_eq!((again.facts, again.tokens), (whole.facts, whole.tokens), "{at}");
        assert!(again.rejected == whole.rejected, "{at}: the rejected rows are the same");
    }
}

/// What a node leaves that is killed when `admitted` batches came in and `done` of them were written down.
async fn killed(world: &World, done: usize, admitted: usize) {
    let ctx = &world.ctx;
    let mut import = get(world, ID()).await;
    let until = ctx.now().plus(Span::minutes(1));
    let (one, at) = (import.clone(), ctx.now());
    assert!(ctx.gate.home().write(move |tx| store::claim(tx, &one, until, at)).await.unwrap());
    import.claimed_until = Some(until);
    let files = Files::of(ctx, &eu(), ID()).await.unwrap();
    let read = files.upload().open().unwrap();
    let mut engine = Engine::start(ctx, run::plan(&import), read, 0, true).await.unwrap();
    for n in 0..admitted {
        let Some(step) = engine.next().await.unwrap() else { break };
        // The rows to look at are left before the batch counts: a torn write leaves an old piece behind.
        files.leave(step.first, &step.rejects).unwrap();
        import.body.counts.take(&step.counts);
        if n < done {
            assert!(run::advance(ctx, &mut import, step.offset).await.unwrap());
        }
    }
    engine.settle().await;
}

/// A command is killed and run again, half way or at the very end: nobody stands here twice, also without an address, and
/// the rows to look at are the same as in one go.
async fn the_same_command_takes_up_what_it_began(on: assent_testkit::Engine) {
    let order = |world: &World| {
        let file = world.house.folder().join("people.csv");
        std::fs::write(&file, nameless(ROWS)).unwrap();
        Order::plain(file, world.house.company)
    };
    let all = |world: &World| std::fs::read_to_string(world.house.folder().join("people.rejected.csv"));
    let whole = world(on).await;
    let one_go = run_import_cli(&whole.ctx, &order(&whole), |_| {}).await.unwrap();
    for batches in [0, 1, 2] {
        let world = world(on).await;
        let (ctx, order) = (world.ctx.clone(), order(&world));
        let (tell, told) = tokio::sync::oneshot::channel();
        let begun = order.clone();
        let killed = tokio::spawn(async move {
            let (mut tell, mut seen) = (Some(tell), 0);
            let at = |_: &crate::intake::model::Progress| {
                seen += 1;
                if seen > batches {
                    tell.take().map(|tell| tell.send(()));
                    // It dies before it says anything more.
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
            };
            run_import_cli(&ctx, &begun, at).await.map(|_| ())
        });
        told.await.unwrap();
        killed.abort();
        let _ = killed.await;
        // What was with the gate goes on for a moment, unlike after a real kill.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        later(&world, Span::minutes(1));
        let again = run_import_cli(&world.ctx, &order, |_| {}).await;
        let Ok(again) = again else {
            panic!("after {batches} batches: {}", again.unwrap_err());
        };
        assert!(again.before > 0, "it was taken up");
        assert_eq!(again.counts, one_go.counts, "after {batches} batches");
        assert_eq!(people(&world).await.len(), people(&whole).await.len());
        assert_eq!(all(&world).unwrap(), all(&whole).unwrap());
        let twice = run_import_cli(&world.ctx, &order, |_| {}).await.unwrap_err();
        assert!(twice.to_string().contains("--again"), "{twice}");
        // The control: without the mark they would stand here twice.
        let once_more = Order { again: true, ..order };
        run_import_cli(&world.ctx, &once_more, |_| {}).await.unwrap();
        assert!(people(&world).await.len() > people(&whole).await.len() + 1_000);
    }
}

/// Rows of people who have a name and nothing else, and some that cannot be taken.
pub(super) fn nameless(rows: u64) -> String {
    let row = |n: u64| if n % 50 == 3 { format!("Row,No{n},broken\n") } else { format!("Row,No{n},\n") };
    (1..=rows).fold("First Name,Last Name,Email\n".to_owned(), |text, n| text + &row(n))
}

async fn somebody_stops_it_and_takes_it_up_again(on: assent_testkit::Engine) {
    let world = world(on).await;
    let id = upload(&world, file(ROWS).as_bytes(), Rules::default(), State::Running).await;
    let company = world.house.company;
    let mut import = get(&world, id).await;
    let (one, at) = (import.clone(), world.ctx.now());
    let until: Timestamp = at.plus(Span::minutes(1));
    world.ctx.gate.home().write(move |tx| store::claim(tx, &one, until, at)).await.unwrap();
    import.claimed_until = Some(until);
    assert!(world.ctx.gate.home().write(move |tx| store::stop(tx, company, id)).await.unwrap());
    assert!(!run::advance(&world.ctx, &mut import, 0).await.unwrap(), "the node at work notices");
    assert!(get(&world, id).await.stopping(world.ctx.now()));
    let one = import.clone();
    world.ctx.gate.home().write(move |tx| store::let_go(tx, &one)).await.unwrap();
    // The watcher leaves what a person stopped.
    let job = run::JOBS[0];
    (job.run)(&world.ctx, id.to_string().as_bytes(), later(&world, Span::minutes(5))).await.unwrap();
    assert_eq!(get(&world, id).await.state, State::Stopped);
    crate::intake::act::resume(&world.ctx, get(&world, id).await).await.unwrap();
    wait(&world, id, State::Done).await;
    assert_eq!(get(&world, id).await.body.counts.rows, ROWS);
}

async fn the_watcher_takes_up_what_lost_its_node(on: assent_testkit::Engine) {
    let world = world(on).await;
    let id = upload(&world, DEMO, rules(&world).await, State::Running).await;
    let job = run::JOBS[0];
    (job.run)(&world.ctx, id.to_string().as_bytes(), world.ctx.now()).await.unwrap();
    wait(&world, id, State::Done).await;
    // A month later its rejected rows are cleared away.
    assert!(!rejected(&world, id).await.is_empty());
    let at = later(&world, Span::days(31));
    (job.run)(&world.ctx, id.to_string().as_bytes(), at).await.unwrap();
    assert!(get(&world, id).await.body.cleared);
    assert_eq!(rejected(&world, id).await, "");
}

async fn wait(world: &World, id: ImportId, state: State) {
    for _ in 0..600 {
        if get(world, id).await.state == state {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it is {:?}", get(world, id).await.state);
}

assent_testkit::on_both!(
    taken_up_again_after_any_batch_it_comes_to_the_same,
    the_same_command_takes_up_what_it_began,
    somebody_stops_it_and_takes_it_up_again,
    the_watcher_takes_up_what_lost_its_node,
);
