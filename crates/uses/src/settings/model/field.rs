//! A field that the company makes: what it is called, what may stand in it, and of which category its values are.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use assent_gate::fold;
use assent_kernel::category::Category;
use assent_kernel::{Also, CategoryKey, Policy, TreeKey as _};
use assent_web::fields::{self, Field, Kind, Thing};
use assent_web::objects::{Belongs, Object};
use assent_web::{Fields, parts, say};

use super::words;
use super::{Errors, SECOND, WHERE_READ, bounded, german, second};

/// The most fields of one thing, and of people and all that belongs to them together: the law looks at a bounded number
/// of categories.
pub const MOST: usize = 100;
/// The most choices of one field.
const MOST_CHOICES: usize = 100;
/// The longest label or choice, in characters.
const LONGEST: usize = 60;
/// The longest short name, in bytes: a key has room for it below every category.
const LONGEST_NAME: usize = 24;
/// What has forms of its own elsewhere: names, addresses, what is written down about somebody.
const SET_APART: [&str; 5] = ["name", "contact.email", "contact.phone", "contact.address", "note"];
/// What tells of people themselves, and is read so wherever they are listed, found or written to: who they are, where they
/// work, what they speak. What stands in an item, a deal or a task tells nothing of that.
const OF_THEMSELVES: [&str; 4] = ["identifier", "personal", "work.employer", "work.title"];

/// To what a field belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// To what.
    pub thing: Thing,
    /// True when its values may be facts of people: then it has a kind of data.
    pub personal: bool,
    /// What the thing is called, where people read its values among their own; empty for fields of people themselves.
    pub called: String,
    /// The same in other languages.
    pub also: Also,
}

impl Of {
    /// People.
    pub fn people() -> Self {
        Self { thing: Thing::Person, personal: true, called: String::new(), also: Also::default() }
    }
    /// Organisations.
    pub fn organisations() -> Self {
        Self { thing: Thing::Organisation, personal: false, called: String::new(), also: Also::default() }
    }
    /// Deals: about a person when they are with one.
    pub fn deals() -> Self {
        Self {
            thing: Thing::Deal, personal: true, called: "Deal".into(), also: Also::of(SECOND, "Geschäft")
        }
    }
    /// Tasks: about a person when they are about one.
    pub fn tasks() -> Self {
        Self { thing: Thing::Task, personal: true, called: "Task".into(), also: Also::of(SECOND, "Aufgabe") }
    }
    /// An object of the company.
    pub fn object(object: &Object) -> Self {
        Self {
            thing: Thing::Object(object.key.clone()),
            personal: object.belongs == Belongs::Person,
            called: object.singular.clone(),
            also: object.singulars.clone(),
        }
    }

    /// The last part of the category of one of its fields: two things may have fields of one name.
    fn part(&self, name: &str) -> String {
        match &self.thing {
            Thing::Person => name.to_owned(),
            Thing::Organisation | Thing::Deal | Thing::Task => format!("{}-{name}", self.thing.key()),
            Thing::Object(key) => format!("{key}-{name}"),
        }
    }

    /// What one of its fields is called among what is known of a person.
    pub fn told(&self, label: &str) -> String {
        if self.called.is_empty() { label.to_owned() } else { format!("{}: {label}", self.called) }
    }

    /// The same in the languages in which the field, or what it belongs to, is called something.
    fn told_also(&self, field: &Field) -> Also {
        if self.called.is_empty() {
            return field.labels.clone();
        }
        let some = if field.labels.is_empty() { &self.also } else { &field.labels };
        some.map(|lang, _| format!("{}: {}", self.also.or(lang, &self.called), field.called(lang)))
    }
}

/// What a new field stands beside.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// To what it is to belong.
    pub of: &'a Of,
    /// The fields that are there.
    pub there: &'a [Field],
    /// The categories of all fields that are about people.
    pub taken: &'a [CategoryKey],
}

/// A field as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub label: String,
    pub label_de: String,
    pub name: String,
    pub kind: String,
    pub category: String,
    pub choices: String,
    pub choices_de: String,
}

impl Form {
    /// What was sent.
    pub fn read(sent: &Fields) -> Self {
        let get = |name: &str| sent.get(name).to_owned();
        Self {
            label: get("label"),
            label_de: get("label_de"),
            name: get("name"),
            kind: get("kind"),
            category: get("category"),
            choices: get("choices"),
            choices_de: get("choices_de"),
        }
    }

    /// A field as it is.
    pub fn of(field: &Field) -> Self {
        Self {
            label: field.label.clone(),
            label_de: second(&field.labels),
            name: field.name.clone(),
            kind: field.kind.key().to_owned(),
            category: field.category.as_ref().map(ToString::to_string).unwrap_or_default(),
            choices: field.choices.join("\n"),
            choices_de: second(&field.choices_also),
        }
    }

