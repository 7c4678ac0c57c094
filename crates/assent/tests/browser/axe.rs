//! axe-core, a checker of accessibility that is not ours: fetched by npm for the tests alone, run inside every page.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::window::Window;

const WANTED: &str = "axe-core@4.14.1";

/// Everything axe knows, best practice too; what it cannot tell for sure is left to people.
const RUN: &str = "const done = arguments[arguments.length - 1];\
    axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations.map((one) =>\
    `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 140) + ' '\
    + (node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? '')).join(' | ')}`)),\
    (error) => done([String(error)]));";

/// The checker's source.
pub(crate) struct Axe {
    source: String,
}

impl Axe {
    /// Reads it, after npm has fetched it if it is not there yet.
    pub(crate) fn fetch() -> anyhow::Result<Self> {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.parent().unwrap_or(&target).join("axe");
        let file = folder.join("node_modules/axe-core/axe.min.js");
        if !file.is_file() {
            install(&folder)?;
        }
        Ok(Self { source: std::fs::read_to_string(&file).with_context(|| file.display().to_string())? })
    }

    /// Puts it into the page that is open.
    pub(crate) async fn enter(&self, w: &Window) -> anyhow::Result<()> {
        let there = w.js(&format!("{}; return typeof window.axe", self.source), Value::Null).await?;
        ensure!(there == json!("object"), "axe does not start: {there}");
        Ok(())
    }

    /// What is wrong with the page that is open, as sentences.
    pub(crate) async fn violations(w: &Window) -> anyhow::Result<Vec<String>> {
        let found = w.js_later(RUN, Value::Null).await?;
        let found = found.as_array().context("axe answers with a list")?;
        Ok(found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect())
    }
}

/// Nothing is wrong with the page that is open: for pages that only an act leads to.
pub(crate) async fn clean(w: &Window) -> anyhow::Result<()> {
    Axe::fetch()?.enter(w).await?;
    let found = Axe::violations(w).await?;
    ensure!(found.is_empty(), "axe: {}", found.join("\n      "));
    Ok(())
}

fn install(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
    let status = npm.arg(folder).arg(WANTED).status().context("npm (Debian: apt-get install npm)")?;
    ensure!(status.success(), "npm could not fetch {WANTED}");
    Ok(())
}
