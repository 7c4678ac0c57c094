//! A purpose below another: it can only narrow what stands above it.

use std::collections::BTreeSet;

use assent_kernel::purpose::Purpose;
use assent_kernel::{Policy, PurposeKey, Role, RoleSet, Span, Use, UseSet};
use assent_web::{Fields, say};

use super::words::purpose;
use super::{Errors, bounded, days, german, second};

/// The longest name of a purpose, and the longest sentence, in characters.
pub const LONGEST_LABEL: usize = 60;
pub const LONGEST_SENTENCE: usize = 200;

/// A child as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub name: String,
    pub label: String,
    pub label_de: String,
    pub sentence: String,
    pub sentence_de: String,
    pub uses: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    pub days: String,
}

impl Form {
    /// A child that allows what its parent allows.
    pub fn below(parent: &Purpose) -> Self {
        Self {
            uses: parent.uses.iter().map(|one| one.name().to_owned()).collect(),
            roles: parent.roles.iter().map(|one| one.key().to_owned()).collect(),
            days: days(parent.longest).to_string(),
            ..Self::default()
        }
    }

    /// What was sent.
    pub fn read(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").to_owned(),
            label: fields.get("label").to_owned(),
            label_de: fields.get("label_de").to_owned(),
            sentence: fields.get("sentence").to_owned(),
            sentence_de: fields.get("sentence_de").to_owned(),
            uses: fields.all("use").map(str::to_owned).collect(),
            roles: fields.all("role").map(str::to_owned).collect(),
            days: fields.get("days").to_owned(),
        }
    }

    /// The purpose it makes, or what is wrong with it.
    pub fn parse(&self, policy: &Policy, parent: &Purpose) -> Result<Purpose, Errors> {
        let mut errors = Errors::default();
        let one_part = !self.name.is_empty() && !self.name.contains('.');
        let key = PurposeKey::new(&format!("{}.{}", parent.key, self.name)).ok().filter(|_| one_part);
        match &key {
            None => errors.add("name", say("Lower-case letters, digits and dashes, without a dot.")),
            Some(key) if policy.purposes.contains_key(key) => {
                errors.add("name", say("There is one of that name already."))
            }
            Some(_) => {}
        }
        let mut words = |field: &str, value: &str, most: usize, empty: &str| {
            let clean = bounded(value, most);
            match clean.as_deref() {
                None => errors.add(field, say!("At most {n} characters.", n = most)),
                Some("") => errors.add(field, say(empty)),
                Some(_) => {}
            }
            clean.unwrap_or_default()
        };
        let label = words("label", &self.label, LONGEST_LABEL, "Say what it is called.");
        let sentence = words(
            "sentence",
            &self.sentence,
            LONGEST_SENTENCE,
            "Tell the person in one sentence what it is for.",
        );
        let labels = german("label_de", &self.label_de, LONGEST_LABEL, &mut errors);
        let sentences = german("sentence_de", &self.sentence_de, LONGEST_SENTENCE, &mut errors);
        let uses: UseSet = self.uses.iter().filter_map(|name| Use::parse(name)).collect();
        if uses.is_empty() || !parent.uses.has_all(uses) {
            errors.add(
                "use",
                say!("At least one of those of “{purpose}”, and no other.", purpose = purpose(parent)),
            );
        }
        let roles: RoleSet = self.roles.iter().filter_map(|name| Role::parse(name)).collect();
        if roles.iter().next().is_none() || roles.iter().any(|role| !parent.roles.has(role)) {
            errors.add(
                "role",
                say!("At least one of those of “{purpose}”, and no other.", purpose = purpose(parent)),
            );
        }
        let most = days(parent.longest);
        let longest = self.days.parse::<u32>().ok().filter(|n| i64::from(*n) <= most);
        let Some(longest) = longest.filter(|n| *n > 0 || !parent.basis.needs_grant()) else {
            errors.add("days", say!("A number of days, at most {n}.", n = most));
            return Err(errors);
        };
        let Some(key) = key else { return Err(errors) };
        errors.or(Purpose {
            key,
            version: 1,
            longest: Span::days(longest),
            uses,
            roles,
            label,
            labels,
            sentence,
            sentences,
            dpv: parent.dpv.clone(),
            basis: parent.basis,
            direct_marketing: parent.direct_marketing,
            automation: parent.automation,
        })
    }
}

/// What a purpose is called in the second language, as typed. The first words of it stay: people said yes to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub label_de: String,
    pub sentence_de: String,
}

impl Words {
    /// What the company says today; empty where it says nothing of its own.
    pub fn of(one: &Purpose) -> Self {
        Self { label_de: second(&one.labels), sentence_de: second(&one.sentences) }
    }

    /// What was sent.
    pub fn read(fields: &Fields) -> Self {
        Self {
            label_de: fields.get("label_de").to_owned(),
            sentence_de: fields.get("sentence_de").to_owned(),
        }
    }

    /// The purpose called so, or what is wrong with it.
    pub fn changed(&self, one: &Purpose) -> Result<Purpose, Errors> {
        let mut errors = Errors::default();
        let labels = german("label_de", &self.label_de, LONGEST_LABEL, &mut errors);
        let sentences = german("sentence_de", &self.sentence_de, LONGEST_SENTENCE, &mut errors);
        let version = one.version.saturating_add(1);
        errors.or(Purpose { version, labels, sentences, ..one.clone() })
    }
}

/// What stands on a purpose today: notices and mandates.
pub fn used_by(policy: &Policy, key: &PurposeKey) -> (usize, usize) {
    let notices = policy.notices.values().filter(|notice| notice.purpose == *key).count();
    let mandates = policy.mandates.values().filter(|one| one.purposes.covers(key)).count();
    (notices, mandates)
}
