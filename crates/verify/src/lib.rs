//! A stranger's tool: checks receipts and exported ledgers with the kernel alone.
//!
//! [`check_receipt`] answers "does this receipt show what it says?", [`check_export`] rebuilds a whole exported
//! log from its entries, [`check_consistency`] shows that a log only grew. None of them opens a network
//! connection, reads a clock or believes anything in a file before a signature covers it. [`run`] is the command
//! line around them; its exit codes are [`Verdict`] (docs/ledger.md).
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod cli;
mod export;
mod receipt;
mod verdict;
mod words;

pub use cli::{USAGE, run};
pub use export::{ExportReport, POLICY_FILE, check_consistency, check_export, check_export_telling};
pub use receipt::{DetailFile, ReceiptChecks, check_receipt, read_policy};
pub use verdict::{Failure, Verdict};
