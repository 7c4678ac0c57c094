//! Items of the objects that a company made: what they are called, and those that belong to a person or an organisation.

use std::collections::{HashMap, HashSet};

use askama::Template;
use assent_kernel::{OrganisationId, PersonId};
use assent_store::work::Text;
use assent_store::work::items::{self, Item, ItemId};
use assent_web::fields::{self, Field, Thing};
use assent_web::objects::{self, Belongs, Object};
use assent_web::parts::Shown;
use assent_web::reach::Object as Kind;
use assent_web::{Ctx, Problem, Staff, filters, say, text};

use crate::filled::{self, Filled};
use crate::seen::title::Title;
use crate::seen::unnamed;
use crate::seen::words::Words;
use crate::texts::Opened;

/// So many fields beside the first are shown on the record of somebody else.
const SHOWN: usize = 3;

/// An object with its fields.
#[derive(Debug, Clone)]
pub struct Sort {
    /// The object.
    pub object: Object,
    /// Its fields, in order; those too that are no longer offered.
    pub fields: Vec<Field>,
}

/// An object with its fields, read.
pub async fn sort_of(ctx: &Ctx, staff: &Staff, object: Object) -> Result<Sort, Problem> {
    let fields = fields::all(ctx, staff.company.id, Thing::Object(object.key.clone())).await?;
    Ok(Sort { object, fields })
}

impl Sort {
    /// True when its items belong to people: their terms decide.
    pub fn personal(&self) -> bool {
        self.object.belongs == Belongs::Person
    }

    /// The fields that are offered.
    pub fn offered(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.gone_at.is_none())
    }

    /// What an item is called, leading to it: what stands in its first field; a lock when that is closed.
    pub fn title(&self, item: &Item, filled: &Filled, opened: &Opened, words: &Words<'_>) -> Title {
        let (href, unnamed) = (self.href(item), unnamed(objects::singular(&self.object), item.id));
        let Some(field) = self.offered().next() else { return Title::own(unnamed, href) };
        filled.title(field, opened, words, (format!("i-{}", item.id), unnamed, href))
    }

    /// Where an item is.
    pub fn href(&self, item: &Item) -> String {
        format!("{}/{}", objects::href(&self.object.key), item.id)
    }
}

/// Whose items.
#[derive(Debug, Clone)]
pub enum Whose {
    /// A person's, with all their records; the one that stands for them first.
    Person(Vec<PersonId>),
    /// An organisation's, and what it is called.
    Organisation(OrganisationId, String),
}

impl Whose {
    const fn belongs(&self) -> Belongs {
        match self {
            Self::Person(_) => Belongs::Person,
            Self::Organisation(..) => Belongs::Organisation,
        }
    }
}

/// How many items there are of a record, told on its tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    shown: usize,
    more: bool,
}

impl Tally {
    /// So many that are open: what is closed is not told by a number either.
    fn of(open: usize) -> Self {
        Self { shown: open.min(items::SHOWN), more: open > items::SHOWN }
    }

    /// The tab that leads to them.
    pub fn tab(self, label: &str, to: String) -> (String, String, Option<u64>) {
        if self.more {
            return (format!("{label} {}+", self.shown), to, None);
        }
        (label.to_owned(), to, u64::try_from(self.shown).ok())
    }
}

/// The items of one object on the record of whom they belong to.
pub struct Section {
    /// What the object is called.
    pub title: String,
    /// Where a new one is made, and what that is called; nothing when the object is out of use.
    pub new: Option<(String, String)>,
    /// Columns beside the first.
    pub columns: Vec<String>,
    /// The items.
    pub lines: Vec<(Title, Vec<Shown>)>,
    /// Leads to all of them, when there are more than are shown here.
    pub all: Option<String>,
}

/// The items of a record.
#[derive(Template)]
#[template(path = "around/items.html")]
pub struct Items {
    /// By object.
    pub sections: Vec<Section>,
}

impl askama::filters::HtmlSafe for Items {}

/// How many items belong to a person or an organisation, as [`of`] would show them; nothing when there is nothing to show.
pub async fn tally(
    ctx: &Ctx,
    staff: &Staff,
    whose: &Whose,
    opened: &Opened,
) -> Result<Option<Tally>, Problem> {
    let kinds = kinds(ctx, staff, whose).await?;
    if kinds.is_empty() {
        return Ok(None);
    }
    let tally = count(ctx, staff, whose, opened).await?;
    let in_use = kinds.iter().any(|one| one.gone_at.is_none());
    Ok(Some(tally).filter(|tally| in_use || tally.shown > 0))
}

/// The objects whose items may be shown there; none for whom there are no objects.
async fn kinds(ctx: &Ctx, staff: &Staff, whose: &Whose) -> Result<Vec<Object>, Problem> {
    if !staff.has(Kind::Things) {
        return Ok(Vec::new());
    }
    let mut all = objects::all(ctx, staff.company.id).await?;
    all.retain(|one| one.belongs == whose.belongs());
    Ok(all)
}

async fn count(ctx: &Ctx, staff: &Staff, whose: &Whose, opened: &Opened) -> Result<Tally, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Kind::Things));
    let store = ctx.gate.region_db(&staff.company.region)?;
    let count = match whose {
        Whose::Organisation(id, _) => {
            let id = *id;
            let count = store.read(move |tx| items::count_of_organisation(tx, company, &reach, id)).await?;
            usize::try_from(count).unwrap_or(0)
        }
        Whose::Person(records) => open_of(ctx, staff, records.clone(), opened).await?.len(),
    };
    Ok(Tally::of(count))
}

