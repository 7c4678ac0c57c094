//! Verbs: find people, organisations and deals. Whoever matches only by something that is closed is left out without a
//! trace.

use std::collections::HashMap;

use assent_kernel::{DealId, PersonId};
use assent_store::work::deals::{self, Deal};
use assent_store::work::{self};
use assent_web::{Ctx, Problem, Staff};

use crate::lists::rule::words;
use crate::lookup::{Found, asked, holds};
use crate::organised;
use crate::texts;

/// The most hits of one kind.
pub const SHOWN: usize = 8;

/// Something found: what it is called, where it is.
pub struct Hit {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// Where it is.
    pub href: String,
}

/// What is found: people, organisations, deals.
pub struct Hits {
    /// People.
    pub people: Vec<Hit>,
    /// Organisations.
    pub organisations: Vec<Hit>,
    /// Deals.
    pub deals: Vec<Hit>,
}

/// Finds everything these words lead to.
pub async fn find(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Hits, Problem> {
    let wanted = words(text);
    let mut hits = Hits { people: Vec::new(), organisations: Vec::new(), deals: Vec::new() };
    if wanted.is_empty() {
        return Ok(hits);
    }
    let found = asked(ctx, staff, text).await?;
    let named = found.iter().filter_map(|one| Some((one.id, one.name()?)));
    let named = named.filter(|(_, name)| holds(name, &wanted)).take(SHOWN);
    hits.people =
        named.map(|(id, label)| Hit { id: id.to_string(), label, href: format!("/people/{id}") }).collect();
    hits.organisations = organised::found(ctx, staff, text)
        .await?
        .into_iter()
        .filter(|one| holds(&one.known.name, &wanted))
        .take(SHOWN)
        .map(|one| {
            let id = one.row.id.to_string();
            Hit { label: one.known.name, href: format!("/organisations/{id}"), id }
        })
        .collect();
    hits.deals = deals_found(ctx, staff, text, &wanted, &found).await?;
    Ok(hits)
}

async fn deals_found(
    ctx: &Ctx,
    staff: &Staff,
    text: &str,
    wanted: &[String],
    found: &[Found],
) -> Result<Vec<Hit>, Problem> {
    let company = staff.company.id;
    let tokens = ctx.gate.own(company).await?.query(text);
    let people: Vec<PersonId> = found.iter().map(|one| one.id).collect();
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows: Vec<Deal> = store
        .read(move |tx| {
            let mut out = Vec::new();
            for thing in work::by_words(tx, company, &tokens)?.into_iter().take(100) {
                out.extend(deals::one(tx, company, DealId::from_bytes(thing))?);
            }
            for person in people {
                out.extend(deals::of_person(tx, company, person)?);
            }
            Ok(out)
        })
        .await?;
    let names: HashMap<PersonId, String> =
        found.iter().filter_map(|one| Some((one.id, one.name()?))).collect();
    let opened = texts::listed(ctx, staff, rows.iter().map(|deal| &deal.title)).await?;
    let hit = |deal: &Deal| {
        let title = opened.plain(deal.id.to_bytes(), &deal.title)?;
        let name = deal.title.person().and_then(|person| names.get(&person));
        let label = name.map_or_else(|| title.clone(), |name| format!("{title} · {name}"));
        let id = deal.id.to_string();
        holds(&label, wanted).then(|| Hit { label, href: format!("/deals/{id}"), id })
    };
    Ok(rows.iter().filter(|deal| deal.gone_at.is_none()).filter_map(hit).take(SHOWN).collect())
}
