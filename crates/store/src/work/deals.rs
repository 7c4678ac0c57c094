//! Deals, and the pipelines they go through.

use assent_kernel::{CompanyId, DealId, OrganisationId, PersonId, PipelineId, StaffId, StageId, Timestamp};

use super::Text;
use crate::db::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

const ADD: &str = "INSERT INTO deal (id, company, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, \
     owner, lost, created_at, staged_at, gone_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL)";
const ONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at FROM deal WHERE id = $1 AND company = $2";
const ALL: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at FROM deal WHERE company = $1 AND gone_at IS NULL ORDER BY id DESC LIMIT $2";
const GONE: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at FROM deal WHERE company = $1 AND gone_at IS NOT NULL ORDER BY id DESC LIMIT $2";
const OF_PERSON: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, created_at, \
     staged_at, gone_at FROM deal WHERE person = $2 AND company = $1 AND gone_at IS NULL ORDER BY id DESC LIMIT 500";
const OF_ORGANISATION: &str = "SELECT id, pipeline, stage, organisation, person, fact, own, cents, currency, close_on, owner, lost, \
     created_at, staged_at, gone_at FROM deal WHERE organisation = $2 AND company = $1 AND gone_at IS NULL ORDER BY id DESC LIMIT 500";
const CHANGE: &str = "UPDATE deal SET organisation = $3, person = $4, fact = $5, own = $6, cents = $7, currency = $8, \
     close_on = $9, owner = $10 WHERE id = $1 AND company = $2";
const MOVE: &str =
    "UPDATE deal SET pipeline = $3, stage = $4, lost = $5, staged_at = $6 WHERE id = $1 AND company = $2";
const SET_GONE: &str = "UPDATE deal SET gone_at = $3 WHERE id = $1 AND company = $2";
const SET_OWNER: &str = "UPDATE deal SET owner = $3 WHERE id = $1 AND company = $2";

const PIPELINES: &str =
    "SELECT id, name, place FROM pipeline WHERE company = $1 AND gone_at IS NULL ORDER BY place, id";
const PUT_PIPELINE: &str = "INSERT INTO pipeline (id, company, name, place) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, place = excluded.place WHERE pipeline.company = $2";
const ADD_PIPELINE: &str =
    "INSERT INTO pipeline (id, company, name, place) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
const STAGES: &str =
    "SELECT id, pipeline, name, place, chance, ending FROM stage WHERE company = $1 ORDER BY pipeline, place, id";
const PUT_STAGE: &str = "INSERT INTO stage (id, company, pipeline, name, place, chance, ending) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, place = excluded.place, chance = excluded.chance, \
     ending = excluded.ending WHERE stage.company = $2 AND stage.pipeline = $3";
const DROP_STAGE: &str = "DELETE FROM stage WHERE id = $1 AND company = $2 AND NOT EXISTS (SELECT 1 FROM deal WHERE stage = $1)";
const DROP_PIPELINE: &str = "UPDATE pipeline SET gone_at = $3 WHERE id = $1 AND company = $2 \
     AND NOT EXISTS (SELECT 1 FROM deal WHERE pipeline = $1 AND gone_at IS NULL)";

/// Every statement of this file, for the test that prepares them.
pub const SQL: &[&str] = &[
    ADD,
    ONE,
    ALL,
    GONE,
    OF_PERSON,
    OF_ORGANISATION,
    CHANGE,
    MOVE,
    SET_GONE,
    SET_OWNER,
    PIPELINES,
    PUT_PIPELINE,
    ADD_PIPELINE,
    STAGES,
    PUT_STAGE,
    DROP_STAGE,
    DROP_PIPELINE,
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

    const fn code(self) -> i64 {
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

/// What it means that a deal is in a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It goes on.
    Open,
    /// It is won.
    Won,
    /// It is lost.
    Lost,
}

impl Ending {
    const fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Won => 1,
            Self::Lost => 2,
        }
    }
    fn read(code: i64) -> Result<Self> {
        match code {
            0 => Ok(Self::Open),
            1 => Ok(Self::Won),
            2 => Ok(Self::Lost),
            _ => Err(StoreError::Damaged("the ending of a stage".into())),
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
pub fn one(tx: &mut Tx<'_>, company: CompanyId, id: DealId) -> Result<Option<Deal>> {
    tx.first(ONE, &[id.into(), company.into()], read)
}

/// All of a company, newest first, up to so many; those that are here, or those that were removed.
///
/// # Errors
/// What the engine said.
pub fn all(tx: &mut Tx<'_>, company: CompanyId, gone: bool, most: u32) -> Result<Vec<Deal>> {
    tx.rows(if gone { GONE } else { ALL }, &[company.into(), i64::from(most).into()], read)
}

/// Those with a person, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_person(tx: &mut Tx<'_>, company: CompanyId, person: PersonId) -> Result<Vec<Deal>> {
    tx.rows(OF_PERSON, &[company.into(), person.into()], read)
}

/// Those with an organisation, newest first.
///
/// # Errors
/// What the engine said.
pub fn of_organisation(tx: &mut Tx<'_>, company: CompanyId, id: OrganisationId) -> Result<Vec<Deal>> {
    tx.rows(OF_ORGANISATION, &[company.into(), id.into()], read)
}

/// Changes everything but the stage. True when there was one.
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
    ];
    Ok(tx.exec(CHANGE, &row)? > 0)
}

