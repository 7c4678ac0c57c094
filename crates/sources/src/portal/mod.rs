//! The customer's own page.
