//! Deals. The pipelines they go through are told beside them.

use assent_kernel::{CompanyId, DealId, OrganisationId, PersonId, PipelineId, StaffId, StageId, Timestamp};

pub use super::pipelines::*;
use super::{Days, Led, Reach, Text};
use crate::db::Tx;
use crate::error::Result;
use crate::value::Row;

const ADD: &str = "INSERT INTO deal (id, company, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, \
     owner, lost, created_at, staged_at, gone_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL)";
const ONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE id = $1 AND company = $2 AND {reach owner 3 4}";
const PAGE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NULL AND id < $2 AND {reach owner 4 5} ORDER BY id DESC LIMIT $3";
const PAGE_GONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NOT NULL AND id < $2 AND {reach owner 4 5} ORDER BY id DESC LIMIT $3";
const PAGE_OF_OWNER: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND owner = $4 AND gone_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const PAGE_OF_OWNER_GONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND owner = $4 AND gone_at IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const OF_PERSON: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE person = $2 AND company = $1 AND gone_at IS NULL AND {reach owner 3 4} ORDER BY id DESC LIMIT 500";
const OF_ORGANISATION: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, \
     created_at, staged_at, gone_at, ver FROM deal WHERE organisation = $2 AND company = $1 AND gone_at IS NULL AND {reach owner 3 4} ORDER BY id DESC LIMIT 500";
const PAGE_OF_PERSON: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NULL AND id < $2 AND person = $4 AND {reach owner 5 6} ORDER BY id DESC LIMIT $3";
const PAGE_OF_PERSON_GONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NOT NULL AND id < $2 AND person = $4 AND {reach owner 5 6} ORDER BY id DESC LIMIT $3";
const PAGE_OF_ORGANISATION: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NULL AND id < $2 AND organisation = $4 AND {reach owner 5 6} ORDER BY id DESC LIMIT $3";
const PAGE_OF_ORGANISATION_GONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NOT NULL AND id < $2 AND organisation = $4 AND {reach owner 5 6} ORDER BY id DESC LIMIT $3";
const CHANGE: &str = "UPDATE deal SET organisation = $3, person = $4, fact = $5, own = $6, cents = $7, currency = $8, \
     close_on = $9, owner = $10, ver = ver + 1 WHERE id = $1 AND company = $2 AND ver = $11";
const MOVE: &str = "UPDATE deal SET pipeline = $3, stage = $4, lost = $5, staged_at = $6, ver = ver + 1 \
     WHERE id = $1 AND company = $2 AND ver = $7";
const NARROWED: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NULL AND (CAST($2 AS BIGINT) = 0 OR stage {hex 3}) \
     AND (CAST($4 AS BIGINT) = 0 OR lost = $4) AND coalesce(close_on, -4000000000000000000) >= $5 \
     AND coalesce(close_on, -4000000000000000000) < $6 AND staged_at >= $7 AND staged_at < $8 AND {reach owner 10 11} ORDER BY id DESC LIMIT $9";
const NARROWED_OF_OWNER: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM deal WHERE company = $1 AND gone_at IS NULL AND (CAST($2 AS BIGINT) = 0 OR stage {hex 3}) \
     AND (CAST($4 AS BIGINT) = 0 OR lost = $4) AND coalesce(close_on, -4000000000000000000) >= $5 \
     AND coalesce(close_on, -4000000000000000000) < $6 AND staged_at >= $7 AND staged_at < $8 AND owner = $10 ORDER BY id DESC LIMIT $9";
const LED: &str = "SELECT deal.id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at, ver FROM (SELECT id AS wanted FROM deal WHERE id {hex 2} UNION SELECT id FROM deal WHERE organisation {hex 3} \
     UNION SELECT id FROM deal WHERE person {hex 4}) AS led CROSS JOIN deal WHERE deal.id = wanted AND company = $1 AND gone_at IS NULL AND {reach owner 6 7} \
     ORDER BY deal.id DESC LIMIT $5";
