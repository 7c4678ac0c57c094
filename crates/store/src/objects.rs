//! Kinds of things that a company keeps beside people, organisations and deals: what they are called and whom they belong
//! to. Their fields are told in [`crate::fields`]; here is no value of anybody.

use assent_kernel::{Also, CompanyId, Timestamp};

use crate::also;
use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const ALL: &str = "SELECT key, singular, plural, belongs, place, gone_at, singulars, plurals FROM object WHERE company = $1 \
     ORDER BY place, key";
const ADD: &str = "INSERT INTO object (company, key, singular, plural, belongs, place, singulars, plurals) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (company, key) DO NOTHING";
const CHANGE: &str = "UPDATE object SET singular = $3, plural = $4, gone_at = $5, singulars = $9, plurals = $10 \
     WHERE company = $1 AND key = $2 AND singular = $6 AND plural = $7 AND gone_at IS NOT DISTINCT FROM $8 \
     AND singulars = $11 AND plurals = $12";

/// Every statement of this file on the home store, for the test that prepares them.
pub const SQL: &[&str] = &[ALL, ADD, CHANGE];

/// Whom an item of an object belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// A person: what is typed into it are facts of theirs.
    Person = 0,
    /// An organisation: the company's own.
    Organisation = 1,
    /// Nobody: the company's own.
    Nobody = 2,
}

impl Belongs {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Person, Self::Organisation, Self::Nobody];

    /// The word for it in forms and for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Nobody => "nobody",
        }
    }

    fn read(code: i64) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| *one as i64 == code);
        found.ok_or_else(|| StoreError::Damaged("whom an object belongs to".into()))
    }
}

/// An object: a kind of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its short key: for good, part of addresses.
    pub key: String,
    /// What one is called.
    pub singular: String,
    /// What many are called.
    pub plural: String,
    /// What one is called in other languages.
    pub singulars: Also,
    /// What many are called in other languages.
    pub plurals: Also,
    /// Whom each belongs to: for good.
    pub belongs: Belongs,
    /// Its place among the others.
    pub place: i64,
    /// Since when it is out of use.
    pub gone_at: Option<Timestamp>,
}

impl Object {
    /// What one is called in a language, or else as there is.
    #[must_use]
    pub fn one(&self, lang: &str) -> &str {
        self.singulars.or(lang, &self.singular)
    }

    /// What many are called in a language, or else as there is.
    #[must_use]
    pub fn many(&self, lang: &str) -> &str {
        self.plurals.or(lang, &self.plural)
    }
}

fn read(row: &Row<'_>) -> Result<Object> {
    Ok(Object {
        key: row.text(0)?,
        singular: row.text(1)?,
        plural: row.text(2)?,
        belongs: Belongs::read(row.int(3)?)?,
        place: row.int(4)?,
        gone_at: row.int_opt(5)?.map(Timestamp::from_micros),
        singulars: also::read(&row.text(6)?)?,
        plurals: also::read(&row.text(7)?)?,
    })
}

/// The objects of a company, in order; those too that are out of use.
///
/// # Errors
/// What the engine said.
pub fn all(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Object>> {
    tx.rows(ALL, &[company.into()], read)
}

/// Adds an object. False when there is one of that key already, which stays as it is.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Object) -> Result<bool> {
    let one_singulars = also::kept(&one.singulars)?;
    let one_plurals = also::kept(&one.plurals)?;
    let row = [
        company.into(),
        (&one.key).into(),
        (&one.singular).into(),
        (&one.plural).into(),
        (one.belongs as i64).into(),
        one.place.into(),
        (&one_singulars).into(),
        (&one_plurals).into(),
    ];
    Ok(tx.exec(ADD, &row)? > 0)
}

/// Changes what an object is called and whether it is in use, when it is as it was read. False when it is not.
///
/// # Errors
/// What the engine said.
pub fn change(tx: &mut Tx<'_>, company: CompanyId, (old, new): (&Object, &Object)) -> Result<bool> {
    let new_singulars = also::kept(&new.singulars)?;
    let new_plurals = also::kept(&new.plurals)?;
    let old_singulars = also::kept(&old.singulars)?;
    let old_plurals = also::kept(&old.plurals)?;
    let row = [
        company.into(),
        (&old.key).into(),
        (&new.singular).into(),
        (&new.plural).into(),
        new.gone_at.into(),
        (&old.singular).into(),
        (&old.plural).into(),
        old.gone_at.into(),
        (&new_singulars).into(),
        (&new_plurals).into(),
        (&old_singulars).into(),
        (&old_plurals).into(),
    ];
    Ok(tx.exec(CHANGE, &row)? > 0)
}
