//! What laws and contracts allow, forbid and demand, and what an erasure leaves because of them.

use assent_gate::Certificate;
use assent_kernel::mandate::{Binds, Effect};
use assent_kernel::{CategoryKey, Person, Timestamp};

use super::act::Own;
use super::model::Names;

/// A law or contract on a page.
pub(super) struct Law {
    pub(super) sentence: String,
    pub(super) cite: String,
    pub(super) url: String,
    pub(super) forbids: bool,
    pub(super) contract: bool,
}

/// The laws and contracts that apply to the person now.
pub(super) fn laws(names: &Names<'_>, person: &Person, now: Timestamp) -> Vec<Law> {
    let applies = |m: &&assent_kernel::Mandate| {
        m.in_force(now)
            && match &m.binds {
                Binds::Every => true,
                Binds::Contract(kind) => person.contract_runs(kind, now),
                Binds::Anchored => person
                    .facts
                    .values()
                    .any(|f| f.anchors.iter().any(|a| a.mandate == m.id && now < a.until)),
            }
    };
    let law = |m: &assent_kernel::Mandate| Law {
        sentence: names.mandate(m),
        cite: Names::cite(m),
        url: m.cite.url.clone(),
        forbids: m.effect == Effect::Forbid,
        contract: matches!(m.binds, Binds::Contract(_)),
    };
    names.policy.mandates.values().filter(applies).map(law).collect()
}

/// What a law keeps: kind, law, end.
pub(super) type Stays = (String, String, String);

/// What an erasure would take, by kind, and what a law would keep: kind, law, end.
pub(super) fn erasure(names: &Names<'_>, own: &Own) -> (Vec<(String, usize)>, Vec<Stays>) {
    let mut goes: std::collections::BTreeMap<String, usize> = Default::default();
    let mut stays = Vec::new();
    for held in own.dossier.facts() {
        let label = names.category(held.category());
        match names.held_by_law(held.fact(), own.now) {
            Some((mandate, until)) => {
                let law = format!("{} ({})", names.mandate(mandate), Names::cite(mandate));
                stays.push((label, law, names.t.date(until)));
            }
            None => {
                let count = goes.entry(label).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    (goes.into_iter().collect(), stays)
}

/// What a certificate keeps: kind, law, end.
pub(super) fn kept(names: &Names<'_>, certificate: &Certificate) -> Vec<(String, String, String)> {
    let label = |key: &str| CategoryKey::new(key).map_or_else(|_| key.to_owned(), |key| names.category(&key));
    let kept = certificate.kept.iter();
    kept.map(|one| (label(&one.category), one.cite.clone(), names.t.date(one.until))).collect()
}