const SET_GONE: &str = "UPDATE deal SET gone_at = $3, ver = ver + 1 WHERE id = $1 AND company = $2 \
     AND (CAST($4 AS BIGINT) = 0 OR ver = $4) \
     AND (gone_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL) AND {reach owner 5 6}";
const SET_OWNER: &str =
    "UPDATE deal SET owner = $3, ver = ver + 1 WHERE id = $1 AND company = $2 AND ver = $4";
const OWNED: &str = "SELECT count(*) FROM (SELECT 1 FROM deal WHERE company = $1 AND owner = $2 AND gone_at IS NULL LIMIT $3) AS few";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    NARROWED,
    NARROWED_OF_OWNER,
    LED,
    ADD,
    ONE,
    PAGE,
    PAGE_GONE,
    PAGE_OF_OWNER,
    PAGE_OF_OWNER_GONE,
    PAGE_OF_PERSON,
    PAGE_OF_PERSON_GONE,
    PAGE_OF_ORGANISATION,
    PAGE_OF_ORGANISATION_GONE,
    OF_PERSON,
    OF_ORGANISATION,
    CHANGE,
    MOVE,
    SET_GONE,
    SET_OWNER,
    OWNED,
];

/// Why a deal was lost. A choice, not a text: it names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Too dear.
    Price,
    /// They chose somebody else.
    Other,
    /// They need nothing after all.
    NoNeed,
    /// They have no money for it.
    NoBudget,
    /// They do not answer any more.
    NoAnswer,
    /// We could not do what they wanted.
    NotPossible,
}

impl Lost {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 6] =
        [Self::Price, Self::Other, Self::NoNeed, Self::NoBudget, Self::NoAnswer, Self::NotPossible];

    pub(super) const fn code(self) -> i64 {
        match self {
            Self::Price => 1,
            Self::Other => 2,
            Self::NoNeed => 3,
            Self::NoBudget => 4,
            Self::NoAnswer => 5,
            Self::NotPossible => 6,
        }
    }
    /// The word in a form.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Other => "other",
            Self::NoNeed => "no-need",
            Self::NoBudget => "no-budget",
            Self::NoAnswer => "no-answer",
            Self::NotPossible => "not-possible",
        }
    }
    /// What it is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Price => "Too dear",
            Self::Other => "Chose somebody else",
            Self::NoNeed => "Needs nothing after all",
            Self::NoBudget => "No money for it",
            Self::NoAnswer => "No answer any more",
            Self::NotPossible => "We could not do it",
        }
    }
}

/// A deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Which.
    pub id: DealId,
    /// What it goes through.
    pub pipeline: PipelineId,
    /// How far it is.
    pub stage: StageId,
    /// With whom, when it is an organisation.
    pub organisation: Option<OrganisationId>,
    /// What it is called; this tells the contact too.
    pub title: Text,
    /// How much it is worth, in hundredths.
    pub cents: Option<i64>,
    /// Of which currency: three letters.
    pub currency: String,
    /// The day on which it should be agreed.
    pub close_on: Option<Timestamp>,
    /// Who looks after it.
    pub owner: Option<StaffId>,
    /// Why it was lost, if it was.
    pub lost: Option<Lost>,
    /// Since when it is here.
    pub created_at: Timestamp,
    /// Since when it is in its stage.
    pub staged_at: Timestamp,
    /// When it was removed, if it was.
    pub gone_at: Option<Timestamp>,
    /// Counts its changes.
    pub ver: i64,
}

fn read(row: &Row<'_>) -> Result<Deal> {
    let lost = row.int_opt(11)?;
    Ok(Deal {
        id: DealId::from_bytes(row.fixed(0)?),
        pipeline: PipelineId::from_bytes(row.fixed(1)?),
        stage: StageId::from_bytes(row.fixed(2)?),
        organisation: row.fixed_opt(3)?.map(OrganisationId::from_bytes),
        title: Text::read(row, 4)?,
        cents: row.int_opt(7)?,
        currency: row.text(8)?,
        close_on: super::time(row, 9)?,
        owner: super::staff(row, 10)?,
        lost: lost.and_then(|code| Lost::ALL.into_iter().find(|one| one.code() == code)),
        created_at: row.time(12)?,
        staged_at: row.time(13)?,
        gone_at: super::time(row, 14)?,
        ver: row.int(15)?,
    })
}

