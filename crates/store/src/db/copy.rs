//! Rows in the binary form of PostgreSQL's `COPY … FROM STDIN`: many at once, for less than an INSERT of as many values.

use std::io::Write as _;

use crate::error::{Result, StoreError};
use crate::value::Value;

/// What the form begins with: its name, no flags, nothing more in the head.
const HEAD: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Stands in place of the next row: there is none.
const END: [u8; 2] = (-1i16).to_be_bytes();
/// Stands in place of a length: there is no value.
const NULL: [u8; 4] = (-1i32).to_be_bytes();
/// Handed over at a time, so that the server puts rows in while the rest is under way.
const AT_ONCE: usize = 64 * 1024;

/// Rows, written one after another. Numbers are for columns of eight bytes.
#[derive(Debug)]
pub(crate) struct Rows(Vec<u8>);

impl Rows {
    pub(crate) fn new() -> Self {
        Self(HEAD.to_vec())
    }

    pub(crate) fn push(&mut self, row: &[Value<'_>]) -> Result<()> {
        let long = |_| StoreError::Damaged("a row is too long".into());
        self.0.extend_from_slice(&i16::try_from(row.len()).map_err(long)?.to_be_bytes());
        for value in row {
            let number;
            let bytes = match value {
                Value::Null => {
                    self.0.extend_from_slice(&NULL);
                    continue;
                }
                Value::Int(n) => {
                    number = n.to_be_bytes();
                    number.as_slice()
                }
                Value::Text(text) => text.as_bytes(),
                Value::Blob(bytes) => bytes,
                Value::Id(bytes) => bytes,
            };
            self.0.extend_from_slice(&i32::try_from(bytes.len()).map_err(long)?.to_be_bytes());
            self.0.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Hands them to a server; what is not ended there is taken back.
    pub(super) fn send(mut self, mut to: postgres::CopyInWriter<'_>) -> Result<u64> {
        self.0.extend_from_slice(&END);
        let gone = |error: std::io::Error| match error.downcast::<postgres::Error>() {
            Ok(error) => error.into(),
            Err(error) => StoreError::Unavailable(error.to_string()),
        };
        for part in self.0.chunks(AT_ONCE) {
            to.write_all(part).map_err(gone)?;
        }
        Ok(to.finish()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_values_each_after_its_length() {
        let mut rows = Rows::new();
        rows.push(&[Value::Int(258), Value::Null, Value::Text("ab"), Value::Id([7; 16])]).unwrap();
        let row = rows.0.strip_prefix(&HEAD).unwrap();
        let expected = [
            &[0, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2][..],
            &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, b'a', b'b', 0, 0, 0, 16],
            &[7; 16],
        ];
        assert_eq!(row, expected.concat());
    }
}
