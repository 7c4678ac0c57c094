//! Verbs: find people, organisations, deals, tasks, and what was written down. Whoever matches only by something that is closed
//! is left out without a trace.

use std::collections::{HashMap, HashSet};

use assent_gate::Work;
use assent_kernel::PersonId;
use assent_store::work::deals::{self, Deal};
use assent_store::work::tasks::{self, Task};
use assent_store::work::{self, Led, MOST};
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

use super::written::{self, Items};
use crate::leads::Leads;
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
    /// The record that it lies beside, when it is no record itself.
    pub of: Option<String>,
}

impl Hit {
    /// Something found that is a record.
    pub fn new(id: String, label: String, href: String) -> Self {
        Self { id, label, href, of: None }
    }
    /// The same beside a record.
    #[must_use]
    pub fn beside(self, of: impl std::fmt::Display) -> Self {
        Self { of: Some(of.to_string()), ..self }
    }
}

/// What is found: people, organisations, deals, tasks; notes, files and items.
#[derive(Default)]
pub struct Hits {
    /// People.
    pub people: Vec<Hit>,
    /// Organisations.
    pub organisations: Vec<Hit>,
    /// Deals.
    pub deals: Vec<Hit>,
    /// Tasks that are here, open or done.
    pub tasks: Vec<Hit>,
    /// Notes about people, and beside organisations and deals.
    pub notes: Vec<Hit>,
    /// Files, by what they are called.
    pub files: Vec<Hit>,
    /// Items of the company's own objects, by object.
    pub items: Vec<Items>,
}

/// Finds everything these words lead to.
pub async fn find(ctx: &Ctx, staff: &Staff, text: &str) -> Result<Hits, Problem> {
    let wanted = words(text);
    let mut hits = Hits::default();
    if wanted.is_empty() {
        return Ok(hits);
    }
    let found = asked(ctx, staff, text).await?;
    let named = found.iter().filter_map(|one| Some((one.id, one.name()?)));
    let named = named.filter(|(_, name)| holds(name, &wanted)).take(SHOWN);
    hits.people = named.map(|(id, label)| Hit::new(id.to_string(), label, format!("/people/{id}"))).collect();
    hits.organisations = organised::found(ctx, staff, text)
        .await?
        .into_iter()
        .filter(|one| holds(&one.known.name, &wanted))
        .take(SHOWN)
        .map(|one| {
            let id = one.row.id.to_string();
            Hit::new(id.clone(), one.known.name, format!("/organisations/{id}"))
        })
        .collect();
    hits.deals = deals_found(ctx, staff, text, &wanted, &found).await?;
    hits.tasks = tasks_found(ctx, staff, text, &wanted).await?;
    let written = written::written(ctx, staff, text, &wanted).await?;
    (hits.notes, hits.files, hits.items) = (written.notes, written.files, written.items);
    Ok(hits)
}

async fn deals_found(
    ctx: &Ctx,
    staff: &Staff,
    text: &str,
    wanted: &[String],
    found: &[Found],
) -> Result<Vec<Hit>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Deals));
    let tokens = ctx.gate.own(company).await?.query(Work::Deal, text);
    let people: HashSet<PersonId> = found.iter().map(|one| one.id).collect();
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows: Vec<Deal> = store
        .read(move |tx| {
            // Cut to whose they are before to how many: what is far away takes nobody's place.
            let things = work::by_words(tx, company, &tokens, MOST)?.into_iter().collect();
            let led = Led { things, organisations: HashSet::new(), people };
            deals::led(tx, company, &reach, &led, DEALS)
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
        holds(&label, wanted).then(|| Hit::new(id.clone(), label, format!("/deals/{id}")))
    };
    Ok(rows.iter().filter(|deal| deal.gone_at.is_none()).filter_map(hit).take(SHOWN).collect())
}

/// So many deals are opened to find those that are shown.
const DEALS: u32 = 500;
/// So many tasks are opened at once: whatever is closed takes nobody's place.
const AT_ONCE: usize = 50;

/// Tasks whose text holds the words, or whose person is called so.
async fn tasks_found(ctx: &Ctx, staff: &Staff, text: &str, wanted: &[String]) -> Result<Vec<Hit>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Object::Tasks));
    let leads = Leads::of(ctx, staff, Work::Task, text).await?;
    // A word of one letter, or one that half of everything holds, finds nothing here: the list of tasks looks for it.
    let Some(led) = leads.fewest().cloned() else { return Ok(Vec::new()) };
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows: Vec<Task> = store.read(move |tx| tasks::led(tx, company, &reach, &led, MOST)).await?;
    let record = |task: &Task| (task.id.to_bytes(), None, task.text.person());
    let rows = leads.narrow(ctx, staff, rows, record).await?;
    let mut hits = Vec::new();
    for some in rows.chunks(AT_ONCE) {
        let opened = texts::listed(ctx, staff, some.iter().map(|task| &task.text)).await?;
        let hit = |task: &Task| {
            let text = opened.plain(task.id.to_bytes(), &task.text)?;
            let label = match opened.name(&task.text) {
                Some(name) => format!("{text} · {name}"),
                None => text,
            };
            let id = task.id.to_string();
            holds(&label, wanted).then(|| Hit::new(id.clone(), label, format!("/tasks/{id}")))
        };
        hits.extend(some.iter().filter_map(hit));
        if hits.len() >= SHOWN {
            break;
        }
    }
    hits.truncate(SHOWN);
    Ok(hits)
}