/// Adds one.
///
/// # Errors
/// What the engine said.
pub fn add(tx: &mut Tx<'_>, company: CompanyId, one: &Deal) -> Result<()> {
    let row = [
        one.id.into(),
        company.into(),
        one.pipeline.into(),
        one.stage.into(),
        one.organisation.into(),
        one.title.person().into(),
        one.title.fact().into(),
        one.title.own().into(),
        one.cents.into(),
        (&one.currency).into(),
        one.close_on.into(),
        one.owner.into(),
        one.lost.map(Lost::code).into(),
        one.created_at.into(),
        one.staged_at.into(),
    ];
    tx.exec(ADD, &row).map(|_| ())
}

/// One, removed or not.
///
/// # Errors
/// What the engine said.
pub fn one(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, id: DealId) -> Result<Option<Deal>> {
    tx.first(ONE, &[id.into(), company.into(), reach.mode(), reach.list()], read)
}

/// What narrows the deals of a list, as far as it is structure. A part that says nothing narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Only in these stages.
    pub stages: Option<Vec<StageId>>,
    /// Only those that were lost for this.
    pub lost: Option<Lost>,
    /// When they should be agreed.
    pub close: Days,
    /// Since when they are in their stage.
    pub moved: Days,
}

/// All of a company that are here and lie within that, newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn narrowed(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    within: &Narrow,
    most: u32,
) -> Result<Vec<Deal>> {
    let stages: Vec<[u8; 16]> = within.stages.iter().flatten().map(|id| id.to_bytes()).collect();
    let list = crate::dialect::hex_list(&stages);
    let args = [
        company.into(),
        i64::from(within.stages.is_some()).into(),
        list.as_str().into(),
        within.lost.map_or(0, Lost::code).into(),
        within.close.from.into(),
        within.close.before.into(),
        within.moved.from.into(),
        within.moved.before.into(),
        i64::from(most).into(),
    ];
    if let Some(owners) = reach.few() {
        return super::newest(
            owners,
            most,
            |one: &Deal| one.id,
            |owner| {
                let theirs: Vec<_> = args.iter().cloned().chain([owner.into()]).collect();
                tx.rows(NARROWED_OF_OWNER, &theirs, read)
            },
        );
    }
    let all: Vec<_> = args.into_iter().chain([reach.mode(), reach.list()]).collect();
    tx.rows(NARROWED, &all, read)
}

/// Those of a company that are here and are one of these, with one of these organisations or with one of these people,
/// newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn led(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, to: &Led, most: u32) -> Result<Vec<Deal>> {
    let [things, organisations, people] = to.lists();
    let args = [
        company.into(),
        things.as_str().into(),
        organisations.as_str().into(),
        people.as_str().into(),
        i64::from(most).into(),
        reach.mode(),
        reach.list(),
    ];
    tx.rows(LED, &args, read)
}

/// Those of a company that came before one, newest first, up to so many; those that are here, or those that were removed.
///
/// # Errors
/// What the engine said.
pub fn page(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    gone: bool,
    before: Option<DealId>,
    most: u32,
) -> Result<Vec<Deal>> {
    let before = before.unwrap_or(DealId::from_bytes([0xff; 16]));
    if let Some(owners) = reach.few() {
        let sql = if gone { PAGE_OF_OWNER_GONE } else { PAGE_OF_OWNER };
        return super::newest(
            owners,
            most,
            |one: &Deal| one.id,
            |owner| {
                tx.rows(sql, &[company.into(), before.into(), i64::from(most).into(), owner.into()], read)
            },
        );
    }
    tx.rows(
        if gone { PAGE_GONE } else { PAGE },
        &[company.into(), before.into(), i64::from(most).into(), reach.mode(), reach.list()],
        read,
    )
}

