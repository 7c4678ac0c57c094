//! How what was decided is shown: a value with its terms, a lock with its sentence. Rooms share the words, not the acts.

pub mod cell;
pub mod found;
pub mod reasons;
pub mod title;
pub mod words;

use assent_kernel::{CategoryKey, PersonId, Timestamp, TreeKey};
use assent_web::say;

/// The kind of a note about a person.
pub const NOTE: &str = "note.free-text";
/// The kind of a deal's title, when the deal is with a person.
pub const DEAL: &str = "note.deal";
/// The kind of a task's text, when the task is about a person.
pub const TASK: &str = "note.task";

/// True when a category is this key or lies below it.
pub fn under(category: &CategoryKey, key: &str) -> bool {
    category.as_str().strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What something is called whose name is closed or not known: the last six letters of the id tell things apart.
pub fn unnamed(kind: &str, id: impl std::fmt::Display) -> String {
    let text = id.to_string();
    let tail: String = text.chars().skip(text.chars().count().saturating_sub(6)).collect();
    format!("{kind} · {tail}")
}

/// What somebody is called whose name is closed or not known.
pub fn nameless(id: PersonId) -> String {
    unnamed(say("Person"), id)
}

/// The categories of these keys.
pub fn keys(keys: &[&str]) -> Vec<CategoryKey> {
    keys.iter().filter_map(|key| CategoryKey::new(key).ok()).collect()
}

/// `1 May 2027` with its month in three letters, for a narrow column.
pub fn short_date(at: Timestamp) -> String {
    let long = assent_web::text::date(at.micros());
    let cut = |word: &str| word.chars().take(4).count() < 4 || word.chars().all(|c| c.is_ascii_digit());
    let word = |word: &str| if cut(word) { word.to_owned() } else { word.chars().take(3).collect() };
    long.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
