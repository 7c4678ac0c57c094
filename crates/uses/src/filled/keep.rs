//! Keeping values: of a person as facts of theirs, all or none, before a row leads to them; of nobody sealed.

use std::collections::BTreeMap;

use assent_gate::{Answer, Dossier, GateError, Held, Keeping};
use assent_kernel::uses::kind::View;
use assent_kernel::{FactId, Matter, NonEmpty, PersonId, Reason, Verdict};
use assent_store::StoreError;
use assent_store::work::{Text, filled};
use assent_web::fields::Field;
use assent_web::{Ctx, Problem, Staff};

use super::{Change, Closed, Filled, Typed};
use crate::texts::Opened;
use crate::{frame, texts};

/// What of the typed values is there to begin with.
pub fn fresh<'a>(fields: impl Iterator<Item = &'a Field>, typed: &Typed) -> Vec<Change<'a>> {
    let text = |field: &Field| typed.get(&field.name).filter(|text| !text.is_empty()).cloned();
    fields.filter_map(|field| Some((field, text(field)?))).collect()
}

/// What a row is to lead to, and what is forgotten once it does, or does not.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The row.
    pub row: filled::Filled,
    /// The tokens by which what is about nobody is found; facts have tokens of their own.
    pub words: Vec<i64>,
    fresh: Vec<Text>,
    over: Vec<Text>,
}

impl Kept {
    /// The same, when all that stood there stays behind.
    #[must_use]
    pub fn leaving(mut self, old: &Filled) -> Self {
        self.over.extend(old.texts().cloned());
        self
    }
}

/// What is to stand in the fields of a thing that stays whose it is; nothing when they stay as they are.
pub async fn refill(
    ctx: &Ctx,
    staff: &Staff,
    about: ([u8; 16], Option<PersonId>),
    (fields, typed): (&[Field], &Typed),
    (old, opened): (&Filled, &Opened),
) -> Result<Result<Option<Kept>, Closed>, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = frame::words(ctx, staff, &standing.policy);
    let changes = match old.changes(fields, typed, (opened, &words)) {
        Ok(changes) if changes.is_empty() => return Ok(Ok(None)),
        Ok(changes) => changes,
        Err(closed) => return Ok(Err(closed)),
    };
    Ok(keep(ctx, staff, about, &changes, (old, opened)).await?.map(Some))
}

/// Forgets a new text that heads a thing when what was to stand beside it was not kept: nothing would lead to it.
pub async fn or_forget<T>(
    ctx: &Ctx,
    staff: &Staff,
    (old, new): (&Text, &Text),
    kept: Result<Result<T, Closed>, Problem>,
) -> Result<Result<T, Closed>, Problem> {
    if !matches!(kept, Ok(Ok(_))) && old != new {
        frame::afterwards("forgetting a text", texts::forget(ctx, staff, new).await);
    }
    kept
}

/// Keeps changed values of a thing: of a person as facts of theirs, all or none; of nobody sealed. The row comes after it.
pub async fn keep(
    ctx: &Ctx,
    staff: &Staff,
    (thing, about): ([u8; 16], Option<PersonId>),
    changes: &[Change<'_>],
    (old, opened): (&Filled, &Opened),
) -> Result<Result<Kept, Closed>, Problem> {
    match about {
        Some(person) => of_person(ctx, staff, person, changes, (old, opened)).await,
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
    let words = own.words_of(all.values());
    Ok(Kept { row: filled::Filled { facts: BTreeMap::new(), own: sealed }, words, ..Kept::default() })
}

async fn of_person(
    ctx: &Ctx,
    staff: &Staff,
    person: PersonId,
    changes: &[Change<'_>],
    (old, opened): (&Filled, &Opened),
) -> Result<Result<Kept, Closed>, Problem> {
    let dossier = ctx.gate.look_one(&staff.people(), person).await?;
    for (field, _) in changes {
        if old.facts.get(&field.name).is_some_and(|text| is_other(&dossier, text, opened)) {
            return Err(StoreError::Moved.into());
        }
    }
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
        kept.fresh.push(Text::OfPerson(person, fact));
        if let Some((of, old)) = kept.row.facts.insert(field.name.clone(), (person, fact)) {
            kept.over.push(Text::OfPerson(of, old));
        }
    }
    for (field, _) in gone {
        if let Some((of, fact)) = kept.row.facts.remove(&field.name) {
            kept.over.push(Text::OfPerson(of, fact));
        }
    }
    Ok(Ok(kept))
}

/// True when a value is not the one that was looked at: its person put it right, or took it away.
fn is_other(dossier: &Dossier, text: &Text, opened: &Opened) -> bool {
    let Text::OfPerson(_, fact) = text else { return false };
    dossier.fact(*fact).map(Held::version).unwrap_or_default() != opened.version(text)
}

/// Keeps new facts, some beside others that stay until the row leads to the new ones. Only what may be seen for the purpose at hand is written under it.
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
        let keeping = Keeping {
            category: field.category.clone()?,
            value: text.clone(),
            source: format!("typed in by {}", staff.role.label()),
            warrant: None,
            anchors: Vec::new(),
            carried: None,
            replaces: None,
        };
        Some((keeping, stood(&field.name)))
    };
    let keepings = typed.iter().filter_map(keeping).collect();
    match ctx.gate.keep_beside(dossier, keepings, staff.asker(), ctx.now()).await {
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
    drop_over(ctx, staff, kept, &row).await;
    Ok(row?)
}

/// The same, for whoever has more to do with what became of the row.
pub async fn drop_over(ctx: &Ctx, staff: &Staff, kept: &Kept, row: &Result<(), StoreError>) {
    let over: &[Text] = match row {
        Ok(()) => &kept.over,
        Err(StoreError::Moved) => &kept.fresh,
        Err(_) => &[],
    };
    for text in over {
        frame::afterwards("forgetting a value", texts::forget(ctx, staff, text).await);
    }
}
