//! What a company laid down: every version of its policy with who changed what, every text that was ever published,
//! and what waits for a second person.

use assent_kernel::{CompanyId, DraftId, NoticeId, StaffId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const NEWEST: &str = "SELECT version, body FROM policy WHERE company = $1 ORDER BY version DESC LIMIT 1";
const BODY: &str = "SELECT body FROM policy WHERE company = $1 AND version = $2";
const VERSION: &str = "SELECT max(version) FROM policy WHERE company = $1";
const NEWEST_AT: &str = "SELECT max(at) FROM policy WHERE company = $1";
const ADD: &str = "INSERT INTO policy (company, version, at, digest, body, about, staff, second, item, what) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const HISTORY: &str = "SELECT version, at, digest, about, staff, second, item, what FROM policy \
     WHERE company = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
const NOTICE_BY_STAFF: &str =
    "SELECT 1 FROM policy WHERE company = $1 AND about = 2 AND staff IS NOT NULL LIMIT 1";
const SINCE: &str = "SELECT version, at, digest, about, staff, second, item, what FROM policy \
     WHERE company = $1 AND version > $2 ORDER BY version";
const ADD_NOTICE: &str = "INSERT INTO notice (company, id, version, body) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (company, id, version) DO NOTHING";
const NOTICE: &str = "SELECT body FROM notice WHERE company = $1 AND id = $2 AND version = $3";
const NOTICES: &str = "SELECT version FROM notice WHERE company = $1 AND id = $2 ORDER BY version DESC";
const ADD_DRAFT: &str = "INSERT INTO draft (id, company, at, staff, body) VALUES ($1, $2, $3, $4, $5)";
const DRAFT: &str =
    "SELECT id, at, staff, body, decided_at, decided_by, approved FROM draft WHERE company = $1 AND id = $2";
const DRAFTS: &str = "SELECT id, at, staff, body, decided_at, decided_by, approved FROM draft WHERE company = $1 \
     ORDER BY at DESC LIMIT 100";
const DECIDE: &str = "UPDATE draft SET decided_at = $3, decided_by = $4, approved = $5 \
     WHERE company = $1 AND id = $2 AND decided_at IS NULL AND (staff <> $4 OR $5 = 0)";
const HEAD: &str = "SELECT version FROM policy_head WHERE company = $1 {lock}";

/// Every statement of this file on the home store, for the test that prepares them.
pub const SQL: &[&str] = &[
    NEWEST,
    BODY,
    VERSION,
    NEWEST_AT,
    ADD,
    HISTORY,
    SINCE,
    ADD_NOTICE,
    NOTICE,
    NOTICES,
    ADD_DRAFT,
    DRAFT,
    DRAFTS,
    DECIDE,
    NOTICE_BY_STAFF,
];
/// Every statement of this file on a region's store.
pub const REGION_SQL: &[&str] = &[HEAD];

/// What a change of the policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The policy a company starts with, or one laid down by the program.
    Laid = 0,
    /// A purpose.
    Purpose = 1,
    /// A notice.
    Notice = 2,
    /// A party's description was confirmed.
    Described = 3,
    /// A party: the chain that facts may travel has changed.
    Chain = 4,
    /// A mandate, or another part that is law.
    Mandate = 5,
    /// A kind of data: a field that the company made.
    Category = 6,
}

impl About {
    fn read(code: i64) -> Result<Self> {
        match code {
            0 => Ok(Self::Laid),
            1 => Ok(Self::Purpose),
            2 => Ok(Self::Notice),
            3 => Ok(Self::Described),
            4 => Ok(Self::Chain),
            5 => Ok(Self::Mandate),
            6 => Ok(Self::Category),
            _ => Err(StoreError::Damaged("what a policy's change is about".into())),
        }
    }
}

/// A change of the policy, as it stands in its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub about: About,
    /// Who made it; nobody when the program did.
    pub by: Option<StaffId>,
    /// The second person, where two are needed.
    pub second: Option<StaffId>,
    /// Which item, by its printed id or key.
    pub item: String,
    /// What changed, as a sentence.
    pub what: String,
    /// The draft that becomes law by it.
    pub settles: Option<DraftId>,
}

