//! Words in a form that can be compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Small letters and digits only, without accents: `E-Mail`, `e_mail` and `É mail` are one.
pub(super) fn key(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    plain.filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
