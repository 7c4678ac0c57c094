//! Words for what a policy holds.

use std::collections::BTreeMap;

use assent_kernel::category::{Category, Retention};
use assent_kernel::data;
use assent_kernel::mandate::{Effect, Level};
use assent_kernel::party::{PartyKind, Recipients, Scope, Standing, Transfer};
use assent_kernel::purpose::{Automation, Basis, Purpose};
use assent_kernel::{
    CategoryKey, KeySet, Mandate, PartyId, Policy, PurposeKey, Region, RoleSet, Span, Timestamp, Use, UseSet,
    Zones,
};
use assent_web::catalogue::lang;
use assent_web::{say, shipped, text};

/// What a purpose is called, in the language of whoever reads.
pub fn purpose(one: &Purpose) -> &str {
    shipped::purpose(one, lang())
}

/// What a kind of data is called, in the language of whoever reads.
pub fn category(one: &Category) -> &str {
    shipped::category(one, lang())
}

/// What a mandate says to the person, in the language of whoever reads.
pub fn mandate(one: &Mandate) -> &str {
    shipped::mandate(one, lang())
}

/// What holds beside one another.
fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.reduce(|one, more| say!("{one}; and: {more}", one = one, more = more)).unwrap_or_default()
}

/// Names of what a policy holds.
pub struct Words<'a> {
    pub policy: &'a Policy,
    pub company: &'a str,
    regions: BTreeMap<Region, String>,
}

/// "a, b and c".
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => say("nothing").into(),
        [one] => one.clone(),
        [first @ .., last] => say!("{first} and {last}", first = first.join(", "), last = last),
    }
}

impl<'a> Words<'a> {
    pub fn new(policy: &'a Policy, company: &'a str) -> Self {
        Self { policy, company, regions: data::regions().unwrap_or_default() }
    }
    pub fn purpose(&self, key: &PurposeKey) -> String {
        self.policy.purposes.get(key).map_or_else(|| key.to_string(), |one| purpose(one).to_owned())
    }
    pub fn category(&self, key: &CategoryKey) -> String {
        self.policy.categories.get(key).map_or_else(|| key.to_string(), |one| category(one).to_owned())
    }
    pub fn region(&self, key: &Region) -> String {
        shipped::region(key, lang())
    }
    pub fn party(&self, id: PartyId) -> String {
        self.policy
            .parties
            .get(&id)
            .map_or_else(|| say("somebody unknown").into(), |party| party.name.clone())
    }
    pub fn categories(&self, keys: &KeySet<CategoryKey>) -> String {
        let roots = self.policy.categories.keys().filter(|key| key.parent().is_none());
        if keys.len() > 12 && roots.clone().all(|root| keys.covers(root)) {
            return say("every kind of data").into();
        }
        list(&keys.iter().map(|key| self.category(key)).collect::<Vec<_>>())
    }
    pub fn regions(&self, keys: &KeySet<Region>) -> String {
        if self.policy.regions.iter().all(|region| keys.covers(region)) {
            return say("everywhere").into();
        }
        list(&keys.iter().map(|key| self.region(key)).collect::<Vec<_>>())
    }
    pub fn purposes(&self, keys: &KeySet<PurposeKey>) -> String {
        if keys.is_empty() {
            return say("every purpose").into();
        }
        list(&keys.iter().map(|key| self.purpose(key)).collect::<Vec<_>>())
    }
    /// Who may receive.
    pub fn recipients(&self, who: &Recipients) -> String {
        let company = self.company;
        let one = |scope: &Scope| {
            let mut parts: Vec<String> = scope.parties.iter().map(|id| self.party(*id)).collect();
            parts.extend(scope.kinds.iter().map(|kind| any_word(*kind).to_owned()));
            match (parts.is_empty(), scope.depth) {
                (true, _) => say!("only {company}", company = company),
                (false, 0) => say!("{company} and {who}", company = company, who = list(&parts)),
                (false, 1) => {
                    let who = list(&parts);
                    say!("{company} and {who}, with those it engages itself", company = company, who = who)
                }
                (false, n) => say!(
                    "{company} and {who}, with sub-processors {n} tiers deep",
                    company = company,
                    who = list(&parts),
                    n = n
                ),
            }
        };
        joined(who.scopes().map(one))
    }
    /// Where.
    pub fn zones(&self, zones: &Zones) -> String {
        let one = |(regions, by): (&KeySet<Region>, &std::collections::BTreeSet<Transfer>)| {
            let by: Vec<String> = by.iter().map(|transfer| transfer_word(*transfer).to_owned()).collect();
            let regions = self.regions(regions);
            if by.is_empty() {
                regions
            } else {
                say!("{regions}, or elsewhere by {how}", regions = regions, how = list(&by))
            }
        };
        joined(zones.iter().map(one))
    }
    /// Options of a tree: key and label.
    pub fn all_categories(&self) -> Vec<(String, String)> {
        self.policy.categories.values().map(|one| (one.key.to_string(), category(one).to_owned())).collect()
    }
    pub fn all_regions(&self) -> Vec<(String, String)> {
        let known = self.regions.iter().filter(|(key, _)| self.policy.regions.covers(key));
        known.map(|(key, _)| (key.to_string(), self.region(key))).collect()
    }
    pub fn all_purposes(&self) -> Vec<(String, String)> {
        self.policy.purposes.values().map(|one| (one.key.to_string(), purpose(one).to_owned())).collect()
    }
}

