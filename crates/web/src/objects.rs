//! Objects that a company made: read wherever they are shown.

use std::collections::HashMap;

use assent_kernel::{CompanyId, FactId, PersonId, Timestamp};
pub use assent_store::objects::{Belongs, Object};
use assent_store::work::items::{Item, ItemId};

use crate::api;
use crate::catalogue::lang;
use crate::ctx::Ctx;
use crate::fields::{self, Field};
use crate::problem::Problem;
use crate::say;

/// Where the lists of all of them are: the line of the menu that stands for them.
pub const HERE: &str = "/things";

/// The objects of a company, in order; those too that are out of use.
///
/// # Errors
/// What the store said.
pub async fn all(ctx: &Ctx, company: CompanyId) -> Result<Vec<Object>, Problem> {
    let read = move |tx: &mut assent_store::Tx<'_>| assent_store::objects::all(tx, company);
    Ok(ctx.gate.home().read(read).await?)
}

/// The objects that are in use.
///
/// # Errors
/// What the store said.
pub async fn in_use(ctx: &Ctx, company: CompanyId) -> Result<Vec<Object>, Problem> {
    let mut all = all(ctx, company).await?;
    all.retain(|one| one.gone_at.is_none());
    Ok(all)
}

/// The object of that key, in use or not.
///
/// # Errors
/// When there is none.
pub async fn one(ctx: &Ctx, company: CompanyId, key: &str) -> Result<Object, Problem> {
    let found = all(ctx, company).await?.into_iter().find(|one| one.key == key);
    found.ok_or_else(|| Problem::not_found("There is no such object here."))
}

/// What may change of an object, as a mark: whoever changes it hands back that of what they read.
#[must_use]
pub fn tag(object: &Object) -> String {
    api::mark(&format!(
        "{}\n{}\n{:?}\n{:?}\n{:?}",
        object.singular, object.plural, object.gone_at, object.singulars, object.plurals
    ))
}

/// An item of a person, as it is told to the person: what they have is theirs to know.
#[derive(Debug, Clone)]
pub struct Owned {
    /// Which.
    pub id: ItemId,
    /// The short key of its object.
    pub object: String,
    /// What it is called by its object: `Device`.
    pub called: String,
    /// Since when it is here.
    pub since: Timestamp,
    /// When it was removed, if it was. What stands in it may be held all the same.
    pub gone_at: Option<Timestamp>,
    /// The person's facts that stand in it, with what their fields are called, in the order of the fields.
    pub facts: Vec<(FactId, String)>,
}

/// In which of these each fact stands.
#[must_use]
pub fn by_fact(owned: &[Owned]) -> HashMap<FactId, &Owned> {
    owned.iter().flat_map(|one| one.facts.iter().map(move |(fact, _)| (*fact, one))).collect()
}

/// What a person has of the company's objects, newest first: which of their facts belong together, and since when.
///
/// # Errors
/// What the stores said.
pub async fn of_person(ctx: &Ctx, company: CompanyId, person: PersonId) -> Result<Vec<Owned>, Problem> {
    let region = ctx.gate.company(company).await?.region.clone();
    let read = ctx.gate.region_db(&region)?.read(move |tx| {
        let items = assent_store::work::items::all_of_person(tx, company, person)?;
        Ok((items, assent_store::work::filled::of_person(tx, company, person)?))
    });
    let (items, facts) = read.await?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let (objects, fields) = (all(ctx, company).await?, fields::of_objects(ctx, company).await?);
    let mut by_item: HashMap<[u8; 16], Vec<(String, FactId)>> = HashMap::new();
    for (thing, name, fact) in facts {
        by_item.entry(thing).or_default().push((name, fact));
    }
    let owned = |item: Item| {
        let mine = by_item.remove(&item.id.to_bytes()).unwrap_or_default();
        let object = objects.iter().find(|one| one.key == item.object);
        Owned {
            id: item.id,
            called: object.map_or_else(|| item.object.clone(), |one| singular(one).to_owned()),
            facts: in_order(mine, fields.get(&item.object).map_or(&[], Vec::as_slice)),
            object: item.object,
            since: item.created_at,
            gone_at: item.gone_at,
        }
    };
    Ok(items.into_iter().map(owned).collect())
}

/// Facts in the order of their fields, with what these are called.
fn in_order(mut facts: Vec<(String, FactId)>, fields: &[Field]) -> Vec<(FactId, String)> {
    let place = |name: &str| fields.iter().position(|field| field.name == name);
    facts.sort_by_key(|(name, _)| place(name).unwrap_or(fields.len()));
    let called = |(name, fact): (String, FactId)| {
        let field = fields.iter().find(|field| field.name == name);
        (fact, field.map_or(name, |field| fields::name(field).to_owned()))
    };
    facts.into_iter().map(called).collect()
}

/// What one item of an object is called, in the language of whoever reads.
#[must_use]
pub fn singular(object: &Object) -> &str {
    object.one(lang().code())
}

/// What its items are called, in the language of whoever reads.
#[must_use]
pub fn plural(object: &Object) -> &str {
    object.many(lang().code())
}

/// Where the items of an object are.
#[must_use]
pub fn href(key: &str) -> String {
    format!("{HERE}/{key}")
}

/// Whom its items belong to, in words.
#[must_use]
pub fn belongs(to: Belongs) -> &'static str {
    say(match to {
        Belongs::Person => "a person~it belongs to",
        Belongs::Organisation => "a company you deal with~it belongs to",
        Belongs::Nobody => "nobody~it belongs to",
    })
}
