//! Programs that may call: each with a key of its own, a role and, mostly, one purpose. Only the key's digest is
//! kept. Every key has an end; who needs it longer makes a new one.

use assent_kernel::{CompanyId, PurposeKey, Role, Span, StaffId, Timestamp};

use crate::access;
use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::reach;
use crate::value::Row;
use crate::work::Reach;

const ADD: &str = "INSERT INTO caller (token, id, company, name, role, purpose, created_at, until, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const BY_TOKEN: &str = "SELECT id, company, name, role, purpose, created_at, ended_at, until, made_by FROM caller WHERE token = $1 AND ended_at IS NULL";
const OF_COMPANY: &str = "SELECT id, company, name, role, purpose, created_at, ended_at, until, made_by FROM caller WHERE company = $1 ORDER BY created_at";
const BY_ID: &str = "SELECT id, company, name, role, purpose, created_at, ended_at, until, made_by FROM caller WHERE id = $1 AND company = $2";
const END: &str = "UPDATE caller SET ended_at = $3 WHERE company = $1 AND id = $2 AND ended_at IS NULL";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, BY_TOKEN, OF_COMPANY, BY_ID, END];

/// A program that may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who it is in questions and entries.
    pub id: StaffId,
    /// Whose.
    pub company: CompanyId,
    /// A name that staff know it by.
    pub name: String,
    /// The role it asks in.
    pub role: Role,
    /// The one purpose it may ask for; any that the role works for when there is none.
    pub purpose: Option<PurposeKey>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when its key works.
    pub until: Timestamp,
    /// When its key was ended.
    pub ended_at: Option<Timestamp>,
    /// Who made it and answers for it; nobody when it was made on the command line.
    pub made_by: Option<StaffId>,
}

impl Caller {
    /// True once its key works no more.
    #[must_use]
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.ended_at.is_some() || self.until <= at
    }
}

/// How long a key works when nobody says otherwise.
pub const LASTS: Span = Span::days(365);

fn read(row: &Row<'_>) -> Result<Caller> {
    let damaged = || StoreError::Damaged("a caller".into());
    let purpose = row.text_opt(4)?.map(|text| PurposeKey::new(&text)).transpose().map_err(|_| damaged())?;
    Ok(Caller {
        id: StaffId::from_bytes(row.fixed(0)?),
        company: CompanyId::from_bytes(row.fixed(1)?),
        name: row.text(2)?,
        role: Role::parse(&row.text(3)?).ok_or_else(damaged)?,
        purpose,
        created_at: row.time(5)?,
        ended_at: row.int_opt(6)?.map(Timestamp::from_micros),
        until: row.time(7)?,
        made_by: row.fixed_opt(8)?.map(StaffId::from_bytes),
    })
}

/// Adds a caller, known by the digest of its key.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, token: &[u8; 32], caller: &Caller) -> Result<()> {
    let purpose = caller.purpose.as_ref().map(ToString::to_string);
    let (id, role) = (caller.id.to_bytes(), caller.role.key());
    let row = [
        token.into(),
        (&id).into(),
        caller.company.into(),
        (&caller.name).into(),
        role.into(),
        purpose.as_ref().into(),
        caller.created_at.into(),
        caller.until.into(),
        caller.made_by.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// A caller, and whether its key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who calls.
    pub caller: Caller,
    /// False when whoever made the key may not do any more what it does.
    pub stands: bool,
    /// Whose people it sees.
    pub people: Reach,
}

/// The caller whose key has that digest, unless it was ended.
///
/// # Errors
/// What the engine said.
pub fn by_token(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<Option<Known>> {
    let found = tx.first(BY_TOKEN, &[token.into()], read)?;
    found.map(|caller| known(tx, caller)).transpose()
}

/// A caller with what it may do now.
///
/// # Errors
/// What the engine said.
pub fn known(tx: &mut Tx<'_>, caller: Caller) -> Result<Known> {
    let (stands, whose) = (stands(tx, &caller)?, (caller.company, caller.role));
    let people = reach::people_seen(tx, whose, caller.id, caller.made_by)?;
    Ok(Known { caller, stands, people })
}

/// A key does nothing that whoever made it may not do now: they come in, and have its role or make keys of any. One that was made on
/// the command line stands by itself.
///
/// # Errors
/// What the engine said.
pub fn stands(tx: &mut Tx<'_>, caller: &Caller) -> Result<bool> {
    let Some(maker) = caller.made_by else { return Ok(true) };
    let maker = access::staff_by_id(tx, maker)?.filter(|row| row.company == caller.company && !row.disabled);
    let may = |role: Role| role == caller.role || role == Role::Admin;
    Ok(maker.is_some_and(|row| row.roles.split(',').filter_map(Role::parse).any(may)))
}

/// A company's callers, the oldest first.
///
/// # Errors
/// What the engine said.
pub fn of(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Caller>> {
    tx.rows(OF_COMPANY, &[company.into()], read)
}

/// One of a company's callers, also when its key is over.
///
/// # Errors
/// What the engine said.
pub fn by_id(tx: &mut Tx<'_>, company: CompanyId, id: StaffId) -> Result<Option<Caller>> {
    tx.first(BY_ID, &[id.into(), company.into()], read)
}

/// The human behind an id: the member of staff themselves, or whoever made the key. A key that was made on the command line is
/// nobody's, so nobody answers for it.
///
/// # Errors
/// What the engine said.
pub fn answers(tx: &mut Tx<'_>, company: CompanyId, id: StaffId) -> Result<Option<StaffId>> {
    Ok(match by_id(tx, company, id)? {
        Some(key) => key.made_by,
        None => Some(id),
    })
}

/// Ends a caller's key; tells whether there was one.
///
/// # Errors
/// What the engine said.
pub fn end(tx: &mut Tx<'_>, company: CompanyId, id: StaffId, at: Timestamp) -> Result<bool> {
    Ok(tx.exec(END, &[company.into(), id.into(), at.into()])? > 0)
}