/// What may be done, said to staff.
pub fn use_word(one: Use) -> &'static str {
    say(match one {
        Use::View => "see it",
        Use::List => "show it in lists",
        Use::Export => "copy it to a file",
        Use::Message => "write to the person",
        Use::Share => "pass it on",
        Use::Combine => "combine it with others' data",
        Use::Enrich => "complete it from elsewhere",
        Use::Cleanse => "correct it from elsewhere",
        Use::Contribute => "list it in the exchange",
        Use::Learn => "learn from it",
        Use::Capture => "collect it",
        Use::LookUp => "look it up on networks",
    })
}

/// Uses in words.
pub fn uses(set: UseSet) -> String {
    if Use::ALL.iter().all(|one| set.has(*one)) {
        return say("every use").into();
    }
    list(&set.iter().map(|one| use_word(one).to_owned()).collect::<Vec<_>>())
}

/// Roles in words.
pub fn roles(set: RoleSet) -> String {
    list(&set.iter().map(|role| say(role.label()).to_owned()).collect::<Vec<_>>())
}

/// Options for uses.
pub fn all_uses() -> Vec<(&'static str, String)> {
    Use::ALL.iter().map(|one| (one.name(), use_word(*one).to_owned())).collect()
}

/// Options for roles.
pub fn all_roles() -> Vec<(&'static str, String)> {
    assent_kernel::Role::ALL.iter().map(|role| (role.key(), say(role.label()).to_owned())).collect()
}

pub const KINDS: [(&str, PartyKind); 3] =
    [("processor", PartyKind::Processor), ("partner", PartyKind::Partner), ("human", PartyKind::Human)];

pub fn kind_word(kind: PartyKind) -> &'static str {
    say(match kind {
        PartyKind::Controller => "the company itself",
        PartyKind::Processor => "processor",
        PartyKind::Partner => "partner",
        PartyKind::Human => "person by name",
    })
}

/// Whoever is of that kind.
pub fn any_word(kind: PartyKind) -> &'static str {
    say(match kind {
        PartyKind::Controller => "the company itself",
        PartyKind::Processor => "any processor",
        PartyKind::Partner => "any partner",
        PartyKind::Human => "any person by name",
    })
}

/// When somebody of that kind receives.
pub fn receives_word(kind: PartyKind) -> &'static str {
    say(match kind {
        PartyKind::Controller => "when the company itself receives",
        PartyKind::Processor => "when a processor receives",
        PartyKind::Partner => "when a partner receives",
        PartyKind::Human => "when a person by name receives",
    })
}

