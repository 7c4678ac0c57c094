//! Fields that a company made itself: what they are called, what may stand in them, to what they belong.
//!
//! A field of people names a category of the company's tree, so that its values are facts like any other. Here is no value
//! of anybody.

use std::borrow::Cow;

use assent_kernel::{Also, CategoryKey, CompanyId, Timestamp, TreeKey as _};
use serde::{Deserialize, Serialize};

use crate::also;
use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const ALL: &str = "SELECT name, label, kind, category, choices, place, gone_at, labels, choices_also FROM field \
     WHERE company = $1 AND thing = $2 ORDER BY place, name";
const PERSONAL: &str = "SELECT name, label, kind, category, choices, place, gone_at, labels, choices_also, thing FROM field \
     WHERE company = $1 AND category IS NOT NULL ORDER BY thing, place, name";
const OF_OBJECTS: &str = "SELECT name, label, kind, category, choices, place, gone_at, labels, choices_also, thing FROM field \
     WHERE company = $1 AND thing LIKE 'object.%' ORDER BY thing, place, name";
const PUT: &str = "INSERT INTO field (company, thing, name, label, kind, category, choices, place, gone_at, labels, choices_also) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (company, thing, name) \
     DO UPDATE SET label = excluded.label, choices = excluded.choices, place = excluded.place, \
     gone_at = excluded.gone_at, labels = excluded.labels, choices_also = excluded.choices_also";

const ADD: &str = "INSERT INTO field (company, thing, name, label, kind, category, choices, place, gone_at, labels, choices_also) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (company, thing, name) DO NOTHING";
const CHANGE: &str = "UPDATE field SET label = $4, choices = $5, gone_at = $6, labels = $10, choices_also = $11 \
     WHERE company = $1 AND thing = $2 AND name = $3 AND label = $7 AND choices = $8 AND gone_at IS NOT DISTINCT FROM $9 \
     AND labels = $12 AND choices_also = $13";
const PLACE: &str = "UPDATE field SET place = $4 WHERE company = $1 AND thing = $2 AND name = $3";

/// Every statement of this file on the home store, for the test that prepares them.
pub const SQL: &[&str] = &[ALL, PERSONAL, OF_OBJECTS, PUT, ADD, CHANGE, PLACE];

/// To what fields belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// People: each field has a category.
    Person,
    /// Organisations: about nobody.
    Organisation,
    /// Deals: each field has a category, for the deals that are with a person.
    Deal,
    /// Tasks: each field has a category, for the tasks that are about a person.
    Task,
    /// An object that the company made itself, by its short key.
    Object(String),
}

/// What stands before the key of an object.
const OBJECT: &str = "object.";

impl Thing {
    /// The word for it in the store and in addresses.
    #[must_use]
    pub fn key(&self) -> Cow<'static, str> {
        match self {
            Self::Person => Cow::Borrowed("person"),
            Self::Organisation => Cow::Borrowed("organisation"),
            Self::Deal => Cow::Borrowed("deal"),
            Self::Task => Cow::Borrowed("task"),
            Self::Object(key) => Cow::Owned(format!("{OBJECT}{key}")),
        }
    }

    /// What such a word stands for. Whether there is such an object is another matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = [Self::Person, Self::Organisation, Self::Deal, Self::Task];
        known
            .into_iter()
            .find(|one| one.key() == text)
            .or_else(|| text.strip_prefix(OBJECT).map(|key| Self::Object(key.to_owned())))
    }
}

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A line of text.
    Text = 0,
    /// A longer text.
    Long = 1,
    /// A number.
    Number = 2,
    /// A day.
    Day = 3,
    /// Yes or no.
    YesNo = 4,
    /// One of a list.
    One = 5,
    /// Several of a list.
    Several = 6,
    /// A web address.
    Link = 7,
}

impl Kind {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Long, Self::Number, Self::Day, Self::YesNo, Self::One, Self::Several, Self::Link];

    /// The word for it in forms and for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Long => "long-text",
            Self::Number => "number",
            Self::Day => "day",
            Self::YesNo => "yes-no",
            Self::One => "one-of",
            Self::Several => "several-of",
            Self::Link => "link",
        }
    }

    fn read(code: i64) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| *kind as i64 == code);
        found.ok_or_else(|| StoreError::Damaged("the kind of a field".into()))
    }
}

/// A field. An import keeps it with its mapping, as it was when the import was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its short name: for good, part of addresses and keys.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// The same in other languages.
    #[serde(default, skip_serializing_if = "Also::is_empty")]
    pub labels: Also,
    /// What may stand in it.
    pub kind: Kind,
    /// Of what category its values are; none for what is about nobody.
    pub category: Option<CategoryKey>,
    /// What may be chosen.
    pub choices: Vec<String>,
    /// The choices in other languages, a line for each, in their order. What is kept is the choice itself.
    #[serde(default, skip_serializing_if = "Also::is_empty")]
    pub choices_also: Also,
    /// Its place among the others.
    pub place: i64,
    /// Since when it is no longer offered.
    pub gone_at: Option<Timestamp>,
}

