//! Changing the policy: load, check, write; nobody overwrites what somebody else changed meanwhile.

pub mod fields;
pub mod law;
pub mod notices;
pub mod objects;
pub mod parties;
pub mod purposes;
pub mod retention;
pub mod start;
pub mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use assent_gate::GateError;
use assent_kernel::notice::Notice;
use assent_kernel::{NoticeId, Policy, StaffId};
use assent_store::policies::{self, Change, Line};
use assent_store::{StoreError, Tx, access, callers};
use assent_web::{Ctx, Problem, Staff, say, text};

use super::model::Errors;
use super::store;
use crate::frame::program;

/// How often a change is tried again because another part of the policy moved.
const MOST_TRIES: usize = 4;

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It holds.
    Yes,
    /// Somebody else changed the same item meanwhile: a sentence that says who and when, and the version to go on from.
    Meanwhile(String, u64),
    /// It cannot be so: what is wrong, by field.
    No(Errors),
}

impl Changed {
    /// What stands in its way, and the version to go on from; `None` when it holds. `base` is the version it began with.
    pub fn in_the_way(self, base: u64) -> Option<(Errors, u64)> {
        match self {
            Self::Yes => None,
            Self::Meanwhile(sentence, now) => {
                let mut errors = Errors::default();
                errors.add("form", sentence);
                Some((errors, now))
            }
            Self::No(errors) => Some((errors, base)),
        }
    }
}

/// What a line of the history says that says nothing by itself.
pub const LAID: &str = "The policy was laid down.";

/// Who changed what before a version, newest first, at most so many lines.
pub async fn history(ctx: &Ctx, staff: &Staff, before: Option<u64>, most: u32) -> Result<Vec<Line>, Problem> {
    let (company, before) = (staff.company.id, before.unwrap_or(u64::MAX));
    Ok(ctx.gate.home().read(move |tx| policies::history(tx, company, before, most)).await?)
}

/// Changes the policy that somebody saw in version `base`. `item` picks what is changed out of a policy: another part may
/// move meanwhile, this one may not. `apply` changes a copy, or says what is wrong.
pub async fn change<T: PartialEq>(
    ctx: &Ctx,
    staff: &Staff,
    base: u64,
    item: impl Fn(&Policy) -> T,
    apply: impl Fn(&mut Policy) -> Result<Change, Errors>,
) -> Result<Changed, Problem> {
    let changed = change_with(ctx, staff, base, (item, apply), |_| Ok(true)).await?;
    changed.ok_or_else(|| GateError::Busy.into())
}

