//! Notes, files and items of people: facts of theirs. Only those to which the words lead are asked for, and whoever matches
//! only by something that is closed, or beyond reach, is left out without a trace.

use std::collections::{HashMap, HashSet};

use assent_gate::{Dossier, Holding, Query};
use assent_kernel::{CategoryKey, FactId, PersonId, Region};
use assent_store::work::items::{self, Item, ItemId};
use assent_store::work::{Text, filled as rows};
use assent_store::{Tx, files};
use assent_web::reach::Object;
use assent_web::{Problem, objects};

use super::super::act::{Hit, SHOWN};
use super::{Search, Side, excerpt, has_words, with};
use crate::far::far;
use crate::filled::{self, Filled};
use crate::lookup::holds;
use crate::seen::{NOTE, under, unnamed};
use crate::texts::{self, Opened};

/// So many people are looked at at once, and so often: past that, whoever is open comes too late. Where enough of one kind is
/// found a word is common, and what is of another kind is looked for a little further only.
const AT_ONCE: u32 = 40;
const MOST_PAGES: u32 = 12;
const PAGES_MORE: u32 = 1;

/// Where a fact stands to which words lead.
struct Places {
    /// Facts that files hang on.
    files: HashSet<FactId>,
    /// The deal or the item in which a fact stands.
    things: HashMap<FactId, [u8; 16]>,
    /// Those of them that are items within reach.
    items: HashMap<[u8; 16], Item>,
}

/// Something that the words lead to, sealed.
enum Led {
    Note(Text, CategoryKey),
    File(Text),
    /// An item, with the facts in it to which they lead.
    Item(Item, Vec<FactId>),
}

pub(super) async fn found(search: &Search<'_>) -> Result<Side, Problem> {
    let Search { ctx, staff, .. } = search;
    let mut out = Side::default();
    let query = ctx.gate.query_texts(staff.company.id, search.text).await?;
    if query.is_empty() {
        return Ok(out);
    }
    let (mut after, mut left) = (None, MOST_PAGES);
    while left > 0 {
        left -= 1;
        let ids = ctx.gate.find(&staff.people(), &query, after, AT_ONCE).await?;
        after = ids.last().copied();
        if ids.is_empty() {
            break;
        }
        let led = led(search, &query, &ids, &out).await?;
        open(search, led, &mut out).await?;
        if u32::try_from(ids.len()).unwrap_or(0) < AT_ONCE {
            break;
        }
        if out.any_full() {
            left = left.min(PAGES_MORE);
        }
    }
    Ok(out)
}

/// What of these people the words lead to, as far as more of its kind is shown.
async fn led(
    search: &Search<'_>,
    query: &Query,
    ids: &[PersonId],
    shown: &Side,
) -> Result<Vec<Led>, Problem> {
    let Search { ctx, staff, .. } = search;
    let dossiers = ctx.gate.look(&staff.people(), ids).await?;
    let mut holding = ctx.gate.holding(staff.company.id, query, &dossiers).await?;
    let far = far(ctx, staff, holding.iter().map(|one| one.person)).await?;
    holding.retain(|one| !far.contains(&one.fact));
    let places = places(search, &dossiers, &holding).await?;
    let kinds: HashMap<PersonId, &Dossier> = dossiers.iter().map(|one| (one.id(), one)).collect();
    let (mut out, mut items): (Vec<Led>, HashMap<ItemId, Vec<FactId>>) = (Vec::new(), HashMap::new());
    for Holding { person, fact, whole } in holding {
        let category = kinds.get(&person).and_then(|one| one.fact(fact)).map(|held| held.category().clone());
        let text = Text::OfPerson(person, fact);
        match (places.files.contains(&fact), places.things.get(&fact), category) {
            (true, _, _) if whole && shown.files.len() < SHOWN => out.push(Led::File(text)),
            (false, Some(thing), _) => {
                if let Some(item) = places.items.get(thing).filter(|item| shown.wants(&item.object)) {
                    items.entry(item.id).or_default().push(fact);
                }
            }
            (false, None, Some(category)) if whole && is_note(&category) && shown.notes.len() < SHOWN => {
                out.push(Led::Note(text, category));
            }
            // No more of its kind, or a value that is found by none of these.
            (true | false, None | Some(_), None | Some(_)) => {}
        }
    }
    let of = |item: &Item| Some(Led::Item(item.clone(), items.remove(&item.id)?));
    let mut found: Vec<&Item> = places.items.values().collect();
    found.sort_by_key(|item| std::cmp::Reverse(item.id));
    out.extend(found.into_iter().filter_map(of));
    Ok(out)
}

/// What is written down about somebody, and is no title or task.
fn is_note(category: &CategoryKey) -> bool {
    under(category, "note") || under(category, "communication")
}

async fn places(search: &Search<'_>, dossiers: &[Dossier], holding: &[Holding]) -> Result<Places, Problem> {
    let Search { ctx, staff, .. } = search;
    let company = staff.company.id;
    let mut files = HashSet::new();
    for (region, ids) in by_region(dossiers, holding) {
        let read = move |tx: &mut Tx<'_>| files::among(tx, company, &ids);
        let found = ctx.gate.region_db(&region)?.read(read).await?;
        files.extend(found.into_iter().map(FactId::from_bytes));
    }
    let people: Vec<PersonId> = holding.iter().map(|one| one.person).collect();
    let facts: HashSet<FactId> = holding.iter().map(|one| one.fact).collect();
    let reach = staff.sees(Object::Things);
    let read = move |tx: &mut Tx<'_>| {
        let mut things = rows::places(tx, company, &people)?;
        things.retain(|fact, _| facts.contains(fact));
        let ids: Vec<[u8; 16]> = things.values().copied().collect();
        Ok((things, items::led(tx, company, &reach, &ids)?))
    };
    let (things, items) = ctx.gate.region_db(&staff.company.region)?.read(read).await?;
    let items = items.into_iter().filter(|item| search.sort(&item.object).is_some());
    Ok(Places { files, things, items: items.map(|item| (item.id.to_bytes(), item)).collect() })
}

