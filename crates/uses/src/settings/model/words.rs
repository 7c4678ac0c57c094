//! Words for what a policy holds.

use std::collections::BTreeMap;

use assent_kernel::category::Retention;
use assent_kernel::data;
use assent_kernel::mandate::{Effect, Level};
use assent_kernel::party::{PartyKind, Recipients, Standing, Transfer};
use assent_kernel::purpose::{Automation, Basis};
use assent_kernel::{
    CategoryKey, KeySet, PartyId, Policy, PurposeKey, Region, RoleSet, Span, Use, UseSet, Zones,
};
use assent_web::text;

/// Names of what a policy holds.
pub struct Words<'a> {
    pub policy: &'a Policy,
    pub company: &'a str,
    regions: BTreeMap<Region, String>,
}

/// "a, b and c".
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => "nothing".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl<'a> Words<'a> {
    pub fn new(policy: &'a Policy, company: &'a str) -> Self {
        Self { policy, company, regions: data::regions().unwrap_or_default() }
    }
    pub fn purpose(&self, key: &PurposeKey) -> String {
        self.policy.purposes.get(key).map_or_else(|| key.to_string(), |purpose| purpose.label.clone())
    }
    pub fn category(&self, key: &CategoryKey) -> String {
        self.policy.categories.get(key).map_or_else(|| key.to_string(), |category| category.label.clone())
    }
    pub fn region(&self, key: &Region) -> String {
        self.regions.get(key).cloned().unwrap_or_else(|| key.to_string())
    }
    pub fn party(&self, id: PartyId) -> String {
        self.policy.parties.get(&id).map_or_else(|| "somebody unknown".into(), |party| party.name.clone())
    }
    pub fn categories(&self, keys: &KeySet<CategoryKey>) -> String {
        let roots = self.policy.categories.keys().filter(|key| key.parent().is_none());
        if keys.len() > 12 && roots.clone().all(|root| keys.covers(root)) {
            return "every kind of data".into();
        }
        list(&keys.iter().map(|key| self.category(key)).collect::<Vec<_>>())
    }
    pub fn regions(&self, keys: &KeySet<Region>) -> String {
        if self.policy.regions.iter().all(|region| keys.covers(region)) {
            return "everywhere".into();
        }
        list(&keys.iter().map(|key| self.region(key)).collect::<Vec<_>>())
    }
    pub fn purposes(&self, keys: &KeySet<PurposeKey>) -> String {
        if keys.is_empty() {
            return "every purpose".into();
        }
        list(&keys.iter().map(|key| self.purpose(key)).collect::<Vec<_>>())
    }
    /// Who may receive.
    pub fn recipients(&self, who: &Recipients) -> String {
        let mut all = Vec::new();
        for scope in who.scopes() {
            let mut parts: Vec<String> = scope.parties.iter().map(|id| self.party(*id)).collect();
            parts.extend(scope.kinds.iter().map(|kind| format!("any {}", kind_word(*kind))));
            let tiers = match scope.depth {
                0 => String::new(),
                1 => ", with those it engages itself".into(),
                n => format!(", with sub-processors {n} tiers deep"),
            };
            if parts.is_empty() {
                all.push(format!("only {}", self.company));
            } else {
                all.push(format!("{} and {}{tiers}", self.company, list(&parts)));
            }
        }
        all.join("; and: ")
    }
    /// Where.
    pub fn zones(&self, zones: &Zones) -> String {
        let one = |(regions, by): (&KeySet<Region>, &std::collections::BTreeSet<Transfer>)| {
            let by: Vec<String> = by.iter().map(|transfer| transfer_word(*transfer).to_owned()).collect();
            let more = if by.is_empty() { String::new() } else { format!(", or elsewhere by {}", list(&by)) };
            format!("{}{more}", self.regions(regions))
        };
        zones.iter().map(one).collect::<Vec<_>>().join("; and: ")
    }
    /// Options of a tree: key and label.
    pub fn all_categories(&self) -> Vec<(String, String)> {
        self.policy.categories.values().map(|one| (one.key.to_string(), one.label.clone())).collect()
    }
    pub fn all_regions(&self) -> Vec<(String, String)> {
        let known = self.regions.iter().filter(|(key, _)| self.policy.regions.covers(key));
        known.map(|(key, label)| (key.to_string(), label.clone())).collect()
    }
    pub fn all_purposes(&self) -> Vec<(String, String)> {
        self.policy.purposes.values().map(|one| (one.key.to_string(), one.label.clone())).collect()
    }
}

