//! Which records the words of a search may lead to, told by tokens alone: more than fit, never fewer. What fits is judged by
//! what is open of them; so that this need not be asked of everything.

use std::collections::HashSet;

use assent_gate::Work;
use assent_kernel::{OrganisationId, PersonId};
use assent_store::work::{self, Led, MOST};
use assent_web::{Ctx, Problem, Staff};

use crate::lists::rule::words;

/// Where each word leads that leads to few enough; the fewest first.
pub struct Leads(Vec<Led>);

impl Leads {
    /// Where the words of a text lead.
    pub async fn of(ctx: &Ctx, staff: &Staff, of: Work, text: &str) -> Result<Self, Problem> {
        let mut all = Vec::new();
        for word in words(text) {
            all.extend(led(ctx, staff, of, &word).await?);
        }
        all.sort_by_key(Led::count);
        Ok(Self(all))
    }

    /// The word that leads to the fewest, when any narrows the search.
    pub fn fewest(&self) -> Option<&Led> {
        self.0.first()
    }

    /// Whether every word may lead to a thing, by itself, its organisation or its person.
    pub fn to(
        &self,
        thing: [u8; 16],
        organisation: Option<OrganisationId>,
        person: Option<PersonId>,
    ) -> bool {
        self.0.iter().all(|led| led.to(thing, organisation, person))
    }
}

async fn led(ctx: &Ctx, staff: &Staff, of: Work, word: &str) -> Result<Option<Led>, Problem> {
    let company = staff.company.id;
    let own = ctx.gate.own(company).await?;
    let (Some(token), Some(people)) = (own.beginning(of, word), ctx.gate.led(company, of, word, MOST).await?)
    else {
        return Ok(None);
    };
    let called = own.beginning(Work::Organisation, word);
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        let mut under = |token| work::by_words(tx, company, &[token], MOST);
        Ok((under(token)?, called.map(under).transpose()?.unwrap_or_default()))
    };
    let (things, organisations) = store.read(read).await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    Ok((things.len() < most && organisations.len() < most).then(|| Led {
        things: things.into_iter().collect(),
        organisations: organisations.into_iter().map(OrganisationId::from_bytes).collect(),
        people: people.into_iter().collect::<HashSet<_>>(),
    }))
}
