//! Which records the words of a search may lead to, told by tokens alone: more than fit, never fewer. What fits is judged by
//! what is open of them; so that this need not be asked of everything.

use std::collections::HashSet;

use assent_gate::Work;
use assent_kernel::{OrganisationId, PersonId};
use assent_store::work::{self, Led, MOST};
use assent_web::{Ctx, Problem, Staff};

use crate::lists::rule::words;

/// A record to which words may lead: itself, its organisation, its person.
pub type Record = ([u8; 16], Option<OrganisationId>, Option<PersonId>);

/// Where words lead.
pub struct Leads {
    of: Work,
    /// Each word that leads to few enough; the fewest first.
    few: Vec<Led>,
    /// Words that lead to more than are read.
    many: Vec<String>,
}

/// A word's tokens: of the company's own texts, and of what organisations are called.
struct Tokens {
    own: i64,
    called: Option<i64>,
}

impl Leads {
    /// Where the words of a text lead.
    pub async fn of(ctx: &Ctx, staff: &Staff, of: Work, text: &str) -> Result<Self, Problem> {
        let mut all = Self { of, few: Vec::new(), many: Vec::new() };
        for word in words(text) {
            // What is too short leads nowhere: it is judged by what is open.
            let Some(tokens) = tokens(ctx, staff, of, &word).await? else { continue };
            match few(ctx, staff, (of, &word), tokens).await? {
                Some(led) => all.few.push(led),
                None => all.many.push(word),
            }
        }
        all.few.sort_by_key(Led::count);
        Ok(all)
    }

    /// The word that leads to the fewest, when any narrows the search.
    pub fn fewest(&self) -> Option<&Led> {
        self.few.first()
    }

    /// Keeps of some rows those to which every word may lead.
    pub async fn narrow<T>(
        &self,
        ctx: &Ctx,
        staff: &Staff,
        mut rows: Vec<T>,
        record: impl Fn(&T) -> Record,
    ) -> Result<Vec<T>, Problem> {
        let keep = |rows: &mut Vec<T>, led: &Led| {
            rows.retain(|row| {
                let (thing, organisation, person) = record(row);
                led.to(thing, organisation, person)
            });
        };
        self.few.iter().for_each(|led| keep(&mut rows, led));
        // Without a word that leads to few, all are here, and asking about each of them would narrow little.
        for word in self.many.iter().filter(|_| !self.few.is_empty()) {
            let records: Vec<Record> = rows.iter().map(&record).collect();
            if let Some(tokens) = tokens(ctx, staff, self.of, word).await? {
                keep(&mut rows, &of_these(ctx, staff, (self.of, word), tokens, &records).await?);
            }
        }
        Ok(rows)
    }
}

async fn tokens(ctx: &Ctx, staff: &Staff, of: Work, word: &str) -> Result<Option<Tokens>, Problem> {
    let own = ctx.gate.own(staff.company.id).await?;
    let called = own.beginning(Work::Organisation, word);
    Ok(own.beginning(of, word).map(|own| Tokens { own, called }))
}

/// Where a word leads, when that is not too much.
async fn few(
    ctx: &Ctx,
    staff: &Staff,
    (of, word): (Work, &str),
    tokens: Tokens,
) -> Result<Option<Led>, Problem> {
    let company = staff.company.id;
    let Some(people) = ctx.gate.led(company, of, word, MOST).await? else { return Ok(None) };
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        let mut under = |token| work::by_words(tx, company, &[token], MOST);
        Ok((under(tokens.own)?, tokens.called.map(under).transpose()?.unwrap_or_default()))
    };
    let (things, organisations) = store.read(read).await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    Ok((things.len() < most && organisations.len() < most).then(|| Led {
        things: things.into_iter().collect(),
        organisations: organisations.into_iter().map(OrganisationId::from_bytes).collect(),
        people: people.into_iter().collect::<HashSet<_>>(),
    }))
}

/// To which of these records a word leads.
async fn of_these(
    ctx: &Ctx,
    staff: &Staff,
    (of, word): (Work, &str),
    tokens: Tokens,
    records: &[Record],
) -> Result<Led, Problem> {
    let company = staff.company.id;
    let people: HashSet<PersonId> = records.iter().filter_map(|(_, _, person)| *person).collect();
    let firms: HashSet<OrganisationId> = records.iter().filter_map(|(_, firm, _)| *firm).collect();
    let things: Vec<[u8; 16]> = records.iter().map(|(thing, _, _)| *thing).collect();
    let firms: Vec<[u8; 16]> = firms.into_iter().map(OrganisationId::to_bytes).collect();
    let people = ctx.gate.led_of(company, of, word, people.into_iter().collect()).await?;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        let called = tokens.called.map(|token| work::of_word(tx, company, token, &firms)).transpose()?;
        Ok((work::of_word(tx, company, tokens.own, &things)?, called.unwrap_or_default()))
    };
    let (things, firms) = store.read(read).await?;
    Ok(Led {
        things: things.into_iter().collect(),
        organisations: firms.into_iter().map(OrganisationId::from_bytes).collect(),
        people: people.into_iter().collect(),
    })
}
