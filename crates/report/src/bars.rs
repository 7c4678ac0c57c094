//! A chart of bars as SVG: readable on light and dark pages alike, without a library.

use std::fmt::Write as _;

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How much.
    pub value: f64,
    /// The value in words.
    pub words: String,
    /// True for our own.
    pub ours: bool,
}

impl Bar {
    /// A bar of ours.
    #[must_use]
    pub fn ours(label: impl Into<String>, value: f64, words: impl Into<String>) -> Self {
        Self { label: label.into(), value, words: words.into(), ours: true }
    }
    /// What stands beside it.
    #[must_use]
    pub fn other(label: impl Into<String>, value: f64, words: impl Into<String>) -> Self {
        Self { ours: false, ..Self::ours(label, value, words) }
    }
}

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#333}.h{font-weight:600}.s{fill:#666}\
.o{fill:#1f7a5a}.t{fill:#9aa3ad}@media(prefers-color-scheme:dark){text{fill:#ddd}.s{fill:#aaa}.o{fill:#4fc294}\
.t{fill:#6b747d}}";
const LEFT: f64 = 300.0;
const WIDE: f64 = 330.0;
const ROW: usize = 26;

/// A chart: each step to the right is ten times more.
///
/// # Errors
/// Never, in truth: writing to a string cannot fail.
pub fn bars(title: &str, unit: &str, all: &[Bar]) -> anyhow::Result<String> {
    let drawn = || all.iter().map(|bar| bar.value).filter(|value| *value > 0.0);
    let least = drawn().fold(f64::MAX, f64::min).log10().floor();
    let most = drawn().fold(f64::MIN_POSITIVE, f64::max).log10().ceil();
    let high = 60 + all.len() * ROW;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {high}\" role=\"img\" aria-label=\"{}\">\
         <style>{STYLE}</style><text class=\"h\" x=\"0\" y=\"16\">{}</text>\
         <text class=\"s\" x=\"0\" y=\"36\">{}; each step to the right is ten times more</text>\n",
        plain(title),
        plain(title),
        plain(unit)
    );
    for (n, bar) in all.iter().enumerate() {
        let y = 48 + n * ROW;
        // Something is never drawn as nothing, nor nothing as something.
        let width = match bar.value {
            value if value > 0.0 => ((value.log10() - least) / (most - least).max(1.0) * WIDE).max(2.0),
            _ => 0.0,
        };
        let class = if bar.ours { "o" } else { "t" };
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"18\" rx=\"2\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>",
            LEFT - 8.0,
            y + 14,
            plain(&bar.label),
            LEFT + width + 8.0,
            y + 14,
            plain(&bar.words)
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
