//! A mandate's form, filled from a mandate or from what was sent.

use std::collections::BTreeSet;

use assent_kernel::Policy;
use assent_kernel::mandate::{Binds, Effect, Mandate, Mask, When};
use assent_web::Fields;

use super::super::ticks::values;
use super::super::words::KINDS;
use super::super::{day_text, days, second};
use super::{EFFECTS, Form, LEVELS};

/// When a mandate applies, as it is typed and sent, and the regions that this is about.
pub fn when_sent(when: &When) -> Option<(&'static str, BTreeSet<String>)> {
    Some(match when {
        When::Always => ("always", BTreeSet::new()),
        When::OutsideRegions(set) => ("outside", values(set)),
        When::ResidentOf(set) => ("residents", values(set)),
        When::RecipientKind(kind) => (KINDS.iter().find(|(_, one)| one == kind)?.0, BTreeSet::new()),
    })
}

/// What a mandate reaches, as it is typed and sent, and the kind of contract.
pub fn binds_sent(binds: &Binds) -> (&'static str, Option<&str>) {
    match binds {
        Binds::Every => ("every", None),
        Binds::Anchored => ("anchored", None),
        Binds::Contract(kind) => ("contract", Some(kind)),
    }
}

impl Form {
    /// A mandate as it stands; nothing when it is of a form that this page cannot show whole.
    pub fn of(mandate: &Mandate, policy: &Policy) -> Option<Self> {
        let (mut scopes, mut zones) = (mandate.recipients.scopes(), mandate.zones.iter());
        let (scope, (inside, by)) = (scopes.next()?, zones.next()?);
        let simple =
            scopes.next().is_none() && zones.next().is_none() && scope.parties.is_empty() && by.is_empty();
        if !simple || policy.regions.iter().any(|region| !inside.covers(region)) {
            return None;
        }
        let (when, regions) = when_sent(&mandate.when)?;
        let (binds, contract) = binds_sent(&mandate.binds);
        let name =
            |effect: Effect| EFFECTS.iter().find(|(_, _, one)| *one == effect).map_or("", |(key, _, _)| key);
        Some(Self {
            key: mandate.key.clone(),
            effect: name(mandate.effect).into(),
            level: LEVELS.iter().find(|(_, _, one)| *one == mandate.level)?.0.into(),
            instrument: mandate.cite.instrument.clone(),
            article: mandate.cite.article.clone(),
            url: mandate.cite.url.clone(),
            jurisdiction: mandate.cite.jurisdiction.clone(),
            sentence: mandate.sentence.clone(),
            sentence_de: second(&mandate.sentences),
            purposes: values(&mandate.purposes),
            categories: values(&mandate.categories),
            uses: mandate.uses.iter().map(|one| one.name().to_owned()).collect(),
            roles: mandate.roles.iter().map(|one| one.key().to_owned()).collect(),
            kinds: KINDS
                .iter()
                .filter(|(_, kind)| scope.kinds.contains(kind))
                .map(|(key, _)| (*key).into())
                .collect(),
            depth: scope.depth.to_string(),
            when: when.into(),
            regions,
            binds: binds.into(),
            contract: contract.unwrap_or_default().to_owned(),
            masked: mandate.mask == Mask::Partial,
            keeps: mandate.keeps.map_or_else(String::new, |span| days(span).to_string()),
            from: day_text(mandate.from),
            until: day_text(mandate.until),
        })
    }

    /// What was sent.
    pub fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).to_owned();
        let all = |name: &str| fields.all(name).map(str::to_owned).collect();
        Self {
            key: text("key"),
            effect: text("effect"),
            level: text("level"),
            instrument: text("instrument"),
            article: text("article"),
            url: text("url"),
            jurisdiction: text("jurisdiction"),
            sentence: text("sentence"),
            sentence_de: text("sentence_de"),
            purposes: all("purpose"),
            categories: all("category"),
            uses: all("use"),
            roles: all("role"),
            kinds: all("kind"),
            depth: text("depth"),
            when: text("when"),
            regions: all("region"),
            binds: text("binds"),
            contract: text("contract"),
            masked: fields.has("masked"),
            keeps: text("keeps"),
            from: text("from"),
            until: text("until"),
        }
    }
}
