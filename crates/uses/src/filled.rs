//! What stands in the fields that a company made for what may be about a person. Of a person each value is a fact of theirs,
//! decided and shown one by one; of nobody it is the company's own. Every thing with such fields shares this.

use std::collections::{BTreeMap, HashMap};

use assent_gate::{Answer, Dossier, GateError, Keeping, Own};
use assent_kernel::uses::kind::View;
use assent_kernel::{FactId, Matter, NonEmpty, PersonId, Reason, Verdict};
use assent_store::StoreError;
use assent_store::work::{Text, filled};
use assent_web::fields::{self, Field, Kind};
use assent_web::parts::Shown;
use assent_web::{Ctx, Problem, Staff};

use crate::lists::{Value, own};
use crate::seen::cell::Cell;
use crate::seen::words::Words;
use crate::texts::{self, Opened};
use crate::{frame, spoken};

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

    /// True when something stands in a field, open or not.
    pub fn has(&self, name: &str) -> bool {
        self.facts.contains_key(name) || self.own.contains_key(name)
    }

    /// The fact that stands in a field of it.
    pub fn fact(&self, name: &str) -> Option<&Text> {
        self.facts.get(name)
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

    /// What stands in a field, in a cell of a list; `id` tells its chip apart on the page.
    pub fn in_list(&self, field: &Field, opened: &Opened, words: &Words<'_>, id: String) -> Shown {
        match self.facts.get(&field.name).map(|text| opened.cell(text)) {
            Some(Some((_, cell))) if hides(field, cell, words) => Shown::Unknown,
            Some(Some((about, cell))) => words.in_list(id, &about.person, cell),
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
                None => Shown::Plain(text.clone()),
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

    /// What of the typed values would change something. Nobody puts another value in the place of one that is closed.
    pub fn changes<'a>(
        &self,
        fields: &'a [Field],
        typed: &Typed,
        opened: &Opened,
    ) -> Result<Vec<Change<'a>>, Closed> {
        let mut out = Vec::new();
        for field in fields {
            let Some(text) = typed.get(&field.name) else { continue };
            if let Some(reason) = self.closed(&field.name, opened) {
                return Err(Closed { field: Some(field.name.clone()), reason });
            }
            if self.plain(&field.name, opened).unwrap_or_default() != *text {
                out.push((field, text.clone()));
            }
        }
        Ok(out)
    }
}

fn hides(field: &Field, cell: &Cell, words: &Words<'_>) -> bool {
    field.category.as_ref().is_some_and(|category| words.hides(category, cell))
}

/// Where a web address leads.
fn link(field: &Field, text: Option<&str>) -> Option<String> {
    fields::read(field, text?).ok().filter(|_| field.kind == Kind::Link)
}

/// The texts in which typed values are kept, and what is wrong with the others, by field.
pub fn checked(fields: &[Field], typed: &Typed) -> (Typed, Typed) {
    let (mut kept, mut wrong) = (Typed::new(), Typed::new());
    for field in fields {
        let Some(text) = typed.get(&field.name) else { continue };
        match fields::read(field, text) {
            _ if text.trim().is_empty() => kept.insert(field.name.clone(), String::new()),
            Ok(text) => kept.insert(field.name.clone(), text),
            Err(why) => wrong.insert(field.name.clone(), why),
        };
    }
    (kept, wrong)
}

/// Which of these fields are closed to whoever would fill them in for a person, foreseen only, with the sentence why.
/// Fields of a kind that is not even named are told without one.
pub async fn closed_to(
    ctx: &Ctx,
    staff: &Staff,
    about: Option<PersonId>,
    fields: &[Field],
    (old, opened): (&Filled, &Opened),
    words: &Words<'_>,
) -> Result<BTreeMap<String, String>, Problem> {
    let Some(person) = about else { return Ok(BTreeMap::new()) };
    let dossier = ctx.gate.look_one(staff.company.id, person).await?;
    let kinds = fields.iter().filter_map(|field| field.category.clone().map(Matter::Kind));
    let mut out = BTreeMap::new();
    let Ok(matters) = NonEmpty::try_from(kinds.collect::<Vec<_>>()) else { return Ok(out) };
    let question = ctx.question(View, staff, &dossier, matters).await?;
    let ruling = ctx.gate.foresee(&question, &dossier).await?;
    for field in fields {
        let foreseen = ruling.verdicts.iter().find_map(|(matter, verdict)| match (matter, verdict) {
            (Matter::Kind(kind), Verdict::Closed(reason)) if field.category.as_ref() == Some(kind) => {
                Some(reason.clone())
            }
            _ => None,
        });
        let reason = if old.plain(&field.name, opened).is_some() {
            None
        } else {
            old.closed(&field.name, opened).or(foreseen)
        };
        if let Some(reason) = reason {
            let named = !hides(field, &Cell::Unknown, words);
            let sentence = if named { words.sentence_of(dossier.person(), &reason) } else { String::new() };
            out.insert(field.name.clone(), sentence);
        }
    }
    Ok(out)
}

/// What a row is to lead to, and what is forgotten once it does, or does not.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The row.
    pub row: filled::Filled,
    fresh: Vec<Text>,
    over: Vec<Text>,
}

