//! Verbs: find people, organisations and deals. Whoever matches only by something that is closed is left out without a
//! trace.

use std::collections::HashMap;

use assent_gate::{Answer, Dossier};
use assent_kernel::uses::kind::List;
use assent_kernel::{DealId, PersonId};
use assent_store::work::deals::{self, Deal};
use assent_store::work::{self};
use assent_web::{Ctx, Problem, Staff};

use crate::lists::rule::words;
use crate::organised;
use crate::seen::cell::{self, Value};
use crate::seen::{DEAL, keys, under};
use crate::texts;

/// The most people that a query is followed to.
const MOST: u32 = 40;
/// The most hits of one kind.
pub const SHOWN: usize = 8;

/// Something found: what it is called, where it is.
pub struct Hit {
    /// What it is called.
    pub label: String,
    /// Where it is.
    pub href: String,
}

struct Found {
    id: PersonId,
    values: Vec<Value>,
}

/// Who is led to by these words, with what may be listed of names and titles of deals.
async fn asked(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Vec<Found>, Problem> {
    let company = staff.company.id;
    let query = ctx.gate.query(company, text).await?;
    let ids = ctx.gate.find(company, &query, None, MOST).await?;
    let dossiers = ctx.gate.look(company, &ids).await?;
    let kinds = keys(&["name", DEAL]);
    let mut questions = Vec::new();
    for dossier in &dossiers {
        if let Some(matters) = dossier.of_categories(&kinds) {
            questions.push((ctx.question(List, staff, dossier, matters).await?, dossier));
        }
    }
    let who: Vec<&Dossier> = questions.iter().map(|(_, dossier)| *dossier).collect();
    let answers: Vec<Answer<List>> = ctx.gate.ask_many(questions).await?;
    let found = |(dossier, answer): (&Dossier, Answer<List>)| {
        let wanted = |category: &assent_kernel::CategoryKey| under(category, "name") || under(category, DEAL);
        Found { id: dossier.id(), values: cell::values(Some(&answer), dossier, wanted) }
    };
    Ok(who.into_iter().zip(answers).map(found).collect())
}

/// True when every word that is looked for begins a word of a text.
fn holds(text: &str, wanted: &[String]) -> bool {
    let known = words(text);
    wanted.iter().all(|word| known.iter().any(|one| one.starts_with(word.as_str())))
}

impl Found {
    /// What they are called, when that is open whole.
    fn name(&self) -> Option<String> {
        cell::name(&self.values).seen().filter(|seen| seen.whole).map(|seen| seen.text.clone())
    }
}

/// People whose open name holds these words.
pub async fn people_named(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Vec<PersonId>, Problem> {
    let wanted = words(text);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = asked(ctx, staff, text).await?;
    Ok(found
        .iter()
        .filter(|one| one.name().is_some_and(|name| holds(&name, &wanted)))
        .map(|one| one.id)
        .collect())
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
    hits.people = named.map(|(id, label)| Hit { label, href: format!("/people/{id}") }).collect();
    hits.organisations = organised::found(ctx, staff, text)
        .await?
        .into_iter()
        .filter(|one| holds(&one.known.name, &wanted))
        .take(SHOWN)
        .map(|one| Hit { label: one.known.name, href: format!("/organisations/{}", one.row.id) })
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
        holds(&label, wanted).then(|| Hit { label, href: format!("/deals/{}", deal.id) })
    };
    Ok(rows.iter().filter(|deal| deal.gone_at.is_none()).filter_map(hit).take(SHOWN).collect())
}
