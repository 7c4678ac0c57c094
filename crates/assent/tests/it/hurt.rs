//! Hurting it: kill −9 under load, a full disk, a database that goes away and comes back, a missing or wrong key.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use assent_gate::{Gate, GateError, RootKey, Whose};
use assent_kernel::uses::kind::View;
use assent_kernel::{Role, Span};
use assent_testkit::{Engine, House, START, category, root};

/// How often the process is killed: a few times here, a hundred times by `cargo xtask kill 100`.
fn kills() -> u32 {
    std::env::var("ASSENT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

struct Killed(Child);
impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A process of ours writes as fast as it can and says what is durable; it is killed at a random moment, again and
/// again. Everything it said is there, and the ledger verifies.
#[tokio::test(flavor = "multi_thread")]
async fn kill_nine_loses_nothing_that_was_acknowledged() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut acknowledged = 0u64;
    for round in 0..kills() {
        acknowledged = acknowledged
            .max(killed_once(folder.path(), Duration::from_millis(u64::from(round) * 7_919 % 900))?);
        let found = assent_testkit::load::count(folder.path()).await?;
        anyhow::ensure!(
            found >= acknowledged,
            "round {round}: {found} of {acknowledged} acknowledged acts are there"
        );
    }
    eprintln!("{} kills, {acknowledged} acts acknowledged, none lost", kills());
    anyhow::ensure!(acknowledged > 50, "the load must have got somewhere: {acknowledged}");
    assent_testkit::load::verify(folder.path()).await
}

fn killed_once(folder: &Path, after: Duration) -> anyhow::Result<u64> {
    let child = Command::new(std::env::current_exe()?)
        .args(["--ignored", "--exact", "hurt::load_process", "--nocapture"])
        .env("ASSENT_LOAD", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut child = Killed(child);
    let out = child.0.stdout.take().ok_or_else(|| anyhow::anyhow!("no output"))?;
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(out).lines().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix("durable ")?.parse::<u64>().ok()).max().unwrap_or(0)
    });
    std::thread::sleep(Duration::from_millis(700) + after);
    child.0.kill()?;
    child.0.wait()?;
    reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))
}

/// Not a test: the process that is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that `kill_nine_loses_nothing_that_was_acknowledged` starts and kills"]
async fn load_process() -> anyhow::Result<()> {
    let Some(folder) = std::env::var_os("ASSENT_LOAD") else { return Ok(()) };
    assent_testkit::load::run(Path::new(&folder)).await
}

