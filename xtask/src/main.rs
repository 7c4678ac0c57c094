//! What a maintainer runs: `cargo xtask test` and its parts, figures, long checks.

mod fuzz;
mod pg;
mod setup;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// Figures that are taken beside other engines.
const BESIDE: [&str; 2] = ["law", "audience"];

const HELP: &str = "\
cargo xtask test              everything: set up, format, lints, unit, property, compile-fail, stories on both
                              engines, kill -9, end to end in a browser, interop with foreign verifiers
cargo xtask quick             format, lints, unit and property tests, stories on both engines
cargo xtask interop           the ledger checked by Go, npm and Python programs that are not ours; sign-in by a provider that is not;
                              the interface for programs by schemathesis, webhooks by a foreign library
cargo xtask differential N    N random states decided by the law and by a Cedar model (10000000 for the long run)
cargo xtask kill N            a process killed with -9 at random moments under load, N times: nothing acknowledged is lost
cargo xtask figures [NAME]    measure, and write docs/FIGURES.md; `law` and `audience` beside other engines
cargo xtask verifier          the verifier as one static file, without database or network (target/verifier/)
cargo xtask pictures          the README's pictures, taken from the running program in a browser (docs/pictures/)
cargo xtask deny [--offline]  licences, sources, doubles and known holes of everything we build on; --offline leaves out the
                              known holes, whose list is fetched
cargo xtask fuzz [NAME SECS]  bad input, made up for that long, for one parser; without a name: the list
cargo xtask golden            accept new golden tables
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> anyhow::Result<()> {
    let rest: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match args.first().map(String::as_str) {
        Some("test") => test(true),
        Some("quick") => test(false),
        Some("interop") => {
            setup::need(&[setup::GO, setup::NODE, setup::PYTHON])?;
            interop()
        }
        Some("pictures") => pictures(),
        Some("differential") => differential(rest.first().copied().unwrap_or("10000000")),
        Some("kill") => kill(rest.first().copied().unwrap_or("100")),
        Some("figures") => figures(&rest),
        Some("verifier") => verifier(),
        Some("deny") => deny(&rest),
        Some("fuzz") => fuzz::run(&rest),
        Some("golden") => step(
            "golden",
            cargo(&["test", "-p", "assent-kernel", "--test", "rulings"]).env("UPDATE_GOLDEN", "1"),
        ),
        Some("help" | "--help" | "-h") | None => {
            eprint!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("there is no `{other}`\n\n{HELP}"),
    }
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.args(args);
    command
}

/// Runs one step; a failure names it.
fn step(name: &str, command: &mut Command) -> anyhow::Result<()> {
    eprintln!("\n== {name}");
    let status =
        command.status().with_context(|| format!("{name}: cannot run {:?}", command.get_program()))?;
    if status.success() { Ok(()) } else { bail!("{name} failed: {command:?}") }
}

fn test(whole: bool) -> anyhow::Result<()> {
    let mut needed = vec![setup::POSTGRES];
    if whole {
        needed.extend([setup::CHROMIUM, setup::GO, setup::NODE, setup::PYTHON]);
    }
    setup::need(&needed)?;
    step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    step("lints", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // A workspace of its own; what it is built with is built already, but for libFuzzer.
    let fuzz = ["--manifest-path", "fuzz/Cargo.toml"];
    step("format of fuzz", cargo(&["fmt", "--check"]).args(fuzz))?;
    if whole {
        step("fuzz builds", cargo(&["check", "--target-dir", "target/fuzz-check"]).args(fuzz))?;
    }
    let server = pg::Server::start()?;
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.env("ASSENT_TEST_PG", server.url());
    tests.env("ASSENT_TEST_BROWSER", if whole { "1" } else { "0" });
    step("tests", &mut tests)?;
    if whole {
        interop()?;
    }
    eprintln!("\nEverything holds.");
    Ok(())
}

fn interop() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("assent-interop-{}", std::process::id()));
    let log = folder.to_string_lossy().into_owned();
    let mut sample =
        cargo(&["run", "--release", "-p", "assent-verify", "--example", "sample_log", "--", &log]);
    step("sample log", &mut sample)?;
    let python = setup::python().context("no Python is new enough")?;
    let done =
        step("interop", Command::new("bash").args(["tests/interop/run.sh", &log]).env("PYTHON", python))
            .and_then(|()| step("sign-in", Command::new("bash").arg("tests/interop/oidc.sh")))
            .and_then(|()| step("consent record", Command::new("bash").arg("tests/interop/consent.sh")))
            .and_then(|()| step("programs", Command::new("bash").arg("tests/interop/api.sh")));
    std::fs::remove_dir_all(&folder).ok();
    done
}