/// The same, with a row that is kept beside the policy and written in the same commit. Nothing is changed, and nothing told,
/// when `beside` says that the row is not as it was read.
pub async fn change_with<T: PartialEq>(
    ctx: &Ctx,
    staff: &Staff,
    base: u64,
    (item, apply): (impl Fn(&Policy) -> T, impl Fn(&mut Policy) -> Result<Change, Errors>),
    beside: impl Fn(&mut Tx<'_>) -> Result<bool, StoreError> + Clone + Send + 'static,
) -> Result<Option<Changed>, Problem> {
    let company = staff.company.id;
    for _ in 0..MOST_TRIES {
        let now = ctx.gate.reload_policy(company).await?;
        let version = now.policy.version;
        if version != base {
            let then = match ctx.gate.policy_at(company, base).await {
                Err(GateError::NoCompany) => {
                    return Err(Problem::bad_request("This form does not say what it is about."));
                }
                other => other?,
            };
            if item(&then) != item(&now.policy) {
                return Ok(Some(Changed::Meanwhile(meanwhile(ctx, staff, version).await?, version)));
            }
        }
        let mut policy = now.policy.clone();
        let change = match apply(&mut policy) {
            Ok(change) => change,
            Err(errors) => return Ok(Some(Changed::No(errors))),
        };
        let (beside, stands) = (beside.clone(), Arc::new(AtomicBool::new(true)));
        let told = stands.clone();
        let write = move |tx: &mut Tx<'_>| match beside(tx)? {
            true => Ok(()),
            false => {
                told.store(false, Ordering::Release);
                Err(StoreError::Moved)
            }
        };
        match ctx.gate.change_policy_with(policy, change, ctx.now(), write).await {
            Ok(_) => return Ok(Some(Changed::Yes)),
            Err(GateError::Store(StoreError::Moved)) if !stands.load(Ordering::Acquire) => return Ok(None),
            Err(GateError::Store(StoreError::Moved)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(GateError::Busy.into())
}

/// Writes down in the history what is kept beside the policy, in one commit with it; false when that is not as it was read.
/// The law stays as it is.
pub async fn noted(
    ctx: &Ctx,
    staff: &Staff,
    line: Change,
    beside: impl Fn(&mut Tx<'_>) -> Result<bool, StoreError> + Clone + Send + 'static,
) -> Result<bool, Problem> {
    let base = ctx.gate.reload_policy(staff.company.id).await?.policy.version;
    let apply = |_: &mut Policy| Ok(line.clone());
    Ok(change_with(ctx, staff, base, (|_: &Policy| (), apply), beside).await?.is_some())
}

/// What is said when nobody knows who it was: `while_writing("this field")`.
pub fn while_writing(what: &str) -> String {
    say!(
        "Somebody changed {this} while you were writing. Nothing of yours is lost: it stands below. Compare it with what \
         holds now, then save again.",
        this = say(what)
    )
}

/// Who made a version, as a sentence.
async fn meanwhile(ctx: &Ctx, staff: &Staff, version: u64) -> Result<String, Problem> {
    let company = staff.company.id;
    let read =
        move |tx: &mut Tx<'_>| assent_store::policies::history(tx, company, version.saturating_add(1), 1);
    let last = ctx.gate.home().read(read).await?.into_iter().next();
    let names = Names::read(ctx, staff).await?;
    let Some(line) = last else {
        return Ok(say("Somebody changed this, while you were writing. Nothing of yours is lost: it stands below. Compare \
             it with what holds now, then save again.")
        .into());
    };
    let who = line.change.by.map_or_else(|| say("The program").to_owned(), |id| names.of(id));
    Ok(say!(
        "{who} changed this on {day}, while you were writing. Nothing of yours is lost: it stands below. Compare it with \
         what holds now, then save again.",
        who = who,
        day = text::date_time(line.at.micros())
    ))
}

/// The names of the company's staff, and of its programs.
#[derive(Debug, Default)]
pub struct Names(Vec<(StaffId, String)>);

impl Names {
    /// Reads them.
    pub async fn read(ctx: &Ctx, staff: &Staff) -> Result<Self, Problem> {
        let company = staff.company.id;
        let read = move |tx: &mut Tx<'_>| Ok((access::staff(tx, company)?, callers::of(tx, company)?));
        let (staff, programs) = ctx.gate.home().read(read).await?;
        let staff = staff.into_iter().map(|one| (one.id, one.name));
        Ok(Self(staff.chain(programs.into_iter().map(|one| (one.id, program(&one.name)))).collect()))
    }
    /// Somebody's name.
    pub fn of(&self, id: StaffId) -> String {
        let found = self.0.iter().find(|(one, _)| *one == id);
        found.map_or_else(|| say("Somebody who has left").to_owned(), |(_, name)| name.clone())
    }
}

/// A notice as it was in an earlier version, if there is one.
pub async fn notice(ctx: &Ctx, staff: &Staff, id: NoticeId, version: u32) -> Result<Option<Notice>, Problem> {
    let company = staff.company.id;
    let body = ctx.gate.home().read(move |tx| policies::notice(tx, company, id, version)).await?;
    body.map(|body| serde_json::from_str(&body).map_err(|error| Problem::internal(&error))).transpose()
}

/// The versions that a notice has had.
pub async fn versions(ctx: &Ctx, staff: &Staff, id: NoticeId) -> Result<Vec<u32>, Problem> {
    let company = staff.company.id;
    Ok(ctx.gate.home().read(move |tx| policies::notice_versions(tx, company, id)).await?)
}

/// How many people say yes to a notice today.
pub async fn standing(ctx: &Ctx, staff: &Staff, notice: NoticeId) -> Result<u64, Problem> {
    let (company, at, mut all) = (staff.company.id, ctx.now(), 0u64);
    let policy = ctx.gate.policy(company).await?;
    let meant = (notice, policy.policy.oldest_valid.get(&notice).copied().unwrap_or_default());
    let regions: Vec<assent_kernel::Region> = ctx.gate.regions().cloned().collect();
    for region in regions {
        let count = ctx.gate.region_db(&region)?.read(move |tx| store::standing(tx, company, meant, at));
        all = all.saturating_add(count.await?);
    }
    Ok(all)
}
