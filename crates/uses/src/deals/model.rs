//! Nouns: a deal as typed in, a row of the list, a lane of the board.

pub mod narrow;
pub mod value;

use std::borrow::Cow;
use std::collections::BTreeMap;

use assent_kernel::{OrganisationId, PersonId, StageId, Timestamp};
use assent_store::work::Text;
use assent_store::work::deals::{Deal, Ending, Lost, Pipeline, Stage};
use assent_store::work::sums::Sum;
use assent_web::fields::Field as Own;
use assent_web::parts::{Field, Input};
use assent_web::{Fields, say};

use crate::along::{self, Goes, Sort};
use crate::around::deal::{added, amount, stage_of, sums, told};
use crate::filled::{self, Filled, Fills};
use crate::frame::Colleagues;
use crate::lists::rule::{day, money};
use crate::lists::{Column, Kind, Listed, Value, Wanted, own};
use crate::texts;

/// The longest title, in characters.
pub const LONGEST: usize = 160;
/// The currencies that are offered.
pub const CURRENCIES: [&str; 6] = ["EUR", "USD", "GBP", "CHF", "SEK", "PLN"];
/// Cards of one lane that are shown; the count and the sum are of all.
pub const MOST_CARDS: usize = 50;

/// The columns of every list.
pub const COLUMNS: &[Column] = &[
    Column::usual("title", "Deal", Kind::Text),
    Column::usual("stage", "Stage", Kind::Text),
    Column::usual("amount", "Amount", Kind::Money),
    Column::usual("contact", "Contact", Kind::Text),
    Column::usual("company", "Organisation", Kind::Text),
    Column::usual("close", "Close", Kind::Day),
    Column::usual("owner", "Owner", Kind::Text),
    Column::other("state", "State", Kind::Text),
    Column::other("lost", "Lost because", Kind::Text),
    Column::other("since", "Since", Kind::Day),
    Column::other("moved", "Moved", Kind::Day),
];
/// Deals as rows that can be taken along.
pub const ALONG: Sort = Sort {
    path: Cow::Borrowed("/deals"),
    label: Cow::Borrowed("Deals"),
    one: Cow::Borrowed("deal"),
    text: Some(("title", "titles")),
    whom: Some(("contact", "contacts")),
    own: true,
    beside: Some(("amount", "currency")),
};
/// The columns of the list, with those of the company's own fields.
pub fn columns(own: &[Own]) -> Vec<Column> {
    COLUMNS.iter().cloned().chain(own.iter().map(own::column)).collect()
}
/// What an address wants of the list.
pub fn wanted(fields: &Fields, columns: &[Column]) -> Wanted {
    Wanted::read("/deals", columns, &["view", "pipeline", "show"], fields)
}

/// The pipeline that is shown: a board shows one; a table all of them unless one is chosen.
pub fn lane<'a>(wanted: &Wanted, ways: &'a [Pipeline]) -> Option<&'a Pipeline> {
    let way = ways.iter().find(|way| way.id.to_string() == wanted.extra("pipeline"));
    if wanted.extra("view") == "board" { way.or_else(|| ways.first()) } else { way }
}

/// The columns that a search looks at.
pub const SEARCHED: &[&str] = &["title", "contact", "company"];

/// A row of the list: a deal with everything that is open of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The deal.
    pub deal: Deal,
    /// What it is called, when that is open whole.
    pub title: Option<String>,
    /// What the contact is called, when that and the title are open whole: a deal hangs on nobody for whom it is closed.
    pub contact: Option<String>,
    /// What the organisation is called.
    pub company: String,
    /// Where it is, for whoever sees it.
    pub company_href: Option<String>,
    /// How far it is.
    pub stage: Option<Stage>,
    /// Who looks after it, as rules keep it.
    pub owner: String,
    /// What stands in the fields of the company.
    pub filled: Filled,
    /// The same as rules see it, as far as it is open, by their columns.
    pub own: BTreeMap<String, Value>,
}

/// Where a deal stands, in a word.
pub const fn state(ending: Ending) -> &'static str {
    match ending {
        Ending::Open => "open",
        Ending::Won => "won",
        Ending::Lost => "lost",
    }
}

