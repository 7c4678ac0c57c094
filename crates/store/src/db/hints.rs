//! Hints between nodes: "something changed, look". PostgreSQL carries them; never inside a writing transaction, where
//! they would make every commit of the server wait for one lock, and many changes share one. A hint that is lost costs
//! a few milliseconds: looking regularly is what is relied on.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator as _;
use tokio::sync::Notify;

use super::place::Place;
use super::server::connect;
use super::spawn;
use crate::error::Result;

const TELL: &str = "NOTIFY assent_change";
const LISTEN: &str = "LISTEN assent_change";
/// A hint changes nothing that must last, so it waits for no disk.
const AT_ONCE: &str = "SET synchronous_commit = off";
/// How long a listener waits before it sees whether it is still wanted, and before it tries to connect again.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells other nodes of one database, and hears from them.
#[derive(Debug, Clone)]
pub struct Hints {
    tell: Option<Sender<()>>,
    heard: Arc<Notify>,
}

impl Hints {
    /// Starts telling and hearing. Files need none: their other processes are found by looking.
    #[must_use]
    pub fn start(place: &Place) -> Self {
        let heard = Arc::new(Notify::new());
        let Place::Server(url) = place else { return Self { tell: None, heard } };
        let (tell, told) = channel();
        let (url_of_teller, url_of_listener, listener) = (url.clone(), url.clone(), Arc::downgrade(&heard));
        spawn("postgres-hints-out", move || tell_others(&url_of_teller, &told));
        spawn("postgres-hints-in", move || {
            while let Some(heard) = listener.upgrade() {
                // Whatever was missed while nobody listened is looked for at once.
                heard.notify_one();
                if let Err(error) = listen(&url_of_listener, &heard) {
                    tracing::debug!(%error, "hints");
                }
                drop(heard);
                std::thread::sleep(PAUSE);
            }
        });
        Self { tell: Some(tell), heard }
    }

    /// Tells the others that something changed.
    pub fn tell(&self) {
        self.heard.notify_one();
        if let Some(tell) = &self.tell {
            let _ = tell.send(());
        }
    }

    /// Waits until somebody told.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }
}

fn tell_others(url: &str, told: &Receiver<()>) {
    let mut client: Option<postgres::Client> = None;
    while told.recv().is_ok() {
        // However many changed meanwhile: one hint.
        while told.try_recv().is_ok() {}
        if client.as_ref().is_none_or(postgres::Client::is_closed) {
            client = connect(url).ok();
            if let Some(client) = &mut client {
                let _ = client.batch_execute(AT_ONCE);
            }
        }
        if let Some(client) = &mut client {
            let _ = client.batch_execute(TELL);
        }
    }
}

/// Listens until the connection breaks or nobody wants to hear any more.
fn listen(url: &str, heard: &Arc<Notify>) -> Result<()> {
    let mut client = connect(url)?;
    client.batch_execute(LISTEN)?;
    loop {
        let next = client.notifications().timeout_iter(PAUSE).next()?;
        match next {
            Some(_) => heard.notify_one(),
            None if Arc::strong_count(heard) == 1 || client.is_closed() => return Ok(()),
            None => {}
        }
    }
}
