//! What stands in the fields that a company made for what may be about a person. Of a person each value is a fact of theirs,
//! decided and shown one by one; of nobody it is the company's own. Every thing with such fields shares this.

mod form;
mod keep;
pub mod one;
mod what;

use std::collections::{BTreeMap, HashMap, HashSet};

use assent_gate::Own;
use assent_kernel::{FactId, PersonId, Reason};
use assent_store::work::{Text, filled};
use assent_web::fields::{self, Field, Kind};
use assent_web::parts::Shown;
use assent_web::reach::Object;
use assent_web::{Ctx, Problem, Staff};

pub use form::{ASKED, More, Part, above, checked, part, plains, sent, typed};
pub use keep::{Kept, drop_over, fresh, keep, or_forget, refill, written};
pub use what::{Heading, What, open};

use crate::lists::{Value, own};
use crate::seen::cell::Cell;
use crate::seen::title::Title;
use crate::seen::words::Words;
use crate::spoken;
use crate::texts::{self, Opened};

/// What stands in the fields of one thing, by their short names.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// Facts of a person.
    facts: BTreeMap<String, Text>,
    /// About nobody.
    own: BTreeMap<String, String>,
}

/// Values as they were typed, by the short names of their fields; an empty one takes what stands there away.
pub type Typed = BTreeMap<String, String>;

/// A field with what is to stand in it.
pub type Change<'a> = (&'a Field, String);

/// Why nothing was kept, and which field is to blame, if one is.
#[derive(Debug, Clone)]
pub struct Closed {
    /// The field.
    pub field: Option<String>,
    /// The law's reason.
    pub reason: Reason,
}

/// What stands in the fields of these things; nothing for those without any.
pub async fn read(
    ctx: &Ctx,
    staff: &Staff,
    things: Vec<[u8; 16]>,
) -> Result<HashMap<[u8; 16], Filled>, Problem> {
    let company = staff.company.id;
    let store = ctx.gate.region_db(&staff.company.region)?;
    let rows = store.read(move |tx| filled::of(tx, company, &things)).await?;
    let own = ctx.gate.own(company).await?;
    rows.into_iter().map(|(id, row)| Ok((id, Filled::opened(&own, id, row)?))).collect()
}

/// What stands in the fields of one thing.
pub async fn of(ctx: &Ctx, staff: &Staff, thing: [u8; 16]) -> Result<Filled, Problem> {
    Ok(read(ctx, staff, vec![thing]).await?.remove(&thing).unwrap_or_default())
}

/// A row of a list whose thing has such fields.
pub trait Fills {
    /// The thing.
    fn thing(&self) -> [u8; 16];
    /// What stands in its fields.
    fn filled(&mut self) -> &mut Filled;
}

/// Reads what stands in the fields of these rows; nothing of a person is open yet.
pub async fn fill(ctx: &Ctx, staff: &Staff, rows: &mut [impl Fills]) -> Result<(), Problem> {
    let mut filled = read(ctx, staff, rows.iter().map(Fills::thing).collect()).await?;
    for row in rows {
        *row.filled() = filled.remove(&row.thing()).unwrap_or_default();
    }
    Ok(())
}

impl Filled {
    fn opened(own: &Own, id: [u8; 16], row: filled::Filled) -> Result<Self, Problem> {
        let facts = row.facts.into_iter().map(|(name, (person, fact))| (name, Text::OfPerson(person, fact)));
        let own = match row.own {
            Some(sealed) => {
                serde_json::from_str(&own.open(id, &sealed)?).map_err(|error| Problem::internal(&error))?
            }
            None => BTreeMap::new(),
        };
        Ok(Self { facts: facts.collect(), own })
    }

