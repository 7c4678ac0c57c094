//! A real process is killed in the middle of an import, and started again: nobody stands there twice, nothing is half there.

use anyhow::{Context as _, ensure};
use assent_gate::{Gate, RegionPlaces, RootKey, Stores, Whose};
use assent_kernel::Timestamp;
use assent_store::work::Reach;
use assent_store::{Place, home};
use assent_testkit::eu;
use assent_web::Clock;
use serde_json::Value;

use crate::process::{Here, Serving, wait_for};

const ROWS: u64 = 24_000;

/// People who have a name and nothing else by which they could be known again; some rows cannot be taken.
fn people() -> String {
    let row = |n: u64| if n % 40 == 3 { format!("Row,No{n},broken\n") } else { format!("Row,No{n},\n") };
    (1..=ROWS).fold("First Name,Last Name,Email\n".to_owned(), |text, n| text + &row(n))
}

const REJECTED: u64 = (ROWS + 37) / 40;

/// How many people are in the directory, and how many of them the region does not know.
async fn counted(here: &Here) -> anyhow::Result<(u64, usize)> {
    let data = here.path("assent-data");
    let file = |name: &str| Place::File(data.join(name));
    let region = RegionPlaces { region: eu(), data: file("eu.db"), keys: file("eu.keys.db") };
    let stores = Stores { home: file("home.db"), regions: vec![region], host: "localhost".into() };
    let root = RootKey::from_file(&data.join("root.key"), false)?;
    let gate = Gate::open(stores, &root, Timestamp::from_micros(Clock::System.now())).await?;
    let company = gate.companies().await?.first().map(|one| one.id).context("no company")?;
    let (mut count, mut strange, mut after) = (0, 0, None);
    loop {
        let page = gate
            .home()
            .read(move |tx| home::page(tx, (company, &Reach::all()), home::Order::Oldest, after, 500))
            .await?;
        let Some(last) = page.last() else { return Ok((count, strange)) };
        after = Some(last.person);
        let ids: Vec<_> = page.iter().map(|one| one.person).collect();
        count += ids.len() as u64;
        strange += ids.len() - gate.look(&Whose::everybody(company), &ids).await?.len();
    }
}

fn made() -> anyhow::Result<Here> {
    let here = Here::new()?;
    ensure!(Serving::start(&here, &["serve"])?.stop()?.0.success());
    std::fs::write(here.path("people.csv"), people())?;
    Ok(here)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_killed_is_taken_up_by_the_same_command() -> anyhow::Result<()> {
    let here = made()?;
    let import = ["import", "people.csv"];
    for _ in 0..2 {
        let before = std::fs::metadata(here.path("people.rejected.csv")).map_or(0, |known| known.len());
        let mut child = here.program(&import).spawn()?;
        // Some batches are in, and rows of another are on their way.
        wait_for("rows come in", || {
            let known = std::fs::metadata(here.path("people.rejected.csv"));
            Ok(known.is_ok_and(|known| known.len() > before + 1_000))
        })?;
        child.kill()?;
        ensure!(!child.wait()?.success(), "it was killed half way");
    }
    let done = here.json(0, &import)?;
    ensure!(done["rows_before"].as_u64().is_some_and(|rows| (2_000..ROWS).contains(&rows)), "{done}");
    ensure!(done["counts"]["rows"] == ROWS && done["counts"]["rejected"] == REJECTED, "{done}");
    let rejected = std::fs::read_to_string(here.path("people.rejected.csv"))?;
    ensure!(rejected.lines().count() as u64 == REJECTED + 1, "each once, below the columns");
    ensure!(counted(&here).await? == (ROWS - REJECTED, 0));
    ensure!(here.json(1, &import)?["error"].is_string(), "and not once more");
    ensure!(here.json(0, &["doctor"])?["well"] == true);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_killed_in_an_import_takes_it_up_again() -> anyhow::Result<()> {
    let here = made()?;
    let key = here.json(0, &["key", "new", "shop", "--role", "sales"])?;
    let key = key["key"].as_str().context("no key")?.to_owned();
    let serving = Serving::start(&here, &["serve"])?;
    let body = serde_json::json!({ "name": "people.csv", "text": people() }).to_string();
    let made = serving.call("POST /v1/imports", &key, &body)?;
    ensure!(made.status == 201, "{}", made.body);
    let id = serde_json::from_str::<Value>(&made.body)?["id"].as_str().context("no id")?.to_owned();
    let plan = serving.call(
        &format!("POST /v1/imports/{id}/plan"),
        &key,
        r#"{"columns": [], "terms": {"stand": "nothing"}}"#,
    )?;
    ensure!(plan.status < 300, "{}", plan.body);
    let run = serving.call(&format!("POST /v1/imports/{id}/run"), &key, r#"{"keep": true}"#)?;
    ensure!(run.status < 300, "{}", run.body);
    let told = |serving: &Serving| -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&serving.call(&format!("GET /v1/imports/{id}"), &key, "")?.body)?)
    };
    wait_for("rows come in", || Ok(told(&serving)?["done"].as_u64() >= Some(2_000)))?;
    ensure!(told(&serving)?["state"] == "running", "it is in the middle");
    serving.kill()?;
    let serving = Serving::start(&here, &["serve"])?;
    // Somebody says so, or the watcher notices a minute later.
    wait_for("it is taken up", || {
        Ok(serving.call(&format!("POST /v1/imports/{id}/resume"), &key, "")?.status < 300)
    })?;
    wait_for("it ends", || Ok(told(&serving)?["state"] == "done"))?;
    let done = told(&serving)?;
    ensure!(done["counts"]["rows"] == ROWS && done["counts"]["rejected"] == REJECTED, "{done}");
    ensure!(serving.stop()?.0.success());
    ensure!(counted(&here).await? == (ROWS - REJECTED, 0));
    Ok(())
}
