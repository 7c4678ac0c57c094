//! The terminal: what is wrong is said before anything moves, and a made-up world reaches nothing real.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use assent_gate::{Gate, RegionPlaces, RootKey, Stores};
use assent_kernel::{Region, Span, Timestamp};
use assent_store::Place;

use crate::process::{assent, said, text};

/// A demo in a folder, made while the settings name a real installation that must not be touched.
fn demo(folder: &Path) -> anyhow::Result<PathBuf> {
    let (data, config) = (folder.join("demo"), folder.join("real.toml"));
    let real = "home = 'postgres://nobody@127.0.0.1:9/home'\nkey_file = 'real.key'\n\
        [mail]\nsmtp = '127.0.0.1:9'\nfrom = 'a@example.org'\n\
        [[regions]]\nregion = 'eu'\ndata = 'postgres://nobody@127.0.0.1:9/eu'\nkeys = 'postgres://nobody@127.0.0.1:9/keys'\n";
    std::fs::write(&config, real)?;
    let made = assent(
        &["demo", "--no-serve", "--people", "20", "--keep", text(&data)],
        &[("ASSENT_CONFIG", text(&config)), ("ASSENT_HOME", "postgres://nobody@127.0.0.1:9/other")],
    )?;
    let (code, told) = said(&made);
    ensure!(code == Some(0), "{told}");
    ensure!(told.contains(&format!("Everything of it lies in {}.", data.display())), "{told}");
    for file in ["home.db", "eu.db", "eu.keys.db", "root.key"] {
        ensure!(data.join(file).exists(), "{file} is not in the demo's folder");
    }
    Ok(data)
}

#[test]
fn the_terminal_parses_at_its_door_and_a_demo_reaches_nothing_real() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = demo(folder.path())?;
    let here = |args: &[&str]| -> anyhow::Result<(Option<i32>, String)> {
        let company = ["--data-dir", text(&data)];
        Ok(said(&assent(&[&company[..], args].concat(), &[])?))
    };
    // Nobody of staff, and no program, is the person or the system.
    for role in ["person", "system", "king"] {
        for args in [
            &["key", "--company", "halden", "new", "shop", "--role", role][..],
            &["invite", "--company", "halden", "ada@example.org", "Ada", "--roles", role],
        ] {
            let (code, told) = here(args)?;
            ensure!(code == Some(2) && told.contains("no role to wear"), "{args:?}: {told}");
        }
    }
    let (code, told) = here(&["key", "--company", "halden", "new", "shop", "--role", "marketing"])?;
    ensure!(code == Some(0), "{told}");
    // Open when everything is.
    let ask = ["--json", "decide", "--company", "halden", "yui.ito@example.org", "view", "service.support"];
    let (code, told) = here(&[&ask[..], &["--role", "support", "--categories", "contact.email"]].concat())?;
    ensure!(code == Some(0) && told.contains("\"permitted\":true"), "{told}");
    let (code, told) = here(&[&ask[..], &["--role", "support"]].concat())?;
    ensure!(told.contains("\"open\":") && told.contains("\"closed\":"), "a part is closed: {told}");
    ensure!(code == Some(3) && told.contains("\"permitted\":false"), "{told}");
    restoring(folder.path(), &data, &here)
}

type Here<'h> = &'h dyn Fn(&[&str]) -> anyhow::Result<(Option<i32>, String)>;

