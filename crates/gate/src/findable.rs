//! What was there before it could be found by its words is made findable, a bounded step at a time. How far it came is
//! written down with what it made, so that whoever goes on after a process ended goes on from there; two nodes at it do the
//! same twice.
//!
//! Values are read inside the door, as wherever tokens are made, and handed to nobody.

use std::collections::BTreeMap;

use assent_kernel::{CompanyId, PersonId, Region};
use assent_store::findable::{self, Walk};
use assent_store::work::activities::Kind;
use assent_store::work::{self, activities, filled};
use assent_store::{Tx, home, people};

use crate::ask::look_in;
use crate::coming::tokens_by;
use crate::error::Result;
use crate::find::Work;
use crate::held::Dossier;
use crate::own::Own;
use crate::region::RegionStore;
use crate::start::Gate;
use crate::sweep::only_retained;

/// So many are read at once.
const PAGE: u32 = 256;
/// So many pages of each kind in one step.
const PAGES: usize = 4;

impl Gate {
    /// Makes a bounded number of old texts findable by their words. Tells how many were looked at; 0 when nothing is left.
    ///
    /// # Errors
    /// What the stores said; it goes on from where it came at the next call.
    pub async fn make_findable(&self) -> Result<usize> {
        let (mut looked, mut failed) = (0usize, None);
        // What fails in one place keeps no other one waiting.
        let mut count = |walked: Result<usize>| match walked {
            Ok(n) => looked = looked.saturating_add(n),
            Err(error) => failed = failed.take().or(Some(error)),
        };
        for company in self.companies().await? {
            for (region, store) in &self.0.regions {
                count(self.walk_people(company.id, region, store).await);
            }
            let (id, region) = (company.id, company.region.clone());
            for walk in [Walk::Typed, Walk::Items] {
                count(self.walk_own(id, &region, walk).await);
            }
        }
        failed.map_or(Ok(looked), Err)
    }

    async fn walk_people(&self, company: CompanyId, region: &Region, store: &RegionStore) -> Result<usize> {
        let mut looked: usize = 0;
        for _ in 0..PAGES {
            let Some(last) = self.came(company, region, Walk::People).await? else { break };
            let read = move |tx: &mut Tx<'_>| people::after(tx, company, PersonId::from_bytes(last), PAGE);
            let ids = store.data.read(read).await?;
            looked = looked.saturating_add(ids.len());
            let upto = ids.last().map_or(last, |id| id.to_bytes());
            let done = ids.len() < PAGE as usize;
            let here = look_in(store, company, ids).await?;
            let made = self.made_of(company, &here).await?;
            let (tokens, region) = (made.concat(), region.clone());
            let write = move |tx: &mut Tx<'_>| {
                home::add_tokens(tx, company, &tokens)?;
                findable::set(tx, (company, &region, Walk::People), upto, done)
            };
            self.0.home.write(write).await?;
            self.look_again(store, company, here, made).await?;
        }
        Ok(looked)
    }

    /// The tokens that lead to each of these people; none to whoever was erased, and of whom only a law kept something.
    async fn made_of(&self, company: CompanyId, here: &[Dossier]) -> Result<Vec<Vec<(i64, PersonId)>>> {
        let blind = self.blind_key(company).await?;
        // A value that does not open is found by nothing: it keeps nobody else from being found.
        let of = |one: &Dossier| {
            let tokens = one.facts().filter_map(|held| tokens_by(one, &blind, held).ok()).flatten();
            if only_retained(one.own()) { Vec::new() } else { tokens.collect() }
        };
        Ok(here.iter().map(of).collect())
    }

    /// Whoever changed a value, or was erased, while it was made findable as it was: what leads nowhere now goes.
    async fn look_again(
        &self,
        store: &RegionStore,
        company: CompanyId,
        before: Vec<Dossier>,
        made: Vec<Vec<(i64, PersonId)>>,
    ) -> Result<()> {
        let blind = self.blind_key(company).await?;
        let ids = before.iter().map(Dossier::id).collect();
        let now: BTreeMap<PersonId, Dossier> =
            look_in(store, company, ids).await?.into_iter().map(|one| (one.id(), one)).collect();
        for (before, made) in before.into_iter().zip(made) {
            let same = now.get(&before.id()).is_some_and(|now| is_same(&before, now));
            if !same {
                self.drop_unneeded(&before, &blind, made).await?;
            }
        }
        Ok(())
    }

    async fn came(&self, company: CompanyId, region: &Region, walk: Walk) -> Result<Option<[u8; 16]>> {
        let region = region.clone();
        Ok(self.0.home.read(move |tx| findable::upto(tx, company, &region, walk)).await?)
    }

    /// What is the company's own lies in its region.
    async fn walk_own(&self, company: CompanyId, region: &Region, walk: Walk) -> Result<usize> {
        let own = self.own(company).await?;
        let store = self.region(region)?;
        let mut looked: usize = 0;
        for _ in 0..PAGES {
            let Some(last) = self.came(company, region, walk).await? else { break };
            let own = own.clone();
            let write = move |tx: &mut Tx<'_>| match walk {
                Walk::Typed => typed(tx, &own, company, last),
                Walk::Items => items(tx, &own, company, last),
                // Not the company's own.
                Walk::People => Ok(Vec::new()),
            };
            let ids = store.data.write(write).await?;
            looked = looked.saturating_add(ids.len());
            let (upto, done) = (ids.last().copied().unwrap_or(last), ids.len() < PAGE as usize);
            let region = region.clone();
            let note = move |tx: &mut Tx<'_>| findable::set(tx, (company, &region, walk), upto, done);
            self.0.home.write(note).await?;
        }
        Ok(looked)
    }
}

/// True when somebody is as they were looked at.
fn is_same(before: &Dossier, now: &Dossier) -> bool {
    let sealed =
        |one: &Dossier| one.facts.iter().map(|(id, held)| (*id, held.sealed.clone())).collect::<Vec<_>>();
    only_retained(before.own()) == only_retained(now.own()) && sealed(before) == sealed(now)
}

/// A page of notes and files; what does not open is found by nothing.
fn typed(
    tx: &mut Tx<'_>,
    own: &Own,
    company: CompanyId,
    after: [u8; 16],
) -> assent_store::Result<Vec<[u8; 16]>> {
    let rows = activities::own_after(tx, company, after, PAGE)?;
    for (id, kind, sealed) in &rows {
        let work = if *kind == Kind::File { Work::File } else { Work::Note };
        if let Ok(text) = own.open(*id, sealed) {
            work::set_words(tx, company, *id, &own.tokens(work, &text))?;
        }
    }
    Ok(rows.into_iter().map(|(id, ..)| id).collect())
}

fn items(
    tx: &mut Tx<'_>,
    own: &Own,
    company: CompanyId,
    after: [u8; 16],
) -> assent_store::Result<Vec<[u8; 16]>> {
    let rows = filled::own_after(tx, company, after, PAGE)?;
    for (id, sealed) in &rows {
        let text = own.open(*id, sealed).ok();
        let values = text.and_then(|text| serde_json::from_str::<BTreeMap<String, String>>(&text).ok());
        if let Some(values) = values {
            work::set_words(tx, company, *id, &own.words_of(values.values()))?;
        }
    }
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}
