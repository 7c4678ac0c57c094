//! The values of fields as forms and programs send them, and which of them are closed to whoever types.

use std::collections::{BTreeMap, BTreeSet};

use assent_kernel::uses::kind::View;
use assent_kernel::{Matter, NonEmpty, PersonId, Verdict};
use assent_web::fields::{self, Field};
use assent_web::parts;
use assent_web::{Ctx, Fields, Problem, Staff, say};

use super::{Filled, Typed, hides};
use crate::frame;
use crate::lists::own;
use crate::seen::cell::Cell;
use crate::seen::words::Words;
use crate::texts::Opened;

/// What a form sent for these fields: those that it holds, and those that it says it asked for.
pub fn sent(sent: &Fields, fields: &[Field]) -> Typed {
    let asked: Vec<&str> = sent.all(ASKED).collect();
    let held = |field: &&Field| asked.contains(&field.name.as_str()) || sent.has(&own::key(field));
    let text = |field: &Field| (field.name.clone(), fields::sent(sent, &own::key(field)));
    fields.iter().filter(held).map(text).collect()
}

/// The field by which a form says which fields it asked for: no tick of several is sent when none is left.
pub const ASKED: &str = "asked";

/// What stands in these fields and is open whole, as a form shows it.
pub fn plains(fields: &[Field], filled: &Filled, opened: &Opened) -> Typed {
    fields.iter().filter_map(|field| Some((field.name.clone(), filled.plain(&field.name, opened)?))).collect()
}

/// The inputs of fields with what is wrong beside them; not those that are closed, nor those that are no longer offered and
/// hold nothing.
fn inputs(
    fields: &[Field],
    typed: &Typed,
    closed: &BTreeMap<String, String>,
    wrong: &Typed,
) -> Vec<parts::Field> {
    let text = |field: &Field| typed.get(&field.name).map_or("", String::as_str);
    let there = fields.iter().filter(|field| field.gone_at.is_none() || !text(field).is_empty());
    let open = there.filter(|field| !closed.contains_key(&field.name));
    let input = |field: &Field| {
        let wrong = wrong.get(&field.name).cloned().unwrap_or_default();
        fields::input(field, own::key(field), text(field), wrong)
    };
    open.map(input).collect()
}

/// What is known of the fields of the company on the form of something.
pub struct More<'a> {
    /// The fields.
    pub own: &'a [Field],
    /// Whom it is about, as far as that is known.
    pub about: Option<PersonId>,
    /// What stands in them, and what is open of it.
    pub old: (&'a Filled, &'a Opened),
    /// What is wrong with what was typed.
    pub wrong: Typed,
}

/// The part of a form that holds fields of the company.
#[derive(Default)]
pub struct Part {
    /// The inputs.
    pub inputs: Vec<parts::Field>,
    /// Which fields the form asks for.
    pub asked: Vec<String>,
    /// Those that are closed, with the sentence why.
    pub closed: Vec<(String, String)>,
    /// What is said above the form; empty when nothing is.
    pub unsaid: String,
}

/// That part of a form, with what was typed.
pub async fn part(ctx: &Ctx, staff: &Staff, more: &More<'_>, typed: &Typed) -> Result<Part, Problem> {
    let standing = ctx.gate.policy(staff.company.id).await?;
    let words = frame::words(ctx, staff, &standing.policy);
    let closed = closed_to(ctx, staff, more.about, more.own, more.old, &words).await?;
    let asked = more.own.iter().filter(|field| !closed.contains_key(&field.name));
    let why = |field: &Field| Some((fields::name(field).to_owned(), closed.get(&field.name)?.clone()));
    Ok(Part {
        inputs: inputs(more.own, typed, &closed, &more.wrong),
        asked: asked.map(|field| field.name.clone()).collect(),
        closed: more.own.iter().filter_map(why).filter(|(_, why)| !why.is_empty()).collect(),
        unsaid: unsaid((typed, &more.wrong), &closed),
    })
}

