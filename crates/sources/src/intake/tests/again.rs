//! The same file by the same command, again: at once, with other options, after it broke off.

use assent_kernel::Span;

use super::house::*;
use super::resume::{ROWS, nameless};
use crate::intake::model::{Import, State};
use crate::intake::{Order, run, run_import_cli, store};

/// Two commands at once, as of a timer or a double click: one imports, and nobody stands here twice.
async fn two_commands_at_once_begin_one_import(on: assent_testkit::Engine) {
    let world = world(on).await;
    let file = world.house.folder().join("people.csv");
    std::fs::write(&file, nameless(ROWS)).unwrap();
    let order = Order::plain(file, world.house.company);
    let run = || {
        let (ctx, order) = (world.ctx.clone(), order.clone());
        tokio::spawn(
            async move { run_import_cli(&ctx, &order, |_| {}).await.map_err(|error| error.to_string()) },
        )
    };
    let (one, other, third) = (run(), run(), run());
    let all = [one.await.unwrap(), other.await.unwrap(), third.await.unwrap()];
    let (done, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(std::result::Result::is_ok);
    assert_eq!(done.len(), 1, "{refused:?}");
    let said = |one: &Result<_, String>| one.as_ref().is_err_and(|why| why.contains("another command"));
    assert!(refused.iter().all(|one| said(one) || one.as_ref().is_err_and(|why| why.contains("--again"))));
    let taken = done[0].as_ref().unwrap().counts.taken();
    assert_eq!(people(&world).await.len() as u64, taken);
}

/// The same file with other options is the same file: whoever mends the options is told of the import that is there.
async fn other_options_are_no_other_file(on: assent_testkit::Engine) {
    let world = world(on).await;
    let file = world.house.folder().join("people.csv");
    std::fs::write(&file, nameless(50)).unwrap();
    let order = Order::plain(file, world.house.company);
    run_import_cli(&world.ctx, &order, |_| {}).await.unwrap();
    let before = people(&world).await.len();
    let mended = Order { country: Some("AT".into()), ..order.clone() };
    let told = run_import_cli(&world.ctx, &mended, |_| {}).await.unwrap_err().to_string();
    assert!(told.contains("other options") && told.contains("--again"), "{told}");
    assert_eq!(people(&world).await.len(), before);
    // Undone, it may come in as if it had never been here.
    let company = world.house.company;
    let undo = move |tx: &mut assent_store::Tx<'_>| {
        let first = store::all(tx, company, None, 10)?.remove(0);
        let undoing = Import { state: State::Undoing, ..first };
        store::change(tx, State::Done, &undoing, undoing.created_at).map(|_| undoing.id)
    };
    let id = world.ctx.gate.home().write(undo).await.unwrap();
    run::work(&world.ctx, id).await.unwrap();
    assert_eq!((get(&world, id).await.state, people(&world).await.len()), (State::Undone, 0));
    run_import_cli(&world.ctx, &mended, |_| {}).await.unwrap();
    assert_eq!(people(&world).await.len(), before);
}

/// What an import leaves that broke off after some batches; the claim is that of a clock that was wrong by years.
async fn broken_off(world: &World, order: &Order) {
    let (tell, told) = tokio::sync::oneshot::channel();
    let (ctx, begun, mut tell) = (world.ctx.clone(), order.clone(), Some(tell));
    let killed = tokio::spawn(async move {
        let at = |_: &crate::intake::model::Progress| {
            tell.take().map(|tell| tell.send(()));
            std::thread::sleep(std::time::Duration::from_millis(50));
        };
        run_import_cli(&ctx, &begun, at).await.map(|_| ())
    });
    told.await.unwrap();
    killed.abort();
    let _ = killed.await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let company = world.house.company;
    let mut left =
        world.ctx.gate.home().read(move |tx| store::all(tx, company, None, 1)).await.unwrap().remove(0);
    let (at, years) = (later(world, Span::minutes(1)), world.ctx.now().plus(Span::days(3_650)));
    let claim = move |tx: &mut assent_store::Tx<'_>| {
        assert!(store::claim(tx, &left, years, at)?);
        left.claimed_until = Some(years);
        Ok(left.lapsed(at))
    };
    assert!(world.ctx.gate.home().write(claim).await.unwrap(), "nobody has it, whatever the claim says");
}

