//! Teams, and how far each role reaches: who works together, whose work a role sees and whose it changes.

use assent_kernel::{Role, StaffId};
use assent_store::reach::{self, Object, Rule, Scope, Team};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::you;
use super::act::{self, noted};
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::reach::ROLES;
use crate::session::{Fields, Posted, Staff, written_id};

/// The most teams of a company, and the longest key of one.
const MOST: usize = 200;
const LONGEST_KEY: usize = 40;

/// A team on the page of the staff; the last one is there to be made.
pub(super) struct Line {
    pub key: String,
    pub name: String,
    /// Id, name, whether they are in it.
    pub members: Vec<(String, String, bool)>,
}

/// The teams as lines of the page, with a blank one behind them.
pub(super) fn lines(teams: Vec<Team>, staff: &[(StaffId, String)]) -> Vec<Line> {
    let blank = Team { key: String::new(), name: String::new(), members: Vec::new() };
    let line = |team: Team| Line {
        members: staff
            .iter()
            .map(|(id, name)| (id.to_string(), name.clone(), team.members.contains(id)))
            .collect(),
        key: team.key,
        name: team.name,
    };
    teams.into_iter().chain([blank]).map(line).collect()
}

fn is_key(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.len() <= LONGEST_KEY && text.bytes().all(fine)
}

/// Makes a team, or changes it.
pub(super) async fn put(ctx: &Ctx, staff: &Staff, team: Team) -> Result<(), Problem> {
    let team = Team { name: act::clean(team.name.trim()), ..team };
    if team.name.is_empty() || !is_key(&team.key) {
        return Err(Problem::invalid(
            "A team has a name, and a key of at most 40 letters, digits, dashes and underlines.",
        ));
    }
    let company = staff.company.id;
    let there = ctx.gate.home().read(move |tx| reach::teams(tx, company)).await?;
    if there.len() >= MOST && !there.iter().any(|one| one.key == team.key) {
        return Err(Problem::invalid(format!("There are {MOST} teams here: no more can be made.")));
    }
    let what = format!("Team “{}”: {} in it.", team.name, team.members.len());
    let set = move |tx: &mut assent_store::Tx<'_>| reach::put_team(tx, company, &team);
    Ok(noted(ctx, staff, None, what, set).await?)
}

/// Takes a team apart.
pub(super) async fn drop(ctx: &Ctx, staff: &Staff, key: &str) -> Result<(), Problem> {
    let (company, key) = (staff.company.id, key.to_owned());
    let there = ctx.gate.home().read(move |tx| reach::teams(tx, company)).await?;
    let team = there.into_iter().find(|one| one.key == key);
    let team = team.ok_or_else(|| Problem::not_found("There is no team here by that key."))?;
    let what = format!("Team “{}” taken apart.", team.name);
    let set = move |tx: &mut assent_store::Tx<'_>| reach::drop_team(tx, company, &team.key).map(|_| ());
    Ok(noted(ctx, staff, None, what, set).await?)
}

/// How far every role reaches among everything: what was said, and all of it where nothing was.
///
/// # Errors
/// What the store said.
pub async fn reach_of_roles(ctx: &Ctx, staff: &Staff) -> Result<Vec<Rule>, Problem> {
    let company = staff.company.id;
    let said = ctx.gate.home().read(move |tx| reach::rules(tx, company)).await?;
    let rule = |role: Role, object: Object| {
        let known = said.iter().find(|one| one.role == role && one.object == object);
        known.copied().unwrap_or_else(|| Rule::new(role, object, Scope::All, Scope::All))
    };
    Ok(ROLES.iter().flat_map(|role| Object::ALL.map(|object| rule(*role, object))).collect())
}

/// Lays down how far roles reach; what stays as it was is not written down again.
///
/// # Errors
/// When it is not for whoever asks, or for a role whose reach is not laid down.
pub async fn set_reach(ctx: &Ctx, staff: &Staff, rules: Vec<Rule>) -> Result<(), Problem> {
    staff.must_be(act::MAY)?;
    if rules.iter().any(|rule| !ROLES.contains(&rule.role)) {
        return Err(Problem::invalid("That role always sees all: it has to answer the person."));
    }
    let before = reach_of_roles(ctx, staff).await?;
    let changed: Vec<Rule> = rules.into_iter().filter(|rule| !before.contains(rule)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let told = |rule: &Rule| {
        let (role, object) = (rule.role.label(), rule.object.key());
        format!("{role} sees {object}: {}, changes: {}", rule.see.key(), rule.change.key())
    };
    let what = format!("Laid down: {}.", changed.iter().map(told).collect::<Vec<_>>().join("; "));
    let company = staff.company.id;
    let set = move |tx: &mut assent_store::Tx<'_>| {
        changed.iter().try_for_each(|rule| reach::put(tx, company, *rule))
    };
    Ok(noted(ctx, staff, None, what, set).await?)
}

/// Makes a team of a form, or changes the one that the form names.
pub(super) async fn sent(
    State(ctx): State<Ctx>,
    Posted(staff, fields): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    put(&ctx, &staff, typed(&ctx, &fields)?).await?;
    Ok(Redirect::to(super::HERE).into_response())
}

fn typed(ctx: &Ctx, fields: &Fields) -> Result<Team, Problem> {
    let key = match fields.get("key") {
        "" => written_id(&you::id(ctx)?),
        key => key.to_owned(),
    };
    let members = fields.all("member").filter_map(|id| id.parse().ok()).collect();
    Ok(Team { key, name: fields.get("name").to_owned(), members })
}

/// Takes a team apart by its button.
pub(super) async fn dropped(
    State(ctx): State<Ctx>,
    Path(key): Path<String>,
    Posted(staff, _): Posted<Staff>,
) -> Result<Response, Problem> {
    staff.must_be(act::MAY)?;
    drop(&ctx, &staff, &key).await?;
    Ok(Redirect::to(super::HERE).into_response())
}
