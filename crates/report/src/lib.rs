//! A section of `docs/FIGURES.md`: what was measured, the rows, how to repeat it; and a picture of bars beside it.

mod bars;

pub use bars::{Bar, bars};

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// What one measurement says.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What was measured, and beside what.
    pub about: String,
    /// The names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// The middle and the 99th percentile of times.
#[must_use]
pub fn percentiles(times: &mut [Duration]) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).or(times.last()).copied().unwrap_or_default();
    (at(50), at(99))
}

/// A time as text.
#[must_use]
pub fn time(t: Duration) -> String {
    match t.as_secs_f64() {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 0.001 => format!("{:.2} ms", s * 1e3),
        s => format!("{:.1} µs", s * 1e6),
    }
}

/// A rate as text.
#[must_use]
pub fn rate(count: usize, t: Duration) -> String {
    let each = count as f64 / t.as_secs_f64();
    if each >= 10_000.0 { format!("{:.1} k/s", each / 1e3) } else { format!("{each:.0} /s") }
}

/// CPU time of this process so far, both cores and the kernel's part of it.
#[must_use]
pub fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    // The kernel counts in hundredths of a second on every Linux that we know.
    Duration::from_millis(ticks * 10)
}

const HEAD: &str = "# Figures\n\nRatios first: these machines are shared and noisy. Every figure has one command: \
`cargo xtask figures NAME`.\n";

/// Puts a section into the file, in place of an older one of that name.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, name: &str, section: &Section) -> anyhow::Result<()> {
    let mut text = String::new();
    writeln!(text, "<!-- {name} -->\n## {}\n\n{}\n", section.title, section.about)?;
    writeln!(text, "| {} |", section.columns.join(" | "))?;
    writeln!(text, "|{}|", vec!["---"; section.columns.len()].join("|"))?;
    for row in &section.rows {
        writeln!(text, "| {} |", row.join(" | "))?;
    }
    writeln!(text, "\nRepeat: `cargo xtask figures {name}` · {}\n<!-- end {name} -->", machine())?;
    eprintln!("{text}");
    let old = std::fs::read_to_string(path).unwrap_or_else(|_| HEAD.to_owned());
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- end {name} -->\n"));
    let new = match (old.find(&begin), old.find(&end)) {
        (Some(from), Some(to)) => format!("{}{text}{}", &old[..from], &old[to + end.len()..]),
        _ => format!("{old}\n{text}"),
    };
    Ok(std::fs::write(path, new)?)
}

fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("?", |m| m.trim_start_matches(['\t', ' ', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {model}")
}
