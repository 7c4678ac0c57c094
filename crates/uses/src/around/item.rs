//! Items of the kinds that a company made: what they are called, and those that belong to a person or an organisation.

use std::collections::HashMap;

use askama::Template;
use assent_kernel::{OrganisationId, PersonId};
use assent_store::work::items::{self, Item};
use assent_web::fields::{self, Field, Thing};
use assent_web::objects::{self, Belongs, Object};
use assent_web::parts::Shown;
use assent_web::reach::Object as Kind;
use assent_web::{Ctx, Problem, Staff};

use crate::filled::{self, Filled};
use crate::seen::title::Title;
use crate::seen::unnamed;
use crate::seen::words::Words;
use crate::texts::Opened;

/// So many fields beside the first are shown on the record of somebody else.
const SHOWN: usize = 3;

/// A kind of things, with its fields.
#[derive(Debug, Clone)]
pub struct Sort {
    /// The kind.
    pub object: Object,
    /// Its fields, in order; those too that are no longer offered.
    pub fields: Vec<Field>,
}

/// A kind with its fields.
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
        let (href, unnamed) = (self.href(item), unnamed(&self.object.singular, item.id));
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
    /// An organisation's.
    Organisation(OrganisationId),
}

/// The items of one kind on the record of whom they belong to.
pub struct Section {
    /// What the kind is called.
    pub title: String,
    /// Where a new one is made, and what that is called; nothing when the kind is out of use.
    pub new: Option<(String, String)>,
    /// Columns beside the first.
    pub columns: Vec<String>,
    /// The items.
    pub lines: Vec<(Title, Vec<Shown>)>,
}

/// The items of a record.
#[derive(Template)]
#[template(path = "around/items.html")]
pub struct Items {
    /// By kind.
    pub sections: Vec<Section>,
}

impl askama::filters::HtmlSafe for Items {}

impl Items {
    /// How many there are.
    pub fn count(&self) -> u64 {
        u64::try_from(self.sections.iter().map(|one| one.lines.len()).sum::<usize>()).unwrap_or(0)
    }
}

/// What belongs to a person or an organisation. Of a person only items of which something is open: what hangs on a person
/// is theirs, that it is there too. `opened` holds what was asked of them already.
pub async fn of(
    ctx: &Ctx,
    staff: &Staff,
    whose: &Whose,
    opened: &Opened,
    words: &Words<'_>,
) -> Result<Items, Problem> {
    let wanted = match whose {
        Whose::Person(_) => Belongs::Person,
        Whose::Organisation(_) => Belongs::Organisation,
    };
    let all = objects::all(ctx, staff.company.id).await?.into_iter();
    let kinds: Vec<Object> = all.filter(|one| one.belongs == wanted).collect();
    let mut out = Items { sections: Vec::new() };
    if kinds.is_empty() {
        return Ok(out);
    }
    let (items, filled) = read(ctx, staff, whose).await?;
    for object in kinds {
        let sort = sort_of(ctx, staff, object).await?;
        let lines = lines(&sort, &items, &filled, opened, words);
        if sort.object.gone_at.is_none() || !lines.is_empty() {
            out.sections.push(section(&sort, whose, lines));
        }
    }
    Ok(out)
}

async fn read(
    ctx: &Ctx,
    staff: &Staff,
    whose: &Whose,
) -> Result<(Vec<Item>, HashMap<[u8; 16], Filled>), Problem> {
    let (company, reach, whose) = (staff.company.id, staff.sees(Kind::Things), whose.clone());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = store.read(move |tx| match &whose {
        Whose::Organisation(id) => items::of_organisation(tx, company, &reach, *id),
        Whose::Person(records) => {
            let mut all = Vec::new();
            for one in records {
                all.extend(items::of_person(tx, company, &reach, *one)?);
            }
            all.sort_by_key(|item| std::cmp::Reverse(item.id));
            Ok(all)
        }
    });
    let items = read.await?;
    let filled = filled::read(ctx, staff, items.iter().map(|item| item.id.to_bytes()).collect()).await?;
    Ok((items, filled))
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

fn section(sort: &Sort, whose: &Whose, lines: Vec<(Title, Vec<Shown>)>) -> Section {
    let to = match whose {
        Whose::Person(records) => records.first().map(|id| format!("person={id}")),
        Whose::Organisation(id) => Some(format!("organisation={id}")),
    };
    let home = objects::href(&sort.object.key);
    let new =
        to.map(|to| (format!("{home}/new?{to}"), format!("New {}", sort.object.singular.to_lowercase())));
    Section {
        title: sort.object.plural.clone(),
        new: new.filter(|_| sort.object.gone_at.is_none()),
        columns: sort.offered().skip(1).take(SHOWN).map(|field| field.label.clone()).collect(),
        lines,
    }
}
