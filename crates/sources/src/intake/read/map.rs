//! Which column means what: guessed from its name and its content, shown with the reason for each guess, changed
//! by a person, and checked before anything is imported.

use std::collections::HashSet;

use assent_web::catalogue::Lang;
use assent_web::fields::{self, Field};
use serde::{Deserialize, Serialize};

use super::date::Order;
use super::target::Target;
use super::{country, date, email, headers, phone};

/// What one column means, how sure that is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name of the column in the file.
    pub header: String,
    /// What it means.
    pub target: Target,
    /// From 0 to 100.
    pub confidence: u8,
    /// Why, in plain words.
    pub why: String,
    /// The order of day and month in it, where it holds dates.
    #[serde(default)]
    pub order: Order,
    /// Whether it has dates whose day and month could be either way round.
    #[serde(default)]
    pub ambiguous: bool,
    /// The field of the company's own that it means, when it means one.
    #[serde(default)]
    pub own: Option<Field>,
}

impl Column {
    /// Whether its values are dates.
    pub fn is_date(&self) -> bool {
        self.target.is_date() || self.own.as_ref().is_some_and(|field| field.kind == fields::Kind::Day)
    }

    /// Makes it mean a field of the company's own.
    pub fn means(&mut self, field: &Field, confidence: u8, why: &str) {
        (self.target, self.own, self.confidence) = (Target::Own, Some(field.clone()), confidence);
        why.clone_into(&mut self.why);
    }
}

/// What every column means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// One for each column of the file, in its order.
    pub columns: Vec<Column>,
}

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The mapping was made for another file.
    #[error("The mapping does not fit the columns of this file. Open the file again and map it anew.")]
    OtherFile,
    /// Two columns want one place.
    #[error("Both “{first}” and “{second}” are mapped to {title}. Choose one.")]
    Twice {
        /// What both want to be.
        title: String,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
    },
    /// Nothing tells the persons apart.
    #[error(
        "No column says who a contact is. Map one to a name, an e-mail, a phone or the id in the old system."
    )]
    NobodyNamed,
    /// A consent that does not say to what.
    #[error("A consent needs its purpose. Map a column to “Consent: purpose”, or do not import the consent.")]
    ConsentWithoutPurpose,
    /// A date that could be two.
    #[error("“{0}” has dates that can be read both ways. Choose whether the day or the month comes first.")]
    OrderUnclear(String),
}

impl Mapping {
    /// The likeliest meaning of each column, from its name and the first rows.
    pub fn guess(names: &[String], rows: &[Vec<String>]) -> Self {
        let columns = names.iter().enumerate().map(|(index, header)| {
            let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.trim());
            let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
            guess_column(header, &cells)
        });
        let mut mapping = Self { columns: columns.collect() };
        mapping.split_name();
        mapping.settle();
        mapping
    }

    /// All that keeps the mapping from being used for a file with these columns.
    pub fn problems(&self, names: &[String]) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !self.columns.iter().map(|column| &column.header).eq(names) {
            problems.push(Problem::OtherFile);
        }
        let once = |column: &Column| !column.target.takes_many() || column.own.is_some();
        for (index, column) in self.columns.iter().enumerate().filter(|(_, column)| once(column)) {
            let same = |earlier: &&Column| earlier.target == column.target && earlier.own == column.own;
            if let Some(first) = self.columns.iter().take(index).find(same) {
                let (first, second) = (first.header.clone(), column.header.clone());
                let own = column.own.as_ref().map(|field| fields::name(field).to_owned());
                let title = own.unwrap_or_else(|| column.target.title().to_owned());
                problems.push(Problem::Twice { title, first, second });
            }
        }
        if !self.columns.iter().any(|column| column.target.identifies()) {
            problems.push(Problem::NobodyNamed);
        }
        let consent =
            [Target::ConsentDate, Target::ConsentSource, Target::ConsentTextVersion, Target::ConsentUntil];
        if self.has_any(&consent) && !self.has_any(&[Target::ConsentPurpose]) {
            problems.push(Problem::ConsentWithoutPurpose);
        }
        let unclear =
            |column: &&Column| column.is_date() && column.ambiguous && column.order == Order::Unclear;
        let unclear = self.columns.iter().filter(unclear);
        problems.extend(unclear.map(|column| Problem::OrderUnclear(column.header.clone())));
        problems
    }

    /// Columns that are called like a field of the company's own mean it, unless they mean something better known.
    pub fn own(&mut self, fields: &[Field]) {
        for column in &mut self.columns {
            let header = super::words::key(&column.header);
            let named = |field: &&Field| {
                let names = [field.label.as_str(), &field.name, field.called(Lang::German.code())];
                names.map(super::words::key).contains(&header)
            };
            if let Some(field) = fields.iter().find(named).filter(|_| column.confidence < 90) {
                column.means(field, 95, "it is called like a field of your own");
            }
        }
    }

    fn has_any(&self, targets: &[Target]) -> bool {
        self.columns.iter().any(|column| targets.contains(&column.target))
    }

    /// Where a column is the first name, “Name” beside it is the last name.
    fn split_name(&mut self) {
        if !self.has_any(&[Target::GivenName]) || self.has_any(&[Target::FamilyName]) {
            return;
        }
        let whole = self.columns.iter_mut().find(|column| {
            column.target == Target::FullName
                && ["name", "nom"].contains(&super::words::key(&column.header).as_str())
        });
        if let Some(column) = whole {
            column.target = Target::FamilyName;
            column.why = "beside a column of first names, this is the last name".to_owned();
        }
    }

    /// Of several columns that want one place, the surest keeps it.
    fn settle(&mut self) {
        let mut ranked: Vec<&mut Column> = self.columns.iter_mut().collect();
        ranked.sort_by_key(|column| std::cmp::Reverse(column.confidence));
        let mut taken = HashSet::new();
        for column in ranked.into_iter().filter(|column| !column.target.takes_many()) {
            if !taken.insert(column.target) {
                column.why = format!("another column is already mapped to {}", column.target.title());
                column.target = Target::Ignore;
                column.confidence = 50;
            }
        }
    }
}

