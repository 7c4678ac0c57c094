//! The ledger, for anybody.
