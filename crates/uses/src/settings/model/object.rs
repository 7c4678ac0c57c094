//! A kind of things that the company makes: what it is called and whom its items belong to.

use assent_kernel::Also;
use assent_web::objects::{Belongs, Object, belongs};
use assent_web::{Fields, parts, say};

use super::field::{is_short, short};
use super::{Errors, WHERE_READ, bounded, german, second};

/// The most objects: each has its line in the menu.
const MOST: usize = 20;
/// The longest name, in characters.
pub const LONGEST: usize = 40;
/// The longest key, in bytes: it is part of the keys of categories.
pub const LONGEST_KEY: usize = 16;

/// Stands for the form of a new object in addresses.
const TAKEN: &str = "new";

/// An object as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub singular: String,
    pub singular_de: String,
    pub plural: String,
    pub plural_de: String,
    pub key: String,
    pub belongs: String,
}

impl Form {
    /// What was sent.
    pub fn read(sent: &Fields) -> Self {
        let get = |name: &str| sent.get(name).to_owned();
        Self {
            singular: get("singular"),
            singular_de: get("singular_de"),
            plural: get("plural"),
            plural_de: get("plural_de"),
            key: get("key"),
            belongs: get("belongs"),
        }
    }

    /// An object as it is.
    pub fn of(object: &Object) -> Self {
        Self {
            singular: object.singular.clone(),
            singular_de: second(&object.singulars),
            plural: object.plural.clone(),
            plural_de: second(&object.plurals),
            key: object.key.clone(),
            belongs: object.belongs.key().to_owned(),
        }
    }

    /// The object it makes beside those that are there, or what is wrong with it.
    pub fn made(&self, there: &[Object]) -> Result<Object, Errors> {
        let mut errors = Errors::default();
        let key = if self.key.is_empty() { short(&self.singular, LONGEST_KEY) } else { self.key.clone() };
        if !is_short(&key, LONGEST_KEY) || !key.starts_with(|c: char| c.is_ascii_lowercase()) {
            errors.add("key", say("A letter, then lower-case letters, digits and dashes, at most 16."));
        } else if key == TAKEN {
            errors.add("key", say("That word is taken. Choose another."));
        } else if there.iter().any(|one| one.key == key) {
            errors
                .add("key", say("There is an object of that key already. If it is out of use, put it back."));
        }
        if there.len() >= MOST {
            errors.add("form", say!("There are {n} objects here: no more can be made.", n = MOST));
        }
        let to = Belongs::ALL.into_iter().find(|one| one.key() == self.belongs);
        if to.is_none() {
            errors.add("belongs", say("Say whom they belong to: by that it is decided who may see them."));
        }
        let belongs = to.unwrap_or(Belongs::Person);
        let (singular, plural) = self.names(there, &mut errors);
        let (singulars, plurals) = self.also(&mut errors);
        let place = there.iter().map(|one| one.place).max().unwrap_or(0).saturating_add(1);
        errors.or(Object { key, singular, singulars, plural, plurals, belongs, place, gone_at: None })
    }

    /// The object with what may change of it, beside all that are there.
    pub fn changed(&self, object: &Object, there: &[Object]) -> Result<Object, Errors> {
        let mut errors = Errors::default();
        let others: Vec<Object> = there.iter().filter(|one| one.key != object.key).cloned().collect();
        let (singular, plural) = self.names(&others, &mut errors);
        let (singulars, plurals) = self.also(&mut errors);
        errors.or(Object { singular, singulars, plural, plurals, ..object.clone() })
    }

    /// The names in the second language.
    fn also(&self, errors: &mut Errors) -> (Also, Also) {
        (
            german("singular_de", &self.singular_de, LONGEST, errors),
            german("plural_de", &self.plural_de, LONGEST, errors),
        )
    }

