//! A table: rows of fields between delimiters, with quotes that may hold delimiters, doubled quotes and line ends.
//!
//! The `csv` crate reads past a quote that never closes without a word and holds the rest of the file meanwhile;
//! here such a row is named by the line the quote is on, bounded, and the next line is tried as a new row.

use std::io::Read;

use super::Unreadable;
use super::lines::{Line, Lines, MAX_ROW};
use super::row::{Fault, MAX_COLUMNS, MAX_FIELD, Place, Row, RowError};

/// How often the lines behind an open quote are tried again as rows; without an end, a crafted file costs a scan
/// of [`MAX_ROW`] bytes for each of its lines.
const RETRIES: u32 = 100;

/// How the rows of a table are cut.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The byte between two fields.
    pub delimiter: u8,
    /// The first row names the columns and is no contact.
    pub header: bool,
    /// How many columns there are.
    pub width: usize,
}

/// The rows of a table.
pub struct Rows<R> {
    cut: Cutter<R>,
    width: usize,
    rows: u64,
    failed: bool,
}

impl<R: Read> Rows<R> {
    /// Rows from the beginning or from an earlier place.
    pub fn open(text: R, shape: Shape, from: Option<Place>) -> Result<Self, Unreadable> {
        let place = from.unwrap_or_default();
        let mut cut = Cutter::new(Lines::skip_to(text, place.offset, place.lines)?, shape.delimiter);
        if place.offset == 0 {
            cut.skip_separator_line()?;
            if shape.header {
                cut.next_row()?;
            }
        }
        Ok(Self { cut, width: shape.width, rows: place.rows, failed: false })
    }

    /// Where the next row begins.
    pub fn place(&self) -> Place {
        let (offset, lines) = self.cut.lines.place();
        Place { offset, lines, rows: self.rows }
    }

    fn judge(&self, raw: Raw) -> Result<Row, RowError> {
        let found = raw.fields.len();
        let mut fault = raw.fault;
        let mut fields = Vec::with_capacity(found);
        for (index, bytes) in raw.fields.into_iter().enumerate() {
            let field = String::from_utf8(bytes).unwrap_or_else(|error| {
                fault = fault.take().or(Some((Fault::NotUtf8, Some(index + 1))));
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            });
            fields.push(field);
        }
        // Spreadsheets leave empty fields behind the last column.
        while fields.len() > self.width && fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        let expected = self.width;
        let (fault, column) = match fault {
            Some(known) => known,
            None if fields.len() > expected => (Fault::TooMany { found, expected }, Some(expected + 1)),
            None if fields.len() < expected => (Fault::TooFew { found, expected }, Some(found + 1)),
            None => return Ok(Row { number: self.rows, line: raw.line, offset: raw.offset, fields }),
        };
        Err(RowError { row: self.rows, line: raw.line, column, fault, fields })
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let raw = match self.cut.next_row() {
            Ok(raw) => raw?,
            Err(error) => {
                self.failed = true;
                let (_, lines) = self.cut.lines.place();
                let fault = Fault::Io(error.to_string());
                let (row, line) = (self.rows + 1, lines + 1);
                return Some(Err(RowError { row, line, column: None, fault, fields: Vec::new() }));
            }
        };
        self.rows += 1;
        Some(self.judge(raw))
    }
}

/// A row as bytes, with the first thing that is wrong with it and the column of that.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) line: u64,
    pub(super) offset: u64,
    pub(super) fields: Vec<Vec<u8>>,
    pub(super) fault: Option<(Fault, Option<usize>)>,
}

impl Raw {
    fn is_blank(&self) -> bool {
        self.fault.is_none() && self.fields.iter().all(|field| field.iter().all(u8::is_ascii_whitespace))
    }
}

/// Cuts lines into rows.
pub(super) struct Cutter<R> {
    pub(super) lines: Lines<R>,
    delimiter: u8,
    retries: u32,
}

