//! A last letter: to somebody who is erased while nobody of theirs looks on. Their address is opened by a permit before,
//! and lies under the company's key until the letter is sent, because their own is gone by then.

use std::fmt;

use assent_kernel::uses::kind::Message;
use assent_kernel::{CompanyId, MailId, PersonId, Timestamp};
use assent_store::access::{self, Told};
use assent_store::{Tx, farewell};

use crate::error::{GateError, Result};
use crate::held::Held;
use crate::keys::Key;
use crate::permit::Permit;
use crate::post::{CLAIMED, Letter, Posted, tried_enough};
use crate::seal::{open, seal};
use crate::start::Gate;

/// An address that one last letter can go to. `Debug` shows nothing of it.
pub struct Farewell {
    person: PersonId,
    address: String,
}

impl Farewell {
    /// The address of a party that is told of somebody's erasure.
    pub(crate) const fn to_party(person: PersonId, address: String) -> Self {
        Self { person, address }
    }
}

impl fmt::Debug for Farewell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Farewell({})", self.person)
    }
}

fn place(id: MailId) -> Vec<u8> {
    format!("farewell/{id}").into_bytes()
}

impl Gate {
    /// Keeps an address that the permit opens for one last letter.
    ///
    /// # Errors
    /// [`GateError::Input`] when the permit does not cover it.
    pub fn farewell(&self, permit: &Permit<Message>, to: &Held<String>) -> Result<Farewell> {
        let address = permit.open(to).map_err(|_| GateError::Input("the address is closed".into()))?;
        Ok(Farewell { person: permit.person(), address: address.into_inner() })
    }

    /// Puts the last letter into the outbox.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn post_farewell(
        &self,
        company: CompanyId,
        to: &Farewell,
        letter: &Letter,
        at: Timestamp,
    ) -> Result<MailId> {
        let id = self.fresh(at, MailId::new)?;
        self.post_farewell_as(company, id, to, letter, at).await?;
        Ok(id)
    }

    /// Puts a letter to a member of staff into the outbox, and notes up to when they are told by it: both or neither, so that a
    /// letter that was cut off is written again, and none is written twice. False when they were told meanwhile, or want none.
    ///
    /// # Errors
    /// What the stores said.
    pub async fn post_to_staff(
        &self,
        company: CompanyId,
        to: &Told,
        until: Timestamp,
        letter: &Letter,
        at: Timestamp,
    ) -> Result<bool> {
        let (id, person) = (self.fresh(at, MailId::new)?, PersonId::from_bytes(to.id.to_bytes()));
        let plain = [to.email.as_str(), &letter.subject, &letter.body].join("\0");
        let sealed = seal(self.farewell_key(company).await?.bytes(), &place(id), plain.as_bytes())?;
        let (one, to) = (farewell::Farewell { id, person, at, sealed }, to.clone());
        let write = move |tx: &mut Tx<'_>| {
            if !access::told(tx, &to, until)? {
                return Ok(false);
            }
            farewell::add(tx, company, &one).map(|()| true)
        };
        Ok(self.0.home.write(write).await?)
    }

    /// A last letter under an id of the caller's: put there twice, it is there once.
    pub(crate) async fn post_farewell_as(
        &self,
        company: CompanyId,
        id: MailId,
        to: &Farewell,
        letter: &Letter,
        at: Timestamp,
    ) -> Result<()> {
        let plain = [to.address.as_str(), &letter.subject, &letter.body].join("\0");
        let sealed = seal(self.farewell_key(company).await?.bytes(), &place(id), plain.as_bytes())?;
        let one = farewell::Farewell { id, person: to.person, at, sealed };
        Ok(self.0.home.write(move |tx| farewell::add(tx, company, &one)).await?)
    }

    /// Claims the oldest last letter of a company that waits.
    pub(crate) async fn claim_farewell(&self, company: CompanyId, at: Timestamp) -> Result<Option<Posted>> {
        loop {
            let claim = self.0.home.write(move |tx| farewell::claim(tx, company, at, at.plus(CLAIMED)));
            let Some((row, tries)) = claim.await? else { return Ok(None) };
            if tried_enough(tries) {
                self.give_up(row.id).await?;
                continue;
            }
            let plain = open(self.farewell_key(company).await?.bytes(), &place(row.id), &row.sealed);
            let plain = plain.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let mut parts = plain.iter().flat_map(|text| text.splitn(3, '\0')).map(str::to_owned);
            if let (Some(to), Some(subject), Some(body)) = (parts.next(), parts.next(), parts.next()) {
                if !self.telling_tried(row.id, at).await? {
                    self.drop_farewell(row.id).await?;
                    continue;
                }
                let (id, person, at) = (row.id, row.person, row.at);
                return Ok(Some(Posted { id, person, at, sent: false, to, subject, body, tries }));
            }
            self.sent(row.id, Some("it cannot be opened any more")).await?;
        }
    }

    pub(crate) async fn drop_farewell(&self, id: MailId) -> Result<()> {
        Ok(self.0.home.write(move |tx| farewell::done(tx, id)).await?)
    }

    async fn farewell_key(&self, company: CompanyId) -> Result<Key> {
        let home = self.company(company).await?.region.clone();
        Ok(self.region(&home)?.own(company).await?.below("assent/farewell/v1"))
    }
}
