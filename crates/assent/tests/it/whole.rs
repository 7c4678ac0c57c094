//! The whole program at a terminal, told to both engines: made, served, stopped, filled, asked, copied, erased, restored;
//! each command with its exit code and its answer for programs.

use std::path::Path;

use anyhow::{Context as _, ensure};
use assent_testkit::{Engine, pg_copy};
use serde_json::Value;

use crate::process::{Here, Serving};

const PEOPLE: &str =
    "First Name,Last Name,Email\nAda,One,ada@example.org\nBo,Two,bo@example.org\nCy,Three,not an address\n";

/// An installation in a folder, with its stores in files or on a server.
struct Installation {
    here: Here,
    engine: Engine,
    /// URLs of the home store and of the region's data.
    servers: Vec<String>,
}

impl Installation {
    fn new(engine: Engine) -> anyhow::Result<Self> {
        let mut here = Here::new()?;
        let servers = match engine {
            Engine::Sqlite => Vec::new(),
            Engine::Postgres => here.on_server()?.into_iter().take(2).collect(),
        };
        Ok(Self { here, engine, servers })
    }

    /// A copy of the data, without keys.
    fn copy(&self) -> anyhow::Result<()> {
        let to = ["backup", "--data-to", "copy", "--keys-to", "keys"];
        if self.engine == Engine::Sqlite {
            let made = self.here.json(0, &to)?;
            ensure!(made["copied"].as_array().map(Vec::len) == Some(3), "{made}");
            return Ok(());
        }
        let refused = self.here.json(2, &to)?;
        ensure!(refused["error"].as_str().is_some_and(|why| why.contains("pg_dump")), "{refused}");
        self.servers.iter().try_for_each(|url| pg_copy(url, &format!("{url}_copy")))
    }

    /// The disaster, and the copy in its place.
    fn restore(&self, ledger: &str) -> anyhow::Result<Value> {
        let from = ["restore", "--data-from", "copy"];
        if self.engine == Engine::Sqlite {
            return self.here.json(0, &from);
        }
        let refused = self.here.json(2, &from)?;
        ensure!(refused["error"].as_str().is_some_and(|why| why.contains("pg_restore")), "{refused}");
        self.servers.iter().try_for_each(|url| pg_copy(&format!("{url}_copy"), url))?;
        // As it was put back it opens nothing, and says what to do; without the ledger since then it stays so.
        for args in [&ask("bo@example.org")[..], &["restore", "--yes"]] {
            let closed = self.here.json(1, args)?;
            ensure!(closed["error"].as_str().is_some_and(|why| why.contains("assent restore")), "{closed}");
        }
        let unsure = self.here.json(2, &["restore", "--ledger", ledger])?;
        ensure!(unsure["error"].as_str().is_some_and(|why| why.contains("--yes")), "{unsure}");
        self.here.json(0, &["restore", "--yes", "--ledger", ledger])
    }
}

fn ask(who: &str) -> [&str; 8] {
    ["decide", who, "view", "service.support", "--role", "support", "--categories", "contact.email"]
}

fn told(engine: Engine) -> anyhow::Result<()> {
    let all = Installation::new(engine)?;
    served(&all)?;
    filled(&all.here)?;
    all.copy()?;
    erased(&all.here)?;
    ledger(&all.here)?;
    looked_after(&all.here)?;
    let report = all.restore("ledger")?;
    ensure!(report["erasures"] == 1 && report["lost"] == 0, "{report}");
    // Who was erased after the copy stays erased; who was not is there.
    let gone = all.here.json(1, &ask("ada@example.org"))?;
    ensure!(gone["error"].as_str().is_some_and(|why| why.contains("nobody")), "{gone}");
    ensure!(all.here.json(0, &ask("bo@example.org"))?["permitted"] == true);
    let again = all.here.json(0, &["export-ledger", "--to", "after"])?;
    ensure!(again["entries"].as_u64() > Some(0));
    let checked = all.here.json(0, &["verify", "export", "after"])?;
    ensure!(checked["kinds"]["restore"] == 1, "the restore stands in the ledger: {checked}");
    ensure!(all.here.json(0, &["doctor"])?["well"] == true);
    Ok(())
}

