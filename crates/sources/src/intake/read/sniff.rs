//! Which delimiter a table uses, and whether its first row names the columns, from its first rows.

use std::collections::HashMap;

use super::csv::Cutter;
use super::lines::Lines;
use super::{headers, value};

const DELIMITERS: [u8; 7] = *b",;\t|^~\x1f";
const ROWS: usize = 60;

/// The delimiter that cuts the most rows into the same number of fields.
pub(super) fn delimiter(head: &[u8]) -> u8 {
    let first = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    if let Some(named) = separator_line(first) {
        return named;
    }
    let mut best = (0, b',');
    for delimiter in DELIMITERS {
        let score = score(head, delimiter);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// The delimiter in a line such as `sep=;`, which Excel writes above a table.
pub(super) fn separator_line(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && delimiter.is_ascii() => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// Percent of rows that have the commonest number of fields, in thousands, and that number; 0 when it is 1.
fn score(head: &[u8], delimiter: u8) -> usize {
    let mut cut = Cutter::new(Lines::new(head), delimiter);
    let mut widths: Vec<usize> = Vec::new();
    while widths.len() < ROWS
        && let Ok(Some(raw)) = cut.next_row()
    {
        widths.push(if raw.fault.is_some() { 0 } else { raw.fields.len() });
    }
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for width in &widths {
        *counts.entry(*width).or_default() += 1;
    }
    let best =
        counts.into_iter().filter(|(width, _)| *width > 1).max_by_key(|(width, count)| (*count, *width));
    best.map_or(0, |(width, count)| {
        let headed = if widths.first() == Some(&width) { 20 } else { 0 };
        (count * 100 / widths.len().max(1) + headed) * 1000 + width
    })
}

/// Whether a row names columns: a known name is in it, or no cell looks like a contact's data.
pub(super) fn is_header(row: &[String]) -> bool {
    let known = row.iter().filter(|cell| headers::target(cell).is_some()).count();
    let data = row.iter().filter(|cell| value::looks_like_data(cell)).count();
    known > data || (data == 0 && row.iter().any(|cell| !cell.trim().is_empty()))
}

/// The names of the columns, each once; a nameless one is called by its number.
pub(super) fn names(row: &[String], header: bool) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::with_capacity(row.len());
    for (index, cell) in row.iter().enumerate() {
        let clean = value::clean(cell).0.replace('\n', " ");
        let mut name = if header && !clean.is_empty() { clean } else { format!("Column {}", index + 1) };
        let times = seen.entry(name.to_lowercase()).and_modify(|times| *times += 1).or_insert(1);
        if *times > 1 {
            name = format!("{name} ({times})");
        }
        names.push(name);
    }
    names
}
