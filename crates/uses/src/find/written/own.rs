//! Notes and files beside organisations and deals that are about nobody, and items of nobody: the company's own, newest first,
//! as far as the record that they lie beside is within reach.

use std::collections::{HashMap, HashSet};

use assent_gate::{Own, Work};
use assent_kernel::{DealId, OrganisationId};
use assent_store::Tx;
use assent_store::work::activities::{self, Activity, Kind};
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::{self, Led, Text, deals};
use assent_web::reach::Object;
use assent_web::{Problem, objects};

use super::super::act::{Hit, SHOWN};
use super::{Search, Side, excerpt, has_words, with};
use crate::filled::{self, Filled};
use crate::lookup::holds;
use crate::organised;
use crate::seen::unnamed;

/// So many are read at once, and so often: past that, whatever is within reach comes too late.
const AT_ONCE: u32 = 200;
const MOST_PAGES: u32 = 10;

pub(super) async fn found(search: &Search<'_>) -> Result<Side, Problem> {
    let own = search.ctx.gate.own(search.staff.company.id).await?;
    let notes = typed(search, &own, Work::Note).await?;
    let mut out = Side { notes, files: typed(search, &own, Work::File).await?, ..Side::default() };
    if !search.sorts.is_empty() {
        in_items(search, &own, &mut out).await?;
    }
    Ok(out)
}

/// The next things to which words lead, before one, read by `of`; and before which it goes on.
async fn page<T: Send + 'static>(
    search: &Search<'_>,
    tokens: &[i64],
    before: Option<[u8; 16]>,
    of: impl FnOnce(&mut Tx<'_>, &[[u8; 16]]) -> assent_store::Result<Vec<T>> + Send + 'static,
) -> Result<(Vec<T>, Option<[u8; 16]>), Problem> {
    let (company, tokens) = (search.staff.company.id, tokens.to_vec());
    let read = move |tx: &mut Tx<'_>| {
        let ids = work::newest_by_words(tx, company, &tokens, before, AT_ONCE)?;
        let more = ids.len() >= AT_ONCE as usize;
        Ok((of(tx, &ids)?, ids.last().copied().filter(|_| more)))
    };
    Ok(search.ctx.gate.region_db(&search.staff.company.region)?.read(read).await?)
}

async fn typed(search: &Search<'_>, own: &Own, of: Work) -> Result<Vec<Hit>, Problem> {
    let (staff, tokens) = (search.staff, own.query(of, search.text));
    let (mut found, mut before): (Vec<Hit>, _) = (Vec::new(), None);
    let tab = if of == Work::File { "files" } else { "notes" };
    for _ in 0..MOST_PAGES {
        let company = staff.company.id;
        let (of_deals, of_organisations) = (staff.sees(Object::Deals), staff.sees(Object::Organisations));
        let of_items = staff.sees(Object::Things);
        let read = move |tx: &mut Tx<'_>, ids: &[[u8; 16]]| {
            activities::led(tx, company, (&of_deals, &of_organisations, &of_items), ids)
        };
        let (rows, next) = page(search, &tokens, before, read).await?;
        let open = |row: Activity| {
            let Text::Own(sealed) = &row.text else { return None };
            let text = own.open(row.id.to_bytes(), sealed).ok()?;
            ((row.kind == Kind::File) == (of == Work::File) && holds(&text, search.wanted))
                .then_some((row, text))
        };
        let open: Vec<(Activity, String)> = rows.into_iter().filter_map(open).collect();
        let beside = Beside::of(search, own, open.iter().map(|(row, _)| row)).await?;
        let hit = |(row, text): (Activity, String)| beside.hit(&row, excerpt(&text, search.wanted), tab);
        // What leads nowhere takes the place of nothing that does.
        found.extend(open.into_iter().filter_map(hit));
        before = next;
        if found.len() >= SHOWN || before.is_none() {
            break;
        }
    }
    found.truncate(SHOWN);
    Ok(found)
}

/// What organisations and deals are called beside which something lies, and which items.
struct Beside<'a> {
    search: &'a Search<'a>,
    items: HashMap<ItemId, Item>,
    organisations: HashMap<OrganisationId, String>,
    /// Of deals only titles of the company's own: of a person nothing is asked for by the way.
    deals: HashMap<DealId, String>,
}

