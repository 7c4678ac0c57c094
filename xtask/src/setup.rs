//! What the tests need besides Rust: installed by apt when we may, said exactly when we may not.

use std::path::Path;
use std::process::Command;

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
/// Python.
pub(crate) const PYTHON: Need = Need {
    name: "Python 3",
    present: || on_path("python3"),
    packages: &["python3", "python3-pip", "python3-venv"],
};

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
