//! Carrying messages: from where something happened to whoever wants to be told, again and again until they say that they
//! have it, or until the last try.
//!
//! An event is written in the transaction of what happened. It becomes a message for each program, with an id that
//! follows from the event, so that carrying it twice makes one; then it is dropped. A try is claimed for a minute; a
//! process that ends half way is followed by another, and the receiver sees the same id again.
//!
//! However many messages wait for a receiver, they are one job, and few of them are under way at a time: whoever does
//! not answer holds up nobody else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use assent_kernel::{CompanyId, HookId, JobId, MentionId, Role, Span, StaffId, Timestamp, TreeKey as _};
use assent_store::work::mentions::{self, Mention, Why};
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
/// The most tries at a time, and the most to one receiver.
const AT_ONCE: usize = 128;
const TO_ONE: usize = 3;
/// The pause, in microseconds, before somebody looks again after a receiver to whom enough is under way.
const PAUSE: i64 = 1_000_000;

/// The work that this room does later.
pub(super) const JOBS: &[JobKind] = &[JobKind { kind: KIND, run }];

/// What is under way: in all, to each receiver, for each company.
struct UnderWay {
    all: usize,
    hooks: BTreeMap<HookId, usize>,
    companies: BTreeMap<CompanyId, usize>,
}

static UNDER_WAY: Mutex<UnderWay> =
    Mutex::new(UnderWay { all: 0, hooks: BTreeMap::new(), companies: BTreeMap::new() });

/// One try under way.
struct Place {
    hook: HookId,
    company: CompanyId,
}

impl Place {
    /// A place, when there is one. The more a company has, the more must be left for others: some always is.
    fn take(hook: HookId, company: CompanyId) -> Option<Self> {
        let mut now = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        let left = AT_ONCE.saturating_sub(now.all);
        let of_hook = now.hooks.get(&hook).copied().unwrap_or(0);
        let of_company = now.companies.get(&company).copied().unwrap_or(0);
        if left == 0 || of_hook >= TO_ONE || of_company.saturating_mul(4) > left {
            return None;
        }
        now.all = now.all.saturating_add(1);
        now.hooks.insert(hook, of_hook.saturating_add(1));
        now.companies.insert(company, of_company.saturating_add(1));
        Some(Self { hook, company })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fn less<K: Ord + Copy>(map: &mut BTreeMap<K, usize>, key: K) {
            if let Entry::Occupied(mut slot) = map.entry(key) {
                let left = slot.get().saturating_sub(1);
                if left == 0 {
                    slot.remove();
                } else {
                    slot.insert(left);
                }
            }
        }
        let mut now = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        now.all = now.all.saturating_sub(1);
        less(&mut now.hooks, self.hook);
        less(&mut now.companies, self.company);
    }
}

/// The one job of a receiver.
fn job_of(hook: HookId) -> JobId {
    JobId::from_bytes(hook.to_bytes())
}

/// Has somebody look after a receiver's messages by then.
pub(super) fn queue(tx: &mut Tx<'_>, hook: HookId, at: Timestamp) -> assent_store::Result<()> {
    outbox::wake(tx, job_of(hook), KIND, hook.to_string().as_bytes(), at)
}

/// Carries what happened to everybody who wants to be told.
///
/// # Errors
/// What the stores said; what is left is carried in the next round.
pub async fn carry(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    carry_from(ctx, ctx.gate.home(), "home", at).await?;
    for region in ctx.gate.regions() {
        carry_from(ctx, ctx.gate.region_db(region)?, region.as_str(), at).await?;
    }
    Ok(())
}

