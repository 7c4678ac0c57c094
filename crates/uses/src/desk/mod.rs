//! People, as staff may see them.
