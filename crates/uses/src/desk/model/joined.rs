//! What joining records closes, in words.

use std::collections::BTreeMap;

use assent_gate::Joining;
use assent_kernel::grant::{ObjectionScope, Restricted};
use assent_kernel::{Person, PurposeKey, Reason};

use assent_web::say;

use super::words::Words;

/// What two records close for each other, one sentence each; none when nothing closes.
pub fn closes(joining: &Joining, words: &Words<'_>) -> Vec<String> {
    let mut out: BTreeMap<String, ()> = BTreeMap::new();
    let into = joining.into.iter().map(|one| (one.own(), true));
    let other = joining.other.iter().map(|one| (one.own(), false));
    for (own, front) in into.chain(other) {
        if let Some(after) = joining.after.get(&own.id) {
            yeses(own, after, which(front), words, &mut out);
        }
        wishes(own, which(front), words, &mut out);
    }
    out.into_keys().collect()
}

fn which(front: bool) -> &'static str {
    say(if front { "the record that stays in front" } else { "the other record" })
}

fn yeses(own: &Person, after: &Person, which: &str, words: &Words<'_>, out: &mut BTreeMap<String, ()>) {
    let keys: Vec<&PurposeKey> = own.answers.keys().collect();
    for key in keys {
        let Ok((_, before)) = own.yes_to(key) else { continue };
        let label = words.label(key);
        let told = match after.yes_to(key) {
            Err(Reason::Refused) => {
                say!(
                    "“{what}”: the yes of {which} stops counting; the other said no.",
                    what = label,
                    which = which
                )
            }
            Err(_) => say!(
                "“{what}”: the yes of {which} stops counting; the other took it back.",
                what = label,
                which = which
            ),
            Ok((_, grant)) if grant.terms != before.terms => {
                say!("“{what}”: the yes of {which} shrinks to what both allow.", what = label, which = which)
            }
            Ok(_) => continue,
        };
        out.insert(told, ());
    }
}

fn wishes(own: &Person, which: &str, words: &Words<'_>, out: &mut BTreeMap<String, ()>) {
    for one in &own.objections {
        let what = match &one.scope {
            ObjectionScope::DirectMarketing => say("all direct marketing").to_owned(),
            ObjectionScope::Profiling => say("being profiled").to_owned(),
            ObjectionScope::SaleShare => say("being sold or shared").to_owned(),
            ObjectionScope::Purpose(key) => say!("“{what}”", what = words.label(key)),
        };
        out.insert(
            say!("The objection to {what} of {which} holds for both.", what = what, which = which),
            (),
        );
    }
    for one in &own.restrictions {
        let what = match &one.facts {
            Restricted::All => say("everything").to_owned(),
            Restricted::Category(key) => say!("“{what}”", what = words.category(key)),
            // Of one single fact: it stays about that fact.
            Restricted::Fact(_) => continue,
        };
        out.insert(
            say!("“Stop for now” for {what} of {which} holds for both.", what = what, which = which),
            (),
        );
    }
    if own.minor {
        out.insert(say("A guardian must agree for both.").to_owned(), ());
    }
}