impl Change {
    /// The program laid it down.
    #[must_use]
    pub fn laid() -> Self {
        Self {
            about: About::Laid,
            by: None,
            second: None,
            item: String::new(),
            what: String::new(),
            settles: None,
        }
    }
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The version it made.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// The digest that entries of the ledger name.
    pub digest: [u8; 16],
    /// What changed.
    pub change: Change,
}

fn number(v: i64) -> u64 {
    u64::try_from(v).unwrap_or(0)
}
fn signed(v: u64) -> i64 {
    i64::try_from(v).unwrap_or(i64::MAX)
}

/// The newest policy of a company: its version and its JSON.
///
/// # Errors
/// What the engine said.
pub fn newest(tx: &mut Tx<'_>, company: CompanyId) -> Result<Option<(u64, String)>> {
    tx.first(NEWEST, &[company.into()], |row| Ok((number(row.int(0)?), row.text(1)?)))
}

/// A version of the policy of a company, as JSON.
///
/// # Errors
/// What the engine said.
pub fn body(tx: &mut Tx<'_>, company: CompanyId, version: u64) -> Result<Option<String>> {
    tx.first(BODY, &[company.into(), signed(version).into()], |row| row.text(0))
}

/// A new version of a policy.
#[derive(Debug, Clone)]
pub struct New {
    /// Whose.
    pub company: CompanyId,
    /// One more than the newest.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Sixteen bytes that stand for it.
    pub digest: [u8; 16],
    /// It, as JSON.
    pub body: String,
    /// Its notices as JSON, by id and version: what was published once stays readable.
    pub notices: Vec<(NoticeId, u32, String)>,
    /// Who changed what.
    pub change: Change,
}

/// Adds a version of a policy, and settles the draft that became law by it. It is never older than the one before,
/// whatever the clock says of whoever adds it.
///
/// # Errors
/// [`StoreError::Moved`] when somebody else was first, or the draft is decided already.
pub fn add(tx: &mut Tx<'_>, new: &New) -> Result<()> {
    let company = new.company;
    let before = tx.first(VERSION, &[company.into()], |row| row.int_opt(0))?.flatten().unwrap_or(0);
    if before.saturating_add(1) != signed(new.version) {
        return Err(StoreError::Moved);
    }
    let last = tx.first(NEWEST_AT, &[company.into()], |row| row.int_opt(0))?.flatten();
    let at = last.map_or(new.at, |last| new.at.max(Timestamp::from_micros(last.saturating_add(1))));
    let change = &new.change;
    let row = [
        company.into(),
        signed(new.version).into(),
        at.into(),
        (&new.digest).into(),
        (&new.body).into(),
        (change.about as i64).into(),
        change.by.into(),
        change.second.into(),
        (&change.item).into(),
        (&change.what).into(),
    ];
    tx.exec(ADD, &row)?;
    for (id, version, body) in &new.notices {
        let row = [company.into(), (*id).into(), i64::from(*version).into(), body.into()];
        tx.exec(ADD_NOTICE, &row)?;
    }
    match (change.settles, change.second) {
        (None, _) => Ok(()),
        (Some(draft), Some(second)) if decide(tx, company, draft, second, at, true)? => Ok(()),
        (Some(_), _) => Err(StoreError::Moved),
    }
}

fn line(row: &Row<'_>) -> Result<Line> {
    Ok(Line {
        version: number(row.int(0)?),
        at: row.time(1)?,
        digest: row.fixed(2)?,
        change: Change {
            about: About::read(row.int(3)?)?,
            by: row.fixed_opt(4)?.map(StaffId::from_bytes),
            second: row.fixed_opt(5)?.map(StaffId::from_bytes),
            item: row.text(6)?,
            what: row.text(7)?,
            settles: None,
        },
    })
}

/// Who changed what, newest first, before a version.
///
/// # Errors
/// What the engine said.
pub fn history(tx: &mut Tx<'_>, company: CompanyId, before: u64, most: u32) -> Result<Vec<Line>> {
    tx.rows(HISTORY, &[company.into(), signed(before).into(), i64::from(most).into()], line)
}