/// `serve` where there is nothing: a folder, a key, a link that works once; it stops when it is told to.
fn served(all: &Installation) -> anyhow::Result<()> {
    let here = &all.here;
    if all.engine == Engine::Postgres {
        // Beside databases a key is not made by itself: they may hold something.
        let (code, _, err) = here.run(&["serve"])?;
        ensure!(code == Some(1) && err.contains("assent new-key"), "{err}");
        here.json(0, &["new-key", "assent-data/root.key"])?;
    }
    let serving = Serving::start(here, &["serve", "--company-name", "Quist"])?;
    private(&here.path("assent-data"), 0o700)?;
    private(&here.path("assent-data/root.key"), 0o600)?;
    let link = serving.said()?.split_whitespace().find(|word| word.contains("/invite/")).map(str::to_owned);
    let link = link.context("no link for the first administrator")?;
    let path = format!("/invite/{}", link.rsplit('/').next().unwrap_or_default());
    ensure!(serving.get("/healthz", "")?.body == "ok\n");
    ensure!(serving.get(&path, "")?.status == 200);
    let twice = "password=correct-horse-battery&again=correct-horse-battery";
    let entered = serving.post(&path, "", twice)?;
    ensure!(entered.status == 303 && serving.get("/people", &entered.cookie())?.body.contains("Quist"));
    ensure!(serving.get(&path, "")?.status == 404, "it works once");
    let (ended, _) = serving.stop()?;
    ensure!(ended.code() == Some(0), "told to stop, it ends well: {ended}");
    let again = Serving::start(here, &["serve"])?;
    ensure!(!again.said()?.contains("Welcome"), "the second start makes nothing");
    ensure!(again.stop()?.0.success());
    Ok(())
}

fn private(path: &Path, mode: u32) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let known = std::fs::metadata(path)?.permissions().mode() & 0o777;
        ensure!(known == mode, "{} is {known:o}", path.display());
    }
    Ok(())
}

fn filled(here: &Here) -> anyhow::Result<()> {
    std::fs::write(here.path("people.csv"), PEOPLE)?;
    let import = ["import", "people.csv", "--contract", "household-customer"];
    let tried = here.json(0, &[&import[..], &["--dry-run"]].concat())?;
    ensure!(tried["import"].is_null() && tried["counts"]["rows"] == 3, "{tried}");
    let done = here.json(0, &import)?;
    ensure!(done["counts"]["rows"] == 3 && done["counts"]["rejected"] == 1, "{done}");
    ensure!(std::fs::read_to_string(here.path("people.rejected.csv"))?.contains("not an address"));
    let twice = here.json(1, &import)?;
    ensure!(twice["error"].as_str().is_some_and(|why| why.contains("--again")), "{twice}");
    ensure!(here.json(0, &ask("ada@example.org"))?["permitted"] == true);
    let letter = ["decide", "ada@example.org", "message", "marketing.newsletter", "--role", "marketing"];
    ensure!(here.json(3, &letter)?["permitted"] == false, "refused is 3");
    ensure!(here.json(2, &["decide", "ada@example.org", "eat", "service.support"])?["error"].is_string());
    Ok(())
}

fn erased(here: &Here) -> anyhow::Result<()> {
    let erase = ["erase", "ada@example.org"];
    let unsure = here.json(2, &erase)?;
    ensure!(unsure["error"].as_str().is_some_and(|why| why.contains("--yes")), "{unsure}");
    let done = here.json(0, &[&erase[..], &["--yes"]].concat())?;
    ensure!(done["erased"].as_u64() > Some(1), "{done}");
    std::fs::write(here.path("receipt"), done["receipt"].as_str().unwrap_or_default())?;
    ensure!(here.json(1, &[&erase[..], &["--yes"]].concat())?["error"].is_string(), "nobody is there now");
    Ok(())
}

