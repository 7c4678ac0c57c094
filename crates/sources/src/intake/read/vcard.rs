//! Cards (vCard 3.0 and 4.0; 2.1 where easy) as rows under fixed column names, so that a mapping serves both.
//! Where a card says a thing more than once, the field holds each on a line of its own. Photos, sounds and keys
//! are passed over.

use std::io::{self, Read};

use super::Unreadable;
use super::lines::{Line, Lines, MAX_ROW};
use super::property::{self, Property};
use super::row::{Fault, MAX_FIELD, Place, Row, RowError};

/// The columns of every card file, in order.
pub const COLUMNS: [&str; 23] = [
    "FN",
    "N given",
    "N family",
    "EMAIL",
    "EMAIL work",
    "TEL",
    "TEL mobile",
    "ADR street",
    "ADR city",
    "ADR region",
    "ADR postal code",
    "ADR country",
    "ORG",
    "TITLE",
    "BDAY",
    "GENDER",
    "LANG",
    "URL",
    "NOTE",
    "CATEGORIES",
    "UID",
    "ROLE",
    "NICKNAME",
];

/// The most bytes of one card outside its photos.
const MAX_CARD: usize = 4 * MAX_ROW;
const PASSED_OVER: [&str; 4] = ["PHOTO", "LOGO", "SOUND", "KEY"];

/// The cards of a file.
pub struct Cards<R> {
    lines: Lines<R>,
    rows: u64,
    failed: bool,
}

impl<R: Read> Cards<R> {
    /// Cards from the beginning or from an earlier place.
    pub fn open(text: R, from: Option<Place>) -> Result<Self, Unreadable> {
        let place = from.unwrap_or_default();
        Ok(Self { lines: Lines::skip_to(text, place.offset, place.lines)?, rows: place.rows, failed: false })
    }

    /// Where the next card begins.
    pub fn place(&self) -> Place {
        let (offset, lines) = self.lines.place();
        Place { offset, lines, rows: self.rows }
    }

    /// A logical line: folded lines joined, with its number and where it begins.
    fn unfolded(&mut self) -> io::Result<Option<Unfolded>> {
        let Some(first) = self.lines.next_line()? else { return Ok(None) };
        let mut line = Unfolded { number: first.number, offset: first.offset, ..Unfolded::default() };
        line.add(first.content(), first.cut);
        let printable = property::is_printable(first.content());
        while let Some(next) = self.lines.next_line()? {
            let soft = printable && line.bytes.last() == Some(&b'=');
            match next.content() {
                [b' ' | b'\t', rest @ ..] if !line.bytes.is_empty() => line.add(rest, next.cut),
                content if soft => {
                    line.bytes.pop();
                    line.add(content, next.cut);
                }
                _ => {
                    self.lines.put_back(vec![next]);
                    break;
                }
            }
        }
        Ok(Some(line))
    }

    fn next_card(&mut self) -> io::Result<Option<Result<Row, RowError>>> {
        let begin = loop {
            match self.unfolded()? {
                None => return Ok(None),
                Some(line) if line.is_blank() => {}
                Some(line) => break line,
            }
        };
        self.rows += 1;
        let mut card = Card::new(self.rows, &begin);
        if !begin.says("BEGIN:VCARD") {
            self.skip_to_begin()?;
            card.fail(begin.number, Fault::OutsideCard, None);
            return Ok(Some(card.finish()));
        }
        loop {
            let Some(line) = self.unfolded()? else {
                card.fail(begin.number, Fault::OpenCard { opened: begin.number }, None);
                break;
            };
            if line.says("END:VCARD") {
                break;
            }
            if line.says("BEGIN:VCARD") {
                card.fail(begin.number, Fault::OpenCard { opened: begin.number }, None);
                self.put_back_begin(&line);
                break;
            }
            card.add(&line);
        }
        Ok(Some(card.finish()))
    }

    /// Passes over what stands outside a card, so that one stretch of it is one error.
    fn skip_to_begin(&mut self) -> io::Result<()> {
        while let Some(line) = self.unfolded()? {
            if line.says("BEGIN:VCARD") {
                self.put_back_begin(&line);
                break;
            }
        }
        Ok(())
    }

    fn put_back_begin(&mut self, line: &Unfolded) {
        let bytes = line.bytes.clone();
        let line = Line { number: line.number, offset: line.offset, bytes, cut: false };
        self.lines.put_back(vec![line]);
    }
}

impl<R: Read> Iterator for Cards<R> {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        self.next_card().unwrap_or_else(|error| {
            self.failed = true;
            let (_, lines) = self.lines.place();
            let fault = Fault::Io(error.to_string());
            Some(Err(RowError {
                row: self.rows + 1,
                line: lines + 1,
                column: None,
                fault,
                fields: Vec::new(),
            }))
        })
    }
}

#[derive(Default)]
struct Unfolded {
    number: u64,
    offset: u64,
    bytes: Vec<u8>,
    cut: bool,
}

