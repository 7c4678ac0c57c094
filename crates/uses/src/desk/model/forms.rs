//! What is typed in: read once, with what is wrong beside each field.

use super::under;
use crate::lists::own;
use crate::lists::rule::day_of;
use std::collections::BTreeSet;

use assent_gate::LONGEST_CONTRACT;
use assent_kernel::mandate::Binds;
use assent_kernel::{CategoryKey, Policy, Role, Timestamp, TreeKey};
use assent_web::Fields;
use assent_web::fields::{self, Field as Own};
use assent_web::parts::{Field, Input};
use assent_web::{catalogue, say};

/// The longest value that is typed in, in characters.
const LONGEST: usize = 10_000;

/// What is wrong with a value of a category; empty when nothing is.
pub fn wrong(category: &CategoryKey, value: &str) -> String {
    if value.is_empty() {
        return say("Type a value, or go back.").into();
    }
    if value.chars().count() > LONGEST {
        return say!("That is longer than {n} letters.", n = LONGEST);
    }
    if value.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        return say("It holds a character that cannot be shown.").into();
    }
    if under(category, "contact.email") && !is_email(value) {
        return say("That is not an e-mail address. It looks like name@example.org.").into();
    }
    if under(category, "contact.phone") && !is_phone(value) {
        return say("That is not a phone number. It looks like +49 451 5550123.").into();
    }
    String::new()
}

/// The text in which a value of a category is kept, or what is wrong with it. `own` are the fields of the company.
pub fn kept(own: &[Own], category: &CategoryKey, typed: &str) -> Result<String, String> {
    if let Some(field) = fields::of(own, category) {
        return fields::read(field, typed);
    }
    let wrong = wrong(category, typed);
    if wrong.is_empty() { Ok(typed.to_owned()) } else { Err(wrong) }
}

/// The same for a value that is added: a field that is no longer offered takes no new ones, and what belongs to a thing of
/// its own (`apart`) is typed there.
pub fn addable(
    (own, apart): (&[Own], &BTreeSet<CategoryKey>),
    category: &CategoryKey,
    typed: &str,
) -> Result<String, String> {
    if apart.contains(category) {
        return Err(say("This belongs to a thing of its own. Type it there.").into());
    }
    if fields::of(own, category).is_some_and(|field| field.gone_at.is_some()) {
        return Err(say("This field is no longer offered.").into());
    }
    kept(own, category, typed)
}

fn is_email(text: &str) -> bool {
    let spaceless = !text.chars().any(char::is_whitespace);
    let parts = text.split_once('@').is_some_and(|(local, domain)| {
        let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
        !local.is_empty() && dotted && !domain.contains('@')
    });
    spaceless && parts && text.len() <= 254
}

fn is_phone(text: &str) -> bool {
    digits(text) >= 6 && text.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c))
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

/// The day of a date field, at its first moment, UTC.
pub fn day(text: &str) -> Option<Timestamp> {
    day_of(text).filter(|at| at.micros() > 0)
}

/// On what a new person's data stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandsOn {
    /// They came to us; they are told and asked, and nothing else until they answer.
    Request,
    /// A contract of that kind, from, until.
    Contract(String, Timestamp, Timestamp),
}

/// A new person, as typed in.
#[derive(Clone, Default)]
pub struct Typed {
    name: String,
    email: String,
    phone: String,
    employer: String,
    stands: String,
    from: String,
    until: String,
    reference: String,
    /// The fields of the company, with what was typed into each.
    own: Vec<(Own, String)>,
}

/// The names of the fields of a new person with their categories.
const VALUES: [(&str, &str); 5] = [
    ("name", "name.full"),
    ("email", "contact.email"),
    ("phone", "contact.phone"),
    ("employer", "work.employer"),
    ("reference", "contract"),
];

impl Typed {
    /// An empty form.
    pub fn empty(now: Timestamp, own: Vec<Own>) -> Self {
        let own = own.into_iter().map(|field| (field, String::new())).collect();
        let from: String = assent_web::text::iso(now.micros()).chars().take(10).collect();
        Self { from, own, ..Self::default() }
    }

