//! Charts: bars as SVG in the colours of the page, each with a title, a description and a table beside it that says the
//! same in figures. Every figure leads to what it counts; a small group of people is not told as a figure.

use askama::Template;

/// The width of the drawing; it is never scaled to letters too small to read.
const WIDE: u64 = 320;
/// The height of a bar with its line of text.
const ROW: u64 = 34;
/// The most letters of a label in the drawing; the table has all of them.
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
    width: u64,
    part: u64,
    told: bool,
}

/// `of` out of `most`, as a width; something is never drawn as nothing.
fn width(of: u64, most: u64) -> u64 {
    let share = u128::from(of) * u128::from(WIDE) / u128::from(most.max(1));
    let share = u64::try_from(share).unwrap_or(WIDE).min(WIDE);
    if of > 0 { share.max(2) } else { 0 }
}

fn short(label: &str) -> String {
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    label.chars().take(MOST.saturating_sub(1)).chain(['…']).collect()
}

impl Figure {
    fn high(&self) -> u64 {
        u64::try_from(self.bars.len()).unwrap_or(0).saturating_mul(ROW)
    }

    fn wide(&self) -> u64 {
        WIDE
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
                width: bar.value.map_or(WIDE / 8, |value| width(value, most)),
                part: bar.part.map_or(0, |part| width(part, most)),
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
        assert_eq!(drawn.iter().map(|one| one.width).collect::<Vec<_>>(), [WIDE, 8, WIDE / 8]);
        assert!(!drawn[2].told && width(1, 10_000) == 2 && width(0, 10) == 0);
    }
}
