//! What happens without anybody asking: indexes and heads for the ledger, queued work, letters, keys that grow old.

use std::time::Duration;

use assent_kernel::{Span, Timestamp};
use assent_store::{access, changes, farewell, once, outbox};
use assent_web::{Ctx, JobKind, Post};
use tokio::sync::watch;

use crate::smtp::{Smtp, Unsent};

/// The pause between rounds.
const ROUND: Duration = Duration::from_millis(200);
/// The longest pause between tries of letters while something is wrong here.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Rounds between the slower chores: about every ten seconds.
const SLOW: u32 = 50;
/// Letters of a company that leave in one round.
const LETTERS: u32 = 20;
/// How long claimed work stays claimed.
const LEASE: Span = Span::minutes(10);
/// How often work is tried.
const MOST_TRIES: i64 = 12;

/// The most changes of terms that are kept for nodes that follow them; one that is further behind starts anew.
const CHANGES_KEPT: i64 = 1_000_000;
/// How many people are read before it is said how far the memory of terms has come.
const SAY_EVERY: u64 = 100_000;

/// Builds the memory of terms and follows what changes, until the process ends.
pub async fn remember(ctx: Ctx) {
    for region in ctx.gate.regions() {
        let (gate, region, clock) = (ctx.gate.clone(), region.clone(), ctx.clone());
        tokio::spawn(async move { gate.follow(region, move || clock.now()).await });
    }
    let companies = match ctx.gate.companies().await {
        Ok(companies) => companies,
        Err(error) => return tracing::warn!(%error, "no memory of terms"),
    };
    for company in companies {
        let progress = |done: u64, total: u64| {
            if done.is_multiple_of(SAY_EVERY) || (done == total && total >= SAY_EVERY) {
                tracing::info!(company = company.code, done, total, "remembering terms");
            }
        };
        while let Err(error) = ctx.gate.remember(company.id, ctx.now(), progress).await {
            tracing::warn!(company = company.code, %error, "no memory of terms yet; trying again");
            tokio::time::sleep(ROUND).await;
        }
    }
}

/// Works until it is told to end; what is at hand then is done first.
pub async fn run(ctx: Ctx, ending: watch::Receiver<bool>) {
    tokio::spawn(remember(ctx.clone()));
    let letters = post(ctx.clone(), ending.clone());
    let letters = tokio::spawn(letters);
    rounds(&ctx, ending).await;
    if let Err(error) = letters.await {
        tracing::error!(%error, "letters ended");
    }
}

/// Sees to it that whoever received something of somebody who was erased is told.
async fn told(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    assent_web::told::tell(ctx, at).await.map_err(|problem| anyhow::anyhow!(problem.detail))
}

/// Sleeps; true when it is time to end.
async fn pause(ending: &mut watch::Receiver<bool>, span: Duration) -> bool {
    // Whoever can tell being gone is the end, too.
    tokio::time::timeout(span, ending.wait_for(|end| *end)).await.is_ok()
}

async fn rounds(ctx: &Ctx, mut ending: watch::Receiver<bool>) {
    for round in 0u32.. {
        let (at, slow) = (ctx.now(), round.is_multiple_of(SLOW));
        chore("ledger", ctx.gate.integrate_all(at).await.map_err(Into::into));
        if slow {
            chore("floor", ctx.gate.read_floors().await.map_err(Into::into));
        }
        let stands = ctx.gate.clock_stands(at);
        if stands.is_ok() {
            chore("events", assent_uses::programs::carry(ctx, at).await);
            chore("jobs", jobs(ctx, at).await);
        }
        if slow && chore("clock", stands.map_err(Into::into)) {
            slow_chores(ctx).await;
        }
        if pause(&mut ending, ROUND).await {
            return;
        }
    }
}

/// By a clock that is wrong by years everything would be over, and what is put off would never be done. So each happens at
/// a time that was found right; and at its own, for the one before may have taken long.
async fn slow_chores(ctx: &Ctx) {
    due(ctx, "erasures", async |at| Ok(ctx.gate.finish_erasures(at).await?)).await;
    due(ctx, "deletions", async |at| assent_uses::desk::end_deletions(ctx, at).await).await;
    due(ctx, "words", async |at| assent_uses::tasks::write_letters(ctx, at).await).await;
    due(ctx, "told", async |at| told(ctx, at).await).await;
    due(ctx, "coming", async |at| Ok(ctx.gate.list_coming(at).await.map(|_| ())?)).await;
    due(ctx, "findable", async |_| Ok(ctx.gate.make_findable().await.map(|_| ())?)).await;
    due(ctx, "sweep", async |at| Ok(ctx.gate.sweep(at).await.map(|_| ())?)).await;
    due(ctx, "changes", async |at| changes(ctx, at).await).await;
    due(ctx, "keys", async |at| Ok(ctx.gate.rotate_keys(at, false).await.map(|_| ())?)).await;
    due(ctx, "tidy", async |at| tidy(ctx, at).await).await;
}