impl<'a> Beside<'a> {
    async fn of(
        search: &'a Search<'a>,
        own: &Own,
        rows: impl Iterator<Item = &Activity> + Clone,
    ) -> Result<Self, Problem> {
        let Search { ctx, staff, .. } = search;
        let organisations = rows.clone().filter(|row| row.deal.is_none()).filter_map(|row| row.organisation);
        let organisations = organised::names(ctx, staff, organisations).await?;
        let ids: Vec<[u8; 16]> = rows.clone().filter_map(|row| row.item).map(ItemId::to_bytes).collect();
        let things: HashSet<[u8; 16]> = rows.filter_map(|row| row.deal).map(DealId::to_bytes).collect();
        let company = staff.company.id;
        let (of_deals, of_items) = (staff.sees(Object::Deals), staff.sees(Object::Things));
        let led = Led { things, ..Led::default() };
        let read = move |tx: &mut Tx<'_>| {
            let items = items::led(tx, company, &of_items, &ids)?;
            Ok((deals::led(tx, company, &of_deals, &led, AT_ONCE)?, items))
        };
        let (found, items) = ctx.gate.region_db(&staff.company.region)?.read(read).await?;
        let items = items.into_iter().map(|item| (item.id, item)).collect();
        let title = |deal: deals::Deal| match &deal.title {
            Text::Own(sealed) => Some((deal.id, own.open(deal.id.to_bytes(), sealed).ok()?)),
            Text::OfPerson(..) | Text::Gone => None,
        };
        Ok(Self { search, items, organisations, deals: found.into_iter().filter_map(title).collect() })
    }

    fn hit(&self, row: &Activity, label: String, tab: &str) -> Option<Hit> {
        let id = row.id.to_string();
        if let Some(deal) = row.deal {
            let label = with(label, self.deals.get(&deal).map(String::as_str));
            return Some(Hit::new(id, label, format!("/deals/{deal}?tab={tab}")).beside(deal));
        }
        if let Some(item) = row.item {
            let item = self.items.get(&item)?;
            let sort = self.search.sort(&item.object)?;
            let there = format!("{}?tab={tab}", sort.href(item));
            return Some(
                Hit::new(id, with(label, Some(objects::singular(&sort.object))), there).beside(item.id),
            );
        }
        let firm = row.organisation?;
        let label = with(label, self.organisations.get(&firm).map(String::as_str));
        Some(Hit::new(id, label, format!("/organisations/{firm}?tab={tab}")).beside(firm))
    }
}

async fn in_items(search: &Search<'_>, own: &Own, out: &mut Side) -> Result<(), Problem> {
    let Search { ctx, staff, .. } = search;
    let (tokens, mut before) = (own.query(Work::Item, search.text), None);
    for _ in 0..MOST_PAGES {
        let (company, reach) = (staff.company.id, staff.sees(Object::Things));
        let read = move |tx: &mut Tx<'_>, ids: &[[u8; 16]]| items::led(tx, company, &reach, ids);
        let (mut rows, next) = page(search, &tokens, before, read).await?;
        rows.retain(|item| search.sort(&item.object).is_some() && out.wants(&item.object));
        let filled = filled::read(ctx, staff, rows.iter().map(|item| item.id.to_bytes()).collect()).await?;
        let firms = organised::names(ctx, staff, rows.iter().filter_map(|item| item.organisation)).await?;
        for item in rows {
            let Some(filled) = filled.get(&item.id.to_bytes()) else { continue };
            let firm = item.organisation.and_then(|id| firms.get(&id)).map(String::as_str);
            if out.wants(&item.object) {
                let hit = in_item(search, &item, filled, firm);
                out.items.entry(item.object).or_default().extend(hit);
            }
        }
        before = next;
        let full = search.sorts.iter().all(|sort| !out.wants(&sort.object.key));
        if full || before.is_none() {
            break;
        }
    }
    Ok(())
}

fn in_item(search: &Search<'_>, item: &Item, filled: &Filled, firm: Option<&str>) -> Option<Hit> {
    let sort = search.sort(&item.object)?;
    let texts = || sort.offered().filter(|field| has_words(field.kind));
    let all: Vec<&str> = texts().map(|field| filled.of_nobody(&field.name)).collect();
    if !holds(&all.join(" "), search.wanted) {
        return None;
    }
    let first = sort.offered().next();
    let head = first.map_or("", |field| filled.of_nobody(&field.name));
    let head =
        if head.is_empty() { unnamed(objects::singular(&sort.object), item.id) } else { head.to_owned() };
    let others = texts().filter(|field| first.is_some_and(|first| first.name != field.name));
    let others = others.map(|field| filled.of_nobody(&field.name));
    let why = others.filter(|text| search.wanted.iter().any(|word| holds(text, std::slice::from_ref(word))));
    let label = why
        .fold(excerpt(&head, search.wanted), |label, text| with(label, Some(&excerpt(text, search.wanted))));
    let label = with(label, firm);
    Some(Hit::new(item.id.to_string(), label, sort.href(item)))
}