pub const TRANSFERS: [(&str, Transfer); 3] = [
    ("adequacy", Transfer::Adequacy),
    ("clauses", Transfer::Clauses),
    ("binding-rules", Transfer::BindingRules),
];

pub fn transfer_word(transfer: Transfer) -> &'static str {
    say(match transfer {
        Transfer::Adequacy => "an adequacy decision (Art. 45)",
        Transfer::Clauses => "contract clauses (Art. 46)",
        Transfer::BindingRules => "binding corporate rules (Art. 47)",
    })
}

/// How a party stands.
pub fn standing_word(standing: Standing) -> String {
    match standing_plain(standing) {
        Ok(word) => say(word).into(),
        Err(at) => say!("from {day}", day = text::date(at.micros())),
    }
}

/// The same as the history keeps it, which is in English.
pub fn standing_kept(standing: Standing) -> String {
    match standing_plain(standing) {
        Ok(word) => word.into(),
        Err(at) => format!("from {}", text::date_en(at.micros())),
    }
}

/// A word, or the day from which on it is active.
fn standing_plain(standing: Standing) -> Result<&'static str, Timestamp> {
    match standing {
        Standing::Proposed(Timestamp::MAX) => Ok("announced, no date yet"),
        Standing::Proposed(at) => Err(at),
        Standing::Active => Ok("active"),
        Standing::Suspended => Ok("suspended"),
        Standing::Ended => Ok("ended"),
    }
}

pub const fn standing_tone(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "good",
        Standing::Proposed(_) => "warn",
        Standing::Suspended => "bad",
        Standing::Ended => "",
    }
}

pub fn basis_word(basis: Basis) -> &'static str {
    say(match basis {
        Basis::Consent => "the person's yes",
        Basis::ConsentExplicit => "the person's explicit yes",
        Basis::Contract => "a contract with the person",
        Basis::LegalObligation => "a law demands it",
        Basis::Vital => "somebody's life",
        Basis::PublicTask => "a public task",
        Basis::LegitimateInterest => "legitimate interest",
    })
}

pub fn automation_word(automation: Automation) -> &'static str {
    say(match automation {
        Automation::None => "no machine decides",
        Automation::Assist => "a machine may propose, a human decides",
        Automation::Decide => "a machine decides",
    })
}

pub fn effect_word(effect: Effect) -> &'static str {
    say(match effect {
        Effect::Permit => "permits",
        Effect::Require => "requires",
        Effect::Forbid => "forbids",
    })
}

pub const fn effect_tone(effect: Effect) -> &'static str {
    match effect {
        Effect::Permit => "good",
        Effect::Require => "",
        Effect::Forbid => "bad",
    }
}

pub fn level_word(level: Level) -> &'static str {
    say(match level {
        Level::Law => "law",
        Level::Industry => "industry rule",
        Level::Contract => "contract",
    })
}

/// What a retention class means: what it is for, and how long a fact is whole.
pub fn retention_word(class: Retention) -> (&'static str, &'static str) {
    let (what, whole) = match class {
        Retention::R0 => ("Raw readings of devices", "7 days after they were last confirmed"),
        Retention::R1 => ("Bodies of messages, notes of calls", "13 months after they were last confirmed"),
        Retention::R2 => ("Contact and profile", "2 years after they were last confirmed"),
        Retention::R3 => ("Contract and invoice", "as long as the law or contract behind them says"),
        Retention::R4 => {
            ("Terms and their evidence", "as long as the terms, and the time in which they can be disputed")
        }
        Retention::R5 => ("Derived and inferred", "6 months after they were last confirmed"),
        Retention::R6 => ("Looked up on social networks", "30 days after they were last confirmed"),
        Retention::R7 => ("Contributed to the exchange", "90 days after they were last confirmed"),
    };
    (say(what), say(whole))
}

/// "365 days".
pub fn span(span: Span) -> String {
    let days = super::days(span);
    match days.unsigned_abs() {
        0 => say("no end of its own").into(),
        1 => say!("{n} day", n = 1),
        n => say!("{n} days", n = text::count(n)),
    }
}
