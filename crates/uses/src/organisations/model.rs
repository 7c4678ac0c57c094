//! Nouns: an organisation as typed in, a row of the list.

use std::borrow::Cow;
use std::collections::BTreeMap;

use assent_kernel::Timestamp;
use assent_store::work::Text;
use assent_web::fields::{self, Field as Own};
use assent_web::parts::Field;
use assent_web::{Fields, say};

use crate::along::{self, Goes, Sort};
use crate::frame::Colleagues;
use crate::lists::{Column, Kind, Listed, Value, Wanted, own};
use crate::organised::{Known, One};
use crate::texts;

/// The longest value, in characters.
const LONGEST: usize = 200;

/// The columns of every list.
const ALWAYS: &[Column] = &[
    Column::usual("name", "Name", Kind::Text),
    Column::usual("trade", "Trade", Kind::Text),
    Column::usual("city", "City", Kind::Text),
    Column::usual("website", "Website", Kind::Text),
    Column::usual("owner", "Owner", Kind::Text),
    Column::usual("since", "Since", Kind::Day),
];
/// The columns of the list, with those of the company's own fields.
pub fn columns(own: &[Own]) -> Vec<Column> {
    ALWAYS.iter().cloned().chain(own.iter().map(own::column)).collect()
}

/// Organisations as rows that can be taken along: nothing in them is about a person.
pub const ALONG: Sort = Sort {
    path: Cow::Borrowed("/organisations"),
    label: Cow::Borrowed("Organisations"),
    one: Cow::Borrowed("organisation"),
    text: None,
    whom: None,
    own: false,
    beside: None,
};
/// What an address wants of the list.
pub fn wanted(fields: &Fields, columns: &[Column]) -> Wanted {
    Wanted::read("/organisations", columns, &["show"], fields)
}

/// The columns that a search looks at.
pub const SEARCHED: &[&str] = &["name", "trade", "city", "website"];

/// A row of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The organisation.
    pub one: One,
    /// Who looks after it, as rules keep it.
    pub owner: String,
    /// What stands in the fields of the company, by their columns.
    own: BTreeMap<String, Value>,
}

impl Row {
    /// A row.
    pub fn new(one: One, own: &[Own], colleagues: &Colleagues) -> Self {
        let value = |field: &Own| {
            let text = one.known.more.get(&field.name)?;
            Some((own::key(field), own::value(field, text)))
        };
        Self { own: own.iter().filter_map(value).collect(), owner: colleagues.ruled(one.row.owner), one }
    }
}

/// Those of these that fit what is wanted, in its order.
pub fn fitting(
    all: Vec<One>,
    wanted: &Wanted,
    (own, colleagues): (&[Own], &Colleagues),
    now: Timestamp,
) -> Vec<Row> {
    let rows = all.into_iter().map(|one| Row::new(one, own, colleagues));
    let mut rows: Vec<Row> = rows.filter(|row| wanted.takes(row, now, SEARCHED)).collect();
    wanted.sort(&mut rows);
    rows
}

impl Row {
    /// What stands in the field of a column, as it is kept.
    pub fn told(&self, column: &str) -> Option<String> {
        column.strip_prefix("own-").and_then(|name| self.one.known.more.get(name)).cloned()
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
            // It is about nobody: what is empty may be said to be empty.
            other => self.own.get(other).cloned().unwrap_or_else(|| text("")),
        }
    }
}

impl Goes for Row {
    fn text(&self) -> Option<([u8; 16], &Text)> {
        None
    }
    fn plain(&self, column: &Column) -> String {
        self.told(&column.key).unwrap_or_else(|| along::plain(&self.value(&column.key), column.kind))
    }
}

/// What was typed over what is known: a form may change one field only, and the others stay as they are. What is typed into
/// a field of the company is kept as it is read, and as it was typed when it does not fit.
pub fn typed(sent: &Fields, own: &[Own], old: &Known) -> Known {
    let get = |name: &str, old: &str| if sent.has(name) { sent.get(name).to_owned() } else { old.to_owned() };
    let mut more = old.more.clone();
    for field in own {
        let name = own::key(field);
        // No tick of several is sent when none is left: then the form says that it asked.
        if sent.has(&name) || sent.has(WHOLE) {
            set(&mut more, field, fields::sent(sent, &name));
        }
    }
    Known {
        name: get("name", &old.name),
        website: get("website", &old.website),
        city: get("city", &old.city),
        trade: get("trade", &old.trade),
        more,
    }
}

/// The field by which a form says that it holds everything.
pub const WHOLE: &str = "whole";

/// Puts a value into a field of the company; an empty one takes it away.
pub fn set(more: &mut BTreeMap<String, String>, field: &Own, typed: String) {
    if typed.trim().is_empty() {
        more.remove(&field.name);
    } else {
        let old = more.get(&field.name).map_or("", String::as_str);
        let kept = fields::read_over(field, &typed, old).unwrap_or(typed);
        more.insert(field.name.clone(), kept);
    }
}

/// What is wrong with what stands in a field of the company; nothing when it is as it was.
pub fn wrong_own(field: &Own, known: &Known, old: &Known) -> String {
    match known.more.get(&field.name) {
        Some(text) => {
            let stood = old.more.get(&field.name).map_or("", String::as_str);
            fields::read_over(field, text, stood).err().unwrap_or_default()
        }
        None => String::new(),
    }
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
        return say("A website begins with https://").into();
    }
    if value.is_empty() { String::new() } else { texts::wrong(value, LONGEST) }
}

/// The fields with what is wrong when `checked`; true when nothing is.
pub fn fields(known: &Known, own: &[Own], old: &Known, checked: bool) -> (Vec<Field>, bool) {
    let line = |label: &str, name: &'static str, value: &str| Field {
        error: if checked { wrong(known, name) } else { String::new() },
        autocomplete: "off",
        ..Field::line(label, name, value)
    };
    let all = vec![
        Field { required: true, ..line(say("Name"), "name", &known.name) },
        line(say("Trade"), "trade", &known.trade),
        line(say("City"), "city", &known.city),
        line(say("Website"), "website", &known.website),
    ];
    let own = own.iter().map(|field| {
        let wrong = if checked { wrong_own(field, known, old) } else { String::new() };
        fields::input(field, own::key(field), known.more.get(&field.name).map_or("", String::as_str), wrong)
    });
    let all: Vec<Field> = all.into_iter().chain(own).collect();
    let fine = all.iter().all(|field| field.error.is_empty());
    (all, fine)
}
