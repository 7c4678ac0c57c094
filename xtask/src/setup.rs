//! What the tests need besides Rust: installed by apt when we may, said exactly when we may not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::bail;

/// A program the tests need.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    name: &'static str,
    present: fn() -> bool,
    packages: &'static [&'static str],
}

/// A PostgreSQL server.
pub(crate) const POSTGRES: Need = Need {
    name: "PostgreSQL server",
    present: || crate::pg::programs().is_some(),
    packages: &["postgresql"],
};
/// A browser and its driver.
pub(crate) const CHROMIUM: Need = Need {
    name: "Chromium and its driver",
    present: || on_path("chromium") && on_path("chromedriver"),
    packages: &["chromium", "chromium-driver"],
};
/// Go with its own transparency log.
pub(crate) const GO: Need = Need {
    name: "Go and golang.org/x/mod",
    present: || on_path("go") && Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").is_dir(),
    packages: &["golang-go", "golang-golang-x-mod-dev"],
};
/// Node.js.
pub(crate) const NODE: Need =
    Need { name: "Node.js", present: || on_path("node") && on_path("npm"), packages: &["nodejs", "npm"] };
/// Python, as new as what reads our logs wants it.
pub(crate) const PYTHON: Need = Need {
    name: "Python 3.12 or newer (set PYTHON to it when it has another name)",
    present: || python().is_some(),
    packages: &["python3", "python3-pip", "python3-venv"],
};

/// A Python that is new enough: the one that `PYTHON` names, one on the path, or one of pyenv's.
pub(crate) fn python() -> Option<PathBuf> {
    let named = std::env::var_os("PYTHON").map(PathBuf::from);
    let usual = ["python3.14", "python3.13", "python3.12", "python3"].map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv/versions"));
    let versions = home.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let pyenv = versions.map(|version| version.path().join("bin/python3"));
    let new = |python: &PathBuf| {
        let asked = ["-c", "import sys; sys.exit(sys.version_info < (3, 12))"];
        Command::new(python).args(asked).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    named.into_iter().chain(usual).chain(pyenv).find(new)
}

/// What asks a service as fast as it can.
pub(crate) const WRK: Need = Need { name: "wrk", present: || on_path("wrk"), packages: &["wrk"] };

pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

/// Makes sure that everything needed is there.
pub(crate) fn need(all: &[Need]) -> anyhow::Result<()> {
    let missing: Vec<&Need> = all.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.name).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages.iter().copied()).collect();
    if !is_root() || !on_path("apt-get") {
        bail!("missing: {}. On Debian: sudo apt-get install {}", names.join(", "), packages.join(" "));
    }
    eprintln!("== installing {}", packages.join(" "));
    let mut update = Command::new("apt-get");
    update.args(["update", "-qq"]).status()?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(&packages);
    install.env("DEBIAN_FRONTEND", "noninteractive").status()?;
    let still: Vec<&str> = all.iter().filter(|need| !(need.present)()).map(|need| need.name).collect();
    if still.is_empty() { Ok(()) } else { bail!("still missing after apt-get install: {}", still.join(", ")) }
}