/// The README's pictures, of a demo that nobody has touched.
fn pictures() -> anyhow::Result<()> {
    setup::need(&[setup::CHROMIUM, setup::NODE])?;
    let mut taken = cargo(&["test", "-p", "assent", "--test", "browser", "the_pictures"]);
    step("pictures", taken.env("ASSENT_PICTURES", "1"))
}

fn differential(cases: &str) -> anyhow::Result<()> {
    let mut command =
        cargo(&["test", "--release", "-p", "assent-kernel", "--test", "cedar", "--", "--nocapture"]);
    step("differential", command.env("ASSENT_DIFF_CASES", cases))
}

fn verifier() -> anyhow::Result<()> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = cargo(&["build", "--release", "-p", "assent-verify", "--target", &target]);
    build.args(["--target-dir", "target/verifier"]).env("RUSTFLAGS", "-C target-feature=+crt-static");
    step("verifier", &mut build)?;
    eprintln!("target/verifier/{target}/release/assent-verify");
    Ok(())
}

fn deny(rest: &[&str]) -> anyhow::Result<()> {
    if !setup::on_path("cargo-deny") {
        bail!("missing: cargo-deny. Install it with: cargo install cargo-deny --locked");
    }
    step("licences, sources, doubles", &mut cargo(&["deny", "check", "licenses", "sources", "bans"]))?;
    match rest {
        ["--offline"] => {
            eprintln!("\nKnown holes were not looked at.");
            Ok(())
        }
        [] => step("known holes", &mut cargo(&["deny", "check", "advisories"])),
        [other, ..] => bail!("`deny` knows no `{other}`\n\n{HELP}"),
    }
}

fn kill(times: &str) -> anyhow::Result<()> {
    let name = "hurt::kill_nine_loses_nothing_that_was_acknowledged";
    let mut command =
        cargo(&["test", "--release", "-p", "assent", "--test", "it", "--", "--exact", name, "--nocapture"]);
    step("kill -9", command.env("ASSENT_KILLS", times))
}

/// What the index is measured beside lies in a workspace of its own: `bench/`.
fn beside(name: &str) -> anyhow::Result<()> {
    let mut run = cargo(&["run", "--release", "--manifest-path", "bench/Cargo.toml", "-p"]);
    if name == "law" {
        return step(name, run.arg("bench-law"));
    }
    setup::need(&[setup::POSTGRES, setup::PYTHON])?;
    let server = pg::Server::start()?;
    let python = "target/bench-python";
    step("python", Command::new("python3").args(["-m", "venv", python]))?;
    let mut install = Command::new(format!("{python}/bin/pip"));
    step("engines", install.args(["install", "--quiet", "-r", "bench/sql/requirements.txt"]))?;
    run.env("ASSENT_TEST_PG", server.url()).env("ASSENT_BENCH_PYTHON", format!("{python}/bin/python"));
    step(name, run.arg("bench-audience"))
}

fn figures(names: &[&str]) -> anyhow::Result<()> {
    let (others, own): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| BESIDE.contains(name));
    let all = names.is_empty();
    for name in if all { BESIDE.to_vec() } else { others } {
        beside(name)?;
    }
    if own.is_empty() && !all {
        return Ok(());
    }
    // Whatever is missing is said before anything is measured.
    let mut needed = vec![setup::POSTGRES];
    if all || own.contains(&"service") {
        needed.push(setup::WRK);
    }
    setup::need(&needed)?;
    let server = pg::Server::start()?;
    step("build", &mut cargo(&["build", "--release", "-p", "assent", "-p", "assent-figures"]))?;
    // Not by `cargo run`: alone it would be built with fewer features, and everything below it again.
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".into());
    let mut command = Command::new(format!("{target}/release/assent-figures"));
    command.args(own).env("ASSENT_TEST_PG", server.url());
    step("figures", &mut command)
}

/// Waits until something answers, for at most a minute.
fn wait_for(what: &str, mut ready: impl FnMut() -> bool) -> anyhow::Result<()> {
    for _ in 0..600 {
        if ready() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("{what} did not come up within a minute")
}
