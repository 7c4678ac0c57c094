//! A mandate as a form: a named rule with its citation, and a sentence to the person.

mod typed;

pub use typed::{binds_sent, when_sent};

use std::collections::BTreeSet;

use assent_kernel::mandate::{Binds, Citation, Effect, Level, Mandate, Mask, When};
use assent_kernel::party::{Recipients, Scope};
use assent_kernel::{
    CategoryKey, KeySet, MandateId, Policy, PurposeKey, Region, Role, RoleSet, Span, Timestamp, Use, UseSet,
    Zone, Zones, data,
};

use assent_web::say;

use super::words::{KINDS, purpose};
use super::{Errors, bounded, day, day_text, german_text};

pub const EFFECTS: [(&str, &str, Effect); 3] = [
    ("forbid", "Forbid: nobody may, whatever anybody agreed to", Effect::Forbid),
    ("permit", "Permit: allows what a purpose needs", Effect::Permit),
    ("require", "Require: demands that a fact is kept and used so", Effect::Require),
];
pub const LEVELS: [(&str, &str, Level); 3] = [
    ("law", "A law", Level::Law),
    ("industry", "A rule of an industry", Level::Industry),
    ("contract", "A contract", Level::Contract),
];
pub const WHENS: [(&str, &str); 5] = [
    ("always", "always"),
    ("outside", "when a place of anybody who receives lies outside the regions below"),
    ("residents", "when the person lives in one of the regions below"),
    ("processor", "when a processor receives"),
    ("partner", "when a partner receives"),
];
pub const BINDS: [(&str, &str); 3] = [
    ("every", "every fact of these kinds"),
    ("anchored", "only facts anchored to it, one by one"),
    ("contract", "only people with a running contract of this kind"),
];

/// A mandate as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub key: String,
    pub effect: String,
    pub level: String,
    pub instrument: String,
    pub article: String,
    pub url: String,
    pub jurisdiction: String,
    pub sentence: String,
    pub sentence_de: String,
    pub purposes: BTreeSet<String>,
    pub categories: BTreeSet<String>,
    pub uses: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    pub kinds: BTreeSet<String>,
    pub depth: String,
    pub when: String,
    pub regions: BTreeSet<String>,
    pub binds: String,
    pub contract: String,
    pub masked: bool,
    pub keeps: String,
    pub from: String,
    pub until: String,
}

/// Whether a mandate came with the program: those are changed by a new version of the program alone.
pub fn shipped(mandate: &Mandate) -> bool {
    mandate.approved_by == data::shipped_approvals()
}

impl Form {
    /// A new rule that forbids.
    pub fn fresh(at: Timestamp) -> Self {
        Self {
            effect: "forbid".into(),
            level: "contract".into(),
            when: "always".into(),
            binds: "every".into(),
            depth: "0".into(),
            from: day_text(at),
            ..Self::default()
        }
    }

