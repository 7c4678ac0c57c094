//! Handing letters to an SMTP server.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use assent_gate::Posted;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::{Address, Message};

/// How long a mail server may take to say who it is and that it takes a letter.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to look through a letter that it has. Whoever hangs up sooner sends it twice; it is still below
/// the time for which a letter is claimed, goodbye and all.
const TO_TAKE_IT: Duration = Duration::from_secs(3 * 60);

/// The longest subject, in characters: as one word, too, it fits a line that every server takes.
const LONGEST_SUBJECT: usize = 200;

/// A server, and who writes.
pub(crate) struct Smtp {
    host: String,
    port: u16,
    from: Mailbox,
}

impl Smtp {
    /// To `host:port`, without encryption: for a relay on the same machine or network.
    pub(crate) fn new(server: &str, from: &str) -> anyhow::Result<Self> {
        let (host, port) = server.rsplit_once(':').ok_or_else(|| anyhow!("`{server}` is not host:port"))?;
        let port: u16 = port.parse().with_context(|| format!("`{port}` is not a port"))?;
        let from = from.parse().context("mail.from is not an address")?;
        Ok(Self { host: host.to_owned(), port, from })
    }

    /// Hands one letter over. What went wrong names no address.
    pub(crate) async fn send(&self, letter: &Posted) -> Result<(), Unsent> {
        let message = self.written(letter)?;
        let silent = |_| Unsent::ForNow("the mail server takes too long".into());
        let begun = tokio::time::timeout(PATIENCE, self.begin(&message)).await.map_err(silent)?;
        let mut open = begun.map_err(Unsent::of)?;
        let body = message.formatted();
        let taken = tokio::time::timeout(TO_TAKE_IT, open.message(&body)).await.map_err(silent)?;
        taken.map_err(Unsent::of)?;
        // It is taken; whether the server says goodbye changes nothing.
        let _ = tokio::time::timeout(PATIENCE, open.quit()).await;
        Ok(())
    }

    fn written(&self, letter: &Posted) -> Result<Message, Unsent> {
        let good = |why: &str| Unsent::ForGood(why.to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(&letter.to).ok_or_else(|| good("the address cannot be used"))?))
            .subject(one_line(&letter.subject))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|_| good("the letter cannot be written"))
    }

    /// Up to where the server waits for the letter itself. That is written in ASCII, so only addresses may ask for more.
    async fn begin(&self, message: &Message) -> Result<AsyncSmtpConnection, smtp::Error> {
        let envelope = message.envelope();
        let here = (self.host.as_str(), self.port);
        let mut open =
            AsyncSmtpConnection::connect_tokio1(here, Some(PATIENCE), &ClientId::default(), None, None)
                .await?;
        let mut named = envelope.to().iter().chain(envelope.from());
        let wide =
            named.any(|one| !AsRef::<str>::as_ref(one).is_ascii()).then_some(MailParameter::SmtpUtfEight);
        open.command(Mail::new(envelope.from().cloned(), wide.into_iter().collect())).await?;
        for to in envelope.to() {
            open.command(Rcpt::new(to.clone(), Vec::new())).await?;
        }
        open.command(Data).await?;
        Ok(open)
    }
}

/// One address and nothing beside it: no name, no second one, no end of a line.
fn address(text: &str) -> Option<Address> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"\\()[]".contains(c);
    if text.contains(odd) { None } else { text.parse().ok() }
}

/// A subject without anything that could end its line, or turn the order of its letters round.
fn one_line(subject: &str) -> String {
    let turns =
        |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean = subject.chars().filter(|c| !turns(c)).map(|c| if c.is_control() { ' ' } else { c });
    clean.take(LONGEST_SUBJECT).collect()
}

/// Why a letter did not leave.
pub(crate) enum Unsent {
    /// It never will.
    ForGood(String),
    /// Later, perhaps.
    ForNow(String),
}

impl Unsent {
    /// What the server meant.
    fn of(error: smtp::Error) -> Self {
        match error.status() {
            Some(code) if error.is_permanent() => Self::ForGood(format!("the mail server answered {code}")),
            Some(code) => Self::ForNow(format!("the mail server answered {code}")),
            None => Self::ForNow("the mail server cannot be reached".into()),
        }
    }
}

const _: () = assert!(
    (2 * PATIENCE.as_secs() + TO_TAKE_IT.as_secs()) as i64 * 1_000_000 + assent_gate::CLOCK_SLACK.micros()
        < assent_gate::LETTER_CLAIMED.micros(),
    "another node would take the letter while this one hands it over"
);