/// A process of ours may write files of three megabytes and no longer: the disk refuses, the uses are refused, and what was
/// acknowledged before is all that is there.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_the_use_and_the_log_stays_whole() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let out = Command::new("bash")
        .args(["-c", r#"trap "" XFSZ; ulimit -f 3072; exec "$0" "$@""#])
        .arg(std::env::current_exe()?)
        .args(["--ignored", "--exact", "hurt::full_process", "--nocapture"])
        .env("ASSENT_FULL", folder.path())
        .output()?;
    anyhow::ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let acknowledged: u64 = said
        .lines()
        .find_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
        .ok_or_else(|| anyhow::anyhow!("{said}"))?;
    anyhow::ensure!(acknowledged > 1_000, "{acknowledged} before it was full");
    // Now there is room.
    let (gate, house, at) = full_house(folder.path()).await?;
    let name = assent_gate::LogName { company: house.company, region: assent_testkit::eu() };
    assert_eq!(
        gate.integrate(&name, at).await?,
        acknowledged + 1,
        "each use once, and how the person came in"
    );
    assert_eq!(ask_twenty(&gate, &house, at).await?, 20, "and it goes on");
    assert_eq!(gate.integrate(&name, at).await?, acknowledged + 21);
    let export = tempfile::tempdir()?;
    gate.export_log(&name, export.path(), |_, _| {}).await?;
    assert!(assent_verify::check_export(export.path(), None, None).is_ok());
    Ok(())
}

async fn full_house(folder: &Path) -> anyhow::Result<(Gate, House, assent_kernel::Timestamp)> {
    let stores = assent_testkit::load::stores(folder);
    let gate = Gate::open(stores.clone(), &root(), START).await?;
    let company = assent_testkit::load::found(&gate).await?;
    let house = House::around(gate.clone(), company, stores)?;
    Ok((gate, house, START.plus(Span::minutes(5))))
}

/// Twenty questions about the first person; tells how many were permitted.
async fn ask_twenty(gate: &Gate, house: &House, at: assent_kernel::Timestamp) -> Result<usize, GateError> {
    let mia = assent_kernel::PersonId::from_bytes([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let dossier = gate.look_one(&Whose::everybody(house.company), mia).await?;
    let matters = dossier.of_categories(&[category("name")]).unwrap();
    let question = house.question(View, mia, Role::Support, "service.support", matters, at);
    let answers = gate.ask_many((0..20).map(|_| (question.clone(), &dossier)).collect()).await?;
    Ok(answers.iter().filter(|answer| answer.permit().is_some()).count())
}

/// Not a test: the process whose disk is full.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that `a_full_disk_refuses_the_use_and_the_log_stays_whole` starts"]
#[expect(clippy::print_stdout, reason = "the process says what was acknowledged to whoever started it")]
async fn full_process() -> anyhow::Result<()> {
    let Some(folder) = std::env::var_os("ASSENT_FULL") else { return Ok(()) };
    let (gate, house, at) = full_house(Path::new(&folder)).await?;
    house.customer(1, &[("name.given", "Mia")], START).await?;
    let (mut acknowledged, mut refused) = (0, 0);
    while refused < 5 {
        match ask_twenty(&gate, &house, at).await {
            Ok(permitted) => {
                anyhow::ensure!(refused == 0 && permitted == 20, "nothing opens once it is full");
                acknowledged += permitted;
            }
            Err(GateError::Store(assent_store::StoreError::Full(_))) => refused += 1,
            Err(other) => return Err(other.into()),
        }
    }
    println!("acknowledged {acknowledged}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_refuses_and_comes_back() -> anyhow::Result<()> {
    let house = House::new(Engine::Postgres).await?;
    let mia = house.customer(1, &[("name.given", "Mia")], START).await?;
    let dossier = house.gate.look_one(&Whose::everybody(house.company), mia).await?;
    let ask = |minute: u32| {
        let matters = dossier.of_categories(&[category("name")]).unwrap();
        let at = START.plus(Span::minutes(minute));
        house.gate.ask(house.question(View, mia, Role::Support, "service.support", matters, at), &dossier)
    };
    assert!(ask(1).await?.permit().is_some());
    // Every connection of ours is cut, and none is let in for a while.
    let assent_store::Place::Server(url) = house.stores.regions[0].data.clone() else {
        anyhow::bail!("no server")
    };
    assent_testkit::pg_block(&url, true)?;
    assert!(matches!(ask(2).await, Err(GateError::Store(_))), "no ledger, no use");
    assent_testkit::pg_block(&url, false)?;
    let mut back = false;
    for _ in 0..50 {
        back = back || ask(3).await.is_ok_and(|answer| answer.permit().is_some());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(back, "it opens again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_key_starts_sealed_and_says_so() -> anyhow::Result<()> {
    let house = House::new(Engine::Sqlite).await?;
    house.person(1, &[("name.given", "Mia")], START).await?;
    let wrong = Gate::open(house.stores.clone(), &RootKey::for_tests([1; 32]), START).await;
    let said = format!("{}", wrong.err().unwrap());
    assert!(said.contains("another installation"), "{said}");
    let missing = RootKey::from_file(&house.folder().join("root.key"), false);
    assert!(matches!(missing, Err(GateError::Sealed(_))));
    let open = house.folder().join("open.key");
    RootKey::from_file(&open, true)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&open)?.permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644))?;
        assert!(RootKey::from_file(&open, false).is_err(), "a key that others may read is refused");
    }
    std::fs::write(house.folder().join("junk.key"), "junk")?;
    assert!(RootKey::from_file(&house.folder().join("junk.key"), false).is_err());
    assert!(Gate::open(house.stores.clone(), &root(), START).await.is_ok());
    Ok(())
}
