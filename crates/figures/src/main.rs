//! Figures: each measured beside a peer in the same run and shown as a ratio; written to `docs/FIGURES.md`.
//!
//! `cargo xtask figures` runs all of them, `cargo xtask figures append race` some.

mod append;
mod ask;
mod audience_use;
mod desk;
mod erase;
mod import;
mod layer;
mod list;
mod nodes;
mod race;
mod service;
mod start;

use std::path::Path;

use assent_report as report;
use report::Figure;

/// Takes one measurement.
type Run = fn(&tokio::runtime::Runtime) -> anyhow::Result<Figure>;

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let all: &[(&str, Run)] = &[
        ("import", import::run),
        ("list", list::run),
        ("desk", desk::run),
        ("append", append::run),
        ("ask", ask::run),
        ("audience-use", audience_use::run),
        ("erase", erase::run),
        ("race", race::run),
        ("nodes", nodes::run),
        ("service", service::run),
        ("start", start::run),
    ];
    for (name, run) in all {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            eprintln!("\n== {name}");
            let figure = run(&runtime)?;
            report::write_figure(Path::new("docs/FIGURES.md"), name, &figure)?;
        }
    }
    Ok(())
}