    /// Every fact of it, to be opened with others at once.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.facts.values()
    }

    /// The facts that stand in these fields.
    pub fn texts_of(&self, names: &[String]) -> impl Iterator<Item = &Text> {
        self.facts.iter().filter(|(name, _)| names.contains(name)).map(|(_, text)| text)
    }

    /// The fact that stands in a field of it.
    pub fn fact(&self, name: &str) -> Option<&Text> {
        self.facts.get(name)
    }

    /// What stands in a field and is about nobody; empty when nothing does.
    pub fn of_nobody(&self, name: &str) -> &str {
        self.own.get(name).map_or("", String::as_str)
    }

    /// True when it may be told that something stands in a field, open or not.
    pub fn stands(&self, field: &Field, opened: &Opened, words: &Words<'_>) -> bool {
        match self.facts.get(&field.name).map(|text| opened.cell(text)) {
            Some(Some((_, Cell::Unknown)) | None) => false,
            Some(Some((_, cell))) => !hides(field, cell, words),
            None => self.own.contains_key(&field.name),
        }
    }

    /// Its tag, with that of its row: another one after every change of either, also by the person themselves.
    pub fn tag(&self, row: (i64, Option<PersonId>), opened: &Opened) -> String {
        opened.tag(row, self.texts())
    }

    /// What it is called by one of its fields, leading to it; a lock when that is closed and may be told.
    pub fn title(
        &self,
        field: &Field,
        opened: &Opened,
        words: &Words<'_>,
        (mark, unnamed, href): (String, String, String),
    ) -> Title {
        match self.facts.get(&field.name) {
            Some(_) if !self.stands(field, opened, words) => Title::own(unnamed, href),
            Some(text) => opened.title([0; 16], text, words, (mark, unnamed, href)),
            None => Title::own(self.plain(&field.name, opened).unwrap_or(unnamed), href),
        }
    }

    /// A fact of which something is open, if there is one: only then may it be told whom it is about.
    pub fn open<'a>(&'a self, opened: &Opened) -> Option<&'a Text> {
        self.facts.values().find(|text| opened.tells(text))
    }

    /// What stands in a field, when it is open whole.
    pub fn plain(&self, name: &str, opened: &Opened) -> Option<String> {
        match self.facts.get(name) {
            Some(text) => opened.plain([0; 16], text),
            None => self.own.get(name).cloned(),
        }
    }

    /// True when only a part of what stands in a field is open.
    fn partly(&self, name: &str, opened: &Opened) -> bool {
        let cell = self.facts.get(name).and_then(|text| opened.cell(text));
        cell.is_some_and(|(_, cell)| cell.seen().is_some_and(|seen| !seen.whole))
    }

    /// Why what stands in a field is closed, if it is: all of it, or a part.
    fn closed(&self, name: &str, opened: &Opened) -> Option<Reason> {
        match opened.cell(self.facts.get(name)?)?.1 {
            Cell::Unknown => None,
            Cell::Open(seen) if seen.whole => None,
            Cell::Open(_) => Some(Reason::CategoryNotGranted),
            Cell::Closed(reason) => Some(reason.clone().unwrap_or(Reason::UnknownFact)),
        }
    }

    /// What stands in a field as rules and orders see it. Of a person an empty field is not told from a closed one.
    pub fn value(&self, field: &Field, opened: &Opened, personal: bool) -> Value {
        match self.plain(&field.name, opened) {
            Some(text) => own::value(field, &text),
            None if personal => Value::Text(None),
            None => Value::Text(Some(String::new())),
        }
    }

    /// The same of these fields, by their columns.
    pub fn values<'a>(
        &self,
        fields: impl Iterator<Item = &'a Field>,
        (opened, personal): (&Opened, bool),
    ) -> BTreeMap<String, Value> {
        fields.map(|field| (own::key(field), self.value(field, opened, personal))).collect()
    }

    /// What stands in a field, in a cell of a list; `id` tells its chip apart on the page.
    pub fn in_list(&self, field: &Field, opened: &Opened, words: &Words<'_>, id: String) -> Shown {
        match self.facts.get(&field.name).map(|text| opened.cell(text)) {
            Some(Some((_, cell))) if hides(field, cell, words) => Shown::Unknown,
            Some(Some((about, cell))) => read_as(field, words.in_list(id, &about.person, cell)),
            Some(None) => Shown::Unknown,
            None => self.own_shown(field),
        }
    }

    /// The same in a line of a record, where a lock says why.
    pub fn in_record(&self, field: &Field, opened: &Opened, words: &Words<'_>, id: String) -> Shown {
        let cell = self.facts.get(&field.name).and_then(|text| opened.cell(text));
        match (cell, link(field, self.plain(&field.name, opened).as_deref())) {
            (Some((about, Cell::Open(seen))), Some(href)) => {
                Shown::link(seen.text.clone(), href, words.terms(id, &about.person, seen, None))
            }
            (Some((about, cell @ Cell::Closed(reason))), _) if !hides(field, cell, words) => {
                let sentence = match reason {
                    Some(reason) => words.sentence_of(&about.person, reason),
                    None => words.sentence(None),
                };
                Shown::locked(sentence, None)
            }
            _ => self.in_list(field, opened, words, id),
        }
    }

    fn own_shown(&self, field: &Field) -> Shown {
        match self.own.get(&field.name) {
            Some(text) => match link(field, Some(text)) {
                Some(href) => Shown::Linked(text.clone(), href),
                None => Shown::Plain(fields::shown(field, text).into_owned()),
            },
            None => Shown::Unknown,
        }
    }

    /// What stands in these fields, for programs; fields without anything are left out.
    pub fn told(&self, fields: &[Field], opened: &Opened, words: &Words<'_>) -> Vec<serde_json::Value> {
        let said = |field: &Field| match self.facts.get(&field.name) {
            Some(text) => {
                let (_, cell) = opened.cell(text)?;
                if hides(field, cell, words) { None } else { spoken::said(cell, words) }
            }
            None => Some(spoken::Said::Open {
                value: self.own.get(&field.name)?.clone(),
                partly: false,
                until: None,
            }),
        };
        fields.iter().filter_map(|field| spoken::in_field(&field.name, said(field))).collect()
    }

    /// What of the typed values would change something. Nobody puts another value in the place of one that is closed; and
    /// where a closed one is not even named, emptying it changes nothing, as where nothing stands.
    pub fn changes<'a>(
        &self,
        fields: &'a [Field],
        typed: &Typed,
        (opened, words): (&Opened, &Words<'_>),
    ) -> Result<Vec<Change<'a>>, Closed> {
        let mut out = Vec::new();
        for field in fields {
            let Some(text) = typed.get(&field.name) else { continue };
            if let Some(reason) = self.closed(&field.name, opened) {
                if text.is_empty() && !self.stands(field, opened, words) {
                    continue;
                }
                return Err(Closed { field: Some(field.name.clone()), reason });
            }
            if self.plain(&field.name, opened).unwrap_or_default() != *text {
                out.push((field, text.clone()));
            }
        }
        Ok(out)
    }

    /// Texts about one person that were typed again for another, with what is said beside their fields. Choices, days and
    /// numbers are typed anew or not: nothing tells the same one from a new one.
    pub fn carried(
        &self,
        fields: &[Field],
        typed: &Typed,
        (opened, to): (&Opened, Option<PersonId>),
    ) -> Typed {
        let carried = |field: &&Field| {
            let text = typed.get(&field.name).filter(|text| !text.is_empty());
            let old = self.facts.get(&field.name).zip(self.plain(&field.name, opened));
            matches!(field.kind, Kind::Text | Kind::Long | Kind::Link)
                && text.zip(old).is_some_and(|(text, (old, before))| texts::carried(old, to, &before, text))
        };
        fields.iter().filter(carried).map(|field| (field.name.clone(), texts::CARRIED.to_owned())).collect()
    }

    /// What goes along when a thing changes hands, with what was typed. What is about nobody does; what is about a person
    /// does not.
    pub fn moved<'a>(&self, fields: &'a [Field], typed: &Typed) -> Vec<Change<'a>> {
        let text = |field: &Field| match (self.facts.get(&field.name), typed.get(&field.name)) {
            (_, Some(text)) => Some(text.clone()),
            (Some(_), None) => None,
            (None, None) => self.own.get(&field.name).cloned(),
        };
        fields.iter().filter_map(|one| Some((one, text(one).filter(|text| !text.is_empty())?))).collect()
    }
}

