//! Teams, and how far each role reaches: who works together, whose work a role sees and whose it changes.

use assent_kernel::{CompanyId, Role, StaffId};
use assent_store::reach::{self, Object, Rule, Scope, Team};
use assent_store::{StoreError, Tx, access};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};

use super::super::you;
use super::act;
use crate::catalogue::both;
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::reach::ROLES;
use crate::say;
use crate::session::{Fields, Posted, Staff, written_id};

/// The most teams of a company, and the longest key of one.
const MOST: usize = 200;
const LONGEST_KEY: usize = 40;

/// A team on the page of the staff; the last one is there to be made.
pub(super) struct Line {
    pub key: String,
    pub name: String,
    /// How it stood when the page was made; empty for a new one.
    pub tag: String,
    /// Id, name, whether they are in it.
    pub members: Vec<(String, String, bool)>,
}

/// The teams as lines of the page, with a blank one behind them. Whoever was shut out is named only where they are a member.
pub(super) fn lines(teams: Vec<Team>, staff: &[access::Staff]) -> Vec<Line> {
    let line = |team: Option<Team>| {
        let has = |id| team.as_ref().is_some_and(|team| team.members.contains(&id));
        let name = |one: &access::Staff| match one.disabled {
            true => say!("{name} (shut out)", name = one.name),
            false => one.name.clone(),
        };
        let offered = staff.iter().filter(|one| !one.disabled || has(one.id));
        Line {
            members: offered.map(|one| (one.id.to_string(), name(one), has(one.id))).collect(),
            tag: team.as_ref().map(tag_of).unwrap_or_default(),
            key: team.as_ref().map(|team| team.key.clone()).unwrap_or_default(),
            name: team.map(|team| team.name).unwrap_or_default(),
        }
    };
    teams.into_iter().map(Some).chain([None]).map(line).collect()
}

/// The tag of something laid down: whoever changes it says which they saw, so that nothing is undone unread.
fn tag(what: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(what.as_bytes()).into();
    digest.first_chunk().map(written_id).unwrap_or_default()
}

/// The tag of a team.
pub(super) fn tag_of(team: &Team) -> String {
    let mut members: Vec<String> = team.members.iter().map(ToString::to_string).collect();
    members.sort();
    tag(&format!("{}\n{}", team.name, members.join("\n")))
}

/// The tag of how far roles reach.
#[must_use]
pub fn tag_of_reach(rules: &[Rule]) -> String {
    let told = |rule: &Rule| {
        let (see, change) = (rule.see.key(), rule.change.key());
        format!("{} {} {see} {change}", rule.role.key(), rule.object.key())
    };
    tag(&rules.iter().map(told).collect::<Vec<_>>().join("\n"))
}

/// Who works with whom and whose work a role sees is laid down by a human who answers for it.
async fn must_lay_down(ctx: &Ctx, staff: &Staff) -> Result<(), Problem> {
    staff.must_be(act::MAY)?;
    act::human(ctx, staff).await.map(|_| ())
}

fn is_key(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.len() <= LONGEST_KEY && text.bytes().all(fine)
}

/// Makes a team, or changes the one that is as it was `seen` (an empty tag: that there was none; nothing: whatever it is).
pub(super) async fn put(ctx: &Ctx, staff: &Staff, team: Team, seen: Option<String>) -> Result<(), Problem> {
    must_lay_down(ctx, staff).await?;
    let team = Team { name: act::clean(team.name.trim()), ..team };
    if team.name.is_empty() || !is_key(&team.key) {
        return Err(Problem::invalid(
            "A team has a name, and a key of at most 40 letters, digits, dashes and underlines.",
        ));
    }
    let company = staff.company.id;
    let read = move |tx: &mut Tx<'_>| Ok((reach::teams(tx, company)?, access::staff(tx, company)?));
    let (there, colleagues) = ctx.gate.home().read(read).await?;
    if there.len() >= MOST && !there.iter().any(|one| one.key == team.key) {
        return Err(Problem::invalid(both(|| {
            say!("There are {n} teams here: no more can be made.", n = MOST)
        })));
    }
    if let Some(id) = team.members.iter().find(|id| !colleagues.iter().any(|one| one.id == **id)) {
        return Err(Problem::invalid(both(|| {
            say!("There is no colleague {id} here. Nothing was changed.", id = id)
        })));
    }
    let set = move |tx: &mut Tx<'_>| {
        let before = reach::teams(tx, company)?.into_iter().find(|one| one.key == team.key);
        if seen.as_ref().is_some_and(|seen| *seen != before.as_ref().map(tag_of).unwrap_or_default()) {
            return Err(StoreError::Moved);
        }
        reach::put_team(tx, company, &team)?;
        Ok(told(before.as_ref(), &team, &colleagues))
    };
    Ok(act::noting(ctx, staff, None, set).await?)
}

/// The names of these colleagues.
fn names<'a>(ids: impl Iterator<Item = &'a StaffId>, colleagues: &[access::Staff]) -> String {
    let name = |id: &StaffId| {
        let known = colleagues.iter().find(|one| one.id == *id);
        known.map_or_else(|| id.to_string(), |one| one.name.clone())
    };
    ids.map(name).collect::<Vec<_>>().join(", ")
}