    /// The field it makes beside those that are there, or what is wrong with it.
    pub fn made(&self, beside: Beside<'_>, policy: &Policy) -> Result<Field, Errors> {
        let (mut errors, there) = (Errors::default(), beside.there);
        let name = self.named();
        if !is_short(&name, LONGEST_NAME) {
            errors.add("name", say("Lower-case letters, digits and dashes, at most 24."));
        } else if there.iter().any(|one| one.name == name) {
            errors.add("name", say("There is one of that name already. If it was retired, offer it again."));
        }
        if there.len() >= MOST || beside.of.personal && beside.taken.len() >= MOST {
            errors.add("form", say!("There are {n} fields here: no more can be made.", n = MOST));
        }
        let kind = Kind::ALL.into_iter().find(|kind| kind.key() == self.kind);
        if kind.is_none() {
            errors.add("kind", say("Say what may stand in it."));
        }
        let kind = kind.unwrap_or(Kind::Text);
        let category =
            if beside.of.personal { self.category_of(&name, beside, policy, &mut errors) } else { None };
        let (label, choices) = (self.label(&mut errors), self.choices(kind, &mut errors));
        let (labels, choices_also) = self.also(&choices, &mut errors);
        let place = there.iter().map(|one| one.place).max().unwrap_or(0).saturating_add(1);
        errors.or(Field { name, label, labels, kind, category, choices, choices_also, place, gone_at: None })
    }

    /// Its short name: as typed, or made of the label.
    pub fn named(&self) -> String {
        if self.name.is_empty() { short(&self.label, LONGEST_NAME) } else { self.name.clone() }
    }

    /// The field with what may change of it.
    pub fn changed(&self, field: &Field) -> Result<Field, Errors> {
        let mut errors = Errors::default();
        let (label, choices) = (self.label(&mut errors), self.choices(field.kind, &mut errors));
        let (labels, choices_also) = self.also(&choices, &mut errors);
        errors.or(Field { label, labels, choices, choices_also, ..field.clone() })
    }

    /// The name and the choices in the second language: for each choice its line, or for none.
    fn also(&self, choices: &[String], errors: &mut Errors) -> (Also, Also) {
        let label = german("label_de", &self.label_de, LONGEST, errors);
        let lines: Vec<&str> =
            self.choices_de.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if choices.is_empty() || lines.is_empty() {
            return (label, Also::default());
        }
        if lines.len() != choices.len() {
            errors.add("choices_de", say("As many lines as there are choices, in the same order."));
        } else if let Some(why) = unfit(&lines) {
            errors.add("choices_de", why);
        }
        (label, Also::of(SECOND, &lines.join("\n")))
    }

    fn category_of(
        &self,
        name: &str,
        beside: Beside<'_>,
        policy: &Policy,
        errors: &mut Errors,
    ) -> Option<CategoryKey> {
        let above = categories(policy, beside).into_iter().find(|one| one.key.as_str() == self.category);
        let Some(above) = above else {
            let key = CategoryKey::new(&self.category).ok().filter(|key| policy.categories.contains_key(key));
            let why = key.and_then(|key| set_apart(beside.of, &key));
            errors.add("category", say(why.unwrap_or("Say what kind of data it is: by that it is decided.")));
            return None;
        };
        let key = CategoryKey::new(&format!("{}.{}", above.key, beside.of.part(name))).ok();
        // One of this name may be left from a try that broke off: then it is of the same class, and of no other field.
        let known = key.as_ref().and_then(|key| policy.categories.get(key));
        let other = known.is_some_and(|one| one.dpv != above.dpv || one.class != above.class);
        if key.as_ref().is_none_or(|key| other || beside.taken.contains(key)) {
            errors.add("name", say("There is a category of that name already. Choose another."));
        }
        key
    }

