//! Imports at work: claimed by one node at a time, taken up again by any, stopped and undone by a person.
//!
//! A node holds an import by a claim that runs out after a minute and is renewed with every batch; what it writes counts
//! only while the claim is its own. A row that is admitted twice comes in once, because its person's id follows from
//! import and row; so a batch may be repeated, and the numbers count it when it is written down as done.

use assent_gate::{GateError, Whose};
use assent_kernel::{ImportId, JobId, Span, Timestamp};
use assent_store::{events, outbox};
use assent_web::{Ctx, JobKind, Running};

use super::engine::{Engine, Failure, Step};
use super::files::{self, Files};
use super::model::{Counts, Import, State, Within};
use super::plan::Plan;
use super::store;

/// How long a node has an import without saying so again.
const LEASE: Span = Span::minutes(1);
/// The same of a command, in microseconds: whoever runs one again that was killed waits for no longer.
const LEASE_OF_COMMAND: i64 = 15_000_000;
/// When somebody looks whether an import lost its node.
const WATCH: Span = Span::minutes(2);
/// How long files of an import are kept: uploads that never began, rejected rows.
pub(super) const KEPT: Span = Span::days(30);
/// The kind of the job that watches imports.
const KIND: &str = "import";

/// The work that this room does later.
pub(super) const JOBS: &[JobKind] = &[JobKind { kind: KIND, run: watch }];

/// Queues a look at an import.
pub(super) async fn look_later(ctx: &Ctx, import: ImportId, at: Timestamp) -> Result<(), GateError> {
    let job = ctx.gate.fresh(ctx.now(), JobId::new)?;
    let body = import.to_string().into_bytes();
    Ok(ctx.gate.home().write(move |tx| outbox::add(tx, job, KIND, &body, at)).await?)
}

/// Starts to work on an import in the background, and has it watched. What is returned ends with the work.
pub(super) async fn begin(ctx: &Ctx, import: ImportId) -> Result<tokio::task::JoinHandle<()>, GateError> {
    look_later(ctx, import, ctx.now().plus(WATCH)).await?;
    let ctx = ctx.clone();
    Ok(tokio::spawn(async move {
        if let Err(error) = work(&ctx, import).await {
            tracing::warn!(%import, %error, "an import did not end; it will be taken up again");
        }
    }))
}

/// The job: takes up an import that lost its node, and clears away the files of an old one.
fn watch<'a>(ctx: &'a Ctx, body: &'a [u8], at: Timestamp) -> Running<'a> {
    Box::pin(async move {
        let id: ImportId = String::from_utf8_lossy(body).parse()?;
        let Some(mut import) = ctx.gate.home().read(move |tx| store::one(tx, id)).await? else {
            return Ok(());
        };
        if import.state.works() && !import.body.local {
            if import.lapsed(at) && (import.state == State::Undoing || files::is_here(ctx, id)) {
                begin(ctx, id).await?;
            } else {
                look_later(ctx, id, at.plus(WATCH)).await?;
            }
        } else if at >= import.created_at.plus(KEPT) && !import.body.cleared {
            files::clear(ctx, &import.region, id).await?;
            import.body.cleared = true;
            let change = move |tx: &mut assent_store::Tx<'_>| {
                store::drop(tx, id)?;
                store::change(tx, import.state, &import, at)
            };
            ctx.gate.home().write(change).await?;
        }
        Ok(())
    })
}

/// Works on an import until it ends, is stopped or fails; nothing happens while another node has it.
pub(super) async fn work(ctx: &Ctx, id: ImportId) -> Result<(), GateError> {
    let Some(mut import) = ctx.gate.home().read(move |tx| store::one(tx, id)).await? else { return Ok(()) };
    if !import.state.works() || !claim(ctx, &mut import).await? {
        return Ok(());
    }
    import.body.error = None;
    let worked = match import.state {
        State::Undoing => undo(ctx, &mut import).await,
        _ => rows(ctx, &mut import).await,
    };
    match worked {
        Ok(Some(to)) => end(ctx, &import, to).await,
        Ok(None) => let_go(ctx, &import).await,
        Err(failure) => fail(ctx, import, &failure).await,
    }
}

/// Until when an import is held by whoever says so now.
fn held_until(import: &Import, at: Timestamp) -> Timestamp {
    if import.body.local {
        Timestamp::from_micros(at.micros().saturating_add(LEASE_OF_COMMAND))
    } else {
        at.plus(LEASE)
    }
}

/// Takes an import for this node or command. False when another has it.
pub(super) async fn claim(ctx: &Ctx, import: &mut Import) -> Result<bool, GateError> {
    let (at, one) = (ctx.right_now()?, import.clone());
    let until = held_until(import, at);
    let mine = ctx.gate.home().write(move |tx| store::claim(tx, &one, until, at)).await?;
    import.claimed_until = Some(until);
    Ok(mine)
}

