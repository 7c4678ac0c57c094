//! Deals and tasks in figures. Where they stand, what they are worth and when they are due is structure: it names nobody.

use std::collections::BTreeMap;

use assent_kernel::{StageId, Timestamp};
use assent_store::work::deals::{Ending, Lost, Pipeline, Stage};
use assent_store::work::sums::Sum;
use assent_web::chart::{Bar, Cell, Figure};
use assent_web::{say, text};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{ENDED, list, midnight, rows};
use crate::around::deal::amount;
use crate::dashboard::act::Counted;
use crate::frame;

/// How many months ahead are told one by one.
const MONTHS: i64 = 6;

/// Sums by currency, in hundredths.
#[derive(Debug, Clone, Default)]
struct Money(BTreeMap<String, i64>);

impl Money {
    fn add(&mut self, currency: &str, cents: i64) {
        let slot = self.0.entry(currency.to_owned()).or_default();
        *slot = slot.saturating_add(cents);
    }
    /// `EUR 1 200 · USD 300`: sums of different currencies are never added up.
    fn told(&self) -> Cell {
        let mut all: Vec<(&String, i64)> =
            self.0.iter().map(|(c, n)| (c, *n)).filter(|(_, n)| *n > 0).collect();
        all.sort_by_key(|(_, cents)| std::cmp::Reverse(*cents));
        let told: Vec<String> = all.iter().map(|(c, cents)| amount(Some(cents / 100 * 100), c)).collect();
        if told.is_empty() { Cell::Empty } else { Cell::Words(told.join(" · ")) }
    }
    fn of(&self, currency: &str) -> u64 {
        u64::try_from(self.0.get(currency).copied().unwrap_or(0)).unwrap_or(0)
    }
}

/// Some deals together.
#[derive(Debug, Clone, Default)]
struct Part {
    count: u64,
    sum: Money,
    weighed: Money,
}

impl Part {
    fn add<T>(&mut self, one: &Sum<T>, chance: i64) {
        self.count = self.count.saturating_add(one.count);
        self.sum.add(&one.currency, one.cents);
        self.weighed.add(&one.currency, one.cents.saturating_mul(chance) / 100);
    }
    fn cells(&self, href: String) -> Vec<Cell> {
        vec![rows(self.count, href), self.sum.told(), self.weighed.told()]
    }
    /// A bar of the sum in one currency, its likely part drawn stronger.
    fn bar(&self, label: &str, currency: &str) -> Bar {
        let (whole, part) = (self.sum.of(currency), self.weighed.of(currency));
        let cents = |n: u64| amount(i64::try_from(n / 100 * 100).ok(), currency);
        Bar { label: label.to_owned(), words: cents(whole), value: Some(whole), part: Some(part) }
    }
}

/// The currency that most of it is in.
fn main_currency<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut all = Money::default();
    for part in parts {
        part.sum.0.iter().for_each(|(currency, cents)| all.add(currency, *cents));
    }
    all.0.into_iter().max_by_key(|(_, cents)| *cents).map_or_else(|| "EUR".into(), |(currency, _)| currency)
}

fn stage_of(id: StageId, ways: &[Pipeline]) -> Option<&Stage> {
    ways.iter().flat_map(|way| &way.stages).find(|stage| stage.id == id)
}

/// What a rule compares: stages of one name are one.
fn named(name: &str) -> String {
    assent_gate::fold(name)
}

/// Each pipeline by stage: how many, worth how much, likely how much.
pub fn by_stage(counted: &Counted) -> Vec<Figure> {
    const IDS: [&str; 4] = ["pipeline-1", "pipeline-2", "pipeline-3", "pipeline-4"];
    let figure = |(id, way): (&'static str, &Pipeline)| {
        let mut parts: Vec<(&Stage, Part)> = Vec::new();
        for stage in &way.stages {
            let at = parts.iter().position(|(one, _)| named(&one.name) == named(&stage.name));
            let at = at.unwrap_or_else(|| {
                parts.push((stage, Part::default()));
                parts.len().saturating_sub(1)
            });
            for one in counted.stages.iter().filter(|one| one.stage == stage.id) {
                if let Some((_, part)) = parts.get_mut(at) {
                    part.add(one, stage.chance);
                }
            }
        }
        let currency = main_currency(parts.iter().map(|(_, part)| part));
        let pipeline = way.id.to_string();
        let line = |(stage, part): &(&Stage, Part)| {
            let rule = format!("stage.is.{}", stage.name);
            let href = list("/deals", &[("pipeline", &pipeline)], &[&rule]);
            let label = format!("{} ({} %)", stage.name, stage.chance);
            (label, part.cells(href))
        };
        let empty = parts.iter().all(|(_, part)| part.count == 0);
        Figure {
            id,
            title: say!("{pipeline} by stage", pipeline = way.name),
            about: say!(
                "What deals are worth in {currency}; stronger: weighed by how likely the stage is.",
                currency = currency
            ),
            bars: parts.iter().map(|(stage, part)| part.bar(&stage.name, &currency)).collect(),
            columns: heads(["Stage", "Deals", "Worth", "Weighed"]),
            rows: if empty { Vec::new() } else { parts.iter().map(line).collect() },
            none: say("No deals in this pipeline."),
            ..Figure::default()
        }
    };
    IDS.into_iter().zip(&counted.ways).map(figure).collect()
}

