//! The answer of every check, as an exit code and as words.

use assent_kernel::ledger::LedgerError;

/// What a check came to; the number is the exit code (docs/ledger.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// Everything holds.
    Good = 0,
    /// Unreadable, missing, or not in the one allowed form; also a wrong command line.
    Malformed = 2,
    /// The log's signature does not hold.
    LogSignature = 3,
    /// Too few witnesses, or a wrong cosignature.
    Quorum = 4,
    /// The entry, or a tile, is not in the signed tree.
    Inclusion = 5,
    /// The detail is not the one committed to.
    Opening = 6,
    /// Does not extend the older head.
    Inconsistent = 7,
    /// The head is older than asked for.
    Stale = 8,
}

impl Verdict {
    /// The process exit code.
    pub fn exit_code(self) -> i32 {
        i32::from(self as u8)
    }

    /// A stable word for machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Malformed => "malformed",
            Self::LogSignature => "log-signature",
            Self::Quorum => "quorum",
            Self::Inclusion => "inclusion",
            Self::Opening => "opening",
            Self::Inconsistent => "inconsistent",
            Self::Stale => "stale",
        }
    }
}

impl From<LedgerError> for Verdict {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Malformed(_) => Self::Malformed,
            LedgerError::LogSignature => Self::LogSignature,
            LedgerError::Quorum => Self::Quorum,
            LedgerError::Inclusion => Self::Inclusion,
            LedgerError::Opening => Self::Opening,
            LedgerError::Inconsistent => Self::Inconsistent,
            LedgerError::Stale => Self::Stale,
        }
    }
}

/// A check that did not hold: the verdict, and where and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which of the exit codes.
    pub verdict: Verdict,
    /// What and where, for people.
    pub what: String,
}

impl Failure {
    /// Something missing or unreadable.
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Malformed, what: plain(&what.into()) }
    }

    /// A ledger error, found in this place.
    pub(crate) fn at(place: &str, error: LedgerError) -> Self {
        Self { verdict: error.into(), what: plain(&format!("{place}: {error}")) }
    }
}

/// File names of a hostile export are printed on a terminal: no control characters.
fn plain(text: &str) -> String {
    text.replace(char::is_control, "?")
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self { verdict: error.into(), what: error.to_string() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}
