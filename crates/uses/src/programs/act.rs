//! Verbs: keys made and ended; places to be told at made, changed, turned on and off, removed; messages sent again.

use assent_kernel::{HookId, PurposeKey, Role, Span, StaffId};
use assent_store::callers::{self, Caller, Known};
use assent_store::events::Kind;
use assent_store::{StoreError, Tx};
use assent_web::catalogue::both;
use assent_web::door::noted;
use assent_web::fetch::Ask;
use assent_web::{Ctx, Problem, Staff, say, session, signed, text};

use super::deliver;
use super::model::{Delivery, Hook, MOST, OVERLAP};
use super::store;

/// Where a secret belongs: elsewhere it does not open.
pub fn secret_place(id: HookId) -> String {
    format!("hook/{id}")
}

/// Nothing by that id: never was, another company's, or no id at all.
pub fn nowhere() -> Problem {
    Problem::not_found("There is no webhook here by that id.")
}

/// Reads an id of an address; what is none leads nowhere.
pub fn id(text: &str) -> Result<HookId, Problem> {
    text.parse().map_err(|_| nowhere())
}

/// The company's keys, the oldest first; each with whether whoever made it may still do what it does.
pub async fn keys(ctx: &Ctx, staff: &Staff) -> Result<Vec<Known>, Problem> {
    let company = staff.company.id;
    let read = move |tx: &mut Tx<'_>| {
        let all = callers::of(tx, company)?;
        all.into_iter().map(|caller| callers::known(tx, caller)).collect()
    };
    Ok(ctx.gate.home().read(read).await?)
}

/// Makes a key; tells it, once.
pub async fn make_key(
    ctx: &Ctx,
    staff: &Staff,
    name: String,
    role: Role,
    purpose: Option<PurposeKey>,
    lasts: Span,
) -> Result<String, Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let (token, id) = (ctx.gate.secret()?, ctx.gate.fresh(now, StaffId::new)?);
    let until = now.plus(lasts);
    let made_by = Some(staff.id);
    let caller = Caller { id, company, name, role, purpose, created_at: now, until, ended_at: None, made_by };
    let digest = session::digest(&token);
    let what = format!("A key was made, to work as {} until {}.", role.key(), text::date_en(until.micros()));
    noted(ctx, staff, Some(id), what, move |tx| callers::add(tx, &digest, &caller)).await?;
    Ok(session::key_of(&token))
}

/// Ends a key; every node refuses it within a second.
pub async fn end_key(ctx: &Ctx, staff: &Staff, id: StaffId) -> Result<(), Problem> {
    let (company, now) = (staff.company.id, ctx.now());
    let end = move |tx: &mut Tx<'_>| {
        if callers::end(tx, company, id, now)? { Ok(()) } else { Err(StoreError::Moved) }
    };
    match noted(ctx, staff, Some(id), "The key was ended.".into(), end).await {
        Err(StoreError::Moved) => Err(Problem::not_found("There is no key here by that id.")),
        other => Ok(other?),
    }
}

/// Everywhere that programs listen.
pub async fn all(ctx: &Ctx, staff: &Staff) -> Result<Vec<Hook>, Problem> {
    let company = staff.company.id;
    Ok(ctx.gate.home().read(move |tx| store::all(tx, company)).await?)
}

/// One place.
pub async fn one(ctx: &Ctx, staff: &Staff, id: HookId) -> Result<Hook, Problem> {
    let company = staff.company.id;
    ctx.gate.home().read(move |tx| store::one(tx, company, id)).await?.ok_or_else(nowhere)
}

/// What is wrong with an address; empty when nothing is.
pub fn wrong(ctx: &Ctx, url: &str, private: bool) -> String {
    if private && !ctx.settings.network.allows(url) {
        return "a private address takes the word of whoever runs this installation, too (private_hosts)"
            .into();
    }
    Ask::get(url, private).map_or_else(|error| error.to_string(), |_| String::new())
}

/// Makes a place; tells its secret, once.
pub async fn make(
    ctx: &Ctx,
    staff: &Staff,
    url: String,
    events: Vec<Kind>,
    private: bool,
) -> Result<(HookId, String), Problem> {
    if all(ctx, staff).await?.len() >= MOST {
        return Err(Problem::invalid(both(|| {
            say!("There are {n} webhooks already. Remove one first.", n = MOST)
        })));
    }
    let (now, secret) = (ctx.now(), ctx.gate.secret()?);
    let (id, company) = (ctx.gate.fresh(now, HookId::new)?, staff.company.id);
    let sealed = ctx.gate.seal_secret(company, &secret_place(id), &secret).await?;
    let hook = Hook {
        id,
        company,
        url,
        events,
        private,
        secret: sealed,
        before: None,
        made_at: now,
        off: None,
        ver: 1,
    };
    ctx.gate.home().write(move |tx| store::add(tx, &hook)).await?;
    Ok((id, signed::written(&secret)))
}

/// Changes a place that is as it was read.
pub async fn change(ctx: &Ctx, hook: Hook) -> Result<(), Problem> {
    let write =
        move |tx: &mut Tx<'_>| if store::change(tx, &hook)? { Ok(()) } else { Err(StoreError::Moved) };
    Ok(ctx.gate.home().write(write).await?)
}

/// Gives a place another secret; the old one signs, too, for a day.
pub async fn rotate(ctx: &Ctx, hook: Hook) -> Result<String, Problem> {
    let secret = ctx.gate.secret()?;
    let sealed = ctx.gate.seal_secret(hook.company, &secret_place(hook.id), &secret).await?;
    let before = Some((hook.secret.clone(), ctx.now().plus(OVERLAP)));
    change(ctx, Hook { secret: sealed, before, ..hook }).await?;
    Ok(signed::written(&secret))
}

/// Removes a place that is as it was read.
pub async fn remove(ctx: &Ctx, hook: &Hook) -> Result<(), Problem> {
    let seen = (hook.id, hook.ver);
    let write = move |tx: &mut Tx<'_>| if store::remove(tx, seen)? { Ok(()) } else { Err(StoreError::Moved) };
    Ok(ctx.gate.home().write(write).await?)
}

/// What was told there, newest first.
pub async fn deliveries(ctx: &Ctx, hook: &Hook) -> Result<Vec<Delivery>, Problem> {
    let id = hook.id;
    Ok(ctx.gate.home().read(move |tx| store::deliveries(tx, id)).await?)
}

/// Sends a message again that is over.
pub async fn again(ctx: &Ctx, hook: &Hook, message: &str) -> Result<(), Problem> {
    if hook.off.is_some() {
        return Err(Problem::invalid("The webhook is off. Turn it on first."));
    }
    let (id, message, now) = (hook.id, message.to_owned(), ctx.now());
    let write = move |tx: &mut Tx<'_>| {
        if store::delivery(tx, id, &message)?.is_none() {
            return Ok(None);
        }
        let begun = store::again(tx, id, &message, now)?;
        if begun {
            deliver::queue(tx, id, now)?;
        }
        Ok(Some(begun))
    };
    match ctx.gate.home().write(write).await? {
        Some(true) => Ok(()),
        Some(false) => Err(Problem::conflict("It is still being sent.")),
        None => Err(nowhere()),
    }
}