/// Keeps changed values of a thing: of a person as facts of theirs, all or none; of nobody sealed. The row comes after it.
pub async fn keep(
    ctx: &Ctx,
    staff: &Staff,
    (thing, about): ([u8; 16], Option<PersonId>),
    changes: &[Change<'_>],
    old: &Filled,
) -> Result<Result<Kept, Closed>, Problem> {
    match about {
        Some(person) => of_person(ctx, staff, person, changes, old).await,
        None => of_nobody(ctx, staff, thing, changes, old).await.map(Ok),
    }
}

async fn of_nobody(
    ctx: &Ctx,
    staff: &Staff,
    thing: [u8; 16],
    changes: &[Change<'_>],
    old: &Filled,
) -> Result<Kept, Problem> {
    let mut all = old.own.clone();
    for (field, text) in changes {
        match text.as_str() {
            "" => all.remove(&field.name),
            text => all.insert(field.name.clone(), text.to_owned()),
        };
    }
    let text = serde_json::to_string(&all).map_err(|error| Problem::internal(&error))?;
    let own = ctx.gate.own(staff.company.id).await?;
    let sealed = if all.is_empty() { None } else { Some(own.seal(thing, &text)?) };
    Ok(Kept { row: filled::Filled { facts: BTreeMap::new(), own: sealed }, ..Kept::default() })
}

async fn of_person(
    ctx: &Ctx,
    staff: &Staff,
    person: PersonId,
    changes: &[Change<'_>],
    old: &Filled,
) -> Result<Result<Kept, Closed>, Problem> {
    let dossier = ctx.gate.look_one(staff.company.id, person).await?;
    let mut kept = Kept::default();
    for (name, text) in &old.facts {
        match text {
            Text::OfPerson(of, fact) if dossier.fact(*fact).is_some() => {
                kept.row.facts.insert(name.clone(), (*of, *fact));
            }
            // What is no longer held is led to by nothing.
            Text::OfPerson(..) | Text::Own(_) | Text::Gone => {}
        }
    }
    let (typed, gone): (Vec<&Change<'_>>, Vec<&Change<'_>>) =
        changes.iter().partition(|(_, text)| !text.is_empty());
    let stood = |name: &str| kept.row.facts.get(name).map(|(_, fact)| *fact);
    let facts = match put(ctx, staff, &dossier, &typed, stood).await? {
        Ok(facts) => facts,
        Err(closed) => return Ok(Err(closed)),
    };
    for ((field, _), fact) in typed.into_iter().zip(facts) {
        if kept.row.facts.insert(field.name.clone(), (person, fact)).is_none() {
            kept.fresh.push(Text::OfPerson(person, fact));
        }
    }
    for (field, _) in gone {
        if let Some((of, fact)) = kept.row.facts.remove(&field.name) {
            kept.over.push(Text::OfPerson(of, fact));
        }
    }
    Ok(Ok(kept))
}

/// Keeps facts, new ones or in the place of others. Only what may be seen for the purpose at hand is written under it.
async fn put(
    ctx: &Ctx,
    staff: &Staff,
    dossier: &Dossier,
    typed: &[&Change<'_>],
    stood: impl Fn(&str) -> Option<FactId>,
) -> Result<Result<Vec<FactId>, Closed>, Problem> {
    let kinds = typed.iter().filter_map(|(field, _)| field.category.clone().map(Matter::Kind));
    let Ok(matters) = NonEmpty::try_from(kinds.collect::<Vec<_>>()) else { return Ok(Ok(Vec::new())) };
    let question = ctx.question(View, staff, dossier, matters).await?;
    if let Answer::Refusal(refusal) = ctx.gate.ask_whole(question, dossier).await? {
        let first = refusal.ruling.verdicts.iter().find_map(|(matter, verdict)| match (matter, verdict) {
            (Matter::Kind(kind), Verdict::Closed(reason)) => {
                let field = typed.iter().find(|(field, _)| field.category.as_ref() == Some(kind));
                Some(Closed { field: field.map(|(field, _)| field.name.clone()), reason: reason.clone() })
            }
            _ => None,
        });
        return Ok(Err(first.unwrap_or(Closed { field: None, reason: Reason::EmptyRequest })));
    }
    let keeping = |(field, text): &&Change<'_>| {
        Some(Keeping {
            category: field.category.clone()?,
            value: text.clone(),
            source: format!("typed in by {}", staff.role.label()),
            warrant: None,
            anchors: Vec::new(),
            carried: None,
            replaces: stood(&field.name),
        })
    };
    let keepings = typed.iter().filter_map(keeping).collect();
    match ctx.gate.keep(dossier, keepings, staff.asker(), ctx.now()).await {
        Ok((facts, _)) => Ok(Ok(facts)),
        Err(GateError::NotKept(reason)) => Ok(Err(Closed { field: None, reason })),
        Err(other) => Err(other.into()),
    }
}

/// After a row was to lead to what was kept: forgets what nothing leads to any more. When nobody can tell, all of it
/// stays, and its person sees it.
pub async fn written(
    ctx: &Ctx,
    staff: &Staff,
    kept: &Kept,
    row: Result<(), StoreError>,
) -> Result<(), Problem> {
    let over: &[Text] = match &row {
        Ok(()) => &kept.over,
        Err(StoreError::Moved) => &kept.fresh,
        Err(_) => &[],
    };
    for text in over {
        frame::afterwards("forgetting a value", texts::forget(ctx, staff, text).await);
    }
    Ok(row?)
}

/// The people of these who are here: neither erased nor deleted.
pub async fn here(
    ctx: &Ctx,
    staff: &Staff,
    people: impl Iterator<Item = PersonId>,
) -> Result<std::collections::HashSet<PersonId>, Problem> {
    let mut ids: Vec<PersonId> = people.collect();
    ids.sort_unstable();
    ids.dedup();
    let company = staff.company.id;
    let found =
        ctx.gate.home().read(move |tx| assent_store::home::places(tx, company, &ids)).await?.into_iter();
    Ok(found.map(|listed| listed.person).collect())
}
