//! Told later.
