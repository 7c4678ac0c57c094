//! Who received something of somebody who was erased, and whether they were told. No value and no address lies here: a party's
//! code, kinds of facts, and the person's id, which names nobody any more.

use assent_kernel::{CompanyId, MailId, PartyId, PersonId, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const ADD: &str = "INSERT INTO told (id, company, erasure, person, party, kinds, last_at, erased_at, state) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const FRESH: &str = "SELECT id, company, erasure, person, party, kinds, last_at, erased_at, state, told_at, told_by FROM told \
     WHERE state IN (0, 5) AND id > $1 ORDER BY id LIMIT 200";
const ALL: &str = "SELECT id, company, erasure, person, party, kinds, last_at, erased_at, state, told_at, told_by FROM told \
     WHERE id > $1 ORDER BY id LIMIT 500";
const ALL_DOUBTED: &str = "SELECT id, company, erasure, person, party, kinds, last_at, erased_at, \
     CASE WHEN state IN (0, 1) THEN 3 ELSE state END, CASE WHEN state IN (0, 1) THEN NULL ELSE told_at END, told_by FROM told \
     WHERE id > $1 ORDER BY id LIMIT 500";
const OF_ERASURE: &str = "SELECT id, company, erasure, person, party, kinds, last_at, erased_at, state, told_at, told_by FROM told \
     WHERE erasure = $1 ORDER BY last_at DESC LIMIT 500";
const OPEN: &str = "SELECT id, company, erasure, person, party, kinds, last_at, erased_at, state, told_at, told_by FROM told \
     WHERE state IN (0, 1, 3, 5) AND company = $1 ORDER BY erased_at LIMIT $2";
const COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM told WHERE state = 3 AND company = $1 LIMIT $2) AS found";
const SET: &str = "UPDATE told SET state = $2 WHERE id = $1 AND state IN (0, 5)";
const STATE: &str = "SELECT state FROM told WHERE id = $1";
const TRIED: &str = "UPDATE told SET told_at = $2 WHERE id = $1 AND state IN (0, 1, 5)";
const LEFT: &str = "UPDATE told SET state = 2 WHERE id = $1 AND state IN (0, 1, 5)";
const NOT_LEFT: &str = "UPDATE told SET state = 3, told_at = NULL WHERE id = $1 AND state IN (0, 1, 5)";
const OVERDUE: &str =
    "UPDATE told SET state = 3, told_at = NULL WHERE state = 1 AND erased_at < $1 RETURNING id";
const BY_HAND: &str = "UPDATE told SET state = 4, told_at = $3, told_by = $4 \
     WHERE company = $1 AND id = $2 AND state IN (0, 1, 3, 5)";
const TIDY: &str = "DELETE FROM told WHERE COALESCE(told_at, erased_at) < $1 AND state IN (2, 4)";
const SETTLE: &str = "UPDATE told SET state = 0 WHERE state = 5";
const DOUBTFUL: &str = "UPDATE told SET state = 3, told_at = NULL WHERE state IN (0, 1)";
const BRING: &str = "INSERT INTO told \
     (id, company, erasure, person, party, kinds, last_at, erased_at, state, told_at, told_by) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
     ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at, erased_at = excluded.erased_at, \
     state = excluded.state, told_at = excluded.told_at, told_by = excluded.told_by";
const OVER: &str =
    "UPDATE told SET state = 0, erased_at = $3 WHERE state = 6 AND company = $1 AND person = $2";
const OVER_DOUBTED: &str =
    "UPDATE told SET state = 3, erased_at = $3 WHERE state = 6 AND company = $1 AND person = $2";
const CONTACT: &str = "SELECT sealed FROM party_contact WHERE company = $1 AND party = $2";
const SET_CONTACT: &str = "INSERT INTO party_contact (company, party, sealed) VALUES ($1, $2, $3) \
     ON CONFLICT (company, party) DO UPDATE SET sealed = excluded.sealed";
const DROP_CONTACT: &str = "DELETE FROM party_contact WHERE company = $1 AND party = $2";

/// Every statement of this file on a region's store, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    FRESH,
    ALL,
    ALL_DOUBTED,
    OF_ERASURE,
    OPEN,
    COUNT,
    SET,
    STATE,
    TRIED,
    LEFT,
    NOT_LEFT,
    OVERDUE,
    BY_HAND,
    TIDY,
    DOUBTFUL,
    SETTLE,
    BRING,
    OVER,
    OVER_DOUBTED,
];
/// The same on the home store.
pub const CONTACT_SQL: &[&str] = &[CONTACT, SET_CONTACT, DROP_CONTACT];

