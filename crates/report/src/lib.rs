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

/// A section, and the picture of its comparison when it has one.
#[derive(Debug, Clone)]
pub struct Figure {
    section: Section,
    picture: Option<(&'static str, Vec<Bar>)>,
}

impl Section {
    /// With a picture of bars, made by the same run; `unit` says what a bar's length means.
    #[must_use]
    pub fn drawn(self, unit: &'static str, bars: Vec<Bar>) -> Figure {
        Figure { section: self, picture: Some((unit, bars)) }
    }
    /// Without a picture: it stands beside nothing.
    #[must_use]
    pub fn plain(self) -> Figure {
        Figure { section: self, picture: None }
    }
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

/// Writes a figure: its picture into `pictures/NAME.svg` beside the file, its section with the picture into the file.
///
/// # Errors
/// When a file cannot be written.
pub fn write_figure(path: &Path, name: &str, figure: &Figure) -> anyhow::Result<()> {
    let Some((unit, all)) = &figure.picture else { return write(path, name, &figure.section) };
    let folder = path.with_file_name("pictures");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{name}.svg")), bars(figure.section.title, unit, all)?)?;
    let about = format!("![{}](pictures/{name}.svg)\n\n{}", figure.section.title, figure.section.about);
    write(path, name, &Section { about, ..figure.section.clone() })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: f64) -> Bar {
        Bar { label: label.into(), value, words: format!("{value} ×"), ours: label == "ours" }
    }

    #[test]
    fn a_figure_brings_its_picture_and_takes_the_place_of_an_older_one() -> anyhow::Result<()> {
        let folder = std::env::temp_dir().join(format!("assent-report-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("FIGURES.md");
        let section = |row: &str| Section {
            title: "Racing",
            about: "Beside another.".into(),
            columns: vec!["what"],
            rows: vec![vec![row.into()]],
        };
        let pair = vec![bar("ours", 1.0), bar("other <one>", 40.0), bar("none", 0.0)];
        write_figure(&path, "race", &section("earlier").drawn("times ours", pair))?;
        let picture = std::fs::read_to_string(folder.join("pictures/race.svg"))?;
        assert!(picture.starts_with("<svg") && picture.contains("&lt;one&gt;") && !picture.contains("NaN"));
        assert!(!picture.contains("inf"), "nothing is drawn as nothing, not as a hole");
        assert!(std::fs::read_to_string(&path)?.contains("](pictures/race.svg)"));
        write_figure(&path, "race", &section("newer").plain())?;
        let text = std::fs::read_to_string(&path)?;
        assert!(text.contains("newer") && !text.contains("earlier") && !text.contains("pictures"));
        std::fs::remove_dir_all(&folder)?;
        Ok(())
    }
}