    /// Somebody of whom only this is known: to look for those who have it already.
    pub fn reached_by(email: String, phone: String) -> Self {
        Self { email, phone, ..Self::default() }
    }

    /// What was sent.
    pub fn read(fields: &Fields, own: Vec<Own>) -> Self {
        let get = |name: &str| fields.get(name).to_owned();
        let typed = |field: Own| {
            let typed = fields::sent(fields, &own::key(&field));
            (field, typed)
        };
        Self {
            name: get("name"),
            email: get("email"),
            phone: get("phone"),
            employer: get("employer"),
            stands: get("stands"),
            from: get("from"),
            until: get("until"),
            reference: get("reference"),
            own: own.into_iter().map(typed).collect(),
        }
    }

    fn value(&self, name: &str) -> &str {
        match name {
            "name" => &self.name,
            "email" => &self.email,
            "phone" => &self.phone,
            "reference" => &self.reference,
            _ => &self.employer,
        }
    }

    /// The values that were typed in, by category.
    pub fn values(&self) -> Vec<(CategoryKey, String)> {
        let filled = VALUES.iter().filter(|(name, _)| !self.value(name).is_empty());
        let filled =
            filled.filter_map(|(name, key)| Some((CategoryKey::new(key).ok()?, self.value(name).to_owned())));
        let own = self
            .own
            .iter()
            .filter_map(|(field, typed)| Some((field.category.clone()?, fields::read(field, typed).ok()?)));
        filled.chain(own).collect()
    }

    /// The e-mail address, if there is one.
    pub fn email(&self) -> Option<&str> {
        Some(self.email.as_str()).filter(|text| is_email(text))
    }

    /// The phone number, if there is one.
    pub fn phone(&self) -> Option<&str> {
        Some(self.phone.as_str()).filter(|text| is_phone(text))
    }

    /// On what it stands.
    pub fn stands_on(&self) -> Option<StandsOn> {
        match self.stands.as_str() {
            "" => None,
            "request" => Some(StandsOn::Request),
            kind => Some(StandsOn::Contract(kind.to_owned(), day(&self.from)?, day(&self.until)?)),
        }
    }

    fn error(&self, name: &str, policy: &Policy, role: Role) -> String {
        let contract = !self.stands.is_empty() && self.stands != "request";
        match name {
            "stands" if self.stands.is_empty() => {
                say("Choose on what it stands: nothing is kept without a reason.").into()
            }
            "stands" if contract && !contract_kinds(policy, role).contains(&self.stands) => {
                say("Your role works for no contract of that kind.").into()
            }
            "reference" if contract && self.reference.is_empty() => {
                say("Where is it written? Type the number of the contract or the order.").into()
            }
            "reference" if self.reference.chars().count() > 100 => {
                say!("That is longer than {n} letters.", n = 100)
            }
            "from" if contract && day(&self.from).is_none() => {
                say("Since when does the contract run?").into()
            }
            "until" if contract => match (day(&self.from), day(&self.until)) {
                (_, None) => {
                    say("Until when does the contract run? No contract is without an end here.").into()
                }
                (Some(from), Some(until)) if until <= from => {
                    say("The end lies before the beginning.").into()
                }
                (Some(from), Some(until)) if until > from.plus(LONGEST_CONTRACT) => {
                    say("Put it down for ten years at most.").into()
                }
                _ => String::new(),
            },
            "email" if self.email.is_empty() && !self.stands.is_empty() => {
                say("Without an address nobody can be told and asked.").into()
            }
            "name" if self.values().is_empty() => say("Type at least one of these.").into(),
            _ => VALUES.iter().find(|(field, _)| *field == name).map_or_else(String::new, |(_, key)| {
                let value = self.value(name);
                let category = CategoryKey::new(key).ok().filter(|_| !value.is_empty());
                category.map_or_else(String::new, |category| wrong(&category, value))
            }),
        }
    }

