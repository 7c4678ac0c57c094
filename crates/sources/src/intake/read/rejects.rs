//! The file of rejected rows: the columns as they came, then where each row stood and what is wrong with it. It
//! can be mended and imported again. No cell of it runs in a spreadsheet.

use std::borrow::Cow;
use std::io::Write;

use sha2::{Digest as _, Sha256};

use super::row::RowError;
use super::value;

/// The columns behind the columns of the file.
pub const ADDED: [&str; 4] = ["row", "line", "column", "reason"];

/// Writes rejected rows as CSV in UTF-8.
pub struct Rejects<W: Write> {
    out: csv::Writer<Counted<W>>,
    headers: Vec<String>,
}

/// So much of a file, and its digest.
#[derive(Clone, Default)]
pub struct Written {
    /// How many bytes.
    pub bytes: u64,
    digest: Sha256,
}

impl Written {
    /// Takes what follows.
    pub fn take(&mut self, piece: &[u8]) {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        self.digest.update(piece);
    }
    /// The digest of all of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }
}

/// Counts the bytes of a file.
struct Counted<W> {
    out: W,
    written: Written,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.written.take(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Rejects<W> {
    /// A file with these columns and [`ADDED`].
    pub fn new(mut out: W, headers: &[String]) -> Result<Self, csv::Error> {
        // Excel takes a file without this mark for Windows-1252.
        let mark = "\u{feff}".as_bytes();
        out.write_all(mark)?;
        let mut written = Written::default();
        written.take(mark);
        let mut begun = Self::further(out, headers, written);
        begun.out.write_record(
            headers.iter().map(|header| safe(header)).chain(ADDED.map(Cow::Borrowed)).map(bytes),
        )?;
        Ok(begun)
    }

    /// Behind what is in such a file already.
    pub fn further(out: W, headers: &[String], written: Written) -> Self {
        let out = csv::WriterBuilder::new().flexible(true).from_writer(Counted { out, written });
        Self { out, headers: headers.to_vec() }
    }

    /// Hands over what is still held; tells what is in the file now.
    pub fn flush(&mut self) -> std::io::Result<&Written> {
        self.out.flush()?;
        Ok(&self.out.get_ref().written)
    }

    /// A row that could not be read.
    pub fn unread(&mut self, error: &RowError) -> Result<(), csv::Error> {
        let column = error.column.map(|column| match self.headers.get(column.saturating_sub(1)) {
            Some(name) => name.clone(),
            None => column.to_string(),
        });
        self.write(
            &error.fields,
            error.row,
            error.line,
            &column.unwrap_or_default(),
            &error.fault.to_string(),
        )
    }

    /// A row with a value that could not be taken. Fields beyond the columns follow the reason, so none is lost.
    pub fn write(
        &mut self,
        fields: &[String],
        row: u64,
        line: u64,
        column: &str,
        reason: &str,
    ) -> Result<(), csv::Error> {
        let width = self.headers.len();
        let own = (0..width).map(|index| safe(fields.get(index).map_or("", String::as_str)));
        let added = [row.to_string().into(), line.to_string().into(), safe(column), safe(reason)];
        let surplus = fields.iter().skip(width).map(|field| safe(field));
        self.out.write_record(own.chain(added).chain(surplus).map(bytes))
    }

    /// Writes what is still held and gives the file back.
    pub fn finish(self) -> std::io::Result<W> {
        self.out.into_inner().map(|counted| counted.out).map_err(|error| error.into_error())
    }
}

fn safe(cell: &str) -> Cow<'_, str> {
    if value::is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

fn bytes(cell: Cow<'_, str>) -> Vec<u8> {
    cell.into_owned().into_bytes()
}
