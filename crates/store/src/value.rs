//! What goes into a statement and what comes out of a row: a few kinds of value on both engines.

use assent_kernel::{PurposeKey, Region, Timestamp, TreeKey as _};
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::{Result, StoreError};

/// An argument of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number, a time in microseconds, or 0/1.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes: digests, sealed values.
    Blob(&'a [u8]),
    /// An id.
    Id([u8; 16]),
}

macro_rules! ids {
    ($($id:ident),*) => { $(impl From<assent_kernel::$id> for Value<'_> {
        fn from(id: assent_kernel::$id) -> Self {
            Self::Id(id.to_bytes())
        }
    })* };
}
ids!(
    DraftId,
    PersonId,
    CompanyId,
    FactId,
    GrantId,
    NoticeId,
    ContractId,
    StaffId,
    ImportId,
    RequestId,
    JobId,
    MailId,
    OrganisationId,
    DealId,
    PipelineId,
    StageId,
    TaskId,
    ActivityId,
    MentionId,
    HookId,
    ViewId
);

impl From<[u8; 16]> for Value<'_> {
    fn from(v: [u8; 16]) -> Self {
        Self::Id(v)
    }
}
impl<'a> From<&'a Region> for Value<'a> {
    fn from(v: &'a Region) -> Self {
        Self::Text(v.as_str())
    }
}
impl<'a> From<&'a PurposeKey> for Value<'a> {
    fn from(v: &'a PurposeKey) -> Self {
        Self::Text(v.as_str())
    }
}
impl From<i64> for Value<'_> {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(v: Timestamp) -> Self {
        Self::Int(v.micros())
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(v: &'a str) -> Self {
        Self::Text(v)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(v: &'a String) -> Self {
        Self::Text(v)
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(v: &'a [u8]) -> Self {
        Self::Blob(v)
    }
}
impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(v: &'a Vec<u8>) -> Self {
        Self::Blob(v)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(v: &'a [u8; N]) -> Self {
        Self::Blob(v)
    }
}
impl<'a, T> From<Option<T>> for Value<'a>
where
    T: Into<Value<'a>>,
{
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Blob(v) => ValueRef::Blob(v),
            Value::Id(v) => ValueRef::Blob(v),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Value::Int(v) => v.to_sql(ty, out),
            Value::Text(v) => v.to_sql(ty, out),
            Value::Blob(v) => v.to_sql(ty, out),
            Value::Id(v) => v.as_slice().to_sql(ty, out),
        }
    }
    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4 | Type::INT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }
    to_sql_checked!();
}

/// A row of a result, read by position.
#[derive(Debug)]
pub enum Row<'a> {
    /// Of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// Of PostgreSQL.
    Pg(&'a postgres::Row),
}

fn damaged(column: usize) -> StoreError {
    StoreError::Damaged(format!("column {column} does not read as what it should be"))
}

macro_rules! read {
    ($(#[$doc:meta])* $name:ident, $opt:ident, $ty:ty) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// [`StoreError::Damaged`] when the column is of another kind or empty.
        pub fn $name(&self, column: usize) -> Result<$ty> {
            self.$opt(column)?.ok_or_else(|| damaged(column))
        }
        $(#[$doc])*
        ///
        /// Nothing when it is empty.
        ///
        /// # Errors
        /// [`StoreError::Damaged`] when the column is of another kind.
        pub fn $opt(&self, column: usize) -> Result<Option<$ty>> {
            match self {
                Self::Sqlite(row) => row.get(column).map_err(|_| damaged(column)),
                Self::Pg(row) => row.try_get(column).map_err(|_| damaged(column)),
            }
        }
    };
}

impl Row<'_> {
    read!(
        /// A number.
        int, int_opt, i64
    );
    read!(
        /// A text.
        text, text_opt, String
    );
    read!(
        /// Bytes.
        blob, blob_opt, Vec<u8>
    );

    /// A time.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the column is not a number.
    pub fn time(&self, column: usize) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_micros)
    }
    /// Bytes of a fixed length: an id, a digest.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the length is another.
    pub fn fixed<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        self.blob(column)?.try_into().map_err(|_| damaged(column))
    }
    /// Bytes of a fixed length, or nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the length is another.
    pub fn fixed_opt<const N: usize>(&self, column: usize) -> Result<Option<[u8; N]>> {
        self.blob_opt(column)?.map(|bytes| bytes.try_into().map_err(|_| damaged(column))).transpose()
    }
}