impl Listed for Row {
    fn id(&self) -> String {
        self.deal.id.to_string()
    }
    fn value(&self, column: &str) -> Value {
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        let at = |time: Option<Timestamp>| Value::Number(time.map(Timestamp::micros));
        match column {
            "title" => Value::Text(self.title.clone()),
            // Without a contact there is nothing that could be closed.
            "contact" if self.deal.title.person().is_none() => text(""),
            "contact" => Value::Text(self.contact.clone()),
            "company" => text(&self.company),
            "stage" => text(self.stage.as_ref().map_or("", |stage| &stage.name)),
            "state" => text(self.stage.as_ref().map_or("", |stage| state(stage.ending))),
            "lost" => text(self.deal.lost.map_or("", Lost::label)),
            "owner" => text(&self.owner),
            "amount" => Value::Number(self.deal.cents),
            // No column of its own: it stands beside the amount in a file.
            "currency" => text(&self.deal.currency),
            "close" => at(self.deal.close_on),
            "since" => at(Some(self.deal.created_at)),
            "moved" => at(Some(self.deal.staged_at)),
            other => self.own.get(other).cloned().unwrap_or(Value::Text(None)),
        }
    }
}

impl Fills for Row {
    fn thing(&self) -> [u8; 16] {
        self.deal.id.to_bytes()
    }
    fn filled(&mut self) -> &mut Filled {
        &mut self.filled
    }
}

impl Goes for Row {
    fn text(&self) -> Option<([u8; 16], &Text)> {
        Some((self.deal.id.to_bytes(), &self.deal.title))
    }
    fn value_of(&self, column: &str) -> Option<&Text> {
        self.filled.fact(column.strip_prefix(own::HEAD)?)
    }
    fn plain(&self, column: &Column) -> String {
        match column.key.strip_prefix(own::HEAD) {
            Some(name) => self.filled.of_nobody(name).to_owned(),
            None => along::plain(&self.value(&column.key), column.kind),
        }
    }
}

/// A lane of the board: a stage with what is in it.
pub struct Lane {
    /// The stage.
    pub stage: Stage,
    /// How many deals are in it.
    pub count: usize,
    /// What they are worth together.
    pub sum: String,
    /// The same, weighed by how likely each is.
    pub weighed: String,
    /// The deals that are shown as cards.
    pub rows: Vec<Row>,
}

/// Puts deals into the lanes of a pipeline.
pub fn lanes(pipeline: &Pipeline, rows: &[Row]) -> Vec<Lane> {
    let lane = |stage: &Stage| {
        let mine = || rows.iter().filter(|row| row.deal.stage == stage.id);
        Lane {
            count: mine().count(),
            sum: sums(mine().map(|row| (&row.deal, 100))),
            weighed: sums(mine().map(|row| (&row.deal, stage.chance))),
            rows: mine().take(MOST_CARDS).cloned().collect(),
            stage: stage.clone(),
        }
    };
    pipeline.stages.iter().map(lane).collect()
}

/// What open deals may bring: each weighed by how likely its stage is.
pub fn forecast(rows: &[Row], pipelines: &[Pipeline]) -> String {
    let open = rows.iter().filter_map(|row| {
        let stage = stage_of(&row.deal, pipelines).filter(|stage| stage.ending == Ending::Open)?;
        Some((&row.deal, stage.chance))
    });
    sums(open)
}

/// The same of deals that were added up by stage.
pub fn forecast_of(stages: &[Sum<()>], pipelines: &[Pipeline]) -> String {
    let open = pipelines.iter().flat_map(|way| &way.stages).filter(|stage| stage.ending == Ending::Open);
    let chances: BTreeMap<StageId, i64> = open.map(|stage| (stage.id, stage.chance)).collect();
    told(added(stages.iter().filter_map(|one| Some((&*one.currency, one.cents, *chances.get(&one.stage)?)))))
}

/// A deal as typed in.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// What it is called.
    pub title: String,
    /// With whom: an address or a name; or an id that a record handed over.
    pub contact: String,
    /// With which organisation, by name.
    pub company: String,
    /// How much it is worth.
    pub amount: String,
    /// Of which currency.
    pub currency: String,
    /// When it should be agreed.
    pub close: String,
    /// Who looks after it.
    pub owner: String,
    /// In which stage it begins.
    pub stage: String,
    /// What is to stand in the fields of the company; what is not said stays.
    pub more: filled::Typed,
}

/// With whom a deal is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct With {
    /// The person.
    pub person: Option<PersonId>,
    /// The organisation.
    pub organisation: Option<OrganisationId>,
}

impl Typed {
    /// Reads what was sent.
    pub fn read(fields: &Fields) -> Self {
        let get = |name: &str| fields.get(name).to_owned();
        Self {
            title: get("title"),
            contact: get("contact"),
            company: get("company"),
            amount: get("amount"),
            currency: get("currency"),
            close: get("close"),
            owner: get("owner"),
            stage: get("stage"),
            more: filled::Typed::new(),
        }
    }