/// As if nobody had looked yet, while a restore is on its way: the stores that the copy replaced knew that nothing left.
const BROUGHT: i64 = 5;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has looked yet how they can be told.
    Fresh,
    /// A letter waits to leave.
    Written,
    /// A letter left.
    Left,
    /// Somebody has to tell them by hand.
    ToDo,
    /// Somebody said that they told them.
    ByHand,
    /// A law keeps what they received; they are told once it is erased.
    Kept,
}

impl State {
    const fn code(self) -> i64 {
        match self {
            Self::Fresh => 0,
            Self::Written => 1,
            Self::Left => 2,
            Self::ToDo => 3,
            Self::ByHand => 4,
            Self::Kept => 6,
        }
    }
    fn read(code: i64) -> Result<Self> {
        match code {
            0 | BROUGHT => Ok(Self::Fresh),
            1 => Ok(Self::Written),
            2 => Ok(Self::Left),
            3 => Ok(Self::ToDo),
            4 => Ok(Self::ByHand),
            6 => Ok(Self::Kept),
            _ => Err(StoreError::Damaged("whether somebody was told".into())),
        }
    }
}

/// One party to be told of one erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Which, and the letter's id too.
    pub id: MailId,
    /// Whose customer it was.
    pub company: CompanyId,
    /// The digest under which the person sees it.
    pub erasure: [u8; 32],
    /// Who was erased.
    pub person: PersonId,
    /// The party's code.
    pub party: String,
    /// What it received, as keys, with a space between.
    pub kinds: String,
    /// When it last received something.
    pub last_at: Timestamp,
    /// When the erasure was.
    pub erased_at: Timestamp,
    /// How far it is.
    pub state: State,
    /// When they were told.
    pub told_at: Option<Timestamp>,
    /// Who told them by hand.
    pub told_by: Option<StaffId>,
}

fn read(row: &Row<'_>) -> Result<Telling> {
    Ok(Telling {
        id: MailId::from_bytes(row.fixed(0)?),
        company: CompanyId::from_bytes(row.fixed(1)?),
        erasure: row.fixed(2)?,
        person: PersonId::from_bytes(row.fixed(3)?),
        party: row.text(4)?,
        kinds: row.text(5)?,
        last_at: row.time(6)?,
        erased_at: row.time(7)?,
        state: State::read(row.int(8)?)?,
        told_at: row.int_opt(9)?.map(Timestamp::from_micros),
        told_by: row.fixed_opt(10)?.map(StaffId::from_bytes),
    })
}

