//! The reading side of contact import: bytes in, rows and clean values out. It knows no database, no gate and no
//! web, and holds at most one row at a time, whatever the size of the file.
//!
//! The path of a file, in the order of the modules: [`text`] makes it UTF-8, [`lines`] cuts it, [`csv`] or
//! [`vcard`] makes rows of it, [`map`] says which column means what, [`value`] makes each cell a value or a
//! [`Reason`](reason::Reason), and [`rejects`] keeps what could not be taken. [`sample`] looks at the beginning.

pub mod country;
pub mod csv;
pub mod date;
pub mod email;
mod headers;
pub mod lines;
pub mod map;
pub mod phone;
mod property;
pub mod reason;
pub mod rejects;
pub mod row;
pub mod sample;
mod sniff;
pub mod target;
pub mod text;
pub mod value;
pub mod vcard;
mod words;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

pub use self::map::Mapping;
pub use self::reason::{Reason, Remark};
pub use self::rejects::{Rejects, Written};
pub use self::row::{Fault, Place, Row, RowError};
pub use self::sample::Sample;
pub use self::target::Target;
pub use self::text::Encoding;
pub use self::value::{Context, Value};

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file is of a kind that holds no plain text.
    #[error("This is {0}, not a text file. Save it as CSV (UTF-8) and import that.")]
    NotText(&'static str),
    /// There is nothing in the file.
    #[error("The file is empty. Export the contacts again and check the file before importing it.")]
    Empty,
    /// The first row is no row, so the columns are unknown.
    #[error("The first line cannot be read: {0}")]
    Header(Fault),
    /// Reading stopped.
    #[error("The file could not be read to the end: {0}. Upload it again.")]
    Io(#[from] io::Error),
}

/// What kind of contact file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "format")]
pub enum Format {
    /// A table with a delimiter between its fields.
    Csv {
        /// The byte between two fields.
        delimiter: u8,
        /// The first row names the columns.
        header: bool,
    },
    /// Cards, one after another.
    VCard,
}

/// All that must be known to read a file again, the same way: found by [`Sample`], changed by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Table or cards.
    #[serde(flatten)]
    pub format: Format,
    /// The names of the columns, each once.
    pub headers: Vec<String>,
}

/// The contacts of a file, as rows under the names of [`Layout::headers`].
pub enum Contacts<R> {
    /// From a table.
    Csv(csv::Rows<text::Text<R>>),
    /// From cards.
    VCard(vcard::Cards<text::Text<R>>),
}

impl<R: Read> Contacts<R> {
    /// Rows from the beginning; with `from`, from where an earlier reading stopped (see [`Contacts::place`]).
    pub fn open(read: R, layout: &Layout, from: Option<Place>) -> Result<Self, Unreadable> {
        let text = text::Text::open(read)?;
        match layout.format {
            Format::Csv { delimiter, header } => {
                let shape = csv::Shape { delimiter, header, width: layout.headers.len() };
                csv::Rows::open(text, shape, from).map(Self::Csv)
            }
            Format::VCard => vcard::Cards::open(text, from).map(Self::VCard),
        }
    }

    /// Where the next row begins. Kept after each row, it lets an import stop and go on.
    pub fn place(&self) -> Place {
        match self {
            Self::Csv(rows) => rows.place(),
            Self::VCard(cards) => cards.place(),
        }
    }
}

impl<R: Read> Iterator for Contacts<R> {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::VCard(cards) => cards.next(),
        }
    }
}