    /// A deal as it would be typed in.
    pub fn of(deal: &Deal, title: String, contact: String, company: String) -> Self {
        let amount =
            deal.cents.map(|cents| format!("{}.{:02}", cents / 100, cents % 100)).unwrap_or_default();
        Self {
            title,
            contact,
            company,
            amount: amount.trim_end_matches(".00").to_owned(),
            currency: deal.currency.clone(),
            close: crate::around::task::field(deal.close_on),
            owner: deal.owner.map(|id| id.to_string()).unwrap_or_default(),
            stage: deal.stage.to_string(),
            more: filled::Typed::new(),
        }
    }

    /// The amount; nothing when none was typed.
    pub fn cents(&self) -> Option<i64> {
        money(&self.amount)
    }
    /// The day; nothing when none was typed.
    pub fn close_on(&self, now: Timestamp) -> Option<Timestamp> {
        day(&self.close, now)
    }
    /// The stage, when it is one of these.
    pub fn stage<'a>(&self, pipelines: &'a [Pipeline]) -> Option<&'a Stage> {
        stage(&self.stage, pipelines)
    }

    fn error(&self, name: &str) -> String {
        match name {
            "title" => texts::wrong(&self.title, LONGEST),
            "amount" if !self.amount.is_empty() && self.cents().is_none() => {
                say("Type an amount such as 1200 or 1200.50.").into()
            }
            "currency" if !CURRENCIES.contains(&self.currency.as_str()) => say("Choose a currency.").into(),
            "close" if !self.close.is_empty() && self.close_on(Timestamp::from_micros(0)).is_none() => {
                say("That is not a day.").into()
            }
            "company" if self.company.chars().count() > 200 => say("That is longer than 200 letters.").into(),
            _ => String::new(),
        }
    }

    /// The fields, with what is wrong when `checked`; true when nothing is.
    pub fn fields(
        &self,
        pipelines: &[Pipeline],
        colleagues: &Colleagues,
        checked: bool,
        new: bool,
    ) -> (Vec<Field>, bool) {
        let line = |label: &str, name: &'static str, value: &str, kind: &'static str| Field {
            error: if checked { self.error(name) } else { String::new() },
            input: Input::Line(kind),
            autocomplete: "off",
            ..Field::line(label, name, value)
        };
        let currencies = CURRENCIES.iter().map(|one| ((*one).to_owned(), (*one).to_owned())).collect();
        let currency = if self.currency.is_empty() { "EUR" } else { &self.currency };
        let mut all = vec![
            Field {
                required: true,
                hint: say("About a person, it is kept under their terms.").into(),
                ..line(say("What it is about"), "title", &self.title, "text")
            },
            Field {
                hint: say("A whole e-mail address, or a name that may be listed.").into(),
                ..line(say("Contact"), "contact", &self.contact, "text")
            },
            Field {
                hint: say("A new name makes a new organisation.").into(),
                ..line(say("Organisation"), "company", &self.company, "text")
            },
            line(say("Amount"), "amount", &self.amount, "text"),
            Field { input: Input::Select(currencies), ..line(say("Currency"), "currency", currency, "text") },
            line(say("Should be agreed by"), "close", &self.close, "date"),
            Field {
                input: Input::Select(colleagues.choices_now(say("Nobody"), &self.owner)),
                ..Field::line(say("Who looks after it"), "owner", &*self.owner)
            },
        ];
        if new {
            let open = pipelines.iter().flat_map(|one| one.stages.iter().map(move |stage| (one, stage)));
            let open = open.filter(|(_, stage)| stage.ending == Ending::Open);
            let choices =
                open.map(|(one, stage)| (stage.id.to_string(), format!("{}: {}", one.name, stage.name)));
            all.push(Field {
                input: Input::Select(choices.collect()),
                ..Field::line(say("Stage"), "stage", &*self.stage)
            });
        }
        let fine = all.iter().all(|field| field.error.is_empty());
        (all, fine)
    }
}

/// The stage of that id, when it is one of these: another company's is none.
pub fn stage<'a>(text: &str, pipelines: &'a [Pipeline]) -> Option<&'a Stage> {
    let id: StageId = text.parse().ok()?;
    pipelines.iter().flat_map(|one| &one.stages).find(|stage| stage.id == id)
}

/// Why a deal was lost, as a form says it.
pub fn lost(text: &str) -> Option<Lost> {
    Lost::ALL.into_iter().find(|one| one.key() == text)
}

/// A deal's amount in words; a dash when there is none.
pub fn worth(deal: &Deal) -> String {
    amount(deal.cents, &deal.currency)
}
