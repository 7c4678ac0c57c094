//! Words to colleagues: who named them in a note, or gave them something.

use assent_kernel::{CompanyId, MentionId, PersonId, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};

const MENTION: &str = "INSERT INTO mention (id, company, staff, made_by, kind, href, person, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const MENTIONS: &str = "SELECT id, made_by, kind, href, person, at, read_at FROM mention WHERE company = $1 AND staff = $2 \
     ORDER BY id DESC LIMIT 200";
const UNTOLD: &str = "SELECT DISTINCT staff FROM mention WHERE company = $1 AND read_at IS NULL AND kind IN (0, 1) AND at > $2 AND at <= $3";
const UNTOLD_OF: &str = "SELECT made_by, kind FROM mention WHERE company = $1 AND staff = $2 AND read_at IS NULL \
     AND kind IN (0, 1) AND at > $3 AND at <= $4 ORDER BY id LIMIT 200";
const UNREAD: &str = "SELECT count(*) FROM (SELECT 1 FROM mention WHERE company = $1 AND staff = $2 AND read_at IS NULL LIMIT 100) AS few";
const READ: &str = "UPDATE mention SET read_at = $3 WHERE company = $1 AND staff = $2 AND read_at IS NULL";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[MENTION, MENTIONS, UNTOLD, UNTOLD_OF, UNREAD, READ];

/// Why a member of staff is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody named them in a note.
    Named,
    /// Somebody gave them a task.
    Task,
    /// Somebody gave them a deal.
    Deal,
    /// A webhook was turned off because its receiver did not answer.
    Hook,
    /// Somebody gave them a person to look after.
    Person,
}

impl Why {
    const ALL: [Self; 5] = [Self::Named, Self::Task, Self::Deal, Self::Hook, Self::Person];
    const fn code(self) -> i64 {
        match self {
            Self::Named => 0,
            Self::Task => 1,
            Self::Deal => 2,
            Self::Hook => 3,
            Self::Person => 4,
        }
    }
}

fn why(code: i64) -> Result<Why> {
    let found = Why::ALL.into_iter().find(|one| one.code() == code);
    found.ok_or_else(|| StoreError::Damaged("a kind of mention".into()))
}

/// A word to a member of staff. It says where to look, not what is there: that is asked for when they look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Which.
    pub id: MentionId,
    /// Who said it.
    pub made_by: StaffId,
    /// Why.
    pub why: Why,
    /// Where to look: a path with ids only.
    pub href: String,
    /// Whom it is about, so that it goes with them.
    pub person: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// When it was read, if it was.
    pub read_at: Option<Timestamp>,
}

/// Tells a member of staff.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, to: StaffId, one: &Mention) -> Result<()> {
    let row = [
        one.id.into(),
        company.into(),
        to.into(),
        one.made_by.into(),
        one.why.code().into(),
        (&one.href).into(),
        one.person.into(),
        one.at.into(),
    ];
    tx.exec(MENTION, &row).map(|_| ())
}

/// What a member of staff was told, newest first.
///
/// # Errors
/// What the engine said.
pub fn of(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId) -> Result<Vec<Mention>> {
    tx.rows(MENTIONS, &[company.into(), staff.into()], |row| {
        Ok(Mention {
            id: MentionId::from_bytes(row.fixed(0)?),
            made_by: StaffId::from_bytes(row.fixed(1)?),
            why: why(row.int(2)?)?,
            href: row.text(3)?,
            person: row.fixed_opt(4)?.map(PersonId::from_bytes),
            at: row.time(5)?,
            read_at: super::time(row, 6)?,
        })
    })
}

/// Who has not read that somebody named them in a note or gave them a task, said in this span: after the first, up to the second.
///
/// # Errors
/// What the engine said.
pub fn untold(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (after, until): (Timestamp, Timestamp),
) -> Result<Vec<StaffId>> {
    let row = [company.into(), after.into(), until.into()];
    tx.rows(UNTOLD, &row, |row| Ok(StaffId::from_bytes(row.fixed(0)?)))
}

/// What of that one of them has not read: who said it, and why.
///
/// # Errors
/// What the engine said.
pub fn untold_of(
    tx: &mut Tx<'_>,
    company: CompanyId,
    staff: StaffId,
    (after, until): (Timestamp, Timestamp),
) -> Result<Vec<(StaffId, Why)>> {
    tx.rows(UNTOLD_OF, &[company.into(), staff.into(), after.into(), until.into()], |row| {
        Ok((StaffId::from_bytes(row.fixed(0)?), why(row.int(1)?)?))
    })
}

/// How much of it is unread, up to a hundred.
///
/// # Errors
/// What the engine said.
pub fn unread(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId) -> Result<u64> {
    let found = tx.first(UNREAD, &[company.into(), staff.into()], |row| row.int(0))?;
    Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// Marks all of it as read.
///
/// # Errors
/// What the engine said.
pub fn all_read(tx: &mut Tx<'_>, company: CompanyId, staff: StaffId, at: Timestamp) -> Result<()> {
    tx.exec(READ, &[company.into(), staff.into(), at.into()]).map(|_| ())
}
