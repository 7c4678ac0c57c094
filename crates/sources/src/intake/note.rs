//! What is said about rows, beyond what their values say: each with a code that never changes.

use std::borrow::Cow;

/// A code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A short name that never changes.
    pub code: &'static str,
    /// What is the matter and what follows.
    pub sentence: Cow<'static, str>,
}

const fn note(code: &'static str, sentence: &'static str) -> Note {
    Note { code, sentence: Cow::Borrowed(sentence) }
}

impl Note {
    /// Nothing tells who it is.
    pub const NOBODY: Self = note(
        "row.nobody",
        "Nothing in this row says who it is: no last name, no e-mail, no phone and no id of the old system.",
    );
    /// The same person stands further up.
    pub const TWICE: Self = note(
        "duplicate.file",
        "The same person stands further up in the file: same e-mail, or same phone and name.",
    );
    /// Somebody here has the e-mail.
    pub const HERE: Self =
        note("duplicate.here", "Already here: somebody has this e-mail. Nothing about them was changed.");
    /// The words of the consent mean nothing here.
    pub const NO_PURPOSE: Self = note(
        "consent.unknown-purpose",
        "The consent is for something that this company does not ask for, so it was not taken over.",
    );
    /// No date.
    pub const NO_DATE: Self =
        note("consent.no-date", "The consent has no date, so it proves nothing and was not taken over.");
    /// Neither source nor version.
    pub const NO_PROOF: Self = note(
        "consent.no-proof",
        "The consent names neither a source nor the text that was shown, so it proves nothing and was not taken over.",
    );
    /// A text that is not ours, or too old.
    pub const NO_VERSION: Self = note(
        "consent.no-version",
        "The consent was given to a text that is not ours, or that no longer counts, so it was not taken over.",
    );
    /// A contract of no kind.
    pub const NO_KIND: Self = note(
        "contract.no-kind",
        "The row names a contract, but no kind of contract was chosen, so it was not taken over.",
    );
    /// A contract that ends too late.
    pub const TOO_LONG: Self = note(
        "contract.too-long",
        "The contract ends more than ten years after its beginning. Give an earlier end.",
    );
    /// A value that may not be kept.
    pub const LEFT_OUT: Self =
        note("value.left-out", "A value was left out, because it may not be kept here.");

    /// What is the matter with a value.
    #[must_use]
    pub fn about(reason: super::read::Reason) -> Self {
        Self { code: reason.code(), sentence: reason.sentence().into() }
    }
}
