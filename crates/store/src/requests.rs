//! Requests for terms: staff ask, the person answers on their page. Rooms on both sides meet in these rows.

use assent_kernel::{CompanyId, NoticeId, PersonId, PurposeKey, RequestId, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};

const ADD: &str = "INSERT INTO request (id, person, company, purpose, notice, notice_version, staff, role, at, state, again) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)";
const OF_PERSON: &str = "SELECT id, person, purpose, notice, notice_version, staff, role, at, state, answered_at, quiet_until, \
     again, again_at FROM request WHERE person = $1 AND company = $2 ORDER BY at DESC LIMIT 200";
const AGAIN: &str = "UPDATE request SET again = again + 1, again_at = $3 WHERE person = $1 AND id = $2";
const QUIET: &str =
    "UPDATE request SET quiet_until = $4 WHERE person = $1 AND company = $2 AND id = $3 AND state = 3";
const ANSWER: &str = "UPDATE request SET state = $3, answered_at = $4, quiet_until = $5 WHERE person = $1 AND purpose = $2 AND state = 0";
const NOT_AGAIN: &str = "UPDATE request SET state = 3, answered_at = $3, quiet_until = $4 WHERE person = $1 AND purpose = $2 AND (state = 0 \
     OR id = (SELECT id FROM request WHERE person = $1 AND purpose = $2 ORDER BY at DESC, id DESC LIMIT 1))";

const ANY: &str = "SELECT 1 FROM request WHERE company = $1 AND role <> 'person' LIMIT 1";
const OPEN_ABOUT: &str = "SELECT person, max(at) FROM request WHERE person {hex 1} AND company = $2 AND purpose = $3 AND state = 0 \
     GROUP BY person";

const ABOUT: &str = "SELECT person, state FROM request WHERE company = $1 AND purpose = $2 AND (state = 0 OR answered_at >= $3)";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[ANY, ADD, OF_PERSON, ANSWER, NOT_AGAIN, OPEN_ABOUT, ABOUT, AGAIN, QUIET];

/// The most requests that are read of one person.
pub const MOST: usize = 200;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The person has not answered.
    Open,
    /// The person said yes.
    Given,
    /// The person said no.
    Refused,
    /// The person said: not again for a while.
    NotAgain,
}

impl Asked {
    const fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Given => 1,
            Self::Refused => 2,
            Self::NotAgain => 3,
        }
    }
    fn read(code: i64) -> Result<Self> {
        match code {
            0 => Ok(Self::Open),
            1 => Ok(Self::Given),
            2 => Ok(Self::Refused),
            3 => Ok(Self::NotAgain),
            _ => Err(StoreError::Damaged("a request's state".into())),
        }
    }
}

/// A request for terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which.
    pub id: RequestId,
    /// Who was asked.
    pub person: PersonId,
    /// For which purpose.
    pub purpose: PurposeKey,
    /// With which notice.
    pub notice: NoticeId,
    /// Its version.
    pub notice_version: u32,
    /// Who asked.
    pub staff: StaffId,
    /// In which role.
    pub role: String,
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub state: Asked,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Until when nobody may ask again.
    pub quiet_until: Option<Timestamp>,
    /// How often somebody wanted to ask again while this stood against it, and was refused.
    pub again: u32,
    /// When that was last.
    pub again_at: Option<Timestamp>,
}

/// The role of a row that nobody asked for: the person said by themselves that nobody may ask.
const UNASKED: &str = "person";

impl Request {
    /// What somebody says of whom nothing was asked: a request by nobody, for [`not_again`] to answer.
    #[must_use]
    pub fn unasked(
        id: RequestId,
        person: PersonId,
        purpose: PurposeKey,
        (notice, notice_version): (NoticeId, u32),
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            person,
            purpose,
            notice,
            notice_version,
            staff: StaffId::from_bytes([0; 16]),
            role: UNASKED.into(),
            at,
            state: Asked::Open,
            answered_at: None,
            quiet_until: None,
            again: 0,
            again_at: None,
        }
    }
    /// True when nobody asked, and the person spoke by themselves.
    #[must_use]
    pub fn is_unasked(&self) -> bool {
        self.role == UNASKED
    }
}

