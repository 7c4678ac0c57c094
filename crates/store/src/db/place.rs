//! Where a database is.

use std::path::PathBuf;

use crate::dialect::Engine;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// A server, by its URL. May hold a password, so it is not printed.
    Server(String),
}

impl Place {
    /// A `postgres://` URL, or else a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Server(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }
    /// The engine that serves it.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::File(_) => Engine::Sqlite,
            Self::Server(_) => Engine::Postgres,
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(_) => f.write_str("a PostgreSQL server"),
        }
    }
}
