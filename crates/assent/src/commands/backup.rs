//! `backup`: data to one place, keyrings to another.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use assent_store::{Db, Place};
use serde_json::json;

use super::{Terminal, Usage};
use crate::progress::Bar;

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The folder for the data; it may be kept for long, for without the keys it is noise.
    #[arg(long)]
    data_to: PathBuf,
    /// The folder for the keyrings: another place, kept for at most 30 days.
    #[arg(long)]
    keys_to: PathBuf,
}

/// The files of an installation: data, of which the first is the home store; then keyrings. With stores on a server,
/// which is copied by its own tools, what to do instead is the error.
pub(super) fn files(terminal: &Terminal, on_server: &str) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Usage> {
    let stores = terminal.config.stores();
    let file = |place: &Place| match place {
        Place::File(path) => Ok(path.clone()),
        Place::Server(_) => Err(Usage(format!("the stores are in PostgreSQL: {on_server}"))),
    };
    let mut data = vec![file(&stores.home)?];
    let mut keys = Vec::new();
    for region in &stores.regions {
        data.push(file(&region.data)?);
        keys.push(file(&region.keys)?);
    }
    Ok((data, keys))
}

pub(super) fn name(path: &Path) -> anyhow::Result<&std::ffi::OsStr> {
    path.file_name().context("a store without a file name")
}

/// How large a file is; nothing when there is none.
pub(super) fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |known| known.len())
}

pub(crate) async fn backup(terminal: &Terminal, args: Backup) -> anyhow::Result<u8> {
    let by_its_tools =
        "copy the data databases and the keyring databases with pg_dump, apart from each other";
    let (data, keys) = files(terminal, by_its_tools)?;
    if args.data_to == args.keys_to {
        return Err(Usage(
            "data and keys must go to different places: together they are no longer sealed".into(),
        )
        .into());
    }
    // The home store last: what a region relies on there, a policy or a line of the directory, is then in the copy too.
    let home = data.first().map(|home| (home, None, &args.data_to));
    let regions = data.iter().skip(1).zip(&keys).map(|(data, ring)| (data, Some(ring), &args.data_to));
    let rings = keys.iter().map(|ring| (ring, None, &args.keys_to));
    let all: Vec<_> = regions.chain(home).chain(rings).collect();
    let total = all.iter().map(|(path, ..)| size(path)).sum();
    let bar = Bar::new("Copying", terminal.json);
    let (mut copied, mut done) = (Vec::new(), 0);
    for (path, ring, folder) in all {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let target = folder.join(name(path)?);
        if target.exists() {
            bail!("{} is there already: choose an empty folder", target.display());
        }
        bar.label(&format!("Copying {}", name(path)?.to_string_lossy()));
        let copying = copy(path, ring, target.clone());
        bar.following(copying, || (done + size(&target), total)).await?;
        done += size(&target);
        copied.push(target);
    }
    bar.done();
    let text = format!(
        "Data in {}, keyrings in {}.\nThe key file {} is not copied: keep it apart from both.\n\
         Delete copies of keyrings after 30 days: until then, what was erased could be brought back with them.",
        args.data_to.display(),
        args.keys_to.display(),
        terminal.config.key_path().display()
    );
    terminal.say(&json!({ "copied": copied }), &text);
    Ok(0)
}

/// Copies one store; what a region's journal holds goes into the copy.
async fn copy(path: &Path, ring: Option<&PathBuf>, target: PathBuf) -> anyhow::Result<()> {
    let place = Place::File(path.to_path_buf());
    let db = match ring {
        Some(keys) => assent_gate::settled(place, Place::File(keys.clone())).await?,
        None => Db::open(place)?,
    };
    Ok(db.copy_to(target).await?)
}
