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

/// What can be chosen in these fields, for rules.
pub fn choices(fields: &[Field]) -> Vec<String> {
    let yes_no = fields.iter().any(|field| field.kind == What::YesNo);
    let listed = fields.iter().flat_map(|field| field.choices.iter().cloned());
    listed.chain(["yes", "no"].into_iter().filter(|_| yes_no).map(str::to_owned)).collect()
}