async fn carry_from(ctx: &Ctx, from: &Db, name: &str, at: Timestamp) -> anyhow::Result<()> {
    let found = from.read(|tx| events::oldest(tx, BATCH)).await?;
    if found.is_empty() {
        return Ok(());
    }
    let done: Vec<i64> = found.iter().map(|event| event.ver).collect();
    let name = name.to_owned();
    let put = move |tx: &mut Tx<'_>| {
        let mut hooks: BTreeMap<CompanyId, Vec<Hook>> = BTreeMap::new();
        for event in &found {
            let mine = match hooks.entry(event.company) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(slot) => slot.insert(store::all(tx, event.company)?),
            };
            for hook in mine.iter() {
                if hook.off.is_none() && hook.events.contains(&event.kind) && hook.made_at <= event.at {
                    put_one(tx, hook.id, event, &name, at)?;
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
        queue(tx, hook, now)?;
    }
    Ok(())
}

fn run<'a>(ctx: &'a Ctx, body: &'a [u8], at: Timestamp) -> Running<'a> {
    Box::pin(async move {
        let hook: HookId = String::from_utf8_lossy(body).parse()?;
        let Some(known) = ctx.gate.home().read(move |tx| store::any(tx, hook)).await? else { return Ok(()) };
        let place = || Place::take(hook, known.company);
        let places: Vec<Place> = std::iter::from_fn(place).take(TO_ONE).collect();
        let due = take(ctx, hook, at, places.len()).await?;
        for (one, place) in due.into_iter().zip(places) {
            // Whoever is slow to answer holds up nobody else.
            let ctx = ctx.clone();
            tokio::spawn(async move {
                let _place = place;
                if let Err(error) = one_after_another(&ctx, one).await {
                    tracing::warn!(%error, "a message could not be sent; it will be tried again");
                }
            });
        }
        Ok(())
    })
}

/// Claims messages that are due, at most so many; has somebody look after the others in time, and after these should this
/// process end.
pub(super) async fn take(
    ctx: &Ctx,
    hook: HookId,
    at: Timestamp,
    most: usize,
) -> anyhow::Result<Vec<Delivery>> {
    let until = at.plus(LEASE);
    let write = move |tx: &mut Tx<'_>| {
        outbox::hold(tx, job_of(hook))?;
        let mut out = Vec::new();
        for id in store::due(tx, hook, at, most)? {
            if store::claim(tx, hook, &id, at, until)? {
                out.extend(store::delivery(tx, hook, &id)?);
            }
        }
        let soon = Timestamp::from_micros(at.micros().saturating_add(PAUSE));
        let next = if out.len() < most { store::next(tx, hook, at)? } else { Some(soon) };
        match next {
            Some(next) => outbox::put_off(tx, job_of(hook), next.max(soon)).map(|()| out),
            None => Ok(out),
        }
    };
    Ok(ctx.gate.home().write(write).await?)
}

/// Goes on as long as the receiver takes what it is told; whoever does not gives its place back.
async fn one_after_another(ctx: &Ctx, one: Delivery) -> anyhow::Result<()> {
    let (hook, mut next) = (one.hook, Some(one));
    while let Some(one) = next {
        if !attempt(ctx, one).await? {
            return Ok(());
        }
        next = take(ctx, hook, ctx.right_now()?, 1).await?.pop();
    }
    Ok(())
}

/// One try; true when the receiver took it.
pub(super) async fn attempt(ctx: &Ctx, one: Delivery) -> anyhow::Result<bool> {
    let (id, now) = (one.hook, ctx.right_now()?);
    let Some(hook) = ctx.gate.home().read(move |tx| store::any(tx, id)).await? else { return Ok(false) };
    if hook.off.is_some() {
        let write = move |tx: &mut Tx<'_>| store::tried(tx, &one, None, None, "turned off");
        return Ok(ctx.gate.home().write(write).await.map(|()| false)?);
    }
    match send(ctx, &hook, &one, now).await? {
        Ok(()) => {
            let write = move |tx: &mut Tx<'_>| store::tried(tx, &one, None, Some(now), "taken");
            Ok(ctx.gate.home().write(write).await.map(|()| true)?)
        }
        Err(error) => failed(ctx, &hook, one, &error, now).await.map(|()| false),
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
            Some(next) => queue(tx, id, next).map(|()| false),
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
        let write = move |tx: &mut Tx<'_>| mentions::add(tx, company, admin.id, &word);
        ctx.gate.region_db(&home)?.write(write).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_every_place() {
        let company = |n: u8| CompanyId::from_bytes([n; 16]);
        let hook = |n: u8, m: u8| HookId::from_bytes([n, m, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut taken = Vec::new();
        // Ten companies with fifty receivers each take all they get.
        for n in 1..=10 {
            for m in 0..50 {
                let one: Vec<Place> = std::iter::from_fn(|| Place::take(hook(n, m), company(n))).collect();
                assert!(one.len() <= TO_ONE);
                taken.extend(one);
            }
        }
        assert!(taken.len() > AT_ONCE / 2, "{}", taken.len());
        let another = Place::take(hook(99, 0), company(99));
        assert!(another.is_some(), "there is a place for whoever has none");
        drop((taken, another));
        let now = UNDER_WAY.lock().unwrap();
        assert!(now.all == 0 && now.hooks.is_empty() && now.companies.is_empty());
    }
}