/// The file of rows to look at is written on when it is as it was left; one that somebody changed stays, and what is not in
/// the new one is told. Reading without keeping has a file of its own.
async fn rows_to_look_at_are_neither_lost_nor_mixed(on: assent_testkit::Engine) {
    for changed in [false, true] {
        let world = world(on).await;
        let at = |name: &str| world.house.folder().join(name);
        std::fs::write(at("people.csv"), nameless(ROWS)).unwrap();
        let order = Order::plain(at("people.csv"), world.house.company);
        broken_off(&world, &order).await;
        let left = std::fs::read_to_string(at("people.rejected.csv")).unwrap();
        let dry = Order { dry_run: true, ..order.clone() };
        let tried = run_import_cli(&world.ctx, &dry, |_| {}).await.unwrap();
        assert_eq!(tried.rejected, Some(at("people.dry-run.rejected.csv")));
        let all = std::fs::read_to_string(at("people.dry-run.rejected.csv")).unwrap();
        assert_eq!(std::fs::read_to_string(at("people.rejected.csv")).unwrap(), left, "it is left alone");
        let edited = left.replacen("broken", "mended", 1);
        if changed {
            std::fs::write(at("people.rejected.csv"), &edited).unwrap();
        }
        let done = run_import_cli(&world.ctx, &order, |_| {}).await.unwrap();
        let first = std::fs::read_to_string(at("people.rejected.csv")).unwrap();
        if changed {
            assert_eq!(first, edited, "it is theirs now");
            assert_eq!(done.rejected, Some(at("people.rejected-2.csv")));
            let rest = std::fs::read_to_string(at("people.rejected-2.csv")).unwrap();
            let rows = |text: &str| text.lines().count() as u64 - 1;
            assert!(done.missing > 0 && rows(&rest) + done.missing == rows(&all), "{}", done.missing);
        } else {
            assert_eq!((first, done.missing), (all, 0));
        }
    }
}

const OLD_MARK: &str = "UPDATE import SET file = $1, body = $2 WHERE id = $3";

/// What the command began before files had the marks of today, with all that it had said in the mark.
async fn marked_as_before(world: &World, order: &Order) {
    use sha2::Digest as _;
    let digest: [u8; 32] = sha2::Sha256::digest(std::fs::read(&order.file).unwrap()).into();
    let said = serde_json::json!([digest, order.mapping, order.contract, order.country, order.region]);
    let mark = world.ctx.gate.own(order.company).await.unwrap().mark(&said.to_string());
    let company = order.company;
    let write = move |tx: &mut assent_store::Tx<'_>| {
        let mut one = store::all(tx, company, None, 1)?.remove(0);
        (one.body.file, one.body.said) = (Some(mark.clone()), String::new());
        let body = serde_json::to_string(&one.body).unwrap();
        tx.exec(OLD_MARK, &[(&mark).into(), (&body).into(), one.id.into()])
    };
    assert_eq!(world.ctx.gate.home().write(write).await.unwrap(), 1);
}

/// After an upgrade a file is known that came in, or broke off, before it.
async fn a_file_of_before_is_known(on: assent_testkit::Engine) {
    let world = world(on).await;
    let file = world.house.folder().join("people.csv");
    std::fs::write(&file, nameless(ROWS)).unwrap();
    let order = Order::plain(file, world.house.company);
    broken_off(&world, &order).await;
    marked_as_before(&world, &order).await;
    let other = Order { country: Some("AT".into()), ..order.clone() };
    let done = run_import_cli(&world.ctx, &order, |_| {}).await.unwrap();
    assert!(done.before > 0, "it was taken up");
    let all = people(&world).await.len() as u64;
    assert_eq!(all, done.counts.taken());
    marked_as_before(&world, &order).await;
    let twice = run_import_cli(&world.ctx, &order, |_| {}).await.unwrap_err().to_string();
    assert!(twice.contains("came in") && !twice.contains("other options"), "{twice}");
    // From then on it has a mark of today: what is said otherwise is the same file.
    let twice = run_import_cli(&world.ctx, &other, |_| {}).await.unwrap_err().to_string();
    assert!(twice.contains("other options"), "{twice}");
    assert_eq!(people(&world).await.len() as u64, all);
}

assent_testkit::on_both!(
    a_file_of_before_is_known,
    two_commands_at_once_begin_one_import,
    other_options_are_no_other_file,
    rows_to_look_at_are_neither_lost_nor_mixed,
);
