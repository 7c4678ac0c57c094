//! What joining records closes, in words.

use std::collections::BTreeMap;

use assent_gate::Joining;
use assent_kernel::grant::{ObjectionScope, Restricted};
use assent_kernel::{Person, PurposeKey, Reason};

use super::words::Words;

/// What two records close for each other, one sentence each; none when nothing closes.
pub fn closes(joining: &Joining, words: &Words<'_>) -> Vec<String> {
    let mut out: BTreeMap<String, ()> = BTreeMap::new();
    let into = joining.into.iter().map(|one| (one.own(), "the record that stays in front"));
    let other = joining.other.iter().map(|one| (one.own(), "the other record"));
    for (own, which) in into.chain(other) {
        if let Some(after) = joining.after.get(&own.id) {
            yeses(own, after, which, words, &mut out);
        }
        wishes(own, which, words, &mut out);
    }
    out.into_keys().collect()
}

fn yeses(own: &Person, after: &Person, which: &str, words: &Words<'_>, out: &mut BTreeMap<String, ()>) {
    let keys: Vec<&PurposeKey> = own.answers.keys().collect();
    for key in keys {
        let Ok((_, before)) = own.yes_to(key) else { continue };
        let label = words.label(key);
        let told = match after.yes_to(key) {
            Err(Reason::Refused) => {
                format!("“{label}”: the yes of {which} stops counting; the other said no.")
            }
            Err(_) => format!("“{label}”: the yes of {which} stops counting; the other took it back."),
            Ok((_, grant)) if grant.terms != before.terms => {
                format!("“{label}”: the yes of {which} shrinks to what both allow.")
            }
            Ok(_) => continue,
        };
        out.insert(told, ());
    }
}

fn wishes(own: &Person, which: &str, words: &Words<'_>, out: &mut BTreeMap<String, ()>) {
    for one in &own.objections {
        let what = match &one.scope {
            ObjectionScope::DirectMarketing => "all direct marketing".to_owned(),
            ObjectionScope::Profiling => "being profiled".to_owned(),
            ObjectionScope::SaleShare => "being sold or shared".to_owned(),
            ObjectionScope::Purpose(key) => format!("“{}”", words.label(key)),
        };
        out.insert(format!("The objection to {what} of {which} holds for both."), ());
    }
    for one in &own.restrictions {
        let what = match &one.facts {
            Restricted::All => "everything".to_owned(),
            Restricted::Category(key) => format!("“{}”", words.category(key)),
            // Of one single fact: it stays about that fact.
            Restricted::Fact(_) => continue,
        };
        out.insert(format!("“Stop for now” for {what} of {which} holds for both."), ());
    }
    if own.minor {
        out.insert("A guardian must agree for both.".to_owned(), ());
    }
}
