//! The post: letters to people, sealed until they are sent. Writing one takes a permit to message.

use assent_kernel::ledger::Kind;
use assent_kernel::uses::kind::Message;
use assent_kernel::{Asker, CompanyId, MailId, PersonId, Span, Timestamp, TreeKey as _};
use assent_store::mail::{self, State};
use assent_store::{StoreError, Tx, farewell, people};

use crate::draft;
use crate::error::{GateError, Result};
use crate::held::{Dossier, Held};
use crate::keys::PersonKey;
use crate::permit::Permit;
use crate::record::write_line;
use crate::seal::{open, seal};
use crate::start::Gate;
use crate::whose::Whose;

/// A letter, without its address. `Debug` shows the subject's length only.
#[derive(Clone)]
pub struct Letter {
    /// What stands above.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter")
    }
}

/// A letter as it lies in the outbox, open: for sending it, or for the local outbox that stands in for sending.
#[derive(Clone)]
pub struct Posted {
    /// Which.
    pub id: MailId,
    /// To whom it belongs.
    pub person: PersonId,
    /// When it was written.
    pub at: Timestamp,
    /// True when it has been handed over.
    pub sent: bool,
    /// The address.
    pub to: String,
    /// What stands above.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// How often somebody took it to hand it over, this time included.
    pub tries: i64,
}

impl std::fmt::Debug for Posted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Posted({})", self.id)
    }
}

/// The purpose of answering what a person asked for.
const SERVE: &str = "rights.serve";

/// For how long a letter is one node's to hand over: longer than a mail server takes to answer.
pub const CLAIMED: Span = Span::minutes(8);
/// How often a letter is tried: with the pauses between, for about three days.
const MOST_TRIES: i64 = 17;
/// The pause after the first try; each one after is twice as long, up to the longest.
const FIRST_PAUSE: u32 = 5;
const LONGEST_PAUSE: u32 = 6 * 60;

/// How long a letter waits that was tried so often.
fn pause(tries: i64) -> Span {
    let doubled = u32::try_from(tries.saturating_sub(1).clamp(0, 7)).unwrap_or(7);
    Span::minutes((FIRST_PAUSE << doubled).min(LONGEST_PAUSE))
}

/// True when a letter was tried often enough.
pub(crate) const fn tried_enough(tries: i64) -> bool {
    tries > MOST_TRIES
}

/// A row of the outbox, read; nothing when this key does not open it.
fn opened(row: &mail::Row, key: &PersonKey) -> Option<Posted> {
    let plain = open(key.mail().bytes(), &mail_place(row.person, row.id), &row.sealed).ok()?;
    let plain = String::from_utf8(plain).ok()?;
    let mut parts = plain.splitn(3, '\0').map(str::to_owned);
    let (to, subject, body) = (parts.next()?, parts.next()?, parts.next()?);
    let sent = row.state == State::Sent;
    Some(Posted { id: row.id, person: row.person, at: row.at, sent, to, subject, body, tries: row.tries })
}

fn mail_place(person: PersonId, id: MailId) -> Vec<u8> {
    format!("mail/{person}/{id}").into_bytes()
}

impl Gate {
    /// Puts a letter into the outbox, to an address that the permit opens and that nobody asked never to be written to.
    ///
    /// # Errors
    /// [`GateError::Input`] when the permit does not cover the address, or nobody may write to it; what the store said.
    pub async fn post(
        &self,
        permit: &Permit<Message>,
        dossier: &Dossier,
        to: &Held<String>,
        letter: Letter,
        at: Timestamp,
    ) -> Result<MailId> {
        let address = permit.open(to).map_err(|_| GateError::Input("the address is closed".into()))?;
        let (person, company, epoch) = (permit.person(), dossier.person.company, dossier.person.epoch);
        if person != dossier.person.id {
            return Err(GateError::NoPerson);
        }
        // What somebody asked for themselves comes anyway: a sign-in link, the answer to a request.
        if permit.purpose.as_str() != SERVE && self.never_write(company, &address).await? {
            return Err(GateError::Input("nobody may write to this address".into()));
        }
        let id = self.fresh(at, MailId::new)?;
        let plain = [address.as_str(), &letter.subject, &letter.body].join("\0");
        let sealed = seal(permit.key.mail().bytes(), &mail_place(person, id), plain.as_bytes())?;
        let store = self.region(&dossier.region)?;
        let write = store.data.write(move |tx| {
            people::hold_at(tx, person, epoch)?;
            mail::add(tx, id, company, person, at, &sealed, epoch)
        });
        match write.await {
            Err(StoreError::Moved) => Err(GateError::Busy),
            other => Ok(other.map(|()| id)?),
        }
    }

