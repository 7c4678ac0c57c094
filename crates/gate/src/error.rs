//! What can go wrong at the door. A refusal is not among it: that is an answer.

use assent_kernel::Reason;
use assent_kernel::ledger::LedgerError;
use assent_store::StoreError;

/// A failure at the door. No variant carries a value.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GateError {
    /// The store failed; nothing was released and nothing half done remains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger's rows are not what they should be.
    #[error("the ledger: {0}")]
    Ledger(#[from] LedgerError),
    /// The keys are not open: a key is missing, wrong, or the store is older than its ledger.
    #[error("the keys are closed: {0}")]
    Sealed(String),
    /// A fact may not be kept.
    #[error("it may not be kept: {}", .0.code())]
    NotKept(Reason),
    /// No such person of this company: never was, another company's, or erased.
    #[error("nobody by that id")]
    NoPerson,
    /// No such company.
    #[error("no company by that id")]
    NoCompany,
    /// No such region in this installation.
    #[error("no store for region {0}")]
    NoRegion(String),
    /// The same question kept meeting newer terms; ask again.
    #[error("the terms keep changing; try again")]
    Busy,
    /// The clock of this computer was set back behind what is recorded.
    #[error("the clock of this computer was set back; mend it first")]
    ClockWentBack,
    /// The clock of this computer is far ahead of what is recorded and of what else tells the time.
    #[error(
        "the clock of this computer is far ahead of what is recorded, so nothing is: mend it. If it was wrong before and is \
         right now, start again; if that does not help, `assent accept-clock` says that it is right"
    )]
    ClockJumped,
    /// The clock of this computer is ahead of the clock of the database's server.
    #[error(
        "the clock of this computer is ahead of the clock of the database's server, so nothing is recorded: mend \
         whichever of the two is wrong"
    )]
    ClocksApart,
    /// This node's memory of terms cannot answer: it is being built, or has not looked for too long.
    #[error("this node cannot answer from memory: {0}; ask again, or another node")]
    Behind(&'static str),
    /// The company's policy has more of something than the memory of terms has room for. No waiting helps.
    #[error("the policy is too large to answer from memory; what is recorded is decided all the same")]
    Outgrown,
    /// Sealed bytes do not open: damaged, or not under this key.
    #[error("a sealed value does not open")]
    Unreadable,
    /// Input that the door itself refuses, with a sentence that says what to do.
    #[error("{0}")]
    Input(String),
}

impl GateError {
    /// True when it is the clock that is wrong: mended, the same goes on.
    #[must_use]
    pub const fn is_clock(&self) -> bool {
        matches!(self, Self::ClockWentBack | Self::ClockJumped | Self::ClocksApart)
    }
}

/// The result of a call at the door.
pub type Result<T> = std::result::Result<T, GateError>;
