//! Nouns of the desk. Nothing here asks, reads or writes: it is told what was decided, and says it in words.

pub mod cell;
pub mod forms;
pub mod list;
pub mod said;
pub mod stand;
pub mod timeline;
pub mod words;

use assent_kernel::{CategoryKey, PersonId, TreeKey};

/// The kind of a note.
pub const NOTE: &str = "note.free-text";

/// True when a category is this key or lies below it.
pub fn under(category: &CategoryKey, key: &str) -> bool {
    category.as_str().strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What somebody is called whose name is closed or not known: the last six letters of the id tell people apart.
pub fn nameless(id: PersonId) -> String {
    let text = id.to_string();
    let tail: String = text.chars().skip(text.chars().count().saturating_sub(6)).collect();
    format!("Person · {tail}")
}

/// The categories of these keys.
pub fn keys(keys: &[&str]) -> Vec<CategoryKey> {
    keys.iter().filter_map(|key| CategoryKey::new(key).ok()).collect()
}
