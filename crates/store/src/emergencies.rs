//! Emergencies: who asked to open what of whom, and which second person said yes. What was typed is sealed; of somebody
//! who is erased the line stays, without who it was and without a word.

use assent_kernel::{CategoryKey, CompanyId, PersonId, PurposeKey, RequestId, Role, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const ADD: &str = "INSERT INTO emergency (id, company, person, staff, role, purpose, kinds, asked_at, state, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)";
const ONE: &str = "SELECT id, person, staff, role, purpose, kinds, asked_at, state, second, decided_at, until_at, looked_at, sealed \
     FROM emergency WHERE id = $1 AND company = $2";
const ALL: &str = "SELECT id, person, staff, role, purpose, kinds, asked_at, state, second, decided_at, until_at, looked_at, sealed \
     FROM emergency WHERE company = $1 ORDER BY asked_at DESC, id LIMIT $2";
const OF_PERSON: &str = "SELECT id, person, staff, role, purpose, kinds, asked_at, state, second, decided_at, until_at, looked_at, \
     sealed FROM emergency WHERE person = $1 AND company = $2 ORDER BY asked_at DESC, id LIMIT 200";
const SETTLE: &str = "UPDATE emergency SET state = $3, second = $4, decided_at = $5, until_at = $6, sealed = $7 \
     WHERE id = $1 AND company = $2 AND state = 0";
const LOOKED: &str =
    "UPDATE emergency SET looked_at = $3 WHERE id = $1 AND company = $2 AND looked_at IS NULL";
const FORGET: &str = "UPDATE emergency SET person = NULL, sealed = NULL WHERE person = $1";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ADD, ONE, ALL, OF_PERSON, SETTLE, LOOKED, FORGET];

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has answered yet.
    Asked,
    /// A second person said yes.
    Approved,
    /// Somebody said no.
    Refused,
}

impl State {
    const fn code(self) -> i64 {
        match self {
            Self::Asked => 0,
            Self::Approved => 1,
            Self::Refused => 2,
        }
    }
    fn read(code: i64) -> Result<Self> {
        let all = [Self::Asked, Self::Approved, Self::Refused];
        let damaged = || StoreError::Damaged("what became of an emergency".into());
        all.into_iter().find(|one| one.code() == code).ok_or_else(damaged)
    }
}

/// One emergency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Which.
    pub id: RequestId,
    /// Of whom; nothing once they are erased.
    pub person: Option<PersonId>,
    /// Who asked.
    pub staff: StaffId,
    /// In which role.
    pub role: Role,
    /// For which purpose.
    pub purpose: PurposeKey,
    /// For which kinds of facts.
    pub kinds: Vec<CategoryKey>,
    /// When.
    pub asked_at: Timestamp,
    /// What became of it.
    pub state: State,
    /// Who said yes or no.
    pub second: Option<StaffId>,
    /// When they did.
    pub decided_at: Option<Timestamp>,
    /// Until when it opens, exclusive.
    pub until: Option<Timestamp>,
    /// When something was looked at first.
    pub looked_at: Option<Timestamp>,
    /// What was typed, sealed.
    pub sealed: Option<Vec<u8>>,
}

fn read(row: &Row<'_>) -> Result<Emergency> {
    let damaged = |what: &str| StoreError::Damaged(what.to_owned());
    let kinds = row.text(5)?;
    let kinds = kinds.split(' ').map(CategoryKey::new).collect::<std::result::Result<Vec<_>, _>>();
    let time = |column| Ok::<_, StoreError>(row.int_opt(column)?.map(Timestamp::from_micros));
    Ok(Emergency {
        id: RequestId::from_bytes(row.fixed(0)?),
        person: row.fixed_opt(1)?.map(PersonId::from_bytes),
        staff: StaffId::from_bytes(row.fixed(2)?),
        role: Role::parse(&row.text(3)?).ok_or_else(|| damaged("a role"))?,
        purpose: PurposeKey::new(&row.text(4)?).map_err(|_| damaged("a purpose"))?,
        kinds: kinds.map_err(|_| damaged("a category"))?,
        asked_at: row.time(6)?,
        state: State::read(row.int(7)?)?,
        second: row.fixed_opt(8)?.map(StaffId::from_bytes),
        decided_at: time(9)?,
        until: time(10)?,
        looked_at: time(11)?,
        sealed: row.blob_opt(12)?,
    })
}

/// Writes down that somebody asks.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Emergency) -> Result<()> {
    let kinds: Vec<&str> = one.kinds.iter().map(assent_kernel::TreeKey::as_str).collect();
    let kinds = kinds.join(" ");
    let row = [
        one.id.into(),
        company.into(),
        one.person.into(),
        one.staff.into(),
        one.role.key().into(),
        (&one.purpose).into(),
        (&kinds).into(),
        one.asked_at.into(),
        one.sealed.as_ref().into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// One of a company's.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, id: RequestId) -> Result<Option<Emergency>> {
    tx.first(ONE, &[id.into(), company.into()], read)
}

/// A company's, the newest first.
///
/// # Errors
/// What the engine said.
pub fn all(tx: &mut Tx<'_>, company: CompanyId, most: u32) -> Result<Vec<Emergency>> {
    tx.rows(ALL, &[company.into(), i64::from(most).into()], read)
}

/// Those about a person, the newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<Emergency>> {
    tx.rows(OF_PERSON, &[person.into(), company.into()], read)
}

/// Writes down what the second person said. Tells whether nobody had answered before.
///
/// # Errors
/// What the engine said.
pub fn settle(tx: &mut Tx<'_>, company: CompanyId, one: &Emergency) -> Result<bool> {
    let row = [
        one.id.into(),
        company.into(),
        one.state.code().into(),
        one.second.into(),
        one.decided_at.into(),
        one.until.into(),
        one.sealed.as_ref().into(),
    ];
    Ok(tx.exec(SETTLE, &row)? == 1)
}

/// Notes when something was looked at first.
///
/// # Errors
/// What the engine said.
pub fn looked(tx: &mut Tx<'_>, company: CompanyId, id: RequestId, at: Timestamp) -> Result<()> {
    tx.exec(LOOKED, &[id.into(), company.into(), at.into()]).map(|_| ())
}

/// Forgets whom it was about, and every word.
///
/// # Errors
/// What the engine said.
pub fn forget_person(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.exec(FORGET, &[person.into()]).map(|_| ())
}