impl Field {
    /// What it is called in a language, or else as there is.
    #[must_use]
    pub fn called(&self, lang: &str) -> &str {
        self.labels.or(lang, &self.label)
    }

    /// A choice in a language. What is none of its choices stays as it is.
    #[must_use]
    pub fn choice<'a>(&'a self, lang: &str, choice: &'a str) -> &'a str {
        let told = self.choices_also.get(lang).zip(self.choices.iter().position(|one| one == choice));
        let line = told.and_then(|(lines, at)| lines.lines().nth(at));
        line.filter(|line| !line.is_empty()).unwrap_or(choice)
    }
}

fn read(row: &Row<'_>) -> Result<Field> {
    let category = row.text_opt(3)?.map(|key| CategoryKey::new(&key)).transpose();
    Ok(Field {
        name: row.text(0)?,
        label: row.text(1)?,
        kind: Kind::read(row.int(2)?)?,
        category: category.map_err(|_| StoreError::Damaged("the category of a field".into()))?,
        choices: row.text(4)?.lines().map(str::to_owned).collect(),
        place: row.int(5)?,
        gone_at: row.int_opt(6)?.map(Timestamp::from_micros),
        labels: also::read(&row.text(7)?)?,
        choices_also: also::read(&row.text(8)?)?,
    })
}

/// The fields of a company, in order; those too that are no longer offered.
///
/// # Errors
/// What the engine said.
pub fn all(tx: &mut Tx<'_>, company: CompanyId, thing: &Thing) -> Result<Vec<Field>> {
    tx.rows(ALL, &[company.into(), thing.key().as_ref().into()], read)
}

/// Every field whose values are facts of people, with what it belongs to.
///
/// # Errors
/// What the engine said.
pub fn personal(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<(Thing, Field)>> {
    tx.rows(PERSONAL, &[company.into()], with_thing)
}

/// Every field of the objects that the company made, with its object.
///
/// # Errors
/// What the engine said.
pub fn of_objects(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<(Thing, Field)>> {
    tx.rows(OF_OBJECTS, &[company.into()], with_thing)
}

fn with_thing(row: &Row<'_>) -> Result<(Thing, Field)> {
    let thing = Thing::parse(&row.text(9)?);
    let thing = thing.ok_or_else(|| StoreError::Damaged("what a field belongs to".into()))?;
    Ok((thing, read(row)?))
}

/// Adds a field, or changes what may change of one: its label, choices and place, and whether it is offered.
///
/// # Errors
/// What the engine said.
pub fn put(tx: &mut Tx<'_>, company: CompanyId, thing: &Thing, field: &Field) -> Result<()> {
    write(tx, PUT, company, thing, field).map(|_| ())
}

/// Adds a field; false when there is one of that name.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, thing: &Thing, field: &Field) -> Result<bool> {
    Ok(write(tx, ADD, company, thing, field)? > 0)
}

/// Gives a field its label, its choices, both in other languages too, and whether it is offered; false when these are not as they were read.
///
/// # Errors
/// What the engine said.
pub fn change(
    tx: &mut Tx<'_>,
    company: CompanyId,
    thing: &Thing,
    (old, new): (&Field, &Field),
) -> Result<bool> {
    let (thing, before, after) = (thing.key(), old.choices.join("\n"), new.choices.join("\n"));
    let new_labels = also::kept(&new.labels)?;
    let new_choices_also = also::kept(&new.choices_also)?;
    let old_labels = also::kept(&old.labels)?;
    let old_choices_also = also::kept(&old.choices_also)?;
    let row = [
        company.into(),
        thing.as_ref().into(),
        (&old.name).into(),
        (&new.label).into(),
        (&after).into(),
        new.gone_at.into(),
        (&old.label).into(),
        (&before).into(),
        old.gone_at.into(),
        (&new_labels).into(),
        (&new_choices_also).into(),
        (&old_labels).into(),
        (&old_choices_also).into(),
    ];
    Ok(tx.exec(CHANGE, &row)? > 0)
}

/// Puts fields in this order.
///
/// # Errors
/// What the engine said.
pub fn place(tx: &mut Tx<'_>, company: CompanyId, thing: &Thing, order: &[Field]) -> Result<()> {
    let thing = thing.key();
    (1i64..).zip(order).try_for_each(|(place, field)| {
        let row = [company.into(), thing.as_ref().into(), (&field.name).into(), place.into()];
        tx.exec(PLACE, &row).map(|_| ())
    })
}

fn write(
    tx: &mut Tx<'_>,
    sql: &'static str,
    company: CompanyId,
    thing: &Thing,
    field: &Field,
) -> Result<u64> {
    let (thing, choices) = (thing.key(), field.choices.join("\n"));
    let field_labels = also::kept(&field.labels)?;
    let field_choices_also = also::kept(&field.choices_also)?;
    let row = [
        company.into(),
        thing.as_ref().into(),
        (&field.name).into(),
        (&field.label).into(),
        (field.kind as i64).into(),
        field.category.as_ref().map(|key| key.as_str()).into(),
        (&choices).into(),
        field.place.into(),
        field.gone_at.into(),
        (&field_labels).into(),
        (&field_choices_also).into(),
    ];
    tx.exec(sql, &row)
}