fn heads<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(|head| say(head).to_owned()).to_vec()
}

/// The day of an instant.
fn date(at: Timestamp) -> Option<Date> {
    jiff::Timestamp::from_microsecond(at.micros()).ok().map(|at| at.to_zoned(TimeZone::UTC).date())
}

fn start(day: Date) -> Option<Timestamp> {
    let at = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// When open deals should be agreed, month by month.
pub fn by_month(counted: &Counted, now: Timestamp) -> Option<Figure> {
    let first = date(now)?.first_of_month();
    let month = |n: i64| first.checked_add(jiff::Span::new().months(n)).ok();
    // Before this month, the months, after them, no day.
    let mut edges = Vec::new();
    for n in 0..=MONTHS {
        edges.push(start(month(n)?)?);
    }
    let mut parts = vec![Part::default(); edges.len().saturating_add(2)];
    let none = parts.len().saturating_sub(1);
    for one in &counted.days {
        let chance = stage_of(one.stage, &counted.ways).map_or(0, |stage| stage.chance);
        let at = one.by.map_or(none, |day| edges.partition_point(|edge| *edge <= day));
        if let Some(part) = parts.get_mut(at) {
            part.add(one, chance);
        }
    }
    let currency = main_currency(parts.iter());
    let day = |at: Date| at.to_string();
    let mut all: Vec<(String, Vec<String>)> = vec![(
        say("Should be agreed already").into(),
        vec![format!("close.to.{}", day(first.yesterday().ok()?))],
    )];
    for n in 0..MONTHS {
        let (from, next) = (month(n)?, month(n.saturating_add(1))?);
        let rules =
            vec![format!("close.from.{}", day(from)), format!("close.to.{}", day(next.yesterday().ok()?))];
        all.push((text::month(start(from)?.micros()), rules));
    }
    all.push((say("Later").into(), vec![format!("close.from.{}", day(month(MONTHS)?))]));
    all.push((say("No day yet").into(), vec!["close.empty.".into()]));
    let line = |((label, rules), part): (&(String, Vec<String>), &Part)| {
        let mut all = vec!["state.is.open"];
        all.extend(rules.iter().map(String::as_str));
        (label.clone(), part.cells(list("/deals", &[], &all)))
    };
    let empty = parts.iter().all(|part| part.count == 0);
    Some(Figure {
        id: "months",
        title: say("Open deals by month").into(),
        about: say!(
            "When they should be agreed. Worth in {currency}; stronger: weighed by how likely they are.",
            currency = currency
        ),
        bars: all.iter().zip(&parts).map(|((label, _), part)| part.bar(label, &currency)).collect(),
        columns: heads(["Month", "Deals", "Worth", "Weighed"]),
        rows: if empty { Vec::new() } else { all.iter().zip(&parts).map(line).collect() },
        none: say("No open deals."),
        ..Figure::default()
    })
}

/// What was won and lost lately, and why.
pub fn ended(counted: &Counted, now: Timestamp) -> Figure {
    let since = date(ENDED.since(now)).map(|day| day.to_string()).unwrap_or_default();
    let moved = format!("moved.from.{since}");
    let mut won = Part::default();
    let mut lost: Vec<(Option<Lost>, Part)> =
        Lost::ALL.into_iter().map(|why| (Some(why), Part::default())).collect();
    lost.push((None, Part::default()));
    for one in &counted.ended {
        match stage_of(one.stage, &counted.ways).map(|stage| stage.ending) {
            Some(Ending::Won) => won.add(one, 100),
            Some(Ending::Lost) => {
                if let Some((_, part)) = lost.iter_mut().find(|(why, _)| *why == one.by) {
                    part.add(one, 100);
                }
            }
            Some(Ending::Open) | None => {}
        }
    }
    lost.retain(|(_, part)| part.count > 0);
    let count = |part: &Part, label: &str, won: bool| Bar {
        label: label.to_owned(),
        words: text::count(part.count),
        value: Some(part.count),
        part: won.then_some(part.count),
    };
    let label = |why: &Option<Lost>| {
        why.map_or(say("Lost, nobody said why").into(), |why| say!("Lost: {why}", why = say(why.label())))
    };
    let cells =
        |part: &Part, rules: &[&str]| vec![rows(part.count, list("/deals", &[], rules)), part.sum.told()];
    let mut lines = vec![(say("Won").to_owned(), cells(&won, &["state.is.won", &moved]))];
    let mut bars = vec![count(&won, say("Won"), true)];
    for (why, part) in &lost {
        let rule = why.map_or("lost.empty.".to_owned(), |why| format!("lost.is.{}", why.label()));
        lines.push((label(why), cells(part, &["state.is.lost", &rule, &moved])));
        bars.push(count(part, &label(why), false));
    }
    Figure {
        id: "ended",
        title: say("Won and lost").into(),
        about: say!("Deals that came into their last stage in the last {days} days.", days = ENDED.0),
        bars,
        columns: heads(["How it ended", "Deals", "Worth"]),
        rows: if won.count == 0 && lost.is_empty() { Vec::new() } else { lines },
        none: say("Nothing was won or lost lately."),
        ..Figure::default()
    }
}

/// Open tasks by who does them: overdue, today, within a week, later, whenever.
pub fn tasks(counted: &Counted, now: Timestamp) -> Figure {
    const PARTS: [&[&str]; 5] = [
        &["due.to.today-1"],
        &["due.is.today"],
        &["due.from.today+1", "due.to.today+7"],
        &["due.from.today+8"],
        &["due.empty."],
    ];
    let day = assent_kernel::Span::days(1).micros();
    let place = |due: Option<Timestamp>| match due
        .map(|due| midnight(due).micros().saturating_sub(midnight(now).micros()).div_euclid(day))
    {
        None => 4,
        Some(..=-1) => 0,
        Some(0) => 1,
        Some(1..=7) => 2,
        Some(8..) => 3,
    };
    // A rule of the list knows people by their names: two of one name are one here too.
    let mut all: BTreeMap<String, (String, [u64; 5])> = BTreeMap::new();
    for (who, due, n) in &counted.tasks {
        let name = counted.colleagues.ruled(*who);
        let (_, parts) = all.entry(named(&name)).or_insert_with(|| (name, [0; 5]));
        if let Some(slot) = parts.get_mut(place(*due)) {
            *slot = slot.saturating_add(*n);
        }
    }
    let mut lines: Vec<(String, [u64; 5])> = all.into_values().collect();
    lines.sort_by(|a, b| b.1[0].cmp(&a.1[0]).then_with(|| a.0.cmp(&b.0)));
    let label = |name: &str| if name.is_empty() { say("Nobody yet").to_owned() } else { frame::called(name) };
    let line = |(name, parts): &(String, [u64; 5])| {
        let who = if name.is_empty() { "who.empty.".to_owned() } else { format!("who.is.{name}") };
        let cell = |(n, due): (&u64, &&[&str])| {
            let mut rules = vec!["state.is.open", who.as_str()];
            rules.extend_from_slice(due);
            rows(*n, list("/tasks", &[], &rules))
        };
        (label(name), parts.iter().zip(&PARTS).map(cell).collect())
    };
    let bar = |(name, parts): &(String, [u64; 5])| {
        let whole = parts.iter().sum::<u64>();
        let words = say!("{n} open, {late} overdue", n = text::count(whole), late = text::count(parts[0]));
        Bar { label: label(name), words, value: Some(whole), part: Some(parts[0]) }
    };
    Figure {
        id: "tasks",
        title: say("Open tasks").into(),
        about: say("By who does them; stronger: overdue.").into(),
        bars: lines.iter().map(bar).collect(),
        columns: heads(["Who", "Overdue", "Today", "7 days", "Later", "No day"]),
        rows: lines.iter().map(line).collect(),
        none: say("Nothing is open."),
        ..Figure::default()
    }
}
