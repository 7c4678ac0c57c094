//! Items as rows that can be taken along.

use std::borrow::Cow;

use assent_store::work::Text;
use assent_web::objects;

use super::{Row, WHOM};
use crate::along::{self, Goes};
use crate::around::item::Sort;
use crate::lists::{Column, Listed, Value, own};

/// What the list of an object is as one that can be taken along: of people each value is decided, else nothing is asked.
pub fn sort_of(sort: &Sort) -> along::Sort {
    along::Sort {
        path: Cow::Owned(objects::href(&sort.object.key)),
        label: Cow::Owned(objects::plural(&sort.object).to_owned()),
        one: Cow::Owned(sort.object.key.clone()),
        text: None,
        whom: sort.personal().then_some((WHOM, "names")),
        own: sort.personal(),
        beside: None,
    }
}

/// An item that is taken along.
pub struct Taken {
    row: Row,
    /// The field that it is called by.
    first: Option<String>,
}

impl Taken {
    /// A row of this object.
    pub fn new(sort: &Sort, row: Row) -> Self {
        Self { row, first: sort.offered().next().map(|field| field.name.clone()) }
    }
}

impl Listed for Taken {
    fn id(&self) -> String {
        self.row.id()
    }
    fn value(&self, column: &str) -> Value {
        self.row.value(column)
    }
}

impl Goes for Taken {
    /// What it is called tells whom it belongs to.
    fn text(&self) -> Option<([u8; 16], &Text)> {
        let first = self.first.as_ref().and_then(|name| self.row.filled.fact(name));
        first.or_else(|| self.row.filled.texts().next()).map(|text| (self.row.item.id.to_bytes(), text))
    }
    fn value_of(&self, column: &str) -> Option<&Text> {
        self.row.filled.fact(column.strip_prefix(own::HEAD)?)
    }
    fn plain(&self, column: &Column) -> String {
        match column.key.strip_prefix(own::HEAD) {
            Some(name) => self.row.filled.of_nobody(name).to_owned(),
            None => along::plain(&self.row.value(&column.key), column.kind),
        }
    }
}
