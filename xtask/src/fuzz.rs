//! Bad input, made up: `fuzz/` built with the compiler's own coverage and libFuzzer, on the stable toolchain.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

/// What lets libFuzzer see which input led where; the same that cargo-fuzz sets, without a sanitizer: no code of ours
/// is unsafe.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// The longest input that is made up, in bytes.
const LONGEST: &str = "-max_len=20000";

pub(crate) fn run(args: &[&str]) -> anyhow::Result<()> {
    let names = names()?;
    let (name, seconds) = match args {
        [] => {
            eprintln!("{}", names.join(" "));
            return Ok(());
        }
        [name] => (*name, 60),
        [name, seconds] => {
            (*name, seconds.parse::<u32>().with_context(|| format!("`{seconds}` is no number"))?)
        }
        [_, _, more @ ..] => bail!("too much: {more:?}"),
    };
    if name != "all" && !names.iter().any(|one| one == name) {
        bail!("there is no `{name}`: {} or all", names.join(", "));
    }
    let program = build()?;
    for one in names.iter().filter(|one| name == "all" || *one == name) {
        fuzz(&program, one, seconds)?;
    }
    Ok(())
}

/// The names in the list of `fuzz/src/main.rs`.
fn names() -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string("fuzz/src/main.rs").context("run this where Cargo.lock is")?;
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next());
    Ok(lines.map(str::to_owned).collect())
}

fn build() -> anyhow::Result<PathBuf> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = crate::cargo(&["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    build.args(["--target", &target, "--target-dir", "target/fuzz"]).env("RUSTFLAGS", COVERAGE);
    crate::step("build", &mut build)?;
    Ok(Path::new("target/fuzz").join(target).join("release/assent-fuzz"))
}

/// What was found interesting is kept in `target/fuzz/found`, so that the next run goes on from there.
fn fuzz(program: &Path, name: &str, seconds: u32) -> anyhow::Result<()> {
    let found = Path::new("target/fuzz/found").join(name);
    std::fs::create_dir_all(&found)?;
    let mut command = Command::new(program);
    command.env("ASSENT_FUZZ", name).arg(&found);
    let seeds = Path::new("fuzz/seeds").join(name);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    let bad = format!("-artifact_prefix=target/fuzz/bad-{name}-");
    command.args([&format!("-max_total_time={seconds}"), LONGEST, "-timeout=10", "-rss_limit_mb=1024", &bad]);
    command.args(["-print_final_stats=1", "-verbosity=0"]);
    crate::step(&format!("fuzz {name}"), &mut command)
}