    /// The fields, with what is wrong when `checked`; true when nothing is.
    pub fn fields(&self, policy: &Policy, role: Role, checked: bool) -> (Vec<Field>, bool) {
        let error = |name: &str| if checked { self.error(name, policy, role) } else { String::new() };
        let line = |label: &str, name: &'static str, value: &str, kind: &'static str| Field {
            error: error(name),
            input: Input::Line(kind),
            autocomplete: "off",
            ..Field::line(say(label), name, value)
        };
        let mut kinds = vec![
            (String::new(), say("Choose …").to_owned()),
            ("request".into(), say("They came to us: tell and ask them first").into()),
        ];
        kinds.extend(contract_kinds(policy, role).into_iter().map(|kind| {
            let label = say!("A contract: {kind}", kind = catalogue::kept(&kind.replace('-', " ")));
            (kind, label)
        }));
        let stands = Field {
            error: error("stands"),
            hint: say(
                "Nothing is kept without a ground. Who was not asked yet is kept apart until the answer.",
            )
            .into(),
            input: Input::Select(kinds),
            ..Field::line(say("On what does it stand?"), "stands", self.stands.as_str())
        };
        let contract = say("Only for a contract. The person is told of it.");
        let all = vec![
            line("Name", "name", &self.name, "text"),
            line("E-mail address", "email", &self.email, "email"),
            line("Phone", "phone", &self.phone, "tel"),
            line("Employer", "employer", &self.employer, "text"),
            stands,
            Field {
                hint: contract.into(),
                ..line("Number of the contract", "reference", &self.reference, "text")
            },
            Field { hint: contract.into(), ..line("Contract from", "from", &self.from, "date") },
            Field { hint: contract.into(), ..line("Contract until", "until", &self.until, "date") },
        ];
        let own = self.own.iter().map(|(field, typed)| {
            let wrong = fields::read(field, typed).err().filter(|_| checked && !typed.is_empty());
            fields::input(field, own::key(field), typed, wrong.unwrap_or_default())
        });
        let all: Vec<Field> = all.into_iter().chain(own).collect();
        let fine = all.iter().all(|field| field.error.is_empty());
        (all, fine)
    }
}

/// The kinds of contracts that a role works for: those whose mandates it may use.
pub fn contract_kinds(policy: &Policy, role: Role) -> Vec<String> {
    let mine = policy.mandates.values().filter(|mandate| mandate.opens() && mandate.roles.has(role));
    let kinds = mine.filter_map(|mandate| match &mandate.binds {
        Binds::Contract(kind) => Some(kind.clone()),
        Binds::Every | Binds::Anchored => None,
    });
    let all: std::collections::BTreeSet<String> = kinds.collect();
    all.into_iter().collect()
}

/// The field in which a value of a category is typed. `own` are the fields of the company.
pub fn field(own: &[Own], category: &CategoryKey, label: String, value: &str, error: String) -> Field {
    if let Some(field) = fields::of(own, category) {
        return fields::input(field, "value".into(), value, error);
    }
    let input = match category.as_str() {
        key if key.starts_with("contact.email") => Input::Line("email"),
        key if key.starts_with("contact.phone") => Input::Line("tel"),
        key if key.starts_with("note") || key.starts_with("communication") => Input::Text,
        _ => Input::Line("text"),
    };
    Field { error, input, autocomplete: "off", ..Field::line(label, "value", value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let email = CategoryKey::new("contact.email").unwrap();
        let phone = CategoryKey::new("contact.phone.mobile").unwrap();
        for bad in ["", "mia", "mia@", "@example.org", "mia@example", "m ia@example.org", "a@b@c.org"] {
            assert!(!wrong(&email, bad).is_empty(), "{bad}");
        }
        assert_eq!(wrong(&email, "mia.ito@example.org"), "");
        assert_eq!(wrong(&phone, "+49 (451) 555-0123"), "");
        assert!(!wrong(&phone, "call me").is_empty());
        assert!(!wrong(&CategoryKey::new("name").unwrap(), "a\u{1b}[2J").is_empty());
    }

    #[test]
    fn a_date_field_is_a_day() {
        assert_eq!(day("2026-05-01"), Some(Timestamp::from_micros(1_777_593_600_000_000)));
        assert_eq!(day("2026-02-30"), None);
        assert_eq!(day(""), None);
    }
}
