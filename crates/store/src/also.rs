//! Words in other languages, as a column keeps them: empty where there are none.

use assent_kernel::Also;

use crate::error::{Result, StoreError};

pub(crate) fn read(text: &str) -> Result<Also> {
    if text.is_empty() {
        return Ok(Also::default());
    }
    serde_json::from_str(text).map_err(|_| StoreError::Damaged("words in other languages".into()))
}

/// The same words make the same text: a change is held against it.
pub(crate) fn kept(words: &Also) -> Result<String> {
    if words.is_empty() {
        return Ok(String::new());
    }
    serde_json::to_string(words).map_err(|_| StoreError::Damaged("words in other languages".into()))
}
