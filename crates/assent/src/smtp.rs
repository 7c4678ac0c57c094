//! Handing letters to an SMTP server.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use assent_gate::Posted;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{Address, AsyncTransport, Message, Tokio1Executor};

/// How long handing over a letter may take, goodbyes included: well below the time for which it is claimed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest subject, in characters: as one word, too, it fits a line that every server takes.
const LONGEST_SUBJECT: usize = 200;

/// A connection to a server.
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// To `host:port`, without encryption: for a relay on the same machine or network.
    pub(crate) fn new(server: &str, from: &str) -> anyhow::Result<Self> {
        let (host, port) = server.rsplit_once(':').ok_or_else(|| anyhow!("`{server}` is not host:port"))?;
        let port: u16 = port.parse().with_context(|| format!("`{port}` is not a port"))?;
        let from = from.parse().context("mail.from is not an address")?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from })
    }

    /// Hands one letter over. What went wrong names no address.
    pub(crate) async fn send(&self, letter: &Posted) -> Result<(), Unsent> {
        let good = |why: &str| Unsent::ForGood(why.to_owned());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(&letter.to).ok_or_else(|| good("the address cannot be used"))?))
            .subject(one_line(&letter.subject))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|_| good("the letter cannot be written"))?;
        let silent = |_| Unsent::ForNow("the mail server takes too long".into());
        let sent = tokio::time::timeout(PATIENCE, self.transport.send(message)).await.map_err(silent)?;
        sent.map(|_| ()).map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => Unsent::ForGood(format!("the mail server answered {code}")),
            Some(code) => Unsent::ForNow(format!("the mail server answered {code}")),
            None => Unsent::ForNow("the mail server cannot be reached".into()),
        })
    }
}

/// One address and nothing beside it: no name, no second one, no end of a line.
fn address(text: &str) -> Option<Address> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"\\()[]".contains(c);
    if text.contains(odd) { None } else { text.parse().ok() }
}

/// A subject without anything that could end its line.
fn one_line(subject: &str) -> String {
    let clean = subject.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(LONGEST_SUBJECT).collect()
}

/// Why a letter did not leave.
pub(crate) enum Unsent {
    /// It never will.
    ForGood(String),
    /// Later, perhaps.
    ForNow(String),
}
