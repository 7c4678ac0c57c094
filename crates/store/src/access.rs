//! Who may come in: staff, sessions, one-time links, and how often somebody tried.

mod accounts;

use assent_kernel::{CompanyId, Span, Timestamp};

use crate::db::Tx;
use crate::dialect::Engine;
use crate::error::{Result, StoreError};
use crate::value::Row;

pub use accounts::{
    SQL as ACCOUNTS_SQL, Staff, StaffAct, Told, acts, add_staff, hold_staff, letters, new_way, note_act,
    set_disabled, set_letters, set_password, set_roles, staff, staff_by_email, staff_by_id, standing_since,
    told, want_letters,
};

const ADD_SESSION: &str = "INSERT INTO session (token, company, kind, who, role, created_at, seen_at, expires_at, place) \
     VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)";
const SESSION: &str =
    "SELECT company, kind, who, role, expires_at, seen_at, created_at FROM session WHERE token = $1";
const SEEN: &str = "UPDATE session SET seen_at = $2 WHERE token = $1 AND seen_at < $2";
const SESSIONS: &str = "SELECT token, created_at, seen_at, place FROM session WHERE who = $1 AND expires_at > $2 \
     ORDER BY seen_at DESC LIMIT 50";
const DROP_ONE: &str = "DELETE FROM session WHERE who = $1 AND token = $2";
const DROP_OTHERS: &str = "DELETE FROM session WHERE who = $1 AND token <> $2";
const SET_ROLE: &str = "UPDATE session SET role = $2 WHERE token = $1";
const DROP_SESSION: &str = "DELETE FROM session WHERE token = $1";
const DROP_SESSIONS: &str = "DELETE FROM session WHERE who = $1";
const DROP_OLD_SESSIONS: &str = "DELETE FROM session WHERE expires_at <= $1";
const ADD_LINK: &str =
    "INSERT INTO link (token, company, kind, who, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
const USE_LINK: &str = "UPDATE link SET used_at = $2 WHERE token = $1 AND used_at IS NULL AND expires_at > $2 AND kind = $3 \
     RETURNING company, who";
const PEEK_LINK: &str =
    "SELECT company, who FROM link WHERE token = $1 AND used_at IS NULL AND expires_at > $2 AND kind = $3";
const DROP_LINKS: &str = "DELETE FROM link WHERE who = $1";
const DROP_ALL_BUT_KEPT: &str = "DELETE FROM link WHERE who = $1 AND kind <> 4";
const ATTEMPTS: &str = "SELECT count(*) FROM attempt WHERE key = $1 AND at > $2 AND at <= $3";
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock($1)";
const ADD_ATTEMPT: &str = "INSERT INTO attempt (key, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const DROP_OLD_LINKS: &str = "DELETE FROM link WHERE expires_at <= $1";
const FORGIVE: &str = "DELETE FROM attempt WHERE key = $1";
const DROP_ATTEMPTS: &str = "DELETE FROM attempt WHERE at <= $1";

/// How far another node's clock may be ahead.
const AHEAD: Span = Span::minutes(10);

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD_SESSION,
    SESSION,
    SEEN,
    SESSIONS,
    DROP_ONE,
    DROP_OTHERS,
    SET_ROLE,
    DROP_SESSION,
    DROP_SESSIONS,
    DROP_OLD_SESSIONS,
    ADD_LINK,
    USE_LINK,
    PEEK_LINK,
    DROP_LINKS,
    DROP_ALL_BUT_KEPT,
    ATTEMPTS,
    ADD_ATTEMPT,
    FORGIVE,
    DROP_ATTEMPTS,
    DROP_OLD_LINKS,
];

/// What a session or a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A member of staff.
    Staff,
    /// The person whom the facts are about.
    Person,
    /// A member of staff sets a first or a new password.
    Invite,
    /// One click in a mail ends a purpose; it shows nothing.
    Unsubscribe,
    /// The way back for somebody who was erased, to what a law still keeps; their address is gone.
    Kept,
    /// A member of staff whose password was right, and whose second factor is still missing.
    Second,
    /// A passkey was asked for; the challenge works once.
    Passkey,
    /// Somebody went to the company's own sign-in; the way back works once.
    Away,
    /// A person answers one request out of the letter that made it; it opens nothing else.
    Answer,
}

