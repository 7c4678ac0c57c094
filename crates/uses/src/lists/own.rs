//! Columns of the fields that a company made.

use std::borrow::Cow;

use assent_web::fields::{self, Field, Kind as What, millionths};

use super::{Column, Kind, Value};
use crate::lists::rule::day_of;

/// What stands before the short name of a field in addresses and forms.
pub const HEAD: &str = "own-";

/// The word by which a field stands in addresses and forms: never that of another column.
pub fn key(field: &Field) -> String {
    format!("{HEAD}{}", field.name)
}

/// The column of a field; shown when it is chosen.
pub fn column(field: &Field) -> Column {
    let kind = match field.kind {
        What::Number => Kind::Number,
        What::Day => Kind::Day,
        What::Text | What::Long | What::YesNo | What::One | What::Several | What::Link => Kind::Text,
    };
    Column {
        key: Cow::Owned(key(field)),
        label: Cow::Owned(fields::name(field).to_owned()),
        kind,
        usual: false,
        choices: choices(std::slice::from_ref(field)),
    }
}

/// What stands in a field as rules and orders see it.
pub fn value(field: &Field, text: &str) -> Value {
    let number = match field.kind {
        What::Number => millionths(text),
        What::Day => day_of(text).map(assent_kernel::Timestamp::micros),
        What::Text | What::Long | What::YesNo | What::One | What::Several | What::Link => {
            return Value::Text(Some(text.to_owned()));
        }
    };
    number.map_or(Value::Text(None), |number| Value::Number(Some(number)))
}

/// What can be chosen in these fields: the word that rules have for it, and how it is read.
pub fn choices(fields: &[Field]) -> Vec<(String, String)> {
    let read = |field: &Field, one: &str| (one.to_owned(), fields::shown(field, one).into_owned());
    let of = |field: &Field| match field.kind {
        What::YesNo => ["yes", "no"].map(|one| read(field, one)).to_vec(),
        What::One | What::Several => field.choices.iter().map(|one| read(field, one)).collect(),
        What::Text | What::Long | What::Number | What::Day | What::Link => Vec::new(),
    };
    fields.iter().flat_map(of).collect()
}