/// The items of a person of which something is open.
async fn open_of(
    ctx: &Ctx,
    staff: &Staff,
    records: Vec<PersonId>,
    opened: &Opened,
) -> Result<HashSet<ItemId>, Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Kind::Things));
    let read = ctx.gate.region_db(&staff.company.region)?.read(move |tx| {
        let of = |one: PersonId| {
            let facts = items::facts_of_person(tx, company, &reach, one)?.into_iter();
            Ok(facts.map(|(item, fact)| (item, Text::OfPerson(one, fact))).collect::<Vec<_>>())
        };
        Ok(records.into_iter().map(of).collect::<assent_store::Result<Vec<_>>>()?.concat())
    });
    let facts = read.await?.into_iter();
    Ok(facts.filter(|(_, fact)| opened.tells(fact)).map(|(item, _)| item).collect())
}

/// What belongs to a person or an organisation. Of a person only items of which something is open: here their being there
/// would tell whose they are, which the list does not. `opened` holds what was asked of them already.
pub async fn of(
    ctx: &Ctx,
    staff: &Staff,
    whose: &Whose,
    opened: &Opened,
    words: &Words<'_>,
) -> Result<Items, Problem> {
    let (company, kinds) = (staff.company.id, kinds(ctx, staff, whose).await?);
    let mut out = Items { sections: Vec::new() };
    if kinds.is_empty() {
        return Ok(out);
    }
    let mut fields = fields::of_objects(ctx, company).await?;
    let (items, filled, more) = read(ctx, staff, whose, opened).await?;
    for object in kinds {
        let sort = Sort { fields: fields.remove(&object.key).unwrap_or_default(), object };
        let lines = lines(&sort, &items, &filled, opened, words);
        if sort.object.gone_at.is_none() || !lines.is_empty() {
            out.sections.push(section(&sort, whose, lines, more));
        }
    }
    Ok(out)
}

/// The newest items that are shown, what stands in them, and whether there are more.
async fn read(
    ctx: &Ctx,
    staff: &Staff,
    whose: &Whose,
    opened: &Opened,
) -> Result<(Vec<Item>, HashMap<[u8; 16], Filled>, bool), Problem> {
    let (company, reach) = (staff.company.id, staff.sees(Kind::Things));
    let open = match whose {
        Whose::Person(records) => Some(open_of(ctx, staff, records.clone(), opened).await?),
        Whose::Organisation(..) => None,
    };
    let (whose, store) = (whose.clone(), ctx.gate.region_db(&staff.company.region)?);
    let read = store.read(move |tx| match &whose {
        Whose::Organisation(id, _) => items::of_organisation(tx, company, &reach, *id),
        Whose::Person(records) => {
            let mut all = Vec::new();
            for one in records {
                all.extend(items::of_person(tx, company, &reach, *one)?);
            }
            all.sort_by_key(|item| std::cmp::Reverse(item.id));
            Ok(all)
        }
    });
    let mut items = read.await?;
    items.retain(|item| open.as_ref().is_none_or(|open| open.contains(&item.id)));
    let more = items.len() > items::SHOWN;
    items.truncate(items::SHOWN);
    let filled = filled::read(ctx, staff, items.iter().map(|item| item.id.to_bytes()).collect()).await?;
    Ok((items, filled, more))
}

fn lines(
    sort: &Sort,
    items: &[Item],
    filled: &HashMap<[u8; 16], Filled>,
    opened: &Opened,
    words: &Words<'_>,
) -> Vec<(Title, Vec<Shown>)> {
    let blank = Filled::default();
    let mine = items.iter().filter(|item| item.object == sort.object.key).filter_map(|item| {
        let filled = filled.get(&item.id.to_bytes()).unwrap_or(&blank);
        if sort.personal() && filled.open(opened).is_none() {
            return None;
        }
        let cell = |field| filled.in_list(field, opened, words, format!("{}-{}", item.id, field.name));
        let cells = sort.offered().skip(1).take(SHOWN).map(cell).collect();
        Some((sort.title(item, filled, opened, words), cells))
    });
    mine.collect()
}

fn section(sort: &Sort, whose: &Whose, lines: Vec<(Title, Vec<Shown>)>, more: bool) -> Section {
    let home = objects::href(&sort.object.key);
    let (to, all) = match whose {
        // No address names a person: their list is the whole one.
        Whose::Person(records) => (records.first().map(|id| format!("person={id}")), home.clone()),
        Whose::Organisation(id, name) => {
            let rule = format!("whom.is.{name}");
            let rule = form_urlencoded::Serializer::new(String::new()).append_pair("f", &rule).finish();
            (Some(format!("organisation={id}")), format!("{home}?{rule}"))
        }
    };
    let new = to.map(|to| {
        (format!("{home}/new?{to}"), say!("New {one}", one = text::within(objects::singular(&sort.object))))
    });
    Section {
        title: objects::plural(&sort.object).to_owned(),
        new: new.filter(|_| sort.object.gone_at.is_none()),
        columns: sort.offered().skip(1).take(SHOWN).map(|field| fields::name(field).to_owned()).collect(),
        lines,
        all: more.then_some(all),
    }
}