/// Writes down that a party has to be told.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, one: &Telling) -> Result<()> {
    let row = [
        one.id.into(),
        one.company.into(),
        (&one.erasure).into(),
        one.person.into(),
        (&one.party).into(),
        (&one.kinds).into(),
        one.last_at.into(),
        one.erased_at.into(),
        one.state.code().into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// What a law kept of somebody is erased now: whoever received it is to be told.
///
/// # Errors
/// What the engine said.
pub fn over(tx: &mut Tx<'_>, company: CompanyId, person: PersonId, at: Timestamp) -> Result<()> {
    tx.exec(OVER, &[company.into(), person.into(), at.into()]).map(|_| ())
}

/// The same when a restore erases it again: whether they were told meanwhile is not known, so somebody sees to it.
///
/// # Errors
/// What the engine said.
pub fn over_doubted(tx: &mut Tx<'_>, company: CompanyId, person: PersonId, at: Timestamp) -> Result<()> {
    tx.exec(OVER_DOUBTED, &[company.into(), person.into(), at.into()]).map(|_| ())
}

/// Those that nobody has looked at, some at a time, after one of them.
///
/// # Errors
/// What the engine said.
pub fn fresh(tx: &mut Tx<'_>, after: MailId) -> Result<Vec<Telling>> {
    tx.rows(FRESH, &[after.into()], read)
}

/// All of a region, some at a time, after one of them.
///
/// # Errors
/// What the engine said.
pub fn all(tx: &mut Tx<'_>, after: MailId) -> Result<Vec<Telling>> {
    tx.rows(ALL, &[after.into()], read)
}

/// The same of a copy that was put back and never opened: whether a letter left since it was made is not known there,
/// other than of what was brought.
///
/// # Errors
/// What the engine said.
pub fn all_doubted(tx: &mut Tx<'_>, after: MailId) -> Result<Vec<Telling>> {
    tx.rows(ALL_DOUBTED, &[after.into()], read)
}

/// Those of one erasure.
///
/// # Errors
/// What the engine said.
pub fn of_erasure(tx: &mut Tx<'_>, erasure: &[u8; 32]) -> Result<Vec<Telling>> {
    tx.rows(OF_ERASURE, &[erasure.into()], read)
}

/// Those of a company that were not told yet, the oldest first.
///
/// # Errors
/// What the engine said.
pub fn open(tx: &mut Tx<'_>, company: CompanyId, most: i64) -> Result<Vec<Telling>> {
    tx.rows(OPEN, &[company.into(), most.into()], read)
}

/// How many somebody has to tell by hand, up to a number.
///
/// # Errors
/// What the engine said.
pub fn to_do(tx: &mut Tx<'_>, company: CompanyId, most: i64) -> Result<i64> {
    Ok(tx.first(COUNT, &[company.into(), most.into()], |row| row.int(0))?.unwrap_or(0))
}

/// Says of one that nobody had looked at whether a letter was written.
///
/// # Errors
/// What the engine said.
pub fn looked_at(tx: &mut Tx<'_>, id: MailId, written: bool) -> Result<()> {
    let state: i64 = if written { 1 } else { 3 };
    tx.exec(SET, &[id.into(), state.into()]).map(|_| ())
}

/// Notes when a letter is handed over. False when it must not be: the party was told meanwhile, or is told by hand. A letter
/// that is none of these may leave.
///
/// # Errors
/// What the engine said.
pub fn tried(tx: &mut Tx<'_>, id: MailId, at: Timestamp) -> Result<bool> {
    let waits = tx.exec(TRIED, &[id.into(), at.into()])? > 0;
    Ok(waits || tx.first(STATE, &[id.into()], |row| row.int(0))?.is_none())
}

/// Notes that a letter left, or that it never will.
///
/// # Errors
/// What the engine said.
pub fn ended(tx: &mut Tx<'_>, id: MailId, left: bool) -> Result<()> {
    tx.exec(if left { LEFT } else { NOT_LEFT }, &[id.into()]).map(|_| ())
}

/// Gives up letters of erasures before a time, and tells which: nobody took them.
///
/// # Errors
/// What the engine said.
pub fn overdue(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<MailId>> {
    tx.rows(OVERDUE, &[before.into()], |row| Ok(MailId::from_bytes(row.fixed(0)?)))
}

/// Drops what was told before a time; whom somebody still has to tell stays.
///
/// # Errors
/// What the engine said.
pub fn tidy(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.exec(TIDY, &[before.into()]).map(|_| ())
}

/// After a copy was put back: whether a letter left since it was made is not known here, so none leaves by itself, and
/// somebody sees to it. Of what was brought it is known.
///
/// # Errors
/// What the engine said.
pub fn doubt(tx: &mut Tx<'_>) -> Result<()> {
    tx.exec(DOUBTFUL, &[]).map(|_| ())
}

/// What was brought goes on like all else: nothing doubts it any more.
///
/// # Errors
/// What the engine said.
pub fn settle(tx: &mut Tx<'_>) -> Result<()> {
    tx.exec(SETTLE, &[]).map(|_| ())
}

/// Brings one over from the store that a copy replaced, as it stood there. A letter that waited there is written anew: the
/// outbox was replaced, too.
///
/// # Errors
/// What the engine said.
pub fn bring(tx: &mut Tx<'_>, one: &Telling) -> Result<()> {
    let state = match one.state {
        State::Fresh | State::Written => BROUGHT,
        State::Left | State::ToDo | State::ByHand | State::Kept => one.state.code(),
    };
    let row = [
        one.id.into(),
        one.company.into(),
        (&one.erasure).into(),
        one.person.into(),
        (&one.party).into(),
        (&one.kinds).into(),
        one.last_at.into(),
        one.erased_at.into(),
        state.into(),
        one.told_at.into(),
        one.told_by.into(),
    ];
    tx.exec(BRING, &row).map(|_| ())
}

/// Writes down that somebody told a party by hand. False when there was nothing to do.
///
/// # Errors
/// What the engine said.
pub fn by_hand(
    tx: &mut Tx<'_>,
    company: CompanyId,
    id: MailId,
    (staff, at): (StaffId, Timestamp),
) -> Result<bool> {
    Ok(tx.exec(BY_HAND, &[company.into(), id.into(), at.into(), staff.into()])? > 0)
}

/// Where a party is told, sealed.
///
/// # Errors
/// What the engine said.
pub fn contact(tx: &mut Tx<'_>, company: CompanyId, party: PartyId) -> Result<Option<Vec<u8>>> {
    tx.first(CONTACT, &[company.into(), (&party.to_bytes()).into()], |row| row.blob(0))
}

/// Keeps where a party is told; nothing drops it.
///
/// # Errors
/// What the engine said.
pub fn set_contact(
    tx: &mut Tx<'_>,
    company: CompanyId,
    party: PartyId,
    sealed: Option<&Vec<u8>>,
) -> Result<()> {
    let party = party.to_bytes();
    match sealed {
        Some(sealed) => tx.exec(SET_CONTACT, &[company.into(), (&party).into(), sealed.into()]),
        None => tx.exec(DROP_CONTACT, &[company.into(), (&party).into()]),
    }
    .map(|_| ())
}