    fn label(&self, errors: &mut Errors) -> String {
        match bounded(&self.label, LONGEST) {
            Some(label) if !label.is_empty() && !label.contains('\n') => label,
            _ => {
                errors.add("label", say!("Say what it is called, in at most {n} characters.", n = LONGEST));
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
        if all.is_empty() || all.len() > MOST_CHOICES {
            errors.add("choices", say!("One choice on each line, at most {n}.", n = MOST_CHOICES));
        } else if let Some(why) = unfit(&all) {
            errors.add("choices", why);
        }
        all
    }
}

/// What is wrong with choices, if anything is: in either language each is told from the others.
fn unfit(all: &[impl AsRef<str>]) -> Option<String> {
    let long =
        |one: &str| one.chars().count() > LONGEST || one.contains(';') || one.chars().any(char::is_control);
    if all.iter().any(|one| long(one.as_ref())) {
        return Some(say!("Each choice has at most {n} characters and no semicolon.", n = LONGEST));
    }
    let distinct: BTreeSet<String> = all.iter().map(|one| fold(one.as_ref())).collect();
    (distinct.len() < all.len()).then(|| say("Two of these choices are the same.").into())
}

/// `Brush model` is `brush-model`.
pub fn short(label: &str, most: usize) -> String {
    let folded = fold(label);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join("-").chars().take(most).collect::<String>().trim_end_matches('-').to_owned()
}

/// True for a short name: lower-case letters, digits and dashes.
pub fn is_short(name: &str, most: usize) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    !name.is_empty() && name.len() <= most && plain
}

/// Why no field of a thing may stand below a category; nothing when one may.
fn set_apart(of: &Of, key: &CategoryKey) -> Option<&'static str> {
    let below =
        |all: &[&str]| all.iter().filter_map(|one| CategoryKey::new(one).ok()).any(|one| one.covers(key));
    if below(&SET_APART) {
        return Some("Names, addresses and notes have forms of their own. Choose another kind.");
    }
    (of.thing != Thing::Person && below(&OF_THEMSELVES)).then_some(
        "This kind tells who people are, where they work or what they speak. Make a field of people of it, or choose \
         another kind.",
    )
}

/// The categories below which a field may stand.
pub fn categories<'a>(policy: &'a Policy, beside: Beside<'_>) -> Vec<&'a Category> {
    let longest = beside.of.part("").len().saturating_add(LONGEST_NAME);
    let apart = |key: &CategoryKey| {
        set_apart(beside.of, key).is_some()
            || beside.taken.contains(key)
            || key.as_str().len().saturating_add(longest) >= assent_kernel::key::MAX_KEY
    };
    policy.categories.values().filter(|one| !apart(&one.key)).collect()
}

/// The category of a field: decided like the one above it, kept as long unless it was put elsewhere, named like the field.
pub fn category(policy: &Policy, of: &Of, field: &Field) -> Option<Category> {
    let key = field.category.clone()?;
    let above = policy.categories.get(&key.parent()?)?;
    // One that was put into a class of its own stays in it.
    let retention = policy.categories.get(&key).map_or(above.retention, |own| own.retention);
    Some(Category {
        key,
        label: of.told(&field.label),
        labels: of.told_also(field),
        retention,
        ..above.clone()
    })
}

/// A category with those above it: `Purchases › Product bought`.
pub fn path(policy: &Policy, key: &CategoryKey) -> String {
    let mut labels = Vec::new();
    let mut next = Some(key.clone());
    while let Some(key) = next {
        labels.extend(policy.categories.get(&key).map(words::category));
        next = key.parent();
    }
    labels.reverse();
    labels.join(" › ")
}

/// The fields of the form. What is for good is asked for only when it is made.
pub fn inputs(
    form: &Form,
    beside: Beside<'_>,
    new: bool,
    errors: &Errors,
    policy: &Policy,
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
        ..line(
            say("What it is called"),
            "label",
            &form.label,
            say("For staff and people alike. Such as Brush model."),
        )
    }];
    out.push(line(say("The same in German"), "label_de", &form.label_de, say(WHERE_READ)));
    if new {
        let kinds =
            Kind::ALL.map(|kind| (kind.key().to_owned(), say(fields::called(kind)).to_owned())).to_vec();
        out.push(parts::Field {
            input: chosen(say("Choose …"), kinds),
            required: true,
            ..line(say("What may stand in it"), "kind", &form.kind, say("For good."))
        });
    }
    if new && beside.of.personal {
        let all = categories(policy, beside).into_iter();
        let all = all.map(|one| (one.key.to_string(), path(policy, &one.key))).collect();
        out.push(parts::Field {
            input: chosen(say("Choose …"), all),
            required: true,
            ..line(
                say("What kind of data it is"),
                "category",
                &form.category,
                say("For good. What people allowed, refused and took back about this kind decides this field too, and it is kept as long."),
            )
        });
    }
    if new || Kind::ALL.into_iter().any(|kind| kind.key() == form.kind && fields::chosen(kind)) {
        out.push(parts::Field {
            input: parts::Input::Text,
            ..line(
                say("What can be chosen"),
                "choices",
                &form.choices,
                say("One on each line; only for what is chosen from a list."),
            )
        });
        out.push(parts::Field {
            input: parts::Input::Text,
            ..line(
                say("The choices in German"),
                "choices_de",
                &form.choices_de,
                say("A line for each choice, in the same order. Left empty: everybody reads the choices above."),
            )
        });
    }
    if new {
        out.push(line(
            say("Short name"),
            "name",
            &form.name,
            say("For good, for programs and files. Made of the label when it is left empty."),
        ));
    }
    out
}
