//! People as files: a table that carries the terms of each value beside it, and cards.

use assent_kernel::{CategoryKey, TreeKey as _};
use assent_web::file::{self, escaped};

use super::cell::{self, Cell, Value};
use super::words::Words;
use crate::along::terms;

/// The columns of a file: the name of each, and the kind of facts in it.
pub type Filed = [(String, CategoryKey)];

fn of(values: &[Value], key: &str) -> Cell {
    if key == "name" { cell::name(values) } else { cell::first(values, key) }
}

/// A table (RFC 4180) of people: each value, and beside it its terms.
pub fn csv<'a>(
    people: impl Iterator<Item = (String, &'a [Value])>,
    filed: &Filed,
    words: &Words<'_>,
) -> String {
    let mut head = vec!["person".to_owned()];
    for (name, _) in filed {
        head.extend([name.to_owned(), format!("{name}_terms")]);
    }
    let mut out = file::row(head.iter().map(String::as_str));
    for (id, values) in people {
        let mut cells = vec![id];
        for (_, key) in filed {
            let cell = of(values, key.as_str());
            cells.push(cell.seen().map(|seen| seen.text.clone()).unwrap_or_default());
            cells.push(terms(&cell, words));
        }
        out += &file::row(cells.iter().map(String::as_str));
    }
    out
}

/// Cards (vCard 4.0) of people; a note on each says on what terms it was taken along.
pub fn cards<'a>(
    people: impl Iterator<Item = (String, &'a [Value])>,
    filed: &Filed,
    words: &Words<'_>,
) -> String {
    people.map(|(id, values)| card(&id, values, filed, words)).collect()
}

/// What a card has a property for; anything else stands in one of its own, whose name begins with `X-`.
const PROPERTIES: [&str; 6] = ["name", "email", "phone", "company", "city", "country"];

fn card(id: &str, values: &[Value], filed: &Filed, words: &Words<'_>) -> String {
    let open = |key: &str| of(values, key).seen().map(|seen| escaped(&seen.text));
    let name = open("name").or_else(|| open("contact.email")).unwrap_or_else(|| escaped(id));
    let mut lines = vec![format!("UID:{id}"), format!("FN:{name}")];
    for (field, key) in [("EMAIL", "contact.email"), ("TEL", "contact.phone"), ("ORG", "work.employer")] {
        lines.extend(open(key).map(|value| format!("{field}:{value}")));
    }
    let (city, country) = (open("contact.address.city"), open("contact.address.country"));
    if city.is_some() || country.is_some() {
        lines.push(format!("ADR:;;;{};;;{}", city.unwrap_or_default(), country.unwrap_or_default()));
    }
    for (name, key) in filed.iter().filter(|(name, _)| !PROPERTIES.contains(&name.as_str())) {
        lines.extend(open(key.as_str()).map(|value| format!("X-{}:{value}", name.to_uppercase())));
    }
    let told = filed.iter().filter_map(|(name, key)| {
        let cell = of(values, key.as_str());
        cell.seen().map(|_| format!("{name}: {}", terms(&cell, words)))
    });
    lines.push(format!("NOTE:{}", escaped(&told.collect::<Vec<_>>().join("; "))));
    file::card(&lines)
}
