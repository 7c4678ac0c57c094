//! Nouns: an organisation as typed in, a row of the list.

use assent_web::Fields;
use assent_web::parts::Field;

use crate::frame::Colleagues;
use crate::lists::{Column, Kind, Listed, Value};
use crate::organised::{Known, One};
use crate::texts;

/// The longest value, in characters.
const LONGEST: usize = 200;

/// The columns of the list.
pub const COLUMNS: &[Column] = &[
    Column { key: "name", label: "Name", kind: Kind::Text, usual: true },
    Column { key: "trade", label: "Trade", kind: Kind::Text, usual: true },
    Column { key: "city", label: "City", kind: Kind::Text, usual: true },
    Column { key: "website", label: "Website", kind: Kind::Text, usual: true },
    Column { key: "owner", label: "Owner", kind: Kind::Text, usual: true },
    Column { key: "since", label: "Since", kind: Kind::Day, usual: true },
];
/// The columns that a search looks at.
pub const SEARCHED: &[&str] = &["name", "trade", "city", "website"];

/// A row of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The organisation.
    pub one: One,
    /// Who looks after it.
    pub owner: String,
}

impl Row {
    /// A row.
    pub fn new(one: One, colleagues: &Colleagues) -> Self {
        Self { owner: colleagues.named(one.row.owner).unwrap_or_default(), one }
    }
}

impl Listed for Row {
    fn id(&self) -> String {
        self.one.row.id.to_string()
    }
    fn value(&self, column: &str) -> Value {
        let known = &self.one.known;
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        match column {
            "name" => text(&known.name),
            "trade" => text(&known.trade),
            "city" => text(&known.city),
            "website" => text(&known.website),
            "owner" => text(&self.owner),
            "since" => Value::Number(Some(self.one.row.created_at.micros())),
            _ => Value::Text(None),
        }
    }
}

/// Reads what was typed.
pub fn typed(fields: &Fields) -> Known {
    let get = |name: &str| fields.get(name).to_owned();
    Known { name: get("name"), website: get("website"), city: get("city"), trade: get("trade") }
}

/// What is wrong with what was typed, by its field.
pub fn wrong(known: &Known, name: &str) -> String {
    let value = match name {
        "name" => return texts::wrong(&known.name, LONGEST),
        "website" => &known.website,
        "city" => &known.city,
        _ => &known.trade,
    };
    let page = value.starts_with("https://") || value.starts_with("http://");
    if name == "website" && !value.is_empty() && !page {
        return "A website begins with https://".into();
    }
    if value.is_empty() { String::new() } else { texts::wrong(value, LONGEST) }
}

/// The fields with what is wrong when `checked`; true when nothing is.
pub fn fields(known: &Known, checked: bool) -> (Vec<Field>, bool) {
    let line = |label: &str, name: &'static str, value: &str| Field {
        error: if checked { wrong(known, name) } else { String::new() },
        autocomplete: "off",
        ..Field::line(label, name, value)
    };
    let all = vec![
        Field { required: true, ..line("Name", "name", &known.name) },
        line("Trade", "trade", &known.trade),
        line("City", "city", &known.city),
        line("Website", "website", &known.website),
    ];
    let fine = all.iter().all(|field| field.error.is_empty());
    (all, fine)
}