/// What may be done, said to staff.
pub const fn use_word(one: Use) -> &'static str {
    match one {
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
    }
}

/// Uses in words.
pub fn uses(set: UseSet) -> String {
    if Use::ALL.iter().all(|one| set.has(*one)) {
        return "every use".into();
    }
    list(&set.iter().map(|one| use_word(one).to_owned()).collect::<Vec<_>>())
}

/// Roles in words.
pub fn roles(set: RoleSet) -> String {
    list(&set.iter().map(|role| role.label().to_owned()).collect::<Vec<_>>())
}

/// Options for uses.
pub fn all_uses() -> Vec<(&'static str, String)> {
    Use::ALL.iter().map(|one| (one.name(), use_word(*one).to_owned())).collect()
}

/// Options for roles.
pub fn all_roles() -> Vec<(&'static str, String)> {
    assent_kernel::Role::ALL.iter().map(|role| (role.key(), role.label().to_owned())).collect()
}

pub const KINDS: [(&str, PartyKind); 3] =
    [("processor", PartyKind::Processor), ("partner", PartyKind::Partner), ("human", PartyKind::Human)];

pub const fn kind_word(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Controller => "the company itself",
        PartyKind::Processor => "processor",
        PartyKind::Partner => "partner",
        PartyKind::Human => "person by name",
    }
}

pub const TRANSFERS: [(&str, Transfer); 3] = [
    ("adequacy", Transfer::Adequacy),
    ("clauses", Transfer::Clauses),
    ("binding-rules", Transfer::BindingRules),
];

pub const fn transfer_word(transfer: Transfer) -> &'static str {
    match transfer {
        Transfer::Adequacy => "an adequacy decision (Art. 45)",
        Transfer::Clauses => "contract clauses (Art. 46)",
        Transfer::BindingRules => "binding corporate rules (Art. 47)",
    }
}

pub fn standing_word(standing: Standing) -> String {
    match standing {
        Standing::Proposed(at) if at == assent_kernel::Timestamp::MAX => "announced, no date yet".into(),
        Standing::Proposed(at) => format!("from {}", text::date(at.micros())),
        Standing::Active => "active".into(),
        Standing::Suspended => "suspended".into(),
        Standing::Ended => "ended".into(),
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

pub const fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "the person's yes",
        Basis::ConsentExplicit => "the person's explicit yes",
        Basis::Contract => "a contract with the person",
        Basis::LegalObligation => "a law demands it",
        Basis::Vital => "somebody's life",
        Basis::PublicTask => "a public task",
        Basis::LegitimateInterest => "legitimate interest",
    }
}

pub const fn automation_word(automation: Automation) -> &'static str {
    match automation {
        Automation::None => "no machine decides",
        Automation::Assist => "a machine may propose, a human decides",
        Automation::Decide => "a machine decides",
    }
}

pub const fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Permit => "permits",
        Effect::Require => "requires",
        Effect::Forbid => "forbids",
    }
}

pub const fn effect_tone(effect: Effect) -> &'static str {
    match effect {
        Effect::Permit => "good",
        Effect::Require => "",
        Effect::Forbid => "bad",
    }
}

pub const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Law => "law",
        Level::Industry => "industry rule",
        Level::Contract => "contract",
    }
}

/// What a retention class means: what it is for, and how long a fact is whole.
pub const fn retention_word(class: Retention) -> (&'static str, &'static str) {
    match class {
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
    }
}

/// "365 days".
pub fn span(span: Span) -> String {
    let days = super::days(span);
    if days == 0 { "no end of its own".into() } else { text::plural(days.unsigned_abs(), "day", "days") }
}