/// What became of a team, in words; nothing when it stays as it was.
fn told(before: Option<&Team>, now: &Team, colleagues: &[access::Staff]) -> Option<String> {
    let Some(before) = before else {
        let with = names(now.members.iter(), colleagues);
        return Some(format!(
            "Team “{}” made, with: {}.",
            now.name,
            if with.is_empty() { "nobody" } else { &with }
        ));
    };
    let joined = names(now.members.iter().filter(|id| !before.members.contains(id)), colleagues);
    let left = names(before.members.iter().filter(|id| !now.members.contains(id)), colleagues);
    let mut parts = Vec::new();
    if before.name != now.name {
        parts.push(format!("is called “{}” from now on", now.name));
    }
    parts.extend((!joined.is_empty()).then(|| format!("joined: {joined}")));
    parts.extend((!left.is_empty()).then(|| format!("left: {left}")));
    (!parts.is_empty()).then(|| format!("Team “{}” {}.", before.name, parts.join("; ")))
}

/// Dissolves a team.
pub(super) async fn drop(ctx: &Ctx, staff: &Staff, key: &str) -> Result<(), Problem> {
    must_lay_down(ctx, staff).await?;
    let (company, key) = (staff.company.id, key.to_owned());
    let read = move |tx: &mut Tx<'_>| Ok((reach::teams(tx, company)?, access::staff(tx, company)?));
    let (there, colleagues) = ctx.gate.home().read(read).await?;
    if !there.iter().any(|one| one.key == key) {
        return Err(Problem::not_found("There is no team here by that key."));
    }
    let set = move |tx: &mut Tx<'_>| {
        let Some(team) = reach::teams(tx, company)?.into_iter().find(|one| one.key == key) else {
            return Ok(None);
        };
        reach::drop_team(tx, company, &key)?;
        let left = names(team.members.iter(), &colleagues);
        Ok(Some(format!(
            "Team “{}” dissolved; in it: {}.",
            team.name,
            if left.is_empty() { "nobody" } else { &left }
        )))
    };
    Ok(act::noting(ctx, staff, None, set).await?)
}

/// How far every role reaches among everything: what was said, and all of it where nothing was.
///
/// # Errors
/// What the store said.
pub async fn reach_of_roles(ctx: &Ctx, staff: &Staff) -> Result<Vec<Rule>, Problem> {
    let company = staff.company.id;
    Ok(ctx.gate.home().read(move |tx| standing(tx, company)).await?)
}

fn standing(tx: &mut Tx<'_>, company: CompanyId) -> Result<Vec<Rule>, StoreError> {
    let said = reach::rules(tx, company)?;
    let rule = |role: Role, object: Object| {
        let known = said.iter().find(|one| one.role == role && one.object == object);
        known.copied().unwrap_or_else(|| Rule::new(role, object, Scope::All, Scope::All))
    };
    Ok(ROLES.iter().flat_map(|role| Object::ALL.map(|object| rule(*role, object))).collect())
}

/// Lays down how far roles reach, when it is as it was `seen` (nothing: whatever it is); what stays as it was is not
/// written down again.
///
/// # Errors
/// When it is not for whoever asks, for a role whose reach is not laid down, or when somebody changed it meanwhile.
pub async fn set_reach(
    ctx: &Ctx,
    staff: &Staff,
    rules: Vec<Rule>,
    seen: Option<String>,
) -> Result<(), Problem> {
    must_lay_down(ctx, staff).await?;
    if rules.iter().any(|rule| !ROLES.contains(&rule.role)) {
        return Err(Problem::invalid("That role always sees all: it has to answer the person."));
    }
    if !rules.iter().all(Rule::holds) {
        return Err(Problem::invalid(
            "Every role sees people, at least its own; and a role that sees something changes at least its own.",
        ));
    }
    let company = staff.company.id;
    let set = move |tx: &mut Tx<'_>| {
        let before = standing(tx, company)?;
        if seen.as_ref().is_some_and(|seen| *seen != tag_of_reach(&before)) {
            return Err(StoreError::Moved);
        }
        let mut parts = Vec::new();
        for rule in rules.iter().filter(|rule| !before.contains(rule)) {
            let old = before.iter().find(|one| one.role == rule.role && one.object == rule.object);
            parts.extend(old.map(|old| narrowed(old, rule)));
            reach::put(tx, company, *rule)?;
        }
        Ok((!parts.is_empty()).then(|| format!("Laid down: {}.", parts.join("; "))))
    };
    Ok(act::noting(ctx, staff, None, set).await?)
}

/// A rule that changed, in words: what held, and what holds.
fn narrowed(old: &Rule, new: &Rule) -> String {
    let step = |from: Scope, to: Scope| match from == to {
        true => to.label().to_lowercase(),
        false => format!("{} → {}", from.label().to_lowercase(), to.label().to_lowercase()),
    };
    let (role, object) = (new.role.label(), new.object.label().to_lowercase());
    format!("{role} sees of {object}: {}, changes: {}", step(old.see, new.see), step(old.change, new.change))
}

/// Makes a team of a form, or changes the one that the form names.
pub(super) async fn sent(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    let (team, tag) = (typed(&ctx, &fields)?, fields.get("tag").to_owned());
    match put(&ctx, &staff, team, Some(tag)).await {
        Err(problem) if problem.status == StatusCode::CONFLICT => super::moved(&ctx, &staff).await,
        done => done.map(|()| Redirect::to(super::HERE).into_response()),
    }
}

fn typed(ctx: &Ctx, fields: &Fields) -> Result<Team, Problem> {
    let key = match fields.get("key") {
        "" => written_id(&you::id(ctx)?),
        key => key.to_owned(),
    };
    let members = fields.all("member").map(str::parse).collect::<Result<_, _>>();
    let members = members.map_err(|_| Problem::invalid("Somebody in the list is no colleague."))?;
    Ok(Team { key, name: fields.get("name").to_owned(), members })
}

/// Dissolves a team by its button.
pub(super) async fn dropped(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    drop(&ctx, &staff, &key).await?;
    Ok(Redirect::to(super::HERE).into_response())
}
