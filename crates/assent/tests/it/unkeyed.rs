//! A key that is missing or another's: the program does not start, says so, and never makes a new key beside old data.

use std::path::Path;

use anyhow::ensure;

use crate::process::{Here, Serving};

/// `serve` fails, with that word; the folder is as it was.
fn refuses(here: &Here, word: &str) -> anyhow::Result<()> {
    let before = names(&here.path("assent-data"))?;
    let (code, out, err) = here.run(&["serve", "--listen", "127.0.0.1:0"])?;
    ensure!(code == Some(1) && err.contains(word) && !out.contains("Listening"), "{code:?} {out}{err}");
    ensure!(names(&here.path("assent-data"))? == before, "something was made");
    Ok(())
}

fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let name =
        |entry: std::io::Result<std::fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut all: Vec<String> = std::fs::read_dir(folder)?.map(name).collect::<std::io::Result<_>>()?;
    // What SQLite lays beside a file while it is open comes and goes.
    all.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    all.sort();
    Ok(all)
}

#[test]
fn without_its_own_key_nothing_starts_and_no_key_is_made() -> anyhow::Result<()> {
    let mut here = Here::new()?;
    ensure!(Serving::start(&here, &["serve"])?.stop()?.0.success());
    let data = here.path("assent-data");
    let (key, ring) = (data.join("root.key"), data.join("eu.keys.db"));
    let (key_aside, ring_aside) = (here.path("aside.key"), here.path("aside.keys.db"));
    let secret = std::fs::read(&key)?;
    std::fs::rename(&key, &key_aside)?;
    refuses(&here, "there is no key file")?;
    // Key and keyring are both gone: the data is old all the same.
    std::fs::rename(&ring, &ring_aside)?;
    refuses(&here, "there is no key file")?;
    std::fs::rename(&key_aside, &key)?;
    refuses(&here, "the keyring")?;
    // The region's file too: what the home store knows of was somewhere.
    std::fs::rename(data.join("eu.db"), here.path("aside.db"))?;
    std::fs::rename(&key, &key_aside)?;
    refuses(&here, "there is no key file")?;
    std::fs::rename(here.path("aside.db"), data.join("eu.db"))?;
    std::fs::rename(&ring_aside, &ring)?;
    // Another installation's key.
    here.json(0, &["new-key", "other.key"])?;
    std::fs::copy(here.path("other.key"), &key)?;
    refuses(&here, "another installation's")?;
    std::fs::write(&key, "junk")?;
    refuses(&here, "not a key file")?;
    std::fs::write(&key, &secret)?;
    here.set("ASSENT_KEY_FILE", "nowhere.key");
    refuses(&here, "there is no key file")?;
    here.settings.clear();
    // The control: with its own key back it starts.
    ensure!(Serving::start(&here, &["serve"])?.stop()?.0.success());
    Ok(())
}
