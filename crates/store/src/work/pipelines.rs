//! The pipelines that deals go through.

use assent_kernel::{CompanyId, PipelineId, StageId, Timestamp};

use crate::db::Tx;
use crate::error::{Result, StoreError};

const PIPELINES: &str =
    "SELECT id, name, place, ver FROM pipeline WHERE company = $1 AND gone_at IS NULL ORDER BY place, id";
const CHANGE_PIPELINE: &str = "UPDATE pipeline SET name = $3, place = $4, ver = ver + 1 \
     WHERE id = $1 AND company = $2 AND ver = $5 AND gone_at IS NULL";
const ADD_PIPELINE: &str =
    "INSERT INTO pipeline (id, company, name, place) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
const STAGES: &str = "SELECT id, pipeline, name, place, chance, ending FROM stage WHERE company = $1 ORDER BY pipeline, place, id";
const PUT_STAGE: &str = "INSERT INTO stage (id, company, pipeline, name, place, chance, ending) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, place = excluded.place, chance = excluded.chance, \
     ending = excluded.ending WHERE stage.company = $2 AND stage.pipeline = $3";
const DROP_STAGE: &str =
    "DELETE FROM stage WHERE id = $1 AND company = $2 AND NOT EXISTS (SELECT 1 FROM deal WHERE stage = $1)";
const DROP_PIPELINE: &str = "UPDATE pipeline SET gone_at = $3 WHERE id = $1 AND company = $2 AND ver = $4 AND gone_at IS NULL \
     AND NOT EXISTS (SELECT 1 FROM deal WHERE pipeline = $1 AND gone_at IS NULL)";

const HELD: &str = "SELECT id, ver FROM pipeline WHERE company = $1 AND gone_at IS NULL ORDER BY id {lock}";

/// Every statement of this file, for the test that prepares them.
pub const PIPELINE_SQL: &[&str] =
    &[PIPELINES, HELD, CHANGE_PIPELINE, ADD_PIPELINE, STAGES, PUT_STAGE, DROP_STAGE, DROP_PIPELINE];

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
    /// Its version: whoever changes it says which one they read.
    pub ver: i64,
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
        Ok(Pipeline { id, name: row.text(1)?, place: row.int(2)?, stages, ver: row.int(3)? })
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

/// Changes the name and the stages of a pipeline that is as it was read (`ver`); stages that are not named any more go, unless
/// deals are in them. False when it was changed meanwhile.
///
/// # Errors
/// What the engine said.
pub fn change_pipeline(
    tx: &mut Tx<'_>,
    company: CompanyId,
    one: &Pipeline,
    dropped: &[StageId],
) -> Result<bool> {
    let row = [one.id.into(), company.into(), (&one.name).into(), one.place.into(), one.ver.into()];
    if tx.exec(CHANGE_PIPELINE, &row)? == 0 {
        return Ok(false);
    }
    one.stages.iter().try_for_each(|stage| put_stage(tx, company, stage))?;
    let drop = |stage: &StageId| tx.exec(DROP_STAGE, &[(*stage).into(), company.into()]).map(|_| ());
    dropped.iter().try_for_each(drop)?;
    Ok(true)
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

/// The pipelines that are there, with their versions, held to the end of the transaction.
///
/// # Errors
/// What the engine said.
pub fn held_pipelines(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<(PipelineId, i64)>> {
    tx.rows(HELD, &[company.into()], |row| Ok((PipelineId::from_bytes(row.fixed(0)?), row.int(1)?)))
}

/// Removes a pipeline that is as it was read, and in which no deal is. True when it went.
///
/// # Errors
/// What the engine said.
pub fn drop_pipeline(
    tx: &mut Tx<'_>,
    company: CompanyId,
    (id, ver): (PipelineId, i64),
    at: Timestamp,
) -> Result<bool> {
    Ok(tx.exec(DROP_PIPELINE, &[id.into(), company.into(), at.into(), ver.into()])? > 0)
}