fn read(row: &Row<'_>) -> Result<Request> {
    let damaged = |what: &str| StoreError::Damaged(what.into());
    Ok(Request {
        id: RequestId::from_bytes(row.fixed(0)?),
        person: PersonId::from_bytes(row.fixed(1)?),
        purpose: PurposeKey::new(&row.text(2)?).map_err(|_| damaged("a request's purpose"))?,
        notice: NoticeId::from_bytes(row.fixed(3)?),
        notice_version: u32::try_from(row.int(4)?).map_err(|_| damaged("a request's notice"))?,
        staff: StaffId::from_bytes(row.fixed(5)?),
        role: row.text(6)?,
        at: row.time(7)?,
        state: Asked::read(row.int(8)?)?,
        answered_at: row.int_opt(9)?.map(Timestamp::from_micros),
        quiet_until: row.int_opt(10)?.map(Timestamp::from_micros),
        again: u32::try_from(row.int(11)?).map_err(|_| damaged("a request's count"))?,
        again_at: row.int_opt(12)?.map(Timestamp::from_micros),
    })
}

/// Writes a request down.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Request) -> Result<()> {
    let row = [
        one.id.into(),
        one.person.into(),
        company.into(),
        (&one.purpose).into(),
        one.notice.into(),
        i64::from(one.notice_version).into(),
        one.staff.into(),
        (&one.role).into(),
        one.at.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// A person's requests, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<Request>> {
    tx.rows(OF_PERSON, &[person.into(), company.into()], read)
}

/// Answers every open request of a person about a purpose; how many there were.
///
/// # Errors
/// What the engine said.
pub fn answer(
    tx: &mut Tx<'_>,
    person: PersonId,
    purpose: &PurposeKey,
    state: Asked,
    at: Timestamp,
) -> Result<u64> {
    tx.exec(ANSWER, &[person.into(), purpose.into(), state.code().into(), at.into(), Value::Null])
}

/// Writes "not again" about a purpose on every open request and on the newest of all; when nothing was ever asked, on
/// this one, which nobody made. So it stands against the next request whatever was asked and answered before.
///
/// # Errors
/// What the engine said.
pub fn not_again(
    tx: &mut Tx<'_>,
    company: CompanyId,
    unasked: &Request,
    quiet_until: Timestamp,
) -> Result<()> {
    let row = [unasked.person.into(), (&unasked.purpose).into(), unasked.at.into(), quiet_until.into()];
    if tx.exec(NOT_AGAIN, &row)? == 0 {
        add(tx, company, unasked)?;
        tx.exec(NOT_AGAIN, &row)?;
    }
    Ok(())
}

/// Counts somebody who wanted to ask again although this request stands against it.
///
/// # Errors
/// What the engine said.
pub fn count_again(tx: &mut Tx<'_>, person: PersonId, id: RequestId, at: Timestamp) -> Result<()> {
    tx.exec(AGAIN, &[person.into(), id.into(), at.into()]).map(|_| ())
}

/// Sets until when nobody may ask a person again what they answered with "not again". False when there is no such answer.
///
/// # Errors
/// What the engine said.
pub fn set_quiet(
    tx: &mut Tx<'_>,
    company: CompanyId,
    person: PersonId,
    id: RequestId,
    until: Timestamp,
) -> Result<bool> {
    Ok(tx.exec(QUIET, &[person.into(), company.into(), id.into(), until.into()])? > 0)
}

/// Who was asked about a purpose and has not answered, and who answered since then, and how.
///
/// # Errors
/// What the engine said.
pub fn about(
    tx: &mut Tx<'_>,
    company: CompanyId,
    purpose: &PurposeKey,
    since: Timestamp,
) -> Result<Vec<(PersonId, Asked)>> {
    tx.rows(ABOUT, &[company.into(), purpose.into(), since.into()], |row| {
        Ok((PersonId::from_bytes(row.fixed(0)?), Asked::read(row.int(1)?)?))
    })
}

/// Whether a company ever asked anybody who is still here.
///
/// # Errors
/// What the engine said.
pub fn any(tx: &mut Tx<'_>, company: CompanyId) -> Result<bool> {
    Ok(tx.first(ANY, &[company.into()], |_| Ok(()))?.is_some())
}

/// Which of these people were asked about a purpose and have not answered, and since when.
///
/// # Errors
/// What the engine said.
pub fn open_about(
    tx: &mut Tx<'_>,
    company: CompanyId,
    purpose: &PurposeKey,
    people: &[PersonId],
) -> Result<Vec<(PersonId, Timestamp)>> {
    let raw: Vec<[u8; 16]> = people.iter().map(|id| id.to_bytes()).collect();
    let list = crate::dialect::hex_list(&raw);
    let args = [list.as_str().into(), company.into(), purpose.into()];
    tx.rows(OPEN_ABOUT, &args, |row| Ok((PersonId::from_bytes(row.fixed(0)?), row.time(1)?)))
}
