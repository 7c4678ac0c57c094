//! Handing letters to an SMTP server.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use assent_gate::Posted;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Message, Tokio1Executor};

/// How long the server may take for one answer; a whole letter stays well below the time for which it is claimed.
const PATIENCE: Duration = Duration::from_secs(30);

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
            .to(letter.to.parse().map_err(|_| good("the address cannot be used"))?)
            .subject(&letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|_| good("the letter cannot be written"))?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => Unsent::ForGood(format!("the mail server answered {code}")),
            Some(code) => Unsent::ForNow(format!("the mail server answered {code}")),
            None => Unsent::ForNow("the mail server cannot be reached".into()),
        })
    }
}

/// Why a letter did not leave.
pub(crate) enum Unsent {
    /// It never will.
    ForGood(String),
    /// Later, perhaps.
    ForNow(String),
}
