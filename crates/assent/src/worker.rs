//! What happens without anybody asking: indexes and heads for the ledger, queued work, letters, keys that grow old.

use std::time::Duration;

use assent_kernel::Span;
use assent_store::{access, changes, farewell, once, outbox};
use assent_web::{Ctx, JobKind, Post};

use crate::smtp::{Smtp, Unsent};

/// The pause between rounds.
const ROUND: Duration = Duration::from_millis(200);
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

/// Runs until the process ends.
pub async fn run(ctx: Ctx) {
    tokio::spawn(remember(ctx.clone()));
    if let Post::Smtp { server, from } = ctx.settings.post.clone() {
        tokio::spawn(post(ctx.clone(), server, from));
    }
    for round in 0u32.. {
        chore("ledger", ctx.gate.integrate_all(ctx.now()).await.map_err(Into::into));
        chore("events", assent_uses::programs::carry(&ctx).await);
        chore("jobs", jobs(&ctx).await);
        if round % SLOW == 0 {
            chore("floor", ctx.gate.read_floors().await.map_err(Into::into));
        }
        // By a clock that is wrong by years, everything would be over.
        if round % SLOW == 0 && chore("clock", ctx.gate.clock_stands(ctx.now()).map_err(Into::into)) {
            chore("erasures", ctx.gate.finish_erasures(ctx.now()).await.map_err(Into::into));
            chore("deletions", assent_uses::desk::end_deletions(&ctx).await);
            chore(
                "told",
                assent_web::told::tell(&ctx).await.map_err(|problem| anyhow::anyhow!(problem.detail)),
            );
            chore("coming", ctx.gate.list_coming(ctx.now()).await.map(|_| ()).map_err(Into::into));
            chore("sweep", ctx.gate.sweep(ctx.now()).await.map(|_| ()).map_err(Into::into));
            chore("changes", changes(&ctx).await);
            chore("keys", ctx.gate.rotate_keys(ctx.now(), false).await.map(|_| ()).map_err(Into::into));
            chore("tidy", tidy(&ctx).await);
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// A chore that fails is said and tried again in the next round.
fn chore(name: &'static str, done: anyhow::Result<()>) -> bool {
    if let Err(error) = &done {
        tracing::warn!(chore = name, error = format!("{error:#}"), "will try again");
    }
    done.is_ok()
}

async fn tidy(ctx: &Ctx) -> anyhow::Result<()> {
    let at = ctx.now();
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
    Ok(())
}

async fn changes(ctx: &Ctx) -> anyhow::Result<()> {
    ctx.gate.drop_abandoned(ctx.now()).await?;
    for region in ctx.gate.regions() {
        ctx.gate.region_db(region)?.write(|tx| changes::prune(tx, CHANGES_KEPT)).await?;
    }
    Ok(())
}

async fn jobs(ctx: &Ctx) -> anyhow::Result<()> {
    for kind in ctx.rooms.iter().flat_map(|room| room.jobs()) {
        jobs_of(ctx, kind).await?;
    }
    Ok(())
}

async fn jobs_of(ctx: &Ctx, kind: &JobKind) -> anyhow::Result<()> {
    let (at, name) = (ctx.now(), kind.kind);
    let until = at.plus(LEASE);
    let due = ctx.gate.home().write(move |tx| outbox::claim(tx, name, at, until, 16)).await?;
    for job in due {
        let (id, tries) = (job.id, job.tries);
        let done = (kind.run)(ctx, &job.body, ctx.now()).await;
        let now = ctx.now();
        let write = match done {
            Ok(()) => ctx.gate.home().write(move |tx| outbox::done(tx, id, until, now)).await,
            Err(error) => {
                tracing::warn!(kind = job.kind, tries, error = format!("{error:#}"), "a job failed");
                let wait = if tries >= MOST_TRIES { Span::days(30) } else { backoff(tries) };
                let error = format!("{error:#}");
                ctx.gate.home().write(move |tx| outbox::later(tx, id, now.plus(wait), &error)).await
            }
        };
        write?;
    }
    Ok(())
}

fn backoff(tries: i64) -> Span {
    Span::minutes(1u32 << u32::try_from(tries.clamp(0, 10)).unwrap_or(10))
}

/// Hands letters over until the process ends: beside everything else, for a mail server that hangs must hold up no more.
async fn post(ctx: Ctx, server: String, from: String) {
    loop {
        chore("letters", letters(&ctx, &server, &from).await);
        tokio::time::sleep(ROUND).await;
    }
}

async fn letters(ctx: &Ctx, server: &str, from: &str) -> anyhow::Result<()> {
    let smtp = Smtp::new(server, from)?;
    for company in ctx.gate.companies().await? {
        for _ in 0..LETTERS {
            let Some(letter) = ctx.gate.claim_letter(company.id, ctx.now()).await? else { break };
            match smtp.send(&letter).await {
                Ok(()) => ctx.gate.sent(letter.id, None).await?,
                Err(Unsent::ForGood(why)) => {
                    tracing::warn!(why, "a letter is given up");
                    ctx.gate.sent(letter.id, Some(&why)).await?;
                }
                // It is tried again when the claim is over, and holds up no other until then.
                Err(Unsent::ForNow(why)) => tracing::warn!(why, "a letter waits"),
            }
        }
    }
    Ok(())
}
