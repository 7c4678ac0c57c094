//! The addresses that the router is told, read from the source: a router itself tells none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// One address, with braces where an id stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    pub(crate) path: String,
    /// Whether GET is answered there.
    pub(crate) reads: bool,
}

/// Every address of pages and files; `/v1` tells its own.
pub(crate) fn all() -> anyhow::Result<Vec<Route>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for one in ["uses", "sources", "web"] {
        sources(&crates.join(one).join("src"), &mut files)?;
    }
    files.push((PathBuf::from("house.rs"), std::fs::read_to_string(crates.join("assent/src/house.rs"))?));
    let web = constants(files.iter().filter(|(path, _)| path.starts_with(crates.join("web"))));
    let mut found = BTreeMap::new();
    for (path, text) in &files {
        let own = constants(std::iter::once(&(path.clone(), text.clone())));
        for (address, answers) in told(text) {
            let Some(address) = read(address, &own, &web).with_context(|| path.display().to_string())? else {
                continue;
            };
            *found.entry(address).or_insert(false) |=
                answers.split(['.', ':', ' ']).any(|one| one.starts_with("get("));
        }
    }
    Ok(found.into_iter().map(|(path, reads)| Route { path, reads }).collect())
}

fn sources(folder: &Path, files: &mut Vec<(PathBuf, String)>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path)?;
            files.push((path, text));
        }
    }
    Ok(())
}

/// What stands between the brackets of each `.route(…)`: the address, and what answers there.
fn told(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(".route(").skip(1).filter_map(|rest| {
        let mut open = 1_u32;
        let end = rest.find(|c| {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            open == 0
        })?;
        let (address, answers) = rest.get(..end)?.split_once(',')?;
        Some((address.trim(), answers.trim()))
    })
}

/// The texts that have a name, by name, and by the file's name with it.
fn constants<'a>(files: impl Iterator<Item = &'a (PathBuf, String)>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (path, text) in files {
        let file = path.file_stem().unwrap_or_default().to_string_lossy();
        for rest in text.split("const ").skip(1) {
            let Some((name, value)) = rest.split_once(": &str = \"") else { continue };
            if let (true, Some((value, _))) =
                (name.chars().all(|c| c.is_ascii_uppercase() || c == '_'), value.split_once('"'))
            {
                all.insert(name.to_owned(), value.to_owned());
                all.insert(format!("{file}::{name}"), value.to_owned());
            }
        }
    }
    all
}

/// An address as it is written: a text, or the name of one of this file or of `web`. None where it is put together from a
/// list, which only `/v1` is.
fn read(
    written: &str,
    own: &BTreeMap<String, String>,
    web: &BTreeMap<String, String>,
) -> anyhow::Result<Option<String>> {
    if let Some(text) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Ok(Some(text.to_owned()));
    }
    if written == "path" {
        return Ok(None);
    }
    let known = own.get(written).or_else(|| web.get(written));
    Ok(Some(known.with_context(|| format!("nobody knows the address `{written}`"))?.clone()))
}
