//! PostgreSQL: a few connections, each a thread that takes what waits.

use std::time::Duration;

use postgres::IsolationLevel;
use postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::hands::Hand;
use super::tls::asked;
use super::tx::{Inner, Prepared, Texts, Tx};
use super::{Job, Serving};
use crate::error::{Result, StoreError};

/// What is looked up by key lies in memory or on a disk without a head: by the server's own guess, a table that is still
/// small is gone through whole, and that plan is kept when it has grown.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '10s'; SET synchronous_commit = on; \
     SET random_page_cost = 1.1";

pub(super) fn connect(url: &str) -> Result<postgres::Client> {
    let (url, tls) = asked(url)?;
    let mut config: postgres::Config =
        url.parse().map_err(|_| StoreError::Unavailable("the URL is not valid".into()))?;
    config.connect_timeout(Duration::from_secs(5)).application_name("assent");
    // A server that falls silent is found out in half a minute, not when the system gives up.
    config.tcp_user_timeout(Duration::from_secs(30)).keepalives_idle(Duration::from_secs(20));
    let mut client = match tls {
        Some(tls) => config.ssl_mode(SslMode::Require).connect(MakeRustlsConnect::new(tls))?,
        None => config.ssl_mode(SslMode::Disable).connect(postgres::NoTls)?,
    };
    client.batch_execute(SESSION)?;
    Ok(client)
}

pub(super) fn serve_server(url: &str, jobs: &Hand<Serving>) {
    let mut client: Option<postgres::Client> = None;
    let (mut texts, mut prepared) = (Texts::new(), Prepared::new());
    while let Some(work) = jobs.next() {
        let (run, job): (Run, Job) = match work {
            Serving::Write(job) => (write, job),
            Serving::Read(job) => (read, job),
            Serving::Glance(job) => (glance, job),
        };
        let mut waits = Some(job);
        // That a connection broke is noticed when it is used: if nothing was begun then, a new one may do it. A glance begins
        // nothing before its statement: it fails, and the next one finds a new connection.
        for _ in 0..2 {
            if client.as_ref().is_none_or(postgres::Client::is_closed) {
                prepared.clear();
                client = connect(url).map_err(|error| tracing::warn!(%error, "database")).ok();
            }
            let (Some(open), Some(job)) = (client.as_mut(), waits.take()) else { break };
            waits = run(open, &mut texts, &mut prepared, job);
            if waits.is_none() {
                break;
            }
            client = None;
        }
    }
}

/// Runs a job; one that could not be begun comes back.
type Run = fn(&mut postgres::Client, &mut Texts, &mut Prepared, Job) -> Option<Job>;

/// Whoever writes sees at each statement what was committed by then, and holds rows.
fn write(client: &mut postgres::Client, texts: &mut Texts, prepared: &mut Prepared, job: Job) -> Option<Job> {
    let begin = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let Ok(tx) = begin.start() else { return Some(job) };
    let mut tx = Tx(Inner::Pg(Box::new(tx), texts, prepared));
    let (keep, finish) = job(&mut tx);
    let Inner::Pg(tx, ..) = tx.0 else { return None };
    let ended = if keep { tx.commit() } else { tx.rollback() };
    finish(ended.map_err(StoreError::from));
    None
}

/// Reading is on one view. What was read is told before the transaction is ended: that changes nothing any more.
fn read(client: &mut postgres::Client, texts: &mut Texts, prepared: &mut Prepared, job: Job) -> Option<Job> {
    let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let Ok(tx) = begin.start() else { return Some(job) };
    let mut tx = Tx(Inner::Pg(Box::new(tx), texts, prepared));
    let (_, finish) = job(&mut tx);
    finish(Ok(()));
    // Dropped, it is rolled back.
    drop(tx);
    None
}

/// One statement, which the server itself makes a transaction of.
fn glance(
    client: &mut postgres::Client,
    texts: &mut Texts,
    prepared: &mut Prepared,
    job: Job,
) -> Option<Job> {
    let (_, finish) = job(&mut Tx(Inner::Glance(Some(client), texts, prepared)));
    finish(Ok(()));
    None
}
