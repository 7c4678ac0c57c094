//! Carrying messages: from where something happened to whoever wants to be told, again and again until they say that they
//! have it, or until the last try.
//!
//! An event is written in the transaction of what happened. It becomes a message for each program, with an id that
//! follows from the event, so that carrying it twice makes one; then it is dropped. A try is claimed for a minute; a
//! process that ends half way is followed by another, and the receiver sees the same id again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use assent_kernel::{CompanyId, HookId, JobId, MentionId, Role, Span, StaffId, Timestamp, TreeKey as _};
use assent_store::work::activities::{self, Mention, Why};
use assent_store::{Db, Tx, access, events, outbox};
use assent_web::fetch::{Ask, FetchError};
use assent_web::{Ctx, JobKind, Running, signed};
use sha2::{Digest as _, Sha256};

use super::act::secret_place;
use super::model::{self, Delivery, Hook};
use super::store;

/// The kind of the job.
pub(super) const KIND: &str = "webhook";
/// How long a try is claimed.
const LEASE: Span = Span::minutes(1);
/// Events that are carried at once.
const BATCH: u32 = 200;
/// The most tries at a time.
const AT_ONCE: usize = 32;

/// The work that this room does later.
pub(super) const JOBS: &[JobKind] = &[JobKind { kind: KIND, run }];

static ROOM: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(AT_ONCE);

fn job_id(hook: HookId, id: &str, at: Timestamp) -> JobId {
    let digest = Sha256::digest(format!("{hook} {id} {}", at.micros()));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(slot, byte)| *slot = byte);
    JobId::from_bytes(bytes)
}

/// Queues a try.
pub(super) fn queue(tx: &mut Tx<'_>, hook: HookId, id: &str, at: Timestamp) -> assent_store::Result<()> {
    queue_as(tx, job_id(hook, id, at), hook, id, at)
}

/// Queues a try as a job of its own, whatever was queued for that moment before.
pub(super) fn queue_as(
    tx: &mut Tx<'_>,
    job: JobId,
    hook: HookId,
    id: &str,
    at: Timestamp,
) -> assent_store::Result<()> {
    outbox::add(tx, job, KIND, format!("{hook} {id}").as_bytes(), at)
}

/// Carries what happened to everybody who wants to be told.
///
/// # Errors
/// What the stores said; what is left is carried in the next round.
pub async fn carry(ctx: &Ctx) -> anyhow::Result<()> {
    carry_from(ctx, ctx.gate.home(), "home").await?;
    for region in ctx.gate.regions() {
        carry_from(ctx, ctx.gate.region_db(region)?, region.as_str()).await?;
    }
    Ok(())
}

async fn carry_from(ctx: &Ctx, from: &Db, name: &str) -> anyhow::Result<()> {
    let found = from.read(|tx| events::oldest(tx, BATCH)).await?;
    if found.is_empty() {
        return Ok(());
    }
    let done: Vec<i64> = found.iter().map(|event| event.ver).collect();
    let (name, now) = (name.to_owned(), ctx.now());
    let put = move |tx: &mut Tx<'_>| {
        let mut hooks: BTreeMap<CompanyId, Vec<Hook>> = BTreeMap::new();
        for event in &found {
            let mine = match hooks.entry(event.company) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(slot) => slot.insert(store::all(tx, event.company)?),
            };
            for hook in mine.iter() {
                if hook.off.is_none() && hook.events.contains(&event.kind) && hook.made_at <= event.at {
                    put_one(tx, hook.id, event, &name, now)?;
                }
            }
        }
        Ok(())
    };
    ctx.gate.home().write(put).await?;
    Ok(from.write(move |tx| events::drop(tx, &done)).await?)
}

fn put_one(
    tx: &mut Tx<'_>,
    hook: HookId,
    event: &events::Event,
    from: &str,
    now: Timestamp,
) -> assent_store::Result<()> {
    let digest = Sha256::digest(format!("{from} {} {} {}", event.ver, event.at.micros(), event.thing));
    let id: String = digest.iter().take(16).fold(String::from("msg_"), |id, byte| format!("{id}{byte:02x}"));
    let one = Delivery {
        hook,
        kind: event.kind,
        thing: event.thing.clone(),
        at: event.at,
        tries: 0,
        next_at: Some(now),
        tried_at: None,
        done_at: None,
        said: String::new(),
        id,
    };
    if store::put(tx, &one)? {
        queue(tx, hook, &one.id, now)?;
    }
    Ok(())
}

