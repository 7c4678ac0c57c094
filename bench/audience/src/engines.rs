//! Runs the other engines, and compares what they counted.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use bench_world::{NOW, World};

use crate::columns;
use crate::ours::{Ours, PAIRS, Pair};

/// What an engine needed for a question.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Which engine, and how.
    pub engine: String,
    /// Which question.
    pub question: String,
    /// Milliseconds.
    pub millis: f64,
    /// Among how many people.
    pub among: usize,
}

/// Writes rows and questions, runs the engines, and compares every count.
pub fn run(people: usize, ours: &Ours, engines: &[&str]) -> anyhow::Result<Vec<Peer>> {
    let folder = std::env::temp_dir().join(format!("assent-audience-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = in_folder(&folder, people, ours, engines);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn in_folder(folder: &Path, people: usize, ours: &Ours, engines: &[&str]) -> anyhow::Result<Vec<Peer>> {
    columns::export(folder, people)?;
    let world = World::new();
    let all: Vec<String> = PAIRS.iter().map(|pair| question(&world, pair)).collect();
    std::fs::write(folder.join("questions.json"), format!("[{}]", all.join(",")))?;
    let python = std::env::var("ASSENT_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/engines.py");
    let out = Command::new(python).arg(script).arg(folder).args(engines).output()?;
    ensure!(out.status.success(), "{script}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout)?.lines().map(|line| read(line, people, ours)).collect()
}

/// The homes that prohibitions close for a question, as bits.
fn barred(world: &World, pair: &Pair) -> u64 {
    (0..bench_world::REGIONS)
        .filter(|home| pair.asked.forbidden(*home, world) != 0)
        .fold(0, |bits, home| bits | 1 << home)
}

fn question(world: &World, pair: &Pair) -> String {
    let (law, asked) = (&world.law, &pair.asked);
    format!(
        "{{\"name\":\"{}\",\"purpose\":{},\"now\":{},\"categories\":{},\"reached\":{},\"uses\":{},\"to\":{},\
         \"oldest\":{},\"barred\":{}}}",
        pair.name,
        asked.purpose,
        columns::minutes(NOW),
        asked.categories,
        law.reached(asked.to, asked.region),
        1 << asked.what,
        1u64 << asked.to,
        law.oldest[asked.purpose],
        barred(world, pair)
    )
}

fn read(line: &str, among: usize, ours: &Ours) -> anyhow::Result<Peer> {
    eprintln!("{line}");
    let mut parts = line.split('\t');
    let mut next = || parts.next().with_context(|| format!("a line of another form: {line}"));
    let (engine, question, count) = (next()?.to_owned(), next()?.to_owned(), next()?.parse::<usize>()?);
    let millis = next()?.parse()?;
    let right = ours.counted.iter().find(|one| one.name == question).map(|one| one.people);
    ensure!(right == Some(count), "{engine} counts {count} for {question}, the index {right:?}");
    Ok(Peer { engine, question, millis, among })
}