impl Door {
    const fn code(self) -> i64 {
        match self {
            Self::Staff => 0,
            Self::Person => 1,
            Self::Invite => 2,
            Self::Unsubscribe => 3,
            Self::Kept => 4,
            Self::Second => 5,
            Self::Passkey => 6,
            Self::Away => 7,
            Self::Answer => 8,
        }
    }
    fn read(code: i64) -> Result<Self> {
        match code {
            0 => Ok(Self::Staff),
            1 => Ok(Self::Person),
            2 => Ok(Self::Invite),
            3 => Ok(Self::Unsubscribe),
            4 => Ok(Self::Kept),
            5 => Ok(Self::Second),
            6 => Ok(Self::Passkey),
            7 => Ok(Self::Away),
            8 => Ok(Self::Answer),
            _ => Err(StoreError::Damaged("a session's kind".into())),
        }
    }
}

/// Who is behind a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which company's door.
    pub company: CompanyId,
    /// Which kind of door.
    pub door: Door,
    /// Who: a member of staff or a person, by the door.
    pub who: [u8; 16],
    /// The role a member of staff wears now.
    pub role: String,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was used last, to a few minutes.
    pub seen_at: Timestamp,
    /// When whoever holds it signed in.
    pub begun_at: Timestamp,
}

/// Begins a session under the digest of its token.
///
/// # Errors
/// What the engine said.
pub fn add_session(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    session: &Session,
    place: &str,
    at: Timestamp,
) -> Result<()> {
    let row = [
        token.into(),
        session.company.into(),
        session.door.code().into(),
        (&session.who).into(),
        (&session.role).into(),
        at.into(),
        session.expires_at.into(),
        place.into(),
    ];
    tx.exec(ADD_SESSION, &row).map(|_| ())
}

/// The session under the digest of a token, if it lives.
///
/// # Errors
/// What the engine said.
pub fn session(tx: &mut Tx<'_>, token: &[u8; 32], at: Timestamp) -> Result<Option<Session>> {
    let found = tx.first(SESSION, &[token.into()], |row| {
        Ok(Session {
            company: CompanyId::from_bytes(row.fixed(0)?),
            door: Door::read(row.int(1)?)?,
            who: row.fixed(2)?,
            role: row.text(3)?,
            expires_at: row.time(4)?,
            seen_at: row.time(5)?,
            begun_at: row.time(6)?,
        })
    })?;
    Ok(found.filter(|session| at < session.expires_at))
}

/// Notes that a session is in use.
///
/// # Errors
/// What the engine said.
pub fn seen(tx: &mut Tx<'_>, token: &[u8; 32], at: Timestamp) -> Result<()> {
    tx.exec(SEEN, &[token.into(), at.into()]).map(|_| ())
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The digest under which it lies; nobody comes in with it.
    pub token: [u8; 32],
    /// Since when.
    pub created_at: Timestamp,
    /// When it was used last, to a few minutes.
    pub seen_at: Timestamp,
    /// Which kind of browser it began in.
    pub place: String,
}

/// Somebody's sessions that live, the last used first; at most fifty.
///
/// # Errors
/// What the engine said.
pub fn sessions(tx: &mut Tx<'_>, who: &[u8; 16], at: Timestamp) -> Result<Vec<Open>> {
    tx.rows(SESSIONS, &[who.into(), at.into()], |row| {
        Ok(Open {
            token: row.fixed(0)?,
            created_at: row.time(1)?,
            seen_at: row.time(2)?,
            place: row.text(3)?,
        })
    })
}

/// Ends one session of somebody.
///
/// # Errors
/// What the engine said.
pub fn drop_one(tx: &mut Tx<'_>, who: &[u8; 16], token: &[u8; 32]) -> Result<()> {
    tx.exec(DROP_ONE, &[who.into(), token.into()]).map(|_| ())
}

/// Ends every session of somebody but one.
///
/// # Errors
/// What the engine said.
pub fn drop_others(tx: &mut Tx<'_>, who: &[u8; 16], token: &[u8; 32]) -> Result<()> {
    tx.exec(DROP_OTHERS, &[who.into(), token.into()]).map(|_| ())
}

/// Puts on another role.
///
/// # Errors
/// What the engine said.
pub fn set_role(tx: &mut Tx<'_>, token: &[u8; 32], role: &str) -> Result<()> {
    tx.exec(SET_ROLE, &[token.into(), role.into()]).map(|_| ())
}

