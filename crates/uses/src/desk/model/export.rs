//! People as files: a table that carries the terms of each value beside it, and cards.

use assent_kernel::{CategoryKey, Timestamp, TreeKey as _};
use assent_web::text;

use super::cell::{self, Cell, Value};
use super::words::Words;

/// The columns of a file: the name of each, and the kind of facts in it.
pub type Filed = [(String, CategoryKey)];

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
pub fn csv<'a>(
    people: impl Iterator<Item = (String, &'a [Value])>,
    filed: &Filed,
    words: &Words<'_>,
) -> String {
    let mut head = vec!["person".to_owned()];
    for (name, _) in filed {
        head.extend([name.to_owned(), format!("{name}_terms")]);
    }
    let mut out = line(&head);
    for (id, values) in people {
        let mut cells = vec![id];
        for (_, key) in filed {
            let cell = of(values, key.as_str());
            cells.push(cell.seen().map(|seen| seen.text.clone()).unwrap_or_default());
            cells.push(terms(&cell, words));
        }
        out += &line(&cells);
    }
    out
}

fn line(cells: &[String]) -> String {
    let quoted: Vec<String> =
        cells.iter().map(|cell| format!("\"{}\"", tame(cell).replace('"', "\"\""))).collect();
    quoted.join(",") + "\r\n"
}

/// A spreadsheet would run a cell that begins like a formula; an apostrophe before it makes it text. Numbers with a
/// sign, such as phone numbers, stay as they are.
fn tame(cell: &str) -> String {
    let mut letters = cell.chars();
    let risky = match letters.next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !letters.all(|c| c.is_ascii_digit() || " ()-./".contains(c)),
        _ => false,
    };
    if risky { format!("'{cell}") } else { cell.to_owned() }
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
    let mut lines =
        vec!["BEGIN:VCARD".to_owned(), "VERSION:4.0".into(), format!("UID:{id}"), format!("FN:{name}")];
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
    lines.push("END:VCARD".into());
    lines.iter().map(|line| folded(line)).collect()
}

fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// Lines of at most 75 bytes, going on after a space, never inside a character.
fn folded(line: &str) -> String {
    let (mut out, mut width) = (String::new(), 0_usize);
    for letter in line.chars() {
        if width.saturating_add(letter.len_utf8()) > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(letter);
        width = width.saturating_add(letter.len_utf8());
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_it_begins_with() {
        let cells = ["=1+1".to_owned(), "+49 451".into(), "say \"hi\"".into(), "-x".into()];
        assert_eq!(line(&cells), "\"'=1+1\",\"+49 451\",\"say \"\"hi\"\"\",\"'-x\"\r\n");
    }

    #[test]
    fn a_line_of_a_card_is_short_and_its_signs_are_escaped() {
        assert_eq!(escaped("a;b,c\nd\\"), "a\\;b\\,c\\nd\\\\");
        let long = folded(&"ü".repeat(100));
        assert!(long.split("\r\n").all(|part| part.len() <= 75) && long.contains("\r\n ü"));
    }
}
