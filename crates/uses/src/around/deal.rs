//! Deals in words: amounts, stages, how likely they are.

use std::collections::BTreeMap;

use askama::Template;
use assent_store::work::deals::{Deal, Ending, Pipeline, Stage};
use assent_web::{filters, say, text};

use crate::frame::Colleagues;
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::seen::{short_date, unnamed};
use crate::texts::Opened;

/// One deal on the record of somebody else.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is called, or the lock.
    pub title: Title,
    /// How far it is.
    pub stage: String,
    /// The class of that.
    pub tone: &'static str,
    /// How much it is worth.
    pub amount: String,
    /// The day on which it should be agreed.
    pub close: String,
    /// Who looks after it.
    pub owner: String,
}

/// Deals of a record.
#[derive(Debug, Clone, Template)]
#[template(path = "around/deals.html")]
pub struct Deals {
    /// The deals.
    pub lines: Vec<Line>,
    /// Where a new one is made.
    pub new: String,
}

impl askama::filters::HtmlSafe for Deals {}

/// A deal in words.
pub fn line(
    deal: &Deal,
    opened: &Opened,
    words: &Words<'_>,
    colleagues: &Colleagues,
    pipelines: &[Pipeline],
) -> Line {
    let stage = stage_of(deal, pipelines);
    Line {
        title: title(deal, opened, words),
        stage: stage.map(|stage| stage.name.clone()).unwrap_or_default(),
        tone: stage.map_or("", |stage| tone(stage.ending)),
        amount: amount(deal.cents, &deal.currency),
        close: deal.close_on.map(short_date).unwrap_or_default(),
        owner: colleagues.named(deal.owner).unwrap_or_default(),
    }
}

/// What a deal is called, leading to it.
pub fn title(deal: &Deal, opened: &Opened, words: &Words<'_>) -> Title {
    let id = deal.id.to_string();
    let mark = (format!("d-{id}"), unnamed(say("Deal"), deal.id), format!("/deals/{id}"));
    opened.title(deal.id.to_bytes(), &deal.title, words, mark)
}

/// The stage a deal is in.
pub fn stage_of<'a>(deal: &Deal, pipelines: &'a [Pipeline]) -> Option<&'a Stage> {
    pipelines.iter().flat_map(|one| &one.stages).find(|stage| stage.id == deal.stage)
}

/// The class that colours an ending; a word always stands beside it.
pub const fn tone(ending: Ending) -> &'static str {
    match ending {
        Ending::Open => "",
        Ending::Won => "good",
        Ending::Lost => "bad",
    }
}

/// `EUR 1 200` or `EUR 1 200.50`; nothing when there is no amount.
pub fn amount(cents: Option<i64>, currency: &str) -> String {
    let Some(cents) = cents else { return String::new() };
    let whole = text::count(cents.unsigned_abs() / 100);
    match cents.unsigned_abs() % 100 {
        0 => format!("{currency}\u{a0}{whole}"),
        part => format!("{currency}\u{a0}{whole}.{part:02}"),
    }
}

/// Sums by currency, the largest first: sums of different currencies are never added up.
pub fn sums<'a>(deals: impl Iterator<Item = (&'a Deal, i64)>) -> String {
    told(added(deals.map(|(deal, chance)| (deal.currency.as_str(), deal.cents.unwrap_or(0), chance))))
}

/// Amounts of some currencies, each as likely as that, added up by currency, in hundredths.
pub fn added<'a>(parts: impl Iterator<Item = (&'a str, i64, i64)>) -> BTreeMap<&'a str, i64> {
    let mut all: BTreeMap<&str, i64> = BTreeMap::new();
    for (currency, cents, chance) in parts {
        let slot = all.entry(currency).or_default();
        *slot = slot.saturating_add(cents.saturating_mul(chance) / 100);
    }
    all
}

/// Sums by currency in words, the largest first.
pub fn told(all: BTreeMap<&str, i64>) -> String {
    let mut all: Vec<(&str, i64)> = all.into_iter().filter(|(_, cents)| *cents > 0).collect();
    all.sort_by_key(|(_, cents)| std::cmp::Reverse(*cents));
    // Hundredths do not matter in a sum.
    let told: Vec<String> =
        all.iter().map(|(currency, cents)| amount(Some(cents / 100 * 100), currency)).collect();
    if told.is_empty() { "–".into() } else { told.join(" · ") }
}