/// Ends a session.
///
/// # Errors
/// What the engine said.
pub fn drop_session(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<()> {
    tx.exec(DROP_SESSION, &[token.into()]).map(|_| ())
}

/// Ends every session and link of somebody.
///
/// # Errors
/// What the engine said.
pub fn drop_sessions(tx: &mut Tx<'_>, who: &[u8; 16]) -> Result<()> {
    tx.exec(DROP_LINKS, &[who.into()])?;
    tx.exec(DROP_SESSIONS, &[who.into()]).map(|_| ())
}

/// Ends every link of somebody: who reads their letters is somebody else now, or may be.
///
/// # Errors
/// What the engine said.
pub fn drop_links(tx: &mut Tx<'_>, who: &[u8; 16]) -> Result<()> {
    tx.exec(DROP_LINKS, &[who.into()]).map(|_| ())
}

/// Ends every session and link of somebody who was erased, but the way back to what a law keeps: an erasure that is
/// finished later must not take away what its certificate holds.
///
/// # Errors
/// What the engine said.
pub fn drop_erased(tx: &mut Tx<'_>, who: &[u8; 16]) -> Result<()> {
    tx.exec(DROP_ALL_BUT_KEPT, &[who.into()])?;
    tx.exec(DROP_SESSIONS, &[who.into()]).map(|_| ())
}

/// Makes a one-time link under the digest of its token.
///
/// # Errors
/// What the engine said.
pub fn add_link(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    company: CompanyId,
    door: Door,
    who: &[u8; 16],
    at: Timestamp,
    until: Timestamp,
) -> Result<()> {
    let row = [token.into(), company.into(), door.code().into(), who.into(), at.into(), until.into()];
    tx.exec(ADD_LINK, &row).map(|_| ())
}

fn read_link(row: &Row<'_>) -> Result<(CompanyId, [u8; 16])> {
    Ok((CompanyId::from_bytes(row.fixed(0)?), row.fixed(1)?))
}

/// Uses a link: it works once. Two nodes asked at the same moment give it to one of them.
///
/// # Errors
/// What the engine said.
pub fn use_link(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    door: Door,
    at: Timestamp,
) -> Result<Option<(CompanyId, [u8; 16])>> {
    tx.first(USE_LINK, &[token.into(), at.into(), door.code().into()], read_link)
}

/// Looks at a link without using it.
///
/// # Errors
/// What the engine said.
pub fn peek_link(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    door: Door,
    at: Timestamp,
) -> Result<Option<(CompanyId, [u8; 16])>> {
    tx.first(PEEK_LINK, &[token.into(), at.into(), door.code().into()], read_link)
}

/// Counts an attempt under a key (a digest), unless there were `most` since `since` already. False when there were:
/// refused attempts do not count, so nobody is kept out by others' knocking for longer than that.
///
/// # Errors
/// What the engine said.
pub fn attempt(tx: &mut Tx<'_>, key: &[u8; 16], at: Timestamp, since: Timestamp, most: i64) -> Result<bool> {
    // Counting and adding are one step: SQLite has one writer, and here one key is counted by one at a time.
    if tx.engine() == Engine::Postgres {
        let lock = key.first_chunk::<8>().map_or(0, |first| i64::from_be_bytes(*first));
        tx.rows(ONE_AT_A_TIME, &[lock.into()], |_| Ok(()))?;
    }
    // What a wrong clock counted in the future keeps nobody out; another node's clock may be a little ahead.
    let until = at.plus(AHEAD);
    let count = tx.first(ATTEMPTS, &[key.into(), since.into(), until.into()], |row| row.int(0))?.unwrap_or(0);
    if count >= most {
        return Ok(false);
    }
    tx.exec(ADD_ATTEMPT, &[key.into(), at.into()]).map(|_| true)
}

/// Forgets the attempts under a key.
///
/// # Errors
/// What the engine said.
pub fn forgive(tx: &mut Tx<'_>, key: &[u8; 16]) -> Result<()> {
    tx.exec(FORGIVE, &[key.into()]).map(|_| ())
}

/// Forgets sessions and attempts that are over.
///
/// # Errors
/// What the engine said.
pub fn tidy(tx: &mut Tx<'_>, at: Timestamp, since: Timestamp) -> Result<()> {
    tx.exec(DROP_OLD_SESSIONS, &[at.into()])?;
    tx.exec(DROP_OLD_LINKS, &[at.into()])?;
    tx.exec(DROP_ATTEMPTS, &[since.into()]).map(|_| ())
}
