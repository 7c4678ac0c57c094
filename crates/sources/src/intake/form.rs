//! The two forms before an import starts: what its columns mean, and on what terms its people come.

use askama::Template;
use assent_gate::fold;
use assent_kernel::{Policy, TreeKey as _};
use assent_web::catalogue::kept;
use assent_web::fields::{self, Field as Own};
use assent_web::filters;
use assent_web::parts::{Field, Input};
use assent_web::{Shell, say};
use jiff::civil::Date;

use super::act;
use super::model::{Import, Rules, Stand};
use super::plan::day;
use super::read::date::Order;
use super::read::map::Problem as Unfit;
use super::read::{Context, Sample, Target, value};
use super::view::about;

/// What the columns mean.
#[derive(Template)]
#[template(path = "intake/map.html")]
pub(super) struct Map {
    pub(super) shell: Shell,
    pub(super) href: String,
    pub(super) about: String,
    pub(super) problems: Vec<String>,
    pub(super) columns: Vec<Guess>,
    pub(super) preview: Vec<Vec<Cell>>,
    pub(super) faults: Vec<String>,
    pub(super) mine: bool,
}

/// One column: what it is taken for, and why.
pub(super) struct Guess {
    pub(super) index: usize,
    pub(super) header: String,
    pub(super) targets: Vec<Choice>,
    pub(super) orders: Option<Vec<Choice>>,
    pub(super) confidence: u8,
    pub(super) why: String,
    pub(super) samples: Vec<String>,
}

/// One choice of a select.
pub(super) struct Choice {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// One value of the preview, and what is wrong with it.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) wrong: Option<&'static str>,
}

/// The key of a target in a form.
pub(super) fn key(target: Target) -> String {
    serde_json::to_value(target).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) const ORDERS: [(Order, &str, &str); 3] = [
    (Order::Unclear, "unclear", "Choose …"),
    (Order::DayFirst, "day-first", "Day first (31/12/2024)"),
    (Order::MonthFirst, "month-first", "Month first (12/31/2024)"),
];

impl Map {
    pub(super) fn new(
        shell: Shell,
        import: &Import,
        sample: Option<&Sample>,
        unfit: &[Unfit],
        own: &[Own],
        today: Date,
    ) -> Self {
        let columns = import.body.mapping.columns.iter().enumerate();
        let guess = |(index, one): (usize, &super::read::map::Column)| Guess {
            index,
            header: one.header.clone(),
            targets: targets(one, own),
            orders: (one.ambiguous && one.is_date()).then(|| {
                let choice = |(order, key, label): &(Order, &str, &'static str)| Choice {
                    key: (*key).to_owned(),
                    label: say(label).to_owned(),
                    chosen: *order == one.order,
                };
                ORDERS.iter().map(choice).collect()
            }),
            confidence: one.confidence,
            why: kept(&one.why),
            samples: samples(sample, index),
        };
        Self {
            href: format!("/import/{}", import.id),
            about: about(import),
            problems: unfit.iter().map(|one| kept(&one.to_string())).collect(),
            columns: columns.map(guess).collect(),
            preview: sample.map_or_else(Vec::new, |sample| preview(import, sample, today)),
            faults: sample.map_or_else(Vec::new, |sample| {
                sample.faults.iter().take(10).map(|fault| kept(fault)).collect()
            }),
            mine: sample.is_some(),
            shell,
        }
    }
}

/// What a column can mean: what everybody has, and the company's own fields.
fn targets(one: &super::read::map::Column, own: &[Own]) -> Vec<Choice> {
    let always = Target::ALL.iter().filter(|target| **target != Target::Own).map(|target| Choice {
        key: key(*target),
        label: say(target.title()).to_owned(),
        chosen: *target == one.target,
    });
    let is = |field: &Own| one.own.as_ref().is_some_and(|now| now.name == field.name);
    let own = own.iter().map(|field| Choice {
        key: own_key(field),
        label: say!("Field: {name}", name = fields::name(field)),
        chosen: is(field),
    });
    always.chain(own).collect()
}

/// The key of a field of the company's own in a form.
pub(super) fn own_key(field: &Own) -> String {
    format!("own-{}", field.name)
}