/// Whether anybody of the staff ever published a notice.
///
/// # Errors
/// What the engine said.
pub fn notice_by_staff(tx: &mut Tx<'_>, company: CompanyId) -> Result<bool> {
    Ok(tx.first(NOTICE_BY_STAFF, &[company.into()], |_| Ok(()))?.is_some())
}

/// Who changed what after a version, oldest first.
///
/// # Errors
/// What the engine said.
pub fn since(tx: &mut Tx<'_>, company: CompanyId, version: u64) -> Result<Vec<Line>> {
    tx.rows(SINCE, &[company.into(), signed(version).into()], line)
}

/// A published version of a notice, as JSON.
///
/// # Errors
/// What the engine said.
pub fn notice(tx: &mut Tx<'_>, company: CompanyId, id: NoticeId, version: u32) -> Result<Option<String>> {
    let args = [company.into(), id.into(), i64::from(version).into()];
    tx.first(NOTICE, &args, |row| row.text(0))
}

/// Which versions of a notice were published, newest first.
///
/// # Errors
/// What the engine said.
pub fn notice_versions(tx: &mut Tx<'_>, company: CompanyId, id: NoticeId) -> Result<Vec<u32>> {
    let version = |row: &Row<'_>| Ok(u32::try_from(row.int(0)?).unwrap_or(0));
    tx.rows(NOTICES, &[company.into(), id.into()], version)
}

/// Something that becomes law when a second person agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which.
    pub id: DraftId,
    /// When it was proposed.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// What, as JSON.
    pub body: String,
    /// When it was decided, by whom, and whether it became law.
    pub decided: Option<(Timestamp, StaffId, bool)>,
}

fn draft_row(row: &Row<'_>) -> Result<Draft> {
    let decided = match (row.int_opt(4)?, row.fixed_opt(5)?, row.int_opt(6)?) {
        (Some(at), Some(by), Some(approved)) => {
            Some((Timestamp::from_micros(at), StaffId::from_bytes(by), approved != 0))
        }
        _ => None,
    };
    Ok(Draft {
        id: DraftId::from_bytes(row.fixed(0)?),
        at: row.time(1)?,
        by: StaffId::from_bytes(row.fixed(2)?),
        body: row.text(3)?,
        decided,
    })
}

/// Proposes something.
///
/// # Errors
/// What the engine said.
pub fn add_draft(
    tx: &mut Tx<'_>,
    company: CompanyId,
    id: DraftId,
    by: StaffId,
    at: Timestamp,
    body: &str,
) -> Result<()> {
    tx.exec(ADD_DRAFT, &[id.into(), company.into(), at.into(), by.into(), body.into()]).map(|_| ())
}

/// One draft of a company.
///
/// # Errors
/// What the engine said.
pub fn draft(tx: &mut Tx<'_>, company: CompanyId, id: DraftId) -> Result<Option<Draft>> {
    tx.first(DRAFT, &[company.into(), id.into()], draft_row)
}

/// The drafts of a company, newest first; at most a hundred.
///
/// # Errors
/// What the engine said.
pub fn drafts(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Draft>> {
    tx.rows(DRAFTS, &[company.into()], draft_row)
}

/// Decides a draft, once; whoever wrote it can take it back, never approve it. False when nothing was decided.
///
/// # Errors
/// What the engine said.
pub fn decide(
    tx: &mut Tx<'_>,
    company: CompanyId,
    id: DraftId,
    by: StaffId,
    at: Timestamp,
    approved: bool,
) -> Result<bool> {
    let args = [company.into(), id.into(), at.into(), by.into(), i64::from(approved).into()];
    Ok(tx.exec(DECIDE, &args)? == 1)
}

/// The version of a company's policy that holds in a region, held until the commit.
///
/// # Errors
/// What the engine said.
pub fn hold_head(tx: &mut Tx<'_>, company: CompanyId) -> Result<u64> {
    Ok(tx.first(HEAD, &[company.into()], |row| row.int(0))?.map_or(0, number))
}
