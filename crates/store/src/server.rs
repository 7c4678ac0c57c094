//! PostgreSQL's threads: a connection each.

use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::db::{Job, Work};
use crate::error::{Result, StoreError};
use crate::sqlite::next;
use crate::tx::{Inner, Prepared, Texts, Tx};

pub(crate) fn connect(url: &str) -> Result<postgres::Client> {
    let mut config: postgres::Config =
        url.parse().map_err(|_| StoreError::Unavailable("the URL is not valid".into()))?;
    config.connect_timeout(Duration::from_secs(5)).application_name("assent");
    let mut client = config.connect(postgres::NoTls)?;
    client.batch_execute("SET idle_in_transaction_session_timeout = '10s'; SET synchronous_commit = on")?;
    Ok(client)
}

pub(crate) fn serve(url: &str, jobs: &Mutex<Receiver<Work>>) {
    let mut client: Option<postgres::Client> = None;
    let (mut texts, mut prepared) = (Texts::new(), Prepared::new());
    while let Some(work) = next(jobs) {
        // A server has no journal; whoever would append to one hears that nobody answers.
        let Work::Write(job) = work else { continue };
        if client.as_ref().is_none_or(postgres::Client::is_closed) {
            prepared.clear();
            client = connect(url).map_err(|error| tracing::warn!(%error, "database")).ok();
        }
        match client.as_mut() {
            Some(open) => run_server(open, &mut texts, &mut prepared, job),
            None => drop(job),
        }
    }
}

fn run_server(client: &mut postgres::Client, texts: &mut Texts, prepared: &mut Prepared, job: Job) {
    let Ok(tx) = client.transaction() else { return drop(job) };
    let mut tx = Tx(Inner::Pg(Box::new(tx), texts, prepared));
    let (keep, finish) = job(&mut tx);
    let Inner::Pg(tx, ..) = tx.0 else { return };
    let ended = if keep { tx.commit() } else { tx.rollback() };
    finish(ended.map_err(StoreError::from));
}