    /// Letters of a company as they lie in the outbox, newest first. Each was permitted and recorded when it was written.
    /// Letters to people who were erased are gone. To show letters to staff, use [`Gate::show_letters`].
    ///
    /// # Errors
    /// What the stores said.
    pub async fn letters(&self, company: CompanyId, most: u32) -> Result<Vec<Posted>> {
        let mut out = Vec::new();
        for store in self.0.regions.values() {
            let rows = store.data.read(move |tx| mail::list(tx, company, most)).await?;
            let people: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
            let keys = store.keys.of(&people).await?;
            out.extend(rows.iter().filter_map(|row| opened(row, keys.get(&row.person)?)));
        }
        out.sort_by_key(|letter| std::cmp::Reverse(letter.at));
        Ok(out)
    }

    /// Letters of a company that will never leave, newest first: of when, and why. To whom is not told.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn given_up(&self, company: CompanyId, most: u32) -> Result<Vec<(MailId, Timestamp, String)>> {
        let mut out = Vec::new();
        for store in self.0.regions.values() {
            out.extend(store.data.read(move |tx| mail::given_up(tx, company, most)).await?);
        }
        out.sort_by_key(|(_, at, _)| std::cmp::Reverse(*at));
        Ok(out)
    }

    /// Claims the oldest letter of a company that waits, for whoever hands it over now. For eight minutes no other node
    /// gets it, so that one whose clock leads does not either; then it is whoever's again, if nobody said that it was sent. So a letter leaves at least once: twice only
    /// when a node died between handing it over and saying so. One whose person has changed their terms since it was
    /// written, or whose key is gone, or that was tried for three days, is held back for good.
    ///
    /// # Errors
    /// A clock that is wrong: then no letter leaves. What the stores said.
    pub async fn claim_letter(&self, company: CompanyId, at: Timestamp) -> Result<Option<Posted>> {
        self.clock_stands(at)?;
        for store in self.0.regions.values() {
            loop {
                let claim = store.data.write(move |tx| mail::claim(tx, company, at, at.plus(CLAIMED)));
                let Some(row) = claim.await? else { break };
                let keys = store.keys.of(&[row.person]).await?;
                match keys.get(&row.person).and_then(|key| opened(&row, key)) {
                    Some(letter) if tried_enough(letter.tries) => self.give_up(letter.id).await?,
                    Some(letter) if row.stands => return Ok(Some(letter)),
                    Some(_) => self.sent(row.id, Some("the person's terms changed before it left")).await?,
                    None => self.sent(row.id, Some("it cannot be opened any more")).await?,
                }
            }
        }
        self.claim_farewell(company, at).await
    }

    /// Letters of a company as the local outbox shows them to a member of staff. It stands in for a mail server; what it
    /// shows is a use like any other, so it is written down for each person whose letter it is before anything opens.
    ///
    /// # Errors
    /// What the stores said; then nothing is shown.
    pub async fn show_letters(
        &self,
        whose: &Whose,
        asker: Asker,
        most: u32,
        at: Timestamp,
    ) -> Result<Vec<Posted>> {
        let (company, mut letters) = (whose.company, self.letters(whose.company, most).await?);
        let mut people: Vec<PersonId> = letters.iter().map(|letter| letter.person).collect();
        people.sort_unstable();
        people.dedup();
        let people = self.within(whose, &people).await?;
        letters.retain(|letter| people.contains(&letter.person));
        let standing = self.policy(company).await?;
        let code = self.company(company).await?.code.clone();
        for store in self.0.regions.values() {
            let at = store.steady(at)?;
            let mut draft = draft::of_act(Kind::Use, None, &store.region, standing.digest, asker, at);
            draft.detail.categories = vec!["contact.email".into(), "communication".into()];
            draft.detail.outcome = "LETTER_SHOWN".into();
            let keys = store.keys.of(&people).await?;
            let log = store.log(&code);
            let write = move |tx: &mut Tx<'_>| {
                keys.iter().try_for_each(|(person, key)| {
                    match write_line(tx, *person, key, &draft, &log, at) {
                        // Erased meanwhile: the letter is gone too.
                        Ok(_) | Err(StoreError::Moved) => Ok(()),
                        Err(other) => Err(other),
                    }
                })
            };
            store.data.write(write).await?;
            store.appended.notify_one();
        }
        Ok(letters)
    }

    /// Notes that a letter could not be handed over this time: it waits, the longer the oftener it was tried.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn not_now(&self, letter: &Posted, at: Timestamp) -> Result<()> {
        let (id, until) = (letter.id, at.plus(pause(letter.tries)));
        for store in self.0.regions.values() {
            store.data.write(move |tx| mail::later(tx, id, until)).await?;
        }
        Ok(self.0.home.write(move |tx| farewell::later(tx, id, until)).await?)
    }

    pub(crate) async fn give_up(&self, letter: MailId) -> Result<()> {
        let why = "no mail server took it for three days";
        tracing::warn!(why, "a letter is given up");
        self.sent(letter, Some(why)).await
    }

    /// Notes that a letter was handed over, or why not.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn sent(&self, letter: MailId, failure: Option<&str>) -> Result<()> {
        for store in self.0.regions.values() {
            let failure = failure.map(str::to_owned);
            store.data.write(move |tx| mail::mark(tx, letter, failure.as_deref())).await?;
        }
        self.telling_ended(letter, failure.is_none()).await?;
        self.drop_farewell(letter).await
    }
}