impl Unfolded {
    fn add(&mut self, bytes: &[u8], cut: bool) {
        let room = MAX_ROW.saturating_sub(self.bytes.len());
        self.cut |= cut || bytes.len() > room;
        self.bytes.extend(bytes.iter().take(room));
    }

    fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    fn says(&self, words: &str) -> bool {
        self.bytes.trim_ascii().eq_ignore_ascii_case(words.as_bytes())
    }
}

/// A card as it fills.
struct Card {
    row: Row,
    fault: Option<(u64, Fault, Option<usize>)>,
    size: usize,
}

impl Card {
    fn new(number: u64, begin: &Unfolded) -> Self {
        let fields = vec![String::new(); COLUMNS.len()];
        let row = Row { number, line: begin.number, offset: begin.offset, fields };
        Self { row, fault: None, size: 0 }
    }

    fn fail(&mut self, line: u64, fault: Fault, column: Option<usize>) {
        self.fault.get_or_insert((line, fault, column));
    }

    fn add(&mut self, line: &Unfolded) {
        if line.is_blank() {
            return;
        }
        let Ok(text) = std::str::from_utf8(&line.bytes) else {
            let fault = if line.cut { Fault::RowTooLong } else { Fault::NotUtf8 };
            return self.fail(line.number, fault, None);
        };
        let Some(property) = Property::parse(text) else {
            return self.fail(line.number, Fault::NotAProperty, None);
        };
        if PASSED_OVER.contains(&property.name.as_str()) {
            return;
        }
        self.size += line.bytes.len();
        if line.cut || self.size > MAX_CARD {
            return self.fail(line.number, Fault::RowTooLong, None);
        }
        self.place(&property, line.number);
    }

    fn place(&mut self, property: &Property, line: u64) {
        let work = property.is("WORK");
        let text = property.text();
        match property.name.as_str() {
            "N" => {
                let mut parts = property.parts(';').into_iter();
                self.put("N family", &parts.next().unwrap_or_default(), line);
                let given = [parts.next(), parts.next()].map(Option::unwrap_or_default).join(" ");
                self.put("N given", &given, line);
            }
            "EMAIL" => self.put(if work { "EMAIL work" } else { "EMAIL" }, &text, line),
            "TEL" if property.is("FAX") || property.is("PAGER") => {}
            "TEL" => {
                let mobile = property.is("CELL") || property.is("IPHONE");
                self.put(if mobile { "TEL mobile" } else { "TEL" }, &text, line);
            }
            "ADR" => self.place_address(property, line),
            "ORG" => self.put("ORG", property.parts(';').join(", ").trim_end_matches(", "), line),
            "CATEGORIES" => self.put("CATEGORIES", &property.parts(',').join("\n"), line),
            "X-GENDER" => self.put("GENDER", &text, line),
            "GENDER" => self.put("GENDER", property.parts(';').first().map_or("", String::as_str), line),
            // Apple writes 1604 where the year is not known.
            "BDAY" => match text.strip_prefix("1604") {
                Some(day) => self.put("BDAY", &format!("--{}", day.trim_start_matches('-')), line),
                None => self.put("BDAY", &text, line),
            },
            other => {
                if let Some(column) = COLUMNS.iter().copied().find(|column| *column == other) {
                    self.put(column, &text, line);
                }
            }
        }
    }

    /// The first address only: parts of two of them, mixed, would be the address of nobody.
    fn place_address(&mut self, property: &Property, line: u64) {
        let columns = ["ADR street", "ADR city", "ADR region", "ADR postal code", "ADR country"];
        if columns.iter().any(|column| self.has(column)) {
            return;
        }
        let parts: Vec<String> =
            property.parts(';').into_iter().map(|part| part.replace('\n', ", ")).collect();
        let street: Vec<&str> = [2, 1, 0]
            .iter()
            .filter_map(|at| parts.get(*at))
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect();
        self.put("ADR street", &street.join(", "), line);
        for (column, part) in columns.iter().skip(1).zip(parts.iter().skip(3)) {
            self.put(column, part, line);
        }
    }

    fn has(&self, column: &str) -> bool {
        COLUMNS.iter().zip(&self.row.fields).any(|(name, field)| *name == column && !field.is_empty())
    }

    fn put(&mut self, column: &str, text: &str, line: u64) {
        let text = text.trim();
        let Some(index) = COLUMNS.iter().position(|name| *name == column) else { return };
        let Some(field) = self.row.fields.get_mut(index) else { return };
        if field.len() + text.len() > MAX_FIELD {
            return self.fail(line, Fault::FieldTooLong, Some(index + 1));
        }
        if !field.is_empty() && !text.is_empty() {
            field.push('\n');
        }
        field.push_str(text);
    }

    fn finish(mut self) -> Result<Row, RowError> {
        if self.row.fields.iter().all(String::is_empty) {
            self.fail(self.row.line, Fault::EmptyCard, None);
        }
        match self.fault {
            None => Ok(self.row),
            Some((line, fault, column)) => {
                Err(RowError { row: self.row.number, line, column, fault, fields: self.row.fields })
            }
        }
    }
}
