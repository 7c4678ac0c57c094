//! Verbs: invite, give roles, shut out and let in, give a new link. Each is written down in the same transaction.

use assent_kernel::{Role, StaffId};
use assent_store::access::{self, Door, StaffAct};
use assent_store::{StoreError, callers, factors};

use super::super::{INVITATION, you};
use crate::api::mark;
use crate::ctx::Ctx;
use crate::problem::Problem;
use crate::session::{self, Staff};

/// Who may.
pub(super) const MAY: &[Role] = &[Role::Admin];

/// A name or an address as it is kept.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// The roles that are named, in order and each once, as they are kept.
pub(super) fn chosen<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let keys: Vec<&str> = keys.collect();
    let named = |role: &&Role| keys.contains(&role.key());
    Role::WORN.iter().filter(named).map(|role| role.key()).collect::<Vec<_>>().join(",")
}

/// Does something to an account, to a key, or to the ways in, and writes it down in the same transaction.
///
/// # Errors
/// What the work or the engine said.
pub async fn noted(
    ctx: &Ctx,
    staff: &Staff,
    who: Option<StaffId>,
    what: String,
    work: impl Fn(&mut assent_store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), StoreError> {
    let told = move |tx: &mut assent_store::Tx<'_>| work(tx).map(|()| Some(what.clone()));
    noting(ctx, staff, who, told).await
}

/// The same when only the work can tell what it did: nothing is written down where it did nothing.
pub(super) async fn noting(
    ctx: &Ctx,
    staff: &Staff,
    who: Option<StaffId>,
    work: impl Fn(&mut assent_store::Tx<'_>) -> Result<Option<String>, StoreError> + Send + 'static,
) -> Result<(), StoreError> {
    let (company, id) =
        (staff.company.id, you::id(ctx).map_err(|_| StoreError::Damaged("random bytes".into()))?);
    let (at, by) = (ctx.now(), staff.id);
    let both = move |tx: &mut assent_store::Tx<'_>| match work(tx)? {
        Some(what) => access::note_act(tx, company, id, &StaffAct { at, by, who, what }),
        None => Ok(()),
    };
    ctx.gate.home().write(both).await
}

/// A link that works once: what to store, and the words for whoever hands it on.
fn new_link(ctx: &Ctx) -> Result<([u8; 32], String), Problem> {
    let token = ctx.gate.secret()?;
    Ok((session::digest(&token), format!("{}/invite/{}", ctx.settings.base_url, session::written(&token))))
}

/// Those who lay down law and who may.
const LAW: [Role; 2] = [Role::Admin, Role::Dpo];

/// A human chooses who lays down law: no program makes anybody an administrator or a data protection officer, nor lets one in again,
/// or one human and a key would be two people.
fn law_by_humans(staff: &Staff, before: &str, after: &str) -> Result<(), Problem> {
    let has = |roles: &str, role: Role| roles.split(',').any(|key| key == role.key());
    match LAW.into_iter().find(|role| has(after, *role) && !has(before, *role)) {
        Some(role) if staff.is_program() => Err(Problem::forbidden(format!(
            "No key makes anybody {}: an administrator does it, on the page “Staff”.",
            role.label()
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Invites somebody; tells who it is and the link, once. Otherwise what is wrong.
pub(super) async fn invite(
    ctx: &Ctx,
    staff: &Staff,
    (name, email, roles): (String, String, String),
) -> Result<Result<(StaffId, String), &'static str>, Problem> {
    let email = email.to_lowercase();
    let address = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    if name.is_empty() || !address {
        return Ok(Err("Say who it is, and a whole e-mail address."));
    }
    if roles.is_empty() {
        return Ok(Err("Choose at least one role."));
    }
    law_by_humans(staff, "", &roles)?;
    let (at, company) = (ctx.right_now()?, staff.company.id);
    let id = ctx.gate.fresh(at, StaffId::new)?;
    let what = format!("Invited, to work as {roles}.");
    let row = access::Staff { id, company, email, name, roles, password: None, disabled: false };
    let (digest, link) = new_link(ctx)?;
    let add = move |tx: &mut assent_store::Tx<'_>| {
        access::add_staff(tx, &row, at)?;
        access::add_link(tx, &digest, company, Door::Invite, &id.to_bytes(), at, at.plus(INVITATION))
    };
    match noted(ctx, staff, Some(id), what, add).await {
        Ok(()) => Ok(Ok((id, link))),
        Err(StoreError::Conflict(_)) => Ok(Err("Somebody here has that address already.")),
        Err(error) => Err(error.into()),
    }
}

/// One of this company's staff.
pub(super) async fn found(ctx: &Ctx, staff: &Staff, id: &str) -> Result<access::Staff, Problem> {
    let nobody = || Problem::not_found("There is nobody here by that id.");
    let id: StaffId = id.parse().map_err(|_| nobody())?;
    let row = ctx.gate.home().read(move |tx| access::staff_by_id(tx, id)).await?;
    row.filter(|row| row.company == staff.company.id).ok_or_else(nobody)
}

/// What somebody works as and whether they come in, in a few letters: others after every change of it.
pub(super) fn tag_of(one: &access::Staff) -> String {
    mark(&format!("{} {} {}", one.id, one.roles, one.disabled))
}

/// Refuses what was decided by looking at somebody who was changed meanwhile, and holds them until the change is through.
fn as_seen(tx: &mut assent_store::Tx<'_>, seen: &access::Staff) -> Result<(), StoreError> {
    let now = access::hold_staff(tx, seen.id)?;
    let same = now.is_some_and(|now| (now.roles, now.disabled) == (seen.roles.clone(), seen.disabled));
    if same { Ok(()) } else { Err(StoreError::Moved) }
}

/// The human who answers for whoever is here.
pub(super) async fn human(ctx: &Ctx, staff: &Staff) -> Result<StaffId, Problem> {
    let (company, id) = (staff.company.id, staff.id);
    let human = ctx.gate.home().read(move |tx| callers::answers(tx, company, id)).await?;
    human.ok_or_else(|| {
        Problem::forbidden(
            "A key that was made on the command line is nobody's: an administrator has to do it, or a key of theirs.",
        )
    })
}

/// Nobody takes the key out of their own hand, nor lets a program of theirs do it: somebody must be left who can give it back.
async fn not_oneself(ctx: &Ctx, staff: &Staff, other: &access::Staff) -> Result<(), Problem> {
    if human(ctx, staff).await? == other.id {
        return Err(Problem::invalid("That is you. Another administrator has to do it."));
    }
    Ok(())
}

/// Gives somebody other roles.
pub(super) async fn set_roles(
    ctx: &Ctx,
    staff: &Staff,
    other: access::Staff,
    roles: String,
) -> Result<(), Problem> {
    if roles.is_empty() {
        return Err(Problem::invalid(
            "At least one role. Somebody who should not come in any more is shut out instead.",
        ));
    }
    law_by_humans(staff, &other.roles, &roles)?;
    if staff.is_program() || !roles.split(',').any(|key| key == Role::Admin.key()) {
        not_oneself(ctx, staff, &other).await?;
    }
    let (company, who, at) = (staff.company.id, other.id, ctx.now());
    let what = format!("Works as {roles} from now on; before, as {}.", other.roles);
    let set = move |tx: &mut assent_store::Tx<'_>| {
        as_seen(tx, &other)?;
        access::set_roles(tx, company, who, &roles, at)
    };
    Ok(noted(ctx, staff, Some(who), what, set).await?)
}

/// Shuts somebody out, or lets them in again.
pub(super) async fn set_door(
    ctx: &Ctx,
    staff: &Staff,
    other: access::Staff,
    shut: bool,
) -> Result<(), Problem> {
    not_oneself(ctx, staff, &other).await?;
    if !shut {
        law_by_humans(staff, "", &other.roles)?;
    }
    let (company, who, since) = (staff.company.id, other.id, shut.then(|| ctx.now()));
    let what = if shut { "Shut out." } else { "Let in again." };
    let set = move |tx: &mut assent_store::Tx<'_>| {
        as_seen(tx, &other)?;
        access::set_disabled(tx, company, who, since)
    };
    Ok(noted(ctx, staff, Some(who), what.into(), set).await?)
}

/// A new link for whoever has lost password, phone and device: what they had counts no more. Tells their name and the link.
pub(super) async fn new_way(ctx: &Ctx, staff: &Staff, id: &str) -> Result<(String, String), Problem> {
    let other = found(ctx, staff, id).await?;
    not_oneself(ctx, staff, &other).await?;
    let (who, company, at) = (other.id, staff.company.id, ctx.right_now()?);
    let (digest, link) = new_link(ctx)?;
    let anew = move |tx: &mut assent_store::Tx<'_>| {
        factors::remove_all(tx, who)?;
        access::set_password(tx, who, None, at)?;
        access::add_link(tx, &digest, company, Door::Invite, &who.to_bytes(), at, at.plus(INVITATION))
    };
    noted(ctx, staff, Some(who), "Given a new link; every way in from before is gone.".into(), anew).await?;
    Ok((other.name, link))
}
