//! Mandates as they are told: by the very names they are sent by, so that whoever approves one reads all of it, and whoever changes
//! one sends back what they read.

use std::collections::BTreeSet;

use assent_kernel::mandate::{Mandate, Mask};
use assent_kernel::party::{Recipients, Scope};
use assent_kernel::{Policy, Role, Timestamp, Zones};
use assent_web::Problem;
use assent_web::api::shape::must;
use assent_web::api::{Call, Field, Reply, Shape};
use serde_json::{Value, json};

use super::{all, days, keys, law, listed, policy, used};
use crate::settings::model::mandate::{Form, binds_sent, shipped, when_sent};
use crate::settings::model::words::KINDS;
use crate::settings::model::{SECOND, day_text};

/// Whoever may receive, by name, by kind and by depth.
pub(super) fn scope_shape() -> Shape {
    Shape::Record(vec![
        must("parties", Shape::id("pty").list(1_000), "By name."),
        must("kinds", Shape::text(40).list(10), "Everybody of these kinds."),
        must("depth", Shape::Number(0, 255), "With how many tiers of helpers below."),
    ])
}

/// Places, and what carries data out of there.
pub(super) fn zone_shape() -> Shape {
    Shape::Record(vec![
        must("regions", keys(), "Where."),
        must("transfers", Shape::text(40).list(10), "By which instruments out of there."),
    ])
}

pub(super) fn told_scopes(recipients: &Recipients) -> Vec<Value> {
    let told =
        |scope: &Scope| json!({ "parties": scope.parties, "kinds": scope.kinds, "depth": scope.depth });
    recipients.scopes().map(told).collect()
}

pub(super) fn told_zones(zones: &Zones) -> Vec<Value> {
    zones.iter().map(|(regions, by)| json!({ "regions": listed(regions), "transfers": by })).collect()
}

/// Everything that can be sent, and what is told beside. What came with the program is longer than what is taken.
pub(super) fn shape() -> Shape {
    let words = || Shape::any_text(2_000);
    let cite = Shape::Record(vec![
        must("instrument", words(), "The law, the rule or the contract."),
        must("article", words(), "The article or clause."),
        must("url", words(), "Where it can be read."),
        must("jurisdiction", words(), "Whose law it is, such as eu or us."),
    ]);
    let told = |field: Field| match field.name {
        "key" | "sentence" => Field { shape: words(), ..field },
        "sentence_de" => Field { shape: words().or_null(), needed: true, ..field },
        "cite" => Field { shape: cite.clone(), ..field },
        "contract" => Field { shape: words().or_null(), needed: true, ..field },
        "keeps_days" => Field { shape: Shape::Number(0, 1_000_000_000).or_null(), needed: true, ..field },
        "purposes" | "categories" | "regions" => Field { shape: keys(), needed: true, ..field },
        "from" => must("from", Shape::day().or_null(), "From which day on; null for always."),
        "kinds" | "depth" | "when" => Field { shape: field.shape.or_null(), needed: true, ..field },
        _ => Field { needed: true, ..field },
    };
    let mut fields: Vec<Field> = law::facts(true).into_iter().map(told).collect();
    fields.extend([
        must("version", Shape::Number(1, i64::from(u32::MAX)), "Its version."),
        must("recipients", scope_shape().list(100), "Who may receive: every one of these must agree."),
        must("zones", zone_shape().list(100), "Where: every one of these must agree."),
        must(
            "whole",
            Shape::Flag,
            "True when what can be sent says all of it: only such a one can be changed, others can be ended.",
        ),
        must("shipped", Shape::Flag, "True when it came with the program."),
        must(
            "in_force",
            Shape::Flag,
            "True when it has effect now: in its time, and approved by two people.",
        ),
        must("etag", Shape::text(40), "Hand it back as If-Match to propose a change of it."),
    ]);
    Shape::Record(fields).named("Mandate")
}

pub(super) fn example() -> Value {
    json!({
        "key": "gdpr-15-access", "effect": "permit", "level": "law", "cite": {
            "instrument": "Regulation (EU) 2016/679 (GDPR)", "article": "Art. 15", "url": "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
            "jurisdiction": "eu",
        },
        "sentence": "You may see what is held about you.", "sentence_de": null, "purposes": ["rights.access"], "categories": ["name"],
        "uses": ["View"], "roles": ["dpo"], "kinds": [], "depth": 0, "when": "always", "regions": [], "binds": "every",
        "contract": null, "masked": false, "keeps_days": null, "from": "2018-05-25", "until": null, "version": 1,
        "recipients": [{ "parties": [], "kinds": [], "depth": 0 }], "zones": [{ "regions": ["eu"], "transfers": [] }],
        "whole": true, "shipped": true, "in_force": true, "etag": "1",
    })
}

fn day(at: Timestamp) -> Option<String> {
    Some(day_text(at)).filter(|text| !text.is_empty())
}

pub(super) fn told(one: &Mandate, policy: &Policy, now: Timestamp) -> Value {
    let whole = Form::of(one, policy).is_some();
    let scope = one.recipients.scopes().next().filter(|_| whole);
    let named = |scope: &Scope| -> Vec<&str> {
        KINDS.iter().filter(|(_, kind)| scope.kinds.contains(kind)).map(|(key, _)| *key).collect()
    };
    let (when, regions) =
        when_sent(&one.when).map_or((None, BTreeSet::new()), |(when, set)| (Some(when), set));
    let (binds, contract) = binds_sent(&one.binds);
    json!({
        "key": one.key, "effect": one.effect, "level": one.level, "cite": {
            "instrument": one.cite.instrument, "article": one.cite.article, "url": one.cite.url,
            "jurisdiction": one.cite.jurisdiction,
        },
        "sentence": one.sentence, "sentence_de": one.sentences.get(SECOND), "purposes": listed(&one.purposes), "categories": listed(&one.categories),
        "uses": used(one.uses), "roles": one.roles.iter().map(Role::key).collect::<Vec<_>>(),
        "kinds": scope.map(named), "depth": scope.map(|scope| scope.depth), "when": when, "regions": regions,
        "binds": binds, "contract": contract, "masked": one.mask == Mask::Partial, "keeps_days": one.keeps.map(days),
        "from": day(one.from), "until": day(one.until), "version": one.version,
        "recipients": told_scopes(&one.recipients), "zones": told_zones(&one.zones), "whole": whole,
        "shipped": shipped(one), "in_force": one.in_force(now), "etag": one.version.to_string(),
    })
}

pub(super) async fn list(call: &Call) -> Result<Reply, Problem> {
    let now = call.ctx.now();
    let standing = policy(call).await?;
    all(&standing.policy.mandates.values().map(|one| told(one, &standing.policy, now)).collect::<Vec<_>>())
}