fn guess_column(header: &str, cells: &[&str]) -> Column {
    let column = |target, confidence, why: &str| {
        let order = date::order(cells.iter().copied());
        let ambiguous = has_ambiguous(cells);
        let (header, why) = (header.to_owned(), why.to_owned());
        Column { header, target, confidence, why, order, ambiguous, own: None }
    };
    let content = look(cells);
    match (headers::target(header), content) {
        (Some(target), None) if cells.is_empty() => {
            column(target, 80, "known name; the column is empty so far")
        }
        (Some(target), Some(seen)) if kind(target) == Some(seen) => {
            column(target, 99, "known name and fitting content")
        }
        // “Address” and “Contact” may hold e-mail addresses; those of an owner are not the contact's.
        (Some(Target::Street | Target::FullName), Some(Kind::Email)) => {
            column(Target::Email, 85, "nearly all values are e-mail addresses")
        }
        (Some(target), _) if kind(target).is_some_and(|kind| fits(kind, cells) * 2 < cells.len()) => {
            column(target, 40, "known name, but most values do not look like it: please check")
        }
        (Some(target), _) => column(target, 90, "known name"),
        (None, Some(Kind::Email)) => column(Target::Email, 85, "nearly all values are e-mail addresses"),
        (None, Some(Kind::Phone)) => column(Target::Phone, 60, "most values look like phone numbers"),
        (None, Some(Kind::Country)) => column(Target::Country, 70, "nearly all values are countries"),
        (None, Some(Kind::Website)) => column(Target::Website, 70, "nearly all values are web addresses"),
        (None, Some(Kind::Date)) => column(Target::Ignore, 30, "these are dates, but nothing says of what"),
        (None, None) => column(Target::Ignore, 20, "neither the name nor the values say what this is"),
    }
}

/// What the content of a column can show by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Email,
    Website,
    Date,
    Phone,
    Country,
}

fn kind(target: Target) -> Option<Kind> {
    match target {
        Target::Email | Target::EmailWork => Some(Kind::Email),
        Target::Phone | Target::PhoneMobile => Some(Kind::Phone),
        Target::Country => Some(Kind::Country),
        Target::Website => Some(Kind::Website),
        target if target.is_date() => Some(Kind::Date),
        _ => None,
    }
}

fn look(cells: &[&str]) -> Option<Kind> {
    let kinds = [Kind::Email, Kind::Website, Kind::Date, Kind::Phone, Kind::Country];
    kinds.into_iter().find(|kind| !cells.is_empty() && fits(*kind, cells) * 10 >= cells.len() * 8)
}

fn fits(kind: Kind, cells: &[&str]) -> usize {
    cells.iter().filter(|cell| fits_one(kind, cell)).count()
}

fn fits_one(kind: Kind, cell: &str) -> bool {
    match kind {
        Kind::Email => cell.split([';', ',', '\n']).all(|part| email::parse(part).is_ok()),
        Kind::Website => {
            cell.starts_with("http://") || cell.starts_with("https://") || cell.starts_with("www.")
        }
        Kind::Date => {
            let dated = cell.contains(['-', '.', '/', ' ']) && cell.len() <= 40;
            dated
                && date::parse(cell, Order::DayFirst)
                    .or_else(|_| date::parse(cell, Order::MonthFirst))
                    .is_ok()
        }
        Kind::Phone => {
            let marked = cell.starts_with(['+', '0', '(']) || cell.contains([' ', '-', '/']);
            marked
                && cell.bytes().filter(u8::is_ascii_digit).count() >= 7
                && phone::parse(cell, Some("DE")).is_ok()
        }
        Kind::Country => country::parse(cell).is_some(),
    }
}

fn has_ambiguous(cells: &[&str]) -> bool {
    cells.iter().any(|cell| date::parse(cell, Order::Unclear) == Err(super::Reason::DateAmbiguous))
}
