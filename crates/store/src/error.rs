//! What can go wrong between us and a database, in terms a caller can act on.

/// A failure of the store. No variant carries a value that was being stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached; the same call may work later.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The disk is full, or the file system refused to write.
    #[error("the disk is full or not writable: {0}")]
    Full(String),
    /// A row exists already, or a rule of the schema was broken.
    #[error("it conflicts with what is stored: {0}")]
    Conflict(String),
    /// A row does not read as what it should be.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// What the write relied on has changed meanwhile.
    #[error("it changed meanwhile")]
    Moved,
    /// Anything else the engine said.
    #[error("the database said: {0}")]
    Engine(String),
}

/// The result of a call to the store.
pub type Result<T> = std::result::Result<T, StoreError>;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        // The message of SQLite names tables and columns, never values.
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(C::DiskFull | C::ReadOnly | C::SystemIoFailure | C::PermissionDenied) => Self::Full(text),
            Some(C::CannotOpen | C::DatabaseBusy | C::DatabaseLocked) => Self::Unavailable(text),
            Some(C::ConstraintViolation) => Self::Conflict(text),
            Some(C::DatabaseCorrupt | C::NotADatabase) => Self::Damaged(text),
            _ => Self::Engine(text),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Unavailable(error.to_string());
        };
        // The detail of PostgreSQL may quote values: only the message and the code are kept.
        let text = format!("{} ({})", db.message(), db.code().code());
        match db.code().code().get(..2) {
            Some("08" | "57") => Self::Unavailable(text),
            Some("53") => Self::Full(text),
            Some("23") => Self::Conflict(text),
            Some("40") => Self::Unavailable(text),
            Some("XX") => Self::Damaged(text),
            _ => Self::Engine(text),
        }
    }
}
