//! One contact as it stands in the file, or what is wrong with it.

use serde::{Deserialize, Serialize};

use super::lines::MAX_ROW;

/// The longest field kept, in bytes.
pub const MAX_FIELD: usize = 64 * 1024;
/// The most columns a file may have.
pub const MAX_COLUMNS: usize = 200;

/// A place between two rows, counted in the text after it became UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Bytes before it.
    pub offset: u64,
    /// Lines before it.
    pub lines: u64,
    /// Rows before it, those with an error included, the header not.
    pub rows: u64,
}

/// One contact: a field for each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 1 for the first contact.
    pub number: u64,
    /// The line of the file it begins on.
    pub line: u64,
    /// Where it begins in the UTF-8 text.
    pub offset: u64,
    /// As many as there are columns.
    pub fields: Vec<String>,
}

/// A contact that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}, line {line}: {fault}")]
pub struct RowError {
    /// 1 for the first contact.
    pub row: u64,
    /// The line of the file the trouble begins on.
    pub line: u64,
    /// The column it is about, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub fault: Fault,
    /// What could be read, to be kept for the person who mends it.
    pub fields: Vec<String>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Fewer fields than columns.
    #[error(
        "it has {found} fields where {expected} are expected. Add the missing ones, or quote a line break."
    )]
    TooFew {
        /// Fields in the row.
        found: usize,
        /// Columns of the file.
        expected: usize,
    },
    /// More fields than columns.
    #[error(
        "it has {found} fields where {expected} are expected. Put quotes around a field that holds the delimiter."
    )]
    TooMany {
        /// Fields in the row.
        found: usize,
        /// Columns of the file.
        expected: usize,
    },
    /// More columns than any file may have.
    #[error("it has more than {MAX_COLUMNS} columns. Remove those you do not need, or check the delimiter.")]
    TooWide,
    /// A field over the bound.
    #[error(
        "a field is longer than {MAX_FIELD} bytes. Shorten it, or look for a quote that was never closed."
    )]
    FieldTooLong,
    /// A row over the bound.
    #[error("it is longer than {MAX_ROW} bytes. Shorten it, or look for a quote that was never closed.")]
    RowTooLong,
    /// A quote without its end.
    #[error(
        "a quote opens on line {opened} and never closes. Close it, or double it if it belongs to the text."
    )]
    OpenQuote {
        /// The line the quote is on.
        opened: u64,
    },
    /// Bytes that are no UTF-8.
    #[error("it holds bytes that are not UTF-8. Save the whole file as UTF-8 and import it again.")]
    NotUtf8,
    /// Something outside a card.
    #[error("this stands outside a card. A card begins with BEGIN:VCARD and ends with END:VCARD.")]
    OutsideCard,
    /// A card without its end.
    #[error("the card that begins on line {opened} has no END:VCARD. Add it.")]
    OpenCard {
        /// The line of its BEGIN.
        opened: u64,
    },
    /// A line of a card that is no property.
    #[error("this line is no property of a card: it has no colon after its name. Correct or remove it.")]
    NotAProperty,
    /// A card without any content.
    #[error("the card says nothing about a person. Remove it.")]
    EmptyCard,
    /// Reading stopped.
    #[error("the file could not be read further ({0}). Upload it again.")]
    Io(String),
}

impl Fault {
    /// A short name that never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "row.too-few-fields",
            Self::TooMany { .. } => "row.too-many-fields",
            Self::TooWide => "row.too-many-columns",
            Self::FieldTooLong => "row.field-too-long",
            Self::RowTooLong => "row.too-long",
            Self::OpenQuote { .. } => "row.open-quote",
            Self::NotUtf8 => "row.not-utf8",
            Self::OutsideCard => "card.outside",
            Self::OpenCard { .. } => "card.no-end",
            Self::NotAProperty => "card.not-a-property",
            Self::EmptyCard => "card.empty",
            Self::Io(_) => "file.unreadable",
        }
    }
}
