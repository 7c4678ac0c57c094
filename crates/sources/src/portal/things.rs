//! What a person has of the objects that the company made, such as their devices: since when, and which of their values
//! belong together.

use assent_gate::Answer;
use assent_kernel::{FactId, UseKind};
use assent_web::objects::{self, Owned};
use assent_web::{Ctx, Problem, text};
use serde_json::{Value, json};

use super::act::Own;
use super::model::Names;
use super::show::{self, Known};

/// What they have, newest first.
pub(super) async fn of(ctx: &Ctx, own: &Own) -> Result<Vec<Owned>, Problem> {
    objects::of_person(ctx, own.dossier.person().company, own.dossier.id()).await
}

/// The facts that stand in one and are held, with what their fields are called.
fn held<'a>(own: &'a Own, one: &'a Owned) -> impl Iterator<Item = &'a (FactId, String)> {
    one.facts.iter().filter(|(fact, _)| own.dossier.fact(*fact).is_some())
}

/// Those of which nothing is held.
pub(super) fn empty<'a>(own: &'a Own, owned: &'a [Owned]) -> impl Iterator<Item = &'a Owned> {
    owned.iter().filter(|one| held(own, one).next().is_none())
}

/// One of them in a file: which object it is, since when, and which facts belong to it.
pub(super) fn item(own: &Own, one: &Owned) -> Value {
    let facts = held(own, one).map(|(fact, label)| json!({ "fact": fact.to_string(), "field": label }));
    json!({
        "id": one.id.to_string(), "object": one.object, "called": one.called, "since": text::iso(one.since.micros()),
        "removed_at": one.gone_at.map(|at| text::iso(at.micros())), "facts": facts.collect::<Vec<_>>(),
    })
}

/// An item of theirs, with the values that stand in it.
pub(super) struct Thing {
    pub(super) title: String,
    /// Since when, and whether it was removed, in a sentence.
    pub(super) since: String,
    pub(super) known: Vec<Known>,
}

/// What they have of the company's objects, each with its values.
pub(super) fn told<U: UseKind>(
    names: &Names<'_>,
    own: &Own,
    answer: &Answer<U>,
    owned: &[Owned],
) -> Vec<Thing> {
    let one = |(fact, label): &(FactId, String)| {
        let held = own.dossier.fact(*fact)?;
        Some(Known { label: label.clone(), ..show::known(names, own, answer, held) })
    };
    let thing = |owned: &Owned| {
        let known: Vec<Known> = owned.facts.iter().filter_map(one).collect();
        let since = names.t.thing_since(owned.since, owned.gone_at, known.len());
        Thing { title: owned.called.clone(), since, known }
    };
    owned.iter().map(thing).collect()
}