/// The facts by the regions in which their people are kept.
fn by_region(dossiers: &[Dossier], holding: &[Holding]) -> HashMap<Region, Vec<[u8; 16]>> {
    let of: HashMap<PersonId, &Region> = dossiers.iter().map(|one| (one.id(), one.region())).collect();
    let mut out: HashMap<Region, Vec<[u8; 16]>> = HashMap::new();
    for one in holding {
        if let Some(region) = of.get(&one.person) {
            out.entry((*region).clone()).or_default().push(one.fact.to_bytes());
        }
    }
    out
}

/// Asks for what the words lead to, all in one shared commit, and keeps what is open and holds them.
async fn open(search: &Search<'_>, led: Vec<Led>, out: &mut Side) -> Result<(), Problem> {
    let Search { ctx, staff, wanted, .. } = search;
    let things = led.iter().filter_map(|one| match one {
        Led::Item(item, _) => Some(item.id.to_bytes()),
        Led::Note(..) | Led::File(_) => None,
    });
    let filled = filled::read(ctx, staff, things.collect()).await?;
    let blank = Filled::default();
    let of = |item: &Item| filled.get(&item.id.to_bytes()).unwrap_or(&blank);
    let mut texts: Vec<&Text> = Vec::new();
    for one in &led {
        match one {
            Led::Note(text, _) | Led::File(text) => texts.push(text),
            Led::Item(item, facts) => texts.extend(asked(search, item, of(item), facts)),
        }
    }
    let opened = texts::listed(ctx, staff, texts.into_iter()).await?;
    for one in &led {
        match one {
            Led::Note(text, category) if out.notes.len() < SHOWN => {
                let tab = if under(category, NOTE) { "?tab=notes" } else { "" };
                out.notes.extend(typed(text, &opened, wanted, tab));
            }
            Led::File(text) if out.files.len() < SHOWN => {
                out.files.extend(typed(text, &opened, wanted, "?tab=files"));
            }
            Led::Item(item, facts) if out.wants(&item.object) => {
                let hit = in_item(search, item, of(item), (facts, &opened));
                out.items.entry(item.object.clone()).or_default().extend(hit);
            }
            Led::Note(..) | Led::File(_) | Led::Item(..) => {}
        }
    }
    Ok(())
}

fn typed(text: &Text, opened: &Opened, wanted: &[String], tab: &str) -> Option<Hit> {
    let Text::OfPerson(person, fact) = text else { return None };
    let open = opened.plain([0; 16], text).filter(|open| holds(open, wanted))?;
    let label = with(excerpt(&open, wanted), opened.name(text));
    Some(Hit::new(fact.to_string(), label, format!("/people/{person}{tab}")).beside(person))
}

/// What is asked for of an item: what heads it, and the texts to which words lead.
fn asked<'a>(search: &Search<'_>, item: &Item, filled: &'a Filled, facts: &[FactId]) -> Vec<&'a Text> {
    fields_of(search, item, filled, facts).into_iter().filter_map(|name| filled.fact(&name)).collect()
}

/// The short names of the fields of an item that are asked for, the one that heads it first.
fn fields_of(search: &Search<'_>, item: &Item, filled: &Filled, facts: &[FactId]) -> Vec<String> {
    let Some(sort) = search.sort(&item.object) else { return Vec::new() };
    let led = |name: &str| match filled.fact(name) {
        Some(Text::OfPerson(_, fact)) => facts.contains(fact),
        Some(Text::Own(_) | Text::Gone) | None => false,
    };
    let all = sort.offered().enumerate();
    let meant = all.filter(|(place, field)| *place == 0 || has_words(field.kind) && led(&field.name));
    meant.map(|(_, field)| field.name.clone()).collect()
}

fn in_item(
    search: &Search<'_>,
    item: &Item,
    filled: &Filled,
    (facts, opened): (&[FactId], &Opened),
) -> Option<Hit> {
    let sort = search.sort(&item.object)?;
    let names = fields_of(search, item, filled, facts);
    let mut values: Vec<Option<String>> = names.iter().map(|name| filled.plain(name, opened)).collect();
    let all: Vec<&str> = values.iter().flatten().map(String::as_str).collect();
    if !holds(&all.join(" "), search.wanted) {
        return None;
    }
    let name = filled.open(opened).and_then(|text| opened.name(text)).map(str::to_owned);
    let head = (!values.is_empty()).then(|| values.remove(0)).flatten();
    let head = head.unwrap_or_else(|| unnamed(objects::singular(&sort.object), item.id));
    let label = values.into_iter().flatten().fold(excerpt(&head, search.wanted), |label, value| {
        with(label, Some(&excerpt(&value, search.wanted)))
    });
    Some(Hit::new(item.id.to_string(), with(label, name.as_deref()), sort.href(item)))
}
