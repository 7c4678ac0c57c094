//! "Never write to this address": kept by address, whoever has it now or gets it later, and after they are gone.

use assent_kernel::grant::{Evidence, Objection, ObjectionScope};
use assent_kernel::{Asker, CategoryKey, CompanyId, Person, PersonId, Timestamp, TreeKey as _};
use assent_store::{Tx, home};

use crate::error::{GateError, Result};
use crate::find::{Query, address};
use crate::held::Dossier;
use crate::keep::plain;
use crate::keys::Key;
use crate::record::Act;
use crate::start::Gate;
use crate::whose::Whose;

/// People who are looked at once.
const AT_ONCE: u32 = 500;

/// True for kinds of facts that somebody can be written to by.
pub(crate) fn is_email(category: &CategoryKey) -> bool {
    category.as_str().starts_with("contact.email")
}

/// What stands against being written to.
pub(crate) const fn objection(at: Timestamp) -> Objection {
    Objection { scope: ObjectionScope::DirectMarketing, at, overridden: None }
}

pub(crate) fn objects(person: &Person) -> bool {
    person.objections.iter().any(|one| one.scope == ObjectionScope::DirectMarketing)
}

impl Gate {
    /// Nobody may write to the addresses of somebody who goes, whoever else has them.
    pub(crate) async fn suppress(&self, dossier: &Dossier, at: Timestamp) -> Result<()> {
        let company = dossier.person.company;
        let blind = self.blind_key(company).await?;
        let emails = dossier.facts().filter(|held| is_email(held.category()));
        let emails: Vec<String> = emails.map(|held| plain(dossier, held)).collect::<Result<_>>()?;
        let tokens: Vec<i64> = emails.iter().map(|email| address(&blind, email).0).collect();
        let write = move |tx: &mut Tx<'_>| {
            tokens.iter().try_for_each(|token| home::suppress(tx, company, *token, at))
        };
        self.0.home.write(write).await?;
        // After it: who gets one of them meanwhile is found here, or finds that nobody may write to it.
        for email in emails {
            let (query, mut after) = (Query::of_email(&blind, &email), None);
            loop {
                let some = self.find(&Whose::everybody(company), &query, after, AT_ONCE).await?;
                let Some(last) = some.last() else { break };
                after = Some(*last);
                for id in some.into_iter().filter(|id| *id != dossier.id()) {
                    self.object_for(company, id, at).await?;
                }
            }
        }
        Ok(())
    }

    /// Writes down for somebody that they are not to be written to, unless it is.
    async fn object_for(&self, company: CompanyId, id: PersonId, at: Timestamp) -> Result<()> {
        let found = self.look(&Whose::everybody(company), &[id]).await?;
        if found.iter().all(|one| objects(one.own())) {
            return Ok(());
        }
        let act = Act::Object(ObjectionScope::DirectMarketing);
        match self.record(company, id, act, Asker::System, Evidence::Attested, at).await {
            // Erased meanwhile.
            Ok(_) | Err(GateError::NoPerson) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// True when nobody may write to one of these addresses.
    pub(crate) async fn is_suppressed(
        &self,
        company: CompanyId,
        blind: &Key,
        emails: impl Iterator<Item = &str>,
    ) -> Result<bool> {
        let tokens: Vec<i64> = emails.map(|email| address(blind, email).0).collect();
        if tokens.is_empty() {
            return Ok(false);
        }
        let look = move |tx: &mut Tx<'_>| {
            for token in &tokens {
                if home::suppressed(tx, company, *token)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        Ok(self.0.home.read(look).await?)
    }
}
