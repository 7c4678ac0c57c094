//! Keys of programs that people let act for them: their digest, what they may do, until when. What a person calls one lies
//! sealed under that person's own key.

use assent_kernel::{CompanyId, PersonId, Span, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const ADD: &str = "INSERT INTO own_key (token, id, company, person, name, may, made_at, until) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
/// Whoever makes a key holds its person, so that several at once do not each find room for one more.
const HOLD: &str = "SELECT person FROM directory WHERE person = $1 {lock}";
const HOW_MANY: &str = "SELECT count(*) FROM own_key WHERE person = $1 AND ended_at IS NULL AND until > $2";
const BY_TOKEN: &str = "SELECT id, company, person, name, may, made_at, until, used_at FROM own_key \
     WHERE token = $1 AND ended_at IS NULL AND until > $2";
const OF_PERSON: &str = "SELECT id, company, person, name, may, made_at, until, used_at FROM own_key \
     WHERE person = $1 AND ended_at IS NULL AND until > $2 ORDER BY made_at LIMIT 50";
const USED: &str = "UPDATE own_key SET used_at = $2 WHERE token = $1 AND (used_at IS NULL OR used_at < $2)";
const END: &str = "UPDATE own_key SET ended_at = $3 WHERE person = $1 AND id = $2 AND ended_at IS NULL";
const DROP: &str = "DELETE FROM own_key WHERE person = $1";
const DROP_ALL: &str = "DELETE FROM own_key";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, HOLD, HOW_MANY, BY_TOKEN, OF_PERSON, USED, END, DROP, DROP_ALL];

/// The most keys that work for one person.
pub const MOST: u32 = 20;

/// How long a key works.
pub const LASTS: Span = Span::days(365);

/// What a program may do for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Read what is known, and who used it.
    Read = 0,
    /// The same, and say yes and no, stop, and put values right.
    Answer = 1,
}

impl May {
    /// Whether whoever may do this may do that.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Answer, Self::Read | Self::Answer) | (Self::Read, Self::Read) => true,
            (Self::Read, Self::Answer) => false,
        }
    }
}

/// A key that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKey {
    /// Which: what calls are counted and kept under. No member of staff has this id.
    pub id: StaffId,
    /// Whose customer.
    pub company: CompanyId,
    /// For whom it acts.
    pub person: PersonId,
    /// What they call it, sealed under their key.
    pub name: Vec<u8>,
    /// What it may do.
    pub may: May,
    /// Since when.
    pub made_at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// When it was used last, to a few minutes.
    pub used_at: Option<Timestamp>,
}

fn read(row: &Row<'_>) -> Result<OwnKey> {
    let may = match row.int(4)? {
        0 => May::Read,
        1 => May::Answer,
        _ => return Err(StoreError::Damaged("what a person's program may do".into())),
    };
    Ok(OwnKey {
        id: StaffId::from_bytes(row.fixed(0)?),
        company: CompanyId::from_bytes(row.fixed(1)?),
        person: PersonId::from_bytes(row.fixed(2)?),
        name: row.blob(3)?,
        may,
        made_at: row.time(5)?,
        until: row.time(6)?,
        used_at: row.int_opt(7)?.map(Timestamp::from_micros),
    })
}

/// Adds a key, known by its digest. False when as many work for its person as may, or when they were erased.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, token: &[u8; 32], one: &OwnKey) -> Result<bool> {
    if tx.first(HOLD, &[one.person.into()], |_| Ok(()))?.is_none() {
        return Ok(false);
    }
    let have = tx.first(HOW_MANY, &[one.person.into(), one.made_at.into()], |row| row.int(0))?;
    if have.unwrap_or(0) >= i64::from(MOST) {
        return Ok(false);
    }
    let row = [
        token.into(),
        one.id.into(),
        one.company.into(),
        one.person.into(),
        (&one.name).into(),
        (one.may as i64).into(),
        one.made_at.into(),
        one.until.into(),
    ];
    tx.exec(ADD, &row).map(|_| true)
}

/// The key that has that digest, while it works.
///
/// # Errors
/// What the engine said.
pub fn by_token(tx: &mut Tx<'_>, token: &[u8; 32], at: Timestamp) -> Result<Option<OwnKey>> {
    tx.first(BY_TOKEN, &[token.into(), at.into()], read)
}

/// The keys that work for a person, the oldest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, person: PersonId, at: Timestamp) -> Result<Vec<OwnKey>> {
    tx.rows(OF_PERSON, &[person.into(), at.into()], read)
}

/// Notes that one was used.
///
/// # Errors
/// What the engine said.
pub fn used(tx: &mut Tx<'_>, token: &[u8; 32], at: Timestamp) -> Result<()> {
    tx.exec(USED, &[token.into(), at.into()]).map(|_| ())
}

/// Ends one of a person's keys; tells whether there was one.
///
/// # Errors
/// What the engine said.
pub fn end(tx: &mut Tx<'_>, person: PersonId, id: StaffId, at: Timestamp) -> Result<bool> {
    Ok(tx.exec(END, &[person.into(), id.into(), at.into()])? > 0)
}

/// Drops every key of a person.
///
/// # Errors
/// What the engine said.
pub fn drop_of(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(DROP, &[person.into()]).map(|_| ())
}

/// Drops every key of everybody: a copy of the data does not know which were ended since.
///
/// # Errors
/// What the engine said.
pub fn drop_all(tx: &mut Tx<'_>) -> Result<()> {
    tx.exec(DROP_ALL, &[]).map(|_| ())
}