/// What was chosen, said in the language of whoever reads.
pub fn read_as(field: &Field, mut shown: Shown) -> Shown {
    if let Shown::Value(value) = &mut shown {
        value.text = fields::shown(field, &value.text).into_owned();
    }
    shown
}

fn hides(field: &Field, cell: &Cell, words: &Words<'_>) -> bool {
    field.category.as_ref().is_some_and(|category| words.hides(category, cell))
}

/// Where a web address leads.
fn link(field: &Field, text: Option<&str>) -> Option<String> {
    fields::read(field, text?).ok().filter(|_| field.kind == Kind::Link)
}

/// The facts of these people that something leads to which is here: they are shown there, and not by themselves.
pub async fn led(
    ctx: &Ctx,
    staff: &Staff,
    people: impl Iterator<Item = PersonId>,
) -> Result<HashSet<FactId>, Problem> {
    let (company, people): (_, Vec<PersonId>) = (staff.company.id, people.collect());
    let store = ctx.gate.region_db(&staff.company.region)?;
    let read = move |tx: &mut assent_store::Tx<'_>| {
        let all = people.iter().map(|person| filled::led(tx, company, *person));
        Ok(all.collect::<assent_store::Result<Vec<_>>>()?.into_iter().flatten().collect())
    };
    Ok(store.read(read).await?)
}

/// The people of these who are here and within reach: neither erased nor deleted.
pub async fn here(
    ctx: &Ctx,
    staff: &Staff,
    people: impl Iterator<Item = PersonId>,
) -> Result<HashSet<PersonId>, Problem> {
    let mut ids: Vec<PersonId> = people.collect();
    ids.sort_unstable();
    ids.dedup();
    let company = staff.company.id;
    let found =
        ctx.gate.home().read(move |tx| assent_store::home::places(tx, company, &ids)).await?.into_iter();
    let reach = staff.sees(Object::People);
    Ok(found.filter(|listed| reach.has(listed.owner)).map(|listed| listed.person).collect())
}