    /// The mandate it makes, not yet approved by anybody; or what is wrong with it.
    pub fn parse(
        &self,
        policy: &Policy,
        old: Option<&Mandate>,
        id: MandateId,
        at: Timestamp,
    ) -> Result<Mandate, Errors> {
        let mut errors = Errors::default();
        let effect = EFFECTS.iter().find(|(key, _, _)| *key == self.effect).map(|(_, _, effect)| *effect);
        let level = LEVELS.iter().find(|(key, _, _)| *key == self.level).map(|(_, _, level)| *level);
        if effect.is_none() {
            errors.add("effect", say("Choose what it does."));
        }
        if level.is_none() {
            errors.add("level", say("Choose where it comes from."));
        }
        let (Some(effect), Some(level)) = (effect, level) else { return Err(errors) };
        let opens = effect != Effect::Forbid;
        let (from, until) = self.span(at, &mut errors);
        let key = self.key(policy, old, id, &mut errors);
        let cite = self.cite(&mut errors);
        let sentence =
            text(&self.sentence, 300, "sentence", "Tell the person in one plain sentence.", &mut errors);
        let sentences = german_text("sentence_de", &self.sentence_de, 300, &mut errors);
        let purposes = self.purposes(policy, effect, level, &mut errors);
        let categories = self.categories(policy, &mut errors);
        let uses: UseSet = self.uses.iter().filter_map(|name| Use::parse(name)).collect();
        if uses.is_empty() {
            errors.add("use", say("Choose at least one use."));
        }
        let roles: RoleSet = if opens {
            self.roles.iter().filter_map(|name| Role::parse(name)).collect()
        } else {
            Role::ALL.iter().copied().collect()
        };
        if roles.iter().next().is_none() {
            errors.add("role", say("Choose who may work under it."));
        }
        let when = self.when(policy, opens, &mut errors);
        let binds = self.binds(effect, &mut errors);
        let keeps = self.keeps(&mut errors);
        errors.or(Mandate {
            id,
            key,
            version: old.map_or(1, |old| old.version.saturating_add(1)),
            effect,
            level,
            cite,
            purposes,
            categories,
            uses,
            roles,
            recipients: if opens { self.recipients() } else { Recipients::company_only() },
            zones: Zones::of(Zone { regions: policy.regions.clone(), transfers: BTreeSet::new() }),
            when,
            binds,
            mask: if self.masked && opens { Mask::Partial } else { Mask::Full },
            keeps,
            from,
            until,
            approved_by: Vec::new(),
            sentence,
            sentences,
        })
    }

    fn span(&self, at: Timestamp, errors: &mut Errors) -> (Timestamp, Timestamp) {
        let from = day(&self.from).unwrap_or_else(|| {
            errors.add("from", say("Say from which day on it holds."));
            at
        });
        let until = if self.until.is_empty() {
            Timestamp::MAX
        } else {
            day(&self.until).unwrap_or_else(|| {
                errors.add("until", say("Write the day as year-month-day, or leave it empty."));
                Timestamp::MAX
            })
        };
        if until <= from || until <= at {
            errors.add("until", say("It would be over before it begins."));
        }
        (from, until)
    }

    fn key(&self, policy: &Policy, old: Option<&Mandate>, id: MandateId, errors: &mut Errors) -> String {
        if let Some(old) = old {
            return old.key.clone();
        }
        let fine = !self.key.is_empty()
            && self.key.len() <= 40
            && self.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fine {
            errors.add(
                "key",
                say("Lower-case letters, digits and dashes, at most 40. Such as county-us-only."),
            );
        } else if policy.mandate(&self.key).is_some_and(|other| other.id != id) {
            errors.add("key", say("There is a mandate of that name already."));
        }
        self.key.clone()
    }