/// What is said above a form of what was typed into fields that closed meanwhile: it does not hold them, so nothing can be
/// said beside them. Of one that is not even named, nothing more.
fn unsaid((typed, wrong): (&Typed, &Typed), closed: &BTreeMap<String, String>) -> String {
    let lost = |name: &str| wrong.contains_key(name) || typed.get(name).is_some_and(|text| !text.is_empty());
    let sentences = closed.iter().filter(|(name, _)| lost(name)).map(|(_, why)| why_not(why));
    sentences.collect::<BTreeSet<&str>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// What is said above a form, in one.
pub fn above(error: String, unsaid: String) -> String {
    if error.is_empty() || unsaid.is_empty() { error + &unsaid } else { format!("{error} {unsaid}") }
}

/// Why a field may not be filled in; of one that is not even named, nothing more than that.
pub(super) fn why_not(why: &str) -> &str {
    if why.is_empty() { say("One of these fields cannot be filled in by you for this purpose.") } else { why }
}

/// The texts in which typed values are kept, and what is wrong with the others, by field. What stood there may stay.
pub fn checked(fields: &[Field], typed: &Typed, stood: &Typed) -> (Typed, Typed) {
    let (mut kept, mut wrong) = (Typed::new(), Typed::new());
    for field in fields {
        let Some(text) = typed.get(&field.name) else { continue };
        let old = stood.get(&field.name).map_or("", String::as_str);
        match fields::read_over(field, text, old) {
            _ if text.trim().is_empty() => kept.insert(field.name.clone(), String::new()),
            Ok(text) => kept.insert(field.name.clone(), text),
            Err(why) => wrong.insert(field.name.clone(), why),
        };
    }
    (kept, wrong)
}

/// The texts in which values that a program sent are kept; nothing and an empty text take one away.
pub fn typed(fields: &[Field], sent: &BTreeMap<String, Option<String>>) -> Result<Typed, Problem> {
    let offered = |name: &str| fields.iter().any(|field| field.name == name && field.gone_at.is_none());
    if !sent.keys().all(|name| offered(name)) {
        return Err(Problem::invalid("/fields: there is no such field, or it is no longer offered."));
    }
    let text = |(name, value): (&String, &Option<String>)| (name.clone(), value.clone().unwrap_or_default());
    let (kept, wrong) = checked(fields, &sent.iter().map(text).collect(), &Typed::new());
    match wrong.into_iter().next() {
        Some((name, why)) => Err(Problem::invalid(format!("/fields/{name}: {why}"))),
        None => Ok(kept),
    }
}

/// Which of these fields are closed to whoever would fill them in for a person, foreseen only, with the sentence why.
/// Fields of a kind that is not even named are told without one.
pub(super) async fn closed_to(
    ctx: &Ctx,
    staff: &Staff,
    about: Option<PersonId>,
    fields: &[Field],
    (old, opened): (&Filled, &Opened),
    words: &Words<'_>,
) -> Result<BTreeMap<String, String>, Problem> {
    let mut out = BTreeMap::new();
    let Some(person) = about else { return Ok(out) };
    let kinds = fields.iter().filter_map(|field| field.category.clone().map(Matter::Kind));
    let Ok(matters) = NonEmpty::try_from(kinds.collect::<Vec<_>>()) else { return Ok(out) };
    let dossier = ctx.gate.look_one(&staff.people(), person).await?;
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
            let sentence = match (hides(field, &Cell::Unknown, words), old.partly(&field.name, opened)) {
                (true, _) => String::new(),
                (false, true) => {
                    say("Only a part of this is open for you, so it cannot be changed here.").to_owned()
                }
                (false, false) => words.sentence_of(dossier.person(), &reason),
            };
            out.insert(field.name.clone(), sentence);
        }
    }
    Ok(out)
}