fn samples(sample: Option<&Sample>, index: usize) -> Vec<String> {
    let rows = sample.iter().flat_map(|sample| &sample.preview);
    let cells = rows.filter_map(|row| row.get(index)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    cells.take(3).map(short).collect()
}

fn short(cell: &str) -> String {
    let mut text: String = cell.chars().take(40).collect();
    if cell.chars().count() > 40 {
        text.push('…');
    }
    text
}

fn preview(import: &Import, sample: &Sample, today: Date) -> Vec<Vec<Cell>> {
    let columns = &import.body.mapping.columns;
    let cell = |(one, text): (&super::read::map::Column, &String)| {
        let country = import.body.rules.as_ref().and_then(|rules| rules.country.as_deref());
        let context = Context { country, order: one.order, today, own: one.own.as_ref() };
        let read = value::read(one.target, text, &context);
        let wrong = read.into_iter().find_map(Result::err).map(|reason| say(reason.sentence()));
        Cell { text: short(text), wrong }
    };
    sample.preview.iter().map(|row| columns.iter().zip(row).map(cell).collect()).collect()
}

/// On what terms these people come.
#[derive(Template)]
#[template(path = "intake/terms.html")]
pub(super) struct TermsPage {
    pub(super) shell: Shell,
    pub(super) href: String,
    pub(super) stand: [Stood; 3],
    pub(super) words: Vec<Word>,
    pub(super) has_consent: bool,
    pub(super) has_contract: bool,
    pub(super) unversioned: bool,
    pub(super) contract: Field,
    pub(super) since: Field,
    pub(super) country: Field,
    pub(super) error: String,
}

/// One answer to what the terms stand on.
pub(super) struct Stood {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) chosen: bool,
}

/// A word of the consent column and what it means.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) choices: Vec<(String, String, bool)>,
}

const STANDS: [(Stand, &str, &str, &str); 3] = [
    (
        Stand::Columns,
        "columns",
        "Columns of the file say so",
        "Row by row: a consent with its purpose, its date and where it was given; a contract with its number.",
    ),
    (
        Stand::Contract,
        "contract",
        "A contract with all of them",
        "Each person gets what a contract of that kind makes necessary, and nothing more.",
    ),
    (
        Stand::Nothing,
        "nothing",
        "I do not know",
        "They come into quarantine: they may be kept and asked, not viewed in full, mailed or exported.",
    ),
];

/// What a form says the terms stand on; nothing when it says nothing.
pub(super) fn stand(key: &str) -> Option<Stand> {
    STANDS.iter().find(|line| line.1 == key).map(|line| line.0)
}

impl TermsPage {
    pub(super) fn new(shell: Shell, import: &Import, policy: &Policy, words: &[String], home: &str) -> Self {
        let asked = import.body.rules.as_ref();
        let home = || Rules { country: Some(home.to_owned()), ..Rules::default() };
        let rules = asked.cloned().unwrap_or_else(home);
        let has = |wanted: Target| import.body.mapping.columns.iter().any(|one| one.target == wanted);
        let kinds = act::contract_kinds(policy);
        let mut choices = vec![(String::new(), "–".to_owned())];
        choices.extend(kinds.into_iter().map(|kind| (kind.clone(), kind.replace('-', " "))));
        let contract = Field {
            input: Input::Select(choices),
            hint: say("Of all people, or of those whose row names a contract.").into(),
            ..Field::line(say("Kind of contract"), "contract", rules.contract.clone().unwrap_or_default())
        };
        let since = rules.since.map(|at| day(at).to_string()).unwrap_or_default();
        let since = Field {
            input: Input::Line("date"),
            hint: say("Leave it empty for today.").into(),
            ..Field::line(say("The contracts run since"), "since", since)
        };
        let country = Field {
            hint: say(
                "Two letters, such as DE: for phone numbers without a country code in rows without a country.",
            )
            .into(),
            ..Field::line(say("Default country"), "country", rules.country.clone().unwrap_or_default())
        };
        Self {
            shell,
            href: format!("/import/{}", import.id),
            stand: STANDS.map(|(stand, key, label, hint)| Stood {
                key,
                label: say(label),
                hint: say(hint),
                chosen: asked.is_some() && stand == rules.stand,
            }),
            words: words.iter().map(|text| Word::of(text, asked, policy)).collect(),
            has_consent: has(Target::ConsentPurpose),
            has_contract: has(Target::ContractRef),
            unversioned: rules.unversioned,
            contract,
            since,
            country,
            error: String::new(),
        }
    }
}

impl Word {
    fn of(text: &str, rules: Option<&Rules>, policy: &Policy) -> Self {
        let folded = fold(text);
        let meant = match rules {
            Some(rules) => rules.purposes.get(&folded).cloned(),
            None => {
                act::plain_words(policy).into_iter().find(|(word, _)| *word == folded).map(|(_, key)| key)
            }
        };
        let mut choices =
            vec![(String::new(), say("Do not take this consent over").to_owned(), meant.is_none())];
        let purposes = act::purposes(policy).into_iter();
        choices.extend(
            purposes.map(|(key, label)| (key.as_str().to_owned(), label, meant.as_ref() == Some(&key))),
        );
        Self { text: text.to_owned(), choices }
    }
}
