//! A field that the company makes: what it is called, what may stand in it, and of which category its values are.

use std::collections::BTreeSet;

use assent_gate::fold;
use assent_kernel::category::Category;
use assent_kernel::{CategoryKey, Policy, TreeKey as _};
use assent_web::fields::{self, Field, Kind, Thing};
use assent_web::{Fields, parts};

use super::{Errors, bounded};

/// The most fields of one thing: the law looks at a bounded number of categories.
pub const MOST: usize = 100;
/// The most choices of one field.
const MOST_CHOICES: usize = 100;
/// The longest label or choice, in characters.
const LONGEST: usize = 60;
/// The longest short name, in bytes: a key has room for it below every category.
const LONGEST_NAME: usize = 24;
/// What has forms of its own elsewhere: names, addresses, what is written down about somebody.
const SET_APART: [&str; 5] = ["name", "contact.email", "contact.phone", "contact.address", "note"];

/// A field as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub label: String,
    pub name: String,
    pub kind: String,
    pub category: String,
    pub choices: String,
}

impl Form {
    /// What was sent.
    pub fn read(sent: &Fields) -> Self {
        let get = |name: &str| sent.get(name).to_owned();
        Self {
            label: get("label"),
            name: get("name"),
            kind: get("kind"),
            category: get("category"),
            choices: get("choices"),
        }
    }

    /// A field as it is.
    pub fn of(field: &Field) -> Self {
        Self {
            label: field.label.clone(),
            name: field.name.clone(),
            kind: field.kind.key().to_owned(),
            category: field.category.as_ref().map(ToString::to_string).unwrap_or_default(),
            choices: field.choices.join("\n"),
        }
    }

    /// The field it makes beside those that are there, or what is wrong with it.
    pub fn made(&self, thing: Thing, there: &[Field], policy: &Policy) -> Result<Field, Errors> {
        let mut errors = Errors::default();
        let name = if self.name.is_empty() { short(&self.label) } else { self.name.clone() };
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if name.is_empty() || name.len() > LONGEST_NAME || !plain {
            errors.add("name", "Lower-case letters, digits and dashes, at most 24.");
        } else if there.iter().any(|one| one.name == name) {
            errors.add("name", "There is one of that name already. If it was retired, offer it again.");
        }
        if there.len() >= MOST {
            errors.add("form", format!("There are {MOST} fields here: no more can be made."));
        }
        let kind = Kind::ALL.into_iter().find(|kind| kind.key() == self.kind);
        if kind.is_none() {
            errors.add("kind", "Say what may stand in it.");
        }
        let kind = kind.unwrap_or(Kind::Text);
        let category = match thing {
            Thing::Organisation => None,
            Thing::Person => self.category_of(&name, there, policy, &mut errors),
        };
        let (label, choices) = (self.label(&mut errors), self.choices(kind, &mut errors));
        let place = there.iter().map(|one| one.place).max().unwrap_or(0).saturating_add(1);
        errors.or(Field { name, label, kind, category, choices, place, gone_at: None })
    }

    /// The field with what may change of it.
    pub fn changed(&self, field: &Field) -> Result<Field, Errors> {
        let mut errors = Errors::default();
        let (label, choices) = (self.label(&mut errors), self.choices(field.kind, &mut errors));
        errors.or(Field { label, choices, ..field.clone() })
    }

    fn category_of(
        &self,
        name: &str,
        there: &[Field],
        policy: &Policy,
        errors: &mut Errors,
    ) -> Option<CategoryKey> {
        let above = categories(policy, there).into_iter().find(|one| one.key.as_str() == self.category);
        let Some(above) = above else {
            errors.add("category", "Say what kind of data it is: by that it is decided.");
            return None;
        };
        let key = CategoryKey::new(&format!("{}.{name}", above.key)).ok();
        // One of this name may be left from a try that broke off: then it is of the same class.
        let taken = key.as_ref().and_then(|key| policy.categories.get(key));
        if key.is_none() || taken.is_some_and(|one| one.dpv != above.dpv || one.class != above.class) {
            errors.add("name", "There is a category of that name already. Choose another.");
        }
        key
    }

    fn label(&self, errors: &mut Errors) -> String {
        match bounded(&self.label, LONGEST) {
            Some(label) if !label.is_empty() && !label.contains('\n') => label,
            _ => {
                errors.add("label", format!("Say what it is called, in at most {LONGEST} characters."));
                String::new()
            }
        }
    }

    fn choices(&self, kind: Kind, errors: &mut Errors) -> Vec<String> {
        if !fields::chosen(kind) {
            return Vec::new();
        }
        let typed = self.choices.lines().map(str::trim).filter(|line| !line.is_empty());
        let all: Vec<String> = typed.map(str::to_owned).collect();
        let distinct: BTreeSet<String> = all.iter().map(|one| fold(one)).collect();
        let long = all.iter().any(|one| {
            one.chars().count() > LONGEST || one.contains(';') || one.chars().any(char::is_control)
        });
        if all.is_empty() || all.len() > MOST_CHOICES {
            errors.add("choices", format!("One choice on each line, at most {MOST_CHOICES}."));
        } else if long {
            errors.add("choices", format!("Each choice has at most {LONGEST} characters and no semicolon."));
        } else if distinct.len() < all.len() {
            errors.add("choices", "Two of these choices are the same.");
        }
        all
    }
}

/// `Brush model` is `brush-model`.
fn short(label: &str) -> String {
    let folded = fold(label);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join("-").chars().take(LONGEST_NAME).collect::<String>().trim_end_matches('-').to_owned()
}