fn run<'a>(ctx: &'a Ctx, body: &'a [u8], at: Timestamp) -> Running<'a> {
    Box::pin(async move {
        let body = String::from_utf8_lossy(body).into_owned();
        let (hook, id) = body.split_once(' ').unwrap_or_default();
        let (hook, id): (HookId, String) = (hook.parse()?, id.to_owned());
        let Ok(room) = ROOM.try_acquire() else {
            let later = Timestamp::from_micros(at.micros().saturating_add(1_000_000));
            return Ok(ctx.gate.home().write(move |tx| queue(tx, hook, &id, later)).await?);
        };
        if let Some(one) = claim(ctx, hook, id, at).await? {
            // Whoever is slow to answer holds up nobody else.
            let ctx = ctx.clone();
            tokio::spawn(async move {
                let _room = room;
                if let Err(error) = attempt(&ctx, one).await {
                    tracing::warn!(%error, "a message could not be sent; it will be tried again");
                }
            });
        }
        Ok(())
    })
}

/// Claims a message that is due, and has somebody look after it should this process end.
pub(super) async fn claim(
    ctx: &Ctx,
    hook: HookId,
    id: String,
    at: Timestamp,
) -> anyhow::Result<Option<Delivery>> {
    let until = at.plus(LEASE);
    let write = move |tx: &mut Tx<'_>| {
        if !store::claim(tx, hook, &id, at, until)? {
            return Ok(None);
        }
        queue(tx, hook, &id, until)?;
        store::delivery(tx, hook, &id)
    };
    Ok(ctx.gate.home().write(write).await?)
}

/// One try.
pub(super) async fn attempt(ctx: &Ctx, one: Delivery) -> anyhow::Result<()> {
    let (id, now) = (one.hook, ctx.now());
    let Some(hook) = ctx.gate.home().read(move |tx| store::any(tx, id)).await? else { return Ok(()) };
    if hook.off.is_some() {
        let write = move |tx: &mut Tx<'_>| store::tried(tx, &one, None, None, "turned off");
        return Ok(ctx.gate.home().write(write).await?);
    }
    match send(ctx, &hook, &one, now).await? {
        Ok(()) => {
            let write = move |tx: &mut Tx<'_>| store::tried(tx, &one, None, Some(now), "taken");
            Ok(ctx.gate.home().write(write).await?)
        }
        Err(error) => failed(ctx, &hook, one, &error, now).await,
    }
}

async fn send(
    ctx: &Ctx,
    hook: &Hook,
    one: &Delivery,
    now: Timestamp,
) -> anyhow::Result<Result<(), FetchError>> {
    let (company, place) = (hook.company, secret_place(hook.id));
    let mut secrets = vec![ctx.gate.open_secret(company, &place, &hook.secret).await?];
    if let Some((old, _)) = hook.before.as_ref().filter(|(_, until)| now < *until) {
        secrets.push(ctx.gate.open_secret(company, &place, old).await?);
    }
    let body = one.body();
    let headers = signed::headers(&secrets, &one.id, now.micros() / 1_000_000, &body);
    let private = hook.private && ctx.settings.network.allows(&hook.url);
    Ok(match Ask::tell(&hook.url, private, body, headers) {
        Ok(ask) => ask.send().await.map(|_| ()),
        Err(error) => Err(error),
    })
}

/// Writes down why not, and when again; after the last try, or when the receiver says that it is gone, it is turned off.
async fn failed(
    ctx: &Ctx,
    hook: &Hook,
    one: Delivery,
    error: &FetchError,
    now: Timestamp,
) -> anyhow::Result<()> {
    let gone = matches!(error, FetchError::Status(_, 410));
    let tries = usize::try_from(one.tries).unwrap_or(0);
    let next = model::again(tries, now).filter(|_| !gone);
    let said: String = error.to_string().chars().take(300).collect();
    let (id, why) = (hook.id, said.clone());
    let write = move |tx: &mut Tx<'_>| {
        store::tried(tx, &one, next, None, &said)?;
        match next {
            Some(next) => queue(tx, id, &one.id, next).map(|()| false),
            None => store::off(tx, id, now, &why),
        }
    };
    if ctx.gate.home().write(write).await? {
        tell_admins(ctx, hook, now).await?;
    }
    Ok(())
}

/// A word in the inbox of every administrator.
async fn tell_admins(ctx: &Ctx, hook: &Hook, at: Timestamp) -> anyhow::Result<()> {
    let company = hook.company;
    let staff = ctx.gate.home().read(move |tx| access::staff(tx, company)).await?;
    let is_admin =
        |one: &access::Staff| one.roles.split(',').any(|role| Role::parse(role) == Some(Role::Admin));
    let home = ctx.gate.company(company).await?.region.clone();
    for admin in staff.into_iter().filter(|one| !one.disabled && is_admin(one)) {
        let word = Mention {
            id: ctx.gate.fresh(at, MentionId::new)?,
            made_by: StaffId::from_bytes([0; 16]),
            why: Why::Hook,
            href: format!("/programs/hooks/{}", hook.id),
            person: None,
            at,
            read_at: None,
        };
        let write = move |tx: &mut Tx<'_>| activities::mention(tx, company, admin.id, &word);
        ctx.gate.region_db(&home)?.write(write).await?;
    }
    Ok(())
}
