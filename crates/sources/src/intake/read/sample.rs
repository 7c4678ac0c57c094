//! A look at the beginning of a file: how it is written, what its columns mean, and its first rows.

use std::io::Read;

use serde::Serialize;

use super::map::Mapping;
use super::row::{Row, RowError};
use super::text::{Encoding, Text};
use super::{Format, Layout, Unreadable, csv, sniff, vcard};

/// Rows that are looked at.
pub const ROWS: usize = 200;
/// Rows that are shown.
pub const PREVIEW: usize = 20;
/// Bytes of text that are looked at, at most.
const HEAD: u64 = 4 << 20;
const SNIFFED: usize = 256 * 1024;

/// What the beginning of a file tells.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// How its characters are written.
    pub encoding: Encoding,
    /// How it is to be read.
    pub layout: Layout,
    /// What its columns seem to mean.
    pub mapping: Mapping,
    /// The first [`PREVIEW`] rows that can be read.
    pub preview: Vec<Vec<String>>,
    /// What is wrong with rows among those looked at, in plain words.
    pub faults: Vec<String>,
    /// How many contacts the file has: counted where all of it was seen, else estimated from its size.
    pub rows: u64,
    /// Whether `rows` is an estimate.
    pub estimated: bool,
}

impl Sample {
    /// Looks at the beginning of `read`, a file of `size` bytes where that is known.
    pub fn take(read: impl Read, size: Option<u64>) -> Result<Self, Unreadable> {
        let mut text = Text::open(read)?;
        let encoding = text.encoding();
        let mut head = Vec::new();
        text.by_ref().take(HEAD).read_to_end(&mut head)?;
        if head.trim_ascii().is_empty() {
            return Err(Unreadable::Empty);
        }
        let layout = layout(&head)?;
        let cut = head.len() as u64 == HEAD;
        let mut seen = Seen::read(&head, &layout, cut)?;
        // Only text of the file's own size can be compared with it.
        let per_byte = match encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => 2,
            _ => 1,
        };
        if seen.more {
            let bytes = size.map_or(head.len() as u64, |size| size / per_byte);
            seen.count = seen.count.saturating_mul(bytes) / seen.bytes.max(1);
        }
        Ok(Self {
            encoding,
            mapping: Mapping::guess(&layout.headers, &seen.rows),
            preview: seen.rows.iter().take(PREVIEW).cloned().collect(),
            faults: seen.faults,
            rows: seen.count,
            estimated: seen.more,
            layout,
        })
    }
}

struct Seen {
    rows: Vec<Vec<String>>,
    faults: Vec<String>,
    count: u64,
    bytes: u64,
    more: bool,
}

impl Seen {
    fn read(head: &[u8], layout: &Layout, cut: bool) -> Result<Self, Unreadable> {
        let mut seen = Self { rows: Vec::new(), faults: Vec::new(), count: 0, bytes: 0, more: cut };
        match layout.format {
            Format::VCard => {
                let mut cards = vcard::Cards::open(head, None)?;
                while let Some(next) = cards.next()
                    && seen.add(next, cards.place().offset, head)
                {}
            }
            Format::Csv { delimiter, header } => {
                let shape = csv::Shape { delimiter, header, width: layout.headers.len() };
                let mut rows = csv::Rows::open(head, shape, None)?;
                while let Some(next) = rows.next()
                    && seen.add(next, rows.place().offset, head)
                {}
            }
        }
        Ok(seen)
    }

    /// Takes a row that ends at `end`; false when enough was seen. A row cut by the end of the head counts for
    /// nothing.
    fn add(&mut self, next: Result<Row, RowError>, end: u64, head: &[u8]) -> bool {
        let last = end >= head.len() as u64;
        if last && self.more {
            return false;
        }
        self.count += 1;
        self.bytes = end;
        match next {
            Ok(row) => self.rows.push(row.fields),
            Err(error) => self.faults.push(error.to_string()),
        }
        let enough = self.rows.len() + self.faults.len() >= ROWS;
        self.more |= enough && !last;
        !enough
    }
}

fn layout(head: &[u8]) -> Result<Layout, Unreadable> {
    let start = head.trim_ascii_start();
    if start.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCARD")) {
        return Ok(Layout { format: Format::VCard, headers: vcard::COLUMNS.map(str::to_owned).to_vec() });
    }
    let delimiter = sniff::delimiter(head.get(..SNIFFED).unwrap_or(head));
    let mut cut = csv::Cutter::new(super::lines::Lines::new(head), delimiter);
    cut.skip_separator_line()?;
    let first = cut.next_row()?.ok_or(Unreadable::Empty)?;
    if let Some((fault, _)) = first.fault {
        return Err(Unreadable::Header(fault));
    }
    let mut cells: Vec<String> =
        first.fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
    while cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let header = sniff::is_header(&cells);
    Ok(Layout { format: Format::Csv { delimiter, header }, headers: sniff::names(&cells, header) })
}
