//! What a program sends to change what is laid down: read into the same forms as the pages, so that it is judged by the same words.

use std::collections::BTreeSet;

use assent_kernel::{CategoryKey, Policy, PurposeKey, Region};
use assent_web::Problem;
use assent_web::api::{Call, Operation, Shape, moved};

use crate::settings::act::Changed;
use crate::settings::model::Errors;

/// What the forms call a field, and what it is called over the line.
const NAMES: &[(&str, &str)] = &[
    ("use", "uses"),
    ("role", "roles"),
    ("category", "categories"),
    ("party", "parties"),
    ("kind", "kinds"),
    ("region", "regions"),
    ("transfer", "transfers"),
    ("purpose", "purposes"),
    ("belongs", "belongs_to"),
    ("days", "lasts_days"),
    ("keeps", "keeps_days"),
    ("if-no", "if_no"),
    ("engaged-by", "engaged_by"),
    ("instrument", "cite/instrument"),
    ("article", "cite/article"),
    ("url", "cite/url"),
    ("jurisdiction", "cite/jurisdiction"),
];

/// The version of the policy that holds now.
pub(super) async fn now(call: &Call) -> Result<u64, Problem> {
    Ok(call.ctx.gate.reload_policy(call.staff()?.company.id).await?.policy.version)
}

/// The version of the policy that the program has seen; the one that holds now when it does not say.
pub(super) async fn base(call: &Call) -> Result<u64, Problem> {
    let now = now(call).await?;
    match call.seen()? {
        None => Ok(now),
        Some(seen) if (1..=now).contains(&seen) => Ok(seen),
        Some(_) => Err(moved()),
    }
}

/// What became of a change, for a program.
pub(super) fn settled(changed: Changed) -> Result<(), Problem> {
    settled_as(changed, &[])
}

/// The same, where the body calls a field otherwise than most do.
pub(super) fn settled_as(changed: Changed, called: &[(&str, &str)]) -> Result<(), Problem> {
    match changed {
        Changed::Yes => Ok(()),
        Changed::Meanwhile(sentence, _) => Err(moved().detail(sentence)),
        Changed::No(errors) => Err(wrong_as(&errors, called)),
    }
}

/// Everything that is wrong, each with its place in the body.
pub(super) fn wrong(errors: &Errors) -> Problem {
    wrong_as(errors, &[])
}

/// `title-1` of a form is `/wordings/1/title` here.
fn wrong_as(errors: &Errors, own: &[(&str, &str)]) -> Problem {
    let called = |name: &str| {
        let found = own.iter().chain(NAMES).find(|(form, _)| *form == name).map(|(_, sent)| *sent);
        found.map_or_else(|| name.replace('-', "_"), str::to_owned)
    };
    let place = |field: &str| match field.rsplit_once('-') {
        Some((name, n)) if n.bytes().all(|b| b.is_ascii_digit()) => {
            format!("/wordings/{n}/{}: ", called(name))
        }
        _ if field == "form" => String::new(),
        _ => format!("/{}: ", called(field)),
    };
    let told: Vec<String> = errors.all().map(|(field, what)| place(field) + what).collect();
    Problem::invalid(told.join(" "))
}

fn unknown(place: &str, text: &str) -> Problem {
    Problem::invalid(format!("/{place}: there is no {text} here."))
}

/// Refuses names that a form would leave out without a word.
pub(super) fn known(policy: &Policy, names: &Named) -> Result<(), Problem> {
    let category = |text: &str| !CategoryKey::new(text).is_ok_and(|key| policy.categories.contains_key(&key));
    let purpose = |text: &str| !PurposeKey::new(text).is_ok_and(|key| policy.purposes.contains_key(&key));
    let region = |text: &str| !Region::new(text).is_ok_and(|key| policy.regions.covers(&key));
    let first = |all: &[String], strange: &dyn Fn(&str) -> bool| all.iter().find(|one| strange(one)).cloned();
    let strange = [
        (names.place, first(&names.places, &region)),
        ("categories", first(&names.categories, &category)),
        ("purposes", first(&names.purposes, &purpose)),
        ("regions", first(&names.regions, &region)),
    ];
    match strange.into_iter().find_map(|(place, found)| found.map(|text| (place, text))) {
        Some((place, text)) => Err(unknown(place, &format!("`{text}`"))),
        None => Ok(()),
    }
}

/// Names of what a policy holds, as they were sent.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub categories: Vec<String>,
    pub purposes: Vec<String>,
    pub regions: Vec<String>,
    /// Regions that stand in another place of the body, and in which.
    pub places: Vec<String>,
    pub place: &'static str,
}

/// The values of boxes that would be ticked.
pub(super) fn ticked(all: &[String]) -> BTreeSet<String> {
    all.iter().cloned().collect()
}

/// Names of a tree, or ids.
pub(super) fn keys() -> Shape {
    Shape::key().list(1_000)
}

/// Which roles.
pub(super) fn roles() -> Shape {
    Shape::Word(assent_kernel::Role::ALL.iter().map(|role| role.key()).collect()).list(20)
}

/// An operation that changes what is laid down: for those who may on the pages, and for no key that has one purpose.
pub(super) fn changing(operation: Operation) -> Operation {
    operation.for_roles(crate::settings::ROLES).about_the_house()
}

/// Nothing of that kind by that name.
pub(super) fn nothing(what: &str) -> Problem {
    Problem::not_found(format!("There is no such {what} here."))
}

/// What was sent of something that may be taken away: null is nothing, what is left out stays as it is.
pub(super) fn given<'de, D: serde::Deserializer<'de>>(sent: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = serde::Deserialize::deserialize(sent)?;
    Ok(Some(text.unwrap_or_default()))
}