/// Moves one to a stage; why, when it is lost. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn set_stage(
    tx: &mut Tx<'_>,
    company: CompanyId,
    id: DealId,
    to: &Stage,
    lost: Option<Lost>,
    at: Timestamp,
) -> Result<bool> {
    let lost = lost.map(Lost::code);
    let row = [id.into(), company.into(), to.pipeline.into(), to.id.into(), lost.into(), at.into()];
    Ok(tx.exec(MOVE, &row)? > 0)
}

/// Hands one to a member of staff. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn set_owner(tx: &mut Tx<'_>, company: CompanyId, id: DealId, owner: Option<StaffId>) -> Result<bool> {
    Ok(tx.exec(SET_OWNER, &[id.into(), company.into(), owner.into()])? > 0)
}

/// Removes one, or brings it back with `None`. True when there was one.
///
/// # Errors
/// What the engine said.
pub fn set_gone(tx: &mut Tx<'_>, company: CompanyId, id: DealId, at: Option<Timestamp>) -> Result<bool> {
    Ok(tx.exec(SET_GONE, &[id.into(), company.into(), at.into()])? > 0)
}

/// A way that deals of one kind go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Which.
    pub id: PipelineId,
    /// What it is called.
    pub name: String,
    /// Where it stands among the others.
    pub place: i64,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// One stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Which.
    pub id: StageId,
    /// Of which pipeline.
    pub pipeline: PipelineId,
    /// What it is called.
    pub name: String,
    /// Where it stands among the others.
    pub place: i64,
    /// How likely a deal here is to be won, in per cent.
    pub chance: i64,
    /// What being here means.
    pub ending: Ending,
}

/// The pipelines of a company with their stages, in order.
///
/// # Errors
/// What the engine said.
pub fn pipelines(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Pipeline>> {
    let stages = tx.rows(STAGES, &[company.into()], |row| {
        Ok(Stage {
            id: StageId::from_bytes(row.fixed(0)?),
            pipeline: PipelineId::from_bytes(row.fixed(1)?),
            name: row.text(2)?,
            place: row.int(3)?,
            chance: row.int(4)?,
            ending: Ending::read(row.int(5)?)?,
        })
    })?;
    tx.rows(PIPELINES, &[company.into()], |row| {
        let id = PipelineId::from_bytes(row.fixed(0)?);
        let stages = stages.iter().filter(|stage| stage.pipeline == id).cloned().collect();
        Ok(Pipeline { id, name: row.text(1)?, place: row.int(2)?, stages })
    })
}

/// Adds a pipeline with its stages, unless it is there already: whoever was first wins.
///
/// # Errors
/// What the engine said.
pub fn add_pipeline(tx: &mut Tx<'_>, company: CompanyId, one: &Pipeline) -> Result<()> {
    let row = [one.id.into(), company.into(), (&one.name).into(), one.place.into()];
    if tx.exec(ADD_PIPELINE, &row)? == 0 {
        return Ok(());
    }
    one.stages.iter().try_for_each(|stage| put_stage(tx, company, stage))
}

/// Changes a pipeline's name and stages; stages that are not named any more go, unless deals are in them.
///
/// # Errors
/// What the engine said.
pub fn put_pipeline(tx: &mut Tx<'_>, company: CompanyId, one: &Pipeline, dropped: &[StageId]) -> Result<()> {
    tx.exec(PUT_PIPELINE, &[one.id.into(), company.into(), (&one.name).into(), one.place.into()])?;
    one.stages.iter().try_for_each(|stage| put_stage(tx, company, stage))?;
    dropped
        .iter()
        .try_for_each(|stage| tx.exec(DROP_STAGE, &[(*stage).into(), company.into()]).map(|_| ()))
}

fn put_stage(tx: &mut Tx<'_>, company: CompanyId, stage: &Stage) -> Result<()> {
    let row = [
        stage.id.into(),
        company.into(),
        stage.pipeline.into(),
        (&stage.name).into(),
        stage.place.into(),
        stage.chance.into(),
        stage.ending.code().into(),
    ];
    tx.exec(PUT_STAGE, &row).map(|_| ())
}

/// Removes a pipeline in which no deal is. True when it went.
///
/// # Errors
/// What the engine said.
pub fn drop_pipeline(tx: &mut Tx<'_>, company: CompanyId, id: PipelineId, at: Timestamp) -> Result<bool> {
    Ok(tx.exec(DROP_PIPELINE, &[id.into(), company.into(), at.into()])? > 0)
}
