//! Nouns: the columns and rows of a list, what a form holds.

pub mod along;

use std::collections::BTreeMap;

use assent_store::work::items::Item;
use assent_web::Fields;
use assent_web::fields::Field;
use assent_web::objects::Belongs;

use crate::around::item::Sort;
use crate::filled::{self, Filled, Fills, Typed};
use crate::frame::Colleagues;
use crate::lists::{Column, Kind, Listed, Value, Wanted, own};
use crate::texts::Opened;

/// So many fields are columns when nothing else is said.
const USUAL: usize = 5;
/// The column of whom an item belongs to.
pub const WHOM: &str = "whom";
/// The longest that may be typed for whom it belongs to, in characters.
const LONGEST: usize = 200;

/// The columns of the list of a kind: the first leads to the item.
pub fn columns(sort: &Sort) -> Vec<Column> {
    let mut all: Vec<Column> = sort.offered().map(own::column).collect();
    all.iter_mut().take(USUAL).for_each(|column| column.usual = true);
    if all.is_empty() {
        all.push(Column::usual("name", "Name", Kind::Text));
    }
    let whom = |label| Column::usual(WHOM, label, Kind::Text);
    match sort.object.belongs {
        Belongs::Person => all.insert(1, whom("Person")),
        Belongs::Organisation => all.insert(1, whom("Company")),
        Belongs::Nobody => {}
    }
    all.push(Column::usual("owner", "Owner", Kind::Text));
    all.push(Column::other("since", "Since", Kind::Day));
    all
}

/// The columns that the terms of people decide.
pub fn decided(sort: &Sort) -> Vec<String> {
    if !sort.personal() {
        return Vec::new();
    }
    searched(sort)
}

/// The columns that a search looks at.
pub fn searched(sort: &Sort) -> Vec<String> {
    sort.offered().map(own::key).chain([WHOM.to_owned()]).collect()
}

/// The fields that a list asks for: the first, those that are shown, and those on which a rule, a search or the order
/// depends. Whom an item belongs to is told with any of its values, so whoever looks for that asks for all.
pub fn asked(sort: &Sort, wanted: &Wanted, columns: &[Column]) -> Vec<String> {
    let (shown, searched) = (wanted.shown(columns), searched(sort));
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    let all = wanted.touches(&[WHOM], &searched);
    let needs = |(place, field): &(usize, &Field)| {
        let key = own::key(field);
        all || *place == 0 || shown.iter().any(|one| one.key == key) || wanted.touches(&[&key], &[])
    };
    sort.offered().enumerate().filter(needs).map(|(_, field)| field.name.clone()).collect()
}

/// A row of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The item.
    pub item: Item,
    /// What stands in its fields.
    pub filled: Filled,
    /// Who looks after it, as rules keep it.
    pub owner: String,
    /// To what organisation it belongs, or to whom, as far as that is open.
    pub whom: Option<String>,
    /// Where that organisation is, for whoever sees it.
    pub whom_href: Option<String>,
    values: BTreeMap<String, Value>,
}

impl Row {
    /// A row of which nothing is open yet.
    pub fn new(item: Item, colleagues: &Colleagues) -> Self {
        let owner = colleagues.ruled(item.owner);
        Self { item, filled: Filled::default(), owner, whom: None, whom_href: None, values: BTreeMap::new() }
    }

    /// The same with what is open of its fields.
    pub fn opened(mut self, sort: &Sort, opened: &Opened) -> Self {
        self.values = self.filled.values(sort.offered(), (opened, sort.personal()));
        if sort.personal() {
            let open = self.filled.open(opened);
            self.whom = open.and_then(|text| opened.name(text)).map(str::to_owned);
        }
        self
    }
}

impl Fills for Row {
    fn thing(&self) -> [u8; 16] {
        self.item.id.to_bytes()
    }
    fn filled(&mut self) -> &mut Filled {
        &mut self.filled
    }
}

impl Listed for Row {
    fn id(&self) -> String {
        self.item.id.to_string()
    }
    fn value(&self, column: &str) -> Value {
        match column {
            "owner" => Value::Text(Some(self.owner.clone())),
            "since" => Value::Number(Some(self.item.created_at.micros())),
            WHOM => Value::Text(self.whom.clone()),
            other => self.values.get(other).cloned().unwrap_or(Value::Text(None)),
        }
    }
}

/// What a form holds.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Whom it belongs to, as typed.
    pub whom: String,
    /// Who looks after it.
    pub owner: String,
    /// What is to stand in its fields.
    pub typed: Typed,
}

impl Form {
    /// What was sent.
    pub fn read(sent: &Fields, sort: &Sort) -> Self {
        Self {
            whom: sent.get(WHOM).chars().take(LONGEST).collect(),
            owner: sent.get("owner").to_owned(),
            typed: filled::sent(sent, &sort.fields),
        }
    }
}
