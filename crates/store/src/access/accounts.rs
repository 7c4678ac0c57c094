//! The accounts of staff, and what was done to them.

use assent_kernel::{CompanyId, StaffId, Timestamp};

use super::drop_sessions;
use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

const STAFF: &str = "SELECT id, company, email, name, roles, password, disabled_at FROM staff WHERE company = $1 ORDER BY name";
const STAFF_BY_EMAIL: &str = "SELECT id, company, email, name, roles, password, disabled_at FROM staff WHERE email = $1 ORDER BY company";
const STAFF_BY_ID: &str =
    "SELECT id, company, email, name, roles, password, disabled_at FROM staff WHERE id = $1";
const STAFF_HELD: &str =
    "SELECT id, company, email, name, roles, password, disabled_at FROM staff WHERE id = $1 {lock}";
const ADD_STAFF: &str = "INSERT INTO staff (id, company, email, name, roles, password, created_at, standing_since) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
const SET_ROLES: &str = "UPDATE staff SET roles = $3, standing_since = $4 WHERE company = $1 AND id = $2";
const SET_DISABLED: &str = "UPDATE staff SET disabled_at = $3 WHERE company = $1 AND id = $2";
const SET_PASSWORD: &str = "UPDATE staff SET password = $2, standing_since = $3 WHERE id = $1";
const STANDING: &str = "SELECT standing_since FROM staff WHERE id = $1";
const NEW_WAY: &str = "UPDATE staff SET standing_since = $2 WHERE id = $1";
const ADD_ACT: &str =
    "INSERT INTO staff_act (company, at, id, staff, who, what) VALUES ($1, $2, $3, $4, $5, $6)";
const ACTS: &str =
    "SELECT at, staff, who, what FROM staff_act WHERE company = $1 ORDER BY at DESC, id DESC LIMIT $2";
const LETTERS: &str = "SELECT letters FROM staff WHERE id = $1";
const SET_LETTERS: &str = "UPDATE staff SET letters = $2, told_until = $3 WHERE id = $1 AND letters <> $2";
const WANT_LETTERS: &str =
    "SELECT id, email, told_until FROM staff WHERE company = $1 AND letters = 1 AND disabled_at IS NULL";
const TOLD: &str = "UPDATE staff SET told_until = $3 WHERE id = $1 AND told_until = $2 AND letters = 1 AND disabled_at IS NULL";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    STAFF,
    STAFF_BY_EMAIL,
    STAFF_BY_ID,
    STAFF_HELD,
    ADD_STAFF,
    SET_ROLES,
    SET_DISABLED,
    SET_PASSWORD,
    STANDING,
    NEW_WAY,
    ADD_ACT,
    ACTS,
    LETTERS,
    SET_LETTERS,
    WANT_LETTERS,
    TOLD,
];

/// A member of staff. `Debug` shows the id only.
#[derive(Clone)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// Where they work.
    pub company: CompanyId,
    /// How they sign in.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Role keys, joined by commas.
    pub roles: String,
    /// argon2id, in PHC form.
    pub password: Option<String>,
    /// True when they may no longer come in.
    pub disabled: bool,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staff({})", self.id)
    }
}

fn read_staff(row: &Row<'_>) -> Result<Staff> {
    Ok(Staff {
        id: StaffId::from_bytes(row.fixed(0)?),
        company: CompanyId::from_bytes(row.fixed(1)?),
        email: row.text(2)?,
        name: row.text(3)?,
        roles: row.text(4)?,
        password: row.text_opt(5)?,
        disabled: row.int_opt(6)?.is_some(),
    })
}

/// A company's staff.
///
/// # Errors
/// What the engine said.
pub fn staff(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Staff>> {
    tx.rows(STAFF, &[company.into()], read_staff)
}

/// Staff with that e-mail address, in any company.
///
/// # Errors
/// What the engine said.
pub fn staff_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Vec<Staff>> {
    tx.rows(STAFF_BY_EMAIL, &[email.into()], read_staff)
}

/// One member of staff.
///
/// # Errors
/// What the engine said.
pub fn staff_by_id(tx: &mut Tx<'_>, id: StaffId) -> Result<Option<Staff>> {
    tx.first(STAFF_BY_ID, &[id.into()], read_staff)
}

/// One member of staff, whom nobody else changes until this transaction is through.
///
/// # Errors
/// What the engine said.
pub fn hold_staff(tx: &mut Tx<'_>, id: StaffId) -> Result<Option<Staff>> {
    tx.first(STAFF_HELD, &[id.into()], read_staff)
}

/// Adds a member of staff.
///
/// # Errors
/// [`StoreError::Conflict`] when the address is taken in that company.
pub fn add_staff(tx: &mut Tx<'_>, one: &Staff, at: Timestamp) -> Result<()> {
    let row = [
        one.id.into(),
        one.company.into(),
        (&one.email).into(),
        (&one.name).into(),
        (&one.roles).into(),
        one.password.as_ref().into(),
        at.into(),
    ];
    tx.exec(ADD_STAFF, &row).map(|_| ())
}

/// Gives a member of a company's staff these roles.
///
/// # Errors
/// What the engine said.
pub fn set_roles(tx: &mut Tx<'_>, company: CompanyId, id: StaffId, roles: &str, at: Timestamp) -> Result<()> {
    tx.exec(SET_ROLES, &[company.into(), id.into(), roles.into(), at.into()]).map(|_| ())
}

/// Since when an account stands as it does: made, given its roles, given a password or another new way in.
///
/// # Errors
/// What the engine said.
pub fn standing_since(tx: &mut Tx<'_>, id: StaffId) -> Result<Option<Timestamp>> {
    tx.first(STANDING, &[id.into()], |row| row.time(0))
}

/// Notes that an account has a new way in that its owner did not bring about while signed in.
///
/// # Errors
/// What the engine said.
pub fn new_way(tx: &mut Tx<'_>, id: StaffId, at: Timestamp) -> Result<()> {
    tx.exec(NEW_WAY, &[id.into(), at.into()]).map(|_| ())
}

/// Something that was done to an account or to the ways in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffAct {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: StaffId,
    /// Whose account, if it is one's.
    pub who: Option<StaffId>,
    /// What, as a sentence without a name.
    pub what: String,
}