    fn cite(&self, errors: &mut Errors) -> Citation {
        let url = text(&self.url, 300, "url", "Say where it can be read.", errors);
        if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
            errors.add("url", say("An address that begins with https://."));
        }
        Citation {
            instrument: text(
                &self.instrument,
                120,
                "instrument",
                "Name the law, the rule or the contract.",
                errors,
            ),
            article: text(&self.article, 60, "article", "Name the article or clause.", errors),
            url,
            jurisdiction: text(
                &self.jurisdiction,
                24,
                "jurisdiction",
                "Say whose law it is, such as eu or us.",
                errors,
            ),
        }
    }

    fn purposes(
        &self,
        policy: &Policy,
        effect: Effect,
        level: Level,
        errors: &mut Errors,
    ) -> KeySet<PurposeKey> {
        let keys = self.purposes.iter().filter_map(|text| PurposeKey::new(text).ok());
        let set: KeySet<PurposeKey> = keys.filter(|key| policy.purposes.contains_key(key)).collect();
        let named = policy.purposes.values().filter(|one| set.covers(&one.key));
        match effect {
            Effect::Forbid => {
                let bound: Vec<_> = named.filter(|one| rights(&one.key)).collect();
                let every = set.is_empty();
                if level == Level::Contract && (every || !bound.is_empty()) {
                    errors.add(
                        "purpose",
                        say("No contract can take away a person's rights or the warning of a dangerous product. Choose \
                         purposes other than “Your rights” and “Product safety”."),
                    );
                }
            }
            Effect::Permit | Effect::Require => {
                if set.is_empty() {
                    errors.add("purpose", say("Choose at least one purpose."));
                }
                if let Some(one) = named.into_iter().find(|one| one.basis.needs_grant()) {
                    let what = say!(
                        "“{purpose}” stands on the person's yes alone. No law or contract opens it: leave it out.",
                        purpose = purpose(one)
                    );
                    errors.add("purpose", what);
                }
            }
        }
        set
    }

    fn categories(&self, policy: &Policy, errors: &mut Errors) -> KeySet<CategoryKey> {
        let keys = self.categories.iter().filter_map(|text| CategoryKey::new(text).ok());
        let set: KeySet<CategoryKey> = keys.filter(|key| policy.categories.contains_key(key)).collect();
        if set.is_empty() {
            errors.add("category", say("Choose at least one kind of data."));
        }
        set
    }

    fn recipients(&self) -> Recipients {
        let kinds =
            KINDS.iter().filter(|(key, _)| self.kinds.contains(*key)).map(|(_, kind)| *kind).collect();
        let depth = self.depth.parse::<u8>().unwrap_or(0).min(3);
        Recipients::of(Scope { parties: BTreeSet::new(), kinds, depth })
    }

    fn when(&self, policy: &Policy, opens: bool, errors: &mut Errors) -> When {
        let keys = self.regions.iter().filter_map(|text| Region::new(text).ok());
        let set: KeySet<Region> = keys.filter(|key| policy.regions.covers(key)).collect();
        let needs = |errors: &mut Errors| {
            if set.is_empty() {
                errors.add("region", say("Choose at least one region."));
            }
        };
        match self.when.as_str() {
            "always" => When::Always,
            "residents" => {
                needs(errors);
                When::ResidentOf(set)
            }
            _ if opens => {
                errors
                    .add("when", say("What permits or requires can depend only on where the person lives."));
                When::Always
            }
            "outside" => {
                needs(errors);
                When::OutsideRegions(set)
            }
            other => match KINDS.iter().find(|(key, _)| *key == other) {
                Some((_, kind)) => When::RecipientKind(*kind),
                None => {
                    errors.add("when", say("Choose when it applies."));
                    When::Always
                }
            },
        }
    }

    fn binds(&self, effect: Effect, errors: &mut Errors) -> Binds {
        let kind = self.contract.as_str();
        let kind_fine =
            !kind.is_empty() && kind.len() <= 40 && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        match self.binds.as_str() {
            "every" if effect == Effect::Forbid => Binds::Every,
            "every" => {
                errors.add(
                    "binds",
                    say("Only a person's own right reaches every fact. Anchor it, or bind it to a contract."),
                );
                Binds::Anchored
            }
            "anchored" => Binds::Anchored,
            "contract" if kind_fine => Binds::Contract(kind.to_owned()),
            "contract" => {
                errors.add(
                    "contract",
                    say("Name the kind of contract in lower-case letters, such as household-customer."),
                );
                Binds::Anchored
            }
            _ => {
                errors.add("binds", say("Choose which facts it reaches."));
                Binds::Anchored
            }
        }
    }

    fn keeps(&self, errors: &mut Errors) -> Option<Span> {
        if self.keeps.is_empty() {
            return None;
        }
        let days = self.keeps.parse::<u32>().ok().filter(|days| (1..=36_500).contains(days));
        if days.is_none() {
            errors.add("keeps", say("A number of days, at most 36500, or nothing."));
        }
        days.map(Span::days)
    }
}

/// The purposes that no contract can close.
fn rights(key: &PurposeKey) -> bool {
    use assent_kernel::TreeKey as _;
    ["rights", "safety"].iter().any(|root| key.as_str().split('.').next() == Some(root))
}

fn text(value: &str, most: usize, field: &str, empty: &str, errors: &mut Errors) -> String {
    match bounded(value, most) {
        None => errors.add(field, say!("At most {n} characters.", n = most)),
        Some(clean) if clean.is_empty() => errors.add(field, say(empty)),
        Some(clean) => return clean,
    }
    String::new()
}