/// The categories below which a field may stand.
pub fn categories<'a>(policy: &'a Policy, there: &[Field]) -> Vec<&'a Category> {
    let apart = |key: &CategoryKey| {
        SET_APART.iter().filter_map(|one| CategoryKey::new(one).ok()).any(|one| one.covers(key))
            || there.iter().any(|field| field.category.as_ref() == Some(key))
            || key.as_str().len() + LONGEST_NAME >= assent_kernel::key::MAX_KEY
    };
    policy.categories.values().filter(|one| !apart(&one.key)).collect()
}

/// The category of a field: decided like the one above it, kept as long, named like the field.
pub fn category(policy: &Policy, field: &Field) -> Option<Category> {
    let key = field.category.clone()?;
    let above = policy.categories.get(&key.parent()?)?;
    Some(Category { key, label: field.label.clone(), ..above.clone() })
}

/// A category with those above it: `Purchases › Product bought`.
pub fn path(policy: &Policy, key: &CategoryKey) -> String {
    let mut labels = Vec::new();
    let mut next = Some(key.clone());
    while let Some(key) = next {
        labels.extend(policy.categories.get(&key).map(|one| one.label.as_str()));
        next = key.parent();
    }
    labels.reverse();
    labels.join(" › ")
}

/// The fields of the form. What is for good is asked for only when it is made.
pub fn inputs(
    form: &Form,
    thing: Thing,
    new: bool,
    errors: &Errors,
    policy: &Policy,
    there: &[Field],
) -> Vec<parts::Field> {
    let line = |label: &str, name: &'static str, value: &str, hint: &str| parts::Field {
        error: errors.at(name),
        hint: hint.into(),
        autocomplete: "off",
        ..parts::Field::line(label, name, value)
    };
    let chosen = |first: &str, rest: Vec<(String, String)>| {
        parts::Input::Select(std::iter::once((String::new(), first.to_owned())).chain(rest).collect())
    };
    let mut out = vec![parts::Field {
        required: true,
        ..line("What it is called", "label", &form.label, "For staff and people alike. Such as Brush model.")
    }];
    if new {
        let kinds = Kind::ALL.map(|kind| (kind.key().to_owned(), fields::called(kind).to_owned())).to_vec();
        out.push(parts::Field {
            input: chosen("Choose …", kinds),
            required: true,
            ..line("What may stand in it", "kind", &form.kind, "For good.")
        });
    }
    if new && thing == Thing::Person {
        let all = categories(policy, there).into_iter();
        let all = all.map(|one| (one.key.to_string(), path(policy, &one.key))).collect();
        out.push(parts::Field {
            input: chosen("Choose …", all),
            required: true,
            ..line(
                "What kind of data it is",
                "category",
                &form.category,
                "For good. What people allowed, refused and took back about this kind decides this field too, and it is kept as long.",
            )
        });
    }
    if new || Kind::ALL.into_iter().any(|kind| kind.key() == form.kind && fields::chosen(kind)) {
        out.push(parts::Field {
            input: parts::Input::Text,
            ..line(
                "What can be chosen",
                "choices",
                &form.choices,
                "One on each line; only for what is chosen from a list.",
            )
        });
    }
    if new {
        out.push(line(
            "Short name",
            "name",
            &form.name,
            "For good, for programs and files. Made of the label when it is left empty.",
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        assent_testkit::policy(assent_kernel::CompanyId::from_bytes([1; 16]), assent_testkit::START).unwrap()
    }

    fn form(name: &str, category: &str, kind: &str, choices: &str) -> Form {
        Form {
            label: "Brush model".into(),
            name: name.into(),
            kind: kind.into(),
            category: category.into(),
            choices: choices.into(),
        }
    }

    #[test]
    fn a_field_of_people_is_a_category_below_another() {
        let made = form("", "purchase.product", "one-of", "Clean 2\nClean Pro");
        let field = made.made(Thing::Person, &[], &policy()).unwrap();
        assert_eq!((field.name.as_str(), field.choices.len(), field.place), ("brush-model", 2, 1));
        let below = category(&policy(), &field).unwrap();
        let above = policy().categories[&CategoryKey::new("purchase.product").unwrap()].clone();
        assert_eq!(below.key.as_str(), "purchase.product.brush-model");
        assert_eq!(
            (below.class, below.retention, below.label.as_str()),
            (above.class, above.retention, "Brush model")
        );
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let there = [form("taken", "interest", "text", "").made(Thing::Person, &[], &policy()).unwrap()];
        for (form, field) in [
            (form("taken", "interest", "text", ""), "name"),
            (form("Not A Name", "interest", "text", ""), "name"),
            (form(&"x".repeat(25), "interest", "text", ""), "name"),
            (form("given", "name", "text", ""), "category"),
            (form("a", "contact.email", "text", ""), "category"),
            (form("a", "interest.taken", "text", ""), "category"),
            (form("a", "no.such", "text", ""), "category"),
            (form("a", "", "text", ""), "category"),
            (form("a", "interest", "", ""), "kind"),
            (form("a", "interest", "one-of", " \n"), "choices"),
            (form("a", "interest", "one-of", "A\na"), "choices"),
            (form("a", "interest", "several-of", "A; B"), "choices"),
            (form("handle", "social", "text", ""), "name"),
            (Form { label: " ".into(), ..form("a", "interest", "text", "") }, "label"),
        ] {
            let errors = form.made(Thing::Person, &there, &policy()).unwrap_err();
            assert!(!errors.at(field).is_empty(), "{form:?}: {errors:?}");
        }
        assert!(form("taken", "", "text", "").made(Thing::Organisation, &[], &policy()).is_ok());
    }
}