/// Writes down what is done to an account, in the transaction that does it. `id` is random.
///
/// # Errors
/// What the engine said.
pub fn note_act(tx: &mut Tx<'_>, company: CompanyId, id: [u8; 16], act: &StaffAct) -> Result<()> {
    let row =
        [company.into(), act.at.into(), (&id).into(), act.by.into(), act.who.into(), (&act.what).into()];
    tx.exec(ADD_ACT, &row).map(|_| ())
}

/// What was done to accounts, newest first.
///
/// # Errors
/// What the engine said.
pub fn acts(tx: &mut Tx<'_>, company: CompanyId, most: u32) -> Result<Vec<StaffAct>> {
    tx.rows(ACTS, &[company.into(), i64::from(most).into()], |row| {
        Ok(StaffAct {
            at: row.time(0)?,
            by: StaffId::from_bytes(row.fixed(1)?),
            who: row.fixed_opt(2)?.map(StaffId::from_bytes),
            what: row.text(3)?,
        })
    })
}

/// Lets a member of a company's staff in no longer, and ends their sessions; or lets them in again.
///
/// # Errors
/// What the engine said.
pub fn set_disabled(
    tx: &mut Tx<'_>,
    company: CompanyId,
    id: StaffId,
    since: Option<Timestamp>,
) -> Result<()> {
    tx.exec(SET_DISABLED, &[company.into(), id.into(), since.into()])?;
    if since.is_some() { drop_sessions(tx, &id.to_bytes()) } else { Ok(()) }
}

/// Sets a password (its hash), or takes it away, and ends every session and link of that member of staff.
///
/// # Errors
/// What the engine said.
pub fn set_password(tx: &mut Tx<'_>, id: StaffId, hash: Option<&String>, at: Timestamp) -> Result<()> {
    tx.exec(SET_PASSWORD, &[id.into(), hash.into(), at.into()])?;
    drop_sessions(tx, &id.to_bytes())
}

/// Somebody who wants letters of what colleagues say to them. `Debug` shows the id only.
#[derive(Clone)]
pub struct Told {
    /// Who.
    pub id: StaffId,
    /// Where letters go.
    pub email: String,
    /// Up to when they were told by a letter.
    pub until: Timestamp,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Told({})", self.id)
    }
}

/// Whether somebody wants letters of what colleagues say to them.
///
/// # Errors
/// What the engine said.
pub fn letters(tx: &mut Tx<'_>, id: StaffId) -> Result<bool> {
    Ok(tx.first(LETTERS, &[id.into()], |row| row.int(0))?.is_some_and(|on| on == 1))
}

/// Turns these letters on, from that time on, or off.
///
/// # Errors
/// What the engine said.
pub fn set_letters(tx: &mut Tx<'_>, id: StaffId, on: bool, at: Timestamp) -> Result<()> {
    tx.exec(SET_LETTERS, &[id.into(), i64::from(on).into(), at.into()]).map(|_| ())
}

/// Who of a company's staff wants such letters.
///
/// # Errors
/// What the engine said.
pub fn want_letters(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Told>> {
    tx.rows(WANT_LETTERS, &[company.into()], |row| {
        let id = StaffId::from_bytes(row.fixed(0)?);
        Ok(Told { id, email: row.text(1)?, until: row.time(2)? })
    })
}

/// Notes up to when somebody is told by a letter; false when they were told meanwhile, or want none any more.
///
/// # Errors
/// What the engine said.
pub fn told(tx: &mut Tx<'_>, one: &Told, until: Timestamp) -> Result<bool> {
    Ok(tx.exec(TOLD, &[one.id.into(), one.until.into(), until.into()])? > 0)
}
