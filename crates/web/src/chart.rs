//! Charts: bars as SVG in the colours of the page, each with a title, a description and a table beside it that says the
//! same in figures. Every figure leads to what it counts; a small group of people is not told as a figure.

use askama::Template;

use crate::filters;

/// The width of the drawing, in tenths of a per cent of its card: bars grow with the card, letters do not.
const WIDE: u64 = 1_000;
/// The height of upright bars.
const TALL: u64 = 120;
/// The height of the line of days under upright bars.
const FOOT: u64 = 20;
/// The height of a bar with its line of text.
const ROW: u64 = 34;
/// The most letters of a label in the drawing; the table has all of them. So many fit a card on a phone.
const MOST: usize = 34;

/// One bar.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How much, in words.
    pub words: String,
    /// How much; none where that is not told.
    pub value: Option<u64>,
    /// A part of it, drawn stronger.
    pub part: Option<u64>,
}

/// One figure of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing there.
    #[default]
    Empty,
    /// Words that lead nowhere: a sum, a share.
    Words(String),
    /// A number of rows, and the list that has exactly these.
    Rows(u64, String),
    /// Fewer people than may be told.
    Few,
}

/// A chart with its table.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/figure.html")]
pub struct Figure {
    /// Unique on the page.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// How it is to be read.
    pub about: String,
    /// The bars; none for a table alone.
    pub bars: Vec<Bar>,
    /// Whether the bars stand side by side, one for each day.
    pub upright: bool,
    /// The heads of the table, the first over the labels.
    pub columns: Vec<String>,
    /// The rows: label, figures.
    pub rows: Vec<(String, Vec<Cell>)>,
    /// What is said when there is nothing.
    pub none: &'static str,
}

impl askama::filters::HtmlSafe for Figure {}

/// A bar as it is drawn.
struct Drawn {
    label: String,
    words: String,
    text: u64,
    top: u64,
    width: String,
    part: String,
    told: bool,
}

/// An upright bar as it is drawn.
struct Standing {
    told: String,
    left: String,
    wide: String,
    high: u64,
    top: u64,
    part: u64,
    part_top: u64,
    label: String,
    anchor: &'static str,
    at: String,
}

/// `of` out of `most`, as a part of a length; something is never drawn as nothing.
fn share(of: u64, most: u64, length: u64) -> u64 {
    let share = u128::from(of) * u128::from(length) / u128::from(most.max(1));
    let share = u64::try_from(share).unwrap_or(length).min(length);
    if of > 0 { share.max(2) } else { 0 }
}

/// Tenths of a per cent, as an attribute.
fn percent(tenths: u64) -> String {
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn short(label: &str) -> String {
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    label.chars().take(MOST.saturating_sub(1)).chain(['…']).collect()
}

impl Figure {
    fn high(&self) -> u64 {
        if self.upright {
            return TALL.saturating_add(FOOT);
        }
        u64::try_from(self.bars.len()).unwrap_or(0).saturating_mul(ROW)
    }

    fn tall(&self) -> u64 {
        TALL
    }

    /// Bars side by side; the first, the middle and the last say when they are.
    fn standing(&self) -> Vec<Standing> {
        let most = self.bars.iter().filter_map(|bar| bar.value).max().unwrap_or(0);
        let all = u64::try_from(self.bars.len()).unwrap_or(1).max(1);
        let one = |(n, bar): (u64, &Bar)| {
            let high = |value: Option<u64>| value.map_or(0, |value| share(value, most, TALL));
            let (value, part) = (high(bar.value), high(bar.part));
            let (label, anchor) = match n {
                0 => (bar.label.clone(), "start"),
                n if n == all / 2 => (bar.label.clone(), "middle"),
                n if n.saturating_add(1) == all => (bar.label.clone(), "end"),
                _ => (String::new(), ""),
            };
            let edge = if anchor == "end" { WIDE } else { n.saturating_mul(WIDE) / all };
            Standing {
                told: format!("{}: {}", bar.label, bar.words),
                left: percent(n.saturating_mul(WIDE) / all),
                wide: percent((WIDE / all).saturating_sub(6).max(2)),
                high: value,
                top: TALL.saturating_sub(value),
                part,
                part_top: TALL.saturating_sub(part),
                label,
                anchor,
                at: percent(edge),
            }
        };
        (0..).zip(&self.bars).map(one).collect()
    }

    fn drawn(&self) -> Vec<Drawn> {
        let most = self.bars.iter().filter_map(|bar| bar.value).max().unwrap_or(0);
        let one = |(n, bar): (u64, &Bar)| {
            let top = n.saturating_mul(ROW);
            Drawn {
                label: short(&bar.label),
                words: bar.words.clone(),
                text: top.saturating_add(14),
                top: top.saturating_add(20),
                width: percent(bar.value.map_or(WIDE / 8, |value| share(value, most, WIDE))),
                part: bar
                    .part
                    .filter(|part| *part > 0)
                    .map(|part| percent(share(part, most, WIDE)))
                    .unwrap_or_default(),
                told: bar.value.is_some(),
            }
        };
        (0..).zip(&self.bars).map(one).collect()
    }

    /// The bars in one sentence, for whoever does not see them.
    fn told(&self) -> String {
        let all = self.bars.iter().map(|bar| format!("{}: {}", bar.label, bar.words));
        all.collect::<Vec<_>>().join("; ")
    }

    fn count(&self, n: &u64) -> String {
        crate::text::count(*n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_says_in_words_and_figures_what_it_draws() {
        let bar = |label: &str, value: Option<u64>| Bar {
            label: label.into(),
            words: value.map_or("fewer than 5".into(), |n| n.to_string()),
            value,
            part: None,
        };
        let figure = Figure {
            id: "x",
            title: "By stage".into(),
            bars: vec![bar("New <b>", Some(40)), bar("Old", Some(1)), bar("Small", None)],
            columns: vec!["Stage".into(), "Deals".into()],
            rows: vec![
                ("New <b>".into(), vec![Cell::Rows(40, "/deals?f=stage.is.New&x=1".into())]),
                ("Small".into(), vec![Cell::Few]),
            ],
            ..Figure::default()
        };
        let html = figure.to_string();
        assert!(html.contains("<title id=\"t-x\">By stage</title>") && html.contains("<desc id=\"d-x\">"));
        assert!(html.contains("<table") && html.contains("data-rows=\"40\"") && !html.contains("<b>"));
        assert!(html.contains("fewer than 5"));
        let drawn = figure.drawn();
        let widths: Vec<&str> = drawn.iter().map(|one| one.width.as_str()).collect();
        assert_eq!(widths, ["100.0%", "2.5%", "12.5%"]);
        assert!(!drawn[2].told && share(1, 10_000, WIDE) == 2 && share(0, 10, WIDE) == 0);
        let upright = Figure { upright: true, ..figure };
        let html = upright.to_string();
        assert!(
            html.contains("<title>Old: 1</title>")
                && !html.contains("<b>")
                && upright.standing()[0].high == TALL
        );
    }
}
