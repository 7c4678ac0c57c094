//! Secrets of the staff's door: seeds of one-time codes, keys of passkeys, a provider's client secret. Sealed under a key of
//! the company's own region; the home store sees noise.

use assent_kernel::CompanyId;

use crate::error::Result;
use crate::keys::Key;
use crate::seal::{open, seal};
use crate::start::Gate;

impl Gate {
    async fn door_key(&self, company: CompanyId) -> Result<Key> {
        let region = self.company(company).await?.region.clone();
        self.region(&region)?.keys.named(&format!("door/{company}")).await
    }

    /// Seals a secret of the staff's door for one place: elsewhere it does not open.
    ///
    /// # Errors
    /// What the keyring said.
    pub async fn seal_secret(&self, company: CompanyId, place: &str, secret: &[u8]) -> Result<Vec<u8>> {
        seal(self.door_key(company).await?.bytes(), place.as_bytes(), secret)
    }

    /// Opens a secret of the staff's door.
    ///
    /// # Errors
    /// [`crate::GateError::Unreadable`] when it is damaged, or from another place.
    pub async fn open_secret(&self, company: CompanyId, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        open(self.door_key(company).await?.bytes(), place.as_bytes(), sealed)
    }
}