    fn names(&self, others: &[Object], errors: &mut Errors) -> (String, String) {
        let mut name = |field: &'static str, typed: &str| match bounded(typed, LONGEST) {
            Some(name) if !name.is_empty() && !name.contains('\n') => name,
            _ => {
                errors.add(field, say!("Say what it is called, in at most {n} characters.", n = LONGEST));
                String::new()
            }
        };
        let names = (name("singular", &self.singular), name("plural", &self.plural));
        if others.iter().any(|one| assent_gate::fold(&one.plural) == assent_gate::fold(&names.1)) {
            errors.add("plural", say("There is an object of that name already."));
        }
        names
    }
}

/// The fields of the form. What is for good is asked for only when it is made.
pub fn inputs(form: &Form, new: bool, errors: &Errors) -> Vec<parts::Field> {
    let line = |label: &str, name: &'static str, value: &str, hint: &str| parts::Field {
        error: errors.at(name),
        hint: hint.into(),
        autocomplete: "off",
        ..parts::Field::line(label, name, value)
    };
    let mut out = vec![
        parts::Field {
            required: true,
            ..line(say("What one is called"), "singular", &form.singular, say("Such as Contract."))
        },
        parts::Field {
            required: true,
            ..line(
                say("What many are called"),
                "plural",
                &form.plural,
                say("Such as Contracts. It stands in the menu."),
            )
        },
        line(say("What one is called in German"), "singular_de", &form.singular_de, say(WHERE_READ)),
        line(say("What many are called in German"), "plural_de", &form.plural_de, say(WHERE_READ)),
    ];
    if new {
        let all = Belongs::ALL.map(|one| (one.key().to_owned(), capital(belongs(one))));
        let choices = std::iter::once((String::new(), say("Choose …").to_owned())).chain(all).collect();
        out.push(parts::Field {
            input: parts::Input::Select(choices),
            required: true,
            ..line(
                say("Whom each belongs to"),
                "belongs",
                &form.belongs,
                say(
                    "For good. What belongs to a person is theirs: their terms decide who sees it, they read it on their \
                     page, and it goes when they go. What belongs to a company or to nobody is your own: no personal data \
                     belongs there.",
                ),
            )
        });
        out.push(line(
            say("Short key"),
            "key",
            &form.key,
            say("For good, for addresses and programs. Made of the name when it is left empty."),
        ));
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(key: &str, singular: &str, plural: &str, belongs: &str) -> Form {
        Form {
            singular: singular.into(),
            plural: plural.into(),
            key: key.into(),
            belongs: belongs.into(),
            ..Form::default()
        }
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let shop = form("", "Branch shop", "Branch shops", "nobody").made(&[]).unwrap();
        assert_eq!((shop.key.as_str(), shop.belongs, shop.place), ("branch-shop", Belongs::Nobody, 1));
        let there = [shop.clone()];
        for (form, field) in [
            (form("branch-shop", "A", "B", "nobody"), "key"),
            (form("1st", "A", "B", "nobody"), "key"),
            (form("Not a key", "A", "B", "nobody"), "key"),
            (form("new", "A", "B", "nobody"), "key"),
            (form("a/b", "A", "B", "nobody"), "key"),
            (form(&"x".repeat(17), "A", "B", "nobody"), "key"),
            (form("a", "", "B", "nobody"), "singular"),
            (form("a", "A", "", "nobody"), "plural"),
            (form("a", "A", &"x".repeat(41), "nobody"), "plural"),
            (form("a", "A", "branch SHOPS", "nobody"), "plural"),
            (form("a", "A", "B", "everybody"), "belongs"),
            (form("", "…", "B", "nobody"), "key"),
        ] {
            let errors = form.made(&there).unwrap_err();
            assert!(!errors.at(field).is_empty(), "{form:?}: {errors:?}");
        }
        let same = Form::of(&shop).changed(&shop, &there).unwrap();
        assert_eq!(same, shop, "its own name stands in nobody's way");
    }
}