/// Does a chore at the time that it is.
async fn due(ctx: &Ctx, name: &'static str, work: impl AsyncFnOnce(Timestamp) -> anyhow::Result<()>) {
    let done = match ctx.right_now() {
        Ok(at) => work(at).await,
        Err(error) => Err(error.into()),
    };
    chore(name, done);
}

/// A chore that fails is said and tried again in the next round.
fn chore(name: &'static str, done: anyhow::Result<()>) -> bool {
    if let Err(error) = &done {
        tracing::warn!(chore = name, error = format!("{error:#}"), "will try again");
    }
    done.is_ok()
}

async fn tidy(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    ctx.gate
        .home()
        .write(move |tx| {
            access::tidy(tx, at, at.minus(Span::days(1)))?;
            assent_uses::programs::tidy(tx, at.minus(Span::days(30)))?;
            once::tidy(tx, at.minus(Span::days(1)))?;
            farewell::tidy(tx, at.minus(Span::days(30)))?;
            outbox::tidy(tx, at.minus(Span::days(7)))
        })
        .await?;
    Ok(ctx.gate.tidy_told(at).await?)
}

async fn changes(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    ctx.gate.drop_abandoned(at).await?;
    for region in ctx.gate.regions() {
        ctx.gate.region_db(region)?.write(|tx| changes::prune(tx, CHANGES_KEPT)).await?;
    }
    Ok(())
}

async fn jobs(ctx: &Ctx, at: Timestamp) -> anyhow::Result<()> {
    for kind in ctx.rooms.iter().flat_map(|room| room.jobs()) {
        jobs_of(ctx, kind, at).await?;
    }
    Ok(())
}

async fn jobs_of(ctx: &Ctx, kind: &JobKind, at: Timestamp) -> anyhow::Result<()> {
    let (name, until) = (kind.kind, at.plus(LEASE));
    let due = ctx.gate.home().write(move |tx| outbox::claim(tx, name, at, until, 16)).await?;
    for job in due {
        let (id, tries) = (job.id, job.tries);
        let done = (kind.run)(ctx, &job.body, at).await;
        let write = match done {
            Ok(()) => ctx.gate.home().write(move |tx| outbox::done(tx, id, until, at)).await,
            Err(error) => {
                tracing::warn!(kind = job.kind, tries, error = format!("{error:#}"), "a job failed");
                let wait = if tries >= MOST_TRIES { Span::days(30) } else { backoff(tries) };
                let error = format!("{error:#}");
                ctx.gate.home().write(move |tx| outbox::later(tx, id, at.plus(wait), &error)).await
            }
        };
        write?;
    }
    Ok(())
}

fn backoff(tries: i64) -> Span {
    Span::minutes(1u32 << u32::try_from(tries.clamp(0, 10)).unwrap_or(10))
}

/// Hands letters over until it is time to end: beside everything else, for a mail server that hangs must hold up no more.
async fn post(ctx: Ctx, mut ending: watch::Receiver<bool>) {
    let Post::Smtp { server, from } = ctx.settings.post.clone() else { return };
    let mut wait = ROUND;
    loop {
        let (ctx, server, from, told) = (ctx.clone(), server.clone(), from.clone(), ending.clone());
        // A task of its own: what goes wrong in it is said, and ends no other letter.
        let done = tokio::spawn(async move { letters(&ctx, &server, &from, &told).await }).await;
        let well = chore("letters", done.map_err(Into::into).and_then(|done| done));
        wait = if well { ROUND } else { wait.saturating_mul(2).min(LONGEST_WAIT) };
        if pause(&mut ending, wait).await {
            return;
        }
    }
}

async fn letters(ctx: &Ctx, server: &str, from: &str, ending: &watch::Receiver<bool>) -> anyhow::Result<()> {
    let smtp = Smtp::new(server, from)?;
    for company in ctx.gate.companies().await? {
        for _ in 0..LETTERS {
            if *ending.borrow() {
                return Ok(());
            }
            let at = ctx.now();
            let Some(letter) = ctx.gate.claim_letter(company.id, at).await? else { break };
            match smtp.send(&letter).await {
                Ok(()) => ctx.gate.sent(letter.id, None).await?,
                Err(Unsent::ForGood(why)) => {
                    tracing::warn!(why, "a letter is given up");
                    ctx.gate.sent(letter.id, Some(&why)).await?;
                }
                Err(Unsent::ForNow(why)) => {
                    tracing::warn!(why, tries = letter.tries, "a letter waits");
                    ctx.gate.not_now(&letter, at).await?;
                }
            }
        }
    }
    Ok(())
}