/// A restore that is asked for wrongly moves nothing.
fn restoring(folder: &Path, data: &Path, here: Here<'_>) -> anyhow::Result<()> {
    let (copy, keys, empty) = (folder.join("copy"), folder.join("keys"), folder.join("empty"));
    std::fs::create_dir(&empty)?;
    let (code, told) = here(&["backup", "--data-to", text(&copy), "--keys-to", text(&keys)])?;
    ensure!(code == Some(0), "{told}");
    let before = std::fs::read(data.join("home.db"))?;
    let restore = ["restore", "--data-from", text(&copy)];
    for (wrong, expected) in [
        (&["--accept-loss", "A", "B", "--accept-loss", "C", "D"][..], 2),
        (&["--accept-loss", "A", "A"], 2),
        (&["--keys-from", text(&empty)], 1),
    ] {
        let (code, told) = here(&[&restore[..], wrong].concat())?;
        ensure!(code == Some(expected), "{wrong:?}: {told}");
        ensure!(std::fs::read(data.join("home.db"))? == before, "{wrong:?} moved the data");
        let names = std::fs::read_dir(data)?.map(|entry| Ok(entry?.file_name()));
        let names: Vec<_> = names.collect::<std::io::Result<_>>()?;
        ensure!(!names.iter().any(|name| name.to_string_lossy().starts_with("before-restore")), "{wrong:?}");
    }
    left_behind(data, &restore, here)
}

/// Somebody says that a clock is right that is a year ahead. The way back is the copy, and the word of two that what was
/// recorded since is lost.
fn left_behind(data: &Path, restore: &[&str], here: Here<'_>) -> anyhow::Result<()> {
    accepted_a_year_ahead(data)?;
    let lost = [restore, &["--accept-loss", "A. Name", "B. Name"]].concat();
    let (code, told) = here(restore)?;
    ensure!(code == Some(1) && told.contains("the clock of this computer was set back"), "{told}");
    let (code, told) = here(&lost)?;
    ensure!(code == Some(0) && told.contains("Restored."), "{told}");
    let ask = ["decide", "--company", "halden", "yui.ito@example.org", "view", "service.support"];
    let (code, told) = here(&[&ask[..], &["--role", "support", "--categories", "contact.email"]].concat())?;
    ensure!(code == Some(0), "everything goes on: {told}");
    let (code, told) = here(&["doctor"])?;
    ensure!(code == Some(0), "{told}");
    Ok(())
}

fn accepted_a_year_ahead(data: &Path) -> anyhow::Result<()> {
    let place = |name: &str| Place::File(data.join(name));
    let eu = RegionPlaces { region: Region::new("eu")?, data: place("eu.db"), keys: place("eu.keys.db") };
    let stores = Stores { home: place("home.db"), regions: vec![eu], host: "localhost".into() };
    let root = RootKey::from_file(&data.join("root.key"), false)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let now = Timestamp::from_micros(assent_web::Clock::System.now());
        let wrong = now.plus(Span::days(365));
        let gate = Gate::open(stores, &root, wrong).await?;
        ensure!(gate.accept_clock(wrong).await?);
        gate.rotate_keys(wrong, true).await?;
        Ok(())
    })
}

#[test]
fn a_key_is_made_where_the_stores_are_servers() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (key, config) = (folder.path().join("root.key"), folder.path().join("assent.toml"));
    let server = "postgres://nobody@127.0.0.1:9";
    let settings = format!(
        "data_dir = '{}'\nkey_file = '{}'\nhome = '{server}/home'\n[[regions]]\nregion = 'eu'\ndata = '{server}/eu'\nkeys = '{server}/keys'\n",
        folder.path().join("data").display(),
        key.display()
    );
    std::fs::write(&config, settings)?;
    let with = [("ASSENT_CONFIG", text(&config))];
    let (code, told) = said(&assent(&["policy"], &with)?);
    ensure!(code == Some(1) && told.contains("assent new-key"), "{told}");
    let (code, told) = said(&assent(&["new-key", text(&key)], &[])?);
    ensure!(code == Some(0), "{told}");
    let made = std::fs::read_to_string(&key)?;
    let hex = made.trim().strip_prefix("assent-root-1:").unwrap_or_default();
    ensure!(hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "the form of a key file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        ensure!(std::fs::metadata(&key)?.permissions().mode() & 0o777 == 0o600);
    }
    let (code, told) = said(&assent(&["new-key", text(&key)], &[])?);
    ensure!(code == Some(1) && std::fs::read_to_string(&key)? == made, "a key is never written over: {told}");
    // With a key it gets as far as the servers, which are not there.
    let (code, told) = said(&assent(&["policy"], &with)?);
    ensure!(code == Some(1) && !told.contains("new-key"), "{told}");
    Ok(())
}
