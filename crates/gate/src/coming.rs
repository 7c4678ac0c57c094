//! Admissions that broke off between the two stores they write: sealed facts are there, and the directory does not know of
//! them. Whoever came that far is listed; whoever did not was never here.

use std::collections::HashSet;

use assent_kernel::{CompanyId, ImportId, PersonId, Region, Span, StaffId, Timestamp};
use assent_store::coming::{self, Batch};
use assent_store::home::{self, Listed};
use assent_store::people;

use crate::ask::look_in;
use crate::error::Result;
use crate::find::tokens;
use crate::held::{Dossier, Held};
use crate::keep::plain;
use crate::keys::Key;
use crate::start::Gate;

/// After this time nobody is still admitting a batch.
const PATIENCE: Span = Span::minutes(10);
/// Batches that are looked at in one round.
const AT_ONCE: u32 = 16;
/// People that are looked for at once.
const PAGE: u32 = 512;

impl Gate {
    /// Writes down that a batch is on its way in.
    pub(crate) async fn coming(
        &self,
        company: CompanyId,
        region: &Region,
        (import, owner): (Option<ImportId>, Option<StaffId>),
        people: Vec<PersonId>,
        at: Timestamp,
    ) -> Result<[u8; 16]> {
        let id = crate::seal::random()?;
        let batch = Batch { id, company, region: region.clone(), at, import, owner, people };
        self.0.home.write(move |tx| coming::add(tx, &batch)).await?;
        Ok(id)
    }

    /// Lists whoever came in with a batch that broke off before the directory knew of them. Tells how many.
    ///
    /// # Errors
    /// What the stores said; what is left is tried again at the next call.
    pub async fn list_coming(&self, at: Timestamp) -> Result<usize> {
        let before = at.minus(PATIENCE);
        let open = self.0.home.read(move |tx| coming::before(tx, before, AT_ONCE)).await?;
        let mut listed = 0;
        for batch in open {
            listed += self.list_batch(batch).await?;
        }
        Ok(listed)
    }

    async fn list_batch(&self, batch: Batch) -> Result<usize> {
        let company = batch.company;
        let (mut people, found) = self.unlisted(company, &batch.region, batch.people).await?;
        people.iter_mut().for_each(|one| one.owner = batch.owner);
        let count = people.len();
        let list = move |tx: &mut assent_store::Tx<'_>| {
            home::add_people(tx, company, &people, batch.at, batch.import)?;
            home::add_tokens(tx, company, &found)?;
            coming::done(tx, batch.id)
        };
        self.0.home.write(list).await?;
        Ok(count)
    }

    /// Those whom the directory does not know of, with the tokens that lead to them.
    async fn unlisted(
        &self,
        company: CompanyId,
        region: &Region,
        ids: Vec<PersonId>,
    ) -> Result<(Vec<Listed>, Vec<(i64, PersonId)>)> {
        let wanted = ids.clone();
        let read = move |tx: &mut assent_store::Tx<'_>| {
            let listed = home::places(tx, company, &wanted)?;
            Ok([listed, home::deleted::places(tx, company, &wanted)?].concat())
        };
        let known = self.0.home.read(read).await?;
        let known: HashSet<PersonId> = known.iter().map(|one| one.person).collect();
        let missing: Vec<PersonId> = ids.into_iter().filter(|id| !known.contains(id)).collect();
        if missing.is_empty() {
            return Ok(Default::default());
        }
        let here = look_in(self.region(region)?, company, missing).await?;
        let blind = self.blind_key(company).await?;
        let found = here.iter().map(|one| tokens_of(one, &blind)).collect::<Result<Vec<_>>>()?.concat();
        Ok((here.iter().map(line).collect(), found))
    }

    /// Lists everybody whom the directory does not know of: after its copy was put back, which may be older than the
    /// regions'. Who looked after them is known to it alone, so they are nobody's. Tells how many.
    pub(crate) async fn list_all(&self, at: Timestamp) -> Result<u64> {
        let mut listed: u64 = 0;
        for company in self.companies().await? {
            for (region, store) in &self.0.regions {
                let (company, mut last) = (company.id, PersonId::from_bytes([0; 16]));
                loop {
                    let ids = store.data.read(move |tx| people::after(tx, company, last, PAGE)).await?;
                    let Some(newest) = ids.last() else { break };
                    last = *newest;
                    let (people, found) = self.unlisted(company, region, ids).await?;
                    listed = listed.saturating_add(people.len() as u64);
                    let list = move |tx: &mut assent_store::Tx<'_>| {
                        home::add_people(tx, company, &people, at, None)?;
                        home::add_tokens(tx, company, &found)
                    };
                    self.0.home.write(list).await?;
                }
            }
        }
        Ok(listed)
    }
}

fn line(dossier: &Dossier) -> Listed {
    let quarantined = dossier.person.answers.is_empty() && dossier.person.contracts.is_empty();
    Listed { person: dossier.person.id, region: dossier.region.clone(), quarantined, owner: None }
}

/// Every token that leads to somebody, by all that is held.
fn tokens_of(dossier: &Dossier, blind: &Key) -> Result<Vec<(i64, PersonId)>> {
    let mut all = Vec::new();
    for held in dossier.facts() {
        all.extend(tokens_by(dossier, blind, held)?);
    }
    Ok(all)
}

/// The tokens that lead to somebody by one value.
pub(crate) fn tokens_by(
    dossier: &Dossier,
    blind: &Key,
    held: &Held<String>,
) -> Result<impl Iterator<Item = (i64, PersonId)>> {
    let blinds = tokens(blind, held.category(), &plain(dossier, held)?);
    Ok(blinds.into_iter().map(|blind| (blind.0, dossier.person.id)))
}
