//! People as files: a table that carries the terms of each value beside it, and cards.

use assent_kernel::Timestamp;
use assent_web::file::{self, escaped};
use assent_web::text;

use super::cell::{self, Cell, Value};
use super::words::Words;

/// Kinds of a table, in order.
const COLUMNS: [(&str, &str); 6] = [
    ("name", "name"),
    ("email", "contact.email"),
    ("phone", "contact.phone"),
    ("company", "work.employer"),
    ("city", "contact.address.city"),
    ("country", "contact.address.country"),
];

fn of(values: &[Value], key: &str) -> Cell {
    if key == "name" { cell::name(values) } else { cell::first(values, key) }
}

/// The terms of a value, in one line: for what, until when, from where.
fn terms(cell: &Cell, words: &Words<'_>) -> String {
    match cell {
        Cell::Unknown => String::new(),
        Cell::Open(seen) => {
            let until = match seen.open.until {
                Timestamp::MAX => "as long as the rule holds".to_owned(),
                until => format!("until {}", text::iso(until.micros())),
            };
            format!("for {}, {until}, from {}", words.purpose, seen.fact.source)
        }
        Cell::Closed(reason) => {
            format!("closed: {}", reason.as_ref().map_or("UNREADABLE", assent_kernel::Reason::code))
        }
    }
}

/// A table (RFC 4180) of people: each value, and beside it its terms.
pub fn csv<'a>(people: impl Iterator<Item = (String, &'a [Value])>, words: &Words<'_>) -> String {
    let mut head = vec!["person".to_owned()];
    for (name, _) in COLUMNS {
        head.extend([name.to_owned(), format!("{name}_terms")]);
    }
    let mut out = file::row(head.iter().map(String::as_str));
    for (id, values) in people {
        let mut cells = vec![id];
        for (_, key) in COLUMNS {
            let cell = of(values, key);
            cells.push(cell.seen().map(|seen| seen.text.clone()).unwrap_or_default());
            cells.push(terms(&cell, words));
        }
        out += &file::row(cells.iter().map(String::as_str));
    }
    out
}

/// Cards (vCard 4.0) of people; a note on each says on what terms it was taken along.
pub fn cards<'a>(people: impl Iterator<Item = (String, &'a [Value])>, words: &Words<'_>) -> String {
    people.map(|(id, values)| card(&id, values, words)).collect()
}

fn card(id: &str, values: &[Value], words: &Words<'_>) -> String {
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
    let told = COLUMNS.iter().filter_map(|(name, key)| {
        let cell = of(values, key);
        cell.seen().map(|_| format!("{name}: {}", terms(&cell, words)))
    });
    lines.push(format!("NOTE:{}", escaped(&told.collect::<Vec<_>>().join("; "))));
    file::card(&lines)
}