fn ledger(here: &Here) -> anyhow::Result<()> {
    let out = here.json(0, &["export-ledger", "--to", "ledger"])?;
    ensure!(out["entries"].as_u64() > Some(2), "{out}");
    ensure!(here.json(0, &["verify", "export", "ledger"])?["verdict"] == "good");
    let receipt = ["verify", "receipt", "--policy", "ledger/assent-ledger.txt"];
    ensure!(here.json(0, &receipt)?["verdict"] == "good");
    let (code, words, _) = here.run(&receipt)?;
    ensure!(code == Some(0) && !words.starts_with('{'), "words for people: {words}");
    // One bit of one entry.
    let path = std::fs::read_dir(here.path("ledger/tile/entries"))?.next().context("no entries")??.path();
    let path = if path.is_dir() { std::fs::read_dir(path)?.next().context("no tile")??.path() } else { path };
    let whole = std::fs::read(&path)?;
    let mut bad = whole.clone();
    *bad.last_mut().context("empty")? ^= 1;
    std::fs::write(&path, bad)?;
    let (code, out, _) = here.run(&["--json", "verify", "export", "ledger"])?;
    let found: Value = serde_json::from_str(&out)?;
    ensure!(code.is_some_and(|code| (2..=8).contains(&code)) && found["verdict"] != "good", "{code:?} {out}");
    std::fs::write(&path, whole)?;
    let none = here.json(2, &["verify", "export", "nowhere"])?;
    ensure!(none["verdict"] == "malformed", "{none}");
    Ok(())
}

fn looked_after(here: &Here) -> anyhow::Result<()> {
    let found = here.json(0, &["doctor"])?;
    let all = found["findings"].as_array().context("findings")?;
    ensure!(
        found["well"] == true && all.iter().any(|one| one["what"].to_string().contains("every hash fits"))
    );
    ensure!(here.json(0, &["check-config"])?["ledger_host"] == "localhost");
    let rooms = here.json(0, &["rooms"])?;
    ensure!(rooms.as_array().map_or(0, Vec::len) > 10, "{rooms}");
    let (code, policy, _) = here.run(&["policy"])?;
    ensure!(code == Some(0));
    std::fs::write(here.path("draft.json"), &policy)?;
    let same = here.json(0, &["what-if", "--policy", "draft.json"])?;
    ensure!(same.is_object(), "{same}");
    std::fs::write(here.path("slip.json"), policy.replacen("\"purposes\"", "\"purpose\"", 1))?;
    ensure!(here.json(1, &["what-if", "--policy", "slip.json"])?["error"].is_string());
    for sure in [&["accept-clock"][..], &["accept-clock", "--yes"]] {
        let nothing = here.json(0, sure)?;
        ensure!(nothing["accepted"].is_null() && nothing["newest_before"].is_string(), "{nothing}");
    }
    let (code, help, _) = here.run(&["--help"])?;
    ensure!(code == Some(0) && help.contains("Exit codes"), "{help}");
    ensure!(here.run(&["fly"])?.0 == Some(2));
    for wrong in [&["fly"][..], &["restore", "--data-from"], &["import"], &["serve", "--listen", "here"]] {
        let told = here.json(2, wrong)?;
        ensure!(told["error"].as_str().is_some_and(|why| why.len() > 10), "{wrong:?}: {told}");
    }
    Ok(())
}

#[test]
fn from_nothing_to_restored_in_files() -> anyhow::Result<()> {
    told(Engine::Sqlite)
}

#[test]
fn from_nothing_to_restored_on_a_server() -> anyhow::Result<()> {
    told(Engine::Postgres)
}