impl<R: Read> Cutter<R> {
    pub(super) fn new(lines: Lines<R>, delimiter: u8) -> Self {
        Self { lines, delimiter, retries: RETRIES }
    }

    /// Excel may begin a table with a line that names the delimiter: it is no row.
    pub(super) fn skip_separator_line(&mut self) -> std::io::Result<()> {
        if let Some(line) = self.lines.next_line()?
            && super::sniff::separator_line(line.content()).is_none()
        {
            self.lines.put_back(vec![line]);
        }
        Ok(())
    }

    /// The next row that is not blank.
    pub(super) fn next_row(&mut self) -> std::io::Result<Option<Raw>> {
        loop {
            match self.any_row()? {
                Some(raw) if raw.is_blank() => {}
                row => return Ok(row),
            }
        }
    }

    fn any_row(&mut self) -> std::io::Result<Option<Raw>> {
        let Some(first) = self.lines.next_line()? else { return Ok(None) };
        let mut field = Fields::new(self.delimiter, &first);
        field.feed(&first);
        let mut later: Vec<Line> = Vec::new();
        let mut size = first.bytes.len();
        while field.state == State::Quoted && field.raw.fault.is_none() {
            let Some(line) = self.lines.next_line()? else {
                field.fail(Fault::OpenQuote { opened: field.opened });
                break;
            };
            size += line.bytes.len();
            field.feed(&line);
            if size > MAX_ROW {
                field.fail(Fault::RowTooLong);
            }
            later.push(line);
        }
        if field.raw.fault.is_some() && !later.is_empty() && self.retries > 0 {
            self.retries -= 1;
            self.lines.put_back(later);
            let mut alone = Fields::new(self.delimiter, &first);
            alone.feed(&first);
            field.raw.fields = alone.finish().fields;
        }
        Ok(Some(field.finish()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quote inside quotes: the end of the quoted part, or the first half of a doubled quote.
    Quote,
}

/// The fields of one row, as they grow.
struct Fields {
    delimiter: u8,
    raw: Raw,
    field: Vec<u8>,
    state: State,
    opened: u64,
}

impl Fields {
    fn new(delimiter: u8, first: &Line) -> Self {
        let raw = Raw { line: first.number, offset: first.offset, ..Raw::default() };
        Self { delimiter, raw, field: Vec::new(), state: State::Start, opened: first.number }
    }

    fn feed(&mut self, line: &Line) {
        let content = line.content().len();
        for (at, byte) in line.bytes.iter().copied().enumerate() {
            let ending = at >= content;
            self.state = match (self.state, byte) {
                (State::Quoted, b'"') => State::Quote,
                (State::Quoted, _) => self.push(byte, State::Quoted),
                (State::Quote, b'"') => self.push(byte, State::Quoted),
                (state, _) if ending => state,
                (_, byte) if byte == self.delimiter => self.end_field(),
                (State::Start, b'"') => {
                    self.opened = line.number;
                    State::Quoted
                }
                (_, byte) => self.push(byte, State::Plain),
            };
            if self.raw.fault.is_some() {
                return;
            }
        }
        if line.cut {
            self.fail(Fault::RowTooLong);
        }
    }

    fn push(&mut self, byte: u8, next: State) -> State {
        if self.field.len() >= MAX_FIELD {
            self.fail(Fault::FieldTooLong);
        } else {
            self.field.push(byte);
        }
        next
    }

    fn end_field(&mut self) -> State {
        if self.raw.fields.len() + 1 >= MAX_COLUMNS {
            self.fail(Fault::TooWide);
        }
        self.raw.fields.push(std::mem::take(&mut self.field));
        State::Start
    }

    fn fail(&mut self, fault: Fault) {
        let column = self.raw.fields.len() + 1;
        self.raw.fault.get_or_insert((fault, Some(column)));
    }

    fn finish(mut self) -> Raw {
        self.raw.fields.push(self.field);
        self.raw
    }
}
