//! Texts of a company's own: names of organisations, notes about nobody, saved lists. No person's terms decide them, but
//! no page of a database holds them in the clear either: they are sealed under a key of the company in its region.
//!
//! What is about a person is never sealed here: it is a fact of theirs ([`Gate::keep`]), decided by their terms, and it
//! goes dark with them.

use assent_kernel::CompanyId;

use crate::error::{GateError, Result};
use crate::find::{Work, own_beginning, own_mark, own_words};
use crate::keys::Key;
use crate::seal::{open, seal};
use crate::start::Gate;

/// The longest text, in bytes.
const LONGEST: usize = 64 * 1024;

/// Opens and seals a company's own texts.
#[derive(Debug, Clone)]
pub struct Own {
    pub(crate) key: Key,
    blind: Key,
    company: CompanyId,
}

impl Gate {
    /// The seal of a company.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn own(&self, company: CompanyId) -> Result<Own> {
        let home = self.company(company).await?.region.clone();
        let key = self.region(&home)?.own(company).await?;
        Ok(Own { key, blind: self.blind_key(company).await?, company })
    }
}

impl Own {
    /// Where a text belongs: sealed bytes moved to another record do not open.
    fn place(&self, of: [u8; 16]) -> Vec<u8> {
        [b"own/".as_slice(), &self.company.to_bytes(), b"/", &of].concat()
    }

    /// Seals a text of the record with this id.
    ///
    /// # Errors
    /// [`GateError::Input`] when it is empty or too long.
    pub fn seal(&self, of: [u8; 16], text: &str) -> Result<Vec<u8>> {
        if text.is_empty() || text.len() > LONGEST {
            return Err(GateError::Input(format!("a text must have 1 to {LONGEST} bytes")));
        }
        seal(self.key.bytes(), &self.place(of), text.as_bytes())
    }

    /// Opens a text of the record with this id.
    ///
    /// # Errors
    /// [`GateError::Unreadable`] when it is another's, or damaged.
    pub fn open(&self, of: [u8; 16], sealed: &[u8]) -> Result<String> {
        let bytes = open(self.key.bytes(), &self.place(of), sealed)?;
        String::from_utf8(bytes).map_err(|_| GateError::Unreadable)
    }

    /// The blind tokens under which a text is found by the beginnings of its words.
    #[must_use]
    pub fn tokens(&self, work: Work, text: &str) -> Vec<i64> {
        own_words(&self.blind, work, text, true)
    }

    /// The tokens of what stands in an item of nobody, whatever of it is text.
    #[must_use]
    pub fn words_of<'a>(&self, values: impl Iterator<Item = &'a String>) -> Vec<i64> {
        self.tokens(Work::Item, &values.map(String::as_str).collect::<Vec<_>>().join("\n"))
    }

    /// The tokens of what is looked for; empty when it has no word.
    #[must_use]
    pub fn query(&self, work: Work, text: &str) -> Vec<i64> {
        own_words(&self.blind, work, text, false)
    }

    /// The token of texts that hold a word with this beginning; none when it is too short to lead anywhere.
    #[must_use]
    pub fn beginning(&self, work: Work, word: &str) -> Option<i64> {
        own_beginning(&self.blind, work, word)
    }

    /// A mark of a text, another one for every other text; nobody outside can tell what it was made of.
    #[must_use]
    pub fn mark(&self, text: &str) -> String {
        format!("{:016x}", own_mark(&self.blind, text))
    }
}