/// With whom deals are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A person.
    Person(PersonId),
    /// An organisation.
    Organisation(OrganisationId),
}

/// Those with somebody that came before one, newest first, up to so many.
///
/// # Errors
/// What the engine said.
pub fn page_of(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    of: Of,
    gone: bool,
    before: Option<DealId>,
    most: u32,
) -> Result<Vec<Deal>> {
    let before = before.unwrap_or(DealId::from_bytes([0xff; 16]));
    let (sql, id) = match (of, gone) {
        (Of::Person(id), false) => (PAGE_OF_PERSON, id.to_bytes()),
        (Of::Person(id), true) => (PAGE_OF_PERSON_GONE, id.to_bytes()),
        (Of::Organisation(id), false) => (PAGE_OF_ORGANISATION, id.to_bytes()),
        (Of::Organisation(id), true) => (PAGE_OF_ORGANISATION_GONE, id.to_bytes()),
    };
    tx.rows(
        sql,
        &[company.into(), before.into(), i64::from(most).into(), (&id).into(), reach.mode(), reach.list()],
        read,
    )
}

/// Those with a person, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, reach: &Reach, person: PersonId) -> Result<Vec<Deal>> {
    tx.rows(OF_PERSON, &[company.into(), person.into(), reach.mode(), reach.list()], read)
}

/// Those with an organisation, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    id: OrganisationId,
) -> Result<Vec<Deal>> {
    tx.rows(OF_ORGANISATION, &[company.into(), id.into(), reach.mode(), reach.list()], read)
}

/// Changes everything but the stage, if it is as it was read. True when it was.
///
/// # Errors
/// What the engine said.
pub fn change(tx: &mut Tx<'_>, company: CompanyId, one: &Deal) -> Result<bool> {
    let row = [
        one.id.into(),
        company.into(),
        one.organisation.into(),
        one.title.person().into(),
        one.title.fact().into(),
        one.title.own().into(),
        one.cents.into(),
        (&one.currency).into(),
        one.close_on.into(),
        one.owner.into(),
        one.ver.into(),
    ];
    Ok(tx.exec(CHANGE, &row)? > 0)
}

/// Moves one to a stage, if it is as it was read; why, when it is lost. True when it was.
///
/// # Errors
/// What the engine said.
pub fn set_stage(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (id, ver): (DealId, i64),
    to: &Stage,
    lost: Option<Lost>,
    at: Timestamp,
) -> Result<bool> {
    let lost = lost.map(Lost::code);
    let row =
        [id.into(), company.into(), to.pipeline.into(), to.id.into(), lost.into(), at.into(), ver.into()];
    Ok(tx.exec(MOVE, &row)? > 0)
}

/// Hands one that is as it was read to a member of staff. True when it was.
///
/// # Errors
/// What the engine said.
pub fn set_owner(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (id, ver): (DealId, i64),
    owner: Option<StaffId>,
) -> Result<bool> {
    Ok(tx.exec(SET_OWNER, &[id.into(), company.into(), owner.into(), ver.into()])? > 0)
}

/// Removes one within reach that is as it was read (0: whatever it is), or brings it back with `None`. True when there was
/// one.
///
/// # Errors
/// What the engine said.
pub fn set_gone(
    tx: &mut Tx<'_>,
    company: CompanyId,
    reach: &Reach,
    (id, ver): (DealId, i64),
    at: Option<Timestamp>,
) -> Result<bool> {
    let row = [id.into(), company.into(), at.into(), ver.into(), reach.mode(), reach.list()];
    Ok(tx.exec(SET_GONE, &row)? > 0)
}

/// How many that are here somebody looks after, up to so many.
///
/// # Errors
/// What the engine said.
pub fn owned(tx: &mut Tx<'_>, company: CompanyId, owner: StaffId, most: u32) -> Result<u64> {
    super::owned(tx, OWNED, (company, owner), most)
}
