//! Stops: no advertising, no selling, not for this purpose, nothing at all. Each is set and lifted by one click, and counts
//! at the next decision.

use assent_gate::Act;
use assent_kernel::grant::{Evidence, ObjectionScope, Restricted};
use assent_kernel::purpose::Basis;
use assent_kernel::{Person, PurposeKey, Timestamp};
use assent_web::{Ctx, Problem};

use super::act::{self, Own};
use super::model::{self, Names};

/// A stop that can be set and lifted.
pub(super) struct Stop {
    /// Which of the four.
    pub(super) key: &'static str,
    /// For which purpose alone; empty for the others.
    pub(super) purpose: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) since: String,
    /// Since when, where it is set.
    pub(super) at: Option<Timestamp>,
    pub(super) locked: bool,
}

/// Every stop that a person can set, and each that is set.
pub(super) fn all(names: &Names<'_>, person: &Person, gpc: bool) -> Vec<Stop> {
    let t = names.t;
    let stop = |key, (title, text): (&str, &str), at: Option<Timestamp>, locked| Stop {
        key,
        purpose: String::new(),
        title: title.to_owned(),
        text: text.to_owned(),
        since: at.map(|at| t.date(at)).unwrap_or_default(),
        at,
        locked,
    };
    let marketing = model::stops(person, &ObjectionScope::DirectMarketing);
    let sharing = model::stops(person, &ObjectionScope::SaleShare);
    let mut out = vec![
        stop("marketing", (t.stop_marketing(), t.stop_marketing_text()), marketing, false),
        stop("sharing", (t.stop_sharing(), t.stop_sharing_text()), sharing, gpc),
    ];
    out.extend(purposes(names, person).into_iter().map(|key| {
        let at = model::stops(person, &ObjectionScope::Purpose(key.clone()));
        let title = t.stop_purpose(&names.purpose(&key));
        let text = format!("{} {}", names.purpose_sentence(&key), t.stop_purpose_text());
        Stop { purpose: key.to_string(), ..stop("purpose", (&title, text.trim()), at, false) }
    }));
    let paused = model::paused(person).map(|restriction| restriction.at);
    out.push(stop("all", (t.stop_all(), t.stop_all_text()), paused, false));
    out
}

/// The purposes that can be objected to: those for which the company need not ask, and those that were objected to before.
/// What rests on a yes is ended by taking it back; a contract and a law stand (GDPR Art. 21(1)).
fn purposes(names: &Names<'_>, person: &Person) -> Vec<PurposeKey> {
    let policy = names.policy;
    let unasked = |basis: Basis| match basis {
        Basis::LegitimateInterest => policy.legitimate_interest,
        Basis::PublicTask => true,
        Basis::Consent | Basis::ConsentExplicit => false,
        Basis::Contract | Basis::LegalObligation | Basis::Vital => false,
    };
    let stopped = |key: &PurposeKey| model::stops(person, &ObjectionScope::Purpose(key.clone())).is_some();
    let wanted = policy.purposes.values().filter(|one| unasked(one.basis) || stopped(&one.key));
    wanted.map(|one| one.key.clone()).collect()
}

/// What is to be stopped.
enum What {
    /// A kind of use.
    Kind(ObjectionScope),
    /// Everything.
    All,
}

fn what(own: &Own, key: &str, purpose: &str) -> Option<What> {
    match key {
        "marketing" => Some(What::Kind(ObjectionScope::DirectMarketing)),
        "sharing" => Some(What::Kind(ObjectionScope::SaleShare)),
        "purpose" => {
            let known = |key: &PurposeKey| own.standing.policy.purposes.contains_key(key);
            let key = PurposeKey::new(purpose).ok().filter(known)?;
            Some(What::Kind(ObjectionScope::Purpose(key)))
        }
        "all" => Some(What::All),
        _ => None,
    }
}

/// Sets a stop, or lifts it.
pub(super) async fn change(
    ctx: &Ctx,
    own: &Own,
    (key, purpose): (&str, &str),
    lift: bool,
    evidence: Evidence,
) -> Result<(), Problem> {
    let nothing = || Problem::not_found("There is no such stop.").german("So einen Stopp gibt es nicht.");
    let act = match (what(own, key, purpose).ok_or_else(nothing)?, lift) {
        (What::Kind(scope), false) => Act::Object(scope),
        (What::Kind(scope), true) => Act::Lift(scope),
        (What::All, false) => Act::Restrict(Restricted::All),
        (What::All, true) => Act::Release,
    };
    Ok(act::say(ctx, own, act, evidence).await?)
}