/// Writes down how far it is. False when it is no longer ours.
pub(super) async fn advance(ctx: &Ctx, import: &mut Import, offset: u64) -> Result<bool, GateError> {
    let (until, one) = (held_until(import, ctx.right_now()?), import.clone());
    let mine = ctx.gate.home().write(move |tx| store::advance(tx, &one, offset, until)).await?;
    if mine {
        import.claimed_until = Some(until);
    }
    Ok(mine)
}

async fn let_go(ctx: &Ctx, import: &Import) -> Result<(), GateError> {
    let one = import.clone();
    Ok(ctx.gate.home().write(move |tx| store::let_go(tx, &one)).await?)
}

async fn end(ctx: &Ctx, import: &Import, to: State) -> Result<(), GateError> {
    let (one, at) = (import.clone(), ctx.now());
    let write = ctx.gate.home().write(move |tx| {
        let ended = store::end(tx, &one, to)?;
        if ended && to == State::Done {
            events::add(tx, one.company, events::Kind::ImportFinished, one.id, at)?;
        }
        Ok(ended)
    });
    let ended = write.await?;
    match (ended, to) {
        (true, State::Done) => Files::of(ctx, &import.region, import.id).await?.tidy(),
        (true, _) => Ok(()),
        (false, _) => let_go(ctx, import).await,
    }
}

async fn fail(ctx: &Ctx, mut import: Import, failure: &Failure) -> Result<(), GateError> {
    tracing::warn!(import = %import.id, error = %failure, "an import stopped");
    import.body.error = Some(failure.to_string());
    match import.state {
        State::Running => end(ctx, &import, State::Stopped).await,
        State::Trying => end(ctx, &import, State::Draft).await,
        _ => let_go(ctx, &import).await,
    }
}

/// What decides about the rows of an import.
pub(super) fn plan(import: &Import) -> Plan {
    let body = &import.body;
    Plan {
        company: import.company,
        import: import.id,
        region: import.region.clone(),
        asker: body.asker,
        source: format!("import {}", body.name),
        layout: body.layout.clone(),
        mapping: body.mapping.clone(),
        rules: body.rules.clone().unwrap_or_default(),
        at: body.started_at,
    }
}

/// Reads rows to the end. `None` when it was stopped, else the state it is in now.
async fn rows(ctx: &Ctx, import: &mut Import) -> Result<Option<State>, Failure> {
    let keep = import.state == State::Running;
    if !keep {
        import.body.counts = Counts::default();
    }
    let done = import.body.counts.rows;
    import.body.pace = Some((ctx.now(), done));
    let files = Files::of(ctx, &import.region, import.id).await?;
    let mut engine = Engine::start(ctx, plan(import), files.upload().open()?, done, keep).await?;
    let ended = steps(ctx, import, &files, &mut engine, keep).await;
    engine.settle().await;
    if !ended? {
        return Ok(None);
    }
    import.total = import.body.counts.rows;
    import.body.estimated = false;
    if keep {
        import.body.finished_at = Some(ctx.now());
        let one = import.clone();
        let gather = tokio::task::spawn_blocking(move || files.gather(&one));
        gather.await.map_err(|_| Failure::Broken)??;
        return Ok(Some(State::Done));
    }
    import.body.tried = Some(std::mem::take(&mut import.body.counts));
    Ok(Some(State::Draft))
}

/// Batch by batch. False when the import is no longer ours.
async fn steps(
    ctx: &Ctx,
    import: &mut Import,
    files: &Files,
    engine: &mut Engine,
    keep: bool,
) -> Result<bool, Failure> {
    while let Some(step) = engine.next().await? {
        let Step { first, last: _, offset, counts, rejects } = step;
        if keep {
            let files = files.clone();
            let leave = tokio::task::spawn_blocking(move || files.leave(first, &rejects));
            leave.await.map_err(|_| Failure::Broken)??;
        }
        import.body.counts.take(&counts);
        import.total = import.total.max(import.body.counts.rows);
        if !advance(ctx, import, offset).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Erases everybody who came with it, but who acted for themselves.
async fn undo(ctx: &Ctx, import: &mut Import) -> Result<Option<State>, Failure> {
    loop {
        // Whoever was given to somebody else meanwhile is not theirs to erase any more.
        let whose = Whose::within(import.company, Within::reach(import.body.within.as_ref()));
        let (erased, stay) = ctx.gate.undo_import(&whose, import.id, import.body.asker, ctx.now()).await?;
        if erased == 0 && stay == 0 {
            break;
        }
        import.body.undone.0 += erased as u64;
        import.body.undone.1 += stay as u64;
        if !advance(ctx, import, 0).await? {
            return Ok(None);
        }
    }
    files::clear(ctx, &import.region, import.id).await?;
    import.body.cleared = true;
    Ok(Some(State::Undone))
}
